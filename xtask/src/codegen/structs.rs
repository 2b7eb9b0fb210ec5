//! One serde struct per structure that an operation of the service reaches; exceptions live in `wire::errors`.

use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::constraints::{PARAMETER_VALUE, describe};
use super::model::{Member, Service};
use super::names;

pub fn generate(service: &Service) -> Result<String> {
    let mut out = names::banner(&format!("The structures of the `{}` service.", service.name));
    let roles = roles(service);
    let mut body = String::new();
    let structures = reachable(service)?;
    for name in &structures {
        structure(&mut body, service, name, roles.get(name))?;
    }
    let list: Vec<&str> = structures.iter().map(String::as_str).collect();
    writeln!(body, "crate::structure::structures!({});", list.join(", "))?;
    out.push_str("use serde::{Deserialize, Serialize};\n");
    if body.contains("BTreeMap<") {
        out.push_str("use std::collections::BTreeMap;\n");
    }
    out.push('\n');
    out.push_str(&body);
    Ok(out)
}

fn roles(service: &Service) -> BTreeMap<String, String> {
    let mut roles = BTreeMap::new();
    for operation in &service.operations {
        roles.insert(operation.input.clone(), format!("input of `{}`", operation.name));
        if let Some(output) = &operation.output {
            roles.insert(output.clone(), format!("output of `{}`", operation.name));
        }
    }
    roles
}

fn reachable(service: &Service) -> Result<BTreeSet<String>> {
    let mut open: Vec<String> = Vec::new();
    for operation in &service.operations {
        open.push(operation.input.clone());
        open.extend(operation.output.clone());
    }
    let mut seen = BTreeSet::new();
    let mut structures = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        match service.kind(&name)? {
            "structure" => {
                open.extend(service.members(&name)?.into_iter().map(|member| member.shape));
                structures.insert(name);
            }
            "list" => open.push(service.text(&name, "member")?),
            "map" => open.push(service.text(&name, "value")?),
            _ => {}
        }
    }
    Ok(structures)
}

fn structure(out: &mut String, service: &Service, name: &str, role: Option<&String>) -> Result<()> {
    let role = role.map_or_else(String::new, |role| format!(", {role}"));
    writeln!(out, "/// `{name}`{role}.")?;
    writeln!(out, "#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]")?;
    let members = service.members(name)?;
    if members.is_empty() {
        writeln!(out, "pub struct {name} {{}}\n")?;
        return Ok(());
    }
    writeln!(out, "pub struct {name} {{")?;
    for member in &members {
        field(out, service, member, name.ends_with("Response"))?;
    }
    writeln!(out, "}}\n")?;
    Ok(())
}

fn field(out: &mut String, service: &Service, member: &Member, in_response: bool) -> Result<()> {
    let kind = service.kind(&member.shape)?;
    // AWS sends the collections of a response even when they are empty, and clients index them unconditionally.
    let always_sent = in_response && matches!(kind, "list" | "map");
    let optional = !member.required && !always_sent;
    let mut attributes = vec![format!("rename = {}", names::literal(&member.name))];
    if optional || always_sent {
        attributes.push("default".to_owned());
    }
    let numbers = kind == "map" && service.kind(&service.text(&member.shape, "value")?)? == "double";
    let parameters = kind == "map" && service.text(&member.shape, "value")? == PARAMETER_VALUE;
    let module = if optional { "optional" } else { "plain" };
    if optional {
        let absent = match kind {
            "double" | "float" => "crate::scalars::is_absent_number",
            _ => "Option::is_none",
        };
        attributes.push(format!("skip_serializing_if = \"{absent}\""));
    }
    if kind == "timestamp" {
        attributes.push(format!("with = \"crate::scalars::timestamp::{module}\""));
    } else if member.json_value {
        attributes.push(format!("deserialize_with = \"crate::scalars::json_text::{module}\""));
    } else if parameters {
        attributes.push(format!("deserialize_with = \"crate::scalars::parameters::{module}\""));
    } else if numbers {
        attributes.push(format!("serialize_with = \"crate::scalars::numbers::{module}\""));
    }
    let inner = rust_type(service, &member.shape)?;
    let declared = if optional { format!("Option<{inner}>") } else { inner };
    let required = if member.required { " Required." } else { "" };
    writeln!(out, "/// {}{required}", describe(service, &member.shape)?)?;
    writeln!(out, "#[serde({})]", attributes.join(", "))?;
    writeln!(out, "pub {}: {declared},", names::field(&member.name))?;
    Ok(())
}

fn rust_type(service: &Service, shape: &str) -> Result<String> {
    Ok(match service.kind(shape)? {
        "string" => "String".to_owned(),
        "integer" => "i32".to_owned(),
        "double" | "float" | "timestamp" => "f64".to_owned(),
        "boolean" => "bool".to_owned(),
        "list" => format!("Vec<{}>", rust_type(service, &service.text(shape, "member")?)?),
        "map" => format!("BTreeMap<String, {}>", rust_type(service, &service.text(shape, "value")?)?),
        "structure" => shape.to_owned(),
        other => bail!("shape `{shape}` has the unknown type `{other}`"),
    })
}

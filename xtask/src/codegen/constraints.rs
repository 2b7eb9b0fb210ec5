//! The constraint tables: one static `Shape` per shape that an input reaches.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

use super::model::{Model, Service, strings};
use super::names::{self, literal};
use super::pattern;

/// The hyperparameter-like maps hold this shape; their numbers and booleans are taken as text.
pub const PARAMETER_VALUE: &str = "ParameterValue";

pub fn generate(model: &Model) -> Result<String> {
    let patterns = patterns(model)?;
    let mut out = names::banner("The constraints of every input, as `crate::validate` interprets them.");
    out.push_str("use crate::shape::{Pattern, compile};\n\n");
    out.push_str("/// Every pattern of the model, in the order of its text.\n");
    writeln!(out, "pub static PATTERNS: [Pattern; {}] = [", patterns.len())?;
    for text in &patterns {
        writeln!(out, "Pattern::new({}, || compile({})),", literal(text), literal(&pattern::translate(text)))?;
    }
    out.push_str("];\n");
    for service in &model.services {
        writeln!(out, "\n/// The shapes that the inputs of `{}` reach.", service.name)?;
        writeln!(out, "pub mod {} {{", service.module())?;
        let mut body = String::new();
        for name in service.reachable_from_inputs()? {
            writeln!(body, "\n/// {}", describe(service, &name)?)?;
            writeln!(body, "pub static {}: Shape = {};", names::constant(&name), shape(service, &name, &patterns)?)?;
        }
        let mut used = vec!["Lenient", "Member", "Shape"];
        used.retain(|name| body.contains(name));
        writeln!(out, "use crate::shape::{{{}}};\n{body}}}", used.join(", "))?;
    }
    Ok(out)
}

fn patterns(model: &Model) -> Result<Vec<String>> {
    let mut texts = BTreeSet::new();
    for service in &model.services {
        for name in service.reachable_from_inputs()? {
            texts.extend(service.shape(&name)?["pattern"].as_str().map(str::to_owned));
        }
    }
    Ok(texts.into_iter().collect())
}

fn shape(service: &Service, name: &str, patterns: &[String]) -> Result<String> {
    let value = service.shape(name)?;
    let sensitive = value["sensitive"] == true;
    Ok(match service.kind(name)? {
        "structure" => format!("Shape::Structure {{ members: &[{}] }}", members(service, name)?),
        "list" => format!(
            "Shape::List {{ member: &{}, min: {}, max: {} }}",
            names::constant(&service.text(name, "member")?),
            bound(&value["min"])?,
            bound(&value["max"])?,
        ),
        "map" => format!(
            "Shape::Map {{ key: &{}, value: &{}, min: {}, max: {} }}",
            names::constant(&service.text(name, "key")?),
            names::constant(&service.text(name, "value")?),
            bound(&value["min"])?,
            bound(&value["max"])?,
        ),
        "string" => {
            let pattern = match value["pattern"].as_str() {
                None => "None".to_owned(),
                Some(text) => {
                    let index = patterns.iter().position(|known| known == text).context("a pattern is not listed")?;
                    format!("Some(&super::PATTERNS[{index}])")
                }
            };
            let values: Vec<String> = strings(&value["enum"]).map(literal).collect();
            format!(
                "Shape::String {{ min: {}, max: {}, pattern: {pattern}, values: &[{}], sensitive: {sensitive}, lenient: Lenient::{} }}",
                bound(&value["min"])?,
                bound(&value["max"])?,
                values.join(", "),
                lenient(service, name)?,
            )
        }
        "integer" => format!("Shape::Integer {{ min: {}, max: {} }}", bound(&value["min"])?, bound(&value["max"])?),
        "double" | "float" => {
            format!("Shape::Double {{ min: {}, max: {} }}", decimal(&value["min"])?, decimal(&value["max"])?)
        }
        "boolean" => "Shape::Boolean".to_owned(),
        "timestamp" => "Shape::Timestamp".to_owned(),
        other => bail!("shape `{name}` has the unknown type `{other}`"),
    })
}

fn members(service: &Service, structure: &str) -> Result<String> {
    let mut out = String::new();
    for member in service.members(structure)? {
        write!(
            out,
            "Member {{ name: {}, required: {}, shape: &{} }}, ",
            literal(&member.name),
            member.required,
            names::constant(&member.shape),
        )?;
    }
    Ok(out)
}

fn lenient(service: &Service, name: &str) -> Result<&'static str> {
    if name == PARAMETER_VALUE {
        return Ok("Scalars");
    }
    for structure in service.reachable_from_inputs()? {
        if service.kind(&structure)? != "structure" {
            continue;
        }
        if service.members(&structure)?.iter().any(|member| member.json_value && member.shape == name) {
            return Ok("Object");
        }
    }
    Ok("No")
}

fn bound(value: &Value) -> Result<String> {
    if value.is_null() {
        return Ok("None".to_owned());
    }
    let number = value.as_i64().with_context(|| format!("the bound {value} is not an integer"))?;
    Ok(format!("Some({number})"))
}

fn decimal(value: &Value) -> Result<String> {
    if value.is_null() {
        return Ok("None".to_owned());
    }
    let number = value.as_f64().with_context(|| format!("the bound {value} is not a number"))?;
    Ok(format!("Some({number:?})"))
}

/// One sentence about a shape for a doc comment: name, type, limits.
pub fn describe(service: &Service, name: &str) -> Result<String> {
    let value = service.shape(name)?;
    let unit = match service.kind(name)? {
        "structure" => return Ok(format!("`{name}`.")),
        "timestamp" => return Ok(format!("`{name}`: seconds since the Unix epoch.")),
        "string" => " characters",
        "list" => " members",
        "map" => " entries",
        _ => "",
    };
    let mut text = format!("`{name}`: {}", service.kind(name)?);
    if let Some(member) = value["member"].as_str() {
        write!(text, " of `{member}`")?;
    }
    if let (Some(key), Some(held)) = (value["key"].as_str(), value["value"].as_str()) {
        write!(text, " from `{key}` to `{held}`")?;
    }
    match (value["min"].as_f64(), value["max"].as_f64()) {
        (Some(min), Some(max)) => write!(text, ", {min} to {max}{unit}")?,
        (Some(min), None) => write!(text, ", at least {min}{unit}")?,
        (None, Some(max)) => write!(text, ", at most {max}{unit}")?,
        (None, None) => {}
    }
    if let Some(pattern) = value["pattern"].as_str() {
        write!(text, ", pattern `{pattern}`")?;
    }
    let values: Vec<String> = strings(&value["enum"]).map(|value| format!("`{value}`")).collect();
    if !values.is_empty() {
        write!(text, ", one of {}", values.join(", "))?;
    }
    text.push('.');
    Ok(text)
}

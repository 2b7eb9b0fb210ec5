//! The model file as the generator reads it.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Every service of the model, in a fixed order.
pub struct Model {
    pub services: Vec<Service>,
}

/// One service: its operations and shapes.
pub struct Service {
    /// `personalize`, `personalize-runtime`, `personalize-events`.
    pub name: String,
    pub operations: Vec<Operation>,
    /// In the order of the file, which is alphabetical.
    pub shapes: Map<String, Value>,
}

/// One row of the operation table.
pub struct Operation {
    pub name: String,
    pub path: String,
    pub target: Option<String>,
    pub input: String,
    pub output: Option<String>,
    pub errors: Vec<String>,
    pub idempotent: bool,
}

/// A member of a structure.
pub struct Member {
    /// The exact name on the wire.
    pub name: String,
    pub shape: String,
    pub required: bool,
    /// A string that carries JSON.
    pub json_value: bool,
}

impl Model {
    pub fn parse(text: &str) -> Result<Model> {
        let root: Value = serde_json::from_str(text)?;
        let services = root["services"].as_object().context("no `services`")?;
        let services = ["personalize", "personalize-runtime", "personalize-events"]
            .into_iter()
            .map(|name| Service::parse(name, services.get(name).with_context(|| format!("no service `{name}`"))?))
            .collect::<Result<_>>()?;
        Ok(Model { services })
    }
}

impl Service {
    fn parse(name: &str, value: &Value) -> Result<Service> {
        let operations = value["operations"].as_object().context("no `operations`")?;
        let operations = operations
            .iter()
            .map(|(name, value)| Operation::parse(name, value).with_context(|| format!("operation `{name}`")))
            .collect::<Result<_>>()?;
        let shapes = value["shapes"].as_object().context("no `shapes`")?.clone();
        Ok(Service { name: name.to_owned(), operations, shapes })
    }

    /// The module that holds the structs of this service.
    pub fn module(&self) -> &'static str {
        match self.name.as_str() {
            "personalize-runtime" => "runtime",
            "personalize-events" => "events",
            _ => "personalize",
        }
    }

    pub fn shape(&self, name: &str) -> Result<&Value> {
        self.shapes.get(name).with_context(|| format!("{}: no shape `{name}`", self.name))
    }

    pub fn kind(&self, name: &str) -> Result<&str> {
        self.shape(name)?["type"].as_str().with_context(|| format!("shape `{name}` has no type"))
    }

    pub fn members(&self, structure: &str) -> Result<Vec<Member>> {
        let shape = self.shape(structure)?;
        let required: BTreeSet<&str> = strings(&shape["required"]).collect();
        let members = shape["members"].as_object().with_context(|| format!("`{structure}` has no members"))?;
        members
            .iter()
            .map(|(name, value)| {
                Ok(Member {
                    name: name.clone(),
                    shape: value["shape"]
                        .as_str()
                        .with_context(|| format!("{structure}.{name} has no shape"))?
                        .to_owned(),
                    required: required.contains(name.as_str()),
                    json_value: value["jsonvalue"] == true,
                })
            })
            .collect()
    }

    /// The names of the shapes that the inputs of this service reach, alphabetical.
    pub fn reachable_from_inputs(&self) -> Result<BTreeSet<String>> {
        let mut open: Vec<String> = self.operations.iter().map(|operation| operation.input.clone()).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.kind(&name)? {
                "structure" => open.extend(self.members(&name)?.into_iter().map(|member| member.shape)),
                "list" => open.push(self.text(&name, "member")?),
                "map" => open.extend([self.text(&name, "key")?, self.text(&name, "value")?]),
                _ => {}
            }
        }
        Ok(seen)
    }

    /// A text attribute of a shape that must be there.
    pub fn text(&self, shape: &str, attribute: &str) -> Result<String> {
        let value = self.shape(shape)?[attribute].as_str();
        Ok(value.with_context(|| format!("shape `{shape}` has no `{attribute}`"))?.to_owned())
    }
}

impl Operation {
    fn parse(name: &str, value: &Value) -> Result<Operation> {
        if value["http"]["method"] != "POST" {
            bail!("only POST operations are known");
        }
        Ok(Operation {
            name: name.to_owned(),
            path: value["http"]["requestUri"].as_str().context("no request path")?.to_owned(),
            target: value["target"].as_str().map(str::to_owned),
            input: value["input"].as_str().context("no input")?.to_owned(),
            output: value["output"].as_str().map(str::to_owned),
            errors: strings(&value["errors"]).map(str::to_owned).collect(),
            idempotent: value["idempotent"] == true,
        })
    }
}

/// The texts of a JSON array; none when it is absent.
pub fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

//! The operation table.

use anyhow::Result;
use std::fmt::Write;

use super::model::{Model, Service};
use super::names::{self, literal};

/// The structure of a row of the table.
const DESCRIPTOR: &str = "/// The model's facts of one operation.
#[derive(Debug)]
pub struct Descriptor {
    /// The operation itself.
    pub operation: Operation,
    /// Its name, as `CreateSolution`.
    pub name: &'static str,
    /// The service it belongs to.
    pub service: Service,
    /// The request path; `/` for every control-plane operation.
    pub path: &'static str,
    /// The value of `X-Amz-Target`; only control-plane operations have one.
    pub target: Option<&'static str>,
    /// The name of the input structure.
    pub input: &'static str,
    /// The name of the output structure; `None` when the response has no body.
    pub output: Option<&'static str>,
    /// The exceptions that the model declares; common errors are possible besides.
    pub errors: &'static [ErrorShape],
    /// Whether the model calls the operation idempotent.
    pub idempotent: bool,
    /// The constraints of the input.
    pub constraints: &'static Shape,
}

";

pub fn generate(model: &Model) -> Result<String> {
    let mut out = names::banner("Every operation of the three services, and what the model says of each.");
    out.push_str(
        "use crate::errors::ErrorShape;\nuse crate::service::Service;\nuse crate::shape::Shape;\nuse super::constraints;\n\n",
    );
    let all: Vec<_> =
        model.services.iter().flat_map(|service| service.operations.iter().map(move |one| (service, one))).collect();
    out.push_str("/// An operation of one of the three services.\n");
    out.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\npub enum Operation {\n");
    for (service, operation) in &all {
        let output = operation.output.as_deref().map_or("an empty body".to_owned(), |name| format!("`{name}`"));
        writeln!(out, "/// `{}`: `{}` to {output}.\n{},", service.name, operation.input, operation.name)?;
    }
    out.push_str("}\n\n");
    out.push_str(DESCRIPTOR);
    writeln!(out, "/// One row per operation, in the order of the variants of [`Operation`].")?;
    writeln!(out, "pub static DESCRIPTORS: [Descriptor; {}] = [", all.len())?;
    for (service, operation) in &all {
        let errors: Vec<String> = operation.errors.iter().map(|name| format!("ErrorShape::{name}")).collect();
        writeln!(
            out,
            "Descriptor {{ operation: Operation::{name}, name: {}, service: Service::{}, path: {}, target: {}, input: {}, \
             output: {}, errors: &[{}], idempotent: {}, constraints: &constraints::{}::{} }},",
            literal(&operation.name),
            variant(service),
            literal(&operation.path),
            optional(operation.target.as_deref()),
            literal(&operation.input),
            optional(operation.output.as_deref()),
            errors.join(", "),
            operation.idempotent,
            service.module(),
            names::constant(&operation.input),
            name = operation.name,
        )?;
    }
    out.push_str("];\n\n");
    out.push_str(
        "/// Calls the macro `$each` with `Operation, module of its structures, input structure;` per operation.\n",
    );
    out.push_str("#[macro_export]\nmacro_rules! for_each_operation {\n    ($each:ident) => {\n        $each! {\n");
    for (service, operation) in &all {
        writeln!(out, "            {}, {}, {};", operation.name, service.module(), operation.input)?;
    }
    out.push_str("        }\n    };\n}\n");
    Ok(out)
}

fn variant(service: &Service) -> &'static str {
    match service.module() {
        "runtime" => "Runtime",
        "events" => "Events",
        _ => "Personalize",
    }
}

fn optional(text: Option<&str>) -> String {
    text.map_or("None".to_owned(), |text| format!("Some({})", literal(text)))
}

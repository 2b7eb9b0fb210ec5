//! `crates/http/src/openapi.json`: the whole port as OpenAPI 3.1, for tools that read no AWS model.
//!
//! Operations of the control plane share `POST /` and differ in a header. OpenAPI wants distinct paths, so each has the
//! header's value as a fragment, which HTTP clients do not send; API directories describe AWS services in the same way.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::built::Built;
use super::compat::Compatibility;
use super::model::{Model, Operation, Service, strings};

/// The whole document as text.
pub fn generate(model: &Model, built: &Built, compatibility: &Compatibility) -> Result<String> {
    let mut paths = plain_paths();
    let mut schemas = Map::new();
    for service in &model.services {
        for operation in &service.operations {
            let row = compatibility.row(&operation.name)?;
            let said = if built.has(&operation.name) { row.supported.as_str() } else { "Not in this version." };
            let path =
                operation.target.as_ref().map_or(operation.path.clone(), |target| format!("/#X-Amz-Target={target}"));
            let slot = paths.entry(path).or_insert_with(|| json!({}));
            slot["post"] = described(service, operation, said)?;
        }
        for (name, shape) in &service.shapes {
            if shape["exception"] != true {
                schemas.insert(format!("{}.{name}", service.module()), schema(service, name)?);
            }
        }
    }
    schemas.insert("Error".into(), error_schema());
    schemas.insert("Recommendation".into(), recommendation_schema());
    schemas.insert("PlainError".into(), plain_error_schema());
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tastemaker",
            "summary": "Self-hosted recommendations, compatible with Amazon Personalize.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security_schemes()},
    });
    let mut text = serde_json::to_string_pretty(&sorted(document))?;
    text.push('\n');
    Ok(text)
}

fn described(service: &Service, operation: &Operation, said: &str) -> Result<Value> {
    let module = service.module();
    let media = if module == "personalize" { "application/x-amz-json-1.1" } else { "application/json" };
    let output = match &operation.output {
        Some(name) => reference(module, name),
        None => json!({"type": "object", "maxProperties": 0}),
    };
    let mut responses = Map::new();
    responses.insert("200".into(), json!({"description": "Done.", "content": {media: {"schema": output}}}));
    let mut refusals: BTreeMap<u64, Vec<&str>> =
        BTreeMap::from([(400, Vec::new()), (403, Vec::new()), (500, Vec::new())]);
    for name in &operation.errors {
        let status = service.shape(name)?["error"]["httpStatusCode"].as_u64().unwrap_or(400);
        refusals.entry(status).or_default().push(name);
    }
    refusals.entry(400).or_default().push("SerializationException");
    refusals.entry(403).or_default().extend(["InvalidSignatureException", "UnrecognizedClientException"]);
    refusals.entry(500).or_default().push("InternalServerError");
    for (status, names) in refusals {
        let description = format!("{}.", names.join(", "));
        responses.insert(
            status.to_string(),
            json!({"description": description, "content": {media: {"schema": {"$ref": "#/components/schemas/Error"}}}}),
        );
    }
    let mut out = json!({
        "operationId": operation.name,
        "tags": [service.name],
        "description": said,
        "requestBody": {"required": true, "content": {media: {"schema": reference(module, &operation.input)}}},
        "responses": responses,
        "security": [{"signature": []}],
    });
    if let Some(target) = &operation.target {
        out["parameters"] = json!([{
            "name": "X-Amz-Target", "in": "header", "required": true, "schema": {"type": "string", "enum": [target]},
        }]);
    }
    Ok(out)
}

/// The paths that are no operation of AWS.
fn plain_paths() -> Map<String, Value> {
    let text = |description: &str| json!({"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}});
    let refusal = |description: &str| {
        json!({"description": description,
               "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlainError"}}}})
    };
    let mut paths = Map::new();
    paths.insert(
        "/recommendations".into(),
        json!({"get": {
            "operationId": "recommendations",
            "tags": ["plain"],
            "description": "What to show to a user, for a Connected Content call or any HTTP client.",
            "parameters": [
                {"name": "user_id", "in": "query", "required": true, "allowEmptyValue": true,
                 "description": "Empty for visitors without an id.", "schema": {"type": "string", "maxLength": 256}},
                {"name": "num_results", "in": "query",
                 "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 25}},
            ],
            "responses": {
                "200": {"description": "Best first.", "content": {"application/json": {"schema":
                    {"type": "array", "items": {"$ref": "#/components/schemas/Recommendation"}}}}},
                "400": refusal("A parameter is missing or out of range."),
                "401": refusal("The server asks for its token, and the request has none or another one."),
                "404": refusal("No campaign can answer."),
            },
            "security": [{"basic": []}, {"bearer": []}, {"key": []}, {}],
        }}),
    );
    for (path, id, good, other) in [
        ("/health", "health", "The process runs.", None),
        (
            "/ready",
            "ready",
            "Campaigns are loaded.",
            Some(("503", "Campaigns are being loaded, or the server drains.")),
        ),
        ("/metrics", "metrics", "Counters and timings for Prometheus.", None),
    ] {
        let mut responses = Map::from_iter([("200".to_owned(), text(good))]);
        responses.extend(other.map(|(status, said)| (status.to_owned(), text(said))));
        paths.insert(
            path.into(),
            json!({"get": {"operationId": id, "tags": ["plain"], "responses": responses, "security": [{}]}}),
        );
    }
    let document =
        json!({"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}});
    paths.insert(
        "/openapi.json".into(),
        json!({"get": {"operationId": "openapi", "tags": ["plain"], "responses": {"200": document}, "security": [{}]}}),
    );
    paths
}

fn security_schemes() -> Value {
    json!({
        "signature": {"type": "apiKey", "in": "header", "name": "Authorization",
                      "description": "AWS Signature Version 4 for the service `personalize`, as every AWS SDK makes it."},
        "basic": {"type": "http", "scheme": "basic", "description": "The token as password or user."},
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    })
}

fn error_schema() -> Value {
    json!({"type": "object", "required": ["__type", "message"], "properties": {
        "__type": {"type": "string", "description": "The exception, also in the header x-amzn-ErrorType."},
        "message": {"type": "string"},
    }})
}

fn plain_error_schema() -> Value {
    let text = json!({"type": "string"});
    json!({"type": "object", "required": ["code", "message", "requestId"],
           "properties": {"code": text, "message": text, "requestId": text}})
}

fn recommendation_schema() -> Value {
    let text = json!({"type": ["string", "null"]});
    json!({"type": "object", "required": ["id", "url", "name", "price", "image"], "properties": {
        "id": {"type": "string"}, "url": text, "name": text, "image": text,
        "price": {"type": ["number", "string", "null"], "description": "A number where the column holds one."},
    }})
}

fn reference(module: &str, shape: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{module}.{shape}")})
}

fn schema(service: &Service, name: &str) -> Result<Value> {
    let shape = service.shape(name)?;
    let refer = |member: &str| reference(service.module(), member);
    let copied = |out: &mut Value, pairs: &[(&str, &str)]| {
        for (from, to) in pairs.iter().filter(|(from, _)| !shape[*from].is_null()) {
            out[*to] = shape[*from].clone();
        }
    };
    let mut out = match service.kind(name)? {
        "structure" => {
            let mut out = json!({"type": "object"});
            let mut properties = Map::new();
            for member in service.members(name)? {
                let mut value = refer(&member.shape);
                if member.json_value {
                    value["contentMediaType"] = "application/json".into();
                }
                properties.insert(member.name, value);
            }
            out["properties"] = properties.into();
            let required: Vec<&str> = strings(&shape["required"]).collect();
            if !required.is_empty() {
                out["required"] = required.into();
            }
            out
        }
        "list" => {
            let mut out = json!({"type": "array", "items": refer(&service.text(name, "member")?)});
            copied(&mut out, &[("min", "minItems"), ("max", "maxItems")]);
            out
        }
        "map" => {
            let mut out = json!({"type": "object", "propertyNames": refer(&service.text(name, "key")?),
                                 "additionalProperties": refer(&service.text(name, "value")?)});
            copied(&mut out, &[("min", "minProperties"), ("max", "maxProperties")]);
            out
        }
        "string" => {
            let mut out = json!({"type": "string"});
            copied(&mut out, &[("min", "minLength"), ("max", "maxLength"), ("enum", "enum")]);
            if let Some(pattern) = shape["pattern"].as_str() {
                let portable = pattern.replace(r"\p{ASCII}", r"[\x00-\x7F]");
                if portable.contains(r"\p{") {
                    // Classes of Unicode are outside what regular expressions of JSON Schema tools have in common.
                    out["description"] = format!("The whole text matches {pattern}").into();
                } else {
                    // AWS means the whole text, JSON Schema any part of it.
                    out["pattern"] = format!("^(?:{portable})$").into();
                }
            }
            out
        }
        "timestamp" => json!({"type": "number", "description": "Seconds since the Unix epoch."}),
        "boolean" => json!({"type": "boolean"}),
        kind @ ("integer" | "double" | "float") => {
            let (word, format) = match kind {
                "integer" => ("integer", "int32"),
                other => ("number", other),
            };
            let mut out = json!({"type": word, "format": format});
            copied(&mut out, &[("min", "minimum"), ("max", "maximum")]);
            out
        }
        other => return Err(anyhow::anyhow!("no rule for `{other}`")).context(name.to_owned()),
    };
    if shape["sensitive"] == true {
        out["x-sensitive"] = true.into();
    }
    Ok(out)
}

/// The same value with the keys of every object in order, whatever order the build's JSON library keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}

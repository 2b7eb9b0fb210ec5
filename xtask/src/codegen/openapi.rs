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
    let mut paths = Map::new();
    paths.extend(family());
    for (path, id, good, other) in [
        ("/health", "health", "The process runs.", None),
        (
            "/ready",
            "ready",
            "Campaigns are loaded. Those that cannot be are named to callers who may read /metrics.",
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

/// The `/recommendations` family and Braze's receivers.
fn family() -> Map<String, Value> {
    let query = |name: &str, schema: Value, said: &str| json!({"name": name, "in": "query", "schema": schema, "description": said});
    let text = || json!({"type": "string"});
    let count = |least: u32| json!({"type": "integer", "minimum": least, "maximum": 500});
    let truth = || json!({"type": "boolean", "default": false});
    let user = |required: bool| {
        json!({"name": "user_id", "in": "query", "required": required, "allowEmptyValue": true,
               "description": "Empty for visitors without an id. Also userId, userID.", "schema": {"type": "string", "maxLength": 256}})
    };
    let item = json!({"name": "item_id", "in": "query", "required": true, "description": "Also itemId, currentItemID.",
                      "schema": {"type": "string", "minLength": 1, "maxLength": 256}});
    let common = || {
        let mut results = count(1);
        results["default"] = json!(25);
        vec![
            query("num_results", results, "Also numResults, n, limit."),
            query(
                "filter",
                text(),
                "The name or ARN of a filter; values of its parameters as f.NAME=value, filter.NAME=value or in filter_values, such as f.MAX=50 for $MAX.",
            ),
            query("filter_values", text(), "A JSON object: parameter to text, number or array."),
            query(
                "promotion",
                text(),
                "The name or ARN of the filter of promoted items; values of its parameters as those of filter, such as f.MAX=50 for $MAX.",
            ),
            query(
                "exclude",
                text(),
                "Ids of items to leave out with commas between, at most 500; unknown ids are fine.",
            ),
            query(
                "explore_first_place",
                truth(),
                "Whether exploration may give the first place to an item that nobody knows yet; the default is configured.",
            ),
            query(
                "promotion_percent",
                json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
                "Of the places.",
            ),
            query(
                "context",
                text(),
                "A JSON object of categorical columns of the Interactions schema, such as the device; also as ctx.NAME=value. Moves items by how often they were taken under these values.",
            ),
            query(
                "fields",
                text(),
                "Keys of each item with commas between: id, url, name, price, image, score, promoted, or columns of the Items dataset.",
            ),
            query(
                "shape",
                json!({"enum": ["flat", "product", "object", "ids", "personalize"]}),
                "The form of the answer.",
            ),
            query("decorate", json!({"type": "boolean", "default": true}), "Whether items carry more than their ids."),
            query("min_results", count(0), "Fewer are filled up from the popular items that the filter lets pass."),
            query("strict", truth(), "Fewer than min_results (1 without it) are a 404."),
            query("track", truth(), "Whether URLs carry the recommendation's id, for clicks."),
            query("fully_qualify_image_urls", truth(), "Prefixes relative image URLs with the configured base."),
            query(
                "timestamp",
                json!({"type": "integer", "minimum": 0}),
                "The time to answer for, in seconds; for replays.",
            ),
        ]
    };
    let list = |id: &str, said: &str, own: Vec<Value>| {
        json!({"operationId": id, "tags": ["plain"], "description": said,
            "parameters": own.into_iter().chain(common()).collect::<Vec<_>>(),
            "responses": list_responses(), "security": plain_security()})
    };
    let named = json!({"name": "recommender", "in": "path", "required": true, "schema": text(),
                       "description": "A configured name, or the name or ARN of a campaign or recommender."});
    let asked = query("recommender", text(), "As in the path /recommendations/{recommender}.");
    let rerank = "Puts the caller's items in the user's order; none is left out.";
    let body = |said: &str, schema: Value| json!({"required": true, "description": said, "content": {"application/json": {"schema": schema}}});
    let received = |id: &str, said: &str, schema: Value, own: Vec<Value>| {
        json!({"post": {"operationId": id, "tags": ["plain"], "description": said, "parameters": own, "requestBody": body("JSON.", schema),
            "responses": {
                "200": {"description": "Durably kept.", "content": {"application/json": {"schema": {"type": "object"}}}},
                "400": plain_refusal("The body cannot be read."), "401": plain_refusal("No token, or another one."),
                "403": plain_refusal("Not from there, or not with this token."), "404": plain_refusal("No such mapping."),
                "503": plain_refusal("Nothing can be kept now; send it again."),
            }, "security": plain_security()}})
    };
    let object = || json!({"type": "object"});
    let paths = [
        (
            "/recommendations",
            json!({"get": list("recommendations", "What to show to a user, for a Connected Content call or any HTTP client.",
            vec![user(true), asked])}),
        ),
        (
            "/recommendations/{recommender}",
            json!({"get": list("recommendationsOf", "The same from a named recommender.", vec![named, user(true)])}),
        ),
        (
            "/related",
            json!({"get": list("related", "What goes with an item, in the order of a user's taste if one is named. Also /similar.",
            vec![item, user(false)])}),
        ),
        (
            "/popular",
            json!({"get": list("popular", "What everybody likes.",
            vec![query("kind", json!({"enum": ["popular", "trending"]}), "Which of the campaigns of popular items."), user(false)])}),
        ),
        (
            "/rerank",
            json!({
            "get": list("rerank", rerank, vec![user(true), query("items", text(), "Ids with commas between, at most 500.")]),
            "post": {"operationId": "rerankPosted", "tags": ["plain"], "description": rerank,
                "requestBody": body("The parameters as members; items is an array of ids or of objects with itemId or id.",
                    json!({"type": "object", "required": ["user_id", "items"]})),
                "responses": list_responses(), "security": plain_security()}}),
        ),
        (
            "/braze/currents",
            received(
                "brazeCurrents",
                "Takes a batch of a Currents connector.",
                json!({"type": "object", "required": ["events"], "properties": {"events": {"type": "array", "maxItems": 1000}}}),
                vec![],
            ),
        ),
        (
            "/braze/webhook/{mapping}",
            received(
                "brazeWebhook",
                "Takes an event, or an array of them, that configured rules map to interactions.",
                object(),
                vec![json!({"name": "mapping", "in": "path", "required": true, "schema": text()})],
            ),
        ),
    ];
    paths.into_iter().map(|(path, said)| (path.to_owned(), said)).collect()
}

fn plain_refusal(said: &str) -> Value {
    json!({"description": said, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlainError"}}}})
}

fn plain_security() -> Value {
    json!([{"basic": []}, {"bearer": []}, {"key": []}, {}])
}

fn list_responses() -> Value {
    json!({
        "200": {"description": "Best first; of the form that shape names, here flat.", "content": {"application/json": {"schema":
            {"type": "array", "items": {"$ref": "#/components/schemas/Recommendation"}}}}},
        "304": {"description": "If-None-Match names this answer."},
        "400": plain_refusal("A parameter is missing or out of range."),
        "401": plain_refusal("The server asks for a token, and the request has none or another one."),
        "403": plain_refusal("Not from there, or not with this token."),
        "404": plain_refusal("No campaign can answer, or strict=1 finds too few items."),
        "503": plain_refusal("Nothing is loaded yet."),
    })
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

//! `/catalogs/...`: items that messages look up.

use super::socket::HttpReply;
use super::state::{BrazeState, Catalog};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

const ITEMS_MAX: usize = 50;
const ID_CHARS_MAX: usize = 250;
const VALUE_CHARS_MAX: usize = 5000;
const FIELDS_MAX: usize = 500;
const TYPES: &[&str] = &["string", "number", "boolean", "time", "object", "array"];

fn refused(id: &str, message: &str) -> HttpReply {
    let status = if id == "catalog-not-found" { 404 } else { 400 };
    HttpReply::json(status, json!({"errors": [{"id": id, "message": message}], "message": "Invalid Request"}))
}

pub fn answer(state: &mut BrazeState, method: &str, path: &[&str], body: &Value) -> HttpReply {
    match (method, path) {
        ("GET", []) => {
            let catalogs = state.catalogs.iter().map(|(name, c)| json!({"name": name, "num_items": c.items.len()}));
            HttpReply::json(200, json!({"catalogs": catalogs.collect::<Vec<_>>(), "message": "success"}))
        }
        ("POST", []) => create(state, body),
        ("DELETE", [name]) => match state.catalogs.remove(*name) {
            Some(_) => HttpReply::json(200, json!({"message": "success"})),
            None => refused("catalog-not-found", "Could not find catalog"),
        },
        (method, [name, "items"]) => match state.catalogs.get_mut(*name) {
            Some(catalog) => items(catalog, method, body),
            None => refused("catalog-not-found", "Could not find catalog"),
        },
        _ => HttpReply::json(404, json!({"message": "Not found"})),
    }
}

fn create(state: &mut BrazeState, body: &Value) -> HttpReply {
    let Some([catalog]) = body["catalogs"].as_array().map(Vec::as_slice) else {
        return refused("catalog-array-invalid", "Catalogs must be an array of one object");
    };
    let legal = |name: &str| {
        (1..=250).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let Some(name) = catalog["name"].as_str().filter(|name| legal(name)) else {
        return refused("invalid-catalog-name", "Names have letters, digits, hyphens and underscores");
    };
    if state.catalogs.contains_key(name) {
        return refused("catalog-name-already-exists", "Catalog name already exists");
    }
    let fields = catalog["fields"].as_array().cloned().unwrap_or_default();
    if fields.first().is_none_or(|first| first["name"] != "id" || first["type"] != "string") {
        return refused("id-not-first-column", "The first field must be id, a string");
    }
    if fields.len() > FIELDS_MAX {
        return refused("too-many-fields", "Too many fields");
    }
    let field = |field: &Value| {
        let (name, kind) = (field["name"].as_str()?, field["type"].as_str()?);
        (legal(name) && TYPES.contains(&kind)).then(|| (name.to_owned(), kind.to_owned()))
    };
    let Some(fields) = fields.iter().map(field).collect::<Option<BTreeMap<_, _>>>() else {
        return refused("invalid-fields", "A field has a legal name and a known type");
    };
    state.catalogs.insert(name.to_owned(), Catalog { fields, items: BTreeMap::new() });
    HttpReply::json(201, json!({"catalogs": [{"name": name}], "message": "success"}))
}

fn items(catalog: &mut Catalog, method: &str, body: &Value) -> HttpReply {
    let Some(items) = body["items"].as_array().filter(|items| !items.is_empty()) else {
        return refused("item-array-invalid", "Items must be an array of objects");
    };
    if items.len() > ITEMS_MAX {
        return refused("request-includes-too-many-items", "At most 50 items");
    }
    let mut ids = HashSet::new();
    let mut checked = Vec::new();
    for item in items {
        let Some(members) = item.as_object() else { return refused("item-array-invalid", "Items must be objects") };
        let id = match members.get("id") {
            None => return refused("items-missing-ids", "Every item needs an id"),
            Some(Value::String(id)) => id,
            Some(_) => return refused("ids-not-strings", "Ids are strings"),
        };
        let legal = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        match id.chars().count() {
            1..=ID_CHARS_MAX if legal => {}
            1..=ID_CHARS_MAX => return refused("invalid-ids", "Ids have letters, digits, hyphens and underscores"),
            _ => return refused("ids-too-large", "Ids have at most 250 characters"),
        }
        if !ids.insert(id) {
            return refused("ids-not-unique", "Ids are unique");
        }
        for (name, value) in members {
            let fits = match (catalog.fields.get(name).map(String::as_str), value) {
                (None, _) => return refused("fields-do-not-match", &format!("There is no field {name}")),
                (_, Value::String(text)) if text.chars().count() > VALUE_CHARS_MAX => {
                    return refused("items-too-large", "Values have at most 5000 characters");
                }
                (_, Value::Null) => true,
                (Some("number"), value) => value.is_number(),
                (Some("boolean"), value) => value.is_boolean(),
                (Some("array"), value) => value.is_array(),
                (Some("object"), value) => value.is_object(),
                // Scalars become text.
                (Some(_), value) => !value.is_array() && !value.is_object(),
            };
            if !fits {
                return refused("unable-to-coerce-value", &format!("{name} does not take {value}"));
            }
        }
        checked.push((id.clone(), members.clone()));
    }
    for (id, members) in checked {
        match method {
            "DELETE" => drop(catalog.items.remove(&id)),
            "PATCH" => catalog.items.entry(id).or_default().extend(members),
            _ => drop(catalog.items.insert(id, members)),
        }
    }
    match method {
        "POST" | "PUT" | "PATCH" | "DELETE" => HttpReply::json(202, json!({"message": "success"})),
        _ => HttpReply::json(404, json!({"message": "Not found"})),
    }
}

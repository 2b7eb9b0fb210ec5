//! `/users/...`: attributes, events and purchases of profiles.

use super::socket::HttpReply;
use super::state::BrazeState;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Objects of one request over all three arrays.
const OBJECTS_MAX: usize = 75;
/// Entries of an attribute's array.
const ARRAY_LEN_MAX: usize = 25;
/// Profiles that one request may read or delete.
const IDS_MAX: usize = 50;

fn refused(message: &str) -> HttpReply {
    HttpReply::json(400, json!({"message": message, "errors": []}))
}

pub fn track(state: &mut BrazeState, body: &Value) -> HttpReply {
    let Some(members) = body.as_object() else { return refused("The request body must be an object") };
    let mut arrays = Vec::new();
    for name in ["attributes", "events", "purchases"] {
        match members.get(name) {
            None => arrays.push(&[] as &[Value]),
            Some(Value::Array(objects)) => arrays.push(objects.as_slice()),
            Some(_) => return refused(&format!("'{name}' must be an array of objects")),
        }
    }
    let objects: usize = arrays.iter().map(|array| array.len()).sum();
    match objects {
        0 => return refused("No attributes, events or purchases"),
        1..=OBJECTS_MAX => {}
        _ => return refused("Max Input Length Exceeded"),
    }
    let mut errors = Vec::new();
    let mut processed = 0;
    for (index, attributes) in arrays[0].iter().enumerate() {
        match attributes_of(attributes) {
            Err(problem) => errors.push(json!({"type": problem, "input_array": "attributes", "index": index})),
            Ok(id) => {
                processed += 1;
                let existing_only = attributes["_update_existing_only"] == true;
                match state.profiles.get_mut(id) {
                    Some(profile) => profile.push(attributes.clone()),
                    None if existing_only => {}
                    None => drop(state.profiles.insert(id.to_owned(), vec![attributes.clone()])),
                }
            }
        }
    }
    state.events.extend(arrays[1].iter().chain(arrays[2]).cloned());
    let mut answer = json!({"message": "success", "attributes_processed": processed});
    if !errors.is_empty() {
        answer["errors"] = errors.into();
    }
    HttpReply::json(201, answer)
}

/// The external id of attributes that Braze would take.
fn attributes_of(attributes: &Value) -> Result<&str, String> {
    let id = attributes["external_id"].as_str().filter(|id| (1..=997).contains(&id.chars().count()));
    let id = id.ok_or("'external_id' must be a string of 1 to 997 characters")?;
    for (name, value) in attributes.as_object().into_iter().flatten() {
        let Value::Array(entries) = value else { continue };
        if entries.len() > ARRAY_LEN_MAX {
            return Err(format!("'{name}' has more than {ARRAY_LEN_MAX} entries"));
        }
        let mut known = HashSet::new();
        if let Some(entry) = entries.iter().find(|entry| !entry.is_string() || !known.insert(entry.as_str())) {
            return Err(format!("'{name}' must be an array of different strings; {entry} is not"));
        }
    }
    Ok(id)
}

fn ids(body: &Value) -> Result<Vec<String>, HttpReply> {
    let ids: Option<Vec<String>> =
        body["external_ids"].as_array().and_then(|ids| ids.iter().map(|id| id.as_str().map(str::to_owned)).collect());
    match ids {
        Some(ids) if (1..=IDS_MAX).contains(&ids.len()) => Ok(ids),
        _ => Err(refused(&format!("'external_ids' must be an array of 1 to {IDS_MAX} strings"))),
    }
}

pub fn delete(state: &mut BrazeState, body: &Value) -> HttpReply {
    match ids(body) {
        Err(reply) => reply,
        Ok(ids) => {
            let deleted = ids.iter().filter(|id| state.profiles.remove(*id).is_some()).count();
            HttpReply::json(200, json!({"deleted": deleted, "message": "success"}))
        }
    }
}

pub fn export(state: &mut BrazeState, body: &Value) -> HttpReply {
    let ids = match ids(body) {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    let (known, unknown): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| state.profiles.contains_key(id));
    let user = |id: &String| {
        let mut attributes = serde_json::Map::new();
        for assignment in state.profiles.get(id).into_iter().flatten() {
            attributes.extend(assignment.as_object().cloned().unwrap_or_default());
        }
        attributes.retain(|name, _| name != "external_id" && name != "_update_existing_only");
        json!({"external_id": id, "custom_attributes": attributes})
    };
    let users: Vec<Value> = known.iter().map(user).collect();
    HttpReply::json(200, json!({"message": "success", "users": users, "invalid_user_ids": unknown}))
}

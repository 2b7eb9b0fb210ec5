//! Items as a Braze catalog, so that a message can look names, prices and pictures up by id.

use super::deliver::deliver;
use super::users::{Event, Target};
use super::{Fingerprint, Ledger, LedgerError, RestRequest, Summary, SyncError};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Items that one request may hold.
pub const BATCH_MAX: usize = 50;
/// Characters of a catalog's or field's name.
const NAME_CHARS_MAX: usize = 250;
/// Characters of an item id.
const ID_CHARS_MAX: usize = 250;
/// Characters of a value.
const VALUE_CHARS_MAX: usize = 5000;
/// Fields of a catalog.
const FIELDS_MAX: usize = 500;

/// An item: its id in our catalogue and its columns.
pub type Item = (String, Map<String, Value>);

/// The part of an item that Braze takes, and its fingerprint.
type Row = (Fingerprint, Map<String, Value>);

/// Makes the catalog called `name` hold exactly `items`: creates it when Braze does not have it, replaces the items that
/// changed, removes those that are gone.
///
/// Ids of other characters than letters, digits, `-` and `_` are rewritten (see [`legal_id`]); two ids that would become one
/// are refused. Values longer than Braze takes are cut. Arguments are those of [`super::users::sync`].
pub fn sync(
    name: &str,
    items: &[Item],
    ledger: &mut Ledger,
    keep: &mut dyn FnMut(&str) -> Result<(), LedgerError>,
    target: Target<'_>,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<Summary, SyncError> {
    if !legal_name(name) {
        return Err(SyncError::Setting(format!(
            "'{name}' cannot be the name of a catalog: 1 to {NAME_CHARS_MAX} letters, digits, hyphens and underscores"
        )));
    }
    let rows = rows(items, report)?;
    let fields = fields(rows.values().map(|(_, row)| row))?;
    let mut summary = Summary { seen: items.len() as u64, ..Summary::default() };
    summary.skipped = summary.seen - rows.len() as u64;

    let call = |summary: &mut Summary, request: &RestRequest, report: &mut dyn FnMut(Event<'_>)| {
        summary.requests += 1;
        match target {
            Target::Dry { .. } => {
                report(Event::WouldSend(request));
                Ok(None)
            }
            Target::Braze { rest, pace } => deliver(rest, pace, request).map(Some),
        }
    };
    let list = RestRequest { method: "GET", path: "/catalogs".into(), body: String::new() };
    let known = call(&mut summary, &list, report)?.is_some_and(|reply| has_catalog(&reply.body, name));
    if !known {
        let body = json!({"catalogs": [{"name": name, "description": "Items of the recommender", "fields": fields}]});
        let create = RestRequest { method: "POST", path: "/catalogs".into(), body: body.to_string() };
        call(&mut summary, &create, report)?;
        if let Target::Braze { .. } = target {
            // A catalog that was deleted at Braze has lost its items too.
            let gone: Vec<_> = ledger.ids().into_iter().map(|id| (id.to_owned(), None)).collect();
            keep(&ledger.extend(&gone)?)?;
        }
    }

    let path = format!("/catalogs/{name}/items");
    let gone: Vec<String> = ledger.ids().into_iter().filter(|id| !rows.contains_key(*id)).map(str::to_owned).collect();
    for ids in gone.chunks(BATCH_MAX) {
        let body = json!({"items": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()}).to_string();
        call(&mut summary, &RestRequest { method: "DELETE", path: path.clone(), body }, report)?;
        summary.removed += ids.len() as u64;
        if let Target::Braze { .. } = target {
            keep(&ledger.extend(&ids.iter().map(|id| (id.clone(), None)).collect::<Vec<_>>())?)?;
        }
        report(Event::Progress(summary));
    }

    let changed: Vec<(&String, &Row)> = rows.iter().filter(|(id, (print, _))| !ledger.has(id, *print)).collect();
    summary.unchanged = (rows.len() - changed.len()) as u64;
    for batch in changed.chunks(BATCH_MAX) {
        let items: Vec<&Map<String, Value>> = batch.iter().map(|(_, (_, row))| row).collect();
        let body = json!({"items": items}).to_string();
        call(&mut summary, &RestRequest { method: "PUT", path: path.clone(), body }, report)?;
        summary.sent += batch.len() as u64;
        if let Target::Braze { .. } = target {
            let sent: Vec<_> = batch.iter().map(|(id, (print, _))| ((*id).clone(), Some(*print))).collect();
            keep(&ledger.extend(&sent)?)?;
        }
        report(Event::Progress(summary));
    }
    Ok(summary)
}

/// An id as Braze takes it: letters, digits, `-` and `_` stay; any other character becomes `_x<hexadecimal code point>_`, and
/// so does an underscore before an `x`, so that different ids stay different.
pub fn legal_id(id: &str) -> String {
    let mut legal = String::with_capacity(id.len());
    let mut rest = id;
    while let Some(c) = rest.chars().next() {
        let plain = c.is_ascii_alphanumeric() || c == '-' || (c == '_' && !rest.starts_with("_x"));
        if plain {
            legal.push(c);
        } else {
            legal.push_str(&format!("_x{:x}_", u32::from(c)));
        }
        rest = &rest[c.len_utf8()..];
    }
    legal
}

/// The rows that Braze takes, by legal id.
fn rows(items: &[Item], report: &mut dyn FnMut(Event<'_>)) -> Result<BTreeMap<String, Row>, SyncError> {
    let mut rows = BTreeMap::new();
    let mut owners: HashMap<String, &str> = HashMap::new();
    for (id, columns) in items {
        let legal = legal_id(id);
        if legal.is_empty() || legal.len() > ID_CHARS_MAX {
            report(Event::Skipped { id, why: "an item id has 1 to 250 letters, digits, hyphens and underscores" });
            continue;
        }
        if let Some(other) = owners.insert(legal.clone(), id) {
            return Err(SyncError::Source(format!("the item '{id}' occurs twice (also as '{other}')")));
        }
        let mut row = Map::from_iter([("id".to_owned(), Value::String(legal.clone()))]);
        for (name, value) in columns {
            let name = field_name(name);
            if name != "id" && !value.is_null() {
                row.insert(name, cut(value));
            }
        }
        let fingerprint = Fingerprint::of(&Value::Object(row.clone()).to_string());
        rows.insert(legal, (fingerprint, row));
    }
    Ok(rows)
}

/// A column's name as a field's: lower case, other characters as underscores.
fn field_name(column: &str) -> String {
    let name: String = column.to_lowercase().chars().map(|c| if legal_char(c) { c } else { '_' }).collect();
    name.chars().take(NAME_CHARS_MAX).collect()
}

fn cut(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > VALUE_CHARS_MAX => {
            Value::String(text.chars().take(VALUE_CHARS_MAX).collect())
        }
        other => other.clone(),
    }
}

/// The catalog's fields with the type that all values of a column share; a mixed column is text.
fn fields<'a>(rows: impl Iterator<Item = &'a Map<String, Value>>) -> Result<Vec<Value>, SyncError> {
    let mut types: BTreeMap<&str, &'static str> = BTreeMap::new();
    for (name, value) in rows.flatten().filter(|(name, _)| *name != "id") {
        let this = match value {
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            _ => "string",
        };
        types.entry(name).and_modify(|t| *t = if *t == this { this } else { "string" }).or_insert(this);
    }
    if types.len() + 1 > FIELDS_MAX {
        let many = types.len() + 1;
        return Err(SyncError::Source(format!("{many} columns are more than the {FIELDS_MAX} fields of a catalog")));
    }
    let id = std::iter::once(json!({"name": "id", "type": "string"}));
    Ok(id.chain(types.into_iter().map(|(name, kind)| json!({"name": name, "type": kind}))).collect())
}

fn has_catalog(body: &str, name: &str) -> bool {
    let Ok(json) = serde_json::from_str::<Value>(body) else { return false };
    let names: HashSet<&str> =
        json["catalogs"].as_array().into_iter().flatten().filter_map(|catalog| catalog["name"].as_str()).collect();
    names.contains(name)
}

fn legal_name(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && name.chars().all(legal_char)
}

fn legal_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

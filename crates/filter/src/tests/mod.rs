//! The language as a whole: examples with their errors, and evaluation against a naive interpreter.

mod checking;
mod examples;
mod meaning;
mod random;
mod reference;

use crate::{Columns, Compiled, Interaction, Row, Subject, parse};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_data::table::Value;
use tastemaker_data::{Column, IdMap, Table, TableBuilder};
use tastemaker_domain::Result;

fn ids(ids: &[&str]) -> IdMap {
    let mut map = IdMap::default();
    ids.iter().for_each(|id| {
        map.insert(id);
    });
    map
}

fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.into()))
}

fn row<'a>(table: &'a Table, id_column: &'static str, id: &str) -> Option<Row<'a>> {
    table.ids.get(id).map(|row| Row { table, row: row as usize, id_column })
}

/// Six items, the last unknown to the table.
fn shop() -> (IdMap, Arc<Table>) {
    let mut table = TableBuilder::new(vec![
        ("TOPIC".into(), Column::Text(vec![])),
        ("PRICE".into(), Column::Number(vec![])),
        ("YEAR".into(), Column::Integer(vec![])),
        ("ADULT".into(), Column::Boolean(vec![])),
    ]);
    for (id, topic, price, year) in [
        ("a", text("art|food"), Some(5.0), Some(1990)),
        ("b", text("travel"), Some(19.99), Some(2000)),
        ("c", text("food"), None, Some(2000)),
        ("d", text("Food"), Some(10.0), None),
        ("e", None, Some(-3.5), Some(2024)),
    ] {
        let row = [topic, price.map(Value::Number), year.map(Value::Integer), Some(Value::Boolean(true))];
        table.set(id, row);
    }
    (ids(&["a", "b", "c", "d", "e", "f"]), Arc::new(table.build()))
}

fn users() -> Table {
    let mut users = TableBuilder::new(vec![
        ("AGE".into(), Column::Integer(vec![])),
        ("TIER".into(), Column::Text(vec![])),
        ("BUDGET".into(), Column::Number(vec![])),
    ]);
    users.set("ann", [Some(Value::Integer(30)), text("gold|early"), Some(Value::Number(10.0))]);
    users.set("bob", [Some(Value::Integer(15)), None, None]);
    users.build()
}

/// The ids that pass a filter over [`shop`].
fn passing(
    filter: &str,
    user: Option<&str>,
    item: Option<&str>,
    events: &[(&str, &str)],
    values: &[(&str, &str)],
) -> Result<String> {
    let (ids, table) = shop();
    let columns = Arc::new(Columns::new(table.clone(), "ITEM_ID", ids.iter()));
    let compiled = Compiled::new(Arc::new(parse(filter)?), columns);
    let users = users();
    let interactions: Vec<_> = events
        .iter()
        .zip(0..)
        .map(|(&(item, event_type), time_s)| Interaction {
            item: ids.get(item).map(tastemaker_data::ItemIx).unwrap(),
            event_type,
            time_s,
        })
        .collect();
    let subject = Subject {
        user: user.and_then(|user| row(&users, "USER_ID", user)),
        current_item: item.and_then(|item| row(&table, "ITEM_ID", item)),
        interactions: &interactions,
    };
    let values: BTreeMap<_, _> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let allowed = compiled.evaluate(&subject, &values)?;
    Ok(allowed.iter_ones().map(|item| ids.id(item.0)).collect())
}

//! The metadata records of a dataset by id: the table that was published last, and the rows streamed since.

use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_data::{Column, Table, TableBuilder};
use tastemaker_domain::resource::PlacedRow;
use tastemaker_domain::row_properties::id_column;
use tastemaker_domain::schema::{FieldType, Schema};

/// Streamed rows beyond which a dataset's table should be published anew, with them in it: each request that filters
/// looks at each of them.
pub const STREAMED_ROWS_MAX: usize = 4096;

/// Streamed rows in one table.
#[derive(Debug)]
struct Run {
    table: Arc<Table>,
    /// By row of the table: where the row is in its stream.
    positions: Vec<u64>,
}

/// One dataset's records at one moment.
///
/// Of several records of an id the newest counts: that of the last table in [`MetadataRecords::streamed`] which has one.
#[derive(Debug, Default, Clone)]
pub struct MetadataRecords {
    published: Arc<Table>,
    /// Older first, each at least twice as long as the next.
    runs: Vec<Arc<Run>>,
    generation: u64,
}

impl MetadataRecords {
    /// The record of `id`: its table and the row there.
    pub fn find(&self, id: &str) -> Option<(&Table, usize)> {
        let tables = self.runs.iter().rev().map(|run| &*run.table).chain([&*self.published]);
        tables.into_iter().find_map(|table| table.ids.get(id).map(|row| (table, row as usize)))
    }

    /// The published table.
    pub fn published(&self) -> &Arc<Table> {
        &self.published
    }

    /// The tables of rows streamed since, older first; a record of a later one replaces those of earlier ones and of the
    /// published table.
    pub fn streamed(&self) -> impl DoubleEndedIterator<Item = &Arc<Table>> {
        self.runs.iter().map(|run| &run.table)
    }

    /// MetadataRecords in [`Self::streamed`].
    pub fn streamed_len(&self) -> usize {
        self.runs.iter().map(|run| run.positions.len()).sum()
    }

    /// The names of the columns, those of the newest table first.
    pub fn column_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for table in self.streamed().rev().chain([&self.published]) {
            for (name, _) in &table.columns {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// Differs from that of every other moment of the dataset.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    fn with_run(&self, mut run: Run) -> MetadataRecords {
        let mut runs = self.runs.clone();
        while let Some(last) = runs.pop_if(|last| last.positions.len() < 2 * run.positions.len()) {
            run = merged(&[&last, &run], 0);
        }
        runs.push(Arc::new(run));
        MetadataRecords { published: self.published.clone(), runs, generation: self.generation + 1 }
    }

    fn with_published(&self, table: Arc<Table>, upto: u64) -> MetadataRecords {
        let runs: Vec<&Run> = self.runs.iter().map(|run| &**run).collect();
        let rest = merged(&runs, upto);
        let runs = if rest.positions.is_empty() { Vec::new() } else { vec![Arc::new(rest)] };
        MetadataRecords { published: table, runs, generation: self.generation + 1 }
    }
}

/// One run of the rows beyond position `upto`, with the columns of the last run.
fn merged(runs: &[&Run], upto: u64) -> Run {
    let columns =
        runs.last().map(|run| run.table.columns.iter().map(|(name, c)| (name.clone(), c.emptied())).collect());
    let mut builder = TableBuilder::new(columns.unwrap_or_default());
    let mut positions: Vec<u64> = Vec::new();
    let mut ids = tastemaker_data::IdMap::default();
    for run in runs {
        for (row, &position) in run.positions.iter().enumerate().filter(|(_, position)| **position > upto) {
            let id = run.table.ids.id(row as u32);
            builder.set_from(id, &run.table, row);
            let at = ids.insert(id) as usize;
            positions.resize(ids.len(), 0);
            positions[at] = position;
        }
    }
    Run { table: Arc::new(builder.build()), positions }
}

/// The metadata columns of a schema, without rows.
pub fn empty_columns(schema: &Schema) -> Vec<(String, Column)> {
    let id = id_column(schema.dataset_type);
    let column = |field_type| match field_type {
        FieldType::String => Column::Text(Vec::new()),
        FieldType::Int | FieldType::Long => Column::Integer(Vec::new()),
        FieldType::Float | FieldType::Double => Column::Number(Vec::new()),
        FieldType::Boolean => Column::Boolean(Vec::new()),
    };
    schema.fields.iter().filter(|f| f.name != id).map(|f| (f.name.clone(), column(f.field_type))).collect()
}

#[derive(Debug, Default)]
struct Current {
    /// Replaced as a whole; readers clone the `Arc` and let go.
    records: Arc<MetadataRecords>,
    /// Position up to which the published table has the stream.
    published_upto: u64,
}

/// The records of one dataset as they are now.
#[derive(Debug, Default)]
pub(crate) struct CurrentRecords(RwLock<Current>);

impl CurrentRecords {
    pub fn now(&self) -> Arc<MetadataRecords> {
        self.0.read().records.clone()
    }

    /// Takes rows in. Those that the published table has already are ignored, so that a replay does no harm.
    pub fn push(&self, schema: &Schema, rows: &[PlacedRow]) {
        let mut current = self.0.write();
        let upto = current.published_upto;
        let mut builder = TableBuilder::new(empty_columns(schema));
        let mut ids = tastemaker_data::IdMap::default();
        let mut positions: Vec<u64> = Vec::new();
        for (position, row) in rows.iter().filter(|(position, _)| *position > upto) {
            builder.set_texts(&row.id, |name| row.columns.get(name).map(String::as_str));
            let at = ids.insert(&row.id) as usize;
            positions.resize(ids.len(), 0);
            positions[at] = *position;
        }
        if !positions.is_empty() {
            let run = Run { table: Arc::new(builder.build()), positions };
            current.records = Arc::new(current.records.with_run(run));
        }
    }

    /// Forgets the records of `ids`.
    pub fn forget(&self, ids: &std::collections::HashSet<Box<str>>) {
        let mut current = self.0.write();
        let now = &current.records;
        let without = |table: &Table| {
            let mut builder =
                TableBuilder::new(table.columns.iter().map(|(name, c)| (name.clone(), c.emptied())).collect());
            let kept: Vec<usize> =
                table.ids.iter().enumerate().filter(|(_, id)| !ids.contains(*id)).map(|(row, _)| row).collect();
            kept.iter().for_each(|&row| builder.set_from(table.ids.id(row as u32), table, row));
            (Arc::new(builder.build()), kept)
        };
        let runs = now.runs.iter().map(|run| {
            let (table, kept) = without(&run.table);
            Arc::new(Run { table, positions: kept.iter().map(|&row| run.positions[row]).collect() })
        });
        let runs = runs.filter(|run| !run.positions.is_empty()).collect();
        let (published, generation) = (without(&now.published).0, now.generation + 1);
        current.records = Arc::new(MetadataRecords { published, runs, generation });
    }

    /// Replaces the published table by one that has the stream up to and including position `upto`.
    pub fn publish(&self, table: Arc<Table>, upto: u64) {
        let mut current = self.0.write();
        current.published_upto = upto;
        current.records = Arc::new(current.records.with_published(table, upto));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::table::Value;
    use tastemaker_domain::resource::StreamedRow;

    fn schema(fields: &str) -> Schema {
        let text = format!(
            r#"{{"type":"record","name":"Items","fields":[{{"name":"ITEM_ID","type":"string"}},
            {{"name":"NAME","type":["null","string"]}}{fields}]}}"#
        );
        Schema::parse(&text, None).expect("a schema")
    }

    fn row(position: u64, id: &str, name: &str) -> PlacedRow {
        let columns = [("NAME".to_owned(), name.to_owned())].into_iter().filter(|_| !name.is_empty()).collect();
        (position, StreamedRow { id: id.into(), columns, received_ms: 0 })
    }

    #[test]
    fn forgotten_records_are_gone_from_table_and_stream() {
        let current = CurrentRecords::default();
        current.push(&schema(""), &[row(1, "a", "A"), row(2, "b", "B")]);
        let mut builder = TableBuilder::new(empty_columns(&schema("")));
        ["c", "d"].iter().for_each(|id| builder.set(id, [Some(Value::Text((*id).into()))]));
        current.publish(Arc::new(builder.build()), 1);
        let before = current.now().generation();
        current.forget(&["b".into(), "c".into()].into());
        let rows = current.now();
        assert!(rows.generation() > before && rows.find("b").is_none() && rows.find("c").is_none());
        assert_eq!((name(&current, "d"), rows.streamed_len()), (Some(Value::Text("d".into())), 0));
    }

    fn name(current: &CurrentRecords, id: &str) -> Option<Value> {
        let rows = current.now();
        let (table, row) = rows.find(id)?;
        table.column("NAME")?.get(row)
    }

    fn text(text: &str) -> Option<Value> {
        Some(Value::Text(text.into()))
    }

    #[test]
    fn the_newest_row_counts_and_replaces_as_a_whole() {
        let current = CurrentRecords::default();
        let schema = schema("");
        let mut table = TableBuilder::new(empty_columns(&schema));
        table.set("a", [Some(Value::Text("imported".into()))]);
        current.publish(Arc::new(table.build()), 3);
        current.push(&schema, &[row(2, "a", "too old"), row(4, "b", "first"), row(5, "b", "second")]);
        assert_eq!(
            (name(&current, "a"), name(&current, "b"), name(&current, "c")),
            (text("imported"), text("second"), None)
        );
        let before = current.now();
        current.push(&schema, &[row(6, "a", "")]);
        assert_eq!((name(&current, "a"), name(&current, "b")), (None, text("second")));
        assert!(current.now().find("a").is_some());
        assert_ne!(before.generation(), current.now().generation());
    }

    #[test]
    fn a_replay_of_what_the_table_has_changes_nothing() {
        let (current, schema) = (CurrentRecords::default(), schema(""));
        current.publish(Arc::new(TableBuilder::new(empty_columns(&schema)).build()), 3);
        let before = current.now().generation();
        current.push(&schema, &[row(2, "a", "old"), row(3, "b", "old")]);
        assert_eq!((current.now().generation(), name(&current, "b")), (before, None));
        current.push(&schema, &[row(4, "b", "new")]);
        assert_eq!((current.now().generation(), name(&current, "b")), (before + 1, text("new")));
    }

    #[test]
    fn publishing_keeps_only_what_came_after() {
        let current = CurrentRecords::default();
        let schema = schema("");
        current.push(&schema, &[row(1, "a", "one"), row(2, "b", "two"), row(3, "c", "three")]);
        current.publish(Arc::new(TableBuilder::new(empty_columns(&schema)).build()), 2);
        assert_eq!((name(&current, "a"), name(&current, "b"), name(&current, "c")), (None, None, text("three")));
        assert_eq!(current.now().streamed_len(), 1);
    }

    #[test]
    fn columns_go_with_the_rows_that_a_published_table_replaces() {
        let current = CurrentRecords::default();
        let wide = schema(r#",{"name":"PRICE","type":["null","double"]}"#);
        current.push(&wide, &[row(1, "a", "one")]);
        assert_eq!(current.now().column_names(), ["NAME", "PRICE"]);
        current.publish(Arc::new(TableBuilder::new(empty_columns(&schema(""))).build()), 1);
        assert_eq!(current.now().column_names(), ["NAME"]);
    }

    #[test]
    fn runs_stay_few_and_new_columns_join() {
        let current = CurrentRecords::default();
        for n in 0..1000 {
            current.push(&schema(""), &[row(n + 1, &format!("i{}", n % 300), &n.to_string())]);
        }
        let rows = current.now();
        assert!(rows.runs.len() <= 10, "{} runs", rows.runs.len());
        assert!(rows.streamed_len() <= 600);
        for n in 700..1000 {
            assert_eq!(name(&current, &format!("i{}", n % 300)), text(&n.to_string()));
        }
        let wider = schema(r#",{"name":"PRICE","type":["null","double"]}"#);
        let mut priced = row(2000, "i0", "lamp");
        priced.1.columns.insert("PRICE".into(), "2.5".into());
        current.push(&wider, &[priced]);
        assert_eq!(current.now().column_names(), ["NAME", "PRICE"]);
        let rows = current.now();
        let (table, at) = rows.find("i0").expect("a row");
        assert_eq!(table.column("PRICE").and_then(|c| c.get(at)), Some(Value::Number(2.5)));
        assert_eq!(name(&current, "i1"), text("901"));
    }
}

//! The filters that a snapshot's requests used, compiled for the published table of its items.

use super::registry::PublishedFilter;
use crate::catalog_view::CatalogView;
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_data::Table;
use tastemaker_filter::{Columns, Compiled, Target};

/// The filters that were used with one published table, ready for it.
struct ForTable {
    table: Arc<Table>,
    columns: Arc<Columns>,
    /// By ARN.
    compiled: HashMap<String, Arc<Compiled>>,
}

/// The compiled filters of a snapshot.
#[derive(Default)]
pub(crate) struct CompiledFilters(RwLock<Option<ForTable>>);

impl CompiledFilters {
    /// The filter, compiled for the published table of `view`.
    pub fn get(&self, view: &CatalogView, filter: &PublishedFilter) -> Arc<Compiled> {
        let table = view.records().published();
        let columns = {
            let current = self.0.read();
            let current = current.as_ref().filter(|current| Arc::ptr_eq(&current.table, table));
            let compiled = current.and_then(|current| current.compiled.get(&filter.arn));
            if let Some(compiled) = compiled.filter(|c| Arc::ptr_eq(c.expression(), &filter.expression)) {
                return compiled.clone();
            }
            current.map(|current| current.columns.clone())
        };
        // Two requests may compile the same filter; what they get is the same.
        let id_column = if filter.expression.target == Target::Action { "ACTION_ID" } else { "ITEM_ID" };
        let ids = || view.known_ids().iter().chain(view.new_published_ids());
        let columns = columns.unwrap_or_else(|| Arc::new(Columns::new(table.clone(), id_column, ids())));
        let compiled = Arc::new(Compiled::new(filter.expression.clone(), columns.clone()));
        let mut current = self.0.write();
        match current.as_mut().filter(|current| Arc::ptr_eq(&current.table, table)) {
            Some(current) => drop(current.compiled.insert(filter.arn.clone(), compiled.clone())),
            None => {
                let compiled = [(filter.arn.clone(), compiled.clone())].into_iter().collect();
                *current = Some(ForTable { table: table.clone(), columns, compiled });
            }
        }
        compiled
    }
}

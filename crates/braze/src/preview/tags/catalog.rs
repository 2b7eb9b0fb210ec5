//! `{% catalog_items NAME id ... %}` and `{% catalog_selection_items NAME SELECTION %}`: rows of a catalog as `items`.

use crate::preview::profile::to_liquid;
use crate::preview::session::Session;
use liquid_core::model::{Array, Value};
use liquid_core::{Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter};
use std::io::Write;
use std::sync::Arc;

/// The arguments of one tag: words that may hold Liquid, the catalog's name first.
pub(in crate::preview) type Words = Vec<Arc<liquid_core::Template>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::preview) enum Kind {
    Items,
    Selection,
}

#[derive(Clone)]
pub(in crate::preview) struct Catalog {
    pub kind: Kind,
    pub tags: Arc<Vec<Words>>,
}

impl TagReflection for Catalog {
    fn tag(&self) -> &'static str {
        match self.kind {
            Kind::Items => "catalog_items",
            Kind::Selection => "catalog_selection_items",
        }
    }

    fn description(&self) -> &'static str {
        "reads a catalog"
    }
}

impl ParseTag for Catalog {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        let words = self.tags.get(super::number(&mut arguments)?).cloned().unwrap_or_default();
        Ok(Box::new(Read { kind: self.kind, words }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

struct Read {
    kind: Kind,
    words: Words,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {} words", self.kind, self.words.len())
    }
}

impl Renderable for Read {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let mut words = Vec::new();
        for word in &self.words {
            let text = word.render(runtime)?;
            words.extend(text.split([' ', ',', '\n']).map(str::to_owned).filter(|w| !w.is_empty()));
        }
        let catalogs = runtime.registers().get_mut::<Session>().catalogs.clone();
        let mut words = words.iter();
        let rows = words.next().and_then(|name| catalogs.get(name));
        let row = |row: &serde_json::Map<String, serde_json::Value>| to_liquid(&serde_json::Value::Object(row.clone()));
        let items: Array = match (rows, self.kind) {
            (None, _) => Array::new(),
            (Some(rows), Kind::Items) => {
                words.filter_map(|id| rows.iter().find(|r| id_of(r).as_deref() == Some(id))).map(row).collect()
            }
            // Which rows a selection holds is decided in Braze; a preview shows the first of them.
            (Some(rows), Kind::Selection) => rows.iter().take(SELECTION_ITEMS).map(row).collect(),
        };
        runtime.set_global("items".into(), Value::Array(items));
        Ok(())
    }
}

/// Rows that stand for a selection.
const SELECTION_ITEMS: usize = 50;

fn id_of(row: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    match row.get("id")? {
        serde_json::Value::String(id) => Some(id.clone()),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

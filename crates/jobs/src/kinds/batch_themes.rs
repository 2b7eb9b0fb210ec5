//! Themes of a batch inference job in the mode THEME_GENERATION: for each list a phrase, and the items in the order of their relevance
//! to it.
//!
//! Themes come from the items' own texts and categories ([`themes`](tastemaker_learn::models::themes)); where the server has a
//! [`ThemeWriter`], it is shown the list and the phrase and writes another. A theme that cannot be made is the error of its line.

use crate::stop::Stop;
use crate::theme_writer::{ThemeItem, ThemePrompt, ThemeWriter};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::sync::Arc;
use tastemaker_data::{Column, Table};
use tastemaker_domain::recommendation::RecommendationList;
use tastemaker_domain::schema::Schema;
use tastemaker_learn::Cancel;
use tastemaker_learn::models::themes::{ItemCatalog, ItemWords, Theme, themes};

/// Requests of one file.
pub(super) const LINES_MAX: usize = 100;
/// Items that a writer is shown,
const SHOWN_ITEMS: usize = 25;
/// and characters of the texts of each.
const SHOWN_CHARS: usize = 300;

/// The words of the items, and who writes themes.
#[derive(Clone)]
pub(super) struct Themes {
    table: Arc<Table>,
    /// Places of columns: the name, texts with the name first, categories.
    name: usize,
    texts: Vec<usize>,
    categories: Vec<usize>,
    writer: Option<Arc<dyn ThemeWriter>>,
    cancel: Arc<Cancel>,
    /// The trace of the job, for the writer's calls.
    traceparent: Option<String>,
}

/// A list with its theme.
#[derive(Debug, PartialEq)]
pub(super) struct ThemedList {
    pub items: Vec<String>,
    pub theme: String,
    /// By item, from 0 to 1.
    pub relevance: Vec<f64>,
}

impl Themes {
    /// Of the Items dataset; `item_name` is its column with names.
    pub fn of(
        table: Arc<Table>,
        schema: &Schema,
        item_name: &str,
        writer: Option<Arc<dyn ThemeWriter>>,
        cancel: Arc<Cancel>,
    ) -> Result<Self, Stop> {
        let place = |wanted: &str| table.columns.iter().position(|(name, _)| name == wanted);
        let name = place(item_name).ok_or_else(|| {
            Stop::Failed(format!("The Items dataset has no column {item_name} any more, which the themes are made of."))
        })?;
        let places = |kind: fn(&tastemaker_domain::schema::Field) -> bool| {
            let fields = schema.fields.iter().filter(move |field| kind(field));
            fields.filter_map(|field| place(&field.name)).filter(|place| *place != name).collect::<Vec<_>>()
        };
        let mut texts = vec![name];
        texts.extend(places(|field| field.textual || field.item_name));
        let categories = places(|field| field.categorical);
        Ok(Self { table, name, texts, categories, writer, cancel, traceparent: None })
    }

    /// The same as a part of a trace.
    pub fn traced(self, traceparent: Option<String>) -> Self {
        Self { traceparent, ..self }
    }

    /// The lists with their themes, in the same order; what is no list stays as it is.
    pub fn with_themes(
        &self,
        lists: Vec<Result<RecommendationList, String>>,
    ) -> Result<Vec<Result<ThemedList, String>>, Stop> {
        let rows: Vec<Vec<usize>> =
            lists.iter().map(|list| list.as_ref().map_or_else(|_| Vec::new(), |list| self.rows(list))).collect();
        let catalog = ItemCatalog { items: self.table.ids.len(), words: &|row| self.words(row) };
        let found = themes(&rows, &catalog, &self.cancel).map_err(|_| Stop::Shutdown)?;
        let with_theme = |list: Result<RecommendationList, String>, rows: &[usize], theme: Option<Theme>| {
            let list = list?;
            let theme = theme.ok_or("the list has no theme: nothing is written about its items")?;
            let text = match &self.writer {
                Some(_) if self.cancel.is_cancelled() => return Err("the job ends".to_owned()),
                Some(writer) => writer.write(&self.prompt(rows, &theme))?,
                None => theme.text,
            };
            Ok(by_relevance(list, text, &theme.relevance))
        };
        let lines: Vec<_> = lists.into_iter().zip(rows).zip(found).collect();
        let themed = lines.into_par_iter().map(|((list, rows), theme)| with_theme(list, &rows, theme)).collect();
        if self.cancel.is_cancelled() { Err(Stop::Shutdown) } else { Ok(themed) }
    }

    /// The rows of a list's items; one that is not in the table has a number beyond its end.
    fn rows(&self, list: &RecommendationList) -> Vec<usize> {
        let row = |id: &str| self.table.ids.get(id).map_or(self.table.ids.len(), |row| row as usize);
        list.items.iter().map(|item| row(&item.item_id)).collect()
    }

    fn text(&self, column: usize, row: usize) -> Option<&str> {
        match &self.table.columns[column].1 {
            Column::Text(texts) => texts.get(row)?.as_deref(),
            Column::Integer(_) | Column::Number(_) | Column::Boolean(_) => None,
        }
    }

    fn words(&self, row: usize) -> ItemWords<'_> {
        let categories = self.categories.iter().filter_map(|&column| self.text(column, row));
        ItemWords {
            categories: categories.flat_map(|text| text.split('|')).collect(),
            texts: self.texts.iter().filter_map(|&column| self.text(column, row)).collect(),
        }
    }

    fn prompt(&self, rows: &[usize], theme: &Theme) -> ThemePrompt {
        let item = |&row: &usize| {
            let ItemWords { categories, .. } = self.words(row);
            let texts = self.texts.iter().skip(1).filter_map(|&column| self.text(column, row));
            let text = texts.collect::<Vec<_>>().join(" ").chars().take(SHOWN_CHARS).collect();
            ThemeItem {
                name: self.text(self.name, row).unwrap_or_default().to_owned(),
                categories: categories.into_iter().map(|category| category.trim().to_owned()).collect(),
                text,
            }
        };
        ThemePrompt {
            items: rows.iter().take(SHOWN_ITEMS).map(item).collect(),
            phrase: theme.text.clone(),
            traceparent: self.traceparent.clone(),
        }
    }
}

/// The list from the most relevant item to the least; equals stay in their order.
fn by_relevance(list: RecommendationList, theme: String, relevance: &[f32]) -> ThemedList {
    let mut items: Vec<(String, f32)> =
        list.items.into_iter().map(|item| item.item_id).zip(relevance.iter().copied()).collect();
    items.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal));
    let (items, relevance): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    let rounded = |relevance: f32| (f64::from(relevance) * 1e7).round() / 1e7;
    ThemedList { items, theme, relevance: relevance.into_iter().map(rounded).collect() }
}

//! `aws-semantic-similarity`: items whose name and description mean something similar (`learn::models::semantic`).
//!
//! The texts are those of the column marked `itemName` and of the textual one. Freshness is an item's rank by creation time among
//! all, popularity how many users took it against the most popular; both count as the campaign's `rankingInfluence` says. An item
//! without creation time is as old as its first interaction, and new if it has none.

use crate::Error;
use crate::artifact::{self, ArtifactFiles, MODEL_FILE};
use crate::model::Model;
use crate::popular::counts;
use crate::recipe::Recipe;
use crate::request::{ItemsRefresh, TrainRequest};
use std::sync::Arc;
use tastemaker_data::{Column, IdMap, Table};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::Schema;
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::models::semantic::{SemanticModel, Standing};
use tastemaker_learn::{Scorer, TrainContext};

pub(crate) const SEMANTIC_SIMILARITY: Recipe =
    Recipe { refresh_items: Some(refresh_items), ..Recipe::new(&catalog::AWS_SEMANTIC_SIMILARITY, train, open) };

const CREATED: &str = "CREATION_TIMESTAMP";

fn train(
    descriptor: &'static RecipeDescriptor,
    request: &TrainRequest,
    context: &TrainContext,
) -> Result<Model, Error> {
    context.cancel.check()?;
    tastemaker_domain::parameters::validate(descriptor, request.config)?;
    let empty = Table::default();
    let table = request.items.unwrap_or(&empty);
    let texts = texts(table, request.item_schema, &request.dataset.items);
    let standing = standing(table, request);
    let train = || SemanticModel::train(&texts, standing, context.seed, context.cancel);
    let model = context.pool()?.install(train)?;
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: request.dataset.users.len(),
        interactions_trained: request.dataset.len(),
        epochs: 1,
        blend: None,
        held_out: Vec::new(),
    })
}

/// The columns whose texts are compared.
pub(crate) fn text_columns<'a>(table: &'a Table, schema: Option<&'a Schema>) -> impl Iterator<Item = &'a Column> {
    let compared = move |name: &str| match schema {
        Some(schema) => schema.field(name).is_some_and(|field| field.textual || field.item_name),
        None => true,
    };
    let columns = table.columns.iter().filter(move |(name, _)| compared(name));
    columns.map(|(_, column)| column).filter(|column| matches!(column, Column::Text(_)))
}

/// `[items]`: name and description of each; empty without a row.
fn texts(table: &Table, schema: Option<&Schema>, items: &IdMap) -> Vec<String> {
    let columns: Vec<&Column> = text_columns(table, schema).collect();
    let text = |id: &str| {
        let row = table.ids.get(id)? as usize;
        let values = columns.iter().filter_map(|column| match column {
            Column::Text(values) => values.get(row)?.as_deref(),
            _ => None,
        });
        Some(values.collect::<Vec<_>>().join(" . "))
    };
    items.iter().map(|id| text(id).unwrap_or_default()).collect()
}

fn standing(table: &Table, request: &TrainRequest) -> Vec<Standing> {
    let dataset = request.dataset;
    let items = dataset.items.len();
    let mut first = vec![i64::MAX; items];
    for (&item, &time_s) in dataset.item_column().iter().zip(dataset.time_column()) {
        first[item as usize] = first[item as usize].min(time_s);
    }
    let created = |item: usize| {
        let row = table.ids.get(dataset.items.id(item as u32))? as usize;
        match table.column(CREATED)? {
            Column::Integer(values) => *values.get(row)?,
            Column::Number(values) => values.get(row)?.map(|seconds| seconds as i64),
            Column::Text(_) | Column::Boolean(_) => None,
        }
    };
    let created: Vec<i64> = (0..items).map(|item| created(item).unwrap_or(first[item])).collect();
    let mut sorted = created.clone();
    sorted.sort_unstable();
    let counts = counts(dataset);
    let most = counts.iter().copied().fold(1.0f32, f32::max);
    let of = |item: usize| Standing {
        freshness: match sorted.first() == sorted.last() {
            true => 0.0,
            false => sorted.partition_point(|&other| other < created[item]) as f32 / items.max(2) as f32,
        },
        // By logarithm: a handful of hits would leave everything else at zero.
        popularity: counts[item].ln_1p() / most.ln_1p(),
    };
    (0..items).map(of).collect()
}

fn open(tensors: &Tensors) -> Result<Arc<dyn Scorer>, Error> {
    Ok(Arc::new(SemanticModel::from_tensors(tensors)?))
}

/// The model of an artifact over the items as they are now: texts anew, everything learned as it was.
fn refresh_items(files: &ArtifactFiles, refresh: &ItemsRefresh) -> Result<Model, Error> {
    let ItemsRefresh { before, items, table, schema } = *refresh;
    let manifest = artifact::verify(files)?;
    let former = SemanticModel::from_tensors(&Tensors::from_safetensors(artifact::file(files, MODEL_FILE)?)?)?;
    let texts = texts(table, Some(schema), items);
    let model = former.with(&texts, |item| before.get(items.id(item as u32)).map(|former| former as usize));
    Ok(Model {
        tensors: model.to_tensors(),
        scorer: Arc::new(model),
        users_trained: manifest.counts.users_trained as usize,
        interactions_trained: manifest.counts.interactions_trained as usize,
        epochs: manifest.counts.epochs as usize,
        blend: None,
        held_out: Vec::new(),
    })
}

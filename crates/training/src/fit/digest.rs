//! The digest of everything that a training's result depends on: version, recipe, parameters, data, seed and threads.

use super::request::FitRequest;
use tastemaker_data::{ContextCounts, Dataset, IdMap, Table};
use tastemaker_learn::TrainContext;
use tastemaker_learn::checkpoints::PartName;

/// The digest of a training: equal for another attempt at the same one.
pub(super) fn of(request: &FitRequest, context: &TrainContext) -> String {
    let FitRequest { recipe, dataset, items, item_schema, users, contexts, config, tuning, .. } = request;
    let plan = tuning.map(|tuning| tuning.plan);
    let mut part = PartName::new("training")
        .text(recipe.descriptor.name)
        .text(&format!("{config:?} {plan:?} {item_schema:?}"))
        .numbers([context.seed, context.threads as u64, request.ease_items_max() as u64]);
    part = with_dataset(part, dataset);
    for table in [items, users] {
        part = match table {
            Some(table) => with_table(part, table),
            None => part.text("no table"),
        };
    }
    match contexts {
        Some(contexts) => with_contexts(part, contexts, &dataset.items),
        None => part,
    }
    .finish()
}

fn with_ids(part: PartName, ids: &IdMap) -> PartName {
    ids.iter().fold(part.numbers([ids.len() as u64]), PartName::text)
}

fn with_dataset(part: PartName, dataset: &Dataset) -> PartName {
    let part = [&dataset.users, &dataset.items, &dataset.event_types].into_iter().fold(part, with_ids);
    let offsets = dataset.offsets().iter().map(|&offset| offset as u64);
    let event_types = dataset.event_type_column().iter().map(|&event_type| u64::from(event_type));
    let orders = dataset.order_column().iter().map(|&order| u64::from(order));
    let part = part.numbers(offsets).indices(dataset.item_column()).times(dataset.time_column());
    let part = part.numbers(event_types).numbers(orders);
    part.values(dataset.value_column()).numbers(dataset.streamed_bits().iter().copied())
}

fn with_table(part: PartName, table: &Table) -> PartName {
    let mut part = with_ids(part, &table.ids);
    for (name, column) in &table.columns {
        part = part.text(name);
        for row in 0..table.ids.len() {
            part = part.text(&format!("{:?} {:?}", column.get(row), table.written(name, row)));
        }
    }
    part
}

fn with_contexts(part: PartName, contexts: &ContextCounts, items: &IdMap) -> PartName {
    let mut part = part.values(&contexts.events(items)).indices(&contexts.shown(items));
    for (key, counts) in contexts.counts(items) {
        let (indices, values): (Vec<u32>, Vec<f32>) = counts.into_iter().unzip();
        part = part.numbers([key]).indices(&indices).values(&values);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ring, ring_streamed_from};
    use tastemaker_data::table::Value;
    use tastemaker_data::{Column, TableBuilder};
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::{Cancel, NoCheckpoints};

    #[test]
    fn it_depends_on_data_metadata_parameters_recipe_seed_and_threads() {
        let cancel = Cancel::new();
        let context =
            TrainContext { seed: 1, threads: 2, cancel: &cancel, progress: &|_| {}, checkpoints: &NoCheckpoints };
        let recipe = |name| tastemaker_recipes::by_name(name).unwrap();
        let (dataset, other, config) = (ring(150, 12), ring(150, 13), SolutionConfig::default());
        let streamed = ring_streamed_from(150, 12, 1700);
        let mut changed = config.clone();
        changed.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
        let table = |price| {
            let mut table = TableBuilder::new(vec![("PRICE".to_owned(), Column::Number(Vec::new()))]);
            table.set("1", [Some(Value::Number(price))]);
            table.build()
        };
        let (table, dearer) = (table(1.0), table(1.5));
        let request = FitRequest::new(recipe("aws-user-personalization"), &dataset, &config);
        let digests = [
            of(&request, &context),
            of(&FitRequest { dataset: &other, ..request }, &context),
            of(&FitRequest { dataset: &streamed, ..request }, &context),
            of(&FitRequest { items: Some(&table), ..request }, &context),
            of(&FitRequest { items: Some(&dearer), ..request }, &context),
            of(&FitRequest { users: Some(&table), ..request }, &context),
            of(&FitRequest { config: &changed, ..request }, &context),
            of(&FitRequest { recipe: recipe("aws-hrnn"), ..request }, &context),
            of(&request, &TrainContext { seed: 2, ..context }),
            of(&request, &TrainContext { threads: 1, ..context }),
        ];
        let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len(), "{digests:?}");
        let again = ring(150, 12);
        let same = of(&FitRequest { dataset: &again, ..request }, &context);
        assert_eq!(digests[0], same);
    }
}

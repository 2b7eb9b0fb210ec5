//! Tests of segmentation models: the users in a segment, and the parameters that change it.

use super::*;
use tastemaker_data::{Column, DatasetBuilder, ItemIx, Table, TableBuilder, table::Value};
use tastemaker_domain::schema::Schema;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::Cancel;

/// Half the users take lamps and bulbs, half pots and pans; `u0` and `u1` have one lamp and one pot alone.
fn shop() -> Dataset {
    let mut builder = DatasetBuilder::new();
    for user in 0..80i64 {
        let kinds = if user % 2 == 0 { ["lamp", "bulb"] } else { ["pot", "pan"] };
        let events = if user < 2 { 1 } else { 6 };
        for k in 0..events {
            let item = format!("{}{}", kinds[(k % 2) as usize], (user + k) % 5);
            builder.push(&format!("u{user}"), &item, user * 10 + k, None, None);
        }
    }
    builder.add_item("new");
    builder.build()
}

fn table(rows: &[(&str, &str)]) -> Table {
    let mut table = TableBuilder::new(vec![("KIND".to_owned(), Column::Text(vec![]))]);
    rows.iter().for_each(|(id, kind)| table.set(id, [Some(Value::Text((*kind).into()))]));
    table.build()
}

fn items(dataset: &Dataset) -> Table {
    let kind = |id: &str| if id.starts_with('l') || id.starts_with('b') { "light|home" } else { "kitchen|home" };
    let rows: Vec<_> = dataset.items.iter().map(|id| (id, if id == "new" { "light" } else { kind(id) })).collect();
    table(&rows)
}

fn config() -> SolutionConfig {
    let mut config = SolutionConfig::default();
    config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    config
}

fn segmenter(recipe: &Recipe, request: TrainRequest) -> Segmenter {
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let model = recipe.train(&request, &context).unwrap();
    let files = recipe.write(&model, request.config, 1, ArtifactFiles::new()).unwrap();
    Segmenter::open(&files).unwrap()
}

use crate::artifact::ArtifactFiles;

/// The users by affinity.
fn ranked(segmenter: &Segmenter, dataset: &Dataset, users: Option<&Table>, wanted: &[f32]) -> Vec<String> {
    let mut scores: Vec<(f32, &str)> = dataset
        .sequences()
        .map(|(user, sequence)| {
            let (id, mut vector) = (dataset.users.id(user.0), Vec::new());
            segmenter.user(sequence.items, users, id, &mut vector);
            (vector.iter().zip(wanted).map(|(a, b)| a * b).sum(), id)
        })
        .collect();
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    scores.into_iter().map(|(_, id)| id.to_owned()).collect()
}

fn is_even(user: &str) -> bool {
    user[1..].parse::<u32>().is_ok_and(|n| n % 2 == 0)
}

#[test]
fn an_items_segment_are_those_of_its_taste() {
    let dataset = shop();
    let config = config();
    let segmenter = segmenter(&ITEM_AFFINITY, TrainRequest::new(&dataset, &config));
    assert!(!segmenter.is_by_attributes());
    for (item, even) in [("lamp0", true), ("pan3", false)] {
        let users = ranked(&segmenter, &dataset, None, &segmenter.item(dataset.item_ix(item).unwrap()));
        assert!(users[..20].iter().all(|user| is_even(user) == even), "{item}: {users:?}");
    }
    assert!(segmenter.item(ItemIx(9999)).iter().all(|&x| x == 0.0));
}

#[test]
fn metadata_places_items_that_nobody_took_and_users_with_short_histories() {
    let dataset = shop();
    let (config, items) = (config(), items(&dataset));
    let with = TrainRequest { items: Some(&items), ..TrainRequest::new(&dataset, &config) };
    let segments = segmenter(&ITEM_AFFINITY, with);
    let users = ranked(&segments, &dataset, None, &segments.item(dataset.item_ix("new").unwrap()));
    assert!(users[..30].iter().all(|user| is_even(user)), "{users:?}");

    let home: Vec<(String, &str)> =
        dataset.users.iter().map(|id| (id.to_owned(), if is_even(id) { "dark" } else { "bright" })).collect();
    let home: Vec<(&str, &str)> = home.iter().map(|(id, kind)| (id.as_str(), *kind)).collect();
    let table = table(&[&home[..], &[("stranger", "dark")]].concat());
    let with = TrainRequest { users: Some(&table), ..TrainRequest::new(&dataset, &config) };
    let segments = segmenter(&ITEM_AFFINITY, with);
    let affinity = |item: &str| {
        let mut vector = Vec::new();
        segments.user(&[], Some(&table), "stranger", &mut vector);
        let wanted = segments.item(dataset.item_ix(item).unwrap());
        vector.iter().zip(&wanted).map(|(a, b)| a * b).sum::<f32>()
    };
    assert!(affinity("lamp1") > affinity("pot1") + 0.02, "{} {}", affinity("lamp1"), affinity("pot1"));
}

#[test]
fn attributes_are_met_together_and_unknown_ones_are_named() {
    let dataset = shop();
    let (config, items) = (config(), items(&dataset));
    let request = TrainRequest { items: Some(&items), ..TrainRequest::new(&dataset, &config) };
    let segments = segmenter(&ITEM_ATTRIBUTE_AFFINITY, request);
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(c, v)| ((*c).to_owned(), (*v).to_owned())).collect()
    };
    let light = segments.attributes(&pairs(&[("kind", "light"), ("KIND", "home")])).unwrap();
    let users = ranked(&segments, &dataset, None, &light);
    assert!(users[..35].iter().all(|user| is_even(user)), "{users:?}");
    let refused = |wanted| segments.attributes(&pairs(wanted)).unwrap_err();
    assert_eq!(refused(&[("COLOUR", "red")]), Unknown::Column("COLOUR".into()));
    assert_eq!(
        refused(&[("KIND", "light"), ("KIND", "kitchen")]).to_string(),
        r#"no item of the training data has ITEMS.KIND = "light" AND ITEMS.KIND = "kitchen""#
    );
    assert_eq!(segments.groups(5).len(), 3);
}

#[test]
fn textual_and_reserved_columns_are_no_attributes_and_numbers_are_compared_as_such() {
    let schema = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
        {"name":"ABOUT","type":["null","string"],"textual":true},{"name":"PRICE","type":["null","double"]},
        {"name":"CREATION_TIMESTAMP","type":["null","long"]}]}"#;
    let schema = Schema::parse(schema, None).unwrap();
    assert!(!attributes::is_attribute("ABOUT", Some(&schema)) && attributes::is_attribute("PRICE", Some(&schema)));
    assert!(!attributes::is_attribute("CREATION_TIMESTAMP", None));
    let dataset = shop();
    let columns = vec![("PRICE".to_owned(), Column::Number(vec![]))];
    let mut table = TableBuilder::new(columns);
    table.set("lamp1", [Some(Value::Number(3.0))]);
    table.set("lamp2", [Some(Value::Number(2.5))]);
    let (table, config) = (table.build(), config());
    let request = TrainRequest { items: Some(&table), ..TrainRequest::new(&dataset, &config) };
    let attributes = Attributes::of(&request);
    for (text, item) in [("3", "lamp1"), ("3.0", "lamp1"), ("2.5", "lamp2")] {
        assert_eq!(attributes.items("price", text), [dataset.item_ix(item).unwrap()], "{text}");
    }
    assert!(attributes.items("PRICE", "").is_empty() && attributes.items("PRICE", "dear").is_empty());
}

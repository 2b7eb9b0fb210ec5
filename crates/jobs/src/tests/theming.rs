//! Batch inference in the mode THEME_GENERATION.

use super::*;
use crate::{LiveSettings, ThemePrompt, ThemeWriter};
use serde_json::{Value, json};

const TEXTS: &str = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
 {"name":"NAME","type":"string"},{"name":"KIND","type":["null","string"],"categorical":true},
 {"name":"ABOUT","type":["null","string"],"textual":true}]}"#;

/// A trained `aws-similar-items` over items of four kinds, six of each around the ring.
async fn similar() -> World {
    let world = World::new().await;
    let mut things: SchemaResource = world.get(&arn("schema/things")).await;
    things.text = TEXTS.to_owned();
    world.put(&things).await;
    let mut items = String::from("ITEM_ID,NAME,KIND,ABOUT\n");
    for n in 0..24 {
        let (kind, about) = [
            ("Hair|Care", "shampoo with organic almond oil"),
            ("Camping", "waterproof tent for two"),
            ("Tools", "cordless drill with a case"),
            ("Books", "stories of the sea"),
        ][n / 6];
        items += &format!("i{n},Thing {n},{kind},{about}\n");
    }
    world.upload("items.csv", &items).await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("items", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    world.train("v", "aws-similar-items", |_| {}).await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<SolutionVersion>(&arn("solution/s/v")).await.status, Status::Active);
    world
}

fn themed(job: &mut BatchInferenceJob) {
    job.mode = BatchInferenceMode::ThemeGeneration;
    job.theme_item_name = Some("NAME".into());
    job.num_results = 4;
}

async fn answers(world: &World, object: &str) -> Vec<Value> {
    world.object(object).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_has_a_theme_and_the_order_of_its_relevance() {
    let world = similar().await;
    let lines = ["{\"itemId\":\"i1\"}", "{\"itemId\":\"i8\"}", "nothing", "{\"userId\":\"u1\"}"];
    world.upload("in.json", &lines.join("\n")).await;
    let plain = world.infer("plain", "s3://bucket/in.json", |job| job.num_results = 4).await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<BatchInferenceJob>(&plain).await.status, Status::Active);
    let unordered = answers(&world, "out/in.json.out").await;
    let job = world.infer("themes", "s3://bucket/in.json", themed).await;
    world.run(&world.process("p")).await;
    let done: BatchInferenceJob = world.get(&job).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));
    let found = answers(&world, "out/in.json.out").await;
    assert_eq!(found.len(), 4);
    for (line, kind, words) in [(0, "Hair", "almond oil"), (1, "Camping", "waterproof tent")] {
        let output = &found[line]["output"];
        let theme = output["theme"].as_str().unwrap();
        assert!(theme.contains(kind) || theme.to_lowercase().contains(words), "{theme}");
        let scores: Vec<f64> =
            output["itemsThemeRelevanceScores"].as_array().unwrap().iter().map(|s| s.as_f64().unwrap()).collect();
        assert!(scores.len() == 4 && scores.is_sorted_by(|a, b| a >= b) && scores[0] > 0.1, "{scores:?}");
        let sorted = |value: &Value| {
            let mut items: Vec<String> = value.as_array().unwrap().iter().map(Value::to_string).collect();
            items.sort();
            items
        };
        assert_eq!(sorted(&output["recommendedItems"]), sorted(&unordered[line]["output"]["recommendedItems"]));
        assert_eq!((output.get("scores"), &found[line]["error"]), (None, &Value::Null));
        assert_eq!(unordered[line]["output"].get("theme"), None);
    }
    assert!(found[2]["error"].as_str().unwrap().contains("JSON") && found[2].get("output").is_none());
    assert!(found[3]["error"].as_str().unwrap().contains("itemId is required"));
    // The same input gives the same bytes.
    let before = world.object("out/in.json.out").await;
    world.infer("again", "s3://bucket/in.json", themed).await;
    world.run(&world.process("q")).await;
    assert_eq!(world.object("out/in.json.out").await, before);
}

/// Writes the number of a list's items, and fails for lists about tents.
struct Counting;

impl ThemeWriter for Counting {
    fn name(&self) -> String {
        "counting".to_owned()
    }

    fn write(&self, prompt: &ThemePrompt) -> Result<String, String> {
        match prompt.items.iter().filter(|item| item.categories.contains(&"Camping".to_owned())).count() {
            0 => Ok(format!("{} things, {}: {}", prompt.items.len(), prompt.items[0].name, prompt.items[0].text)),
            tents => Err(format!("{tents} tents are too many")),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_writes_the_themes_and_its_errors_are_those_of_their_lines() {
    let world = similar().await;
    world.upload("in.json", "{\"itemId\":\"i20\"}\n{\"itemId\":\"i8\"}\n").await;
    let job = world.infer("themes", "s3://bucket/in.json", themed).await;
    let mut process = world.process("p");
    process.theme_writer = Some(Arc::new(Counting));
    world.run(&process).await;
    assert_eq!(world.get::<BatchInferenceJob>(&job).await.status, Status::Active);
    let found = answers(&world, "out/in.json.out").await;
    let theme = found[0]["output"]["theme"].as_str().unwrap();
    assert!(theme.starts_with("4 things, Thing ") && theme.ends_with(": stories of the sea"), "{theme}");
    assert!(found[1]["error"].as_str().unwrap().ends_with("tents are too many"), "{}", found[1]);
    assert_eq!(found[1].get("output"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_named_later_writes_for_the_jobs_that_begin_then() {
    let world = similar().await;
    world.upload("in.json", "{\"itemId\":\"i20\"}\n").await;
    let mut process = world.process("p");
    let with = |theme_writer| LiveSettings { threads: 1, settings: process.settings.clone(), theme_writer };
    let writer = || Some(Arc::new(Counting) as Arc<dyn ThemeWriter>);
    let (live, receiver) = tokio::sync::watch::channel(with(None));
    let later = with(writer());
    process.live = Some(receiver);
    let is_counted = async || {
        let found = answers(&world, "out/in.json.out").await;
        found[0]["output"]["theme"].as_str().is_some_and(|theme| theme.starts_with("4 things, Thing "))
    };
    world.infer("before", "s3://bucket/in.json", themed).await;
    world.run(&process).await;
    assert!(!is_counted().await);
    live.send_replace(later);
    world.infer("after", "s3://bucket/in.json", themed).await;
    world.run(&process).await;
    assert!(is_counted().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_requests_and_a_column_that_is_gone_are_told() {
    let world = similar().await;
    let lines = |count: usize| "{\"itemId\":\"i1\"}\n".repeat(count);
    world.upload("many.json", &lines(101)).await;
    world.upload("enough.json", &lines(100)).await;
    type Change = fn(&mut BatchInferenceJob);
    let cases: [(&str, Change, &str); 2] = [
        ("many.json", themed, "many.json has more than 100 requests"),
        (
            "enough.json",
            |job| {
                themed(job);
                job.theme_item_name = Some("TITLE".into());
            },
            "has no column TITLE any more",
        ),
    ];
    for (n, (input, change, words)) in cases.into_iter().enumerate() {
        let job = world.infer(&n.to_string(), &format!("s3://bucket/{input}"), change).await;
        world.run(&world.process("p")).await;
        let failed: BatchInferenceJob = world.get(&job).await;
        assert_eq!(failed.status, Status::CreateFailed);
        assert!(failed.failure_reason.clone().unwrap().contains(words), "{:?}", failed.failure_reason);
    }
    let job = world.infer("enough", "s3://bucket/enough.json", themed).await;
    world.run(&world.process("p")).await;
    assert_eq!(world.get::<BatchInferenceJob>(&job).await.status, Status::Active);
    let found = answers(&world, "out/enough.json.out").await;
    assert_eq!((found.len(), found.iter().all(|line| line["output"] == found[0]["output"])), (100, true));
    assert_ne!(found[0]["output"]["theme"], json!(""));
}

//! Batch segment jobs, from a training to files of users.

use super::*;
use serde_json::{Value, json};
use tastemaker_domain::resource::{BatchSegmentJob, Filter};

const USERS: &str = r#"{"type":"record","name":"Users","fields":[{"name":"USER_ID","type":"string"},
 {"name":"AGE","type":["null","int"]}]}"#;
const KINDS: &str = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
 {"name":"KIND","type":["null","string"],"categorical":true}]}"#;

impl World {
    /// Asks for segments for the requests in the location; returns the job's ARN.
    pub async fn segment(&self, name: &str, input: &str, change: impl FnOnce(&mut BatchSegmentJob)) -> String {
        let location = |path: &str| S3Location { path: path.into(), kms_key_arn: None };
        let mut job = BatchSegmentJob {
            job_name: name.into(),
            arn: arn(&format!("batch-segment-job/{name}")),
            solution_version_arn: arn("solution/s/v"),
            dataset_group_arn: arn("dataset-group/shop"),
            filter_arn: None,
            num_results: 5,
            input: location(input),
            output: location("s3://bucket/out/"),
            role_arn: "role".into(),
            status: Status::CreatePending,
            failure_reason: None,
            created_ms: 1,
            updated_ms: 1,
        };
        change(&mut job);
        self.put(&job).await;
        self.job(JobKind::BatchSegment, &job.arn).await;
        job.arn
    }

    async fn schema(&self, name: &str, text: &str) -> String {
        let schema = SchemaResource {
            name: name.into(),
            arn: arn(&format!("schema/{name}")),
            text: text.into(),
            domain: None,
            created_ms: 1,
            updated_ms: 1,
        };
        self.put(&schema).await;
        schema.arn
    }
}

/// Even users take items of kind "even", odd ones "odd"; users have ages.
async fn world(recipe: &str) -> World {
    let world = World::new().await;
    let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n");
    let (mut items, mut users) = (String::from("ITEM_ID,KIND\n"), String::from("USER_ID,AGE\n"));
    for user in 0..110 {
        for k in 0..10 {
            let item = 2 * ((user / 2 + 3 * k) % 12) + user % 2;
            csv.push_str(&format!("u{user},i{item},{},view,\n", 1_600_000_000 + user * 10 + k));
        }
        users.push_str(&format!("u{user},{user}\n"));
    }
    (0..24).for_each(|k| items.push_str(&format!("i{k},{}|all\n", ["even", "odd"][k % 2])));
    let mut things: Dataset = world.get(&arn("dataset/shop/ITEMS")).await;
    things.schema_arn = world.schema("kinds", KINDS).await;
    world.put(&things).await;
    let people = Dataset {
        name: "people".into(),
        arn: arn("dataset/shop/USERS"),
        dataset_type: DatasetType::Users,
        schema_arn: world.schema("people", USERS).await,
        ..things
    };
    world.put(&people).await;
    for (name, dataset_type, text) in
        [("a", DatasetType::Interactions, &csv), ("b", DatasetType::Items, &items), ("c", DatasetType::Users, &users)]
    {
        world.upload(&format!("{name}.csv"), text).await;
        world.import(name, dataset_type, &format!("s3://bucket/{name}.csv"), ImportMode::Full).await;
    }
    world.run(&world.process("p")).await;
    train(&world, recipe).await;
    world
}

pub(super) async fn train(world: &World, recipe: &str) {
    let dimension = [("hidden_dimension".to_owned(), "32".to_owned())].into();
    world.train("v", recipe, |v| v.config.algorithm_hyper_parameters = dimension).await;
    world.run(&world.process("p")).await;
}

async fn lines(world: &World, key: &str) -> Vec<Value> {
    world.object(key).await.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The users of an answer, which is in the form of Personalize's files.
fn users(line: &Value) -> Vec<usize> {
    assert_eq!(members(line), ["error", "input", "output"], "{line}");
    assert_eq!(members(&line["output"]), ["recommendedUsers", "usersList"], "{line}");
    assert_eq!(line["output"]["recommendedUsers"], line["output"]["usersList"]);
    let list = line["output"]["usersList"].as_array().unwrap();
    list.iter().map(|user| user.as_str().unwrap()[1..].parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_for_every_item_with_filters_and_errors() {
    let world = world("aws-item-affinity").await;
    let version: SolutionVersion = world.get(&arn("solution/s/v")).await;
    assert_eq!((version.status, version.failure_reason), (Status::Active, None));
    assert_eq!(version.metrics.keys().collect::<Vec<_>>(), ["coverage", "hits_at_1_percent", "recall_at_1_percent"]);
    assert!(version.metrics["hits_at_1_percent"] >= version.baseline_metrics["hits_at_1_percent"]);
    // After the training, so that it is in no segment; the deleted user of before is not either.
    world.stream(&[event(1, "late", "i0")]).await;
    let ctx = world.process("p");
    world
        .upload("in.json", "{\"itemId\":\"i0\"}\n{\"itemId\":\"i1\"}\n{\"itemId\":\"none\"}\n{\"userId\":\"u1\"}\nx\n")
        .await;
    let job = world.segment("one", "s3://bucket/in.json", |job| job.num_results = 30).await;
    world.run(&ctx).await;
    let done: BatchSegmentJob = world.get(&job).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));
    let answers = lines(&world, "out/in.json.out").await;
    assert_eq!((users(&answers[0]).len(), answers.len(), &answers[0]["error"]), (30, 5, &Value::Null));
    assert!(users(&answers[0]).iter().all(|user| user % 2 == 0) && users(&answers[1]).iter().all(|user| user % 2 == 1));
    for (line, words) in answers[2..].iter().zip(["'none' was not in the training data", "itemId is required", "JSON"])
    {
        assert!(line["error"].as_str().unwrap().contains(words) && line.get("output").is_none(), "{line}");
    }

    let filter = Filter {
        name: "f".into(),
        arn: arn("filter/f"),
        dataset_group_arn: arn("dataset-group/shop"),
        expression: "INCLUDE UserID WHERE Users.AGE < $AGE".into(),
        status: Status::Active,
        failure_reason: None,
        created_ms: 1,
        updated_ms: 1,
    };
    world.put(&filter).await;
    let request = json!({"itemId": "i0", "filterValues": {"AGE": "20"}});
    world.upload("filtered.json", &format!("{request}\n{{\"itemId\":\"i0\"}}")).await;
    world.segment("two", "s3://bucket/filtered.json", |job| job.filter_arn = Some(arn("filter/f"))).await;
    world.run(&ctx).await;
    let answers = lines(&world, "out/filtered.json.out").await;
    assert_eq!(users(&answers[0]).len(), 5);
    assert!(users(&answers[0]).iter().all(|user| *user < 20 && user % 2 == 0), "{answers:?}");
    assert!(answers[1]["error"].as_str().unwrap().contains("AGE"), "{}", answers[1]);

    world.upload("many.json", &"{\"itemId\":\"i0\"}\n".repeat(501)).await;
    let job = world.segment("many", "s3://bucket/many.json", |_| {}).await;
    world.run(&ctx).await;
    let failed: BatchSegmentJob = world.get(&job).await;
    assert!(failed.failure_reason.unwrap().contains("many.json has more than 500 requests"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_for_every_description_of_items() {
    let world = world("aws-item-attribute-affinity").await;
    let ctx = world.process("p");
    let odd = json!({"itemAttributes": "ITEMS.kind = \"odd\" AND ITEMS.KIND = \"all\""});
    let colour = json!({"itemAttributes": "ITEMS.COLOUR = \"red\""});
    world.upload("in.json", &format!("{odd}\n{colour}\n{{\"itemId\":\"i0\"}}\n")).await;
    world.segment("one", "s3://bucket/in.json", |job| job.num_results = 20).await;
    world.run(&ctx).await;
    let answers = lines(&world, "out/in.json.out").await;
    assert_eq!(answers[0]["input"], odd);
    assert_eq!(users(&answers[0]).len(), 20);
    assert!(users(&answers[0]).iter().all(|user| user % 2 == 1));
    assert!(answers[1]["error"].as_str().unwrap().contains("ITEMS.COLOUR"), "{}", answers[1]);
    assert!(answers[2]["error"].as_str().unwrap().contains("itemAttributes is required"), "{}", answers[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_users_are_in_no_segment() {
    let world = world("aws-item-affinity").await;
    let ctx = world.process("p");
    world.upload("gone.csv", "USER_ID\nu0\nu2\n").await;
    world.delete_users("d", "s3://bucket/gone.csv").await;
    world.run(&ctx).await;
    world.upload("in.json", "{\"itemId\":\"i0\"}\n").await;
    world.segment("one", "s3://bucket/in.json", |job| job.num_results = 1000).await;
    world.run(&ctx).await;
    let named = users(&lines(&world, "out/in.json.out").await[0]);
    assert_eq!(named.len(), 108);
    assert!(!named.contains(&0) && !named.contains(&2));
}

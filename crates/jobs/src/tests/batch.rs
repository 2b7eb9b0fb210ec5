use super::*;
use serde_json::{Value, json};

async fn trained(recipe: &str) -> World {
    let world = World::new().await;
    world.upload("a.csv", &ring_csv(100, 10)).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/a.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let parameters = if recipe == "aws-user-personalization" { &[("hidden_dimension", "32")][..] } else { &[] };
    let map = parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let version = world.train("v", recipe, |v| v.config.algorithm_hyper_parameters = map).await;
    world.run(&world.process("p")).await;
    world.deploy(&version).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_for_every_line_in_order_with_errors_among_them() {
    let world = trained("aws-user-personalization").await;
    let ctx = world.process("p");
    world.run(&ctx).await;
    world.stream(&[event(1, "newcomer", "i3"), event(2, "newcomer", "i4")]).await;
    ctx.deployer.warm_up(&ctx).await.unwrap();

    let mut lines: Vec<String> = (0..1500).map(|n| format!("{{\"userId\": \"u{}\"}}", n % 100)).collect();
    lines[3] = r#"{"userId":"newcomer","context":{"DEVICE":"phone"}}"#.into();
    lines[4] = "not JSON".into();
    lines[5] = r#"{"itemId":"i1"}"#.into();
    lines[6] = r#"{"userId":7}"#.into();
    world.upload("in/users.json", &(lines.join("\r\n") + "\n\n")).await;
    world.upload("in/deep/one.json", r#"{"userId":"stranger"}"#).await;
    let job = world.infer("b", "s3://bucket/in/", |_| {}).await;
    world.run(&ctx).await;
    let done: BatchInferenceJob = world.get(&job).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));

    let output = world.object("out/users.json.out").await;
    let answers: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 1500);
    assert!(output.starts_with(r#"{"input":{"userId": "u0"},"output":{"recommendedItems":["#), "{}", &output[..80]);
    let live = |user: &str| -> Vec<String> { ask(&ctx, user).unwrap().items.into_iter().map(|i| i.item_id).collect() };
    for (n, user) in [(0, "u0"), (1, "u1"), (3, "newcomer"), (1499, "u99")] {
        assert_eq!(answers[n]["output"]["recommendedItems"], json!(live(user)), "as GetRecommendations answers {user}");
        assert_eq!((answers[n]["output"]["scores"].as_array().unwrap().len(), &answers[n]["error"]), (3, &Value::Null));
    }
    for (n, input, word) in [
        (4, json!("not JSON"), "JSON"),
        (5, json!({"itemId": "i1"}), "userId is required"),
        (6, json!({"userId": 7}), "userId"),
    ] {
        let answer = &answers[n];
        assert_eq!((&answer["input"], answer.get("output")), (&input, None));
        assert!(word == "userId" || answer["error"].as_str().unwrap().contains(word), "{answer}");
    }
    let stranger: Value = serde_json::from_str(&world.object("out/deep/one.json.out").await).unwrap();
    assert_eq!(stranger["output"]["recommendedItems"], json!(live("stranger")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_says_so() {
    let world = trained("aws-popularity-count").await;
    let ctx = world.process("p");
    world.upload("in.json", r#"{"userId":"u1"}"#).await;
    world.upload("long.json", &format!("{{\"userId\":\"u1\"}}\n{{\"userId\":\"{}\"}}", "x".repeat(70_000))).await;
    type Change = fn(&mut BatchInferenceJob);
    let cases: [(&str, Change, &str); 5] = [
        (
            "s3://bucket/in.json",
            |job| job.mode = BatchInferenceMode::ThemeGeneration,
            "THEME_GENERATION is not available",
        ),
        ("s3://bucket/in.json", |job| job.output.path = "s3://nowhere/".into(), "Invalid S3 output path"),
        ("s3://bucket/none/", |_| {}, "Invalid S3 input path. There is nothing"),
        ("s3://nowhere/in.json", |_| {}, "Invalid S3 input path. The bucket 'nowhere'"),
        ("s3://bucket/long.json", |_| {}, "long.json request 2"),
    ];
    for (n, (input, change, reason)) in cases.into_iter().enumerate() {
        let job = world.infer(&n.to_string(), input, change).await;
        world.run(&ctx).await;
        let failed: BatchInferenceJob = world.get(&job).await;
        assert_eq!(failed.status, Status::CreateFailed);
        assert!(failed.failure_reason.clone().unwrap().contains(reason), "{:?}", failed.failure_reason);
    }
    assert!(world.blobs_of_jobs().await.is_empty());
    let job = world.infer("good", "s3://bucket/in.json", |job| job.num_results = 2).await;
    world.run(&ctx).await;
    assert_eq!(world.get::<BatchInferenceJob>(&job).await.status, Status::Active);
    let answer: Value = serde_json::from_str(&world.object("out/in.json.out").await).unwrap();
    assert_eq!(answer["output"]["recommendedItems"].as_array().unwrap().len(), 2);
    assert_eq!(answer["output"].get("scores"), None, "popularity has no scores");
}

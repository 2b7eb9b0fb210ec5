use super::*;
use crate::recover;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;
use tastemaker_store::fault_injection::{Count, FailNth};

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
            "THEME_GENERATION needs an Items dataset and the column with names",
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

/// Requests of three blocks, some with errors.
fn three_blocks() -> String {
    let line = |n: usize| match n % 1000 {
        7 => "not JSON".to_owned(),
        _ => format!("{{\"userId\":\"u{}\"}}", n % 130),
    };
    (0..9000).map(|n| line(n) + "\n").collect()
}

async fn asked_for_three_blocks(recipe: &str) -> World {
    let world = trained(recipe).await;
    world.run(&world.process("p")).await;
    world.upload("in.json", &three_blocks()).await;
    world.infer("b", "s3://bucket/in.json", |_| {}).await;
    world
}

/// Dies at the put of a blob after so many: that call and every later one fails, as when the process is killed.
struct Killed {
    puts: Count,
    after: u64,
    dead: AtomicBool,
}

impl Killed {
    fn after(puts: u64) -> Arc<Self> {
        Arc::new(Self { puts: Count::default(), after: puts, dead: AtomicBool::new(false) })
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Hook for Killed {
    async fn before(&self, call: &'static str) -> Result<(), Error> {
        self.puts.before(call).await?;
        if self.puts.of("put") > self.after {
            self.dead.store(true, Ordering::SeqCst);
        }
        if self.is_dead() { Err(Error::Unavailable("killed".to_owned())) } else { Ok(()) }
    }

    async fn after(&self, _: &'static str) -> Result<(), Error> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_job_goes_on_behind_its_finished_blocks_to_the_same_output() {
    let undisturbed = asked_for_three_blocks("aws-user-personalization").await;
    let whole = Arc::new(Count::default());
    undisturbed.run(&undisturbed.hooked("p", whole.clone())).await;
    let expected = undisturbed.object("out/in.json.out").await;
    assert_eq!(expected.lines().count(), 9000);
    assert_eq!(whole.of("put"), 4, "a plan and three blocks");

    // The first put is the plan's, the others are those of finished blocks.
    for finished in 0..3 {
        let world = asked_for_three_blocks("aws-user-personalization").await;
        let hook = Killed::after(1 + finished);
        let doomed = world.hooked("doomed", hook.clone());
        world.run_until(&doomed, || hook.is_dead()).await;
        let kept = world.keys("unfinished/").await;
        assert_eq!(kept.len() as u64, 1 + finished, "{kept:?}");
        // What is streamed meanwhile is of a later time than the job's.
        world.stream(&[event(1, "u1", "i3"), event(2, "nobody", "i4")]).await;
        recover(&world.process("sweeper")).await.unwrap();
        let rest = Arc::new(Count::default());
        world.run(&world.hooked("next", rest.clone())).await;
        assert_eq!(world.object("out/in.json.out").await, expected, "after {finished} blocks");
        assert_eq!(rest.of("put"), 3 - finished, "no block is made twice");
        assert!(world.keys("unfinished/").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_another_input_are_made_anew() {
    let world = asked_for_three_blocks("aws-popularity-count").await;
    let hook = Killed::after(2);
    let doomed = world.hooked("doomed", hook.clone());
    world.run_until(&doomed, || hook.is_dead()).await;
    world.blobs.delete("s3/in.json").await.unwrap();
    world.upload("in.json", "{\"userId\":\"u1\"}\n").await;
    world.run(&world.process("next")).await;
    assert_eq!(world.object("out/in.json.out").await.lines().count(), 1);
    assert!(world.keys("unfinished/").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_the_block_that_met_it() {
    let undisturbed = asked_for_three_blocks("aws-popularity-count").await;
    undisturbed.run(&undisturbed.process("p")).await;
    let world = asked_for_three_blocks("aws-popularity-count").await;
    // The third put is that of the second block.
    let full = Arc::new(FailNth::of("put", 3, Strike::Before));
    world.run(&world.hooked("p", full.clone())).await;
    assert!(full.struck());
    let done: BatchInferenceJob = world.get(&arn("batch-inference-job/b")).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None));
    assert_eq!(world.object("out/in.json.out").await, undisturbed.object("out/in.json.out").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_may_be_packed() {
    let world = trained("aws-popularity-count").await;
    let ctx = world.process("p");
    let text = "{\"userId\":\"u1\"}\n{\"userId\":\"u2\"}\n";
    let gzip = |text: &str| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        writer.finish().unwrap()
    };
    world.upload("in/plain.json", text).await;
    world.upload_bytes("in/packed.json.gz", gzip(text)).await;
    world.infer("b", "s3://bucket/in/", |_| {}).await;
    world.run(&ctx).await;
    let plain = world.object("out/plain.json.out").await;
    assert_eq!(plain.lines().count(), 2);
    assert_eq!(world.object("out/packed.json.gz.out").await, plain);

    let mut cut = gzip(text);
    cut.truncate(20);
    world.upload_bytes("cut.json.gz", cut).await;
    let job = world.infer("cut", "s3://bucket/cut.json.gz", |_| {}).await;
    world.run(&ctx).await;
    let failed: BatchInferenceJob = world.get(&job).await;
    let reason = failed.failure_reason.unwrap();
    assert!(reason.starts_with("cut.json.gz: the gzip data is damaged or ends early"), "{reason}");
}

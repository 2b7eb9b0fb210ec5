use super::*;
use crate::attribution::count;
use std::collections::HashMap;
use tastemaker_domain::resource::{MetricAttribute, MetricAttribution, StreamedRow};
use tastemaker_store::records::{AttributedValue, AttributionCursor};

const NOW_S: i64 = 1_700_000_000;

async fn counting(metrics: &[(&str, &str)]) -> (World, MetricAttribution) {
    let world = World::new().await;
    let metric = |(name, expression): &(&str, &str)| MetricAttribute {
        event_type: "View".into(),
        metric_name: (*name).into(),
        expression: (*expression).into(),
    };
    let attribution = MetricAttribution {
        name: "worth".into(),
        arn: arn("metric-attribution/worth"),
        dataset_group_arn: arn("dataset-group/shop"),
        metrics: metrics.iter().map(metric).collect(),
        role_arn: "role".into(),
        output: Some(S3Location { path: "s3://bucket/metrics/".into(), kms_key_arn: None }),
        status: Status::Active,
        failure_reason: None,
        created_ms: 1,
        updated_ms: 1,
    };
    world.put(&attribution).await;
    let cursor = records::put_attribution_cursor(&attribution.arn, &AttributionCursor::default()).unwrap();
    world.records.commit(vec![], vec![cursor]).await.unwrap();
    (world, attribution)
}

fn from(source: Option<&str>, n: usize, item: &str, value: f32, time_s: i64) -> InteractionEvent {
    let mut event = event(n, "u", item);
    (event.timestamp_s, event.event_value) = (time_s, Some(value));
    event.properties = source.map(|s| ("EVENT_ATTRIBUTION_SOURCE".to_owned(), s.to_owned())).into_iter().collect();
    event
}

fn shown(values: &[AttributedValue]) -> Vec<String> {
    let mut shown: Vec<_> = values.iter().map(|v| format!("{} {} {}", v.metric, v.source, v.value)).collect();
    shown.sort();
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_events_count_once_over_restarts() {
    let metrics = [("n", "SAMPLECOUNT()"), ("v", "SUM(Interactions.EVENT_VALUE)"), ("s", "SUM(Items.STOCK)")];
    let (world, attribution) = counting(&metrics).await;
    let mut schema: SchemaResource = world.get(&arn("schema/things")).await;
    schema.text = schema.text.replace(r#"{"name":"NAME""#, r#"{"name":"STOCK","type":["null","int"]},{"name":"NAME""#);
    world.put(&schema).await;
    let row = StreamedRow { id: "i1".into(), columns: [("STOCK".into(), "4".into())].into(), received_ms: 1 };
    let stream = records::rows_stream(&arn("dataset/shop/ITEMS"));
    world.events.append(&stream, vec![records::encode_row("r".into(), &row).unwrap()]).await.unwrap();
    world
        .stream(&[
            from(Some("mail"), 1, "i1", 0.5, NOW_S),
            from(Some("mail"), 2, "i2", 0.25, NOW_S),
            from(None, 3, "i1", 1.0, NOW_S + 900),
            from(Some("mail"), 4, "i1", 9.0, NOW_S - 15 * 86_400),
        ])
        .await;
    let ctx = world.process("p");
    let mut items = HashMap::new();
    count(&ctx, &mut items).await.unwrap();
    count(&ctx, &mut items).await.unwrap();
    let windows = records::attribution_windows(&*world.records, &attribution.arn).await.unwrap();
    let windows: Vec<_> = windows.iter().map(|(start, values)| (*start, shown(values))).collect();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let start = NOW_S - NOW_S % 900;
    let nobody = "SOURCE_NAME_UNDEFINED";
    assert_eq!(
        windows,
        [
            (start, words(&["n mail 2", "s mail 4", "v mail 0.75"])),
            (start + 900, vec![format!("n {nobody} 1"), format!("s {nobody} 4"), format!("v {nobody} 1")]),
        ]
    );

    // Another process goes on where the first was killed, at any change of the storage.
    for (n, strike) in [(5, Strike::Before), (6, Strike::After)] {
        world.stream(&[from(Some("mail"), n, "i1", 0.5, NOW_S)]).await;
        let doomed = world.hooked("doomed", Die::at(1, strike));
        assert!(count(&doomed, &mut HashMap::new()).await.is_err());
        count(&world.process("next"), &mut HashMap::new()).await.unwrap();
    }
    let (_, cursor) = records::load_attribution_cursor(&*world.records, &attribution.arn).await.unwrap().unwrap();
    let total = shown(&cursor.totals);
    assert!(total.contains(&"n mail 4".to_owned()) && total.contains(&"v mail 1.75".to_owned()), "{total:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_publishes_its_numbers_and_adds_them_when_it_is_incremental() {
    let (world, attribution) = counting(&[("views", "SAMPLECOUNT()")]).await;
    let ctx = world.process("p");
    let csv = |time_s: i64| {
        let rows = (0..1000).map(|n| format!("u{},i{},{},view,\n", n % 50, n % 20, time_s + n % 2));
        format!("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n{}", rows.collect::<String>())
    };
    world.upload("new.csv", &csv(NOW_S)).await;
    for (name, mode) in [("full", ImportMode::Full), ("incremental", ImportMode::Incremental)] {
        let import = world.import(name, DatasetType::Interactions, "s3://bucket/new.csv", mode).await;
        let mut record: DatasetImportJob = world.get(&import).await;
        record.publish_attribution_metrics_to_s3 = true;
        world.put(&record).await;
        world.run(&ctx).await;
        let done: DatasetImportJob = world.get(&import).await;
        assert_eq!((done.status, done.failure_reason), (Status::Active, None), "{name}");
        let (_, cursor) = records::load_attribution_cursor(&*world.records, &attribution.arn).await.unwrap().unwrap();
        let expected =
            if mode == ImportMode::Full { vec![] } else { vec!["views SOURCE_NAME_UNDEFINED 1000".to_owned()] };
        assert_eq!(shown(&cursor.totals), expected, "{name}");
    }
    let objects = objects::list(&*world.records, "bucket", "metrics/").await.unwrap();
    assert!(!objects.is_empty());
    for object in objects {
        let name = object.key.strip_prefix("metrics/AggregatedAttributionMetrics - BULK - ").unwrap();
        assert!(name.strip_suffix(".csv").unwrap().parse::<i64>().unwrap() >= NOW_S, "{name}");
        let start = NOW_S - NOW_S % 900;
        assert_eq!(
            world.object(&object.key).await,
            format!(
                "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n\
                 VIEWS,VIEW,1000.0,samplecount,SOURCE_NAME_UNDEFINED,{start}\n"
            )
        );
    }
}

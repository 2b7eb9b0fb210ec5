//! Metric attributions.

use super::*;
use crate::Page;
use crate::metric_attributions::{self, MetricAttributionChange, MetricsOutput, NewMetricAttribution};
use tastemaker_domain::resource::{MetricAttribute, MetricAttribution, S3Location};
use tastemaker_domain::tags::Tags;

pub fn metric(name: &str, expression: &str) -> MetricAttribute {
    MetricAttribute { metric_name: name.into(), event_type: "Buy".into(), expression: expression.into() }
}

fn output(path: Option<&str>) -> MetricsOutput {
    let destination = path.map(|path| S3Location { path: path.into(), kms_key_arn: None });
    MetricsOutput { role_arn: "role".into(), destination }
}

pub fn new(world: &World, name: &str, metrics: Vec<MetricAttribute>) -> NewMetricAttribution {
    let dataset_group_arn = world.arn("dataset-group/shop");
    NewMetricAttribution { name: name.into(), dataset_group_arn, metrics, output: output(None) }
}

#[tokio::test]
async fn one_in_a_group_with_metrics_that_can_be_counted() {
    let world = World::new();
    let dataset = world.shop().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let create = async |name: &str, metrics| metric_attributions::create(ctx, caller, new(&world, name, metrics)).await;
    for (metrics, words) in [
        (vec![], &["1 to 10", "not 0"][..]),
        ((0..11).map(|n| metric(&n.to_string(), "SAMPLECOUNT()")).collect(), &["1 to 10", "not 11"]),
        (vec![metric("a", "COUNT()")], &["metrics.1.member.expression", "COUNT()", "SAMPLECOUNT()"]),
        (vec![metric("a", "SAMPLECOUNT()"), metric("a", "SAMPLECOUNT()")], &["metrics.2.member.metricName", "'a'"]),
        (vec![metric("a", "SUM(Items.PRICE)")], &["ITEMS", "does not have"]),
        (vec![metric("a", "SUM(Interactions.DEVICE)")], &["numeric", "string"]),
        (vec![metric("a", "SUM(Interactions.NONE)")], &["'NONE'"]),
        (vec![metric("", "SAMPLECOUNT()")], &["metricName", "empty"]),
    ] {
        refused(create("worth", metrics).await, "InvalidInput", words);
    }
    let made = create("worth", vec![metric("n", "SAMPLECOUNT()"), metric("v", "sum(interactions.event_value)")]).await;
    let made = made.expect("an attribution");
    assert_eq!((made.arn.as_str(), made.status), (world.arn("metric-attribution/worth").as_str(), Status::Active));
    assert_eq!(metric_attributions::describe(ctx, &made.arn).await.as_ref(), Ok(&made));
    let other = create("other", vec![metric("n", "SAMPLECOUNT()")]).await;
    refused(other, "AlreadyExists", &[&made.arn, "at most one"]);
    refused(create("worth", vec![metric("n", "SAMPLECOUNT()")]).await, "AlreadyExists", &[&made.arn]);

    let group = world.arn("dataset-group/shop");
    let listed = metric_attributions::list(ctx, caller, Some(&group), Page::default()).await.expect("a list").items;
    assert_eq!(listed, std::slice::from_ref(&made));
    let page = |next_token| Page { max_results: 1, next_token };
    let first = metric_attributions::list_metrics(ctx, &made.arn, page(None)).await.expect("a page");
    let second = metric_attributions::list_metrics(ctx, &made.arn, page(first.next_token)).await.expect("a page");
    let names = [&first.items[0].metric_name, &second.items[0].metric_name];
    assert_eq!((names, second.next_token), ([&"n".to_owned(), &"v".to_owned()], None));

    crate::datasets::delete(ctx, &dataset.arn).await.expect("deleted");
    refused(crate::dataset_groups::delete(ctx, &group).await, "InUse", &[&made.arn]);
    metric_attributions::delete(ctx, &made.arn).await.expect("deleted");
    refused(metric_attributions::describe(ctx, &made.arn).await, "NotFound", &[&made.arn]);
    for prefix in records::attribution_keys(&made.arn) {
        assert!(ctx.stores.records.scan(&prefix, None, 1).await.expect("read").is_empty());
    }
    crate::dataset_groups::delete(ctx, &group).await.expect("deleted");
}

#[tokio::test]
async fn updates_remove_then_add() {
    let world = World::new();
    world.shop().await;
    let ctx = &world.ctx;
    let made = new(&world, "worth", vec![metric("n", "SAMPLECOUNT()"), metric("m", "SAMPLECOUNT()")]);
    let made = metric_attributions::create(ctx, &world.caller, made).await.expect("an attribution");
    let update = async |add: Vec<MetricAttribute>, remove: &[&str], output| {
        let remove = remove.iter().map(|name| (*name).to_owned()).collect();
        metric_attributions::update(ctx, &made.arn, MetricAttributionChange { add, remove, output }).await
    };
    refused(update(vec![metric("n", "SAMPLECOUNT()")], &[], None).await, "AlreadyExists", &["addMetrics.1", "'n'"]);
    refused(update(vec![], &["x"], None).await, "InvalidInput", &["removeMetrics", "'x'"]);
    refused(update(vec![], &["n", "m"], None).await, "InvalidInput", &["1 to 10"]);
    refused(update(vec![metric("o", "MAX()")], &[], None).await, "InvalidInput", &["addMetrics.1", "MAX()"]);
    refused(update(vec![], &[], Some(output(Some("x")))).await, "InvalidInput", &["metricsOutputConfig", "'x'"]);
    world.tick();
    let changed = vec![metric("n", "SUM(Interactions.NUM_RATINGS)")];
    let after: MetricAttribution = update(changed, &["n"], Some(output(Some("s3://b/m/")))).await.expect("updated");
    let names: Vec<_> = after.metrics.iter().map(|m| (m.metric_name.as_str(), m.expression.as_str())).collect();
    assert_eq!(names, [("m", "SAMPLECOUNT()"), ("n", "SUM(Interactions.NUM_RATINGS)")]);
    assert_eq!(after.output.map(|o| o.path).as_deref(), Some("s3://b/m/"));
    assert!(after.updated_ms > made.updated_ms && after.created_ms == made.created_ms);
}

#[tokio::test]
async fn imports_publish_only_where_there_is_a_place_for_it() {
    let world = World::new();
    let dataset = world.shop().await;
    let (ctx, caller) = (&world.ctx, &world.caller);
    let import = async || {
        let new = NewImportJob {
            job_name: "a".into(),
            dataset_arn: dataset.arn.clone(),
            data_location: "s3://bucket/clicks.csv".into(),
            role_arn: None,
            import_mode: ImportMode::Full,
            publish_attribution_metrics_to_s3: true,
            tags: Tags::default(),
        };
        crate::import_jobs::create(ctx, caller, new).await
    };
    refused(import().await, "InvalidInput", &["publishAttributionMetricsToS3", "no metric attribution"]);
    let made = new(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
    let made = metric_attributions::create(ctx, caller, made).await.expect("an attribution");
    refused(import().await, "InvalidInput", &[&made.arn, "s3DataDestination"]);
    let change = MetricAttributionChange { output: Some(output(Some("s3://b/m/"))), ..Default::default() };
    metric_attributions::update(ctx, &made.arn, change).await.expect("updated");
    assert!(import().await.expect("an import").publish_attribution_metrics_to_s3);
}

#[tokio::test]
async fn events_from_before_do_not_count() {
    let world = World::new();
    let dataset = world.shop().await;
    let stream = records::interactions_stream(&dataset.dataset_group_arn);
    let event = |n: usize| tastemaker_store::NewEvent { id: n.to_string(), body: "x".into() };
    let positions = world.ctx.stores.events.append(&stream, (0..2_500).map(event).collect()).await.expect("stored");
    let new = new(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
    let made = metric_attributions::create(&world.ctx, &world.caller, new).await.expect("an attribution");
    let cursor = records::load_attribution_cursor(&*world.ctx.stores.records, &made.arn).await.expect("read");
    assert_eq!(cursor.map(|(_, cursor)| cursor.position), positions.last().copied());
}

#[tokio::test]
async fn without_event_types_there_is_nothing_to_count() {
    let world = World::new();
    world.group("shop").await.expect("a group");
    let create = async || {
        let new = new(&world, "worth", vec![metric("n", "SAMPLECOUNT()")]);
        metric_attributions::create(&world.ctx, &world.caller, new).await
    };
    refused(create().await, "InvalidInput", &["datasetGroupArn", "Interactions dataset", "EVENT_TYPE"]);
    let bare = r#"{"type":"record","name":"Interactions","fields":[{"name":"USER_ID","type":"string"},
        {"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}]}"#;
    world.schema("bare", bare).await.expect("a schema");
    world.dataset("shop", "bare", DatasetType::Interactions).await.expect("a dataset");
    refused(create().await, "InvalidInput", &["datasetGroupArn", "Interactions dataset", "EVENT_TYPE"]);
}

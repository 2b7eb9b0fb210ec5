//! Streamed items and users.

use super::*;
use crate::rows::{self, NewRow, PutRows};
use tastemaker_domain::resource::StreamedRow;
use tastemaker_store::records::{decode_row, rows_stream};

const USERS: &str = r#"{"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema",
 "fields":[{"name":"USER_ID","type":"string"},{"name":"AGE","type":"int"},
 {"name":"MEMBERSHIP_STATUS","type":["null","string"],"categorical":true}],"version":"1.0"}"#;

async fn shop() -> (World, Dataset) {
    let world = World::new();
    world.shop().await;
    world.schema("things", ITEMS).await.expect("a schema");
    let items = world.dataset("shop", "things", DatasetType::Items).await.expect("a dataset");
    (world, items)
}

fn row(id: &str, properties: &str) -> NewRow {
    NewRow { id: id.into(), properties: (!properties.is_empty()).then(|| properties.into()) }
}

fn items(dataset: &Dataset, rows: Vec<NewRow>) -> PutRows {
    PutRows { dataset_arn: dataset.arn.clone(), dataset_type: DatasetType::Items, rows }
}

async fn stored(world: &World, dataset: &Dataset) -> Vec<StreamedRow> {
    let stream = rows_stream(&dataset.arn);
    let read = world.ctx.stores.events.read(&stream, 0, 1000).await.expect("read");
    read.iter().map(|e| decode_row(&stream, e).expect("a row")).collect()
}

#[tokio::test]
async fn rows_are_kept_in_order_and_shown() {
    let (world, dataset) = shop().await;
    rows::put(&world.ctx, items(&dataset, vec![row("a", r#"{"genres":"x|y"}"#), row("b", "")])).await.expect("kept");
    world.tick();
    rows::put(&world.ctx, items(&dataset, vec![row("a", r#"{"GENRES":null}"#)])).await.expect("kept");
    let kept = stored(&world, &dataset).await;
    let seen: Vec<_> = kept.iter().map(|r| (r.id.as_str(), r.columns.get("GENRES").map(String::as_str))).collect();
    assert_eq!(seen, [("a", Some("x|y")), ("b", None), ("a", None)]);
    assert_eq!(kept[2].received_ms, kept[0].received_ms + 1);
    let observed = world.observed_rows.lock().expect("not poisoned").clone();
    assert_eq!(observed.iter().map(|(_, _, row)| row.clone()).collect::<Vec<_>>(), kept);
    assert!(
        observed
            .iter()
            .all(|(group, kind, _)| *group == world.arn("dataset-group/shop") && *kind == DatasetType::Items)
    );

    world.schema("people", USERS).await.expect("a schema");
    let people = world.dataset("shop", "people", DatasetType::Users).await.expect("a dataset");
    let put = PutRows {
        dataset_arn: people.arn.clone(),
        dataset_type: DatasetType::Users,
        rows: vec![row("u", r#"{"age":"41","membershipStatus":"gold"}"#)],
    };
    rows::put(&world.ctx, put).await.expect("kept");
    assert_eq!(stored(&world, &people).await[0].columns["AGE"], "41");
}

#[tokio::test]
async fn refusals_name_the_row_and_keep_nothing() {
    let (world, dataset) = shop().await;
    let good = || row("good", "");
    let put = |rows| rows::put(&world.ctx, items(&dataset, rows));
    refused(put(vec![]).await, "InvalidInput", &["'items'", "1 to 10", "not 0"]);
    refused(put(vec![good(); 11]).await, "InvalidInput", &["'items'", "not 11"]);
    refused(put(vec![good(), row("", "")]).await, "InvalidInput", &["'items.2.member.itemId'", "1 to 256"]);
    refused(put(vec![good(), row(&"i".repeat(257), "")]).await, "InvalidInput", &["items.2.member.itemId", "257"]);
    let bad = put(vec![good(), row("b", r#"{"genres":{}}"#)]).await;
    refused(bad, "InvalidInput", &["'items.2.member.properties'", "flat", "'genres'"]);
    assert!(stored(&world, &dataset).await.is_empty());
    assert!(world.observed_rows.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn datasets_must_exist_fit_and_be_active() {
    let (world, dataset) = shop().await;
    let put = |dataset_arn: String, dataset_type| {
        rows::put(&world.ctx, PutRows { dataset_arn, dataset_type, rows: vec![row("a", "")] })
    };
    refused(put("x".into(), DatasetType::Items).await, "InvalidInput", &["datasetArn"]);
    let unknown = world.arn("dataset/none/ITEMS");
    refused(put(unknown.clone(), DatasetType::Items).await, "NotFound", &[&unknown]);
    refused(put(dataset.arn.clone(), DatasetType::Users).await, "InvalidInput", &["type ITEMS", "takes USERS"]);
    world.end(&dataset, Status::CreatePending).await;
    refused(put(dataset.arn.clone(), DatasetType::Items).await, "InUse", &[&dataset.arn, "CREATE PENDING"]);
}

#[tokio::test]
async fn a_deleted_dataset_takes_its_rows_along() {
    let (world, dataset) = shop().await;
    rows::put(&world.ctx, items(&dataset, vec![row("a", "")])).await.expect("kept");
    crate::datasets::delete(&world.ctx, &dataset.arn).await.expect("deleted");
    assert!(stored(&world, &dataset).await.is_empty());
}

use super::*;
use tastemaker_data::table::Value;
use tastemaker_domain::resource::{StreamedRow, TimeMs};

const HEADER: &str = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\n";

async fn exported(world: &World, dataset_type: DatasetType, mode: IngestionMode, key: &str) -> String {
    let name = format!("{}-{}", dataset_type.as_str(), mode.as_str());
    let export = world.export(&name, dataset_type, mode, "s3://bucket/out").await;
    world.run(&world.process("p")).await;
    let done: DatasetExportJob = world.get(&export).await;
    assert_eq!((done.status, done.failure_reason), (Status::Active, None), "{name}");
    world.object(key).await
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_by_the_way_they_came_and_each_once() {
    let world = World::new().await;
    let csv = ring_csv(100, 10);
    // The last line twice: 1001 rows, 1000 records.
    let last = csv.lines().last().unwrap();
    world.upload("in.csv", &format!("{csv}{last}\n")).await;
    world.import("one", DatasetType::Interactions, "s3://bucket/in.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let imported: Vec<&str> = last.split(',').collect();
    let mut same = event(1, imported[0], imported[1]);
    (same.timestamp_s, same.event_value) = (imported[2].parse().unwrap(), Some(3.7));
    let mut other = event(2, "ann, \"the first\"", "i1");
    other.event_value = Some(0.1);
    world.stream(&[same, other, event(3, "bob", "i2")]).await;

    let bulk = exported(&world, DatasetType::Interactions, IngestionMode::Bulk, "out/clicks-1.csv").await;
    assert_eq!(bulk, csv);
    let put = exported(&world, DatasetType::Interactions, IngestionMode::Put, "out/clicks-1.csv").await;
    let streamed = "\"ann, \"\"the first\"\"\",i1,1700000002,view,0.1\nbob,i2,1700000003,view,\n";
    assert_eq!(put, format!("{HEADER}{last}\n{streamed}"));
    let all = exported(&world, DatasetType::Interactions, IngestionMode::All, "out/clicks-1.csv").await;
    assert_eq!(all, format!("{csv}{streamed}"));

    // What was exported imports to the same records.
    world.import("two", DatasetType::Interactions, "s3://bucket/out/", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    let again = exported(&world, DatasetType::Interactions, IngestionMode::Bulk, "out/clicks-1.csv").await;
    assert_eq!((again, world.interactions().await.bulk_rows), (all, 1002));
    assert_eq!(world.blobs_of_jobs().await.len(), 1, "replaced objects leave no bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_items_the_newest_record_whatever_way_it_came() {
    let world = World::new().await;
    let stream = records::rows_stream(&arn("dataset/shop/ITEMS"));
    let put = async |n: u32, id: &str, name: &str, received_ms| {
        let columns = [("NAME".to_owned(), name.to_owned())].into();
        let row = StreamedRow { id: id.into(), columns, received_ms };
        world.events.append(&stream, vec![records::encode_row(n.to_string(), &row).unwrap()]).await.unwrap();
    };
    put(1, "i1", "streamed before the import", 0).await;
    put(2, "i4", "streamed alone", 0).await;
    world.upload("items.csv", "ITEM_ID,NAME\ni1,imported\ni2,imported\ni3,old\ni3,imported\n").await;
    world.import("one", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    world.run(&world.process("p")).await;
    put(3, "i2", "streamed after the import", 5).await;
    put(4, "i2", "streamed last", 6).await;

    let all = exported(&world, DatasetType::Items, IngestionMode::All, "out/things-1.csv").await;
    assert_eq!(all, "ITEM_ID,NAME\ni4,streamed alone\ni1,imported\ni3,imported\ni2,streamed last\n");
    let put = exported(&world, DatasetType::Items, IngestionMode::Put, "out/things-1.csv").await;
    assert_eq!(put.lines().count(), 5, "{put}");
    let bulk = exported(&world, DatasetType::Items, IngestionMode::Bulk, "out/things-1.csv").await;
    assert_eq!(bulk, "ITEM_ID,NAME\ni1,imported\ni2,imported\ni3,old\ni3,imported\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_of_a_clock_that_ran_ahead_outrank_nothing() {
    const AHEAD_MS: TimeMs = 2_000_000_000_000;
    let world = World::new().await;
    let ctx = world.process("p");
    let stream = records::rows_stream(&arn("dataset/shop/ITEMS"));
    let put = async |n: u32, id: &str, name: &str, received_ms| {
        let columns = [("NAME".to_owned(), name.to_owned())].into();
        let row = StreamedRow { id: id.into(), columns, received_ms };
        world.events.append(&stream, vec![records::encode_row(n.to_string(), &row).unwrap()]).await.unwrap();
    };
    let now = async || {
        let found = crate::tables::load(&ctx, &arn("dataset-group/shop"), DatasetType::Items).await.unwrap().unwrap();
        let name = |id: &str| {
            let row = found.table.ids.get(id).unwrap() as usize;
            match found.table.column("NAME").and_then(|column| column.get(row)) {
                Some(Value::Text(name)) => name.to_string(),
                other => panic!("{other:?}"),
            }
        };
        let exported = exported(&world, DatasetType::Items, IngestionMode::All, "out/things-1.csv").await;
        let mut lines: Vec<String> = exported.lines().skip(1).map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, [format!("i1,{}", name("i1")), format!("i2,{}", name("i2"))], "both readers agree");
        [name("i1"), name("i2")]
    };
    put(1, "i1", "streamed ahead", AHEAD_MS).await;
    world.upload("items.csv", "ITEM_ID,NAME\ni1,imported\ni2,imported\n").await;
    // Created while the clock ran ahead, and worked on afterwards.
    let job = world.import("one", DatasetType::Items, "s3://bucket/items.csv", ImportMode::Full).await;
    let mut import: DatasetImportJob = world.get(&job).await;
    import.created_ms = AHEAD_MS;
    world.put(&import).await;
    world.run(&ctx).await;
    let mut items: Dataset = world.get(&arn("dataset/shop/ITEMS")).await;
    assert!(items.bulk_imported_ms[0] < AHEAD_MS / 10 * 9, "{:?}", items.bulk_imported_ms);
    assert_eq!(now().await, ["imported", "imported"]);
    put(2, "i2", "streamed", items.bulk_imported_ms[0] + 1).await;
    assert_eq!(now().await, ["imported", "streamed"]);
    // As earlier builds, and imports that ended while the clock ran ahead, have it.
    items.bulk_imported_ms = vec![AHEAD_MS];
    world.put(&items).await;
    assert_eq!(now().await[1], "streamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_earlier_export_do_not_stay_beside_those_of_the_next() {
    let world = World::new().await;
    exported(&world, DatasetType::Items, IngestionMode::All, "out/things-1.csv").await;
    let (_, mut old) = objects::find(&*world.records, "bucket", "out/things-1.csv").await.unwrap().unwrap();
    world.upload("out/things-2024.csv", "a customer's own").await;
    for (key, blob) in [("out/things-2.csv", "s3/1-left"), ("out/things-2.csv.bak", "s3/bak")] {
        world.blobs.put(blob, "x".into()).await.unwrap();
        (old.key, old.blob) = (key.into(), blob.into());
        world.records.put_json(&object_record_key("bucket", key), &old).await.unwrap();
    }
    exported(&world, DatasetType::Items, IngestionMode::Put, "out/things-1.csv").await;
    let objects = objects::list(&*world.records, "bucket", "out/").await.unwrap();
    let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["out/things-1.csv", "out/things-2.csv.bak", "out/things-2024.csv"]);
    assert!(!world.keys("s3/").await.contains(&"s3/1-left".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_export_says_why() {
    let world = World::new().await;
    let nowhere = world.export("a", DatasetType::Items, IngestionMode::All, "s3://elsewhere/out/").await;
    let gone = world.export("b", DatasetType::Users, IngestionMode::All, "s3://bucket/out/").await;
    world.run(&world.process("p")).await;
    for (job, words) in [(nowhere, ["Invalid S3 output path", "'elsewhere'"]), (gone, ["USERS", "not exist"])] {
        let failed: DatasetExportJob = world.get(&job).await;
        let reason = failed.failure_reason.unwrap();
        assert_eq!(failed.status, Status::CreateFailed);
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
    }
    assert!(world.blobs_of_jobs().await.is_empty());
}

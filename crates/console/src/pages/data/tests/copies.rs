//! Times as dates, files of other formats, copies that take long, buckets, and exports.

use super::{SCHEMA_PATH, ask, config, csv, dataset, form_of, full, get, post, router, safe};
use crate::pages::data::tests::world::World;
use axum::Router;
use axum::body::{Body, Bytes};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{Request, StatusCode};
use std::sync::Arc;
use tastemaker_domain::csv_columns::{ColumnRole, FileFormat, TimeFormat};
use tastemaker_domain::dataset_statistics::StreamedStatistics;
use tastemaker_wire::Operation;

#[tokio::test]
async fn dates_become_seconds_in_the_copy_and_the_page_says_so() {
    let world = Arc::new(World::default());
    let mut found = csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"]);
    (found.format, found.separator, found.is_utf_16) = (FileFormat::JsonLines, None, false);
    found.columns[2].role = ColumnRole::Timestamp;
    found.columns[2].time_format = Some(TimeFormat::Iso8601);
    *world.inspected.lock() = Some(Ok(found));
    let page = get(&world, SCHEMA_PATH).await;
    safe(&page);
    for said in ["The file is JSON Lines", "The times of timestamp (Year-month-day (ISO 8601)) become seconds", "UTC"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let form = form_of(&page.body, "import");
    assert_eq!(post(&world, &form).await.status, StatusCode::SEE_OTHER);
    let rewrite = world.rewritten.lock().clone().unwrap();
    assert_eq!(rewrite.times, [("timestamp".to_owned(), TimeFormat::Iso8601)]);
    assert_eq!(rewrite.columns, ["user_id", "item_id", "timestamp"]);
    // Whoever knows better says that they are seconds.
    let as_they_are: Vec<_> = form
        .into_iter()
        .map(|(name, value)| if name == "time-2" { (name, String::new()) } else { (name, value) })
        .collect();
    *world.rewritten.lock() = None;
    assert_eq!(post(&world, &as_they_are).await.status, StatusCode::SEE_OTHER);
    assert_eq!(*world.rewritten.lock(), None, "there is nothing to copy");
}

async fn send(router: &Router, method: &str, path: &str, body: &str) -> super::Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    ask(router.clone(), request).await
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_takes_long_has_a_page_and_may_be_given_up() {
    let world = Arc::new(World::default());
    *world.is_slow.lock() = true;
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let router = router(&world, config(false, 1 << 20));
    let fields = form_of(&send(&router, "GET", SCHEMA_PATH, "").await.body, "import");
    let encode = crate::cx::segment;
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let answer = send(&router, "POST", "/g/shop/data/import", &body.join("&")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let path = answer.location().strip_prefix("/console").unwrap().to_owned();
    assert!(path.starts_with("/g/shop/data/preparing/"), "{path}");
    let page = send(&router, "GET", &path, "").await;
    assert_eq!(page.status, StatusCode::OK);
    safe(&page);
    assert!(page.body.contains("4 B / 10 B") && page.body.contains("topics=preparation"), "{}", page.body);
    assert_eq!(send(&router, "GET", &path.replace("/shop/", "/other/"), "").await.status, 422, "another group's");
    let cancelled = send(&router, "POST", &format!("{path}/cancel"), "").await;
    assert_eq!(cancelled.location(), format!("/console{path}"));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let page = send(&router, "GET", &path, "").await;
    assert!(page.body.contains("The copy was given up") && page.body.contains("Back to the form"), "{}", page.body);
    assert!(!page.body.contains("topics=preparation"), "it is over");
    assert!(world.called(Operation::CreateDatasetImportJob).is_empty());
    let gone = send(&router, "GET", "/g/shop/data/preparing/none", "").await;
    assert!(gone.status == 422 && gone.body.contains("not known any more"), "{}", gone.body);
}

#[tokio::test(start_paused = true)]
async fn a_copy_goes_on_after_a_restart_at_the_same_address() {
    let world = Arc::new(World::default());
    *world.is_slow.lock() = true;
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let before = router(&world, config(false, 1 << 20));
    let fields = form_of(&send(&before, "GET", SCHEMA_PATH, "").await.body, "import");
    let encode = crate::cx::segment;
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let answer = send(&before, "POST", "/g/shop/data/import", &body.join("&")).await;
    let path = answer.location().strip_prefix("/console").unwrap().to_owned();
    assert_eq!((world.plans.0.lock().len(), world.called(Operation::CreateDatasetImportJob).len()), (1, 0));

    // Where nobody may change anything, it waits.
    let closed = router(&world, config(true, 1 << 20));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(send(&closed, "GET", &path, "").await.status, 422);

    *world.is_slow.lock() = false;
    let after = router(&world, config(false, 1 << 20));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let page = send(&after, "GET", &path, "").await;
    assert!(page.body.contains("/g/shop/data/imports/"), "{}", page.body);
    assert_eq!((world.plans.0.lock().len(), world.called(Operation::CreateDatasetImportJob).len()), (0, 1));
    assert_eq!(world.called(Operation::CreateSchema).len(), 1);

    // One whose import had begun is not imported again, and what cannot be read is forgotten.
    *world.import.lock() = super::job("ACTIVE", "");
    let plan = |work: &str| {
        format!(r#"{{"group":"shop","location":"s3://b/a/","form":"/","language":"en","key_id":"K","work":{work}}}"#)
    };
    let begun = plan(r#"{"Readable":{"job":"one","name":"one-rest-1"}}"#);
    world.plans.0.lock().extend([("a".to_owned(), begun), ("b".to_owned(), "{".to_owned())]);
    let again = router(&world, config(false, 1 << 20));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let page = send(&again, "GET", "/g/shop/data/preparing/a", "").await;
    assert!(page.body.contains("one-rest-1"), "{}", page.body);
    assert_eq!((world.plans.0.lock().len(), world.called(Operation::CreateDatasetImportJob).len()), (0, 1));
}

#[tokio::test]
async fn buckets_are_walked_to_a_folder_or_a_file() {
    let world = Arc::new(World::default());
    let page = get(&world, "/g/shop/data/buckets").await;
    assert!(page.body.contains("There is no bucket"), "{}", page.body);
    for key in ["lake/2024/05/a.csv", "lake/2024/05/<b>.parquet", "lake/top.csv", "other/x.csv"] {
        world.objects.lock().insert(key.to_owned(), Bytes::from_static(b"abc"));
    }
    let page = get(&world, "/g/shop/data/buckets?type=ITEMS").await;
    assert!(page.body.contains("bucket=lake&amp;prefix=") && page.body.contains("other/"), "{}", page.body);
    let page = get(&world, "/g/shop/data/buckets?type=ITEMS&bucket=lake&prefix=").await;
    assert!(page.body.contains("prefix=2024%2F") && page.body.contains("top.csv"), "{}", page.body);
    let page = get(&world, "/g/shop/data/buckets?type=ITEMS&bucket=lake&prefix=2024%2F05%2F").await;
    safe(&page);
    for said in [
        "schema?type=ITEMS&amp;location=s3%3A%2F%2Flake%2F2024%2F05%2F\"",
        "schema?type=ITEMS&amp;location=s3%3A%2F%2Flake%2F2024%2F05%2Fa.csv\"",
        "&lt;b&gt;.parquet",
        "3 B",
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    for n in 0..250 {
        world.objects.lock().insert(format!("many/{n:03}.csv"), Bytes::new());
    }
    let page = get(&world, "/g/shop/data/buckets?bucket=many").await;
    assert!(page.body.contains("from=200\">More<") && page.body.contains("199.csv") && !page.body.contains("200.csv"));
    let page = get(&world, "/g/shop/data/buckets?bucket=many&from=200").await;
    assert!(page.body.contains("249.csv") && !page.body.contains(">More<"), "{}", page.body);
}

#[tokio::test]
async fn exports_are_begun_and_downloaded() {
    let world = full();
    let key = "tastemaker-exports/shop/INTERACTIONS/export-1/part 0.csv";
    world.objects.lock().insert(key.to_owned(), Bytes::from_static(b"USER_ID\nu\n"));
    world.objects.lock().insert("tastemaker-exports/shop/secret.csv".to_owned(), Bytes::from_static(b"no"));
    let page = get(&world, "/g/shop/data/INTERACTIONS").await;
    safe(&page);
    let link = "/g/shop/data/exports/export-1/file?key=shop%2FINTERACTIONS%2Fexport-1%2Fpart%200.csv";
    assert!(page.body.contains(link) && page.body.contains("Streamed rows"), "{}", page.body);
    let file = get(&world, link).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, "USER_ID\nu\n"));
    assert_eq!(file.headers[CONTENT_DISPOSITION], "attachment; filename=\"part_0.csv\"");
    for other in ["shop%2Fsecret.csv", "shop%2FINTERACTIONS%2Fexport-1%2Fnone.csv", ""] {
        let path = format!("/g/shop/data/exports/export-1/file?key={other}");
        assert_eq!(get(&world, &path).await.status, StatusCode::NOT_FOUND, "{other}");
    }
    let router = router(&world, config(false, 1 << 20));
    let answer = send(&router, "POST", "/g/shop/data/INTERACTIONS/exports", "mode=BULK").await;
    assert_eq!(answer.location(), "/console/g/shop/data/INTERACTIONS#exports");
    let made = &world.called(Operation::CreateDatasetExportJob)[0];
    let path = made["jobOutput"]["s3DataDestination"]["path"].as_str().unwrap();
    assert_eq!(path, "s3://tastemaker-exports/shop/INTERACTIONS/interactions-1700000000/");
    assert_eq!(made["ingestionMode"], "BULK");
    let answer = send(&router, "GET", "/g/shop/data/INTERACTIONS/exports", "").await;
    assert_eq!(answer.location(), "/console/g/shop/data/INTERACTIONS#exports");
}

#[tokio::test]
async fn streamed_events_are_told_of_with_their_insights() {
    let world = full();
    let mut dataset = dataset();
    dataset["datasetArn"] = "arn:aws:personalize:us-east-1:000000000000:dataset/shop/INTERACTIONS".into();
    *world.datasets.lock() = vec![dataset];
    *world.streamed.lock() = Some(StreamedStatistics {
        events: 1_234,
        timed: 1_000,
        late: 100,
        last_received_ms: Some(1_700_000_000_000 - 30 * 3_600_000),
        event_types: [("<b>View".to_owned(), 1_234)].into(),
        ..StreamedStatistics::default()
    });
    let page = get(&world, "/g/shop/data/INTERACTIONS").await;
    safe(&page);
    for said in ["id=\"stale\"", "for 30 hours", "id=\"late-events\"", "100 streamed events", "&lt;b&gt;View: 1,234"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let page = get(&world, "/g/shop/data").await;
    assert!(page.body.contains("Last streamed event") && page.body.contains("2023-11-13"), "{}", page.body);
}

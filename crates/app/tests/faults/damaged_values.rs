//! Single events and records that cannot be read, and databases with damaged pages.

use crate::process::*;
use serde_json::json;
use std::fs;
use tastemaker_backend_sql::{SqliteEvents, SqliteRecords};
use tastemaker_store::{Events, NewEvent, Records, Write, records};

#[tokio::test]
async fn a_damaged_event_is_passed_over_and_told() {
    let data = shop();
    let stream = records::interactions_stream(&arn("dataset-group", "shop"));
    {
        let events = SqliteEvents::open(data.path().join("events.sqlite")).await.expect("open");
        let damaged = NewEvent { id: "damaged".to_owned(), body: "no event".into() };
        events.append(&stream, vec![damaged]).await.expect("append");
    }
    let server = Process::start(data.path());
    for campaign in ["popular", "similar", "personal"] {
        assert_eq!(server.recommend(campaign).0, 200, "{campaign}");
    }
    let log = server.log();
    assert!(log.contains("events.sqlite") && log.contains(&format!("{stream} at position 14")), "{log}");
    let metrics = server.get("/metrics");
    assert!(metrics.contains("tastemaker_damaged_values_total{kind=\"event\"} 1"), "{metrics}");
    assert_eq!(server.export("export").0, "ACTIVE", "jobs pass over it, too");
    drop(server);
    let (whole, said) = check(data.path());
    assert!(!whole && said.contains("at position 14 (event damaged)"), "{said}");
    survived("damaged event", "passed over, counted, logged with file, stream and position");
}

#[tokio::test]
async fn a_damaged_record_stops_nothing_but_its_resource() {
    let data = shop();
    {
        let records = SqliteRecords::open(data.path().join("records.sqlite")).await.expect("open");
        let key = format!("campaign/{}", arn("campaign", "similar"));
        let write = Write::Put { key, value: "{\"v\":1,".into() };
        records.commit(Vec::new(), vec![write]).await.expect("commit");
    }
    let server = Process::start(data.path());
    assert_eq!((server.recommend("popular").0, server.recommend("personal").0), (200, 200));
    let listed = server.control("ListCampaigns", &json!({}));
    assert_eq!(listed["campaigns"].as_array().map(Vec::len), Some(2), "{listed}");
    assert!(server.log().contains("records.sqlite"), "{}", server.log());
    let metrics = server.get("/metrics");
    assert!(metrics.contains("tastemaker_damaged_values_total{kind=\"record\"} 1"), "{metrics}");
    survived("damaged record", "the other resources are listed and answer");
}

#[test]
fn a_damaged_database_is_named_with_the_way_out() {
    for name in ["records.sqlite", "events.sqlite"] {
        let data = shop();
        let file = data.path().join(name);
        let mut bytes = fs::read(&file).expect("read");
        bytes.chunks_mut(4096).skip(1).for_each(|page| page[..64].fill(0xa5));
        fs::write(&file, bytes).expect("write");
        let Err(log) = Process::try_start(data.path(), &[], None) else { panic!("{name}: it started") };
        assert!(
            log.contains(&file.display().to_string()) && log.contains("put a backup of the file in its place"),
            "{log}"
        );
        let (whole, said) = check(data.path());
        assert!(!whole && said.contains(&format!("{}: damaged", file.display())), "{said}");
    }
    survived("damaged SQLite pages", "the start names the file and the way out; nothing is deleted");
}

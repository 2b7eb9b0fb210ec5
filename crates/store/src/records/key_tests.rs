//! Names under which things are stored: a data directory of a released version has them, so that they never change.

use super::*;
use crate::{MemoryRecords, Precondition, Stores};
use std::time::Duration;
use tastemaker_domain::resource::{DatasetGroup, Solution};

const SCHEMA: &str = include_str!("../../tests/records/v1/schema.json");
const GROUP: &str = include_str!("../../tests/records/v1/dataset-group.json");
const SOLUTION: &str = include_str!("../../tests/records/v1/solution-tuned.json");

#[test]
fn keys_and_streams_have_their_names() {
    for (name, expected) in [
        (key::<DatasetGroup>("arn"), "dataset-group/arn"),
        (interactions_stream("arn"), "interactions/arn"),
        (action_interactions_stream("arn"), "action-interactions/arn"),
        (rows_stream("arn"), "rows/arn"),
        (tags_key("arn"), "tags/arn"),
        (tracking_id_key("id"), "tracking-id/id"),
        (action_tracking_id_key("id"), "action-tracking-id/id"),
        (guard_key("schemas", "arn:aws:personalize:r:1:"), "guard/schemas/arn:aws:personalize:r:1:"),
    ] {
        assert_eq!(name, expected);
    }
    let put = Write::Put { key: "a".into(), value: Bytes::new() };
    assert_eq!((put.key(), delete::<DatasetGroup>("arn").key()), ("a", "dataset-group/arn"));
    let conditions = [
        Precondition::Absent("a".into()),
        Precondition::Version("b".into(), 1),
        Precondition::Exists("c".into()),
        Precondition::NoneWithPrefix("d".into()),
    ];
    assert_eq!(conditions.each_ref().map(Precondition::key), ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn lists_are_whole_raw_and_counted() {
    let records = MemoryRecords::new();
    let group: DatasetGroup = decode("k", GROUP.trim_end().as_bytes()).expect("a group");
    let other = DatasetGroup { arn: format!("{}-2", group.arn), created_ms: 7, ..group.clone() };
    let schema = Write::Put { key: "schema/s".into(), value: SCHEMA.trim_end().into() };
    let writes = vec![put(&group).expect("a write"), put(&other).expect("a write"), schema];
    records.commit(Vec::new(), writes).await.expect("committed");

    let whole = list_whole::<DatasetGroup>(&records).await.expect("list");
    assert_eq!(whole.into_iter().map(|(_, group)| group.arn).collect::<Vec<_>>(), [&*group.arn, &*other.arn]);
    let raw = raw_under::<DatasetGroup>(&records, &group.arn).await.expect("list");
    let listed: Vec<_> = raw.iter().map(|raw| (raw.id(), raw.created_ms)).collect();
    assert_eq!(listed, [(&*group.arn, group.created_ms), (&*other.arn, 7)]);
    assert_eq!(count_under::<DatasetGroup>(&records, "").await.expect("count"), 2);
    assert_eq!(count_under::<DatasetGroup>(&records, &other.arn).await.expect("count"), 1);

    let damaged = Write::Put { key: key::<DatasetGroup>("damaged"), value: "{".into() };
    records.commit(Vec::new(), vec![damaged]).await.expect("committed");
    assert!(matches!(list_whole::<DatasetGroup>(&records).await, Err(Error::Corrupt(_))));
    assert_eq!(list::<DatasetGroup>(&records).await.expect("list").len(), 2);
    assert_eq!(raw_under::<DatasetGroup>(&records, "").await.expect("list").len(), 2);
}

#[test]
fn an_objective_is_read_as_it_was_written() {
    let solution = |objective: &str| {
        let config = format!("\"config\":{{\"objective\":{objective},");
        decode::<Solution>("k", SOLUTION.trim_end().replace("\"config\":{", &config).as_bytes())
    };
    let read = solution(r#"["PRICE","LOW"]"#).expect("a solution");
    let objective = read.config.objective.clone().expect("an objective");
    assert_eq!((objective.item_attribute.as_str(), objective.sensitivity.as_str()), ("PRICE", "LOW"));
    let written = String::from_utf8(encode(&read).expect("written")).expect("text");
    assert!(written.contains(r#""objective":["PRICE","LOW"]"#), "{written}");
    assert!(solution(r#"["PRICE","MUCH"]"#).is_err_and(|error| error.to_string().contains("no sensitivity 'MUCH'")));
}

#[tokio::test]
async fn a_committed_transaction_notifies() {
    let stores = Stores::in_memory();
    let decided = stores.transact(|tx| async move {
        tx.notify("jobs");
        Ok::<_, Error>(5)
    });
    assert_eq!(decided.await.expect("committed"), 5);
    let heard = stores.wakeups.wait("jobs", Duration::from_secs(60));
    tokio::time::timeout(Duration::from_secs(5), heard).await.expect("the channel was notified");
}

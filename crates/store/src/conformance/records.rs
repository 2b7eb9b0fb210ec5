//! The promises of [`Records`].

use std::sync::Arc;

use bytes::Bytes;

use crate::{Error, Precondition, Records, RecordsExt, Result, Write};

/// Runs every check, each on a store of its own; then once more through `Arc<Arc<dyn Records>>`.
pub async fn run_all(factory: impl AsyncFn() -> Arc<dyn Records>) {
    commits_are_read_at_once(&*factory().await).await;
    scans_are_ordered_pages_of_a_prefix(&*factory().await).await;
    counts_are_those_of_a_prefix(&*factory().await).await;
    preconditions_decide(&*factory().await).await;
    a_failed_batch_writes_nothing(&*factory().await).await;
    versions_never_repeat(&*factory().await).await;
    values_and_keys_are_opaque(&*factory().await).await;
    later_writes_of_a_batch_win(&*factory().await).await;
    one_of_many_rivals_wins(factory().await).await;
    increments_are_not_lost(factory().await).await;
    typed_access_round_trips(&*factory().await).await;
    commits_are_read_at_once(&Arc::new(factory().await)).await;
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { key: key.to_owned(), value: Bytes::copy_from_slice(value.as_bytes()) }
}

fn delete(key: &str) -> Write {
    Write::Delete { key: key.to_owned() }
}

async fn value(records: &dyn Records, key: &str) -> Option<String> {
    let found = records.get(key).await.unwrap()?;
    Some(String::from_utf8(found.value.to_vec()).unwrap())
}

async fn keys(records: &dyn Records, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    records.scan(prefix, after, limit).await.unwrap().into_iter().map(|(key, _)| key).collect()
}

#[track_caller]
fn assert_conflict(result: Result<()>, expected: &str) {
    match result {
        Err(Error::Conflict(key)) => assert_eq!(key, expected, "a conflict names its key"),
        other => panic!("expected a conflict about {expected}, found {other:?}"),
    }
}

async fn commits_are_read_at_once(records: &dyn Records) {
    assert_eq!(value(records, "a").await, None);
    records.commit(vec![], vec![put("a", "1"), put("b", "2")]).await.unwrap();
    assert_eq!(value(records, "a").await.as_deref(), Some("1"));
    assert_eq!(value(records, "b").await.as_deref(), Some("2"));
    records.commit(vec![], vec![put("a", "3"), delete("b"), delete("never there")]).await.unwrap();
    assert_eq!(value(records, "a").await.as_deref(), Some("3"));
    assert_eq!(value(records, "b").await, None);
    records.commit(vec![], vec![]).await.unwrap();
}

async fn scans_are_ordered_pages_of_a_prefix(records: &dyn Records) {
    let names = ["p", "p/", "p/a", "p/a+b", "p/a/b", "p/é", "p/\u{10FFFF}", "p/\u{10FFFF}x", "p0", "q/a", "P/a", "o"];
    records.commit(vec![], names.iter().map(|name| put(name, name)).collect()).await.unwrap();
    let under = ["p/", "p/a", "p/a+b", "p/a/b", "p/é", "p/\u{10FFFF}", "p/\u{10FFFF}x"];
    assert_eq!(keys(records, "p/", None, 100).await, under);
    assert_eq!(keys(records, "p/", None, 2).await, under[..2]);
    assert_eq!(keys(records, "p/", Some("p/a"), 2).await, under[2..4]);
    assert_eq!(keys(records, "p/", Some("p/a+a"), 1).await, ["p/a+b"], "`after` need not exist");
    assert_eq!(keys(records, "p/", Some("a"), 1).await, ["p/"], "`after` may lie before the prefix");
    assert_eq!(keys(records, "p/", Some("p/"), 1).await, ["p/a"], "`after` may be the prefix itself");
    assert!(keys(records, "p/", Some("z"), 9).await.is_empty(), "`after` may lie behind the prefix");
    assert!(keys(records, "p/", None, 0).await.is_empty());
    assert_eq!(keys(records, "p/\u{10FFFF}", None, 9).await, under[5..], "the last character has no successor");
    let mut all = names.map(str::to_owned).to_vec();
    all.sort();
    assert_eq!(keys(records, "", None, 100).await, all);
    for wild in ["%", "_", "p_", "*", "'"] {
        assert!(keys(records, wild, None, 9).await.is_empty(), "{wild} is no pattern");
    }
}

async fn counts_are_those_of_a_prefix(records: &dyn Records) {
    assert_eq!(records.count("").await.unwrap(), 0);
    let many: Vec<Write> = (0..2_000).map(|n| put(&format!("p/{n:04}"), "x")).collect();
    records.commit(vec![], many).await.unwrap();
    records.commit(vec![], vec![put("p", "1"), put("q/1", "1"), put("p/\u{10FFFF}", "1")]).await.unwrap();
    for (prefix, count) in [("p/", 2_001), ("p/0", 1_000), ("p/1", 1_000), ("q", 1), ("r", 0), ("", 2_003)] {
        assert_eq!(records.count(prefix).await.unwrap(), count, "{prefix:?}");
    }
}

async fn preconditions_decide(records: &dyn Records) {
    use Precondition::{Absent, Exists, NoneWithPrefix, Version};
    let key = || "k/1".to_owned();
    records.commit(vec![Absent(key()), NoneWithPrefix("k/".into())], vec![put("k/1", "1")]).await.unwrap();
    let version = records.get("k/1").await.unwrap().unwrap().version;

    assert_conflict(records.commit(vec![Absent(key())], vec![]).await, "k/1");
    assert_conflict(records.commit(vec![NoneWithPrefix("k/".into())], vec![]).await, "k/");
    assert_conflict(records.commit(vec![Version(key(), version + 1)], vec![]).await, "k/1");
    assert_conflict(records.commit(vec![Version("k/2".into(), version)], vec![]).await, "k/2");
    assert_conflict(records.commit(vec![Exists("k/2".into())], vec![]).await, "k/2");
    assert_conflict(records.commit(vec![Exists(key()), Absent("x".into()), Exists("y".into())], vec![]).await, "y");

    let all = vec![Exists(key()), Version(key(), version), NoneWithPrefix("k0".into()), NoneWithPrefix("l".into())];
    records.commit(all, vec![put("k/1", "2")]).await.unwrap();
    assert_conflict(records.commit(vec![Version(key(), version)], vec![]).await, "k/1");
    records.commit(vec![Exists(key())], vec![delete("k/1")]).await.unwrap();
    records.commit(vec![Absent(key()), NoneWithPrefix("k".into())], vec![]).await.unwrap();
}

async fn a_failed_batch_writes_nothing(records: &dyn Records) {
    records.commit(vec![], vec![put("a", "1"), put("gone", "1")]).await.unwrap();
    let writes = vec![put("a", "2"), put("b", "2"), delete("gone")];
    assert_conflict(records.commit(vec![Precondition::Exists("c".into())], writes).await, "c");
    assert_eq!(value(records, "a").await.as_deref(), Some("1"));
    assert_eq!(value(records, "b").await, None);
    assert_eq!(value(records, "gone").await.as_deref(), Some("1"));
}

async fn versions_never_repeat(records: &dyn Records) {
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        records.commit(vec![], vec![put("a", "same")]).await.unwrap();
        let version = records.get("a").await.unwrap().unwrap().version;
        assert_eq!(records.scan("a", None, 1).await.unwrap()[0].1.version, version, "scan and get agree");
        assert!(seen.insert(version), "version {version} came back after a delete");
        records.commit(vec![], vec![delete("a")]).await.unwrap();
    }
}

async fn values_and_keys_are_opaque(records: &dyn Records) {
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for key in ["empty", "with space", "a%2Fb", "../x", "quote'\"", "ключ", "line\nbreak"] {
        for body in [Bytes::new(), Bytes::from(bytes.clone())] {
            records.commit(vec![], vec![Write::Put { key: key.into(), value: body.clone() }]).await.unwrap();
            assert_eq!(records.get(key).await.unwrap().unwrap().value, body, "{key}");
        }
    }
}

async fn later_writes_of_a_batch_win(records: &dyn Records) {
    records.commit(vec![], vec![put("a", "1"), put("a", "2"), put("b", "1"), delete("b")]).await.unwrap();
    assert_eq!(value(records, "a").await.as_deref(), Some("2"));
    assert_eq!(value(records, "b").await, None);
}

async fn one_of_many_rivals_wins(records: Arc<dyn Records>) {
    let rivals = (0..20).map(|rival| {
        let records = records.clone();
        tokio::spawn(async move {
            let absent = vec![Precondition::Absent("lease".into())];
            records.commit(absent, vec![put("lease", &rival.to_string())]).await
        })
    });
    let rivals: Vec<_> = rivals.collect();
    let mut winners = 0;
    for rival in rivals {
        match rival.await.unwrap() {
            Ok(()) => winners += 1,
            refused => assert_conflict(refused, "lease"),
        }
    }
    assert_eq!(winners, 1);
}

async fn increments_are_not_lost(records: Arc<dyn Records>) {
    const TASKS: u64 = 8;
    const ROUNDS: u64 = 5;
    records.put_json("n", &0u64).await.unwrap();
    let task = |records: Arc<dyn Records>| async move {
        for _ in 0..ROUNDS {
            loop {
                let (version, n): (u64, u64) = records.require_json("n").await.unwrap();
                let next = vec![crate::put_json("n", &(n + 1)).unwrap()];
                match records.commit(vec![Precondition::Version("n".into(), version)], next).await {
                    Ok(()) => break,
                    refused => assert_conflict(refused, "n"),
                }
            }
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(task(records.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(records.require_json::<u64>("n").await.unwrap().1, TASKS * ROUNDS);
}

async fn typed_access_round_trips(records: &dyn Records) {
    let writes = (0..2_345).map(|n| crate::put_json(format!("page/{n:05}"), &n).unwrap());
    records.commit(vec![], writes.collect()).await.unwrap();
    let all = records.scan_all_json::<u32>("page/").await.unwrap();
    assert!(all.iter().map(|(_, _, n)| *n).eq(0..2_345), "every page, once, in order");
    assert!(records.scan_all("nothing/").await.unwrap().is_empty());
    assert!(matches!(records.require_json::<u32>("absent").await, Err(Error::NotFound(key)) if key == "absent"));
    assert!(
        matches!(records.get_json::<String>("page/00001").await, Err(Error::Corrupt(what)) if what.contains("page/00001"))
    );
}

use super::*;
use crate::tests::{Door, NOW_S, now};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn expired(door: &Door, at: SystemTime) -> (usize, usize) {
    let Expired { uploads, objects } = expire(door.records.clone(), door.blobs.clone(), at).await.expect("expire");
    (uploads, objects)
}

async fn begin(door: &Door, key: &str) -> String {
    let reply = door.ask("POST", &format!("/shop/{key}?uploads="), &[], b"").await;
    let id = reply.text.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>")).expect("an id").0;
    let part = format!("/shop/{key}?partNumber=1&uploadId={id}");
    assert_eq!(door.ask("PUT", &part, &[], b"part").await.status, 200);
    id.to_owned()
}

async fn set_rules(door: &Door, rules: &str) -> String {
    let body = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    let md5 = {
        use base64::Engine;
        use md5::Digest;
        base64::prelude::BASE64_STANDARD.encode(md5::Md5::digest(body.as_bytes()))
    };
    door.ask("PUT", "/shop?lifecycle=", &[("content-md5", &md5)], body.as_bytes()).await.code()
}

/// The clock of the tests stands at 22:13:20, so that days end 1 hour 46 minutes and 40 seconds later.
fn midnight() -> SystemTime {
    let at = now() + Duration::from_secs(60 * 60 + 46 * 60 + 40);
    assert_eq!((NOW_S + 6_400) % (24 * 60 * 60), 0);
    at
}

#[tokio::test]
async fn an_unfinished_upload_is_removed_after_seven_days() {
    let door = Door::with_bucket().await;
    let id = begin(&door, "k").await;
    assert_eq!(door.ask("PUT", "/shop/done", &[], b"done").await.status, 200);
    assert_eq!(expired(&door, now() + 7 * DAY - Duration::from_millis(1)).await, (0, 0));
    assert_eq!(door.blob_count().await, 2);
    assert_eq!(expired(&door, now() + 7 * DAY).await, (1, 0));
    assert_eq!(door.blob_count().await, 1, "the object stays");
    assert!(door.records.scan(PARTS, None, 1).await.expect("scan").is_empty());
    let part = format!("/shop/k?partNumber=2&uploadId={id}");
    assert_eq!(door.ask("PUT", &part, &[], b"late").await.code(), "NoSuchUpload");
    assert_eq!(expired(&door, now() + 70 * DAY).await, (0, 0));
}

#[tokio::test]
async fn a_rule_removes_uploads_earlier_where_its_prefix_fits() {
    let door = Door::with_bucket().await;
    let abort =
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    let rule = |prefix: &str, status: &str| {
        format!("<Rule><Filter><Prefix>{prefix}</Prefix></Filter><Status>{status}</Status>{abort}</Rule>")
    };
    assert_eq!(set_rules(&door, &(rule("tmp/", "Enabled") + &rule("kept/", "Disabled"))).await, "200");
    let expires = "<Rule><Status>Enabled</Status><Expiration><Days>900</Days></Expiration></Rule>";
    assert_eq!(set_rules(&door, &(rule("tmp/", "Enabled") + &rule("kept/", "Disabled") + expires)).await, "200");
    for key in ["tmp/a", "kept/b", "c"] {
        begin(&door, key).await;
    }
    assert_eq!(expired(&door, midnight() + DAY - Duration::from_millis(1)).await, (0, 0));
    assert_eq!(expired(&door, midnight() + DAY).await, (1, 0));
    let left = door.ask("GET", "/shop?uploads=", &[], b"").await.text;
    assert!(!left.contains("tmp/a") && left.contains("kept/b") && left.contains("<Key>c</Key>"), "{left}");
}

#[tokio::test]
async fn objects_expire_by_days_prefix_size_and_tags() {
    let door = Door::with_bucket().await;
    let expire = "<Status>Enabled</Status><Expiration><Days>2</Days></Expiration></Rule>";
    let sized = "<And><Prefix>log/</Prefix><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>4</ObjectSizeLessThan></And>";
    let tagged = "<Tag><Key>a</Key><Value>b</Value></Tag>";
    let rules = [
        format!("<Rule><Filter>{sized}</Filter>{expire}"),
        format!("<Rule><Prefix>tmp/</Prefix>{expire}"),
        format!("<Rule><Filter>{tagged}</Filter>{expire}"),
        format!("<Rule><Filter><And><Prefix>x</Prefix>{tagged}</And></Filter>{expire}"),
    ];
    assert_eq!(set_rules(&door, &rules.concat()).await, "200");
    for (key, body) in
        [("log/1", "1"), ("log/2", "22"), ("log/3", "333"), ("log/4", "4444"), ("tmp/a", ""), ("x", "xx")]
    {
        assert_eq!(door.ask("PUT", &format!("/shop/{key}"), &[], body.as_bytes()).await.status, 200);
    }
    for (key, tags) in [("t1", "a=b&c=d"), ("t2", "a=c"), ("t3", "c=b"), ("xt", "a=b")] {
        assert_eq!(door.ask("PUT", &format!("/shop/{key}"), &[("x-amz-tagging", tags)], b"t").await.status, 200);
    }
    assert_eq!(expired(&door, midnight() + 2 * DAY - Duration::from_millis(1)).await, (0, 0));
    assert_eq!(expired(&door, midnight() + 2 * DAY).await, (0, 5));
    let left = door.ask("GET", "/shop?list-type=2", &[], b"").await.text;
    for (key, stays) in
        [("log/1", true), ("log/2", false), ("log/3", false), ("log/4", true), ("tmp/a", false), ("x", true)]
            .into_iter()
            .chain([("t1", false), ("t2", true), ("t3", true), ("xt", false)])
    {
        assert_eq!(left.contains(&format!("<Key>{key}</Key>")), stays, "{key} {left}");
    }
    assert_eq!(door.blob_count().await, 5);
}

#[tokio::test]
async fn objects_expire_at_a_date_and_never_without_a_rule() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    assert_eq!(expired(&door, now() + 10_000 * DAY).await, (0, 0));
    let date =
        "<Rule><Filter/><Status>Enabled</Status><Expiration><Date>2023-12-01T00:00:00Z</Date></Expiration></Rule>";
    assert_eq!(set_rules(&door, date).await, "200");
    let end = UNIX_EPOCH + Duration::from_secs(1_701_388_800);
    assert_eq!(expired(&door, end - Duration::from_millis(1)).await, (0, 0));
    assert_eq!(expired(&door, end).await, (0, 1));
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn what_a_crash_left_of_uploads_that_are_gone_is_removed() {
    let door = Door::with_bucket().await;
    let (gone, there) = (begin(&door, "gone").await, begin(&door, "there").await);
    let key = format!("{UPLOADS}shop/{gone}");
    door.records.commit(Vec::new(), vec![Write::Delete { key }]).await.expect("commit");
    assert_eq!(expired(&door, now()).await, (0, 0));
    let parts = door.records.scan(PARTS, None, 9).await.expect("scan");
    assert_eq!(parts.len(), 1);
    assert!(parts[0].0.contains(&there));
    assert_eq!(door.blob_count().await, 1);
}

#[tokio::test]
async fn a_damaged_record_is_passed_over() {
    let door = Door::with_bucket().await;
    begin(&door, "k").await;
    for key in ["s3/upload/shop/0", "s3/bucket/a"] {
        let write = Write::Put { key: key.into(), value: b"{".to_vec().into() };
        door.records.commit(Vec::new(), vec![write]).await.expect("commit");
    }
    assert_eq!(expired(&door, now() + 7 * DAY).await, (1, 0));
}

#[tokio::test]
async fn rules_that_s3_refuses_are_refused() {
    let door = Door::with_bucket().await;
    let abort = |days: &str| {
        format!(
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        )
    };
    let rule = |rest: &str| format!("<Rule><Status>Enabled</Status>{rest}</Rule>");
    let tag = "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>";
    let size = "<Filter><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>";
    let days = |days: &str| format!("<Expiration><Days>{days}</Days></Expiration>");
    for (rules, code) in [
        (rule(&days("1")), "200"),
        (rule(&days("0")), "InvalidArgument"),
        (rule(&days("-1")), "InvalidArgument"),
        (rule(&abort("1")), "200"),
        (rule(&abort("0")), "InvalidArgument"),
        (rule("<AbortIncompleteMultipartUpload/>"), "InvalidArgument"),
        (rule(&(tag.to_owned() + &abort("1"))), "InvalidRequest"),
        (rule(&(size.to_owned() + &abort("1"))), "InvalidRequest"),
        (rule("<Expiration><Days>1</Days><Date>2023-12-01T00:00:00Z</Date></Expiration>"), "MalformedXML"),
        ("<Rule><Status>enabled</Status></Rule>".to_owned(), "MalformedXML"),
        (String::new(), "MalformedXML"),
        (rule("").repeat(1_000), "200"),
        (rule("").repeat(1_001), "MalformedXML"),
    ] {
        assert_eq!(set_rules(&door, &rules).await, code, "{}", &rules[..rules.len().min(200)]);
    }
}

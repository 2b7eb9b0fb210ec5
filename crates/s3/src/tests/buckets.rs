//! Buckets, their settings, and lists of everything.

use tastemaker_store::objects::{OBJECT_FORMAT, ObjectRecord, object_record_key};
use tastemaker_store::put_json;

use super::*;
use crate::limits::Patience;

/// The texts of an element, in order.
fn all<'t>(text: &'t str, element: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(inner, _)| inner).collect()
}

fn one<'t>(text: &'t str, element: &str) -> &'t str {
    all(text, element).first().copied().unwrap_or_default()
}

async fn get(door: &Door, path: &str) -> String {
    let reply = door.ask("GET", path, &[], b"").await;
    assert_eq!(reply.status, 200, "{path} {}", reply.text);
    reply.text
}

/// Objects of no bytes, by records alone.
async fn fill(door: &Door, keys: &[String]) {
    let record = |key: &String| ObjectRecord {
        format: OBJECT_FORMAT,
        key: key.clone(),
        size_bytes: 3,
        etag: "abc".into(),
        last_modified_ms: NOW_S * 1_000,
        blob: "b".into(),
        ..ObjectRecord::default()
    };
    let writes = keys.iter().map(|key| put_json(object_record_key("shop", key), &record(key)).expect("a write"));
    door.records.commit(Vec::new(), writes.collect()).await.expect("commit");
}

fn in_region(region: &str) -> Door {
    let mut door = Door::new();
    door.service = with_patience(
        S3Config {
            records: door.records.clone(),
            blobs: door.blobs.clone(),
            region: region.into(),
            credentials: Arc::new(|key| (key == KEY).then(|| SECRET.to_owned())),
            host_domains: Vec::new(),
            clock: Arc::new(now),
        },
        Patience::default(),
    );
    door
}

#[tokio::test]
async fn a_bucket_lies_where_it_was_made() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop", &[], b"").await.status, 200, "the first region forgives");
    let constraint = |region: &str| {
        format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
    };
    let again = door.ask("PUT", "/shop", &[], constraint("eu-west-1").as_bytes()).await;
    assert_eq!((again.code().as_str(), again.status.as_u16()), ("BucketAlreadyOwnedByYou", 409));
    let made = door.ask("PUT", "/far", &[], constraint("eu-west-1").as_bytes()).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (200, "/far"));
    for (bucket, region, told) in [("shop", "us-east-1", ""), ("far", "eu-west-1", "eu-west-1")] {
        let head = door.ask("HEAD", &format!("/{bucket}"), &[], b"").await;
        assert_eq!(head.header("x-amz-bucket-region"), region);
        let location = get(&door, &format!("/{bucket}?location=")).await;
        assert_eq!(location.contains("us-east-1") || location.contains("eu-west-1"), !told.is_empty(), "{location}");
        assert!(location.contains(told), "{location}");
    }
    let far = in_region("eu-west-1");
    assert_eq!(far.ask("PUT", "/shop", &[], b"").await.status, 200);
    assert_eq!(far.ask("PUT", "/shop", &[], b"").await.code(), "BucketAlreadyOwnedByYou");
    assert_eq!(far.ask("HEAD", "/shop", &[], b"").await.header("x-amz-bucket-region"), "eu-west-1");
    assert!(get(&far, "/shop?location=").await.contains("eu-west-1"));
    assert_eq!(one(&get(&far, "/").await, "BucketRegion"), "eu-west-1");
    for name in ["ab", "Upper", "a..b", "-ab", &"b".repeat(64)] {
        assert_eq!(door.ask("PUT", &format!("/{name}"), &[], b"").await.code(), "InvalidBucketName", "{name}");
    }
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let door = Door::new();
    for name in ["beta", "alpha", "alpine", "gamma"] {
        assert_eq!(door.ask("PUT", &format!("/{name}"), &[], b"").await.status, 200);
    }
    let listed = get(&door, "/").await;
    assert_eq!(all(&listed, "Name"), ["alpha", "alpine", "beta", "gamma"]);
    assert_eq!((one(&listed, "CreationDate"), one(&listed, "ID")), ("2023-11-14T22:13:20.000Z", "tastemaker"));
    assert!(!listed.contains("ContinuationToken"));
    assert_eq!(all(&get(&door, "/?prefix=al").await, "Name"), ["alpha", "alpine"]);
    let first = get(&door, "/?max-buckets=3").await;
    assert_eq!((all(&first, "Name").len(), one(&first, "ContinuationToken")), (3, "beta"));
    let rest = get(&door, "/?max-buckets=3&continuation-token=beta").await;
    assert_eq!((all(&rest, "Name"), rest.contains("ContinuationToken")), (vec!["gamma"], false));
    assert_eq!(all(&get(&door, "/?max-buckets=0").await, "Name").len(), 1, "at least one");
    assert!(!get(&door, "/?max-buckets=4").await.contains("ContinuationToken"));
}

#[tokio::test]
async fn tags_of_a_bucket_have_limits() {
    let door = Door::with_bucket().await;
    let put = async |keys: &[String]| {
        let tags: String = keys.iter().map(|key| format!("<Tag><Key>{key}</Key><Value>v</Value></Tag>")).collect();
        let document = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
        door.ask("PUT", "/shop?tagging=", &[], document.as_bytes()).await.code()
    };
    let keys: Vec<_> = (0..51).map(|n| format!("k{n}")).collect();
    assert_eq!(put(&keys).await, "BadRequest");
    for key in ["aws:k", "k*", "*k"] {
        assert_eq!(put(&[key.to_owned()]).await, "InvalidTag", "{key}");
    }
    assert_eq!(door.ask("GET", "/shop?tagging=", &[], b"").await.code(), "NoSuchTagSet", "nothing was kept");
    assert!(["200", "204"].contains(&put(&keys[..50]).await.as_str()));
    assert_eq!(all(&get(&door, "/shop?tagging=").await, "Key").len(), 50);
}

#[tokio::test]
async fn settings_are_kept_given_back_and_forgotten() {
    let door = Door::with_bucket().await;
    for (name, document, kept, code) in [
        (
            "tagging",
            "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
            "<Value>b</Value>",
            "NoSuchTagSet",
        ),
        (
            "cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
            "<AllowedOrigin>*</AllowedOrigin>",
            "NoSuchCORSConfiguration",
        ),
        (
            "encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
            "AES256",
            "ServerSideEncryptionConfigurationNotFoundError",
        ),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>",
            "<ID>r</ID>",
            "NoSuchLifecycleConfiguration",
        ),
        (
            "publicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
            "<BlockPublicAcls>true</BlockPublicAcls>",
            "NoSuchPublicAccessBlockConfiguration",
        ),
        ("policy", "{\"Statement\":[]}", "{\"Statement\":[]}", "NoSuchBucketPolicy"),
    ] {
        let path = format!("/shop?{name}=");
        let unset = door.ask("GET", &path, &[], b"").await;
        assert_eq!((unset.code().as_str(), unset.status.as_u16()), (code, 404), "{name}");
        assert!(door.ask("PUT", &path, &[], document.as_bytes()).await.status.is_success(), "{name}");
        assert!(get(&door, &path).await.contains(kept), "{name}");
        assert_eq!(door.ask("DELETE", &path, &[], b"").await.status, 204, "{name}");
        assert_eq!(door.ask("GET", &path, &[], b"").await.code(), code, "{name}");
        assert_eq!(door.ask("GET", &format!("/none?{name}="), &[], b"").await.code(), "NoSuchBucket");
        assert_eq!(door.ask("PUT", &format!("/none?{name}="), &[], document.as_bytes()).await.code(), "NoSuchBucket");
    }
    let versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert!(!get(&door, "/shop?versioning=").await.contains("Enabled"));
    assert_eq!(door.ask("PUT", "/shop?versioning=", &[], versioning).await.status, 200);
    assert!(get(&door, "/shop?versioning=").await.contains("Enabled"));
    let policy = |bytes: usize| format!("{{\"a\":\"{}\"}}", "b".repeat(bytes - 8));
    for (document, code) in
        [(policy(20_480), "204"), (policy(20_481), "MalformedPolicy"), ("[]".into(), "MalformedPolicy")]
    {
        assert_eq!(door.ask("PUT", "/shop?policy=", &[], document.as_bytes()).await.code(), code);
    }
    for (name, code) in [
        ("website", "NoSuchWebsiteConfiguration"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("notification", "200"),
        ("logging", "200"),
        ("accelerate", "200"),
        ("acl", "200"),
    ] {
        assert_eq!(door.ask("GET", &format!("/shop?{name}="), &[], b"").await.code(), code, "{name}");
        assert_eq!(door.ask("GET", &format!("/none?{name}="), &[], b"").await.code(), "NoSuchBucket", "{name}");
    }
    assert!(get(&door, "/shop?acl=").await.contains("FULL_CONTROL"));
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    assert!(get(&door, "/shop/k?acl=").await.contains("FULL_CONTROL"));
    assert!(get(&door, "/shop/k?tagging=").await.contains("<TagSet"));
    for name in ["acl", "tagging"] {
        assert_eq!(door.ask("GET", &format!("/shop/none?{name}="), &[], b"").await.code(), "NoSuchKey");
    }
}

#[tokio::test]
async fn both_lists_tell_pages_prefixes_and_owners() {
    let door = Door::with_bucket().await;
    fill(&door, &["a", "d/1", "d/2", "e e", "z"].map(String::from)).await;
    let first = get(&door, "/shop?max-keys=2&delimiter=/").await;
    assert_eq!((all(&first, "Key"), one(&first, "NextMarker"), one(&first, "IsTruncated")), (vec!["a"], "d/", "true"));
    assert_eq!((one(&first, "MaxKeys"), one(&first, "Name"), one(&first, "Size")), ("2", "shop", "3"));
    assert_eq!((one(&first, "ETag"), one(&first, "LastModified")), ("\"abc\"", "2023-11-14T22:13:20.000Z"));
    assert!(first.contains("<Owner>") && one(&first, "CommonPrefixes").contains("d/"));
    let rest = get(&door, "/shop?marker=d/&delimiter=/&encoding-type=url").await;
    assert_eq!((all(&rest, "Key"), one(&rest, "IsTruncated")), (vec!["e%20e", "z"], "false"));
    assert_eq!((one(&rest, "Marker"), one(&rest, "EncodingType"), rest.contains("NextMarker")), ("d/", "url", false));
    assert_eq!(all(&get(&door, "/shop?marker=d/1").await, "Key"), ["d/2", "e e", "z"]);
    assert_eq!(all(&get(&door, "/shop?marker=&delimiter=").await, "Key").len(), 5, "empty texts say nothing");

    let first = get(&door, "/shop?list-type=2&max-keys=2&delimiter=/").await;
    assert_eq!((one(&first, "KeyCount"), one(&first, "IsTruncated"), first.contains("<Owner>")), ("2", "true", false));
    let token = one(&first, "NextContinuationToken");
    let rest = get(&door, &format!("/shop?list-type=2&delimiter=/&fetch-owner=true&continuation-token={token}")).await;
    assert_eq!(
        (all(&rest, "Key"), one(&rest, "KeyCount"), one(&rest, "ContinuationToken")),
        (vec!["e e", "z"], "2", token)
    );
    assert!(rest.contains("<Owner>") && !rest.contains("NextContinuationToken"));
    let after = get(&door, "/shop?list-type=2&start-after=d/1&prefix=d").await;
    assert_eq!((all(&after, "Key"), one(&after, "StartAfter"), one(&after, "Prefix")), (vec!["d/2"], "d/1", "d"));
    let both = get(&door, &format!("/shop?list-type=2&start-after=zz&continuation-token={token}")).await;
    assert!(all(&both, "Key").contains(&"z"), "the token wins: {both}");
    for (query, code) in [
        ("list-type=2&max-keys=-1", "InvalidArgument"),
        ("max-keys=-1", "InvalidArgument"),
        ("list-type=2&continuation-token=xyz", "InvalidArgument"),
        ("list-type=2&encoding-type=base64", "InvalidArgument"),
        ("encoding-type=base64", "InvalidArgument"),
    ] {
        assert_eq!(door.ask("GET", &format!("/shop?{query}"), &[], b"").await.code(), code, "{query}");
    }
    for query in ["list-type=2&max-keys=0", "max-keys=0"] {
        let none = get(&door, &format!("/shop?{query}")).await;
        assert_eq!((all(&none, "Key").len(), one(&none, "IsTruncated")), (0, "false"), "{query}");
    }
    for path in ["/none", "/none?list-type=2", "/none?uploads="] {
        assert_eq!(door.ask("GET", path, &[], b"").await.code(), "NoSuchBucket", "{path}");
    }
}

#[tokio::test]
async fn a_page_has_at_most_a_thousand_entries() {
    let door = Door::with_bucket().await;
    fill(&door, &(0..1_001).map(|n| format!("{n:04}")).collect::<Vec<_>>()).await;
    for query in ["list-type=2", "list-type=2&max-keys=5000", "max-keys=5000", ""] {
        let page = get(&door, &format!("/shop?{query}")).await;
        assert_eq!((all(&page, "Key").len(), one(&page, "IsTruncated")), (1_000, "true"), "{query}");
    }
    assert_eq!(one(&get(&door, "/shop?list-type=2&max-keys=1001&prefix=0").await, "IsTruncated"), "false");
}

async fn begin(door: &Door, key: &str) -> String {
    let text = door.ask("POST", &format!("/shop/{key}?uploads="), &[], b"").await.text;
    one(&text, "UploadId").to_owned()
}

#[tokio::test]
async fn uploads_and_parts_are_listed_in_pages() {
    let door = Door::with_bucket().await;
    let mut ids = [begin(&door, "a").await, begin(&door, "a").await];
    ids.sort();
    let (b, c) = (begin(&door, "b").await, begin(&door, "c%20c").await);
    let listed = get(&door, "/shop?uploads=").await;
    assert_eq!(all(&listed, "UploadId"), [&ids[0], &ids[1], &b, &c]);
    assert_eq!(
        (one(&listed, "IsTruncated"), one(&listed, "Bucket"), one(&listed, "MaxUploads")),
        ("false", "shop", "1000")
    );
    assert_eq!(one(&listed, "Initiated"), "2023-11-14T22:13:20.000Z");
    assert!(!listed.contains("NextKeyMarker"));
    let first = get(&door, "/shop?uploads=&max-uploads=1").await;
    assert_eq!((one(&first, "NextKeyMarker"), one(&first, "NextUploadIdMarker")), ("a", ids[0].as_str()));
    assert_eq!(one(&first, "IsTruncated"), "true");
    let next = get(&door, &format!("/shop?uploads=&key-marker=a&upload-id-marker={}", ids[0])).await;
    assert_eq!(all(&next, "UploadId"), [&ids[1], &b, &c]);
    assert_eq!(
        all(&get(&door, "/shop?uploads=&key-marker=a").await, "UploadId"),
        [&b, &c],
        "a key alone is passed whole"
    );
    let encoded = get(&door, "/shop?uploads=&prefix=c&encoding-type=url").await;
    assert_eq!((all(&encoded, "Key"), one(&encoded, "Prefix")), (vec!["c%20c"], "c"));
    assert_eq!(door.ask("GET", "/shop?uploads=&encoding-type=x", &[], b"").await.code(), "InvalidArgument");

    for number in [1, 2, 10] {
        let path = format!("/shop/b?partNumber={number}&uploadId={b}");
        assert_eq!(door.ask("PUT", &path, &[], b"part").await.status, 200);
    }
    let listed = get(&door, &format!("/shop/b?uploadId={b}")).await;
    assert_eq!((all(&listed, "PartNumber"), one(&listed, "IsTruncated")), (vec!["1", "2", "10"], "false"));
    assert_eq!((one(&listed, "Size"), one(&listed, "Key"), one(&listed, "UploadId")), ("4", "b", b.as_str()));
    let first = get(&door, &format!("/shop/b?uploadId={b}&max-parts=2")).await;
    assert_eq!(
        (one(&first, "NextPartNumberMarker"), one(&first, "IsTruncated"), one(&first, "MaxParts")),
        ("2", "true", "2")
    );
    let rest = get(&door, &format!("/shop/b?uploadId={b}&part-number-marker=2")).await;
    assert_eq!((all(&rest, "PartNumber"), one(&rest, "IsTruncated")), (vec!["10"], "false"));
    for (path, code) in [("/shop/a", "NoSuchUpload"), ("/none/b", "NoSuchBucket")] {
        assert_eq!(door.ask("GET", &format!("{path}?uploadId={b}"), &[], b"").await.code(), code);
    }
}

#[tokio::test]
async fn what_describes_an_object_comes_back_as_it_was_sent() {
    let door = Door::with_bucket().await;
    let sent = [
        ("cache-control", "no-store"),
        ("content-disposition", "attachment"),
        ("content-language", "ko"),
        ("content-type", "text/csv"),
        ("expires", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    let mut headers = sent.to_vec();
    headers.extend([("content-encoding", "aws-chunked, gzip"), ("x-amz-meta-a", "b")]);
    assert_eq!(door.ask("PUT", "/shop/k", &headers, b"v").await.status, 200);
    let begun = door.ask("POST", "/shop/up?uploads=", &headers, b"").await.text;
    let id = one(&begun, "UploadId");
    let put = door.ask("PUT", &format!("/shop/up?partNumber=1&uploadId={id}"), &[], b"v").await;
    let part = format!("<Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>", put.header("etag"));
    let document = format!("<CompleteMultipartUpload>{part}</CompleteMultipartUpload>");
    let done = door.ask("POST", &format!("/shop/up?uploadId={id}"), &[], document.as_bytes()).await;
    assert_eq!((one(&done.text, "Location"), one(&done.text, "Key")), ("/shop/up", "up"), "{}", done.text);
    for (method, path) in [("GET", "/shop/k"), ("HEAD", "/shop/k"), ("GET", "/shop/up")] {
        let reply = door.ask(method, path, &[], b"").await;
        for (name, value) in sent {
            assert_eq!(reply.header(name), value, "{method} {path}");
        }
        assert_eq!((reply.header("content-encoding"), reply.header("x-amz-meta-a")), ("gzip", "b"));
        assert_eq!((reply.header("accept-ranges"), reply.header("content-length")), ("bytes", "1"));
        assert_eq!(reply.header("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
    }
    let asked = "response-cache-control=a&response-content-disposition=b&response-content-encoding=c\
                 &response-content-language=d&response-content-type=e&response-expires=Fri,%2002%20Jan%202026%2000:00:00%20GMT";
    let reply = door.ask("GET", &format!("/shop/k?{asked}"), &[], b"").await;
    let names =
        ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];
    assert_eq!(names.map(|name| reply.header(name)), ["a", "b", "c", "d", "e", "Fri, 02 Jan 2026 00:00:00 GMT"]);
    assert_eq!(door.ask("PUT", "/shop/plain", &[], b"v").await.status, 200);
    assert_eq!(door.ask("GET", "/shop/plain", &[], b"").await.header("content-type"), "binary/octet-stream");
    for (method, path) in [("GET", "/shop/none"), ("HEAD", "/shop/none"), ("GET", "/none/k")] {
        assert_eq!(door.ask(method, path, &[], b"").await.status, 404);
    }
}

#[tokio::test]
async fn many_deletions_tell_each_outcome() {
    let door = Door::with_bucket().await;
    for key in ["a", "b"] {
        assert_eq!(door.ask("PUT", &format!("/shop/{key}"), &[], b"v").await.status, 200);
    }
    let wrong = "<Object><Key>a</Key><ETag>00000000000000000000000000000000</ETag></Object>";
    let objects = format!("{wrong}<Object><Key>b</Key></Object><Object><Key>absent</Key></Object>");
    let reply = door.ask("POST", "/shop?delete=", &[], format!("<Delete>{objects}</Delete>").as_bytes()).await;
    let deleted: Vec<_> = all(&reply.text, "Deleted").iter().map(|inner| one(inner, "Key").to_owned()).collect();
    assert_eq!(deleted, ["b", "absent"], "{}", reply.text);
    let error = one(&reply.text, "Error");
    assert_eq!((one(error, "Key"), one(error, "Code")), ("a", "PreconditionFailed"));
    assert!(!one(error, "Message").is_empty());
    let quiet = format!("<Delete><Quiet>true</Quiet>{objects}</Delete>");
    let reply = door.ask("POST", "/shop?delete=", &[], quiet.as_bytes()).await;
    assert!(!reply.text.contains("<Deleted>") && reply.text.contains("PreconditionFailed"), "{}", reply.text);
    assert_eq!(door.ask("POST", "/none?delete=", &[], quiet.as_bytes()).await.code(), "NoSuchBucket");
}

#[test]
fn the_limits_are_those_that_the_documentation_names() {
    use crate::limits::*;
    assert_eq!((TRANSFERS_IN_FLIGHT_MAX, BODY_BYTES_MAX, XML_BYTES_MAX), (512, 5_368_709_120, 8_388_608));
    assert_eq!((FORM_FIELDS_BYTES_MAX, DRAIN_BYTES_MAX, DELETE_KEYS_MAX), (20_480, 8_388_608, 1_000));
    assert_eq!((CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX), (256, 4_096));
    let Patience { body_idle, form_fields, drain } = Patience::default();
    assert_eq!([body_idle, form_fields, drain].map(|time| time.as_secs()), [30, 30, 5]);
    assert_eq!(crate::UPLOAD_AGE_MAX.as_secs(), 604_800);
}

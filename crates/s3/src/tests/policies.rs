//! Policies of buckets, and parts that are copied into uploads.

use super::*;

#[tokio::test]
async fn a_policy_is_kept_given_back_and_forgotten() {
    let door = Door::with_bucket().await;
    let policy = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - r#"{"a":""}"#.len()));
    let most = policy(20 * 1_024);
    assert_eq!(door.ask("GET", "/shop?policy", &[], b"").await.code(), "NoSuchBucketPolicy");
    assert_eq!(door.ask("PUT", "/shop?policy", &[], most.as_bytes()).await.status, 204);
    assert_eq!(door.ask("GET", "/shop?policy", &[], b"").await.text, most);
    for refused in [policy(20 * 1_024 + 1), "[]".into(), "{".into()] {
        assert_eq!(door.ask("PUT", "/shop?policy", &[], refused.as_bytes()).await.code(), "MalformedPolicy");
    }
    assert_eq!(door.ask("GET", "/shop?policy", &[], b"").await.text, most, "what was refused changes nothing");
    assert_eq!(door.ask("DELETE", "/shop?policy", &[], b"").await.status, 204);
    assert_eq!(door.ask("GET", "/shop?policy", &[], b"").await.code(), "NoSuchBucketPolicy");
    assert_eq!(door.ask("DELETE", "/none?policy", &[], b"").await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn a_part_is_copied_into_the_upload_of_its_key_alone() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/source", &[], b"0123456789").await.status, 200);
    let begun = door.ask("POST", "/shop/k?uploads", &[], b"").await.text;
    let id = begun.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<')).expect("an id").0;
    let copy = async |to: &str, headers: &[(&str, &str)]| {
        let headers = [&[("x-amz-copy-source", "/shop/source")], headers].concat();
        door.ask("PUT", to, &headers, b"").await.code()
    };
    let part = format!("/shop/k?partNumber=1&uploadId={id}");
    assert_eq!(copy(&format!("/shop/other?partNumber=1&uploadId={id}"), &[]).await, "NoSuchUpload");
    assert_eq!(copy("/shop/k?partNumber=1&uploadId=none", &[]).await, "NoSuchUpload");
    assert_eq!(copy("/none/k?partNumber=1&uploadId=none", &[]).await, "NoSuchBucket");
    assert_eq!(door.blob_count().await, 1, "refused bytes are gone");
    for range in ["bytes=0-10", "bytes=5-4", "bytes=5-", "bytes=-5", "5-6"] {
        assert_eq!(copy(&part, &[("x-amz-copy-source-range", range)]).await, "InvalidArgument", "{range}");
    }
    assert_eq!(copy(&part, &[("x-amz-copy-source-range", "bytes=2-2")]).await, "200");
    let listed = door.ask("GET", &format!("/shop/k?uploadId={id}"), &[], b"").await.text;
    assert!(listed.contains("<Size>1</Size>"), "{listed}");
    assert_eq!(copy(&part, &[("x-amz-copy-source-range", "bytes=0-9")]).await, "200");
    let listed = door.ask("GET", &format!("/shop/k?uploadId={id}"), &[], b"").await.text;
    assert!(listed.contains("<Size>10</Size>"), "{listed}");
}

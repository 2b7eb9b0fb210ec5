//! Operations through the protocol crate's trait, over memory, with storage that fails on purpose.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures::TryStreamExt;
use s3s::dto::*;
use s3s::{Body, S3, S3Request};
use tastemaker_store::fault_injection::{Decorated, FailNth, Strike};
use tastemaker_store::{Blobs, BlobsExt, MemoryBlobs, MemoryRecords, Records, objects};

use crate::endpoint::Endpoint;
use crate::state::State;
use crate::sweep_orphans;

const BUCKET: &str = "shop";

fn request<T>(input: T) -> S3Request<T> {
    S3Request {
        input,
        method: http::Method::GET,
        uri: http::Uri::default(),
        headers: http::HeaderMap::default(),
        extensions: http::Extensions::default(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}

fn endpoint(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>) -> Endpoint {
    let clock = Arc::new(|| UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    Endpoint::new(State { records, blobs, region: "us-east-1".into(), clock })
}

async fn with_bucket() -> (Endpoint, Arc<MemoryRecords>, Arc<MemoryBlobs>) {
    let (records, blobs) = (Arc::new(MemoryRecords::new()), Arc::new(MemoryBlobs::new()));
    let endpoint = endpoint(records.clone(), blobs.clone());
    let input = CreateBucketInput::builder().bucket(BUCKET.into()).build().expect("input");
    endpoint.create_bucket(request(input)).await.expect("bucket");
    (endpoint, records, blobs)
}

fn code<T>(answer: Result<T, s3s::S3Error>) -> String {
    answer.map_or_else(|error| error.code().as_str().to_owned(), |_| "ok".to_owned())
}

async fn put(endpoint: &Endpoint, key: &str, body: &'static str) -> Result<String, s3s::S3Error> {
    let body = StreamingBlob::from(Body::from(Bytes::from_static(body.as_bytes())));
    let input =
        PutObjectInput::builder().bucket(BUCKET.into()).key(key.into()).body(Some(body)).build().expect("input");
    let output = endpoint.put_object(request(input)).await?.output;
    Ok(output.e_tag.map(|etag| etag.value().to_owned()).unwrap_or_default())
}

async fn get(endpoint: &Endpoint, key: &str) -> Result<String, s3s::S3Error> {
    let input = GetObjectInput::builder().bucket(BUCKET.into()).key(key.into()).build().expect("input");
    let body = endpoint.get_object(request(input)).await?.output.body.expect("a body");
    let chunks: Vec<Bytes> = body.try_collect().await.expect("bytes");
    Ok(String::from_utf8(chunks.concat()).expect("text"))
}

async fn delete(endpoint: &Endpoint, key: &str) -> String {
    let input = DeleteObjectInput::builder().bucket(BUCKET.into()).key(key.into()).build().expect("input");
    code(endpoint.delete_object(request(input)).await)
}

async fn list(endpoint: &Endpoint, prefix: &str, delimiter: Option<&str>, page: i32) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut prefixes, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let input = ListObjectsV2Input::builder()
            .bucket(BUCKET.into())
            .prefix(Some(prefix.into()))
            .delimiter(delimiter.map(str::to_owned))
            .max_keys(Some(page))
            .continuation_token(token)
            .build()
            .expect("input");
        let output = endpoint.list_objects_v2(request(input)).await.expect("list").output;
        assert!(output.key_count.expect("count") <= page);
        keys.extend(output.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        prefixes.extend(output.common_prefixes.unwrap_or_default().into_iter().filter_map(|common| common.prefix));
        token = output.next_continuation_token;
        if token.is_none() {
            assert_eq!(output.is_truncated, Some(false));
            return (keys, prefixes);
        }
    }
}

#[tokio::test]
async fn any_text_is_a_key_and_an_overwrite_leaves_one_blob() {
    let (endpoint, records, blobs) = with_bucket().await;
    for key in ["a+b", "a b", "../../etc/passwd", "é/日本", "%2F", "/lead", "x//y"] {
        assert_eq!(
            put(&endpoint, key, "first").await.expect("put"),
            "8b04d5e3775d298e78455efc5ca404d5",
            "md5 of first"
        );
        put(&endpoint, key, "second").await.expect("overwrite");
        assert_eq!(get(&endpoint, key).await.expect("get"), "second", "{key}");
        assert_eq!(blobs.list("").await.expect("list").len(), 1, "the first bytes are gone");
        let (_, object) = objects::find(&*records, BUCKET, key).await.expect("find").expect("there");
        assert_eq!(
            &blobs.read_all(&object.blob).await.expect("read")[..],
            b"second",
            "others find the bytes through store"
        );
        assert_eq!(delete(&endpoint, key).await, "ok");
        assert_eq!(code(get(&endpoint, key).await), "NoSuchKey");
    }
    assert!(blobs.list("").await.expect("list").is_empty());
    assert_eq!(delete(&endpoint, "never there").await, "ok");
}

#[tokio::test]
async fn pages_of_every_size_give_every_entry_once() {
    let (endpoint, ..) = with_bucket().await;
    let names = ["a", "d/1", "d/2", "d/\u{10FFFF}z", "d0", "e/f/1", "e/g", "z"];
    for name in names {
        put(&endpoint, name, "x").await.expect("put");
    }
    for page in [1, 2, 3, 1_000] {
        assert_eq!(list(&endpoint, "", None, page).await.0, names, "pages of {page}");
        let (keys, prefixes) = list(&endpoint, "", Some("/"), page).await;
        assert_eq!(
            (keys, prefixes),
            (["a", "d0", "z"].map(String::from).into(), ["d/", "e/"].map(String::from).into())
        );
        assert_eq!(list(&endpoint, "e/", Some("/"), page).await, (vec!["e/g".into()], vec!["e/f/".into()]));
        assert_eq!(list(&endpoint, "d", None, page).await.0, names[1..5]);
    }
}

#[tokio::test]
async fn buckets_answer_as_s3_does() {
    let (endpoint, ..) = with_bucket().await;
    let bucket = |name: &str| HeadBucketInput::builder().bucket(name.into()).build().expect("input");
    assert_eq!(code(endpoint.head_bucket(request(bucket(BUCKET))).await), "ok");
    assert_eq!(code(endpoint.head_bucket(request(bucket("other"))).await), "NoSuchBucket");
    let policy = |policy: &str| {
        let input = PutBucketPolicyInput::builder().bucket(BUCKET.into()).policy(policy.into()).build().expect("input");
        endpoint.put_bucket_policy(request(input))
    };
    let stored = async || {
        let input = GetBucketPolicyInput::builder().bucket(BUCKET.into()).build().expect("input");
        endpoint.get_bucket_policy(request(input)).await.map(|response| response.output.policy)
    };
    assert_eq!(code(stored().await), "NoSuchBucketPolicy");
    assert_eq!(code(policy("no json").await), "MalformedPolicy");
    policy("{\"Statement\": []}").await.expect("put");
    assert_eq!(stored().await.expect("get").as_deref(), Some("{\"Statement\": []}"), "given back as it came");

    put(&endpoint, "k", "x").await.expect("put");
    let remove = || request(DeleteBucketInput::builder().bucket(BUCKET.into()).build().expect("input"));
    assert_eq!(code(endpoint.delete_bucket(remove()).await), "BucketNotEmpty");
    delete(&endpoint, "k").await;
    assert_eq!(code(endpoint.delete_bucket(remove()).await), "ok");
    assert_eq!(code(put(&endpoint, "k", "x").await), "NoSuchBucket");
}

#[tokio::test]
async fn a_body_that_differs_from_its_md5_is_not_stored() {
    let (endpoint, _, blobs) = with_bucket().await;
    for (md5, expected) in
        [("XUFAKrxLKna5cZ2REBfFkg==", "ok"), ("AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"), ("x", "InvalidDigest")]
    {
        let input = PutObjectInput::builder()
            .bucket(BUCKET.into())
            .key(expected.into())
            .body(Some(StreamingBlob::from(Body::from(Bytes::from_static(b"hello")))))
            .content_md5(Some(md5.into()))
            .build()
            .expect("input");
        assert_eq!(code(endpoint.put_object(request(input)).await), expected);
    }
    assert_eq!(list(&endpoint, "", None, 10).await.0, ["ok"]);
    assert_eq!(blobs.list("").await.expect("list").len(), 1);
}

/// Fails every single storage call of an overwrite in turn, before and after its effect: the object always has the old
/// bytes or the new ones, and a sweep leaves exactly one blob.
#[tokio::test]
async fn an_overwrite_that_fails_anywhere_never_breaks_the_object() {
    for strike in [Strike::Before, Strike::After] {
        for nth in 1.. {
            let (whole, records, blobs) = with_bucket().await;
            put(&whole, "k", "old").await.expect("put");
            let hook = Arc::new(FailNth::any(nth, strike));
            let failing = endpoint(
                Arc::new(Decorated::new(records.clone(), hook.clone())),
                Arc::new(Decorated::new(blobs.clone(), hook.clone())),
            );
            let answer = put(&failing, "k", "new").await;
            let found = get(&whole, "k").await.expect("the object is never broken");
            match answer {
                Ok(_) => assert_eq!(found, "new", "{strike:?} {nth}"),
                Err(_) => assert!(found == "old" || found == "new", "{strike:?} {nth}: {found}"),
            }
            sweep_orphans(&*records, &*blobs).await.expect("sweep");
            assert_eq!(blobs.list("").await.expect("list").len(), 1, "{strike:?} {nth}");
            assert_eq!(get(&whole, "k").await.expect("still whole after the sweep"), found);
            if !hook.struck() {
                assert!(nth > 5, "an overwrite makes more storage calls than {nth}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_upload_becomes_one_object_and_leaves_nothing_else() {
    let (endpoint, records, blobs) = with_bucket().await;
    let begin = CreateMultipartUploadInput::builder().bucket(BUCKET.into()).key("k".into()).build().expect("input");
    let id = endpoint.create_multipart_upload(request(begin)).await.expect("begin").output.upload_id.expect("id");
    let part = async |number: i32, body: &'static str| {
        let input = UploadPartInput::builder()
            .bucket(BUCKET.into())
            .key("k".into())
            .upload_id(id.clone())
            .part_number(number)
            .body(Some(StreamingBlob::from(Body::from(Bytes::from_static(body.as_bytes())))))
            .build()
            .expect("input");
        endpoint.upload_part(request(input)).await.map(|response| response.output.e_tag)
    };
    part(7, "replaced").await.expect("part");
    let e_tag = part(7, "kept").await.expect("part again");
    part(9, "not wanted").await.expect("part");
    assert_eq!(code(part(0, "x").await), "InvalidArgument");
    assert_eq!(code(get(&endpoint, "k").await), "NoSuchKey", "nothing is visible before the end");
    let complete = async || {
        let parts = vec![CompletedPart { part_number: Some(7), e_tag: e_tag.clone(), ..Default::default() }];
        let input = CompleteMultipartUploadInput::builder()
            .bucket(BUCKET.into())
            .key("k".into())
            .upload_id(id.clone())
            .multipart_upload(Some(CompletedMultipartUpload { parts: Some(parts) }))
            .build()
            .expect("input");
        endpoint.complete_multipart_upload(request(input)).await.map(|response| response.output.e_tag)
    };
    let first = complete().await.expect("complete");
    assert!(first.as_ref().is_some_and(|etag| etag.value().ends_with("-1")));
    assert_eq!(complete().await.expect("a repeated completion succeeds"), first);
    assert_eq!(get(&endpoint, "k").await.expect("get"), "kept");
    assert_eq!(blobs.list("").await.expect("list").len(), 1, "no part is left");
    assert!(records.scan("s3/part/", None, 1).await.expect("scan").is_empty());
    assert_eq!(code(part(1, "late").await), "NoSuchUpload");
}

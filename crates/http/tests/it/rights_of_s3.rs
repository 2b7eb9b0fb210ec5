//! The right that every request to the embedded S3 needs.

use crate::harness::{Received, SIGNER, Server, Signer, server};
use crate::rights::{UserKey, put_policy, user_with_key};
use crate::sts::element;
use http::Request;
use serde_json::json;

/// A request: method, path with query, a header, and the actions that it takes.
type Wish = (&'static str, &'static str, Option<(&'static str, &'static str)>, &'static [&'static str]);

const BUCKET: &str = "arn:aws:s3:::data";
const NO_ACTIONS: &[&str] = &[];
const OBJECT: &str = "arn:aws:s3:::data/a/b.csv";

/// Every request that the endpoint answers.
const WISHES: &[Wish] = &[
    ("GET", "/", None, &["s3:ListAllMyBuckets"]),
    ("PUT", "/data", None, &["s3:CreateBucket"]),
    ("HEAD", "/data", None, &["s3:ListBucket"]),
    ("DELETE", "/data", None, &["s3:DeleteBucket"]),
    ("GET", "/data", None, &["s3:ListBucket"]),
    ("GET", "/data?list-type=2&prefix=a", None, &["s3:ListBucket"]),
    ("GET", "/data?versions", None, &["s3:ListBucketVersions"]),
    ("GET", "/data?uploads", None, &["s3:ListBucketMultipartUploads"]),
    ("GET", "/data?location", None, &["s3:GetBucketLocation"]),
    ("GET", "/data?policy", None, &["s3:GetBucketPolicy"]),
    ("PUT", "/data?policy", None, &["s3:PutBucketPolicy"]),
    ("DELETE", "/data?policy", None, &["s3:DeleteBucketPolicy"]),
    ("GET", "/data?policyStatus", None, &["s3:GetBucketPolicyStatus"]),
    ("GET", "/data?acl", None, &["s3:GetBucketAcl"]),
    ("PUT", "/data?acl", None, &["s3:PutBucketAcl"]),
    ("GET", "/data?versioning", None, &["s3:GetBucketVersioning"]),
    ("PUT", "/data?versioning", None, &["s3:PutBucketVersioning"]),
    ("GET", "/data?notification", None, &["s3:GetBucketNotification"]),
    ("PUT", "/data?notification", None, &["s3:PutBucketNotification"]),
    ("GET", "/data?requestPayment", None, &["s3:GetBucketRequestPayment"]),
    ("GET", "/data?logging", None, &["s3:GetBucketLogging"]),
    ("GET", "/data?accelerate", None, &["s3:GetAccelerateConfiguration"]),
    ("GET", "/data?tagging", None, &["s3:GetBucketTagging"]),
    ("PUT", "/data?tagging", None, &["s3:PutBucketTagging"]),
    ("DELETE", "/data?tagging", None, &["s3:PutBucketTagging"]),
    ("GET", "/data?cors", None, &["s3:GetBucketCORS"]),
    ("PUT", "/data?cors", None, &["s3:PutBucketCORS"]),
    ("DELETE", "/data?cors", None, &["s3:PutBucketCORS"]),
    ("GET", "/data?lifecycle", None, &["s3:GetLifecycleConfiguration"]),
    ("PUT", "/data?lifecycle", None, &["s3:PutLifecycleConfiguration"]),
    ("DELETE", "/data?lifecycle", None, &["s3:PutLifecycleConfiguration"]),
    ("GET", "/data?website", None, &["s3:GetBucketWebsite"]),
    ("GET", "/data?replication", None, &["s3:GetReplicationConfiguration"]),
    ("GET", "/data?ownershipControls", None, &["s3:GetBucketOwnershipControls"]),
    ("PUT", "/data?ownershipControls", None, &["s3:PutBucketOwnershipControls"]),
    ("DELETE", "/data?ownershipControls", None, &["s3:PutBucketOwnershipControls"]),
    ("GET", "/data?object-lock", None, &["s3:GetBucketObjectLockConfiguration"]),
    ("GET", "/data?encryption", None, &["s3:GetEncryptionConfiguration"]),
    ("PUT", "/data?encryption", None, &["s3:PutEncryptionConfiguration"]),
    ("DELETE", "/data?encryption", None, &["s3:PutEncryptionConfiguration"]),
    ("GET", "/data?publicAccessBlock", None, &["s3:GetBucketPublicAccessBlock"]),
    ("PUT", "/data?publicAccessBlock", None, &["s3:PutBucketPublicAccessBlock"]),
    ("DELETE", "/data?publicAccessBlock", None, &["s3:PutBucketPublicAccessBlock"]),
    ("PUT", "/data/a/b.csv", None, &["s3:PutObject"]),
    ("PUT", "/data/a/b.csv", Some(("x-amz-tagging", "a=b")), &["s3:PutObject", "s3:PutObjectTagging"]),
    ("GET", "/data/a/b.csv", None, &["s3:GetObject"]),
    ("HEAD", "/data/a/b.csv", None, &["s3:GetObject"]),
    ("GET", "/data/a/b.csv?versionId=x", None, &["s3:GetObjectVersion"]),
    ("DELETE", "/data/a/b.csv", None, &["s3:DeleteObject"]),
    ("GET", "/data/a/b.csv?acl", None, &["s3:GetObjectAcl"]),
    ("PUT", "/data/a/b.csv?acl", None, &["s3:PutObjectAcl"]),
    ("GET", "/data/a/b.csv?tagging", None, &["s3:GetObjectTagging"]),
    ("PUT", "/data/a/b.csv?tagging", None, &["s3:PutObjectTagging"]),
    ("DELETE", "/data/a/b.csv?tagging", None, &["s3:DeleteObjectTagging"]),
    (
        "GET",
        "/data/a/b.csv?attributes",
        Some(("x-amz-object-attributes", "ETag")),
        &["s3:GetObject", "s3:GetObjectAttributes"],
    ),
    ("POST", "/data/a/b.csv?uploads", None, &["s3:PutObject"]),
    ("PUT", "/data/a/b.csv?partNumber=1&uploadId=u", None, &["s3:PutObject"]),
    ("POST", "/data/a/b.csv?uploadId=u", None, &["s3:PutObject"]),
    ("GET", "/data/a/b.csv?uploadId=u", None, &["s3:ListMultipartUploadParts"]),
    ("DELETE", "/data/a/b.csv?uploadId=u", None, &["s3:AbortMultipartUpload"]),
];

async fn ask(server: &Server, signer: Signer<'_>, wish: &Wish, body: &str) -> Received {
    let (method, uri, header, _) = *wish;
    let mut request = Request::builder().method(method).uri(uri);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request.header("content-length", body.len()).body(body.as_bytes().to_vec()).unwrap();
    server.send(signer.sign(request)).await
}

fn is_denied(answer: &Received) -> bool {
    // An answer to HEAD has no document.
    answer.status() == 403 && (answer.text().is_empty() || element(answer, "Code") == "AccessDenied")
}

async fn with_objects(server: &Server) -> UserKey {
    let own = Signer { service: "s3", ..SIGNER };
    for uri in ["/data", "/data/a/b.csv", "/other", "/other/c.csv"] {
        let answer = ask(server, own, &("PUT", uri, None, &[]), "").await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
    user_with_key(server, "dev").await
}

#[tokio::test]
async fn a_user_without_policies_may_do_nothing() {
    let server = server();
    let key = with_objects(&server).await;
    for wish in WISHES {
        let (method, uri, _, actions) = wish;
        let answer = ask(&server, key.signer("s3"), wish, "").await;
        assert!(is_denied(&answer), "{method} {uri}: {} {}", answer.status(), answer.text());
        let resource = match *uri {
            "/" => "arn:aws:s3:::*",
            uri if uri.starts_with("/data/") => OBJECT,
            _ => BUCKET,
        };
        let action = actions[0];
        let sentence = format!("user/dev is not authorized to perform: {action} on resource: {resource} because no");
        assert!(*method == "HEAD" || answer.text().contains(&sentence), "{method} {uri}: {}", answer.text());
    }
}

#[tokio::test]
async fn its_actions_open_a_request() {
    for wish in WISHES {
        let server = server();
        let key = with_objects(&server).await;
        let (method, uri, _, actions) = wish;
        put_policy(&server, "dev", &json!({"Effect": "Allow", "Action": actions, "Resource": "*"})).await;
        let answer = ask(&server, key.signer("s3"), wish, "").await;
        assert!(!is_denied(&answer), "{method} {uri}: {} {}", answer.status(), answer.text());
        for missing in *actions {
            let statement = json!([
                {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                {"Effect": "Deny", "Action": missing, "Resource": "*"},
            ]);
            put_policy(&server, "dev", &statement).await;
            let answer = ask(&server, key.signer("s3"), wish, "").await;
            assert!(is_denied(&answer), "{method} {uri} without {missing}: {} {}", answer.status(), answer.text());
        }
    }
}

#[tokio::test]
async fn copies_read_and_deletions_of_many_are_of_each() {
    let server = server();
    let key = with_objects(&server).await;
    put_policy(
        &server,
        "dev",
        &json!([
            {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]},
            {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::data/keep*"},
        ]),
    )
    .await;
    let copy = |uri, source| ("PUT", uri, Some(("x-amz-copy-source", source)), NO_ACTIONS);
    assert_eq!(ask(&server, key.signer("s3"), &copy("/data/copy", "/data/a/b.csv"), "").await.status(), 200);
    let denied = ask(&server, key.signer("s3"), &copy("/data/copy", "/other/c.csv"), "").await;
    assert!(
        is_denied(&denied) && denied.text().contains("s3:GetObject on resource: arn:aws:s3:::other/c.csv"),
        "{}",
        denied.text()
    );
    assert!(is_denied(&ask(&server, key.signer("s3"), &copy("/other/copy", "/data/a/b.csv"), "").await));

    let delete = |keys: &[&str]| {
        let objects: String = keys.iter().map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
        format!("<Delete>{objects}</Delete>")
    };
    let many = ("POST", "/data?delete", None, NO_ACTIONS);
    let kept = ask(&server, key.signer("s3"), &("PUT", "/data/keep.csv", None, &[]), "").await;
    assert_eq!(kept.status(), 200);
    let answer = ask(&server, key.signer("s3"), &many, &delete(&["keep.csv", "copy"])).await;
    let text = answer.text();
    assert_eq!(answer.status(), 200, "{text}");
    assert!(text.contains("<Deleted><Key>copy</Key></Deleted>"), "{text}");
    let error = text.split("<Error>").nth(1).and_then(|rest| rest.split("</Error>").next()).expect("an error");
    let sentence = "user/dev is not authorized to perform: s3:DeleteObject on resource: arn:aws:s3:::data/keep.csv";
    for words in ["<Code>AccessDenied</Code>", "<Key>keep.csv</Key>", sentence, "with an explicit deny"] {
        assert!(error.contains(words), "{words}: {error}");
    }
    assert_eq!(text.matches("<Error>").count(), 1, "{text}");
    for (uri, status) in [("/data/copy", 404), ("/data/keep.csv", 200)] {
        assert_eq!(ask(&server, key.signer("s3"), &("HEAD", uri, None, &[]), "").await.status(), status, "{uri}");
    }
    // Nothing is told of a bucket in which the caller may delete nothing.
    for uri in ["/other?delete", "/absent?delete"] {
        let answer = ask(&server, key.signer("s3"), &("POST", uri, None, NO_ACTIONS), &delete(&["c.csv"])).await;
        assert!(answer.status() == 200 && answer.text().contains("<Code>AccessDenied</Code>"), "{}", answer.text());
    }
    assert_eq!(ask(&server, key.signer("s3"), &("HEAD", "/other/c.csv", None, &[]), "").await.status(), 403);

    put_policy(
        &server,
        "dev",
        &json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
        "Condition": {"StringLike": {"s3:prefix": "home/*"}, "NumericLessThanEquals": {"s3:max-keys": "10"}}}),
    )
    .await;
    let list = |uri| ("GET", uri, None, NO_ACTIONS);
    assert_eq!(
        ask(&server, key.signer("s3"), &list("/data?list-type=2&prefix=home%2Fann&max-keys=5"), "").await.status(),
        200
    );
    for uri in ["/data?list-type=2", "/data?list-type=2&prefix=a&max-keys=5", "/data?prefix=home%2F&max-keys=50"] {
        assert!(is_denied(&ask(&server, key.signer("s3"), &list(uri), "").await), "{uri}");
    }
}

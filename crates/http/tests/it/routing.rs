//! One port for everything: each kind of request reaches its part of the house.

use crate::harness::{ACCOUNT, KEY, SIGNER, Signer, server};
use http::Request;

fn form(body: &str) -> Request<Vec<u8>> {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    Request::post("/").header("content-type", kind).body(body.as_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn operations_of_the_server_itself() {
    let server = server();
    let health = server.get("/health").await;
    assert_eq!((health.status(), health.text()), (200, "OK"));
    assert_eq!(server.get("/ready").await.status(), 200);
    server.readiness.set(false);
    assert_eq!((server.get("/ready").await.status(), server.get("/health").await.status()), (503, 200));
    let metrics = server.get("/metrics").await;
    assert_eq!((metrics.status(), metrics.header("content-type")), (200, "text/plain; version=0.0.4"));
    for uri in ["/", "/nothing", "/recommended/x", "//", "/%00", "/recommendations%2F"] {
        let answer = server.get(uri).await;
        assert_eq!(
            (answer.status(), answer.json()["code"].as_str()),
            (404, Some("UnknownOperationException")),
            "{uri}"
        );
        assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    }
}

#[tokio::test]
async fn the_token_service_says_who_one_is() {
    let server = server();
    let sts = Signer { service: "sts", ..SIGNER };
    let answer = server.send(sts.sign(form("Action=GetCallerIdentity&Version=2011-06-15"))).await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, "text/xml"));
    for part in [
        format!("<Account>{ACCOUNT}</Account>"),
        format!("<Arn>arn:aws:iam::{ACCOUNT}:user/tastemaker</Arn>"),
        format!("<UserId>{KEY}</UserId>"),
        format!("<RequestId>{}</RequestId>", answer.header("x-amzn-requestid")),
    ] {
        assert!(answer.text().contains(&part), "{part} in {}", answer.text());
    }
    let other = server.send(sts.sign(form("Action=AssumeRoot"))).await;
    assert!(other.status() == 400 && other.text().contains("<Code>InvalidAction</Code>"), "{}", other.text());
    let stranger = Signer { key: "AKID", service: "sts", ..SIGNER };
    let refused = server.send(stranger.sign(form("Action=GetCallerIdentity"))).await;
    assert!(refused.status() == 403 && refused.text().contains("<Code>InvalidClientTokenId</Code>"));
    assert!(refused.text().contains("tastemaker env"));
}

#[tokio::test]
async fn identity_calls_are_remembered() {
    let server = server();
    let iam = Signer { service: "iam", ..SIGNER };
    let call = async |text: &str| {
        let answer = server.send(iam.sign(form(text))).await;
        (answer.status(), answer.text().to_owned())
    };
    let trust = "%7B%22Statement%22%3A%20%7B%22Effect%22%3A%20%22Allow%22%2C%20%22Principal%22%3A%20%22%2A%22%2C%20%22Action%22%3A%20%22sts%3AAssumeRole%22%7D%7D";
    let (status, text) = call(&format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={trust}")).await;
    assert!(status == 200 && text.starts_with("<CreateRoleResponse xmlns="), "{text}");
    let (status, text) = call("Action=GetRole&RoleName=r&Version=2010-05-08").await;
    assert_eq!(status, 200);
    for part in [
        "<GetRoleResult><Role><Path>/</Path><RoleName>r</RoleName>".to_owned(),
        format!("<Arn>arn:aws:iam::{ACCOUNT}:role/r</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>"),
        format!("<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"),
    ] {
        assert!(text.contains(&part), "{part} in {text}");
    }
    let taken = format!("Action=CreateRole&RoleName=R&AssumeRolePolicyDocument={trust}");
    for (action, status, code) in [
        ("Action=GetRole&RoleName=none", 404, "NoSuchEntity"),
        (taken.as_str(), 409, "EntityAlreadyExists"),
        ("Action=CreateRole&RoleName=x&AssumeRolePolicyDocument=x", 400, "MalformedPolicyDocument"),
        ("Action=CreateRole&RoleName=x&AssumeRolePolicyDocument=%7B%7D", 400, "MalformedPolicyDocument"),
        ("Action=UpdateAssumeRolePolicy&RoleName=r&PolicyDocument=%7B%7D", 400, "MalformedPolicyDocument"),
        ("Action=CreatePolicy&PolicyName=x&PolicyDocument=%7B%7D", 400, "MalformedPolicyDocument"),
        ("Action=PutRolePolicy&RoleName=r&PolicyName=x&PolicyDocument=%7B%7D", 400, "MalformedPolicyDocument"),
        ("Action=CreateRole", 400, "ValidationError"),
        ("Action=CreateGroup&GroupName=x", 400, "InvalidAction"),
    ] {
        let (found, text) = call(action).await;
        assert!(found == status && text.contains(&format!("<Code>{code}</Code>")), "{action}: {found} {text}");
    }
}

#[tokio::test]
async fn objects_go_in_and_out_unchanged() {
    let server = server();
    let s3 = Signer { service: "s3", ..SIGNER };
    let request = |method: &str, uri: &str, body: &[u8]| {
        s3.sign(Request::builder().method(method).uri(uri).body(body.to_vec()).unwrap())
    };
    let made = server.send(request("PUT", "/data", b"")).await;
    assert_eq!(made.status(), 200, "{}", made.text());
    let object = "USER_ID,ITEM_ID\n".repeat(1000);
    let put = server.send(request("PUT", "/data/a%20b/clicks.csv", object.as_bytes())).await;
    assert_eq!(put.status(), 200, "{}", put.text());
    let mut get = request("GET", "/data/a%20b/clicks.csv", b"");
    get.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let got = server.send(get).await;
    assert_eq!((got.status(), got.header("content-encoding"), got.text()), (200, "", object.as_str()));
    assert!(!got.header("x-amz-request-id").is_empty());
    let absent = server.send(request("GET", "/data/none", b"")).await;
    assert!(absent.status() == 404 && absent.text().contains("NoSuchKey"), "{}", absent.text());
    let stranger = Signer { secret: "wrong", service: "s3", ..SIGNER };
    let refused = server.send(stranger.sign(Request::get("/data/a%20b/clicks.csv").body(Vec::new()).unwrap())).await;
    assert_eq!(refused.status(), 403);
    let presigned = server.get("/data/none?AWSAccessKeyId=x&Signature=0&Expires=1").await;
    assert!(presigned.status() == 403 && presigned.text().contains("<Error>"), "{}", presigned.text());
}

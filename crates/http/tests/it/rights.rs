//! Rights of users, roles and sessions: what is denied by default, what one policy opens, and what none opens.

use crate::harness::{
    ACCOUNT, CAMPAIGN, KEY, REGION, Received, SIGNER, Server, Signer, arn, operation, server, server_with_key_rates,
    with_dataset,
};
use crate::sts::{STS, Temporary, element, form};
use http::Request;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::num::NonZeroU32;
use tastemaker_domain::iam::presets::preset;
use tastemaker_http::client_address::Peer;
use tastemaker_http::kept_key_usage::add_key_usage;
use tastemaker_http::key_usage::KeyFamily;
use tastemaker_http::{KeyRate, KeyRates, KeyTable};
use tastemaker_wire::{Operation, Service};

const IAM: Signer<'static> = Signer { service: "iam", ..SIGNER };

/// A user's key as a client has it.
pub struct UserKey {
    pub id: String,
    pub secret: String,
}

impl UserKey {
    pub fn signer<'a>(&'a self, service: &'a str) -> Signer<'a> {
        Signer { key: &self.id, secret: &self.secret, service, ..SIGNER }
    }
}

pub async fn iam(server: &Server, pairs: &[(&str, &str)]) -> Received {
    let answer = server.send(IAM.sign(form(pairs))).await;
    assert_eq!(answer.status(), 200, "{pairs:?}: {}", answer.text());
    answer
}

pub async fn user_with_key(server: &Server, name: &str) -> UserKey {
    iam(server, &[("Action", "CreateUser"), ("UserName", name)]).await;
    let made = iam(server, &[("Action", "CreateAccessKey"), ("UserName", name)]).await;
    UserKey { id: element(&made, "AccessKeyId").to_owned(), secret: element(&made, "SecretAccessKey").to_owned() }
}

pub async fn put_policy(server: &Server, user: &str, statements: &Value) {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let pairs =
        [("Action", "PutUserPolicy"), ("UserName", user), ("PolicyName", "own"), ("PolicyDocument", document.as_str())];
    iam(server, &pairs).await;
}

fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

/// A request for any of the 79 operations.
fn request(of: Operation, body: &Value) -> Request<Vec<u8>> {
    let path = of.descriptor().path;
    let builder = Request::post(path).header("content-type", "application/x-amz-json-1.1");
    let builder = match of.service() {
        Service::Personalize => builder.header("x-amz-target", format!("AmazonPersonalize.{}", of.name())),
        _ => builder,
    };
    builder.body(body.to_string().into_bytes()).unwrap()
}

fn is_denied(answer: &Received) -> bool {
    answer.header("x-amzn-errortype") == "AccessDeniedException"
}

#[tokio::test]
async fn a_user_without_policies_may_do_none_of_the_operations() {
    let server = server();
    let key = user_with_key(&server, "nobody").await;
    let mut count = 0;
    for of in Operation::all() {
        let answer = server.send(key.signer("personalize").sign(request(of, &json!({})))).await;
        let action = format!("personalize:{}", of.name());
        let sentence = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: {action} on resource: * because no \
             identity-based policy allows the {action} action"
        );
        assert!(is_denied(&answer), "{}: {}", of.name(), answer.text());
        assert_eq!(answer.json()["message"], sentence, "{}", of.name());
        count += 1;
    }
    assert_eq!(count, 79);
    for (service, request) in [
        ("iam", form(&[("Action", "ListUsers")])),
        ("iam", form(&[("Action", "CreateAccessKey"), ("UserName", "nobody")])),
        ("sts", form(&[("Action", "GetFederationToken"), ("Name", "x")])),
    ] {
        let answer = server.send(key.signer(service).sign(request)).await;
        assert_eq!((answer.status(), element(&answer, "Code")), (403, "AccessDenied"), "{}", answer.text());
        assert!(element(&answer, "Message").contains("is not authorized to perform: "), "{}", answer.text());
    }
    let parameter = Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter");
    let parameter = parameter.body(br#"{"Name": "/shop"}"#.to_vec()).unwrap();
    let answer = server.send(key.signer("ssm").sign(parameter)).await;
    let resource = format!("ssm:GetParameter on resource: arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop because");
    answer.is_error(403, "AccessDeniedException", &resource);
    let look = Request::post("/").header("x-amz-target", "Tastemaker.Statistics").body(b"{}".to_vec()).unwrap();
    let answer = server.send(key.signer("personalize").sign(look)).await;
    answer.is_error(403, "AccessDeniedException", "tastemaker:Statistics on resource: * because");
    let who = server.send(key.signer("sts").sign(form(&[("Action", "GetCallerIdentity")]))).await;
    assert_eq!(element(&who, "Arn"), format!("arn:aws:iam::{ACCOUNT}:user/nobody"));
    assert!(element(&who, "UserId").starts_with("AIDA"), "everybody may ask who they are: {}", who.text());
}

#[tokio::test]
async fn an_action_opens_its_operation_and_no_other() {
    let server = server();
    let key = user_with_key(&server, "one").await;
    let all: Vec<Operation> = Operation::all().collect();
    for (at, of) in all.iter().enumerate() {
        put_policy(&server, "one", &allow(&format!("personalize:{}", of.name()))).await;
        let answer = server.send(key.signer("personalize").sign(request(*of, &json!({})))).await;
        assert!(!is_denied(&answer), "{}: {}", of.name(), answer.text());
        let other = all[(at + 1) % all.len()];
        let answer = server.send(key.signer("personalize").sign(request(other, &json!({})))).await;
        assert!(is_denied(&answer), "{} with the right to {}: {}", other.name(), of.name(), answer.text());
    }
}

#[tokio::test]
async fn the_key_of_a_shop_sends_events_and_gets_lists() {
    let server = server();
    with_dataset(&server).await;
    let tracker =
        server.call("CreateEventTracker", json!({"name": "t", "datasetGroupArn": arn("dataset-group/shop")})).await;
    let (tracker_arn, tracking_id) = (tracker.json()["eventTrackerArn"].clone(), tracker.json()["trackingId"].clone());
    server.publish(CAMPAIGN, true, false);
    let key = user_with_key(&server, "shop").await;
    let document = preset("events-and-recommendations").unwrap().document;
    put_policy(&server, "shop", &serde_json::from_str::<Value>(document).unwrap()["Statement"]).await;
    let send = async |name: &str, body: Value| {
        server.send(key.signer("personalize").sign(operation(name, body.to_string()))).await
    };
    let event = json!({"trackingId": tracking_id, "userId": "u", "sessionId": "s",
        "eventList": [{"eventType": "View", "itemId": "i0", "sentAt": 1_767_323_045}]});
    let answer = send("PutEvents", event.clone()).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let list = send("GetRecommendations", json!({"campaignArn": CAMPAIGN, "userId": "u"})).await;
    assert!(list.status() == 200 && !list.json()["itemList"].as_array().unwrap().is_empty(), "{}", list.text());
    for (name, body) in [
        ("CreateSchema", json!({"name": "x", "schema": "{}"})),
        ("DeleteCampaign", json!({"campaignArn": CAMPAIGN})),
        ("ListCampaigns", json!({})),
        ("DescribeCampaign", json!({"campaignArn": CAMPAIGN})),
    ] {
        assert!(is_denied(&send(name, body).await), "{name}");
    }
    let bucket = server.send(key.signer("s3").sign(Request::get("/").body(Vec::new()).unwrap())).await;
    assert_eq!((bucket.status(), element(&bucket, "Code")), (403, "AccessDenied"), "{}", bucket.text());

    // Events are a right on the event tracker of their tracking id.
    put_policy(
        &server,
        "shop",
        &json!({"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": tracker_arn}),
    )
    .await;
    assert_eq!(send("PutEvents", event.clone()).await.status(), 200);
    put_policy(
        &server,
        "shop",
        &json!({"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": arn("event-tracker/x")}),
    )
    .await;
    let denied = send("PutEvents", event).await;
    assert!(is_denied(&denied) && denied.text().contains(tracker_arn.as_str().unwrap()), "{}", denied.text());
}

#[tokio::test]
async fn resources_denials_and_conditions_count() {
    let server = server();
    let key = user_with_key(&server, "dev").await;
    let from = |address: Option<[u8; 4]>, name: &str, body: &Value| {
        let mut request = key.signer("personalize").sign(operation(name, body.to_string()));
        if let Some(address) = address {
            request.extensions_mut().insert(Peer(IpAddr::from(address)));
        }
        request
    };
    let create = |name: &str| json!({"name": name});
    let outcome = async |request| {
        let answer = server.send(request).await;
        if is_denied(&answer) {
            answer.json()["message"].as_str().unwrap().to_owned()
        } else {
            answer.status().to_string()
        }
    };

    let named = json!([
        {"Effect": "Allow", "Action": "personalize:*DatasetGroup", "Resource": arn("dataset-group/dev-*")},
        {"Effect": "Deny", "Action": "personalize:Delete*", "Resource": "*"},
    ]);
    put_policy(&server, "dev", &named).await;
    assert_eq!(outcome(from(None, "CreateDatasetGroup", &create("dev-a"))).await, "200");
    let denied = outcome(from(None, "CreateDatasetGroup", &create("live"))).await;
    assert!(denied.contains(&format!("on resource: {} because no", arn("dataset-group/live"))), "{denied}");
    let delete = json!({"datasetGroupArn": arn("dataset-group/dev-a")});
    assert_eq!(outcome(from(None, "DescribeDatasetGroup", &delete)).await, "200");
    let denied = outcome(from(None, "DeleteDatasetGroup", &delete)).await;
    assert!(denied.ends_with("with an explicit deny in an identity-based policy"), "{denied}");
    // Of a member that comes twice the last counts, for the operation and for the policy.
    let twice = format!(
        r#"{{"datasetGroupArn":"{}","datasetGroupArn":"{}"}}"#,
        arn("dataset-group/dev-a"),
        arn("dataset-group/x")
    );
    let twice = key.signer("personalize").sign(operation("DescribeDatasetGroup", twice));
    assert!(outcome(twice).await.contains("dataset-group/x because"));

    let condition = |condition: Value| json!({"Effect": "Allow", "Action": "personalize:*", "Resource": "*", "Condition": condition});
    put_policy(&server, "dev", &condition(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))).await;
    assert_eq!(outcome(from(Some([10, 1, 2, 3]), "ListSchemas", &json!({}))).await, "200");
    assert!(outcome(from(Some([11, 1, 2, 3]), "ListSchemas", &json!({}))).await.contains("ListSchemas"));
    put_policy(&server, "dev", &condition(json!({"Bool": {"aws:SecureTransport": "true"}}))).await;
    assert!(outcome(from(None, "ListSchemas", &json!({}))).await.contains("ListSchemas"));
    put_policy(&server, "dev", &condition(json!({"StringEquals": {"aws:username": "dev"}}))).await;
    assert_eq!(outcome(from(None, "ListSchemas", &json!({}))).await, "200");

    put_policy(&server, "dev", &condition(json!({"StringEquals": {"aws:RequestTag/team": "web"}}))).await;
    let tagged = |name: &str, team: &str| json!({"name": name, "tags": [{"tagKey": "team", "tagValue": team}]});
    assert_eq!(outcome(from(None, "CreateDatasetGroup", &tagged("web", "web"))).await, "200");
    assert!(outcome(from(None, "CreateDatasetGroup", &tagged("data", "data"))).await.contains("dataset-group/data"));
    put_policy(&server, "dev", &condition(json!({"StringEquals": {"aws:ResourceTag/team": "web"}}))).await;
    let describe = |name: &str| json!({"datasetGroupArn": arn(&format!("dataset-group/{name}"))});
    assert_eq!(outcome(from(None, "DescribeDatasetGroup", &describe("web"))).await, "200");
    assert!(outcome(from(None, "DescribeDatasetGroup", &describe("dev-a"))).await.contains("dataset-group/dev-a"));
    put_policy(&server, "dev", &condition(json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}))).await;
    let untag = json!({"resourceArn": arn("dataset-group/web"), "tagKeys": ["team", "owner"]});
    assert!(outcome(from(None, "UntagResource", &untag)).await.contains("UntagResource"));
}

#[tokio::test]
async fn counts_of_keys_are_those_of_all_processes() {
    let server = server();
    let key = user_with_key(&server, "shop").await;
    put_policy(&server, "shop", &json!([allow("personalize:ListSchemas")])).await;
    for _ in 0..3 {
        let answer = server.send(key.signer("personalize").sign(operation("ListSchemas", "{}"))).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
    // What another process has counted, and added twice.
    let other = KeyTable::default();
    let late_ms = 4_000_000_000_000;
    other.admit(&key.id, KeyFamily::Events, late_ms).0.transferred(500, 7);
    other.admit("AKIANOBODY", KeyFamily::Events, late_ms).1.unwrap();
    for _ in 0..2 {
        add_key_usage(&other, &server.ctx).await;
    }
    let count = |answer: &Received, family: &str| {
        let of = format!("<member><Family>{family}</Family><Count>");
        let text = answer.text();
        text.split(&of).nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned()
    };
    // The same before and after this process has added its own, and when it starts anew.
    for _ in 0..2 {
        let listed = iam(&server, &[("Action", "ListAccessKeyUsage")]).await;
        assert_eq!((count(&listed, "control"), count(&listed, "events")), ("3".to_owned(), "1".to_owned()));
        assert_eq!(element(&listed, "LastUsedDate"), "2096-10-02T07:06:40Z");
        add_key_usage(&server.state.keys, &server.ctx).await;
    }
    let kept = tastemaker_service::iam::key_usages(&server.ctx).await.unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&key.id], "users' keys alone are counted");
    assert_eq!((kept[&key.id].requests, kept[&key.id].last_used_ms), ([0, 1, 3, 0], Some(late_ms)));
    let used = iam(&server, &[("Action", "GetAccessKeyLastUsed"), ("AccessKeyId", &key.id)]).await;
    assert_eq!(element(&used, "LastUsedDate"), "2096-10-02T07:06:40Z");
    iam(&server, &[("Action", "DeleteAccessKey"), ("UserName", "shop"), ("AccessKeyId", &key.id)]).await;
    other.admit(&key.id, KeyFamily::Events, late_ms).1.unwrap();
    add_key_usage(&other, &server.ctx).await;
    assert!(tastemaker_service::iam::key_usages(&server.ctx).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_role_is_handed_over_by_whoever_may_pass_it() {
    let server = server();
    with_dataset(&server).await;
    let key = user_with_key(&server, "dev").await;
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let mut n = 0;
    let mut import = async |signer: Signer<'_>, role_arn: &str| {
        n += 1;
        let body = json!({"jobName": format!("import-{n}"), "datasetArn": arn("dataset/shop/INTERACTIONS"),
            "dataSource": {"dataLocation": "s3://data/clicks.csv"}, "roleArn": role_arn});
        server.send(signer.sign(operation("CreateDatasetImportJob", body.to_string()))).await
    };
    let pass = |resource: &str, service: &str| {
        json!([allow("personalize:*"), {"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource,
            "Condition": {"StringEquals": {"iam:PassedToService": service}}}])
    };
    let sentence = |name: &str| {
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/dev is not authorized to perform: iam:PassRole on resource: {} because no \
             identity-based policy allows the iam:PassRole action",
            role(name)
        )
    };
    let signer = || key.signer("personalize");
    put_policy(&server, "dev", &json!([allow("personalize:*")])).await;
    import(signer(), &role("import")).await.is_error(403, "AccessDeniedException", &sentence("import"));
    put_policy(&server, "dev", &pass(&role("import"), "personalize.amazonaws.com")).await;
    let taken = import(signer(), &role("import")).await;
    assert_eq!(taken.status(), 200, "{}", taken.text());
    import(signer(), &role("admin")).await.is_error(403, "AccessDeniedException", &sentence("admin"));
    put_policy(&server, "dev", &pass("*", "ec2.amazonaws.com")).await;
    import(signer(), &role("import")).await.is_error(403, "AccessDeniedException", &sentence("import"));
    // The place of a metric attribution's files has a role of its own.
    let attribution = json!({"name": "a", "datasetGroupArn": arn("dataset-group/shop"), "metrics": [],
        "metricsOutputConfig": {"roleArn": role("out")}});
    let answer = server.send(signer().sign(operation("CreateMetricAttribution", attribution.to_string()))).await;
    answer.is_error(403, "AccessDeniedException", &sentence("out"));
    // The key of the server passes any; the dataset's import is under way.
    import(SIGNER, &role("any")).await.is_error(400, "ResourceInUseException", "");
}

#[tokio::test]
async fn users_keys_and_policies_are_made_and_deleted_by_iam() {
    let server = server();
    let refused = async |pairs: &[(&str, &str)]| {
        let answer = server.send(IAM.sign(form(pairs))).await;
        (answer.status(), element(&answer, "Code").to_owned(), element(&answer, "Message").to_owned())
    };
    let key = user_with_key(&server, "ann").await;
    iam(&server, &[("Action", "CreateAccessKey"), ("UserName", "ann")]).await;
    let (status, code, _) = refused(&[("Action", "CreateAccessKey"), ("UserName", "ann")]).await;
    assert_eq!((status, code.as_str()), (409, "LimitExceeded"));
    for name in ["Ann", "tastemaker"] {
        let (status, code, _) = refused(&[("Action", "CreateUser"), ("UserName", name)]).await;
        assert_eq!((status, code.as_str()), (409, "EntityAlreadyExists"));
    }
    let (status, code, _) = refused(&[("Action", "GetUser"), ("UserName", "bob")]).await;
    assert_eq!((status, code.as_str()), (404, "NoSuchEntity"));
    let own = iam(&server, &[("Action", "GetUser")]).await;
    assert_eq!(element(&own, "UserName"), "tastemaker");
    let odd = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqual":{}}}]}"#;
    let put = [("Action", "PutUserPolicy"), ("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", odd)];
    let (status, code, message) = refused(&put).await;
    assert_eq!((status, code.as_str()), (400, "MalformedPolicyDocument"));
    assert!(message.contains("Statement[0].Condition.StringEqual"), "{message}");

    put_policy(&server, "ann", &allow("personalize:ListSchemas")).await;
    let got = iam(&server, &[("Action", "GetUserPolicy"), ("UserName", "ann"), ("PolicyName", "own")]).await;
    assert!(element(&got, "PolicyDocument").contains("personalize%3AListSchemas"), "{}", got.text());
    let managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    iam(&server, &[("Action", "AttachUserPolicy"), ("UserName", "ann"), ("PolicyArn", managed)]).await;
    let attached = iam(&server, &[("Action", "ListAttachedUserPolicies"), ("UserName", "ann")]).await;
    assert_eq!(element(&attached, "PolicyName"), "AmazonS3ReadOnlyAccess");
    let entities = iam(&server, &[("Action", "ListEntitiesForPolicy"), ("PolicyArn", managed)]).await;
    assert_eq!(element(&entities, "UserName"), "ann");
    let version = [("Action", "GetPolicyVersion"), ("PolicyArn", managed), ("VersionId", "v1")];
    assert!(element(&iam(&server, &version).await, "Document").contains("s3%3AGet%2A"));

    let listed = iam(&server, &[("Action", "ListAccessKeys"), ("UserName", "ann")]).await;
    assert_eq!(listed.text().matches("<Status>Active</Status>").count(), 2);
    let list_schemas = || key.signer("personalize").sign(operation("ListSchemas", "{}"));
    assert_eq!(server.send(list_schemas()).await.status(), 200);
    let used = iam(&server, &[("Action", "GetAccessKeyLastUsed"), ("AccessKeyId", &key.id)]).await;
    assert_eq!((element(&used, "ServiceName"), element(&used, "UserName")), ("personalize", "ann"));
    let switch = |status: &'static str| {
        [("Action", "UpdateAccessKey"), ("UserName", "ann"), ("AccessKeyId", key.id.as_str()), ("Status", status)]
    };
    iam(&server, &switch("Inactive")).await;
    server.send(list_schemas()).await.is_error(403, "UnrecognizedClientException", "not known");
    iam(&server, &switch("Active")).await;
    assert_eq!(server.send(list_schemas()).await.status(), 200);
    let (_, code, message) = refused(&[("Action", "DeleteUser"), ("UserName", "ann")]).await;
    assert!(code == "DeleteConflict" && message.contains("access keys"), "{code} {message}");
    iam(&server, &[("Action", "DeleteAccessKey"), ("UserName", "ann"), ("AccessKeyId", &key.id)]).await;
    server.send(list_schemas()).await.is_error(403, "UnrecognizedClientException", "not known");
}

#[tokio::test]
async fn the_right_to_oneself_is_no_right_to_others() {
    let server = server();
    let key = user_with_key(&server, "self").await;
    user_with_key(&server, "other").await;
    let trust = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}}).to_string();
    iam(&server, &[("Action", "CreateRole"), ("RoleName", "admin"), ("AssumeRolePolicyDocument", &trust)]).await;
    let own = json!({"Effect": "Allow", "Action": "iam:*", "Resource": format!("arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")});
    put_policy(&server, "self", &own).await;
    let ask = async |pairs: &[(&str, &str)]| server.send(key.signer("iam").sign(form(pairs))).await.status();
    assert_eq!(ask(&[("Action", "GetUser")]).await, 200, "the caller is meant when nobody is named");
    assert_eq!(ask(&[("Action", "ListAccessKeys")]).await, 200);
    assert_eq!(ask(&[("Action", "RotateAccessKey"), ("AccessKeyId", &key.id)]).await, 200);
    for pairs in [
        &[("Action", "GetUser"), ("UserName", "other")][..],
        &[("Action", "CreateAccessKey"), ("UserName", "other")],
        &[("Action", "ListUsers"), ("UserName", "self")],
        &[
            ("Action", "AttachRolePolicy"),
            ("RoleName", "admin"),
            ("UserName", "self"),
            ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ],
        &[("Action", "CreatePolicy"), ("PolicyName", "x"), ("UserName", "self"), ("PolicyDocument", "{}")],
        &[("Action", "GetAccessKeyLastUsed"), ("AccessKeyId", KEY), ("UserName", "self")],
    ] {
        assert_eq!(ask(pairs).await, 403, "{pairs:?}");
    }
}

#[tokio::test]
async fn sessions_have_the_rights_of_what_they_are_of() {
    let server = server();
    let key = user_with_key(&server, "dev").await;
    let lists = async |signer: Signer<'_>, name: &str| server.send(signer.sign(operation(name, "{}"))).await;
    put_policy(&server, "dev", &json!([allow("personalize:List*"), allow("sts:GetFederationToken")])).await;
    let session = Temporary::of(&server.send(key.signer("sts").sign(form(&[("Action", "GetSessionToken")]))).await);
    assert_eq!(lists(session.signer("personalize"), "ListSchemas").await.status(), 200);
    assert!(is_denied(&lists(session.signer("personalize"), "CreateSchema").await));
    let only = json!({"Version": "2012-10-17", "Statement": allow("personalize:ListSchemas")}).to_string();
    let federated = [("Action", "GetFederationToken"), ("Name", "web"), ("Policy", only.as_str())];
    let federated = Temporary::of(&server.send(key.signer("sts").sign(form(&federated))).await);
    assert_eq!(lists(federated.signer("personalize"), "ListSchemas").await.status(), 200);
    let denied = lists(federated.signer("personalize"), "ListRecipes").await;
    assert!(
        denied.text().contains("because no session policy allows the personalize:ListRecipes action"),
        "{}",
        denied.text()
    );

    // A role that trusts the account wants a policy of the caller's beside it; one that trusts the caller does not.
    let role = format!("arn:aws:iam::{ACCOUNT}:role/build");
    let trust = |principal: &str| {
        json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}})
            .to_string()
    };
    let root = trust(&format!("arn:aws:iam::{ACCOUNT}:root"));
    iam(&server, &[("Action", "CreateRole"), ("RoleName", "build"), ("AssumeRolePolicyDocument", &root)]).await;
    let assume = [("Action", "AssumeRole"), ("RoleArn", role.as_str()), ("RoleSessionName", "me")];
    let answer = server.send(key.signer("sts").sign(form(&assume))).await;
    assert_eq!((answer.status(), element(&answer, "Code")), (403, "AccessDenied"), "{}", answer.text());
    assert!(
        element(&answer, "Message").contains(&format!("sts:AssumeRole on resource: {role} because")),
        "{}",
        answer.text()
    );
    let own = trust(&format!("arn:aws:iam::{ACCOUNT}:user/dev"));
    iam(&server, &[("Action", "UpdateAssumeRolePolicy"), ("RoleName", "build"), ("PolicyDocument", &own)]).await;
    let session = Temporary::of(&server.send(key.signer("sts").sign(form(&assume))).await);
    let denied = lists(session.signer("personalize"), "ListSchemas").await;
    let user = format!("User: arn:aws:sts::{ACCOUNT}:assumed-role/build/me is not authorized");
    assert!(is_denied(&denied) && denied.text().contains(&user), "a role without policies: {}", denied.text());
    let document = json!({"Statement": allow("personalize:CreateSchema")}).to_string();
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "build"),
        ("PolicyName", "p"),
        ("PolicyDocument", document.as_str()),
    ];
    iam(&server, &put).await;
    assert!(!is_denied(&lists(session.signer("personalize"), "CreateSchema").await));
    assert!(
        is_denied(&lists(session.signer("personalize"), "ListSchemas").await),
        "its user's rights are not the role's"
    );

    // The server's own key, taken away from by a session policy.
    let narrowed = [("Action", "GetFederationToken"), ("Name", "web"), ("Policy", only.as_str())];
    let narrowed = Temporary::of(&server.send(STS.sign(form(&narrowed))).await);
    assert_eq!(lists(narrowed.signer("personalize"), "ListSchemas").await.status(), 200);
    assert!(is_denied(&lists(narrowed.signer("personalize"), "ListRecipes").await));

    let off =
        [("Action", "UpdateAccessKey"), ("UserName", "dev"), ("AccessKeyId", key.id.as_str()), ("Status", "Inactive")];
    iam(&server, &off).await;
    assert_eq!(
        lists(session.signer("personalize"), "CreateSchema").await.status(),
        403,
        "a key that is off ends its sessions"
    );
}

#[tokio::test]
async fn a_key_beyond_its_rate_is_throttled_and_others_are_not() {
    let one = NonZeroU32::MIN;
    let rate = Some(KeyRate { per_second: one, burst: one });
    let server = server_with_key_rates(KeyRates { recommendations: rate, storage: rate, ..KeyRates::default() });
    server.publish(CAMPAIGN, true, false);
    let key = user_with_key(&server, "shop").await;
    put_policy(&server, "shop", &json!([allow("personalize:*"), allow("s3:*"), allow("sts:*")])).await;
    let body = json!({"campaignArn": CAMPAIGN, "userId": "u"}).to_string();
    let list = |signer: Signer<'_>| signer.sign(operation("GetRecommendations", body.clone()));
    let buckets = || key.signer("s3").sign(Request::get("/").body(Vec::new()).unwrap());
    assert_eq!(server.send(list(key.signer("personalize"))).await.status(), 200);
    let refused = throttled(&server, || list(key.signer("personalize"))).await;
    refused.is_error(429, "ThrottlingException", "recommendations");
    assert!(["1", "2"].contains(&refused.header("retry-after")), "{}", refused.header("retry-after"));
    let session = Temporary::of(&server.send(key.signer("sts").sign(form(&[("Action", "GetSessionToken")]))).await);
    let refused = throttled(&server, || list(session.signer("personalize"))).await;
    assert_eq!(refused.status(), 429, "a session counts as its key");
    assert_eq!(server.send(list(SIGNER)).await.status(), 200, "another key");
    let slow = throttled(&server, buckets).await;
    assert_eq!((slow.status(), element(&slow, "Code")), (503, "SlowDown"), "{}", slow.text());
    assert!(!slow.header("retry-after").is_empty());
    let counts = server.state.keys.counts(&key.id).unwrap();
    let [lists, events, control, storage] = counts.requests;
    assert!(lists >= 3 && events == 0 && control == 1 && storage >= 2 && counts.throttled >= 3, "{counts:?}");
    assert!(counts.bytes_out > 100, "{counts:?}");
    let usage = iam(&server, &[("Action", "ListAccessKeyUsage")]).await;
    let throttled = counts.throttled.to_string();
    assert_eq!((element(&usage, "AccessKeyId"), element(&usage, "Throttled")), (key.id.as_str(), throttled.as_str()));
}

/// Sends the same request until there have been too many of them; on a busy machine that takes a few.
async fn throttled(server: &Server, request: impl Fn() -> Request<Vec<u8>>) -> Received {
    for _ in 0..100 {
        let answer = server.send(request()).await;
        if answer.status() != 200 {
            return answer;
        }
    }
    panic!("a hundred requests of a key were answered");
}

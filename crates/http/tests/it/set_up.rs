//! Calls of set-up scripts to other services: parameters of Systems Manager, AWS's own policies, and services that are not
//! here.

use crate::harness::{ACCOUNT, REGION, Received, SIGNER, Server, Signer, server};
use http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use tastemaker_service::{Ctx, ParameterKey, parameter_store};
use tastemaker_store::{Records, Write};

async fn ssm(server: &Server, operation: &str, body: &Value) -> Received {
    let request = Request::post("/").header("x-amz-target", format!("AmazonSSM.{operation}"));
    let request = request.header("content-type", "application/x-amz-json-1.1").body(body.to_string().into_bytes());
    server.send(Signer { service: "ssm", ..SIGNER }.sign(request.unwrap())).await
}

async fn ok(server: &Server, operation: &str, body: Value) -> Value {
    let answer = ssm(server, operation, &body).await;
    assert_eq!(
        (answer.status(), answer.header("content-type")),
        (200, "application/x-amz-json-1.1"),
        "{}",
        answer.text()
    );
    answer.json()
}

#[tokio::test]
async fn parameters_are_kept_between_steps() {
    let server = server();
    let put = |name: &str, value: &str| json!({"Name": name, "Value": value, "Type": "String", "Overwrite": true});
    assert_eq!(
        ok(&server, "PutParameter", put("campaign-arn", "arn:1")).await,
        json!({"Version": 1, "Tier": "Standard"})
    );
    assert_eq!(ok(&server, "PutParameter", put("campaign-arn", "arn:2")).await["Version"], 2);
    let found = ok(&server, "GetParameter", json!({"Name": "campaign-arn", "WithDecryption": true})).await;
    let arn = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/campaign-arn");
    let expected = json!({"Name": "campaign-arn", "Type": "String", "Value": "arn:2", "Version": 2,
                          "LastModifiedDate": 1_767_323_045.678, "ARN": arn, "DataType": "text"});
    assert_eq!(found["Parameter"], expected);
    for name in [arn.as_str(), "campaign-arn:2"] {
        assert_eq!(ok(&server, "GetParameter", json!({"Name": name})).await["Parameter"]["Value"], "arn:2", "{name}");
    }
    for (name, value) in [("/shop/a", "1"), ("/shop/b", "2"), ("/shop/deep/c", "3")] {
        let new = json!({"Name": name, "Value": value, "Tags": [{"Key": "team", "Value": "search"}]});
        ok(&server, "PutParameter", new).await;
    }
    let deep = ok(&server, "GetParameter", json!({"Name": "/shop/a"})).await["Parameter"]["ARN"].clone();
    assert_eq!(deep, format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/a"));
    for (bytes, tier) in [(4_096, "Standard"), (4_097, "Advanced"), (8_192, "Advanced")] {
        let put = ok(&server, "PutParameter", put("long", &"x".repeat(bytes))).await;
        assert_eq!(put["Tier"], tier, "{bytes} bytes");
    }
    let several = ok(&server, "GetParameters", json!({"Names": ["/shop/a", "none"]})).await;
    assert_eq!((&several["Parameters"][0]["Value"], &several["InvalidParameters"]), (&json!("1"), &json!(["none"])));
    let under = ok(&server, "GetParametersByPath", json!({"Path": "/shop", "MaxResults": 1})).await;
    assert_eq!((&under["Parameters"][0]["Name"], &under["NextToken"]), (&json!("/shop/a"), &json!("/shop/a")));
    let rest = ok(&server, "GetParametersByPath", json!({"Path": "/shop", "NextToken": "/shop/a"})).await;
    assert_eq!((rest["Parameters"].as_array().map(Vec::len), rest.get("NextToken")), (Some(1), None));
    let all = ok(&server, "GetParametersByPath", json!({"Path": "/shop/", "Recursive": true})).await;
    assert_eq!(all["Parameters"].as_array().map(Vec::len), Some(3));
    let filter = json!({"ParameterFilters": [{"Key": "Name", "Option": "BeginsWith", "Values": ["/shop/d"]}]});
    let described = ok(&server, "DescribeParameters", filter).await;
    assert_eq!(described["Parameters"][0]["Name"], "/shop/deep/c");
    assert!(described["Parameters"][0].get("Value").is_none(), "{described}");
    let tagged = json!({"ParameterFilters": [{"Key": "tag:team", "Values": ["search"]}]});
    assert_eq!(ok(&server, "DescribeParameters", tagged).await["Parameters"].as_array().map(Vec::len), Some(3));
    assert_eq!(ok(&server, "DeleteParameter", json!({"Name": "campaign-arn"})).await, json!({}));
    let deleted = ok(&server, "DeleteParameters", json!({"Names": ["/shop/a", "campaign-arn"]})).await;
    assert_eq!(deleted, json!({"DeletedParameters": ["/shop/a"], "InvalidParameters": ["campaign-arn"]}));
}

#[tokio::test]
async fn secure_strings_are_sealed_and_opened_for_who_asks() {
    let server = server();
    let put = |value: &str| json!({"Name": "/shop/token", "Value": value, "Type": "SecureString", "Overwrite": true});
    ok(&server, "PutParameter", put("first secret")).await;
    // The kind stays when it is not given again.
    ok(&server, "PutParameter", json!({"Name": "/shop/token", "Value": "a secret", "Overwrite": true})).await;
    let kept = server.ctx.stores.records.get("ssm-parameter//shop/token").await.unwrap().expect("a record");
    let kept = String::from_utf8(kept.value.to_vec()).unwrap();
    assert!(kept.contains(r#""sealed":true"#) && !kept.contains("secret\""), "{kept}");
    let value = async |operation: &str, mut body: Value, opened: bool| {
        body["WithDecryption"] = opened.into();
        let found = ok(&server, operation, body).await;
        let parameter = if operation == "GetParameter" { &found["Parameter"] } else { &found["Parameters"][0] };
        assert_eq!(parameter["Type"], "SecureString", "{found}");
        parameter["Value"].as_str().unwrap().to_owned()
    };
    for (operation, body) in [
        ("GetParameter", json!({"Name": "/shop/token"})),
        ("GetParameters", json!({"Names": ["/shop/token"]})),
        ("GetParametersByPath", json!({"Path": "/shop"})),
    ] {
        assert_eq!(value(operation, body.clone(), true).await, "a secret", "{operation}");
        let sealed = value(operation, body, false).await;
        assert!(sealed.len() > 40 && !sealed.contains("secret"), "{operation}: {sealed}");
    }
    // One that an earlier build wrote is still read, and sealed when it is put again.
    let earlier = r#"{"v":1,"name":"/old","kind":"SecureString","value":"plain","version":1,"description":null,"data_type":"text","tags":{},"created_ms":1,"modified_ms":1}"#;
    let write = Write::Put { key: "ssm-parameter//old".to_owned(), value: earlier.as_bytes().to_vec().into() };
    server.ctx.stores.records.commit(Vec::new(), vec![write]).await.unwrap();
    assert_eq!(value("GetParameter", json!({"Name": "/old"}), true).await, "plain");
    // With another key nothing is opened, and the others are still there.
    let other = Ctx { parameter_key: Arc::new(ParameterKey::random()), ..server.ctx.clone() };
    let found = parameter_store::find(&other, "/shop/token").await.unwrap().expect("there");
    let refused = parameter_store::revealed(&other, &found).expect_err("another key").to_string();
    assert!(refused.contains("/shop/token cannot be opened") && !refused.contains("secret\""), "{refused}");
}

#[tokio::test]
async fn refusals_have_the_names_that_clients_catch() {
    let server = server();
    ok(&server, "PutParameter", json!({"Name": "a", "Value": "1"})).await;
    for (operation, body, code) in [
        ("GetParameter", json!({"Name": "none"}), "ParameterNotFound"),
        ("DeleteParameter", json!({"Name": "none"}), "ParameterNotFound"),
        ("GetParameter", json!({"Name": "a:7"}), "ParameterVersionNotFound"),
        ("PutParameter", json!({"Name": "a", "Value": "2"}), "ParameterAlreadyExists"),
        ("PutParameter", json!({"Name": "aws-x", "Value": "2"}), "ValidationException"),
        ("PutParameter", json!({"Name": "b", "Value": ""}), "ValidationException"),
        ("PutParameter", json!({"Name": "b", "Value": "x".repeat(8_193)}), "ValidationException"),
        ("PutParameter", json!({"Name": "b", "Value": "x", "Type": "Text"}), "ValidationException"),
        ("PutParameter", json!({"Name": "b"}), "ValidationException"),
        ("GetParameters", json!({"Names": []}), "ValidationException"),
        ("PutParameter", json!({"Name": "b", "Value": "x", "DataType": "Text"}), "ValidationException"),
        (
            "PutParameter",
            json!({"Name": "a", "Value": "2", "Overwrite": true, "Tags": [{"Key": "k", "Value": "v"}]}),
            "ValidationException",
        ),
        ("GetParametersByPath", json!({"Path": "a"}), "ValidationException"),
        ("GetParametersByPath", json!({"Path": "/a", "MaxResults": 0}), "ValidationException"),
        ("DescribeParameters", json!({"MaxResults": 51}), "ValidationException"),
        ("SendCommand", json!({}), "UnknownOperationException"),
    ] {
        ssm(&server, operation, &body).await.is_error(400, code, "");
    }
    let unsigned = Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter").body(b"{}".to_vec()).unwrap();
    let stranger = Signer { secret: "wrong", service: "ssm", ..SIGNER };
    server.send(stranger.sign(unsigned)).await.is_error(403, "InvalidSignatureException", "signature");
}

#[tokio::test]
async fn aws_s_own_policies_are_listed() {
    let server = server();
    let iam = Signer { service: "iam", ..SIGNER };
    let call = async |body: &str| {
        let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
        server.send(iam.sign(request.body(body.as_bytes().to_vec()).unwrap())).await.text().to_owned()
    };
    for scope in ["Scope=AWS&", "", "Scope=All&"] {
        let listed = call(&format!("Action=ListPolicies&{scope}MaxItems=1000")).await;
        for policy in [
            "service-role/AmazonPersonalizeFullAccess",
            "AmazonS3FullAccess",
            "AmazonS3ReadOnlyAccess",
            "AdministratorAccess",
        ] {
            assert!(listed.contains(&format!("<Arn>arn:aws:iam::aws:policy/{policy}</Arn>")), "{policy} in {listed}");
        }
    }
    assert!(!call("Action=ListPolicies&Scope=Local").await.contains("<Arn>"));
    let roles = call("Action=ListPolicies&PathPrefix=%2Fservice-role%2F").await;
    assert!(roles.contains("AmazonPersonalizeFullAccess") && !roles.contains("AmazonS3FullAccess"), "{roles}");
    assert!(call("Action=ListPolicies&Scope=Mine").await.contains("<Code>ValidationError</Code>"));
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    call(&format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={trust}")).await;
    call("Action=AttachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AmazonRareAccess").await;
    let attached = call("Action=ListPolicies&OnlyAttached=true").await;
    assert!(attached.matches("<Arn>").count() == 1 && attached.contains("AmazonRareAccess"), "{attached}");
    let entities = call("Action=ListEntitiesForPolicy&PolicyArn=arn:aws:iam::aws:policy/AmazonRareAccess").await;
    assert!(entities.contains("<RoleName>r</RoleName>"), "{entities}");
    assert!(call("Action=ListPolicyVersions&PolicyArn=arn:aws:iam::aws:policy/X").await.contains("<VersionId>v1<"));
    call("Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=b").await;
    assert!(call("Action=ListRoleTags&RoleName=r").await.contains("<Key>a</Key><Value>b</Value>"));
    call("Action=UntagRole&RoleName=r&TagKeys.member.1=a").await;
    assert!(!call("Action=ListRoleTags&RoleName=r").await.contains("<Key>"));
    call("Action=UpdateRole&RoleName=r&MaxSessionDuration=7200&Description=d").await;
    let role = call("Action=GetRole&RoleName=r").await;
    assert!(role.contains("<MaxSessionDuration>7200<") && role.contains("<Description>d<"), "{role}");
    assert!(
        call("Action=ListInstanceProfilesForRole&RoleName=r").await.contains("<InstanceProfiles></InstanceProfiles>")
    );
}

#[tokio::test]
async fn a_service_that_is_not_here_says_so_and_which_variable_sends_it_elsewhere() {
    let server = server();
    let sign = |service: &'static str, request: Request<Vec<u8>>| Signer { service, ..SIGNER }.sign(request);
    let form = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(b"Action=DescribeLoadBalancers&Version=2015-12-01".to_vec()).unwrap();
    let answer = server.send(sign("elasticloadbalancing", form)).await;
    assert_eq!((answer.status(), answer.header("content-type")), (400, "text/xml"));
    assert!(
        answer.text().contains(
            "<Message>this server has no elasticloadbalancing; set AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"
        )
    );
    let target = Request::post("/").header("x-amz-target", "TrentService.CreateKey").body(b"{}".to_vec()).unwrap();
    let answer = server.send(sign("kms", target)).await;
    answer.is_error(400, "UnknownOperationException", "this server has no kms; set AWS_ENDPOINT_URL_KMS");
    // Whoever asks is told: the key of another account is no matter here.
    let target = Request::post("/").header("x-amz-target", "TrentService.CreateKey").body(b"{}".to_vec()).unwrap();
    let stranger = Signer { key: "AKIASTRANGER", service: "kms", ..SIGNER };
    let answer = server.send(stranger.sign(target)).await;
    answer.is_error(400, "UnknownOperationException", "this server has no kms");
}

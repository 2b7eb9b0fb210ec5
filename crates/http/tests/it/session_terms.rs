//! What takes rights away from sessions and what conditions know of them: named policies, tags, the time of the token.

use crate::harness::{ACCOUNT, Received, SIGNER, Server, Signer, operation, server};
use crate::rights::{iam, put_policy, user_with_key};
use crate::sts::{STS, Temporary, element, form};
use serde_json::{Value, json};

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A role that trusts the account for these actions, with one inline policy.
async fn role(server: &Server, name: &str, trusted: &Value, statements: &Value) {
    let trust = json!({"Statement": {"Effect": "Allow", "Action": trusted,
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}})
    .to_string();
    iam(server, &[("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", &trust)]).await;
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let put = [("Action", "PutRolePolicy"), ("RoleName", name), ("PolicyName", "own"), ("PolicyDocument", &policy)];
    iam(server, &put).await;
}

async fn assume(server: &Server, signer: Signer<'_>, name: &str, more: &[(&str, &str)]) -> Received {
    let arn = role_arn(name);
    let pairs = [("Action", "AssumeRole"), ("RoleArn", arn.as_str()), ("RoleSessionName", "nightly")];
    server.send(signer.sign(form(&[&pairs, more].concat()))).await
}

/// Whether a session may do an operation; the sentence, if not.
async fn may(server: &Server, session: &Temporary, name: &str) -> Result<(), String> {
    let answer = server.send(session.signer("personalize").sign(operation(name, "{}"))).await;
    match answer.status() {
        403 => Err(answer.json()["message"].as_str().unwrap_or_default().to_owned()),
        _ => Ok(()),
    }
}

fn all() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

fn lists(name: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": format!("personalize:{name}"), "Resource": "*"}})
        .to_string()
}

#[tokio::test]
async fn named_policies_restrict_a_session_together_with_its_own() {
    let server = server();
    role(&server, "build", &json!("sts:AssumeRole"), &all()).await;
    let made = [("Action", "CreatePolicy"), ("PolicyName", "schemas"), ("PolicyDocument", &lists("ListSchemas"))];
    let own = element(&iam(&server, &made).await, "Arn").to_owned();
    let named = Temporary::of(&assume(&server, STS, "build", &[("PolicyArns.member.1.arn", &own)]).await);
    assert_eq!(may(&server, &named, "ListSchemas").await, Ok(()));
    let denied = may(&server, &named, "ListRecipes").await.expect_err("denied");
    assert!(denied.contains("because no session policy allows the personalize:ListRecipes action"), "{denied}");

    // What one of all session policies allows is allowed.
    let managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let (first, inline) = (("PolicyArns.member.1.arn", own.as_str()), lists("ListRecipes"));
    let several = [first, ("PolicyArns.member.2.arn", managed), ("Policy", inline.as_str())];
    let several = Temporary::of(&assume(&server, STS, "build", &several).await);
    for name in ["ListSchemas", "ListRecipes"] {
        assert_eq!(may(&server, &several, name).await, Ok(()), "{name}");
    }
    assert!(may(&server, &several, "ListCampaigns").await.is_err());
    let buckets = http::Request::get("/").body(Vec::new()).unwrap();
    assert_eq!(server.send(several.signer("s3").sign(buckets)).await.status(), 200);

    // A federated user's as well.
    let federated = [("Action", "GetFederationToken"), ("Name", "web"), first];
    let federated = Temporary::of(&server.send(STS.sign(form(&federated))).await);
    assert_eq!(may(&server, &federated, "ListSchemas").await, Ok(()));
    assert!(may(&server, &federated, "ListRecipes").await.is_err());

    // A policy that is deleted allows nothing any more.
    iam(&server, &[("Action", "DeletePolicy"), ("PolicyArn", &own)]).await;
    assert!(may(&server, &named, "ListSchemas").await.is_err());
    let unknown = assume(&server, STS, "build", &[first]).await;
    assert_eq!((unknown.status(), element(&unknown, "Code")), (400, "ValidationError"), "{}", unknown.text());
    let many: Vec<(String, String)> =
        (1..=11).map(|n| (format!("PolicyArns.member.{n}.arn"), managed.to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(element(&assume(&server, STS, "build", &many).await, "Code"), "ValidationError");
}

#[tokio::test]
async fn tags_of_a_session_are_tags_of_its_principal() {
    let server = server();
    let of_web = json!({"Effect": "Allow", "Action": "personalize:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}});
    let onward = json!([of_web, {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}]);
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    role(&server, "tagged", &both, &onward).await;
    role(&server, "next", &both, &of_web).await;
    role(&server, "untagged", &json!("sts:AssumeRole"), &of_web).await;
    let tag =
        [("Action", "TagRole"), ("RoleName", "tagged"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "data")];
    iam(&server, &tag).await;
    let team = |value: &'static str| [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", value)];

    let plain = Temporary::of(&assume(&server, STS, "tagged", &[]).await);
    assert!(may(&server, &plain, "ListSchemas").await.is_err(), "the role's own tag");
    let web = Temporary::of(&assume(&server, STS, "tagged", &team("web")).await);
    assert_eq!(may(&server, &web, "ListSchemas").await, Ok(()), "the session's tag takes the place of the role's");
    let refused = assume(&server, STS, "untagged", &team("web")).await;
    assert_eq!((refused.status(), element(&refused, "Code")), (403, "AccessDenied"));
    assert!(element(&refused, "Message").contains("sts:TagSession"), "{}", refused.text());
    assert_eq!(assume(&server, STS, "untagged", &[]).await.status(), 200);

    // A caller with policies needs the right to give such a tag.
    let key = user_with_key(&server, "dev").await;
    let allowed = |more: Value| json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}, more]);
    put_policy(&server, "dev", &allowed(of_web.clone())).await;
    let denied = assume(&server, key.signer("sts"), "tagged", &team("web")).await;
    let sentence = format!("is not authorized to perform: sts:TagSession on resource: {}", role_arn("tagged"));
    assert!(denied.status() == 403 && element(&denied, "Message").contains(&sentence), "{}", denied.text());
    let may_tag = json!({"Effect": "Allow", "Action": "sts:TagSession", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/team": "web"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}});
    put_policy(&server, "dev", &allowed(may_tag)).await;
    assert_eq!(assume(&server, key.signer("sts"), "tagged", &team("web")).await.status(), 200);
    assert_eq!(assume(&server, key.signer("sts"), "tagged", &team("data")).await.status(), 403);

    // Of a session that takes on a further role, the tags go on that were said to.
    let once = Temporary::of(&assume(&server, web.signer("sts"), "next", &[]).await);
    assert!(may(&server, &once, "ListSchemas").await.is_err());
    let transitive = [team("web").as_slice(), &[("TransitiveTagKeys.member.1", "team")]].concat();
    let first = Temporary::of(&assume(&server, STS, "tagged", &transitive).await);
    let second = Temporary::of(&assume(&server, first.signer("sts"), "next", &[]).await);
    assert_eq!(may(&server, &second, "ListSchemas").await, Ok(()));
    let again = assume(&server, first.signer("sts"), "next", &team("data")).await;
    assert_eq!(element(&again, "Code"), "ValidationError", "{}", again.text());

    for wrong in [
        &[("Tags.member.1.Key", "aws:team"), ("Tags.member.1.Value", "x")][..],
        &[
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "x"),
            ("Tags.member.2.Key", "team"),
            ("Tags.member.2.Value", "y"),
        ],
        &[("TransitiveTagKeys.member.1", "team")],
    ] {
        assert_eq!(element(&assume(&server, STS, "tagged", wrong).await, "Code"), "ValidationError", "{wrong:?}");
    }
}

/// The way in which AWS's console ends the sessions of a role: what was given out before a time is denied everything.
#[tokio::test]
async fn sessions_end_by_the_time_of_their_token() {
    let server = server();
    role(&server, "build", &json!("sts:AssumeRole"), &all()).await;
    let session = Temporary::of(&assume(&server, STS, "build", &[]).await);
    // They were given out at 03:04:05.
    for (before, denied) in [("2026-01-02T03:04:05Z", false), ("2026-01-02T03:04:06Z", true)] {
        let revoked = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": before}}}})
        .to_string();
        let put = [
            ("Action", "PutRolePolicy"),
            ("RoleName", "build"),
            ("PolicyName", "revoke"),
            ("PolicyDocument", &revoked),
        ];
        iam(&server, &put).await;
        assert_eq!(may(&server, &session, "ListSchemas").await.is_err(), denied, "{before}");
    }
    let own = server.send(SIGNER.sign(operation("ListSchemas", "{}"))).await;
    assert_eq!(own.status(), 200, "a long-term key has no such time");
}

//! Temporary credentials: how they are got, what they open, and when they end.

use crate::harness::{
    ACCOUNT, KEY, NOW_MS, Options, REGION, Received, SECRET, SIGNER, Server, Signer, operation, server, server_made,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Request;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use std::collections::BTreeMap;
use tastemaker_http::{AdmissionLimits, IdentityProvider, ListenerConfig};
use tastemaker_wire::sigv4::Session;

pub const STS: Signer<'static> = Signer { service: "sts", ..SIGNER };

pub fn form(pairs: &[(&str, &str)]) -> Request<Vec<u8>> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    request.header("content-length", body.len()).body(body.into_bytes()).unwrap()
}

/// Temporary credentials as a client has them.
#[derive(Debug)]
pub struct Temporary {
    pub key: String,
    pub secret: String,
    pub token: String,
}

impl Temporary {
    pub fn of(answer: &Received) -> Self {
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let member = |name| element(answer, name).to_owned();
        Self { key: member("AccessKeyId"), secret: member("SecretAccessKey"), token: member("SessionToken") }
    }

    pub fn signer<'a>(&'a self, service: &'a str) -> Signer<'a> {
        Signer { key: &self.key, secret: &self.secret, token: Some(&self.token), service, ..SIGNER }
    }
}

pub fn element<'t>(answer: &'t Received, name: &str) -> &'t str {
    let text = answer.text();
    let inner = text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    inner.map_or("", |(inner, _)| inner)
}

async fn refused(server: &Server, signer: Signer<'_>, pairs: &[(&str, &str)], code: &str) -> String {
    let answer = server.send(signer.sign(form(pairs))).await;
    assert_eq!(element(&answer, "Code"), code, "{pairs:?}: {}", answer.text());
    element(&answer, "Message").to_owned()
}

async fn with_role(trust: &serde_json::Value, max_session: &str) -> Server {
    let server = server();
    let iam = Signer { service: "iam", ..SIGNER };
    let trust = trust.to_string();
    let pairs = [
        ("Action", "CreateRole"),
        ("RoleName", "build"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("MaxSessionDuration", max_session),
    ];
    assert_eq!(server.send(iam.sign(form(&pairs))).await.status(), 200);
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = [("Action", "AttachRolePolicy"), ("RoleName", "build"), ("PolicyArn", all)];
    assert_eq!(server.send(iam.sign(form(&attach))).await.status(), 200);
    server
}

fn assume<'a>(role: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![("Action", "AssumeRole"), ("RoleArn", role), ("RoleSessionName", "nightly")];
    pairs.extend(more);
    pairs
}

fn trusting_the_account() -> serde_json::Value {
    json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                          "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}}]})
}

#[tokio::test]
async fn a_role_s_credentials_open_every_door() {
    let server = with_role(&trusting_the_account(), "3600").await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/build");
    let answer = server.send(STS.sign(form(&assume(&role, &[])))).await;
    let temporary = Temporary::of(&answer);
    assert!(temporary.key.starts_with("ASIA") && temporary.key.len() == 20, "{temporary:?}");
    assert_eq!(temporary.secret.len(), 40);
    assert_eq!(element(&answer, "Expiration"), "2026-01-02T04:04:05Z", "an hour later");
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/build/nightly");
    assert_eq!(element(&answer, "Arn"), arn);
    assert!(
        element(&answer, "AssumedRoleId").starts_with("AROA")
            && element(&answer, "AssumedRoleId").ends_with(":nightly")
    );

    let who = server.send(temporary.signer("sts").sign(form(&[("Action", "GetCallerIdentity")]))).await;
    assert_eq!((element(&who, "Arn"), element(&who, "Account")), (arn.as_str(), ACCOUNT));
    assert_eq!(element(&who, "UserId"), element(&answer, "AssumedRoleId"));
    let listed = server.send(temporary.signer("personalize").sign(operation("ListSchemas", "{}"))).await;
    assert_eq!(listed.status(), 200, "{}", listed.text());
    let roles = server.send(temporary.signer("iam").sign(form(&[("Action", "ListRoles")]))).await;
    assert!(roles.text().contains("build"), "{}", roles.text());
    let bucket = Request::put("/data").body(Vec::new()).unwrap();
    assert_eq!(server.send(temporary.signer("s3").sign(bucket)).await.status(), 200);
    let parameter = Request::post("/").header("x-amz-target", "AmazonSSM.DescribeParameters").body(b"{}".to_vec());
    assert_eq!(server.send(temporary.signer("ssm").sign(parameter.unwrap())).await.status(), 200);
}

#[tokio::test]
async fn without_their_token_or_after_their_end_credentials_open_nothing() {
    let server = server();
    let session = |expires_s: i64| Session {
        access_key: "ASIA0123456789ABCDEF".into(),
        parent: KEY.into(),
        arn: "arn:aws:sts::1:assumed-role/r/s".into(),
        user_id: "AROA:s".into(),
        expires_s,
        policy: None,
        policy_arns: Vec::new(),
        tags: BTreeMap::new(),
        transitive: Vec::new(),
        issued_s: None,
    };
    let now_s = NOW_MS / 1000;
    let credentials = |expires_s: i64, secret: &str| {
        let given = session(expires_s).credentials(secret);
        Temporary { key: "ASIA0123456789ABCDEF".into(), secret: given.secret_key, token: given.token }
    };
    let requests = |signer: &dyn Fn(&'static str) -> Request<Vec<u8>>| {
        ["personalize", "ssm", "sts", "iam", "s3"].map(|service| (service, signer(service)))
    };
    let unsigned = |service: &str| match service {
        "personalize" => operation("ListSchemas", "{}"),
        "ssm" => Request::post("/").header("x-amz-target", "AmazonSSM.GetParameter").body(b"{}".to_vec()).unwrap(),
        "sts" => form(&[("Action", "GetCallerIdentity")]),
        "iam" => form(&[("Action", "ListRoles")]),
        _ => Request::get("/data/k").body(Vec::new()).unwrap(),
    };
    let ended = credentials(now_s, SECRET);
    let forged = credentials(now_s + 60, "not the secret");
    let good = credentials(now_s + 60, SECRET);
    let other = Temporary { token: credentials(now_s + 61, SECRET).token, ..credentials(now_s + 60, SECRET) };
    for (temporary, with_token, codes) in [
        (
            &ended,
            true,
            ["ExpiredTokenException", "ExpiredTokenException", "ExpiredToken", "ExpiredToken", "ExpiredToken"],
        ),
        (
            &forged,
            true,
            [
                "UnrecognizedClientException",
                "UnrecognizedClientException",
                "InvalidClientTokenId",
                "InvalidClientTokenId",
                "InvalidToken",
            ],
        ),
        (
            &good,
            false,
            [
                "UnrecognizedClientException",
                "UnrecognizedClientException",
                "InvalidClientTokenId",
                "InvalidClientTokenId",
                "InvalidAccessKeyId",
            ],
        ),
        (
            &other,
            true,
            [
                "InvalidSignatureException",
                "InvalidSignatureException",
                "SignatureDoesNotMatch",
                "SignatureDoesNotMatch",
                "SignatureDoesNotMatch",
            ],
        ),
    ] {
        let sign = |service: &'static str| {
            let signer = temporary.signer(service);
            let token = signer.token.filter(|_| with_token);
            Signer { token, ..signer }.sign(unsigned(service))
        };
        for ((service, request), code) in requests(&sign).into_iter().zip(codes) {
            let answer = server.send(request).await;
            assert!(answer.text().contains(code), "{service} {code}: {} {}", answer.status(), answer.text());
        }
    }
    let listed = server.send(good.signer("personalize").sign(operation("ListSchemas", "{}"))).await;
    assert_eq!(listed.status(), 200, "{}", listed.text());
    // A shell that kept the token of another session, and a long-term key.
    let left_over = Signer { token: Some("left over"), ..SIGNER };
    assert_eq!(server.send(left_over.sign(operation("ListSchemas", "{}"))).await.status(), 200);
}

#[tokio::test]
async fn roles_are_there_and_trust_their_caller() {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/build");
    let service = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "personalize.amazonaws.com"}}});
    let server = with_role(&service, "3600").await;
    let text = refused(&server, STS, &assume(&role, &[]), "AccessDenied").await;
    assert!(text.contains("not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"), "{text}");
    let absent = format!("arn:aws:iam::{ACCOUNT}:role/none");
    assert!(refused(&server, STS, &assume(&absent, &[]), "AccessDenied").await.contains("no such role"));
    let elsewhere = format!("arn:aws:iam::{ACCOUNT}:role/other/build");
    refused(&server, STS, &assume(&elsewhere, &[]), "AccessDenied").await;
    // Nothing is known of another account's roles, which grant nothing here.
    let foreign = server.send(STS.sign(form(&assume("arn:aws:iam::999999999999:role/Personalize", &[])))).await;
    assert_eq!(element(&foreign, "Arn"), "arn:aws:sts::999999999999:assumed-role/Personalize/nightly");

    let mut external = trusting_the_account();
    external["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": "s3cret"}});
    let server = with_role(&external, "7200").await;
    refused(&server, STS, &assume(&role, &[]), "AccessDenied").await;
    refused(&server, STS, &assume(&role, &[("ExternalId", "other")]), "AccessDenied").await;
    let with_id = assume(&role, &[("ExternalId", "s3cret"), ("DurationSeconds", "7200")]);
    let answer = server.send(STS.sign(form(&with_id))).await;
    assert_eq!(element(&answer, "Expiration"), "2026-01-02T05:04:05Z");
    let too_long = assume(&role, &[("ExternalId", "s3cret"), ("DurationSeconds", "7201")]);
    assert!(refused(&server, STS, &too_long, "ValidationError").await.contains("MaxSessionDuration"));
}

#[tokio::test]
async fn durations_names_and_policies_keep_aws_s_limits() {
    let server = server();
    let role = "arn:aws:iam::999999999999:role/r";
    for (name, value) in [
        ("DurationSeconds", "899"),
        ("DurationSeconds", "43201"),
        ("DurationSeconds", "x"),
        ("RoleSessionName", "a b"),
        ("RoleArn", "r"),
    ] {
        let mut pairs = assume(role, &[]);
        pairs.retain(|(known, _)| *known != name);
        pairs.push((name, value));
        assert!(refused(&server, STS, &pairs, "ValidationError").await.contains(value), "{name}={value}");
    }
    for policy in ["{", "{}"] {
        refused(&server, STS, &assume(role, &[("Policy", policy)]), "MalformedPolicyDocument").await;
    }
    for (action, longest) in [("GetSessionToken", "129600"), ("GetFederationToken", "129600")] {
        let pairs = |seconds: &'static str| [("Action", action), ("Name", "ann"), ("DurationSeconds", seconds)];
        refused(&server, STS, &pairs("899"), "ValidationError").await;
        refused(&server, STS, &pairs("129601"), "ValidationError").await;
        let answer = server.send(STS.sign(form(&pairs("129600")))).await;
        assert_eq!(element(&answer, "Expiration"), "2026-01-03T15:04:05Z", "{longest}");
        let default = server.send(STS.sign(form(&[("Action", action), ("Name", "ann")]))).await;
        assert_eq!(element(&default, "Expiration"), "2026-01-02T15:04:05Z", "12 hours");
    }
    let user = Temporary::of(&server.send(STS.sign(form(&[("Action", "GetSessionToken")]))).await);
    let who = server.send(user.signer("sts").sign(form(&[("Action", "GetCallerIdentity")]))).await;
    assert_eq!(
        (element(&who, "Arn"), element(&who, "UserId")),
        (&*format!("arn:aws:iam::{ACCOUNT}:user/tastemaker"), KEY)
    );
    let text = refused(&server, user.signer("sts"), &[("Action", "GetSessionToken")], "AccessDenied").await;
    assert_eq!(text, "Cannot call GetSessionToken with session credentials");
    // A role's session may take on a role, for an hour.
    let first = Temporary::of(&server.send(STS.sign(form(&assume(role, &[])))).await);
    let second = server.send(first.signer("sts").sign(form(&assume(role, &[("DurationSeconds", "3600")])))).await;
    let second = Temporary::of(&second);
    assert_eq!(server.send(second.signer("personalize").sign(operation("ListSchemas", "{}"))).await.status(), 200);
    let chained = assume(role, &[("DurationSeconds", "3601")]);
    assert!(refused(&server, first.signer("sts"), &chained, "ValidationError").await.contains("role chaining"));
}

#[tokio::test]
async fn a_token_of_a_known_issuer_proves_a_caller_without_a_key() {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
    let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let point = pair.public_key().as_ref();
    let dir = tempfile::tempdir().unwrap();
    let keys_file = dir.path().join("keys.json");
    let set = json!({"keys": [{"kid": "1", "kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..])}]});
    std::fs::write(&keys_file, set.to_string()).unwrap();
    let token = |issuer: &str, subject: &str| {
        let claims =
            json!({"iss": issuer, "sub": subject, "aud": "sts.amazonaws.com", "exp": NOW_MS / 1000 + 60}).to_string();
        let signed = format!("{}.{}", encoded(br#"{"alg":"ES256","kid":"1"}"#), encoded(claims.as_bytes()));
        let signature = pair.sign(&random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", encoded(signature.as_ref()))
    };
    let audiences = vec!["sts.amazonaws.com".to_owned()];
    let provider = IdentityProvider { issuer: "https://oidc.example/id".into(), audiences, keys_file };
    let listener = ListenerConfig { identity_providers: vec![provider], ..ListenerConfig::default() };
    let server = server_made(Options::default(), AdmissionLimits::default(), listener);
    let wanted = |role: &str, token: &str| {
        form(&[
            ("Action", "AssumeRoleWithWebIdentity"),
            ("RoleArn", role),
            ("RoleSessionName", "pod"),
            ("WebIdentityToken", token),
        ])
    };
    let foreign = "arn:aws:iam::999999999999:role/r";
    let good = token("https://oidc.example/id", "system:serviceaccount:shop:api");
    let answer = server.send(wanted(foreign, &good)).await;
    let temporary = Temporary::of(&answer);
    assert_eq!(element(&answer, "SubjectFromWebIdentityToken"), "system:serviceaccount:shop:api");
    let signed = server.send(STS.sign(wanted(foreign, &good))).await;
    assert_eq!(element(&signed, "SubjectFromWebIdentityToken"), "system:serviceaccount:shop:api", "a signature may be");
    assert_eq!(
        (element(&answer, "Provider"), element(&answer, "Audience")),
        ("https://oidc.example/id", "sts.amazonaws.com")
    );
    assert_eq!(server.send(temporary.signer("personalize").sign(operation("ListSchemas", "{}"))).await.status(), 200);
    for (token, code) in [
        (token("https://other.example", "x"), "InvalidIdentityToken"),
        (good.clone() + "AAAA", "InvalidIdentityToken"),
        ("opaque".to_owned(), "InvalidIdentityToken"),
        (String::new(), "InvalidIdentityToken"),
    ] {
        let answer = server.send(wanted(foreign, &token)).await;
        assert_eq!((answer.status(), element(&answer, "Code")), (400, code), "{}", answer.text());
    }

    let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example/id")},
        "Condition": {"StringEquals": {"oidc.example/id:sub": "system:serviceaccount:shop:api"}}}]})
    .to_string();
    let create = [("Action", "CreateRole"), ("RoleName", "pods"), ("AssumeRolePolicyDocument", trust.as_str())];
    let iam = Signer { service: "iam", ..SIGNER };
    assert_eq!(server.send(iam.sign(form(&create))).await.status(), 200);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/pods");
    assert_eq!(server.send(wanted(&role, &good)).await.status(), 200);
    let other = token("https://oidc.example/id", "system:serviceaccount:shop:other");
    let refused = server.send(wanted(&role, &other)).await;
    assert_eq!((refused.status(), element(&refused, "Code")), (403, "AccessDenied"), "{}", refused.text());

    // The other call without a signature is not built, and says so.
    let saml =
        [("Action", "AssumeRoleWithSAML"), ("RoleArn", foreign), ("PrincipalArn", foreign), ("SAMLAssertion", "PA==")];
    let saml = server.send(form(&saml)).await;
    let told = (saml.status(), element(&saml, "Code"), element(&saml, "Message"));
    let expected = "'AssumeRoleWithSAML' is not available in this version of Tastemaker.";
    assert_eq!(told, (400, "InvalidAction", expected), "{}", saml.text());

    // Without a signature nothing else is answered, and nothing large is read.
    let unsigned = server.send(form(&[("Action", "AssumeRole"), ("RoleArn", foreign), ("RoleSessionName", "x")])).await;
    assert_eq!(
        (unsigned.status(), element(&unsigned, "Code")),
        (403, "MissingAuthenticationToken"),
        "{}",
        unsigned.text()
    );
    let large = server.send(wanted(foreign, &"x".repeat(70_000))).await;
    assert_eq!((large.status(), element(&large, "Code")), (413, "RequestEntityTooLarge"), "{}", large.text());
    let nobody = server_made(Options::default(), AdmissionLimits::default(), ListenerConfig::default());
    let answer = nobody.send(wanted(foreign, &good)).await;
    assert!(element(&answer, "Message").starts_with("No OpenIDConnect provider found"), "{}", answer.text());
    assert_eq!(REGION, "eu-west-1");
}

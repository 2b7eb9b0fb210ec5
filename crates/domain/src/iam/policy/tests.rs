//! Tests of policies: what is refused and where, single decisions, and random policies against a slow reading of the rules.

use super::pattern::{Pattern, Reading};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn parse(statement: &Value) -> Result<PolicyDocument, PolicyError> {
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    PolicyDocument::parse(document.as_object().expect("an object"))
}

fn facts(pairs: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (key, value) in pairs {
        facts.add(key, *value);
    }
    facts
}

const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:123456789012:campaign/shop";

fn allows(condition: &Value, pairs: &[(&str, &str)]) -> bool {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    let policy = parse(&statement).expect("a policy");
    let facts = facts(pairs);
    policy.allows(&Question { action: "personalize:X", resource: CAMPAIGN, facts: &facts })
}

#[test]
fn what_is_no_policy_is_refused_with_its_place() {
    let good = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let with = |name: &str, value: Value| {
        let mut statement = good.clone();
        statement[name] = value;
        statement
    };
    assert!(parse(&good).is_ok() && parse(&json!([good, good])).is_ok());
    for (statement, place, words) in [
        (json!([]), "Statement", "Syntax errors"),
        (json!([good, 3]), "Statement[1]", "Syntax errors"),
        (with("Effct", json!("x")), "Statement[0].Effct", "there is no member Effct"),
        (with("Principal", json!("*")), "Statement[0].Principal", "should not specify a principal"),
        (with("Effect", json!("allow")), "Statement[0].Effect", "Invalid effect: allow"),
        (with("Action", json!([])), "Statement[0].Action", "must contain actions"),
        (with("Action", json!("GetObject")), "Statement[0].Action", "prefaced by a vendor"),
        (with("Action", json!(["s3:*", 7])), "Statement[0].Action", "Syntax errors"),
        (with("NotAction", json!("s3:*")), "Statement[0]", "not both"),
        (with("Resource", json!("campaign/shop")), "Statement[0].Resource", "ARN format"),
        (with("Resource", json!("arn:aws:s3:::${aws:username")), "Statement[0].Resource", "closing brace"),
        (
            with("Resource", json!("arn:aws:s3:::${aws:usrname}")),
            "Statement[0].Resource",
            "${aws:usrname} is not known",
        ),
        (with("Condition", json!([])), "Statement[0].Condition", "Syntax errors"),
        (with("Condition", json!({"StringEqual": {}})), "Statement[0].Condition.StringEqual", "Invalid Condition type"),
        (
            with("Condition", json!({"NullIfExists": {}})),
            "Statement[0].Condition.NullIfExists",
            "Invalid Condition type",
        ),
        (with("Condition", json!({"ForSome:Bool": {}})), "Statement[0].Condition.ForSome:Bool", "ForAllValues"),
        (with("Condition", json!({"Bool": "x"})), "Statement[0].Condition.Bool", "object of condition keys"),
        (
            with("Condition", json!({"IpAddress": {"aws:SourceIpp": "10.0.0.0/8"}})),
            "Statement[0].Condition.IpAddress.aws:SourceIpp",
            "aws:SourceIpp is not known",
        ),
        (
            with("Condition", json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}})),
            "Statement[0].Condition.IpAddress.aws:SourceIp",
            "'10.0.0.0/40' is not a block of addresses",
        ),
        (
            with("Condition", json!({"NumericLessThan": {"s3:max-keys": "ten"}})),
            "Statement[0].Condition.NumericLessThan.s3:max-keys",
            "'ten' is not a number",
        ),
        (
            with("Condition", json!({"DateLessThan": {"aws:CurrentTime": "tomorrow"}})),
            "Statement[0].Condition.DateLessThan.aws:CurrentTime",
            "'tomorrow' is not a date",
        ),
        (
            with("Condition", json!({"Bool": {"aws:SecureTransport": "yes"}})),
            "Statement[0].Condition.Bool.aws:SecureTransport",
            "'yes' is not true or false",
        ),
    ] {
        let error = parse(&statement).expect_err(&statement.to_string());
        assert_eq!(error.place, place, "{error}");
        assert!(error.to_string().contains(words), "{error} has no {words}");
    }
    let twice = json!([with("Sid", json!("a")), with("Sid", json!("a"))]);
    assert_eq!(parse(&twice).map_err(|error| error.place), Err("Statement[1].Sid".to_owned()));
    let error = PolicyDocument::parse_text(r#"{"Version": "2011-01-01", "Statement": []}"#).expect_err("no version");
    assert!(error.to_string().contains("2012-10-17"), "{error}");
    let error = PolicyDocument::parse_text("{\n  nothing").expect_err("no JSON");
    assert!(error.to_string().contains("line 2 column"), "{error}");
}

#[test]
fn conditions_hold_as_at_aws() {
    let ip = |block: &str| json!({"IpAddress": {"aws:SourceIp": block}});
    for (condition, pairs, holds) in [
        (ip("10.0.0.0/8"), &[("aws:SourceIp", "10.1.2.3")][..], true),
        (ip("10.0.0.0/8"), &[("AWS:sourceip", "::ffff:10.1.2.3")], true),
        (ip("10.0.0.0/8"), &[("aws:SourceIp", "11.1.2.3")], false),
        (ip("10.0.0.1"), &[("aws:SourceIp", "10.0.0.1")], true),
        (ip("2001:db8::/32"), &[("aws:SourceIp", "2001:db8::1")], true),
        (ip("10.0.0.0/8"), &[], false),
        (json!({"IpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}}), &[], true),
        (
            json!({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "12.0.0.0/8"]}}),
            &[("aws:SourceIp", "12.1.1.1")],
            false,
        ),
        (json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), &[], true),
        (json!({"Bool": {"aws:SecureTransport": true}}), &[("aws:SecureTransport", "true")], true),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), &[("aws:SecureTransport", "false")], false),
        (json!({"StringEquals": {"aws:username": "a*"}}), &[("aws:username", "ab")], false),
        (json!({"StringLike": {"aws:username": ["x", "a*"]}}), &[("aws:username", "ab")], true),
        (json!({"StringNotLike": {"aws:username": "a*"}}), &[("aws:username", "ab")], false),
        (json!({"StringEqualsIgnoreCase": {"aws:username": "SHOP"}}), &[("aws:username", "shop")], true),
        (json!({"StringNotEquals": {"aws:username": "a"}}), &[], true),
        (json!({"StringEquals": {"aws:RequestTag/team": "web"}}), &[("aws:RequestTag/Team", "web")], true),
        (json!({"Null": {"aws:RequestTag/team": "false"}}), &[], false),
        (json!({"Null": {"aws:RequestTag/team": "true"}}), &[], true),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
            &[("aws:TagKeys", "a"), ("aws:TagKeys", "b")],
            true,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}),
            &[("aws:TagKeys", "a"), ("aws:TagKeys", "c")],
            false,
        ),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}), &[], true),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}),
            &[("aws:TagKeys", "c"), ("aws:TagKeys", "a")],
            true,
        ),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}), &[], false),
        (
            json!({"DateLessThan": {"aws:CurrentTime": "2026-01-02T03:04:05Z"}}),
            &[("aws:CurrentTime", "2026-01-02T03:04:04Z")],
            true,
        ),
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-02"}}),
            &[("aws:CurrentTime", "2026-01-01T23:59:59Z")],
            false,
        ),
        (json!({"DateGreaterThanEquals": {"aws:EpochTime": "1767323045"}}), &[("aws:EpochTime", "1767323045")], true),
        (json!({"NumericLessThanEquals": {"s3:max-keys": 10}}), &[("s3:max-keys", "10")], true),
        (json!({"NumericNotEquals": {"s3:max-keys": "10"}}), &[("s3:max-keys", "10")], false),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/web-*"}}),
            &[("aws:PrincipalArn", "arn:aws:iam::1:user/web-a")],
            true,
        ),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:*:user/web"}}),
            &[("aws:PrincipalArn", "arn:aws:iam::1:user/web")],
            true,
        ),
        (
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:*:1:user/a:b"}}),
            &[("aws:PrincipalArn", "arn:aws:iam:x:1:user/a:b")],
            true,
        ),
        (json!({"StringEquals": {"kms:ViaService": "x"}}), &[], false),
        (
            json!({"StringLike": {"aws:PrincipalArn": "*/${aws:username}"}}),
            &[("aws:PrincipalArn", "user/me"), ("aws:username", "me")],
            true,
        ),
        (json!({"StringLike": {"aws:PrincipalArn": "*/${aws:username}"}}), &[("aws:PrincipalArn", "user/*")], false),
        (json!({"StringEquals": {"aws:userid": "${aws:username, 'none'}"}}), &[("aws:userid", "none")], true),
    ] {
        assert_eq!(allows(&condition, pairs), holds, "{condition} {pairs:?}");
    }
}

#[test]
fn values_of_requests_have_no_wildcards() {
    let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home-${aws:username}/${*}"});
    let policy = parse(&statement).expect("a policy");
    let asks = |user: &str, resource: &str| {
        let facts = facts(&[("aws:username", user)]);
        policy.allows(&Question { action: "S3:getobject", resource, facts: &facts })
    };
    assert!(asks("ann", "arn:aws:s3:::home-ann/*"));
    assert!(!asks("*", "arn:aws:s3:::home-ann/*") && !asks("ann", "arn:aws:s3:::home-ann/x"));
    let of_2008 = PolicyDocument::parse_text(
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"}}"#,
    );
    let facts = facts(&[("aws:username", "ann")]);
    let of_2008 = of_2008.expect("a policy");
    let ask = |resource| of_2008.allows(&Question { action: "s3:GetObject", resource, facts: &facts });
    assert!(ask("arn:aws:s3:::${aws:username}") && !ask("arn:aws:s3:::ann"));
}

#[test]
fn denials_win_and_session_policies_take_away() {
    let policy = |effect: &str, action: &str| {
        Arc::new(parse(&json!({"Effect": effect, "Action": action, "Resource": "*"})).expect("a policy"))
    };
    let facts = Facts::default();
    let question = Question { action: "personalize:DeleteCampaign", resource: CAMPAIGN, facts: &facts };
    let (all, delete) = (policy("Allow", "*"), policy("Deny", "personalize:Delete*"));
    let decide = |identity: &[&Arc<PolicyDocument>], session: Option<&Arc<PolicyDocument>>| {
        let identity = identity.iter().map(|policy| (*policy).clone()).collect();
        Permissions { identity, session: session.cloned() }.decide(&question)
    };
    assert_eq!(decide(&[], None), Decision::Denied(Denial::NoIdentityPolicy));
    assert_eq!(decide(&[&all], None), Decision::Allowed);
    assert_eq!(decide(&[&all, &delete], None), Decision::Denied(Denial::DenyInIdentityPolicy));
    assert_eq!(decide(&[], Some(&all)), Decision::Denied(Denial::NoIdentityPolicy));
    assert_eq!(decide(&[&all], Some(&policy("Allow", "s3:*"))), Decision::Denied(Denial::NoSessionPolicy));
    assert_eq!(decide(&[&all], Some(&delete)), Decision::Denied(Denial::DenyInSessionPolicy));
    assert_eq!(
        decide(&[&all, &Arc::new(PolicyDocument::deny_all())], None),
        Decision::Denied(Denial::DenyInIdentityPolicy)
    );
    let words = Denial::NoIdentityPolicy.because("personalize:DeleteCampaign");
    assert_eq!(words, "because no identity-based policy allows the personalize:DeleteCampaign action");
}

/// The meaning of a pattern, letter by letter.
fn fits_slowly(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => fits_slowly(rest, text),
        (Some(('*', rest)), Some((_, after))) => fits_slowly(rest, text) || fits_slowly(pattern, after),
        (Some(('?', rest)), Some((_, after))) => fits_slowly(rest, after),
        (Some((wanted, rest)), Some((letter, after))) => wanted == letter && fits_slowly(rest, after),
        _ => false,
    }
}

#[derive(Debug, Clone)]
struct Random {
    allows: bool,
    not_action: bool,
    actions: Vec<String>,
    not_resource: bool,
    resources: Vec<String>,
    user: Option<String>,
}

impl Random {
    fn json(&self) -> Value {
        let name = |not: bool, name: &str| if not { format!("Not{name}") } else { name.to_owned() };
        let mut statement = json!({"Effect": if self.allows { "Allow" } else { "Deny" }});
        statement[name(self.not_action, "Action")] = json!(self.actions);
        statement[name(self.not_resource, "Resource")] = json!(self.resources);
        if let Some(user) = &self.user {
            statement["Condition"] = json!({"StringLike": {"aws:username": user}});
        }
        statement
    }

    fn says(&self, allows: bool, action: &str, resource: &str, user: &str) -> bool {
        let fits = |pattern: &String, text: &str| {
            fits_slowly(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
        };
        self.allows == allows
            && self.actions.iter().any(|pattern| fits(pattern, action)) != self.not_action
            && self.resources.iter().any(|pattern| fits(pattern, resource)) != self.not_resource
            && self.user.as_ref().is_none_or(|pattern| fits(pattern, user))
    }
}

fn random() -> impl Strategy<Value = Random> {
    let actions = prop::collection::vec("s:[ab*?]{1,3}", 1..3);
    let resources = prop::collection::vec("arn:[ab*?]{0,3}", 1..3);
    let user = prop::option::of("[ab*?]{1,2}");
    (any::<bool>(), any::<bool>(), actions, any::<bool>(), resources, user).prop_map(
        |(allows, not_action, actions, not_resource, resources, user)| Random {
            allows,
            not_action,
            actions,
            not_resource,
            resources,
            user,
        },
    )
}

proptest! {
    #[test]
    fn patterns_fit_as_they_do_letter_by_letter(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let compiled = Pattern::parse(&pattern, Reading { wildcards: true, variables: true });
        let slow = fits_slowly(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(compiled.map(|p| p.matches(&text, &Facts::default())), Ok(slow));
    }

    #[test]
    fn decisions_are_those_of_the_rules_read_slowly(
        statements in prop::collection::vec(random(), 1..5),
        session in prop::option::of(prop::collection::vec(random(), 1..3)),
        action in "s:[ab]{1,3}",
        resource in "arn:[ab]{0,3}",
        user in "[ab]{1,2}",
    ) {
        let document = |of: &[Random]| {
            Arc::new(parse(&Value::Array(of.iter().map(Random::json).collect())).expect("a policy"))
        };
        let permissions = Permissions { identity: vec![document(&statements)], session: session.as_deref().map(document) };
        let facts = facts(&[("aws:username", &user)]);
        let decided = permissions.decide(&Question { action: &action, resource: &resource, facts: &facts });
        let says = |of: &[Random], allows| of.iter().any(|statement| statement.says(allows, &action, &resource, &user));
        let expected = if says(&statements, false) {
            Decision::Denied(Denial::DenyInIdentityPolicy)
        } else if session.as_ref().is_some_and(|of| says(of, false)) {
            Decision::Denied(Denial::DenyInSessionPolicy)
        } else if !says(&statements, true) {
            Decision::Denied(Denial::NoIdentityPolicy)
        } else if session.as_ref().is_some_and(|of| !says(of, true)) {
            Decision::Denied(Denial::NoSessionPolicy)
        } else {
            Decision::Allowed
        };
        prop_assert_eq!(decided, expected);
    }

    #[test]
    fn no_text_makes_the_reading_panic(text in ".{0,200}") {
        let _ = PolicyDocument::parse_text(&text);
        let _ = parse(&json!({"Effect": "Allow", "Action": text.clone(), "Resource": text}));
    }
}

//! Trust policies of roles: whether one lets somebody take the role on.

use serde_json::Value;
use std::collections::BTreeMap;

/// A wish to take on a role.
pub struct Request<'a> {
    /// `sts:AssumeRole` or one of its siblings.
    pub action: &'a str,
    /// The account of the role, all of whose principals are meant by its root.
    pub account: &'a str,
    /// The names by which a policy can mean the caller.
    pub arns: &'a [&'a str],
    /// Values of the condition keys that are known of the request.
    pub facts: &'a BTreeMap<String, String>,
}

/// Whether a policy allows the request and no statement denies it. A condition on something that is not known of any request
/// here, such as the caller's organization, counts as kept; one on what a request can say, such as an external id, does not
/// when the request does not say it. What is not understood, such as an operator that is not built, allows nothing and denies.
pub fn trusts(document: &str, request: &Request<'_>) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(document) else { return false };
    let applies = |effect: &str| {
        several(policy.get("Statement")).into_iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && concerns(statement, request, effect == "Deny")
        })
    };
    applies("Allow") && !applies("Deny")
}

/// `unclear` is the answer where the statement is not understood.
fn concerns(statement: &Value, request: &Request<'_>, unclear: bool) -> bool {
    let acts = |pattern: &str| is_like(&pattern.to_ascii_lowercase(), &request.action.to_ascii_lowercase());
    let is_action = match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => texts(Some(actions)).any(acts),
        (None, Some(others)) => !texts(Some(others)).any(acts),
        _ => unclear,
    };
    let is_principal = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), None) => names(principal, request),
        (None, Some(others)) => !names(others, request),
        _ => unclear,
    };
    is_action && is_principal && keeps(statement.get("Condition"), request, unclear)
}

fn names(principal: &Value, request: &Request<'_>) -> bool {
    if principal.as_str() == Some("*") {
        return true;
    }
    let root = format!("arn:aws:iam::{}:root", request.account);
    // Tags are given by whoever takes the role on by a signature.
    let federated = request.action.starts_with("sts:AssumeRoleWith");
    let kind = if federated { "Federated" } else { "AWS" };
    texts(principal.get(kind)).any(|name| {
        let whole_account = !federated && (name == request.account || name == root);
        name == "*" || whole_account || request.arns.iter().any(|arn| name == *arn || is_session_of(name, arn))
    })
}

/// Whether a policy's role is the one that a session's ARN belongs to.
fn is_session_of(role: &str, session: &str) -> bool {
    let Some((account, rest)) =
        session.strip_prefix("arn:aws:sts::").and_then(|rest| rest.split_once(":assumed-role/"))
    else {
        return false;
    };
    let name = rest.split('/').next().unwrap_or_default();
    let Some(path) = role.strip_prefix(&format!("arn:aws:iam::{account}:role/")) else { return false };
    path.rsplit('/').next() == Some(name)
}

fn keeps(conditions: Option<&Value>, request: &Request<'_>, unclear: bool) -> bool {
    let Some(conditions) = conditions else { return true };
    let Some(conditions) = conditions.as_object() else { return unclear };
    conditions.iter().all(|(operator, keys)| {
        let Some(keys) = keys.as_object() else { return unclear };
        keys.iter().all(|(key, wanted)| {
            let known = request.facts.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
            let lower = key.to_ascii_lowercase();
            let sayable = lower == "sts:externalid" || lower.ends_with(":sub") || lower.ends_with(":aud");
            match (operator.as_str(), known) {
                ("StringEquals", Some(value)) => texts(Some(wanted)).any(|wanted| wanted == value),
                ("StringLike", Some(value)) => texts(Some(wanted)).any(|wanted| is_like(wanted, value)),
                (_, None) if !sayable => true,
                ("StringEquals" | "StringLike", None) => false,
                _ => unclear,
            }
        })
    })
}

/// `*` stands for any text and `?` for one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last star, and the place in the text from which it is tried again.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(wanted), _) if *wanted == '?' || *wanted == text[t] => {
                p += 1;
                t += 1;
            }
            (_, Some((at, from))) => {
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
            _ => return false,
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// One value or a list of them.
fn several(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    several(value).into_iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const USER: &str = "arn:aws:iam::000000000000:user/tastemaker";

    fn allows(statement: &Value, arn: &str, facts: &[(&str, &str)]) -> bool {
        let facts = facts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let request = Request { action: "sts:AssumeRole", account: "000000000000", arns: &[arn], facts: &facts };
        trusts(&json!({"Version": "2012-10-17", "Statement": statement}).to_string(), &request)
    }

    fn statement(principal: &Value) -> Value {
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
    }

    #[test]
    fn principals_are_accounts_users_and_roles() {
        for (principal, trusted) in [
            (json!("*"), true),
            (json!({"AWS": "*"}), true),
            (json!({"AWS": "000000000000"}), true),
            (json!({"AWS": ["x", "arn:aws:iam::000000000000:root"]}), true),
            (json!({"AWS": USER}), true),
            (json!({"AWS": "arn:aws:iam::000000000000:user/other"}), false),
            (json!({"AWS": "arn:aws:iam::111111111111:root"}), false),
            (json!({"Service": "personalize.amazonaws.com"}), false),
            (json!({"Federated": USER}), false),
        ] {
            assert_eq!(allows(&statement(&principal), USER, &[]), trusted, "{principal}");
        }
        let session = "arn:aws:sts::000000000000:assumed-role/build/me";
        let role = |name: &str| statement(&json!({"AWS": format!("arn:aws:iam::000000000000:role/{name}")}));
        assert!(allows(&role("path/build"), session, &[]) && !allows(&role("deploy"), session, &[]));
    }

    #[test]
    fn what_is_not_understood_denies_and_allows_nothing() {
        let facts = BTreeMap::from([("sts:ExternalId".to_owned(), "e".to_owned())]);
        let request = Request { action: "sts:AssumeRole", account: "123456789012", arns: &[USER], facts: &facts };
        let statement = |effect: &str, more: Value| {
            let mut statement = json!({"Effect": effect, "Action": "*", "Principal": {"AWS": USER}});
            more.as_object().expect("members").iter().for_each(|(name, value)| statement[name] = value.clone());
            statement
        };
        let trusted = |statements: Vec<Value>| trusts(&json!({"Statement": statements}).to_string(), &request);
        let allow = statement("Allow", json!({}));
        assert!(trusted(vec![allow.clone()]));
        for condition in
            [json!("none"), json!({"StringEquals": "e"}), json!({"StringNotEquals": {"sts:ExternalId": "x"}})]
        {
            let more = json!({"Condition": condition});
            assert!(!trusted(vec![statement("Allow", more.clone())]), "{condition}");
            assert!(!trusted(vec![allow.clone(), statement("Deny", more)]), "{condition}");
        }
        let others = |effect: &str, not_principal: &str| {
            let mut statement = statement(effect, json!({"NotPrincipal": {"AWS": not_principal}}));
            statement.as_object_mut().expect("members").remove("Principal");
            statement
        };
        assert!(!trusted(vec![allow.clone(), others("Deny", "arn:aws:iam::123456789012:user/other")]));
        assert!(trusted(vec![allow, others("Deny", USER)]));
    }

    #[test]
    fn actions_effects_and_conditions_count() {
        let mut base = statement(&json!("*"));
        for (action, trusted) in
            [(json!("sts:*"), true), (json!(["x", "STS:assumerole"]), true), (json!("sts:AssumeRoleWithSAML"), false)]
        {
            base["Action"] = action;
            assert_eq!(allows(&base, USER, &[]), trusted, "{base}");
        }
        let base = statement(&json!("*"));
        let deny = json!({"Effect": "Deny", "Action": "*", "Principal": {"AWS": USER}});
        assert!(!allows(&json!([base, deny]), USER, &[]));
        let with = |condition: Value| {
            let mut statement = base.clone();
            statement["Condition"] = condition;
            statement
        };
        let id = with(json!({"StringEquals": {"sts:ExternalId": ["a", "b"]}}));
        assert!(allows(&id, USER, &[("sts:ExternalId", "b")]));
        assert!(!allows(&id, USER, &[("sts:ExternalId", "c")]) && !allows(&id, USER, &[]));
        let like = with(json!({"StringLike": {"sts:ExternalId": "a*z?"}}));
        assert!(allows(&like, USER, &[("sts:ExternalId", "abzz1")]));
        assert!(!allows(&like, USER, &[("sts:ExternalId", "abz")]));
        assert!(!allows(&with(json!({"StringNotEquals": {"sts:ExternalId": "a"}})), USER, &[("sts:ExternalId", "b")]));
        assert!(allows(&with(json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})), USER, &[]));
        assert!(!allows(&with(json!({"StringEquals": "sts:ExternalId"})), USER, &[("sts:ExternalId", "b")]));
        for key in ["sts:ExternalId", "oidc.example:sub", "OIDC.example:AUD"] {
            assert!(!allows(&with(json!({"StringEquals": {key: "a"}})), USER, &[]), "{key} can be said and was not");
        }
        for document in ["", "[]", "{}", "{\"Statement\":3}"] {
            let request = Request { action: "sts:AssumeRole", account: "0", arns: &[USER], facts: &BTreeMap::new() };
            assert!(!trusts(document, &request), "{document}");
        }
    }
}

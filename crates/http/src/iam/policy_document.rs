//! The form of policy documents: the statements and the members that AWS wants in them. Policies of permissions are read to the
//! end, so that what cannot be decided by is refused here.

use super::error::IamError;
use super::form::Form;
use serde_json::{Map, Value};
use tastemaker_domain::iam::policy::PolicyDocument;

/// The kinds of policies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A trust policy: the principals that may take on a role.
    Trust,
    /// A policy of permissions.
    Permissions,
}

impl Form {
    /// A role's trust policy.
    pub fn trust_policy(&self, name: &str) -> Result<&str, IamError> {
        self.policy(name, Kind::Trust)
    }

    /// A policy of permissions.
    pub fn permissions(&self, name: &str) -> Result<&str, IamError> {
        self.policy(name, Kind::Permissions)
    }

    fn policy(&self, name: &str, kind: Kind) -> Result<&str, IamError> {
        let (text, document) = self.document(name)?;
        check(&document, kind).map_err(IamError::malformed)?;
        if kind == Kind::Permissions {
            PolicyDocument::parse(&document).map_err(|error| IamError::malformed(error.to_string()))?;
        }
        Ok(text)
    }
}

/// The rule that a document breaks, in AWS's words.
fn check(document: &Map<String, Value>, kind: Kind) -> Result<(), String> {
    let statements = match document.get("Statement") {
        None => return Err("Missing required field Statement".to_owned()),
        Some(Value::Array(several)) if !several.is_empty() => several.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        Some(_) => return Err("Syntax errors in policy.".to_owned()),
    };
    statements.into_iter().try_for_each(|statement| check_statement(statement, kind))
}

fn check_statement(statement: &Value, kind: Kind) -> Result<(), String> {
    let Value::Object(statement) = statement else { return Err("Syntax errors in policy.".to_owned()) };
    let has = |name: &str| statement.contains_key(name) || statement.contains_key(&format!("Not{name}"));
    let needs = |name: &str, words: String| if has(name) { Ok(()) } else { Err(words) };
    match statement.get("Effect") {
        Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => {}
        Some(Value::String(effect)) => return Err(format!("Invalid effect: {effect}")),
        Some(_) => return Err("Syntax errors in policy.".to_owned()),
        None => return Err("Missing required field Effect".to_owned()),
    }
    match kind {
        Kind::Trust => {
            needs("Principal", "Missing required field Principal".to_owned())?;
            needs("Action", "Missing required field Action".to_owned())?;
            if has("Resource") {
                return Err("Has prohibited field Resource".to_owned());
            }
        }
        Kind::Permissions => {
            if has("Principal") {
                return Err("Policy document should not specify a principal.".to_owned());
            }
            needs("Action", "Policy statement must contain actions.".to_owned())?;
            needs("Resource", "Policy statement must contain resources.".to_owned())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(document: &Value, kind: Kind) -> String {
        let document = document.as_object().cloned().unwrap_or_default();
        check(&document, kind).err().unwrap_or_default()
    }

    #[test]
    fn statements_have_what_their_kind_needs() {
        let trust = json!({"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"});
        let own = json!({"Sid": "a", "Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*", "Condition": {}});
        let with = |statement: &Value, name: &str, value: Value| {
            let mut statement = statement.clone();
            statement[name] = value;
            statement
        };
        let without = |statement: &Value, name: &str| {
            let mut statement = statement.clone();
            statement.as_object_mut().map(|members| members.remove(name));
            statement
        };
        for (kind, statement, words) in [
            (Kind::Trust, trust.clone(), ""),
            (Kind::Trust, json!([trust, trust]), ""),
            (Kind::Trust, json!([]), "Syntax errors in policy."),
            (Kind::Trust, json!("x"), "Syntax errors in policy."),
            (Kind::Trust, json!([trust, 3]), "Syntax errors in policy."),
            (Kind::Trust, without(&trust, "Effect"), "Missing required field Effect"),
            (Kind::Trust, with(&trust, "Effect", json!("allow")), "Invalid effect: allow"),
            (Kind::Trust, without(&trust, "Principal"), "Missing required field Principal"),
            (Kind::Trust, without(&trust, "Action"), "Missing required field Action"),
            (Kind::Trust, with(&trust, "Resource", json!("*")), "Has prohibited field Resource"),
            (Kind::Permissions, own.clone(), ""),
            (Kind::Permissions, without(&own, "NotAction"), "Policy statement must contain actions."),
            (Kind::Permissions, without(&own, "Resource"), "Policy statement must contain resources."),
            (Kind::Permissions, with(&own, "Principal", json!("*")), "Policy document should not specify a principal."),
        ] {
            assert_eq!(outcome(&json!({"Version": "2012-10-17", "Statement": statement}), kind), words, "{statement}");
        }
        assert_eq!(outcome(&json!({}), Kind::Trust), "Missing required field Statement");
    }
}

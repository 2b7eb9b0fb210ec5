//! The resources of requests to the identity service and to Systems Manager.

use crate::iam::Form;
use serde_json::{Map, Value};
use tastemaker_service::Ctx;
use tastemaker_service::iam::Identities;

/// The resource of an action of the identity service: the user, role or policy that it acts upon, whatever else the form names.
pub fn of_iam(ctx: &Ctx, identities: &Identities, action: &str, form: &Form) -> Vec<String> {
    let directory = identities.directory();
    let fresh = |kind: &str, name: &str| {
        let path = form.get("Path").filter(|_| action.starts_with("Create")).unwrap_or("/");
        format!("arn:aws:iam::{}:{kind}{path}{name}", ctx.account)
    };
    let named = match Subject::of(action) {
        Subject::Nothing => None,
        Subject::Role => form
            .get("RoleName")
            .map(|name| directory.roles.get(name).map_or_else(|| fresh("role", name), |role| role.arn.clone())),
        Subject::User => form
            .get("UserName")
            .map(|name| directory.users.get(name).map_or_else(|| fresh("user", name), |user| user.arn.clone())),
        Subject::Key => form.get("AccessKeyId").and_then(|id| directory.keys.get(id)).map(|key| key.user.arn.clone()),
        Subject::NewPolicy => form.get("PolicyName").map(|name| fresh("policy", name)),
        Subject::Policy => form.get("PolicyArn").map(str::to_owned),
    };
    vec![named.unwrap_or_else(|| "*".to_owned())]
}

/// The resource that an action acts upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Nothing,
    Role,
    User,
    Key,
    NewPolicy,
    Policy,
}

impl Subject {
    fn of(action: &str) -> Self {
        match action {
            "ListUsers" | "ListRoles" | "ListPolicies" | "CreateServiceLinkedRole" => Self::Nothing,
            "GetAccessKeyLastUsed" => Self::Key,
            "CreatePolicy" => Self::NewPolicy,
            _ if action.contains("Role") => Self::Role,
            _ if action.contains("User") || action.contains("AccessKey") => Self::User,
            _ if action.contains("Polic") => Self::Policy,
            _ => Self::Nothing,
        }
    }
}

/// The parameters that a request to Systems Manager names.
pub fn of_parameters(account: &str, region: &str, body: &[u8]) -> Vec<String> {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let arn = |name: &str| format!("arn:aws:ssm:{region}:{account}:parameter/{}", name.trim_start_matches('/'));
    let mut named: Vec<String> =
        ["Name", "Path", "ResourceId"].iter().filter_map(|member| members.get(*member)?.as_str()).map(arn).collect();
    let several = members.get("Names").and_then(Value::as_array).into_iter().flatten();
    named.extend(several.filter_map(Value::as_str).map(arn));
    if named.is_empty() { vec!["*".to_owned()] } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_act_upon_one_thing() {
        for (action, subject) in [
            ("AttachRolePolicy", Subject::Role),
            ("UpdateAssumeRolePolicy", Subject::Role),
            ("ListInstanceProfilesForRole", Subject::Role),
            ("AttachUserPolicy", Subject::User),
            ("UpdateAccessKey", Subject::User),
            ("RotateAccessKey", Subject::User),
            ("ListAccessKeyUsage", Subject::User),
            ("GetAccessKeyLastUsed", Subject::Key),
            ("DeletePolicy", Subject::Policy),
            ("ListEntitiesForPolicy", Subject::Policy),
            ("CreatePolicy", Subject::NewPolicy),
            ("ListUsers", Subject::Nothing),
            ("Nothing", Subject::Nothing),
        ] {
            assert_eq!(Subject::of(action), subject, "{action}");
        }
    }

    #[test]
    fn parameters_are_named_by_arn() {
        let of = |body: &str| of_parameters("123456789012", "eu-west-1", body.as_bytes()).join(" ");
        let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter";
        assert_eq!(of(r#"{"Name": "/shop/campaign"}"#), format!("{arn}/shop/campaign"));
        assert_eq!(of(r#"{"Names": ["a", "/b"]}"#), format!("{arn}/a {arn}/b"));
        assert_eq!((of("{}"), of("no json")), ("*".to_owned(), "*".to_owned()));
    }
}

//! Roles and the policies on them.

use super::account::Account;
use super::form::Form;
use super::page::{IamResult, page};
use crate::xml;
use tastemaker_domain::iam::Role;
use tastemaker_service::iam::{self, NewRole};

const ROLE_NAME_CHARS_MAX: usize = 64;
const POLICY_NAME_CHARS_MAX: usize = 128;
/// Seconds of a role's session when the caller does not say.
const SESSION_S_DEFAULT: u32 = 3600;

fn shown(role: &Role) -> String {
    [
        xml::text("Path", &role.path),
        xml::text("RoleName", &role.name),
        xml::text("RoleId", &role.id),
        xml::text("Arn", &role.arn),
        xml::date("CreateDate", role.created_ms),
        xml::document("AssumeRolePolicyDocument", &role.trust_policy),
        xml::optional("Description", role.description.as_deref()),
        xml::text("MaxSessionDuration", &role.max_session_s.to_string()),
        xml::tags(&role.tags),
    ]
    .concat()
}

pub async fn create(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let new = NewRole {
        name: form.name("RoleName", ROLE_NAME_CHARS_MAX)?.to_owned(),
        path: form.path()?.to_owned(),
        trust_policy: form.trust_policy("AssumeRolePolicyDocument")?.to_owned(),
        description: form.get("Description").map(str::to_owned),
        max_session_s: form.number("MaxSessionDuration", 3600..=43_200)?.unwrap_or(SESSION_S_DEFAULT),
        tags: form.tags()?,
    };
    Ok(xml::element("Role", &shown(&iam::create_role(ctx, new).await?)))
}

/// The role that a service keeps for itself; its name follows from the service's.
pub async fn create_service_linked(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let service = form.name("AWSServiceName", 128)?;
    let label = service.split('.').next().unwrap_or(service);
    let (first, rest) = label.split_at(label.len().min(1));
    let suffix = form.get("CustomSuffix").map(|suffix| format!("_{suffix}")).unwrap_or_default();
    let new = NewRole {
        name: format!("AWSServiceRoleFor{}{rest}{suffix}", first.to_ascii_uppercase()),
        path: format!("/aws-service-role/{service}/"),
        trust_policy: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{{"Service":["{service}"]}}}}]}}"#
        ),
        description: form.get("Description").map(str::to_owned),
        max_session_s: SESSION_S_DEFAULT,
        tags: Default::default(),
    };
    Ok(xml::element("Role", &shown(&iam::create_role(ctx, new).await?)))
}

pub async fn get(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = iam::role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    Ok(xml::element("Role", &shown(&role)))
}

pub async fn list(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let roles = iam::list_roles(ctx, form.get("PathPrefix").unwrap_or("/")).await?;
    page(form, "Roles", roles, |role| &role.name, shown)
}

pub async fn delete(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::delete_role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    Ok(String::new())
}

pub async fn update_trust(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let document = form.trust_policy("PolicyDocument")?;
    iam::set_trust_policy(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?, document).await?;
    Ok(String::new())
}

pub async fn update(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let max_session_s = form.number("MaxSessionDuration", 3600..=43_200)?;
    let name = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    iam::update_role(ctx, name, form.get("Description"), max_session_s).await?;
    Ok(String::new())
}

pub async fn tag(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::retag::<Role>(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?, &form.tags()?, &[]).await?;
    Ok(String::new())
}

pub async fn untag(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let keys: Vec<String> = (1..).map_while(|n| form.get(&format!("TagKeys.member.{n}"))).map(str::to_owned).collect();
    iam::retag::<Role>(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?, &Default::default(), &keys).await?;
    Ok(String::new())
}

pub async fn list_tags(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = iam::role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    let tags: Vec<(String, String)> = role.tags.into_iter().collect();
    page(form, "Tags", tags, |(key, _)| key, |(key, value)| xml::text("Key", key) + &xml::text("Value", value))
}

/// There are no instances here, and so no profiles of them; clean-up scripts ask before they delete a role.
pub async fn list_instance_profiles(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    Ok(xml::list("InstanceProfiles", []) + &xml::text("IsTruncated", "false"))
}

pub async fn attach(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    iam::attach::<Role>(ctx, role, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

pub async fn detach(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    iam::detach::<Role>(ctx, role, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

pub async fn list_attached(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = iam::role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    let attached: Vec<(String, String)> = role.attached.into_iter().collect();
    let show = |(arn, name): &(String, String)| xml::text("PolicyName", name) + &xml::text("PolicyArn", arn);
    page(form, "AttachedPolicies", attached, |(arn, _)| arn, show)
}

pub async fn put_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    let policy = form.name("PolicyName", POLICY_NAME_CHARS_MAX)?;
    iam::put_inline::<Role>(ctx, role, policy, form.permissions("PolicyDocument")?).await?;
    Ok(String::new())
}

pub async fn get_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    let policy = form.name("PolicyName", POLICY_NAME_CHARS_MAX)?;
    let document = iam::inline::<Role>(ctx, role, policy).await?;
    Ok([xml::text("RoleName", role), xml::text("PolicyName", policy), xml::document("PolicyDocument", &document)]
        .concat())
}

pub async fn delete_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = form.name("RoleName", ROLE_NAME_CHARS_MAX)?;
    iam::delete_inline::<Role>(ctx, role, form.name("PolicyName", POLICY_NAME_CHARS_MAX)?).await?;
    Ok(String::new())
}

pub async fn list_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let role = iam::role(ctx, form.name("RoleName", ROLE_NAME_CHARS_MAX)?).await?;
    let names: Vec<String> = role.inline.into_keys().collect();
    page(form, "PolicyNames", names, |name| name, |name| xml::escaped(name))
}

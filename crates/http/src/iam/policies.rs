//! Policies of the account's own and of AWS's. Each has one version, `v1`.

use super::account::Account;
use super::error::IamError;
use super::form::Form;
use super::page::{IamResult, page};
use crate::xml;
use tastemaker_domain::iam::{Policy, Role, User};
use tastemaker_service::iam::{self, NewPolicy};

const POLICY_NAME_CHARS_MAX: usize = 128;
const VERSION: &str = "v1";

fn shown(policy: &Policy, attached: usize) -> String {
    [
        xml::text("PolicyName", &policy.name),
        xml::text("PolicyId", &policy.id),
        xml::text("Arn", &policy.arn),
        xml::text("Path", &policy.path),
        xml::text("DefaultVersionId", VERSION),
        xml::text("AttachmentCount", &attached.to_string()),
        xml::text("PermissionsBoundaryUsageCount", "0"),
        xml::text("IsAttachable", "true"),
        xml::optional("Description", policy.description.as_deref()),
        xml::date("CreateDate", policy.created_ms),
        xml::date("UpdateDate", policy.created_ms),
        xml::tags(&policy.tags),
    ]
    .concat()
}

pub async fn create(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let new = NewPolicy {
        name: form.name("PolicyName", POLICY_NAME_CHARS_MAX)?.to_owned(),
        path: form.path()?.to_owned(),
        document: form.permissions("PolicyDocument")?.to_owned(),
        description: form.get("Description").map(str::to_owned),
        tags: form.tags()?,
    };
    Ok(xml::element("Policy", &shown(&iam::create_policy(ctx, new).await?, 0)))
}

pub async fn get(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let (policy, attached) = iam::policy(ctx, form.require("PolicyArn")?).await?;
    Ok(xml::element("Policy", &shown(&policy, attached)))
}

pub async fn get_version(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let (policy, _) = iam::policy(ctx, form.require("PolicyArn")?).await?;
    let version = form.require("VersionId")?;
    if version != VERSION {
        let text = format!("Policy {} version {version} does not exist or is not attachable.", policy.arn);
        return Err(tastemaker_domain::Error::NotFound(text).into());
    }
    let content = [
        xml::document("Document", &policy.document),
        xml::text("VersionId", VERSION),
        xml::text("IsDefaultVersion", "true"),
        xml::date("CreateDate", policy.created_ms),
    ];
    Ok(xml::element("PolicyVersion", &content.concat()))
}

/// The account's own policies, and of AWS's those that scripts look for.
pub async fn list(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let prefix = form.get("PathPrefix").unwrap_or("/");
    let scope = form.get("Scope").unwrap_or("All");
    if !["All", "AWS", "Local"].contains(&scope) {
        return Err(IamError::validation(format!(
            "Value '{scope}' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]"
        )));
    }
    let mut policies = Vec::new();
    if scope != "AWS" {
        policies = iam::list_policies(ctx, prefix).await?;
    }
    if scope != "Local" {
        policies.extend(
            iam::list_managed_policies(ctx).await?.into_iter().filter(|policy| policy.path.starts_with(prefix)),
        );
    }
    let counts = iam::attachment_counts(ctx).await?;
    let attached = |policy: &Policy| counts.get(&policy.arn).copied().unwrap_or_default();
    if form.get("OnlyAttached") == Some("true") {
        policies.retain(|policy| attached(policy) > 0);
    }
    policies.sort_by(|a, b| a.arn.cmp(&b.arn));
    page(form, "Policies", policies, |policy| &policy.arn, |policy| shown(policy, attached(policy)))
}

/// The one version that every policy has.
pub async fn list_versions(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let (policy, _) = iam::policy(ctx, form.require("PolicyArn")?).await?;
    let show = |policy: &Policy| {
        let created = xml::date("CreateDate", policy.created_ms);
        xml::text("VersionId", VERSION) + &xml::text("IsDefaultVersion", "true") + &created
    };
    page(form, "Versions", vec![policy], |_| VERSION, show)
}

/// The users and roles that have a policy; there are no groups.
pub async fn list_entities(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let (policy, _) = iam::policy(ctx, form.require("PolicyArn")?).await?;
    let mut roles = iam::list_roles(ctx, "/").await?;
    roles.retain(|role| role.attached.contains_key(&policy.arn));
    let mut users = iam::list_users(ctx, "/").await?;
    users.retain(|user| user.attached.contains_key(&policy.arn));
    let named = |user: &User| xml::text("UserName", &user.name) + &xml::text("UserId", &user.id);
    let users = xml::list("PolicyUsers", users.iter().map(named)) + &xml::list("PolicyGroups", []);
    let show = |role: &Role| xml::text("RoleName", &role.name) + &xml::text("RoleId", &role.id);
    Ok(users + &page(form, "PolicyRoles", roles, |role| &role.name, show)?)
}

pub async fn delete(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::delete_policy(ctx, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

//! Policies of the account's own. Each has one version, `v1`.

use super::form::Form;
use super::page::{IamResult, page};
use crate::xml;
use tastemaker_domain::iam::Policy;
use tastemaker_service::Ctx;
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

pub async fn create(ctx: &Ctx, form: &Form) -> IamResult {
    let new = NewPolicy {
        name: form.name("PolicyName", POLICY_NAME_CHARS_MAX)?.to_owned(),
        path: form.path()?.to_owned(),
        document: form.document("PolicyDocument")?.to_owned(),
        description: form.get("Description").map(str::to_owned),
        tags: form.tags()?,
    };
    Ok(xml::element("Policy", &shown(&iam::create_policy(ctx, new).await?, 0)))
}

pub async fn get(ctx: &Ctx, form: &Form) -> IamResult {
    let (policy, attached) = iam::policy(ctx, form.require("PolicyArn")?).await?;
    Ok(xml::element("Policy", &shown(&policy, attached)))
}

pub async fn get_version(ctx: &Ctx, form: &Form) -> IamResult {
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

/// The account's own policies; AWS's are too many to tell and listed nowhere.
pub async fn list(ctx: &Ctx, form: &Form) -> IamResult {
    let policies = match form.get("Scope") {
        Some("AWS") => Vec::new(),
        _ => iam::list_policies(ctx, form.get("PathPrefix").unwrap_or("/")).await?,
    };
    let roles = iam::list_roles(ctx, "/").await?;
    let attached = |policy: &Policy| roles.iter().filter(|role| role.attached.contains_key(&policy.arn)).count();
    page(form, "Policies", policies, |policy| &policy.arn, |policy| shown(policy, attached(policy)))
}

pub async fn delete(ctx: &Ctx, form: &Form) -> IamResult {
    iam::delete_policy(ctx, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

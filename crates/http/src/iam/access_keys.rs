//! Access keys of users.

use super::account::Account;
use super::error::IamError;
use super::form::Form;
use super::page::{IamResult, page};
use super::users::named;
use crate::key_usage::{KeyCounts, KeyFamily, KeyTable};
use crate::xml;
use tastemaker_domain::iam::AccessKey;
use tastemaker_domain::resource::TimeMs;
use tastemaker_service::iam;

fn status(key: &AccessKey, now_ms: TimeMs) -> &'static str {
    if key.is_usable(now_ms) { "Active" } else { "Inactive" }
}

fn shown(key: &AccessKey, now_ms: TimeMs) -> String {
    [
        xml::text("UserName", &key.user),
        xml::text("AccessKeyId", &key.id),
        xml::text("Status", status(key, now_ms)),
        xml::date("CreateDate", key.created_ms),
        key.expires_ms.map(|end| xml::date("ExpireDate", end)).unwrap_or_default(),
    ]
    .concat()
}

/// A new key, the only time that its secret is shown.
fn made(key: &AccessKey, now_ms: TimeMs) -> String {
    xml::element("AccessKey", &(shown(key, now_ms) + &xml::text("SecretAccessKey", &key.secret)))
}

pub async fn create(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    Ok(made(&iam::create_access_key(ctx, named(form)?).await?, (ctx.clock)()))
}

/// A new key in the place of another. It is not an action of AWS's.
pub async fn rotate(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let id = form.require("AccessKeyId")?;
    if let Some(user) = form.get("UserName") {
        let key = iam::access_key(ctx, id).await?;
        if key.user != user {
            let text = format!("The Access Key with id {id} cannot be found.");
            return Err(tastemaker_domain::Error::NotFound(text).into());
        }
    }
    Ok(made(&iam::rotate_access_key(ctx, id).await?, (ctx.clock)()))
}

pub async fn list(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let keys = iam::list_access_keys(ctx, named(form)?).await?;
    let now_ms = (ctx.clock)();
    page(form, "AccessKeyMetadata", keys, |key| &key.id, |key| shown(key, now_ms))
}

/// The counts of a key by all processes: those that are kept, and those of this one that are not yet.
fn all_together(usage: Option<&KeyTable>, id: &str, kept: KeyCounts) -> KeyCounts {
    kept.plus(usage.map(|usage| usage.not_kept_of(id)).unwrap_or_default())
}

/// The keys of a user, or of all, with their counts. It is not an action of AWS's.
pub async fn list_usage(Account { ctx, usage, .. }: &Account<'_>, form: &Form) -> IamResult {
    let mut keys = Vec::new();
    for user in iam::list_users(ctx, "/").await? {
        if form.get("UserName").is_none_or(|name| name == user.name) {
            keys.extend(iam::list_access_keys(ctx, &user.name).await?);
        }
    }
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    let now_ms = (ctx.clock)();
    let kept = iam::key_usages(ctx).await?;
    let show = |key: &AccessKey| {
        let counts = all_together(*usage, &key.id, kept.get(&key.id).copied().unwrap_or_default());
        shown(key, now_ms) + &counted(&counts)
    };
    page(form, "AccessKeyUsage", keys, |key| &key.id, show)
}

fn counted(counts: &KeyCounts) -> String {
    let requests: String = KeyFamily::ALL
        .into_iter()
        .zip(counts.requests)
        .map(|(family, count)| {
            xml::element("member", &(xml::text("Family", family.word()) + &xml::text("Count", &count.to_string())))
        })
        .collect();
    [
        xml::element("Requests", &requests),
        xml::text("Throttled", &counts.throttled.to_string()),
        xml::text("BytesIn", &counts.bytes_in.to_string()),
        xml::text("BytesOut", &counts.bytes_out.to_string()),
        counts.last_used_ms.map(|ms| xml::date("LastUsedDate", ms)).unwrap_or_default(),
    ]
    .concat()
}

/// When a key was used last. What another process was asked counts when that process has added it.
pub async fn last_used(Account { ctx, usage, region }: &Account<'_>, form: &Form) -> IamResult {
    let key = iam::access_key(ctx, form.require("AccessKeyId")?).await?;
    let counts = all_together(*usage, &key.id, iam::key_usage(ctx, &key.id).await?);
    let last = match counts.last_used_ms.map(|ms| (ms, counts)) {
        None => xml::text("ServiceName", "N/A") + &xml::text("Region", "N/A"),
        Some((ms, counts)) => {
            let [recommendations, events, _, storage] = counts.requests;
            let service = if recommendations + events == 0 && storage > 0 { "s3" } else { "personalize" };
            [xml::date("LastUsedDate", ms), xml::text("ServiceName", service), xml::text("Region", region)].concat()
        }
    };
    Ok(xml::text("UserName", &key.user) + &xml::element("AccessKeyLastUsed", &last))
}

pub async fn update(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let active = match form.require("Status")? {
        "Active" => true,
        "Inactive" => false,
        other => {
            return Err(IamError::validation(format!(
                "Value '{other}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]"
            )));
        }
    };
    iam::set_access_key_active(ctx, named(form)?, form.require("AccessKeyId")?, active).await?;
    Ok(String::new())
}

pub async fn delete(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::delete_access_key(ctx, named(form)?, form.require("AccessKeyId")?).await?;
    Ok(String::new())
}

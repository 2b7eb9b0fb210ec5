//! Users and the policies on them.

use super::account::Account;
use super::error::IamError;
use super::form::Form;
use super::page::{IamResult, page};
use crate::xml;
use tastemaker_domain::iam::User;
use tastemaker_service::iam::{self, NewUser};

const USER_NAME_CHARS_MAX: usize = 64;
const POLICY_NAME_CHARS_MAX: usize = 128;

/// The name under which the server's own key is shown, which no user can have.
const OWN: &str = "tastemaker";

/// The name of the user that a request is about.
pub fn named(form: &Form) -> Result<&str, IamError> {
    form.name("UserName", USER_NAME_CHARS_MAX)
}

fn shown(user: &User) -> String {
    [
        xml::text("Path", &user.path),
        xml::text("UserName", &user.name),
        xml::text("UserId", &user.id),
        xml::text("Arn", &user.arn),
        xml::date("CreateDate", user.created_ms),
        xml::tags(&user.tags),
    ]
    .concat()
}

pub async fn create(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let name = named(form)?.to_owned();
    if name.eq_ignore_ascii_case(OWN) {
        let text = format!("User with name {OWN} already exists: it is the holder of the server's own key.");
        return Err(tastemaker_domain::Error::AlreadyExists(text).into());
    }
    let user = iam::create_user(ctx, NewUser { name, path: form.path()?.to_owned(), tags: form.tags()? }).await?;
    Ok(xml::element("User", &shown(&user)))
}

/// A user; without a name the holder of the server's own key, as other callers' names are filled in before.
pub async fn get(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    if form.get("UserName").is_some_and(|name| name != OWN) {
        return Ok(xml::element("User", &shown(&iam::user(ctx, named(form)?).await?)));
    }
    let own = User {
        name: OWN.to_owned(),
        path: "/".to_owned(),
        arn: format!("arn:aws:iam::{}:user/{OWN}", ctx.account),
        id: "AIDA00000000000000000".to_owned(),
        tags: Default::default(),
        attached: Default::default(),
        inline: Default::default(),
        created_ms: 0,
    };
    Ok(xml::element("User", &shown(&own)))
}

pub async fn list(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let users = iam::list_users(ctx, form.get("PathPrefix").unwrap_or("/")).await?;
    page(form, "Users", users, |user| &user.name, shown)
}

pub async fn delete(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::delete_user(ctx, named(form)?).await?;
    Ok(String::new())
}

/// There are no groups; clean-up scripts ask before they delete a user.
pub async fn list_groups(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::user(ctx, named(form)?).await?;
    Ok(xml::list("Groups", []) + &xml::text("IsTruncated", "false"))
}

pub async fn tag(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::retag::<User>(ctx, named(form)?, &form.tags()?, &[]).await?;
    Ok(String::new())
}

pub async fn untag(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let keys: Vec<String> = (1..).map_while(|n| form.get(&format!("TagKeys.member.{n}"))).map(str::to_owned).collect();
    iam::retag::<User>(ctx, named(form)?, &Default::default(), &keys).await?;
    Ok(String::new())
}

pub async fn list_tags(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let tags: Vec<(String, String)> = iam::user(ctx, named(form)?).await?.tags.into_iter().collect();
    page(form, "Tags", tags, |(key, _)| key, |(key, value)| xml::text("Key", key) + &xml::text("Value", value))
}

pub async fn attach(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::attach::<User>(ctx, named(form)?, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

pub async fn detach(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    iam::detach::<User>(ctx, named(form)?, form.require("PolicyArn")?).await?;
    Ok(String::new())
}

pub async fn list_attached(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let attached: Vec<(String, String)> = iam::user(ctx, named(form)?).await?.attached.into_iter().collect();
    let show = |(arn, name): &(String, String)| xml::text("PolicyName", name) + &xml::text("PolicyArn", arn);
    page(form, "AttachedPolicies", attached, |(arn, _)| arn, show)
}

pub async fn put_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let policy = form.name("PolicyName", POLICY_NAME_CHARS_MAX)?;
    iam::put_inline::<User>(ctx, named(form)?, policy, form.permissions("PolicyDocument")?).await?;
    Ok(String::new())
}

pub async fn get_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let (user, policy) = (named(form)?, form.name("PolicyName", POLICY_NAME_CHARS_MAX)?);
    let document = iam::inline::<User>(ctx, user, policy).await?;
    Ok([xml::text("UserName", user), xml::text("PolicyName", policy), xml::document("PolicyDocument", &document)]
        .concat())
}

pub async fn delete_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let policy = form.name("PolicyName", POLICY_NAME_CHARS_MAX)?;
    iam::delete_inline::<User>(ctx, named(form)?, policy).await?;
    Ok(String::new())
}

pub async fn list_inline(Account { ctx, .. }: &Account<'_>, form: &Form) -> IamResult {
    let names: Vec<String> = iam::user(ctx, named(form)?).await?.inline.into_keys().collect();
    page(form, "PolicyNames", names, |name| name, |name| xml::escaped(name))
}

//! Pages of lists. A token holds the place of the last entry given, so that entries made or removed meanwhile neither repeat
//! nor hide others, and a digest over the place and the query, so that it fits no other operation, filter or region.

use crate::lookup::{Resource, all_under, owner_of};
use crate::{Caller, Ctx};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tastemaker_domain::resource::TimeMs;
use tastemaker_domain::{ArnKind, Error, Member, Result};
use tastemaker_store::damage::{Kind, skip_damaged};
use tastemaker_store::records;

/// Entries of a page.
pub const PAGE_RESULTS_MAX: usize = 100;

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Entries of the page, 1..=100.
    pub max_results: usize,
    /// The beginning of the page: the token of the page before, nothing for the first.
    pub next_token: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { max_results: PAGE_RESULTS_MAX, next_token: None }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The token of the next page; absent on the last.
    pub next_token: Option<String>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// A list's operation and its filter: the member, the form of its ARN, and the ARN if one was given.
pub(crate) struct Query<'a> {
    pub operation: &'static str,
    pub filter: Option<(Member, ArnKind, &'a str)>,
    pub order: Order,
}

impl Query<'_> {
    /// Checks the filter; one of another region would find nothing, whatever there is.
    fn check(&self, caller: &Caller) -> Result<()> {
        let Some((member, kind, arn)) = self.filter else { return Ok(()) };
        kind.check(member, arn)?;
        match caller.scope.elsewhere(arn) {
            Some(hint) => Err(Error::InvalidInput(format!("{member}: nothing of {arn} is here: {hint}."))),
            None => Ok(()),
        }
    }
}

/// A page of the resources in the caller's region for which `keep` holds.
pub(crate) async fn list<R: Resource>(
    ctx: &Ctx,
    caller: &Caller,
    query: Query<'_>,
    page: Page,
    keep: impl Fn(&R) -> bool,
) -> Result<Listed<R>> {
    let raw = records::raw_under::<R>(&*ctx.stores.records, &caller.scope.arn("")).await?;
    if raw.is_empty() {
        tell_of_other_regions::<R>(ctx, caller, &query).await?;
    }
    let placed = raw.into_iter().map(|raw| (place(raw.created_ms, raw.id()), raw)).collect();
    // Only what the page shows is decoded, and what a filter passes over before it.
    page_with(caller, query, page, placed, |raw| {
        let resource = skip_damaged(Kind::Record, records::decode::<R>(&raw.key, &raw.value))?;
        Ok(resource.filter(|resource| keep(resource)))
    })
}

/// Logs that an empty list of the whole region may have been meant for another region, whose resources a caller with the wrong
/// region set does not see. With a filter, the ARN in it says so already.
pub(crate) async fn tell_of_other_regions<R: Resource>(ctx: &Ctx, caller: &Caller, query: &Query<'_>) -> Result<()> {
    if query.filter.is_some() {
        return Ok(());
    }
    let regions = other_regions::<R>(ctx, caller).await?;
    if !regions.is_empty() {
        tracing::info!(
            operation = query.operation,
            region = caller.scope.region,
            other_regions = regions.into_iter().collect::<Vec<_>>().join(", "),
            "the list is empty because the request is signed for a region without such resources; other regions have some"
        );
    }
    Ok(())
}

/// The regions other than the caller's in which the account has resources of the kind.
pub(crate) async fn other_regions<R: Resource>(ctx: &Ctx, caller: &Caller) -> Result<BTreeSet<String>> {
    let all = records::raw_under::<R>(&*ctx.stores.records, "").await?;
    let of_account =
        all.iter().map(|raw| owner_of(raw.id()).scope).filter(|scope| scope.account == caller.scope.account);
    Ok(of_account.map(|scope| scope.region).filter(|region| *region != caller.scope.region).collect())
}

/// A resource's place in lists: by creation, then by ARN.
fn place(created_ms: TimeMs, arn: &str) -> String {
    format!("{created_ms:020}/{arn}")
}

/// The resources in the caller's region for which `keep` holds, each with its place in lists.
pub(crate) async fn placed<R: Resource>(
    ctx: &Ctx,
    caller: &Caller,
    keep: impl Fn(&R) -> bool,
) -> Result<Vec<(String, R)>> {
    let all = all_under::<R>(ctx, &caller.scope.arn("")).await?;
    Ok(all.into_iter().filter(|(_, r)| keep(r)).map(|(_, r)| (place(r.created_ms(), r.id()), r)).collect())
}

/// The page of entries with their places.
pub(crate) fn page_of<T>(caller: &Caller, query: Query<'_>, page: Page, kept: Vec<(String, T)>) -> Result<Listed<T>> {
    page_with(caller, query, page, kept, |entry| Ok(Some(entry)))
}

fn page_with<T, U>(
    caller: &Caller,
    query: Query<'_>,
    page: Page,
    mut kept: Vec<(String, T)>,
    read: impl Fn(T) -> Result<Option<U>>,
) -> Result<Listed<U>> {
    query.check(caller)?;
    let filter = query.filter.map_or("", |(_, _, arn)| arn);
    let scope = caller.scope.arn("");
    kept.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    if query.order == Order::NewestFirst {
        kept.reverse();
    }
    let is_after = |place: &str, last: &str| match query.order {
        Order::OldestFirst => place > last,
        Order::NewestFirst => place < last,
    };
    cut_with(kept, &[query.operation, filter, &scope], page, is_after, read)
}

/// The page of entries that are sorted by their places. `query` binds the token.
pub(crate) fn cut<T>(
    sorted: Vec<(String, T)>,
    query: &[&str],
    page: Page,
    is_after: impl Fn(&str, &str) -> bool,
) -> Result<Listed<T>> {
    cut_with(sorted, query, page, is_after, |entry| Ok(Some(entry)))
}

/// The same with entries that are read, or left out, when their turn comes.
fn cut_with<T, U>(
    sorted: Vec<(String, T)>,
    query: &[&str],
    page: Page,
    is_after: impl Fn(&str, &str) -> bool,
    read: impl Fn(T) -> Result<Option<U>>,
) -> Result<Listed<U>> {
    if !(1..=PAGE_RESULTS_MAX).contains(&page.max_results) {
        return Err(Error::InvalidInput(format!(
            "{} must be in [1, {PAGE_RESULTS_MAX}], not {}.",
            Member::MaxResults,
            page.max_results
        )));
    }
    let last = page.next_token.filter(|token| !token.is_empty()).map(|token| open(&token, query)).transpose()?;
    let rest = sorted.into_iter().filter(|(place, _)| last.as_ref().is_none_or(|last| is_after(place, last)));
    let (mut items, mut place) = (Vec::new(), String::new());
    for (at, entry) in rest {
        let Some(item) = read(entry)? else { continue };
        if items.len() == page.max_results {
            return Ok(Listed { items, next_token: Some(seal(&place, query)) });
        }
        items.push(item);
        place = at;
    }
    Ok(Listed { items, next_token: None })
}

/// Bytes of the digest in a token.
const DIGEST_LEN: usize = 16;

fn digest(place: &str, query: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update("tastemaker page token 1");
    for part in query.iter().chain([&place]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()[..DIGEST_LEN].to_vec()
}

fn seal(place: &str, query: &[&str]) -> String {
    let mut bytes = digest(place, query);
    bytes.extend_from_slice(place.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(token: &str, query: &[&str]) -> Result<String> {
    let place = || {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sealed, place) = bytes.split_at_checked(DIGEST_LEN)?;
        let place = std::str::from_utf8(place).ok()?;
        (sealed == digest(place, query)).then(|| place.to_owned())
    };
    place().ok_or_else(|| {
        Error::InvalidNextToken(format!(
            "{} was not issued by this server for this operation, filter and region.",
            Member::NextToken
        ))
    })
}

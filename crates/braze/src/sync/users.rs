//! Every user's recommendations as an attribute of their profile.

use super::deliver::deliver;
use super::{Fingerprint, Ledger, LedgerError, Pace, Rest, RestRequest, Summary, SyncError};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Objects that one request to `/users/track` may hold.
pub const BATCH_MAX: usize = 75;
/// What every kind of account takes.
pub const BATCH_DEFAULT: usize = 50;
/// Entries of an attribute array that every account takes.
pub const LIST_LEN_DEFAULT: usize = 20;
/// The longest external id.
const EXTERNAL_ID_CHARS_MAX: usize = 997;

/// What is sent for each user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersSettings {
    /// The custom attribute that holds the item ids, best first.
    pub attribute: String,
    /// A custom attribute that holds the time of the change, if wanted.
    pub updated_attribute: Option<String>,
    /// Users in one request, 1..=[`BATCH_MAX`].
    pub batch: usize,
    /// Leaves profiles alone that Braze does not have yet.
    pub update_existing_only: bool,
}

impl Default for UsersSettings {
    fn default() -> Self {
        Self {
            attribute: "recommended_items".into(),
            updated_attribute: None,
            batch: BATCH_DEFAULT,
            update_existing_only: true,
        }
    }
}

/// Sends the lists that changed. `lists` gives `(external id, item ids best first)`; `keep` makes the ledger's new lines
/// durable before the next batch goes out; `report` is told of progress, and of users that are left out and why.
///
/// With `rest` absent nothing is sent or kept: `dry` sees every request that would be made.
pub fn sync(
    settings: &UsersSettings,
    lists: &mut dyn Iterator<Item = Result<(String, Vec<String>), String>>,
    ledger: &mut Ledger,
    keep: &mut dyn FnMut(&str) -> Result<(), LedgerError>,
    target: Target<'_>,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<Summary, SyncError> {
    if !(1..=BATCH_MAX).contains(&settings.batch) {
        return Err(SyncError::Setting(format!("the batch must be 1 to {BATCH_MAX} users, not {}", settings.batch)));
    }
    if settings.attribute.is_empty() || settings.attribute.starts_with('$') {
        return Err(SyncError::Setting(format!("'{}' cannot be the name of an attribute", settings.attribute)));
    }
    let mut summary = Summary::default();
    let mut batch: Vec<(String, Fingerprint, Value)> = Vec::new();
    for list in lists {
        let (user, items) = list.map_err(SyncError::Source)?;
        summary.seen += 1;
        let chars = user.chars().count();
        if chars == 0 || chars > EXTERNAL_ID_CHARS_MAX {
            summary.skipped += 1;
            report(Event::Skipped { id: &user, why: "an external id has 1 to 997 characters" });
            continue;
        }
        // Braze's arrays are sets: a second occurrence would move the first.
        let mut known = HashSet::new();
        let items: Vec<&String> = items.iter().filter(|item| known.insert(item.as_str())).collect();
        let fingerprint = Fingerprint::of(&json!([settings.attribute, items]).to_string());
        if ledger.has(&user, fingerprint) {
            summary.unchanged += 1;
            continue;
        }
        let mut attributes = json!({"external_id": user, settings.attribute.as_str(): items});
        if let Some(name) = &settings.updated_attribute {
            attributes[name.as_str()] = target.now_text().into();
        }
        if settings.update_existing_only {
            attributes["_update_existing_only"] = true.into();
        }
        batch.push((user, fingerprint, attributes));
        if batch.len() == settings.batch {
            send(&mut batch, ledger, keep, &target, report, &mut summary)?;
        }
    }
    send(&mut batch, ledger, keep, &target, report, &mut summary)?;
    Ok(summary)
}

fn send(
    batch: &mut Vec<(String, Fingerprint, Value)>,
    ledger: &mut Ledger,
    keep: &mut dyn FnMut(&str) -> Result<(), LedgerError>,
    target: &Target<'_>,
    report: &mut dyn FnMut(Event<'_>),
    summary: &mut Summary,
) -> Result<(), SyncError> {
    if batch.is_empty() {
        return Ok(());
    }
    let attributes: Vec<&Value> = batch.iter().map(|(_, _, attributes)| attributes).collect();
    let body = json!({"attributes": attributes}).to_string();
    let request = RestRequest { method: "POST", path: "/users/track".into(), body };
    summary.requests += 1;
    summary.sent += batch.len() as u64;
    match target {
        Target::Dry { .. } => report(Event::WouldSend(&request)),
        Target::Braze { rest, pace } => {
            let reply = deliver(*rest, *pace, &request)?;
            if let Some(problems) = minor_errors(&reply.body) {
                report(Event::Complaint(&problems));
            }
            let sent: Vec<_> = batch.iter().map(|(user, print, _)| (user.clone(), Some(*print))).collect();
            keep(&ledger.extend(&sent)?)?;
        }
    }
    batch.clear();
    report(Event::Progress(*summary));
    Ok(())
}

/// The faults that Braze reports beside a success.
fn minor_errors(body: &str) -> Option<String> {
    let json = serde_json::from_str::<Value>(body).ok()?;
    json["errors"].as_array().filter(|errors| !errors.is_empty())?;
    Some(super::deliver::message(body))
}

/// Where a sync goes.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// Nowhere: requests are shown.
    Dry {
        /// For the time of the change.
        pace: &'a dyn Pace,
    },
    /// To Braze.
    Braze {
        /// The REST API.
        rest: &'a dyn Rest,
        /// Time.
        pace: &'a dyn Pace,
    },
}

impl Target<'_> {
    fn now_text(&self) -> String {
        let (Target::Dry { pace } | Target::Braze { pace, .. }) = self;
        let time = time::OffsetDateTime::from_unix_timestamp(pace.now_s()).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        time.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
    }
}

/// What a sync tells while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// So far.
    Progress(Summary),
    /// A user or item that Braze would refuse.
    Skipped {
        /// Of the user or item.
        id: &'a str,
        /// The rule.
        why: &'a str,
    },
    /// Braze took the batch and complained about parts of it.
    Complaint(&'a str),
    /// A dry run's request.
    WouldSend(&'a RestRequest),
}

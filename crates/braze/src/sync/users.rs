//! Every user's recommendations as an attribute of their profile.

use super::deliver::{deliver, deliver_once};
use super::{Fingerprint, Ledger, LedgerError, Pace, Rest, RestRequest, Summary, SyncError};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Objects that one request to `/users/track` may hold.
pub const BATCH_MAX: usize = 75;
/// A number that every kind of account takes.
pub const BATCH_DEFAULT: usize = 50;
/// Entries of an attribute array that every account takes.
pub const LIST_LEN_DEFAULT: usize = 20;
/// Profiles that one request may read.
const EXPORT_MAX: usize = 50;
/// Seconds after which an interrupted sync is not gone on with: its lists are old.
const RUN_AGE_S_MAX: i64 = 24 * 3600;
/// The longest external id.
const EXTERNAL_ID_CHARS_MAX: usize = 997;

/// The attribute that is sent for each user.
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

/// Asks what to send for a user: item ids, best first.
pub type ListOf<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<String>, String>;

/// Sends the lists that changed. `users` gives external ids and `list_of` their items; `keep` makes the ledger's new lines
/// durable; `report` is told of progress, and of users that are left out and why.
///
/// A sync that was cut off, however hard, goes on when it is begun again: who was sent in it is not asked for again, and
/// what was on its way is looked up at Braze, so that nobody is sent twice.
///
/// With [`Target::Dry`] nothing is sent or kept: `report` sees every request that would be made.
pub fn sync(
    settings: &UsersSettings,
    users: &mut dyn Iterator<Item = Result<String, String>>,
    list_of: ListOf<'_>,
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
    if let Target::Braze { rest, pace } = target {
        settle(settings, ledger, keep, (rest, pace), report, &mut summary)?;
        keep(&ledger.begin(pace.now_s(), RUN_AGE_S_MAX)?)?;
    }
    let mut batch: Vec<(String, Fingerprint, Value)> = Vec::new();
    for user in users {
        let user = user.map_err(SyncError::Source)?;
        summary.seen += 1;
        if ledger.is_done(&user) || batch.iter().any(|(waiting, ..)| *waiting == user) {
            summary.unchanged += 1;
            continue;
        }
        let chars = user.chars().count();
        if chars == 0 || chars > EXTERNAL_ID_CHARS_MAX {
            summary.skipped += 1;
            report(Event::Skipped { id: &user, why: "an external id has 1 to 997 characters" });
            continue;
        }
        let items = list_of(&user).map_err(SyncError::Source)?;
        // Braze's arrays are sets: a second occurrence would move the first.
        let mut known = HashSet::new();
        let items: Vec<&String> = items.iter().filter(|item| known.insert(item.as_str())).collect();
        let fingerprint = fingerprint(settings, &items);
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
            send(settings, &mut batch, ledger, keep, &target, report, &mut summary)?;
        }
    }
    send(settings, &mut batch, ledger, keep, &target, report, &mut summary)?;
    if let Target::Braze { .. } = target {
        keep(&ledger.end()?)?;
    }
    Ok(summary)
}

fn fingerprint<T: serde::Serialize>(settings: &UsersSettings, items: &[T]) -> Fingerprint {
    Fingerprint::of(&json!([settings.attribute, items]).to_string())
}

/// Finds out what became of the batch that was on its way when an earlier sync was cut off, by reading the profiles.
fn settle(
    settings: &UsersSettings,
    ledger: &mut Ledger,
    keep: &mut dyn FnMut(&str) -> Result<(), LedgerError>,
    (rest, pace): (&dyn Rest, &dyn Pace),
    report: &mut dyn FnMut(Event<'_>),
    summary: &mut Summary,
) -> Result<(), SyncError> {
    for batch in ledger.unsettled().chunks(EXPORT_MAX) {
        summary.requests += 1;
        let profiles = match deliver(rest, pace, &export(batch.iter().map(|(id, _)| id))) {
            Ok(reply) => profiles(&reply.body),
            Err(refused @ SyncError::Refused { .. }) => {
                report(Event::Complaint(&format!(
                    "{} users of an interrupted sync may be sent twice, because their profiles cannot be read: {refused}",
                    batch.len()
                )));
                HashMap::new()
            }
            Err(error) => return Err(error),
        };
        let arrived = |(id, print): &&(String, Fingerprint)| holds(settings, &profiles, id, print);
        let (arrived, lost): (Vec<_>, Vec<_>) = batch.iter().partition(arrived);
        let arrived: Vec<_> = arrived.into_iter().map(|(id, print)| (id.clone(), Some(*print))).collect();
        let lost: Vec<_> = lost.into_iter().map(|(id, _)| (id.clone(), None)).collect();
        keep(&(ledger.extend(&arrived)? + &ledger.announce(&lost)?))?;
    }
    Ok(())
}

/// Asks for the profiles of users, [`EXPORT_MAX`] at most.
fn export<'a>(users: impl Iterator<Item = &'a String>) -> RestRequest {
    let ids: Vec<&String> = users.collect();
    let body = json!({"external_ids": ids, "fields_to_export": ["external_id", "custom_attributes"]}).to_string();
    RestRequest { method: "POST", path: "/users/export/ids".into(), body }
}

/// Whether a user's profile holds the list with this fingerprint.
fn holds(settings: &UsersSettings, profiles: &HashMap<String, Value>, user: &str, print: &Fingerprint) -> bool {
    let held = profiles.get(user).and_then(|attributes| attributes[settings.attribute.as_str()].as_array());
    held.is_some_and(|items| fingerprint(settings, items) == *print)
}

/// Whether Braze has taken a batch whose connection broke. Braze takes all of it or nothing, so that as many as one export
/// shows stand for all.
fn has_arrived(settings: &UsersSettings, rest: &dyn Rest, batch: &[(String, Fingerprint, Value)]) -> bool {
    let some = &batch[..batch.len().min(EXPORT_MAX)];
    let reply = rest.send(&export(some.iter().map(|(user, ..)| user)));
    let Some(reply) = reply.ok().filter(|reply| (200..300).contains(&reply.status)) else { return false };
    let profiles = profiles(&reply.body);
    some.iter().all(|(user, print, _)| holds(settings, &profiles, user, print))
}

/// The custom attributes of exported profiles by external id.
fn profiles(body: &str) -> HashMap<String, Value> {
    let mut json: Value = serde_json::from_str(body).unwrap_or_default();
    let users = json["users"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let profile = |mut user: Value| Some((user["external_id"].as_str()?.to_owned(), user["custom_attributes"].take()));
    users.into_iter().filter_map(profile).collect()
}

fn send(
    settings: &UsersSettings,
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
            let announced: Vec<_> = batch.iter().map(|(user, print, _)| (user.clone(), Some(*print))).collect();
            keep(&ledger.announce(&announced)?)?;
            let arrived = || has_arrived(settings, *rest, batch);
            let reply = match deliver_once(*rest, *pace, &request, &arrived) {
                Err(refused @ SyncError::Refused { .. }) => {
                    let lost: Vec<_> = batch.iter().map(|(user, ..)| (user.clone(), None)).collect();
                    keep(&ledger.announce(&lost)?)?;
                    return Err(refused);
                }
                other => other?,
            };
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

/// The receiver of a sync.
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

/// The progress that a sync tells while it works.
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

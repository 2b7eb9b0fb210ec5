//! Syncs to Braze: every user's recommendations as a profile attribute, and the items as a catalog.
//!
//! A sync sends only what changed since the last one. What was sent is kept in a [`Ledger`] of hashes, extended after each
//! batch that Braze took, so an interrupted sync goes on where it stopped. Requests go through a [`Rest`], waiting through a
//! [`Pace`]; neither sockets nor clocks nor files are in this room.
//!
//! Limits and answers follow Braze's public REST documentation (`/users/track`, `/catalogs`).

#[cfg(test)]
mod border_tests;
pub mod catalog;
mod deliver;
mod ledger;
#[cfg(test)]
mod tests;
pub mod users;

pub use deliver::{Pace, Rest, RestReply, RestRequest, SyncError};
pub use ledger::{Fingerprint, Ledger, LedgerError};

/// The result of a sync, or of a dry run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Users or items looked at.
    pub seen: u64,
    /// Of these, sent because they are new or changed.
    pub sent: u64,
    /// Of these, left alone because Braze has them already.
    pub unchanged: u64,
    /// Removed at Braze because they are gone.
    pub removed: u64,
    /// Left out because Braze would refuse them; each was reported.
    pub skipped: u64,
    /// Requests made.
    pub requests: u64,
}

//! The record of a process that shares the storage with others: that it lives, and what it answers with.

use super::Record;
use super::codec::One;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The channel that tells of changed records of processes.
pub const NODES_CHANNEL: &str = "nodes";

/// The channel that tells of events and rows in the log.
pub const EVENTS_CHANNEL: &str = "events";

/// A process as the others see it. It writes its record anew again and again; a record that stays as it is has nobody behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRecord {
    v: One,
    /// A UUID made at its start.
    pub id: String,
    /// The words for its roles.
    pub roles: Vec<String>,
    /// When it started, in milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// The campaigns and recommenders by ARN.
    #[serde(default)]
    pub campaigns: BTreeMap<String, HeldCampaign>,
    /// The ARNs of deletions of users, under way, whose users it has forgotten.
    #[serde(default)]
    pub forgotten: BTreeSet<String>,
}

/// The state of a campaign or recommender in a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCampaign {
    /// The answer source that it tried last: the model and its settings, as a text that is the same in every process.
    pub target: String,
    /// Why it cannot; none when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl NodeRecord {
    /// Of a process that has nothing yet.
    pub fn new(id: String, roles: Vec<String>, started_ms: i64) -> Self {
        Self { v: One, id, roles, started_ms, campaigns: BTreeMap::new(), forgotten: BTreeSet::new() }
    }
}

impl Record for NodeRecord {
    const KIND: &'static str = "node";

    fn id(&self) -> &str {
        &self.id
    }

    fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_json(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode, key};
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut node = NodeRecord::new("n1".into(), vec!["serving".into()], 5);
        assert_eq!((key::<NodeRecord>(node.id()).as_str(), node.campaigns.len()), ("node/n1", 0));
        node.campaigns.insert("arn".into(), HeldCampaign { target: "t".into(), failure: Some("no file".into()) });
        node.forgotten.insert("deletion".into());
        let json = encode(&node).expect("encoded");
        assert!(String::from_utf8_lossy(&json).starts_with("{\"v\":1,\"id\":\"n1\""));
        assert_eq!(decode::<NodeRecord>("node/n1", &json).expect("decoded"), node);
        assert!(decode::<NodeRecord>("node/n1", b"{\"v\":2,\"id\":\"n1\",\"roles\":[],\"started_ms\":1}").is_err());
    }
}

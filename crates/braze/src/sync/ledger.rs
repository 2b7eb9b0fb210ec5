//! What Braze has been sent: a hash by id.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A hash of what was sent for one user or item; equal content has equal fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let digest = Sha256::digest(text);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self(u64::from_be_bytes(first))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The ledger's file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record of what was sent: {0}")]
pub struct LedgerError(pub String);

/// Hashes by id, extended after every batch.
///
/// Its text form is one JSON line an entry, `{"id":"u1","sent":"0123456789abcdef"}`, and `"sent":null` for a removal; later
/// lines win. A torn last line, as a crash leaves it, is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    sent: HashMap<String, Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    sent: Option<String>,
}

impl Ledger {
    /// From the text of its file, and how many bytes of it are whole lines: a file with a torn end is cut there before it is
    /// extended.
    pub fn parse(text: &[u8]) -> Result<(Self, usize), LedgerError> {
        let whole = text.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
        let mut ledger = Self::default();
        for (number, line) in text[..whole].split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            let bad = |problem: String| LedgerError(format!("line {}: {problem}", number + 1));
            let line: Line = serde_json::from_slice(line).map_err(|error| bad(error.to_string()))?;
            match line.sent {
                Some(hash) => {
                    let hash = u64::from_str_radix(&hash, 16).map_err(|error| bad(format!("sent: {error}")))?;
                    ledger.sent.insert(line.id, Fingerprint(hash));
                }
                None => drop(ledger.sent.remove(&line.id)),
            }
        }
        Ok((ledger, whole))
    }

    /// Whether exactly this was sent last.
    pub fn has(&self, id: &str, fingerprint: Fingerprint) -> bool {
        self.sent.get(id) == Some(&fingerprint)
    }

    /// Ids that Braze has, in order.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.sent.keys().map(String::as_str).collect();
        ids.sort_unstable();
        ids
    }

    /// Takes in what was sent, and gives the lines to append to its file.
    pub fn extend(&mut self, batch: &[(String, Option<Fingerprint>)]) -> Result<String, LedgerError> {
        let mut lines = String::new();
        for (id, fingerprint) in batch {
            match fingerprint {
                Some(fingerprint) => drop(self.sent.insert(id.clone(), *fingerprint)),
                None => drop(self.sent.remove(id)),
            }
            let line = Line { id: id.clone(), sent: fingerprint.map(|f| f.to_string()) };
            lines.push_str(&serde_json::to_string(&line).map_err(|error| LedgerError(error.to_string()))?);
            lines.push('\n');
        }
        Ok(lines)
    }
}

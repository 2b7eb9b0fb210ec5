//! The record of what Braze has been sent: a hash by id.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

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

/// Hashes by id, extended before and after every batch.
///
/// Its text form is one JSON line an entry; later lines win, and a torn last line, as a crash leaves it, is dropped.
///
/// | line | means |
/// |---|---|
/// | `{"begun_s":1767225600}` | a run begins |
/// | `{"id":"u1","sending":"0123456789abcdef"}` | a request with it is about to be made |
/// | `{"id":"u1","sent":"0123456789abcdef"}` | Braze took it; `null` is a removal |
/// | `{"ended":true}` | the run is whole |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    sent: HashMap<String, Fingerprint>,
    /// Entries that were about to be sent when nothing more was written.
    sending: HashMap<String, Fingerprint>,
    run: Option<Run>,
}

/// A run that has not ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Run {
    begun_s: i64,
    done: HashSet<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Begun {
        begun_s: i64,
    },
    Ended {
        ended: bool,
    },
    Sending {
        id: String,
        #[serde(deserialize_with = "present")]
        sending: Option<String>,
    },
    Sent {
        id: String,
        #[serde(deserialize_with = "present")]
        sent: Option<String>,
    },
}

/// An option that may be null and must be there: it says which line this is.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
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
            let hash = |hash: Option<String>| match hash {
                Some(hash) => match u64::from_str_radix(&hash, 16) {
                    Ok(hash) => Ok(Some(Fingerprint(hash))),
                    Err(error) => Err(bad(format!("'{hash}' is no hash: {error}"))),
                },
                None => Ok(None),
            };
            match line {
                Line::Begun { begun_s } => ledger.run = Some(Run { begun_s, done: HashSet::new() }),
                Line::Ended { .. } => ledger.run = None,
                Line::Sending { id, sending } => ledger.note_sending(id, hash(sending)?),
                Line::Sent { id, sent } => ledger.note_sent(id, hash(sent)?),
            }
        }
        Ok((ledger, whole))
    }

    /// The same in as few lines as possible.
    pub fn compact(&self) -> Result<String, LedgerError> {
        let mut lines = String::new();
        let told = |id: &String| self.run.as_ref().is_some_and(|run| run.done.contains(id));
        let sent = |(id, print): (&String, &Fingerprint)| Line::Sent { id: id.clone(), sent: Some(print.to_string()) };
        let earlier = self.sent.iter().filter(|(id, _)| !told(id)).map(sent);
        let begun = self.run.iter().map(|run| Line::Begun { begun_s: run.begun_s });
        let in_run = self.sent.iter().filter(|(id, _)| told(id)).map(sent);
        let sending =
            self.sending.iter().map(|(id, print)| Line::Sending { id: id.clone(), sending: Some(print.to_string()) });
        for line in earlier.chain(begun).chain(in_run).chain(sending) {
            push(&mut lines, &line)?;
        }
        Ok(lines)
    }

    fn note_sending(&mut self, id: String, print: Option<Fingerprint>) {
        match print {
            Some(print) => drop(self.sending.insert(id, print)),
            None => drop(self.sending.remove(&id)),
        }
    }

    fn note_sent(&mut self, id: String, print: Option<Fingerprint>) {
        self.sending.remove(&id);
        match print {
            Some(print) => {
                if let Some(run) = &mut self.run {
                    run.done.insert(id.clone());
                }
                self.sent.insert(id, print);
            }
            None => drop(self.sent.remove(&id)),
        }
    }

    /// Goes on with a run that did not end and is no older than `age_s_max`, or begins one; gives the line to append.
    pub fn begin(&mut self, now_s: i64, age_s_max: i64) -> Result<String, LedgerError> {
        if self.run.as_ref().is_some_and(|run| (0..=age_s_max).contains(&(now_s - run.begun_s))) {
            return Ok(String::new());
        }
        self.run = Some(Run { begun_s: now_s, done: HashSet::new() });
        line(&Line::Begun { begun_s: now_s })
    }

    /// Ends the run; gives the line to append.
    pub fn end(&mut self) -> Result<String, LedgerError> {
        self.run = None;
        line(&Line::Ended { ended: true })
    }

    /// Whether it was sent in the run that is under way.
    pub fn is_done(&self, id: &str) -> bool {
        self.run.as_ref().is_some_and(|run| run.done.contains(id))
    }

    /// Entries that were about to be sent when an earlier sync was cut off, in order: Braze may have them or not.
    pub fn unsettled(&self) -> Vec<(String, Fingerprint)> {
        let mut all: Vec<_> = self.sending.iter().map(|(id, print)| (id.clone(), *print)).collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Takes in what is about to be sent, or (`None`) is known not to have been; gives the lines to append.
    pub fn announce(&mut self, batch: &[(String, Option<Fingerprint>)]) -> Result<String, LedgerError> {
        let mut lines = String::new();
        for (id, print) in batch {
            self.note_sending(id.clone(), *print);
            push(&mut lines, &Line::Sending { id: id.clone(), sending: print.map(|p| p.to_string()) })?;
        }
        Ok(lines)
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
            self.note_sent(id.clone(), *fingerprint);
            push(&mut lines, &Line::Sent { id: id.clone(), sent: fingerprint.map(|f| f.to_string()) })?;
        }
        Ok(lines)
    }
}

fn line(line: &Line) -> Result<String, LedgerError> {
    let mut lines = String::new();
    push(&mut lines, line)?;
    Ok(lines)
}

fn push(lines: &mut String, line: &Line) -> Result<(), LedgerError> {
    lines.push_str(&serde_json::to_string(line).map_err(|error| LedgerError(error.to_string()))?);
    lines.push('\n');
    Ok(())
}

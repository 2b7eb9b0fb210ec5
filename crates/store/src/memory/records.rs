//! [`Records`] in an ordered map.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use crate::{Error, Precondition, Records, Result, Versioned, Write};
use parking_lot::Mutex;

/// [`Records`] that live as long as the process.
#[derive(Debug, Default)]
pub struct MemoryRecords {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    commits: u64,
    records: BTreeMap<String, Versioned>,
}

impl MemoryRecords {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl State {
    fn holds(&self, precondition: &Precondition) -> bool {
        match precondition {
            Precondition::Absent(key) => !self.records.contains_key(key),
            Precondition::Version(key, version) => self.records.get(key).is_some_and(|found| found.version == *version),
            Precondition::Exists(key) => self.records.contains_key(key),
            Precondition::NoneWithPrefix(prefix) => {
                let first = self.records.range(prefix.clone()..).next();
                !first.is_some_and(|(key, _)| key.starts_with(prefix))
            }
        }
    }
}

#[async_trait]
impl Records for MemoryRecords {
    async fn get(&self, key: &str) -> Result<Option<Versioned>> {
        Ok(self.state.lock().records.get(key).cloned())
    }

    async fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<(String, Versioned)>> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let state = self.state.lock();
        let found = state.records.range::<str, _>((from, Bound::Unbounded));
        let found = found.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        Ok(found.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn commit(&self, preconditions: Vec<Precondition>, writes: Vec<Write>) -> Result<()> {
        let mut state = self.state.lock();
        if let Some(failed) = preconditions.iter().find(|precondition| !state.holds(precondition)) {
            return Err(Error::Conflict(failed.key().to_owned()));
        }
        state.commits += 1;
        let version = state.commits;
        for write in writes {
            match write {
                Write::Put { key, value } => state.records.insert(key, Versioned { version, value }),
                Write::Delete { key } => state.records.remove(&key),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn conforms() {
        crate::conformance::records::run_all(async || Arc::new(MemoryRecords::new()) as Arc<dyn Records>).await;
    }
}

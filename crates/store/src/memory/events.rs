//! [`Events`] in ordered maps.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use crate::{Events, NewEvent, Result, StoredEvent};
use parking_lot::Mutex;

/// [`Events`] that live as long as the process.
#[derive(Debug, Default)]
pub struct MemoryEvents {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last_position: u64,
    streams: HashMap<String, Stream>,
}

#[derive(Debug, Default)]
struct Stream {
    events: BTreeMap<u64, StoredEvent>,
    positions: HashMap<String, u64>,
}

impl MemoryEvents {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Events for MemoryEvents {
    async fn append(&self, stream: &str, events: Vec<NewEvent>) -> Result<Vec<u64>> {
        let mut state = self.state.lock();
        let State { last_position, streams } = &mut *state;
        let stream = streams.entry(stream.to_owned()).or_default();
        let mut positions = Vec::with_capacity(events.len());
        for NewEvent { id, body } in events {
            if let Some(first) = stream.positions.get(&id) {
                positions.push(*first);
                continue;
            }
            *last_position += 1;
            let position = *last_position;
            stream.positions.insert(id.clone(), position);
            stream.events.insert(position, StoredEvent { position, id, body });
            positions.push(position);
        }
        Ok(positions)
    }

    async fn read(&self, stream: &str, after: u64, limit: usize) -> Result<Vec<StoredEvent>> {
        let state = self.state.lock();
        let Some(stream) = state.streams.get(stream) else { return Ok(Vec::new()) };
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        Ok(stream.events.range(from..).take(limit).map(|(_, event)| event.clone()).collect())
    }

    async fn remove(&self, stream: &str, positions: Vec<u64>) -> Result<()> {
        let mut state = self.state.lock();
        let Some(stream) = state.streams.get_mut(stream) else { return Ok(()) };
        for position in positions {
            if let Some(event) = stream.events.remove(&position) {
                stream.positions.remove(&event.id);
            }
        }
        Ok(())
    }

    async fn delete_stream(&self, stream: &str) -> Result<()> {
        self.state.lock().streams.remove(stream);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn conforms() {
        crate::conformance::events::run_all(async || Arc::new(MemoryEvents::new()) as Arc<dyn Events>).await;
    }
}

//! The surroundings of tests that train, and `fixtures/components.json`, which `fixtures/components.py` makes with numpy.

use crate::item_matrix::ItemMatrix;
use crate::{Cancel, Sequences, TrainContext};
use serde_json::Value;

/// A training that is not cancelled and says nothing.
pub(crate) fn quiet(seed: u64, threads: usize) -> TrainContext<'static> {
    static NEVER: Cancel = Cancel::new();
    TrainContext { seed, threads, cancel: &NEVER, progress: &|_| {}, checkpoints: &crate::NoCheckpoints }
}

/// A switch that is thrown.
pub(crate) fn cancelled() -> Cancel {
    let cancel = Cancel::new();
    cancel.cancel();
    cancel
}

pub(crate) struct Components {
    pub(crate) items: usize,
    pub(crate) json: Value,
    offsets: Vec<usize>,
    events: Vec<u32>,
}

impl Components {
    pub(crate) fn read() -> Self {
        let json: Value = serde_json::from_str(include_str!("../fixtures/components.json")).unwrap();
        let (mut offsets, mut events) = (vec![0], Vec::new());
        for history in json["histories"].as_array().unwrap() {
            events.extend(history.as_array().unwrap().iter().map(|i| i.as_u64().unwrap() as u32));
            offsets.push(events.len());
        }
        Self { items: json["items"].as_u64().unwrap() as usize, json, offsets, events }
    }

    pub(crate) fn sequences(&self) -> Sequences<'_> {
        Sequences { offsets: &self.offsets, items: &self.events, weights: &[] }
    }

    /// Compares with the matrix called `name`, entry by entry.
    pub(crate) fn same(&self, name: &str, relations: &ItemMatrix, tolerance: f64) {
        for item in 0..self.items {
            let mut row = vec![0.0; self.items];
            relations.add_row(item as u32, 1.0, &mut row);
            for (other, &found) in row.iter().enumerate() {
                let expected = self.json[name][item][other].as_f64().unwrap();
                assert!(
                    (f64::from(found) - expected).abs() < tolerance,
                    "{name}[{item}, {other}]: {found} != {expected}"
                );
            }
        }
    }
}

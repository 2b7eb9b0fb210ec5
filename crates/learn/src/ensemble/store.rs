//! An ensemble as tensors.
//!
//! `signals` `[n, 4]` holds a code and up to three values per row, `weights` `[2, n]` those in session and in the next session,
//! `temperatures` `[2]`. The network's tensors stand under `network/`, and its kind follows the ensemble's own.

use super::{Ensemble, Parts, Signal, WeightedSignals, Weights};
use crate::artifact::Tensors;
use crate::item_matrix::ItemMatrix;
use crate::models::als::ItemFactors;
use crate::models::content::NewItems;
use crate::models::repeat_consumption::RepeatModel;
use crate::models::time_decayed_popularity::TimeDecayedPopularity;
use crate::{Error, Scorer};
use std::sync::Arc;

const KIND: &str = "blend/1";
const NETWORK: &str = "network/";
/// More signals than any blend has.
const SIGNALS_MAX: usize = 100;

fn row(signal: &Signal) -> [f32; 4] {
    match *signal {
        Signal::Network => [0.0; 4],
        Signal::Cooccurrence { decay, discount, log } => [1.0, decay, discount, f32::from(u8::from(log))],
        Signal::Ease { decay } => [2.0, decay, 0.0, 0.0],
        Signal::Popular { half_life_days } => [3.0, half_life_days.unwrap_or(0.0), 0.0, 0.0],
        Signal::Repeats => [4.0, 0.0, 0.0, 0.0],
        Signal::Seen => [5.0, 0.0, 0.0, 0.0],
        Signal::Content { decay } => [6.0, decay, 0.0, 0.0],
        Signal::Factors { decay } => [7.0, decay, 0.0, 0.0],
        Signal::New => [8.0, 0.0, 0.0, 0.0],
        Signal::Expected => [9.0, 0.0, 0.0, 0.0],
        Signal::NewItems => [10.0, 0.0, 0.0, 0.0],
    }
}

fn signal(row: &[f32]) -> Option<Signal> {
    let &[code, a, b, c] = row else { return None };
    (a >= 0.0 && b >= 0.0).then_some(())?;
    match code as i64 {
        0 => Some(Signal::Network),
        1 => Some(Signal::Cooccurrence { decay: a, discount: b, log: c != 0.0 }),
        2 => Some(Signal::Ease { decay: a }),
        3 => Some(Signal::Popular { half_life_days: (a > 0.0).then_some(a) }),
        4 => Some(Signal::Repeats),
        5 => Some(Signal::Seen),
        6 => Some(Signal::Content { decay: a }),
        7 => Some(Signal::Factors { decay: a }),
        8 => Some(Signal::New),
        9 => Some(Signal::Expected),
        10 => Some(Signal::NewItems),
        _ => None,
    }
}

impl Ensemble {
    /// Parameters for storage; `network` are those of the network among the parts.
    pub fn to_tensors(&self, network: Option<&Tensors>) -> Tensors {
        let network = network.filter(|_| self.parts.network.is_some());
        let mut tensors = Tensors::new(&match network {
            Some(network) => format!("{KIND} {}", network.kind),
            None => KIND.to_owned(),
        });
        if let Some(network) = network {
            tensors.nest(NETWORK, network);
        }
        let WeightedSignals { signals, in_session, next_session } = &self.weighted;
        let n = signals.len();
        tensors.insert("signals", &[n, 4], signals.iter().flat_map(row).collect());
        tensors.insert("weights", &[2, n], [&in_session.of[..], &next_session.of[..]].concat());
        tensors.insert("temperatures", &[2], vec![in_session.temperature, next_session.temperature]);
        tensors.insert_integers("items", vec![self.parts.items as u32]);
        let parts = &self.parts;
        for (name, relations) in [("follows", &parts.follows), ("ease", &parts.ease), ("content", &parts.content)] {
            if !relations.is_empty() {
                relations.store(name, &mut tensors);
            }
        }
        if parts.popular != TimeDecayedPopularity::default() {
            parts.popular.store("popular", &mut tensors);
        }
        if !parts.counts.is_empty() {
            tensors.insert("counts", &[parts.counts.len()], parts.counts.clone());
        }
        if !parts.factors.is_empty() {
            parts.factors.store("ials", &mut tensors);
        }
        if !parts.expected.is_empty() {
            tensors.insert("expected", &[parts.expected.len()], parts.expected.clone());
        }
        if signals.contains(&Signal::NewItems) {
            parts.new_items.store("new_items", &mut tensors);
        }
        if let Some([within, after]) = &parts.repeats {
            within.store("repeats_within", &mut tensors);
            after.store("repeats_after", &mut tensors);
        }
        tensors
    }

    /// The network's tensors within an ensemble's.
    pub fn network_tensors(tensors: &Tensors) -> Option<Tensors> {
        let (_, kind) = tensors.kind.split_once(' ')?;
        Some(tensors.nested(NETWORK, kind))
    }

    /// The ensemble that [`Ensemble::to_tensors`] described. `open` makes the network of its tensors.
    pub fn from_tensors(
        tensors: &Tensors,
        open: impl FnOnce(&Tensors) -> Result<Arc<dyn Scorer>, Error>,
    ) -> Result<Self, Error> {
        if tensors.kind.split(' ').next() != Some(KIND) {
            return Err(Error::Artifact(format!("kind must be {KIND}, it is {}", tensors.kind)));
        }
        let broken = |rule: &str| Error::Artifact(format!("blend: {rule}"));
        let items = tensors.get_integers("items")?.first().map_or(0, |&items| items as usize);
        let rows = &tensors.get("signals", 2)?.data;
        let signals: Option<Vec<Signal>> = rows.chunks(4).map(signal).collect();
        let signals = signals.filter(|s| s.len() <= SIGNALS_MAX).ok_or_else(|| broken("signals are not known"))?;
        let weights = &tensors.get("weights", 2)?.data;
        let temperatures = &tensors.get("temperatures", 1)?.data;
        let (n, positive) = (signals.len(), temperatures.iter().all(|&t| t > 0.0));
        if weights.len() != 2 * n || temperatures.len() != 2 || !positive {
            return Err(broken("weights must be two for each signal, temperatures two and above 0"));
        }
        let mut parts = Parts { items, ..Parts::default() };
        if let Some(inner) = Self::network_tensors(tensors) {
            let network = open(&inner)?;
            if network.item_count() != items {
                return Err(broken("the network must rank the blend's items"));
            }
            parts.network = Some(network);
        }
        let has = |wanted: fn(&Signal) -> bool| signals.iter().any(wanted);
        let matrix = |name, is_used: bool| {
            if is_used { ItemMatrix::load(name, tensors, items) } else { Ok(ItemMatrix::default()) }
        };
        parts.follows = matrix("follows", has(|s| matches!(s, Signal::Cooccurrence { .. })))?;
        parts.ease = matrix("ease", has(|s| matches!(s, Signal::Ease { .. })))?;
        parts.content = matrix("content", has(|s| matches!(s, Signal::Content { .. })))?;
        if has(|s| matches!(s, Signal::Popular { .. })) {
            parts.popular = TimeDecayedPopularity::load("popular", tensors, items)?;
        }
        if has(|s| matches!(s, Signal::Factors { .. })) {
            parts.factors = ItemFactors::load("ials", tensors, items)?;
        }
        if has(|s| matches!(s, Signal::Expected)) {
            parts.expected = tensors.get("expected", 1)?.data.clone();
        }
        if has(|s| matches!(s, Signal::NewItems)) {
            parts.new_items = NewItems::load("new_items", tensors, items)?;
        }
        if has(Signal::counts) {
            parts.counts = tensors.get("counts", 1)?.data.clone();
        }
        if has(|s| matches!(s, Signal::Repeats)) {
            let load = |name| RepeatModel::load(name, tensors, items);
            parts.repeats = Some([load("repeats_within")?, load("repeats_after")?]);
        }
        let of = |at: usize| Weights { of: weights[at * n..(at + 1) * n].to_vec(), temperature: temperatures[at] };
        Ok(Self { parts, weighted: WeightedSignals { signals, in_session: of(0), next_session: of(1) } })
    }
}

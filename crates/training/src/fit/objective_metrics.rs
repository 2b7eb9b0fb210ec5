//! The additional metrics of solutions with an `eventsConfig` or an `optimizationObjective`.

use super::request::FitRequest;
use std::collections::BTreeMap;
use tastemaker_data::Column;
use tastemaker_eval::weighted::Valued;
use tastemaker_eval::{TestUser, metrics};

const WEIGHTED: [(&str, usize); 3] = [
    ("normalized_discounted_cumulative_gain_with_event_weights_at_5", 5),
    ("normalized_discounted_cumulative_gain_with_event_weights_at_10", 10),
    ("normalized_discounted_cumulative_gain_with_event_weights_at_25", 25),
];
const REWARDS: &str = "average_rewards_at_k";

/// By key, as far as the solution asks for them.
pub(super) fn metrics(request: &FitRequest, tests: &[TestUser], lists: &[Vec<u32>]) -> BTreeMap<&'static str, f64> {
    let mut found = BTreeMap::new();
    if !request.config.events.is_empty() {
        let truths: Vec<Vec<(u32, f64)>> = tests.iter().map(|test| weighted(request, test)).collect();
        for (key, k) in WEIGHTED {
            let values = valued(&truths, lists).map(|valued| valued.gain_at(k));
            found.insert(key, mean(values));
        }
    }
    if let Some(rewards) = rewards(request) {
        let reward = |item: &u32| (*item, rewards[*item as usize]);
        let truths: Vec<Vec<(u32, f64)>> = tests.iter().map(|test| test.truth.iter().map(reward).collect()).collect();
        let values = valued(&truths, lists).filter_map(|valued| valued.share_at(metrics::LIST_LEN));
        found.insert(REWARDS, mean(values));
    }
    found
}

fn valued<'a>(truths: &'a [Vec<(u32, f64)>], lists: &'a [Vec<u32>]) -> impl Iterator<Item = Valued<'a>> {
    truths.iter().zip(lists).filter(|(truth, _)| !truth.is_empty()).map(|(truth, ranked)| Valued { ranked, truth })
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    sum / count.max(1) as f64
}

/// The items of a test user's truth with the greatest weight among their events.
fn weighted(request: &FitRequest, test: &TestUser) -> Vec<(u32, f64)> {
    let dataset = request.dataset;
    let sequence = dataset.sequence(test.user);
    let newer = sequence.items.iter().zip(sequence.event_types).skip(test.input.len());
    let mut worth: BTreeMap<u32, f64> = BTreeMap::new();
    for (&item, &event_type) in newer {
        let weight = request.config.event_weight(dataset.event_types.id(u32::from(event_type)));
        let known = worth.entry(item).or_insert(0.0);
        *known = known.max(weight);
    }
    worth.into_iter().collect()
}

/// `[items]`: the objective's column, from just above 0 for the least to 1 for the greatest; 0 without a number.
fn rewards(request: &FitRequest) -> Option<Vec<f64>> {
    let objective = request.config.objective.as_ref()?;
    let table = request.items?;
    let column = table.column(&objective.item_attribute)?;
    let number = |id: &str| {
        let row = table.ids.get(id)? as usize;
        let value = match column {
            Column::Integer(values) => values.get(row).copied().flatten().map(|x| x as f64),
            Column::Number(values) => values.get(row).copied().flatten(),
            Column::Text(_) | Column::Boolean(_) => None,
        };
        value.filter(|value| value.is_finite())
    };
    let values: Vec<Option<f64>> = request.dataset.items.iter().map(number).collect();
    let known = || values.iter().flatten().copied();
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    /// So that the least reward is still one.
    const LEAST: f64 = 0.01;
    let reward = |value: f64| if most > least { LEAST + (1.0 - LEAST) * (value - least) / (most - least) } else { 1.0 };
    Some(values.iter().map(|value| value.map_or(0.0, reward)).collect())
}

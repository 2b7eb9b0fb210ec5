//! The report of a fit of related items, and the weights that stand in it.

use crate::artifact::{EnsembleFacts, SignalFacts};
use tastemaker_learn::models::related::{Combination, RelatedReport, RelatedSignal};
use tastemaker_learn::sentences::RELATED_FIT;

/// The name under which the popularity discount stands among the signals.
const DISCOUNT: &str = "popularity discount";

/// The facts of a fit: quality is NDCG@10 over the transitions of held-out users.
pub(super) fn facts(combination: &Combination, report: &RelatedReport) -> EnsembleFacts {
    let round = |x: f64| (x * 1e4).round() / 1e4;
    let signal = |name: &str, weight: f32, single: f64, without: f64| SignalFacts {
        name: name.to_owned(),
        weights: [weight, 0.0],
        single: [round(single), 0.0],
        without: [round(without), 0.0],
    };
    let judged = |kind: RelatedSignal| report.signals.iter().find(|s| s.0 == kind).map_or((0.0, 0.0), |s| (s.2, s.3));
    let mut signals: Vec<SignalFacts> = combination
        .weights
        .iter()
        .map(|&(kind, weight)| signal(kind.name(), weight, judged(kind).0, judged(kind).1))
        .collect();
    signals.push(signal(DISCOUNT, combination.discount, 0.0, report.quality.0));
    let note = RELATED_FIT.with(&[
        &report.chosen,
        &format_args!("{:.4}", report.quality.0),
        &format_args!("{:.4}", report.quality.1),
        &report.points,
        &format_args!("{:.4}", report.equal.0),
        &format_args!("{:.4}", report.standard_error),
    ]);
    EnsembleFacts {
        signals,
        points: [report.points as u64, 0],
        quality: [round(report.quality.0), 0.0],
        notes: vec![note],
        ..EnsembleFacts::default()
    }
}

/// The weights that stand in `facts`.
pub(super) fn combination(facts: &EnsembleFacts) -> Combination {
    let named = |name: &str| facts.signals.iter().find(|signal| signal.name == name).map_or(0.0, |s| s.weights[0]);
    Combination {
        weights: RelatedSignal::ALL.iter().map(|&kind| (kind, named(kind.name()))).collect(),
        discount: named(DISCOUNT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_as_they_were_written() {
        let weights = vec![(RelatedSignal::Following, 0.75), (RelatedSignal::Metadata, 0.25)];
        let written = Combination { weights, discount: 0.1 };
        let report = RelatedReport { quality: (0.25, 0.5), points: 50, ..RelatedReport::default() };
        let read = combination(&facts(&written, &report));
        assert_eq!(read.discount, 0.1);
        for kind in RelatedSignal::ALL {
            assert_eq!(read.weight(kind), written.weight(kind), "{}", kind.name());
        }
    }
}

//! The pair of percentiles of history lengths, drawn on the histogram of the lengths in the data.

use crate::chart::{Bin, Marker, Texts, histogram};
use crate::cx::Cx;
use crate::format;
use crate::pages::form::Sent;
use maud::{Markup, html};
use tastemaker_domain::dataset_statistics::{HistoryLengths, InteractionStatistics};
use tastemaker_domain::recipe::RecipeDescriptor;

/// The parameters of the pair.
const PAIR: [&str; 2] = ["min_user_history_length_percentile", "max_user_history_length_percentile"];

/// The lengths that take part, and how many users have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Band {
    shortest: u64,
    longest: u64,
    users: u64,
    all: u64,
}

/// The histogram with the two ends of the band; nothing for a recipe without the pair.
pub(super) fn picture(cx: &Cx, recipe: &RecipeDescriptor, sent: &Sent, found: &InteractionStatistics) -> Markup {
    if !PAIR.iter().all(|name| recipe.has_parameter(name)) || found.history_lengths.is_empty() {
        return html! {};
    }
    let share = |name: &str| {
        let default = recipe.parameters.iter().find(|parameter| parameter.name == name);
        let default = default.map(|parameter| parameter.kind.default_text()).unwrap_or_default();
        let typed = sent.get(&super::solution_form::parameter_field(name));
        typed.unwrap_or(&default).parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share))
    };
    let band = match PAIR.map(share) {
        [Some(low), Some(high)] if low <= high => band(found, low, high),
        _ => None,
    };
    let sentence = band.map(|band| {
        cx.text_with(
            "create-band",
            &[
                ("shortest", format::count(band.shortest).into()),
                ("longest", format::count(band.longest).into()),
                ("users", format::count(band.users).into()),
                ("all", format::count(band.all).into()),
            ],
        )
    });
    let markers: Vec<Marker> = band
        .map(|band| [band.shortest, band.longest].map(|at| Marker { at: at as f64, label: format::count(at) }).to_vec())
        .unwrap_or_default();
    let otherwise = cx.text("create-lengths");
    let texts = Texts {
        id: "history-lengths",
        title: sentence.as_deref().unwrap_or(&otherwise),
        description: &cx.text("create-lengths-description"),
        horizontal: &cx.text("create-lengths-events"),
        vertical: &cx.text("create-lengths-users"),
        numbers: &cx.text("numbers"),
    };
    html! {
        (histogram(&texts, &bins(&found.history_lengths, band), &markers))
        @if let Some(sentence) = &sentence { p { strong { (sentence) } } }
    }
}

/// The lengths from one percentile to the other by nearest rank, as the training takes them.
fn band(found: &InteractionStatistics, low: f64, high: f64) -> Option<Band> {
    let at = |share: f64| found.length_percentiles.get((share * 100.0).ceil() as usize).copied();
    let (shortest, longest) = (at(low)?, at(high)?);
    let inside = |range: &&HistoryLengths| range.to >= shortest && range.from <= longest;
    // A range that the band cuts counts by the share of its lengths.
    let users = |range: &HistoryLengths| {
        let lengths = (range.to - range.from.min(range.to) + 1) as f64;
        let taken = (range.to.min(longest) + 1).saturating_sub(range.from.max(shortest)) as f64;
        range.users as f64 * taken / lengths
    };
    Some(Band {
        shortest,
        longest,
        users: found.history_lengths.iter().filter(inside).map(users).sum::<f64>().round() as u64,
        all: found.history_lengths.iter().map(|range| range.users).sum(),
    })
}

/// Ranges that double, with those outside of the band drawn as taking no part.
fn bins(lengths: &[HistoryLengths], band: Option<Band>) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    for range in lengths {
        let from = 1_u64 << range.from.max(1).ilog2();
        let to = from.saturating_mul(2);
        match bins.last_mut() {
            Some(last) if last.from == from as f64 => last.count += range.users as f64,
            _ => bins.push(Bin {
                from: from as f64,
                to: to as f64,
                count: range.users as f64,
                muted: band.is_some_and(|band| to <= band.shortest || from > band.longest),
            }),
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> InteractionStatistics {
        // A hundred users of the lengths 1 to 100.
        let range = |from: u64, to: u64| HistoryLengths { from, to, users: to - from + 1 };
        let single = (1..=10).map(|length| range(length, length));
        let history_lengths = single.chain([range(11, 20), range(21, 40), range(41, 100)]).collect();
        let length_percentiles = (0..=100).map(|percent: u64| percent.max(1)).collect();
        InteractionStatistics { history_lengths, length_percentiles, ..InteractionStatistics::default() }
    }

    #[test]
    fn users_of_the_band_are_counted() {
        let of = |low, high| band(&found(), low, high).unwrap();
        assert_eq!(of(0.0, 1.0), Band { shortest: 1, longest: 100, users: 100, all: 100 });
        assert_eq!(of(0.05, 0.95), Band { shortest: 5, longest: 95, users: 91, all: 100 });
        assert_eq!(of(0.02, 0.02), Band { shortest: 2, longest: 2, users: 1, all: 100 });
        assert_eq!(band(&InteractionStatistics::default(), 0.0, 1.0), None);
    }

    #[test]
    fn what_takes_no_part_is_muted() {
        let bins = bins(&found().history_lengths, band(&found(), 0.05, 0.4));
        let muted: Vec<(f64, bool)> = bins.iter().map(|bin| (bin.from, bin.muted)).collect();
        assert_eq!(muted, [(1.0, true), (2.0, true), (4.0, false), (8.0, false), (16.0, false), (32.0, false)]);
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<f64>(), 100.0);
    }
}

//! Facts shown before a training begins: how long it takes, how much memory, and what in the data stops it.

use super::event_types::used;
use super::shown::Shown;
use super::solution_form::differing;
use crate::cx::Cx;
use crate::format;
use crate::insights::{Insight, Severity, Source, insights};
use crate::pages::data::insight_list;
use crate::ports::PlannedTraining;
use maud::{Markup, html};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::tuning::TRIALS_DEFAULT;

/// The insights into the interactions for which a training is refused or learns nothing.
pub(super) fn stops(shown: &Shown) -> Vec<Insight> {
    let Some(statistics) = shown.statistics else { return Vec::new() };
    let all = insights(Source { statistics, last_import: None, streamed: None });
    all.into_iter().filter(|insight| insight.severity == Severity::Stop).collect()
}

/// The content of the section.
pub(super) fn section(cx: &Cx, shown: &Shown) -> Markup {
    let stops = stops(shown);
    html! {
        h2 { (cx.text("create-before")) }
        p { (time(cx, shown)) }
        p { (memory(cx, shown)) }
        @if !stops.is_empty() {
            (insight_list::list(cx, shown.group, &stops))
            p.hint { (cx.text("create-stopped")) }
        }
    }
}

fn time(cx: &Cx, shown: &Shown) -> String {
    let Some(last_s) = shown.last_training_s.filter(|took| *took >= 0.0) else { return cx.text("create-no-estimate") };
    if !shown.sent.has("hpo") {
        return cx.text_with("create-took", &[("took", format::seconds(cx.language, last_s as u64).into())]);
    }
    let trials = shown.sent.get("jobs").and_then(|text| text.parse::<usize>().ok()).unwrap_or(TRIALS_DEFAULT);
    // The trials and the training with the best of their values.
    let took = format::seconds(cx.language, (last_s * (trials as f64 + 1.0)).min(1e9) as u64);
    cx.text_with("create-took-search", &[("took", took.into()), ("count", trials.into())])
}

fn memory(cx: &Cx, shown: &Shown) -> String {
    let found = shown.statistics.and_then(|statistics| Some((statistics, statistics.interactions.as_ref()?)));
    let estimates = &cx.console.ports.estimates;
    let needed = found.and_then(|(statistics, found)| {
        estimates.memory_bytes(&PlannedTraining {
            recipe: shown.recipe,
            hyperparameters: &differing(shown.recipe, shown.sent),
            interactions: used(shown.recipe, shown.sent, statistics).rows,
            users: found.users,
            items: found.items,
            has_metadata: shown.datasets.iter().any(|kind| kind.eq_ignore_ascii_case(DatasetType::Items.as_str())),
        })
    });
    let Some(needed) = needed else { return cx.text("create-no-memory") };
    let memory = ("memory", format::bytes(needed).into());
    match estimates.available_bytes() {
        Some(available) if available < needed => {
            cx.text_with("create-memory-short", &[memory, ("available", format::bytes(available).into())])
        }
        Some(available) => cx.text_with("create-memory", &[memory, ("available", format::bytes(available).into())]),
        None => cx.text_with("create-memory-alone", &[memory]),
    }
}

//! The part of the form that chooses event types: a table of those in the data with their counts, a weight and a least value for
//! each where the recipe can weigh them, and how many interactions the choice leaves.

use super::shown::Shown;
use super::solution_form::{EVENT_ROWS, event_fields};
use crate::cx::Cx;
use crate::format;
use crate::pages::form::{Field, Sent, id_of};
use maud::{Markup, html};
use tastemaker_domain::dataset_statistics::{DatasetStatistics, EventTypeStatistics};
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};

/// Event types of the data that the table shows.
const KNOWN_MAX: usize = EVENT_ROWS;
/// Rows for types that the statistics do not name.
const FREE_ROWS: usize = 2;

/// The interactions that a choice of event types leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Used {
    /// The interactions that train.
    pub rows: u64,
    /// All interactions.
    pub all: u64,
    /// Whether a least value leaves out some of `rows`, of which the statistics do not tell how many.
    pub at_most: bool,
}

/// The choice that the form makes, against the statistics.
pub(super) fn used(recipe: &RecipeDescriptor, sent: &Sent, statistics: &DatasetStatistics) -> Used {
    let known = statistics.interactions.as_ref().map_or(&[][..], |found| &found.event_types);
    let of = |name: &str| known.iter().find(|event| event.name.to_lowercase() == name.to_lowercase());
    let mut chosen: Vec<(String, bool)> = Vec::new();
    if recipe.can(Ability::EventWeights) {
        for [event_type, weight, threshold] in (0..EVENT_ROWS).map(event_fields) {
            let Some(name) = sent.get(&event_type) else { continue };
            let is_zero =
                sent.get(&weight).and_then(|text| text.parse::<f64>().ok()).is_some_and(|weight| weight <= 0.0);
            let is_new = chosen.iter().all(|(other, _)| other.to_lowercase() != name.to_lowercase());
            if is_new && !is_zero {
                chosen.push((name.to_owned(), sent.get(&threshold).is_some()));
            }
        }
    } else if let Some(name) = sent.get("event_type") {
        chosen.push((name.to_owned(), sent.get("event_value_threshold").is_some()));
    } else if sent.get("event_value_threshold").is_some() {
        let rows = known.iter().map(|event| event.with_value).sum();
        return Used { rows, all: statistics.rows, at_most: true };
    }
    if chosen.is_empty() {
        return Used { rows: statistics.rows, all: statistics.rows, at_most: false };
    }
    let rows = |(name, thresholded): &(String, bool)| {
        of(name).map_or(0, |event| if *thresholded { event.with_value } else { event.rows })
    };
    Used {
        rows: chosen.iter().map(rows).sum(),
        all: statistics.rows,
        at_most: chosen.iter().any(|(_, thresholded)| *thresholded),
    }
}

/// The sentence with the interactions that are used.
pub(super) fn sentence(cx: &Cx, used: Used) -> String {
    let values = [("used", format::count(used.rows).into()), ("all", format::count(used.all).into())];
    if used.at_most { cx.text_with("create-used-at-most", &values) } else { cx.text_with("create-used", &values) }
}

/// The section of the form.
pub(super) fn section(cx: &Cx, shown: &Shown) -> Markup {
    let Shown { recipe, sent, errors, statistics, .. } = shown;
    let known = known(shown);
    let weighs = recipe.can(Ability::EventWeights);
    let given =
        (0..EVENT_ROWS).flat_map(event_fields).any(|field| sent.get(&field).is_some() || errors.of(&field).is_some());
    let given = given
        || ["event_type", "event_value_threshold"]
            .iter()
            .any(|field| sent.get(field).is_some() || errors.of(field).is_some());
    html! {
        details open[given] {
            summary { (cx.text("create-events")) }
            p.hint { (if weighs { cx.text("create-events-help") } else { cx.text("create-event-type-help") }) }
            @if !known.is_empty() { (table(cx, shown, known)) }
            @if weighs {
                @for row in free_rows(sent, known) { (free_row(cx, shown, row)) }
            } @else {
                @let names: Vec<String> = known.iter().map(|event| event.name.clone()).collect();
                div.row {
                    (Field { name: "event_type", label: &cx.text("train-event-type"), value: sent.typed("event_type"),
                        suggestions: &names, ..Field::default() }.markup(errors))
                    (Field { name: "event_value_threshold", label: &cx.text("create-threshold"), kind: "number",
                        value: sent.typed("event_value_threshold"), ..Field::default() }.markup(errors))
                }
            }
            @if let Some(statistics) = statistics {
                p id="events-used" role="status" { strong { (sentence(cx, used(recipe, sent, statistics))) } }
                p.actions {
                    button type="submit" formmethod="get" formaction=(cx.group_link(shown.group, "/new-solution")) formnovalidate {
                        (cx.text("create-recompute"))
                    }
                }
            }
        }
    }
}

/// The event types of the data that have a row in the table.
fn known<'a>(shown: &Shown<'a>) -> &'a [EventTypeStatistics] {
    let found = shown.statistics.and_then(|statistics| statistics.interactions.as_ref());
    let known = found.map_or(&[][..], |found| &found.event_types);
    &known[..known.len().min(KNOWN_MAX)]
}

/// Whether a row of the form is that of a known type: nothing else was typed there.
fn is_known(sent: &Sent, known: &[EventTypeStatistics], row: usize) -> bool {
    let [event_type, ..] = event_fields(row);
    known.get(row).is_some_and(|event| sent.get(&event_type).is_none_or(|typed| typed == event.name))
}

/// Rows whose type is typed: those that were sent with other types than the table has, and some empty ones.
fn free_rows(sent: &Sent, known: &[EventTypeStatistics]) -> Vec<usize> {
    let is_sent = |row: &usize| sent.get(&event_fields(*row)[0]).is_some();
    let all = (0..EVENT_ROWS).filter(|row| !is_known(sent, known, *row));
    let (mut rows, empty): (Vec<usize>, Vec<usize>) = all.partition(is_sent);
    rows.extend(empty.into_iter().take(FREE_ROWS));
    rows
}

fn table(cx: &Cx, shown: &Shown, known: &[EventTypeStatistics]) -> Markup {
    let weighs = shown.recipe.can(Ability::EventWeights);
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    @if weighs { th scope="col" { (cx.text("create-event-counts")) } }
                    th scope="col" { (cx.text("train-event-type")) }
                    th.number scope="col" { (cx.text("create-event-rows")) }
                    th.number scope="col" { (cx.text("create-event-users")) }
                    th.number scope="col" { (cx.text("create-event-valued")) }
                    @if weighs {
                        th scope="col" { (cx.text("create-weight")) }
                        th scope="col" { (cx.text("create-threshold")) }
                    }
                } }
                tbody { @for (row, event) in known.iter().enumerate() { (known_row(cx, shown, known, row, event)) } }
            }
        }
    }
}

fn known_row(cx: &Cx, shown: &Shown, known: &[EventTypeStatistics], row: usize, event: &EventTypeStatistics) -> Markup {
    let [event_type, weight, threshold] = event_fields(row);
    let named = |key: &str| cx.text_with(key, &[("event", event.name.clone().into())]);
    // Another type was typed into this row when the statistics were others.
    let is_known = is_known(shown.sent, known, row);
    let choosable = shown.recipe.can(Ability::EventWeights) && is_known;
    html! {
        tr {
            @if shown.recipe.can(Ability::EventWeights) {
                td { @if choosable {
                    input id=(id_of(&event_type)) type="checkbox" name=(event_type) value=(event.name)
                        checked[shown.sent.get(&event_type).is_some()] aria-label=(named("create-event-choose"));
                } }
            }
            th scope="row" title=(event.name) { code { (format::shortened(&event.name, 40)) } }
            td.number { (format::count(event.rows)) }
            td.number { (format::count(event.users)) }
            td.number { (format::count(event.with_value)) }
            @if choosable {
                td { (number(shown, &weight, &named("create-event-weight"), "1")) }
                td { (number(shown, &threshold, &named("create-event-threshold"), "")) }
            } @else if shown.recipe.can(Ability::EventWeights) { td {} td {} }
        }
    }
}

/// A number in a cell of the table, with its error.
fn number(shown: &Shown, name: &str, label: &str, placeholder: &str) -> Markup {
    let id = id_of(name);
    let error = shown.errors.of(name);
    html! {
        input.narrow id=(id) type="number" step="any" name=(name) value=(shown.sent.typed(name)) aria-label=(label)
            placeholder=[(!placeholder.is_empty()).then_some(placeholder)] autocomplete="off"
            autofocus[shown.errors.is_first(name)] aria-invalid=[error.map(|_| "true")]
            aria-describedby=[error.map(|_| format!("{id}-error"))];
        @if let Some(error) = error { br; small.field-error id=(format!("{id}-error")) { (error) } }
    }
}

/// A row whose type is typed.
fn free_row(cx: &Cx, shown: &Shown, row: usize) -> Markup {
    let [event_type, weight, threshold] = event_fields(row);
    let Shown { sent, errors, .. } = shown;
    html! {
        div.row {
            (Field { name: &event_type, label: &cx.text("create-other-event-type"), value: sent.typed(&event_type), ..Field::default() }.markup(errors))
            (Field { name: &weight, label: &cx.text("create-weight"), kind: "number", placeholder: "1", value: sent.typed(&weight), ..Field::default() }.markup(errors))
            (Field { name: &threshold, label: &cx.text("create-threshold"), kind: "number", value: sent.typed(&threshold), ..Field::default() }.markup(errors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;
    use tastemaker_domain::dataset_statistics::InteractionStatistics;
    use tastemaker_domain::schema::DatasetType;

    fn statistics() -> DatasetStatistics {
        let event = |name: &str, rows, with_value| EventTypeStatistics {
            name: name.into(),
            rows,
            with_value,
            ..EventTypeStatistics::default()
        };
        let event_types = vec![event("View", 700, 0), event("Buy", 200, 150), event("구매", 50, 0)];
        DatasetStatistics {
            dataset_arn: String::new(),
            dataset_type: DatasetType::Interactions,
            made_ms: 0,
            source: String::new(),
            rows: 1_000,
            rows_with_missing: 0,
            is_estimate: false,
            columns: Vec::new(),
            interactions: Some(InteractionStatistics { event_types, ..InteractionStatistics::default() }),
            metadata: None,
        }
    }

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn interactions_are_counted_as_a_training_takes_them() {
        let of = |recipe, pairs: &[(&str, &str)]| {
            let Used { rows, all, at_most } = used(recipe, &sent(pairs), &statistics());
            assert_eq!(all, 1_000);
            (rows, at_most)
        };
        let weighing = &catalog::AWS_USER_PERSONALIZATION_V2;
        assert_eq!(of(weighing, &[]), (1_000, false));
        assert_eq!(of(weighing, &[("e.0.type", "view"), ("e.2.type", "VIEW"), ("e.4.type", "구매")]), (750, false));
        assert_eq!(of(weighing, &[("e.0.type", "View"), ("e.0.weight", "0"), ("e.1.type", "Buy")]), (200, false));
        assert_eq!(of(weighing, &[("e.1.type", "Buy"), ("e.1.threshold", "2")]), (150, true));
        assert_eq!(of(weighing, &[("e.1.type", "unheard-of")]), (0, false));
        // A recipe without weights takes one type, and the other fields are not its own.
        let plain = &catalog::AWS_SIMS;
        assert_eq!(of(plain, &[("event_type", "buy"), ("e.0.type", "View")]), (200, false));
        assert_eq!(of(plain, &[("event_value_threshold", "1")]), (150, true));
    }

    #[test]
    fn a_type_that_was_typed_keeps_its_row() {
        let statistics = statistics();
        let known = &statistics.interactions.as_ref().unwrap().event_types;
        assert_eq!(free_rows(&sent(&[]), known), [3, 4]);
        assert_eq!(free_rows(&sent(&[("e.0.type", "Click"), ("e.1.type", "Buy")]), known), [0, 3, 4]);
    }
}

//! Items as cards: picture, name, price, category, score, and the reason of their place in words.

use super::card_columns::{CATEGORIES, PICTURES, PRICES};
use super::events::BUTTON;
use super::item_values::{Values, first_of, known, name, name_of};
use super::moves::{Difference, sign};
use super::targets::{Columns, Target};
use super::walk::Walk;
use crate::cx::Cx;
use crate::format;
use maud::{Markup, html};
use tastemaker_wire::runtime::PredictedItem;

/// Events of a history that are shown.
const HISTORY_MAX: usize = 20;
/// Cards that offer events and similar items; those of the longest lists would make pages of megabytes.
const ACTING_MAX: usize = 50;

/// The events of a user, newest first.
pub(super) fn history(cx: &Cx, target: &Target, columns: &Columns, user: &str) -> Markup {
    let histories = &cx.console.ports.histories;
    let events = histories.of(&target.arn, user, HISTORY_MAX);
    html! {
        @if events.is_empty() {
            p.hint { (cx.text("try-unknown-user")) }
        } @else {
            ol.items {
                @for event in &events {
                    @let values = histories.item(&target.arn, &event.item_id, &columns.items).into_iter().collect();
                    li.item {
                        (item(cx, &event.item_id, &values))
                        p.quiet { @if !event.event_type.is_empty() { (event.event_type) " · " } (format::time(event.timestamp_s as f64)) }
                    }
                }
            }
        }
    }
}

/// A list with what its cards say and offer beside the items.
pub(super) struct Listed<'a> {
    pub target: &'a Target,
    pub columns: &'a Columns,
    pub items: &'a [PredictedItem],
    /// The difference from another list, for its first places.
    pub difference: Option<&'a Difference>,
    /// The types of events that a card sends; empty where it sends none.
    pub events: &'a [String],
    pub walk: &'a Walk<'a>,
}

/// A list, best first.
pub(super) fn list(cx: &Cx, listed: &Listed) -> Markup {
    let Listed { target, items, .. } = listed;
    let best = items.iter().filter_map(|item| item.score).fold(0.0, f64::max);
    html! {
        @if items.is_empty() {
            p.hint { (cx.text("try-nothing")) }
        } @else {
            ol.items {
                @for (rank, one) in items.iter().enumerate() {
                    @let id = one.item_id.as_deref().unwrap_or_default();
                    @let values = one.metadata.clone().unwrap_or_else(|| known(cx, target, listed.columns, id));
                    @let is_unknown = target.ranks() && !cx.console.ports.histories.knows_item(&target.arn, id);
                    li.item {
                        span.rank {
                            (rank + 1)
                            @if let Some(way) = listed.difference.and_then(|difference| difference.moves.get(rank)) { " " (sign(cx, *way)) }
                        }
                        (item(cx, id, &values))
                        @if let Some(score) = one.score { (bar(cx, score, best)) }
                        p.quiet { @if is_unknown { (cx.text("try-unknown-item")) } @else { (reason(cx, one)) } }
                        @if rank < ACTING_MAX { (actions(cx, listed, id, name(&values).map_or(id, String::as_str))) }
                    }
                }
            }
        }
    }
}

/// The buttons of an item: events to send, and the link to items like it.
fn actions(cx: &Cx, listed: &Listed, id: &str, name: &str) -> Markup {
    let step = if listed.target.proposes_actions() { None } else { listed.walk.step(cx, id) };
    let name = format::shortened(name, 60);
    html! {
        @if step.is_some() || !listed.events.is_empty() {
            p.act {
                @for event_type in listed.events {
                    @let label = cx.text_with("try-send", &[("type", event_type.clone().into()), ("item", name.clone().into())]);
                    button name=(format!("{BUTTON}{event_type}")) value=(id) aria-label=(label) { (format::shortened(event_type, 20)) } " "
                }
                @if let Some(step) = step {
                    a href=(step) aria-label=(cx.text_with("try-similar-to", &[("item", name.into())])) { (cx.text("try-similar")) }
                }
            }
        }
    }
}

/// The items that another list has and this one does not, with their places there.
pub(super) fn gone(cx: &Cx, listed: &Listed, heading: &str) -> Markup {
    let Listed { target, columns, difference, .. } = listed;
    let gone = difference.map_or(&[][..], |difference| &difference.gone);
    html! {
        @if !gone.is_empty() {
            h3 { (heading) }
            ul.plain.gone {
                @for (place, id) in gone {
                    li { span.quiet { (place) } " " span title=(id) { (format::shortened(&name_of(cx, target, columns, id), 60)) } }
                }
            }
        }
    }
}

/// An item: picture, name, id, price and category.
pub(crate) fn item(cx: &Cx, id: &str, values: &Values) -> Markup {
    let of = |names: &[&str]| first_of(values, names);
    let name = name(values);
    html! {
        @if let Some(source) = of(PICTURES).and_then(|url| picture(cx, url)) {
            img src=(source) alt="" loading="lazy" width="96" height="96";
        }
        div.item-text {
            strong title=(name.map_or(id, String::as_str)) { (format::shortened(name.map_or(id, String::as_str), 60)) }
            p {
                code title=(id) { (format::shortened(id, 32)) }
                @if let Some(price) = of(PRICES) { " · " (price) }
                @if let Some(category) = of(CATEGORIES) { " · " (format::shortened(category, 40)) }
            }
        }
    }
}

/// The address of a picture that the page may load: of this server, or of a host that the settings name.
fn picture(cx: &Cx, url: &str) -> Option<String> {
    if url.starts_with('/') && !url.starts_with("//") && !url.contains('\\') {
        return Some(url.to_owned());
    }
    let own = std::iter::once(&cx.endpoint).chain(&cx.console.config.image_hosts);
    let known =
        own.into_iter().any(|origin| url.strip_prefix(origin.as_str()).is_some_and(|rest| rest.starts_with('/')));
    known.then(|| url.to_owned())
}

fn bar(cx: &Cx, score: f64, best: f64) -> Markup {
    let share = if best > 0.0 { (score / best * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    html! {
        p.score {
            span.quiet { (cx.text("try-score")) " " } (format!("{score:.4}"))
            svg.score-bar viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
                rect.progress-track x="0" y="0" width="100" height="6" {}
                rect.progress-done x="0" y="0" width=(format!("{share:.1}")) height="6" {}
            }
        }
    }
}

/// Why an item has its place, from the reasons that the API names.
fn reason(cx: &Cx, item: &PredictedItem) -> String {
    if let Some(promotion) = &item.promotion_name {
        return cx.text_with("reason-promoted", &[("promotion", promotion.clone().into())]);
    }
    match item.reason.as_ref().and_then(|reasons| reasons.first()).map(String::as_str) {
        None => cx.text("reason-model"),
        Some("Exploration") => cx.text("reason-explored"),
        Some("Popular item") => cx.text("reason-popular"),
        Some(other) => other.to_owned(),
    }
}

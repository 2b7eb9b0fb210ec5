//! The lists of the page beside the history of the user: one, or two beside each other, with the difference between them or from
//! what they were before an event.

use super::address::{Address, joined, split};
use super::answers::{Answered, Column};
use super::cards::{self, Listed};
use super::events::Events;
use super::item_values::name_of;
use super::moves::{Difference, OVERLAP_OF, PLACES_MAX, overlap};
use super::request;
use super::walk::Walk;
use crate::cx::Cx;
use crate::format;
use crate::pages::form::Sent;
use maud::{Markup, html};

/// The fields with the former lists, in the order of the columns.
const FORMER: [&str; 2] = ["was", "was2"];

/// The parts of the view.
pub(super) struct Shown<'a> {
    pub group: &'a str,
    pub address: &'a Address,
    pub sent: &'a Sent,
    /// One, or two that are compared.
    pub columns: &'a [Column<'a>],
    pub events: &'a Events,
    pub walk: &'a Walk<'a>,
}

pub(super) fn view(cx: &Cx, shown: &Shown) -> Markup {
    let user = request::user(shown.sent);
    let of_user = shown.columns.iter().find(|column| column.target.takes_user());
    let is_asked = shown.columns.iter().any(|column| column.answered.is_some());
    let history = user.zip(of_user).filter(|_| is_asked);
    let is_one = shown.columns.len() == 1;
    html! {
        @if !is_asked {
            p.hint { (cx.text("try-ask")) }
        } @else {
            (sent_event(cx, shown))
            @if let (Some((user, column)), false) = (history, is_one) {
                details.history { summary { (cx.text("try-history")) } (cards::history(cx, column.target, &column.columns, user)) }
            }
            div.columns-2[is_one && history.is_some()].lists[!is_one] {
                @if let (Some((user, column)), true) = (history, is_one) {
                    section.history { h2 { (cx.text("try-history")) } (cards::history(cx, column.target, &column.columns, user)) }
                }
                @for at in 0..shown.columns.len() { (column(cx, shown, at)) }
            }
            @if let [a, b] = shown.columns && let (Some(a), Some(b)) = (a.list(), b.list()) {
                p { (cx.text_with("try-overlap", &[("shared", overlap(&a.ids(), &b.ids()).into()), ("of", OVERLAP_OF.into())])) }
            }
        }
    }
}

/// The event that was sent, and the way back to a page that does not speak of it.
fn sent_event(cx: &Cx, shown: &Shown) -> Markup {
    let column = shown.columns.first();
    html! {
        @if let (Some(event_type), Some(item), Some(column)) = (shown.sent.get("did"), shown.sent.get("on"), column) {
            @let name = format::shortened(&name_of(cx, column.target, &column.columns, item), 60);
            div.notice role="status" {
                p { (cx.text_with("try-sent", &[("type", event_type.to_owned().into()), ("item", name.into())])) }
                p { a href=(shown.address.fresh().link(cx)) { (cx.text("try-sent-done")) } }
            }
        }
    }
}

/// The list that a column is compared with, and the sentence that names it.
fn former(cx: &Cx, shown: &Shown, at: usize) -> Option<(Vec<String>, String)> {
    if let Some(was) = shown.sent.get(FORMER[at.min(1)]) {
        return Some((split(was), cx.text("try-against-before")));
    }
    if shown.sent.get("did").is_some() {
        return None;
    }
    let column = &shown.columns[at];
    if column.target.ranks() {
        let mut given: Vec<String> = Vec::new();
        for id in request::ids(shown.sent.typed("items")) {
            if !given.contains(&id) {
                given.push(id);
            }
        }
        return Some((given, cx.text("try-against-given")));
    }
    let other = shown.columns.get(1 - at.min(1))?;
    let text = cx.text_with("try-against-other", &[("name", other.target.name.clone().into())]);
    Some((other.list()?.ids().into_iter().map(str::to_owned).collect(), text))
}

fn column(cx: &Cx, shown: &Shown, at: usize) -> Markup {
    let column = &shown.columns[at];
    html! {
        section.list id=[(at == 0).then_some("lists")] {
            @if shown.columns.len() > 1 { h2 { (format::shortened(&column.target.name, 40)) } }
            @match &column.answered {
                None => { p.hint { (cx.text("try-needs-more")) } }
                Some(Err(error)) => { div.error role="alert" { p { strong { (error.name) } } p.message { (error.message) } } }
                Some(Ok(answered)) => { (answer(cx, shown, at, answered)) }
            }
        }
    }
}

fn answer(cx: &Cx, shown: &Shown, at: usize, answered: &Answered) -> Markup {
    let Column { target, columns, .. } = &shown.columns[at];
    let former = former(cx, shown, at);
    let is_before = shown.sent.get(FORMER[at.min(1)]).is_some();
    let difference = former.as_ref().map(|(before, _)| {
        let mut now = answered.ids();
        if is_before {
            // An address has room for the first places only.
            now.truncate(before.len());
        }
        Difference::new(before, &now)
    });
    let can_send = target.takes_user() && !target.proposes_actions() && cx.may_edit();
    let is_known = request::user(shown.sent).is_some();
    let events = if can_send && is_known && shown.events.tracker.is_some() { shown.events.buttons() } else { &[] };
    let count = cx.text_with("try-list", &[("count", answered.items.len().into())]);
    let listed =
        Listed { target, columns, items: &answered.items, difference: difference.as_ref(), events, walk: shown.walk };
    let gone = match shown.columns.get(1 - at.min(1)) {
        Some(other) if !is_before && !target.ranks() => {
            cx.text_with("try-gone-there", &[("name", other.target.name.clone().into())])
        }
        _ => cx.text("try-gone"),
    };
    let list = cards::list(cx, &listed);
    html! {
        @if shown.columns.len() > 1 { p { (count) } } @else { h2 { (count) } }
        @if let (Some(difference), Some((_, text))) = (&difference, &former) {
            p.hint { (text) " " (difference.sentence(cx)) }
        }
        @if can_send && shown.events.tracker.is_none() {
            p.hint { (cx.text("try-no-tracker")) " " a href=(cx.group_link(shown.group, "/event-tracker")) { (cx.text("try-make-tracker")) } }
        } @else if can_send && !is_known {
            p.hint { (cx.text("try-event-of-nobody")) }
        }
        @if events.is_empty() {
            (list)
        } @else {
            form method="post" action=(shown.address.with(&FORMER.map(|name| (name, ""))).form(cx, "event")) {
                @for (column, name) in shown.columns.iter().zip(FORMER) {
                    @if let Some(answered) = column.list() { input type="hidden" name=(name) value=(joined(answered.ids().into_iter(), PLACES_MAX)); }
                }
                input type="hidden" name="recommendation" value=(answered.recommendation_id);
                (list)
            }
        }
        (cards::gone(cx, &listed, &gone))
        p.quiet {
            (cx.text_with("try-answered", &[("took", format!("{:.1}", answered.took_ms).into())]))
            " · " (cx.text("try-recommendation-id")) " " code { (answered.recommendation_id) }
        }
    }
}

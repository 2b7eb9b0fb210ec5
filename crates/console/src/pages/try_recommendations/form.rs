//! The form of the page Try, which asks by GET so that every question has an address.

use super::address::Address;
use super::events::HISTORY_MAX;
use super::request::RESULTS_DEFAULT;
use super::targets::{Columns, Target};
use crate::cx::Cx;
use crate::pages::filter_values;
use crate::pages::form::{Choice, Field, FieldErrors, Sent, id_of};
use maud::{Markup, html};
use tastemaker_wire::personalize::FilterSummary;

/// The parts of the form.
pub(super) struct Shown<'a> {
    pub group: &'a str,
    pub address: &'a Address,
    pub targets: &'a [Target],
    pub target: &'a Target,
    /// The other campaign or recommender, whose list stands beside the first one's.
    pub other: Option<&'a Target>,
    pub filters: &'a [FilterSummary],
    /// Names of the parameters of the chosen filter.
    pub parameters: &'a [String],
    pub columns: &'a Columns,
    pub sent: &'a Sent,
    pub errors: &'a FieldErrors,
}

pub(super) fn view(cx: &Cx, shown: &Shown) -> Markup {
    let Shown { group, targets, target, sent, .. } = shown;
    let options: Vec<(String, String)> = targets
        .iter()
        .map(|target| (target.arn.clone(), format!("{} ({})", target.name, target.recipe.name)))
        .collect();
    let with_none = |none: String| std::iter::once((String::new(), none)).chain(options.clone()).collect::<Vec<_>>();
    let other = with_none(cx.text("try-no-other"));
    let is_any = |is: fn(&Target) -> bool| is(target) || shown.other.is_some_and(is);
    let similar: Vec<(String, String)> = targets
        .iter()
        .zip(&options)
        .filter(|(target, _)| target.finds_similar())
        .map(|(_, option)| option.clone())
        .collect();
    let results = RESULTS_DEFAULT.to_string();
    html! {
        form.stacked.ask method="get" action=(cx.group_link(group, "/try")) novalidate {
            (Choice { name: "c", label: &cx.text("try-target"), help: "", options: &options, value: &target.arn }.markup(shown.errors))
            @if targets.len() > 1 {
                (Choice { name: "b", label: &cx.text("try-other"), help: "", options: &other, value: sent.get("b").unwrap_or_default() }.markup(shown.errors))
            }
            @if is_any(|target| target.recipe.needs_item) {
                (Field { name: "item", label: &cx.text("try-item"), value: sent.typed("item"), required: true, ..Field::default() }.markup(shown.errors))
            }
            @if is_any(Target::ranks) { (items(cx, sent)) }
            @if is_any(Target::takes_user) {
                (Field { name: "user", label: &cx.text("try-user"), help: &cx.text("try-user-help"), value: sent.typed("user"), ..Field::default() }.markup(shown.errors))
                (users(cx, shown))
                (Field { name: "session", label: &cx.text("try-session"), help: &cx.text("try-session-help"), value: sent.typed("session"), ..Field::default() }.markup(shown.errors))
            }
            @if is_any(|target| !target.ranks()) {
                (Field { name: "n", label: &cx.text("try-results"), kind: "number", placeholder: &results, value: sent.typed("n"), ..Field::default() }.markup(shown.errors))
            }
            (filter(cx, shown))
            (context(cx, shown))
            @if similar.len() > 1 {
                (Choice { name: "similar", label: &cx.text("try-similar-by"), help: "", options: &similar, value: sent.get("similar").unwrap_or_default() }.markup(shown.errors))
            }
            p.actions { button.primary type="submit" { (cx.text("try-submit")) } }
        }
    }
}

fn items(cx: &Cx, sent: &Sent) -> Markup {
    let id = id_of("items");
    html! {
        div.field {
            label for=(id) { (cx.text("try-items")) }
            textarea id=(id) name="items" rows="6" aria-describedby=(format!("{id}-help")) { (sent.typed("items")) }
            small id=(format!("{id}-help")) { (cx.text("try-items-help")) }
        }
    }
}

/// Links to users with different histories.
fn users(cx: &Cx, shown: &Shown) -> Markup {
    let users = cx.console.ports.histories.users(&shown.target.arn);
    let link = |user: &str| shown.address.fresh().with(&[("user", user), ("session", "")]).link(cx);
    let known = [("try-short", users.short), ("try-median", users.median), ("try-long", users.long)];
    html! {
        p.quick {
            @for (key, user) in known {
                @if let Some(user) = user { a href=(link(&user)) { (cx.text(key)) } " " }
            }
            a href=(link("somebody-new")) { (cx.text("try-new")) }
        }
    }
}

fn filter(cx: &Cx, shown: &Shown) -> Markup {
    let mut options = vec![(String::new(), cx.text("try-no-filter"))];
    options.extend(shown.filters.iter().filter_map(|filter| Some((filter.filter_arn.clone()?, filter.name.clone()?))));
    let sent = shown.sent;
    html! {
        details open[["filter", "promotion", "share"].iter().any(|field| sent.get(field).is_some())] {
            summary { (cx.text("try-filter-and-promotion")) }
            (Choice { name: "filter", label: &cx.text("try-filter"), help: "", options: &options, value: sent.get("filter").unwrap_or_default() }.markup(shown.errors))
            (filter_values::fields(cx, shown.parameters, sent, shown.errors))
            @if !shown.target.ranks() && !shown.target.proposes_actions() {
                (Choice { name: "promotion", label: &cx.text("try-promotion"), help: &cx.text("try-promotion-help"), options: &options, value: sent.get("promotion").unwrap_or_default() }.markup(shown.errors))
                (Field { name: "share", label: &cx.text("try-promotion-share"), kind: "number", placeholder: "20", value: sent.typed("share"), ..Field::default() }.markup(shown.errors))
            }
        }
    }
}

fn context(cx: &Cx, shown: &Shown) -> Markup {
    let fields: Vec<String> = shown.columns.context.iter().map(|column| format!("ctx.{column}")).collect();
    html! {
        @if !fields.is_empty() {
            details open[fields.iter().any(|field| shown.sent.get(field).is_some())] {
                summary { (cx.text("try-context")) }
                @for (field, column) in fields.iter().zip(&shown.columns.context) {
                    (Field { name: field, label: column, value: shown.sent.typed(field), ..Field::default() }.markup(shown.errors))
                }
            }
        }
    }
}

/// The form that gives a visitor without an id a history.
pub(super) fn history(cx: &Cx, shown: &Shown, types: &[String]) -> Markup {
    let options: Vec<(String, String)> = types.iter().map(|name| (name.clone(), name.clone())).collect();
    let id = id_of("history");
    html! {
        details.ask {
            summary { (cx.text("try-history-form")) }
            form.stacked method="post" action=(shown.address.form(cx, "history")) {
                div.field {
                    label for=(id) { (cx.text("try-history-items")) }
                    textarea id=(id) name="history" rows="4" required aria-describedby=(format!("{id}-help")) {}
                    small id=(format!("{id}-help")) { (cx.text_with("try-history-help", &[("max", HISTORY_MAX.into())])) }
                }
                (Choice { name: "type", label: &cx.text("try-event-type"), help: "", options: &options, value: "" }.markup(&FieldErrors::default()))
                (Field { name: "visitor", label: &cx.text("try-visitor"), help: &cx.text("try-visitor-help"), ..Field::default() }.markup(&FieldErrors::default()))
                p.actions { button type="submit" { (cx.text("try-history-submit")) } }
            }
        }
    }
}

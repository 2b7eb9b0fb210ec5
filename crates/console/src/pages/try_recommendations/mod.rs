//! The page Try: what one campaign or recommender answers, or two beside each other, for a user, an item or a list to rank, beside
//! what is known of the user; events that are sent from it, and what they change; the way along similar items.

mod address;
mod answers;
mod card_columns;
mod cards;
mod events;
mod form;
mod item_values;
mod lists;
mod moves;
mod request;
mod targets;
mod walk;

pub(crate) use cards::item as item_card;

use crate::cx::Cx;
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::filter_values::filter_parameters;
use crate::pages::form::Sent;
use crate::pages::resources::{dataset_group, filters};
use crate::state::ConsoleState;
use address::Address;
use answers::{Column, answer};
use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use events::Events;
use http::StatusCode;
use maud::{Markup, html};
use targets::Columns;
use tastemaker_wire::Operation;
use walk::Walk;

/// The operations of the lists, which are the page's own; the other calls fill its form.
const LISTS: [Operation; 3] =
    [Operation::GetRecommendations, Operation::GetPersonalizedRanking, Operation::GetActionRecommendations];

/// The routes of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/g/{group}/try", get(show))
        .route("/g/{group}/try/event", post(events::send))
        .route("/g/{group}/try/history", post(events::send_history))
}

async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let address = Address::new(&group, &pairs);
    let sent = Sent::new(pairs);
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let targets = targets::of_group(&cx, &group_arn).await?;
    let page = |body: Markup| Page::new(Menu::Try, cx.text("menu-try"), body).group(group.clone());
    let Some(target) = targets::chosen(&targets, sent.get("c")) else {
        let create = cx.group_link(&group, "/deploy");
        return Ok(page(empty(&cx.text("try-empty"), Some((&cx.text("menu-deploy"), &create)))));
    };
    let other = targets::named(&targets, sent.get("b")).filter(|other| other.arn != target.arn);
    let filters = filters(&cx, &group_arn).await?;
    let chosen_filter = filter_parameters(&cx, sent.get("filter")).await;
    let columns = targets::columns(&cx, &group_arn, target).await;
    let events = Events::of(&cx, &group, &group_arn).await?;
    let mut errors = request::faults(&cx, &sent);
    let mut asked = Vec::new();
    for target in std::iter::once(target).chain(other) {
        let columns = Columns { items: targets::item_columns(&cx, target), context: columns.context.clone() };
        let answered = if errors.is_empty() && request::is_asked(&sent, target) {
            Some(answer(&cx, &request::of(&sent, target, &columns, &chosen_filter)).await)
        } else {
            None
        };
        asked.push(Column { target, columns, answered });
    }
    let mut calls: Vec<_> = cx.calls().into_iter().filter(|call| LISTS.contains(&call.operation)).collect();
    calls.extend(events.call(&cx, &sent).await);
    let status = match asked.iter().find_map(Column::refusal) {
        None if !errors.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
        Some(error) => StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
    };
    for refusal in asked.iter().filter_map(Column::refusal) {
        request::place(&mut errors, refusal);
    }
    let walk = Walk::of(&address, &sent, &targets, target);
    let shown = form::Shown {
        group: &group,
        address: &address,
        targets: &targets,
        target,
        other,
        filters: &filters,
        parameters: &chosen_filter,
        columns: &columns,
        sent: &sent,
        errors: &errors,
    };
    let may_send = cx.may_edit() && events.tracker.is_some();
    let view = html! {
        div.try {
            div {
                (form::view(&cx, &shown))
                @if may_send && asked.iter().any(|column| column.target.takes_user()) { (form::history(&cx, &shown, &events.types)) }
            }
            div.results {
                (walk.trail(&cx, target, &columns))
                (lists::view(&cx, &lists::Shown { group: &group, address: &address, sent: &sent, columns: &asked, events: &events, walk: &walk }))
            }
        }
    };
    Ok(page(view).status(status).examples(examples::panel(&cx, &calls)))
}

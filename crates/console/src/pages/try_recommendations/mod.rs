//! The page Try: what a campaign or recommender answers for a user, an item or a list to rank, beside what is known of the user.

mod card_columns;
mod cards;
mod form;
mod request;
mod targets;

pub(crate) use cards::item as item_card;

use crate::cx::Cx;
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::form::Sent;
use crate::pages::resources::{dataset_group, filters};
use crate::ports::ApiError;
use crate::state::ConsoleState;
use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use http::StatusCode;
use maud::{Markup, html};
use std::time::Instant;
use targets::Target;
use tastemaker_wire::Operation;
use tastemaker_wire::runtime::{GetPersonalizedRankingResponse, GetRecommendationsResponse, PredictedItem};

/// The routes of the page.
pub fn routes() -> Router<ConsoleState> {
    Router::new().route("/g/{group}/try", get(show))
}

/// A list as it was answered.
pub(super) struct Answered {
    items: Vec<PredictedItem>,
    recommendation_id: String,
    /// Milliseconds from the call to the answer.
    took_ms: f64,
}

async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    let sent = Sent::new(pairs);
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let targets = targets::of_group(&cx, &group_arn).await?;
    let page = |body: Markup| Page::new(Menu::Try, cx.text("menu-try"), body).group(group.clone());
    let Some(target) = targets::chosen(&targets, sent.get("c")) else {
        let create = cx.group_link(&group, "/deploy");
        return Ok(page(empty(&cx.text("try-empty"), Some((&cx.text("menu-deploy"), &create)))));
    };
    let filters = filters(&cx, &group_arn).await?;
    let chosen_filter = request::filter_parameters(&cx, sent.get("filter")).await;
    let columns = targets::columns(&cx, &group_arn, target).await;
    let mut errors = request::faults(&cx, &sent);
    let is_asked = errors.is_empty() && request::is_asked(&sent, target);
    let asked = is_asked.then(|| request::of(&sent, target, &columns, &chosen_filter));
    let answered = match &asked {
        Some(asked) => Some(answer(&cx, asked).await),
        None => None,
    };
    // The calls above are the form's; what is shown is the call of the list.
    let calls = cx
        .calls()
        .into_iter()
        .filter(|call| matches!(call.operation, Operation::GetRecommendations | Operation::GetPersonalizedRanking));
    let calls: Vec<_> = calls.collect();
    if let Some(Err(error)) = &answered {
        request::place(&mut errors, error);
    }
    let status = match &answered {
        None if !errors.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Err(error)) => StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
        _ => StatusCode::OK,
    };
    let view = html! {
        div.try {
            (form::view(&cx, &form::Shown {
                group: &group, targets: &targets, target, filters: &filters, parameters: &chosen_filter, columns: &columns, sent: &sent, errors: &errors,
            }))
            div.results {
                @match &answered {
                    None => { p.hint { (cx.text("try-ask")) } }
                    Some(Err(error)) => { div.error role="alert" { p { strong { (error.name) } } p.message { (error.message) } } }
                    Some(Ok(answered)) => { (results(&cx, target, &columns, &sent, answered)) }
                }
            }
        }
    };
    Ok(page(view).status(status).examples(examples::panel(&cx, &calls)))
}

async fn answer(cx: &Cx, asked: &request::Asked) -> Result<Answered, ApiError> {
    let begun = Instant::now();
    let (items, id) = match asked {
        request::Asked::List(input) => {
            let output: GetRecommendationsResponse = cx.call(Operation::GetRecommendations, input).await?;
            (output.item_list, output.recommendation_id)
        }
        request::Asked::Ranking(input) => {
            let output: GetPersonalizedRankingResponse = cx.call(Operation::GetPersonalizedRanking, input).await?;
            (output.personalized_ranking, output.recommendation_id)
        }
    };
    let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
    Ok(Answered { items, recommendation_id: id.unwrap_or_default(), took_ms })
}

fn results(cx: &Cx, target: &Target, columns: &targets::Columns, sent: &Sent, answered: &Answered) -> Markup {
    let user = sent.get("user").filter(|_| target.takes_user());
    html! {
        div.columns-2 {
            @if let Some(user) = user {
                section.history { h2 { (cx.text("try-history")) } (cards::history(cx, target, columns, user)) }
            }
            section.list {
                h2 { (cx.text_with("try-list", &[("count", answered.items.len().into())])) }
                (cards::list(cx, target, columns, &answered.items))
                p.quiet {
                    (cx.text_with("try-answered", &[("took", format!("{:.1}", answered.took_ms).into())]))
                    " · " (cx.text("try-recommendation-id")) " " code { (answered.recommendation_id) }
                }
            }
        }
    }
}

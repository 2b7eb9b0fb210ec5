//! The calls of the lists, and what they answered.

use super::request::Asked;
use super::targets::{Columns, Target};
use crate::cx::Cx;
use crate::ports::ApiError;
use std::time::Instant;
use tastemaker_wire::Operation;
use tastemaker_wire::runtime::{
    GetActionRecommendationsResponse, GetPersonalizedRankingResponse, GetRecommendationsResponse, PredictedItem,
};

/// A list as it was answered.
pub(super) struct Answered {
    pub items: Vec<PredictedItem>,
    pub recommendation_id: String,
    /// Milliseconds from the call to the answer.
    pub took_ms: f64,
}

impl Answered {
    /// The ids, best first.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.item_id.as_deref().unwrap_or_default()).collect()
    }
}

/// A campaign or recommender with its answer; none where the form lacks what it needs.
pub(super) struct Column<'a> {
    pub target: &'a Target,
    pub columns: Columns,
    pub answered: Option<Result<Answered, ApiError>>,
}

impl Column<'_> {
    /// The list, if there is one.
    pub(super) fn list(&self) -> Option<&Answered> {
        self.answered.as_ref()?.as_ref().ok()
    }

    /// The refusal, if it was refused.
    pub(super) fn refusal(&self) -> Option<&ApiError> {
        self.answered.as_ref()?.as_ref().err()
    }
}

pub(super) async fn answer(cx: &Cx, asked: &Asked) -> Result<Answered, ApiError> {
    let begun = Instant::now();
    let (items, id) = match asked {
        Asked::List(input) => {
            let output: GetRecommendationsResponse = cx.call(Operation::GetRecommendations, input).await?;
            (output.item_list, output.recommendation_id)
        }
        Asked::Ranking(input) => {
            let output: GetPersonalizedRankingResponse = cx.call(Operation::GetPersonalizedRanking, input).await?;
            (output.personalized_ranking, output.recommendation_id)
        }
        Asked::Actions(input) => {
            let output: GetActionRecommendationsResponse = cx.call(Operation::GetActionRecommendations, input).await?;
            let actions = output.action_list.into_iter();
            let items = actions.map(|action| PredictedItem {
                item_id: action.action_id,
                score: action.score,
                ..PredictedItem::default()
            });
            (items.collect(), output.recommendation_id)
        }
    };
    let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
    Ok(Answered { items, recommendation_id: id.unwrap_or_default(), took_ms })
}

//! Degradation: a list that cannot be had in time is replaced by a prepared one, so that every message gets one.

use super::compute;
use super::plan::Plan;
use crate::observability;
use crate::request_facts::{Part, PartsElsewhere};
use crate::routing::Endpoint;
use crate::state::HttpState;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;
use tastemaker_domain::recommendation::{RecommendedItem, Source};
use tokio::time::timeout;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// The campaign's queue was full, or the budget was used up.
    Late,
    /// The work failed in a way that it should not.
    Broken,
}

/// The result of `work`, if a permit for it and the result itself can be had within the budget. Work that began goes on to
/// its end, and gives its permit back then.
pub async fn within<T: Send + 'static>(
    state: &Arc<HttpState>,
    plan: &Arc<Plan>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unavailable> {
    let budget = state.recommendations.budget;
    let (state, plan) = (state.clone(), plan.clone());
    let parts = PartsElsewhere::default();
    let of_task = parts.clone();
    let task = tokio::spawn(async move {
        let began = Instant::now();
        let permit = state.admit(plan.snapshot.campaign_arn(), budget).await;
        of_task.part(Part::Admission, began);
        let Ok(_permit) = permit else { return Err(Unavailable::Late) };
        let began = Instant::now();
        let done = tokio::task::spawn_blocking(work).await;
        of_task.part(Part::Compute, began);
        done.map_err(|error| {
            tracing::error!(panicked = error.is_panic(), "a list could not be computed");
            Unavailable::Broken
        })
    });
    let outcome = timeout(budget, task).await;
    parts.note();
    match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Unavailable::Broken),
        Err(_) => Err(Unavailable::Late),
    }
}

/// The list that stands in for the plan's own: popular items that its filter lets pass, which are a look-up, or the caller's
/// items in their own order. `None` when not even that can be had.
pub fn stand_in(state: &HttpState, plan: &Plan) -> Option<Vec<RecommendedItem>> {
    let started = Instant::now();
    let items = match plan.endpoint {
        Endpoint::Rerank => compute::unranked(plan),
        _ => match catch_unwind(AssertUnwindSafe(|| compute::prepared(state, plan))) {
            Ok(Ok(list)) => list.items,
            Ok(Err(error)) => {
                tracing::error!(%error, "no list stands in");
                return None;
            }
            Err(_) => return None,
        },
    };
    observability::recommended(plan.snapshot.campaign_arn(), Source::Prepared, started.elapsed());
    Some(items)
}

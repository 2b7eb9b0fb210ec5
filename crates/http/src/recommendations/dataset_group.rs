//! The dataset group whose interactions `/events` and Braze's receivers extend.

use super::plan::answering_group;
use super::refusal::Refusal;
use crate::state::HttpState;
use tastemaker_domain::arn::Scope;
use tastemaker_domain::{ArnKind, Error};
use tastemaker_service::{Caller, Page, dataset_groups};

/// The dataset group that takes events: the configured one, that of the campaign that answers, or the only one.
pub async fn events_dataset_group(state: &HttpState) -> Result<String, Refusal> {
    let scope = Scope::new(&state.default_region, &state.service.account);
    if let Some(group) = &state.recommendations.dataset_group {
        let is_arn = ArnKind::DatasetGroup.fits(group);
        return Ok(if is_arn { group.clone() } else { scope.arn(&format!("dataset-group/{group}")) });
    }
    if let Some(group) = answering_group(state) {
        return Ok(group);
    }
    let caller = Caller { scope };
    let page = Page { max_results: 2, next_token: None };
    let groups = dataset_groups::list(&state.service, &caller, page).await.map_err(try_again)?.items;
    match groups.as_slice() {
        [only] => Ok(only.arn.clone()),
        _ => Err(Refusal::unavailable("It is not clear which dataset group takes events; set braze.dataset_group.")),
    }
}

/// A refusal that makes the sender try again: what is wrong is ours to put right.
pub fn try_again(error: Error) -> Refusal {
    tracing::error!(%error, "Braze's events cannot be kept");
    match error {
        Error::InvalidInput(message) | Error::InvalidMember { text: message, .. } | Error::NotFound(message) => {
            Refusal::unavailable(message)
        }
        _ => Refusal::unavailable("Events cannot be kept now; send them again."),
    }
}

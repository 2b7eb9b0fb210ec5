//! The choice of the campaign or recommender that answers a request of the `/recommendations` family.
//!
//! A request's own name comes first, then the configuration, then whatever is ACTIVE and fits the endpoint. Where several fit,
//! the one that was created first answers: so another campaign changes nothing for those who ask already, also over a
//! restart.

use super::config::RecommenderSettings;
use super::refusal::Refusal;
use super::warn_once;
use crate::limits::CAMPAIGNS_NAMED_MAX;
use crate::routing::Endpoint;
use crate::state::HttpState;
use tastemaker_braze::query::{PopularKind, Request};
use tastemaker_domain::arn;
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::{Ability, Inference};
use tastemaker_serving::{Snapshot, SnapshotHandle};

/// The model that answers a request.
pub fn answering(
    state: &HttpState,
    endpoint: Endpoint,
    request: &Request,
    settings: &RecommenderSettings,
) -> Result<SnapshotHandle, Refusal> {
    let config = &state.recommendations;
    let Some(name) = &request.recommender else {
        return unnamed(state, endpoint, request, settings.campaign.as_ref());
    };
    match (settings.campaign.as_ref(), config.recommenders.contains_key(name)) {
        (Some(campaign), _) => suitable(endpoint, request, named(state, campaign)?),
        // An alias may only hold settings for the campaign that answers anyway.
        (None, true) => unnamed(state, endpoint, request, None),
        (None, false) => suitable(endpoint, request, named(state, name)?),
    }
}

/// The model that answers requests which name no recommender.
fn unnamed(
    state: &HttpState,
    endpoint: Endpoint,
    request: &Request,
    campaign: Option<&String>,
) -> Result<SnapshotHandle, Refusal> {
    let config = &state.recommendations;
    let kind = request.kind;
    let configured = match endpoint {
        Endpoint::User => campaign.or(config.campaign.as_ref()),
        Endpoint::Related => config.related.as_ref(),
        // A kind is a choice among the campaigns that there are.
        Endpoint::Popular => config.popular.as_ref().filter(|_| kind.is_none()),
        Endpoint::Rerank => config.rerank.as_ref(),
    };
    if let Some(name) = configured {
        return suitable(endpoint, request, named(state, name)?);
    }
    let snapshots = snapshots(state);
    let mut fitting: Vec<&SnapshotHandle> = snapshots.iter().filter(|s| fits(s, endpoint, kind)).collect();
    if endpoint == Endpoint::Popular && kind.is_none() && fitting.iter().any(|snapshot| !trends(snapshot)) {
        // Who does not say which kind means what is popular.
        fitting.retain(|snapshot| !trends(snapshot));
    }
    if let Some(oldest) = fitting.first() {
        warn_of_others(endpoint, &fitting);
        return Ok((*oldest).clone());
    }
    let related = catalog::AWS_SIMILAR_ITEMS.name;
    match endpoint {
        Endpoint::Popular if kind == Some(PopularKind::Trending) => {
            absent(state, "There is no ACTIVE campaign of a trending recipe.".to_owned())
        }
        Endpoint::Popular | Endpoint::Rerank => unnamed(state, Endpoint::User, &without_kind(request), campaign),
        // A ranking campaign lists items for a user as well, where nothing else does.
        Endpoint::User => match snapshots.iter().find(|snapshot| snapshot.is_personal()) {
            Some(ranking) => Ok(ranking.clone()),
            None => absent(
                state,
                "There is no ACTIVE campaign of a user-personalization recipe; set recommendations.campaign."
                    .to_owned(),
            ),
        },
        Endpoint::Related => absent(
            state,
            format!(
                "There is no ACTIVE campaign of a recipe of related items, which /related needs: create one of {related}, or \
                 set recommendations.related."
            ),
        ),
    }
}

fn without_kind(request: &Request) -> Request {
    Request { kind: None, ..request.clone() }
}

/// Whether a model can answer an endpoint's requests that name none.
fn fits(snapshot: &Snapshot, endpoint: Endpoint, kind: Option<PopularKind>) -> bool {
    match endpoint {
        Endpoint::User => snapshot.is_personal() && !ranks(snapshot),
        Endpoint::Related => snapshot.recipe().needs_item,
        Endpoint::Popular => {
            let lists = snapshot.recipe().inference() == Inference::Recommendations;
            let counts = lists && !snapshot.is_personal() && !snapshot.recipe().needs_item;
            counts && kind.is_none_or(|kind| trends(snapshot) == (kind == PopularKind::Trending))
        }
        Endpoint::Rerank => ranks(snapshot),
    }
}

/// A model that request or configuration names, unless its recipe answers another question.
fn suitable(endpoint: Endpoint, request: &Request, snapshot: SnapshotHandle) -> Result<SnapshotHandle, Refusal> {
    let recipe = snapshot.recipe();
    let campaign = name(snapshot.campaign_arn());
    if recipe.inference() == Inference::Actions {
        return Err(Refusal::invalid(format!(
            "The campaign '{campaign}' of the recipe {} proposes actions, not items; ask it with GetActionRecommendations.",
            recipe.name
        )));
    }
    if endpoint == Endpoint::Related && !recipe.needs_item {
        return Err(Refusal::invalid(format!(
            "The campaign '{campaign}' of the recipe {} does not know what is related to an item; /related needs a campaign of \
             a recipe of related items, such as {}.",
            recipe.name,
            catalog::AWS_SIMILAR_ITEMS.name
        )));
    }
    if endpoint == Endpoint::User && recipe.needs_item && request.item_id.is_none() {
        return Err(Refusal::invalid(format!(
            "The parameter item_id is required: the campaign '{campaign}' of the recipe {} lists what is related to an item.",
            recipe.name
        )));
    }
    Ok(snapshot)
}

/// Warns once of several campaigns that could answer: which one does, and how to choose.
fn warn_of_others(endpoint: Endpoint, fitting: &[&SnapshotHandle]) {
    let [oldest, others @ ..] = fitting else { return };
    if others.is_empty() || !warn_once::is_first(&(endpoint, oldest.campaign_arn(), others.len())) {
        return;
    }
    let (path, setting) = match endpoint {
        Endpoint::User => ("/recommendations", "recommendations.campaign"),
        Endpoint::Related => ("/related", "recommendations.related"),
        Endpoint::Popular => ("/popular", "recommendations.popular"),
        Endpoint::Rerank => ("/rerank", "recommendations.rerank"),
    };
    let others: Vec<&str> = others.iter().map(|other| name(other.campaign_arn())).take(CAMPAIGNS_NAMED_MAX).collect();
    let answers = name(oldest.campaign_arn());
    tracing::warn!(
        path,
        answers,
        ?others,
        "several campaigns could answer; the one that was created first does, unless {setting} names another"
    );
}

fn trends(snapshot: &Snapshot) -> bool {
    snapshot.recipe().can(Ability::Trending)
}

fn ranks(snapshot: &Snapshot) -> bool {
    snapshot.recipe().inference() == Inference::Ranking
}

/// The campaign or recommender of a name or ARN.
fn named(state: &HttpState, wanted: &str) -> Result<SnapshotHandle, Refusal> {
    if let Ok(snapshot) = state.serving.snapshot(wanted) {
        return Ok(snapshot);
    }
    let arns = state.serving.campaigns.arns();
    let named = |arn: &&String| name(arn) == wanted;
    let here = |arn: &&String| arn::region(arn) == Some(state.default_region.as_str());
    let chosen = arns.iter().find(|arn| named(arn) && here(arn)).or(arns.iter().find(named));
    match chosen.and_then(|arn| state.serving.snapshot(arn).ok()) {
        Some(found) => Ok(found),
        None => absent(state, format!("The campaign or recommender '{wanted}' is not ACTIVE.")),
    }
}

/// Every model that answers here, that of the oldest campaign first.
fn snapshots(state: &HttpState) -> Vec<SnapshotHandle> {
    let arns = state.serving.campaigns.arns_oldest_first();
    arns.iter().filter_map(|arn| state.serving.snapshot(arn).ok()).collect()
}

/// The refusal for want of a model: a plain 404, or 503 while nothing is loaded.
fn absent<T>(state: &HttpState, problem: String) -> Result<T, Refusal> {
    let arns = state.serving.campaigns.arns();
    if arns.is_empty() && !state.readiness.is_ready() {
        return Err(Refusal::unavailable("The campaigns are being loaded; try again shortly."));
    }
    let names: Vec<&str> = arns.iter().map(|arn| name(arn)).take(CAMPAIGNS_NAMED_MAX).collect();
    let choices = if names.is_empty() {
        "No campaign is ACTIVE; create one first.".to_owned()
    } else {
        format!("ACTIVE campaigns: {}.", names.join(", "))
    };
    Err(Refusal::unknown(format!("{problem} {choices}")))
}

fn name(campaign_arn: &str) -> &str {
    campaign_arn.rsplit('/').next().unwrap_or(campaign_arn)
}

/// A personal campaign of the same dataset group that can order items.
pub fn ranking(state: &HttpState, of: &Snapshot) -> Option<SnapshotHandle> {
    let config = &state.recommendations;
    if let Some(name) = &config.rerank {
        return named(state, name).ok();
    }
    let snapshots = snapshots(state);
    let same = |snapshot: &Snapshot| snapshot.is_personal() && snapshot.dataset_group_arn() == of.dataset_group_arn();
    let ranking = snapshots.iter().find(|s| same(s) && ranks(s));
    ranking.or(snapshots.iter().find(|s| same(s))).cloned()
}

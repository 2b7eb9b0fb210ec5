//! The plan of a request for a list: which model is asked what. Everything here is in memory.

use super::config::{RecommendationsConfig, RecommenderSettings};
use super::refusal::Refusal;
use crate::limits::CAMPAIGNS_NAMED_MAX;
use crate::routing::Endpoint;
use crate::state::HttpState;
use std::sync::atomic::{AtomicBool, Ordering};
use tastemaker_braze::query::{PopularKind, Request};
use tastemaker_braze::shape::{KEYS, KEYS_ON_DEMAND, Look, Shape};
use tastemaker_domain::arn;
use tastemaker_domain::limits::NUM_RESULTS_DEFAULT;
use tastemaker_domain::recipe::{Ability, Inference};
use tastemaker_domain::recommendation::{FilterUse, Promotion};
use tastemaker_serving::{Snapshot, SnapshotHandle};

/// The name of the recommender for requests that name none.
pub const DEFAULT_RECOMMENDER: &str = "default";
/// Promoted places where neither request nor configuration says how many.
const PROMOTION_PERCENT_DEFAULT: u32 = 25;

/// A request with everything that answers it.
pub struct Plan {
    pub endpoint: Endpoint,
    pub request: Request,
    /// The model by which the request is judged and answered.
    pub snapshot: SnapshotHandle,
    pub num_results: usize,
    pub filter: Option<FilterUse>,
    pub promotion: Option<Promotion>,
    pub min_results: usize,
    pub look: Look,
    /// Orders related items for the user, where there is one.
    pub ranks: Option<SnapshotHandle>,
}

/// The scope that a key needs for a request.
pub fn scope(endpoint: Endpoint, request: &Request) -> &str {
    match endpoint {
        Endpoint::User => request.recommender.as_deref().unwrap_or(DEFAULT_RECOMMENDER),
        Endpoint::Related => "related",
        Endpoint::Popular => "popular",
        Endpoint::Rerank => "rerank",
    }
}

/// Resolves names and checks what the endpoint needs.
pub fn plan(state: &HttpState, endpoint: Endpoint, request: Request) -> Result<Plan, Refusal> {
    let config = &state.recommendations;
    needs(endpoint, &request, config)?;
    let none = RecommenderSettings::default();
    let name = request.recommender.as_deref().unwrap_or(DEFAULT_RECOMMENDER);
    let settings = config.recommenders.get(name).unwrap_or(&none);
    let snapshot = answering(state, endpoint, &request, settings)?;
    let look = look(state, &request, settings, &snapshot)?;
    let named = |name: Option<&String>| name.map(|name| filter_arn(state, snapshot.campaign_arn(), name)).transpose();
    let filter = match named(request.filter.as_ref().or(settings.filter.as_ref()))? {
        Some(arn) => {
            let mut values = settings.filter_values.clone();
            values.extend(request.filter_values.clone());
            Some(FilterUse { arn, values })
        }
        None if request.filter_values.is_empty() => None,
        None => {
            return Err(Refusal::invalid("Filter values are given and no filter; name it with the parameter filter."));
        }
    };
    let promotion = named(request.promotion.as_ref().or(settings.promotion.as_ref()))?.map(|arn| Promotion {
        name: None,
        percent: request.promotion_percent.or(settings.promotion_percent).unwrap_or(PROMOTION_PERCENT_DEFAULT),
        filter: FilterUse { arn, values: filter.as_ref().map(|f| f.values.clone()).unwrap_or_default() },
    });
    let ranks = match (endpoint, request.user()) {
        (Endpoint::Related, Some(_)) => ranking(state, &snapshot),
        _ => None,
    };
    Ok(Plan {
        endpoint,
        num_results: request.num_results.or(settings.num_results).unwrap_or(NUM_RESULTS_DEFAULT),
        min_results: request.min_results.or(settings.min_results).unwrap_or(0),
        request,
        snapshot,
        filter,
        promotion,
        look,
        ranks,
    })
}

/// The dataset group of the campaign that answers requests which name none.
pub fn answering_group(state: &HttpState) -> Option<String> {
    let request = Request { user_id: Some(String::from("-")), ..Request::default() };
    plan(state, Endpoint::User, request).ok().map(|plan| plan.snapshot.dataset_group_arn().to_owned())
}

fn needs(endpoint: Endpoint, request: &Request, config: &RecommendationsConfig) -> Result<(), Refusal> {
    let missing = |name: &str, more: &str| Err(Refusal::invalid(format!("The parameter {name} is required{more}.")));
    match endpoint {
        Endpoint::User | Endpoint::Rerank if request.user_id.is_none() => {
            missing("user_id", "; it may be empty for unknown visitors")
        }
        Endpoint::User | Endpoint::Rerank if config.user_required && request.user().is_none() => {
            missing("user_id", " and must not be empty")
        }
        Endpoint::Rerank if request.items.is_empty() => missing("items", ": ids with commas between"),
        Endpoint::Related if request.item_id.is_none() => missing("item_id", ""),
        _ => Ok(()),
    }
}

/// The model that answers a request.
fn answering(
    state: &HttpState,
    endpoint: Endpoint,
    request: &Request,
    settings: &RecommenderSettings,
) -> Result<SnapshotHandle, Refusal> {
    let config = &state.recommendations;
    if let Some(name) = &request.recommender {
        let campaign = settings.campaign.as_ref();
        // An alias may only hold settings for the campaign that answers anyway.
        return match (campaign, config.recommenders.contains_key(name)) {
            (Some(campaign), _) => named(state, campaign),
            (None, true) => default(state, endpoint, request.kind, None),
            (None, false) => named(state, name),
        };
    }
    default(state, endpoint, request.kind, settings.campaign.as_ref())
}

/// The model that answers requests which name no recommender.
fn default(
    state: &HttpState,
    endpoint: Endpoint,
    kind: Option<PopularKind>,
    campaign: Option<&String>,
) -> Result<SnapshotHandle, Refusal> {
    let config = &state.recommendations;
    let configured = match endpoint {
        Endpoint::User => campaign.or(config.campaign.as_ref()),
        Endpoint::Related => config.related.as_ref(),
        // A kind is a choice among the campaigns that there are.
        Endpoint::Popular => config.popular.as_ref().filter(|_| kind.is_none()),
        Endpoint::Rerank => config.rerank.as_ref(),
    };
    if let Some(name) = configured {
        return named(state, name);
    }
    let fits = |snapshot: &Snapshot| match endpoint {
        Endpoint::User => snapshot.is_personal() && !ranks(snapshot),
        Endpoint::Related => snapshot.recipe().needs_item,
        Endpoint::Popular => {
            let counts = !snapshot.is_personal() && !snapshot.recipe().needs_item;
            counts && kind.is_none_or(|kind| trends(snapshot) == (kind == PopularKind::Trending))
        }
        Endpoint::Rerank => ranks(snapshot),
    };
    let snapshots = snapshots(state);
    let mut fitting: Vec<&SnapshotHandle> = snapshots.iter().filter(|snapshot| fits(snapshot)).collect();
    if endpoint == Endpoint::Popular && fitting.len() > 1 {
        // Who does not say which kind means what is popular.
        fitting.retain(|snapshot| kind.is_some() || !trends(snapshot));
    }
    let (what, key) = match endpoint {
        Endpoint::User => ("a user-personalization recipe", "campaign"),
        Endpoint::Related => ("a recipe of related items", "related"),
        Endpoint::Popular => ("a recipe of popular items", "popular"),
        Endpoint::Rerank => ("a ranking recipe", "rerank"),
    };
    match (fitting.as_slice(), endpoint) {
        ([only], _) => Ok((*only).clone()),
        ([], Endpoint::Popular) if kind == Some(PopularKind::Trending) => {
            absent(state, "There is no ACTIVE campaign of a trending recipe.".to_owned())
        }
        ([], Endpoint::Popular | Endpoint::Rerank) => default(state, Endpoint::User, None, campaign),
        ([], Endpoint::User) => match only_ranking(&snapshots) {
            Some(ranking) => Ok(ranking),
            None => absent(state, format!("There is no ACTIVE campaign of {what}; set recommendations.{key}.")),
        },
        ([], Endpoint::Related) => {
            absent(state, format!("There is no ACTIVE campaign of {what}; set recommendations.{key}."))
        }
        (many, _) => absent(state, format!("{} campaigns could answer; set recommendations.{key} to one.", many.len())),
    }
}

fn trends(snapshot: &Snapshot) -> bool {
    snapshot.recipe().can(Ability::Trending)
}

fn ranks(snapshot: &Snapshot) -> bool {
    snapshot.recipe().inference() == Inference::Ranking
}

/// A ranking campaign lists items for a user as well, where nothing else does.
fn only_ranking(snapshots: &[SnapshotHandle]) -> Option<SnapshotHandle> {
    let mut personal = snapshots.iter().filter(|snapshot| snapshot.is_personal());
    match (personal.next(), personal.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
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

fn snapshots(state: &HttpState) -> Vec<SnapshotHandle> {
    state.serving.campaigns.arns().iter().filter_map(|arn| state.serving.snapshot(arn).ok()).collect()
}

/// The refusal for want of a model: a plain 404, or 503 while nothing is loaded.
fn absent<T>(state: &HttpState, problem: String) -> Result<T, Refusal> {
    let arns = state.serving.campaigns.arns();
    if arns.is_empty() && !state.readiness.is_ready() {
        return Err(Refusal::unavailable("The campaigns are being loaded; try again shortly."));
    }
    let names: Vec<&str> = arns.iter().map(|arn| name(arn)).take(CAMPAIGNS_NAMED_MAX).collect();
    let choices = match names.is_empty() {
        true => "No campaign is ACTIVE; create one first.".to_owned(),
        false => format!("ACTIVE campaigns: {}.", names.join(", ")),
    };
    Err(Refusal::unknown(format!("{problem} {choices}")))
}

fn name(campaign_arn: &str) -> &str {
    campaign_arn.rsplit('/').next().unwrap_or(campaign_arn)
}

/// A filter's ARN from its name, which is looked for beside the campaign.
fn filter_arn(state: &HttpState, campaign_arn: &str, name: &str) -> Result<String, Refusal> {
    let arn = match name.starts_with("arn:") {
        true => name.to_owned(),
        false => {
            let scope = campaign_arn.rsplit_once(':').map_or("", |(scope, _)| scope);
            format!("{scope}:filter/{name}")
        }
    };
    match state.serving.filters.get(&arn) {
        Some(_) => Ok(arn),
        None => Err(Refusal::invalid(format!("There is no filter '{name}'."))),
    }
}

/// A personal campaign of the same dataset group that can order items.
fn ranking(state: &HttpState, of: &Snapshot) -> Option<SnapshotHandle> {
    let config = &state.recommendations;
    if let Some(name) = &config.rerank {
        return named(state, name).ok();
    }
    let snapshots = snapshots(state);
    let same = |snapshot: &Snapshot| snapshot.is_personal() && snapshot.dataset_group_arn() == of.dataset_group_arn();
    let ranking = snapshots.iter().find(|s| same(s) && ranks(s));
    ranking.or(snapshots.iter().find(|s| same(s))).cloned()
}

fn look(
    state: &HttpState,
    request: &Request,
    settings: &RecommenderSettings,
    snapshot: &SnapshotHandle,
) -> Result<Look, Refusal> {
    let config = &state.recommendations;
    let existing = snapshot.item_columns();
    let existing: Vec<&str> = existing.iter().map(String::as_str).collect();
    let (columns, missing) = config.fields.resolve(&existing);
    let find = |name: &str| existing.iter().find(|c| c.eq_ignore_ascii_case(name)).map(|c| (*c).to_owned());
    let mut extra = Vec::new();
    let mut absent = missing;
    for column in &config.extra_columns {
        match find(column) {
            Some(found) => extra.push((column.to_lowercase(), found)),
            None => absent.push(column),
        }
    }
    warn_once_of(&absent);
    let fields = request.fields.clone().or_else(|| settings.fields.clone());
    for field in fields.iter().flatten() {
        let known =
            KEYS.iter().chain(KEYS_ON_DEMAND).any(|key| key == field) || extra.iter().any(|(key, _)| key == field);
        match find(field) {
            _ if known => {}
            Some(column) => extra.push((field.clone(), column)),
            None => {
                return Err(Refusal::invalid(format!(
                    "The parameter fields names '{field}', which is none of {} and no column of the Items dataset.",
                    KEYS.iter().chain(KEYS_ON_DEMAND).copied().collect::<Vec<_>>().join(", ")
                )));
            }
        }
    }
    let by_spelling = request.workshop.then_some(Shape::Product);
    let shape = request.shape.or(settings.shape).or(config.shape).or(by_spelling).unwrap_or_default();
    let image_base = config.image_base_url.clone().filter(|_| request.fully_qualify_image_urls);
    let bare = request.decorate == Some(false);
    Ok(Look { shape, columns, extra, fields, bare, image_base, track: request.track })
}

/// A configured column that the Items dataset lacks empties a field of every answer; operators read it once.
fn warn_once_of(missing: &[&str]) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !missing.is_empty() && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(columns = ?missing, "the configuration of recommendations names columns that the Items dataset lacks");
    }
}

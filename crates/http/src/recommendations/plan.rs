//! The plan of a request for a list: which model is asked what. Everything here is in memory.

use super::answering::{answering, ranking};
use super::config::{RecommendationsConfig, RecommenderSettings};
use super::refusal::Refusal;
use super::warn_once;
use crate::routing::Endpoint;
use crate::state::HttpState;
use std::collections::{BTreeMap, BTreeSet};
use tastemaker_braze::columns::FieldColumns;
use tastemaker_braze::query::Request;
use tastemaker_braze::shape::{KEYS, KEYS_ON_DEMAND, Look, Shape};
use tastemaker_domain::limits::NUM_RESULTS_DEFAULT;
use tastemaker_domain::recommendation::{FilterUse, Promotion};
use tastemaker_serving::SnapshotHandle;

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
    /// Whether exploration leaves the first place alone.
    pub keeps_first_place: bool,
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
pub fn plan(state: &HttpState, endpoint: Endpoint, mut request: Request) -> Result<Plan, Refusal> {
    let config = &state.recommendations;
    needs(endpoint, &request, config)?;
    request.items.retain(|id| request.exclude.binary_search(id).is_err());
    let none = RecommenderSettings::default();
    let name = request.recommender.as_deref().unwrap_or(DEFAULT_RECOMMENDER);
    let settings = config.recommenders.get(name).unwrap_or(&none);
    let snapshot = answering(state, endpoint, &request, settings)?;
    let look = look(state, &request, settings, &snapshot)?;
    let named = |name: Option<&String>| name.map(|name| filter_arn(state, snapshot.campaign_arn(), name)).transpose();
    let mut values = settings.filter_values.clone();
    values.extend(request.filter_values.clone());
    let filter = named(request.filter.as_ref().or(settings.filter.as_ref()))?;
    let promotion = named(request.promotion.as_ref().or(settings.promotion.as_ref()))?;
    if filter.is_none() && promotion.is_none() && !request.filter_values.is_empty() {
        return Err(Refusal::invalid(
            "Filter values are given and no filter; name it with the parameter filter or promotion.",
        ));
    }
    refuse_unknown_values(state, &request, [("filter", &filter), ("promotion", &promotion)])?;
    if promotion.is_none() && request.promotion_percent.is_some() {
        return Err(Refusal::invalid(
            "The parameter promotion_percent is given and no promotion; name the filter of the promoted items with the \
             parameter promotion.",
        ));
    }
    let filter = filter.map(|arn| filter_use(state, "filter", arn, &values)).transpose()?;
    let promotion = promotion.map(|arn| filter_use(state, "promotion", arn, &values)).transpose()?;
    let promotion = promotion.map(|filter| Promotion {
        name: None,
        percent: request.promotion_percent.or(settings.promotion_percent).unwrap_or(PROMOTION_PERCENT_DEFAULT),
        filter,
    });
    let ranks = match (endpoint, request.user()) {
        (Endpoint::Related, Some(_)) => ranking(state, &snapshot),
        _ => None,
    };
    Ok(Plan {
        endpoint,
        num_results: request.num_results.or(settings.num_results).unwrap_or(NUM_RESULTS_DEFAULT),
        keeps_first_place: !request.explore_first_place.unwrap_or(config.explore_first_place),
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

/// Refuses values that no filter of the request takes. The configuration may have such, for the filters of other requests.
fn refuse_unknown_values(
    state: &HttpState,
    request: &Request,
    filters: [(&str, &Option<String>); 2],
) -> Result<(), Refusal> {
    if request.filter_values.is_empty() {
        return Ok(());
    }
    let (mut names, mut parameters) = (Vec::new(), BTreeSet::new());
    for (role, arn) in filters.iter().filter_map(|(role, arn)| Some((role, arn.as_ref()?))) {
        let Some(filter) = state.serving.filters.get(arn) else { return Ok(()) };
        names.push(format!("the {role} '{}'", arn.rsplit('/').next().unwrap_or(arn)));
        parameters.extend(filter.parameters().map(str::to_owned));
    }
    let Some(unknown) = request.filter_values.keys().find(|name| !parameters.contains(*name)) else { return Ok(()) };
    let parameters: Vec<String> = parameters.iter().map(|name| format!("f.{name}")).collect();
    let known = if parameters.is_empty() {
        "there are no parameters to give".to_owned()
    } else {
        format!("what can be given is {}", parameters.join(", "))
    };
    Err(Refusal::invalid(format!("The parameter f.{unknown} is no parameter of {}; {known}.", names.join(" or of "))))
}

/// A filter with the values that its parameters have in this request. A promotion's filter takes them as the list's own does.
fn filter_use(
    state: &HttpState,
    parameter: &str,
    arn: String,
    values: &BTreeMap<String, String>,
) -> Result<FilterUse, Refusal> {
    let published = state.serving.filters.get(&arn);
    let missing = published.iter().flat_map(|filter| filter.required_values()).find(|name| !values.contains_key(*name));
    if let Some(missing) = missing {
        let name = arn.rsplit('/').next().unwrap_or(&arn);
        return Err(Refusal::invalid(format!(
            "The parameter {parameter} names the filter '{name}', which includes by ${missing}; give its value as \
             f.{missing}=..."
        )));
    }
    Ok(FilterUse { arn, values: values.clone() })
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
    if request.decorate != Some(false) {
        tell_of_unfilled(config, &columns, snapshot.dataset_group_arn(), &existing);
    }
    let mut extra = Vec::new();
    let mut absent = missing;
    for column in &config.extra_columns {
        match find(column) {
            Some(found) => extra.push((column.to_lowercase(), found)),
            None => absent.push(column),
        }
    }
    warn_of_missing(&absent);
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
fn warn_of_missing(missing: &[&str]) {
    if !missing.is_empty() && warn_once::is_first(&("missing", missing)) {
        tracing::warn!(columns = ?missing, "the configuration of recommendations names columns that the Items dataset lacks");
    }
}

/// A field that no column fills is null in every answer; operators read once what was looked for, as a message that prints one has a gap.
fn tell_of_unfilled(config: &RecommendationsConfig, columns: &FieldColumns, group: &str, existing: &[&str]) {
    for (field, looked_for) in config.fields.unfilled(columns) {
        if !warn_once::is_first(&("unfilled", group, field, existing)) {
            continue;
        }
        let looked_for = looked_for.join(", ");
        let (dataset_group, columns) = (group, existing.join(", "));
        const SAID: &str =
            "no column of the Items dataset fills a field of /recommendations, which is null; looked for";
        tracing::warn!(field, dataset_group, columns, "{SAID} {looked_for}; set recommendations.columns.{field}");
    }
}

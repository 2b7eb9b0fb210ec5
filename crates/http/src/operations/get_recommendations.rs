//! `POST /recommendations`: synchronous from decoded input to answer, unless the campaign is not loaded here.

use super::{Answer, Context};
use crate::errors::{Failure, refuse_unavailable};
use crate::recommend::{new_id, recommend};
use std::collections::BTreeMap;
use tastemaker_domain::limits::{
    METADATA_COLUMNS_MAX, NUM_RESULTS_DEFAULT, NUM_RESULTS_MAX, NUM_RESULTS_WITH_METADATA_MAX,
};
use tastemaker_domain::recommendation::{MetadataValue, RecommendationList, RecommendationQuery, RecommendedItem};
use tastemaker_domain::{ArnKind, Error, Status};
use tastemaker_service::{campaigns, recommenders};
use tastemaker_serving::Snapshot;
use tastemaker_wire::ErrorShape;
use tastemaker_wire::runtime::{GetRecommendationsRequest, GetRecommendationsResponse, PredictedItem};

/// Lists items for a user.
pub async fn answer(
    context: &Context<'_>,
    request: GetRecommendationsRequest,
) -> Answer<GetRecommendationsResponse> {
    let query = from_wire(request)?;
    match context.state.serving.held(&query.campaign_arn) {
        Some(snapshot) => check(&query, &snapshot)?,
        None => return Err(absence(context, &query.campaign_arn).await),
    }
    Ok(to_wire(recommend(context.state, &query)?))
}

fn from_wire(request: GetRecommendationsRequest) -> Answer<RecommendationQuery> {
    let campaign_arn = match (request.campaign_arn, request.recommender_arn) {
        (Some(arn), None) | (None, Some(arn)) => arn,
        (Some(_), Some(_)) => return Err(Failure::invalid("Give campaignArn or recommenderArn, not both.")),
        (None, None) => return Err(Failure::invalid("campaignArn or recommenderArn is required.")),
    };
    refuse_unavailable(&[
        ("filterArn", request.filter_arn.is_some()),
        ("filterValues", request.filter_values.is_some_and(|v| !v.is_empty())),
        ("promotions", super::common::given(&request.promotions)),
    ])?;
    let metadata_columns = metadata_columns(request.metadata_columns.unwrap_or_default())?;
    let max = if metadata_columns.is_empty() { NUM_RESULTS_MAX } else { NUM_RESULTS_WITH_METADATA_MAX };
    let num_results = match request.num_results {
        None | Some(0) => NUM_RESULTS_DEFAULT,
        Some(n) => usize::try_from(n).ok().filter(|n| *n <= max).ok_or_else(|| {
            let with = if metadata_columns.is_empty() { "" } else { " when metadataColumns are given" };
            Failure::invalid(format!("numResults must be at most {max}{with}, not {n}."))
        })?,
    };
    Ok(RecommendationQuery {
        campaign_arn,
        user_id: request.user_id,
        num_results,
        metadata_columns,
        ..RecommendationQuery::default()
    })
}

fn metadata_columns(by_dataset: BTreeMap<String, Vec<String>>) -> Answer<Vec<String>> {
    let mut columns = Vec::new();
    for (dataset, names) in by_dataset {
        if !dataset.eq_ignore_ascii_case("ITEMS") {
            return Err(Failure::invalid(format!("metadataColumns: the only dataset type is ITEMS, not '{dataset}'.")));
        }
        columns.extend(names);
    }
    if columns.len() > METADATA_COLUMNS_MAX {
        return Err(Failure::invalid(format!(
            "metadataColumns: at most {METADATA_COLUMNS_MAX} columns can be given, not {}.",
            columns.len()
        )));
    }
    Ok(columns)
}

/// The rules that depend on the campaign.
fn check(query: &RecommendationQuery, snapshot: &Snapshot) -> Answer<()> {
    if snapshot.recipe().needs_user && query.user_id.is_none() {
        return Err(Failure::invalid(format!("userId is required by the recipe {}.", snapshot.recipe().name)));
    }
    if !query.metadata_columns.is_empty() && !snapshot.metadata_enabled() {
        return Err(Failure::invalid(
            "metadataColumns need a campaign with campaignConfig.enableMetadataWithRecommendations set to true.",
        ));
    }
    Ok(())
}

/// Why no snapshot answers for the campaign.
async fn absence(context: &Context<'_>, campaign_arn: &str) -> Failure {
    if ArnKind::Recommender.fits(campaign_arn) {
        return match recommenders::describe(&context.state.service, campaign_arn).await {
            Ok(recommender) if recommender.status == Status::Active => {
                let message = format!("Recommender {campaign_arn} is being loaded; try again shortly.");
                Failure::new(ErrorShape::ServiceUnavailableException, message)
            }
            Ok(recommender) => {
                Failure::invalid(format!("Recommender {campaign_arn} is not ACTIVE but {}.", recommender.status))
            }
            Err(error) => error.into(),
        };
    }
    match campaigns::describe(&context.state.service, campaign_arn).await {
        Ok(campaign) if campaign.status == Status::Active => {
            let message = format!("Campaign {campaign_arn} is being loaded; try again shortly.");
            Failure::new(ErrorShape::ServiceUnavailableException, message)
        }
        Ok(campaign) => Failure::invalid(format!("Campaign {campaign_arn} is not ACTIVE but {}.", campaign.status)),
        Err(Error::InvalidInput(_)) => Error::unknown(campaign_arn).into(),
        Err(error) => error.into(),
    }
}

fn to_wire(list: RecommendationList) -> GetRecommendationsResponse {
    GetRecommendationsResponse {
        item_list: list.items.into_iter().map(item).collect(),
        recommendation_id: Some(new_id()),
    }
}

fn item(item: RecommendedItem) -> PredictedItem {
    let text = |value: MetadataValue| match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => text,
        MetadataValue::Boolean(truth) => truth.to_string(),
    };
    let metadata: BTreeMap<_, _> = item.metadata.into_iter().map(|(k, v)| (k.to_lowercase(), text(v))).collect();
    PredictedItem {
        item_id: Some(item.item_id),
        metadata: (!metadata.is_empty()).then_some(metadata),
        promotion_name: None,
        reason: None,
        score: item.score.map(seven_decimals),
    }
}

/// Scores have seven decimals.
fn seven_decimals(score: f64) -> f64 {
    (score * 1e7).round() / 1e7
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:personalize:eu-west-1:1:campaign/c";

    fn request() -> GetRecommendationsRequest {
        GetRecommendationsRequest { campaign_arn: Some(ARN.into()), ..GetRecommendationsRequest::default() }
    }

    fn columns(dataset: &str, count: usize) -> Option<BTreeMap<String, Vec<String>>> {
        Some(BTreeMap::from([(dataset.to_owned(), (0..count).map(|n| format!("C{n}")).collect())]))
    }

    fn refused(change: impl FnOnce(&mut GetRecommendationsRequest), word: &str) {
        let mut request = request();
        change(&mut request);
        let failure = from_wire(request).expect_err(word);
        assert_eq!(failure.shape, ErrorShape::InvalidInputException);
        assert!(failure.message.contains(word), "{}", failure.message);
    }

    #[test]
    fn limits_and_what_is_not_built() {
        refused(|r| r.campaign_arn = None, "campaignArn or recommenderArn");
        refused(|r| r.recommender_arn = Some(ARN.into()), "not both");
        refused(|r| r.filter_arn = Some(ARN.into()), "filterArn");
        refused(|r| r.filter_values = Some(BTreeMap::from([("A".into(), "\"b\"".into())])), "filterValues");
        refused(|r| r.promotions = Some(vec![Default::default()]), "promotions");
        refused(|r| r.num_results = Some(501), "at most 500");
        refused(|r| (r.num_results, r.metadata_columns) = (Some(51), columns("ITEMS", 1)), "at most 50 when");
        refused(|r| r.metadata_columns = columns("ITEMS", 11), "at most 10");
        refused(|r| r.metadata_columns = columns("USERS", 1), "'USERS'");
    }

    #[test]
    fn defaults() {
        let query = from_wire(request()).expect("a query");
        assert_eq!((query.num_results, query.user_id, query.metadata_columns.len()), (25, None, 0));
        let mut zero = request();
        (zero.num_results, zero.metadata_columns) = (Some(0), columns("items", 2));
        let query = from_wire(zero).expect("a query");
        assert_eq!((query.num_results, query.metadata_columns.len()), (25, 2));
    }

    #[test]
    fn scores_have_seven_decimals_and_keys_are_lower_case() {
        let item = item(RecommendedItem {
            item_id: "i".into(),
            score: Some(0.123_456_789),
            metadata: vec![("CATEGORY_L1".into(), MetadataValue::Text("a|b".into()))],
        });
        assert_eq!(item.score, Some(0.123_456_8));
        assert_eq!(item.metadata, Some(BTreeMap::from([("category_l1".into(), "a|b".into())])));
    }
}

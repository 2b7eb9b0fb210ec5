//! The code that the three inference operations share.

use super::{Answer, Context};
use crate::admission::Permit;
use crate::errors::Failure;
use crate::limits::ADMISSION_WAIT_MAX;
use crate::request_facts::{self, Part};
use std::collections::BTreeMap;
use tastemaker_domain::limits::{METADATA_COLUMNS_MAX, NUM_RESULTS_MAX, NUM_RESULTS_WITH_METADATA_MAX};
use tastemaker_domain::recipe::{Ability, RecipeDescriptor};
use tastemaker_domain::recommendation::{FilterUse, MetadataValue, Reason, RecommendationList, RecommendedItem};
use tastemaker_domain::{ArnKind, Error, Member, Status};
use tastemaker_service::{campaigns, recommenders};
use tastemaker_serving::{ImpressionList, Snapshot, SnapshotHandle};
use tastemaker_wire::ErrorShape;
use tastemaker_wire::runtime::PredictedItem;

/// The filter that a request uses.
pub fn filter_use(arn: Option<String>, values: Option<BTreeMap<String, String>>) -> Answer<Option<FilterUse>> {
    let values = values.unwrap_or_default();
    match arn {
        Some(arn) => {
            ArnKind::Filter.check(Member::FilterArn, &arn)?;
            Ok(Some(FilterUse { arn, values }))
        }
        None if values.is_empty() => Ok(None),
        None => Err(Failure::invalid("filterValues need a filterArn.")),
    }
}

/// The item columns that a request wants beside each item.
pub fn metadata_columns(by_dataset: Option<BTreeMap<String, Vec<String>>>) -> Answer<Vec<String>> {
    let mut columns = Vec::new();
    for (dataset, names) in by_dataset.unwrap_or_default() {
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

/// The most items that a request may ask for, and the condition as error texts name it.
pub fn results_max(metadata_columns: &[String]) -> (usize, &'static str) {
    match metadata_columns.is_empty() {
        true => (NUM_RESULTS_MAX, ""),
        false => (NUM_RESULTS_WITH_METADATA_MAX, " when metadataColumns are given"),
    }
}

/// A wanted number of results, for which 0 and nothing are the default.
pub fn num_results(wanted: Option<i32>, default: usize, (max, with): (usize, &str)) -> Answer<usize> {
    let Some(n) = wanted.filter(|n| *n != 0) else { return Ok(default) };
    let number = usize::try_from(n).ok().filter(|n| *n <= max);
    number.ok_or_else(|| Failure::invalid(format!("numResults must be at most {max}{with}, not {n}.")))
}

/// The refusal of a campaign whose recipe has other operations; `rule` ends the sentence.
pub fn unfit_recipe(campaign_arn: &str, recipe: &RecipeDescriptor, rule: &str) -> Failure {
    let kind = recipe.recipe_type.as_str();
    Failure::invalid(format!("{campaign_arn} has a recipe of type {kind} ({}){rule}", recipe.name))
}

/// The model that answers for a campaign or recommender, by which the whole request is judged and answered; when nothing
/// answers, why.
pub async fn snapshot(context: &Context<'_>, arn: &str) -> Answer<SnapshotHandle> {
    match context.state.serving.snapshot(arn) {
        Ok(snapshot) => {
            request_facts::campaign(snapshot.shared_campaign_arn());
            Ok(snapshot)
        }
        Err(_) => Err(absence(context, arn).await),
    }
}

async fn absence(context: &Context<'_>, arn: &str) -> Failure {
    if ArnKind::Recommender.fits(arn) {
        return match recommenders::describe(&context.state.service, arn).await {
            Ok(recommender) if recommender.status == Status::Active => {
                let message = format!("Recommender {arn} is being loaded; try again shortly.");
                Failure::new(ErrorShape::ServiceUnavailableException, message)
            }
            Ok(recommender) => Failure::invalid(format!("Recommender {arn} is not ACTIVE but {}.", recommender.status)),
            Err(error) => error.into(),
        };
    }
    if !ArnKind::Campaign.fits(arn) {
        return Error::unknown(arn).into();
    }
    match campaigns::describe(&context.state.service, arn).await {
        Ok(campaign) if campaign.status == Status::Active => {
            let message = format!("Campaign {arn} is being loaded; try again shortly.");
            Failure::new(ErrorShape::ServiceUnavailableException, message)
        }
        // Only Describe still shows what was deleted.
        Ok(campaign) if campaign.status.is_deleting() => Error::unknown(arn).into(),
        Ok(campaign) => Failure::invalid(format!("Campaign {arn} is not ACTIVE but {}.", campaign.status)),
        Err(error) => error.into(),
    }
}

/// Refuses metadata columns where they are not enabled.
pub fn check_metadata(columns: &[String], snapshot: &Snapshot) -> Answer<()> {
    match columns.is_empty() || snapshot.metadata_enabled() {
        true => Ok(()),
        false => Err(Failure::invalid(
            "metadataColumns need a campaign with campaignConfig.enableMetadataWithRecommendations set to true.",
        )),
    }
}

/// A permit to compute one list of a campaign that answers.
pub async fn admit<'a>(context: &Context<'a>, campaign_arn: &str) -> Answer<Permit<'a>> {
    let admitted = context.state.admit(campaign_arn, ADMISSION_WAIT_MAX);
    Ok(request_facts::timed_wait(Part::Admission, admitted).await?)
}

/// Remembers an answer for the events that will name it.
pub fn remember(context: &Context<'_>, id: &str, source_arn: &str, list: &RecommendationList) {
    let list = ImpressionList::new(source_arn.into(), list.items.iter().map(|item| &*item.item_id));
    context.state.serving.impressions.remember(id, list);
}

/// The items of a snapshot's list as they are sent.
pub fn items(snapshot: &Snapshot, list: RecommendationList) -> Vec<PredictedItem> {
    let recipe = snapshot.recipe();
    list.items.into_iter().map(|one| item(one, recipe)).collect()
}

/// Whether an answer of this recipe names the reason. Explored places are out of the order of scores, and a popular item has nothing
/// to do with the item that was asked about.
fn is_named(reason: Reason, recipe: &RecipeDescriptor) -> bool {
    match reason {
        Reason::Explored => true,
        Reason::Filler => recipe.needs_item || recipe.can(Ability::Reasons),
        Reason::Promoted => recipe.can(Ability::Reasons),
    }
}

fn item(item: RecommendedItem, recipe: &RecipeDescriptor) -> PredictedItem {
    let text = |value: MetadataValue| match value {
        MetadataValue::Text(text) | MetadataValue::Number(text) => text,
        MetadataValue::Boolean(truth) => truth.to_string(),
    };
    let metadata: BTreeMap<_, _> = item.metadata.into_iter().map(|(k, v)| (k.to_lowercase(), text(v))).collect();
    let reason = item.reason.filter(|reason| is_named(*reason, recipe)).map(|reason| match reason {
        Reason::Promoted => vec!["Promoted item".to_owned()],
        Reason::Explored => vec!["Exploration".to_owned()],
        Reason::Filler => vec!["Popular item".to_owned()],
    });
    PredictedItem {
        item_id: Some(item.item_id),
        metadata: (!metadata.is_empty()).then_some(metadata),
        promotion_name: item.promotion_name,
        reason,
        score: item.score.map(seven_decimals),
    }
}

/// Scores have seven decimals.
pub fn seven_decimals(score: f64) -> f64 {
    (score * 1e7).round() / 1e7
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_domain::catalog;

    #[test]
    fn scores_have_seven_decimals_and_keys_are_lower_case() {
        let given = || RecommendedItem {
            item_id: "i".into(),
            score: Some(0.123_456_789),
            promotion_name: Some("sale".into()),
            reason: Some(Reason::Promoted),
            metadata: vec![("CATEGORY_L1".into(), MetadataValue::Text("a|b".into()))],
        };
        let first = &catalog::AWS_USER_PERSONALIZATION;
        let sent = item(given(), first);
        assert_eq!(sent.score, Some(0.123_456_8));
        assert_eq!(sent.metadata, Some(BTreeMap::from([("category_l1".into(), "a|b".into())])));
        assert_eq!((sent.promotion_name.as_deref(), sent.reason), (Some("sale"), None));
        for (reason, word) in
            [(Reason::Promoted, "Promoted item"), (Reason::Explored, "Exploration"), (Reason::Filler, "Popular item")]
        {
            let given = RecommendedItem { reason: Some(reason), ..given() };
            assert_eq!(item(given, &catalog::AWS_USER_PERSONALIZATION_V2).reason, Some(vec![word.to_owned()]));
        }
        let explored = RecommendedItem { reason: Some(Reason::Explored), ..given() };
        assert_eq!(item(explored, first).reason, Some(vec!["Exploration".to_owned()]));
        let filler = || RecommendedItem { reason: Some(Reason::Filler), ..given() };
        assert_eq!(item(filler(), first).reason, None);
        assert_eq!(item(filler(), &catalog::AWS_SIMS).reason, Some(vec!["Popular item".to_owned()]));
        assert_eq!(item(given(), &catalog::AWS_SIMS).reason, None);
    }

    #[test]
    fn values_without_filter_and_columns_of_other_datasets_are_refused() {
        let values = Some(BTreeMap::from([("A".to_owned(), "\"b\"".to_owned())]));
        assert!(filter_use(None, values.clone()).is_err_and(|f| f.message.contains("filterArn")));
        assert_eq!(filter_use(None, None), Ok(None));
        assert!(filter_use(Some("f".into()), None).is_err_and(|f| f.message.contains("filterArn")));
        let arn = "arn:aws:personalize:eu-west-1:123456789012:filter/f";
        assert!(filter_use(Some(arn.into()), values).is_ok_and(|f| f.is_some_and(|f| f.values.len() == 1)));
        let columns = |dataset: &str, count| {
            let names = (0..count).map(|n| format!("C{n}")).collect();
            metadata_columns(Some(BTreeMap::from([(dataset.to_owned(), names)])))
        };
        assert_eq!(columns("items", 10).map(|c| c.len()), Ok(10));
        assert!(columns("ITEMS", 11).is_err_and(|f| f.message.contains("at most 10")));
        assert!(columns("USERS", 1).is_err_and(|f| f.message.contains("'USERS'")));
    }
}

//! The ACTIVE campaigns and recommenders of a dataset group, and the columns of its data.

use crate::cx::Cx;
use crate::page::PageError;
use crate::pages::campaigns::campaigns_of;
use crate::pages::resources::version;
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::{Ability, Inference, RecipeDescriptor};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    DescribeDatasetRequest, DescribeDatasetResponse, DescribeSchemaRequest, DescribeSchemaResponse,
    ListDatasetsRequest, ListDatasetsResponse, ListRecommendersRequest, ListRecommendersResponse,
};

/// Columns that one request may ask for.
const COLUMNS_MAX: usize = 10;
/// Columns of interactions that are no context.
const NO_CONTEXT: [&str; 7] =
    ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "RECOMMENDATION_ID", "IMPRESSION"];

/// A campaign or recommender that answers.
pub(super) struct Target {
    pub arn: String,
    pub name: String,
    pub is_recommender: bool,
    pub recipe: &'static RecipeDescriptor,
    /// Whether answers may carry columns of the items.
    pub metadata: bool,
}

impl Target {
    /// Whether it ranks the caller's items.
    pub(super) fn ranks(&self) -> bool {
        self.recipe.inference() == Inference::Ranking
    }

    /// Whether it proposes actions.
    pub(super) fn proposes_actions(&self) -> bool {
        self.recipe.inference() == Inference::Actions
    }

    /// Whether it lists the items that are like another.
    pub(super) fn finds_similar(&self) -> bool {
        self.recipe.needs_item && self.recipe.inference() == Inference::Recommendations
    }

    /// Whether it makes something of a user.
    pub(super) fn takes_user(&self) -> bool {
        self.recipe.needs_user || self.recipe.is_personal() || !self.recipe.needs_item
    }
}

pub(super) async fn of_group(cx: &Cx, group_arn: &str) -> Result<Vec<Target>, PageError> {
    let mut targets = Vec::new();
    for campaign in campaigns_of(cx, group_arn).await? {
        let (Some(arn), Some(version_arn)) = (campaign.campaign_arn, campaign.solution_version_arn) else { continue };
        if campaign.status.as_deref() != Some("ACTIVE") {
            continue;
        }
        let recipe = version(cx, &version_arn).await?.recipe_arn;
        let Some(recipe) = recipe.as_deref().and_then(catalog::by_arn) else { continue };
        if !matches!(recipe.inference(), Inference::Recommendations | Inference::Ranking | Inference::Actions) {
            continue;
        }
        let asked = campaign.campaign_config.and_then(|config| config.enable_metadata_with_recommendations);
        let metadata = asked.unwrap_or(false) || recipe.can(Ability::AlwaysMetadata);
        let name = campaign.name.unwrap_or_default();
        targets.push(Target { arn, name, is_recommender: false, recipe, metadata });
    }
    let input =
        ListRecommendersRequest { dataset_group_arn: Some(group_arn.to_owned()), ..ListRecommendersRequest::default() };
    let listed: ListRecommendersResponse = cx.call_unseen(Operation::ListRecommenders, &input).await?;
    for recommender in listed.recommenders.into_iter().filter(|one| one.status.as_deref() == Some("ACTIVE")) {
        let Some(recipe) = recommender.recipe_arn.as_deref().and_then(catalog::by_arn) else { continue };
        let config = recommender.recommender_config.and_then(|config| config.enable_metadata_with_recommendations);
        targets.push(Target {
            arn: recommender.recommender_arn.unwrap_or_default(),
            name: recommender.name.unwrap_or_default(),
            is_recommender: true,
            recipe,
            metadata: config.unwrap_or(false) || recipe.can(Ability::AlwaysMetadata),
        });
    }
    Ok(targets)
}

/// The one that a field names, if it is there.
pub(super) fn named<'a>(targets: &'a [Target], asked: Option<&str>) -> Option<&'a Target> {
    targets.iter().find(|target| Some(target.arn.as_str()) == asked)
}

/// The one that is asked for, else the first.
pub(super) fn chosen<'a>(targets: &'a [Target], asked: Option<&str>) -> Option<&'a Target> {
    named(targets, asked).or(targets.first())
}

/// The columns of a group's data.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// Of the items, without their id.
    pub items: Vec<String>,
    /// Of the interactions, those that a request may say as its context.
    pub context: Vec<String>,
}

impl Columns {
    /// The columns that a request asks for: those of cards first.
    pub(super) fn asked(&self) -> Vec<String> {
        let mut columns = self.items.clone();
        columns.sort_by_key(|column| !super::card_columns::is_shown(column));
        columns.truncate(COLUMNS_MAX);
        columns
    }
}

/// The columns of the items that a target knows, without their id.
pub(super) fn item_columns(cx: &Cx, target: &Target) -> Vec<String> {
    let mut items = cx.console.ports.histories.columns(&target.arn);
    items.retain(|column| column != "ITEM_ID");
    items
}

pub(super) async fn columns(cx: &Cx, group_arn: &str, target: &Target) -> Columns {
    let items = item_columns(cx, target);
    let context = interaction_columns(cx, group_arn).await.unwrap_or_default();
    Columns { items, context: context.into_iter().filter(|column| !NO_CONTEXT.contains(&column.as_str())).collect() }
}

/// The fields of the schema of the group's interactions.
async fn interaction_columns(cx: &Cx, group_arn: &str) -> Option<Vec<String>> {
    let input = ListDatasetsRequest { dataset_group_arn: Some(group_arn.to_owned()), ..ListDatasetsRequest::default() };
    let listed: ListDatasetsResponse = cx.call_unseen(Operation::ListDatasets, &input).await.ok()?;
    let is_interactions = |kind: Option<&str>| kind.is_some_and(|kind| kind.eq_ignore_ascii_case("interactions"));
    let dataset = listed.datasets.into_iter().find(|dataset| is_interactions(dataset.dataset_type.as_deref()))?;
    let input = DescribeDatasetRequest { dataset_arn: dataset.dataset_arn? };
    let described: DescribeDatasetResponse = cx.call_unseen(Operation::DescribeDataset, &input).await.ok()?;
    let input = DescribeSchemaRequest { schema_arn: described.dataset?.schema_arn? };
    let described: DescribeSchemaResponse = cx.call_unseen(Operation::DescribeSchema, &input).await.ok()?;
    let schema: serde_json::Value = serde_json::from_str(&described.schema?.schema?).ok()?;
    let name = |field: &serde_json::Value| field.get("name")?.as_str().map(str::to_owned);
    Some(schema.get("fields")?.as_array()?.iter().filter_map(name).collect())
}

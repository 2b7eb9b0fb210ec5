//! The fields of a campaign: version, provisioned requests, exploration, metadata, latest version, ranking influence.

use crate::chart::{Part, Texts, stacked_bar};
use crate::cx::Cx;
use crate::page::PageError;
use crate::pages::form::{Choice, Field, FieldErrors, Sent, tick};
use crate::pages::resources::{recipe_name, solution_of, solutions, version_label, versions};
use crate::ports::ApiError;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};
use tastemaker_domain::Member;
use tastemaker_wire::personalize::{Campaign, CampaignConfig};

/// Keys of the exploration's settings.
pub(super) const WEIGHT: &str = "explorationWeight";
pub(super) const CUT_OFF: &str = "explorationItemAgeCutOff";
/// Keys of the ranking influence.
const FRESHNESS: &str = "FRESHNESS";
const POPULARITY: &str = "POPULARITY";

/// An ACTIVE version that may be deployed.
pub(super) struct Deployable {
    pub arn: String,
    pub recipe: String,
}

/// The ACTIVE versions of a group, newest first.
pub(super) async fn deployables(cx: &Cx, group_arn: &str) -> Result<Vec<Deployable>, PageError> {
    let solutions = solutions(cx, group_arn).await?;
    let recipes: HashMap<&str, &str> = solutions
        .iter()
        .filter_map(|solution| Some((solution.solution_arn.as_deref()?, recipe_name(solution.recipe_arn.as_deref()))))
        .collect();
    let all = if solutions.is_empty() { Vec::new() } else { versions(cx, None).await? };
    let deployable = |arn: String| {
        recipes.get(solution_of(&arn)).map(|recipe| (*recipe).to_owned()).map(|recipe| Deployable { arn, recipe })
    };
    let active = all.into_iter().filter(|version| version.status.as_deref() == Some("ACTIVE"));
    Ok(active.filter_map(|version| deployable(version.solution_version_arn?)).collect())
}

/// The values that a campaign's form begins with.
pub(super) fn values_of(campaign: &Campaign) -> Sent {
    let config = campaign.campaign_config.clone().unwrap_or_default();
    let exploration = config.item_exploration_config.unwrap_or_default();
    let mut pairs = vec![
        ("version", campaign.solution_version_arn.clone().unwrap_or_default()),
        ("tps", campaign.min_provisioned_tps.map(|tps| tps.to_string()).unwrap_or_default()),
        ("weight", exploration.get(WEIGHT).cloned().unwrap_or_default()),
        ("cut-off", exploration.get(CUT_OFF).cloned().unwrap_or_default()),
    ];
    for (name, value) in config.ranking_influence.unwrap_or_default() {
        pairs.push((if name == FRESHNESS { "freshness" } else { "popularity" }, value.to_string()));
    }
    pairs.extend((config.enable_metadata_with_recommendations == Some(true)).then(|| ("metadata", "true".to_owned())));
    pairs.extend((config.sync_with_latest_solution_version == Some(true)).then(|| ("latest", "true".to_owned())));
    Sent::new(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The version that the form asks for: the newest of its solution for a campaign that follows.
pub(super) fn version_of(sent: &Sent) -> Option<String> {
    let version = sent.get("version")?;
    Some(if sent.has("latest") { format!("{}/$LATEST", solution_of(version)) } else { version.to_owned() })
}

/// The settings that the form stands for, with the provisioned requests.
pub(super) fn read(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> (Option<i32>, Option<CampaignConfig>) {
    let not_a_number = |value: &str| cx.text_with("form-not-a-number", &[("value", value.to_owned().into())]);
    let tps = sent.get("tps").and_then(|text| match text.parse::<i32>() {
        Ok(tps) => Some(tps),
        Err(_) => {
            errors.at("tps", not_a_number(text));
            None
        }
    });
    let exploration: BTreeMap<String, String> = [(WEIGHT, "weight"), (CUT_OFF, "cut-off")]
        .into_iter()
        .filter_map(|(key, field)| Some((key.to_owned(), sent.get(field)?.to_owned())))
        .collect();
    let mut influence = BTreeMap::new();
    for (key, field) in [(FRESHNESS, "freshness"), (POPULARITY, "popularity")] {
        match sent.get(field).map(|text| (text, text.parse::<f64>())) {
            Some((_, Ok(value))) => drop(influence.insert(key.to_owned(), value)),
            Some((text, Err(_))) => errors.at(field, not_a_number(text)),
            None => {}
        }
    }
    let config = CampaignConfig {
        item_exploration_config: (!exploration.is_empty()).then_some(exploration),
        ranking_influence: (!influence.is_empty()).then_some(influence),
        enable_metadata_with_recommendations: Some(sent.has("metadata")),
        sync_with_latest_solution_version: Some(sent.has("latest")),
    };
    (tps, Some(config))
}

/// The field of the form that stands for a member of the request, by the path of the member.
fn field_of(path: &str) -> Option<&'static str> {
    let config = |member: Member| Member::CampaignConfig.then(member);
    let fields = [
        (config(Member::ItemExplorationConfig).key(CUT_OFF), "cut-off"),
        (config(Member::ItemExplorationConfig), "weight"),
        (config(Member::RankingInfluence).key(POPULARITY), "popularity"),
        (config(Member::RankingInfluence), "freshness"),
        (config(Member::EnableMetadataWithRecommendations), "metadata"),
        (config(Member::SyncWithLatestSolutionVersion), "latest"),
        (Member::MinProvisionedTps.into(), "tps"),
        (Member::SolutionVersionArn.into(), "version"),
        (Member::Name.into(), "name"),
    ];
    fields.into_iter().find(|(member, _)| path.starts_with(&member.to_string())).map(|(_, field)| field)
}

/// Puts the API's refusal beside the field of the member that it is about, or at the top of the form.
pub(super) fn place(errors: &mut FieldErrors, error: &ApiError) {
    let is_taken = error.name == "ResourceAlreadyExistsException";
    match error.member.as_deref().and_then(field_of).or_else(|| is_taken.then_some("name")) {
        Some(field) => errors.at(field, error.message.clone()),
        None => errors.general.push(format!("{}: {}", error.name, error.message)),
    }
}

/// The fields.
pub(super) fn fields(cx: &Cx, versions: &[Deployable], sent: &Sent, errors: &FieldErrors) -> Markup {
    let options: Vec<(String, String)> = versions
        .iter()
        .map(|version| (version.arn.clone(), format!("{} ({})", version_label(&version.arn), version.recipe)))
        .collect();
    let version = sent.get("version").unwrap_or_default();
    html! {
        (Choice { name: "version", label: &cx.text("deploy-version"), help: &cx.text("deploy-version-help"), options: &options, value: version }.markup(errors))
        (tick("latest", &cx.text("deploy-latest"), sent.has("latest"), errors))
        (tick("metadata", &cx.text("deploy-metadata"), sent.has("metadata"), errors))
        (Field { name: "tps", label: &cx.text("deploy-tps"), help: &cx.text("deploy-tps-help"), kind: "number", placeholder: "1",
            value: sent.typed("tps"), ..Field::default() }.markup(errors))
        details open[["weight", "cut-off"].iter().any(|field| sent.get(field).is_some() || errors.of(field).is_some())] {
            summary { (cx.text("deploy-exploration")) }
            p.hint { (cx.text("deploy-exploration-help")) }
            div.row {
                (Field { name: "weight", label: &cx.text("deploy-weight"), kind: "number", placeholder: "0.3", value: sent.typed("weight"), ..Field::default() }.markup(errors))
                (Field { name: "cut-off", label: &cx.text("deploy-cut-off"), kind: "number", placeholder: "30", value: sent.typed("cut-off"), ..Field::default() }.markup(errors))
            }
            (share(cx, sent.get("weight").and_then(|text| text.parse().ok()).unwrap_or(0.3)))
        }
        details open[["freshness", "popularity"].iter().any(|field| sent.get(field).is_some() || errors.of(field).is_some())] {
            summary { (cx.text("deploy-influence")) }
            p.hint { (cx.text("deploy-influence-help")) }
            div.row {
                (Field { name: "freshness", label: &cx.text("deploy-freshness"), kind: "number", value: sent.typed("freshness"), ..Field::default() }.markup(errors))
                (Field { name: "popularity", label: &cx.text("deploy-popularity"), kind: "number", value: sent.typed("popularity"), ..Field::default() }.markup(errors))
            }
        }
    }
}

/// The share of a list that exploration fills.
fn share(cx: &Cx, weight: f64) -> Markup {
    let weight = if weight.is_finite() { weight.clamp(0.0, 1.0) } else { 0.0 };
    let percent = format!("{:.0}", weight * 100.0);
    let parts = [
        Part { label: cx.text("deploy-explored"), value: weight },
        Part { label: cx.text("deploy-relevant"), value: 1.0 - weight },
    ];
    stacked_bar(
        &Texts {
            id: "exploration",
            title: &cx.text_with("deploy-share-title", &[("percent", percent.into())]),
            description: &cx.text("deploy-share-description"),
            horizontal: &cx.text("deploy-share-part"),
            vertical: &cx.text("deploy-share-share"),
            numbers: &cx.text("numbers"),
        },
        &parts,
    )
}

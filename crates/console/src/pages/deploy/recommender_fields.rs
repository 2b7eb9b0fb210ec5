//! The fields of a recommender's settings: metadata, provisioned requests, exploration.

use super::campaign_form::{CUT_OFF, WEIGHT};
use crate::cx::Cx;
use crate::pages::form::{Field, FieldErrors, Sent, tick};
use crate::ports::ApiError;
use maud::{Markup, html};
use std::collections::BTreeMap;
use tastemaker_domain::Member;
use tastemaker_wire::personalize::RecommenderConfig;

/// The fields.
pub(super) fn fields(cx: &Cx, sent: &Sent, errors: &FieldErrors) -> Markup {
    html! {
        (tick("metadata", &cx.text("deploy-metadata"), sent.has("metadata"), errors))
        (Field { name: "tps", label: &cx.text("deploy-tps"), help: &cx.text("deploy-tps-help"), kind: "number", min: "1", step: "1",
            placeholder: "1", value: sent.typed("tps"), ..Field::default() }.markup(errors))
        details open[["weight", "cut-off"].iter().any(|field| sent.get(field).is_some() || errors.of(field).is_some())] {
            summary { (cx.text("deploy-exploration")) }
            p.hint { (cx.text("recommender-exploration-help")) }
            div.row {
                (Field { name: "weight", label: &cx.text("deploy-weight"), kind: "number", placeholder: "0.3", value: sent.typed("weight"), ..Field::default() }.markup(errors))
                (Field { name: "cut-off", label: &cx.text("deploy-cut-off"), kind: "number", placeholder: "30", value: sent.typed("cut-off"), ..Field::default() }.markup(errors))
            }
        }
    }
}

/// The values that the form of a recommender begins with.
pub(super) fn values_of(config: &RecommenderConfig) -> Sent {
    let mut pairs = Vec::new();
    if config.enable_metadata_with_recommendations == Some(true) {
        pairs.push(("metadata".to_owned(), "true".to_owned()));
    }
    pairs.extend(config.min_recommendation_requests_per_second.map(|tps| ("tps".to_owned(), tps.to_string())));
    for (key, field) in [(WEIGHT, "weight"), (CUT_OFF, "cut-off")] {
        let value = config.item_exploration_config.as_ref().and_then(|values| values.get(key));
        pairs.extend(value.map(|value| (field.to_owned(), value.clone())));
    }
    Sent::new(pairs)
}

/// The settings that the form stands for.
pub(super) fn read(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> RecommenderConfig {
    let exploration: BTreeMap<String, String> = [(WEIGHT, "weight"), (CUT_OFF, "cut-off")]
        .into_iter()
        .filter_map(|(key, field)| Some((key.to_owned(), sent.get(field)?.to_owned())))
        .collect();
    let tps = sent.get("tps").and_then(|text| match text.parse::<i32>() {
        Ok(tps) => Some(tps),
        Err(_) => {
            errors.at("tps", cx.text_with("form-not-a-number", &[("value", text.to_owned().into())]));
            None
        }
    });
    RecommenderConfig {
        enable_metadata_with_recommendations: sent.has("metadata").then_some(true),
        item_exploration_config: (!exploration.is_empty()).then_some(exploration),
        min_recommendation_requests_per_second: tps,
        ..RecommenderConfig::default()
    }
}

/// Puts the API's refusal beside the field of the member that it is about, or at the top of the form.
pub(super) fn place(errors: &mut FieldErrors, error: &ApiError) {
    let config = |member: Member| Member::RecommenderConfig.then(member);
    let fields = [
        (config(Member::ItemExplorationConfig).key(CUT_OFF), "cut-off"),
        (config(Member::ItemExplorationConfig), "weight"),
        (config(Member::EnableMetadataWithRecommendations), "metadata"),
        (config(Member::MinRecommendationRequestsPerSecond), "tps"),
        (Member::RecipeArn.into(), "use-case"),
        (Member::Name.into(), "name"),
    ];
    let path = error.member.as_deref().unwrap_or_default();
    let of_member = fields.iter().find(|(member, _)| path.starts_with(&member.to_string())).map(|(_, field)| *field);
    let is_taken = error.name == "ResourceAlreadyExistsException";
    match of_member.or_else(|| is_taken.then_some("name")) {
        Some(field) => errors.at(field, error.message.clone()),
        None => errors.general.push(format!("{}: {}", error.name, error.message)),
    }
}

//! The form that makes a recommender: a use case of the group's domain with its settings.

use super::campaign_form::{CUT_OFF, WEIGHT};
use crate::cx::Cx;
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError, empty};
use crate::pages::form::{Choice, Field, FieldErrors, Sent, tick};
use crate::pages::resources::dataset_group;
use crate::ports::ApiError;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use std::collections::BTreeMap;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::{Member, catalog};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateRecommenderRequest, CreateRecommenderResponse, RecommenderConfig};

pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    page(&cx, &group, &Sent::new(pairs), &FieldErrors::default()).await
}

/// The use cases of a domain by its name, which is empty for a group without one.
fn use_cases(domain: Option<&str>) -> Vec<&'static RecipeDescriptor> {
    let Some(domain) = domain.and_then(DatasetDomain::parse) else { return Vec::new() };
    catalog::ALL.iter().copied().filter(|recipe| recipe.domain() == Some(domain)).collect()
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let domain = dataset_group(cx, group).await?.domain;
    let body = view(cx, group, &use_cases(domain.as_deref()), sent, errors);
    let page = Page::new(Menu::Deploy, cx.text("recommender-create"), body).group(group);
    let page = page.examples(examples::of_page(cx));
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

fn view(cx: &Cx, group: &str, recipes: &[&RecipeDescriptor], sent: &Sent, errors: &FieldErrors) -> Markup {
    let title = |recipe: &&RecipeDescriptor| recipe.use_case.map_or(recipe.name, |use_case| use_case.title);
    let options: Vec<(String, String)> =
        recipes.iter().map(|recipe| (recipe.arn(), title(recipe).to_owned())).collect();
    html! {
        (errors.summary(cx))
        @if recipes.is_empty() {
            (empty(&cx.text("recommender-no-domain"), Some((&cx.text("train-create"), &cx.group_link(group, "/new-solution")))))
        } @else {
            form.stacked method="post" action=(cx.group_link(group, "/new-recommender")) novalidate {
                (Field { name: "name", label: &cx.text("create-name"), value: sent.typed("name"), required: true,
                    help: &cx.text("create-name-help"), ..Field::default() }.markup(errors))
                (Choice { name: "use-case", label: &cx.text("recommender-use-case"), help: &cx.text("recommender-use-case-help"),
                    options: &options, value: sent.get("use-case").unwrap_or_default() }.markup(errors))
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
                p.actions { button.primary type="submit" disabled[!cx.may_edit()] { (cx.text("recommender-create")) } }
            }
        }
    }
}

pub(super) async fn submit(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let (input, text) = read(&cx, &group, &sent);
    if let Some(text) = text {
        errors.at("tps", cx.text_with("form-not-a-number", &[("value", text.into())]));
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    }
    let made: Result<CreateRecommenderResponse, ApiError> = cx.call(Operation::CreateRecommender, &input).await;
    match made {
        Ok(_) => Ok(Redirect::to(&cx.group_link(&group, "/deploy")).into_response()),
        Err(error) => {
            place(&mut errors, &error);
            Ok(page(&cx, &group, &sent, &errors).await?.into_response())
        }
    }
}

/// The request that the form stands for, and the text that is no number where one is wanted.
fn read(cx: &Cx, group: &str, sent: &Sent) -> (CreateRecommenderRequest, Option<String>) {
    let exploration: BTreeMap<String, String> = [(WEIGHT, "weight"), (CUT_OFF, "cut-off")]
        .into_iter()
        .filter_map(|(key, field)| Some((key.to_owned(), sent.get(field)?.to_owned())))
        .collect();
    let (tps, wrong) = match sent.get("tps").map(|text| text.parse::<i32>().map_err(|_| text.to_owned())) {
        Some(Ok(tps)) => (Some(tps), None),
        Some(Err(text)) => (None, Some(text)),
        None => (None, None),
    };
    let config = RecommenderConfig {
        enable_metadata_with_recommendations: sent.has("metadata").then_some(true),
        item_exploration_config: (!exploration.is_empty()).then_some(exploration),
        min_recommendation_requests_per_second: tps,
        ..RecommenderConfig::default()
    };
    let input = CreateRecommenderRequest {
        name: sent.get("name").unwrap_or_default().to_owned(),
        dataset_group_arn: cx.arn("dataset-group", group),
        recipe_arn: sent.get("use-case").unwrap_or_default().to_owned(),
        recommender_config: (config != RecommenderConfig::default()).then_some(config),
        ..CreateRecommenderRequest::default()
    };
    (input, wrong)
}

/// Puts the API's refusal beside the field of the member that it is about, or at the top of the form.
fn place(errors: &mut FieldErrors, error: &ApiError) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_its_use_cases() {
        let titles = |domain| use_cases(domain).len();
        assert!(titles(Some("ECOMMERCE")) > 2 && titles(Some("VIDEO_ON_DEMAND")) > 2);
        assert_eq!((titles(None), titles(Some("OTHER"))), (0, 0));
    }
}

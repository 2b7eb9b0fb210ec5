//! The form that makes a recommender: a use case of the group's domain with its settings.

use super::recommender_fields::{fields, place, read};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{Choice, FieldErrors, Sent};
use crate::pages::new_form::NewForm;
use crate::pages::resources::dataset_group;
use crate::ports::ApiError;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateRecommenderRequest, CreateRecommenderResponse, RecommenderConfig};

const FORM: NewForm =
    NewForm { title: "recommender-create", action: "/new-recommender", nothing: "recommender-no-domain" };

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
    let title = |recipe: &RecipeDescriptor| cx.use_case_title(recipe).unwrap_or_else(|| recipe.name.to_owned());
    let options: Vec<(String, String)> = recipes.iter().map(|recipe| (recipe.arn(), title(recipe))).collect();
    let fields = || {
        html! {
            (Choice { name: "use-case", label: &cx.text("recommender-use-case"), help: &cx.text("recommender-use-case-help"),
                options: &options, value: sent.get("use-case").unwrap_or_default() }.markup(errors))
            (fields(cx, sent, errors))
        }
    };
    FORM.markup(cx, group, sent, errors, (!recipes.is_empty()).then(fields))
}

pub(super) async fn submit(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let config = read(&cx, &sent, &mut errors);
    if !errors.is_empty() {
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    }
    let input = CreateRecommenderRequest {
        name: sent.get("name").unwrap_or_default().to_owned(),
        dataset_group_arn: cx.arn("dataset-group", &group),
        recipe_arn: sent.get("use-case").unwrap_or_default().to_owned(),
        recommender_config: (config != RecommenderConfig::default()).then_some(config),
        ..CreateRecommenderRequest::default()
    };
    let made: Result<CreateRecommenderResponse, ApiError> = cx.call(Operation::CreateRecommender, &input).await;
    match made {
        Ok(_) => {
            let made = cx.group_link(&group, &format!("/recommenders/{}", segment(&input.name)));
            Ok(Redirect::to(&made).into_response())
        }
        Err(error) => {
            place(&mut errors, &error);
            Ok(page(&cx, &group, &sent, &errors).await?.into_response())
        }
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

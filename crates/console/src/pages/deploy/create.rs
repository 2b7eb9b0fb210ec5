//! The form that makes a campaign.

use super::campaign_form::{Deployable, deployables, fields, place, read, version_of};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{FieldErrors, Sent};
use crate::pages::new_form::NewForm;
use crate::pages::resources::dataset_group;
use crate::ports::ApiError;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::Markup;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateCampaignRequest, CreateCampaignResponse};

const FORM: NewForm = NewForm { title: "deploy-create", action: "/new-campaign", nothing: "deploy-no-version" };

pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    page(&cx, &group, &Sent::new(pairs), &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let versions = deployables(cx, &group_arn).await?;
    let page = Page::new(Menu::Deploy, cx.text("deploy-create"), view(cx, group, &versions, sent, errors)).group(group);
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

fn view(cx: &Cx, group: &str, versions: &[Deployable], sent: &Sent, errors: &FieldErrors) -> Markup {
    let fields = (!versions.is_empty()).then(|| fields(cx, versions, sent, errors));
    FORM.markup(cx, group, sent, errors, fields)
}

pub(super) async fn submit(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let (min_provisioned_tps, campaign_config) = read(&cx, &sent, &mut errors);
    if !errors.is_empty() {
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    }
    let input = CreateCampaignRequest {
        name: sent.get("name").unwrap_or_default().to_owned(),
        solution_version_arn: version_of(&sent).unwrap_or_default(),
        min_provisioned_tps,
        campaign_config,
        ..CreateCampaignRequest::default()
    };
    let made: Result<CreateCampaignResponse, ApiError> = cx.call(Operation::CreateCampaign, &input).await;
    match made {
        Ok(_) => Ok(Redirect::to(&cx.group_link(&group, &format!("/deploy/{}", segment(&input.name)))).into_response()),
        Err(error) => {
            place(&mut errors, &error);
            Ok(page(&cx, &group, &sent, &errors).await?.examples(examples::of_page(&cx)).into_response())
        }
    }
}

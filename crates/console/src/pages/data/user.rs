//! A single user: attributes, the newest interactions, and the deletion of everything that is stored of the user.

use super::facts::{self, cell};
use super::item::{Asked, check_group, id_of, known, link};
use super::known::group_arn;
use super::models;
use super::upload::said;
use crate::cx::{Cx, segment};
use crate::layout::status;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::form::{Field, FieldErrors, Sent};
use crate::ports::{ApiError, HistoryEvent};
use crate::{examples, format};
use axum::body::Bytes;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use http::StatusCode;
use maud::{Markup, html};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateDataDeletionJobRequest, CreateDataDeletionJobResponse, DataSource, DescribeDataDeletionJobRequest,
    DescribeDataDeletionJobResponse, ListDataDeletionJobsRequest, ListDataDeletionJobsResponse,
};

/// Interactions that the page shows.
const HISTORY_MAX: usize = 100;
/// Deletions that the page shows.
const DELETIONS_MAX: i32 = 10;
/// The bucket of the files that name users to be deleted.
const DELETIONS: &str = "tastemaker-deletions";
/// Bytes of such a file.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// The role that jobs name where nobody checks one.
const ROLE: &str = "arn:aws:iam::000000000000:role/tastemaker-console";

/// Answers `GET /g/{group}/users/{id}`.
pub(super) async fn show(cx: Cx, Path((group, id)): Path<(String, String)>) -> Result<Page, PageError> {
    page(&cx, &group, &id, &FieldErrors::default()).await
}

/// Answers `GET /g/{group}/users?id=...`.
pub(super) async fn show_asked(
    cx: Cx,
    Path(group): Path<String>,
    Query(Asked { id }): Query<Asked>,
) -> Result<Page, PageError> {
    page(&cx, &group, &id, &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, id: &str, errors: &FieldErrors) -> Result<Page, PageError> {
    check_group(cx, group).await?;
    let models = models::active(cx, group).await?;
    let histories = &cx.console.ports.histories;
    let attributes = models.iter().map(|arn| histories.user(arn, id)).find(|values| !values.is_empty());
    let newest = models.iter().map(|arn| histories.of(arn, id, HISTORY_MAX)).max_by_key(Vec::len).unwrap_or_default();
    let body = html! {
        (errors.summary(cx))
        (id_of(cx, id))
        h2 { (cx.text("data-attributes")) }
        (known(cx, group, &models, &attributes.unwrap_or_default()))
        @if !models.is_empty() {
            h2 { (cx.text("data-newest-interactions")) }
            (interactions(cx, group, &newest))
            p { a.button href=(cx.group_link(group, &format!("/try?user={}", segment(id)))) { (cx.text("data-try-user")) } }
        }
        (deletion(cx, group, id, errors))
        (deletions(cx, group).await?)
    };
    let title = cx.text_with("data-user-title", &[("id", format::shortened(id, 60).into())]);
    let page = Page::new(Menu::Data, title, body).group(group).examples(examples::of_page(cx));
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

fn interactions(cx: &Cx, group: &str, newest: &[HistoryEvent]) -> Markup {
    let head = [cx.text("data-item"), cx.text("data-event-type"), cx.text("data-when")];
    let row = |event: &HistoryEvent| {
        vec![
            html! { a href=(link(cx, group, "items", &event.item_id)) { (facts::value(&event.item_id)) } },
            cell(&event.event_type),
            format::time(event.timestamp_s as f64),
        ]
    };
    html! {
        @if newest.is_empty() {
            p.hint { (cx.text("data-no-history")) }
        } @else {
            (facts::table(&cx.text("data-newest-interactions"), &head, &newest.iter().map(row).collect::<Vec<_>>()))
        }
    }
}

/// The form that deletes the user, once the id was typed.
fn deletion(cx: &Cx, group: &str, id: &str, errors: &FieldErrors) -> Markup {
    html! {
        @if cx.may_edit() {
            details.confirm open[!errors.is_empty()] {
                summary { span.button { (cx.text("data-delete-user")) } }
                form method="post" action=(cx.group_link(group, "/delete-user")) {
                    p { (cx.text("data-delete-user-what")) }
                    input type="hidden" name="user" value=(id);
                    (Field { name: "confirm", label: &cx.text("data-delete-user-confirm"), required: true, ..Field::default() }.markup(errors))
                    button { (cx.text("data-delete-user")) }
                }
            }
        }
    }
}

/// The deletions of users of the group, newest first.
async fn deletions(cx: &Cx, group: &str) -> Result<Markup, PageError> {
    let request = ListDataDeletionJobsRequest {
        dataset_group_arn: Some(group_arn(cx, group)),
        max_results: Some(DELETIONS_MAX),
        ..Default::default()
    };
    let listed: ListDataDeletionJobsResponse = cx.call_unseen(Operation::ListDataDeletionJobs, &request).await?;
    let mut rows = Vec::new();
    for job in listed.data_deletion_jobs {
        let Some(arn) = job.data_deletion_job_arn else { continue };
        let request = DescribeDataDeletionJobRequest { data_deletion_job_arn: arn };
        let described: DescribeDataDeletionJobResponse =
            cx.call_unseen(Operation::DescribeDataDeletionJob, &request).await?;
        let job = described.data_deletion_job.unwrap_or_default();
        rows.push(vec![
            cell(job.job_name.unwrap_or_default()),
            status(cx, job.status.as_deref().unwrap_or_default()),
            cell(job.num_deleted.map_or_else(String::new, |count| format::count(count.max(0) as u64))),
            format::time(job.last_updated_date_time.unwrap_or(0.0)),
        ]);
    }
    let head = [cx.text("data-deletion"), cx.text("data-state"), cx.text("data-deleted"), cx.text("data-changed")];
    Ok(html! {
        @if !rows.is_empty() {
            h2 { (cx.text("data-deletions")) }
            (facts::table(&cx.text("data-deletions"), &head, &rows))
        }
    })
}

/// Answers `POST /g/{group}/delete-user`.
pub(super) async fn delete(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    // As they are: an id may begin with a blank.
    let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    let user = field("user");
    if user.is_empty() {
        return Err(PageError::BadInput("user is required.".to_owned()));
    }
    let mut errors = FieldErrors::default();
    if field("confirm") != user && Sent::new(pairs.clone()).get("confirm") != Some(user) {
        errors.at("confirm", cx.text("data-delete-user-other"));
        return Ok(page(&cx, &group, user, &errors).await?.into_response());
    }
    check_group(&cx, &group).await?;
    let name = format!("delete-user-{}", (cx.console.ports.clock)());
    let key = format!("{group}/{name}/users.csv");
    let csv = format!("USER_ID\n\"{}\"\n", user.replace('"', "\"\""));
    let bytes = futures::stream::iter([Ok(Bytes::from(csv))]).boxed();
    let put = cx.console.ports.files.put(DELETIONS, &key, bytes, FILE_BYTES_MAX).await;
    put.map_err(|error| PageError::BadInput(said(&cx, &error)))?;
    let request = CreateDataDeletionJobRequest {
        data_source: DataSource { data_location: Some(format!("s3://{DELETIONS}/{key}")) },
        dataset_group_arn: group_arn(&cx, &group),
        job_name: name,
        role_arn: ROLE.to_owned(),
        tags: None,
    };
    let begun: Result<CreateDataDeletionJobResponse, ApiError> =
        cx.call(Operation::CreateDataDeletionJob, &request).await;
    match begun {
        Ok(_) => Ok(Redirect::to(&link(&cx, &group, "users", user)).into_response()),
        Err(error) => {
            errors.general.push(error.to_string());
            Ok(page(&cx, &group, user, &errors).await?.into_response())
        }
    }
}

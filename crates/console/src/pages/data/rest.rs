//! The import of what can be read of files that an import refused.

use super::facts::table;
use super::job::{describe, of_reason};
use super::schema;
use super::upload::said;
use crate::cx::{Cx, segment};
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::{examples, format};
use axum::extract::Path;
use http::StatusCode;
use maud::html;
use tastemaker_domain::name::NAME_CHARS_MAX;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{CreateDatasetImportJobRequest, CreateDatasetImportJobResponse, DataSource};

/// Answers `POST /g/{group}/data/imports/{job}/rest`.
pub(super) async fn start(cx: Cx, Path((group, job)): Path<(String, String)>) -> Result<Page, PageError> {
    let failed = describe(&cx, &job).await?;
    let dataset_arn = failed.dataset_arn.clone().unwrap_or_default();
    let location = failed.data_source.as_ref().and_then(|source| source.data_location.clone()).unwrap_or_default();
    let schema = schema::present(&cx, &dataset_arn).await?.ok_or(PageError::NotFound)?;
    let copies = cx.console.ports.files.copy_readable(&location, &schema).await;
    let copies = copies.map_err(|error| PageError::BadInput(said(&cx, &error)))?;
    let name = rest_name(&job, cx.console.now_s());
    if copies.rows > 0 {
        let request = CreateDatasetImportJobRequest {
            job_name: name.clone(),
            dataset_arn,
            data_source: DataSource { data_location: Some(copies.location.clone()) },
            role_arn: failed.role_arn.clone(),
            import_mode: failed.import_mode.clone(),
            ..Default::default()
        };
        let _: CreateDatasetImportJobResponse = cx.call(Operation::CreateDatasetImportJob, &request).await?;
    }
    let body = html! {
        @if copies.rows > 0 {
            p {
                (cx.text_with("data-rest-begun", &[("rows", format::count(copies.rows).into())])) " "
                a href=(cx.group_link(&group, &format!("/data/imports/{}", segment(&name)))) { (name) }
            }
        } @else {
            div.error role="alert" { p { (cx.text("data-rest-none")) } }
        }
        h2 { (cx.text("data-refused")) }
        @let total: u64 = copies.refused.iter().map(|of| of.count).sum();
        (table(
            &cx.text("data-refused"),
            &[cx.text("data-accepted"), cx.text("data-rows-left-out")],
            &[vec![html! { (format::count(copies.rows)) }, html! { (format::count(total)) }]],
        ))
        @for refused in &copies.refused { (of_reason(&cx, refused)) }
    };
    let page = Page::new(Menu::Data, cx.text("data-rest-title"), body).group(group).examples(examples::of_page(&cx));
    Ok(if copies.rows > 0 { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

/// A name for the import of the rest, within what a name may have.
fn rest_name(job: &str, now_s: i64) -> String {
    let suffix = format!("-rest-{now_s}");
    let kept: String = job.chars().take(NAME_CHARS_MAX - suffix.len()).collect();
    format!("{kept}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_their_length() {
        assert_eq!(rest_name("one", 7), "one-rest-7");
        assert_eq!(rest_name(&"x".repeat(63), 1_700_000_000).len(), NAME_CHARS_MAX);
    }
}

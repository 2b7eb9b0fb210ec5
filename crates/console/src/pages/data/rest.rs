//! The import of what can be read of files that an import refused.

use super::job::describe;
use super::plan::{self, Work};
use super::upload::said;
use super::{preparing, schema};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::preparations::{Copied, Outcome, Preparation};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use tastemaker_domain::name::NAME_CHARS_MAX;
use tastemaker_domain::schema::Schema;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateDatasetImportJobRequest, CreateDatasetImportJobResponse, DataSource, DatasetImportJob,
};

/// An import that failed, with what is needed to read its files again.
pub(super) struct Rest {
    failed: DatasetImportJob,
    location: String,
    schema: Schema,
}

impl Rest {
    /// Of an import, by its name.
    pub async fn of(cx: &Cx, job: &str) -> Result<Self, PageError> {
        let failed = describe(cx, job).await?;
        let dataset_arn = failed.dataset_arn.clone().unwrap_or_default();
        let location = failed.data_source.as_ref().and_then(|source| source.data_location.clone()).unwrap_or_default();
        let schema = schema::present(cx, &dataset_arn).await?.ok_or(PageError::NotFound)?;
        Ok(Self { failed, location, schema })
    }

    /// Copies the rows that can be read and begins their import under a name.
    pub async fn copy_and_begin(&self, cx: &Cx, name: String, preparation: &Preparation) -> Outcome {
        let copies = cx.console.ports.files.copy_readable(&self.location, &self.schema, &preparation.progress).await;
        match copies {
            Err(error) => Outcome::Refused(said(cx, &error)),
            Ok(copies) if copies.rows == 0 => Outcome::NoRows(copies.refused),
            Ok(copies) => {
                let copied = Copied { rows: copies.rows, refused: copies.refused };
                import(cx, &self.failed, copies.location, name, copied).await
            }
        }
    }
}

/// Answers `POST /g/{group}/data/imports/{job}/rest`.
pub(super) async fn start(cx: Cx, Path((group, job)): Path<(String, String)>) -> Result<Response, PageError> {
    let rest = Rest::of(&cx, &job).await?;
    let back = format!("/g/{}/data/imports/{}", segment(&group), segment(&job));
    let Some(preparation) = cx.console.preparations.begin(&group, &rest.location, back) else {
        return Err(PageError::Unavailable(cx.text("data-preparing-many")));
    };
    let name = rest_name(&job, cx.console.now_s());
    plan::keep(&cx, &preparation, Work::Readable { job, name: name.clone() }).await;
    tokio::spawn({
        let (cx, preparation) = (cx.clone(), preparation.clone());
        async move {
            let outcome = rest.copy_and_begin(&cx, name, &preparation).await;
            plan::end(&cx, &preparation, outcome).await;
        }
    });
    let outcome = match preparing::soon(&cx, &preparation).await {
        Ok(outcome) => outcome,
        Err(leads_on) => return Ok(leads_on),
    };
    let body = preparing::ended(&cx, &group, &outcome, None);
    let page = Page::new(Menu::Data, cx.text("data-rest-title"), body).group(group).examples(examples::of_page(&cx));
    Ok(page.status(preparing::status(&outcome)).into_response())
}

async fn import(cx: &Cx, failed: &DatasetImportJob, location: String, name: String, copied: Copied) -> Outcome {
    let request = CreateDatasetImportJobRequest {
        job_name: name.clone(),
        dataset_arn: failed.dataset_arn.clone().unwrap_or_default(),
        data_source: DataSource { data_location: Some(location) },
        role_arn: failed.role_arn.clone(),
        import_mode: failed.import_mode.clone(),
        ..Default::default()
    };
    let begun: Result<CreateDatasetImportJobResponse, _> = cx.call(Operation::CreateDatasetImportJob, &request).await;
    match begun {
        Ok(_) => Outcome::Begun { job_name: name, copied: Some(copied) },
        Err(error) => Outcome::Refused(error.to_string()),
    }
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

//! The import of files with a schema: what of it is not there yet is made by the API's own operations.

use super::known::{dataset_arn, group_arn};
use super::plan::{self, Work};
use super::schema_form::SchemaForm;
use super::upload::said;
use super::{preparing, schema};
use crate::cx::{Cx, segment};
use crate::layout;
use crate::page::PageError;
use crate::preparations::{Outcome, Preparation};
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tastemaker_domain::csv_columns::CsvRewrite;
use tastemaker_domain::schema::Schema;
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    CreateDatasetImportJobRequest, CreateDatasetImportJobResponse, CreateDatasetRequest, CreateDatasetResponse,
    CreateSchemaRequest, CreateSchemaResponse, DataSource,
};

/// Characters of a group's name in the name of a schema.
const GROUP_CHARACTERS_MAX: usize = 30;
/// The role that imports name where nobody checks one.
const ROLE: &str = "arn:aws:iam::000000000000:role/tastemaker-console";

/// Answers `POST /g/{group}/data/import`.
pub(super) async fn start(
    cx: Cx,
    Path(group): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut form = SchemaForm::sent(&fields).map_err(PageError::BadInput)?;
    let present = schema::present(&cx, &dataset_arn(&cx, &group, form.kind)).await?;
    let is_present = present.is_some();
    let answer =
        |form: &SchemaForm, wrong: Option<&str>| Ok(schema::page(&cx, &group, form, is_present, wrong).into_response());
    let action = fields.iter().find(|(name, _)| name == "action").map_or("import", |(_, value)| value.as_str());
    let domain = schema::domain(&cx, &group).await?;
    match action {
        "show" => {
            let wrong = form.checked(domain).err();
            form.avro = form.schema().to_avro();
            return answer(&form, wrong.as_deref());
        }
        "take" => {
            let wrong = form.take_avro(domain).err();
            return answer(&form, wrong.as_deref());
        }
        _ => {}
    }
    let checked = match &present {
        Some(schema) => all_fields(&cx, &form, schema),
        None => form.checked(domain).map(|_| ()),
    };
    if let Err(wrong) = checked {
        return answer(&form, Some(&wrong));
    }
    let rewrite = form.rewrite();
    if rewrite.is_nothing() {
        return Ok(match begin(&cx, &group, &form, is_present, form.location.clone()).await? {
            Ok(()) => to_job(&cx, &group, &form.job_name),
            Err(Refusal { text, is_present }) => {
                schema::page(&cx, &group, &form, is_present, Some(&text)).into_response()
            }
        });
    }
    let back =
        format!("/g/{}/data/schema?type={}&location={}", segment(&group), form.kind.as_str(), segment(&form.location));
    let Some(preparation) = cx.console.preparations.begin(&group, &form.location, back) else {
        return answer(&form, Some(&cx.text("data-preparing-many")));
    };
    plan::keep(&cx, &preparation, Work::Mapped { fields }).await;
    let made = Arc::new(AtomicBool::new(is_present));
    tokio::spawn(prepare(Prepared {
        cx: cx.clone(),
        group: group.clone(),
        form: form.clone(),
        rewrite,
        is_present,
        made: made.clone(),
        preparation: preparation.clone(),
    }));
    match preparing::soon(&cx, &preparation).await {
        Err(leads_on) => Ok(leads_on),
        Ok(Outcome::Refused(text)) => {
            Ok(schema::page(&cx, &group, &form, made.load(Ordering::Relaxed), Some(&text)).into_response())
        }
        Ok(_) => Ok(to_job(&cx, &group, &form.job_name)),
    }
}

fn to_job(cx: &Cx, group: &str, job_name: &str) -> Response {
    Redirect::to(&cx.group_link(group, &format!("/data/imports/{}", segment(job_name)))).into_response()
}

/// An import of rewritten copies.
struct Prepared {
    cx: Cx,
    group: String,
    form: SchemaForm,
    rewrite: CsvRewrite,
    is_present: bool,
    /// Set when the dataset is there.
    made: Arc<AtomicBool>,
    preparation: Arc<Preparation>,
}

/// Makes the copies and begins their import.
async fn prepare(prepared: Prepared) {
    let Prepared { cx, group, form, rewrite, is_present, made, preparation } = prepared;
    let (outcome, is_present) = copy_and_begin(&cx, &group, &form, &rewrite, is_present, &preparation).await;
    made.store(is_present, Ordering::Relaxed);
    plan::end(&cx, &preparation, outcome).await;
}

/// Makes the copies and begins their import; returns also whether the dataset is there now.
pub(super) async fn copy_and_begin(
    cx: &Cx,
    group: &str,
    form: &SchemaForm,
    rewrite: &CsvRewrite,
    is_present: bool,
    preparation: &Preparation,
) -> (Outcome, bool) {
    let copied = cx.console.ports.files.rewrite(&form.location, rewrite, &preparation.progress).await;
    match copied {
        Err(error) => (Outcome::Refused(said(cx, &error)), is_present),
        Ok(location) => match begin(cx, group, form, is_present, location).await {
            Ok(Ok(())) => (Outcome::Begun { job_name: form.job_name.clone(), copied: None }, true),
            Ok(Err(refusal)) => (Outcome::Refused(refusal.text), refusal.is_present),
            Err(error) => (Outcome::Refused(layout::error(cx, &error).0), is_present),
        },
    }
}

/// Refuses a form in which no column becomes one of the fields of the schema that is there.
fn all_fields(cx: &Cx, form: &SchemaForm, schema: &Schema) -> Result<(), String> {
    let chosen = form.schema();
    let has = |name: &str| chosen.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).filter(|name| !has(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(cx.text_with("data-schema-missing", &[("names", missing.join(", ").into())]))
}

/// Why an import did not begin, and whether its dataset is there now.
struct Refusal {
    text: String,
    is_present: bool,
}

/// Begins an import. What was made before a refusal stays, and is named in it.
async fn begin(
    cx: &Cx,
    group: &str,
    form: &SchemaForm,
    is_present: bool,
    location: String,
) -> Result<Result<(), Refusal>, PageError> {
    let mut made = Vec::new();
    match make(cx, group, form, is_present, location, &mut made).await {
        Ok(()) => Ok(Ok(())),
        Err(PageError::Api(error)) => {
            let mut text = error.to_string();
            if !made.is_empty() {
                text += "\n";
                text += &cx.text_with("data-made-before", &[("names", made.join(", ").into())]);
            }
            Ok(Err(Refusal { text, is_present: is_present || made.len() > 1 }))
        }
        Err(error) => Err(error),
    }
}

async fn make(
    cx: &Cx,
    group: &str,
    form: &SchemaForm,
    is_present: bool,
    location: String,
    made: &mut Vec<String>,
) -> Result<(), PageError> {
    let kind = form.kind.as_str();
    if !is_present {
        let short: String = group.chars().take(GROUP_CHARACTERS_MAX).collect();
        let domain = schema::domain(cx, group).await?;
        let request = CreateSchemaRequest {
            name: format!("{short}-{}-{}", kind.to_ascii_lowercase(), cx.console.now_s()),
            schema: form.schema().to_avro(),
            domain: domain.map(|domain| domain.as_str().to_owned()),
        };
        let schema: CreateSchemaResponse = cx.call(Operation::CreateSchema, &request).await?;
        let schema_arn = schema.schema_arn.unwrap_or_default();
        made.push(schema_arn.clone());
        let request = CreateDatasetRequest {
            name: kind.to_ascii_lowercase(),
            schema_arn,
            dataset_group_arn: group_arn(cx, group),
            dataset_type: kind.to_owned(),
            tags: None,
        };
        let dataset: CreateDatasetResponse = cx.call(Operation::CreateDataset, &request).await?;
        made.push(dataset.dataset_arn.unwrap_or_default());
    }
    let request = CreateDatasetImportJobRequest {
        job_name: form.job_name.clone(),
        dataset_arn: dataset_arn(cx, group, form.kind),
        data_source: DataSource { data_location: Some(location) },
        role_arn: Some(ROLE.to_owned()),
        import_mode: Some(form.mode.clone()),
        ..Default::default()
    };
    let _: CreateDatasetImportJobResponse = cx.call(Operation::CreateDatasetImportJob, &request).await?;
    Ok(())
}

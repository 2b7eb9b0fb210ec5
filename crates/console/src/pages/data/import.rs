//! The import of files with a schema: what of it is not there yet is made by the API's own operations.

use super::known::{dataset_arn, group_arn};
use super::schema;
use super::schema_form::SchemaForm;
use super::upload::said;
use crate::cx::{Cx, segment};
use crate::page::PageError;
use axum::extract::{Form, Path};
use axum::response::{IntoResponse, Redirect, Response};
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
    let location = if rewrite.is_nothing() {
        form.location.clone()
    } else {
        match cx.console.ports.files.rewrite(&form.location, &rewrite).await {
            Ok(location) => location,
            Err(error) => return answer(&form, Some(&said(&cx, &error))),
        }
    };
    // What was made before a refusal stays, and is named beside it.
    let mut made = Vec::new();
    match begin(&cx, &group, &form, is_present, location, &mut made).await {
        Ok(()) => {
            let job = cx.group_link(&group, &format!("/data/imports/{}", segment(&form.job_name)));
            Ok(Redirect::to(&job).into_response())
        }
        Err(PageError::Api(error)) => {
            let mut wrong = format!("{}: {}", error.name, error.message);
            if !made.is_empty() {
                wrong += "\n";
                wrong += &cx.text_with("data-made-before", &[("names", made.join(", ").into())]);
            }
            let is_present = is_present || made.len() > 1;
            Ok(schema::page(&cx, &group, &form, is_present, Some(&wrong)).into_response())
        }
        Err(error) => Err(error),
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

async fn begin(
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

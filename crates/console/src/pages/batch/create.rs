//! The form that makes a batch job: for whom, by which solution version, with how many results.

use super::jobs::BatchKind;
use super::requests::{BadLine, RequestKind, file};
use crate::cx::{Cx, segment};
use crate::examples;
use crate::format;
use crate::menu::Menu;
use crate::page::{Page, PageError};
use crate::pages::data::said;
use crate::pages::filter_values::{self, filter_parameters};
use crate::pages::form::{Choice, Field, FieldErrors, Sent, id_of, tick};
use crate::pages::new_form::NewForm;
use crate::pages::resources::{
    ROLE, dataset_group, filters, recipe_name, solution_of, solutions, version_label, versions,
};
use crate::ports::ApiError;
use axum::body::Bytes;
use axum::extract::{Form, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use http::StatusCode;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::{Ability, Inference, RecipeDescriptor};
use tastemaker_wire::Operation;
use tastemaker_wire::personalize::{
    BatchInferenceJobInput, BatchInferenceJobOutput, BatchSegmentJobInput, BatchSegmentJobOutput,
    CreateBatchInferenceJobRequest, CreateBatchInferenceJobResponse, CreateBatchSegmentJobRequest,
    CreateBatchSegmentJobResponse, FieldsForThemeGeneration, S3DataConfig, ThemeGenerationConfig,
};

const FORM: NewForm = NewForm { title: "batch-create", action: "/new-batch", nothing: "batch-no-version" };

/// The bucket of the jobs that are made here.
const BUCKET: &str = "tastemaker-batch";
/// The longest file of requests that a form makes.
const REQUESTS_BYTES_MAX: u64 = 16 << 20;

/// An ACTIVE version whose recipe has batch jobs.
struct Usable {
    arn: String,
    recipe: &'static RecipeDescriptor,
}

impl Usable {
    fn kind(&self) -> BatchKind {
        match self.recipe.inference() {
            Inference::Segments => BatchKind::Segment,
            _ => BatchKind::Inference,
        }
    }
}

/// The usable versions of a group, newest first.
async fn usable(cx: &Cx, group_arn: &str) -> Result<Vec<Usable>, PageError> {
    let solutions = solutions(cx, group_arn).await?;
    let recipes: HashMap<&str, &str> = solutions
        .iter()
        .filter_map(|solution| Some((solution.solution_arn.as_deref()?, recipe_name(solution.recipe_arn.as_deref()))))
        .collect();
    let all = if solutions.is_empty() { Vec::new() } else { versions(cx, None).await? };
    let active = all.into_iter().filter(|version| version.status.as_deref() == Some("ACTIVE"));
    let usable = active.filter_map(|version| {
        let arn = version.solution_version_arn?;
        let recipe = catalog::by_name(recipes.get(solution_of(&arn))?)?;
        let fits = recipe.inference() == Inference::Segments || recipe.can(Ability::BatchInference);
        fits.then_some(Usable { arn, recipe })
    });
    Ok(usable.collect())
}

/// Answers `GET /g/{group}/new-batch`.
pub(super) async fn show(
    cx: Cx,
    Path(group): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page, PageError> {
    page(&cx, &group, &Sent::new(pairs), &FieldErrors::default()).await
}

async fn page(cx: &Cx, group: &str, sent: &Sent, errors: &FieldErrors) -> Result<Page, PageError> {
    let group_arn = dataset_group(cx, group).await?.dataset_group_arn.unwrap_or_default();
    let versions = usable(cx, &group_arn).await?;
    let mut filter_options = vec![(String::new(), cx.text("try-no-filter"))];
    for filter in filters(cx, &group_arn).await? {
        filter_options.push((filter.filter_arn.unwrap_or_default(), filter.name.unwrap_or_default()));
    }
    let parameters = filter_parameters(cx, sent.get("filter")).await;
    let body = view(cx, group, &versions, (&filter_options, &parameters), sent, errors);
    let page = Page::new(Menu::Batch, cx.text("batch-create"), body).group(group);
    Ok(if errors.is_empty() { page } else { page.status(StatusCode::UNPROCESSABLE_ENTITY) })
}

fn view(
    cx: &Cx,
    group: &str,
    versions: &[Usable],
    (filters, parameters): (&[(String, String)], &[String]),
    sent: &Sent,
    errors: &FieldErrors,
) -> Markup {
    let options: Vec<(String, String)> = versions
        .iter()
        .map(|version| (version.arn.clone(), format!("{} ({})", version_label(&version.arn), version.recipe.name)))
        .collect();
    let has_themes = versions.iter().any(|version| version.recipe.can(Ability::Themes));
    let requests_error = errors.of("requests");
    let fields = || {
        html! {
            (Choice { name: "version", label: &cx.text("deploy-version"), help: &cx.text("batch-version-help"), options: &options,
                value: sent.get("version").unwrap_or_default() }.markup(errors))
            div.field {
                label for=(id_of("requests")) { (cx.text("batch-requests")) }
                textarea id=(id_of("requests")) name="requests" rows="6" spellcheck="false" autocomplete="off"
                    aria-invalid=[requests_error.map(|_| "true")] aria-describedby="field-requests-help" { (sent.typed("requests")) }
                small id="field-requests-help" { (cx.text("batch-requests-help")) }
                @if let Some(error) = requests_error { small.field-error id="field-requests-error" { (error) } }
            }
            (Field { name: "location", label: &cx.text("batch-location"), help: &cx.text("batch-location-help"),
                placeholder: "s3://bucket/folder/", value: sent.typed("location"), ..Field::default() }.markup(errors))
            (Field { name: "results", label: &cx.text("batch-results"), help: &cx.text("batch-results-help"), kind: "number", min: "1",
                placeholder: "25", value: sent.typed("results"), ..Field::default() }.markup(errors))
            (Choice { name: "filter", label: &cx.text("batch-filter"), help: &cx.text("batch-filter-help"), options: filters,
                value: sent.get("filter").unwrap_or_default() }.markup(errors))
            (filter_values::fields(cx, parameters, sent, errors))
            @if has_themes {
                (tick("themes", &cx.text("batch-themes"), sent.has("themes"), errors))
                (Field { name: "theme-column", label: &cx.text("batch-theme-column"), help: &cx.text("batch-theme-column-help"),
                    value: sent.typed("theme-column"), ..Field::default() }.markup(errors))
            }
        }
    };
    FORM.markup(cx, group, sent, errors, (!versions.is_empty()).then(fields))
}

/// Answers `POST /g/{group}/new-batch`.
pub(super) async fn submit(
    cx: Cx,
    Path(group): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = Sent::new(pairs);
    let mut errors = FieldErrors::default();
    let group_arn = dataset_group(&cx, &group).await?.dataset_group_arn.unwrap_or_default();
    let versions = usable(&cx, &group_arn).await?;
    let version = versions.iter().find(|version| sent.get("version") == Some(version.arn.as_str()));
    let Some(version) = version else {
        errors.at("version", cx.text("batch-version-gone"));
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    };
    let results = results(&cx, &sent, &mut errors);
    let values = values_of_filter(&cx, &sent, &mut errors).await;
    let requests = requests(&cx, &sent, (RequestKind::of(version.recipe), &values), &mut errors);
    if !errors.is_empty() {
        return Ok(page(&cx, &group, &sent, &errors).await?.into_response());
    }
    let name = sent.get("name").unwrap_or_default().to_owned();
    let new = NewJob { name: name.clone(), version: version.arn.clone(), results, kind: version.kind() };
    match make(&cx, &group, &sent, &new, requests).await? {
        Ok(()) => {
            let page = format!("/batch/{}/{}", new.kind.word(), segment(&name));
            Ok(Redirect::to(&cx.group_link(&group, &page)).into_response())
        }
        Err(error) => {
            place(&mut errors, &error);
            Ok(page(&cx, &group, &sent, &errors).await?.examples(examples::of_page(&cx)).into_response())
        }
    }
}

fn results(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> Option<i32> {
    let text = sent.get("results")?;
    match text.parse() {
        Ok(results) => Some(results),
        Err(_) => {
            errors.at("results", cx.text_with("form-not-a-number", &[("value", text.to_owned().into())]));
            None
        }
    }
}

/// The requests of a job.
enum Requests {
    /// The text of a file that is still to be stored.
    Typed(String),
    /// A place with files.
    At(String),
}

/// The values of the chosen filter's parameters. They go into the lines that were typed, so that each wants one; files have their own.
async fn values_of_filter(cx: &Cx, sent: &Sent, errors: &mut FieldErrors) -> BTreeMap<String, String> {
    let parameters = filter_parameters(cx, sent.get("filter")).await;
    let values = filter_values::values(&parameters, sent);
    let mut typed = sent.typed("requests").lines().map(str::trim).filter(|line| !line.is_empty());
    let wants_values = typed.any(|line| !line.starts_with('{'));
    let is_file = sent.get("location").is_some();
    for name in parameters.iter().filter(|name| is_file == values.contains_key(*name)) {
        let field = filter_values::field_of(name);
        match is_file {
            true => errors.at(field, cx.text("batch-filter-values-in-files")),
            false if wants_values => errors.at(field, cx.text("batch-filter-value-none")),
            false => {}
        }
    }
    values
}

fn requests(
    cx: &Cx,
    sent: &Sent,
    (kind, values): (RequestKind, &BTreeMap<String, String>),
    errors: &mut FieldErrors,
) -> Requests {
    match (sent.get("requests"), sent.get("location")) {
        (Some(_), Some(_)) => errors.at("location", cx.text("batch-requests-twice")),
        (None, None) => errors.at("requests", cx.text("batch-requests-none")),
        (None, Some(location)) => return Requests::At(location.to_owned()),
        (Some(_), None) => match file(kind, values, sent.typed("requests")) {
            Ok(text) => return Requests::Typed(text),
            Err(BadLine { number, text }) => {
                let text = format::shortened(&text, 80);
                errors
                    .at("requests", cx.text_with("batch-bad-line", &[("line", number.into()), ("text", text.into())]));
            }
        },
    }
    Requests::At(String::new())
}

/// A job that is to be made.
struct NewJob {
    name: String,
    version: String,
    results: Option<i32>,
    kind: BatchKind,
}

/// Stores the requests that were typed, and makes the job. The requests go when the API refuses the job.
async fn make(
    cx: &Cx,
    group: &str,
    sent: &Sent,
    new: &NewJob,
    requests: Requests,
) -> Result<Result<(), ApiError>, PageError> {
    let files = &cx.console.ports.files;
    let unavailable = |error| PageError::Unavailable(said(cx, &error));
    let folder = format!("{group}/{}/{}", new.name, cx.console.now_s());
    files.ensure_bucket(BUCKET).await.map_err(unavailable)?;
    let (input, stored) = match requests {
        Requests::At(location) => (location, None),
        Requests::Typed(text) => {
            let key = format!("{folder}/input/requests.json");
            let body = futures::stream::once(async move { Ok(Bytes::from(text)) }).boxed();
            files.put(BUCKET, &key, body, REQUESTS_BYTES_MAX).await.map_err(unavailable)?;
            (format!("s3://{BUCKET}/{key}"), Some(key))
        }
    };
    let place = |path: String| S3DataConfig { path, ..S3DataConfig::default() };
    let output = place(format!("s3://{BUCKET}/{folder}/output/"));
    let filter_arn = sent.get("filter").map(str::to_owned);
    let made = match new.kind {
        BatchKind::Inference => {
            let theme = sent.has("themes").then(|| ThemeGenerationConfig {
                fields_for_theme_generation: FieldsForThemeGeneration {
                    item_name: sent.get("theme-column").unwrap_or_default().to_owned(),
                },
            });
            let request = CreateBatchInferenceJobRequest {
                job_name: new.name.clone(),
                solution_version_arn: new.version.clone(),
                filter_arn,
                num_results: new.results,
                job_input: BatchInferenceJobInput { s3_data_source: place(input) },
                job_output: BatchInferenceJobOutput { s3_data_destination: output },
                role_arn: ROLE.to_owned(),
                batch_inference_job_mode: theme.is_some().then(|| "THEME_GENERATION".to_owned()),
                theme_generation_config: theme,
                ..CreateBatchInferenceJobRequest::default()
            };
            cx.call(Operation::CreateBatchInferenceJob, &request).await.map(|_: CreateBatchInferenceJobResponse| ())
        }
        BatchKind::Segment => {
            let request = CreateBatchSegmentJobRequest {
                job_name: new.name.clone(),
                solution_version_arn: new.version.clone(),
                filter_arn,
                num_results: new.results,
                job_input: BatchSegmentJobInput { s3_data_source: place(input) },
                job_output: BatchSegmentJobOutput { s3_data_destination: output },
                role_arn: ROLE.to_owned(),
                ..CreateBatchSegmentJobRequest::default()
            };
            cx.call(Operation::CreateBatchSegmentJob, &request).await.map(|_: CreateBatchSegmentJobResponse| ())
        }
    };
    if let (Err(_), Some(key)) = (&made, stored) {
        files.delete_below(BUCKET, &key).await.map_err(unavailable)?;
    }
    Ok(made)
}

/// Puts the API's refusal beside the field of the member that it is about, or at the top of the form.
fn place(errors: &mut FieldErrors, error: &ApiError) {
    use tastemaker_domain::Member;
    let fields = [
        (Member::JobName, "name"),
        (Member::SolutionVersionArn, "version"),
        (Member::NumResults, "results"),
        (Member::FilterArn, "filter"),
        (Member::JobInput, "location"),
        (Member::ThemeGenerationConfig, "theme-column"),
        (Member::BatchInferenceJobMode, "themes"),
    ];
    let is_taken = error.name == "ResourceAlreadyExistsException";
    let of_path = |path: &str| fields.iter().find(|(member, _)| path.starts_with(&member.to_string())).map(|(_, f)| *f);
    match error.member.as_deref().and_then(of_path).or_else(|| is_taken.then_some("name")) {
        Some(field) => errors.at(field, error.message.clone()),
        None => errors.general.push(format!("{}: {}", error.name, error.message)),
    }
}

//! The main path with AWS SDK for Rust, and one error of each service. Endpoint and keys come from the environment.

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_personalize::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_personalize::primitives::DateTime;
use aws_sdk_personalize::types::{CampaignConfig, DataSource, SolutionConfig};
use aws_sdk_personalizeevents::types::Event;
use aws_sdk_s3::primitives::ByteStream;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

const SCHEMA: &str = r#"{"type":"record","name":"Interactions","namespace":"com.amazonaws.personalize.schema","version":"1.0",
"fields":[{"name":"USER_ID","type":"string"},{"name":"ITEM_ID","type":"string"},{"name":"TIMESTAMP","type":"long"}]}"#;
const BUCKET: &str = "rust-shop";

/// Polls an expression that gives (status, failure reason) until it is ACTIVE.
macro_rules! until_active {
    ($look:expr) => {{
        let mut left = 1200;
        loop {
            let (status, reason): (Option<String>, Option<String>) = $look;
            match status.as_deref() {
                Some("ACTIVE") => break,
                Some("CREATE FAILED") => bail!("failed: {reason:?}"),
                other => ensure!(left > 0, "still {other:?}"),
            }
            left -= 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }};
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::from_env().http_client(http).load().await;
    let personalize = aws_sdk_personalize::Client::new(&config);
    let runtime = aws_sdk_personalizeruntime::Client::new(&config);
    let events = aws_sdk_personalizeevents::Client::new(&config);
    let s3_config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(s3_config);

    upload(&s3).await?;
    personalize.create_schema().name("rust").schema(SCHEMA).send().await?;
    let schema = personalize.list_schemas().send().await?.schemas.context("schemas")?;
    let schema = schema[0].schema_arn().context("an ARN")?.to_owned();
    let group = personalize.create_dataset_group().name("rust").send().await?;
    let group = group.dataset_group_arn().context("an ARN")?;
    until_active!({
        let seen = personalize.describe_dataset_group().dataset_group_arn(group).send().await?;
        let seen = seen.dataset_group.context("a group")?;
        let made = seen.creation_date_time.context("a date")?;
        ensure!((made.secs() - DateTime::from(SystemTime::now()).secs()).abs() < 600, "made at {made}");
        (seen.status, seen.failure_reason)
    });
    let dataset = personalize.create_dataset().name("rust").dataset_group_arn(group).dataset_type("Interactions");
    let dataset = dataset.schema_arn(&schema).send().await?.dataset_arn.context("an ARN")?;
    let source = DataSource::builder().data_location(format!("s3://{BUCKET}/in/")).build();
    let job = personalize.create_dataset_import_job().job_name("rust").dataset_arn(&dataset).data_source(source);
    let job = job.role_arn("arn:aws:iam::000000000000:role/any").send().await?;
    let job = job.dataset_import_job_arn.context("an ARN")?;
    until_active!({
        let seen = personalize.describe_dataset_import_job().dataset_import_job_arn(&job).send().await?;
        let seen = seen.dataset_import_job.context("a job")?;
        (seen.status, seen.failure_reason)
    });

    let parameters = [("hidden_dimension", "32"), ("bptt", "16")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let solution_config = SolutionConfig::builder().set_algorithm_hyper_parameters(Some(parameters.into())).build();
    let solution = personalize.create_solution().name("rust").dataset_group_arn(group).perform_auto_training(false);
    let solution = solution.recipe_arn("arn:aws:personalize:::recipe/aws-user-personalization");
    let solution = solution.solution_config(solution_config).send().await?.solution_arn.context("an ARN")?;
    let version = personalize.create_solution_version().solution_arn(&solution).send().await?;
    let version = version.solution_version_arn.context("an ARN")?;
    until_active!({
        let seen = personalize.describe_solution_version().solution_version_arn(&version).send().await?;
        let seen = seen.solution_version.context("a version")?;
        (seen.status, seen.failure_reason)
    });
    let metrics = personalize.get_solution_metrics().solution_version_arn(&version).send().await?;
    let metrics = metrics.metrics.context("metrics")?;
    ensure!(metrics["precision_at_5"] > 0.0, "{metrics:?}");
    let unexplored = CampaignConfig::builder().item_exploration_config("explorationWeight", "0").build();
    let campaign = personalize.create_campaign().name("rust").solution_version_arn(&version).campaign_config(unexplored);
    let campaign = campaign.send().await?;
    let campaign = campaign.campaign_arn.context("an ARN")?;
    until_active!({
        let seen =
            personalize.describe_campaign().campaign_arn(&campaign).send().await?.campaign.context("a campaign")?;
        (seen.status, seen.failure_reason)
    });

    let answer = runtime.get_recommendations().campaign_arn(&campaign).user_id("u1").num_results(5).send().await?;
    ensure!(answer.item_list().len() == 5 && answer.item_list()[0].score().is_some(), "{answer:?}");
    let tracker = personalize.create_event_tracker().name("rust").dataset_group_arn(group).send().await?;
    let tracking_id = tracker.tracking_id.context("a tracking id")?;
    let put = events.put_events().tracking_id(&tracking_id).user_id("newcomer").session_id("s");
    put.event_list(event()?).send().await?;
    let answer =
        runtime.get_recommendations().campaign_arn(&campaign).user_id("newcomer").num_results(1).send().await?;
    ensure!(answer.item_list()[0].item_id() == Some("i5"), "{answer:?}");

    let again = personalize.create_schema().name("rust").schema(SCHEMA).send().await;
    let error = refused(again.err(), 400)?;
    ensure!(error.is_resource_already_exists_exception() && text(&error).contains("schema/rust"), "{error:?}");
    let error = refused(personalize.create_schema().name("!").schema(SCHEMA).send().await.err(), 400)?;
    ensure!(error.is_invalid_input_exception() && text(&error).starts_with("1 validation error detected"), "{error:?}");
    let unknown = runtime.get_recommendations().campaign_arn(format!("{campaign}-no")).user_id("u").send().await;
    let error = refused(unknown.err(), 404)?;
    ensure!(error.is_resource_not_found_exception() && text(&error).contains("rust-no"), "{error:?}");
    let stray = events.put_events().tracking_id("none").session_id("s").event_list(event()?).send().await;
    let error = refused(stray.err(), 400)?;
    ensure!(error.is_invalid_input_exception() && text(&error).contains("none"), "{error:?}");
    let missing = refused(s3.get_object().bucket(BUCKET).key("none").send().await.err(), 404)?;
    ensure!(missing.is_no_such_key(), "{missing:?}");
    println!("ok: rust");
    Ok(())
}

/// Item k is followed by item k + 1.
async fn upload(s3: &aws_sdk_s3::Client) -> Result<()> {
    let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
    for user in 0..60 {
        for step in 0..30 {
            writeln!(csv, "u{user},i{},{}", (user * 7 + step) % 20, 1_700_000_000 + user * 1000 + step)?;
        }
    }
    s3.create_bucket().bucket(BUCKET).send().await?;
    s3.put_object().bucket(BUCKET).key("in/all.csv").body(ByteStream::from(csv.clone().into_bytes())).send().await?;
    let stored = s3.get_object().bucket(BUCKET).key("in/all.csv").send().await?.body.collect().await?;
    ensure!(stored.into_bytes() == csv.as_bytes(), "the object differs from what was put");
    Ok(())
}

fn event() -> Result<Event> {
    Ok(Event::builder().event_type("view").item_id("i4").sent_at(DateTime::from(SystemTime::now())).build()?)
}

fn text(error: &impl ProvideErrorMetadata) -> &str {
    error.message().unwrap_or_default()
}

/// The modelled error of a call that must fail with this HTTP status.
fn refused<E: std::fmt::Debug>(
    error: Option<SdkError<E, aws_sdk_personalize::config::http::HttpResponse>>,
    status: u16,
) -> Result<E> {
    match error.context("the call should be refused")? {
        SdkError::ServiceError(error) if error.raw().status().as_u16() == status => Ok(error.into_err()),
        other => bail!("{other:?}"),
    }
}

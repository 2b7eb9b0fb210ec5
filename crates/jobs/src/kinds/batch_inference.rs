//! Batch inference: a line of JSON in, a line of JSON out, in the same order.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. load: the model as a snapshot of this job's own, and the group's streamed events over it
//! 3. answer: each file in pieces, a piece spread over threads, into a blob of this attempt
//! 4. publish: one commit makes the files visible, the job ACTIVE and ends it
//!
//! Answers are those of GetRecommendations at the time of the job. A request that cannot be answered gives a line with its
//! error and does not end the job.

use super::{Kind, blocking, deploy};
use crate::s3_files::{OutputFile, Publication, delete_replaced, folder, remove_unpublished};
use crate::work::{Stop, Work};
use async_trait::async_trait;
use futures::TryStreamExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use tastemaker_domain::limits::{BATCH_FILES_MAX, BATCH_INPUT_BYTES_MAX, ID_CHARS_MAX};
use tastemaker_domain::recommendation::RecommendationQuery;
use tastemaker_domain::resource::{BatchInferenceJob, BatchInferenceMode, JobKind, SolutionVersion};
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::{Status, catalogue};
use tastemaker_learn::Progress;
use tastemaker_serving::Serving;
use tastemaker_store::objects::{self, ObjectRecord};
use tastemaker_store::{BlobFile, Error, EventsExt, Precondition, records};
use tokio::runtime::Handle;

/// Requests that are answered at once.
const PIECE_LINES: usize = 1024;
/// Bytes of one request.
const LINE_BYTES_MAX: u64 = 64 << 10;

pub(super) struct BatchInference;

#[async_trait]
impl Kind for BatchInference {
    fn kind(&self) -> JobKind {
        JobKind::BatchInference
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, work: &Work) -> Result<(), Stop> {
        let job = work.settle(|| Box::pin(start(work))).await?;
        refuse_unavailable(&job)?;
        let output = folder(work, &job.output.path).await?;
        let sources = resolve(work, &job).await?;
        let serving = load(work, &job).await?;
        let mut files = Vec::with_capacity(sources.len());
        for (n, (name, source)) in sources.into_iter().enumerate() {
            let key = format!("{}{name}.out", output.key);
            let blob = format!("{}{}/{n}", work.blob_prefix("s3"), work.job.attempts);
            files.push(answer(work, &job, &serving, &source, key, blob).await?);
        }
        let replaced = work.settle(|| Box::pin(publish(work, &output, &files))).await?;
        delete_replaced(work, &replaced).await;
        Ok(())
    }

    async fn fail(&self, work: &Work, reason: &str) -> Result<(), Stop> {
        let Some((at, mut job)) = work.load::<BatchInferenceJob>(&work.job.resource_arn).await? else {
            return work.finish(vec![], vec![]).await;
        };
        job.status = Status::CreateFailed;
        job.failure_reason = Some(reason.to_owned());
        job.updated_ms = work.ctx.now();
        let unchanged = Precondition::Version(records::key::<BatchInferenceJob>(&job.arn), at);
        work.finish(vec![unchanged], vec![records::put(&job)?]).await
    }

    async fn clean_up(&self, work: &Work) {
        let removed = async {
            let job = records::load::<BatchInferenceJob>(&*work.ctx.records, &work.job.resource_arn).await?;
            match job.map(|(_, job)| S3Path::parse_folder("path", &job.output.path)) {
                Some(Ok(folder)) => remove_unpublished(work, &folder).await,
                _ => Ok(()),
            }
        };
        if let Err(error) = removed.await {
            tracing::warn!(job = work.job.id, %error, "files of the batch job remain until the next start");
        }
    }
}

async fn start(work: &Work) -> Result<BatchInferenceJob, Stop> {
    let Some((at, mut job)) = work.load::<BatchInferenceJob>(&work.job.resource_arn).await? else {
        work.finish(vec![], vec![]).await?;
        return Err(Stop::Lost);
    };
    job.status = Status::CreateInProgress;
    job.updated_ms = work.ctx.now();
    let unchanged = Precondition::Version(records::key::<BatchInferenceJob>(&job.arn), at);
    work.step("start", vec![unchanged], vec![records::put(&job)?]).await?;
    Ok(job)
}

/// What this version cannot do yet fails, rather than give answers that are not what was asked for.
fn refuse_unavailable(job: &BatchInferenceJob) -> Result<(), Stop> {
    let config = job.config.clone().unwrap_or_default();
    let unavailable = [
        ("batchInferenceJobMode THEME_GENERATION", job.mode == BatchInferenceMode::ThemeGeneration),
        ("filterArn of a batch inference job", job.filter_arn.is_some()),
        ("batchInferenceJobConfig.itemExplorationConfig", !config.item_exploration_config.is_empty()),
        ("batchInferenceJobConfig.rankingInfluence", !config.ranking_influence.is_empty()),
    ];
    match unavailable.iter().find(|(_, given)| *given) {
        Some((what, _)) => Err(Stop::Failed(format!("{what} is not available in this version of Tastemaker."))),
        None => Ok(()),
    }
}

/// The files of requests, each by its name below the folder.
async fn resolve(work: &Work, job: &BatchInferenceJob) -> Result<Vec<(String, ObjectRecord)>, Stop> {
    let location = &job.input.path;
    let invalid = |what: String| Stop::Failed(format!("Invalid S3 input path. {what}"));
    let path = S3Path::parse("path", location).map_err(|error| invalid(error.to_string()))?;
    let records = &*work.ctx.records;
    if !objects::bucket_exists(records, &path.bucket).await? {
        return Err(invalid(format!("The bucket '{}' of {location} does not exist.", path.bucket)));
    }
    let found: Vec<(String, ObjectRecord)> = if path.is_folder() {
        let all = objects::list(records, &path.bucket, &path.key).await?;
        let files = all.into_iter().filter(|object| !object.key.ends_with('/'));
        files.map(|object| (object.key[path.key.len()..].to_owned(), object)).collect()
    } else {
        let name = path.key.rsplit('/').next().unwrap_or_default();
        let object = objects::find(records, &path.bucket, &path.key).await?;
        object.map(|(_, object)| (name.to_owned(), object)).into_iter().collect()
    };
    let bytes: u64 = found.iter().map(|(_, object)| object.size_bytes).sum();
    match found.len() {
        0 => Err(invalid(format!("There is nothing at {location}; end the location of a folder with '/'."))),
        files if files > BATCH_FILES_MAX => {
            Err(invalid(format!("{location} has {files} files; at most {BATCH_FILES_MAX} are allowed.")))
        }
        _ if bytes > BATCH_INPUT_BYTES_MAX => Err(invalid(format!(
            "The files of {location} have {bytes} bytes; at most {BATCH_INPUT_BYTES_MAX} are allowed."
        ))),
        _ => Ok(found),
    }
}

/// A recommender that holds this job's model alone, under the job's ARN.
async fn load(work: &Work, job: &BatchInferenceJob) -> Result<Arc<Serving>, Stop> {
    let version = work.load::<SolutionVersion>(&job.solution_version_arn).await?;
    let (_, version) =
        version.ok_or_else(|| Stop::Failed(format!("{} does not exist any more.", job.solution_version_arn)))?;
    let recipe_type = catalogue::by_arn(&version.recipe_arn).map_or("", |recipe| recipe.recipe_type);
    if !matches!(recipe_type, "USER_PERSONALIZATION" | "POPULAR_ITEMS") {
        return Err(Stop::Failed(format!(
            "Batch inference with recipes of type {recipe_type} is not available in this version of Tastemaker."
        )));
    }
    let serving = Arc::new(Serving::new());
    let stream = records::interactions_stream(&job.dataset_group_arn);
    let mut pages = EventsExt::pages(&*work.ctx.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        let events = page.iter().map(|e| records::decode_event(&stream, e)).collect::<Result<Vec<_>, _>>()?;
        serving.observe(&job.dataset_group_arn, &events);
    }
    serving.publish(&job.arn, deploy::snapshot_of(&work.ctx, &job.dataset_group_arn, &version.arn).await?);
    Ok(serving)
}

/// What a line asks for.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "userId")]
    user_id: Option<String>,
}

/// A line of output: the request as it was given, and either side of its result.
#[derive(Serialize)]
struct Line<'a> {
    input: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Output>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Output {
    #[serde(rename = "recommendedItems")]
    recommended_items: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Vec<f64>>,
}

/// Answers a file of requests.
async fn answer(
    work: &Work,
    job: &BatchInferenceJob,
    serving: &Arc<Serving>,
    source: &ObjectRecord,
    key: String,
    blob: String,
) -> Result<ObjectRecord, Stop> {
    let file = BlobFile::open(work.ctx.blobs.clone(), &source.blob).await?;
    let (serving, job, ctx, cancel) = (serving.clone(), job.clone(), work.ctx.clone(), work.cancel.clone());
    let (name, size, handle) = (source.key.clone(), source.size_bytes, Handle::current());
    let done = blocking(move || {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(ctx.threads.max(1))
            .build()
            .map_err(|error| Error::backend("threads", error))?;
        let mut input = BufReader::with_capacity(1 << 20, file);
        let mut output = OutputFile::create(&*ctx.blobs, key, blob, handle)?;
        let (mut lines, mut bytes) = (0u64, 0u64);
        loop {
            if cancel.is_cancelled() {
                return Err(Stop::Shutdown);
            }
            let piece = read_piece(&mut input, &name, lines).map_err(|error| match error {
                Broken::Rule(text) => Stop::Failed(text),
                Broken::Io(error) => Stop::Retry(Error::backend("blobs", error)),
            })?;
            if piece.is_empty() {
                break;
            }
            lines += piece.len() as u64;
            bytes += piece.iter().map(|line| line.len() as u64 + 1).sum::<u64>();
            let answers: Vec<String> =
                pool.install(|| piece.par_iter().map(|line| answer_line(&serving, &job, line)).collect());
            for answer in answers {
                output.write_all(answer.as_bytes()).map_err(|error| Error::backend("blobs", error))?;
            }
            let note = format!("{name}: {lines} requests");
            (ctx.progress)(
                &job.arn,
                &Progress { stage: "infer", done: bytes, total: size.max(bytes), note, epoch: None },
            );
        }
        Ok(output.finish("application/json", &job.arn, ctx.now())?)
    });
    done.await?
}

enum Broken {
    Rule(String),
    Io(std::io::Error),
}

/// The next requests, without line ends and empty lines; none at the end.
fn read_piece(input: &mut impl BufRead, name: &str, before: u64) -> Result<Vec<Vec<u8>>, Broken> {
    let mut piece = Vec::new();
    while piece.len() < PIECE_LINES {
        let mut line = Vec::new();
        let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(Broken::Io)?;
        if read == 0 {
            break;
        }
        if read as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
            let number = before + piece.len() as u64 + 1;
            return Err(Broken::Rule(format!(
                "{name} request {number}: a request must be one line of at most {LINE_BYTES_MAX} bytes."
            )));
        }
        while line.last().is_some_and(|b| b.is_ascii_whitespace()) {
            line.pop();
        }
        if !line.is_empty() {
            piece.push(line);
        }
    }
    Ok(piece)
}

/// The line that answers a request.
fn answer_line(serving: &Serving, job: &BatchInferenceJob, line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let result = recommend(serving, job, &text);
    // What is no JSON is given back as a text.
    let input = serde_json::from_str::<Box<RawValue>>(text.trim()).or_else(|_| serde_json::value::to_raw_value(&text));
    let (output, error) = match result {
        Ok(output) => (Some(output), None),
        Err(error) => (None, Some(error)),
    };
    let written = input.and_then(|input| serde_json::to_string(&Line { input: &input, output, error }));
    written.unwrap_or_else(|error| format!("{{\"error\":{:?}}}", error.to_string())) + "\n"
}

fn recommend(serving: &Serving, job: &BatchInferenceJob, text: &str) -> Result<Output, String> {
    let request: Request = serde_json::from_str(text).map_err(|error| format!("not a request in JSON: {error}"))?;
    let user_id = request.user_id.ok_or("userId is required")?;
    let chars = user_id.chars().count();
    if !(1..=ID_CHARS_MAX).contains(&chars) {
        return Err(format!("userId must have 1 to {ID_CHARS_MAX} characters, not {chars}"));
    }
    let query = RecommendationQuery {
        campaign_arn: job.arn.clone(),
        user_id: Some(user_id),
        num_results: job.num_results as usize,
        ..RecommendationQuery::default()
    };
    let list = serving.recommend(&query).map_err(|error| error.to_string())?;
    // Seven decimals, as in real-time answers.
    let rounded = |score: f64| (score * 1e7).round() / 1e7;
    let scores: Option<Vec<f64>> = list.items.iter().map(|item| item.score.map(rounded)).collect();
    let recommended_items: Vec<String> = list.items.into_iter().map(|item| item.item_id).collect();
    Ok(Output { scores: scores.filter(|scores| !scores.is_empty()), recommended_items })
}

/// Makes the files visible; returns the blobs of those they replace.
async fn publish(work: &Work, output: &S3Path, files: &[ObjectRecord]) -> Result<Vec<String>, Stop> {
    let Some((at, mut job)) = work.load::<BatchInferenceJob>(&work.job.resource_arn).await? else {
        work.finish(vec![], vec![]).await?;
        return Err(Stop::Lost);
    };
    folder(work, &job.output.path).await?;
    let mut publication = Publication::of(work, &output.bucket, files).await?;
    job.status = Status::Active;
    job.failure_reason = None;
    job.updated_ms = work.ctx.now();
    publication.preconditions.push(Precondition::Version(records::key::<BatchInferenceJob>(&job.arn), at));
    publication.writes.push(records::put(&job)?);
    work.finish(publication.preconditions, publication.writes).await?;
    Ok(publication.replaced)
}

//! Batch inference jobs: for every line of JSON in the input a line of JSON with recommendations, in the same order.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. load: the model as a snapshot of this job's own, and the group's streamed events over it
//! 3. answer: each file in pieces, a piece spread over threads, into a blob of this attempt
//! 4. publish: one commit makes the files visible, the job ACTIVE and ends it
//!
//! Answers are those of GetRecommendations at the time of the job. A request that cannot be answered gives a line with its
//! error and does not end the job.

use super::batch_files::{self, bulk_interactions};
use super::{Kind, batch_lifecycle};
use crate::deployer::open::snapshot_of;
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::s3_files::{OutputFile, delete_replaced, folder};
use crate::stop::Stop;
use crate::tables;
use async_trait::async_trait;
use futures::TryStreamExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::sync::Arc;
use tastemaker_domain::Member;
use tastemaker_domain::limits::{ID_CHARS_MAX, NUM_RESULTS_MAX};
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::recommendation::{FilterUse, RankingQuery, RecommendationQuery};
use tastemaker_domain::resource::{BatchInferenceJob, BatchInferenceMode, Filter, JobKind, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::{Progress, thread_pool};
use tastemaker_serving::{Serving, SnapshotHandle};
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, Error, EventsExt, Transaction, records};
use tokio::runtime::Handle;

/// Requests that are answered at once.
const PIECE_LINES: usize = 1024;

pub(super) struct BatchInference;

#[async_trait]
impl Kind for BatchInference {
    fn kind(&self) -> JobKind {
        JobKind::BatchInference
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let job = work.transact(|tx| batch_lifecycle::start::<BatchInferenceJob>(work, tx)).await?;
        refuse_unavailable(&job)?;
        let output = folder(work, &job.output.path).await?;
        let sources = batch_files::resolve(work, &job.input.path).await?;
        let snapshot = load(work, &job).await?;
        let mut files = Vec::with_capacity(sources.len());
        for (n, (name, source)) in sources.into_iter().enumerate() {
            let key = format!("{}{name}.out", output.key);
            let blob = format!("{}{}/{n}", work.blob_prefix("s3"), work.job.attempts);
            files.push(answer(work, &job, &snapshot, &source, key, blob).await?);
        }
        let replaced =
            work.transact(|tx| batch_lifecycle::publish::<BatchInferenceJob>(work, tx, &output, &files)).await?;
        delete_replaced(work, &replaced).await;
        Ok(())
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        batch_lifecycle::fail::<BatchInferenceJob>(work, tx, reason).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        batch_lifecycle::clean_up::<BatchInferenceJob>(work).await;
    }
}

/// The refusal of what this version cannot do yet, rather than answers that are not what was asked for.
fn refuse_unavailable(job: &BatchInferenceJob) -> Result<(), Stop> {
    match job.mode {
        BatchInferenceMode::ThemeGeneration => Err(Stop::Failed(format!(
            "{} THEME_GENERATION is not available in this version of Tastemaker.",
            Member::BatchInferenceJobMode
        ))),
        BatchInferenceMode::BatchInference => Ok(()),
    }
}

/// The registry that answers: this job's model alone, under the job's ARN, with what a filter needs.
async fn load(work: &LeasedJob, job: &BatchInferenceJob) -> Result<SnapshotHandle, Stop> {
    let version = work.load::<SolutionVersion>(&job.solution_version_arn).await?;
    let (_, version) =
        version.ok_or_else(|| Stop::Failed(format!("{} does not exist any more.", job.solution_version_arn)))?;
    let group = &job.dataset_group_arn;
    let serving = Serving::new();
    let stream = records::interactions_stream(group);
    let mut pages = EventsExt::pages(&*work.ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        let decode = |e| skip_damaged(damage::Kind::Event, records::decode_event(&stream, e)).transpose();
        let events = page.iter().filter_map(decode).collect::<Result<Vec<_>, _>>()?;
        serving.observe(group, &events);
    }
    for dataset_type in [DatasetType::Items, DatasetType::Users] {
        if let Some(records) = tables::load(&work.ctx, group, dataset_type).await? {
            serving.streamed.publish_table(group, dataset_type, Arc::new(records.table), records.upto);
        }
    }
    if let Some(arn) = &job.filter_arn {
        let found = work.load::<Filter>(arn).await?;
        let (_, filter) = found.ok_or_else(|| Stop::Failed(format!("{arn} does not exist any more.")))?;
        let expression = tastemaker_filter::parse(&filter.expression)
            .map_err(|error| Stop::Failed(format!("{arn} cannot be read at position {}.", error.position())))?;
        if expression.uses_interactions() {
            let bulk = bulk_interactions(work, group).await?;
            serving.streamed.publish_interactions(group, Some(Arc::new(bulk)));
        }
        serving.filters.publish(group, arn, expression);
    }
    let config = job.config.clone().unwrap_or_default();
    let snapshot = snapshot_of(&work.ctx, group, &version.arn, &config).await?;
    serving.campaigns.publish(&job.arn, snapshot);
    serving.snapshot(&job.arn).map_err(|error| Stop::Failed(error.to_string()))
}

/// The request in a line.
#[derive(Deserialize)]
struct InferenceRequest {
    #[serde(rename = "userId")]
    user_id: Option<String>,
    #[serde(rename = "itemId")]
    item_id: Option<String>,
    #[serde(rename = "itemList")]
    item_list: Option<Vec<String>>,
    #[serde(default)]
    context: BTreeMap<String, String>,
    #[serde(rename = "filterValues", default)]
    filter_values: BTreeMap<String, String>,
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
    work: &LeasedJob,
    job: &BatchInferenceJob,
    snapshot: &SnapshotHandle,
    source: &ObjectRecord,
    key: String,
    blob: String,
) -> Result<ObjectRecord, Stop> {
    let file = BlobFile::open(work.ctx.stores.blobs.clone(), &source.blob).await?;
    let (snapshot, job, ctx, cancel) = (snapshot.clone(), job.clone(), work.ctx.clone(), work.cancel.clone());
    let (name, size, handle) = (source.key.clone(), source.size_bytes, Handle::current());
    let done = at_low_priority(move || {
        let pool = thread_pool(ctx.threads).map_err(|error| Error::backend("threads", error))?;
        let mut input = BufReader::with_capacity(1 << 20, file);
        let mut output = OutputFile::create(&*ctx.stores.blobs, key, blob, handle)?;
        let (mut lines, mut bytes) = (0u64, 0u64);
        loop {
            if cancel.is_cancelled() {
                return Err(Stop::Shutdown);
            }
            let piece = batch_files::read_piece(&mut input, &name, lines, PIECE_LINES)?;
            if piece.is_empty() {
                break;
            }
            lines += piece.len() as u64;
            bytes += piece.iter().map(|line| line.len() as u64 + 1).sum::<u64>();
            let one = |line: &Vec<u8>| batch_files::answer(line, recommend(&snapshot, &job, line));
            let answers: Vec<String> = pool.install(|| piece.par_iter().map(one).collect());
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

fn recommend(snapshot: &SnapshotHandle, job: &BatchInferenceJob, line: &[u8]) -> Result<Output, String> {
    let request: InferenceRequest =
        serde_json::from_slice(line).map_err(|error| format!("not a request in JSON: {error}"))?;
    let recipe = snapshot.recipe();
    let user_id = id(Member::UserId, request.user_id)?;
    let item_id = id(Member::ItemId, request.item_id)?;
    let filter = match (&job.filter_arn, request.filter_values) {
        (Some(arn), values) => Some(FilterUse { arn: arn.clone(), values }),
        (None, values) if values.is_empty() => None,
        (None, _) => {
            return Err(format!("{} are given, but the job has no {}", Member::FilterValues, Member::FilterArn));
        }
    };
    let required = |name: Member, given: bool| if given { Ok(()) } else { Err(format!("{name} is required")) };
    let list = if recipe.inference() == Inference::Ranking {
        required(Member::UserId, user_id.is_some())?;
        let item_ids = request.item_list.filter(|list| !list.is_empty());
        let item_ids = item_ids.ok_or_else(|| format!("{} is required", Member::ItemList))?;
        if item_ids.len() > NUM_RESULTS_MAX {
            return Err(format!(
                "{} has {} items; at most {NUM_RESULTS_MAX} are allowed",
                Member::ItemList,
                item_ids.len()
            ));
        }
        let user_id = user_id.unwrap_or_default();
        let query = RankingQuery {
            campaign_arn: job.arn.clone(),
            user_id,
            item_ids,
            filter,
            context: request.context,
            ..RankingQuery::default()
        };
        snapshot.rank(&query)
    } else {
        required(Member::UserId, user_id.is_some() || !recipe.needs_user)?;
        required(Member::ItemId, item_id.is_some() || !recipe.needs_item)?;
        snapshot.recommend(&RecommendationQuery {
            campaign_arn: job.arn.clone(),
            user_id,
            item_id,
            num_results: job.num_results as usize,
            filter,
            context: request.context,
            ..RecommendationQuery::default()
        })
    };
    let list = list.map_err(|error| error.to_string())?;
    // Seven decimals, as in real-time answers; items without a score end a ranking.
    let rounded = |score: f64| (score * 1e7).round() / 1e7;
    let scores: Vec<f64> = list.items.iter().map_while(|item| item.score.map(rounded)).collect();
    let recommended_items: Vec<String> = list.items.into_iter().map(|item| item.item_id).collect();
    Ok(Output { scores: Some(scores).filter(|scores| !scores.is_empty()), recommended_items })
}

/// An id of a request, if it is given and may be one.
fn id(name: Member, id: Option<String>) -> Result<Option<String>, String> {
    let chars = id.as_deref().map_or(1, |id| id.chars().count());
    match (1..=ID_CHARS_MAX).contains(&chars) {
        true => Ok(id),
        false => Err(format!("{name} must have 1 to {ID_CHARS_MAX} characters, not {chars}")),
    }
}

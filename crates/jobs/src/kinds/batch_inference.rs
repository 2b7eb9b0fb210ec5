//! Batch inference jobs: for every line of JSON in the input a line of JSON with recommendations, in the same order.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. load: the model as a snapshot of this job's own, and the group's streamed events over it
//! 3. answer: each file in blocks of [`BLOCK_LINES`] requests, a block spread over threads, into a blob that stays until the job ends
//! 4. join: the blocks of each file, into a blob of this attempt
//! 5. publish: one commit makes the files visible, the job ACTIVE and ends it
//!
//! In the mode THEME_GENERATION each list has a theme ([`Themes`]) and is in the order of the items' relevance to it.
//!
//! Answers are those of GetRecommendations at the time of the job's first attempt. A request that cannot be answered gives a line with
//! its error and does not end the job. Memory holds the model, a block of requests and its answers, whatever the size of the input.

use super::batch_blocks::{FinishedBlocks, Plan};
use super::batch_files::{self, bulk_interactions};
use super::batch_themes::{self, ThemedList, Themes};
use super::{Kind, batch_lifecycle};
use crate::blobs::dataset_arn;
use crate::context::Settings;
use crate::deployer::open::snapshot_of;
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::progress_log::ProgressLog;
use crate::s3_files::{OutputFile, delete_replaced, deliver, may_write, writable_folder};
use crate::stop::Stop;
use crate::tables;
use async_trait::async_trait;
use futures::TryStreamExt;
use rayon::ThreadPool;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_domain::Member;
use tastemaker_domain::limits::{ID_CHARS_MAX, NUM_RESULTS_MAX};
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::recommendation::{FilterUse, RankingQuery, RecommendationList, RecommendationQuery};
use tastemaker_domain::resource::{BatchInferenceJob, BatchInferenceMode, Dataset, Filter, JobKind, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::sentences;
use tastemaker_learn::{Progress, thread_pool};
use tastemaker_serving::{ManyQueries, Serving, SnapshotHandle};
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, Error, EventsExt, Transaction, records};
use tokio::runtime::Handle;

/// Requests of a block: what is done anew at most after a kill.
const BLOCK_LINES: usize = 4096;
/// Requests that a thread answers together.
const TASK_LINES: usize = 512;
/// The pause between two looks at the progress for people who ask for the job.
const NOTE_EVERY: Duration = Duration::from_secs(5);
/// The counter of answered requests,
const ANSWERED: &str = "tastemaker_batch_requests_total";
/// and the gauge of the part of its input that the job under way has read; a process has one at a time.
const PART_DONE: &str = "tastemaker_batch_part_done";

pub(super) struct BatchInference;

#[async_trait]
impl Kind for BatchInference {
    fn kind(&self) -> JobKind {
        JobKind::BatchInference
    }

    fn concurrency(&self, _: &Settings) -> usize {
        1
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let job = work.transact(|tx| batch_lifecycle::start::<BatchInferenceJob>(work, tx)).await?;
        let output = writable_folder(work, &job.output.path).await?;
        let sources = batch_files::resolve(work, &job.input.path, &job.role_arn).await?;
        let names: Vec<String> = sources.iter().map(|(name, _)| format!("{}{name}.out", output.key)).collect();
        may_write(work, &output, names.iter().map(String::as_str), &job.role_arn).await?;
        let mut blocks = FinishedBlocks::open(work, &basis(work, &job, &sources).await?).await?;
        let Loaded { snapshot, plan, themes } = load(work, &job, &sources, blocks.upto()).await?;
        blocks.keep(work, plan).await?;
        let bytes = sources.iter().map(|(_, source)| source.size_bytes).sum();
        let mut run = Run { work, job: &job, snapshot, themes, blocks, shown: Shown::new(bytes) };
        let mut files = Vec::with_capacity(sources.len());
        for (n, (name, source)) in sources.iter().enumerate() {
            let count = run.answer(n, source).await?;
            let key = format!("{}{name}.out", output.key);
            files.push(run.join(n, count, key).await?);
        }
        metrics::gauge!(PART_DONE).set(1.0);
        deliver(work, &output, &files, None, &job.role_arn).await?;
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

/// The inputs of the answers besides the streams; see [`Plan::basis`].
async fn basis(
    work: &LeasedJob,
    job: &BatchInferenceJob,
    sources: &[(String, ObjectRecord)],
) -> Result<Vec<String>, Stop> {
    let version = work.load::<SolutionVersion>(&job.solution_version_arn).await?;
    let artifact = version.and_then(|(_, version)| version.artifact_key).unwrap_or_default();
    let mut basis = vec![format!("model {artifact}"), format!("block {BLOCK_LINES}")];
    basis.extend(sources.iter().map(|(name, source)| format!("input {name} {} {}", source.blob, source.size_bytes)));
    for dataset_type in [DatasetType::Interactions, DatasetType::Items, DatasetType::Users] {
        let found = work.load::<Dataset>(&dataset_arn(&job.dataset_group_arn, dataset_type)).await?;
        let files = found.map(|(_, dataset)| dataset.bulk_files).unwrap_or_default();
        basis.push(format!("{} {}", dataset_type.as_str(), files.join(" ")));
    }
    if job.mode == BatchInferenceMode::ThemeGeneration {
        let writer = work.ctx.theme_writer.as_ref().map(|writer| writer.name());
        basis.push(format!("themes {:?} {writer:?}", job.theme_item_name));
    }
    if let Some(arn) = &job.filter_arn {
        let expression = work.load::<Filter>(arn).await?.map(|(_, filter)| filter.expression);
        basis.push(format!("filter {}", expression.unwrap_or_default()));
    }
    Ok(basis)
}

/// The model, plan and themes that a job answers from.
struct Loaded {
    snapshot: SnapshotHandle,
    plan: Plan,
    /// In the mode THEME_GENERATION.
    themes: Option<Themes>,
}

/// The registry that answers: this job's model alone, under the job's ARN, with what a filter needs. Streams are read up to
/// `upto`, or as far as they reach; the plan says how far that was.
async fn load(
    work: &LeasedJob,
    job: &BatchInferenceJob,
    sources: &[(String, ObjectRecord)],
    upto: Option<&BTreeMap<String, u64>>,
) -> Result<Loaded, Stop> {
    let mut plan = Plan { basis: basis(work, job, sources).await?, upto: BTreeMap::new() };
    // A stream that an earlier attempt found empty has no position.
    let until = |stream: &str| upto.map_or(u64::MAX, |upto| upto.get(stream).copied().unwrap_or(0));
    let version = work.load::<SolutionVersion>(&job.solution_version_arn).await?;
    let (_, version) =
        version.ok_or_else(|| Stop::Failed(format!("{} does not exist any more.", job.solution_version_arn)))?;
    let group = &job.dataset_group_arn;
    let serving = Serving::new();
    let stream = records::interactions_stream(group);
    let last = until(&stream);
    let mut pages = EventsExt::pages(&*work.ctx.stores.events, &stream, 0);
    while let Some(page) = pages.try_next().await? {
        let page: Vec<_> = page.into_iter().take_while(|stored| stored.position <= last).collect();
        let Some(newest) = page.last() else { break };
        plan.upto.insert(stream.clone(), newest.position);
        let decode = |e| skip_damaged(damage::Kind::Event, records::decode_event(&stream, e)).transpose();
        let events = page.iter().filter_map(decode).collect::<Result<Vec<_>, _>>()?;
        serving.observe(group, &events);
    }
    let mut themes = None;
    for dataset_type in [DatasetType::Items, DatasetType::Users] {
        let stream = records::rows_stream(&dataset_arn(group, dataset_type));
        let loaded = tables::load_until(&work.ctx, group, dataset_type, until(&stream)).await?;
        if let Some(records) = loaded {
            plan.upto.insert(stream, records.upto);
            let table = Arc::new(records.table);
            if let Some(column) = job.theme_item_name.as_ref().filter(|_| dataset_type == DatasetType::Items) {
                let (writer, cancel) = (work.ctx.theme_writer.clone(), work.cancel.clone());
                let traceparent =
                    work.ctx.tracer.as_ref().and_then(|tracer| tracer.traceparent(&work.job.resource_arn));
                themes = Some(Themes::of(table.clone(), &records.schema, column, writer, cancel)?.traced(traceparent));
            }
            serving.streamed.publish_table(group, dataset_type, table, records.upto);
        }
    }
    if job.mode == BatchInferenceMode::ThemeGeneration && themes.is_none() {
        return Err(Stop::Failed(format!(
            "{} THEME_GENERATION needs an Items dataset and the column with names; {group} has none of them any more.",
            Member::BatchInferenceJobMode
        )));
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
    let snapshot = serving.snapshot(&job.arn).map_err(|error| Stop::Failed(error.to_string()))?;
    Ok(Loaded { snapshot, plan, themes })
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
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
    #[serde(rename = "itemsThemeRelevanceScores", skip_serializing_if = "Option::is_none")]
    relevance: Option<Vec<f64>>,
}

/// A job whose model is loaded.
struct Run<'a> {
    work: &'a LeasedJob,
    job: &'a BatchInferenceJob,
    snapshot: SnapshotHandle,
    themes: Option<Themes>,
    blocks: FinishedBlocks,
    shown: Shown,
}

/// The progress as people see it.
struct Shown {
    log: ProgressLog,
    noted: Instant,
    requests: u64,
    bytes: u64,
    total: u64,
}

/// A file of requests and the threads that answer them.
struct Requests {
    input: Box<dyn BufRead + Send>,
    name: String,
    lines: u64,
    pool: Arc<ThreadPool>,
}

/// One block: its answers, none where it was finished before, and what it took from the input.
struct Block {
    answers: Option<Vec<u8>>,
    requests: u64,
    bytes: u64,
}

impl Run<'_> {
    /// Answers a file of requests block by block; returns the number of blocks.
    async fn answer(&mut self, file: usize, source: &ObjectRecord) -> Result<usize, Stop> {
        let ctx = &self.work.ctx;
        let blob = BlobFile::open(ctx.sources(), &source.blob).await?;
        let (threads, name) = (ctx.threads, source.key.clone());
        let opened = at_low_priority(move || {
            let pool = thread_pool(threads).map_err(|error| Error::backend("threads", error))?;
            let input = batch_files::open(blob, &name)?;
            Ok::<_, Stop>(Requests { input, name, lines: 0, pool: Arc::new(pool) })
        });
        let mut requests = opened.await??;
        let mut block = 0;
        loop {
            if self.work.cancel.is_cancelled() {
                return Err(Stop::Shutdown);
            }
            let (key, is_done) = self.blocks.block(file, block);
            let (snapshot, job, themes) = (self.snapshot.clone(), self.job.clone(), self.themes.clone());
            let answered = at_low_priority(move || {
                let block = requests.next_block(&snapshot, &job, themes.as_ref(), is_done);
                (requests, block)
            });
            let (read, answered) = answered.await?;
            requests = read;
            let Block { answers, requests: count, bytes } = answered?;
            if count == 0 {
                return Ok(block);
            }
            if let Some(answers) = answers {
                self.work.ctx.stores.blobs.put(&key, answers.into()).await?;
                metrics::counter!(ANSWERED, "kind" => self.work.job.kind.as_str()).increment(count);
            }
            self.show(count, bytes).await?;
            block += 1;
        }
    }

    /// Tells the log, the metrics and those who ask for the job how far it has come.
    async fn show(&mut self, requests: u64, bytes: u64) -> Result<(), Stop> {
        let (work, job, shown) = (self.work, self.job, &mut self.shown);
        shown.requests += requests;
        shown.bytes += bytes;
        let note = sentences::ANSWERED.with(&[&shown.requests]);
        let (done, total) = (shown.bytes, shown.total.max(shown.bytes));
        let progress = Progress { stage: "infer", done, total, note, epoch: None };
        (work.ctx.progress)(&job.arn, &progress);
        shown.log.note_batch(&job.arn, &progress);
        let part = done as f64 / total.max(1) as f64;
        metrics::gauge!(PART_DONE).set(part);
        if shown.noted.elapsed() >= NOTE_EVERY {
            shown.noted = Instant::now();
            let text = format!("In progress: {}, {:.0} % of the input.", progress.note, 100.0 * part);
            work.transact(|tx| batch_lifecycle::note::<BatchInferenceJob>(work, tx, &text)).await?;
        }
        Ok(())
    }

    /// The blocks of a file as one object.
    async fn join(&self, file: usize, blocks: usize, key: String) -> Result<ObjectRecord, Stop> {
        let (ctx, handle) = (self.work.ctx.clone(), Handle::current());
        let blob = format!("{}/{file}", self.work.blob_folder("s3"));
        let parts: Vec<String> = (0..blocks).map(|block| self.blocks.block(file, block).0).collect();
        let written_for = self.job.arn.clone();
        let joined = at_low_priority(move || {
            let mut output = OutputFile::create(&*ctx.stores.blobs, key, blob, handle.clone())?;
            for part in parts {
                let mut part = BlobFile::open_blocking(ctx.stores.blobs.clone(), &part, handle.clone())?;
                std::io::copy(&mut part, &mut output).map_err(|error| Error::backend("blobs", error))?;
            }
            output.finish("application/json", &written_for, ctx.now())
        });
        Ok(joined.await??)
    }
}

impl Shown {
    fn new(total: u64) -> Self {
        Self { log: ProgressLog::default(), noted: Instant::now(), requests: 0, bytes: 0, total }
    }
}

impl Requests {
    /// Reads the next block, and answers it unless it is finished.
    fn next_block(
        &mut self,
        snapshot: &SnapshotHandle,
        job: &BatchInferenceJob,
        themes: Option<&Themes>,
        is_done: bool,
    ) -> Result<Block, Stop> {
        let most = if themes.is_some() { batch_themes::LINES_MAX + 1 } else { BLOCK_LINES };
        let lines = batch_files::read_piece(&mut self.input, &self.name, self.lines, most)?;
        self.lines += lines.len() as u64;
        if themes.is_some() && self.lines > batch_themes::LINES_MAX as u64 {
            return Err(Stop::Failed(format!(
                "{} has more than {} requests, which is the most that a file may have in {} THEME_GENERATION. Use several \
                 files.",
                self.name,
                batch_themes::LINES_MAX,
                Member::BatchInferenceJobMode
            )));
        }
        let bytes = lines.iter().map(|line| line.len() as u64 + 1).sum();
        let answers = match (is_done || lines.is_empty(), themes) {
            (true, _) => None,
            (false, None) => Some(answers(&self.pool, snapshot, job, &lines)),
            (false, Some(themes)) => Some(themed_answers(&self.pool, snapshot, job, themes, &lines)?),
        };
        Ok(Block { answers, requests: lines.len() as u64, bytes })
    }
}

/// The lines of output for a block of requests.
fn answers(pool: &ThreadPool, snapshot: &SnapshotHandle, job: &BatchInferenceJob, lines: &[Vec<u8>]) -> Vec<u8> {
    let asked: Vec<Result<Query, String>> = lines.iter().map(|line| parse(snapshot, job, line)).collect();
    let many = many(snapshot, &asked);
    let task = |(lines, asked): (&[Vec<u8>], &[Result<Query, String>])| {
        let lists = lists(snapshot, &many, asked);
        let texts = lines.iter().zip(lists).map(|(line, list)| batch_files::answer(line, list.map(output)));
        texts.collect::<String>()
    };
    let size = lines.len().div_ceil(pool.current_num_threads().max(1)).clamp(1, TASK_LINES);
    let texts: Vec<String> = pool.install(|| lines.par_chunks(size).zip(asked.par_chunks(size)).map(task).collect());
    texts.concat().into_bytes()
}

/// The same with themes.
fn themed_answers(
    pool: &ThreadPool,
    snapshot: &SnapshotHandle,
    job: &BatchInferenceJob,
    themes: &Themes,
    lines: &[Vec<u8>],
) -> Result<Vec<u8>, Stop> {
    let asked: Vec<Result<Query, String>> = lines.iter().map(|line| parse(snapshot, job, line)).collect();
    let lists = lists(snapshot, &many(snapshot, &asked), &asked);
    let themed = pool.install(|| themes.with_themes(lists))?;
    let texts = lines.iter().zip(themed).map(|(line, list)| batch_files::answer(line, list.map(themed_output)));
    Ok(texts.collect::<String>().into_bytes())
}

fn many<'a>(snapshot: &'a SnapshotHandle, asked: &[Result<Query, String>]) -> ManyQueries<'a> {
    let users = asked.iter().filter_map(|asked| match asked {
        Ok(Query::Recommend(query)) => Some(query.user_id.as_deref().unwrap_or_default()),
        _ => None,
    });
    snapshot.for_many(users)
}

/// The list of each request, or why there is none.
fn lists(
    snapshot: &SnapshotHandle,
    many: &ManyQueries<'_>,
    asked: &[Result<Query, String>],
) -> Vec<Result<RecommendationList, String>> {
    let wanted = asked.iter().filter_map(|asked| match asked {
        Ok(Query::Recommend(query)) => Some(query.clone()),
        _ => None,
    });
    let mut lists = many.recommend(&wanted.collect::<Vec<_>>()).into_iter();
    let list = |asked: &Result<Query, String>| match asked {
        Ok(Query::Recommend(_)) => match lists.next() {
            Some(list) => list.map_err(|error| error.to_string()),
            None => Err("no list was made".to_owned()),
        },
        Ok(Query::Rank(query)) => snapshot.rank(query).map_err(|error| error.to_string()),
        Err(error) => Err(error.clone()),
    };
    asked.iter().map(list).collect()
}

/// The question of a request.
enum Query {
    Recommend(RecommendationQuery),
    Rank(RankingQuery),
}

/// The question that a line asks, or the rule that it breaks.
fn parse(snapshot: &SnapshotHandle, job: &BatchInferenceJob, line: &[u8]) -> Result<Query, String> {
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
    if recipe.inference() == Inference::Ranking {
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
        return Ok(Query::Rank(RankingQuery {
            campaign_arn: job.arn.clone(),
            user_id,
            item_ids,
            filter,
            context: request.context,
            ..RankingQuery::default()
        }));
    }
    required(Member::UserId, user_id.is_some() || !recipe.needs_user)?;
    required(Member::ItemId, item_id.is_some() || !recipe.needs_item)?;
    Ok(Query::Recommend(RecommendationQuery {
        campaign_arn: job.arn.clone(),
        user_id,
        item_id,
        num_results: job.num_results as usize,
        filter,
        context: request.context,
        ..RecommendationQuery::default()
    }))
}

/// The list as it is written.
fn output(list: RecommendationList) -> Output {
    // Seven decimals, as in real-time answers; items without a score end a ranking.
    let rounded = |score: f64| (score * 1e7).round() / 1e7;
    let scores: Vec<f64> = list.items.iter().map_while(|item| item.score.map(rounded)).collect();
    let recommended_items: Vec<String> = list.items.into_iter().map(|item| item.item_id).collect();
    let scores = Some(scores).filter(|scores| !scores.is_empty());
    Output { scores, recommended_items, theme: None, relevance: None }
}

fn themed_output(list: ThemedList) -> Output {
    let ThemedList { items: recommended_items, theme, relevance } = list;
    Output { recommended_items, scores: None, theme: Some(theme), relevance: Some(relevance) }
}

/// An id of a request, if it is given and may be one.
fn id(name: Member, id: Option<String>) -> Result<Option<String>, String> {
    let chars = id.as_deref().map_or(1, |id| id.chars().count());
    match (1..=ID_CHARS_MAX).contains(&chars) {
        true => Ok(id),
        false => Err(format!("{name} must have 1 to {ID_CHARS_MAX} characters, not {chars}")),
    }
}

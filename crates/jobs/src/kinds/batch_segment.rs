//! Batch segment jobs: for every item, or every description of items, the users who will most likely want it.
//!
//! 1. `start`: CREATE IN_PROGRESS
//! 2. load: the model, the histories beside it and the streamed events that its training read
//! 3. answer: all requests of a file in one pass over the users, into a blob of this attempt
//! 4. publish: one commit makes the files visible, the job ACTIVE and ends it
//!
//! Users are those of the training, less the deleted ones, by what they had done then.

use super::batch_files::{self, bulk_interactions};
use super::{Kind, batch_lifecycle, train};
use crate::blobs::blocking;
use crate::context::Settings;
use crate::deployer::open::artifact_of;
use crate::leased_job::LeasedJob;
use crate::low_priority::at_low_priority;
use crate::s3_files::{OutputFile, delete_replaced, deliver, may_write, writable_folder};
use crate::stop::Stop;
use crate::tables;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use tastemaker_data::{Bitmap, ItemIx, Table};
use tastemaker_domain::Member;
use tastemaker_domain::resource::{BatchSegmentJob, Filter, InteractionEvent, JobKind, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_filter::{Columns, Compiled, Subject, Target, UserEvents, parse};
use tastemaker_learn::Progress;
use tastemaker_learn::sentences::FILE_REQUESTS;
use tastemaker_recipes::{Segmenter, artifact};
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, Error, Transaction};
use tastemaker_training::catalog::{CATALOG_FILE, Catalog};
use tastemaker_training::segmentation::{SegmentOptions, SegmentQuery, UserHistories, attributes, rank};
use tokio::runtime::Handle;

/// Requests of one file, for segments by item and by attributes.
const ITEMS_MAX: usize = 500;
const ATTRIBUTES_MAX: usize = 10;

pub(super) struct BatchSegment;

#[async_trait]
impl Kind for BatchSegment {
    fn kind(&self) -> JobKind {
        JobKind::BatchSegment
    }

    fn concurrency(&self, _: &Settings) -> usize {
        1
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let job = work.transact(|tx| batch_lifecycle::start::<BatchSegmentJob>(work, tx)).await?;
        let output = writable_folder(work, &job.output.path).await?;
        let sources = batch_files::resolve(work, &job.input.path, &job.role_arn).await?;
        let names: Vec<String> = sources.iter().map(|(name, _)| format!("{}{name}.out", output.key)).collect();
        may_write(work, &output, names.iter().map(String::as_str), &job.role_arn).await?;
        let segments = Arc::new(load(work, &job).await?);
        let mut files = Vec::with_capacity(sources.len());
        for (n, (name, source)) in sources.into_iter().enumerate() {
            let key = format!("{}{name}.out", output.key);
            let blob = format!("{}/{n}", work.blob_folder("s3"));
            files.push(answer(work, &job, &segments, &source, key, blob).await?);
        }
        deliver(work, &output, &files, None, &job.role_arn).await?;
        let replaced =
            work.transact(|tx| batch_lifecycle::publish::<BatchSegmentJob>(work, tx, &output, &files)).await?;
        delete_replaced(work, &replaced).await;
        Ok(())
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        batch_lifecycle::fail::<BatchSegmentJob>(work, tx, reason).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        batch_lifecycle::clean_up::<BatchSegmentJob>(work).await;
    }
}

/// The parts that answer a segment job's requests.
struct Segments {
    segmenter: Segmenter,
    items: tastemaker_data::IdMap,
    histories: UserHistories,
    users: Option<Arc<Table>>,
    filter: Option<UserFilter>,
}

/// A filter about users, ready for these users.
struct UserFilter(Compiled);

async fn load(work: &LeasedJob, job: &BatchSegmentJob) -> Result<Segments, Stop> {
    let version = work.load::<SolutionVersion>(&job.solution_version_arn).await?;
    let (_, version) =
        version.ok_or_else(|| Stop::Failed(format!("{} does not exist any more.", job.solution_version_arn)))?;
    let files = artifact_of(&work.ctx, &version).await?;
    let group = &job.dataset_group_arn;
    let users = tables::load(&work.ctx, group, DatasetType::Users).await?.map(|records| Arc::new(records.table));
    let until = version.events_position.unwrap_or(0);
    let (streamed, _) = train::streamed(work, group, Some(until)).await?;
    let unreadable = |error: tastemaker_recipes::Error| {
        Stop::Failed(format!("The model of {} cannot be opened: {error}. Train a new solution version.", version.arn))
    };
    let opened = blocking(move || {
        let segmenter = Segmenter::open(&files)?;
        let catalog = Catalog::from_bytes(artifact::file(&files, CATALOG_FILE)?)?;
        Ok::<_, tastemaker_recipes::Error>((segmenter, catalog))
    });
    let (segmenter, catalog) = opened.await?.map_err(unreadable)?;
    let counts = |event: &&InteractionEvent| train::counts(&version, event);
    let trained_on = streamed.iter().filter(counts).map(|event| (event.user_id.as_str(), event.item_id.as_str()));
    let histories = UserHistories::beside(&catalog, trained_on);
    let filter = match &job.filter_arn {
        Some(arn) => Some(user_filter(work, arn, group, &histories, users.clone(), &streamed).await?),
        None => None,
    };
    Ok(Segments { segmenter, items: catalog.items, histories, users, filter })
}

/// The filter with the columns and events of all users.
async fn user_filter(
    work: &LeasedJob,
    filter_arn: &str,
    group: &str,
    histories: &UserHistories,
    users: Option<Arc<Table>>,
    streamed: &[InteractionEvent],
) -> Result<UserFilter, Stop> {
    let found = work.load::<Filter>(filter_arn).await?;
    let (_, filter) = found.ok_or_else(|| Stop::Failed(format!("{filter_arn} does not exist any more.")))?;
    let expression = parse(&filter.expression)
        .map_err(|error| Stop::Failed(format!("{filter_arn} cannot be read at position {}.", error.position())))?;
    if expression.target != Target::User {
        return Err(Stop::Failed(format!(
            "{filter_arn} is about {}; batch segment jobs take filters about UserID.",
            expression.target.as_str()
        )));
    }
    let mut events = UserEvents::new(histories.len());
    if expression.uses_interactions() {
        let bulk = bulk_interactions(work, group).await?;
        for (user, sequence) in bulk.sequences() {
            if let Some(user) = histories.ids.get(bulk.users.id(user.0)) {
                let types = sequence.event_types.iter().map(|&t| bulk.event_types.id(u32::from(t)));
                types.for_each(|event_type| events.add(user, event_type));
            }
        }
        for event in streamed {
            histories.ids.get(&event.user_id).into_iter().for_each(|user| events.add(user, &event.event_type));
        }
    }
    let columns = Columns::new(users.unwrap_or_default(), "USER_ID", histories.ids.iter());
    Ok(UserFilter(Compiled::for_users(Arc::new(expression), Arc::new(columns), events)))
}

/// The request in a line.
#[derive(Deserialize)]
struct SegmentRequest {
    #[serde(rename = "itemId")]
    item_id: Option<String>,
    #[serde(rename = "itemAttributes")]
    item_attributes: Option<String>,
    #[serde(rename = "filterValues", default)]
    filter_values: BTreeMap<String, String>,
}

/// The vector to rank users by, and the users that the request's filter lets pass.
type Wanted = (Vec<f32>, Option<Bitmap>);

/// A segment under both names that Personalize has for it.
#[derive(Serialize)]
struct Output<'a> {
    /// In the files that Personalize writes.
    #[serde(rename = "usersList")]
    users_list: &'a [&'a str],
    /// In Personalize's documentation.
    #[serde(rename = "recommendedUsers")]
    recommended_users: &'a [&'a str],
}

/// Answers a file of requests.
async fn answer(
    work: &LeasedJob,
    job: &BatchSegmentJob,
    segments: &Arc<Segments>,
    source: &ObjectRecord,
    key: String,
    blob: String,
) -> Result<ObjectRecord, Stop> {
    let file = BlobFile::open(work.ctx.sources(), &source.blob).await?;
    let (segments, job, ctx, cancel) = (segments.clone(), job.clone(), work.ctx.clone(), work.cancel.clone());
    let (name, handle) = (source.key.clone(), Handle::current());
    let done = at_low_priority(move || {
        let mut input = batch_files::open(file, &name)?;
        let most = if segments.segmenter.is_by_attributes() { ATTRIBUTES_MAX } else { ITEMS_MAX };
        let lines = batch_files::read_piece(&mut input, &name, 0, most + 1)?;
        if lines.len() > most {
            let kind = if segments.segmenter.is_by_attributes() { "attributes" } else { "items" };
            return Err(Stop::Failed(format!(
                "{name} has more than {most} requests, which is the most that a file of {kind} may have. Use several files."
            )));
        }
        let requests: Vec<Result<SegmentRequest, String>> = lines
            .iter()
            .map(|line| serde_json::from_slice(line).map_err(|error| format!("not a request in JSON: {error}")))
            .collect();
        let wanted: Vec<Result<Wanted, String>> = requests
            .iter()
            .map(|request| {
                let request = request.as_ref().map_err(String::clone)?;
                Ok((segments.vector(request)?, segments.allowed(&request.filter_values)?))
            })
            .collect();
        let queries: Vec<SegmentQuery> = wanted
            .iter()
            .flatten()
            .map(|(vector, allowed)| SegmentQuery { vector: vector.clone(), allowed: allowed.as_ref() })
            .collect();
        let users = segments.users.as_deref();
        let options = SegmentOptions { most: job.num_results as usize, threads: ctx.threads, cancel: &cancel };
        let ranked = rank(&segments.segmenter, &segments.histories, users, &queries, &options);
        let mut ranked = ranked
            .map_err(|error| match error {
                tastemaker_recipes::Error::Cancelled => Stop::Shutdown,
                other => Stop::Retry(Error::backend("segments", other)),
            })?
            .into_iter();
        let mut output = OutputFile::create(&*ctx.stores.blobs, key, blob, handle)?;
        for (line, wanted) in lines.iter().zip(wanted) {
            let users = match wanted {
                Ok(_) => ranked.next().unwrap_or_default(),
                Err(_) => Vec::new(),
            };
            let ids: Vec<&str> = users.into_iter().map(|user| segments.histories.ids.id(user)).collect();
            let result = wanted.map(|_| Output { users_list: &ids, recommended_users: &ids });
            let text = batch_files::answer(line, result);
            output.write_all(text.as_bytes()).map_err(|error| Error::backend("blobs", error))?;
        }
        let note = FILE_REQUESTS.with(&[&name, &lines.len()]);
        (ctx.progress)(&job.arn, &Progress::of("segment", note));
        Ok(output.finish("application/json", &job.arn, ctx.now())?)
    });
    done.await?
}

impl Segments {
    /// The vector that a request asks about, or what is wrong with it.
    fn vector(&self, request: &SegmentRequest) -> Result<Vec<f32>, String> {
        if self.segmenter.is_by_attributes() {
            let text = request.item_attributes.as_deref().ok_or("itemAttributes is required")?;
            return self.segmenter.attributes(&attributes(text)?).map_err(|error| error.to_string());
        }
        let id = request.item_id.as_deref().ok_or_else(|| format!("{} is required", Member::ItemId))?;
        let item = self.items.get(id).ok_or_else(|| format!("item '{id}' was not in the training data"))?;
        Ok(self.segmenter.item(ItemIx(item)))
    }

    /// The users that the job's filter lets pass with these values.
    fn allowed(&self, values: &BTreeMap<String, String>) -> Result<Option<Bitmap>, String> {
        match &self.filter {
            Some(filter) => filter.0.evaluate(&Subject::default(), values).map(Some).map_err(|error| error.to_string()),
            None if values.is_empty() => Ok(None),
            None => Err(format!("{} are given, but the job has no {}", Member::FilterValues, Member::FilterArn)),
        }
    }
}

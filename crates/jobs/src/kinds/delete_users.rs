//! Deletion of users from all datasets of a group, and from the histories beside its models.
//!
//! 1. `start`: IN_PROGRESS
//! 2. gather: the users of all CSV objects
//! 3. rewrite: bulk files and models' catalogs that have them, without them, under keys of this attempt
//! 4. `published`: one commit puts all of these in force and notes how far each stream is to be cleaned and how many
//!    records the job removes; from here on the users are in a blob, so that the input may go
//! 5. `purged`: streamed records are removed, oldest first, and the users are forgotten by every process that serves
//! 6. finish: COMPLETED
//!
//! Records streamed after the fourth step are new ones and stay. Models keep what they learned until the next training.

use super::{Kind, import};
use crate::blobs::blob_segment;
use crate::blobs::{blocking, dataset_arn};
use crate::context::Settings;
use crate::deleted_users::{self, PURGED, Users};
use crate::deployer::Deployer;
use crate::folded_log;
use crate::leased_job::LeasedJob;
use crate::orphans::{self, ARTIFACTS, DATASETS, DELETIONS};
use crate::stop::Stop;
use crate::streamed::{PAGE_LEN, extent, stream_of};
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tastemaker_compute::{BlobParquet, ImportError, count_users, read_users, remove_users};
use tastemaker_domain::limits::DELETION_INPUT_BYTES_MAX;
use tastemaker_domain::resource::{DataDeletionJob, Dataset, DeletionStatus, JobKind, SolutionVersion};
use tastemaker_domain::schema::DatasetType;
use tastemaker_recipes::artifact::{self, ArtifactFiles};
use tastemaker_store::damage::{self, skip_damaged};
use tastemaker_store::records::{CAMPAIGNS_CHANNEL, NodeRecord, STATISTICS_CHANNEL};
use tastemaker_store::{BlobFile, BlobSink, BlobsExt, Error, Transaction, records};
use tastemaker_training::catalog::{CATALOGS, Catalog};

/// The kind of data deletion jobs.
pub(super) struct DeleteUsers {
    pub deployer: Arc<Deployer>,
}

/// The step after which the bulk data is without the users.
const PUBLISHED: &str = "published";

/// The datasets that have users.
const WITH_USERS: &[DatasetType] = &[DatasetType::Interactions, DatasetType::ActionInteractions, DatasetType::Users];

#[async_trait]
impl Kind for DeleteUsers {
    fn kind(&self) -> JobKind {
        JobKind::DeleteUsers
    }

    fn concurrency(&self, _: &Settings) -> usize {
        1
    }

    async fn run(&self, work: &LeasedJob) -> Result<(), Stop> {
        let mut deletion = work.transact(|tx| load(work, tx)).await?;
        let users = if work.job.step == PUBLISHED || work.job.step == PURGED {
            deleted_users::noted(&work.ctx, &deletion).await?
        } else {
            work.transact(|tx| start(work, tx)).await?;
            let users = gather(work, &deletion).await?;
            let rewritten = rewrite(work, &deletion, &users).await?;
            let replaced;
            (deletion, replaced) = work.transact(|tx| publish(work, tx, &rewritten, &users)).await?;
            for key in replaced {
                if let Err(error) = work.ctx.stores.blobs.delete(&key).await {
                    tracing::warn!(key, %error, "a replaced file remains until the next start");
                }
            }
            users
        };
        for (stream, until) in &deletion.streams {
            purge(work, stream, *until, &users).await?;
        }
        folded_log::forget(&work.ctx, &deletion.dataset_group_arn).await?;
        work.step(PURGED, Transaction::new()).await?;
        self.deployer.refresh(&work.ctx).await?;
        work.ctx.serving.forget_users(&deletion.dataset_group_arn, &users);
        work.ctx.stores.wakeups.notify(CAMPAIGNS_CHANNEL).await;
        let forgotten = |node: &NodeRecord| Ok(node.forgotten.contains(&deletion.arn));
        work.ctx.nodes.await_forgotten(&work.ctx.stores, || work.cancel.is_cancelled(), forgotten).await?;
        work.transact(|tx| finish(work, tx)).await
    }

    async fn fail(&self, work: &LeasedJob, tx: Transaction, reason: &str) -> Result<(), Stop> {
        let Some((at, mut deletion)) = work.load::<DataDeletionJob>(&work.job.resource_arn).await? else {
            return work.finish(tx).await;
        };
        deletion.status = DeletionStatus::Failed;
        deletion.failure_reason = Some(reason.to_owned());
        deletion.users_blob = None;
        deletion.updated_ms = work.ctx.now();
        tx.replace(at, &deletion)?;
        work.finish(tx).await
    }

    async fn clean_up(&self, work: &LeasedJob) {
        let removed = async {
            let found = records::load::<DataDeletionJob>(&*work.ctx.stores.records, &work.job.resource_arn).await?;
            let Some((_, deletion)) = found else { return Ok(()) };
            let mut roots = vec![DELETIONS.trim_end_matches('/').to_owned()];
            roots.extend(WITH_USERS.iter().map(|kind| dataset_root(&deletion.dataset_group_arn, *kind)));
            for version in versions(work, &deletion.dataset_group_arn).await? {
                roots.push(artifact_root(&version.arn));
            }
            for root in roots {
                orphans::remove_unnamed_of(work, &root).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = removed.await {
            tracing::warn!(job = work.job.id, %error, "files of the deletion remain until the next start");
        }
    }
}

async fn load(work: &LeasedJob, tx: Transaction) -> Result<DataDeletionJob, Stop> {
    match work.load::<DataDeletionJob>(&work.job.resource_arn).await? {
        Some((_, deletion)) => Ok(deletion),
        None => {
            work.finish(tx).await?;
            Err(Stop::Lost)
        }
    }
}

async fn start(work: &LeasedJob, tx: Transaction) -> Result<(), Stop> {
    let Some((at, mut deletion)) = work.load::<DataDeletionJob>(&work.job.resource_arn).await? else {
        return Err(Stop::Lost);
    };
    deletion.status = DeletionStatus::InProgress;
    deletion.updated_ms = work.ctx.now();
    tx.replace(at, &deletion)?;
    work.step("start", tx).await
}

async fn gather(work: &LeasedJob, deletion: &DataDeletionJob) -> Result<Users, Stop> {
    let sources = import::resolve(work, &deletion.data_location, Some(&deletion.role_arn)).await?;
    let bytes: u64 = sources.iter().map(|(_, object)| object.size_bytes).sum();
    if bytes > DELETION_INPUT_BYTES_MAX {
        return Err(Stop::Failed(format!(
            "The files of {} have {bytes} bytes; at most {DELETION_INPUT_BYTES_MAX} are allowed. Use several jobs.",
            deletion.data_location
        )));
    }
    let mut files = Vec::with_capacity(sources.len());
    for (name, object) in sources {
        files.push((name, BlobFile::open(work.ctx.sources(), &object.blob).await?));
    }
    let cancel = work.cancel.clone();
    let read = blocking(move || {
        let mut users = HashSet::new();
        for (name, file) in files {
            read_users(file, &name, &mut users, &|| cancel.is_cancelled())?;
        }
        Ok::<_, ImportError>(Arc::new(users))
    });
    Ok(read.await??)
}

/// The rewritten files and the files they replace.
#[derive(Default)]
struct Rewritten {
    /// Bulk files that have the users, each with its copy and the rows that the copy lacks; no copy if nothing is left.
    files: HashMap<String, (Option<String>, u64)>,
    /// The files of each dataset as they were read.
    read: HashMap<String, Vec<String>>,
    /// Model folders whose histories have the users, each with its copy.
    models: HashMap<String, String>,
    /// The blob with the users.
    users_blob: String,
}

async fn rewrite(work: &LeasedJob, deletion: &DataDeletionJob, users: &Users) -> Result<Rewritten, Stop> {
    let group = &deletion.dataset_group_arn;
    let mut rewritten = Rewritten::default();
    for &kind in WITH_USERS {
        let Some((_, dataset)) = work.load::<Dataset>(&dataset_arn(group, kind)).await? else { continue };
        let prefix = work.blob_folder(&dataset_root(group, kind));
        for (n, key) in dataset.bulk_files.iter().enumerate() {
            if let Some(copy) = copy_file(work, key, format!("{prefix}/{n}.parquet"), users).await? {
                rewritten.files.insert(key.clone(), copy);
            }
        }
        rewritten.read.insert(dataset.arn, dataset.bulk_files);
    }
    for version in versions(work, group).await? {
        let Some(key) = version.artifact_key else { continue };
        let copy = work.blob_folder(&artifact_root(&version.arn));
        if copy_model(work, &key, &copy, users).await? {
            rewritten.models.insert(key, copy);
        }
    }
    rewritten.users_blob = format!("{}/users", work.blob_folder(DELETIONS.trim_end_matches('/')));
    let list = serde_json::to_vec(&**users).map_err(|error| Error::backend("json", error))?;
    work.ctx.stores.blobs.put(&rewritten.users_blob, list.into()).await?;
    Ok(rewritten)
}

/// Copies a bulk file without the users, if it has any of them.
async fn copy_file(
    work: &LeasedJob,
    key: &str,
    copy: String,
    users: &Users,
) -> Result<Option<(Option<String>, u64)>, Stop> {
    let file = BlobFile::open(work.ctx.stores.blobs.clone(), key).await?;
    let (again, counted, cancel) = (file.reopen(), users.clone(), work.cancel.clone());
    let count = move || count_users(BlobParquet::from(file), &counted, &|| cancel.is_cancelled());
    let gone = blocking(count).await??;
    if gone == 0 {
        return Ok(None);
    }
    let mut sink = BlobSink::create(&*work.ctx.stores.blobs, &copy).await?;
    let (cancel, users) = (work.cancel.clone(), users.clone());
    let written = blocking(move || {
        let kept = remove_users(BlobParquet::from(again), &users, &mut sink, &|| cancel.is_cancelled())?;
        if kept > 0 {
            sink.finish()?;
        }
        Ok::<_, ImportError>(kept)
    });
    let kept = written.await??;
    Ok(Some(((kept > 0).then_some(copy), gone)))
}

/// Copies a model with histories that lack the users, if they have any of them.
async fn copy_model(work: &LeasedJob, key: &str, copy: &str, users: &Users) -> Result<bool, Stop> {
    let mut files = ArtifactFiles::new();
    for blob in work.ctx.stores.blobs.list(&format!("{key}/")).await? {
        let name = blob.key[key.len() + 1..].to_owned();
        files.insert(name, work.ctx.stores.blobs.read_all(&blob.key).await?.to_vec());
    }
    let users = users.clone();
    let changed = blocking(move || {
        let mut changed = ArtifactFiles::new();
        for name in CATALOGS.iter().filter(|name| files.contains_key(**name)) {
            let mut catalog = Catalog::from_bytes(artifact::file(&files, name)?)?;
            if catalog.remove_users(&users) {
                changed.insert((*name).to_owned(), catalog.to_bytes()?);
            }
        }
        if changed.is_empty() {
            return Ok(None);
        }
        let manifest = artifact::read_manifest(artifact::file(&files, artifact::MANIFEST_FILE)?)?;
        files.remove(artifact::MANIFEST_FILE);
        files.extend(changed);
        artifact::seal(manifest, files).map(Some)
    });
    let unreadable = |error: tastemaker_recipes::Error| {
        Stop::Failed(format!(
            "The model at {key} cannot be read: {error}. Delete its solution, or train a new version."
        ))
    };
    let Some(files) = changed.await?.map_err(unreadable)? else { return Ok(false) };
    for (name, bytes) in files {
        work.ctx.stores.blobs.put(&format!("{copy}/{name}"), bytes.into()).await?;
    }
    Ok(true)
}

/// Puts everything in force; returns the deletion as it is then, and the blobs that are replaced.
async fn publish(
    work: &LeasedJob,
    tx: Transaction,
    rewritten: &Rewritten,
    users: &Users,
) -> Result<(DataDeletionJob, Vec<String>), Stop> {
    let (at, mut deletion) = work.load::<DataDeletionJob>(&work.job.resource_arn).await?.ok_or(Stop::Lost)?;
    let group = deletion.dataset_group_arn.clone();
    let now = work.ctx.now();
    let (mut replaced, mut deleted) = (Vec::new(), 0);
    deletion.streams.clear();
    for &kind in WITH_USERS {
        let found = work.load::<Dataset>(&dataset_arn(&group, kind)).await?;
        let Some((at, mut dataset)) = found.filter(|(_, d)| !d.status.is_deleting()) else { continue };
        if rewritten.read.get(&dataset.arn) != Some(&dataset.bulk_files) {
            return Err(Stop::Retry(Error::Unavailable(format!("{} has other files by now", dataset.arn))));
        }
        let gone = apply(&mut dataset, rewritten, &mut replaced);
        if gone > 0 {
            dataset.updated_ms = now;
            tx.replace(at, &dataset)?;
        } else {
            tx.unchanged(at, &dataset);
        }
        let stream = stream_of(&dataset);
        let (_, until) = extent(&*work.ctx.stores.events, &stream).await?;
        deleted += gone + matching(work, &stream, until, users).await?.len() as u64;
        deletion.streams.insert(stream, until);
    }
    for (at, mut version) in records::list_whole::<SolutionVersion>(&*work.ctx.stores.records).await? {
        let copy = version.artifact_key.as_ref().and_then(|key| rewritten.models.get_key_value(key));
        if let Some((old, copy)) = copy {
            replaced.extend(work.ctx.stores.blobs.list(&format!("{old}/")).await?.into_iter().map(|blob| blob.key));
            version.artifact_key = Some(copy.clone());
            tx.replace(at, &version)?;
        }
    }
    deletion.num_deleted = Some(deleted);
    deletion.users_blob = Some(rewritten.users_blob.clone());
    deletion.updated_ms = now;
    tx.replace(at, &deletion)?;
    tx.notify(STATISTICS_CHANNEL);
    work.step(PUBLISHED, tx).await?;
    Ok((deletion, replaced))
}

/// Exchanges the files of a dataset; returns how many rows it loses.
fn apply(dataset: &mut Dataset, rewritten: &Rewritten, replaced: &mut Vec<String>) -> u64 {
    let mut gone = 0;
    let mut imported_ms = std::mem::take(&mut dataset.bulk_imported_ms);
    imported_ms.resize(dataset.bulk_files.len(), 0);
    for (key, time_ms) in std::mem::take(&mut dataset.bulk_files).into_iter().zip(imported_ms) {
        let kept = match rewritten.files.get(&key) {
            Some((copy, rows)) => {
                gone += rows;
                replaced.push(key);
                copy.clone()
            }
            None => Some(key),
        };
        if let Some(key) = kept {
            dataset.bulk_files.push(key);
            dataset.bulk_imported_ms.push(time_ms);
        }
    }
    dataset.bulk_rows = dataset.bulk_rows.saturating_sub(gone);
    gone
}

/// The positions up to `until`, ascending, of records about the users, anonymous ones of a session among them if the session
/// was one of theirs when it was next named.
async fn matching(work: &LeasedJob, stream: &str, until: u64, users: &Users) -> Result<Vec<u64>, Stop> {
    let (mut found, mut after) = (Vec::new(), 0);
    let mut anonymous: HashMap<String, Vec<u64>> = HashMap::new();
    loop {
        let page = work.ctx.stores.events.read(stream, after, PAGE_LEN).await?;
        after = page.last().map_or(after, |stored| stored.position);
        for stored in page.iter().take_while(|stored| stored.position <= until) {
            let Some((user, session)) = skip_damaged(damage::Kind::Event, whose(stream, stored))? else { continue };
            let before = if user == session { None } else { anonymous.remove(&session) };
            if users.contains(user.as_str()) {
                found.extend(before.unwrap_or_default());
                found.push(stored.position);
            } else if user == session {
                anonymous.entry(session).or_default().push(stored.position);
            }
        }
        if page.len() < PAGE_LEN || after >= until {
            found.sort_unstable();
            return Ok(found);
        }
    }
}

/// The user and the session of a streamed record.
fn whose(stream: &str, stored: &tastemaker_store::StoredEvent) -> Result<(String, String), Error> {
    if stream.starts_with("rows/") {
        let row = records::decode_row(stream, stored)?;
        return Ok((row.id, String::new()));
    }
    if stream.starts_with("action-interactions/") {
        let event = records::decode_action_interaction(stream, stored)?;
        return Ok((event.user_id, event.session_id));
    }
    let event = records::decode_event(stream, stored)?;
    Ok((event.user_id, event.session_id))
}

/// Removes streamed records, oldest first: an anonymous record is known by a later one, which must not go before it.
async fn purge(work: &LeasedJob, stream: &str, until: u64, users: &Users) -> Result<(), Stop> {
    for positions in matching(work, stream, until, users).await?.chunks(PAGE_LEN) {
        if work.cancel.is_cancelled() {
            return Err(Stop::Shutdown);
        }
        work.ctx.stores.events.remove(stream, positions.to_vec()).await?;
    }
    Ok(())
}

async fn finish(work: &LeasedJob, tx: Transaction) -> Result<(), Stop> {
    let (at, mut deletion) = work.load::<DataDeletionJob>(&work.job.resource_arn).await?.ok_or(Stop::Lost)?;
    deletion.status = DeletionStatus::Completed;
    deletion.failure_reason = None;
    deletion.users_blob = None;
    deletion.updated_ms = work.ctx.now();
    tx.replace(at, &deletion)?;
    work.finish(tx).await
}

async fn versions(work: &LeasedJob, group_arn: &str) -> Result<Vec<SolutionVersion>, Error> {
    let all = records::list_whole::<SolutionVersion>(&*work.ctx.stores.records).await?;
    Ok(all.into_iter().map(|(_, version)| version).filter(|v| v.dataset_group_arn == group_arn).collect())
}

fn dataset_root(group_arn: &str, kind: DatasetType) -> String {
    let group = group_arn.rsplit('/').next().unwrap_or_default();
    format!("{DATASETS}{}/{}", blob_segment(group), kind.as_str())
}

fn artifact_root(version_arn: &str) -> String {
    let mut tail = version_arn.rsplit('/').map(blob_segment);
    let version = tail.next().unwrap_or_default();
    format!("{ARTIFACTS}{}/{version}", tail.next().unwrap_or_default())
}

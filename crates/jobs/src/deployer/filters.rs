//! The ACTIVE filters, and the interactions that they are about, as serving has them.

use crate::blobs::{blocking, dataset_arn, parquet_files};
use crate::context::JobsCtx;
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tastemaker_compute::{ImportError, InteractionsFilter, ReadLimits, read_interactions};
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::Status;
use tastemaker_domain::resource::{Dataset, Filter};
use tastemaker_domain::schema::DatasetType;
use tastemaker_serving::PublishedFilter;
use tastemaker_store::{Error, records};

/// Makes the filters that requests may name equal to the ACTIVE ones. A filter is usable as soon as it is made; here the
/// replicas that did not make it learn of it, and all of them after a start.
pub(crate) async fn follow(ctx: &JobsCtx) -> Result<(), Error> {
    // Only what was published before the records were read can be missing there because it is gone.
    let before = ctx.serving.filters.arns();
    let filters = records::list::<Filter>(&*ctx.stores.records).await?;
    let active = || filters.iter().map(|(_, filter)| filter).filter(|filter| filter.status == Status::Active);
    for arn in before.iter().filter(|arn| !active().any(|filter| filter.arn == **arn)) {
        ctx.serving.filters.retire(arn);
    }
    for filter in active() {
        let same = |published: Arc<PublishedFilter>| {
            published.expression.text() == filter.expression && published.dataset_group_arn == filter.dataset_group_arn
        };
        if ctx.serving.filters.get(&filter.arn).is_some_and(same) {
            continue;
        }
        match tastemaker_filter::parse(&filter.expression) {
            Ok(expression) => ctx.serving.filters.publish(&filter.dataset_group_arn, &filter.arn, expression),
            Err(error) => {
                tracing::error!(filter = filter.arn, position = error.position(), "the filter cannot be read")
            }
        }
    }
    Ok(())
}

/// The files of the bulk interactions that serving has for filters, by dataset group.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<HashMap<String, Vec<String>>>);

impl Published {
    fn get(&self, group: &str) -> Option<Vec<String>> {
        self.0.lock().get(group).cloned()
    }

    /// Has all interactions published again.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    fn groups(&self) -> Vec<String> {
        self.0.lock().keys().cloned().collect()
    }

    fn set(&self, group: &str, files: Option<Vec<String>>) {
        let mut held = self.0.lock();
        match files {
            Some(files) => held.insert(group.to_owned(), files),
            None => held.remove(group),
        };
    }
}

/// Gives serving all bulk interactions of the groups with filters about events. The histories beside a model are those it was
/// trained on: of one event type, perhaps, and from before the newest imports. Returns the datasets that cannot be read,
/// with the reason.
pub(crate) async fn publish_interactions(ctx: &JobsCtx, published: &Published) -> Result<Vec<(String, String)>, Error> {
    let filters = ctx.serving.filters.arns().into_iter().filter_map(|arn| ctx.serving.filters.get(&arn));
    let wanted: BTreeSet<String> = filters
        .filter(|filter| filter.expression.uses_interactions())
        .map(|filter| filter.dataset_group_arn.clone())
        .collect();
    for group in published.groups().iter().filter(|group| !wanted.contains(*group)) {
        ctx.serving.streamed.publish_interactions(group, None);
        published.set(group, None);
    }
    let mut failed = Vec::new();
    for group in &wanted {
        let arn = dataset_arn(group, DatasetType::Interactions);
        let found = records::load::<Dataset>(&*ctx.stores.records, &arn).await?;
        let files = found.map(|(_, dataset)| dataset.bulk_files).unwrap_or_default();
        if published.get(group).as_ref() == Some(&files) && ctx.serving.streamed.has_interactions(group) {
            continue;
        }
        match read(ctx, &files).await {
            Ok(interactions) => {
                ctx.serving.streamed.publish_interactions(group, Some(Arc::new(interactions)));
                published.set(group, Some(files));
            }
            Err(error) => failed.push((arn, error.to_string())),
        }
    }
    Ok(failed)
}

async fn read(ctx: &JobsCtx, files: &[String]) -> Result<tastemaker_data::Dataset, Error> {
    let files = parquet_files(ctx, files).await?;
    blocking(move || {
        let mut builder = DatasetBuilder::new();
        match read_interactions(files, &mut builder, &InteractionsFilter::default(), &ReadLimits::default()) {
            Ok(_) => Ok(builder.build()),
            Err(ImportError::Store(error)) => Err(error),
            Err(error) => Err(Error::backend("jobs", error)),
        }
    })
    .await?
}

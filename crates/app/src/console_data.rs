//! The statistics of data and the reports of imports, as the console reads them.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tastemaker_console::data_ports::Datasets;
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_store::Records;
use tastemaker_store::records::{self, Record};

/// Statistics and reports, from their records.
pub struct ConsoleDatasets(pub Arc<dyn Records>);

impl ConsoleDatasets {
    async fn found<R: Record>(&self, id: &str) -> Option<Arc<R>> {
        match records::load::<R>(&*self.0, id).await {
            Ok(found) => found.map(|(_, value)| Arc::new(value)),
            Err(error) => {
                tracing::warn!(id, %error, "the console cannot read a record");
                None
            }
        }
    }
}

impl Datasets for ConsoleDatasets {
    fn statistics<'a>(&'a self, dataset_arn: &'a str) -> BoxFuture<'a, Option<Arc<DatasetStatistics>>> {
        self.found(dataset_arn).boxed()
    }

    fn streamed<'a>(&'a self, dataset_group_arn: &'a str) -> BoxFuture<'a, Option<Arc<StreamedStatistics>>> {
        let found = async move {
            match records::load_streamed_statistics(&*self.0, dataset_group_arn).await {
                Ok((version, counts)) => version.map(|_| Arc::new(counts)),
                Err(error) => {
                    tracing::warn!(dataset_group_arn, %error, "the console cannot read the counts of streamed events");
                    None
                }
            }
        };
        found.boxed()
    }

    fn report<'a>(&'a self, import_job_arn: &'a str) -> BoxFuture<'a, Option<Arc<ImportReport>>> {
        self.found(import_job_arn).boxed()
    }
}

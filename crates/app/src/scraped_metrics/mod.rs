//! The numbers of `/metrics` that are read when somebody asks: jobs, models, data, disk, processes and this process.

mod data;
mod jobs;
mod models;
mod nodes;
mod process;
mod server_metrics;

pub use server_metrics::{KnownSizes, ServerMetrics};

use anyhow::Result;
use futures::FutureExt;
use futures::future::BoxFuture;
use tastemaker_http::scraped_metrics::{Sample, ScrapedMetrics};

impl ScrapedMetrics for ServerMetrics {
    fn read(&self) -> BoxFuture<'_, Vec<Sample>> {
        async {
            let mut samples = process::samples(self);
            let parts: [(&str, Result<Vec<Sample>>); 5] = [
                ("jobs", jobs::samples(self).await),
                ("models", models::samples(self).await),
                ("data", data::samples(self).await),
                ("disk", data::disk(self)),
                ("nodes", Ok(nodes::samples(self))),
            ];
            let mut errors = 0.0;
            for (part, read) in parts {
                match read {
                    Ok(read) => samples.extend(read),
                    Err(error) => {
                        tracing::warn!(part, error = format!("{error:#}"), "metrics cannot be read");
                        errors += 1.0;
                    }
                }
            }
            samples.push(Sample::new("tastemaker_scrape_errors", errors));
            samples
        }
        .boxed()
    }
}

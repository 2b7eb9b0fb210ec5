//! The kinds of durable work, one file each, and the list of them.

mod batch_blocks;
mod batch_files;
mod batch_inference;
mod batch_lifecycle;
mod batch_segment;
mod batch_themes;
mod delete_users;
mod deploy;
mod export;
mod import;
mod kind;
mod recommender;
mod train;

pub use kind::Kind;

use crate::deployer::Deployer;
use std::sync::Arc;
use tastemaker_domain::resource::JobKind;

/// The kind that works on jobs of `kind`; models are loaded by `deployer`.
pub(crate) fn of(kind: JobKind, deployer: &Arc<Deployer>) -> Arc<dyn Kind> {
    let deployer = deployer.clone();
    match kind {
        JobKind::Import => Arc::new(import::Import),
        JobKind::Train => Arc::new(train::Train),
        JobKind::Deploy => Arc::new(deploy::Deploy { deployer }),
        JobKind::Export => Arc::new(export::Export),
        JobKind::DeleteUsers => Arc::new(delete_users::DeleteUsers { deployer }),
        JobKind::BatchInference => Arc::new(batch_inference::BatchInference),
        JobKind::BatchSegment => Arc::new(batch_segment::BatchSegment),
        JobKind::Recommend => Arc::new(recommender::Recommend { deployer }),
    }
}

//! The copies before imports that are not over, in the records of the server.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use tastemaker_console::ports::PlannedCopies;
use tastemaker_store::Records;
use tastemaker_store::records::{delete_planned_copy, load_planned_copies, put_planned_copy};

/// Plans in the records.
pub struct ConsolePlannedCopies {
    /// The records.
    pub records: Arc<dyn Records>,
    /// Whether other processes use the records: one of them may be making the copy.
    pub shares: bool,
}

impl PlannedCopies for ConsolePlannedCopies {
    fn keep<'a>(&'a self, id: &'a str, plan: &'a str) -> BoxFuture<'a, Result<(), String>> {
        async move {
            let write = put_planned_copy(id, plan).map_err(|error| error.to_string())?;
            self.records.commit(Vec::new(), vec![write]).await.map_err(|error| error.to_string())
        }
        .boxed()
    }

    fn forget<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        async move {
            if let Err(error) = self.records.commit(Vec::new(), vec![delete_planned_copy(id)]).await {
                tracing::warn!(id, %error, "the plan of a copy stays, and is looked at again at the next start");
            }
        }
        .boxed()
    }

    fn left<'a>(&'a self) -> BoxFuture<'a, Vec<(String, String)>> {
        async move {
            if self.shares {
                return Vec::new();
            }
            load_planned_copies(&*self.records).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the console cannot read which copies were not over");
                Vec::new()
            })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::Stores;

    #[tokio::test]
    async fn plans_are_left_until_they_are_forgotten_and_only_where_nobody_else_makes_them() {
        let records = Stores::in_memory().records;
        let alone = ConsolePlannedCopies { records: records.clone(), shares: false };
        alone.keep("a", "{}").await.expect("kept");
        assert_eq!(alone.left().await, [("a".to_owned(), "{}".to_owned())]);
        assert!(ConsolePlannedCopies { records, shares: true }.left().await.is_empty());
        alone.forget("a").await;
        assert!(alone.left().await.is_empty());
    }
}

//! The failures that users of the console have put away, in their records.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use tastemaker_console::ports::Dismissals;
use tastemaker_store::records::{dismissed_key, load_dismissed, put_dismissed};
use tastemaker_store::{Error, Precondition, Records};

/// Failures that are kept for a key; the oldest go first. The page shows those of seven days.
const DISMISSED_MAX: usize = 1000;
/// Attempts beside another change of the same record.
const ATTEMPTS_MAX: usize = 5;

/// Dismissals in the records of this server.
pub struct ConsoleDismissals {
    /// The records.
    pub records: Arc<dyn Records>,
    /// The time, in milliseconds since the Unix epoch.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl ConsoleDismissals {
    async fn put(&self, access_key_id: &str, arn: &str) -> Result<(), Error> {
        for attempt in 1.. {
            let (version, mut failures) = load_dismissed(&*self.records, access_key_id).await?;
            failures.insert(arn.to_owned(), (self.clock)());
            while failures.len() > DISMISSED_MAX {
                let oldest = failures.iter().min_by_key(|(_, at)| **at).map(|(arn, _)| arn.clone());
                failures.remove(&oldest.unwrap_or_default());
            }
            let key = dismissed_key(access_key_id);
            let unchanged = match version {
                Some(version) => Precondition::Version(key, version),
                None => Precondition::Absent(key),
            };
            match self.records.commit(vec![unchanged], vec![put_dismissed(access_key_id, &failures)?]).await {
                Err(Error::Conflict(_)) if attempt < ATTEMPTS_MAX => {}
                committed => return committed,
            }
        }
        Ok(())
    }
}

impl Dismissals for ConsoleDismissals {
    fn of<'a>(&'a self, access_key_id: &'a str) -> BoxFuture<'a, BTreeSet<String>> {
        let found = async move {
            match load_dismissed(&*self.records, access_key_id).await {
                Ok((_, failures)) => failures.into_keys().collect(),
                Err(error) => {
                    tracing::warn!(%error, "the console cannot read what was dismissed");
                    BTreeSet::new()
                }
            }
        };
        found.boxed()
    }

    fn dismiss<'a>(&'a self, access_key_id: &'a str, arn: &'a str) -> BoxFuture<'a, Result<(), String>> {
        async move { self.put(access_key_id, arn).await.map_err(|error| error.to_string()) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};
    use tastemaker_store::Stores;

    #[tokio::test]
    async fn each_key_has_its_own_and_the_oldest_go() {
        let now = Arc::new(AtomicI64::new(1));
        let clock = now.clone();
        let dismissals = ConsoleDismissals {
            records: Stores::in_memory().records,
            clock: Arc::new(move || clock.fetch_add(1, Ordering::SeqCst)),
        };
        let (a, b) = tokio::join!(dismissals.dismiss("K", "arn:z"), dismissals.dismiss("K", "arn:b"));
        assert_eq!((a, b), (Ok(()), Ok(())));
        assert_eq!(dismissals.of("K").await.into_iter().collect::<Vec<_>>(), ["arn:b", "arn:z"]);
        assert!(dismissals.of("other").await.is_empty());
        for n in 0..DISMISSED_MAX {
            dismissals.dismiss("K", &format!("arn:n{n:04}")).await.expect("kept");
        }
        let kept = dismissals.of("K").await;
        assert_eq!(kept.len(), DISMISSED_MAX);
        assert!(
            !kept.contains("arn:z") && !kept.contains("arn:b") && kept.contains("arn:n0999"),
            "the oldest are gone"
        );
    }
}

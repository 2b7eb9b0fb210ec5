//! Facts of a request that its handler notes for the counts: the campaign that answers, the source of its list, and the key that
//! signed it.

use crate::key_usage::KeyUsage;
use std::cell::RefCell;
use std::sync::Arc;
use tastemaker_domain::recommendation::Source;

/// Facts of a request that only its handler knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mark {
    /// The campaign or recommender that answers.
    pub campaign_arn: Option<Arc<str>>,
    /// The source of its list.
    pub source: Option<Source>,
    /// The counts of the access key that signed it.
    pub key: Option<Arc<KeyUsage>>,
}

tokio::task_local! {
    static MARK: RefCell<Mark>;
}

/// Runs a request's handler; returns what it noted beside its answer.
pub(crate) async fn marked<T>(handler: impl Future<Output = T>) -> (T, Mark) {
    let handled = async {
        let answer = handler.await;
        (answer, MARK.with(RefCell::take))
    };
    MARK.scope(RefCell::default(), handled).await
}

/// Notes the campaign of the request under way. Callers in the same process are no traffic, and note nothing.
pub(crate) fn campaign(arn: &Arc<str>) {
    MARK.try_with(|mark| mark.borrow_mut().campaign_arn = Some(arn.clone())).ok();
}

/// Notes the access key of the request under way, by its counts.
pub(crate) fn key(usage: &Arc<KeyUsage>) {
    MARK.try_with(|mark| mark.borrow_mut().key = Some(usage.clone())).ok();
}

/// Notes the source of the list of the request under way.
pub(crate) fn source(source: Source) {
    MARK.try_with(|mark| mark.borrow_mut().source = Some(source)).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_request_under_way_is_marked() {
        campaign(&"arn:none".into());
        let (answer, mark) = marked(async {
            campaign(&"arn:c".into());
            tokio::task::yield_now().await;
            source(Source::ColdStart);
            7
        })
        .await;
        assert_eq!((answer, mark.campaign_arn.as_deref(), mark.source), (7, Some("arn:c"), Some(Source::ColdStart)));
        assert!(marked(async {}).await.1.campaign_arn.is_none());
    }
}

//! The filters that requests may name, usable from the moment they are published.

use hashbrown::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tastemaker_filter::Expression;

use crate::Serving;

/// A filter as it is held.
#[derive(Debug)]
pub struct HeldFilter {
    /// Its ARN.
    pub arn: String,
    /// The group whose campaigns may use it.
    pub dataset_group_arn: String,
    /// What it says.
    pub expression: Arc<Expression>,
}

/// All filters of this process by ARN.
#[derive(Default)]
pub(crate) struct Filters(RwLock<HashMap<String, Arc<HeldFilter>>>);

impl Serving {
    /// Makes a filter usable from the next request on, in place of one of the same ARN.
    pub fn publish_filter(&self, dataset_group_arn: &str, filter_arn: &str, expression: Expression) {
        let held = HeldFilter {
            arn: filter_arn.to_owned(),
            dataset_group_arn: dataset_group_arn.to_owned(),
            expression: Arc::new(expression),
        };
        let mut filters = self.filters.0.write().unwrap_or_else(PoisonError::into_inner);
        filters.insert(filter_arn.to_owned(), Arc::new(held));
    }

    /// Forgets a filter. Unknown filters are ignored.
    pub fn retire_filter(&self, filter_arn: &str) {
        self.filters.0.write().unwrap_or_else(PoisonError::into_inner).remove(filter_arn);
    }

    /// The filter with this ARN.
    pub fn filter(&self, filter_arn: &str) -> Option<Arc<HeldFilter>> {
        self.filters.0.read().unwrap_or_else(PoisonError::into_inner).get(filter_arn).cloned()
    }

    /// The ARNs of all filters.
    pub fn filter_arns(&self) -> Vec<String> {
        self.filters.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

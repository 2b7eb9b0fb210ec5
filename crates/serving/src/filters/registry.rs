//! The registry of filters that requests may name, usable from the moment they are published.

use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;
use tastemaker_filter::{Effect, Expression};

/// A filter that requests may name.
#[derive(Debug)]
pub struct PublishedFilter {
    /// Its ARN.
    pub arn: String,
    /// The group whose campaigns may use it.
    pub dataset_group_arn: String,
    /// Its expression.
    pub expression: Arc<Expression>,
}

impl PublishedFilter {
    /// The names of its parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.expression.parameters().map(|parameter| parameter.name)
    }

    /// The names of the parameters without whose value the filter is refused.
    pub fn required_values(&self) -> impl Iterator<Item = &str> {
        self.expression.parameters().filter(|parameter| parameter.effect == Effect::Include).map(|p| p.name)
    }
}

/// All filters of this process by ARN.
#[derive(Default)]
pub struct FilterRegistry(RwLock<HashMap<String, Arc<PublishedFilter>>>);

impl FilterRegistry {
    /// Makes a filter usable from the next request on, in place of one of the same ARN.
    pub fn publish(&self, dataset_group_arn: &str, filter_arn: &str, expression: Expression) {
        let filter = PublishedFilter {
            arn: filter_arn.to_owned(),
            dataset_group_arn: dataset_group_arn.to_owned(),
            expression: Arc::new(expression),
        };
        self.0.write().insert(filter_arn.to_owned(), Arc::new(filter));
    }

    /// Forgets a filter. Unknown filters are ignored.
    pub fn retire(&self, filter_arn: &str) {
        self.0.write().remove(filter_arn);
    }

    /// The filter with this ARN.
    pub fn get(&self, filter_arn: &str) -> Option<Arc<PublishedFilter>> {
        self.0.read().get(filter_arn).cloned()
    }

    /// The ARNs of all filters.
    pub fn arns(&self) -> Vec<String> {
        self.0.read().keys().cloned().collect()
    }
}

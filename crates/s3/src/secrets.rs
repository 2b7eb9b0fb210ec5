//! The secrets of access keys.

use std::sync::Arc;

/// The secret of an access key, or `None` for an unknown key.
pub type SecretLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

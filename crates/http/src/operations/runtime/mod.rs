//! The operations of personalize-runtime.

pub mod get_action_recommendations;
pub mod get_personalized_ranking;
pub mod get_recommendations;
mod inference;

use super::{Answer, Context};

//! The operations of personalize-events.

pub mod put_action_interactions;
pub mod put_actions;
pub mod put_events;
pub mod put_items;
pub mod put_users;

use super::{Answer, Context, Empty};

//! Policies of permissions, read once and then decided by without any look-up: statements that allow or deny actions on resources
//! under conditions.
//!
//! A request is denied unless a statement allows it, and a statement that denies wins over all that allow.

mod condition;
mod condition_keys;
mod decision;
mod document;
mod error;
mod facts;
mod pattern;
#[cfg(test)]
mod tests;

pub use decision::{Decision, Denial, Permissions};
pub use document::{PolicyDocument, Question};
pub use error::PolicyError;
pub use facts::Facts;

//! The account that the actions of the identity service are about.

use crate::key_usage::KeyTable;
use tastemaker_service::Ctx;

/// The account that actions are about.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The use cases.
    pub ctx: &'a Ctx,
    /// The counts of keys, where a server has some.
    pub usage: Option<&'a KeyTable>,
    /// The region of the server.
    pub region: &'a str,
}

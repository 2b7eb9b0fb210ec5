//! Tests of the console over an API of canned answers.

pub(crate) mod data;
mod frame;
mod live;
mod login;
pub(crate) mod markup;
mod rights;
mod search;
pub(crate) mod world;

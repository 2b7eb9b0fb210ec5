//! Tests of the console over an API of canned answers.

mod data;
mod frame;
mod live;
mod login;
pub(crate) mod markup;
mod search;
mod world;

//! The parts of Braze support that need no sockets: the `/recommendations` family's parameters and response shapes, inbound
//! events, previews and syncs.
//!
//! | module | holds |
//! |---|---|
//! | [`query`] | the parameters of the `/recommendations` family, decoded and checked |
//! | [`columns`] | which item column fills which field of an answer |
//! | [`inbound`] | Currents batches and webhooks as interactions |
//! | [`preview`] | a message as its reader will see it, with its calls, its size and advice |
//! | [`sync`] | recommendations as profile attributes, items as a catalog |
//! | [`shape`] | the forms of an answer, first of all a bare array of `id url name price image` |
//!
//! ```
//! use tastemaker_braze::query::{Params, Request};
//!
//! let request = Request::of(&Params::of_query("user_id=a%2Bb+c&n=3&f.genre=Comedy")).unwrap();
//! assert_eq!((request.user(), request.num_results), (Some("a+b c"), Some(3)));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod columns;
pub mod inbound;
pub mod preview;
pub mod query;
pub mod shape;
pub mod sync;
mod urlencoding;

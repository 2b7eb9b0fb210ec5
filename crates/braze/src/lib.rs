//! What Braze needs: the `/recommendations` family and its response shapes. No sockets of its own.
//!
//! | module | holds |
//! |---|---|
//! | [`query`] | the parameters of `GET /recommendations`, decoded and checked |
//! | [`columns`] | which item column fills which field of an answer |
//! | [`inbound`] | Currents batches and webhooks as interactions |
//! | [`preview`] | a message as its reader will see it, with its calls, its size and advice |
//! | [`sync`] | recommendations as profile attributes, items as a catalog |
//! | [`flat`] | the answer Braze's Connected Content reads: a bare array of `id url name price image` |
//!
//! ```
//! use tastemaker_braze::query::RecommendationsQuery;
//!
//! let query = RecommendationsQuery::parse("user_id=a%2Bb+c&n=3").unwrap();
//! assert_eq!((query.user_id.as_str(), query.num_results), ("a+b c", 3));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod columns;
pub mod flat;
pub mod inbound;
pub mod preview;
pub mod query;
pub mod sync;
mod urlencoding;

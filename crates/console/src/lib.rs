//! The web console: pages rendered by the server. It is a client of the API in the same process: every page reads and changes
//! resources through the API's own operations with the caller's rights ([`Api`](ports::Api)), so that its errors are the API's
//! texts and every page can show the calls that would do the same. What no operation tells (progress of running jobs, reports of
//! trainings) comes through the other traits of [`ports`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod chart;
pub mod evaluation;
pub mod ports;
pub mod report;

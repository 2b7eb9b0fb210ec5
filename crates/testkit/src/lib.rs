//! Test-only helpers.
//!
//! | module | holds |
//! |---|---|
//! | [`braze`] | a Braze of this process that checks limits strictly, and Braze's own clients |
//! | [`postgres`] | a PostgreSQL server in a temporary directory |

pub mod braze;
#[cfg(unix)]
pub mod postgres;

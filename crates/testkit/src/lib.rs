//! Test-only helpers.
//!
//! | module | holds |
//! |---|---|
//! | [`braze`] | a Braze of this process that checks limits strictly, and Braze's own clients |
//! | [`postgres`] | a PostgreSQL server in a temporary directory |
//! | [`s3_servers`] | S3 servers of other people, and a proxy that breaks connections |

pub mod braze;
#[cfg(unix)]
pub mod postgres;
pub mod s3_servers;

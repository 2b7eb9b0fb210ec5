//! Test-only helpers.
//!
//! | module | holds |
//! |---|---|
//! | [`braze`] | a Braze of this process that checks limits strictly, and Braze's own clients |
//! | [`s3_servers`] | S3 servers of other people, and a proxy that breaks connections |

pub mod braze;
pub mod s3_servers;

//! Test-only helpers.
//!
//! | module | holds |
//! |---|---|
//! | [`braze`] | a Braze of this process that checks limits strictly, and Braze's own clients |

pub mod braze;

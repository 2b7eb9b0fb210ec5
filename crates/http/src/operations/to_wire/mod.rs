//! Domain values as wire structures.

mod bulk;
mod data;
mod models;
mod recipes;

pub use bulk::*;
pub use data::*;
pub use models::*;
pub use recipes::*;

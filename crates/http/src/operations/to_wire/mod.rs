//! Domain values as wire structures.

mod data;
mod models;
mod recipes;

pub use data::*;
pub use models::*;
pub use recipes::*;

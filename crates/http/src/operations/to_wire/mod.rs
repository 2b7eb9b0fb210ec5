//! Domain values as wire structures.

mod batch;
mod bulk;
mod data;
mod filter;
mod models;
mod recipes;
mod recommenders;

pub use batch::*;
pub use bulk::*;
pub use data::*;
pub use filter::*;
pub use models::*;
pub use recipes::*;
pub use recommenders::*;

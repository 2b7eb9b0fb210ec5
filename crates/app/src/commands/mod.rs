//! The commands, one file each.

mod csv_input;
pub mod demo;
pub mod env;
pub mod learn;
pub mod recommend;
pub mod serve;

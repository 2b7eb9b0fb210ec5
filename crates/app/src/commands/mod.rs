//! The commands, one file each.

pub mod backup;
pub mod braze;
pub mod check;
pub mod config;
pub mod console;
mod csv_input;
pub mod demo;
pub mod env;
mod input;
pub mod learn;
pub mod recommend;
pub mod segment;
pub mod serve;
pub mod similar;

//! The commands, one file each.

pub mod backup;
pub mod braze;
pub mod check;
pub mod completions;
pub mod console;
mod csv_input;
pub mod demo;
pub mod env;
pub mod health;
mod input;
pub mod learn;
pub mod manual;
pub mod recommend;
pub mod segment;
pub mod serve;
pub mod similar;

//! The commands, one file each.

pub mod backup;
pub mod braze;
pub mod check;
mod check_references;
pub mod config;
pub mod console;
mod csv_input;
pub mod demo;
pub mod doctor;
pub mod env;
mod input;
pub mod keys;
pub mod learn;
pub mod look;
pub mod recommend;
pub mod segment;
pub mod serve;
mod server_client;
pub mod similar;
mod tables;
pub mod webhooks;

//! The commands, one file each.

pub mod backup;
pub mod braze;
pub mod check;
mod check_references;
pub mod completions;
pub mod config;
pub mod console;
mod csv_input;
pub mod demo;
pub mod doctor;
pub mod env;
pub mod health;
mod input;
pub mod keys;
pub mod learn;
pub mod look;
pub mod manual;
pub mod recommend;
pub mod segment;
pub mod serve;
mod server_client;
pub mod similar;
mod tables;
pub mod webhooks;

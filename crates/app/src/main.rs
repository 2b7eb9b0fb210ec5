//! The `tastemaker` binary: one command a file in `commands`.

mod auth_config;
mod backup;
mod backup_config;
mod blob_store_config;
mod client_tls;
mod clock;
mod commands;
mod config;
mod config_error;
mod config_fault;
mod config_keys;
mod config_load;
mod config_places;
mod config_reference;
mod config_reload;
mod config_rules;
mod config_source;
mod config_sources;
#[cfg(test)]
mod config_tests;
mod config_tree;
mod console_config;
mod console_copies;
mod console_data;
mod console_dismissals;
mod console_estimates;
mod console_files;
mod console_histories;
mod console_planned_copies;
mod console_ports;
mod console_reports;
mod console_settings;
mod console_traffic;
mod console_watch;
mod data_dir;
mod demo;
mod disk;
mod doctor;
mod expiry;
mod external_buckets_config;
mod http_config;
mod http_settings;
mod inspect;
mod job_history;
mod job_settings;
mod key_limits_config;
mod last_requests;
mod limits;
mod live_spans;
mod log_config;
mod logging;
mod memory;
mod newer_release;
mod open_files;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(test)]
mod packaged_config;
mod parameter_key;
mod progress;
mod recent_lines;
mod recommendations_config;
mod recommendations_settings;
mod reload;
mod role_config;
mod scraped_metrics;
mod secret;
mod secret_files;
mod server;
mod service_manager;
mod shared_keys;
mod spans;
mod stop;
mod storage;
mod storage_observer;
mod store_config;
mod telemetry_config;
#[cfg(test)]
mod test_config;
mod theme_endpoint;
mod tls_config;
mod webhooks;
mod webhooks_config;

use clap::{CommandFactory, Parser, Subcommand};
use commands::backup::{BackupFlags, RestoreFlags};
use commands::braze::BrazeCommand;
use commands::completions::CompletionsFlags;
use commands::config::ConfigCommandFlags;
use commands::console::ConsoleFlags;
use commands::demo::DemoFlags;
use commands::doctor::DoctorFlags;
use commands::health::HealthFlags;
use commands::keys::KeysCommand;
use commands::learn::LearnFlags;
use commands::look::{GetCommand, JobsFlags, LookFlags};
use commands::manual::ManualFlags;
use commands::recommend::RecommendFlags;
use commands::segment::SegmentFlags;
use commands::serve::ServeFlags;
use commands::similar::SimilarFlags;
use commands::webhooks::WebhooksCommand;
use config::ConfigFlags;
use log_config::LogConfig;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The version, and the commit with its date where the build knew it.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILT_FROM"), ")");

/// A recommender with Amazon Personalize's API, in one binary.
#[derive(Parser)]
#[command(version = VERSION, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(ServeFlags),
    /// Show the whole journey on a sample shop, then keep serving it
    Demo(DemoFlags),
    /// Print a link that logs in to the web console of a running server, once and within ten minutes
    Console(ConsoleFlags),
    /// Ask whether a running server answers; the exit code says it as well
    Health(HealthFlags),
    /// Print the settings with their defaults or those in effect, or name every fault of a file
    Config(ConfigCommandFlags),
    /// Look at disk, limits, clock, port, rights, memory and stores, and say what to change
    Doctor(DoctorFlags),
    /// Read the whole data directory of a stopped server and name what is damaged
    Check(ConfigFlags),
    /// Copy the data directory to a directory or a bucket of backups, while a server uses it or not
    Backup(BackupFlags),
    /// Put a backup into an empty data directory, list the backups or compare one with its digests
    Restore(RestoreFlags),
    /// Show what a running server knows of a user or an item
    #[command(subcommand)]
    Get(GetCommand),
    /// List the jobs of a running server, the newest first
    Jobs(JobsFlags),
    /// Show the data of a running server by dataset group
    Stats(LookFlags),
    /// List the campaigns and recommenders of a running server
    Campaigns(LookFlags),
    /// Work with webhooks: send a sample, list or send again what was not delivered
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// Print what a shell needs so that the AWS CLI and SDKs talk to this server: eval "$(tastemaker env)"
    Env(ConfigFlags),
    /// Make and manage access keys of users, and what they may do
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Train a model offline from CSV files, without a server
    Learn(LearnFlags),
    /// Recommend offline for users by their histories
    Recommend(RecommendFlags),
    /// List the users who will most likely want items, from a model of user segments
    Segment(SegmentFlags),
    /// List what goes with items, from a model of related items
    Similar(SimilarFlags),
    /// Work with Braze: preview a message, send recommendations and items
    #[command(subcommand)]
    Braze(BrazeCommand),
    /// Print the completions of a shell
    Completions(CompletionsFlags),
    /// Write the pages that `man` shows
    Manual(ManualFlags),
}

/// Whoever read standard output has read enough, as `head` has: that is the end, and no fault.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// The settings of a command's log. Commands without a configuration have those of the environment.
fn log_of(command: &Command) -> LogConfig {
    let none = ConfigFlags::default();
    let flags = match command {
        Command::Serve(flags) => &flags.config,
        Command::Doctor(flags) => &flags.config,
        Command::Check(flags) | Command::Env(flags) => flags,
        _ => &none,
    };
    LogConfig::early(flags.config.as_deref(), &flags.log)
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let log = log_of(&command);
    logging::begin(&log, matches!(command, Command::Serve(_)));
    end_quietly_when_nobody_reads();
    let result = match command {
        Command::Serve(flags) => stop::run(commands::serve::run(&flags)),
        Command::Demo(flags) => stop::run(commands::demo::run(&flags)),
        Command::Console(flags) => commands::console::run(&flags),
        Command::Health(flags) => commands::health::run(&flags),
        Command::Config(flags) => commands::config::run(&flags),
        Command::Doctor(flags) => stop::run(commands::doctor::run(&flags)),
        Command::Check(flags) => stop::run(commands::check::run(&flags)),
        Command::Backup(flags) => stop::run(commands::backup::run(&flags)),
        Command::Restore(flags) => stop::run(commands::backup::restore(&flags)),
        Command::Get(command) => commands::look::get(&command),
        Command::Jobs(flags) => commands::look::jobs(&flags),
        Command::Stats(flags) => commands::look::statistics(&flags),
        Command::Campaigns(flags) => commands::look::campaigns(&flags),
        Command::Webhooks(command) => commands::webhooks::run(&command),
        Command::Env(flags) => commands::env::run(&flags),
        Command::Keys(command) => stop::run(commands::keys::run(&command)),
        Command::Learn(flags) => commands::learn::run(&flags),
        Command::Recommend(flags) => commands::recommend::run(&flags),
        Command::Segment(flags) => commands::segment::run(&flags),
        Command::Similar(flags) => commands::similar::run(&flags),
        Command::Braze(command) => commands::braze::run(&command),
        Command::Completions(flags) => commands::completions::run(&flags, Arguments::command()),
        Command::Manual(flags) => commands::manual::run(&flags, Arguments::command()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::failed(&log, &error);
            exit_code(&error)
        }
    }
}

/// EX_UNAVAILABLE of sysexits.h: storage does not answer, and another attempt may succeed.
const UNAVAILABLE: u8 = 69;

fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_unavailable = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(tastemaker_store::Error::Unavailable(_)))
    };
    if error.chain().any(is_unavailable) { ExitCode::from(UNAVAILABLE) } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_every_command_differ_from_each_other() {
        Arguments::command().debug_assert();
    }
}

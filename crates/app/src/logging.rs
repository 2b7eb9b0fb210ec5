//! The log of this process: its format, its filter, and panics and the last error in the same format.

use crate::log_config::{LogConfig, LogFormat};
use crate::recent_lines::{KeepLines, RecentLines};
use std::io::IsTerminal;
use std::sync::{Arc, LazyLock, OnceLock};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Gives the log of this process another filter.
type ChangeFilter = Box<dyn Fn(EnvFilter) + Send + Sync>;

/// The filter of the log, which belongs to the process as the log does.
static FILTER: OnceLock<ChangeFilter> = OnceLock::new();

/// The last lines of the log of this process.
static LINES: LazyLock<Arc<RecentLines>> = LazyLock::new(Arc::default);

/// The last lines of the log of this process: those that were written, by the filter of the log.
pub fn recent_lines() -> Arc<RecentLines> {
    LINES.clone()
}

/// Takes the level of another configuration of a server from now on, unless `TASTEMAKER_LOG` says one.
pub fn change_level(config: &LogConfig) {
    if std::env::var_os("TASTEMAKER_LOG").is_none()
        && let (Some(change), Ok(filter)) = (FILTER.get(), config.filter(true))
    {
        change(filter);
    }
}

/// Begins the log. `TASTEMAKER_LOG` goes before the level of the configuration.
pub fn begin(config: &LogConfig, of_server: bool) {
    let configured = || config.filter(of_server).unwrap_or_else(|_| EnvFilter::new("warn,s3s=off"));
    let filter = match std::env::var("TASTEMAKER_LOG") {
        Ok(text) if !text.contains("s3s") => {
            EnvFilter::try_new(format!("{text},s3s=off")).unwrap_or_else(|_| configured())
        }
        Ok(text) => EnvFilter::try_new(text).unwrap_or_else(|_| configured()),
        Err(_) => configured(),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let keep = |change: ChangeFilter| drop(FILTER.set(change));
    match config.format {
        LogFormat::Text => {
            // https://no-color.org: set and not empty.
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let log = log.with_ansi(!plain && std::io::stderr().is_terminal()).with_filter_reloading();
            let filter = log.reload_handle();
            keep(Box::new(move |new| {
                let _ = filter.reload(new);
            }));
            log.finish().with(of_server.then(recent_lines).map(KeepLines)).init();
        }
        LogFormat::Json => {
            let log = log.json().flatten_event(true).with_current_span(false).with_span_list(false);
            let log = log.with_filter_reloading();
            let filter = log.reload_handle();
            keep(Box::new(move |new| {
                let _ = filter.reload(new);
            }));
            log.finish().with(of_server.then(recent_lines).map(KeepLines)).init();
            log_panics();
        }
    }
}

/// Writes panics as lines of the log.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        let thread = std::thread::current();
        let backtrace = std::backtrace::Backtrace::capture();
        let captured = backtrace.status() == std::backtrace::BacktraceStatus::Captured;
        tracing::error!(
            location,
            thread = thread.name(),
            cause = panic.payload_as_str(),
            backtrace = captured.then(|| backtrace.to_string()),
            "panicked"
        );
    }));
}

/// Says why a command failed.
pub fn failed(config: &LogConfig, error: &anyhow::Error) {
    match config.format {
        LogFormat::Text => eprintln!("error: {error:#}"),
        LogFormat::Json => tracing::error!(cause = format!("{error:#}"), "the command failed"),
    }
}

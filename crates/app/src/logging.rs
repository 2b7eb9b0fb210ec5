//! The log of this process: its format, its filter, and panics and the last error in the same format.

use crate::log_config::{LogConfig, LogFormat};
use crate::recent_lines::{KeepLines, RecentLines};
use std::fmt;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Full, Json, Writer, format};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
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

/// Whether lines of the log are JSON objects.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Takes the format of another configuration of a server from now on, and its level unless `TASTEMAKER_LOG` says one.
pub fn change(config: &LogConfig) {
    IS_JSON.store(config.format == LogFormat::Json, Ordering::Relaxed);
    if std::env::var_os("TASTEMAKER_LOG").is_none()
        && let (Some(change), Ok(filter)) = (FILTER.get(), config.filter(true))
    {
        change(filter);
    }
}

/// The format of lines, which may change while the log goes on.
struct Lines {
    text: Format<Full>,
    json: Format<Json>,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        match IS_JSON.load(Ordering::Relaxed) {
            true => self.json.format_event(context, writer, event),
            false => self.text.format_event(context, writer, event),
        }
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
    IS_JSON.store(config.format == LogFormat::Json, Ordering::Relaxed);
    // https://no-color.org: set and not empty.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let json = format().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(!plain && std::io::stderr().is_terminal())
        .event_format(Lines { text: format(), json })
        .with_filter_reloading();
    let filter = log.reload_handle();
    let change: ChangeFilter = Box::new(move |new| {
        let _ = filter.reload(new);
    });
    drop(FILTER.set(change));
    log.finish().with(of_server.then(recent_lines).map(KeepLines)).init();
    log_panics();
}

/// Writes panics as lines of a log that has JSON lines.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !IS_JSON.load(Ordering::Relaxed) {
            return usual(panic);
        }
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

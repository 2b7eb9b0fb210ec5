//! The last lines of the log, kept in memory for the console. A line is kept as it is written, so what the log leaves out is not here
//! either.

use crate::clock::now_ms;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt::{Debug, Write};
use std::sync::Arc;
use tastemaker_console::ports::{LogLevel, LogLine};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Lines that are kept.
const LINES_MAX: usize = 500;
/// Characters that are kept of a line.
const LINE_CHARS_MAX: usize = 2_000;

/// The last lines, oldest first.
#[derive(Default)]
pub struct RecentLines(Mutex<VecDeque<Arc<LogLine>>>);

impl RecentLines {
    /// All that are kept.
    pub fn all(&self) -> Vec<Arc<LogLine>> {
        self.0.lock().iter().cloned().collect()
    }

    fn push(&self, line: LogLine) {
        let mut lines = self.0.lock();
        if lines.len() >= LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(Arc::new(line));
    }
}

/// Keeps every line that the log writes.
pub struct KeepLines(pub Arc<RecentLines>);

impl<S: Subscriber> Layer<S> for KeepLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut written = Written::default();
        event.record(&mut written);
        let Written { mut text, fields, request_id } = written;
        text.push_str(&fields);
        if let Some((end, _)) = text.char_indices().nth(LINE_CHARS_MAX) {
            text.truncate(end);
            text.push('…');
        }
        let metadata = event.metadata();
        let level = level(*metadata.level());
        self.0.push(LogLine { at_ms: now_ms(), level, target: metadata.target().to_owned(), text, request_id });
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

/// The message of an event, its fields as `name=value`, and its request.
#[derive(Default)]
struct Written {
    text: String,
    fields: String,
    request_id: Option<String>,
}

impl Written {
    fn field(&mut self, name: &str, value: &str) {
        if name == "message" {
            self.text = value.to_owned();
            return;
        }
        if name == "request_id" {
            self.request_id = Some(value.to_owned());
        }
        // Writing to a string cannot fail.
        let _ = write!(self.fields, " {name}={value}");
    }
}

impl Visit for Written {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.field(field.name(), &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn lines_are_those_of_the_log_and_no_more_than_are_kept() {
        let lines = Arc::<RecentLines>::default();
        let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn")).with_writer(std::io::sink).finish();
        let secret = crate::secret::Secret::from("hunter2hunter2hunter2".to_owned());
        tracing::subscriber::with_default(log.with(KeepLines(lines.clone())), || {
            tracing::info!("a step");
            tracing::warn!(request_id = "r-1", count = 3, ?secret, "odd");
            assert_eq!(lines.all().len(), 1);
            let line = &lines.all()[0];
            assert_eq!((line.level, line.request_id.as_deref()), (LogLevel::Warn, Some("r-1")));
            assert!(line.text.starts_with("odd request_id=r-1 count=3 secret="), "{}", line.text);
            assert!(!line.text.contains("hunter2"), "{}", line.text);
            for at in 0..LINES_MAX + 5 {
                tracing::error!("{at} {}", "x".repeat(3 * LINE_CHARS_MAX));
            }
        });
        let all = lines.all();
        assert!(all.len() == LINES_MAX && all[0].text.starts_with("5 x"), "{}", all.len());
        assert_eq!(all[0].text.chars().count(), LINE_CHARS_MAX + 1);
    }
}

//! `cargo bench -p tastemaker-http --bench load`: recommendations and events under load, against floors of the same run.
//!
//! The load has a fixed arrival rate: a request's time begins when it is due, not when a client is free to send it, so that
//! a stall costs every request that it delays. The server has one processor and its clients another; the floors are measured
//! on the server's. `-- lists`, `-- million` or `-- events` measures one part.

#[path = "../client/mod.rs"]
mod client;
mod events;
mod lists;
mod million;
mod processors;
#[path = "../server/mod.rs"]
mod server;
mod shop;

use processors::{Processors, keep_on};
use std::error::Error;
use std::time::Duration;

/// The allocator of the product's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let metrics = tastemaker_http::observability::install_recorder()?;
    let processors = Processors::two()?;
    keep_on(processors.server);
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|w| w == part);
    if wants("lists") {
        lists::run(&metrics, processors)?;
    }
    if wants("events") {
        events::run(&metrics, processors)?;
    }
    if wants("million") {
        million::run()?;
    }
    Ok(())
}

/// Sorted times and what lies at a share of them.
struct Times(Vec<Duration>);

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Microseconds below which `percent` of the times are.
    fn at(&self, percent: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * percent / 100.0) as usize).map_or(f64::NAN, |t| t.as_secs_f64() * 1e6)
    }
}

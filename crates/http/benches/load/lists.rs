//! 100,000 items, 64 clients, a metadata filter and an already-purchased filter.

use crate::server::{CAMPAIGN, RESULTS, USERS, history, listen, model, user_id};
use crate::shop::{FILTER, HIDDEN, Load, load, serving};
use crate::{Outcome, Times, client::Client};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tastemaker_learn::{Scorer, ScoringContext, Scratch, UserState};
use tastemaker_store::Stores;

const ITEMS: usize = 100_000;
const CLIENTS: usize = 64;
const LASTS: Duration = Duration::from_secs(8);

pub fn run(metrics: &PrometheusHandle) -> Outcome<()> {
    let model = model(ITEMS, HIDDEN)?;
    let floor = floor(&*model);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let address = listen(&runtime, serving(model.clone(), ITEMS)?, Stores::in_memory(), metrics)?;
    let client = Client::new(address)?;
    let request = |user: usize| {
        let body =
            json!({"campaignArn": CAMPAIGN, "userId": user_id(user), "numResults": RESULTS, "filterArn": FILTER});
        client.signed("/recommendations", "", &body)
    };
    let requests: Vec<_> = (0..USERS).map(request).collect::<Outcome<_>>()?;
    load(address, 8, &requests, Duration::ZERO, Duration::from_secs(3))?;
    let most = load(address, CLIENTS, &requests, Duration::ZERO, LASTS)?;
    let steady = load(address, CLIENTS, &requests, Duration::from_secs_f64(1.0 / (0.7 * most.rate)), LASTS)?;
    let again = self::floor(&*model);
    let paced = paced(&*model, Duration::from_secs_f64(1.0 / (0.7 * again.rate)));
    println!(
        "\n{ITEMS} items, {CLIENTS} clients, both filters\n| | a second | p50 us | p99 us | rate ratio | p50 ratio | p99 ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
    row("scoring in process, before", &floor, &floor);
    row("at most", &most, &floor);
    row("70 % of that, at a fixed rate", &steady, &floor);
    row("scoring in process, after", &again, &floor);
    row("scoring in process, at 70 % of its rate", &paced, &floor);
    runtime.shutdown_background();
    Ok(())
}

/// Scoring at a fixed arrival rate, by one thread for each processor: what queueing and the machine's own pauses make of the floor.
fn paced(model: &dyn Scorer, every: Duration) -> Load {
    let states = states(model);
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    let work = || {
        let (mut scratch, mut times) = (Scratch::default(), Vec::new());
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let due = began + every.mul_f64(n as f64);
            if due >= began + LASTS {
                return times;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            black_box(model.top_k(&states[n % states.len()], &ScoringContext::default(), RESULTS, None, &mut scratch));
            times.push(due.elapsed());
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    Load { rate: times.len() as f64 / began.elapsed().as_secs_f64(), times: Times::new(times) }
}

/// The states of some users.
fn states(model: &dyn Scorer) -> Vec<UserState> {
    (0..200).map(|user| model.encode(&history(user, ITEMS), &mut Scratch::default())).collect()
}

fn row(what: &str, load: &Load, floor: &Load) {
    let [p50, p99] = [50.0, 99.0].map(|percent| load.times.at(percent));
    println!(
        "| {what} | {:.0} | {p50:.0} | {p99:.0} | {:.2} | {:.2} | {:.2} |",
        load.rate,
        load.rate / floor.rate,
        p50 / floor.times.at(50.0),
        p99 / floor.times.at(50.0)
    );
}

/// The best 25 of all items for users whose states are known: times of one thread alone, and the rate of one for each
/// processor.
fn floor(model: &dyn Scorer) -> Load {
    let states = states(model);
    let scan = |n: usize, scratch: &mut Scratch| {
        let began = Instant::now();
        black_box(model.top_k(&states[n % states.len()], &ScoringContext::default(), RESULTS, None, scratch));
        began.elapsed()
    };
    let mut scratch = Scratch::default();
    let times = (0..2000).map(|n| scan(n, &mut scratch)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let lasts = Duration::from_secs(2);
    let count = || {
        let (began, mut scratch, mut done) = (Instant::now(), Scratch::default(), 0);
        while began.elapsed() < lasts {
            scan(done, &mut scratch);
            done += 1;
        }
        done
    };
    let done: usize = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    });
    Load { rate: done as f64 / lasts.as_secs_f64(), times: Times::new(times) }
}

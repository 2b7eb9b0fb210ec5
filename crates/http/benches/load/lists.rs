//! 100,000 items, 64 clients, a metadata filter and an already-purchased filter.

use crate::processors::Processors;
use crate::server::{CAMPAIGN, RESULTS, USERS, history, listen, model, user_id};
use crate::shop::{FILTER, HIDDEN, Load, load, serving};
use crate::{Outcome, Times, client::Client};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tastemaker_learn::{Scorer, ScoringContext, Scratch, UserState};
use tastemaker_store::Stores;

const ITEMS: usize = 100_000;
const CLIENTS: usize = 64;
const LASTS: Duration = Duration::from_secs(8);
const FLOOR_LASTS: Duration = Duration::from_secs(2);

pub fn run(metrics: &PrometheusHandle, processors: Processors) -> Outcome<()> {
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
    load(address, processors, 8, &requests, Duration::ZERO, Duration::from_secs(3))?;
    let most = load(address, processors, CLIENTS, &requests, Duration::ZERO, LASTS)?;
    let steady = load(address, processors, CLIENTS, &requests, at_70_percent(&most), LASTS)?;
    let again = self::floor(&*model);
    let paced = paced(&*model, at_70_percent(&again));
    println!(
        "\n{ITEMS} items, {CLIENTS} clients, both filters, one processor\n| | a second | p50 us | p99 us | rate ratio | p50 ratio | p99 ratio |"
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

/// The time from one request to the next at 70 % of the rate of `load`.
fn at_70_percent(load: &Load) -> Duration {
    Duration::from_secs_f64(1.0 / (0.7 * load.rate))
}

/// Scoring at a fixed arrival rate: what queueing and the machine's own pauses make of the floor.
fn paced(model: &dyn Scorer, every: Duration) -> Load {
    let states = states(model);
    let (mut scratch, mut times, began) = (Scratch::default(), Vec::new(), Instant::now());
    loop {
        let n = times.len();
        let due = began + every.mul_f64(n as f64);
        if due >= began + LASTS {
            break;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        black_box(model.top_k(&states[n % states.len()], &ScoringContext::default(), RESULTS, None, &mut scratch));
        times.push(due.elapsed());
    }
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

/// The best 25 of all items for users whose states are known, by one thread, one after the other.
fn floor(model: &dyn Scorer) -> Load {
    let states = states(model);
    let (mut scratch, mut times, began) = (Scratch::default(), Vec::new(), Instant::now());
    while began.elapsed() < FLOOR_LASTS {
        let (scan, state) = (Instant::now(), &states[times.len() % states.len()]);
        black_box(model.top_k(state, &ScoringContext::default(), RESULTS, None, &mut scratch));
        times.push(scan.elapsed());
    }
    Load { rate: times.len() as f64 / began.elapsed().as_secs_f64(), times: Times::new(times) }
}

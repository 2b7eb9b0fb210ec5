//! A campaign over as many items as wanted, filters, and clients in numbers.

use crate::client::Client;
use crate::processors::{Processors, keep_on};
use crate::server::{CAMPAIGN, GROUP, RESULTS, snapshot, user_id};
use crate::{Outcome, Times};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tastemaker_data::table::Value as Cell;
use tastemaker_data::{Column, TableBuilder};
use tastemaker_domain::recommendation::{FilterUse, RecommendationQuery};
use tastemaker_domain::schema::DatasetType;
use tastemaker_learn::networks::gru::GruModel;
use tastemaker_serving::Serving;

/// A third of the items, and nothing that the user bought.
pub const FILTER: &str = "arn:aws:personalize:eu-west-1:123456789012:filter/shop";
const EXPRESSION: &str = "INCLUDE ItemID WHERE Items.CATEGORY IN (\"c0\", \"c1\", \"c2\") \
     | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Purchase\")";
pub const HIDDEN: usize = 64;

/// A recommender with the campaign, the Items table and the filter; one event in ten of each user is a purchase.
pub fn serving(model: Arc<GruModel>, items: usize) -> Outcome<Arc<Serving>> {
    let mut table = TableBuilder::new(vec![
        ("CATEGORY".to_owned(), Column::Text(Vec::new())),
        ("PRICE".to_owned(), Column::Number(Vec::new())),
    ]);
    for item in 0..items {
        let category = Cell::Text(format!("c{}", item % 9).into());
        table.set(&format!("item-{item}"), [Some(category), Some(Cell::Number(item as f64))]);
    }
    let event_type = |n| if n % 10 == 0 { 2 } else { 1 };
    let snapshot = snapshot(model, items, &["", "View", "Purchase"], event_type)?;
    let serving = Arc::new(Serving::new());
    serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
    serving.filters.publish(GROUP, FILTER, tastemaker_filter::parse(EXPRESSION)?);
    serving.campaigns.publish(CAMPAIGN, snapshot);
    Ok(serving)
}

pub fn query(user: usize, filtered: bool) -> RecommendationQuery {
    RecommendationQuery {
        campaign_arn: CAMPAIGN.into(),
        user_id: Some(user_id(user)),
        num_results: RESULTS,
        filter: filtered.then(|| FilterUse { arn: FILTER.into(), values: Default::default() }),
        ..RecommendationQuery::default()
    }
}

/// Times and statuses that the clients measured.
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    pub times: Times,
}

/// Puts the calling thread before the server's threads wherever the system allows it (root), so that a client sends when it is due
/// and reads when its answer is there, as it would on a machine of its own, whatever else the processor does. A nice value would not do: the scheduler lets a thread
/// that computes finish its slice of some milliseconds.
fn ahead_of_the_server() {
    #[cfg(target_os = "linux")]
    // SAFETY: takes numbers only; 0 is the calling thread.
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_RR, &libc::sched_param { sched_priority: 1 });
    }
}

/// `clients` threads on their own processor that send `requests` in turn. Each sends its next one when it is due: `every` apart over all clients, or at
/// once if `every` is zero.
pub fn load(
    address: SocketAddr,
    processors: Processors,
    clients: usize,
    requests: &[Vec<u8>],
    every: Duration,
    lasts: Duration,
) -> Outcome<Load> {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let work = || -> Outcome<Vec<Duration>> {
        keep_on(processors.clients);
        ahead_of_the_server();
        let mut client = Client::new(address)?;
        let mut times = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let due = began + every.mul_f64(n as f64);
            let now = Instant::now();
            if now.max(due) >= began + lasts {
                return Ok(times);
            }
            std::thread::sleep(due.saturating_duration_since(now));
            client.send(&requests[n % requests.len()])?;
            times.push(if every.is_zero() { now.elapsed() } else { due.elapsed() });
        }
    };
    let all: Vec<Outcome<Vec<Duration>>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".into()))).collect()
    });
    let mut times = Vec::new();
    for client in all {
        times.extend(client?);
    }
    Ok(Load { rate: times.len() as f64 / began.elapsed().as_secs_f64(), times: Times::new(times) })
}

//! Admission of requests to computing: bounded computing and waiting, a floor for every campaign, equal shares of the rest.
//!
//! At most [`AdmissionLimits::computing_max`] lists are computed at once, so that each has a processor to itself. Further
//! requests wait in a queue of their campaign, first come first served, and a campaign whose queue is full rejects. Of the
//! queues that have somebody waiting, the next permit goes
//!
//! 1. to a campaign below its floor: `minProvisionedTPS` tokens a second, at most a second's worth saved;
//! 2. otherwise to any campaign.
//!
//! Within a class it is the campaign that used the least computing time while others waited (start-time fair queueing,
//! `sfq`), so a campaign with slow lists gets fewer of them and not more of the machine. Nobody waits for a permit that
//! is free: capacity that others leave is anybody's.

use crate::body::BodyMemory;
use crate::errors::Failure;
use crate::limits::{ADMISSION_QUEUES_MAX, FLOOR_SAVED_MAX, WAITING_PER_CAMPAIGN_MAX};
use parking_lot::{Mutex, MutexGuard};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};
use tastemaker_wire::ErrorShape;
use tokio::sync::oneshot;

/// The number of lists computed at once and of requests that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Lists computed at once, over all campaigns.
    pub computing_max: usize,
    /// Requests of one campaign that wait for a permit.
    pub waiting_max: usize,
}

impl Default for AdmissionLimits {
    /// As many permits as there are processors.
    fn default() -> Self {
        let computing_max = std::thread::available_parallelism().map_or(1, usize::from);
        Self { computing_max, waiting_max: WAITING_PER_CAMPAIGN_MAX }
    }
}

/// Why a request gets no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// As many as may wait for the campaign are waiting.
    QueueFull,
    /// Its turn did not come in time.
    TooLate,
}

impl Rejected {
    /// The word in metrics.
    pub fn label(self) -> &'static str {
        match self {
            Rejected::QueueFull => "line-full",
            Rejected::TooLate => "too-late",
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rejected::QueueFull => "More requests than may wait are waiting for the campaign",
            Rejected::TooLate => "The campaign's other requests took too long",
        })
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        let advice = "try again shortly, or raise the campaign's minProvisionedTPS if others crowd it out.";
        Failure::new(ErrorShape::ThrottlingException, format!("{rejected}; {advice}"))
    }
}

/// Gives permits to requests. One for all paths that lead to the recommender.
pub struct Admission {
    /// The memory that request bodies may take.
    pub(crate) bodies: BodyMemory,
    limits: AdmissionLimits,
    queues: Mutex<Queues>,
}

#[derive(Default)]
struct Queues {
    computing: usize,
    by_campaign: HashMap<Box<str>, Queue>,
    /// The `used_s` of the campaign that was served last: what an idle campaign starts from.
    clock_s: f64,
    next_ticket: u64,
}

struct Queue {
    waiting: VecDeque<(u64, oneshot::Sender<()>)>,
    computing: usize,
    /// Computing time charged to the campaign, on the clock of [`Queues::clock_s`].
    used_s: f64,
    /// Requests that the floor still lets before others.
    tokens: f64,
    refilled: Instant,
    min_tps: u32,
}

impl Queue {
    fn new(now: Instant, min_tps: u32) -> Self {
        let tokens = saved_max(min_tps);
        Self { waiting: VecDeque::new(), computing: 0, used_s: 0.0, tokens, refilled: now, min_tps }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.tokens = (self.tokens + passed * f64::from(self.min_tps)).min(saved_max(self.min_tps));
        self.refilled = now;
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.computing == 0
    }
}

fn saved_max(min_tps: u32) -> f64 {
    (f64::from(min_tps) * FLOOR_SAVED_MAX.as_secs_f64()).max(1.0)
}

impl Queues {
    fn queue(&mut self, campaign_arn: &str, min_tps: u32, now: Instant) -> &mut Queue {
        if self.by_campaign.len() >= ADMISSION_QUEUES_MAX && !self.by_campaign.contains_key(campaign_arn) {
            self.by_campaign.retain(|_, queue| !queue.is_idle());
        }
        let clock_s = self.clock_s;
        let queue = self.by_campaign.entry(campaign_arn.into()).or_insert_with(|| Queue::new(now, min_tps));
        queue.min_tps = min_tps;
        if queue.is_idle() {
            queue.used_s = queue.used_s.max(clock_s);
        }
        queue
    }

    /// Gives free permits to those who wait.
    fn dispatch(&mut self, computing_max: usize, now: Instant) {
        while self.computing < computing_max {
            let waiting = self.by_campaign.values_mut().filter(|queue| !queue.waiting.is_empty());
            let next = waiting.min_by(|a, b| {
                let rank = |queue: &Queue| {
                    let passed = now.saturating_duration_since(queue.refilled).as_secs_f64();
                    let below_floor = queue.tokens + passed * f64::from(queue.min_tps) >= 1.0;
                    (!below_floor, queue.used_s)
                };
                let (a, b) = (rank(a), rank(b));
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
            });
            let Some(queue) = next else { return };
            let Some((_, permit)) = queue.waiting.pop_front() else { return };
            // Who stopped waiting takes no permit.
            if permit.send(()).is_ok() {
                self.clock_s = self.clock_s.max(queue.used_s);
                queue.refill(now);
                queue.tokens = (queue.tokens - 1.0).max(0.0);
                queue.computing += 1;
                self.computing += 1;
            }
        }
    }

    fn release(&mut self, campaign_arn: &str, took: Duration) {
        self.computing -= 1;
        if let Some(queue) = self.by_campaign.get_mut(campaign_arn) {
            queue.computing -= 1;
            queue.used_s += took.as_secs_f64();
        }
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self::new(AdmissionLimits::default())
    }
}

impl Admission {
    /// Nobody computes and nobody waits.
    pub fn new(limits: AdmissionLimits) -> Self {
        Self { bodies: BodyMemory::default(), limits, queues: Mutex::default() }
    }

    /// A permit to compute one list of the campaign, which is free again when it is dropped. Waits for it at most `patience`; a
    /// caller that stops waiting leaves the queue.
    ///
    /// `campaign_arn` must be that of a campaign, not any text that a client sends: queues are kept by it.
    pub async fn acquire(&self, campaign_arn: &str, min_tps: u32, patience: Duration) -> Result<Permit<'_>, Rejected> {
        let mut waiter = {
            let mut queues = self.lock();
            let now = Instant::now();
            let ticket = queues.next_ticket;
            queues.next_ticket += 1;
            let queue = queues.queue(campaign_arn, min_tps, now);
            if queue.waiting.len() >= self.limits.waiting_max {
                return Err(Rejected::QueueFull);
            }
            let (permit, given) = oneshot::channel();
            queue.waiting.push_back((ticket, permit));
            queues.dispatch(self.limits.computing_max, now);
            Waiter { admission: self, campaign_arn, ticket, given, done: false }
        };
        let given = match waiter.given.try_recv() {
            Ok(()) => true,
            Err(_) => matches!(tokio::time::timeout(patience, &mut waiter.given).await, Ok(Ok(()))),
        };
        if !given {
            return Err(Rejected::TooLate);
        }
        waiter.done = true;
        Ok(Permit { admission: self, campaign_arn: campaign_arn.into(), began: Instant::now() })
    }

    /// Requests that wait, over all campaigns.
    pub fn waiting(&self) -> usize {
        self.lock().by_campaign.values().map(|queue| queue.waiting.len()).sum()
    }

    fn release(&self, campaign_arn: &str, took: Duration) {
        let mut queues = self.lock();
        queues.release(campaign_arn, took);
        queues.dispatch(self.limits.computing_max, Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock()
    }
}

/// A request in a queue, which may leave it at any moment.
struct Waiter<'a> {
    admission: &'a Admission,
    campaign_arn: &'a str,
    ticket: u64,
    given: oneshot::Receiver<()>,
    /// Whether a [`Permit`] has taken over.
    done: bool,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        self.given.close();
        if self.given.try_recv().is_ok() {
            self.admission.release(self.campaign_arn, Duration::ZERO);
        } else if let Some(queue) = self.admission.lock().by_campaign.get_mut(self.campaign_arn) {
            queue.waiting.retain(|(ticket, _)| *ticket != self.ticket);
        }
    }
}

/// The right to compute one list. Hold it while computing and not while waiting for anything.
pub struct Permit<'a> {
    admission: &'a Admission,
    campaign_arn: Box<str>,
    began: Instant,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.admission.release(&self.campaign_arn, self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const PATIENCE: Duration = Duration::from_secs(20);

    fn admission(computing_max: usize, waiting_max: usize) -> Arc<Admission> {
        Arc::new(Admission::new(AdmissionLimits { computing_max, waiting_max }))
    }

    /// Lets every task that can run, run.
    async fn settle() {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }

    /// `count` requests for the campaign, each of which notes the campaign when it gets its permit.
    async fn crowd(
        gate: &Arc<Admission>,
        served: &Arc<Mutex<Vec<&'static str>>>,
        campaign: &'static str,
        tps: u32,
        count: usize,
    ) {
        for _ in 0..count {
            let (gate, served) = (gate.clone(), served.clone());
            tokio::spawn(async move {
                let permit = gate.acquire(campaign, tps, PATIENCE).await.expect("a permit");
                served.lock().push(campaign);
                tokio::time::sleep(Duration::from_millis(2)).await;
                drop(permit);
            });
        }
        settle().await;
    }

    /// Waits for 40 permits; how many of them the campaign got.
    async fn among_the_first_40(served: &Mutex<Vec<&'static str>>, campaign: &str) -> usize {
        while served.lock().len() < 40 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        served.lock()[..40].iter().filter(|c| **c == campaign).count()
    }

    #[tokio::test]
    async fn free_permits_are_anybodys_and_queues_are_bounded() {
        let gate = admission(2, 3);
        let first = gate.acquire("a", 1, PATIENCE).await.expect("free");
        let second = gate.acquire("a", 1, PATIENCE).await.expect("free");
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let gate = gate.clone();
                tokio::spawn(async move { gate.acquire("a", 1, PATIENCE).await.map(drop) })
            })
            .collect();
        settle().await;
        assert_eq!(gate.waiting(), 3);
        assert_eq!(gate.acquire("a", 1, PATIENCE).await.map(drop), Err(Rejected::QueueFull));
        assert_eq!(gate.acquire("b", 1, Duration::from_millis(5)).await.map(drop), Err(Rejected::TooLate));
        drop((first, second));
        for done in waiting {
            assert_eq!(done.await.expect("no panic"), Ok(()));
        }
        assert_eq!((gate.waiting(), gate.lock().computing), (0, 0));
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_no_trace() {
        let gate = admission(1, 10);
        let permit = gate.acquire("a", 1, PATIENCE).await.expect("free");
        for _ in 0..5 {
            let gate = gate.clone();
            let gone = tokio::spawn(async move { gate.acquire("a", 1, PATIENCE).await.map(drop) });
            settle().await;
            gone.abort();
        }
        let (also, given) = (gate.clone(), gate.clone());
        // Given its permit and aborted before it sees it.
        let unlucky = tokio::spawn(async move { given.acquire("b", 1, PATIENCE).await.map(drop) });
        settle().await;
        assert_eq!(gate.waiting(), 1);
        drop(permit);
        unlucky.abort();
        settle().await;
        assert_eq!((gate.waiting(), gate.lock().computing), (0, 0));
        assert!(also.acquire("a", 1, Duration::ZERO).await.is_ok());
    }

    #[tokio::test]
    async fn crowds_share_evenly_by_computing_time() {
        let gate = admission(1, 1000);
        let served = Arc::default();
        let permit = gate.acquire("x", 1, PATIENCE).await.expect("free");
        crowd(&gate, &served, "a", 1, 60).await;
        crowd(&gate, &served, "b", 1, 20).await;
        drop(permit);
        let b = among_the_first_40(&served, "b").await;
        assert!((14..=20).contains(&b), "{b} of the first 40 went to the campaign with the shorter queue");
    }

    #[tokio::test]
    async fn below_its_floor_a_campaign_goes_first() {
        let gate = admission(1, 1000);
        let served: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let permit = gate.acquire("x", 1, PATIENCE).await.expect("free");
        for flood in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            crowd(&gate, &served, flood, 1, 30).await;
        }
        // Each of the eight is below its floor of one a second once; from then on there is only the ninth.
        crowd(&gate, &served, "floor", 100, 20).await;
        drop(permit);
        let first = among_the_first_40(&served, "floor").await;
        assert_eq!(first, 20, "all of the guaranteed ones are among the first 40 of 260");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn never_more_than_the_permits_compute_at_once() {
        let (gate, now, most) = (admission(3, 10_000), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..400)
            .map(|n| {
                let (gate, now, most) = (gate.clone(), now.clone(), most.clone());
                tokio::spawn(async move {
                    let campaign = ["a", "b", "c"][n % 3];
                    // Some are too impatient.
                    let patience = if n % 7 == 0 { Duration::from_micros(50) } else { PATIENCE };
                    let Ok(_permit) = gate.acquire(campaign, 1, patience).await else { return };
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_micros(200));
                    now.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
        assert_eq!((gate.waiting(), gate.lock().computing), (0, 0));
    }

    #[tokio::test]
    async fn idle_queues_of_gone_campaigns_are_forgotten() {
        let gate = admission(1, 1);
        for n in 0..ADMISSION_QUEUES_MAX * 2 {
            drop(gate.acquire(&format!("c{n}"), 1, PATIENCE).await.expect("free"));
        }
        assert!(gate.lock().by_campaign.len() <= ADMISSION_QUEUES_MAX);
    }

    #[test]
    fn a_refusal_is_a_throttling_exception() {
        let failure = Failure::from(Rejected::QueueFull);
        assert_eq!(failure.shape, ErrorShape::ThrottlingException);
        assert!(failure.message.contains("minProvisionedTPS"));
    }
}

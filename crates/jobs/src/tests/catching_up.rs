//! Requests that wait for the log, which other processes append to.

use super::*;
use crate::{CatchUp, LogStream, Nodes};
use tastemaker_domain::role::Roles;
use tastemaker_serving::ImpressionList;
use tokio::sync::Notify;

/// Counts the reads of the log, and lets them hang or fail.
#[derive(Default)]
struct Reads {
    count: AtomicU64,
    hang: std::sync::atomic::AtomicBool,
    fail: std::sync::atomic::AtomicBool,
    go_on: Notify,
}

#[async_trait]
impl Hook for Reads {
    async fn before(&self, call: &'static str) -> Result<(), Error> {
        if call == "read" {
            self.count.fetch_add(1, Ordering::SeqCst);
            if self.hang.load(Ordering::SeqCst) {
                self.go_on.notified().await;
            }
            if self.fail.load(Ordering::SeqCst) {
                return Err(Error::Unavailable("gone".into()));
            }
        }
        Ok(())
    }

    async fn after(&self, _call: &'static str) -> Result<(), Error> {
        Ok(())
    }
}

/// A process that serves and follows no log by itself, so that it has what requests have waited for.
struct Waiting {
    world: World,
    process: Process,
    reads: Arc<Reads>,
    catch_up: Arc<CatchUp>,
}

impl Waiting {
    async fn new(patience: Duration) -> Self {
        let world = World::new().await;
        let reads = Arc::<Reads>::default();
        let mut process = world.process("one");
        process.ctx.nodes = Arc::new(Nodes::sharing("one".into(), Roles::all(), 1));
        process.ctx.stores.events = Arc::new(Decorated::new(world.events.clone(), reads.clone()));
        let list = ImpressionList::new("campaign".into(), std::iter::empty());
        process.serving.impressions.remember("RID", list);
        let catch_up = Arc::new(CatchUp::new(process.ctx.clone(), process.deployer.clone(), patience));
        Self { world, process, reads, catch_up }
    }

    /// Appends an event as another process does.
    async fn append(&self, n: usize) {
        let event = InteractionEvent { recommendation_id: Some("RID".into()), ..event(n, "u", "i") };
        let stream = records::interactions_stream(&arn("dataset-group/shop"));
        self.world.events.append(&stream, vec![records::encode_event(&event).unwrap()]).await.unwrap();
    }

    async fn wait(&self) {
        let dataset_group_arn = arn("dataset-group/shop");
        let stream = LogStream { dataset_group_arn, dataset_type: DatasetType::Interactions };
        let waiting = self.catch_up.clone().wait(stream);
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("nobody waits for ever");
    }

    /// Events that serving has.
    fn seen(&self) -> u64 {
        self.process.serving.impressions.attributed().iter().map(|(_, count)| count).sum()
    }

    fn reads(&self) -> u64 {
        self.reads.count.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_has_what_was_appended_before() {
    let waiting = Waiting::new(Duration::from_secs(60)).await;
    for n in 1..=200 {
        waiting.append(n).await;
        waiting.wait().await;
        assert_eq!(waiting.seen(), n as u64);
    }
}

#[tokio::test]
async fn those_who_wait_at_once_share_a_look() {
    let waiting = Waiting::new(Duration::from_secs(60)).await;
    waiting.append(1).await;
    futures::future::join_all((0..100).map(|_| waiting.wait())).await;
    assert_eq!(waiting.seen(), 1);
    assert!((1..=2).contains(&waiting.reads()), "{}", waiting.reads());
}

#[tokio::test]
async fn a_log_that_does_not_answer_is_waited_for_once_and_again_when_it_answers() {
    let waiting = Waiting::new(Duration::from_millis(20)).await;
    waiting.append(1).await;
    waiting.reads.hang.store(true, Ordering::SeqCst);
    waiting.wait().await;
    assert_eq!((waiting.seen(), waiting.reads()), (0, 1));
    // The look is still under way: no other begins beside it, and nobody waits.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    futures::future::join_all((0..100).map(|_| waiting.wait())).await;
    assert_eq!((began.elapsed(), waiting.reads()), (Duration::ZERO, 1));
    tokio::time::resume();
    waiting.reads.hang.store(false, Ordering::SeqCst);
    waiting.reads.go_on.notify_one();
    let began = std::time::Instant::now();
    while waiting.seen() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::task::yield_now().await;
    }
    // The look that the hundred asked for may be under way.
    waiting.wait().await;
    waiting.append(2).await;
    let patient = CatchUp::new(waiting.process.ctx.clone(), waiting.process.deployer.clone(), Duration::from_secs(60));
    let waiting = Waiting { catch_up: Arc::new(patient), ..waiting };
    waiting.wait().await;
    assert_eq!(waiting.seen(), 2);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_keeps_nobody() {
    let waiting = Waiting::new(Duration::from_secs(3600)).await;
    waiting.append(1).await;
    waiting.reads.fail.store(true, Ordering::SeqCst);
    for _ in 0..10 {
        waiting.wait().await;
    }
    assert_eq!(waiting.seen(), 0);
    waiting.reads.fail.store(false, Ordering::SeqCst);
    let began = std::time::Instant::now();
    while waiting.seen() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60));
        waiting.wait().await;
        tokio::task::yield_now().await;
    }
    waiting.append(2).await;
    waiting.wait().await;
    assert_eq!(waiting.seen(), 2, "it is waited for again");
}

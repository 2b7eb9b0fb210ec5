//! The processes that share the storage: which of them live, who leads, and what those that serve have loaded.
//!
//! Each process writes its record anew every [`HEARTBEAT`]. As with leases, no clock is compared with another: a record that
//! stayed as it was for [`DEAD_AFTER`], by this process's own steady time, has nobody behind it. A process that finds that its
//! own heartbeat was late counts for dead with the others, and takes everything in anew before it writes again.

use crate::stop::Stop;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tastemaker_domain::role::{Role, Roles};
use tastemaker_store::records::{self, HeldCampaign, NODES_CHANNEL, NodeRecord};
use tastemaker_store::{Error, Precondition, Stores};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Time between two writes of a process's record.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Time without a heartbeat after which a process counts for dead.
pub(crate) const DEAD_AFTER: Duration = Duration::from_secs(10);
/// Time without a heartbeat after which the record of a process is removed.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
/// Time between looks at the others while a job waits for them.
const LOOK: Duration = Duration::from_millis(200);

/// The digits of a process's id in the ids of its lists.
const TAG_LEN: usize = 8;

/// The digits by which the lists of a process are known: the first of its id.
pub(crate) fn tag_of_process(id: &str) -> Option<&str> {
    id.get(..TAG_LEN).filter(|tag| tag.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// This process among those that share its storage.
#[derive(Debug)]
pub struct Nodes {
    id: String,
    roles: Roles,
    /// None of a process that is alone.
    shared: Option<Mutex<Shared>>,
    changed: Notify,
}

#[derive(Debug)]
struct Shared {
    own: NodeRecord,
    written: Option<Instant>,
    others: HashMap<String, Seen>,
}

/// The processes that share the storage and live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivingNodes {
    /// Their numbers by role.
    pub by_role: Vec<(Role, usize)>,
    /// Campaigns and recommenders of which two of them hold different models or settings.
    pub disagreeing_campaigns: usize,
}

/// A record of another process, and when its present version was seen first.
#[derive(Debug)]
struct Seen {
    version: u64,
    since: Instant,
    node: NodeRecord,
}

impl Seen {
    fn lives(&self) -> bool {
        self.since.elapsed() < DEAD_AFTER
    }

    fn has(&self, role: Role) -> bool {
        self.node.roles.iter().any(|word| word == role.as_str())
    }
}

impl Default for Nodes {
    /// Of a process that alone uses its storage and does everything.
    fn default() -> Self {
        Self { id: String::new(), roles: Roles::all(), shared: None, changed: Notify::new() }
    }
}

impl Nodes {
    /// Of a process, by a UUID made at its start, that shares its storage with others.
    pub fn sharing(id: String, roles: Roles, now_ms: i64) -> Self {
        let words = roles.iter().map(|role| role.as_str().to_owned()).collect();
        let own = NodeRecord::new(id.clone(), words, now_ms);
        let shared = Shared { own, written: None, others: HashMap::new() };
        Self { id, roles, shared: Some(Mutex::new(shared)), changed: Notify::new() }
    }

    /// Whether other processes may use the storage at the same time.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Whether a role is this process's.
    pub fn has(&self, role: Role) -> bool {
        self.roles.has(role)
    }

    /// Whether this process does what one alone should do: the first by its id of the workers that live. While the others are
    /// not known yet nobody leads, and for a moment two may, so that what a leader does is right when it is done twice.
    pub fn leads(&self) -> bool {
        let Some(shared) = &self.shared else { return true };
        let shared = shared.lock();
        let first = |seen: &Seen| seen.lives() && seen.has(Role::Worker) && seen.node.id < self.id;
        self.roles.has(Role::Worker) && shared.written.is_some() && !shared.others.values().any(first)
    }

    /// Notes what this process has for a campaign.
    pub(crate) fn note_campaign(&self, arn: &str, held: HeldCampaign) {
        self.note(|own| own.campaigns.insert(arn.to_owned(), held.clone()).as_ref() != Some(&held));
    }

    /// Notes that this process answers for a campaign no more.
    pub(crate) fn note_retired(&self, arn: &str) {
        self.note(|own| own.campaigns.remove(arn).is_some());
    }

    /// Whether this process has forgotten the users of a deletion that is under way.
    pub(crate) fn has_forgotten(&self, deletion_arn: &str) -> bool {
        self.shared.as_ref().is_some_and(|shared| shared.lock().own.forgotten.contains(deletion_arn))
    }

    /// Notes that the users of a deletion are forgotten here; those of other deletions than `under_way` are of no interest.
    pub(crate) fn note_forgotten(&self, under_way: &[String], deletion_arn: Option<&str>) {
        self.note(|own| {
            let before = own.forgotten.clone();
            own.forgotten.extend(deletion_arn.map(str::to_owned));
            own.forgotten.retain(|arn| under_way.contains(arn));
            own.forgotten != before
        });
    }

    fn note(&self, change: impl FnOnce(&mut NodeRecord) -> bool) {
        if let Some(shared) = &self.shared
            && change(&mut shared.lock().own)
        {
            self.changed.notify_one();
        }
    }

    /// Ends when the record of this process should be written: it changed, or its time has come.
    pub(crate) async fn due(&self) {
        tokio::select! {
            () = self.changed.notified() => {}
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
    }

    /// Whether this process was silent for so long that the others go on without it.
    pub(crate) fn was_left_behind(&self) -> bool {
        let Some(shared) = &self.shared else { return false };
        shared.lock().written.is_some_and(|written| written.elapsed() >= DEAD_AFTER)
    }

    /// Forgets what this process has noted, as after it was left behind.
    pub(crate) fn begin_anew(&self) {
        if let Some(shared) = &self.shared {
            let mut shared = shared.lock();
            shared.own.campaigns.clear();
            shared.own.forgotten.clear();
        }
    }

    /// Writes this process's record and looks at those of the others.
    pub async fn beat(&self, stores: &Stores) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let began = Instant::now();
        let own = shared.lock().own.clone();
        stores.records.commit(Vec::new(), vec![records::put(&own)?]).await?;
        // The others count from when they see it, which is later.
        shared.lock().written = Some(began);
        stores.wakeups.notify(NODES_CHANNEL).await;
        self.look(stores).await
    }

    /// Looks at the records of the others, and removes those of processes that are long gone.
    async fn look(&self, stores: &Stores) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let found = records::list::<NodeRecord>(&*stores.records).await?;
        let mut gone = Vec::new();
        {
            let mut shared = shared.lock();
            shared.others.retain(|id, _| found.iter().any(|(_, node)| node.id == *id));
            let now = Instant::now();
            for (version, node) in found.into_iter().filter(|(_, node)| node.id != self.id) {
                match shared.others.get_mut(&node.id) {
                    Some(seen) if seen.version == version => {
                        if seen.since.elapsed() >= FORGOTTEN_AFTER {
                            gone.push((version, node.id));
                        }
                    }
                    _ => drop(shared.others.insert(node.id.clone(), Seen { version, since: now, node })),
                }
            }
        }
        for (version, id) in gone {
            let unchanged = Precondition::Version(records::key::<NodeRecord>(&id), version);
            match stores.records.commit(vec![unchanged], vec![records::delete::<NodeRecord>(&id)]).await {
                Ok(()) => tracing::warn!(id, "a process that shares the storage is gone"),
                Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes this process's record, when it ends.
    pub async fn leave(&self, stores: &Stores) -> Result<(), Error> {
        if self.shared.is_none() {
            return Ok(());
        }
        stores.records.commit(Vec::new(), vec![records::delete::<NodeRecord>(&self.id)]).await
    }

    /// The processes that share the storage and live, this one among them; `None` of a process that is alone.
    pub fn living(&self) -> Option<LivingNodes> {
        let shared = self.shared.as_ref()?.lock();
        let others = shared.others.values().filter(|seen| seen.lives()).map(|seen| &seen.node);
        let nodes: Vec<&NodeRecord> = std::iter::once(&shared.own).chain(others).collect();
        let of_role = |role: &Role| {
            (*role, nodes.iter().filter(|node| node.roles.iter().any(|word| word == role.as_str())).count())
        };
        let mut targets: HashMap<&str, &str> = HashMap::new();
        let mut disagreeing: Vec<&str> = Vec::new();
        for (arn, held) in nodes.iter().flat_map(|node| &node.campaigns) {
            let target = targets.entry(arn).or_insert(&held.target);
            if *target != held.target {
                disagreeing.push(arn);
            }
        }
        disagreeing.sort_unstable();
        disagreeing.dedup();
        Some(LivingNodes { by_role: Role::ALL.iter().map(of_role).collect(), disagreeing_campaigns: disagreeing.len() })
    }

    /// The digits by which the lists of the processes that live are known.
    pub(crate) fn living_tags(&self) -> HashSet<String> {
        let Some(shared) = &self.shared else { return HashSet::new() };
        let shared = shared.lock();
        let others = shared.others.values().filter(|seen| seen.lives()).map(|seen| &seen.node.id);
        others.chain([&self.id]).filter_map(|id| tag_of_process(id)).map(str::to_owned).collect()
    }

    /// The other processes that live and serve.
    fn others_serving(&self) -> Vec<NodeRecord> {
        let Some(shared) = &self.shared else { return Vec::new() };
        let shared = shared.lock();
        let serving = shared.others.values().filter(|seen| seen.lives() && seen.has(Role::Serving));
        serving.map(|seen| seen.node.clone()).collect()
    }

    /// Waits until `judge` holds for every other process that lives and serves, and until there is one if this one does not serve.
    /// Ends with the first error of `judge`, and when the job must end.
    pub(crate) async fn await_serving(
        &self,
        stores: &Stores,
        must_end: impl Fn() -> bool,
        judge: impl Fn(&NodeRecord) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        let mut told = false;
        while !self.all_serving(stores, &judge).await? || !(self.has(Role::Serving) || self.any_serves()) {
            if !told && !self.any_serves() {
                tracing::warn!("no process with the role serving is there; a job waits for one");
                told = true;
            }
            self.wait(stores, &must_end).await?;
        }
        Ok(())
    }

    /// Waits until `judge` holds for every other process that lives and serves.
    pub(crate) async fn await_forgotten(
        &self,
        stores: &Stores,
        must_end: impl Fn() -> bool,
        judge: impl Fn(&NodeRecord) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        while !self.all_serving(stores, &judge).await? {
            self.wait(stores, &must_end).await?;
        }
        Ok(())
    }

    /// Whether `judge` holds for every other process that lives and serves, as it is now.
    async fn all_serving(
        &self,
        stores: &Stores,
        judge: &impl Fn(&NodeRecord) -> Result<bool, Stop>,
    ) -> Result<bool, Stop> {
        self.look(stores).await?;
        let mut all = true;
        for node in self.others_serving() {
            all &= judge(&node)?;
        }
        Ok(all)
    }

    fn any_serves(&self) -> bool {
        !self.is_shared() || !self.others_serving().is_empty()
    }

    async fn wait(&self, stores: &Stores, must_end: impl Fn() -> bool) -> Result<(), Stop> {
        if must_end() {
            return Err(Stop::Shutdown);
        }
        stores.wakeups.wait(NODES_CHANNEL, LOOK).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, roles: &[Role]) -> Nodes {
        Nodes::sharing(id.to_owned(), roles.iter().copied().collect(), 1)
    }

    #[tokio::test]
    async fn the_first_of_the_workers_that_live_leads() {
        let ctx = Stores::in_memory();
        let (a, b, c) = (node("a", &[Role::Serving]), node("b", &Role::ALL), node("c", &[Role::Worker]));
        assert!(Nodes::default().leads() && !b.leads(), "the others are not known yet");
        tokio::time::pause();
        for node in [&a, &b, &c, &a, &b, &c] {
            node.beat(&ctx).await.unwrap();
        }
        assert_eq!([&a, &b, &c].map(Nodes::leads), [false, true, false]);
        let serving = |node: &Nodes| node.others_serving().into_iter().map(|node| node.id).collect::<Vec<_>>();
        assert_eq!((serving(&a), serving(&b)), (vec!["b".to_owned()], vec!["a".to_owned()]));
        let living = a.living().unwrap();
        assert_eq!(living.by_role.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 2, 2]);
        assert_eq!((living.disagreeing_campaigns, Nodes::default().living()), (0, None));
        for (node, target) in [(&a, "one"), (&b, "two")] {
            node.note_campaign("arn:c", HeldCampaign { target: target.to_owned(), failure: None });
        }
        b.beat(&ctx).await.unwrap();
        a.beat(&ctx).await.unwrap();
        assert_eq!(a.living().unwrap().disagreeing_campaigns, 1);
        // b stops; the others go on.
        for _ in 0..3 {
            tokio::time::advance(DEAD_AFTER / 2).await;
            c.beat(&ctx).await.unwrap();
            a.beat(&ctx).await.unwrap();
        }
        assert_eq!((c.leads(), serving(&c)), (true, vec!["a".to_owned()]));
        assert!(b.was_left_behind() && !c.was_left_behind());
        b.beat(&ctx).await.unwrap();
        c.beat(&ctx).await.unwrap();
        assert!(b.leads() && !c.leads() && !b.was_left_behind());
        b.leave(&ctx).await.unwrap();
        c.beat(&ctx).await.unwrap();
        assert!(c.leads(), "whoever left is gone at once");
        tokio::time::advance(FORGOTTEN_AFTER).await;
        c.beat(&ctx).await.unwrap();
        let left: Vec<_> = records::list::<NodeRecord>(&*ctx.records).await.unwrap();
        assert_eq!(left.into_iter().map(|(_, node)| node.id).collect::<Vec<_>>(), ["c"]);
    }
}

//! Lists that another process answered, for events that name one of them by its `recommendationId` and no impression.
//!
//! A process remembers the lists that it answered. The first eight digits of a `recommendationId` are those of the process's own id, so
//! that whoever takes the event knows whom to ask, and asks nobody where that process is gone or the id is nobody's. Question and answer
//! are small records, which the asked and the asking process take away; notifications make them quick.
//!
//! | record | key |
//! |---|---|
//! | a question | `asked-list/<whom>/<who>/<recommendation id>` |
//! | its answer, empty where the list is not remembered | `shown-list/<who>/<recommendation id>` |

use crate::context::JobsCtx;
use crate::nodes::tag_of_process;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tastemaker_serving::{ImpressionList, Impressions};
use tastemaker_store::{Error, Write, from_json, put_json};
use tokio::sync::watch;

/// The longest wait for an answer; the event is then kept without an impression.
const ANSWER_WAIT: Duration = Duration::from_millis(500);
/// Questions that wait for their answers at once; further events are kept without an impression.
const ASKED_MAX: usize = 256;
/// Questions or answers that are read at once.
const PAGE_LEN: usize = 256;
/// Time between looks at the records when no notification comes.
const LOOK: Duration = Duration::from_secs(1);
/// Time between searches for records of processes that are gone.
const SWEEP: Duration = Duration::from_secs(60);
/// What stands before the process in a `recommendationId`.
const PREFIX: &str = "RID-";

const ASKED: &str = "asked-list/";
const SHOWN: &str = "shown-list/";

/// The process that answered with an id.
fn tag_of(recommendation_id: &str) -> Option<&str> {
    tag_of_process(recommendation_id.strip_prefix(PREFIX)?)
}

fn channel(tag: &str) -> String {
    format!("lists/{tag}")
}

/// The lists that this process has asked others for. One for each process.
#[derive(Default)]
pub struct ShownLists {
    /// The answers; those with items.
    answered: Impressions,
    /// Questions without an answer, by recommendation id.
    asked: Mutex<HashMap<String, watch::Sender<bool>>>,
}

impl std::fmt::Debug for ShownLists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShownLists").field("asked", &self.asked.lock().len()).finish_non_exhaustive()
    }
}

impl ShownLists {
    /// The items of the lists that were answered with these ids, by any process that lives, as far as they are remembered.
    pub async fn recall(self: Arc<Self>, ctx: JobsCtx, ids: Vec<String>) -> HashMap<String, Vec<String>> {
        let (mut found, mut waits) = (HashMap::new(), Vec::new());
        for id in ids {
            if let Some(items) = self.known(&ctx, &id) {
                found.insert(id, items);
            } else if let Some((answered, question)) = self.ask(&ctx, &id) {
                waits.push((id, answered, question));
            }
        }
        if waits.is_empty() {
            return found;
        }
        let own = waits.iter().filter(|(_, _, question)| question.is_some()).map(|(id, ..)| id.clone()).collect();
        let _asking = Asking { lists: self.clone(), ids: own };
        let questions: Vec<Write> = waits.iter_mut().filter_map(|(_, _, question)| question.take()).collect();
        let asked: HashSet<String> = waits.iter().filter_map(|(id, ..)| tag_of(id).map(channel)).collect();
        let answers = async {
            if !questions.is_empty() {
                ctx.stores.records.commit(Vec::new(), questions).await?;
                for channel in asked {
                    ctx.stores.wakeups.notify(&channel).await;
                }
            }
            for (_, answered, _) in &mut waits {
                // An end without an answer is one as well.
                let _ = answered.wait_for(|answered| *answered).await;
            }
            Ok::<_, Error>(())
        };
        match tokio::time::timeout(ANSWER_WAIT, answers).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "another process cannot be asked for the list that an event names")
            }
            Err(_) => tracing::debug!("another process does not say in time which list an event names"),
        }
        for (id, ..) in waits {
            if let Some(items) = self.known(&ctx, &id) {
                found.insert(id, items);
            }
        }
        found
    }

    fn known(&self, ctx: &JobsCtx, id: &str) -> Option<Vec<String>> {
        let list = ctx.serving.impressions.recall(id).or_else(|| self.answered.recall(id))?;
        Some(list.item_ids().map(str::to_owned).collect())
    }

    /// The wait for an answer of the process that answered with an id, where it is another and lives, and the question that is to be
    /// written unless another event has asked it.
    fn ask(&self, ctx: &JobsCtx, id: &str) -> Option<(watch::Receiver<bool>, Option<Write>)> {
        let (whom, own) = (tag_of(id)?, tag_of_process(&ctx.owner)?);
        if whom == own || !ctx.nodes.living_tags().contains(whom) {
            return None;
        }
        let mut asked = self.asked.lock();
        if let Some(asked) = asked.get(id) {
            return Some((asked.subscribe(), None));
        }
        if asked.len() >= ASKED_MAX {
            return None;
        }
        let question = put_json(format!("{ASKED}{whom}/{own}/{id}"), &()).ok()?;
        let answered = asked.entry(id.to_owned()).or_insert_with(|| watch::channel(false).0);
        Some((answered.subscribe(), Some(question)))
    }

    /// Answers the others' questions and takes in their answers until `shutdown` becomes true.
    pub(crate) async fn keep(&self, ctx: JobsCtx, mut shutdown: watch::Receiver<bool>) {
        let Some(own) = tag_of_process(&ctx.owner).map(str::to_owned) else { return };
        let channel = channel(&own);
        let mut swept = tokio::time::Instant::now();
        while !*shutdown.borrow() {
            match self.round(&ctx, &own).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "other processes' questions cannot be answered"),
            }
            if swept.elapsed() >= SWEEP {
                swept = tokio::time::Instant::now();
                if let Err(error) = sweep(&ctx).await {
                    tracing::debug!(%error, "questions of processes that are gone cannot be removed");
                }
            }
            tokio::select! {
                () = ctx.stores.wakeups.wait(&channel, LOOK) => {}
                _ = shutdown.changed() => break,
            }
        }
    }

    /// One look at the questions and answers for this process; whether there may be more.
    async fn round(&self, ctx: &JobsCtx, own: &str) -> Result<bool, Error> {
        let (asked, shown) = (format!("{ASKED}{own}/"), format!("{SHOWN}{own}/"));
        let (mut writes, mut told, mut arrived) = (Vec::new(), HashSet::new(), Vec::new());
        let questions = ctx.stores.records.scan(&asked, None, PAGE_LEN).await?;
        let mut more = questions.len() == PAGE_LEN;
        for (key, _) in questions {
            if let Some((who, id)) = key.get(asked.len()..).and_then(|rest| rest.split_once('/')) {
                let list = ctx.serving.impressions.recall(id);
                let items: Vec<&str> = list.iter().flat_map(ImpressionList::item_ids).collect();
                writes.push(put_json(format!("{SHOWN}{who}/{id}"), &items)?);
                told.insert(channel(who));
            }
            writes.push(Write::Delete { key });
        }
        let answers = ctx.stores.records.scan(&shown, None, PAGE_LEN).await?;
        more |= answers.len() == PAGE_LEN;
        for (key, answer) in answers {
            let items: Vec<String> = from_json(&key, &answer.value)?;
            if let Some(id) = key.get(shown.len()..) {
                if !items.is_empty() {
                    // Events are counted for their campaign by the process that answered.
                    let list = ImpressionList::new(Arc::from(""), items.iter().map(String::as_str));
                    self.answered.remember(id, list);
                }
                arrived.push(id.to_owned());
            }
            writes.push(Write::Delete { key });
        }
        for id in arrived {
            if let Some(asked) = self.asked.lock().get(&id) {
                asked.send_replace(true);
            }
        }
        if !writes.is_empty() {
            ctx.stores.records.commit(Vec::new(), writes).await?;
        }
        for channel in told {
            ctx.stores.wakeups.notify(&channel).await;
        }
        Ok(more)
    }
}

/// Questions under way, which are no more when this is dropped, also by a request that ended before its answer.
struct Asking {
    lists: Arc<ShownLists>,
    ids: Vec<String>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut asked = self.lists.asked.lock();
        for id in &self.ids {
            asked.remove(id);
        }
    }
}

/// Removes questions to processes that are gone, and answers for them.
async fn sweep(ctx: &JobsCtx) -> Result<(), Error> {
    let living = ctx.nodes.living_tags();
    let mut gone = Vec::new();
    for prefix in [ASKED, SHOWN] {
        for (key, _) in ctx.stores.records.scan(prefix, None, PAGE_LEN).await? {
            let whose = key.get(prefix.len()..).and_then(|rest| rest.split('/').next());
            if whose.is_some_and(|tag| !living.contains(tag)) {
                gone.push(Write::Delete { key });
            }
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    ctx.stores.records.commit(Vec::new(), gone).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_the_process_that_answered() {
        let process = "0123abcd-0000-4000-8000-000000000000";
        assert_eq!(tag_of_process(process), Some("0123abcd"));
        assert_eq!(tag_of(&format!("RID-{process}")), Some("0123abcd"));
        for foreign in ["", "RID-", "RID-0123", "RID-0123abcg-0", "0123abcd-0000", "RID-\u{AC00}\u{AC00}\u{AC00}"] {
            assert_eq!(tag_of(foreign), None, "{foreign}");
        }
    }
}

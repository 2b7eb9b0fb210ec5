//! The sending of changes to one receiver, until it has taken each of them or they go to the dead letters.
//!
//! A change waits for the earlier ones of the same resource; changes of other resources go on meanwhile. A process that ends
//! between an answer and its note sends the change again: the receiver knows it by its id.

use super::live::LiveReceivers;
use super::receiver::Receiver;
use anyhow::Result;
use futures::StreamExt;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use rand::Rng;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tastemaker_domain::resource::TimeMs;
use tastemaker_store::records::{
    DELIVERIES_CHANNEL, Delivery, deliveries, delivery_key, receivers, undelivered, undelivered_key,
};
use tastemaker_store::{Precondition, Records, Stores, Write};
use tokio::sync::watch;

/// Changes that are read at once.
const PAGE: usize = 200;
/// The most changes that are looked through for those of resources that do not wait.
const LOOK_MAX: usize = 5_000;
/// Changes of different resources that are on their way to a receiver at once.
const AT_ONCE: usize = 4;
/// The longest wait between two attempts.
const RETRY_MAX: Duration = Duration::from_secs(60 * 60);
/// The time after which storage is looked at although nobody notified.
const POLL: Duration = Duration::from_secs(5);
/// Dead letters of a receiver that are kept; the oldest go first.
const DEAD_LETTERS_MAX: usize = 1_000;

const DELIVERED: &str = "tastemaker_webhook_deliveries_total";
const FAILED: &str = "tastemaker_webhook_failures_total";
const DEAD: &str = "tastemaker_webhook_dead_letters_total";
const WAITING: &str = "tastemaker_webhook_waiting";

/// The sending to all receivers.
pub struct Deliveries {
    /// Storage.
    pub stores: Stores,
    /// The receivers.
    pub receivers: LiveReceivers,
    /// The time.
    pub clock: fn() -> TimeMs,
}

impl Deliveries {
    /// Sends changes for ever, while this process leads. When there are other receivers, what is on its way is sent first.
    pub async fn keep(self, leads: impl Fn() -> bool) {
        describe_counter!(DELIVERED, "Changes of statuses that a receiver of webhooks has taken, by its host.");
        describe_counter!(FAILED, "Attempts to send a change that failed, by the receiver's host.");
        describe_counter!(DEAD, "Changes that went to the dead letters, by the receiver's host.");
        describe_gauge!(WAITING, "Changes that wait to be sent, by the receiver's host; at most 5,000 are counted.");
        let mut receivers = self.receivers.subscribe();
        loop {
            let now = receivers.borrow_and_update().clone();
            self.send_to(&now, &receivers, &leads).await;
            if receivers.changed().await.is_err() {
                return;
            }
        }
    }

    /// Sends changes to these receivers until there are others.
    async fn send_to(&self, now: &[Receiver], others: &Others, leads: &impl Fn() -> bool) {
        if !now.is_empty()
            && leads()
            && let Err(error) = self.drop_strangers(now).await
        {
            tracing::warn!(%error, "changes for receivers that are no longer configured cannot be removed");
        }
        let work = now.iter().map(|receiver| {
            let agent = receiver.agent();
            let worker = Worker {
                stores: self.stores.clone(),
                receiver: Arc::new(receiver.clone()),
                id: receiver.id(),
                agent,
                clock: self.clock,
                others: others.clone(),
            };
            async move { worker.keep(leads).await }
        });
        futures::future::join_all(work).await;
        for receiver in now {
            gauge!(WAITING, "host" => receiver.host.clone()).set(0.0);
        }
    }

    /// Removes what waits for receivers that the configuration no longer names. Dead letters stay for those who look.
    async fn drop_strangers(&self, now: &[Receiver]) -> Result<(), tastemaker_store::Error> {
        let known: HashSet<String> = now.iter().map(Receiver::id).collect();
        for receiver in receivers(&*self.stores.records).await?.into_iter().filter(|id| !known.contains(id)) {
            let mut count = 0;
            loop {
                let page = deliveries(&*self.stores.records, &receiver, None, PAGE).await?;
                if page.is_empty() {
                    break;
                }
                count += page.len();
                let delete = |found: &Delivery| Write::Delete { key: delivery_key(&receiver, found.change.number) };
                self.stores.records.commit(Vec::new(), page.iter().map(delete).collect()).await?;
            }
            if count > 0 {
                tracing::warn!(receiver, count, "changes for a receiver that is no longer configured are dropped");
            }
        }
        Ok(())
    }
}

/// News of other receivers.
type Others = watch::Receiver<Arc<Vec<Receiver>>>;

/// The sending to one receiver.
struct Worker {
    stores: Stores,
    receiver: Arc<Receiver>,
    id: String,
    agent: ureq::Agent,
    clock: fn() -> TimeMs,
    others: Others,
}

impl Worker {
    /// Whether there are other receivers now, or nobody who could name some.
    fn is_over(&self) -> bool {
        self.others.has_changed().unwrap_or(true)
    }

    async fn keep(&self, leads: &impl Fn() -> bool) {
        while !self.is_over() {
            let wait = if leads() {
                match self.round().await {
                    Ok(next_ms) => {
                        let ms = next_ms.map_or(i64::MAX, |next_ms| (next_ms - (self.clock)()).max(10));
                        Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)).min(POLL)
                    }
                    Err(error) => {
                        tracing::warn!(%error, host = self.receiver.host, "changes to send cannot be read or written");
                        POLL
                    }
                }
            } else {
                POLL
            };
            let mut others = self.others.clone();
            tokio::select! {
                () = self.stores.wakeups.wait(DELIVERIES_CHANNEL, wait) => {}
                _ = others.changed() => {}
            }
        }
    }

    /// Sends everything that is due; the time at which something else will be.
    async fn round(&self) -> Result<Option<TimeMs>, tastemaker_store::Error> {
        loop {
            let (due, next_ms, waiting) = self.due().await?;
            gauge!(WAITING, "host" => self.receiver.host.clone()).set(waiting as f64);
            if due.is_empty() || self.is_over() {
                return Ok(next_ms);
            }
            let mut sending =
                futures::stream::iter(due.into_iter().map(|delivery| self.send(delivery))).buffer_unordered(AT_ONCE);
            while let Some(sent) = sending.next().await {
                sent?;
            }
        }
    }

    /// The first change of each resource that is due, the time at which the next one will be, and the number of those that were
    /// looked through.
    async fn due(&self) -> Result<(Vec<Delivery>, Option<TimeMs>, usize), tastemaker_store::Error> {
        let now_ms = (self.clock)();
        let (mut due, mut seen, mut next_ms, mut looked, mut after) = (Vec::new(), HashSet::new(), None, 0, None);
        while looked < LOOK_MAX {
            let page = deliveries(&*self.stores.records, &self.id, after, PAGE).await?;
            looked += page.len();
            after = page.last().map(|delivery| delivery.change.number);
            let is_last = page.len() < PAGE;
            for delivery in page {
                if !seen.insert(delivery.change.arn.clone()) {
                    continue;
                }
                if delivery.not_before_ms > now_ms {
                    next_ms = Some(next_ms.map_or(delivery.not_before_ms, |ms: TimeMs| ms.min(delivery.not_before_ms)));
                } else {
                    due.push(delivery);
                }
            }
            if is_last {
                break;
            }
        }
        Ok((due, next_ms, looked))
    }

    async fn send(&self, delivery: Delivery) -> Result<(), tastemaker_store::Error> {
        let (receiver, agent, change) = (self.receiver.clone(), self.agent.clone(), delivery.change.clone());
        let now_s = (self.clock)() / 1000;
        let sent = tokio::task::spawn_blocking(move || receiver.send(&agent, &change, now_s)).await;
        let sent = sent.unwrap_or_else(|error| Err(format!("the attempt ended early: {error}")));
        let (host, records) = (self.receiver.host.clone(), &*self.stores.records);
        let key = delivery_key(&self.id, delivery.change.number);
        let (arn, status) = (&delivery.change.arn, &delivery.change.status);
        let error = match sent {
            Ok(_) => {
                counter!(DELIVERED, "host" => host).increment(1);
                return records.commit(Vec::new(), vec![Write::Delete { key }]).await;
            }
            Err(error) => error,
        };
        counter!(FAILED, "host" => host.clone()).increment(1);
        let attempts = delivery.attempts + 1;
        let failed = Delivery { attempts, last_error: Some(error.clone()), ..delivery.clone() };
        if attempts < self.receiver.attempts {
            let wait = back_off(self.receiver.retry, attempts, rand::rng().random::<f64>());
            let not_before_ms = (self.clock)() + TimeMs::try_from(wait.as_millis()).unwrap_or(TimeMs::MAX);
            tracing::warn!(host, arn, status, attempts, error, "a webhook was not taken; it is sent again");
            let again = Delivery { not_before_ms, ..failed };
            return still_there(records.commit(vec![Precondition::Exists(key)], vec![again.put(&self.id)?]).await);
        }
        tracing::error!(host, arn, status, attempts, error, "a webhook was not taken and goes to the dead letters");
        counter!(DEAD, "host" => host).increment(1);
        let mut writes = vec![Write::Delete { key: key.clone() }, failed.put_undelivered(&self.id)?];
        let dead = undelivered(records, &self.id).await?;
        let surplus = (dead.len() + 1).saturating_sub(DEAD_LETTERS_MAX);
        for old in dead.iter().take(surplus) {
            writes.push(Write::Delete { key: undelivered_key(&self.id, old.change.number) });
        }
        still_there(records.commit(vec![Precondition::Exists(key)], writes).await)
    }
}

/// A change that another process has sent meanwhile is nothing to note.
fn still_there(committed: Result<(), tastemaker_store::Error>) -> Result<(), tastemaker_store::Error> {
    match committed {
        Err(tastemaker_store::Error::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// The wait after the `failures`-th attempt that failed; `random` in 0..1 shortens it by up to a half.
fn back_off(first: Duration, failures: u32, random: f64) -> Duration {
    let doubled = first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(RETRY_MAX).mul_f64(1.0 - random / 2.0)
}

/// The dead letters of all receivers that are or were configured, with the receivers' ids.
pub async fn dead_letters(records: &dyn Records) -> Result<Vec<(String, Delivery)>, tastemaker_store::Error> {
    let mut all = Vec::new();
    for receiver in receivers(records).await? {
        all.extend(undelivered(records, &receiver).await?.into_iter().map(|letter| (receiver.clone(), letter)));
    }
    Ok(all)
}

/// Puts dead letters on their way again: those with this id, or all of them. Returns their number.
pub async fn retry_dead_letters(
    stores: &Stores,
    id: Option<&str>,
    now_ms: TimeMs,
) -> Result<usize, tastemaker_store::Error> {
    let mut count = 0;
    for (receiver, letter) in dead_letters(&*stores.records).await? {
        if id.is_some_and(|id| id != letter.change.id) {
            continue;
        }
        let dead = undelivered_key(&receiver, letter.change.number);
        let again = Delivery { attempts: 0, not_before_ms: now_ms, ..letter };
        let writes = vec![Write::Delete { key: dead.clone() }, again.put(&receiver)?];
        match stores.records.commit(vec![Precondition::Exists(dead)], writes).await {
            Err(tastemaker_store::Error::Conflict(_)) => continue,
            committed => committed?,
        }
        count += 1;
    }
    if count > 0 {
        stores.wakeups.notify(DELIVERIES_CHANNEL).await;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_shortened_at_random() {
        let five = Duration::from_secs(5);
        for (failures, random, seconds) in
            [(1, 0.0, 5.0), (2, 0.0, 10.0), (5, 0.0, 80.0), (11, 0.0, 3600.0), (200, 0.0, 3600.0), (1, 0.5, 3.75)]
        {
            assert_eq!(back_off(five, failures, random).as_secs_f64(), seconds, "{failures}");
        }
    }
}

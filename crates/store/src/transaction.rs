//! The optimistic transaction: read, decide, commit if nobody has written what was read, else decide anew.

use crate::records::{self, JOBS_CHANNEL, Record};
use crate::{Error, Precondition, Records, Result, Write};
use async_trait::async_trait;
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use tastemaker_domain::resource::{JobKind, TimeMs};
use tastemaker_domain::tags::Tags;

/// The number of times that a transaction is decided before it ends with [`Error::Contended`]. Each conflict means that somebody else
/// succeeded, so this many concurrent writers of one dataset group all get through.
const ATTEMPTS_MAX: usize = 200;

/// Preconditions and the writes that follow when they hold. Clones are handles of the same transaction, so that a closure can own
/// one while its caller keeps another.
#[derive(Clone, Debug, Default)]
pub struct Transaction(Arc<Mutex<Changes>>);

/// The content of a [`Transaction`].
#[derive(Debug, Default)]
pub struct Changes {
    /// The conditions at the moment of the commit.
    pub preconditions: Vec<Precondition>,
    /// The writes, in order.
    pub writes: Vec<Write>,
    /// Which channels are notified after the commit.
    pub channels: Vec<&'static str>,
}

impl Transaction {
    /// Nothing to require and nothing to write.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a record that must not exist yet.
    pub fn create<R: Record>(&self, record: &R) -> Result<()> {
        self.require(Precondition::Absent(records::key::<R>(record.id())));
        self.put(record)
    }

    /// As [`create`](Self::create), with the customer's tags. A name that is used again never inherits tags.
    pub fn create_tagged<R: Record>(&self, record: &R, tags: &Tags) -> Result<()> {
        self.create(record)?;
        self.set_tags(record.id(), tags)
    }

    /// Replaces the tags of the resource with this ARN.
    pub fn set_tags(&self, arn: &str, tags: &Tags) -> Result<()> {
        let write = if tags.is_empty() { records::delete_tags(arn) } else { records::put_tags(arn, tags)? };
        self.write(write);
        Ok(())
    }

    /// Requires that nobody has written the record since it was read.
    pub fn unchanged<R: Record>(&self, version: u64, record: &R) {
        self.require(Precondition::Version(records::key::<R>(record.id()), version));
    }

    /// Requires that nobody has written, made or removed the record under `key` since it was read with this version.
    pub fn unchanged_key(&self, version: Option<u64>, key: String) {
        self.require(match version {
            Some(version) => Precondition::Version(key, version),
            None => Precondition::Absent(key),
        });
    }

    /// Replaces a record that nobody has written since it was read.
    pub fn replace<R: Record>(&self, version: u64, record: &R) -> Result<()> {
        self.unchanged(version, record);
        self.put(record)
    }

    /// Rewrites a parent as it is, so that concurrent creates below it and its deletion see one another.
    pub fn touch<R: Record>(&self, version: u64, parent: &R) -> Result<()> {
        self.replace(version, parent)
    }

    /// Removes a record that nobody has written since it was read, with its tags.
    pub fn remove<R: Record>(&self, version: u64, record: &R) {
        self.unchanged(version, record);
        self.write(records::delete::<R>(record.id()));
        self.write(records::delete_tags(record.id()));
    }

    /// Adds the job that works on `resource_arn`, and notifies those who work on jobs.
    pub fn add_job(&self, kind: JobKind, resource_arn: &str, now_ms: TimeMs) -> Result<()> {
        self.create(&records::new_job(kind, resource_arn, now_ms))?;
        self.notify(JOBS_CHANNEL);
        Ok(())
    }

    /// Adds a write of any kind.
    pub fn write(&self, write: Write) {
        self.0.lock().writes.push(write);
    }

    /// Adds a precondition of any kind.
    pub fn require(&self, precondition: Precondition) {
        self.0.lock().preconditions.push(precondition);
    }

    /// Notifies a channel after the commit, if the transaction runs by [`crate::Stores::transact`].
    pub fn notify(&self, channel: &'static str) {
        let mut changes = self.0.lock();
        if !changes.channels.contains(&channel) {
            changes.channels.push(channel);
        }
    }

    /// Forgets everything that was added: the decision is to write nothing.
    pub fn abandon(&self) {
        *self.0.lock() = Changes::default();
    }

    /// The changes added so far; the transaction is empty then.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock())
    }

    fn put<R: Record>(&self, record: &R) -> Result<()> {
        self.write(records::put(record)?);
        Ok(())
    }
}

/// Transactions on [`Records`].
#[async_trait]
pub trait RecordsTransact: Records {
    /// Runs `decide`, which reads records and adds to the transaction what must still hold and what is to be written, and
    /// commits; after a conflict everything is done anew. A transaction that stays empty commits nothing.
    ///
    /// ```
    /// # use tastemaker_store::{MemoryRecords, RecordsExt, RecordsTransact, Result, put_json};
    /// # async fn example(records: &MemoryRecords) -> Result<()> {
    /// let counted = records
    ///     .transact(|tx| async move {
    ///         let (version, count) = records.get_json::<u64>("count").await?.unzip();
    ///         let count = count.unwrap_or(0) + 1;
    ///         tx.unchanged_key(version, "count".to_owned());
    ///         tx.write(put_json("count", &count)?);
    ///         Ok::<_, tastemaker_store::Error>(count)
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    async fn transact<T, E, F, Fut>(&self, decide: F) -> Result<T, E>
    where
        T: Send,
        E: From<Error> + Send,
        F: FnMut(Transaction) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
    {
        Ok(transact(self, decide).await?.0)
    }
}

impl<R: Records + ?Sized> RecordsTransact for R {}

/// Runs a transaction; returns its result and the channels that are to be notified.
pub(crate) async fn transact<T, E, F, Fut>(
    records: &(impl Records + ?Sized),
    mut decide: F,
) -> Result<(T, Vec<&'static str>), E>
where
    E: From<Error>,
    F: FnMut(Transaction) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let mut contended = String::new();
    for _ in 0..ATTEMPTS_MAX {
        let tx = Transaction::new();
        let decided = decide(tx.clone()).await?;
        let Changes { preconditions, writes, channels } = tx.take();
        if preconditions.is_empty() && writes.is_empty() {
            return Ok((decided, channels));
        }
        match records.commit(preconditions, writes).await {
            Ok(()) => return Ok((decided, channels)),
            Err(Error::Conflict(key)) => contended = key,
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Contended { key: contended, attempts: ATTEMPTS_MAX }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryRecords, RecordsExt, put_json};
    use tastemaker_domain::resource::DatasetGroup;

    async fn increment(records: &MemoryRecords) -> Result<u64> {
        records
            .transact(|tx| async move {
                let (version, count) = records.get_json::<u64>("count").await?.unzip();
                let count = count.unwrap_or(0) + 1;
                tokio::task::yield_now().await;
                tx.unchanged_key(version, "count".to_owned());
                tx.write(put_json("count", &count)?);
                Ok(count)
            })
            .await
    }

    #[tokio::test]
    async fn concurrent_transactions_all_count() {
        let records = MemoryRecords::new();
        let counts = futures::future::join_all((0..20).map(|_| increment(&records))).await;
        let mut counts = counts.into_iter().collect::<Result<Vec<_>>>().expect("every transaction gets through");
        counts.sort_unstable();
        assert_eq!(counts, (1..=20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn endless_conflicts_end() {
        let records = MemoryRecords::new();
        let mut attempts = 0;
        let refused: Result<()> = records
            .transact(|tx| {
                attempts += 1;
                tx.require(Precondition::Exists("nothing".to_owned()));
                async { Ok(()) }
            })
            .await;
        assert_eq!(attempts, ATTEMPTS_MAX);
        let text = refused.expect_err("contended").to_string();
        assert_eq!(text, "nothing was changed by others 200 times meanwhile; try again.");
    }

    #[tokio::test]
    async fn an_abandoned_transaction_writes_nothing() {
        let records = MemoryRecords::new();
        let decided: Result<u8> = records
            .transact(|tx| async move {
                tx.require(Precondition::Exists("nothing".to_owned()));
                tx.write(put_json("a", &1)?);
                tx.abandon();
                Ok(7)
            })
            .await;
        assert_eq!(decided.expect("decided"), 7);
        assert!(records.get("a").await.expect("get").is_none());
    }

    #[test]
    fn each_change_has_its_conditions_and_writes() {
        const GROUP: &str = include_str!("../tests/records/v1/dataset-group.json");
        let group: DatasetGroup = records::decode("k", GROUP.trim_end().as_bytes()).expect("a group");
        let (key, tags_key) = (records::key::<DatasetGroup>(&group.arn), records::tags_key(&group.arn));
        let put = records::put(&group).expect("a write");
        let seen = Precondition::Version(key.clone(), 3);
        let absent = Precondition::Absent(key.clone());
        let delete = |key: &str| Write::Delete { key: key.to_owned() };
        let taken = |change: &dyn Fn(&Transaction)| {
            let tx = Transaction::new();
            change(&tx);
            let Changes { preconditions, writes, channels } = tx.take();
            assert!(tx.take().writes.is_empty(), "what is taken is gone");
            (preconditions, writes, channels)
        };
        let expect =
            |found: (Vec<Precondition>, Vec<Write>, Vec<&str>), conditions: &[Precondition], writes: &[Write]| {
                assert_eq!((&found.0[..], &found.1[..], found.2.len()), (conditions, writes, 0));
            };
        expect(
            taken(&|tx| tx.create(&group).expect("added")),
            std::slice::from_ref(&absent),
            std::slice::from_ref(&put),
        );
        expect(taken(&|tx| tx.unchanged(3, &group)), std::slice::from_ref(&seen), &[]);
        expect(taken(&|tx| tx.unchanged_key(Some(3), key.clone())), std::slice::from_ref(&seen), &[]);
        expect(taken(&|tx| tx.unchanged_key(None, key.clone())), std::slice::from_ref(&absent), &[]);
        for change in [Transaction::replace::<DatasetGroup>, Transaction::touch::<DatasetGroup>] {
            let changed = taken(&|tx| change(tx, 3, &group).expect("added"));
            expect(changed, std::slice::from_ref(&seen), std::slice::from_ref(&put));
        }
        expect(taken(&|tx| tx.remove(3, &group)), &[seen], &[delete(&key), delete(&tags_key)]);

        let none = Tags::default();
        expect(taken(&|tx| tx.set_tags(&group.arn, &none).expect("added")), &[], &[delete(&tags_key)]);
        let some = Tags::stored([("a".to_owned(), "b".to_owned())].into());
        let tagged = taken(&|tx| tx.create_tagged(&group, &some).expect("added"));
        expect(tagged, &[absent], &[put, records::put_tags(&group.arn, &some).expect("a write")]);

        let (_, _, channels) = taken(&|tx| {
            tx.add_job(JobKind::Train, "arn", 5).expect("added");
        });
        assert_eq!(channels, [JOBS_CHANNEL], "a job is told");
        let (conditions, writes, channels) = taken(&|tx| {
            tx.add_job(JobKind::Train, "arn", 5).expect("added");
            tx.notify(JOBS_CHANNEL);
        });
        assert!(matches!(&conditions[..], [Precondition::Absent(job)] if job == writes[0].key()), "{conditions:?}");
        assert_eq!((writes.len(), channels), (1, vec![JOBS_CHANNEL]), "a channel is notified once");
    }
}

//! Appends of events on PostgreSQL, against plain inserts of the same rows in the same groups: one transaction with one statement for
//! each group, on one connection, into a table with the same columns and indexes. The server is started for the benchmark and syncs
//! every commit. Each row is the median of alternating rounds.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(unix)]
mod unix {
    use sqlx::{Connection, PgConnection};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};
    use tastemaker_backend_sql::{PostgresEvents, PostgresSettings};
    use tastemaker_store::{Events, NewEvent};
    use tastemaker_testkit::postgres::Postgres;

    const ROUNDS: usize = 5;
    const ROUND: Duration = Duration::from_secs(1);
    /// Callers of PutEvents that append at the same time, and events of each call.
    const CALLERS: usize = 64;
    const CALL_LEN: usize = 10;

    static NEXT: AtomicU64 = AtomicU64::new(0);

    /// An event as PutEvents stores it.
    fn event() -> NewEvent {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = format!(
            "{:08x}-{n:012x}\u{1f}{:016x}",
            n.wrapping_mul(0x9e37_79b9) as u32,
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        );
        let body = format!(
            r#"{{"v":1,"user_id":"user-{}","session_id":"session-{n}","item_id":"item-{}","event_type":"View","timestamp_s":1700000000}}"#,
            n % 5_000,
            n % 900
        );
        NewEvent { id, body: body.into() }
    }

    fn events(count: usize) -> Vec<NewEvent> {
        (0..count).map(|_| event()).collect()
    }

    struct Plain(PgConnection);

    impl Plain {
        async fn open(url: &str) -> Self {
            let mut connection = PgConnection::connect(url).await.expect("connect");
            let table = "CREATE TABLE IF NOT EXISTS plain (stream bigint NOT NULL, position bigserial NOT NULL, \
                         id text COLLATE \"C\" NOT NULL, body bytea NOT NULL, PRIMARY KEY (stream, position), UNIQUE (stream, id))";
            sqlx::query(table).execute(&mut connection).await.expect("made");
            Self(connection)
        }

        async fn insert(&mut self, events: &[NewEvent]) {
            let (ids, bodies): (Vec<&str>, Vec<&[u8]>) =
                events.iter().map(|event| (event.id.as_str(), &event.body[..])).unzip();
            sqlx::raw_sql("BEGIN").execute(&mut self.0).await.expect("begin");
            sqlx::query("INSERT INTO plain (stream, id, body) SELECT 1, * FROM unnest($1::text[], $2::bytea[])")
                .bind(ids)
                .bind(bodies)
                .execute(&mut self.0)
                .await
                .expect("insert");
            sqlx::raw_sql("COMMIT").execute(&mut self.0).await.expect("commit");
        }
    }

    /// Events a second of groups of this size, one after another.
    async fn rate(len: usize, mut write: impl AsyncFnMut(Vec<NewEvent>)) -> f64 {
        let (began, mut written) = (Instant::now(), 0);
        while began.elapsed() < ROUND {
            write(events(len)).await;
            written += len;
        }
        written as f64 / began.elapsed().as_secs_f64()
    }

    fn median(mut rates: Vec<f64>) -> f64 {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    }

    fn row(what: &str, ours: Vec<f64>, plain: Vec<f64>) {
        let (ours, plain) = (median(ours), median(plain));
        println!("| {what} | {ours:.0} | {plain:.0} | {:.2} |", ours / plain);
    }

    #[tokio::main]
    pub async fn main() {
        let Some(server) = Postgres::start(&[]) else { return };
        let url = server.database();
        let settings =
            PostgresSettings { url: url.parse().expect("a URL"), connections: 2, wait: Duration::from_secs(20) };
        let store = Arc::new(PostgresEvents::open(&settings).await.expect("open"));
        let mut plain = Plain::open(&url).await;
        println!(
            "{}",
            server
                .psql("postgres", "SELECT split_part(version(), ' on ', 1) || ', fsync ' || current_setting('fsync')")
        );
        println!("| events of a transaction | append, events/s | plain insert, events/s | ratio |");
        println!("|---|---|---|---|");
        for len in [10, 100, 640] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(rate(len, async |events| drop(store.append("s", events).await.expect("append"))).await);
                theirs.push(rate(len, async |events| plain.insert(&events).await).await);
            }
            row(&len.to_string(), ours, theirs);
        }
        // Calls that come at the same time share transactions; the plain inserts have the groups that came about.
        let (mut ours, mut theirs, mut lens) = (Vec::new(), Vec::new(), Vec::new());
        let commits = "SELECT count(DISTINCT xmin::text) FROM tastemaker_events";
        for _ in 0..ROUNDS {
            let before = groups(server.psql(name(&url), commits));
            let began = Instant::now();
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        let mut calls = 0;
                        while began.elapsed() < ROUND {
                            store.append("s", events(CALL_LEN)).await.expect("append");
                            calls += 1;
                        }
                        calls
                    })
                })
                .collect();
            let mut appended = 0;
            for caller in callers {
                appended += CALL_LEN * caller.await.expect("no panic");
            }
            ours.push(appended as f64 / began.elapsed().as_secs_f64());
            let made = groups(server.psql(name(&url), commits)) - before;
            let len = (appended as f64 / made as f64).round() as usize;
            lens.push(len as f64);
            theirs.push(rate(len, async |events| plain.insert(&events).await).await);
        }
        row(&format!("{:.0}, from {CALLERS} callers with {CALL_LEN} each", median(lens)), ours, theirs);
    }

    fn name(url: &str) -> &str {
        url.rsplit('/').next().expect("a name")
    }

    fn groups(answer: String) -> u64 {
        answer.rsplit('|').next().and_then(|count| count.parse().ok()).expect("a number")
    }
}

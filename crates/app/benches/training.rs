//! The floor of a campaign (`minProvisionedTPS`) under a flood of another campaign, without a training, beside a training and beside
//! a search for hyperparameters in the same process. One process measures another over loopback; requests are signed beforehand.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/server/mod.rs"]
#[allow(dead_code)]
mod server;

use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Requests a second that the campaign is promised.
const PROMISED: usize = 50;
/// Connections that ask for twice as much, evenly in time.
const ASKING: usize = 10;
const FLOODING: usize = 32;
const MEASURED: Duration = Duration::from_secs(8);
const USERS: usize = 3000;
/// A training of an unoptimized build on few users, to try the benchmark out: `-- 500`.
fn users() -> usize {
    std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(USERS)
}
const EVENTS: usize = 60;
const ITEMS: usize = 2000;

fn main() {
    let server = Server::start();
    let bench = Bench { caller: Caller::new(&server) };
    let mut line = Line::connect(&bench.caller.address).unwrap();
    let group = bench.data(&mut line);
    let served = bench.solution(&mut line, &group, "served", "32", false);
    let version = bench.train(&mut line, &served);
    bench.wait(&mut line, &version, "ACTIVE");
    let promised = bench.campaign(&mut line, "promised", &version, PROMISED);
    let flood = bench.campaign(&mut line, "flood", &version, 1);

    println!(
        "| beside the flood | promised/s | refused/s | p50 ms | p99 ms | flood/s | promised/s over the first row |"
    );
    println!("|---|---|---|---|---|---|---|");
    let alone = bench.row("nothing", &promised, &flood, None);
    for (name, tuning) in [("a training", false), ("a search for hyperparameters", true)] {
        let solution = bench.solution(&mut line, &group, if tuning { "tuned" } else { "plain" }, "256", tuning);
        let version = bench.train(&mut line, &solution);
        bench.wait(&mut line, &version, "CREATE IN_PROGRESS");
        // The data is read first.
        std::thread::sleep(Duration::from_secs(2));
        bench.row(name, &promised, &flood, Some(alone));
        assert_eq!(
            bench.status(&mut line, &version),
            "CREATE IN_PROGRESS",
            "the training must outlast the measurement"
        );
        line.call(&bench.caller.control("StopSolutionVersionCreation", &json!({"solutionVersionArn": version})));
        bench.wait(&mut line, &version, "CREATE STOPPED");
    }
}

struct Bench {
    caller: Caller,
}

impl Bench {
    fn made(&self, line: &mut Line, operation: &str, input: &Value, key: &str) -> Value {
        line.call(&self.caller.control(operation, input))[key].clone()
    }

    /// A dataset group with imported interactions.
    fn data(&self, line: &mut Line) -> Value {
        let mut csv = "USER_ID,ITEM_ID,TIMESTAMP\n".to_owned();
        for user in 0..users() {
            for step in 0..EVENTS {
                let item = (user * 31 + step * 7 + user * step % 13) % ITEMS;
                writeln!(csv, "u{user},i{item},{}", 1_700_000_000 + user * 1000 + step).unwrap();
            }
        }
        line.call(&self.caller.signed("s3", "PUT", "/bench", None, ""));
        line.call(&self.caller.signed("s3", "PUT", "/bench/interactions.csv", None, &csv));
        let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
        let schema = json!({"type": "record", "name": "Interactions", "namespace": "bench", "version": "1.0",
            "fields": [field("USER_ID", "string"), field("ITEM_ID", "string"), field("TIMESTAMP", "long")]});
        let schema =
            self.made(line, "CreateSchema", &json!({"name": "bench", "schema": schema.to_string()}), "schemaArn");
        let group = self.made(line, "CreateDatasetGroup", &json!({"name": "bench"}), "datasetGroupArn");
        let dataset =
            json!({"name": "bench", "datasetGroupArn": group, "datasetType": "Interactions", "schemaArn": schema});
        let dataset = self.made(line, "CreateDataset", &dataset, "datasetArn");
        let source = json!({"dataLocation": "s3://bench/interactions.csv"});
        let job = json!({"jobName": "bench", "datasetArn": dataset, "dataSource": source});
        self.made(line, "CreateDatasetImportJob", &job, "datasetImportJobArn");
        group
    }

    fn solution(&self, line: &mut Line, group: &Value, name: &str, hidden: &str, tuning: bool) -> Value {
        let given = json!({"algorithmHyperParameters": {"hidden_dimension": hidden}});
        let solution = json!({"name": name, "datasetGroupArn": group, "performAutoTraining": false,
            "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization", "performHPO": tuning,
            "solutionConfig": if tuning { json!({}) } else { given }});
        self.made(line, "CreateSolution", &solution, "solutionArn")
    }

    /// Begins a training, which waits for the import.
    fn train(&self, line: &mut Line, solution: &Value) -> Value {
        self.made(line, "CreateSolutionVersion", &json!({"solutionArn": solution}), "solutionVersionArn")
    }

    fn status(&self, line: &mut Line, version: &Value) -> String {
        let look = json!({"solutionVersionArn": version});
        let described = self.made(line, "DescribeSolutionVersion", &look, "solutionVersion");
        assert_ne!(described["status"], "CREATE FAILED", "{described}");
        described["status"].as_str().unwrap_or_default().to_owned()
    }

    fn wait(&self, line: &mut Line, version: &Value, status: &str) {
        while self.status(line, version) != status {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn campaign(&self, line: &mut Line, name: &str, version: &Value, tps: usize) -> Value {
        let campaign = json!({"name": name, "solutionVersionArn": version, "minProvisionedTPS": tps});
        let arn = self.made(line, "CreateCampaign", &campaign, "campaignArn");
        while self.made(line, "DescribeCampaign", &json!({"campaignArn": arn}), "campaign")["status"] != "ACTIVE" {
            std::thread::sleep(Duration::from_millis(50));
        }
        arn
    }

    /// Measures and prints one row; the answers a second of the promised campaign.
    fn row(&self, what: &str, promised: &Value, flood: &Value, first: Option<f64>) -> f64 {
        let (over, flooded, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        let ask = |campaign: &Value, user: usize| {
            let body = json!({"campaignArn": campaign, "userId": format!("u{}", user % users()), "numResults": 25});
            self.caller.post("/recommendations", &body)
        };
        let mut times = Vec::new();
        std::thread::scope(|scope| {
            for n in 0..FLOODING {
                let requests: Vec<_> = (0..100).map(|k| ask(flood, n * 100 + k)).collect();
                let (over, flooded) = (&over, &flooded);
                scope.spawn(move || {
                    let mut line = Line::connect(&self.caller.address).unwrap();
                    for request in requests.iter().cycle().take_while(|_| !over.load(Ordering::Relaxed)) {
                        let (status, _) = line.send_for_bytes(request).unwrap();
                        flooded.fetch_add(usize::from(status == 200), Ordering::Relaxed);
                    }
                });
            }
            let every = Duration::from_secs(1).mul_f64(ASKING as f64 / (2 * PROMISED) as f64);
            let asking: Vec<_> = (0..ASKING)
                .map(|n| {
                    let requests: Vec<_> = (0..100).map(|k| ask(promised, n * 100 + k)).collect();
                    let refused = &refused;
                    scope.spawn(move || {
                        let mut line = Line::connect(&self.caller.address).unwrap();
                        let (start, mut due, mut times) = (Instant::now(), Duration::ZERO, Vec::new());
                        for request in requests.iter().cycle() {
                            due += every;
                            std::thread::sleep(due.saturating_sub(start.elapsed()));
                            if start.elapsed() >= MEASURED {
                                break;
                            }
                            let (status, _) = line.send_for_bytes(request).unwrap();
                            // A request's time begins when it is due.
                            match status {
                                200 => times.push(start.elapsed().saturating_sub(due)),
                                _ => _ = refused.fetch_add(1, Ordering::Relaxed),
                            }
                        }
                        times
                    })
                })
                .collect();
            times.extend(asking.into_iter().flat_map(|thread| thread.join().unwrap()));
            over.store(true, Ordering::Relaxed);
        });
        times.sort_unstable();
        let seconds = MEASURED.as_secs_f64();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let answered = times.len() as f64 / seconds;
        let (refused, flooded) = (refused.into_inner() as f64 / seconds, flooded.into_inner() as f64 / seconds);
        let ratio = first.map_or(1.0, |first| answered / first);
        println!(
            "| {what} | {answered:.1} | {refused:.1} | {:.1} | {:.1} | {flooded:.0} | {ratio:.2} |",
            at(0.5),
            at(0.99)
        );
        answered
    }
}

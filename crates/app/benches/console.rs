//! The cost of the console: its pages over 100,000 items and 10 million interactions in statistics, uploads, visitors beside requests for
//! lists, and the viewers of a training.
//! One process measures another over loopback. The time of the server's processors is that of its threads of usual priority, on which
//! no training runs. `-- 500` tries it out with fewer users.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/server/mod.rs"]
#[allow(dead_code)]
mod server;

use serde_json::{Value, json};
use server::Server;
use server::caller::{Caller, Line};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tastemaker_backend_sql::SqliteRecords;
use tastemaker_domain::dataset_statistics::{DatasetStatistics, VALUE_CHARS_MAX, ValueCount};
use tastemaker_store::{Records, records};

const USERS: usize = 3000;
const EVENTS: usize = 60;
const ITEMS: usize = 2000;
/// Requests for each page.
const ASKED: usize = 50;
/// Time for which viewers are measured.
const MEASURED: Duration = Duration::from_secs(15);
/// Requests for recommendations a second meanwhile.
const LISTS_PER_SECOND: u32 = 50;
/// The same beside visitors.
const LISTS_PER_SECOND_VISITED: u32 = 200;
/// People who click beside them.
const VISITORS: usize = 20;
/// Bytes of an upload, and how often it is made: the quickest counts.
const UPLOAD_BYTES: usize = 256 << 20;
const UPLOADS: usize = 3;
/// Ticks of a processor's time a second, as Linux has them on all its machines.
const TICKS: f64 = 100.0;

fn users() -> usize {
    std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(USERS)
}

#[tokio::main]
async fn main() {
    let mut server = Server::start();
    let mut bench = Bench { caller: Caller::new(&server), cookie: String::new() };
    let mut line = Line::connect(&bench.caller.address).unwrap();
    let group = bench.data(&mut line);
    let solution = bench.solution(&mut line, &group, "served", "32");
    let version = bench.train(&mut line, &solution);
    bench.wait(&mut line, &version, "ACTIVE");
    let campaign = bench.campaign(&mut line, &version);
    bench.log_in(&server);
    while bench.get("/g/bench/data/INTERACTIONS").2.contains("statistics are being made") {
        std::thread::sleep(Duration::from_millis(200));
    }
    server.kill();
    enlarge(&server).await;
    server.restart();
    bench.caller = Caller::new(&server);
    bench.log_in(&server);
    bench.pages(version.as_str().unwrap());
    bench.uploads(&server);
    println!("\n| visitors | p50 ms of lists | p99 ms of lists | pages | p95 ms of pages |");
    println!("|---|---|---|---|---|");
    for visitors in [0, VISITORS, 0] {
        bench.visited(visitors, &campaign);
    }

    // The one of before was idle for longer than the server keeps a connection.
    line = Line::connect(&bench.caller.address).unwrap();
    let solution = bench.solution(&mut line, &group, "watched", "256");
    let version = bench.train(&mut line, &solution);
    println!("\n| viewers of a training | lists/s | p50 ms | p99 ms | processor, % of one core | KiB/s to viewers |");
    println!("|---|---|---|---|---|---|");
    bench.wait(&mut line, &version, "CREATE IN_PROGRESS");
    std::thread::sleep(Duration::from_secs(2));
    for viewers in [0, 1, 64, 0] {
        bench.watched(&server, viewers, version.as_str().unwrap(), &campaign);
    }
    if bench.status(&mut line, &version) != "CREATE IN_PROGRESS" {
        println!("the training ended before the measurement did");
    }
}

/// Makes the statistics of the interactions those of a shop with 100,000 items and 10 million interactions.
async fn enlarge(server: &Server) {
    let kept = SqliteRecords::open(server.data().join("records.sqlite")).await.unwrap();
    let mut all = records::list::<DatasetStatistics>(&kept).await.unwrap();
    let (_, statistics) = all.first_mut().unwrap();
    statistics.rows = 10_000_000;
    let of = statistics.interactions.as_mut().unwrap();
    (of.users, of.items, of.users_with_two) = (1_000_000, 100_000, 900_000);
    (of.bucket_days, of.by_day) = (1, (0..730).map(|day| (19_000 + day, 13_000 + day as u64)).collect());
    let value = |n: u64| ValueCount { value: format!("{n}{}", "x".repeat(VALUE_CHARS_MAX - 8)), rows: 100_000 - n };
    (of.top_items, of.top_users) = ((0..20).map(value).collect(), (0..20).map(value).collect());
    let column = statistics.columns[0].clone();
    for n in 0..20 {
        let top = (0..20).map(value).collect();
        statistics.columns.push(tastemaker_domain::dataset_statistics::ColumnStatistics {
            name: format!("COLUMN_{n}"),
            categorical: true,
            top,
            ..column.clone()
        });
    }
    kept.commit(vec![], vec![records::put(&*statistics).unwrap()]).await.unwrap();
}

struct Bench {
    caller: Caller,
    cookie: String,
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

    fn solution(&self, line: &mut Line, group: &Value, name: &str, hidden: &str) -> Value {
        let given = json!({"algorithmHyperParameters": {"hidden_dimension": hidden}});
        let solution = json!({"name": name, "datasetGroupArn": group, "performAutoTraining": false,
            "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization", "solutionConfig": given});
        self.made(line, "CreateSolution", &solution, "solutionArn")
    }

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

    fn campaign(&self, line: &mut Line, version: &Value) -> Value {
        let campaign = json!({"name": "bench", "solutionVersionArn": version, "minProvisionedTPS": 1});
        let arn = self.made(line, "CreateCampaign", &campaign, "campaignArn");
        while self.made(line, "DescribeCampaign", &json!({"campaignArn": arn}), "campaign")["status"] != "ACTIVE" {
            std::thread::sleep(Duration::from_millis(50));
        }
        arn
    }

    /// Logs in with a link as `tastemaker console` prints it.
    fn log_in(&mut self, server: &Server) {
        let printed = Command::new(env!("CARGO_BIN_EXE_tastemaker"))
            .args(["console", "--listen", &server.address, "--data-dir"])
            .arg(server.data())
            .output()
            .unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        let code = printed.split("code=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let (_, head, _) = self.get(&format!("/login?code={code}"));
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        self.cookie = cookie.split(';').next().unwrap().to_owned();
    }

    fn open(&self, path: &str) -> TcpStream {
        self.open_with(path, "")
    }

    /// With further lines in the head of the request.
    fn open_with(&self, path: &str, lines: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.caller.address).unwrap();
        write!(
            stream,
            "GET /console{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\n{lines}\r\n",
            self.caller.address, self.cookie
        )
        .unwrap();
        stream
    }

    /// Bytes of a page as browsers ask for it, with its head.
    fn transferred(&self, path: &str) -> usize {
        let mut answer = Vec::new();
        self.open_with(path, "Accept-Encoding: gzip\r\n").read_to_end(&mut answer).unwrap();
        answer.len()
    }

    /// Status, head and body.
    fn get(&self, path: &str) -> (String, String, String) {
        let mut text = Vec::new();
        self.open(path).read_to_end(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), head.to_owned(), body.to_owned())
    }

    /// The time of each page.
    fn pages(&self, version_arn: &str) {
        let version = version_arn.split_once("solution/").unwrap().1;
        println!("| page | p50 ms | p95 ms | KiB | KiB as sent |");
        println!("|---|---|---|---|---|");
        for (name, path) in [
            ("Home", "/".to_owned()),
            ("a dataset group", "/g/bench/".to_owned()),
            ("Data", "/g/bench/data".to_owned()),
            ("a dataset", "/g/bench/data/INTERACTIONS".to_owned()),
            ("a user", "/g/bench/users/u1".to_owned()),
            ("Train", "/g/bench/train".to_owned()),
            ("the form of a solution", "/g/bench/new-solution".to_owned()),
            ("a solution version", format!("/g/bench/train/{version}")),
            ("Evaluate", "/g/bench/evaluate".to_owned()),
            ("Deploy", "/g/bench/deploy".to_owned()),
            ("a campaign", "/g/bench/deploy/bench".to_owned()),
            ("Try, with a list", "/g/bench/try?user=u1".to_owned()),
            ("search", "/search?q=serv&g=bench".to_owned()),
            ("About", "/about".to_owned()),
        ] {
            let mut times = Vec::with_capacity(ASKED);
            let mut bytes = 0;
            for _ in 0..ASKED {
                let began = Instant::now();
                let (status, _, body) = self.get(&path);
                times.push(began.elapsed());
                assert_eq!(status, "200", "{path}: {body}");
                bytes = body.len();
            }
            times.sort_unstable();
            println!(
                "| {name} | {:.1} | {:.1} | {:.0} | {:.1} |",
                at(&times, 0.5),
                at(&times, 0.95),
                bytes as f64 / 1024.0,
                self.transferred(&path) as f64 / 1024.0
            );
        }
    }

    /// One row: the requests for recommendations beside so many viewers, and the time of the server's processors.
    fn watched(&self, server: &Server, viewers: usize, version_arn: &str, campaign: &Value) {
        let version = version_arn.split_once("solution/").unwrap().1.replace('/', "%2F");
        let path = format!("/live?topics=jobs,traffic,version%3A{version}&g=bench");
        let received = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let streams: Vec<TcpStream> = (0..viewers).map(|_| self.open(&path)).collect();
            for stream in &streams {
                let (mut stream, received) = (stream.try_clone().unwrap(), &received);
                scope.spawn(move || {
                    let mut chunk = [0; 16 << 10];
                    while let Ok(len) = stream.read(&mut chunk)
                        && len > 0
                    {
                        received.fetch_add(len, Ordering::Relaxed);
                    }
                });
            }
            // The first messages carry everything.
            std::thread::sleep(Duration::from_secs(2));
            received.store(0, Ordering::Relaxed);
            let (began, before) = (Instant::now(), processor_s(server.process_id()));
            let times = self.lists(campaign, LISTS_PER_SECOND);
            let (took, used) = (began.elapsed().as_secs_f64(), processor_s(server.process_id()) - before);
            println!(
                "| {viewers} | {:.0} | {:.2} | {:.2} | {:.1} | {:.1} |",
                times.len() as f64 / took,
                at(&times, 0.5),
                at(&times, 0.99),
                100.0 * used / took,
                received.load(Ordering::Relaxed) as f64 / 1024.0 / took,
            );
            streams.iter().for_each(|stream| drop(stream.shutdown(std::net::Shutdown::Both)));
        });
    }

    /// One row: requests for recommendations beside so many visitors, each of whom opens a page a second.
    fn visited(&self, visitors: usize, campaign: &Value) {
        let (stop, pages) = (AtomicBool::new(false), Mutex::new(Vec::new()));
        let times = std::thread::scope(|scope| {
            for visitor in 0..visitors {
                let (stop, pages) = (&stop, &pages);
                scope.spawn(move || {
                    for click in visitor.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let user = format!("/g/bench/try?user=u{}", click % users());
                        let path = ["/", "/g/bench/evaluate", user.as_str()][click % 3];
                        let began = Instant::now();
                        assert_eq!(self.get(path).0, "200", "{path}");
                        pages.lock().unwrap().push(began.elapsed());
                        std::thread::sleep(Duration::from_secs(1).saturating_sub(began.elapsed()));
                    }
                });
            }
            let times = self.lists(campaign, LISTS_PER_SECOND_VISITED);
            stop.store(true, Ordering::Relaxed);
            times
        });
        let mut pages = pages.into_inner().unwrap();
        pages.sort_unstable();
        let page_ms = if pages.is_empty() { "–".to_owned() } else { format!("{:.1}", at(&pages, 0.95)) };
        println!("| {visitors} | {:.2} | {:.2} | {} | {page_ms} |", at(&times, 0.5), at(&times, 0.99), pages.len());
    }

    /// One row: an upload by the console beside the same bytes by a PUT to S3, and the memory that either adds at its peak.
    fn uploads(&self, server: &Server) {
        let line = "u12345,i12345,1700000000\n";
        let csv = format!("USER_ID,ITEM_ID,TIMESTAMP\n{}", line.repeat(UPLOAD_BYTES / line.len()));
        let head = "--bench\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nINTERACTIONS\r\n\
             --bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.csv\"\r\nContent-Type: text/csv\r\n\r\n";
        let body = format!("{head}{csv}\r\n--bench--\r\n");
        let form = format!(
            "POST /console/g/bench/data/upload HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary=bench\r\n\r\n",
            self.caller.address,
            self.cookie,
            body.len()
        );
        let form = [form.as_bytes(), body.as_bytes()].concat();
        let put = self.caller.signed("s3", "PUT", "/bench/big.csv", None, &csv);
        println!("\n| {} MiB by | MiB/s | memory, MiB more at the peak |", UPLOAD_BYTES >> 20);
        println!("|---|---|---|");
        for (name, request, expected) in [("a PUT to S3", &put, 200), ("an upload to the console", &form, 303)] {
            let stop = AtomicBool::new(false);
            let before = resident_bytes(server.process_id());
            let (took, peak) = std::thread::scope(|scope| {
                let watcher = scope.spawn(|| {
                    let mut peak = 0;
                    while !stop.load(Ordering::Relaxed) {
                        peak = resident_bytes(server.process_id()).max(peak);
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    peak
                });
                let mut best = f64::INFINITY;
                for _ in 0..UPLOADS {
                    let mut line = Line::connect(&self.caller.address).unwrap();
                    let began = Instant::now();
                    let (status, answer) = line.send_for_bytes(request).unwrap();
                    best = best.min(began.elapsed().as_secs_f64());
                    assert_eq!(status, expected, "{}", String::from_utf8_lossy(&answer));
                }
                stop.store(true, Ordering::Relaxed);
                (best, watcher.join().unwrap())
            });
            let mib = 1024.0 * 1024.0;
            println!(
                "| {name} | {:.0} | {:.1} |",
                UPLOAD_BYTES as f64 / mib / took,
                peak.saturating_sub(before) as f64 / mib
            );
        }
    }

    /// The times of requests at a fixed rate, sorted; a request's time begins when it is due.
    fn lists(&self, campaign: &Value, per_second: u32) -> Vec<Duration> {
        let request = |user: usize| {
            let body = json!({"campaignArn": campaign, "userId": format!("u{}", user % users()), "numResults": 25});
            self.caller.post("/recommendations", &body)
        };
        let requests: Vec<_> = (0..200).map(request).collect();
        let mut line = Line::connect(&self.caller.address).unwrap();
        let (start, mut times) = (Instant::now(), Vec::new());
        for (n, request) in (1..).zip(requests.iter().cycle()) {
            let due = Duration::from_secs(1) / per_second * n;
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            if start.elapsed() >= MEASURED {
                break;
            }
            let (status, _) = line.send_for_bytes(request).unwrap();
            assert_eq!(status, 200);
            times.push(start.elapsed().saturating_sub(due));
        }
        times.sort_unstable();
        times
    }
}

fn at(times: &[Duration], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
}

/// Seconds of processors that the threads of usual priority of a process have used.
fn processor_s(process_id: u32) -> f64 {
    let mut ticks = 0;
    for thread in std::fs::read_dir(format!("/proc/{process_id}/task")).unwrap() {
        // One that ends meanwhile has no file.
        let Ok(stat) = std::fs::read_to_string(thread.unwrap().path().join("stat")) else { continue };
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let number = |at: usize| fields[at].parse::<i64>().unwrap_or_default();
        // The fields after the name: 11 and 12 are the times of user and system, 16 is the priority, 0 as usual.
        if number(16) <= 0 {
            ticks += number(11) + number(12);
        }
    }
    ticks as f64 / TICKS
}

/// The memory that a process holds.
fn resident_bytes(process_id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

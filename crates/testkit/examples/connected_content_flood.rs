//! A campaign's launch against a running server, as Braze makes it: `connected_content_flood HOST:PORT [requests] [connections]`.
//!
//! Of the requests 60 % repeat a URL that was asked before; all take gzip; connections are kept alive and made anew now and
//! then. A connection that is refused or cut is tried again until Braze's two seconds are over, as a proxy in front does, so
//! the server may be restarted meanwhile. Prints the table of `docs/benchmarks.md` and fails when a message would have been
//! spoiled: anything but 200, an answer after two seconds, other bytes for the same URL.
//!
//! `TASTEMAKER_TOKEN` is sent as `X-Api-Key` where it is set.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Braze's patience.
const TIME_MAX: Duration = Duration::from_secs(2);
/// Requests of a connection before it is made anew.
const REQUESTS_PER_CONNECTION: usize = 50;
/// Requests in five that ask for a URL nobody asked for yet.
const NEW_IN_FIVE: usize = 2;
/// Users of the sample shop.
const USERS: usize = 2000;

struct Seen {
    took: Duration,
    status: u16,
    source: String,
    url: usize,
    hash: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(address) = arguments.first() else {
        eprintln!("usage: connected_content_flood HOST:PORT [requests] [connections]");
        return ExitCode::FAILURE;
    };
    let number = |at: usize, default| arguments.get(at).and_then(|n| n.parse().ok()).unwrap_or(default);
    let (requests, connections) = (number(1, 20_000usize), number(2, 200usize));
    let token = std::env::var("TASTEMAKER_TOKEN").map(|t| format!("X-Api-Key: {t}\r\n")).unwrap_or_default();
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(requests)));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut mine = Vec::new();
                let mut connection = None;
                let mut used = 0;
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= requests {
                        break;
                    }
                    if used % REQUESTS_PER_CONNECTION == 0 {
                        connection = None;
                    }
                    used += 1;
                    mine.push(ask(address, &token, url_of(n), &mut connection));
                }
                seen.lock().unwrap_or_else(|e| e.into_inner()).extend(mine);
            });
        }
    });
    report(seen.into_inner().unwrap_or_else(|e| e.into_inner()), began.elapsed(), connections)
}

/// The URL of a request: new ones in turn, repeated ones scattered over those before.
fn url_of(n: usize) -> usize {
    let new = n / 5 * NEW_IN_FIVE + (n % 5).min(NEW_IN_FIVE);
    match n % 5 < NEW_IN_FIVE {
        true => new,
        false => (n.wrapping_mul(0x9e37_79b9) >> 7) % new.max(1),
    }
}

fn ask(address: &str, token: &str, url: usize, connection: &mut Option<BufReader<TcpStream>>) -> Seen {
    let began = Instant::now();
    let (user, count) = (url % USERS, 1 + url / USERS);
    let request = format!(
        "GET /recommendations?user_id=user{user}&num_results={count} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\
         Accept-Encoding: gzip\r\nContent-Type: application/json\r\nUser-Agent: Braze Sender 0123\r\n{token}\r\n"
    );
    loop {
        let answer = exchange(address, &request, connection);
        let took = began.elapsed();
        match answer {
            Ok((status, source, hash)) => return Seen { took, status, source, url, hash },
            Err(_) if took < TIME_MAX => {
                *connection = None;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(_) => return Seen { took, status: 599, source: "none".into(), url, hash: 0 },
        }
    }
}

fn exchange(
    address: &str,
    request: &str,
    connection: &mut Option<BufReader<TcpStream>>,
) -> std::io::Result<(u16, String, u64)> {
    let reader = match connection {
        Some(reader) => reader,
        None => {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TIME_MAX))?;
            connection.insert(BufReader::new(stream))
        }
    };
    reader.get_mut().write_all(request.as_bytes())?;
    let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
    let (mut length, mut source, mut closes) = (None, String::new(), false);
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(broken());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "x-recommendation-source" => source = value.to_owned(),
            "connection" => closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length.ok_or_else(broken)?];
    reader.read_exact(&mut body)?;
    if closes {
        *connection = None;
    }
    Ok((status, source, fnv(&body)))
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn report(seen: Vec<Seen>, took: Duration, connections: usize) -> ExitCode {
    let mut times: Vec<Duration> = seen.iter().map(|one| one.took).collect();
    times.sort_unstable();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1000].as_secs_f64() * 1000.0;
    let mut bodies: HashMap<usize, u64> = HashMap::new();
    let other =
        seen.iter().filter(|one| one.status == 200 && *bodies.entry(one.url).or_insert(one.hash) != one.hash).count();
    let failed = seen.iter().filter(|one| !(200..300).contains(&one.status)).count();
    let count = |source: &str| seen.iter().filter(|one| one.source == source).count();
    println!("| requests | connections | URLs | /s | p50 ms | p90 | p99 | max | not 2xx | other bytes | fallback |");
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    println!(
        "| {} | {connections} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.0} | {failed} | {other} | {} |",
        seen.len(),
        bodies.len(),
        seen.len() as f64 / took.as_secs_f64(),
        at(500),
        at(900),
        at(990),
        at(1000),
        count("fallback"),
    );
    match failed == 0 && other == 0 && at(1000) < TIME_MAX.as_secs_f64() * 1000.0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

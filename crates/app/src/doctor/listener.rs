//! The listener: whether its port is free or ours, and its certificate.

use super::clock;
use super::finding::Finding;
use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, reachable_url};
use crate::data_dir::DataDir;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use time::format_description::well_known::Rfc2822;

/// Time that a server has to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Days before the end of a certificate at which it should be replaced.
const CERTIFICATE_DAYS_GOOD: i64 = 30;

/// The checks of the listener.
pub fn findings(config: &Config, tls: &ClientTlsFlags) -> Vec<Finding> {
    let mut findings = Vec::new();
    let running = DataDir::running_address(&config.data_dir).ok().flatten();
    match running.filter(|address| !address.is_empty()) {
        Some(address) => findings.extend(server(&reachable_url(&address), tls)),
        None => findings.push(port(config)),
    }
    if config.tls.is_on() {
        findings.push(match config.tls.open() {
            Ok(tls) => certificate(tls.and_then(|tls| tls.expires_s()), SystemTime::now()),
            Err(error) => Finding::fail("certificate", format!("{error:#}"), "give files that belong together"),
        });
    }
    findings
}

/// The server that uses the data directory now.
fn server(url: &str, tls: &ClientTlsFlags) -> Vec<Finding> {
    const CHECK: &str = "port";
    let tls = match tls.on_this_machine() {
        Ok(tls) => tls,
        Err(error) => return vec![Finding::fail(CHECK, format!("{error:#}"), "give files that belong together")],
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_TIME_MAX))
        .http_status_as_error(false)
        .tls_config(tls)
        .build()
        .into();
    match agent.get(format!("{url}/health")).call() {
        Ok(answer) if answer.status().as_u16() == 200 => {
            let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).and_then(time_of);
            let mut findings = vec![Finding::ok(CHECK, format!("the server of this data directory answers at {url}"))];
            findings
                .extend(date.map(|date| clock::against("clock of the server", "the server", date, SystemTime::now())));
            findings
        }
        Ok(answer) => {
            let found = format!("the server of this data directory answers {} at {url}/health", answer.status());
            vec![Finding::fail(CHECK, found, "look at its log, and restart it")]
        }
        Err(error) => {
            let found = format!("the server of this data directory does not answer at {url}: {error}");
            vec![Finding::fail(CHECK, found, "look at its log, and restart it")]
        }
    }
}

fn time_of(date: &str) -> Option<SystemTime> {
    let parsed = time::OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok()?;
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(parsed.unix_timestamp()).ok()?))
}

fn port(config: &Config) -> Finding {
    const CHECK: &str = "port";
    let addresses: Vec<SocketAddr> = match config.addresses() {
        Ok(addresses) => addresses,
        Err(error) => return Finding::fail(CHECK, format!("{error:#}"), "give --listen HOST:PORT"),
    };
    let listen = &config.listen;
    match TcpListener::bind(addresses.as_slice()) {
        Ok(_) => Finding::ok(CHECK, format!("{listen} is free")),
        Err(error) => {
            let advice = match error.kind() {
                ErrorKind::AddrInUse => "end the other process, or choose another port with --listen HOST:PORT",
                ErrorKind::PermissionDenied => "ports below 1024 need rights: choose another with --listen HOST:PORT",
                _ => "choose an address of this machine with --listen HOST:PORT",
            };
            Finding::fail(CHECK, format!("{listen} cannot be listened on: {error}"), advice)
        }
    }
}

fn certificate(expires_s: Option<i64>, now: SystemTime) -> Finding {
    const CHECK: &str = "certificate";
    let Some(expires_s) = expires_s else {
        return Finding::warn(CHECK, "when it expires cannot be read", "look at it with openssl x509 -noout -dates");
    };
    let now_s = now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    let days = (expires_s - now_s).div_euclid(86_400);
    let advice = "renew it: the server takes the new files by itself";
    match days {
        ..0 => Finding::fail(CHECK, format!("it expired {} days ago", -days), advice),
        0..CERTIFICATE_DAYS_GOOD => Finding::warn(CHECK, format!("it expires in {days} days"), advice),
        _ => Finding::ok(CHECK, format!("it expires in {days} days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use crate::test_config::config;

    #[test]
    fn ports_that_are_taken_and_certificates_that_end_are_told() -> anyhow::Result<()> {
        let other = TcpListener::bind("127.0.0.1:0")?;
        let address = other.local_addr()?;
        let (_dir, taken, _) = config(&format!("data_dir = 'DIR/data'\nlisten = '{address}'"))?;
        let found = findings(&taken, &ClientTlsFlags::default()).remove(0);
        assert_eq!(found.verdict, Verdict::Fail);
        assert!(found.advice.is_some_and(|advice| advice.contains("--listen")), "{}", found.found);
        drop(other);
        assert_eq!(findings(&taken, &ClientTlsFlags::default()).remove(0).found, format!("{address} is free"));
        let (_dir, broken, _) = config("data_dir = 'DIR/d'\n[tls]\ncertificate = 'DIR/absent'\nkey = 'DIR/token'")?;
        let found = findings(&broken, &ClientTlsFlags::default()).remove(1);
        assert!(found.verdict == Verdict::Fail && found.found.contains("tls.certificate"), "{}", found.found);
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for (expires_s, verdict) in [
            (Some(999_000_000), Verdict::Fail),
            (Some(1_000_100_000), Verdict::Warn),
            (Some(1_100_000_000), Verdict::Ok),
            (None, Verdict::Warn),
        ] {
            assert_eq!(certificate(expires_s, now).verdict, verdict, "{expires_s:?}");
        }
        assert_eq!(time_of("Sun, 09 Sep 2001 01:46:40 GMT"), Some(now));
        let down = server("http://127.0.0.1:1", &ClientTlsFlags::default()).remove(0);
        assert!(down.verdict == Verdict::Fail && down.found.contains("does not answer"), "{}", down.found);
        Ok(())
    }
}

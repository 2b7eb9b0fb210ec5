//! A shop's own files through the pages of the console, without a script, against the real server process.
#![allow(clippy::expect_used, missing_docs)]

#[allow(dead_code)]
mod server;

use serde_json::json;
use server::Server;
use server::caller::{Caller, Line};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const BOUNDARY: &str = "a-boundary";
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer of a page.
struct Seen {
    status: u16,
    location: String,
    body: String,
}

struct Pages<'a>(&'a Server);

impl Pages<'_> {
    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Seen {
        let mut stream = TcpStream::connect(&self.0.address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            self.0.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned();
        Seen { status: head[9..12].parse().expect("a status"), location, body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Seen {
        self.send("GET", path, "text/plain", b"")
    }

    fn upload(&self, kind: &str, files: &[(&str, &[u8])]) -> Seen {
        let mut body =
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\n{kind}\r\n").into_bytes();
        for (name, bytes) in files {
            let head =
                format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send("POST", "/console/g/shop/data/upload", &content_type, &body)
    }

    /// Sends the form of the page of a schema as a browser would, when the button of the import is pressed.
    fn import(&self, page: &str) -> Seen {
        let form = page.split("/data/import\"").nth(1).expect("the form").split("</form>").next().expect("its end");
        let mut fields = vec!["action=import".to_owned()];
        let attribute = |tag: &str, name: &str| {
            let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
            Some(encoded(
                &value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
            ))
        };
        for tag in form.split("<input").skip(1).map(|tag| tag.split('>').next().unwrap_or_default()) {
            let is_choice = tag.contains("\"radio\"") || tag.contains("\"checkbox\"");
            if let Some(name) = attribute(tag, "name").filter(|_| !is_choice || tag.contains(" checked")) {
                fields.push(format!("{name}={}", attribute(tag, "value").unwrap_or_default()));
            }
        }
        for select in form.split("<select").skip(1) {
            let name = attribute(select.split('>').next().unwrap_or_default(), "name").expect("a name");
            let chosen = select
                .split("<option")
                .find(|option| option.split('>').next().is_some_and(|o| o.contains(" selected")));
            fields.push(format!("{name}={}", attribute(chosen.expect("a choice"), "value").expect("a value")));
        }
        self.send(
            "POST",
            "/console/g/shop/data/import",
            "application/x-www-form-urlencoded",
            fields.join("&").as_bytes(),
        )
    }

    /// The page once it has `part`.
    fn until(&self, path: &str, part: &str) -> String {
        let begun = Instant::now();
        loop {
            let seen = self.get(path);
            if seen.body.contains(part) {
                return seen.body;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} has no {part:?}: {} {}", seen.status, seen.body);
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("text takes text");
        }
    }
    out
}

/// Interactions under names of one's own, with `broken` lines among them.
fn interactions(broken: &str) -> String {
    let mut csv = String::from("customer_id,product id,ts,event\n");
    for n in 0..2_000 {
        writeln!(csv, "u{},p{},{},view", n % 90, (n * 7) % 40, 1_600_000_000 + n).expect("text takes text");
        if n == 500 {
            csv += broken;
        }
    }
    csv
}

fn server() -> Server {
    let server =
        Server::start_with(&[("TASTEMAKER_CONSOLE__LOGIN", "loopback-free"), ("TASTEMAKER_CONSOLE__LANGUAGE", "en")]);
    let caller = Caller::new(&server);
    let request = caller.control("CreateDatasetGroup", &json!({"name": "shop"}));
    let (status, answer) = Line::connect(&server.address).expect("connected").send(&request).expect("an answer");
    assert_eq!(status, 200, "{answer}");
    server
}

#[test]
fn own_files_become_rows_statistics_and_insights() {
    let server = server();
    let pages = Pages(&server);
    let empty = pages.get("/console/g/shop/data");
    assert_eq!(empty.status, 200, "{}", empty.body);
    assert!(empty.body.contains("no datasets yet"), "{}", empty.body);

    let broken = ",p1,1600000000,view\nu1,p1,soon,view\nu1,p1,1600000000\n";
    let sent = pages.upload("INTERACTIONS", &[("interactions.csv", interactions(broken).as_bytes())]);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let schema = pages.get(&sent.location);
    assert_eq!(schema.status, 200, "{}", schema.body);
    let begun = pages.import(&schema.body);
    assert_eq!(begun.status, 303, "{}", begun.body);

    // The API refuses the file with its first line; the rest goes in without all three.
    let failed = pages.until(&begun.location, "Correct this line");
    assert!(failed.contains("column USER_ID") && failed.contains(">503<"), "{failed}");
    let rest = pages.send("POST", &format!("{}/rest", begun.location), "text/plain", b"");
    assert_eq!(rest.status, 200, "{}", rest.body);
    for part in [">503<", ">504<", ">505<", "soon", "2,000"] {
        assert!(rest.body.contains(part), "{part} in {}", rest.body);
    }

    let dataset = pages.until("/console/g/shop/data/INTERACTIONS", "Statistics made");
    for part in [
        "2,000",
        "90 users have two interactions or more",
        "50,000 or more are recommended",
        "1,000 or more are recommended",
    ] {
        assert!(dataset.contains(part), "{part} in {dataset}");
    }

    // Items with semicolons, in UTF-16 and packed, with values that the import leaves out.
    let items: String =
        (0..40).map(|n| format!("p{n};{};k{}\r\n", if n < 3 { "free" } else { "2,5" }, n % 4)).collect();
    let text = format!("\u{feff}sku;price;kind\r\n{items}");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sent = pages.upload("ITEMS", &[("items.csv", &wide)]);
    let schema = pages.get(&sent.location).body;
    assert!(schema.contains("UTF-16") && schema.contains("divided by ;"), "{schema}");
    let begun = pages.import(&schema);
    assert_eq!(begun.status, 303, "{}", begun.body);
    let done = pages.until(&begun.location, "Rows accepted");
    assert!(done.contains("<dd>40</dd>"), "{done}");
    let dataset = pages.until("/console/g/shop/data/ITEMS", "Statistics made");
    assert!(dataset.contains("CREATION_TIMESTAMP"), "{dataset}");
    let overview = pages.get("/console/g/shop/data").body;
    assert!(overview.contains("2,000") && overview.contains(">40<"), "{overview}");
}

#[test]
fn a_line_of_ten_megabytes_is_one_line_of_a_table() {
    let server = server();
    let pages = Pages(&server);
    let long = format!("u1,{},1600000000,view\n", "x".repeat(10 << 20));
    let sent = pages.upload("INTERACTIONS", &[("interactions.csv", interactions(&long).as_bytes())]);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let begun = pages.import(&pages.get(&sent.location).body);
    assert_eq!(begun.status, 303, "{}", begun.body);
    let failed = pages.until(&begun.location, "Correct this line");
    assert!(failed.contains("ITEM_ID") && failed.contains(">503<"), "{failed}");
    assert!(failed.len() < 100_000, "the value is cut: {} bytes", failed.len());
    let rest = pages.send("POST", &format!("{}/rest", begun.location), "text/plain", b"");
    assert!(rest.status == 200 && rest.body.contains("2,000"), "{} {}", rest.status, rest.body);
}

#[test]
fn what_cannot_be_taken_has_a_sentence_and_leaves_nothing() {
    let server = server();
    let pages = Pages(&server);
    for (name, bytes, said) in [
        ("a.csv", &b"PK\x03\x04\x14\x00\x00\x00"[..], "ZIP or an Excel workbook"),
        ("a.csv", b"USER_ID,ITEM_ID,TIMESTAMP\n", "no rows"),
        ("a.csv", b"\n", "empty"),
        ("a.csv", b"{\"userId\": 1}\n", "JSON"),
    ] {
        let sent = pages.upload("INTERACTIONS", &[(name, bytes)]);
        let seen = if sent.status == 303 { pages.get(&sent.location) } else { sent };
        assert_eq!(seen.status, 422, "{said}: {}", seen.body);
        assert!(seen.body.contains(said), "{said} in {}", seen.body);
    }
    let evil = pages.get("/console/g/..%2Fshop/data");
    assert!(evil.status < 500, "{}", evil.body);
    let listed = pages.get("/console/g/shop/data");
    assert!(listed.body.contains("no datasets yet"), "nothing was made: {}", listed.body);
}

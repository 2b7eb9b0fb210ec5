//! HTTP/1.1 on threads, as much of it as a test's server needs.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Bytes of a body.
const BODY_BYTES_MAX: usize = 16 << 20;

pub struct HttpRequest {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Without query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
pub struct HttpReply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpReply {
    pub fn json(status: u16, body: Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes() }
    }
}

/// Answers every request of every connection for ever; a request without answer costs its connection.
pub fn serve(listener: TcpListener, answer: impl Fn(&HttpRequest) -> Option<HttpReply> + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                // A client that goes away in the middle ends its own connection only.
                let _ = converse(stream, &*answer);
            });
        }
    });
}

fn converse(stream: TcpStream, answer: &dyn Fn(&HttpRequest) -> Option<HttpReply>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let Some(reply) = answer(&request) else { return Ok(()) };
        let mut head = format!("HTTP/1.1 {} -\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        writer.write_all(format!("{head}\r\n").as_bytes())?;
        writer.write_all(&reply.body)?;
        writer.flush()?;
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<HttpRequest>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    let mut request = HttpRequest { method, target, path, headers, body: Vec::new() };
    if request.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            line = String::new();
            reader.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0).min(BODY_BYTES_MAX);
            let mut chunk = vec![0; length];
            reader.read_exact(&mut chunk)?;
            request.body.extend(chunk);
            reader.read_line(&mut String::new())?;
            if length == 0 {
                break;
            }
        }
    } else {
        let length = request.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0usize);
        request.body = vec![0; length.min(BODY_BYTES_MAX)];
        reader.read_exact(&mut request.body)?;
    }
    Ok(Some(request))
}

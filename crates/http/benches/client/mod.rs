//! A client of one connection, small enough that the measured time is the server's.

use crate::Outcome;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::SystemTime;
use tastemaker_wire::sigv4::{Signer, Unsigned};

/// The access key that signs.
pub const KEY: &str = "TMBENCHKEY";
/// Its secret.
pub const SECRET: &str = "bench-secret";

/// One keep-alive connection that reads answers with a Content-Length.
pub struct Client {
    stream: TcpStream,
    host: String,
    answer: Vec<u8>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), answer: Vec::new() })
    }

    /// Sends a request; the body of its answer, which must be a 200.
    pub fn send(&mut self, request: &[u8]) -> Outcome<&[u8]> {
        self.stream.write_all(request)?;
        self.answer.clear();
        let mut chunk = [0; 16_384];
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err("the connection ended".into());
            }
            self.answer.extend_from_slice(&chunk[..read]);
            let Some(head) = self.answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.answer[..head])?;
            let length = text.lines().find_map(|l| l.strip_prefix("content-length: ")).ok_or("no content-length")?;
            let end = head + 4 + length.parse::<usize>()?;
            if self.answer.len() < end {
                continue;
            }
            if !text.starts_with("HTTP/1.1 200 ") {
                return Err(String::from_utf8_lossy(&self.answer).into());
            }
            return Ok(&self.answer[head + 4..end]);
        }
    }

    /// The bytes of a POST with Signature Version 4; `header` is a whole line or empty.
    pub fn signed(&self, path: &str, header: &str, body: &Value) -> Outcome<Vec<u8>> {
        let body = body.to_string();
        let signer = Signer { access_key: KEY, secret_key: SECRET, region: "eu-west-1", service: "personalize" };
        let headers = [("content-type", "application/x-amz-json-1.1")];
        let headers: Vec<_> = headers.into_iter().chain(header.trim_end().split_once(": ")).collect();
        let unsigned = Unsigned { method: "POST", host: &self.host, path, headers: &headers, body: body.as_bytes() };
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.1\r\n{header}\
             content-length: {}\r\n",
            self.host,
            body.len()
        );
        for (name, value) in signer.sign(&unsigned, SystemTime::now()) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        Ok(format!("{request}\r\n{body}").into_bytes())
    }
}

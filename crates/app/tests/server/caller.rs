//! Signed requests as bytes, for clients that measure or count.
#![allow(dead_code)]

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::TcpStream;
use std::time::SystemTime;

use super::Server;

/// A caller that signs requests to a server with the keys that `tastemaker env` prints.
#[derive(Clone)]
pub struct Caller {
    /// `HOST:PORT`.
    pub address: String,
    environment: BTreeMap<String, String>,
}

impl Caller {
    pub fn new(server: &Server) -> Self {
        Self { address: server.address.clone(), environment: server.environment().into_iter().collect() }
    }

    /// The same with another access key.
    pub fn with_key(mut self, id: &str, secret: &str) -> Self {
        self.environment.insert("AWS_ACCESS_KEY_ID".to_owned(), id.to_owned());
        self.environment.insert("AWS_SECRET_ACCESS_KEY".to_owned(), secret.to_owned());
        self
    }

    /// With the keys that `tastemaker env` prints for a directory.
    pub fn with_environment(address: &str, data: &std::path::Path) -> Self {
        let environment = super::environment(address, data).into_iter().collect();
        Self { address: address.to_owned(), environment }
    }

    /// The bytes of a signed request.
    pub fn signed(&self, service: &str, method: &str, path: &str, target: Option<&str>, body: &str) -> Vec<u8> {
        let key = |name: &str| self.environment[name].clone();
        let secrets = Credentials::new(key("AWS_ACCESS_KEY_ID"), key("AWS_SECRET_ACCESS_KEY"), None, None, "test");
        let identity = secrets.into();
        let region = key("AWS_REGION");
        let parameters = v4::SigningParams::builder().identity(&identity).region(&region).name(service);
        let parameters = parameters.time(SystemTime::now()).settings(SigningSettings::default());
        let parameters = parameters.build().expect("complete parameters").into();
        let uri = format!("http://{}{path}", self.address);
        let mut headers = vec![("host", self.address.as_str())];
        headers.extend((service == "s3").then_some(("x-amz-content-sha256", "UNSIGNED-PAYLOAD")));
        headers.extend(target.map(|target| ("x-amz-target", target)));
        let payload =
            if service == "s3" { SignableBody::UnsignedPayload } else { SignableBody::Bytes(body.as_bytes()) };
        let signable = SignableRequest::new(method, uri, headers.iter().copied(), payload).expect("signable");
        let (instructions, _) = sign(signable, &parameters).expect("signed").into_parts();
        let mut head = format!("{method} {path} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").expect("text takes text");
        }
        for header in instructions.into_parts().0 {
            write!(head, "{}: {}\r\n", header.name(), header.value()).expect("text takes text");
        }
        format!("{head}\r\n{body}").into_bytes()
    }

    /// A control-plane request.
    pub fn control(&self, operation: &str, input: &Value) -> Vec<u8> {
        let target = format!("AmazonPersonalize.{operation}");
        self.signed("personalize", "POST", "/", Some(&target), &input.to_string())
    }

    /// A request to the runtime or to personalize-events.
    pub fn post(&self, path: &str, input: &Value) -> Vec<u8> {
        self.signed("personalize", "POST", path, None, &input.to_string())
    }
}

/// One keep-alive connection of a client that waits for each answer.
pub struct Line(TcpStream);

impl Line {
    pub fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Status and body of the answer, which is JSON.
    pub fn send(&mut self, request: &[u8]) -> io::Result<(u16, Value)> {
        let (status, body) = self.send_for_bytes(request)?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Status and body of the answer.
    pub fn send_for_bytes(&mut self, request: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        self.0.write_all(request)?;
        let (mut answer, mut chunk) = (Vec::new(), [0; 16_384]);
        loop {
            let read = self.0.read(&mut chunk)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            answer.extend_from_slice(&chunk[..read]);
            let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&answer[..head]).to_lowercase();
            let length = text.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if answer.len() >= head + 4 + length {
                let status = text.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
                return Ok((status, answer.split_off(head + 4)));
            }
        }
    }

    /// The body of an answer that must be a 200.
    pub fn call(&mut self, request: &[u8]) -> Value {
        let (status, body) = self.send(request).expect("the server answers");
        assert_eq!(status, 200, "{body}");
        body
    }
}

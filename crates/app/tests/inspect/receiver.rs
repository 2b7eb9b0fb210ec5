//! A receiver of webhooks on loopback that answers as a test says.

use parking_lot::Mutex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A message that came.
#[derive(Debug, Clone)]
pub struct Message {
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// The status that it was answered with; 0 where the connection was closed instead.
    pub answered: u16,
}

impl Message {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The resource without what stands before its kind, and its status.
    pub fn what(&self) -> (String, String) {
        let detail = self.event()["detail"].clone();
        let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
        (text("resourceArn").rsplit(':').next().unwrap_or_default().to_owned(), text("status"))
    }
}

#[derive(Default)]
struct State {
    messages: Mutex<Vec<Message>>,
    /// The statuses of the next answers; 0 closes the connection. Then 200.
    plan: Mutex<Vec<u16>>,
    slow: Mutex<Duration>,
}

/// A running receiver; its threads end with the process.
pub struct Receiver {
    pub port: u16,
    state: Arc<State>,
}

impl Receiver {
    pub fn start() -> Self {
        Self::on(0)
    }

    /// On a port; 0 takes a free one.
    pub fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<State>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || while serve(&client, &state).is_some() {});
            }
        });
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Answers the next messages so.
    pub fn plan(&self, statuses: &[u16]) {
        self.state.plan.lock().extend(statuses);
    }

    /// Waits before every answer.
    pub fn slow(&self, wait: Duration) {
        *self.state.slow.lock() = wait;
    }

    pub fn messages(&self) -> Vec<Message> {
        self.state.messages.lock().clone()
    }

    /// The messages, once `enough` says so.
    pub fn wait(&self, enough: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        let began = Instant::now();
        loop {
            let messages = self.messages();
            if enough(&messages) {
                return messages;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{messages:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Answers one request; `None` at the end of the connection.
fn serve(mut client: &TcpStream, state: &State) -> Option<()> {
    let (mut request, mut chunk) = (Vec::new(), [0; 8192]);
    let (headers, body) = loop {
        let read = client.read(&mut chunk).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&chunk[..read]);
        let Some(head) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).into_owned();
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: BTreeMap<String, String> = text.lines().filter_map(pair).collect();
        let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if request.len() >= head + 4 + length {
            break (headers, String::from_utf8_lossy(&request[head + 4..head + 4 + length]).into_owned());
        }
    };
    let slow = *state.slow.lock();
    std::thread::sleep(slow);
    let planned = {
        let mut plan = state.plan.lock();
        if plan.is_empty() { None } else { Some(plan.remove(0)) }
    };
    let answered = planned.unwrap_or(200);
    state.messages.lock().push(Message { headers, body, answered });
    if answered == 0 {
        return None;
    }
    let answer = format!("HTTP/1.1 {answered} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 4\r\n\r\nnope");
    client.write_all(answer.as_bytes()).ok()
}

//! A proxy on loopback that passes bytes on, and breaks connections when a test says so.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

/// The fate of the next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status line and body, and not passed on.
    Answer(&'static str, &'static str),
    /// Its answer ends after so many bytes of the connection.
    CutAfter(usize),
}

#[derive(Default)]
struct State {
    faults: Mutex<VecDeque<Fault>>,
    requests: AtomicUsize,
}

/// A running proxy; its threads end with the process.
pub struct FaultProxy {
    port: u16,
    state: Arc<State>,
}

impl FaultProxy {
    /// Starts a proxy in front of a port of this machine.
    pub fn start(behind: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<State>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || serve(client, behind, &state));
            }
        });
        Self { port, state }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Breaks the next requests, in this order.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.faults.lock().extend(faults);
    }

    /// Forgets what was planned and did not happen; the number of these.
    pub fn clear(&self) -> usize {
        std::mem::take(&mut *self.state.faults.lock()).len()
    }

    /// Requests that came until now.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }
}

/// Serves one connection; a chunk that begins with a method begins a request.
fn serve(mut client: TcpStream, behind: u16, state: &Arc<State>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", behind)) else { return };
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let answers = (server.try_clone(), client.try_clone());
    let (Ok(from), Ok(to)) = answers else { return };
    let shared = left.clone();
    std::thread::spawn(move || pass_answers(from, to, &shared));
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = client.read(&mut buffer) {
        if read == 0 {
            break;
        }
        if [&b"GET "[..], b"PUT ", b"POST ", b"HEAD ", b"DELETE "].iter().any(|method| buffer.starts_with(method)) {
            state.requests.fetch_add(1, Ordering::SeqCst);
            let fault = state.faults.lock().pop_front();
            match fault {
                Some(Fault::Answer(status, body)) => {
                    let length = body.len();
                    let text = format!(
                        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nETag: \"0\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                    );
                    let _ = client.write_all(text.as_bytes());
                    break;
                }
                Some(Fault::CutAfter(bytes)) => left.store(bytes, Ordering::SeqCst),
                None => left.store(usize::MAX, Ordering::SeqCst),
            }
        }
        if server.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn pass_answers(mut from: TcpStream, mut to: TcpStream, left: &AtomicUsize) {
    let mut buffer = vec![0; 1 << 14];
    while let Ok(read) = from.read(&mut buffer) {
        let allowed = left.load(Ordering::SeqCst);
        let passed = read.min(allowed);
        if read == 0 || to.write_all(&buffer[..passed]).is_err() || passed < read {
            break;
        }
        if allowed != usize::MAX {
            left.fetch_sub(passed, Ordering::SeqCst);
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

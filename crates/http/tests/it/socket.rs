//! The listener itself: keep-alive, HTTP/2 from the first byte, oversized bodies over a real connection, graceful end.

use crate::harness::{CAMPAIGN, server};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tastemaker_http::ConnectionLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

async fn started() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    started_with(ConnectionLimits::default()).await
}

async fn started_with(limits: ConnectionLimits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        stopped.await.ok();
    };
    let served = tokio::spawn(tastemaker_http::serve(listener, server.router, limits, Box::pin(shutdown)));
    (address, stop, served)
}

/// Reads one answer with a Content-Length.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection ended after {text:?}");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

#[tokio::test]
async fn connections_are_kept_and_drained() {
    let (address, stop, served) = started().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /recommendations?user_id=known&n=1 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let text = answer(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 200 OK") && text.ends_with("\"image\":null}]"), "{text}");
    }
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_oversized_body_is_answered_not_cut() {
    let (address, _stop, _served) = started().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /recommendations HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..10 {
        stream.write_all(&chunk).await.unwrap();
    }
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 403") && text.contains("MissingAuthenticationTokenException"), "{text}");
}

#[tokio::test]
async fn a_final_answer_instead_of_continue_ends_the_connection() {
    let (address, _stop, _served) = started().await;
    for (head, closes) in [
        (
            "PUT /b/k HTTP/1.1\r\nHost: x\r\nAuthorization: AWS K:0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
            true,
        ),
        ("GET /health HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", true),
        ("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", false),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let text = answer(&mut stream).await;
        assert_eq!(text.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), closes, "{text}");
    }
}

#[tokio::test]
async fn clients_may_begin_with_http2() {
    let (address, _stop, _served) = started().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the first frame is SETTINGS");
}

#[tokio::test]
async fn rubbish_ends_the_connection_and_nothing_else() {
    let (address, _stop, _served) = started().await;
    for rubbish in [&b"\0\0\0\0\r\n\r\n"[..], b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(rubbish).await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert!(String::from_utf8_lossy(&rest).contains("400"), "{:?}", String::from_utf8_lossy(&rest));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut stream).await.ends_with("OK"));
}

/// Whether the server ends a connection on which `bytes` are all that is sent, and after how long.
async fn ended_after(address: SocketAddr, bytes: &[u8]) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("it ends").ok();
    began.elapsed()
}

#[tokio::test]
async fn connections_without_a_request_are_closed() {
    let limits = ConnectionLimits { first_head_time_max: Duration::from_millis(200), ..ConnectionLimits::default() };
    let (address, _stop, _served) = started_with(limits).await;
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for begun in [&b""[..], b"PRI * HTTP/2.0\r\n", http2, b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: x\r\nA: "]
    {
        let took = ended_after(address, begun).await;
        assert!((190..5_000).contains(&took.as_millis()), "{took:?} for {:?}", String::from_utf8_lossy(begun));
    }
    // Who has asked once may wait before asking again.
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.ends_with("OK"));
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short frame");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// The preface with settings, and a GET on stream 1.
fn http2_get(path: &str, settings: &[u8]) -> Vec<u8> {
    // :method GET, :scheme http, :path and :authority as literals.
    let head = [&[0x82, 0x86, 0x04, path.len() as u8], path.as_bytes(), &[0x01, 1, b'x']].concat();
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, settings), frame(1, 5, 1, &head)].concat()
}

/// Begins with `bytes`, then sends `again` every 40 milliseconds and reads all that comes; the time to the end, if there is one
/// within `patience`.
async fn kept_alive(address: SocketAddr, bytes: &[u8], again: &[u8], patience: Duration) -> Option<Duration> {
    let began = Instant::now();
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    write.write_all(bytes).await.unwrap();
    let sending = async {
        while write.write_all(again).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        std::future::pending::<()>().await;
    };
    let reading = async {
        let mut buffer = [0; 4096];
        while matches!(read.read(&mut buffer).await, Ok(1..)) {}
    };
    tokio::select! {
        () = reading => Some(began.elapsed()),
        () = sending => None,
        () = tokio::time::sleep(patience) => None,
    }
}

#[tokio::test]
async fn pings_alone_keep_no_connection_and_requests_do() {
    let limits = ConnectionLimits {
        first_head_time_max: Duration::from_millis(200),
        idle_time_max: Duration::from_millis(600),
        answer_progress_time_max: Duration::from_millis(1_500),
        ..ConnectionLimits::default()
    };
    let (address, _stop, _served) = started_with(limits).await;
    let ping = frame(6, 0, 0, b"12345678");
    let get = http2_get("/health", b"");
    let took = kept_alive(address, &get, &ping, Duration::from_secs(10)).await.expect("it ends");
    assert!((590..5_000).contains(&took.as_millis()), "{took:?}");
    // An answer that waits for a window which the client never opens: SETTINGS_INITIAL_WINDOW_SIZE is 0.
    let get = http2_get("/openapi.json", &[0, 4, 0, 0, 0, 0]);
    let took = kept_alive(address, &get, &ping, Duration::from_secs(10)).await.expect("it ends");
    assert!((1_490..8_000).contains(&took.as_millis()), "{took:?}");
    // Requests on further streams.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&http2_get("/health", b"")).await.unwrap();
    for n in 1..8 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let head = [&[0x82, 0x86, 0x04, 7][..], b"/health", &[0x01, 1, b'x']].concat();
        stream.write_all(&frame(1, 5, 1 + 2 * n, &head)).await.unwrap();
    }
    assert!(stream.read(&mut [0; 64]).await.unwrap() > 0);
}

#[tokio::test]
async fn answers_that_nobody_reads_end_the_connection() {
    let limits =
        ConnectionLimits { answer_progress_time_max: Duration::from_millis(500), ..ConnectionLimits::default() };
    let (address, _stop, _served) = started_with(limits).await;
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let requests = tokio::spawn(async move {
        while write.write_all(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").await.is_ok() {}
    });
    tokio::time::timeout(Duration::from_secs(30), requests).await.expect("the connection ends").unwrap();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), read.read_to_end(&mut rest)).await.expect("it has ended");
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let limits = ConnectionLimits { per_address_max: 8, open_max: 64, ..ConnectionLimits::default() };
    let (address, _stop, _served) = started_with(limits).await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    for beyond in &mut silent[8..] {
        let read =
            tokio::time::timeout(Duration::from_secs(10), beyond.read(&mut [0; 16])).await.expect("closed at once");
        assert!(read.is_err() || read.is_ok_and(|bytes| bytes == 0));
    }
    let mut first = silent.swap_remove(0);
    first.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut first).await.ends_with("OK"), "those within the limit are served");
    // A place that is given up is the next one's.
    drop((first, silent));
    let mut last = loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.ok();
        let peeked = stream.peek(&mut [0; 1]).await;
        if peeked.is_ok_and(|bytes| bytes > 0) {
            break stream;
        }
    };
    assert!(answer(&mut last).await.ends_with("OK"));
}

/// Bodies that stall take nothing from those who are known, whatever their number.
#[tokio::test]
async fn stalled_bodies_of_strangers_take_no_permit() {
    let (address, _stop, _served) = started().await;
    let signature = |key: &str, region: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260102/{region}/personalize/aws4_request, SignedHeaders=host, Signature=0"
        )
    };
    for head in [
        String::new(),
        "Authorization: AWS4-HMAC-SHA256 rubbish\r\n".to_owned(),
        format!("Authorization: {}\r\n", signature("AKIDEXAMPLE", "eu-west-1")),
        format!("Authorization: {}\r\n", signature(crate::harness::KEY, "a'b")),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("POST /recommendations HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 5\r\n\r\nab");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut early = [0; 1];
        let waited = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut early)).await;
        assert!(waited.is_err(), "the refusal comes after the body");
        stream.write_all(b"cde").await.unwrap();
        let text = answer(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 403"), "{head}: {text}");
    }
    // Who waits for a word before sending gets the refusal instead of it.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /recommendations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let text = answer(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 403") && text.contains("MissingAuthenticationTokenException"), "{text}");
}

//! The listener itself: keep-alive, HTTP/2 from the first byte, oversized bodies over a real connection, graceful end.

use crate::harness::{CAMPAIGN, server};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

async fn started() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(tastemaker_http::serve(listener, server.router, async {
        stopped.await.ok();
    }));
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

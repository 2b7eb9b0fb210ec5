//! A process that can open no more files, alone in a process of its own: its listener goes on as soon as it can.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use axum::Router;
use axum::routing::get;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::time::Duration;
use tastemaker_http::{ConnectionLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const FILES: u64 = 128;

#[tokio::test]
async fn a_lack_of_files_delays_connections_and_ends_nothing() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), maximum: limit.maximum }).unwrap();
    let router = Router::new().route("/health", get(async || "OK"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(serve(listener, router, ConnectionLimits::default(), Box::pin(std::future::pending())));

    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).take(FILES as usize).collect();
    assert!(File::open("/dev/null").is_err(), "every file is open");
    // The place of one file is the client's end of a connection; the server's end finds none.
    files.pop();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(300), stream.peek(&mut [0; 1])).await;
    assert!(early.is_err() && !served.is_finished(), "nobody could accept it");

    drop(files);
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("OK"), "{answer}");
}

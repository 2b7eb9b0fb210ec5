//! Requests of strangers: refused by their heads, at no cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::TRANSFERS_IN_FLIGHT_MAX;

/// A body that counts the bytes that were read of it.
fn counted(chunk: &'static [u8], chunks: usize) -> (TestBody, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let chunks = futures::stream::iter(0..chunks).map(move |_| {
        counter.fetch_add(chunk.len(), Ordering::SeqCst);
        Ok(Bytes::from_static(chunk))
    });
    (streamed(chunks), read)
}

#[tokio::test]
async fn a_stranger_s_body_is_not_read_while_it_waits_for_leave() {
    let door = Door::with_bucket().await;
    let forged = |mut request: Request<()>| {
        request.headers_mut().insert("expect", "100-continue".parse().expect("a header"));
        request
    };
    for (request, code) in [
        (signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, "wrong"), "SignatureDoesNotMatch"),
        (Request::put("/shop/k").header("host", HOST).body(()).expect("a request"), "AccessDenied"),
        (Request::post("/shop").header("content-type", "text/plain").body(()).expect("a request"), "AccessDenied"),
    ] {
        let (body, read) = counted(&[b'x'; 65_536], 10_000);
        let reply = door.send(forged(request).map(|()| body)).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), (code, 403));
        assert_eq!(read.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn of_a_stranger_s_body_a_little_is_dropped_so_that_the_refusal_is_read() {
    let door = Door::with_bucket().await;
    let (body, read) = counted(&[b'x'; 65_536], 1_000_000);
    let request = signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, "wrong");
    assert_eq!(door.send(request.map(|()| body)).await.code(), "SignatureDoesNotMatch");
    assert_eq!(read.load(Ordering::SeqCst), crate::limits::DRAIN_BYTES_MAX + 65_536);
}

/// More silent strangers than there are permits keep nobody from the door.
#[tokio::test]
async fn silent_strangers_take_no_permits() {
    let door = Arc::new(Door::with_bucket().await);
    let mut strangers = Vec::new();
    for n in 0..TRANSFERS_IN_FLIGHT_MAX + 88 {
        let request = if n % 2 == 0 {
            let kind = "multipart/form-data; boundary=b";
            Request::post("/shop").header("content-type", kind).body(stalled(&[b"--b\r\n"])).expect("a request")
        } else {
            signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, "wrong").map(|()| stalled(&[b"x"]))
        };
        let door = door.clone();
        strangers.push(tokio::spawn(async move { door.send(request).await.code() }));
    }
    tokio::task::yield_now().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"mine").await.status, 200);
    for (n, stranger) in strangers.into_iter().enumerate() {
        let expected = if n % 2 == 0 { "RequestTimeout" } else { "SignatureDoesNotMatch" };
        assert_eq!(stranger.await.expect("no panic"), expected, "every stranger is answered in the end");
    }
}

#[tokio::test]
async fn known_callers_share_the_permits_and_a_silent_one_gives_his_back() {
    let door = Arc::new(Door::with_bucket().await.patient(10 * IDLE));
    let began = tokio::time::Instant::now();
    let mut silent = Vec::new();
    for _ in 0..TRANSFERS_IN_FLIGHT_MAX {
        let mut request = signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, SECRET);
        request.headers_mut().insert("content-length", "9".parse().expect("a header"));
        let request = request.map(|()| stalled(&[b"x"]));
        let door = door.clone();
        silent.push(tokio::spawn(async move { door.send(request).await.code() }));
    }
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let reply = door.ask("PUT", "/shop/k", &[], b"mine").await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("SlowDown", 503));
    for one in silent {
        assert_eq!(one.await.expect("no panic"), "RequestTimeout");
    }
    assert!(began.elapsed() >= 10 * IDLE);
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"mine").await.status, 200);
    assert_eq!(door.blob_count().await, 1, "nothing of the silent ones is stored");
}

#[tokio::test]
async fn a_body_that_goes_on_may_take_as_long_as_it_wants() {
    let door = Door::with_bucket().await;
    let slow = futures::stream::iter(0..20).then(|_| async {
        tokio::time::sleep(IDLE / 10).await;
        Ok(Bytes::from_static(&[b'x'; 1_000]))
    });
    let mut request = signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, SECRET);
    request.headers_mut().insert("content-length", "20000".parse().expect("a header"));
    assert_eq!(door.send(request.map(|()| streamed(slow))).await.status, 200);
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "x".repeat(20_000));
}

#[tokio::test]
async fn a_body_that_trickles_is_refused() {
    let door = Door::with_bucket().await;
    let trickle = futures::stream::iter(0..1_000).then(|_| async {
        tokio::time::sleep(IDLE / 2).await;
        Ok(Bytes::from_static(b"x"))
    });
    let mut request = signed_over("PUT", "/shop/k", &[], SignableBody::UnsignedPayload, None, SECRET);
    request.headers_mut().insert("content-length", "1000".parse().expect("a header"));
    let reply = door.send(request.map(|()| streamed(trickle))).await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("RequestTimeout", 400));
    assert!(reply.text.contains("fewer than 1024 bytes a second"), "{}", reply.text);
    assert_eq!(door.blob_count().await, 0);
}

#[tokio::test]
async fn a_presigned_put_copies_nothing() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/customers.csv", &[], b"secret").await.status, 200);
    let presigned = || signed("PUT", "/shop/k", &[], b"mine", Some(60));
    let mut forged = presigned();
    forged.headers_mut().insert("x-amz-copy-source", "/shop/customers.csv".parse().expect("a header"));
    let reply = door.send(forged.map(|()| whole(b"mine"))).await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("AccessDenied", 403));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.code(), "NoSuchKey");
    assert_eq!(door.send(presigned().map(|()| whole(b"mine"))).await.status, 200);
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "mine");
    let get = signed("GET", "/shop/k?response-content-type=a%2Fb", &[], b"", Some(60));
    let reply = door.send(get.map(|()| whole(b""))).await;
    assert_eq!((reply.text.as_str(), reply.header("content-type")), ("mine", "a/b"));
}

#[tokio::test]
async fn every_refused_signature_has_its_code_and_status() {
    let door = Door::with_bucket().await;
    let plain = || signed("GET", "/shop", &[], b"", None);
    let with = |name: &'static str, value: &str| {
        let mut request = plain();
        request.headers_mut().insert(name, value.parse().expect("a header"));
        request
    };
    let without = |name: &str| {
        let mut request = plain();
        request.headers_mut().remove(name);
        request
    };
    let query = |query: &str| Request::get(format!("/shop?{query}")).header("host", HOST).body(()).expect("a request");
    for (request, code, status) in [
        (plain(), "200", 200),
        (with("x-amz-acl", "private"), "AccessDenied", 403),
        (with("x-amz-date", "20231114T223321Z"), "RequestTimeTooSkewed", 403),
        (with("authorization", "AWS4-HMAC-SHA256 Credential=a"), "AuthorizationHeaderMalformed", 400),
        (with("authorization", "AWS KEY:c2lnbmF0dXJl"), "InvalidRequest", 400),
        (with("authorization", "Bearer x"), "AuthorizationHeaderMalformed", 400),
        (without("x-amz-content-sha256"), "InvalidRequest", 400),
        (without("authorization"), "AccessDenied", 403),
        (query("X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256"), "AuthorizationQueryParametersError", 400),
        (query("AWSAccessKeyId=K&Signature=0&Expires=1700000009"), "InvalidAccessKeyId", 403),
        (query("AWSAccessKeyId=K&Signature=0&Expires=1699999999"), "AccessDenied", 403),
    ] {
        let told = format!("{:?} {:?}", request.uri(), request.headers());
        let reply = door.send(request.map(|()| whole(b""))).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), (code, status), "{told} {}", reply.text);
    }
}

#[tokio::test]
async fn a_body_must_be_the_declared_one() {
    let door = Door::with_bucket().await;
    let send = async |declared: &[u8], length: Option<&str>, sent: &[u8]| {
        let mut request = signed_over("PUT", "/shop/k", &[], SignableBody::Bytes(declared), None, SECRET);
        if let Some(length) = length {
            request.headers_mut().insert("content-length", length.parse().expect("a header"));
        }
        let reply = door.send(request.map(|()| whole(sent))).await;
        (reply.code(), reply.status.as_u16())
    };
    assert_eq!(send(b"abc", Some("3"), b"abc").await, ("200".into(), 200));
    assert_eq!(send(b"abc", Some("3"), b"abd").await, ("XAmzContentSHA256Mismatch".into(), 400));
    assert_eq!(send(b"abc", Some("0"), b"").await, ("XAmzContentSHA256Mismatch".into(), 400));
    assert_eq!(send(b"abc", Some("4"), b"abc").await, ("IncompleteBody".into(), 400));
    assert_eq!(send(b"abc", Some("2"), b"abc").await, ("IncompleteBody".into(), 400));
    assert_eq!(send(b"abc", None, b"abc").await, ("MissingContentLength".into(), 411));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.text, "abc");
    assert_eq!(door.blob_count().await, 1);
    // Operations that read their body whole report its fault and not their own.
    let mut request = signed("PUT", "/shop?tagging", &[], b"<Tagging/>", None);
    request.headers_mut().insert("content-length", "10".parse().expect("a header"));
    let reply = door.send(request.map(|()| whole(b"<Tagginh/>"))).await;
    assert_eq!(reply.code(), "XAmzContentSHA256Mismatch");
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"ab")), Err("reset".into())]);
    let reply = door.send(signed("PUT", "/shop/k", &[], b"abc", None).map(|()| streamed(broken))).await;
    assert_eq!(reply.code(), "IncompleteBody");
    assert!(reply.text.contains("reset"), "{}", reply.text);
}

#[tokio::test]
async fn a_body_that_is_read_whole_has_a_limit() {
    let door = Door::with_bucket().await;
    let large = vec![b' '; crate::limits::XML_BYTES_MAX + 1];
    let reply = door.ask("PUT", "/shop?tagging", &[], &large).await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("MaxMessageLengthExceeded", 400));
    for path in ["/shop?delete", "/shop/k?uploadId=u"] {
        assert_eq!(door.ask("POST", path, &[], &large).await.code(), "MaxMessageLengthExceeded", "{path}");
    }
    assert_eq!(door.ask("PUT", "/shop/k?x-id=PutObject", &[], &large).await.status, 200, "objects stream");
    assert_eq!(door.ask("PUT", "/shop/k?tagging", &[], &large).await.code(), "MaxMessageLengthExceeded");
    for path in ["/other", "/shop?lifecycle", "/shop?cors"] {
        assert_eq!(door.ask("PUT", path, &[], &large).await.code(), "MaxMessageLengthExceeded", "{path}");
    }
}

#[tokio::test]
async fn a_host_names_a_bucket_and_an_authority_stands_in_for_it() {
    let door = Door::with_bucket().await;
    assert_eq!(door.ask("PUT", "/shop/k", &[], b"v").await.status, 200);
    for with_header in [true, false] {
        let mut request = Request::get("http://shop.localhost:4100/k").body(()).expect("a request");
        let (mut parts, ()) = {
            *request.version_mut() = http::Version::HTTP_2;
            request.into_parts()
        };
        let signer = tastemaker_wire::sigv4::Signer { access_key: KEY, secret_key: SECRET, region: "r", service: "s3" };
        let host = "shop.localhost:4100";
        let unsigned = tastemaker_wire::sigv4::Unsigned { method: "GET", host, path: "/k", headers: &[], body: b"" };
        for (name, value) in signer.sign(&unsigned, now()) {
            parts.headers.insert(name, value.parse().expect("a header"));
        }
        if with_header {
            parts.headers.insert("host", host.parse().expect("a host"));
        }
        let reply = door.send(Request::from_parts(parts, whole(b""))).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "v"));
    }
}

/// Everything that any crate logs, at every level.
#[derive(Clone, Default)]
struct Log(Arc<parking_lot::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_level_of_the_log_shows_what_a_request_could_be_repeated_with() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace")
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let door = Door::with_bucket().await;
    let signature = |request: &Request<()>| {
        let text = format!("{:?} {}", request.headers().get("authorization"), request.uri());
        let at = text.find("Signature=").expect("a signature") + "Signature=".len();
        text[at..at + 64].to_owned()
    };
    let mut secrets = vec![SECRET.to_owned()];
    let right = signed("PUT", "/shop/k", &[], b"mine", None);
    secrets.push(signature(&right));
    assert_eq!(door.send(right.map(|()| whole(b"mine"))).await.status, 200);
    let presigned = signed("GET", "/shop/k", &[], b"", Some(60));
    secrets.push(signature(&presigned));
    assert_eq!(door.send(presigned.map(|()| whole(b""))).await.text, "mine");
    // A forged request must not teach the forger its right signature.
    let right = signed("GET", "/shop/other", &[], b"", None);
    secrets.push(signature(&right));
    let mut forged = right;
    let authorization = forged.headers()["authorization"].to_str().expect("text").replace(&secrets[3], &"0".repeat(64));
    forged.headers_mut().insert("authorization", authorization.parse().expect("a header"));
    assert_eq!(door.send(forged.map(|()| whole(b""))).await.code(), "SignatureDoesNotMatch");
    drop(guard);
    let log = String::from_utf8(log.0.lock().clone()).expect("text");
    assert!(log.contains("s3s::"), "the protocol crate logs at these levels: {log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
}

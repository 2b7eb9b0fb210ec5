//! The listener with TLS: both protocols, clients with certificates, silent handshakes, an exchanged certificate, the end.

use crate::harness::{CAMPAIGN, server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_http::{ConnectionLimits, Listener, Tls, TlsConfig, TlsVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, version};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut parameters = CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// PEM of a certificate for `localhost` and of its key.
fn signed_by(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn write(dir: &Path, (certificate, key): &(String, String)) {
    std::fs::write(dir.join("certificate.pem"), certificate).unwrap();
    std::fs::write(dir.join("key.pem"), key).unwrap();
}

struct Started {
    address: SocketAddr,
    tls: Arc<Tls>,
    authority: Authority,
    dir: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

async fn started(change: impl FnOnce(&mut TlsConfig, &Path), limits: ConnectionLimits) -> Started {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let (authority, dir) = (authority(), tempfile::tempdir().unwrap());
    write(dir.path(), &signed_by(&authority));
    let mut config = TlsConfig {
        certificate: dir.path().join("certificate.pem"),
        key: dir.path().join("key.pem"),
        client_ca: None,
        minimum_version: TlsVersion::Tls12,
    };
    change(&mut config, dir.path());
    let tls = Arc::new(Tls::open(config).unwrap());
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = Listener { socket, tls: Some(tls.clone()) };
    let shutdown = Box::pin(async {
        stopped.await.ok();
    });
    let served = tokio::spawn(tastemaker_http::serve(listener, server.router, limits, shutdown));
    Started { address, tls, authority, dir, stop, served }
}

/// A client that trusts an authority, may have a certificate of its own, and speaks one protocol.
fn client(trusted: &Authority, own: Option<&(String, String)>, protocol: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_protocol_versions(&[&version::TLS12, &version::TLS13]);
    let builder = builder.with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
        }
    };
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    config
}

async fn connected(address: SocketAddr, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// The status line of the answer to a GET.
async fn get(stream: &mut TlsStream<TcpStream>, path: &str) -> std::io::Result<String> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
    let mut bytes = vec![0; 64 << 10];
    let read = stream.read(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes[..read]).lines().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn both_protocols_are_spoken() {
    let started = started(|_, _| {}, ConnectionLimits::default()).await;
    let mut stream = connected(started.address, client(&started.authority, None, "http/1.1")).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    for _ in 0..2 {
        assert_eq!(get(&mut stream, "/recommendations?user_id=known&n=1").await.unwrap(), "HTTP/1.1 200 OK");
    }
    let mut stream = connected(started.address, client(&started.authority, None, "h2")).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the first frame is SETTINGS");
    assert!(connected(started.address, client(&authority(), None, "h2")).await.is_err(), "an authority nobody knows");
    // What is no handshake ends its connection and nothing else.
    let mut plain = TcpStream::connect(started.address).await.unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    plain.read_to_end(&mut said).await.ok();
    assert!(!String::from_utf8_lossy(&said).contains("200"));
    assert!(connected(started.address, client(&started.authority, None, "h2")).await.is_ok());
}

#[tokio::test]
async fn versions_below_the_minimum_are_refused() {
    let mut old = None;
    for (minimum_version, taken) in [(TlsVersion::Tls12, true), (TlsVersion::Tls13, false)] {
        let started = started(|config, _| config.minimum_version = minimum_version, ConnectionLimits::default()).await;
        let mut roots = RootCertStore::empty();
        roots.add(started.authority.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_protocol_versions(&[&version::TLS12]);
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        assert_eq!(connected(started.address, config).await.is_ok(), taken);
        old = Some(started);
    }
    drop(old);
}

#[tokio::test]
async fn clients_show_certificates_where_an_authority_is_named() {
    let clients = authority();
    let pem = clients.pem();
    let with_authority = |config: &mut TlsConfig, dir: &Path| {
        let path = dir.join("clients.pem");
        std::fs::write(&path, pem).unwrap();
        config.client_ca = Some(path);
    };
    let started = started(with_authority, ConnectionLimits::default()).await;
    for (own, known) in [(Some(signed_by(&clients)), true), (Some(signed_by(&authority())), false), (None, false)] {
        let config = client(&started.authority, own.as_ref(), "http/1.1");
        // In TLS 1.3 a client learns of the refusal when it reads.
        let answered = match connected(started.address, config).await {
            Ok(mut stream) => get(&mut stream, "/health").await,
            Err(error) => Err(error),
        };
        assert_eq!(answered.is_ok_and(|line| line == "HTTP/1.1 200 OK"), known, "{own:?}");
    }
}

#[tokio::test]
async fn a_silent_handshake_ends_in_time_and_counts_for_its_address() {
    let limits = ConnectionLimits {
        first_head_time_max: Duration::from_millis(300),
        per_address_max: 1,
        ..ConnectionLimits::default()
    };
    let started = started(|_, _| {}, limits).await;
    let began = Instant::now();
    let mut silent = TcpStream::connect(started.address).await.unwrap();
    silent.write_all(&[0x16, 3, 1]).await.unwrap();
    assert!(connected(started.address, client(&started.authority, None, "http/1.1")).await.is_err(), "no second one");
    assert_eq!(silent.read(&mut [0; 8]).await.unwrap_or(0), 0);
    assert!((300..5_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    // One whose handshake was complete and that asks for nothing.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut idle = connected(started.address, client(&started.authority, None, "http/1.1")).await.unwrap();
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections() {
    let started = started(|_, _| {}, ConnectionLimits::default()).await;
    let mut open = connected(started.address, client(&started.authority, None, "http/1.1")).await.unwrap();
    assert_eq!(get(&mut open, "/health").await.unwrap(), "HTTP/1.1 200 OK");
    let next = authority();
    write(started.dir.path(), &signed_by(&next));
    assert_eq!(started.tls.reload(), Ok(true));
    assert!(connected(started.address, client(&next, None, "http/1.1")).await.is_ok());
    assert!(connected(started.address, client(&started.authority, None, "http/1.1")).await.is_err());
    assert_eq!(get(&mut open, "/health").await.unwrap(), "HTTP/1.1 200 OK", "the open one goes on");
}

#[tokio::test]
async fn the_end_waits_for_no_handshake() {
    let started = started(|_, _| {}, ConnectionLimits::default()).await;
    let mut silent = TcpStream::connect(started.address).await.unwrap();
    silent.write_all(&[0x16, 3, 1]).await.unwrap();
    let mut open = connected(started.address, client(&started.authority, None, "http/1.1")).await.unwrap();
    assert_eq!(get(&mut open, "/health").await.unwrap(), "HTTP/1.1 200 OK");
    let began = Instant::now();
    started.stop.send(()).unwrap();
    started.served.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

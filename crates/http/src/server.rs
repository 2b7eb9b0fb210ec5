//! The listener, with its limits and a graceful drain at the end.

use crate::address_counts::AddressCounts;
use crate::client_address::Peer;
use crate::limits::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, DRAIN_TIME_MAX, FIRST_HEAD_TIME_MAX, HEAD_TIME_MAX};
use crate::observability;
use axum::Router;
use http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;

/// Pause after a failed accept, as when file descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Limits of a listener's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections open at once; more wait to be accepted.
    pub open_max: usize,
    /// Connections of one client address; more are closed at once.
    pub per_address_max: usize,
    /// Time from a connection to its first whole request head.
    pub first_head_time_max: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            open_max: CONNECTIONS_MAX,
            per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            first_head_time_max: FIRST_HEAD_TIME_MAX,
        }
    }
}

/// Serves `router` on `listener` until `shutdown` ends, then takes no more connections and lets the requests under way
/// finish for at most [`DRAIN_TIME_MAX`]. HTTP/1.1 with keep-alive, and HTTP/2 for clients that begin with it.
///
/// Errors when the listener cannot be used at all.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX).keep_alive(true);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIME_MAX);
    let connections = Arc::new(Semaphore::new(limits.open_max));
    let by_address = AddressCounts::new(limits.per_address_max);
    let mut accepts = true;
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accept = async {
            let permit = connections.clone().acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Said once for many failures in a row, as while no file can be opened.
                if accepts {
                    tracing::warn!(%error, "accepting connections fails");
                }
                accepts = false;
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        accepts = true;
        let Some(share) = by_address.take(peer.ip(), 1) else {
            tracing::debug!(peer = %peer.ip(), "the address has as many connections as it may");
            observability::connection_refused();
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
        }
        let asked = Arc::new(AtomicBool::new(false));
        let service = ConnectionService { router: router.clone(), peer: Peer(peer.ip()), asked: asked.clone() };
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let silent = async {
                tokio::time::sleep(limits.first_head_time_max).await;
                if asked.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection ended with an error");
                    }
                }
                () = silent => tracing::debug!("a connection without a request was closed"),
            }
            drop((permit, share));
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_TIME_MAX.as_secs(), "connections were cut after the drain time");
    }
    Ok(())
}

/// The router for the requests of one connection.
#[derive(Clone)]
struct ConnectionService {
    router: Router,
    peer: Peer,
    /// Whether the head of a request has arrived.
    asked: Arc<AtomicBool>,
}

impl<B> Service<Request<B>> for ConnectionService
where
    Router: Service<Request<B>>,
{
    type Response = <Router as Service<Request<B>>>::Response;
    type Error = <Router as Service<Request<B>>>::Error;
    type Future = <Router as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Service::<Request<B>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}

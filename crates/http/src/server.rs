//! The listener, with its limits and a graceful drain at the end.

use crate::address_counts::AddressCounts;
use crate::client_address::Peer;
use crate::connection::{Activity, Patience, TimedWrites};
use crate::limits::{
    ANSWER_PROGRESS_TIME_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, DRAIN_TIME_MAX, FIRST_HEAD_TIME_MAX,
    HEAD_TIME_MAX,
};
use crate::live_router::LiveRouter;
use crate::observability;
use crate::stream::Stream;
use crate::tls::Tls;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
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
    /// Time from the end of an answer to the next request.
    pub idle_time_max: Duration,
    /// Time in which the client must take something of an answer.
    pub answer_progress_time_max: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            open_max: CONNECTIONS_MAX,
            per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            first_head_time_max: FIRST_HEAD_TIME_MAX,
            idle_time_max: HEAD_TIME_MAX,
            answer_progress_time_max: ANSWER_PROGRESS_TIME_MAX,
        }
    }
}

/// The socket that connections come from, and their TLS.
pub struct Listener {
    /// Bound to its address.
    pub socket: TcpListener,
    /// The certificate, of a listener whose connections begin with a handshake.
    pub tls: Option<Arc<Tls>>,
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Self {
        Self { socket, tls: None }
    }
}

/// Marks the requests of connections with TLS, in their extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverTls;

/// Serves `router` on `listener` until `shutdown` ends, then takes no more connections and lets the requests under way
/// finish for at most [`DRAIN_TIME_MAX`]. HTTP/1.1 with keep-alive, and HTTP/2 for clients that begin with it.
///
/// Errors when the listener cannot be used at all.
pub fn serve(
    listener: impl Into<Listener>,
    router: impl Into<LiveRouter>,
    limits: ConnectionLimits,
    shutdown: BoxFuture<'static, ()>,
) -> BoxFuture<'static, io::Result<()>> {
    boxed(listener.into(), router.into(), limits, shutdown)
}

/// Of no type of the caller's, so that HTTP is compiled once and in this crate.
fn boxed(
    listener: Listener,
    router: LiveRouter,
    limits: ConnectionLimits,
    shutdown: BoxFuture<'static, ()>,
) -> BoxFuture<'static, io::Result<()>> {
    Box::pin(accept_until(listener, router, limits, shutdown))
}

async fn accept_until(
    listener: Listener,
    router: LiveRouter,
    limits: ConnectionLimits,
    mut shutdown: BoxFuture<'static, ()>,
) -> io::Result<()> {
    let Listener { socket: listener, tls } = listener;
    listener.local_addr()?;
    let server = Server { builder: builder(&limits), router, limits };
    let connections = Arc::new(Semaphore::new(limits.open_max));
    let by_address = AddressCounts::new(limits.per_address_max);
    let mut accepts = true;
    let graceful = GracefulShutdown::new();
    let (handshakes, _) = watch::channel(());
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
        let connection = Connection {
            server: server.clone(),
            peer: Peer(peer.ip()),
            activity: Activity::new(server.patience()),
            watcher: graceful.watcher(),
        };
        let (tls, ended) = (tls.clone(), handshakes.subscribe());
        tokio::spawn(async move {
            let activity = connection.activity.clone();
            let conversation = async {
                match tls {
                    None => connection.plain(stream).await,
                    Some(tls) => connection.over_tls(stream, &tls, ended).await,
                }
            };
            tokio::select! {
                () = conversation => {}
                reason = activity.ends() => tracing::debug!(reason),
            }
            drop((permit, share));
        });
    }
    drop((listener, handshakes));
    if tokio::time::timeout(DRAIN_TIME_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_TIME_MAX.as_secs(), "connections were cut after the drain time");
    }
    Ok(())
}

fn builder(limits: &ConnectionLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.idle_time_max).keep_alive(true);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_TIME_MAX);
    builder
}

/// The router and limits of every connection.
#[derive(Clone)]
struct Server {
    builder: Builder<TokioExecutor>,
    router: LiveRouter,
    limits: ConnectionLimits,
}

impl Server {
    fn patience(&self) -> Patience {
        Patience {
            first_head: self.limits.first_head_time_max,
            idle: self.limits.idle_time_max,
            answer: self.limits.answer_progress_time_max,
        }
    }

    fn timed(&self, stream: TcpStream) -> TimedWrites<TcpStream> {
        TimedWrites::new(stream, self.limits.answer_progress_time_max)
    }
}

/// A connection that was accepted.
struct Connection {
    server: Server,
    peer: Peer,
    activity: Arc<Activity>,
    watcher: Watcher,
}

impl Connection {
    /// Answers what is asked, without TLS.
    async fn plain(self, stream: TcpStream) {
        let stream = Stream::Plain(self.server.timed(stream));
        self.answer(stream, None).await;
    }

    /// Shakes hands, while the server takes connections, and answers what is asked then.
    async fn over_tls(self, stream: TcpStream, tls: &Tls, mut ended: watch::Receiver<()>) {
        let greeted = tokio::select! {
            greeted = tls.acceptor().accept(self.server.timed(stream)) => greeted,
            _ = ended.changed() => return,
        };
        match greeted {
            Ok(stream) => self.answer(Stream::Tls(Box::new(stream)), Some(OverTls)).await,
            Err(error) => {
                tracing::debug!(%error, peer = %self.peer.0, "a handshake failed");
                observability::handshake_failed();
            }
        }
    }

    async fn answer(self, stream: Stream, over_tls: Option<OverTls>) {
        let Self { server, peer, activity, watcher } = self;
        let service = TowerToHyperService::new(followed(server.router, peer, over_tls, activity));
        let connection = server.builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(error, "a connection ended with an error");
        }
    }
}

/// The router for the requests of one connection, whose activity it notes.
fn followed<B>(
    router: LiveRouter,
    peer: Peer,
    over_tls: Option<OverTls>,
    activity: Arc<Activity>,
) -> impl Service<
    Request<B>,
    Response = Response<Body>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Body>, Infallible>> + Send + use<B>,
> + Clone
+ Send
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    tower::service_fn(move |mut request: Request<B>| {
        let under_way = activity.request(request.version());
        request.extensions_mut().insert(peer);
        if let Some(over_tls) = over_tls {
            request.extensions_mut().insert(over_tls);
        }
        let answer = router.current().call(request);
        async move {
            let response = answer.await?;
            Ok(match under_way {
                Some(under_way) => response.map(|body| under_way.answer(body)),
                None => response,
            })
        }
    })
}

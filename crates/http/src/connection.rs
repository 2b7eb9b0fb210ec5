//! The activity of a connection, by which one that asks for nothing, or does not read its answers, is told and ended.
//!
//! HTTP/1 has a timer for the next head, and an answer that is not read stops the writing, which is timed by
//! [`TimedWrites`]. On HTTP/2 pings keep a connection alive, and an answer may wait for the client's window while the
//! connection itself is free, so there requests and the bodies of answers are followed. On both, an answer that is read too
//! slowly fails ([`Pace`]).

use crate::pace::Pace;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// The times after which a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// From the connection to its first whole request head.
    pub first_head: Duration,
    /// Without a request.
    pub idle: Duration,
    /// Without progress of an answer that is under way.
    pub answer: Duration,
}

/// The activity of one connection.
#[derive(Debug)]
pub(crate) struct Activity {
    patience: Patience,
    began: Instant,
    asked: AtomicBool,
    http2: AtomicBool,
    /// Milliseconds from `began` to the last request or piece of an answer.
    last_ms: AtomicU64,
    requests: AtomicUsize,
    answers: AtomicUsize,
}

impl Activity {
    /// Of a connection that begins now.
    pub fn new(patience: Patience) -> Arc<Self> {
        Arc::new(Self {
            patience,
            began: Instant::now(),
            asked: AtomicBool::new(false),
            http2: AtomicBool::new(false),
            last_ms: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
        })
    }

    /// Notes a request; on HTTP/2 it is followed to the end of its answer.
    pub fn request(self: &Arc<Self>, version: http::Version) -> Option<UnderWay> {
        self.asked.store(true, Ordering::Relaxed);
        if version != http::Version::HTTP_2 {
            return None;
        }
        self.http2.store(true, Ordering::Relaxed);
        Some(UnderWay::of(self.clone(), |activity| &activity.requests))
    }

    fn touch(&self) {
        let since = self.began.elapsed().as_millis();
        self.last_ms.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Ends when the connection is to be ended, with the reason.
    pub async fn ends(&self) -> &'static str {
        let patience = self.patience;
        tokio::time::sleep(patience.first_head).await;
        if !self.asked.load(Ordering::Relaxed) {
            return "a connection without a request is closed";
        }
        loop {
            // A request that is computed has limits of its own.
            let limit = if !self.http2.load(Ordering::Relaxed) || self.requests.load(Ordering::Relaxed) > 0 {
                None
            } else if self.answers.load(Ordering::Relaxed) > 0 {
                Some((patience.answer, "a connection whose answer is not read is closed"))
            } else {
                Some((patience.idle, "a connection without a further request is closed"))
            };
            let mut left = patience.idle;
            if let Some((limit, reason)) = limit {
                let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
                let silent = self.began.elapsed().saturating_sub(last);
                if silent >= limit {
                    return reason;
                }
                left = left.min(limit - silent);
            }
            tokio::time::sleep(left.max(Duration::from_millis(1))).await;
        }
    }
}

/// A request or an answer that counts as under way until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    activity: Arc<Activity>,
    count: fn(&Activity) -> &AtomicUsize,
}

impl UnderWay {
    fn of(activity: Arc<Activity>, count: fn(&Activity) -> &AtomicUsize) -> Self {
        count(&activity).fetch_add(1, Ordering::Relaxed);
        activity.touch();
        Self { activity, count }
    }

    /// The body of the request's answer, which goes on being followed.
    pub fn answer(self, body: Body) -> Body {
        if body.is_end_stream() {
            return body;
        }
        let under_way = Self::of(self.activity.clone(), |activity| &activity.answers);
        let pace = Pace::new(2 * self.activity.patience.answer);
        Body::new(AnswerBody { body, under_way, pace, given: None })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.activity.touch();
        (self.count)(&self.activity).fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body that notes when it is read, and fails when it is read too slowly.
struct AnswerBody {
    body: Body,
    under_way: UnderWay,
    pace: Pace,
    /// When the last piece was given, and its bytes; the next is asked for when the client has taken it.
    given: Option<(Instant, usize)>,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.under_way.activity.touch();
        if let Some((at, bytes)) = self.given.take() {
            self.pace.took(bytes, at.elapsed()).map_err(axum::Error::new)?;
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.given = frame.data_ref().map(|data| (Instant::now(), data.len()));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose writes fail when the client takes nothing for too long, or too little.
#[derive(Debug)]
pub(crate) struct TimedWrites<S> {
    stream: S,
    limit: Duration,
    pace: Pace,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> TimedWrites<S> {
    pub fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, pace: Pace::new(2 * limit), stalled: None }
    }

    /// A write of bytes that the client takes in time.
    fn written(&mut self, polled: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = polled {
            let left =
                self.stalled.as_ref().map(|stalled| stalled.deadline().saturating_duration_since(Instant::now()));
            let waited = left.map_or(Duration::ZERO, |left| self.limit.saturating_sub(left));
            self.pace.took(bytes, waited)?;
        }
        self.timed(polled, context)
    }

    fn timed<T>(&mut self, polled: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.limit)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => {
                let message = format!("the client took nothing of an answer for {} seconds", self.limit.as_secs());
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, message)))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedWrites<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedWrites<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.timed(polled, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.timed(polled, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const PATIENCE: Patience = Patience {
        first_head: Duration::from_secs(15),
        idle: Duration::from_secs(75),
        answer: Duration::from_secs(300),
    };

    /// Seconds until the connection is ended, if within an hour.
    async fn ended_s(activity: &Activity) -> Option<u64> {
        let began = Instant::now();
        let ended = tokio::time::timeout(Duration::from_secs(3_600), activity.ends()).await;
        ended.ok().map(|_| began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_ended_by_what_it_does_last() {
        assert_eq!(ended_s(&Activity::new(PATIENCE)).await, Some(15));
        let plain = Activity::new(PATIENCE);
        assert!(plain.request(http::Version::HTTP_11).is_none());
        assert_eq!(ended_s(&plain).await, None, "HTTP/1 has its own timers");
        let idle = Activity::new(PATIENCE);
        drop(idle.request(http::Version::HTTP_2));
        assert_eq!(ended_s(&idle).await, Some(75));
        let computing = Activity::new(PATIENCE);
        let request = computing.request(http::Version::HTTP_2);
        assert_eq!(ended_s(&computing).await, None);
        drop(request);
        let unread = Activity::new(PATIENCE);
        let answer = unread.request(http::Version::HTTP_2).expect("followed").answer("a body".into());
        assert_eq!(ended_s(&unread).await, Some(300));
        drop(answer);
        assert_eq!((unread.requests.load(Ordering::Relaxed), unread.answers.load(Ordering::Relaxed)), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_slowly_keeps_its_connection() {
        let activity = Activity::new(PATIENCE);
        let pieces = futures::stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_secs(200)).await;
            (n < 10).then_some((Ok::<_, io::Error>(Bytes::from_static(b"piece")), n + 1))
        });
        let body = activity.request(http::Version::HTTP_2).expect("followed").answer(Body::from_stream(pieces));
        let reading = async {
            let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("read");
            assert_eq!(bytes.len(), 50);
        };
        let ((), ended) = tokio::join!(reading, ended_s(&activity));
        assert!(ended.is_some_and(|s| (2_275..=2_350).contains(&s)), "{ended:?}: after eleven times 200 seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn writes_that_nobody_takes_fail() {
        let (near, mut far) = tokio::io::duplex(8);
        let mut near = TimedWrites::new(near, Duration::from_secs(300));
        near.write_all(b"12345678").await.expect("there is room");
        let began = Instant::now();
        let slow = async {
            tokio::time::sleep(Duration::from_secs(299)).await;
            far.read_exact(&mut [0; 8]).await.expect("read");
        };
        let (written, ()) = tokio::join!(near.write_all(b"next"), slow);
        assert!(written.is_ok() && began.elapsed().as_secs() == 299);
        let failed = near.write_all(b"another").await.expect_err("nobody reads");
        assert_eq!((failed.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 599));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_which_the_client_takes_too_little_fails() {
        let piece = Bytes::from_static(b"a piece");
        let (pieces, enough) = (piece.len(), Bytes::from(vec![0; 210 * 128]));
        for (piece, read) in [(piece.clone(), 3 * pieces), (enough.clone(), 10 * enough.len())] {
            let stream = futures::stream::iter(vec![piece; 10]).map(Ok::<_, io::Error>);
            let under_way = Activity::new(PATIENCE).request(http::Version::HTTP_2).expect("followed");
            let mut body = under_way.answer(Body::from_stream(stream));
            let mut bytes = 0;
            while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                bytes += frame.into_data().map_or(0, |data| data.len());
                tokio::time::sleep(Duration::from_secs(200)).await;
            }
            assert_eq!(bytes, read);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn writes_of_which_the_client_takes_too_little_fail() {
        for (bytes, kept) in [(8, false), (210 * 128, true)] {
            let (near, mut far) = tokio::io::duplex(bytes);
            let mut near = TimedWrites::new(near, Duration::from_secs(300));
            let piece = vec![0; bytes];
            let mut taken = vec![0; bytes];
            let began = Instant::now();
            let reading = async {
                while let Ok(1..) = far.read(&mut taken).await {
                    tokio::time::sleep(Duration::from_secs(200)).await;
                }
            };
            let writing = async move {
                for _ in 0..9 {
                    near.write_all(&piece).await?;
                }
                Ok::<_, io::Error>(())
            };
            let (written, ()) = tokio::join!(writing, reading);
            assert_eq!(written.is_ok(), kept, "{bytes} bytes in 200 seconds");
            let kind = written.err().map(|error| error.kind());
            assert_eq!(kind, (!kept).then_some(io::ErrorKind::TimedOut));
            assert!(began.elapsed().as_secs() >= 600);
        }
    }
}

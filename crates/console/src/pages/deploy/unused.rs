//! Campaigns and recommenders that nobody asked for days: they keep a model in memory all the same.

use crate::cx::Cx;
use crate::format;
use crate::ports::RequestsKept;
use maud::{Markup, html};

/// Days without a request after which a campaign is said to be unused.
const UNUSED_DAYS: i64 = 7;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The last requests to all campaigns and recommenders.
pub(super) struct Asked(Option<RequestsKept>);

/// Days without a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unused {
    /// So many since the last.
    For(i64),
    /// There was none, for so many or more.
    ForAtLeast(i64),
}

impl Asked {
    pub async fn read(cx: &Cx) -> Self {
        Self(cx.console.ports.last_requests.read().await)
    }

    /// When one was asked last, and whether it is unused, for its own page.
    pub fn line(&self, cx: &Cx, arn: &str, status: Option<&str>, created_s: Option<f64>) -> Markup {
        let last = self.0.as_ref().and_then(|kept| kept.campaigns.get(arn));
        html! {
            @if let Some(last) = last {
                p.hint { (cx.text("deploy-last-request")) ": " (format::time(last.at_ms as f64 / 1000.0)) }
            }
            @if let Some(unused) = self.unused(cx, arn, status, created_s) {
                p { (unused) " " (cx.text("deploy-unused-hint")) }
            }
        }
    }

    /// That an active campaign or recommender, made at this time in seconds since the Unix epoch, is unused, in a few words.
    pub fn unused(&self, cx: &Cx, arn: &str, status: Option<&str>, created_s: Option<f64>) -> Option<Markup> {
        let (key, days) = match unused(self.0.as_ref()?, arn, created_s, (cx.console.ports.clock)())? {
            Unused::For(days) => ("deploy-unused", days),
            Unused::ForAtLeast(days) => ("deploy-unused-at-least", days),
        };
        let words = cx.text_with(key, &[("days", format::counted(days.unsigned_abs()))]);
        (status == Some("ACTIVE")).then(|| html! { span.tag { (words) } })
    }
}

fn unused(kept: &RequestsKept, arn: &str, created_s: Option<f64>, now_ms: i64) -> Option<Unused> {
    let created_ms = created_s.map_or(i64::MIN, |seconds| (seconds * 1000.0) as i64);
    let days = |since_ms: i64| now_ms.saturating_sub(since_ms) / DAY_MS;
    // One of the same name may have been deleted.
    let last = kept.campaigns.get(arn).filter(|last| last.at_ms >= created_ms);
    let unused = match last {
        Some(last) => Unused::For(days(last.at_ms)),
        None => Unused::ForAtLeast(days(kept.since_ms.max(created_ms))),
    };
    let (Unused::For(days) | Unused::ForAtLeast(days)) = unused;
    (days >= UNUSED_DAYS).then_some(unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::LastRequest;

    #[test]
    fn seven_days_count_from_the_last_request_or_from_when_one_could_have_been_seen() {
        let last = |day: i64| LastRequest { at_ms: day * DAY_MS, ..LastRequest::default() };
        let kept = RequestsKept { since_ms: 10 * DAY_MS, campaigns: [("c".to_owned(), last(20))].into() };
        let of = |arn: &str, created_day: i64, now_day: i64| {
            unused(&kept, arn, Some((created_day * DAY_MS / 1000) as f64), now_day * DAY_MS)
        };
        assert_eq!(of("c", 1, 26), None);
        assert_eq!(of("c", 1, 27), Some(Unused::For(7)));
        assert_eq!(of("c", 22, 28), None, "the request was to another of that name");
        assert_eq!(of("c", 22, 30), Some(Unused::ForAtLeast(8)));
        assert_eq!(of("d", 1, 16), None, "nothing was kept before the tenth day");
        assert_eq!(of("d", 1, 17), Some(Unused::ForAtLeast(7)));
        assert_eq!(of("d", 12, 18), None);
    }
}

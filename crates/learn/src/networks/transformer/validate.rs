//! Next-item ranking of held-out events by the transformer in training.

use super::attention::Windows;
use super::batch::Batch;
use super::network::{Activations, Drops, Tokens};
use super::params::Params;
use crate::kernels::{Aligned, rows, set_product};
use crate::networks::trainer::Parameters;
use crate::networks::validation::Gains;
use crate::{Cancel, Error, Validation};
use rayon::prelude::*;
use std::ops::Range;

/// Events encoded at most; beyond, users are thinned evenly.
const TOKENS_MAX: usize = 400_000;

/// Mean NDCG@10 over the held-out events; `None` where there is nothing to rank. Runs on the current rayon pool; the mean does
/// not depend on its size.
pub(crate) fn ndcg_at_10(params: &Params, validation: &Validation<'_>, cancel: &Cancel) -> Result<Option<f64>, Error> {
    let sequences = &validation.histories.sequences;
    let windows = |user: usize| windows(sequences.user(user).len(), validation.first_target[user], params.shape.length);
    let users = validation.users(TOKENS_MAX, |user| windows(user).map(|(window, _)| window.len()).sum());
    let parts: Vec<Gains> = users
        .par_iter()
        .map_init(Encoder::default, |encoder, &user| {
            cancel.check()?;
            Ok(windows(user).map(|(window, ranked)| encoder.window(params, validation, user, window, ranked)).sum())
        })
        .collect::<Result<_, Error>>()?;
    Ok(parts.into_iter().sum::<Gains>().mean())
}

/// Windows over a history of `len` events, each with the events ranked in it: every event from `first` on is ranked once,
/// with at least `length / 2` events before it in its window, or all there are.
fn windows(len: usize, first: usize, length: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut next = first;
    std::iter::from_fn(move || {
        (next < len).then(|| {
            let end = len.min(next + length.div_ceil(2));
            let ranked = next..end;
            next = end;
            (end.saturating_sub(length)..end, ranked)
        })
    })
}

#[derive(Default)]
struct Encoder {
    batch: Batch,
    activations: Activations,
    queries: Aligned,
    logits: Aligned,
    seen: Vec<bool>,
}

impl Encoder {
    /// The gains of the `ranked` events of one window.
    fn window(
        &mut self,
        params: &Params,
        validation: &Validation<'_>,
        user: usize,
        window: Range<usize>,
        ranked: Range<usize>,
    ) -> Gains {
        let (d, items) = (params.shape.hidden, params.shape.items);
        let histories = &validation.histories;
        let first = histories.sequences.offsets[user];
        let history = histories.sequences.user(user);
        self.batch.clear();
        self.batch.push(histories, first, first + window.start..first + window.end, params.start_row());
        let tokens = Tokens {
            windows: Windows { bounds: &self.batch.bounds, times: &self.batch.times },
            inputs: &self.batch.inputs,
        };
        let out = self.activations.forward(params, tokens, Drops::NONE);
        let n = ranked.len();
        self.queries.reserve(n * d);
        self.queries[..n * d].copy_from_slice(&out[(ranked.start - window.start) * d..][..n * d]);
        let stride = items.next_multiple_of(16);
        self.logits.reserve(n * stride);
        let table = params.item_vectors();
        set_product(&mut self.logits, stride, rows(&self.queries, n, d, d), rows(table.rows, items, d, d).transpose());
        self.seen.clear();
        self.seen.resize(items, false);
        if validation.exclude_seen {
            history[..ranked.start].iter().for_each(|&item| self.seen[item as usize] = true);
        }
        let mut gains = Gains::default();
        for (at, row) in ranked.zip(self.logits.chunks_exact(stride)) {
            gains.rank(history[at], row, table.bias, |item| self.seen[item]);
            if validation.exclude_seen {
                self.seen[history[at] as usize] = true;
            }
        }
        gains
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_held_out_event_is_ranked_once_with_context() {
        for (len, first, length) in [(5, 4, 8), (5, 0, 8), (100, 50, 8), (100, 99, 8), (9, 3, 3), (4, 4, 8)] {
            let mut next = first;
            for (window, ranked) in windows(len, first, length) {
                assert_eq!(ranked.start, next);
                assert!(window.len() <= length && window.end == ranked.end && window.start <= ranked.start);
                assert!(window.start == 0 || ranked.start - window.start >= length / 2, "{window:?} {ranked:?}");
                next = ranked.end;
            }
            assert_eq!(next, len);
        }
    }
}

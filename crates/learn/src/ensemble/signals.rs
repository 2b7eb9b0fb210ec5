//! The signals of an ensemble and what they are computed from.

use super::{HISTORY_MAX, Mode};
use crate::item_matrix::{ItemMatrix, Recency};
use crate::models::als::ItemFactors;
use crate::models::content::NewItems;
use crate::models::repeat_consumption::RepeatModel;
use crate::models::time_decayed_popularity::TimeDecayedPopularity;
use crate::sentences;
use crate::{Event, Scorer, ScoringContext, Scratch, UserState};
use std::sync::Arc;

/// One way to score all items for a user.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// The network's logits.
    Network,
    /// Items that follow the newest events: event k steps back counts `exp(-decay k)`, popular items are divided by
    /// `count^discount`. With `log` the score is its logarithm.
    Cooccurrence {
        /// Per step.
        decay: f32,
        /// 0 keeps popularity.
        discount: f32,
        /// Compressed.
        log: bool,
    },
    /// EASE of the history, event k steps back counting `exp(-decay k) + 0.1` (1 throughout for decay 0).
    Ease {
        /// Per step.
        decay: f32,
    },
    /// Metadata like that of the newest events, event k steps back counting `exp(-decay k)`.
    Content {
        /// Per step.
        decay: f32,
    },
    /// Popularity at the time of the request.
    Popular {
        /// `None`: of all time before.
        half_life_days: Option<f32>,
    },
    /// The probability that the user takes an item again.
    Repeats,
    /// 1 for the items of the history, not standardized: what a repeat costs or gains by itself.
    Seen,
    /// iALS of the history, event k steps back counting `exp(-decay k)`, and 0.05 at least where decay is not 0.
    Factors {
        /// Per step.
        decay: f32,
    },
    /// 1 for the items that nobody has taken yet, not standardized: what being new costs or gains by itself.
    New,
    /// The popularity that items with such metadata reach.
    Expected,
    /// The items that nobody has taken yet, in the order that their metadata gives them for the user; 0 for others.
    NewItems,
}

/// The models that the signals are computed from; all over the same items.
#[derive(Clone, Default)]
pub struct Parts {
    /// The number of items.
    pub items: usize,
    /// Next-item logits.
    pub network: Option<Arc<dyn Scorer>>,
    /// Directed co-occurrence.
    pub follows: ItemMatrix,
    /// EASE's weights.
    pub ease: ItemMatrix,
    /// Nearest items by metadata; empty without any.
    pub content: ItemMatrix,
    /// Popularity over time.
    pub popular: TimeDecayedPopularity,
    /// `[items]`: how often each item occurs, for discounts.
    pub counts: Vec<f32>,
    /// Repeats in session and of the next session.
    pub repeats: Option<[RepeatModel; 2]>,
    /// iALS's item factors.
    pub factors: ItemFactors,
    /// `[items]`: the popularity expected by metadata; empty without any.
    pub expected: Vec<f32>,
    /// The order of the items that nobody has taken yet; empty without metadata.
    pub new_items: NewItems,
}

impl Signal {
    /// Popularity of all time before the request.
    pub const POPULARITY: Self = Self::Popular { half_life_days: None };

    /// Every signal that an ensemble may choose from, in the order in which the fit tries them: what to do about items of the
    /// history decides how the others rank, and the more exact of two models comes before the other.
    pub fn all() -> Vec<Self> {
        let follows = |decay, discount, log| Self::Cooccurrence { decay, discount, log };
        vec![
            Self::Seen,
            Self::Repeats,
            Self::Network,
            follows(0.3, 0.0, false),
            follows(0.3, 0.2, false),
            follows(1.0, 0.0, false),
            follows(0.3, 0.0, true),
            follows(1.0, 0.0, true),
            follows(0.1, 0.3, true),
            Self::Ease { decay: 0.0 },
            Self::Ease { decay: 0.03 },
            Self::Ease { decay: 0.2 },
            Self::Factors { decay: 0.0 },
            Self::Factors { decay: 0.2 },
            Self::Content { decay: 0.0 },
            Self::Content { decay: 0.2 },
            Self::POPULARITY,
            Self::Popular { half_life_days: Some(30.0) },
            Self::Popular { half_life_days: Some(4.0) },
            Self::New,
            Self::Expected,
            Self::NewItems,
        ]
    }

    /// A name for reports.
    pub fn name(&self) -> String {
        match self {
            Self::Network => sentences::NETWORK.template.to_owned(),
            Self::Cooccurrence { decay, discount, log } => {
                format!("follows decay={decay} discount={discount}{}", if *log { " log" } else { "" })
            }
            Self::Ease { decay } => format!("ease decay={decay}"),
            Self::Content { decay } => format!("content decay={decay}"),
            Self::Popular { half_life_days: Some(days) } => format!("popular half-life={days}d"),
            Self::Popular { half_life_days: None } => "popular".to_owned(),
            Self::Repeats => sentences::REPEATS.template.to_owned(),
            Self::Seen => sentences::SEEN.template.to_owned(),
            Self::Factors { decay } => format!("ials decay={decay}"),
            Self::New => sentences::NEW.template.to_owned(),
            Self::Expected => sentences::EXPECTED_POPULARITY.template.to_owned(),
            Self::NewItems => sentences::NEW_ITEMS_BY_METADATA.template.to_owned(),
        }
    }

    /// The part that it is a way to use.
    pub fn component(&self) -> &'static str {
        match self {
            Self::Network => sentences::NETWORK.template,
            Self::Cooccurrence { .. } => sentences::CO_OCCURRENCE_PART.template,
            Self::Ease { .. } => "EASE",
            Self::Content { .. } => sentences::METADATA.template,
            Self::Popular { .. } => sentences::POPULARITY.template,
            Self::Repeats => sentences::REPEATS.template,
            Self::Seen => sentences::SEEN.template,
            Self::Factors { .. } => "iALS",
            Self::New => sentences::NEW.template,
            Self::Expected => sentences::EXPECTED_POPULARITY.template,
            Self::NewItems => sentences::NEW_ITEMS_BY_METADATA.template,
        }
    }

    /// Whether it looks at how often items occur.
    pub fn counts(&self) -> bool {
        matches!(self, Self::Cooccurrence { discount, .. } if *discount != 0.0) || matches!(self, Self::New)
    }

    /// Whether its scores are 0 or 1 as they are, not standardized.
    pub fn is_flag(&self) -> bool {
        matches!(self, Self::Seen | Self::New)
    }

    /// Whether lists can be made of it alone.
    pub fn lists_alone(&self) -> bool {
        !self.is_flag() && !matches!(self, Self::NewItems)
    }

    /// Whether its scores depend on the time of the request alone.
    pub(super) fn is_same_for_all(&self) -> bool {
        matches!(self, Self::Popular { .. } | Self::New | Self::Expected)
    }

    /// The shares of a history's events, for signals that add rows of related items.
    pub(super) fn recency(&self) -> Option<Recency> {
        match *self {
            Self::Cooccurrence { decay, .. } => Some(Recency { decay, floor: 0.0, distinct: false }),
            Self::Ease { decay } => Some(Recency { decay, floor: if decay > 0.0 { 0.1 } else { 0.0 }, distinct: true }),
            Self::Content { decay } => Some(Recency { decay, floor: 0.0, distinct: true }),
            _ => None,
        }
    }

    /// The divisors of the scores of items with these counts; empty for signals without a discount.
    pub(super) fn divisors(&self, counts: &[f32]) -> Vec<f32> {
        match *self {
            Self::Cooccurrence { discount, .. } if discount != 0.0 => {
                counts.iter().map(|count| count.max(1.0).powf(discount)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes the logarithm of the added rows in `out`, for signals that are compressed.
    pub(super) fn compress(&self, out: &mut [f32]) {
        if matches!(self, Self::Cooccurrence { log: true, .. }) {
            // The scale of a discounted score is its own: relative to the largest.
            let most = out.iter().copied().fold(0.0f32, f32::max).max(1e-12);
            out.iter_mut().filter(|x| **x != 0.0).for_each(|x| *x = (*x / most * 300.0).ln_1p());
        }
    }

    /// Whether it says what being in the history costs or gains by itself.
    pub fn is_about_seen(&self) -> bool {
        matches!(self, Self::Seen | Self::Repeats)
    }

    /// Mean and reciprocal deviation of `scores` over the items; 0 and 1 for a flag and for what is standardized by itself, and a
    /// factor of 0 where all scores are equal.
    pub(crate) fn standard(&self, scores: &[f32]) -> (f32, f32) {
        if self.is_flag() || matches!(self, Self::NewItems) {
            return (0.0, 1.0);
        }
        let n = scores.len().max(1) as f32;
        let mut sums = [0.0f32; 16];
        let (blocks, tail) = scores.as_chunks::<16>();
        for block in blocks {
            (0..16).for_each(|j| sums[j] += block[j]);
        }
        let mean = (sums.iter().sum::<f32>() + tail.iter().sum::<f32>()) / n;
        let mut squares = [0.0f32; 16];
        for block in blocks {
            (0..16).for_each(|j| squares[j] += (block[j] - mean) * (block[j] - mean));
        }
        let rest: f32 = tail.iter().map(|x| (x - mean) * (x - mean)).sum();
        let deviation = ((squares.iter().sum::<f32>() + rest) / n).sqrt();
        if deviation > 1e-9 { (mean, 1.0 / deviation) } else { (mean, 0.0) }
    }
}

impl Parts {
    /// Drops what none of `signals` needs.
    pub(crate) fn keep_for(&mut self, signals: &[Signal]) {
        fn keep<T: Default>(part: &mut T, is_needed: bool) {
            if !is_needed {
                *part = T::default();
            }
        }
        let any = |wanted: fn(&Signal) -> bool| signals.iter().any(wanted);
        keep(&mut self.network, any(|s| matches!(s, Signal::Network)));
        keep(&mut self.follows, any(|s| matches!(s, Signal::Cooccurrence { .. })));
        keep(&mut self.counts, any(Signal::counts));
        keep(&mut self.factors, any(|s| matches!(s, Signal::Factors { .. })));
        keep(&mut self.expected, any(|s| matches!(s, Signal::Expected)));
        keep(&mut self.new_items, any(|s| matches!(s, Signal::NewItems)));
        keep(&mut self.ease, any(|s| matches!(s, Signal::Ease { .. })));
        keep(&mut self.content, any(|s| matches!(s, Signal::Content { .. })));
        keep(&mut self.popular, any(|s| matches!(s, Signal::Popular { .. })));
        keep(&mut self.repeats, any(|s| matches!(s, Signal::Repeats)));
    }

    /// The state of a user without history.
    pub(crate) fn start(&self) -> UserState {
        match &self.network {
            Some(network) => network.start(),
            None => UserState::new(Box::default()),
        }
    }

    /// Advances the network's vector and the newest events, of which a network that keeps them too sees the same ones.
    pub(crate) fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        let events = state.events;
        if let Some(network) = &self.network {
            let recent = std::mem::take(&mut state.recent);
            network.observe(state, event, scratch);
            state.recent = recent;
        }
        state.remember(event, HISTORY_MAX);
        state.events = events + 1;
    }

    /// Fills `out` with the weighted sum of standardized signals.
    pub(crate) fn add(
        &self,
        signals: &[(Signal, f32)],
        state: &UserState,
        scoring_context: &ScoringContext,
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) {
        let mut part = std::mem::take(&mut scratch.part);
        out.clear();
        out.resize(self.items, 0.0);
        part.resize(self.items, 0.0);
        for &(signal, weight) in signals {
            self.fill(signal, state, scoring_context, scratch, &mut part);
            let (mean, scale) = signal.standard(&part);
            let factor = weight * scale;
            out.iter_mut().zip(&part).for_each(|(out, x)| *out += factor * (x - mean));
        }
        scratch.part = part;
    }

    /// Adds to `out` `[items]` what the items of the history gain by `signals` about them over the others; losses are left out.
    pub(crate) fn add_gains_of_seen(
        &self,
        signals: &[(Signal, f32)],
        state: &UserState,
        scoring_context: &ScoringContext,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let mut gains = vec![0.0; self.items];
        let mut part = std::mem::take(&mut scratch.part);
        part.resize(self.items, 0.0);
        for &(signal, weight) in signals {
            // Outside the history these signals are 0.
            self.fill(signal, state, scoring_context, scratch, &mut part);
            let factor = weight * signal.standard(&part).1;
            gains.iter_mut().zip(&part).for_each(|(gain, x)| *gain += factor * x);
        }
        scratch.part = part;
        out.iter_mut().zip(gains).for_each(|(out, gain)| *out += gain.max(0.0));
    }

    /// Fills `out` `[items]` with a signal's raw scores.
    pub(crate) fn fill(
        &self,
        signal: Signal,
        state: &UserState,
        scoring_context: &ScoringContext,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let history = state.newest(HISTORY_MAX);
        let now_s = scoring_context.now_s.or(state.last_time_s()).unwrap_or(i64::MAX);
        match signal {
            Signal::Network => match &self.network {
                Some(network) => out.copy_from_slice(network.scores(state, scoring_context, scratch)),
                None => out.fill(0.0),
            },
            Signal::Cooccurrence { discount, .. } => {
                add_rows(&self.follows, signal, history, out);
                if discount != 0.0 {
                    out.iter_mut().zip(&self.counts).filter(|(x, _)| **x != 0.0).for_each(|(x, count)| {
                        *x /= count.max(1.0).powf(discount);
                    });
                }
                signal.compress(out);
            }
            Signal::Ease { .. } => add_rows(&self.ease, signal, history, out),
            Signal::Content { .. } => add_rows(&self.content, signal, history, out),
            Signal::Popular { half_life_days } => {
                self.popular.at(now_s, half_life_days.map(|days| f64::from(days) * 86_400.0), out);
            }
            Signal::Repeats => {
                out.fill(0.0);
                let which = usize::from(super::Ensemble::mode(state, scoring_context) == Mode::NextSession);
                if let Some(models) = &self.repeats {
                    for (item, probability) in models[which].probabilities(history, now_s) {
                        if let Some(score) = out.get_mut(item as usize) {
                            *score = probability;
                        }
                    }
                }
            }
            Signal::Factors { decay } => {
                let floor = if decay > 0.0 { 0.05 } else { 0.0 };
                self.factors.scores(history, Recency { decay, floor, distinct: true }, out);
            }
            Signal::New => {
                out.fill(0.0);
                out.iter_mut().zip(&self.counts).for_each(|(x, &count)| *x = f32::from(u8::from(count == 0.0)));
            }
            Signal::Expected => {
                out.fill(0.0);
                out.iter_mut().zip(&self.expected).for_each(|(x, expected)| *x = *expected);
            }
            Signal::NewItems => self.new_items.scores(history, out),
            Signal::Seen => {
                out.fill(0.0);
                for event in history {
                    if let Some(score) = out.get_mut(event.item.0 as usize) {
                        *score = 1.0;
                    }
                }
            }
        }
    }
}

/// Fills `out` with the rows of a history, by the shares of `signal`.
fn add_rows(rows: &ItemMatrix, signal: Signal, history: &[Event], out: &mut [f32]) {
    out.fill(0.0);
    if let Some(recency) = signal.recency() {
        rows.add_history(history, recency, out);
    }
}

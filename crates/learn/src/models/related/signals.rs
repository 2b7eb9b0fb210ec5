//! The signals of which items go together, each a matrix of rows that are comparable with one another.
//!
//! With `n(i)` the events of item i, `u(i)` its users and `W` the counts of `cooccurrence`, all without their normalization:
//! ```text
//! following, preceding, session:   W[i, j] / (sum over j of W[i, j] + 5)
//! shared users:                    u(i and j) / (sum over j of u(i and j) + 20)
//! cosine:                          u(i and j) / (sqrt(u(i) u(j)) + 20) / 5          the counts of `amazon-item-to-item`
//! low rank:                        reconstructed counts / their sum * min(1, n(i) / 10)
//! EASE, vectors, metadata:         weight / 5, cosine^2 / 20, cosine^2 / 50
//! ```
//! Low rank and vectors compare every pair of items; of more than [`COMPARED_ITEMS_MAX`] items each is compared with that many, those
//! with the most events.
//!
//! The addend of a denominator keeps a row of few counts small, so that the other signals decide there.

use super::low_rank::{LowRankConfig, low_rank};
use crate::item_matrix::{ItemMatrix, heaviest};
use crate::models::als::{AlsConfig, ItemFactors};
use crate::models::cooccurrence::{Window, directed};
use crate::models::ease::{EaseConfig, ease};
use crate::models::sims::shared_users;
use crate::sentences;
use crate::{Error, Sequences, TrainContext};

/// A way of telling which items go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelatedSignal {
    /// One of the next two items in a history.
    Next,
    /// Within the next ten, nearer ones counting more.
    Following,
    /// Within the next twenty.
    FollowingFar,
    /// Within the ten before.
    Preceding,
    /// Within the next twenty of the same session.
    Session,
    /// The share of users in common.
    SharedUsers,
    /// The cosine of the items' users.
    Cosine,
    /// The cosine of the items' sessions.
    SharedSessions,
    /// Following items, by a matrix of low rank.
    LowRank,
    /// The weights of `models::ease`.
    Ease,
    /// The cosine of the vectors of `models::als`.
    Vectors,
    /// Metadata and texts.
    Metadata,
}

impl RelatedSignal {
    /// Every signal.
    pub const ALL: [Self; 12] = [
        Self::Next,
        Self::Following,
        Self::FollowingFar,
        Self::Preceding,
        Self::Session,
        Self::SharedUsers,
        Self::Cosine,
        Self::SharedSessions,
        Self::LowRank,
        Self::Ease,
        Self::Vectors,
        Self::Metadata,
    ];

    /// The signal's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => sentences::NEXT_ITEMS.template,
            Self::Following => sentences::FOLLOWING_ITEMS.template,
            Self::FollowingFar => sentences::FAR_FOLLOWING_ITEMS.template,
            Self::Preceding => sentences::PRECEDING_ITEMS.template,
            Self::Session => sentences::FOLLOWING_IN_SESSION.template,
            Self::SharedUsers => sentences::SHARED_USERS.template,
            Self::Cosine => sentences::COSINE_OF_USERS.template,
            Self::SharedSessions => sentences::COSINE_OF_SESSIONS.template,
            Self::LowRank => sentences::LOW_RANK.template,
            Self::Ease => "EASE",
            Self::Vectors => sentences::VECTORS.template,
            Self::Metadata => sentences::METADATA.template,
        }
    }
}

/// The material of the signals.
#[derive(Debug, Clone, Copy)]
pub struct RelatedInput<'a> {
    /// The histories of users, oldest event first.
    pub sequences: Sequences<'a>,
    /// The same events by session.
    pub sessions: Sequences<'a>,
    /// Number of items.
    pub items: usize,
    /// Rows by metadata, if there is any.
    pub metadata: Option<&'a ItemMatrix>,
    /// Users (or sessions) that two items must share to count in the signals of shared users.
    pub min_shared: u32,
    /// Related items kept for each item.
    pub row_max: usize,
    /// EASE, if it takes part.
    pub ease: Option<EaseConfig>,
    /// Item vectors, if they take part.
    pub vectors: Option<AlsConfig>,
    /// Whether the matrix of low rank takes part.
    pub low_rank: bool,
}

/// Signals with their rows.
#[derive(Debug, Clone, Default)]
pub struct RelatedSignals {
    /// Each signal that says something of any item, with `[items]` rows of weights above 0.
    pub rows: Vec<(RelatedSignal, ItemMatrix)>,
    /// Events of each item.
    pub counts: Vec<u32>,
}

/// Items that each item is compared with, at most, in the signals that compare pairs.
const COMPARED_ITEMS_MAX: usize = 30_000;
/// Added to the counts of a row of directed co-occurrence.
const DIRECTED_SHRINKAGE: f32 = 5.0;
/// Added where users are counted.
const USERS_SHRINKAGE: f32 = 20.0;
/// Events from which on a reconstructed row counts in full.
const LOW_RANK_TRUSTED_FROM: f32 = 10.0;

impl RelatedSignals {
    /// Computes the signals, on the current rayon pool.
    pub fn of(input: &RelatedInput<'_>, context: &TrainContext) -> Result<Self, Error> {
        let RelatedInput { sequences, sessions, items, row_max, .. } = *input;
        let counts: Vec<u32> =
            sequences.counts(items).into_iter().map(|n| u32::try_from(n).unwrap_or(u32::MAX)).collect();
        let cancel = context.cancel;
        let compared = most_counted(&counts, COMPARED_ITEMS_MAX);
        let compared = compared.as_deref();
        let raw = |sequences: &Sequences<'_>, steps, power| {
            let mut rows = directed(sequences, items, Window { steps, power, row_max }, cancel)?;
            rows.scale_rows(|item, _| counts[item].max(1) as f32);
            Ok::<_, Error>(rows)
        };
        let within = |sequences: &Sequences<'_>, steps, power| Ok::<_, Error>(shares(raw(sequences, steps, power)?));
        let mut reversed = sequences.items.to_vec();
        sequences.offsets.windows(2).for_each(|range| reversed[range[0]..range[1]].reverse());
        let reversed = Sequences { offsets: sequences.offsets, items: &reversed, weights: &[] };
        let far = raw(&sequences, 20, 0.4)?;
        let mut rows = vec![
            (RelatedSignal::Next, within(&sequences, 2, 1.0)?),
            (RelatedSignal::Following, within(&sequences, 10, 0.7)?),
            (RelatedSignal::Preceding, within(&reversed, 10, 0.7)?),
        ];
        if input.low_rank {
            let mut near = low_rank(&far, &LowRankConfig { row_max, ..LowRankConfig::default() }, compared, context)?;
            near.scale_rows(|item, total| (counts[item] as f32 / LOW_RANK_TRUSTED_FROM).min(1.0) / total);
            rows.push((RelatedSignal::LowRank, near));
        }
        rows.push((RelatedSignal::FollowingFar, shares(far)));
        let shared = |sequences: &Sequences<'_>| {
            shared_users(sequences, items, cancel, |_, own, row, users| {
                let enough = row.iter().filter(|r| r.1 >= input.min_shared as f32);
                let total: f32 = row.iter().map(|r| r.1).sum();
                let mut share: Vec<_> = enough.clone().map(|r| (r.0, r.1 / (total + USERS_SHRINKAGE))).collect();
                let cosine = |r: &(u32, f32)| {
                    let both = (own as f32 * users[r.0 as usize] as f32).sqrt();
                    (r.0, r.1 / (both + USERS_SHRINKAGE) / 5.0)
                };
                let mut cosines: Vec<_> = enough.map(cosine).collect();
                heaviest(&mut share, row_max);
                heaviest(&mut cosines, row_max);
                (share, cosines)
            })
        };
        let (share, cosines): (Vec<_>, Vec<_>) = shared(&sequences)?.into_iter().unzip();
        rows.push((RelatedSignal::SharedUsers, ItemMatrix::from_rows(share, row_max)));
        rows.push((RelatedSignal::Cosine, ItemMatrix::from_rows(cosines, row_max)));
        // Sessions that are whole histories say nothing more.
        if sessions.len() != sequences.len() {
            rows.push((RelatedSignal::Session, within(&sessions, 20, 0.4)?));
            let cosines = shared(&sessions)?.into_iter().map(|both| both.1);
            rows.push((RelatedSignal::SharedSessions, ItemMatrix::from_rows(cosines, row_max)));
        }
        if let Some(config) = &input.ease {
            let mut weights = ease(&sequences, items, config, cancel)?;
            weights.map_weights(|weight| weight.max(0.0) / 5.0);
            rows.push((RelatedSignal::Ease, weights));
        }
        if let Some(config) = &input.vectors {
            let factors = ItemFactors::train(&sequences, items, config, context)?;
            let mut near = factors.nearest(items, row_max, compared, cancel)?;
            near.map_weights(|cosine| cosine * cosine / 20.0);
            rows.push((RelatedSignal::Vectors, near));
        }
        if let Some(metadata) = input.metadata {
            let mut alike = metadata.clone();
            alike.map_weights(|cosine| cosine * cosine.abs() / 50.0);
            rows.push((RelatedSignal::Metadata, alike));
        }
        rows.retain(|(_, rows)| rows.weight_count() > 0);
        rows.sort_by_key(|row| row.0);
        Ok(Self { rows, counts })
    }
}

/// Rows of counts as shares of a row's sum.
fn shares(mut counts: ItemMatrix) -> ItemMatrix {
    counts.scale_rows(|_, total| (total + DIRECTED_SHRINKAGE).recip());
    counts
}

/// The `most` items with the most events, of equals the first, ascending; `None` where there are no more items than that.
fn most_counted(counts: &[u32], most: usize) -> Option<Vec<u32>> {
    if counts.len() <= most {
        return None;
    }
    let mut items: Vec<u32> = (0..counts.len() as u32).collect();
    items.sort_unstable_by_key(|&item| (std::cmp::Reverse(counts[item as usize]), item));
    items.truncate(most);
    items.sort_unstable();
    Some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_counted_items_are_compared_where_there_are_too_many() {
        assert_eq!(most_counted(&[1, 5, 3, 3, 0], 3), Some(vec![1, 2, 3]));
        assert_eq!(most_counted(&[1, 3, 3, 0], 2), Some(vec![1, 2]));
        assert_eq!(most_counted(&[1, 3], 2), None);
    }
}

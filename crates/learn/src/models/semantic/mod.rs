//! Semantic similarity: items whose names and descriptions mean something similar, without interactions and without foreign weights.
//!
//! A text is a sparse vector of its words, pairs of words and subwords (`tf-idf`, `subwords`), and a dense one: the sparse vector
//! projected onto the directions in which the customer's own texts differ most (`topics`), where words that are used alike
//! lie near each other. The similarity of two items is a mixture of the two cosines:
//!
//! ```text
//! similarity = (1 - m) sparse_i . sparse_j + m dense_i . dense_j                          m = 0.5, in [-0.5, 1]
//! score      = similarity exp(2 (f freshness_j + p popularity_j))       f, p in [0, 1]: the influences of the request
//! ```
//! Vocabulary, projection, freshness and popularity are those of the training; [`SemanticModel::with`] takes in new and changed
//! items with them. A request costs the items' dense vectors once and the sparse vectors that share a feature with it.

#[cfg(test)]
mod tests;
mod text;
mod topics;

use crate::artifact::Tensors;
use crate::{Cancel, Error, Scorer, ScoringContext, Scratch, UserState, kernels};
use rayon::prelude::*;
use text::{Parts, Vocabulary, features};
use topics::{TOPICS, projection, topic_vector};

const KIND: &str = "semantic/2";
/// The kind of artifacts whose vocabulary has pieces of four characters in the place of subwords.
const KIND_OF_PIECES: &str = "semantic/1";
/// `m`: how much the dense vectors count.
const DENSE: f32 = 0.5;
/// The strength of an influence of 1: `e^2` is about seven.
const INFLUENCE: f32 = 2.0;
/// Items less similar than this have nothing in common, but for rounding; they come behind, by popularity.
const DISSIMILAR: f32 = 1e-3;

/// An item's freshness and popularity, each in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// 1 for the newest item.
    pub freshness: f32,
    /// 1 for the most popular.
    pub popularity: f32,
}

/// Texts with their vectors; implements [`Scorer`] by [`ScoringContext::item`].
#[derive(Debug, Clone, PartialEq)]
pub struct SemanticModel {
    vocabulary: Vocabulary,
    /// `[features, TOPICS]`.
    projection: Vec<f32>,
    /// `[items]`.
    rows: Vec<Vec<(u32, f32)>>,
    /// `[items, TOPICS]`.
    topics: Vec<f32>,
    /// `[features]`: the items that have it.
    having: Vec<Vec<(u32, f32)>>,
    standing: Vec<Standing>,
}

impl SemanticModel {
    /// Learns a vocabulary and topics from the texts of all items and finds the topics of the items.
    pub fn train(texts: &[String], standing: Vec<Standing>, seed: u64, cancel: &Cancel) -> Result<Self, Error> {
        if texts.len() != standing.len() {
            return Err(Error::Invalid(format!("{} texts must be {} items", texts.len(), standing.len())));
        }
        let counted: Vec<_> = texts.par_iter().map(|text| features(text, Parts::default())).collect();
        cancel.check()?;
        let vocabulary = Vocabulary::of(Parts::default(), counted.iter());
        let rows: Vec<_> = counted.par_iter().map(|features| vocabulary.vector(features)).collect();
        let projection = projection(&rows, vocabulary.keys.len(), seed, cancel)?;
        Ok(Self::joined(vocabulary, projection, rows, standing))
    }

    /// The same vocabulary and topics over other items: `known` gives the former index of an item whose standing is kept; a new
    /// item is as fresh as can be and not popular yet.
    pub fn with(&self, texts: &[String], known: impl Fn(usize) -> Option<usize>) -> Self {
        let row = |text: &String| self.vocabulary.vector(&features(text, self.vocabulary.parts));
        let rows = texts.par_iter().map(row).collect();
        let fresh = Standing { freshness: 1.0, popularity: 0.0 };
        let standing = |item| known(item).and_then(|former| self.standing.get(former).copied()).unwrap_or(fresh);
        let standing = (0..texts.len()).map(standing).collect();
        Self::joined(self.vocabulary.clone(), self.projection.clone(), rows, standing)
    }

    fn joined(
        vocabulary: Vocabulary,
        projection: Vec<f32>,
        rows: Vec<Vec<(u32, f32)>>,
        standing: Vec<Standing>,
    ) -> Self {
        let topics = rows.par_iter().flat_map_iter(|row| topic_vector(row, &projection)).collect();
        let mut having = vec![Vec::new(); vocabulary.keys.len()];
        for (item, row) in (0u32..).zip(&rows) {
            row.iter().for_each(|&(feature, x)| having[feature as usize].push((item, x)));
        }
        Self { vocabulary, projection, rows, topics, having, standing }
    }

    /// Writes the similarity of every item to `item` into `scores` `[items]`.
    fn similarities(&self, item: usize, scores: &mut Vec<f32>) {
        let own = &self.topics[item * TOPICS..][..TOPICS];
        scores.clear();
        scores.extend(self.topics.chunks_exact(TOPICS).map(|other| DENSE * kernels::dot(own, other)));
        for &(feature, x) in &self.rows[item] {
            let x = (1.0 - DENSE) * x;
            self.having[feature as usize].iter().for_each(|&(other, y)| scores[other as usize] += x * y);
        }
    }

    /// Parameters for storage.
    pub fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new(match self.vocabulary.parts {
            Parts::Subwords => KIND,
            Parts::Pieces => KIND_OF_PIECES,
        });
        tensors.insert_keys("keys", self.vocabulary.keys.iter());
        tensors.insert("weights", &[self.vocabulary.weights.len()], self.vocabulary.weights.clone());
        tensors.insert("projection", &[self.vocabulary.keys.len(), TOPICS], self.projection.clone());
        tensors.insert_integers("rows.lengths", self.rows.iter().map(|row| row.len() as u32).collect());
        let entries = || self.rows.iter().flatten();
        tensors.insert_integers("rows.features", entries().map(|e| e.0).collect());
        tensors.insert("rows.values", &[entries().count()], entries().map(|e| e.1).collect());
        let standing = self.standing.iter().flat_map(|s| [s.freshness, s.popularity]).collect();
        tensors.insert("standing", &[self.standing.len(), 2], standing);
        tensors
    }

    /// The model that [`Self::to_tensors`] described.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let parts = match tensors.kind == KIND_OF_PIECES {
            true => Parts::Pieces,
            false => tensors.expect_kind(KIND).map(|()| Parts::Subwords)?,
        };
        let broken = |rule: &str| Error::Artifact(format!("semantic: {rule}"));
        let keys: Vec<u64> = tensors.get_keys("keys")?.collect();
        let weights = tensors.get("weights", 1)?.data.clone();
        let projection = tensors.get("projection", 2)?.data.clone();
        let rows = tensors.get_rows("rows.lengths", "rows.features", "rows.values")?;
        let standing: Vec<Standing> = tensors
            .get("standing", 2)?
            .data
            .chunks_exact(2)
            .map(|s| Standing { freshness: s[0], popularity: s[1] })
            .collect();
        let is_known = |&(feature, _): &(u32, f32)| (feature as usize) < keys.len();
        let fits = keys.is_sorted() && weights.len() == keys.len() && projection.len() == keys.len() * TOPICS;
        let rows = rows.filter(|rows| fits && rows.len() == standing.len() && rows.iter().flatten().all(is_known));
        let rows = rows.ok_or_else(|| broken("tensors must fit each other"))?;
        Ok(Self::joined(Vocabulary { parts, keys, weights }, projection, rows, standing))
    }
}

impl Scorer for SemanticModel {
    fn item_count(&self) -> usize {
        self.rows.len()
    }

    /// Similar items by score, others below zero by popularity, and the item itself last.
    fn scores<'s>(&self, _: &UserState, scoring_context: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        let scores = &mut scratch.scores;
        let item = scoring_context.item.map(|item| item.0 as usize).filter(|&item| item < self.rows.len());
        match item {
            Some(item) => self.similarities(item, scores),
            None => {
                scores.clear();
                scores.resize(self.rows.len(), DISSIMILAR);
            }
        }
        let [freshness, popularity] = scoring_context.influence;
        for (score, standing) in scores.iter_mut().zip(&self.standing) {
            let weight = freshness * standing.freshness + popularity * standing.popularity;
            let similar = *score > DISSIMILAR;
            *score = if similar { *score * (INFLUENCE * weight).exp() } else { standing.popularity - 2.0 };
        }
        if let Some(item) = item {
            scores[item] = -3.0;
        }
        scores
    }
}

//! Texts as sparse vectors over a vocabulary that is fixed at training.

use crate::models::text::{fnv1a, normalized, subwords, words};
use std::collections::{BTreeMap, HashMap};

/// Words and pairs of the vocabulary: those that most items have.
pub(super) const VOCABULARY_MAX: usize = 100_000;
/// Subwords beside them.
const SUBWORDS_MAX: usize = 50_000;
/// A subword that one item in this many has tells nothing, but for small catalogs.
const SUBWORD_SHARED_BY_ONE_IN: u32 = 20;
const SUBWORD_ITEMS: u32 = 10;
/// Characters of a word's pieces, which relate its forms and compounds.
const PIECE_CHARS: usize = 4;
const PAIR_WEIGHT: f32 = 0.7;
const PIECE_WEIGHT: f32 = 0.3;

/// The kinds of features; [`weight`] has their weights.
const SUBWORD: u8 = 0;
const WORD: u8 = 1;
const PAIR: u8 = 2;
const PIECE: u8 = 3;

/// The parts of a text beside words and pairs of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Parts {
    /// Runs of four characters of every word: the vocabularies of artifacts of the kind `semantic/1`.
    Pieces,
    /// Subwords ([`crate::models::text`]).
    #[default]
    Subwords,
}

fn weight(kind: u8) -> f32 {
    match kind {
        PAIR => PAIR_WEIGHT,
        PIECE => PIECE_WEIGHT,
        _ => 1.0,
    }
}

fn kind(key: u64) -> u8 {
    (key & 3) as u8
}

/// FNV-1a of the kind and the bytes; the lowest two bits are the kind.
fn hash(kind: u8, bytes: impl Iterator<Item = u8>) -> u64 {
    (fnv1a(bytes) & !3) | u64::from(kind)
}

fn hash_words(kind: u8, words: &[&str]) -> u64 {
    hash(kind, words.iter().flat_map(|word| word.bytes().chain([0])))
}

/// The features of a text and how often it has each; a subword counts what it does against a word.
pub(super) fn features(text: &str, parts: Parts) -> BTreeMap<u64, f32> {
    let text = match parts {
        Parts::Pieces => text.to_lowercase(),
        Parts::Subwords => normalized(text),
    };
    let words: Vec<&str> = words(&text).collect();
    let mut counts = BTreeMap::new();
    let mut add = |key: u64, count: f32| *counts.entry(key).or_insert(0.0) += count;
    words.iter().for_each(|word| add(hash_words(WORD, &[word]), 1.0));
    words.windows(2).for_each(|pair| add(hash_words(PAIR, pair), 1.0));
    match parts {
        Parts::Pieces => words.iter().for_each(|word| {
            let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
            for window in starts.windows(PIECE_CHARS + 1) {
                add(hash_words(PIECE, &[&word[window[0]..window[PIECE_CHARS]]]), 1.0);
            }
        }),
        Parts::Subwords => subwords(words.iter().copied(), |letters, share| {
            add(hash(SUBWORD, letters.iter().flat_map(|letter| u32::from(*letter).to_le_bytes())), share);
        }),
    }
    counts
}

/// Features that were in use at training, with what each tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Vocabulary {
    /// The parts of texts.
    pub parts: Parts,
    /// Ascending.
    pub keys: Vec<u64>,
    /// `[keys]`: `ln(items / items that have it)` times the kind's weight.
    pub weights: Vec<f32>,
}

impl Vocabulary {
    /// Of the texts; features of one text only relate nothing and are left out.
    pub(super) fn of<'a>(parts: Parts, texts: impl Iterator<Item = &'a BTreeMap<u64, f32>>) -> Self {
        let mut having: HashMap<u64, u32> = HashMap::new();
        let mut count = 0u32;
        for features in texts {
            count += u32::from(!features.is_empty());
            features.keys().for_each(|key| *having.entry(*key).or_insert(0) += 1);
        }
        let subword_most = (count / SUBWORD_SHARED_BY_ONE_IN).max(SUBWORD_ITEMS);
        let tells = |&(key, n): &(u64, u32)| n > 1 && n < count && (kind(key) != SUBWORD || n <= subword_most);
        let (subwords, words): (Vec<_>, Vec<_>) = having.into_iter().filter(tells).partition(|h| kind(h.0) == SUBWORD);
        let commonest = |mut kept: Vec<(u64, u32)>, most: usize| {
            kept.sort_unstable_by_key(|&(key, n)| (std::cmp::Reverse(n), key));
            kept.truncate(most);
            kept
        };
        let mut kept = commonest(words, VOCABULARY_MAX);
        kept.extend(commonest(subwords, SUBWORDS_MAX));
        kept.sort_unstable_by_key(|kept| kept.0);
        let told = |&(key, n): &(u64, u32)| (count as f32 / n as f32).ln() * weight(kind(key));
        let weights = kept.iter().map(told).collect();
        Self { parts, weights, keys: kept.into_iter().map(|kept| kept.0).collect() }
    }

    /// The text's vector of unit length, by ascending feature; empty if it has nothing in common with training.
    pub(super) fn vector(&self, features: &BTreeMap<u64, f32>) -> Vec<(u32, f32)> {
        let known = features.iter().filter_map(|(key, &count)| {
            let at = self.keys.binary_search(key).ok()?;
            let value = (if count > 1.0 { 1.0 + count.ln() } else { count }) * self.weights[at];
            (value > 0.0).then_some((at as u32, value))
        });
        let mut vector: Vec<(u32, f32)> = known.collect();
        let length = vector.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|(_, x)| *x /= length.max(1e-12));
        vector
    }
}

//! Texts as sparse vectors over a vocabulary that is fixed at training.

use std::collections::{BTreeMap, HashMap};

/// Features of the vocabulary: those that most items have.
pub(super) const VOCABULARY_MAX: usize = 100_000;
/// Words of a text that count.
const WORDS_MAX: usize = 400;
/// Characters of a word's pieces, which relate its forms and compounds.
const PIECE_CHARS: usize = 4;
const PAIR_WEIGHT: f32 = 0.7;
const PIECE_WEIGHT: f32 = 0.3;

/// The kinds of features; [`weight`] has their weights.
const WORD: u8 = 1;
const PAIR: u8 = 2;
const PIECE: u8 = 3;

fn weight(kind: u8) -> f32 {
    match kind {
        PAIR => PAIR_WEIGHT,
        PIECE => PIECE_WEIGHT,
        _ => 1.0,
    }
}

/// FNV-1a of the kind and the words; the lowest two bits are the kind.
fn hash(kind: u8, words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    (hash & !3) | u64::from(kind)
}

/// The features of a text and how often it has each.
pub(super) fn features(text: &str) -> BTreeMap<u64, f32> {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX).collect();
    let mut counts = BTreeMap::new();
    let mut add = |key: u64| *counts.entry(key).or_insert(0.0) += 1.0;
    for word in &words {
        add(hash(WORD, &[word]));
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for window in starts.windows(PIECE_CHARS + 1) {
            add(hash(PIECE, &[&word[window[0]..window[PIECE_CHARS]]]));
        }
    }
    words.windows(2).for_each(|pair| add(hash(PAIR, pair)));
    counts
}

/// Features that were in use at training, with what each tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Vocabulary {
    /// Ascending.
    pub keys: Vec<u64>,
    /// `[keys]`: `ln(items / items that have it)` times the kind's weight.
    pub weights: Vec<f32>,
}

impl Vocabulary {
    /// Of the texts; features of one text only relate nothing and are left out.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a BTreeMap<u64, f32>>) -> Self {
        let mut having: HashMap<u64, u32> = HashMap::new();
        let mut count = 0usize;
        for features in texts {
            count += usize::from(!features.is_empty());
            features.keys().for_each(|key| *having.entry(*key).or_insert(0) += 1);
        }
        let mut kept: Vec<(u64, u32)> = having.into_iter().filter(|(_, n)| *n > 1 && (*n as usize) < count).collect();
        kept.sort_unstable_by_key(|&(key, n)| (std::cmp::Reverse(n), key));
        kept.truncate(VOCABULARY_MAX);
        kept.sort_unstable_by_key(|kept| kept.0);
        let told = |&(key, n): &(u64, u32)| (count as f32 / n as f32).ln() * weight((key & 3) as u8);
        Self { weights: kept.iter().map(told).collect(), keys: kept.into_iter().map(|kept| kept.0).collect() }
    }

    /// The text's vector of unit length, by ascending feature; empty if it has nothing in common with training.
    pub(super) fn vector(&self, features: &BTreeMap<u64, f32>) -> Vec<(u32, f32)> {
        let known = features.iter().filter_map(|(key, &count)| {
            let at = self.keys.binary_search(key).ok()?;
            let value = (1.0 + count.ln()) * self.weights[at];
            (value > 0.0).then_some((at as u32, value))
        });
        let mut vector: Vec<(u32, f32)> = known.collect();
        let length = vector.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|(_, x)| *x /= length.max(1e-12));
        vector
    }
}

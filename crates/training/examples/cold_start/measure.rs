//! The quality of lists, with standard errors.

use std::collections::HashSet;

const K: usize = 10;

/// HR@10 and NDCG@10 of every user.
#[derive(Default)]
pub(crate) struct Measured {
    hits: Vec<f64>,
    ndcg: Vec<f64>,
}

impl Measured {
    /// Adds the list of a user who wanted `truth`; whatever follows the tenth does not count.
    pub(crate) fn add<'a>(&mut self, list: impl Iterator<Item = &'a str>, truth: &HashSet<&str>) {
        let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let found: f64 = list.take(K).enumerate().filter(|(_, item)| truth.contains(item)).map(|(k, _)| gain(k)).sum();
        let ideal: f64 = (0..truth.len().min(K)).map(gain).sum();
        self.hits.push(f64::from(u8::from(found > 0.0)));
        self.ndcg.push(found / ideal.max(1.0));
    }

    /// The cells of a row; `against` are the same users under another method, whose paired difference stands at the end.
    pub(crate) fn cells(&self, against: Option<&Self>) -> String {
        let (hits, ndcg) = (mean(&self.hits), mean(&self.ndcg));
        let difference = match against {
            Some(other) => {
                let paired: Vec<f64> = self.ndcg.iter().zip(&other.ndcg).map(|(own, other)| own - other).collect();
                let (center, error) = mean(&paired);
                format!("{center:+.4} ± {error:.4}")
            }
            None => "-".to_owned(),
        };
        format!("{:.4} ± {:.4} | {:.4} ± {:.4} | {difference} |", hits.0, hits.1, ndcg.0, ndcg.1)
    }

    /// The number of users.
    pub(crate) fn users(&self) -> usize {
        self.ndcg.len()
    }
}

/// The mean and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let center = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - center).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (center, (variance / n).sqrt())
}

/// A number below 1 that depends on the text and the seed only.
pub(crate) fn draw(seed: u64, text: &str) -> f64 {
    let bytes = seed.to_le_bytes().into_iter().chain(text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    // The low bits of this hash follow the last letters alone.
    ((hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 53) as f64
}

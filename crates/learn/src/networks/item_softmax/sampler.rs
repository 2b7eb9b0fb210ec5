//! Negatives for the sampled softmax: drawn with replacement in O(1) each by Vose's alias method.

use rand::Rng;

/// The share of the uniform distribution; the rest follows `count^POWER`.
const UNIFORM: f64 = 0.5;
const POWER: f64 = 0.75;

/// The proposal distribution q over items.
#[derive(Debug, Clone)]
pub(crate) struct Sampler {
    threshold: Vec<f32>,
    alias: Vec<u32>,
    /// `ln q`.
    log_q: Vec<f32>,
}

impl Sampler {
    /// `counts` `[items]`: how often each item occurs as a target. At least one item.
    pub(crate) fn new(counts: &[u64]) -> Self {
        let n = counts.len() as f64;
        let powers: Vec<f64> = counts.iter().map(|&c| (c as f64).powf(POWER)).collect();
        let total: f64 = powers.iter().sum();
        let probability = |p: f64| if total > 0.0 { UNIFORM / n + (1.0 - UNIFORM) * p / total } else { 1.0 / n };
        let q: Vec<f64> = powers.iter().map(|&p| probability(p)).collect();
        let mut scaled: Vec<f64> = q.iter().map(|&p| p * n).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            (0..counts.len() as u32).partition(|&i| scaled[i as usize] < 1.0);
        let mut alias: Vec<u32> = (0..counts.len() as u32).collect();
        let mut threshold = vec![1.0f32; counts.len()];
        while let (Some(s), Some(&l)) = (small.pop(), large.last()) {
            threshold[s as usize] = scaled[s as usize] as f32;
            alias[s as usize] = l;
            scaled[l as usize] -= 1.0 - scaled[s as usize];
            if scaled[l as usize] < 1.0 {
                large.pop();
                small.push(l);
            }
        }
        Self { threshold, alias, log_q: q.iter().map(|p| p.ln() as f32).collect() }
    }

    pub(crate) fn draw(&self, rng: &mut impl Rng) -> u32 {
        let column = rng.random_range(0..self.alias.len());
        if rng.random::<f32>() < self.threshold[column] { column as u32 } else { self.alias[column] }
    }

    pub(crate) fn log_q(&self, item: u32) -> f32 {
        self.log_q[item as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn draws_follow_q() {
        let sampler = Sampler::new(&[0, 1, 10, 100, 3]);
        let mut rng = stream(1, Purpose::Negatives, 0);
        let mut seen = [0u32; 5];
        let draws = 200_000;
        for _ in 0..draws {
            seen[sampler.draw(&mut rng) as usize] += 1;
        }
        let mut total = 0.0;
        for (item, &count) in seen.iter().enumerate() {
            let q = f64::from(sampler.log_q(item as u32)).exp();
            total += q;
            let error = (f64::from(count) / f64::from(draws) - q).abs();
            assert!(error < 0.005, "item {item}: off by {error} from {q}");
        }
        assert!((total - 1.0).abs() < 1e-6);
        assert!(sampler.log_q(0).is_finite());
    }

    #[test]
    fn without_counts_it_is_uniform() {
        let sampler = Sampler::new(&[0; 4]);
        assert!((sampler.log_q(2).exp() - 0.25).abs() < 1e-6);
    }
}

//! Counting of scores for ranks.

use super::dispatch;

dispatch! {
    /// The number of `scores` that are `x` or above; the count may stop short once it has reached `most`.
    pub(crate) fn count_at_least<L>(scores: &[f32], x: f32, most: usize) -> usize {
        let (blocks, tail) = scores.as_chunks::<32>();
        let mut count = 0;
        for block in blocks {
            let mut parts = [0u32; 16];
            for j in 0..16 {
                parts[j] = u32::from(block[j] >= x) + u32::from(block[16 + j] >= x);
            }
            count += parts.iter().sum::<u32>() as usize;
            if count >= most {
                return count;
            }
        }
        count + tail.iter().filter(|&&score| score >= x).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_equal_the_definition() {
        for n in [0, 1, 31, 32, 33, 100] {
            let scores: Vec<f32> = (0..n).map(|i| (i * 7 % 5) as f32).chain([f32::NAN]).collect();
            for x in [-1.0, 0.0, 2.0, 4.0, 5.0, f32::NAN] {
                let expected = scores.iter().filter(|&&score| score >= x).count();
                assert_eq!(count_at_least(&scores, x, usize::MAX), expected, "{n} {x}");
                let short = count_at_least(&scores, x, 3);
                assert!(short == expected || (3..=expected).contains(&short), "{n} {x}: {short}");
            }
        }
    }
}

//! Every seed of every target, and seeded mutations of it, keep the invariants of the decoders.

#![allow(clippy::unwrap_used)]

use std::panic::catch_unwind;
use tastemaker_fuzz::{TARGETS, seeds};

/// Mutations of each seed; `FUZZ_MUTATIONS` overrides it.
const MUTATIONS: u64 = 150;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}

/// One to four changes: a bit, a byte of weight, a piece taken out, doubled, moved in from another seed, or the end cut off.
fn mutate(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const WEIGHTY: &[u8] = b"\0\x7f\x80\xff\",'|{}[]()%-.0919\n\r\\";
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let (at, end) = (random.below(bytes.len()), random.below(bytes.len() + 1));
        let piece = at.min(end)..at.max(end).min(at.min(end) + 64);
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = WEIGHTY[random.below(WEIGHTY.len())],
            2 => drop(bytes.drain(piece)),
            3 => {
                let piece = bytes[piece].to_vec();
                bytes.splice(at.min(bytes.len())..at.min(bytes.len()), piece);
            }
            4 => {
                let from = random.below(other.len());
                let piece = other[from..other.len().min(from + 32)].to_vec();
                bytes.splice(at.min(bytes.len())..at.min(bytes.len()), piece);
            }
            _ => bytes.truncate(end),
        }
    }
    bytes
}

#[test]
fn every_seed_and_its_mutations_keep_the_invariants() {
    let mutations = std::env::var("FUZZ_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS);
    for target in TARGETS {
        let seeds = seeds(target.name).unwrap();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        let mut random = Random(7);
        for (n, seed) in seeds.iter().enumerate() {
            (target.check)(seed);
            for _ in 0..mutations {
                let input = mutate(seed, &seeds[random.below(seeds.len())], &mut random);
                let kept = catch_unwind(|| (target.check)(&input)).is_ok();
                assert!(kept, "{}, seed {n}: {}", target.name, String::from_utf8_lossy(&input));
            }
        }
    }
}

//! A million items: the whole request against streaming the one-byte vectors, what the filter adds, what is recalled, and
//! the memory.

use crate::server::{CAMPAIGN, RESULTS, history, model};
use crate::shop::{HIDDEN, query, serving};
use crate::{Outcome, Times};
use memmap2::MmapMut;
use std::hint::black_box;
use std::time::Instant;
use tastemaker_learn::{Scorer, ScoringContext, Scratch};

const ITEMS: usize = 1_000_000;
const ROUNDS: usize = 60;

pub fn run() -> Outcome<()> {
    let model = model(ITEMS, HIDDEN)?;
    let serving = serving(model.clone(), ITEMS)?;
    let bytes = on_huge_pages(ITEMS * HIDDEN)?;
    let mut scratch = Scratch::default();
    let mut times: [Vec<_>; 4] = Default::default();
    // The rows take turns, so that other load on the machine falls on all of them alike.
    for user in 0..ROUNDS {
        let state = model.encode(&history(user, ITEMS), &mut scratch);
        let began = Instant::now();
        black_box(stream(bytes.as_chunks::<8>().0));
        times[0].push(began.elapsed());
        let began = Instant::now();
        black_box(model.top_k(&state, &ScoringContext::default(), RESULTS, None, &mut scratch));
        times[1].push(began.elapsed());
        // The first request encodes the user.
        serving.snapshot(CAMPAIGN)?.recommend(&query(user, true))?;
        for (row, filtered) in [(2, false), (3, true)] {
            let began = Instant::now();
            black_box(serving.snapshot(CAMPAIGN)?.recommend(&query(user, filtered))?);
            times[row].push(began.elapsed());
        }
    }
    let times = times.map(Times::new);
    println!("\n{ITEMS} items, one thread\n| | p50 us | p90 us | ratio |\n|---|---|---|---|");
    for (what, row, base) in [
        ("streaming the one-byte vectors", 0, 0),
        ("the best 25", 1, 0),
        ("Serving::recommend", 2, 0),
        ("Serving::recommend with both filters, over that without", 3, 2),
    ] {
        let [p50, p90] = [50.0, 90.0].map(|percent| times[row].at(percent));
        println!("| {what} | {p50:.0} | {p90:.0} | {:.2} |", p50 / times[base].at(50.0));
    }
    println!("recall@{RESULTS} against all f32 scores: {:.4}", recall(&*model, &mut scratch));
    println!("resident: {} MB; with the making of the model at most {} MB", memory_mb("VmRSS:"), memory_mb("VmHWM:"));
    Ok(())
}

/// So many bytes where the model's vectors are, too.
fn on_huge_pages(bytes: usize) -> Outcome<MmapMut> {
    let mut map = MmapMut::map_anon(bytes)?;
    #[cfg(target_os = "linux")]
    map.advise(memmap2::Advice::HugePage)?;
    map.fill(1);
    Ok(map)
}

/// The sum of all words, in sixteen streams of additions.
fn stream(words: &[[u8; 8]]) -> u64 {
    let mut sums = [0u64; 16];
    for words in words.as_chunks::<16>().0 {
        sums.iter_mut().zip(words).for_each(|(sum, word)| *sum = sum.wrapping_add(u64::from_ne_bytes(*word)));
    }
    sums.iter().fold(0, |a, b| a.wrapping_add(*b))
}

fn recall(model: &dyn Scorer, scratch: &mut Scratch) -> f64 {
    let mut found = 0;
    for user in 0..20 {
        let state = model.encode(&history(user, ITEMS), scratch);
        let ranked = model.top_k(&state, &ScoringContext::default(), RESULTS, None, scratch).items;
        let scores = model.scores(&state, &ScoringContext::default(), scratch);
        let mut order: Vec<u32> = (0..ITEMS as u32).collect();
        order.select_nth_unstable_by(RESULTS, |a, b| scores[*b as usize].total_cmp(&scores[*a as usize]));
        found += ranked.iter().filter(|(item, _)| order[..RESULTS].contains(&item.0)).count();
    }
    found as f64 / (20 * RESULTS) as f64
}

fn memory_mb(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

//! `cargo bench -p tastemaker-training --bench batch`: lists of 25 for everybody, by the whole ensemble, in blocks and one by one, against
//! `implicit`'s lists for the same users in the same run; and the dense part of it against the products of matrices that it consists
//! of. On one thread, by processor time.
//!
//! `MODEL=DIR` takes the model that `tastemaker learn` left there, and its users; without it a model of a log as large as MovieLens 1M
//! is made. `PYTHON` needs numpy, scipy and implicit.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark takes times, files and settings")]

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use tastemaker_data::{Bitmap, ItemIx, Table};
use tastemaker_learn::artifact::Tensors;
use tastemaker_learn::block_scoring::{BlockRequest, RunSize, ScoreBlock, users_per_block};
use tastemaker_learn::ensemble::{Ensemble, Parts, Signal, WeightedSignals, Weights};
use tastemaker_learn::models::cooccurrence::{Window, directed};
use tastemaker_learn::models::ease::{EaseConfig, ease};
use tastemaker_learn::networks::TrainerConfig;
use tastemaker_learn::networks::gru::{GruConfig, GruModel, train};
use tastemaker_learn::{
    Cancel, Event, Ranked, Scorer, ScoringContext, Scratch, Sequences, TrainContext, UserState, best_of_row,
};
use tastemaker_recipes::ArtifactFiles;
use tastemaker_training::scoring::{ListRequest, Opened, RankOptions, rank};

type Failure = Box<dyn std::error::Error>;

const LIST_LEN: usize = 25;

/// A model that is asked user by user.
struct Alone(Arc<dyn Scorer>);

impl Scorer for Alone {
    fn item_count(&self) -> usize {
        self.0.item_count()
    }
    fn start(&self) -> UserState {
        self.0.start()
    }
    fn observe(&self, state: &mut UserState, event: Event, scratch: &mut Scratch) {
        self.0.observe(state, event, scratch);
    }
    fn scores<'s>(&'s self, state: &UserState, context: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        self.0.scores(state, context, scratch)
    }
    fn top_k(
        &self,
        state: &UserState,
        context: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        self.0.top_k(state, context, k, allowed, scratch)
    }
    fn user_features(&self, table: &Table, row: usize, events: u64) -> Vec<(u32, u32)> {
        self.0.user_features(table, row, events)
    }
}

/// A model and the histories of its users.
struct Case {
    name: String,
    scorer: Arc<dyn Scorer>,
    histories: Vec<Vec<Event>>,
}

/// The model that `tastemaker learn` left in a directory.
fn learned(directory: &str) -> Result<Case, Failure> {
    let mut files = ArtifactFiles::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
    }
    let opened = Opened::new(&files)?;
    let histories = opened.catalog.users.iter().map(|user| opened.catalog.history(user)).collect();
    Ok(Case {
        name: format!("{} in {directory}", opened.recipe.descriptor.name),
        scorer: opened.scorer.clone(),
        histories,
    })
}

/// A model of 6,040 histories of 165 events over 3,500 items, made of the parts that the fit chooses for MovieLens 1M.
fn made() -> Result<Case, Failure> {
    let (users, length, items) = (6_040, 165, 3_500);
    let item = |i: usize| {
        let draw = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let share = (draw as f64 + 0.5) / f64::from(1 << 24);
        (items as f64 * share.powi(3)) as u32
    };
    let events: Vec<u32> = (0..users * length).map(item).collect();
    let offsets: Vec<usize> = (0..=users).map(|user| user * length).collect();
    let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
    let few = Sequences { offsets: &offsets[..=200], items: &events[..200 * length], weights: &[] };
    let cancel = Cancel::new();
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let training = TrainerConfig { epochs_max: 1, ..GruConfig::default().training };
    let network =
        train(&GruConfig { items, hidden: 149, training, ..GruConfig::default() }, &few, None, None, &context)?;
    let config = EaseConfig { lambda: 100.0, row_max: 1000, items_max: items };
    let parts = Parts {
        items,
        network: Some(Arc::new(network.model)),
        follows: directed(&sequences, items, Window::default(), &cancel)?,
        ease: ease(&sequences, items, &config, &cancel)?,
        ..Parts::default()
    };
    let signals = vec![
        Signal::Seen,
        Signal::Network,
        Signal::Cooccurrence { decay: 0.3, discount: 0.0, log: false },
        Signal::Ease { decay: 0.0 },
    ];
    let weights = Weights { of: vec![-20.0, 1.0, 0.05, 0.14], temperature: 1.0 };
    let weighted = WeightedSignals { signals, in_session: weights.clone(), next_session: weights };
    let event = |at: usize| Event::new(ItemIx(events[at]), at as i64);
    let histories = offsets.windows(2).map(|pair| (pair[0]..pair[1]).map(event).collect()).collect();
    let name = format!("an ensemble over {users} histories of {length} events and {items} items");
    Ok(Case { name, scorer: Arc::new(Ensemble::new(parts, weighted)), histories })
}

/// Processor seconds of this process so far, of threads that have ended too.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    // User and system time are fields 14 and 15 of the whole line, in hundredths of a second; the name, before which is one
    // field, ends the cut.
    let times = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    times.sum::<f64>() / 100.0
}

/// The result of a run and the processor seconds that it takes.
fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let (began, clock) = (processor_s(), Instant::now());
    let result = run();
    let took = processor_s() - began;
    (result, if took > 0.0 { took } else { clock.elapsed().as_secs_f64() })
}

fn whole(case: &Case) -> Result<(), Failure> {
    let users = case.histories.len();
    println!("{}", case.name);
    let now_s = case.histories.iter().flatten().map(|event| event.time_s).max();
    let requests: Vec<ListRequest> = case
        .histories
        .iter()
        .map(|history| ListRequest { history: history.clone(), now_s, ..ListRequest::default() })
        .collect();
    let options = RankOptions { list_len: LIST_LEN, exclude_seen: true, threads: 1 };
    let per_user = |seconds: f64| seconds / users as f64 * 1e6;
    let alone = Alone(case.scorer.clone());
    let (expected, one_by_one) = timed(|| rank(&alone, &requests, &options));
    let mut fastest = f64::INFINITY;
    for _ in 0..2 {
        let (lists, took) = timed(|| rank(&*case.scorer, &requests, &options));
        assert_eq!(lists.as_ref().ok(), expected.as_ref().ok(), "the same lists and scores");
        fastest = fastest.min(took);
    }
    println!("one by one, {users} users                 {:9.1} us a user", per_user(one_by_one));
    println!("in blocks                                {:9.1} us a user, the same lists", per_user(fastest));
    match implicit(&case.histories, case.scorer.item_count()) {
        Some(theirs) => println!(
            "implicit, 64 factors                     {:9.1} us a user: blocks take {:.2} times as long",
            per_user(theirs),
            fastest / theirs
        ),
        None => println!("implicit: not measured, the Python in PYTHON lacks it"),
    }
    Ok(())
}

/// Processor seconds of `implicit`'s lists for all users.
fn implicit(histories: &[Vec<Event>], items: usize) -> Option<f64> {
    let path = std::env::temp_dir().join(format!("batch-{}.bin", std::process::id()));
    let mut numbers = vec![histories.len() as u32, items as u32];
    numbers.extend(histories.iter().map(|history| history.len() as u32));
    numbers.extend(histories.iter().flatten().map(|event| event.item.0));
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    std::fs::write(&path, bytes).ok()?;
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = format!("{}/../learn/benches/peers.py", env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(python).arg(script).arg("lists").arg(&path).output();
    let _ = std::fs::remove_file(&path);
    let run = run.ok().filter(|run| run.status.success())?;
    String::from_utf8_lossy(&run.stdout).trim().parse().ok()
}

/// A network over so many items with values of no meaning.
fn network(items: usize, hidden: usize) -> Result<GruModel, Failure> {
    let wave = |n: usize, by: f32| (0..n).map(|i| (i as f32 * by).sin() * 0.1).collect::<Vec<f32>>();
    let mut tensors = Tensors::new("gru/1");
    tensors.insert("item_embedding.weight", &[items + 1, hidden], wave((items + 1) * hidden, 0.37));
    tensors.insert("output.bias", &[items], wave(items, 1.7));
    for (name, shape) in [
        ("gru.weight_ih_l0", vec![3 * hidden, hidden]),
        ("gru.weight_hh_l0", vec![3 * hidden, hidden]),
        ("gru.bias_ih_l0", vec![3 * hidden]),
        ("gru.bias_hh_l0", vec![3 * hidden]),
    ] {
        tensors.insert(name, &shape, wave(shape.iter().product(), 0.73));
    }
    Ok(GruModel::from_tensors(&tensors)?)
}

/// Scores of 100,000 items by vectors of 64 and the best 25, for a sample of users.
fn dense() -> Result<(), Failure> {
    let (items, hidden, users) = (100_000, 64, 1024usize);
    let model = network(items, hidden)?;
    let blocks = model.block_scorer(RunSize { users: 100_000, events: 0 }).ok_or("a network scores in blocks")?;
    let mut scratch = Scratch::default();
    let histories: Vec<Vec<Event>> = (0..users as u32).map(|user| vec![Event::new(ItemIx(user * 97), 0)]).collect();
    let slices: Vec<&[Event]> = histories.iter().map(Vec::as_slice).collect();
    let states = blocks.encode(&slices, &mut scratch);
    let context = ScoringContext::default();
    let (mut scores, size) = (ScoreBlock::default(), users_per_block(items));
    let ours = |scores: &mut ScoreBlock, scratch: &mut Scratch| {
        for states in states.chunks(size) {
            let requests: Vec<_> =
                states.iter().map(|state| BlockRequest { state, scoring_context: context }).collect();
            blocks.scores(&requests, scratch, scores);
            for user in 0..requests.len() {
                black_box(best_of_row(&Unbiased(items), scores.row(user), &context, LIST_LEN, None, scratch));
            }
        }
    };
    let (left, right) =
        (Mat::from_fn(size, hidden, |i, j| (i + j) as f32), Mat::from_fn(hidden, items, |i, j| (i * j % 7) as f32));
    let mut product = Mat::<f32>::zeros(size, items);
    let mut floor = || {
        for _ in 0..users.div_ceil(size) {
            matmul(product.as_mut(), Accum::Replace, left.as_ref(), right.as_ref(), 1.0, Par::Seq);
            black_box(&product);
        }
    };
    let (mut best, mut least) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        best = best.min(timed(|| ours(&mut scores, &mut scratch)).1);
        least = least.min(timed(&mut floor).1);
    }
    println!("dense part: {items} items, vectors of {hidden}, the best {LIST_LEN}, in blocks of {size} users");
    println!("scores and lists                         {:9.1} us a user", best / users as f64 * 1e6);
    println!(
        "products of matrices alone, by faer      {:9.1} us a user: scores and lists take {:.2} times as long",
        least / users as f64 * 1e6,
        best / least
    );
    Ok(())
}

/// Says of a row of scores that it is one of so many items, and no more.
struct Unbiased(usize);

impl Scorer for Unbiased {
    fn item_count(&self) -> usize {
        self.0
    }
    fn scores<'s>(&'s self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }
}

fn main() -> Result<(), Failure> {
    let case = match std::env::var("MODEL") {
        Ok(directory) => learned(&directory)?,
        Err(_) => made()?,
    };
    whole(&case)?;
    dense()
}

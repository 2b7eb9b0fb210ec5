//! Trainings that are cut at several points and go on from their checkpoints.

use super::*;
use crate::fit::{FitError, FitOutcome, fit};
use crate::testing::ring;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::{Cancel, Checkpoints, Progress};

/// Checkpoints in memory, each of which is due.
#[derive(Default)]
struct Kept {
    trainings: Mutex<BTreeSet<String>>,
    parts: Mutex<BTreeMap<String, Vec<u8>>>,
    saved: AtomicUsize,
}

impl Checkpoints for Kept {
    fn is_kept(&self) -> bool {
        true
    }

    fn begin(&self, training: &str) {
        self.trainings.lock().insert(training.to_owned());
    }

    fn is_due(&self) -> bool {
        true
    }

    fn load(&self, name: &str) -> Option<Vec<u8>> {
        self.parts.lock().get(name).cloned()
    }

    fn save(&self, name: &str, pieces: &mut dyn Iterator<Item = Vec<u8>>) {
        self.saved.fetch_add(1, Ordering::Relaxed);
        self.parts.lock().insert(name.to_owned(), pieces.flatten().collect());
    }
}

/// A training that is cancelled at the report `until`, the number of its reports, and the computed epochs of its network by stage.
fn run(kept: &Kept, until: usize) -> (Result<FitOutcome, FitError>, usize, BTreeSet<(&'static str, u64)>) {
    let (dataset, mut config) = (ring(150, 12), SolutionConfig::default());
    config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
    let recipe = tastemaker_recipes::by_name("aws-user-personalization").unwrap();
    let cancel = Cancel::new();
    let (reports, epochs) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    let progress = |p: Progress| {
        if p.note.starts_with("epoch") && p.epoch.is_none() {
            epochs.lock().insert((p.stage, p.done.div_ceil(100)));
        }
        if reports.fetch_add(1, Ordering::Relaxed) + 1 == until {
            cancel.cancel();
        }
    };
    let context = TrainContext { seed: 3, threads: 2, cancel: &cancel, progress: &progress, checkpoints: kept };
    let outcome = fit(&FitRequest::new(recipe, &dataset, &config), &context);
    (outcome, reports.into_inner(), epochs.into_inner())
}

#[test]
fn a_training_cut_anywhere_ends_with_the_same_files_and_computes_no_part_twice() {
    let whole = Kept::default();
    let (undisturbed, reports, epochs) = run(&whole, 0);
    let expected = undisturbed.unwrap().files;
    let saves = whole.saved.load(Ordering::Relaxed);
    assert!(saves > 10 && epochs.len() > 6, "{saves} checkpoints, {epochs:?}");
    for cut in [reports / 5, reports / 2, reports - 8, reports - 1] {
        let kept = Kept::default();
        let (cut_short, _, before) = run(&kept, cut);
        // The last reports come when nothing looks at the switch any more.
        assert!(matches!(cut_short, Err(FitError::Cancelled)) || cut > reports / 2, "{cut} of {reports}");
        let (resumed, _, after) = run(&kept, 0);
        assert_eq!(resumed.unwrap().files, expected, "cut at report {cut} of {reports}");
        let twice = before.intersection(&after).count();
        assert!(twice <= 1, "no epoch but the one that was cut is computed twice: {before:?} {after:?}");
        assert_eq!(kept.saved.load(Ordering::Relaxed), saves, "each part is kept once");
        assert_eq!(kept.trainings.lock().len(), 1, "it is the same training");
    }
    // Nothing is left to compute, and what is damaged is computed anew.
    assert!(run(&whole, 0).2.is_empty());
    whole.parts.lock().values_mut().for_each(|bytes| bytes.truncate(bytes.len() / 2));
    assert_eq!(run(&whole, 0).0.unwrap().files, expected);
}

use super::*;
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::gru::Sequences;

#[test]
fn regularisation_grows_with_the_histories() {
    let items = vec![0u32; 200];
    let lambda = |offsets: &[usize]| ease_config(&Sequences { offsets, items: &items, weights: &[] }, 3).lambda;
    assert_eq!((lambda(&[0, 100, 200]), lambda(&[0; 201])), (200.0, 100.0));
    let config = ease_config(&Sequences { offsets: &[0, 200], items: &items, weights: &[] }, 1_000_000);
    assert!(config.bytes(1_000_000) < 3 << 30, "memory is bounded whatever the catalogue");
}

#[test]
fn only_what_a_signal_needs_is_made() {
    let mut builder = DatasetBuilder::new();
    for user in 0..30 {
        for k in 0..5 {
            builder.push(&user.to_string(), &((user + k) % 9).to_string(), k, None, None);
        }
    }
    let dataset = builder.build();
    let cancel = tastemaker_learn::Cancel::new();
    let context = TrainContext { seed: 1, threads: 1, cancel: &cancel, progress: &|_| {} };
    let users: Vec<usize> = (0..30).collect();
    let config = SolutionConfig::default();
    let request = TrainRequest { dataset: &dataset, items: None, config: &config, warm_start: None };
    let only = parts(&request, &users, None, &[Signal::Ease { decay: 0.0 }], &context).unwrap();
    assert_eq!((only.ease.len(), only.follows.len(), only.repeats.is_none()), (9, 0, true));
    let all = parts(&request, &users, None, &Signal::all(), &context).unwrap();
    assert_eq!((all.ease.len(), all.follows.len(), all.counts.len(), all.repeats.is_some()), (9, 9, 9, true));
}

use super::*;
use tastemaker_data::table::Value;
use tastemaker_data::{Bitmap, Column, DatasetBuilder, TableBuilder};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::Event;
use tastemaker_learn::Sequences;
use tastemaker_learn::models::popularity::PopularityModel;
use tastemaker_learn::{ScoringContext, Scratch};

#[test]
fn regularization_grows_with_the_histories() {
    let items = vec![0u32; 200];
    let lambda = |offsets: &[usize]| ease_config(&Sequences { offsets, items: &items, weights: &[] }, 3, 100).lambda;
    assert_eq!((lambda(&[0, 100, 200]), lambda(&[0; 201])), (200.0, 100.0));
    let config = ease_config(&Sequences { offsets: &[0, 200], items: &items, weights: &[] }, 1_000_000, EASE_ITEMS_MAX);
    assert!(config.bytes(1_000_000) < 3 << 30, "memory is bounded whatever the catalog");
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
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let users: Vec<usize> = (0..30).collect();
    let config = SolutionConfig::default();
    let request = TrainRequest::new(&dataset, &config);
    let only = parts(&request, &users, None, &[Signal::Ease { decay: 0.0 }], 100, &context).unwrap();
    assert_eq!((only.ease.len(), only.follows.len(), only.repeats.is_none()), (9, 0, true));
    let all = parts(&request, &users, None, &Signal::all(), 100, &context).unwrap();
    assert_eq!((all.ease.len(), all.follows.len(), all.counts.len(), all.repeats.is_some()), (9, 9, 9, true));
}

const WEEK_S: i64 = 7 * 86_400;
const BRANDS: usize = 6;

/// Every week each brand has a new item, which the brand's users take; the Items table knows next week's as well.
fn weekly() -> (Dataset, Table) {
    let mut builder = DatasetBuilder::new();
    let mut table = TableBuilder::new(vec![("BRAND".to_owned(), Column::Text(vec![]))]);
    for week in 0..=20 {
        for brand in 0..BRANDS {
            let item = format!("{brand}-{week}");
            table.set(&item, [Some(Value::Text(format!("brand{brand}").into()))]);
            builder.add_item(&item);
            let users = (0..60).filter(|user| user % BRANDS == brand && week < 20);
            users.for_each(|user| builder.push(&user.to_string(), &item, week * WEEK_S + user as i64, None, None));
        }
    }
    (builder.build(), table.build())
}

#[test]
fn new_items_are_recommended_where_the_past_shows_that_they_are_taken() {
    let (dataset, table) = weekly();
    let cancel = tastemaker_learn::Cancel::new();
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let config = SolutionConfig::default();
    let request = TrainRequest { items: Some(&table), ..TrainRequest::new(&dataset, &config) };
    let popular = PopularityModel::from_counts(vec![1.0; dataset.items.len()]).unwrap();
    let network = Network { tensors: popular.to_tensors(), scorer: Arc::new(popular) };
    let (training, held_out): (Vec<usize>, Vec<usize>) = (0..60).partition(|user| *user < 48);
    let blended = fitted(&request, &training, &held_out, Some(network), &context).unwrap();
    let facts = blended.facts.unwrap();
    assert!(facts.points[1] >= 60, "{facts:?}");
    let mut scratch = Scratch::default();
    for user in 0..BRANDS {
        let at = dataset.users.get(&user.to_string()).unwrap() as usize;
        let history = &holdout::histories(&dataset, &[at])[0];
        let state = blended.blend.encode(history, &mut scratch);
        let unseen = Bitmap::from_fn(dataset.items.len(), |item| history.iter().all(|event| event.item != item));
        let scoring_context = ScoringContext { now_s: Some(20 * WEEK_S), ..ScoringContext::default() };
        let best = blended.blend.top_k(&state, &scoring_context, 1, Some(&unseen), &mut scratch).items[0].0;
        assert_eq!(dataset.items.id(best.0), format!("{user}-20"), "{facts:?}");
    }
}

#[test]
fn a_network_that_did_not_converge_is_left_out_and_the_training_says_so() {
    let (dataset, _) = weekly();
    let said = std::sync::Mutex::new(Vec::new());
    let cancel = tastemaker_learn::Cancel::new();
    let progress = |p: Progress| said.lock().unwrap().push(p.note);
    let context = TrainContext {
        seed: 1,
        threads: 1,
        cancel: &cancel,
        progress: &progress,
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let diverged: Result<Network, Error> = Err(Error::Diverged("the loss is NaN".to_owned()));
    let network = unless_diverged(diverged, &context).unwrap();
    assert!(said.lock().unwrap().iter().any(|note| note.contains("takes no part: the loss is NaN")));
    let config = SolutionConfig::default();
    let request = TrainRequest::new(&dataset, &config);
    let (training, held_out): (Vec<usize>, Vec<usize>) = (0..60).partition(|user| *user < 48);
    let blended = fitted(&request, &training, &held_out, network, &context).unwrap();
    assert!(blended.facts.unwrap().signals.iter().all(|signal| signal.name != "network"));
    assert!(Ensemble::network_tensors(&blended.tensors).is_none());
    let mut scratch = Scratch::default();
    let state = blended.blend.encode(&[Event::new(tastemaker_data::ItemIx(0), 0)], &mut scratch);
    assert!(
        blended.blend.scores(&state, &ScoringContext::default(), &mut scratch).iter().all(|score| score.is_finite())
    );
    let other: Result<Network, Error> = Err(Error::Invalid("x".to_owned()));
    assert!(unless_diverged(other, &context).is_err());
}

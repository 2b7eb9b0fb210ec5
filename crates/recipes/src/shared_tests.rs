//! Tests that every recipe must pass; a new line in [`ALL`] is tested without further ado.

use crate::artifact::{MANIFEST_FILE, MODEL_FILE};
use crate::{ALL, ArtifactFiles, Error, Model, Recipe, TrainRequest};
use tastemaker_data::table::Value;
use tastemaker_data::{Column, Dataset, DatasetBuilder, ItemIx, Table, TableBuilder};
use tastemaker_domain::catalog;
use tastemaker_domain::parameters::resolve;
use tastemaker_domain::recipe::{Ability, DataRequirement, Inference, ModelFamily, ParameterFamily, ParameterKind};
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_learn::block_scoring::{BlockRequest, RunSize, ScoreBlock};
use tastemaker_learn::{Cancel, Event, ScoringContext, Scratch, TrainContext, best_of_row};

/// Users walk round a ring of 24 items, three times out of four to the next one; a few items are popular as well.
fn toy(recipe: &Recipe) -> Dataset {
    let event_type = match recipe.descriptor.inference() {
        Inference::Actions => Some("TAKEN"),
        _ => recipe.descriptor.use_case.and_then(|use_case| use_case.event_type),
    };
    let mut builder = DatasetBuilder::new();
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for user in 0..150i64 {
        let mut at = draw(24);
        for k in 0..10 {
            builder.push(&format!("u{user}"), &format!("i{at}"), user * 20 + k, event_type, None);
            at = if draw(4) > 0 { (at + 1) % 24 } else { draw(4) };
        }
    }
    builder.build()
}

/// The recipe's parameters at the small end, so that tests are quick.
fn small(recipe: &Recipe) -> SolutionConfig {
    let mut config = SolutionConfig::default();
    for parameter in recipe.descriptor.parameters {
        if parameter.name == "hidden_dimension" {
            config.algorithm_hyper_parameters.insert(parameter.name.to_owned(), "32".to_owned());
        }
    }
    config
}

/// Names that an item shares half of with the next one.
fn names(dataset: &Dataset) -> Table {
    let mut names = TableBuilder::new(vec![("NAME".to_owned(), Column::Text(vec![]))]);
    for id in dataset.items.iter() {
        let n: u32 = id[1..].parse().unwrap();
        names.set(id, [Some(Value::Text(format!("word{n} word{}", (n + 1) % 24).into()))]);
    }
    names.build()
}

fn train(recipe: &Recipe, dataset: &Dataset, seed: u64) -> Result<Model, Error> {
    let cancel = Cancel::new();
    let context = TrainContext {
        seed,
        threads: 1,
        cancel: &cancel,
        progress: &|_| {},
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let config = small(recipe);
    let actions = recipe.descriptor.inference() == Inference::Actions;
    let names = names(dataset);
    let texts = recipe.descriptor.requirements.contains(&DataRequirement::ItemTexts);
    let request = TrainRequest {
        responses: actions.then_some(dataset),
        items: texts.then_some(&names),
        ..TrainRequest::new(dataset, &config)
    };
    recipe.train(&request, &context)
}

fn artifact(recipe: &Recipe, seed: u64) -> ArtifactFiles {
    let model = train(recipe, &toy(recipe), seed).unwrap();
    recipe.write(&model, &small(recipe), seed, ArtifactFiles::new()).unwrap()
}

#[test]
fn descriptors_are_valid() {
    for recipe in ALL {
        let descriptor = recipe.descriptor;
        assert!(descriptor.name.starts_with("aws-"));
        assert_eq!(catalog::by_name(descriptor.name), Some(descriptor), "only what is in the catalog can be asked for");
        assert_eq!(recipe.update.is_some(), descriptor.can(Ability::UpdateTraining), "{}", descriptor.name);
        assert_eq!(recipe.refresh_items.is_some(), descriptor.can(Ability::IncrementalUpdate), "{}", descriptor.name);
        assert!(descriptor.description.len() > 40 && !descriptor.description.contains("  "), "{}", descriptor.name);
        let mut names: Vec<_> = descriptor.parameters.iter().map(|p| p.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), descriptor.parameters.len());
        for parameter in descriptor.parameters {
            assert!(!parameter.doc.is_empty());
            // A default is itself a legal choice.
            let mut config = SolutionConfig::default();
            let map = match parameter.family {
                ParameterFamily::Algorithm => &mut config.algorithm_hyper_parameters,
                ParameterFamily::FeatureTransformation => &mut config.feature_transformation_parameters,
            };
            map.insert(parameter.name.to_owned(), parameter.kind.default_text());
            let values = resolve(descriptor, &config).unwrap();
            assert_eq!(values, resolve(descriptor, &SolutionConfig::default()).unwrap(), "{}", parameter.name);
            if let ParameterKind::Integer { min, max, .. } = parameter.kind {
                assert!(min < max);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for recipe in ALL {
        assert_eq!(artifact(recipe, 5), artifact(recipe, 5), "{}", recipe.descriptor.name);
    }
}

#[test]
fn an_artifact_round_trips_to_identical_scores() {
    for recipe in ALL {
        let dataset = toy(recipe);
        let model = train(recipe, &dataset, 5).unwrap();
        let files = recipe.write(&model, &small(recipe), 5, ArtifactFiles::new()).unwrap();
        let opened = recipe.open(&files).unwrap();
        let mut scratch = Scratch::default();
        for history in [&[][..], &[3], &[1, 23, 7]] {
            let history: Vec<_> = history.iter().zip(2900..).map(|(&i, time)| Event::new(ItemIx(i), time)).collect();
            let before = model.scorer.encode(&history, &mut scratch);
            let after = opened.encode(&history, &mut scratch);
            assert_eq!(before, after);
            let expected = model.scorer.scores(&before, &ScoringContext::default(), &mut scratch).to_vec();
            assert_eq!(opened.scores(&after, &ScoringContext::default(), &mut scratch), expected);
            assert!(expected.iter().all(|s| s.is_finite()));
        }
        let reopened = recipe.reopen(&files).unwrap();
        assert_eq!((reopened.tensors, reopened.epochs), (model.tensors, model.epochs));
    }
}

#[test]
fn a_block_of_users_is_scored_as_each_alone() {
    for recipe in ALL {
        let dataset = toy(recipe);
        let scorer = train(recipe, &dataset, 5).unwrap().scorer;
        // Those that are not faster in blocks are asked one by one.
        let Some(blocks) = scorer.block_scorer(RunSize { users: 1000, events: 9000 }) else {
            assert_ne!(recipe.descriptor.model, ModelFamily::Ensemble, "{}", recipe.descriptor.name);
            continue;
        };
        let histories: Vec<Vec<Event>> =
            dataset.sequences().map(|(user, s)| Event::history(&s, 0..user.0 as usize % 11)).take(60).collect();
        let slices: Vec<&[Event]> = histories.iter().map(Vec::as_slice).collect();
        let (mut scratch, mut scores) = (Scratch::default(), ScoreBlock::default());
        let states = blocks.encode(&slices, &mut scratch);
        let context = ScoringContext::default();
        let requests: Vec<_> = states.iter().map(|state| BlockRequest { state, scoring_context: context }).collect();
        blocks.scores(&requests, &mut scratch, &mut scores);
        for (user, history) in slices.iter().enumerate() {
            let state = scorer.encode(history, &mut scratch);
            assert_eq!(scores.row(user), scorer.scores(&state, &context, &mut scratch), "{}", recipe.descriptor.name);
            let ranked = best_of_row(&*scorer, scores.row(user), &context, 9, None, &mut scratch);
            assert_eq!(ranked, scorer.top_k(&state, &context, 9, None, &mut scratch));
        }
    }
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    for recipe in ALL {
        let good = artifact(recipe, 5);
        for name in [MANIFEST_FILE, MODEL_FILE] {
            let mut missing = good.clone();
            missing.remove(name);
            expect_artifact_error(recipe, &missing, name);
            let len = good[name].len();
            for cut in [0, 1, len / 2, len - 2] {
                let mut short = good.clone();
                short.get_mut(name).unwrap().truncate(cut);
                expect_artifact_error(recipe, &short, name);
            }
        }
        for at in (0..good[MODEL_FILE].len()).step_by(997) {
            let mut flipped = good.clone();
            flipped.get_mut(MODEL_FILE).unwrap()[at] ^= 0x10;
            expect_artifact_error(recipe, &flipped, MODEL_FILE);
        }
    }
}

fn expect_artifact_error(recipe: &Recipe, files: &ArtifactFiles, name: &str) {
    match recipe.open(files) {
        Err(Error::Artifact(text)) => assert!(text.contains(name), "{text} should name {name}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{} opened a damaged {name}", recipe.descriptor.name),
    }
}

#[test]
fn another_recipe_or_format_is_refused() {
    let files = artifact(ALL[0], 5);
    assert!(matches!(ALL[1].open(&files), Err(Error::Artifact(m)) if m.contains(ALL[0].descriptor.name)));
    let mut newer = files;
    let text = String::from_utf8(newer[MANIFEST_FILE].clone()).unwrap();
    newer.insert(MANIFEST_FILE.to_owned(), text.replacen("\"format\": 2", "\"format\": 3", 1).into_bytes());
    assert!(matches!(ALL[0].open(&newer), Err(Error::Artifact(m)) if m.contains("format 3 is not supported")));
}

#[test]
fn a_cancelled_training_says_so() {
    for recipe in ALL {
        let dataset = toy(recipe);
        let cancel = Cancel::new();
        cancel.cancel();
        let context = TrainContext {
            seed: 1,
            threads: 1,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let config = small(recipe);
        let request = TrainRequest::new(&dataset, &config);
        assert_eq!(recipe.train(&request, &context).err(), Some(Error::Cancelled));
    }
}

#[test]
fn quality_floors() {
    // Next-item accuracy on the toy ring, where a perfect model reaches 0.75.
    for recipe in ALL {
        let dataset = toy(recipe);
        let name = recipe.descriptor.name;
        let floor = match (recipe.descriptor.inference(), recipe.descriptor.model) {
            // These are asked about users and actions, in their own tests.
            (Inference::Segments | Inference::Actions, _) => continue,
            (_, ModelFamily::Ensemble) => 0.65,
            (_, ModelFamily::ItemNeighbors) => 0.2,
            (_, ModelFamily::Compact) => 0.02,
        };
        let model = train(recipe, &dataset, 5).unwrap();
        let mut scratch = Scratch::default();
        let (mut hits, mut all) = (0.0, 0.0);
        for (_, sequence) in dataset.sequences() {
            let mut state = model.scorer.start();
            for (pair, &time) in sequence.items.windows(2).zip(sequence.times) {
                model.scorer.observe(&mut state, Event::new(ItemIx(pair[0]), time), &mut scratch);
                let scoring_context = ScoringContext { item: Some(ItemIx(pair[0])), ..ScoringContext::default() };
                let top = model.scorer.top_k(&state, &scoring_context, 1, None, &mut scratch);
                hits += f64::from(u8::from(top.items[0].0 == ItemIx(pair[1])));
                all += 1.0;
            }
        }
        assert!(hits / all > floor, "{name} reaches {}", hits / all);
    }
}

//! Training of a transformer as a whole.

use super::{TransformerConfig, TransformerModel, train};
use crate::artifact::Tensors;
use crate::fixtures::quiet;
use crate::networks::train_tests::{
    ITEMS, Subject, after, common_members, events, learns, quick, trainer_tests, untimed,
};
use crate::networks::{SoftmaxMode, Trained, TrainerConfig};
use crate::topk::log_partition;
use crate::{Error, Event, Scorer, ScoringContext, Scratch, TimedSequences, TrainContext, Validation};
use tastemaker_data::ItemIx;

impl Subject for TransformerConfig {
    common_members!(TransformerModel, dropout);

    fn small() -> Self {
        let training = quick(14, 200, Self::default().training);
        Self {
            items: ITEMS,
            hidden: 32,
            feed_forward: 32,
            blocks: 1,
            length: 16,
            dropout: 0.0,
            training,
            ..Self::default()
        }
    }

    fn variants() -> Vec<Self> {
        [true, false].map(|option| Self { gated: option, timed: option, ..Self::small() }).into()
    }

    fn train(
        &self,
        histories: &TimedSequences<'_>,
        valid: Option<&Validation<'_>>,
        init: Option<&TransformerModel>,
        ctx: &TrainContext<'_>,
    ) -> Result<Trained<TransformerModel>, Error> {
        train(self, histories, valid, init, ctx)
    }

    /// Without its table of times a model is read as one that does not look at them.
    const OPTIONAL: &str = "blocks.0.time";
}

trainer_tests!(TransformerConfig);

#[test]
fn learns_walks_with_every_option() {
    use SoftmaxMode::{Full, Sampled};
    for (softmax, gated, blocks) in [(Full, true, 1), (Full, false, 2), (Sampled, true, 1)] {
        let small = TransformerConfig { gated, blocks, ..TransformerConfig::small() };
        let training = TrainerConfig { softmax, ..small.training };
        learns(&TransformerConfig { training, ..small }, &format!("{softmax:?}, gated {gated}"));
    }
}

/// After a long pause a user starts afresh with item 0, after a short one goes on to item 1.
#[test]
fn times_tell_apart_what_items_do_not() {
    let (mut offsets, mut items, mut times) = (vec![0], Vec::new(), Vec::new());
    for user in 0..200i64 {
        let pause = if user % 2 == 0 { 5 } else { 500_000 };
        items.extend([2, 3, if user % 2 == 0 { 1 } else { 0 }]);
        times.extend([100, 100 + pause, 200 + pause]);
        offsets.push(items.len());
    }
    let train_on = |timed: bool| {
        let ctx = quiet(1, 1);
        let small = TransformerConfig::small();
        let training = TrainerConfig { epochs_max: 150, batch: 600, dropout_output: 0.0, ..small.training };
        let config = TransformerConfig { timed, items: 4, training, ..small };
        let histories = TimedSequences { times: &times, ..untimed(&offsets, &items) };
        train(&config, &histories, None, None, &ctx).unwrap().model
    };
    let probability = |model: &TransformerModel, pause: i64, item: usize| {
        let mut scratch = Scratch::default();
        let state = model.encode(&[Event::new(ItemIx(2), 7), Event::new(ItemIx(3), 7 + pause)], &mut scratch);
        let scores = model.scores(&state, &ScoringContext::default(), &mut scratch);
        (scores[item] - log_partition(scores)).exp()
    };
    let (timed, blind) = (train_on(true), train_on(false));
    for (pause, item) in [(5, 1), (500_000, 0)] {
        let (with, without) = (probability(&timed, pause, item), probability(&blind, pause, item));
        assert!(with > 0.9 && (0.3..0.7).contains(&without), "pause {pause}: {with}, without times {without}");
    }
}

#[test]
fn only_the_newest_events_count() {
    let model = after::<TransformerConfig>(1);
    let mut scratch = Scratch::default();
    let long: Vec<u32> = (0..100).map(|k| k * 7 % ITEMS as u32).collect();
    let (all, newest) = (model.encode(&events(&long), &mut scratch), model.encode(&events(&long[84..]), &mut scratch));
    assert_eq!((all.events, newest.events), (100, 16));
    let scores = model.scores(&all, &ScoringContext::default(), &mut scratch).to_vec();
    assert_eq!(scores, model.scores(&newest, &ScoringContext::default(), &mut scratch));
}

#[test]
fn times_that_do_not_fit_are_refused() {
    let ctx = quiet(3, 1);
    let histories = TimedSequences { times: &[1, 2, 3], ..untimed(&[0, 2], &[1, 2]) };
    let refused = train(&TransformerConfig::small(), &histories, None, None, &ctx);
    assert!(matches!(refused, Err(Error::Invalid(m)) if m.contains("times")));
}

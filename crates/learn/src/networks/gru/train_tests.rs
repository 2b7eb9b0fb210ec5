//! Training of a GRU as a whole.

use super::{GruConfig, GruModel, train};
use crate::artifact::Tensors;
use crate::networks::train_tests::{ITEMS, Subject, after, common_members, learns, quick, trainer_tests};
use crate::networks::{SoftmaxMode, Trained, TrainerConfig};
use crate::{Error, Event, Scorer, ScoringContext, Scratch, TimedSequences, TrainContext, UserState, Validation};
use tastemaker_data::ItemIx;

impl Subject for GruConfig {
    common_members!(GruModel, dropout_input);

    fn small() -> Self {
        let training = quick(12, 16, Self::default().training);
        Self { items: ITEMS, hidden: 24, bptt: 8, dropout_input: 0.0, training, ..Self::default() }
    }

    fn variants() -> Vec<Self> {
        [true, false].map(|tied| Self { tied, ..Self::small() }).into()
    }

    fn train(
        &self,
        histories: &TimedSequences<'_>,
        valid: Option<&Validation<'_>>,
        init: Option<&GruModel>,
        ctx: &TrainContext<'_>,
    ) -> Result<Trained<GruModel>, Error> {
        train(self, &histories.sequences, valid, init, ctx)
    }

    /// A model without its own output vectors is read as tied; the model tested is tied and has none.
    const OPTIONAL: &str = "output.weight";
}

trainer_tests!(GruConfig);

#[test]
fn learns_walks_with_every_output_layer() {
    // Auto begins sampled and ends in full here.
    for softmax in [SoftmaxMode::Full, SoftmaxMode::Sampled, SoftmaxMode::Auto] {
        for tied in [true, false] {
            let small = GruConfig { tied, ..GruConfig::small() };
            let training = TrainerConfig { softmax, ..small.training };
            learns(&GruConfig { training, ..small }, &format!("{softmax:?}, tied {tied}"));
        }
    }
}

#[test]
fn states_of_other_models_are_ignored() {
    let model = after::<GruConfig>(0);
    let mut scratch = Scratch::default();
    let foreign = UserState { events: 1, ..UserState::new(vec![0.5; 3].into()) };
    let mut moved = foreign.clone();
    model.observe(&mut moved, Event::new(ItemIx(0), 0), &mut scratch);
    assert_eq!(moved, foreign);
    let cold = model.scores(&model.start(), &ScoringContext::default(), &mut scratch).to_vec();
    assert_eq!(cold, model.scores(&foreign, &ScoringContext::default(), &mut scratch));
}

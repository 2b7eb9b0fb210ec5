//! Files of trained models.

use tastemaker_data::ItemIx;
use tastemaker_learn::{Event, ScoringContext, Scratch};
use tastemaker_recipes::artifact::{Counts, FORMAT, MODEL_FILE, seal};
use tastemaker_recipes::{ALL, ArtifactFiles, Manifest};

/// Tensors of the recipe that the first byte chooses, with as many items as the second and third say, under a manifest that
/// vouches for them: refused in words, or a model that ranks with finite scores.
pub fn open_and_rank(input: &[u8]) {
    let [choice, low, high, tensors @ ..] = input else { return };
    let recipe = ALL[usize::from(*choice) % ALL.len()];
    let manifest = Manifest {
        format: FORMAT,
        recipe: recipe.descriptor.name.to_owned(),
        parameters: Default::default(),
        seed: 0,
        counts: Counts {
            users_trained: 1,
            interactions_trained: 1,
            items: u64::from(u16::from_le_bytes([*low, *high])),
            epochs: 1,
        },
        blend: None,
        files: Default::default(),
    };
    let files = ArtifactFiles::from([(MODEL_FILE.to_owned(), tensors.to_vec())]);
    let Ok(files) = seal(manifest, files) else { return };
    let Ok(scorer) = recipe.open(&files) else { return };
    let mut scratch = Scratch::default();
    let history = [Event::new(ItemIx(0), 1), Event::new(ItemIx(u32::MAX), 2)];
    let state = scorer.encode(&history, &mut scratch);
    let context = ScoringContext { item: Some(ItemIx(0)), ..ScoringContext::default() };
    let ranked = scorer.top_k(&state, &context, 10, None, &mut scratch);
    assert!(ranked.items.len() <= 10);
    assert!(ranked.items.iter().all(|(item, logit)| (item.0 as usize) < scorer.item_count() && logit.is_finite()));
}

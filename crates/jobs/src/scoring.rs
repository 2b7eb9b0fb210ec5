//! Ranked lists for many users at once, from the files of an artifact.

use crate::catalog::{CATALOG_FILE, Catalog};
use rayon::prelude::*;
use std::sync::Arc;
use tastemaker_data::ItemIx;
use tastemaker_learn::{Scorer, Scratch};
use tastemaker_recipes::{ArtifactFiles, Error, Manifest, Recipe, artifact};

/// Users that one task ranks; its scratch buffers serve them all.
const USERS_PER_TASK: usize = 64;

/// An artifact, checked and ready to rank.
pub struct Opened {
    /// What the manifest says.
    pub manifest: Manifest,
    /// The recipe that made it.
    pub recipe: &'static Recipe,
    /// Ranks items for a user state.
    pub scorer: Arc<dyn Scorer>,
    /// Ids, histories, popularity.
    pub catalog: Catalog,
}

/// How to rank.
#[derive(Debug, Clone, Copy)]
pub struct RankOptions {
    /// Items per list at most.
    pub list_len: usize,
    /// Whether items of the history are left out.
    pub exclude_seen: bool,
    /// Worker threads; 0 is read as 1.
    pub threads: usize,
}

impl Opened {
    /// Opens the files of an artifact. [`Error::Artifact`] names the file and the rule it breaks, or a recipe that this
    /// build does not have.
    pub fn new(files: &ArtifactFiles) -> Result<Self, Error> {
        let manifest = artifact::read_manifest(artifact::file(files, artifact::MANIFEST_FILE)?)?;
        let recipe = tastemaker_recipes::by_name(&manifest.recipe)
            .ok_or_else(|| Error::Artifact(format!("recipe '{}' is not known to this build", manifest.recipe)))?;
        let scorer = recipe.open(files)?;
        let catalog = Catalog::from_bytes(artifact::file(files, CATALOG_FILE)?)?;
        if catalog.items.len() != scorer.item_count() {
            return Err(Error::Artifact(format!(
                "{CATALOG_FILE} has {} items, the model ranks {}",
                catalog.items.len(),
                scorer.item_count()
            )));
        }
        Ok(Self { manifest, recipe, scorer, catalog })
    }

    /// A list for every history (item ids, oldest first), in the same order, as item ids with the model's scores, best
    /// first. Unknown items are skipped; a history without known items gets popular items.
    pub fn recommend<'a>(
        &'a self,
        histories: &[Vec<String>],
        options: &RankOptions,
    ) -> Result<Vec<Vec<(&'a str, f32)>>, Error> {
        let known = |history: &Vec<String>| history.iter().filter_map(|id| self.catalog.items.get(id)).collect();
        let known: Vec<Vec<u32>> = histories.iter().map(known).collect();
        let slices: Vec<&[u32]> = known.iter().map(Vec::as_slice).collect();
        let mut lists = rank(&*self.scorer, &slices, options)?;
        if self.recipe.descriptor.needs_user && known.iter().any(Vec::is_empty) {
            let popular = rank(&self.catalog.popular()?, &[&[]], options)?.pop().unwrap_or_default();
            for (list, _) in lists.iter_mut().zip(&known).filter(|(_, history)| history.is_empty()) {
                list.clone_from(&popular);
            }
        }
        let named = |(item, score)| (self.catalog.items.id(item), score);
        Ok(lists.into_iter().map(|list| list.into_iter().map(named).collect()).collect())
    }
}

/// A list of `(item index, score)` for every history of item indices, oldest first; best first, in the order of
/// `histories`. The lists do not depend on the number of threads.
pub fn rank(scorer: &dyn Scorer, histories: &[&[u32]], options: &RankOptions) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.max(1))
        .build()
        .map_err(|error| Error::Invalid(format!("threads: {error}")))?;
    let one = |history: &[u32], scratch: &mut Scratch| {
        let mut state = scorer.start();
        for &item in history {
            scorer.observe(&mut state, ItemIx(item), scratch);
        }
        let mut seen = if options.exclude_seen { history.to_vec() } else { Vec::new() };
        seen.sort_unstable();
        let blocked = |item: ItemIx| seen.binary_search(&item.0).is_ok();
        let ranked = scorer.top_k(&state, options.list_len, &blocked, scratch);
        ranked.items.into_iter().map(|(item, score)| (item.0, score)).collect::<Vec<_>>()
    };
    let task = |histories: &[&[u32]]| {
        let mut scratch = Scratch::default();
        histories.iter().map(|history| one(history, &mut scratch)).collect::<Vec<_>>()
    };
    Ok(pool.install(|| histories.par_chunks(USERS_PER_TASK).map(task).collect::<Vec<_>>().concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_learn::popularity::PopularityModel;

    #[test]
    fn lists_keep_their_order_over_threads_and_can_leave_out_the_seen() {
        let scorer = PopularityModel::from_counts(vec![5.0, 9.0, 1.0, 7.0]).unwrap();
        let histories: Vec<Vec<u32>> = (0..300).map(|n| vec![n % 4]).collect();
        let slices: Vec<&[u32]> = histories.iter().map(Vec::as_slice).collect();
        let options = RankOptions { list_len: 2, exclude_seen: true, threads: 2 };
        let lists = rank(&scorer, &slices, &options).unwrap();
        assert_eq!(lists.len(), 300);
        for (n, list) in lists.iter().enumerate() {
            let items: Vec<u32> = list.iter().map(|(item, _)| *item).collect();
            let expected: &[u32] = match n % 4 {
                1 => &[3, 0],
                3 => &[1, 0],
                _ => &[1, 3],
            };
            assert_eq!(items, expected, "user {n}");
        }
        let all = RankOptions { list_len: 9, exclude_seen: false, threads: 0 };
        assert_eq!(rank(&scorer, &[&[1, 1]], &all).unwrap()[0].len(), 4);
    }
}

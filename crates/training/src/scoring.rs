//! Ranked lists for many users at once, from the files of an artifact.

use crate::catalog::{CATALOG_FILE, Catalog};
use rayon::prelude::*;
use std::sync::Arc;
use tastemaker_data::{Bitmap, ItemIx, Table};

use tastemaker_learn::block_scoring::{BlockRequest, BlockScorer, RunSize, ScoreBlock, users_per_block};
use tastemaker_learn::rescoring::BANDS;
use tastemaker_learn::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState, best_of_row};
use tastemaker_recipes::{ArtifactFiles, Error, Manifest, Recipe, artifact};

/// Users that one task ranks at most: so many histories are encoded together.
const USERS_PER_TASK: usize = 512;

/// An artifact, checked and ready to rank.
pub struct Opened {
    /// The manifest of the artifact.
    pub manifest: Manifest,
    /// The recipe that made it.
    pub recipe: &'static Recipe,
    /// Ranks items for a user state.
    pub scorer: Arc<dyn Scorer>,
    /// Ids, histories, popularity.
    pub catalog: Catalog,
    /// The time of the newest event among the histories.
    newest_s: Option<i64>,
}

/// A list that is wanted, in a model's indices.
#[derive(Debug, Clone, Default)]
pub struct ListRequest<'a> {
    /// The user's events, oldest first.
    pub history: Vec<Event>,
    /// The time of the request; see [`ScoringContext::now_s`].
    pub now_s: Option<i64>,
    /// The item whose relatives are wanted, for related-item recipes.
    pub item: Option<ItemIx>,
    /// The user's row of metadata.
    pub user_metadata: Option<(&'a Table, usize)>,
}

impl ListRequest<'_> {
    /// The scorer's reading of the user's metadata; see [`ScoringContext::context`].
    pub fn context(&self, scorer: &dyn Scorer, events: u64) -> Vec<(u32, u32)> {
        self.user_metadata.map(|(table, row)| scorer.user_features(table, row, events)).unwrap_or_default()
    }

    fn scoring_context<'c>(&self, context: &'c [(u32, u32)]) -> ScoringContext<'c> {
        ScoringContext { now_s: self.now_s, item: self.item, context, ..ScoringContext::default() }
    }

    /// The items that may be listed, where that is not all.
    fn unseen(&self, scorer: &dyn Scorer, options: &RankOptions) -> Option<Bitmap> {
        options.exclude_seen.then(|| {
            let mut unseen = Bitmap::full(scorer.item_count());
            self.history.iter().for_each(|event| unseen.clear(event.item));
            unseen
        })
    }
}

/// A history by external ids.
#[derive(Debug, Clone, Default)]
pub struct NamedHistory<'a> {
    /// Oldest first.
    pub events: Vec<NamedEvent<'a>>,
    /// Whose they are.
    pub user: &'a str,
    /// The time of the request. `None`: a history that the model was trained on is asked about at the end of its data, as
    /// that user would return; another goes on from its last event.
    pub now_s: Option<i64>,
    /// The user's row of metadata.
    pub user_metadata: Option<(&'a Table, usize)>,
}

/// An event by external ids.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct NamedEvent<'a> {
    pub item: &'a str,
    /// Seconds since the Unix epoch.
    pub time_s: i64,
    /// Empty where there is none.
    pub event_type: &'a str,
    /// NaN where absent.
    pub value: f32,
}

/// Options of the ranking.
#[derive(Debug, Clone, Copy)]
pub struct RankOptions {
    /// Items per list at most.
    pub list_len: usize,
    /// Whether items of the history are left out.
    pub exclude_seen: bool,
    /// Worker threads; 0 is read as 1.
    pub threads: usize,
}

/// Item ids with the model's scores, best first.
pub type NamedList<'a> = Vec<(&'a str, f32)>;

impl Opened {
    /// Opens the files of an artifact. [`Error::Artifact`] names the file and the rule it breaks, or a recipe that this
    /// build does not have.
    pub fn new(files: &ArtifactFiles) -> Result<Self, Error> {
        let manifest = artifact::read_manifest(artifact::file(files, artifact::MANIFEST_FILE)?)?;
        let recipe = tastemaker_recipes::by_name(&manifest.recipe)
            .ok_or_else(|| Error::Artifact(format!("recipe '{}' is not known to this build", manifest.recipe)))?;
        Self::of(recipe, files)
    }

    /// The same for the artifact of a given recipe.
    pub fn of(recipe: &'static Recipe, files: &ArtifactFiles) -> Result<Self, Error> {
        let manifest = artifact::read_manifest(artifact::file(files, artifact::MANIFEST_FILE)?)?;
        let scorer = recipe.open(files)?;
        let catalog = Catalog::from_bytes(artifact::file(files, CATALOG_FILE)?)?;
        if catalog.items.len() != scorer.item_count() {
            return Err(Error::Artifact(format!(
                "{CATALOG_FILE} has {} items, the model ranks {}",
                catalog.items.len(),
                scorer.item_count()
            )));
        }
        let newest_s = catalog.newest_s();
        Ok(Self { manifest, recipe, scorer, catalog, newest_s })
    }

    /// A list for every history, in the same order, as item ids with the model's scores, best first. Unknown items are
    /// skipped; a history without known items gets popular items, those among users alike where the model knows of any.
    pub fn recommend<'a>(
        &'a self,
        histories: &[NamedHistory],
        options: &RankOptions,
    ) -> Result<Vec<Vec<(&'a str, f32)>>, Error> {
        let requests: Vec<ListRequest> = histories.iter().map(|history| self.list_request(history)).collect();
        let mut lists = rank(&*self.scorer, &requests, options)?;
        let strange =
            |request: &ListRequest| request.history.is_empty() && request.context(&*self.scorer, 0).is_empty();
        if self.recipe.descriptor.needs_user && requests.iter().any(strange) {
            let popular = rank(&self.catalog.popular()?, &[ListRequest::default()], options)?.pop().unwrap_or_default();
            for (list, _) in lists.iter_mut().zip(&requests).filter(|(_, request)| strange(request)) {
                list.clone_from(&popular);
            }
        }
        let named = |(item, score)| (self.catalog.items.id(item), score);
        Ok(lists.into_iter().map(|list| list.into_iter().map(named).collect()).collect())
    }

    /// Whether the users' metadata in `table` makes a difference to any list.
    pub fn uses_metadata(&self, table: &Table) -> bool {
        let any = |row: usize| BANDS.iter().any(|&events| !self.scorer.user_features(table, row, events).is_empty());
        (0..table.ids.len()).any(any)
    }

    /// Whether the model knows a column of users' metadata as one of numbers.
    pub fn has_numeric_user_column(&self, column: &str) -> bool {
        self.scorer.has_numeric_user_column(column)
    }

    /// The columns of users' metadata in `table` that make no difference to any list: the model was not trained with them, or
    /// with none of their values, or they do not help.
    pub fn unused_user_columns<'t>(&self, table: &'t Table) -> Vec<&'t str> {
        let unused = table.columns.iter().enumerate().filter(|(column, _)| !self.uses_metadata(&table.only(*column)));
        unused.map(|(_, (name, _))| name.as_str()).collect()
    }

    /// The request in the model's indices.
    fn list_request<'a>(&self, history: &NamedHistory<'a>) -> ListRequest<'a> {
        let known = |event: &NamedEvent| {
            let item = ItemIx(self.catalog.items.get(event.item)?);
            let event_type = self.catalog.event_type(event.event_type);
            Some(Event { item, time_s: event.time_s, event_type, value: event.value })
        };
        let events: Vec<Event> = history.events.iter().filter_map(known).collect();
        let trained_on = || {
            let known = self.catalog.history(history.user);
            let same = known.len() == events.len()
                && known.iter().zip(&events).all(|(a, b)| (a.item, a.time_s) == (b.item, b.time_s));
            self.newest_s.filter(|_| same)
        };
        ListRequest {
            now_s: history.now_s.or_else(trained_on),
            history: events,
            item: None,
            user_metadata: history.user_metadata,
        }
    }

    /// A list for every item that the model knows, `None` for others.
    pub fn similar<'a>(&'a self, items: &[String], options: &RankOptions) -> Result<Vec<Option<NamedList<'a>>>, Error> {
        let known: Vec<Option<u32>> = items.iter().map(|id| self.catalog.items.get(id)).collect();
        let request = |&item: &u32| ListRequest { item: Some(ItemIx(item)), ..ListRequest::default() };
        let requests: Vec<ListRequest> = known.iter().flatten().map(request).collect();
        let mut lists = rank(&*self.scorer, &requests, options)?.into_iter();
        let named = |(item, score)| (self.catalog.items.id(item), score);
        Ok(known.iter().map(|known| known.and_then(|_| Some(lists.next()?.into_iter().map(named).collect()))).collect())
    }
}

/// A list of `(item index, score)` for every request; best first, in the order of `requests`. The lists do not depend on
/// the number of threads.
pub fn rank(
    scorer: &dyn Scorer,
    requests: &[ListRequest],
    options: &RankOptions,
) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let pool = tastemaker_learn::thread_pool(options.threads)?;
    let events = requests.iter().map(|request| request.history.len()).sum();
    let blocks = scorer.block_scorer(RunSize { users: requests.len(), events });
    let users = requests.len().div_ceil(options.threads.max(1)).clamp(1, USERS_PER_TASK);
    let task = |requests: &[ListRequest]| match &blocks {
        Some(blocks) => rank_in_blocks(scorer, &**blocks, requests, options),
        None => rank_one_by_one(scorer, requests, options),
    };
    Ok(pool.install(|| requests.par_chunks(users).map(task).collect::<Vec<_>>().concat()))
}

fn rank_one_by_one(scorer: &dyn Scorer, requests: &[ListRequest], options: &RankOptions) -> Vec<Vec<(u32, f32)>> {
    let mut scratch = Scratch::default();
    let one = |request: &ListRequest| {
        let state = scorer.encode(&request.history, &mut scratch);
        let unseen = request.unseen(scorer, options);
        let context = request.context(scorer, state.events);
        let ask = request.scoring_context(&context);
        indexed(scorer.top_k(&state, &ask, options.list_len, unseen.as_ref(), &mut scratch))
    };
    requests.iter().map(one).collect()
}

fn rank_in_blocks(
    scorer: &dyn Scorer,
    blocks: &dyn BlockScorer,
    requests: &[ListRequest],
    options: &RankOptions,
) -> Vec<Vec<(u32, f32)>> {
    let (mut scratch, mut scores) = (Scratch::default(), ScoreBlock::default());
    let histories: Vec<&[Event]> = requests.iter().map(|request| request.history.as_slice()).collect();
    let states = blocks.encode(&histories, &mut scratch);
    let users = users_per_block(scorer.item_count());
    let mut lists = Vec::with_capacity(requests.len());
    for (requests, states) in requests.chunks(users).zip(states.chunks(users)) {
        let context = |(request, state): (&ListRequest, &UserState)| request.context(scorer, state.events);
        let contexts: Vec<_> = requests.iter().zip(states).map(context).collect();
        let ask = |((request, state), context)| {
            let (request, context): (&ListRequest, &Vec<_>) = (request, context);
            BlockRequest { state, scoring_context: request.scoring_context(context) }
        };
        let asks: Vec<BlockRequest> = requests.iter().zip(states).zip(&contexts).map(ask).collect();
        blocks.scores(&asks, &mut scratch, &mut scores);
        for (user, (request, ask)) in requests.iter().zip(&asks).enumerate() {
            let unseen = request.unseen(scorer, options);
            let (row, context) = (scores.row(user), &ask.scoring_context);
            let ranked = best_of_row(scorer, row, context, options.list_len, unseen.as_ref(), &mut scratch);
            lists.push(indexed(ranked));
        }
    }
    lists
}

fn indexed(ranked: Ranked) -> Vec<(u32, f32)> {
    ranked.items.into_iter().map(|(item, score)| (item.0, score)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_learn::models::popularity::PopularityModel;

    #[test]
    fn lists_keep_their_order_over_threads_and_can_leave_out_the_seen() {
        let scorer = PopularityModel::from_counts(vec![5.0, 9.0, 1.0, 7.0]).unwrap();
        let request = |items: &[u32]| ListRequest {
            history: items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect(),
            ..ListRequest::default()
        };
        let requests: Vec<ListRequest> = (0..300).map(|n| request(&[n % 4])).collect();
        let options = RankOptions { list_len: 2, exclude_seen: true, threads: 2 };
        let lists = rank(&scorer, &requests, &options).unwrap();
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
        assert_eq!(rank(&scorer, &[request(&[1, 1])], &all).unwrap()[0].len(), 4);
    }
}

//! Recommendation for many users at a time: the lists of [`SnapshotHandle::recommend`], computed in blocks of users.

use super::scoring_request::{RequestContext, ScoringRequest};
use crate::snapshot_handle::SnapshotHandle;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RecommendationList, RecommendationQuery, Source};
use tastemaker_learn::block_scoring::{BlockRequest, BlockScorer, RunSize, ScoreBlock, users_per_block};
use tastemaker_learn::{Event, Scratch, UserState};

/// A snapshot prepared to answer many queries; threads share it.
pub struct ManyQueries<'h> {
    handle: &'h SnapshotHandle,
    /// `None` where lists are made one by one.
    blocks: Option<Box<dyn BlockScorer + 'h>>,
}

impl SnapshotHandle {
    /// The snapshot prepared for a run over these users; users that nobody knows have no events.
    pub fn for_many<'u>(&self, users: impl Iterator<Item = &'u str>) -> ManyQueries<'_> {
        let mut run = RunSize::default();
        for user in users {
            run.users += 1;
            run.events += self.parts.histories.of(user).len();
        }
        let in_blocks = self.is_personal() && !self.parts.recipe.needs_item;
        let blocks = if in_blocks { self.parts.scorer.block_scorer(run) } else { None };
        ManyQueries { handle: self, blocks }
    }
}

impl ManyQueries<'_> {
    /// An answer for every query, in the same order: that of [`SnapshotHandle::recommend`]. The more queries come together, the
    /// faster.
    pub fn recommend(&self, queries: &[RecommendationQuery]) -> Vec<Result<RecommendationList>> {
        match &self.blocks {
            Some(blocks) => self.handle.with_scratch(|scratch| self.in_blocks(&**blocks, queries, scratch)),
            None => queries.iter().map(|query| self.handle.recommend(query)).collect(),
        }
    }

    fn in_blocks(
        &self,
        blocks: &dyn BlockScorer,
        queries: &[RecommendationQuery],
        scratch: &mut Scratch,
    ) -> Vec<Result<RecommendationList>> {
        let handle = self.handle;
        let history = |query: &RecommendationQuery| match query.user_id.as_deref() {
            Some(user) if !user.is_empty() && !query.popular => handle.history_of(user),
            _ => (Vec::new(), 0),
        };
        let (histories, events): (Vec<Vec<Event>>, Vec<u64>) = queries.iter().map(history).unzip();
        let slices: Vec<&[Event]> = histories.iter().map(Vec::as_slice).collect();
        let mut states = blocks.encode(&slices, scratch).into_iter().zip(events);
        let mut answers = Vec::with_capacity(queries.len());
        for queries in queries.chunks(users_per_block(handle.parts.scorer.item_count())) {
            let states = states.by_ref().take(queries.len()).collect();
            answers.extend(self.block(blocks, queries, states, scratch));
        }
        answers
    }

    fn block(
        &self,
        blocks: &dyn BlockScorer,
        queries: &[RecommendationQuery],
        states: Vec<(UserState, u64)>,
        scratch: &mut Scratch,
    ) -> Vec<Result<RecommendationList>> {
        let handle = self.handle;
        let asked: Vec<_> = queries.iter().map(|query| handle.asked(query)).collect();
        let mut contexts: Vec<RequestContext> = queries.iter().map(|query| handle.context_of(query)).collect();
        let mut scorings: Vec<Option<ScoringRequest>> = Vec::with_capacity(queries.len());
        for (((query, asked), context), state) in queries.iter().zip(&asked).zip(&mut contexts).zip(states) {
            let scoring = match asked {
                Ok(asked) => {
                    let requester = asked.scored_for(query);
                    Some(handle.scoring_request_of(requester, Some(state), context, scratch))
                }
                Err(_) => None,
            };
            scorings.push(scoring);
        }
        let of_model: Vec<bool> =
            scorings.iter().map(|s| s.as_ref().is_some_and(|scoring| scoring.source == Source::Model)).collect();
        let requests: Vec<BlockRequest> = scorings
            .iter()
            .flatten()
            .filter(|scoring| scoring.source == Source::Model)
            .map(|scoring| BlockRequest { state: &scoring.state, scoring_context: scoring.scoring_context })
            .collect();
        let mut scores = ScoreBlock::default();
        blocks.scores(&requests, scratch, &mut scores);
        let mut answers = Vec::with_capacity(queries.len());
        let mut row = 0;
        for (((query, asked), scoring), is_of_model) in queries.iter().zip(asked).zip(scorings).zip(of_model) {
            let scored = is_of_model.then(|| scores.row(row));
            row += usize::from(is_of_model);
            answers.push(match (asked, scoring) {
                (Ok(asked), Some(scoring)) => {
                    let scoring = ScoringRequest { scores: scored, ..scoring };
                    Ok(handle.answer(query, asked, &scoring, scratch))
                }
                (Ok(_), None) => handle.recommend(query),
                (Err(error), _) => Err(error),
            });
        }
        answers
    }
}

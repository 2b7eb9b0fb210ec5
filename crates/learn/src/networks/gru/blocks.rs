//! Many users at a time: histories advance together, one product of matrices a step, and items are scored by another.
//!
//! Users are put in the order of their histories' lengths, so that those that are still under way are always the first ones of a group.

use super::model::GruModel;
use crate::block_scoring::{BlockRequest, BlockScorer, RunSize, ScoreBlock, TABLE_BYTES_MAX};
use crate::kernels::{Aligned, Panels, cell_forward};
use crate::{Event, Scorer, Scratch, UserState};

/// Users whose vectors advance together: their gates and the recurrent matrix stay in a core's cache.
const GROUP: usize = 64;
/// Events for each item from which on the items' input gates are computed beforehand.
const EVENTS_PER_ITEM_MIN: usize = 2;

/// A GRU prepared for a run.
pub(super) struct GruBlocks<'m> {
    model: &'m GruModel,
    input: Panels,
    recurrent: Panels,
    /// `[items, 3 d]`: the product of each item's vector with the input matrix; empty where it is computed event by event.
    input_gates: Aligned,
}

impl<'m> GruBlocks<'m> {
    pub(super) fn new(model: &'m GruModel, run: RunSize) -> Self {
        let (params, d) = (model.parameters(), model.dimension());
        let panels = |matrix: &[f32]| Panels::pack(matrix, params.hidden, 3 * d);
        let (input, recurrent) = (panels(&params.cell.input), panels(&params.cell.recurrent));
        let (items, values) = (params.items, params.items * 3 * d);
        let worthwhile = run.events / EVENTS_PER_ITEM_MIN >= items && values * size_of::<f32>() <= TABLE_BYTES_MAX;
        let mut input_gates = Aligned::zeros(if worthwhile { values } else { 0 });
        input.product(&params.embedding[..if worthwhile { items * d } else { 0 }], d, &mut input_gates);
        Self { model, input, recurrent, input_gates }
    }

    /// Advances the vectors of a group, `[group.len(), d]` in its order, by whole histories, the longest first.
    fn advance(&self, group: &[Vec<u32>], hidden: &mut [f32], buffers: &mut Buffers) {
        let d = self.model.dimension();
        let Buffers { gates, recurrent, candidate, state, inputs } = buffers;
        [&mut *gates, recurrent].into_iter().for_each(|gates| gates.reserve(group.len() * 3 * d));
        [&mut *candidate, state, inputs].into_iter().for_each(|vectors| vectors.reserve(group.len() * d));
        for step in 0..group.first().map_or(0, Vec::len) {
            let active = group.partition_point(|items| items.len() > step);
            let (gates, recurrent) = (&mut gates[..active * 3 * d], &mut recurrent[..active * 3 * d]);
            if self.input_gates.is_empty() {
                for (items, input) in group[..active].iter().zip(inputs.chunks_exact_mut(d)) {
                    input.copy_from_slice(self.model.parameters().embedding_row(items[step]));
                }
                self.input.product(inputs, d, gates);
            } else {
                for (items, gates) in group[..active].iter().zip(gates.chunks_exact_mut(3 * d)) {
                    gates.copy_from_slice(&self.input_gates[items[step] as usize * 3 * d..][..3 * d]);
                }
            }
            self.recurrent.product(hidden, d, recurrent);
            let (candidate, state) = (&mut candidate[..active * d], &mut state[..active * d]);
            cell_forward(gates, recurrent, self.model.bias(), &hidden[..active * d], candidate, state);
            hidden[..active * d].copy_from_slice(state);
        }
    }
}

/// Buffers of a group.
#[derive(Default)]
struct Buffers {
    gates: Aligned,
    recurrent: Aligned,
    candidate: Aligned,
    state: Aligned,
    inputs: Aligned,
}

impl BlockScorer for GruBlocks<'_> {
    fn encode(&self, histories: &[&[Event]], _: &mut Scratch) -> Vec<UserState> {
        let (d, items) = (self.model.dimension(), self.model.item_count());
        let known = |history: &&[Event]| {
            let known = history.iter().map(|event| event.item.0).filter(|item| (*item as usize) < items);
            known.collect::<Vec<u32>>()
        };
        let mut ordered: Vec<(usize, Vec<u32>)> = histories.iter().map(known).enumerate().collect();
        ordered.sort_by_key(|(_, items)| std::cmp::Reverse(items.len()));
        let (places, known): (Vec<usize>, Vec<Vec<u32>>) = ordered.into_iter().unzip();
        let mut states = vec![self.model.start(); histories.len()];
        let (mut hidden, mut buffers) = (Aligned::zeros(GROUP * d), Buffers::default());
        for (places, group) in places.chunks(GROUP).zip(known.chunks(GROUP)) {
            for row in hidden.chunks_exact_mut(d) {
                row.copy_from_slice(self.model.start_vector());
            }
            self.advance(group, &mut hidden, &mut buffers);
            for ((&place, items), row) in places.iter().zip(group).zip(hidden.chunks_exact(d)) {
                states[place].hidden.copy_from_slice(row);
                states[place].events = items.len() as u64;
            }
        }
        states
    }

    fn scores(&self, requests: &[BlockRequest<'_>], _: &mut Scratch, out: &mut ScoreBlock) {
        let d = self.model.dimension();
        let mut queries = vec![0.0; requests.len() * d];
        for (request, query) in requests.iter().zip(queries.chunks_exact_mut(d)) {
            query.copy_from_slice(&self.model.query(request.state)[..d]);
        }
        self.model.packed().scores_of_many(&queries, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::params::Params;
    use super::*;
    use crate::ScoringContext;
    use tastemaker_data::ItemIx;

    const ITEMS: usize = 70;

    fn histories() -> Vec<Vec<Event>> {
        // 150 users, some without events, some with items that the model does not know.
        let event = |user: usize, k: usize| Event::new(ItemIx(((user * 31 + k * 7) % (ITEMS + 3)) as u32), k as i64);
        (0..150).map(|user| (0..user * 11 % 37).map(|k| event(user, k)).collect()).collect()
    }

    fn check(run: RunSize, tied: bool) {
        let model = GruModel::new(Params::init(ITEMS, 21, tied, 7));
        let blocks = GruBlocks::new(&model, run);
        let (histories, mut scratch) = (histories(), Scratch::default());
        let slices: Vec<&[Event]> = histories.iter().map(Vec::as_slice).collect();
        let states = blocks.encode(&slices, &mut scratch);
        let expected: Vec<UserState> = histories.iter().map(|history| model.encode(history, &mut scratch)).collect();
        assert_eq!(states, expected);
        let scoring_context = ScoringContext::default();
        let requests: Vec<BlockRequest> = states.iter().map(|state| BlockRequest { state, scoring_context }).collect();
        let mut out = ScoreBlock::default();
        blocks.scores(&requests, &mut scratch, &mut out);
        assert_eq!(out.users(), histories.len());
        for (user, state) in states.iter().enumerate() {
            assert_eq!(out.row(user), model.scores(state, &scoring_context, &mut scratch), "user {user}");
        }
    }

    #[test]
    fn many_users_together_equal_each_alone_to_the_bit() {
        for tied in [true, false] {
            check(RunSize { users: 150, events: 0 }, tied);
            check(RunSize { users: 150, events: 10 * ITEMS }, tied);
        }
    }
}

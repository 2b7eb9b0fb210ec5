//! The trained model: encodes the newest events and scans items.

use super::attention::Windows;
use super::encoder::Encoder;
use super::network::{Drops, Tokens};
use super::params::{Params, Shape};
use crate::artifact::Tensors;
use crate::block_scoring::{BlockRequest, BlockScorer, RunSize, ScoreBlock};
use crate::networks::trainer::Parameters;
use crate::topk::Table;
use crate::{Error, Event, Ranked, Scorer, ScoringContext, Scratch, UserState, topk};
use tastemaker_data::Bitmap;

const KIND: &str = "transformer/1";

/// A trained transformer. Its state is the user's newest events; a request encodes them anew.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerModel {
    params: Params,
    table: Table,
}

impl TransformerModel {
    pub(crate) fn new(params: Params) -> Self {
        let vectors = params.item_vectors();
        Self { table: Table::pack(vectors.rows, vectors.bias, vectors.dim), params }
    }

    pub(crate) fn params(&self) -> &Params {
        &self.params
    }

    /// The newest events that a prediction looks at.
    pub fn length(&self) -> usize {
        self.params.shape.length
    }

    /// The vector that multiplies the item vectors after a history, `[hidden]`: of its events, oldest first, the newest
    /// `length` known ones count.
    pub(crate) fn query<'e>(&self, history: &[Event], encoder: &'e mut Encoder) -> &'e [f32] {
        let Shape { items, length, hidden: d, .. } = self.params.shape;
        let Encoder { activations, inputs, times, query } = encoder;
        inputs.clear();
        times.clear();
        for event in history.iter().rev().filter(|event| (event.item.0 as usize) < items).take(length) {
            inputs.push(event.item.0);
            times.push(event.time_s);
        }
        if inputs.len() < length {
            inputs.push(self.params.start_row());
            times.push(times.last().copied().unwrap_or(0));
        }
        inputs.reverse();
        times.reverse();
        let windows = Windows { bounds: &[0, inputs.len()], times };
        let out = activations.forward(&self.params, Tokens { windows, inputs }, Drops::NONE);
        query.clear();
        query.extend_from_slice(&out[out.len() - d..]);
        // Weights within the artifact's limits can still overflow when multiplied; such a model ranks by its biases.
        if query.iter().any(|x| !x.is_finite()) {
            query.fill(0.0);
        }
        query
    }

    /// Parameters for storage: `item_embedding.weight` `[items + 1, hidden]`, which ends with the start token's row,
    /// `output.bias` `[items]`, and the fields of every layer; matrices are `[inputs, outputs]`.
    pub fn to_tensors(&self) -> Tensors {
        let (params, shape) = (&self.params, &self.params.shape);
        let mut tensors = Tensors::new(KIND);
        tensors.insert("item_embedding.weight", &[shape.items + 1, shape.hidden], params.embedding.to_vec());
        tensors.insert("output.bias", &[shape.items], params.output_bias.to_vec());
        for field in &params.layout.fields {
            tensors.insert(&field.name, &field.shape, params.dense[field.range.clone()].to_vec());
        }
        tensors
    }

    /// The model that [`TransformerModel::to_tensors`] described; its scores are the same to the bit.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        Ok(Self::new(read_params(tensors)?))
    }
}

pub(crate) fn read_params(tensors: &Tensors) -> Result<Params, Error> {
    let refuse = |what: String| Err(Error::Artifact(what));
    tensors.expect_kind(KIND)?;
    let has = |name: &str| tensors.tensors.contains_key(name);
    let matrix = |name: &str| tensors.get(name, 2).map(|t| (t.shape[0], t.shape[1]));
    let ((rows, hidden), (length, _)) = (matrix("item_embedding.weight")?, matrix("position.weight")?);
    let (_, feed_forward) = matrix("blocks.0.widen.weight")?;
    let (heads, _) = matrix("blocks.0.distance")?;
    let blocks = (0..=16).take_while(|at| has(&format!("blocks.{at}.norm1.weight"))).count();
    let legal = rows >= 2
        && (16..=1024).contains(&hidden)
        && hidden % 16 == 0
        && (16..=4096).contains(&feed_forward)
        && feed_forward % 16 == 0
        && (1..=hidden).contains(&heads)
        && hidden % heads == 0
        && (1..=16).contains(&blocks)
        && (2..=1024).contains(&length);
    if !legal {
        return refuse(format!(
            "{rows} item rows, hidden {hidden}, feed_forward {feed_forward}, {heads} heads, {blocks} blocks, length \
             {length} are no transformer"
        ));
    }
    let (gated, timed) = (has("blocks.0.gate1.weight"), has("blocks.0.time"));
    let shape = Shape { items: rows - 1, hidden, feed_forward, heads, blocks, length, gated, timed };
    let read = |name: &str, shape: &[usize]| tensors.get_shaped(name, shape);
    // Read before the buffers are made: a damaged shape must not decide how much memory is asked for.
    let embedding = read("item_embedding.weight", &[rows, hidden])?;
    read("blocks.0.widen.weight", &[hidden, feed_forward])?;
    read("position.weight", &[length, hidden])?;
    let mut params = Params::zeros(shape);
    params.embedding.copy_from_slice(embedding);
    params.output_bias.copy_from_slice(read("output.bias", &[rows - 1])?);
    let Params { layout, dense, .. } = &mut params;
    for field in &layout.fields {
        dense[field.range.clone()].copy_from_slice(read(&field.name, &field.shape)?);
    }
    if tensors.tensors.len() != layout.fields.len() + 2 {
        return refuse(format!("{} tensors, expected {}", tensors.tensors.len(), layout.fields.len() + 2));
    }
    Ok(params)
}

impl Scorer for TransformerModel {
    fn item_count(&self) -> usize {
        self.params.shape.items
    }

    fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
        if (event.item.0 as usize) < self.params.shape.items {
            state.remember(event, self.params.shape.length);
            state.events += 1;
        }
    }

    fn scores<'s>(&self, state: &UserState, _: &ScoringContext, scratch: &'s mut Scratch) -> &'s [f32] {
        self.table.packed.scores(self.query(&state.recent, &mut scratch.encoder), &mut scratch.scores);
        &scratch.scores
    }

    fn top_k(
        &self,
        state: &UserState,
        _: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        scratch: &mut Scratch,
    ) -> Ranked {
        let query = self.query(&state.recent, &mut scratch.encoder);
        let (items, log_partition) = self.table.top_k(query, k, allowed, &mut scratch.scan);
        Ranked { items, log_partition }
    }

    fn log_partition(&self, scores: &[f32]) -> f32 {
        topk::log_partition(scores)
    }

    fn has_probabilities(&self) -> bool {
        true
    }

    fn block_scorer(&self, _: RunSize) -> Option<Box<dyn BlockScorer + '_>> {
        Some(Box::new(TransformerBlocks(self)))
    }
}

/// Histories are encoded one by one, and items are scored for all users together.
struct TransformerBlocks<'m>(&'m TransformerModel);

impl BlockScorer for TransformerBlocks<'_> {
    fn encode(&self, histories: &[&[Event]], scratch: &mut Scratch) -> Vec<UserState> {
        histories.iter().map(|history| self.0.encode(history, scratch)).collect()
    }

    fn scores(&self, requests: &[BlockRequest<'_>], scratch: &mut Scratch, out: &mut ScoreBlock) {
        let mut queries = Vec::with_capacity(requests.len() * self.0.params.shape.hidden);
        for request in requests {
            queries.extend_from_slice(self.0.query(&request.state.recent, &mut scratch.encoder));
        }
        self.0.table.packed.scores_of_many(&queries, out);
    }
}

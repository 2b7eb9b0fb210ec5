//! The trained model: advances hidden vectors and scans items.

mod scoring;

use super::params::Params;
use crate::artifact::Tensors;
use crate::kernels::{Aligned, cell_forward, vector_matrix};
use crate::topk::{PackedVectors, Table};
use crate::{Error, Scratch, UserState};
use tastemaker_data::ItemIx;

const KIND: &str = "gru/1";

/// A trained GRU. The state is its hidden vector, `hidden` values padded to a multiple of 16.
#[derive(Debug, Clone, PartialEq)]
pub struct GruModel {
    /// `output` is always `None` here: `table` holds what an untied model trained.
    params: Params,
    tied: bool,
    table: Table,
    bias: Vec<f32>,
    start: Box<[f32]>,
}

impl GruModel {
    pub(crate) fn new(mut params: Params) -> Self {
        let table = Table::pack(params.output_rows(), &params.output_bias, params.dim);
        let tied = params.output.take().is_none();
        let bias = params.kernel_bias();
        let mut model = Self { start: vec![0.0; params.dim].into(), params, tied, table, bias };
        let mut start = model.start.clone();
        model.step(&mut start, model.params.start_row(), &mut Scratch::default());
        model.start = start;
        model
    }

    pub(crate) fn params(&self) -> Params {
        let mut params = self.params.clone();
        if !self.tied {
            let (d, table) = (params.dim, &self.table.packed);
            let mut output = Aligned::zeros(params.items * d);
            for (item, row) in output.chunks_exact_mut(d).enumerate() {
                for (k, value) in row.iter_mut().enumerate() {
                    *value = table.value(item, k);
                }
            }
            params.output = Some(output);
        }
        params
    }

    /// The parameters, without the output vectors of an untied model.
    pub(super) fn parameters(&self) -> &Params {
        &self.params
    }

    /// The length of a state's vector, padding included.
    pub(super) fn dimension(&self) -> usize {
        self.params.dim
    }

    /// The biases as [`cell_forward`] reads them.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The vector of a user without history.
    pub(super) fn start_vector(&self) -> &[f32] {
        &self.start
    }

    /// The item vectors of the scan.
    pub(super) fn packed(&self) -> &PackedVectors {
        &self.table.packed
    }

    /// Whether input and output item vectors are the same.
    pub fn is_tied(&self) -> bool {
        self.tied
    }

    /// Item `item`'s input vector, `[hidden]`; `None` for an item the model does not know.
    pub fn item_vector(&self, item: ItemIx) -> Option<&[f32]> {
        ((item.0 as usize) < self.params.items).then(|| &self.params.embedding_row(item.0)[..self.params.hidden])
    }

    /// h' from h and a row of the embedding; two vector-matrix products.
    fn step(&self, hidden: &mut [f32], row: u32, scratch: &mut Scratch) {
        let d = self.params.dim;
        scratch.gates.clear();
        scratch.gates.resize(8 * d, 0.0);
        let (gates, rest) = scratch.gates.split_at_mut(3 * d);
        let (recurrent, rest) = rest.split_at_mut(3 * d);
        let (candidate, state) = rest.split_at_mut(d);
        vector_matrix(gates, self.params.embedding_row(row), &self.params.cell.input);
        vector_matrix(recurrent, hidden, &self.params.cell.recurrent);
        cell_forward(gates, recurrent, &self.bias, hidden, candidate, state);
        hidden.copy_from_slice(state);
    }

    pub(super) fn query<'a>(&'a self, state: &'a UserState) -> &'a [f32] {
        if state.hidden.len() == self.params.dim { &state.hidden } else { &self.start }
    }

    /// Parameters for storage, unpadded, in PyTorch's layout and names: `gru.weight_ih_l0`
    /// `[3 hidden, hidden]` with gates in the order reset, update, new, and so on;
    /// `item_embedding.weight` `[items + 1, hidden]` ends with the start token's row;
    /// `output.weight` is absent where it is tied to the embedding.
    pub fn to_tensors(&self) -> Tensors {
        let params = self.params();
        let (h, d) = (params.hidden, params.dim);
        let unpad = |rows: &[f32]| rows.chunks_exact(d).flat_map(|row| &row[..h]).copied().collect::<Vec<_>>();
        let matrix = |padded: &[f32]| {
            let at = |gate: usize, unit: usize, k: usize| padded[k * 3 * d + gate * d + unit];
            let units = (0..3).flat_map(|gate| (0..h).map(move |unit| (gate, unit)));
            units.flat_map(|(gate, unit)| (0..h).map(move |k| at(gate, unit, k))).collect::<Vec<_>>()
        };
        let mut tensors = Tensors::new(KIND);
        tensors.insert("item_embedding.weight", &[params.items + 1, h], unpad(&params.embedding));
        if let Some(output) = &params.output {
            tensors.insert("output.weight", &[params.items, h], unpad(output));
        }
        tensors.insert("output.bias", &[params.items], params.output_bias.to_vec());
        tensors.insert("gru.weight_ih_l0", &[3 * h, h], matrix(&params.cell.input));
        tensors.insert("gru.weight_hh_l0", &[3 * h, h], matrix(&params.cell.recurrent));
        tensors.insert("gru.bias_ih_l0", &[3 * h], unpad(&params.cell.input_bias));
        tensors.insert("gru.bias_hh_l0", &[3 * h], unpad(&params.cell.recurrent_bias));
        tensors
    }

    /// The model that [`GruModel::to_tensors`] described; its scores are the same to the bit.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        Ok(Self::new(read_params(tensors)?))
    }
}

pub(crate) fn read_params(tensors: &Tensors) -> Result<Params, Error> {
    tensors.expect_kind(KIND)?;
    let embedding = tensors.get("item_embedding.weight", 2)?;
    let (rows, h) = (embedding.shape[0], embedding.shape[1]);
    if rows < 2 || !(1..=1024).contains(&h) {
        return Err(Error::Artifact(format!(
            "item_embedding.weight must be [items + 1, hidden] with hidden in [1, 1024], its shape is {:?}",
            embedding.shape
        )));
    }
    let items = rows - 1;
    let tied = !tensors.tensors.contains_key("output.weight");
    let read = |name: &str, shape: &[usize]| tensors.get_shaped(name, shape);
    let embedding = read("item_embedding.weight", &[rows, h])?;
    let mut params = Params::zeros(items, h, tied);
    let d = params.dim;
    let pad = |padded: &mut [f32], values: &[f32]| {
        for (row, values) in padded.chunks_exact_mut(d).zip(values.chunks_exact(h)) {
            row[..h].copy_from_slice(values);
        }
    };
    let matrix = |padded: &mut [f32], values: &[f32]| {
        for (row, values) in values.chunks_exact(h).enumerate() {
            for (k, &value) in values.iter().enumerate() {
                padded[k * 3 * d + row / h * d + row % h] = value;
            }
        }
    };
    pad(&mut params.embedding, embedding);
    if let Some(output) = &mut params.output {
        pad(output, read("output.weight", &[items, h])?);
    }
    params.output_bias.copy_from_slice(read("output.bias", &[items])?);
    matrix(&mut params.cell.input, read("gru.weight_ih_l0", &[3 * h, h])?);
    matrix(&mut params.cell.recurrent, read("gru.weight_hh_l0", &[3 * h, h])?);
    pad(&mut params.cell.input_bias, read("gru.bias_ih_l0", &[3 * h])?);
    pad(&mut params.cell.recurrent_bias, read("gru.bias_hh_l0", &[3 * h])?);
    Ok(params)
}

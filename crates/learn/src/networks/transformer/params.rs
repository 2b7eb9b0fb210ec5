//! The trainable parameters: two item tables, and everything else in one buffer cut into named fields.
//!
//! Matrices multiply row vectors from the right, so they are `[inputs, outputs]`.

use crate::kernels::Aligned;
use crate::networks::item_softmax::{ItemVectors, TablesMut};
use crate::networks::trainer::Parameters;
use crate::random::{Purpose, stream};
use rand::Rng;
use std::ops::Range;

/// Buckets of the time between two events: 0 for none, else one more than its binary logarithm in seconds.
pub(crate) const TIME_BUCKETS: usize = 32;

/// The sizes that decide the number and shapes of the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) items: usize,
    /// A multiple of 16, and of `heads`.
    pub(crate) hidden: usize,
    /// A multiple of 16.
    pub(crate) feed_forward: usize,
    pub(crate) heads: usize,
    pub(crate) blocks: usize,
    pub(crate) length: usize,
    pub(crate) gated: bool,
    pub(crate) timed: bool,
}

/// A field's range among the parameters, its shape and its first values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) range: Range<usize>,
    init: Init,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Init {
    Zero,
    One,
    /// Uniform in `+- bound`.
    Uniform(f32),
}

/// A linear layer: `weight` `[inputs, outputs]` and `bias` `[outputs]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Linear {
    pub(crate) weight: Range<usize>,
    pub(crate) bias: Range<usize>,
}

/// A layer norm's `[hidden]` gain and bias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Norm {
    pub(crate) gain: Range<usize>,
    pub(crate) bias: Range<usize>,
}

/// One block's fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) norm1: Norm,
    /// `[hidden, 3 hidden]`: queries, keys, values, each by head.
    pub(crate) qkv: Linear,
    /// `[heads, length]`: what attention adds for a distance of `length - 1 - column` steps.
    pub(crate) distance: Range<usize>,
    /// `[heads, TIME_BUCKETS]`, where timed.
    pub(crate) time: Option<Range<usize>>,
    pub(crate) project: Linear,
    pub(crate) gate1: Option<Linear>,
    pub(crate) norm2: Norm,
    pub(crate) widen: Linear,
    pub(crate) narrow: Linear,
    pub(crate) gate2: Option<Linear>,
}

/// Every field's range in the dense buffer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// `[length, hidden]`.
    pub(crate) positions: Range<usize>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) norm: Norm,
    pub(crate) fields: Vec<Field>,
    pub(crate) len: usize,
}

#[derive(Default)]
struct Builder {
    fields: Vec<Field>,
    len: usize,
}

impl Builder {
    fn field(&mut self, name: String, shape: &[usize], init: Init) -> Range<usize> {
        let range = self.len..self.len + shape.iter().product::<usize>();
        self.len = range.end.next_multiple_of(16);
        self.fields.push(Field { name, shape: shape.to_vec(), range: range.clone(), init });
        range
    }

    fn linear(&mut self, name: &str, inputs: usize, outputs: usize) -> Linear {
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        Linear {
            weight: self.field(format!("{name}.weight"), &[inputs, outputs], Init::Uniform(bound)),
            bias: self.field(format!("{name}.bias"), &[outputs], Init::Zero),
        }
    }

    fn norm(&mut self, name: &str, d: usize) -> Norm {
        Norm {
            gain: self.field(format!("{name}.weight"), &[d], Init::One),
            bias: self.field(format!("{name}.bias"), &[d], Init::Zero),
        }
    }

    fn block(&mut self, shape: &Shape, at: usize) -> Block {
        let d = shape.hidden;
        let name = |part: &str| format!("blocks.{at}.{part}");
        Block {
            norm1: self.norm(&name("norm1"), d),
            qkv: self.linear(&name("qkv"), d, 3 * d),
            distance: self.field(name("distance"), &[shape.heads, shape.length], Init::Zero),
            time: shape.timed.then(|| self.field(name("time"), &[shape.heads, TIME_BUCKETS], Init::Zero)),
            project: self.linear(&name("project"), d, d),
            gate1: shape.gated.then(|| self.linear(&name("gate1"), d, d)),
            norm2: self.norm(&name("norm2"), d),
            widen: self.linear(&name("widen"), d, shape.feed_forward),
            narrow: self.linear(&name("narrow"), shape.feed_forward, d),
            gate2: shape.gated.then(|| self.linear(&name("gate2"), d, d)),
        }
    }
}

impl Layout {
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut builder = Builder::default();
        let bound = 1.0 / (shape.hidden as f32).sqrt();
        let positions =
            builder.field("position.weight".to_owned(), &[shape.length, shape.hidden], Init::Uniform(bound));
        let blocks = (0..shape.blocks).map(|at| builder.block(shape, at)).collect();
        let norm = builder.norm("norm", shape.hidden);
        Self { positions, blocks, norm, fields: builder.fields, len: builder.len }
    }
}

/// All parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Params {
    pub(crate) shape: Shape,
    pub(crate) layout: Layout,
    /// `[items + 1, hidden]`; the last row is the start token. The first `items` rows are the output layer's too.
    pub(crate) embedding: Aligned,
    /// `[items]`.
    pub(crate) output_bias: Aligned,
    /// [`Layout::fields`].
    pub(crate) dense: Aligned,
}

impl Params {
    pub(crate) fn zeros(shape: Shape) -> Self {
        let layout = Layout::new(&shape);
        Self {
            shape,
            embedding: Aligned::zeros((shape.items + 1) * shape.hidden),
            output_bias: Aligned::zeros(shape.items),
            dense: Aligned::zeros(layout.len),
            layout,
        }
    }

    /// Item and position vectors uniform in `+-1 / sqrt(hidden)`, matrices by Glorot and Bengio's rule, biases zero.
    pub(crate) fn init(shape: Shape, seed: u64) -> Self {
        let mut params = Self::zeros(shape);
        let mut rng = stream(seed, Purpose::Init, 0);
        let bound = 1.0 / (shape.hidden as f32).sqrt();
        params.embedding.fill_with(|| rng.random_range(-bound..bound));
        for field in &params.layout.fields {
            let values = &mut params.dense[field.range.clone()];
            match field.init {
                Init::Zero => {}
                Init::One => values.fill(1.0),
                Init::Uniform(bound) => values.fill_with(|| rng.random_range(-bound..bound)),
            }
        }
        params
    }

    pub(crate) fn start_row(&self) -> u32 {
        self.shape.items as u32
    }

    pub(crate) fn embedding_row(&self, item: u32) -> &[f32] {
        let at = item as usize * self.shape.hidden;
        &self.embedding[at..at + self.shape.hidden]
    }
}

impl Parameters for Params {
    fn item_vectors(&self) -> ItemVectors<'_> {
        let (items, dim) = (self.shape.items, self.shape.hidden);
        ItemVectors { items, dim, rows: &self.embedding[..items * dim], bias: &self.output_bias }
    }

    fn split_mut(&mut self) -> (TablesMut<'_>, Vec<&mut [f32]>) {
        let tables = TablesMut {
            items: self.shape.items,
            dim: self.shape.hidden,
            embedding: &mut self.embedding,
            output: None,
            bias: &mut self.output_bias,
        };
        (tables, vec![&mut self.dense])
    }
}

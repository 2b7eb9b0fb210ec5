//! iALS: factors of items and users for implicit feedback, by alternating least squares (`ials`, `ials-revisited`), solved by a
//! few steps of conjugate gradients (`ials-cg`).
//!
//! ```text
//! sum over taken (u, i) of (w_u . v_i - 1)^2 + unobserved * sum over all (u, i) of (w_u . v_i)^2
//!   + sum over u of l_u |w_u|^2 + sum over i of l_i |v_i|^2,    l_u = lambda (taken by u + unobserved * items)
//! ```
//! An epoch solves all users given the items, then all items given the users; each solve starts from the last one's
//! answer. Cost of an epoch: `4 (steps + 1) taken * factors` multiply-adds and `factors^2` for every row and step; memory
//! `4 factors (users + items)` bytes and 16 bytes for every pair taken. Rows are solved independently, so that the result does
//! not depend on the number of threads.
//!
//! Only item factors are kept. A user is folded in when asked about: the same least squares over the history, in which
//! newer events may count more.

mod fold;
mod solve;

pub use fold::ItemFactors;

use crate::gru::Sequences;
use crate::kernels::{Aligned, rows, set_product};
use crate::random::{Purpose, stream};
use crate::{Cancel, Error};
use rand::Rng;
use rayon::prelude::*;
use solve::{Solver, System};

/// How large, how regularised, how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IalsConfig {
    /// The length of a vector, 1 to 1024.
    pub factors: usize,
    /// Passes over users and items.
    pub epochs: usize,
    /// What a pair that was not taken counts, against 1 for one that was; above 0.
    pub unobserved: f32,
    /// Regularisation for each pair in a row's sum; above 0.
    pub lambda: f32,
    /// Steps of conjugate gradients for each row and epoch.
    pub steps: usize,
}

impl Default for IalsConfig {
    fn default() -> Self {
        Self { factors: 64, epochs: 12, unobserved: 0.1, lambda: 0.005, steps: 3 }
    }
}

impl IalsConfig {
    fn check(&self) -> Result<(), Error> {
        let above_zero = |name: &str, value: f32| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(Error::Invalid(format!("{name} must be above 0, it is {value}"))),
        };
        if !(1..=1024).contains(&self.factors) {
            return Err(Error::Invalid(format!("factors must be in [1, 1024], it is {}", self.factors)));
        }
        above_zero("unobserved", self.unobserved)?;
        above_zero("lambda", self.lambda)
    }
}

/// Rows of the other side's indices.
struct Taken {
    offsets: Vec<usize>,
    others: Vec<u32>,
}

impl Taken {
    /// Each user's distinct items; items outside `0..items` are skipped.
    fn by_user(sequences: &Sequences<'_>, items: usize) -> Self {
        let mut taken = Self { offsets: vec![0], others: Vec::new() };
        for user in 0..sequences.len() {
            let from = taken.others.len();
            taken.others.extend(sequences.user(user).iter().filter(|&&item| (item as usize) < items));
            taken.others[from..].sort_unstable();
            let mut history = taken.others.split_off(from);
            history.dedup();
            taken.others.extend(history);
            taken.offsets.push(taken.others.len());
        }
        taken
    }

    fn transposed(&self, rows: usize) -> Self {
        let mut offsets = vec![0usize; rows + 1];
        self.others.iter().for_each(|&row| offsets[row as usize + 1] += 1);
        (0..rows).for_each(|row| offsets[row + 1] += offsets[row]);
        let mut next = offsets.clone();
        let mut others = vec![0u32; self.others.len()];
        for user in 0..self.len() {
            for &row in self.row(user) {
                others[next[row as usize]] = user as u32;
                next[row as usize] += 1;
            }
        }
        Self { offsets, others }
    }

    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    fn row(&self, at: usize) -> &[u32] {
        &self.others[self.offsets[at]..self.offsets[at + 1]]
    }
}

/// Rows solved between two looks at the cancel switch.
const ROWS_PER_TASK: usize = 64;

/// Trains on the distinct items of each user, on the current rayon pool. Items that nobody took have zero vectors.
pub fn ials(
    sequences: &Sequences<'_>,
    items: usize,
    config: &IalsConfig,
    seed: u64,
    cancel: &Cancel,
) -> Result<ItemFactors, Error> {
    config.check()?;
    let width = config.factors.next_multiple_of(16);
    let by_user = Taken::by_user(sequences, items);
    let by_item = by_user.transposed(items);
    let mut of_users = Aligned::zeros(by_user.len() * width);
    let mut of_items = Aligned::zeros(items * width);
    let mut rng = stream(seed, Purpose::Init, 0);
    let scale = 0.1 / (config.factors as f32).sqrt();
    for (item, row) in of_items.chunks_exact_mut(width).enumerate() {
        let used = !by_item.row(item).is_empty();
        row[..config.factors].iter_mut().for_each(|x| {
            let draw = (rng.random::<f32>() - 0.5) * 2.0 * scale;
            *x = if used { draw } else { 0.0 };
        });
    }
    for _ in 0..config.epochs {
        half(&mut of_users, &by_user, &of_items, width, config, cancel)?;
        half(&mut of_items, &by_item, &of_users, width, config, cancel)?;
    }
    ItemFactors::new(config.factors, &of_items, config.unobserved, config.lambda)
}

/// Solves all rows of `into` given `from`, both `[rows, width]`.
fn half(
    into: &mut Aligned,
    taken: &Taken,
    from: &[f32],
    width: usize,
    config: &IalsConfig,
    cancel: &Cancel,
) -> Result<(), Error> {
    let gram = gram(from, width, config.unobserved);
    let count = from.len() / width;
    into.par_chunks_mut(ROWS_PER_TASK * width).enumerate().try_for_each_init(Solver::default, |solver, (task, rows)| {
        cancel.check()?;
        for (n, row) in rows.chunks_exact_mut(width).enumerate() {
            let others = taken.row(task * ROWS_PER_TASK + n);
            if others.is_empty() {
                row.fill(0.0);
                continue;
            }
            let ridge = config.lambda * (others.len() as f32 + config.unobserved * count as f32);
            solver.gather(from, width, others.iter().map(|&other| (other, 1.0)));
            solver.solve(&System { gram: &gram, ridge, width }, row, config.steps, 0.0);
        }
        Ok(())
    })
}

/// `scale * F'F` of `factors` `[rows, width]`, row-major `[width, width]`.
fn gram(factors: &[f32], width: usize, scale: f32) -> Vec<f32> {
    let mut gram = vec![0.0; width * width];
    let all = rows(factors, factors.len() / width, width, width);
    set_product(&mut gram, width, all.transpose(), all);
    gram.iter_mut().for_each(|x| *x *= scale);
    gram
}

#[cfg(test)]
mod tests;

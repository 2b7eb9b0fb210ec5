//! Weights of items outside the inverse: each item's own regression on the items it occurs with most (`fs-slim`).
//!
//! Column j of EASE minimizes `|X_j - X b|^2 + lambda |b|^2` with `b_j = 0`. Here `b` may differ from 0 only on the
//! [`NEIGHBORS`] items that share most users with j:
//! ```text
//! (G[N, N] + lambda I) b = G[N, j]          G = X'X, N the neighbors of j
//! ```
//! Items outside the inverse are the less popular ones, so that their users are few: the cost is that of walking through those
//! users' histories, and `NEIGHBORS^3 / 3` multiply-adds for each item.

use super::lists::Lists;
use crate::{Cancel, Error};
use faer::Mat;
use rayon::prelude::*;

/// Items that a column may draw from.
const NEIGHBORS: usize = 100;
/// Items that share fewer users with j do not say anything about it.
const SHARED_MIN: u32 = 2;
/// Columns at most, the most popular items' first.
pub(super) const COLUMNS_MAX: usize = 200_000;

/// Each user's distinct items and each item's users.
pub(super) struct Incidence<'a> {
    pub(super) histories: &'a Lists,
    pub(super) users: &'a Lists,
}

/// `G[members, members]` and the position of each item in it, `u32::MAX` for the others.
pub(super) struct Members<'a> {
    pub(super) gram: &'a Mat<f32>,
    pub(super) position: &'a [u32],
}

/// The number of users that an item shares with each other item, for one thread.
struct Shared {
    count: Vec<u32>,
    touched: Vec<u32>,
}

impl Shared {
    fn of(&mut self, item: u32, data: &Incidence<'_>) {
        self.touched.drain(..).for_each(|other| self.count[other as usize] = 0);
        for &user in data.users.get(item as usize) {
            for &other in data.histories.get(user as usize) {
                if self.count[other as usize] == 0 {
                    self.touched.push(other);
                }
                self.count[other as usize] += 1;
            }
        }
    }
}

/// The weights towards each of `targets`, as `(source, weight)` in ascending order of sources.
pub(super) fn columns(
    targets: &[u32],
    data: &Incidence<'_>,
    members: &Members<'_>,
    lambda: f32,
    cancel: &Cancel,
) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let items = data.users.len();
    let fresh = || Shared { count: vec![0; items], touched: Vec::new() };
    let one = |shared: &mut Shared, &target: &u32| {
        cancel.check()?;
        shared.of(target, data);
        let mut near: Vec<(u32, u32)> =
            shared.touched.iter().map(|&item| (item, shared.count[item as usize])).collect();
        near.retain(|&(item, count)| item != target && count >= SHARED_MIN);
        near.sort_unstable_by_key(|&(item, count)| (std::cmp::Reverse(count), item));
        near.truncate(NEIGHBORS);
        near.sort_unstable();
        let n = near.len();
        let mut a = vec![0.0f32; n * n];
        for (i, &(item, _)) in near.iter().enumerate() {
            let at = members.position[item as usize];
            if at == u32::MAX {
                shared.of(item, data);
            }
            for (j, &(other, _)) in near.iter().enumerate() {
                let (column, own) = (members.position[other as usize], i == j);
                let count = match (at, column) {
                    (u32::MAX, _) => shared.count[other as usize] as f32,
                    // Known from the other's row.
                    (_, u32::MAX) => continue,
                    (at, column) => members.gram[(at as usize, column as usize)] - if own { lambda } else { 0.0 },
                };
                a[i * n + j] = count + if own { lambda } else { 0.0 };
                a[j * n + i] = a[i * n + j];
            }
        }
        let mut b: Vec<f32> = near.iter().map(|&(_, count)| count as f32).collect();
        solve(&mut a, &mut b);
        Ok(near.iter().zip(b).map(|(&(item, _), weight)| (item, weight)).filter(|w| w.1.is_finite()).collect())
    };
    targets.par_iter().map_init(fresh, one).collect()
}

/// Solves `A x = b` for a symmetric positive definite `A` `[n, n]` by Cholesky factors, `x` in the place of `b`.
fn solve(a: &mut [f32], b: &mut [f32]) {
    let n = b.len();
    for j in 0..n {
        let (done, rest) = a.split_at_mut((j + 1) * n);
        let row = &mut done[j * n..];
        let pivot = (row[j] - row[..j].iter().map(|x| x * x).sum::<f32>()).max(1e-12).sqrt();
        row[j] = pivot;
        for below in rest.chunks_exact_mut(n) {
            let known: f32 = below[..j].iter().zip(&row[..j]).map(|(x, y)| x * y).sum();
            below[j] = (below[j] - known) / pivot;
        }
    }
    for i in 0..n {
        let known: f32 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f32 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
}

//! The inverse of a symmetric positive definite matrix in place: Cholesky factor, its inverse, and the product of that with
//! its transpose, each a third of `n^3` multiply-adds, in panels so that a cancelled training stops within a second.

use crate::{Cancel, Error};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, Par};

/// Rows of a panel.
const PANEL: usize = 192;

/// Replaces the lower triangle of `a` by that of its inverse; what is above it is lost. Runs on the current rayon pool.
pub(super) fn invert(a: &mut Mat<f32>, cancel: &Cancel) -> Result<(), Error> {
    let par = if rayon::current_num_threads() > 1 { Par::rayon(0) } else { Par::Seq };
    factor(a, par, cancel)?;
    invert_factor(a, par, cancel)?;
    multiply_by_transpose(a, par, cancel)
}

fn panels(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).step_by(PANEL).map(move |at| (at, PANEL.min(n - at)))
}

/// `A = L L'`.
fn factor(a: &mut Mat<f32>, par: Par, cancel: &Cancel) -> Result<(), Error> {
    use BlockStructure::{Rectangular, TriangularLower};
    let n = a.nrows();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f32>(PANEL, par, Default::default()));
    for (at, size) in panels(n) {
        cancel.check()?;
        let rest = a.as_mut().submatrix_mut(at, at, n - at, n - at);
        let (mut diagonal, _, mut below, trailing) = rest.split_at_mut(size, size);
        let stack = MemStack::new(&mut memory);
        cholesky_in_place(diagonal.rb_mut(), Default::default(), par, stack, Default::default())
            .map_err(|error| Error::Invalid(format!("the co-occurrence matrix cannot be inverted: {error:?}")))?;
        solve_lower_triangular_in_place(diagonal.rb(), below.rb_mut().transpose_mut(), par);
        // Both operands with the inner dimension side by side in memory: the product is then a quarter faster.
        let across = below.rb().transpose().to_owned();
        let (left, right) = (across.transpose(), across.as_ref());
        matmul(trailing, TriangularLower, Accum::Add, left, Rectangular, right, Rectangular, -1.0, par);
    }
    Ok(())
}

/// `L^-1`; the panels on the diagonal have zeros above it.
fn invert_factor(a: &mut Mat<f32>, par: Par, cancel: &Cancel) -> Result<(), Error> {
    use BlockStructure::{Rectangular, TriangularLower};
    for (at, size) in panels(a.nrows()) {
        cancel.check()?;
        let rows = a.as_mut().submatrix_mut(0, 0, at + size, at + size);
        let (done, _, mut left, mut diagonal) = rows.split_at_mut(at, at);
        let mut inverse = Mat::<f32>::zeros(size, size);
        invert_lower_triangular(inverse.as_mut(), diagonal.rb(), par);
        let mut product = Mat::<f32>::zeros(size, at);
        let across = left.rb().transpose().to_owned();
        for (from, width) in panels(at) {
            let (into, by) = (product.as_mut().subcols_mut(from, width), done.rb());
            let (by, of) = (by.submatrix(from, from, at - from, width), across.transpose().subcols(from, at - from));
            faer::linalg::matmul::matmul(into, Accum::Replace, of, by, 1.0, par);
        }
        let (inverse, product) = (inverse.as_ref(), product.as_ref());
        matmul(left.rb_mut(), Rectangular, Accum::Replace, inverse, TriangularLower, product, Rectangular, -1.0, par);
        diagonal.copy_from(inverse);
    }
    Ok(())
}

/// `W' W` for a lower triangular `W`.
fn multiply_by_transpose(a: &mut Mat<f32>, par: Par, cancel: &Cancel) -> Result<(), Error> {
    let n = a.nrows();
    for (at, size) in panels(n) {
        cancel.check()?;
        let mut product = Mat::<f32>::zeros(size, at + size);
        let below = a.as_ref().submatrix(at, 0, n - at, at + size);
        let own = below.submatrix(0, at, n - at, size);
        faer::linalg::matmul::matmul(product.as_mut(), Accum::Replace, own.transpose(), below, 1.0, par);
        a.as_mut().submatrix_mut(at, 0, size, at + size).copy_from(&product);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::cancelled;

    #[test]
    fn the_product_with_the_inverse_is_the_identity() {
        for n in [1, 2, 191, 192, 193, 500] {
            let entry = |i: usize, j: usize| {
                let wave = ((i.min(j) * 7 + i.max(j) * 3) as f32 * 0.13).sin() / n as f32;
                if i == j { 3.0 } else { wave }
            };
            let a = Mat::from_fn(n, n, entry);
            let mut inverse = a.clone();
            invert(&mut inverse, &Cancel::new()).unwrap();
            let whole = Mat::from_fn(n, n, |i, j| if i >= j { inverse[(i, j)] } else { inverse[(j, i)] });
            let product = &a * &whole;
            let wrong = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
            let worst = wrong.map(|(i, j)| (product[(i, j)] - f32::from(u8::from(i == j))).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{n}: {worst}");
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_an_error_and_cancelling_stops() {
        let mut a = Mat::from_fn(3, 3, |_, _| 1.0);
        a[(2, 2)] = -1.0;
        assert!(matches!(invert(&mut a, &Cancel::new()), Err(Error::Invalid(_))));
        let cancel = cancelled();
        assert_eq!(invert(&mut Mat::<f32>::identity(3, 3), &cancel), Err(Error::Cancelled));
    }
}

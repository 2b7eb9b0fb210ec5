//! Small systems of equations by Cholesky factors.

/// Replaces `b` `[n]` by `A^-1 b` for a positive definite `A` `[n, n]` of which the lower triangle is given and overwritten; `None` if
/// it is not positive definite.
pub(super) fn solve(a: &mut [f64], b: &mut [f64]) -> Option<()> {
    let n = b.len();
    for j in 0..n {
        for k in 0..j {
            let factor = a[j * n + k];
            (j..n).for_each(|i| a[i * n + j] -= factor * a[i * n + k]);
        }
        let pivot = a[j * n + j];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        (j..n).for_each(|i| a[i * n + j] /= pivot.sqrt());
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_is_positive_definite() {
        let n = 10;
        let mut a: Vec<f64> = (0..n * n).map(|at| if at / n == at % n { 4.0 } else { 0.5 }).collect();
        let mut b: Vec<f64> = (0..n).map(|i| 4.0 * i as f64 + 0.5 * (45.0 - i as f64)).collect();
        solve(&mut a, &mut b).unwrap();
        assert!(b.iter().zip(0..).all(|(x, i)| (x - f64::from(i)).abs() < 1e-9), "{b:?}");
        assert_eq!(solve(&mut [1.0, 0.0, 2.0, 4.0], &mut [1.0, 1.0]), None);
    }
}

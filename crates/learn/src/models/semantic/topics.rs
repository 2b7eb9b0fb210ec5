//! A projection of the vocabulary onto the directions in which texts differ most: a truncated singular value decomposition by
//! random projection and power iterations (`randomized-svd`), which puts words that keep the same company near each other
//! (`lsa`).

use crate::kernels;
use crate::random::{Purpose, stream};
use crate::{Cancel, Error};
use rand::Rng;

/// Directions that are kept, and directions that are computed beside them for accuracy.
pub(super) const TOPICS: usize = 64;
const MORE: usize = 16;
const WIDTH: usize = TOPICS + MORE;
const POWER_ITERATIONS: usize = 2;
/// The power of the singular values that directions count by: 1 is the plain decomposition, where the words that tell two texts
/// apart outweigh the company that they share.
const SHARPNESS: f64 = 1.5;

/// `[features, TOPICS]`: orthogonal columns, as long as their singular values against the greatest say, for the sparse rows of the
/// texts.
pub(super) fn projection(
    rows: &[Vec<(u32, f32)>],
    features: usize,
    seed: u64,
    cancel: &Cancel,
) -> Result<Vec<f32>, Error> {
    let mut random = stream(seed, Purpose::Init, 1);
    let mut right: Vec<f32> = (0..features * WIDTH).map(|_| random.random_range(-1.0f32..1.0)).collect();
    for _ in 0..=POWER_ITERATIONS {
        cancel.check()?;
        let mut left = vec![0.0f32; rows.len() * WIDTH];
        for (row, out) in rows.iter().zip(left.chunks_exact_mut(WIDTH)) {
            row.iter().for_each(|&(f, x)| kernels::add_scaled(out, x, &right[f as usize * WIDTH..][..WIDTH]));
        }
        orthonormalize(&mut left);
        right.iter_mut().for_each(|x| *x = 0.0);
        for (row, y) in rows.iter().zip(left.chunks_exact(WIDTH)) {
            row.iter().for_each(|&(f, x)| kernels::add_scaled(&mut right[f as usize * WIDTH..][..WIDTH], x, y));
        }
        orthonormalize(&mut right);
    }
    // The singular values: what most texts share counts most, so that words are near by the company they keep.
    let mut squared = [0.0f64; WIDTH];
    for row in rows {
        let mut found = [0.0f32; WIDTH];
        row.iter().for_each(|&(f, x)| kernels::add_scaled(&mut found, x, &right[f as usize * WIDTH..][..WIDTH]));
        squared.iter_mut().zip(found).for_each(|(sum, x)| *sum += f64::from(x).powi(2));
    }
    let greatest = squared.iter().copied().fold(1e-12, f64::max);
    let scale = squared.map(|sum| (sum / greatest).powf(0.5 * SHARPNESS) as f32);
    let scaled = |row: &[f32]| row.iter().zip(scale).take(TOPICS).map(|(x, s)| x * s).collect::<Vec<f32>>();
    Ok(right.chunks_exact(WIDTH).flat_map(scaled).collect())
}

/// Modified Gram-Schmidt over the columns of `[rows, WIDTH]`, twice, so that rounding leaves nothing of one in another. Columns
/// without anything of their own become zero.
fn orthonormalize(matrix: &mut [f32]) {
    for _ in 0..2 {
        for column in 0..WIDTH {
            let mut overlaps = vec![0.0f64; column + 1];
            for row in matrix.chunks_exact(WIDTH) {
                let own = f64::from(row[column]);
                overlaps.iter_mut().zip(row).for_each(|(sum, &x)| *sum += own * f64::from(x));
            }
            let mut squared = 0.0f64;
            for row in matrix.chunks_exact_mut(WIDTH) {
                let shared: f64 = overlaps[..column].iter().zip(&*row).map(|(o, &x)| o * f64::from(x)).sum();
                row[column] -= shared as f32;
                squared += f64::from(row[column]).powi(2);
            }
            let scale = if squared > 1e-12 * overlaps[column].max(1e-12) { squared.sqrt().recip() as f32 } else { 0.0 };
            matrix.chunks_exact_mut(WIDTH).for_each(|row| row[column] *= scale);
        }
    }
}

/// A text's vector over the topics, of unit length.
pub(super) fn topic_vector(row: &[(u32, f32)], projection: &[f32]) -> [f32; TOPICS] {
    let mut vector = [0.0f32; TOPICS];
    for &(feature, x) in row {
        kernels::add_scaled(&mut vector, x, &projection[feature as usize * TOPICS..][..TOPICS]);
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length.max(1e-12));
    vector
}

//! Factorizations against a plain f64 implementation with exact solves.

use super::*;
use crate::artifact::Tensors;
use crate::fixtures::{cancelled, quiet};
use crate::{Event, Scorer, ScoringContext, Scratch};
use tastemaker_data::ItemIx;

fn run(matrix: &Sparse, config: &AlsConfig) -> Result<Factors, Error> {
    train(matrix, config, &quiet(5, 1))
}

/// A scramble that never changes.
fn noise(n: usize) -> f32 {
    let x = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1 << 24) as f32
}

/// Two tastes: even rows take even columns, odd rows odd ones, with some noise.
fn tastes(rows: usize, columns: usize) -> Sparse {
    let mut matrix = Sparse::new(columns);
    for row in 0..rows {
        let takes = |column: &usize| {
            let chance = if column % 2 == row % 2 { 0.5 } else { 0.05 };
            noise(row * 1000 + column) < chance
        };
        matrix.push((0..columns).filter(takes).map(|c| (c as u32, 1.0 + noise(row + c))).collect());
    }
    matrix
}

/// Gaussian elimination with pivoting.
fn solve_exactly(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        let row = a[k].clone();
        for i in k + 1..n {
            let factor = a[i][k] / row[k];
            a[i].iter_mut().zip(&row).skip(k).for_each(|(at, of_pivot)| *at -= factor * of_pivot);
            b[i] -= factor * b[k];
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        x[k] = (b[k] - (k + 1..n).map(|j| a[k][j] * x[j]).sum::<f64>()) / a[k][k];
    }
    x
}

/// One sweep as the formula at the top of the module says.
fn reference_sweep(matrix: &Sparse, config: &AlsConfig, fixed: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let d = config.dimension;
    (0..matrix.rows())
        .map(|row| {
            let (columns, values) = matrix.row(row);
            let mut a = vec![vec![0.0; d]; d];
            let mut b = vec![0.0; d];
            let add = |a: &mut Vec<Vec<f64>>, y: &[f64], w: f64| {
                for i in 0..d {
                    for j in 0..d {
                        a[i][j] += w * y[i] * y[j];
                    }
                }
            };
            fixed.iter().for_each(|y| add(&mut a, y, f64::from(config.unobserved)));
            for (&column, &w) in columns.iter().zip(values) {
                let y = &fixed[column as usize];
                add(&mut a, y, f64::from(w));
                (0..d).for_each(|i| b[i] += f64::from(w) * y[i]);
            }
            let weight: f32 = values.iter().sum();
            (0..d).for_each(|i| a[i][i] += f64::from(config.ridge(weight, fixed.len())));
            solve_exactly(a, b)
        })
        .collect()
}

#[test]
fn sweeps_equal_exact_solves() {
    let matrix = tastes(40, 30);
    for (dimension, exponent) in [(5, 1.0), (16, 0.0), (21, 0.5)] {
        let config = AlsConfig { dimension, epochs: 2, exponent, steps: 3 * dimension, ..AlsConfig::default() };
        let found = run(&matrix, &config).unwrap();
        let start = initial(30, dimension, 5);
        let mut columns: Vec<Vec<f64>> =
            start.chunks_exact(found.stride).map(|v| v[..dimension].iter().map(|&x| f64::from(x)).collect()).collect();
        let mut rows = Vec::new();
        for _ in 0..2 {
            rows = reference_sweep(&matrix, &config, &columns);
            columns = reference_sweep(&matrix.transposed(), &config, &rows);
        }
        for (side, expected) in [(&found.rows, &rows), (&found.columns, &columns)] {
            for (vector, expected) in side.chunks_exact(found.stride).zip(expected) {
                for (x, y) in vector.iter().zip(expected) {
                    assert!((f64::from(*x) - y).abs() < 5e-3 * (1.0 + y.abs()), "{dimension}: {x} {y}");
                }
                assert!(vector[dimension..].iter().all(|&x| x == 0.0), "values beyond the dimension stay empty");
            }
        }
    }
}

#[test]
fn tastes_are_told_apart_and_threads_change_nothing() {
    let matrix = tastes(300, 60);
    let config = AlsConfig { dimension: 8, ..AlsConfig::default() };
    let one = run(&matrix, &config).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(pool.install(|| run(&matrix, &config)).unwrap(), one);
    let score = |row: usize, column: usize| {
        kernels::dot(&one.rows[row * one.stride..][..one.stride], &one.columns[column * one.stride..][..one.stride])
    };
    let right = (0..300).filter(|&row| {
        let of = |parity: usize| (0..30).map(|k| score(row, 2 * k + parity)).sum::<f32>();
        of(row % 2) > of(1 - row % 2)
    });
    assert!(right.count() > 297);
}

#[test]
fn a_newcomer_is_folded_in_like_a_row_of_training() {
    let matrix = tastes(200, 60);
    let config = AlsConfig { dimension: 20, epochs: 20, ..AlsConfig::default() };
    let factors = run(&matrix, &config).unwrap();
    let model = AlsModel::new(config, 60, factors.columns.clone()).unwrap();
    let mut vector = Vec::new();
    for row in 0..20 {
        let (columns, values) = matrix.row(row);
        let entries: Vec<(u32, f32)> = columns.iter().copied().zip(values.iter().copied()).collect();
        model.fold_in(&entries, &mut vector);
        let known = &factors.rows[row * factors.stride..][..factors.stride];
        let apart: f32 = vector.iter().zip(known).map(|(a, b)| (a - b).powi(2)).sum();
        assert!(apart < 0.02 * kernels::dot(known, known), "{apart}");
    }
    model.fold_in(&[(99, 1.0), (1, f32::NAN)], &mut vector);
    assert!(vector.iter().all(|&x| x == 0.0));
}

#[test]
fn it_ranks_what_the_history_suggests_and_stores_exactly() {
    let matrix = tastes(300, 60);
    let config = AlsConfig { dimension: 8, ..AlsConfig::default() };
    let factors = run(&matrix, &config).unwrap();
    let model = AlsModel::new(config, 50, factors.columns).unwrap();
    let read = Tensors::from_safetensors(&model.to_tensors().to_safetensors().unwrap()).unwrap();
    let opened = AlsModel::from_tensors(&read).unwrap();
    assert_eq!((opened.item_count(), opened.columns()), (50, 60));
    let mut scratch = Scratch::default();
    let history: Vec<Event> = [1, 3, 3, 5, 55].map(|item| Event::new(ItemIx(item), 0)).to_vec();
    let state = opened.encode(&history, &mut scratch);
    assert_eq!(state.events, 4);
    let ranked = opened.top_k(&state, &ScoringContext::default(), 10, None, &mut scratch);
    assert!(ranked.items.iter().filter(|(item, _)| item.0 % 2 == 1).count() >= 9, "{ranked:?}");
    assert_eq!(model.top_k(&state, &ScoringContext::default(), 10, None, &mut scratch), ranked);
    assert!(AlsModel::from_tensors(&Tensors::new("gru/1")).is_err());
}

#[test]
fn bad_configurations_and_empty_data_are_refused() {
    let matrix = tastes(9, 5);
    for config in [
        AlsConfig { dimension: 0, ..AlsConfig::default() },
        AlsConfig { unobserved: 0.0, ..AlsConfig::default() },
        AlsConfig { regularization: f32::NAN, ..AlsConfig::default() },
        AlsConfig { exponent: 2.0, ..AlsConfig::default() },
        AlsConfig { epochs: 0, ..AlsConfig::default() },
    ] {
        assert!(matches!(run(&matrix, &config), Err(Error::Invalid(_))), "{config:?}");
    }
    assert!(matches!(run(&Sparse::new(4), &AlsConfig::default()), Err(Error::Invalid(_))));
    let cancel = cancelled();
    let context = TrainContext { cancel: &cancel, ..quiet(1, 1) };
    assert_eq!(train(&matrix, &AlsConfig::default(), &context), Err(Error::Cancelled));
}

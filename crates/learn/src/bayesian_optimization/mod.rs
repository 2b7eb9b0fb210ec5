//! Bayesian optimization of a few parameters of any kind, for functions that cost minutes and are noisy (`practical-bo`).
//!
//! A Gaussian process (`gaussian_process`) is fitted to the values seen so far, and the next point is the one with the largest expected
//! improvement among a thousand candidates. Points that are evaluated side by side are chosen one after the other,
//! each as if the process's mean had been observed at those before it (the kriging believer of `parallel-ei`). Whole numbers
//! and words are compared as they will be used, not as the continuum between them (`mixed-bo`).
//!
//! Cost of a proposal: for n points seen, some hundred Cholesky factors of `[n, n]` and a thousand solves; milliseconds for
//! n = 40. The same seed and observations give the same proposals.

mod gaussian_process;

use crate::random::{Purpose, stream};
use gaussian_process::{GaussianProcess, square};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The values of one parameter, bounds included.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Dimension {
    Integer {
        min: i64,
        max: i64,
    },
    Continuous {
        min: f64,
        max: f64,
    },
    /// This many words without an order.
    Categorical(usize),
}

/// A value of every dimension: the number, or the index of the word.
pub type Point = Vec<f64>;

/// A space and the seed of every random choice in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The hyperparameters that are varied.
    pub dimensions: Vec<Dimension>,
    /// See [`crate::TrainContext::seed`].
    pub seed: u64,
}

/// Points spread over the space before the process is asked: this many for each dimension, and one.
const SPREAD_PER_DIMENSION: usize = 2;
/// Candidates of a proposal: over the whole space, and around the best point.
const CANDIDATES: usize = 1000;
const NEARBY: usize = 200;
/// A space with no more points than this is looked at whole.
const ENUMERATED_MAX: usize = 2000;

impl Search {
    /// `count` points to evaluate next, none of them among `observed` (point and value, higher is better) and no two alike; fewer
    /// when the space has no more.
    pub fn propose(&self, observed: &[(Point, f64)], count: usize) -> Vec<Point> {
        let mut taken: Vec<Point> = observed.iter().map(|(point, _)| point.clone()).collect();
        let mut believed: Vec<(Vec<f64>, f64)> =
            observed.iter().map(|(point, y)| (self.coordinates(point), *y)).collect();
        let spread = 1 + SPREAD_PER_DIMENSION * self.dimensions.len();
        let mut proposed = Vec::new();
        while proposed.len() < count {
            let random = &mut stream(self.seed, Purpose::Search, taken.len() as u64);
            let candidates = self.candidates(&taken, observed, random);
            if candidates.is_empty() {
                break;
            }
            let coordinates: Vec<Vec<f64>> = candidates.iter().map(|point| self.coordinates(point)).collect();
            // At first far from what is taken, so that the points are spread over the space.
            let process = GaussianProcess::fit(&believed).filter(|_| observed.len() >= spread);
            let at = match &process {
                None => farthest(&coordinates, &believed),
                Some(process) => {
                    let best = believed.iter().map(|(_, y)| *y).fold(f64::NEG_INFINITY, f64::max);
                    largest(coordinates.iter().map(|x| process.expected_improvement(x, best)))
                }
            };
            let belief = process.map_or(0.0, |process| process.predict(&coordinates[at]).0);
            believed.push((coordinates[at].clone(), belief));
            taken.push(candidates[at].clone());
            proposed.push(candidates[at].clone());
        }
        proposed
    }

    /// Every point that is left of a small space; else a random choice, part of it around the best point.
    fn candidates(&self, taken: &[Point], observed: &[(Point, f64)], random: &mut Xoshiro256PlusPlus) -> Vec<Point> {
        let mut points = match self.points() {
            Some(all) => all,
            None => {
                let mut points: Vec<Point> = (0..CANDIDATES).map(|_| self.anywhere(random)).collect();
                if let Some((best, _)) = observed.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
                    points.extend((0..NEARBY).map(|_| self.near(best, random)));
                }
                points
            }
        };
        points.retain(|point| !taken.contains(point));
        points
    }

    /// The whole space, if it is small.
    fn points(&self) -> Option<Vec<Point>> {
        let mut points: Vec<Point> = vec![vec![]];
        for dimension in &self.dimensions {
            let values: Vec<f64> = match *dimension {
                Dimension::Integer { min, max } if (max - min) < ENUMERATED_MAX as i64 => {
                    (min..=max).map(|v| v as f64).collect()
                }
                Dimension::Categorical(words) => (0..words).map(|v| v as f64).collect(),
                Dimension::Continuous { min, max } if min == max => vec![min],
                _ => return None,
            };
            if points.len().saturating_mul(values.len()) > ENUMERATED_MAX {
                return None;
            }
            points = points.iter().flat_map(|p| values.iter().map(|v| [&p[..], &[*v]].concat())).collect();
        }
        Some(points)
    }

    fn anywhere(&self, random: &mut Xoshiro256PlusPlus) -> Point {
        let value = |dimension: &Dimension| match *dimension {
            Dimension::Integer { min, max } => random.random_range(min..=max) as f64,
            Dimension::Continuous { min, max } => min + (max - min) * random.random::<f64>(),
            Dimension::Categorical(words) => random.random_range(0..words.max(1)) as f64,
        };
        self.dimensions.iter().map(value).collect()
    }

    /// `best` with each value moved a little, or, a third of the time, as it is.
    fn near(&self, best: &[f64], random: &mut Xoshiro256PlusPlus) -> Point {
        let other = self.anywhere(random);
        let value = |(at, dimension): (usize, &Dimension)| {
            let (here, there) = (best[at], other[at]);
            let kept = random.random::<f64>() < 1.0 / 3.0;
            match *dimension {
                _ if kept => here,
                Dimension::Integer { .. } => (here + (there - here) * 0.2).round(),
                Dimension::Continuous { .. } => here + (there - here) * 0.2,
                Dimension::Categorical(_) => there,
            }
        };
        self.dimensions.iter().enumerate().map(value).collect()
    }

    /// The point where distances are measured: numbers in [0, 1], words at the corners of a simplex of edge 1.
    fn coordinates(&self, point: &[f64]) -> Vec<f64> {
        let mut coordinates = Vec::with_capacity(point.len());
        for (dimension, &value) in self.dimensions.iter().zip(point) {
            let scaled = |min: f64, max: f64| if max > min { (value - min) / (max - min) } else { 0.0 };
            match *dimension {
                Dimension::Integer { min, max } => coordinates.push(scaled(min as f64, max as f64)),
                Dimension::Continuous { min, max } => coordinates.push(scaled(min, max)),
                Dimension::Categorical(words) => {
                    coordinates.extend((0..words).map(|w| if w as f64 == value { 0.5f64.sqrt() } else { 0.0 }));
                }
            }
        }
        coordinates
    }
}

/// The candidate whose nearest taken point is farthest; the first without any.
fn farthest(candidates: &[Vec<f64>], taken: &[(Vec<f64>, f64)]) -> usize {
    let nearest = |candidate: &Vec<f64>| taken.iter().map(|(x, _)| square(candidate, x)).fold(f64::MAX, f64::min);
    largest(candidates.iter().map(nearest))
}

/// The index of the largest value, the first of equals.
fn largest(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (at, value) in values.enumerate() {
        if value > best.1 {
            best = (at, value);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One peak at (60, 0.3, word 1).
    fn hill(point: &[f64]) -> f64 {
        let word = if point[2] == 1.0 { 0.0 } else { 0.4 };
        1.0 - ((point[0] - 60.0) / 100.0).powi(2) - (point[1] - 0.3).powi(2) - word
    }

    fn space(seed: u64) -> Search {
        let dimensions = vec![
            Dimension::Integer { min: 32, max: 256 },
            Dimension::Continuous { min: 0.0, max: 1.0 },
            Dimension::Categorical(2),
        ];
        Search { dimensions, seed }
    }

    /// The best value after so many points, `side_by_side` at a time.
    fn climb(search: &Search, points: usize, side_by_side: usize) -> f64 {
        let mut observed: Vec<(Point, f64)> = Vec::new();
        while observed.len() < points {
            let next = search.propose(&observed, side_by_side);
            assert_eq!(next.len(), side_by_side);
            observed.extend(next.into_iter().map(|point| (point.clone(), hill(&point))));
        }
        observed.iter().map(|o| o.1).fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn it_climbs_where_chance_does_not() {
        for seed in 0..4 {
            let search = space(seed);
            let random = &mut stream(seed, Purpose::Search, 99);
            let chance = (0..24).map(|_| hill(&search.anywhere(random))).fold(f64::NEG_INFINITY, f64::max);
            for side_by_side in [1, 4] {
                let found = climb(&search, 24, side_by_side);
                assert!(
                    found > 0.99 && found >= chance,
                    "seed {seed}, {side_by_side} at a time: {found}, chance {chance}"
                );
            }
        }
    }

    #[test]
    fn proposals_repeat_lie_within_and_are_new() {
        let search = space(7);
        let mut observed: Vec<(Point, f64)> = Vec::new();
        for _ in 0..4 {
            let next = search.propose(&observed, 3);
            assert_eq!(next, search.propose(&observed, 3));
            for point in next {
                assert!((32.0..=256.0).contains(&point[0]) && point[0].fract() == 0.0, "{point:?}");
                assert!((0.0..=1.0).contains(&point[1]) && (point[2] == 0.0 || point[2] == 1.0), "{point:?}");
                assert!(observed.iter().all(|(seen, _)| *seen != point));
                observed.push((point.clone(), hill(&point)));
            }
        }
        assert_ne!(space(8).propose(&observed, 3), space(7).propose(&observed, 3));
    }

    #[test]
    fn a_small_space_runs_out() {
        let dimensions = vec![
            Dimension::Categorical(2),
            Dimension::Integer { min: 2, max: 4 },
            Dimension::Continuous { min: 0.5, max: 0.5 },
        ];
        let search = Search { dimensions, seed: 1 };
        let mut observed: Vec<(Point, f64)> = Vec::new();
        for expected in [4, 2, 0] {
            let next = search.propose(&observed, 4);
            assert_eq!(next.len(), expected);
            observed.extend(next.into_iter().map(|point| (point, 0.5)));
        }
    }

    #[test]
    fn equal_values_and_no_values_are_no_trouble() {
        let search = space(3);
        let flat: Vec<(Point, f64)> = search.propose(&[], 12).into_iter().map(|point| (point, 0.0)).collect();
        assert_eq!(search.propose(&flat, 5).len(), 5);
        assert_eq!(Search { dimensions: vec![], seed: 1 }.propose(&[], 3), [Vec::<f64>::new()]);
    }
}

//! Item vectors that a user's history is folded into, newer events counting more: the part of a factorization that an ensemble keeps.

use super::{AlsConfig, AlsModel, Sparse, stride, train};
use crate::Sequences;
use crate::artifact::Tensors;
use crate::item_matrix::{ItemMatrix, Recency};
use crate::kernels::dot;
use crate::parts::Part;
use crate::{Cancel, Error, Event, TrainContext};

/// Trained item vectors, or none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemFactors(Option<AlsModel>);

impl ItemFactors {
    /// Trains on the distinct items of each user, all of weight 1, on the current rayon pool. Items that nobody took have zero
    /// vectors.
    pub fn train(
        sequences: &Sequences<'_>,
        items: usize,
        config: &AlsConfig,
        context: &TrainContext,
    ) -> Result<Self, Error> {
        let mut matrix = Sparse::new(items);
        for user in 0..sequences.len() {
            // A matrix adds up what comes twice.
            matrix.push(sequences.distinct(user, items).into_iter().map(|item| (item, 1.0)).collect());
        }
        if matrix.is_empty() {
            return Ok(Self::default());
        }
        let factors = train(&matrix, config, context)?;
        Ok(Self(Some(AlsModel::new(*config, items, factors.columns)?)))
    }

    /// The items nearest to each, as [`AlsModel::nearest`]; `items` rows.
    pub fn nearest(
        &self,
        items: usize,
        row_max: usize,
        others: Option<&[u32]>,
        cancel: &Cancel,
    ) -> Result<ItemMatrix, Error> {
        match &self.0 {
            Some(model) => model.nearest(row_max, others, cancel),
            None => Ok(ItemMatrix::from_rows(vec![Vec::new(); items], row_max)),
        }
    }

    /// Whether there are no vectors.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The vector of a user with this history, oldest first; each distinct item counts by its newest event.
    fn user(model: &AlsModel, history: &[Event], recency: Recency) -> Vec<f32> {
        let share = |k: usize| (-recency.decay * k as f32).exp() + recency.floor;
        let mut taken: Vec<(u32, f32)> = Vec::with_capacity(history.len());
        for (k, event) in history.iter().rev().enumerate() {
            let (item, weight) = (event.item.0, share(k));
            if weight < 1e-3 {
                break;
            }
            if !taken.iter().any(|t| t.0 == item) {
                taken.push((item, weight));
            }
        }
        let mut user = Vec::new();
        model.fold_in(&taken, &mut user);
        user
    }

    /// Fills `scores` `[items]` for a history, oldest first; zeros without vectors.
    pub fn scores(&self, history: &[Event], recency: Recency, scores: &mut [f32]) {
        scores.fill(0.0);
        let Some(model) = self.0.as_ref().filter(|_| !history.is_empty()) else { return };
        let user = Self::user(model, history, recency);
        for (score, row) in scores.iter_mut().zip(model.vectors.chunks_exact(model.stride())) {
            *score = dot(&user, row);
        }
    }

    /// Stores the vectors under `prefix`; nothing without any.
    pub fn store(&self, prefix: &str, tensors: &mut Tensors) {
        let Some(model) = &self.0 else { return };
        let AlsConfig { dimension, unobserved, regularization, exponent, .. } = model.config;
        let rows = model.vectors.chunks_exact(model.stride()).flat_map(|row| &row[..dimension]);
        tensors.insert(&format!("{prefix}.factors"), &[model.columns(), dimension], rows.copied().collect());
        tensors.insert(&format!("{prefix}.objective"), &[3], vec![unobserved, regularization, exponent]);
    }

    /// Reads what [`Self::store`] wrote for a model of `items` items.
    pub fn load(prefix: &str, tensors: &Tensors, items: usize) -> Result<Self, Error> {
        let stored = tensors.get(&format!("{prefix}.factors"), 2)?;
        let objective = &tensors.get(&format!("{prefix}.objective"), 1)?.data;
        let (rows, dimension) = (stored.shape[0], stored.shape[1]);
        let broken = |rule: &str| Error::Artifact(format!("{prefix}: {rule}"));
        let Some(&[unobserved, regularization, exponent]) = objective.as_array::<3>() else {
            return Err(broken("the objective must have 3 numbers"));
        };
        if rows != items || dimension == 0 || stored.data.len() != rows * dimension {
            return Err(broken(&format!("must have vectors of {items} items")));
        }
        let stride = stride(dimension);
        let mut padded = vec![0.0; rows * stride];
        for (row, values) in padded.chunks_exact_mut(stride).zip(stored.data.chunks_exact(dimension)) {
            row[..dimension].copy_from_slice(values);
        }
        let config = AlsConfig { dimension, unobserved, regularization, exponent, ..AlsConfig::default() };
        AlsModel::new(config, items, padded).map(|model| Self(Some(model))).map_err(|error| broken(&error.to_string()))
    }
}

/// Factors that are none are not read back; they cost nothing to make.
impl Part for ItemFactors {
    fn to_tensors(&self) -> Tensors {
        let mut tensors = Tensors::new("factors/1");
        self.store("ials", &mut tensors);
        tensors
    }

    fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let items = tensors.get("ials.factors", 2)?.shape[0];
        Self::load("ials", tensors, items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Components, quiet};
    use tastemaker_data::ItemIx;

    const EVERY: Recency = Recency { decay: 0.0, floor: 0.0, distinct: true };

    fn history(items: &[u32]) -> Vec<Event> {
        items.iter().map(|&item| Event::new(ItemIx(item), 0)).collect()
    }

    fn trained(sequences: &Sequences<'_>, items: usize, dimension: usize) -> ItemFactors {
        ItemFactors::train(sequences, items, &AlsConfig { dimension, ..AlsConfig::default() }, &quiet(3, 1)).unwrap()
    }

    fn floats(value: &serde_json::Value) -> Vec<f32> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
    }

    /// The reference is `fixtures/components.py`: a direct solve of the normal equations.
    #[test]
    fn folding_in_equals_the_reference() {
        let fixture = Components::read();
        let ials = &fixture.json["ials"];
        let rows = ials["factors"].as_array().unwrap().iter().flat_map(|row| {
            let mut row = floats(row);
            row.resize(16, 0.0);
            row
        });
        let seen: Vec<u32> = floats(&ials["seen"]).iter().map(|&item| item as u32).collect();
        // The fixture weighs taken pairs 3, others 0.1, and adds 0.5: relative to 1 a third of each.
        let unobserved = 0.1 / 3.0;
        let regularization = 0.5 / 3.0 / (seen.len() as f32 + unobserved * 12.0);
        let config = AlsConfig { dimension: 4, unobserved, regularization, exponent: 1.0, ..AlsConfig::default() };
        let model = AlsModel::new(config, 12, rows.collect()).unwrap();
        let found = ItemFactors::user(&model, &history(&seen), EVERY);
        for (found, expected) in found.iter().zip(floats(&ials["user"])) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn who_shares_users_is_near_and_nobody_is_nowhere() {
        // Two camps of five items each, and item 10 that nobody took.
        let (mut offsets, mut events) = (vec![0], Vec::new());
        for user in 0..40u32 {
            events.extend((0..4).map(|k| (user % 2) * 5 + (user / 2 + k) % 5));
            offsets.push(events.len());
        }
        let sequences = Sequences { offsets: &offsets, items: &events, weights: &[] };
        let model = trained(&sequences, 11, 4);
        let mut scores = [9.0; 11];
        model.scores(&history(&[0, 1, 0, 77]), EVERY, &mut scores);
        let (near, far) = (scores[2..5].iter().sum::<f32>(), scores[5..].iter().map(|x| x.abs()).sum::<f32>());
        assert!(near > 1.5 && near > 2.0 * far, "{scores:?}");
        assert_eq!(scores[10], 0.0);
        let nearest = model.nearest(11, 1, None, &Cancel::new()).unwrap();
        let rows: Vec<Vec<(u32, f32)>> = (0..11).map(|item| nearest.row(item).collect()).collect();
        // The same users took items 0 and 3, and 5 and 9.
        assert_eq!([0, 3, 5].map(|item: usize| rows[item][0].0), [3, 0, 9], "{rows:?}");
        assert_eq!(rows[10], []);
        let among = model.nearest(11, 5, Some(&[2, 4, 8]), &Cancel::new()).unwrap();
        let all = model.nearest(11, 10, None, &Cancel::new()).unwrap();
        for item in 0..11 {
            let expected: Vec<(u32, f32)> = all.row(item).filter(|near| [2, 4, 8].contains(&near.0)).collect();
            assert_eq!(among.row(item).collect::<Vec<_>>(), expected, "the same weights, of fewer items");
        }
        model.scores(&[], EVERY, &mut scores);
        assert_eq!(scores, [0.0; 11]);
        // The newest event decides which camp a fickle user is in.
        let newest = Recency { decay: 2.0, floor: 0.0, distinct: true };
        model.scores(&history(&[5, 6, 0]), newest, &mut scores);
        assert!(scores[1..5].iter().sum::<f32>() > scores[7..10].iter().sum::<f32>() + 0.5, "{scores:?}");
    }

    #[test]
    fn storage_changes_nothing() {
        let fixture = Components::read();
        let model = trained(&fixture.sequences(), fixture.items, 5);
        let mut tensors = Tensors::new("t/1");
        model.store("ials", &mut tensors);
        let read = ItemFactors::load("ials", &tensors, fixture.items).unwrap();
        let (mut before, mut after) = (vec![0.0; fixture.items], vec![0.0; fixture.items]);
        model.scores(&history(&[0, 1]), EVERY, &mut before);
        read.scores(&history(&[0, 1]), EVERY, &mut after);
        assert_eq!(before, after);
        assert!(ItemFactors::load("ials", &tensors, 5).is_err());
    }
}

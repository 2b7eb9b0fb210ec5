//! The estimate of the memory that a training will hold at its peak, made before it begins.
//!
//! | part | bytes |
//! |---|---|
//! | the process, which holds its code and little else | 52 MB |
//! | data: the whole, its training part, the slices that the parts train on; ids | 72 for each event, 60 for each user and item |
//! | vectors of users, where items have some | 300 for each user |
//! | network: parameters, gradients, two moments, the best epoch, the copy for scoring | 4 x 7 x items x width |
//! | rows of co-occurrence, EASE and metadata: two models, each stored and to score with, and a part of them while it is made | 36 for each neighbor of an item: 1000 in EASE, 200 in metadata, in co-occurrence at most 1000 and 8 for each event |
//! | related items: eight or twelve signals | 8 for each of at most 500 neighbors of an item, 200 above 20,000 items, and no more than 8 for each event |
//! | EASE's matrix, over at most 13,000 items and no more than there is memory for | 4 x items^2 |
//! | fitting the blend: candidates of held-out points | 10 KB for each of at most two points of a held-out user |
//!
//! `cargo xtask benchmarks scale` compares it with the peak (docs/benchmarks.md).

use super::error::FitError;
use super::request::FitRequest;
use tastemaker_domain::Member;
use tastemaker_domain::catalog::FAST_PRESET;
use tastemaker_domain::parameters::{Values, resolve};
use tastemaker_domain::recipe::ModelFamily;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_recipes::Recipe;

/// The numbers that the memory of a training depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrainingSize {
    /// Interactions.
    pub interactions: u64,
    /// Users with interactions.
    pub users: u64,
    /// Items, those without interactions among them.
    pub items: u64,
    /// Whether metadata of items takes part.
    pub has_item_metadata: bool,
}

impl TrainingSize {
    /// The size of data that was gathered.
    pub fn of(request: &FitRequest) -> Self {
        let dataset = request.dataset;
        Self {
            interactions: dataset.len() as u64,
            users: dataset.users.len() as u64,
            items: dataset.items.len() as u64,
            has_item_metadata: request.items.is_some(),
        }
    }
}

/// A training whose memory is asked for before its data is read.
#[derive(Debug, Clone, Copy)]
pub struct PlannedTraining<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// The customer's parameters.
    pub config: &'a SolutionConfig,
    /// The size of the data, as far as it is known; 0 for what is not known.
    pub size: TrainingSize,
}

impl PlannedTraining<'_> {
    /// Bytes of memory that it takes at its peak, by estimate. Errors for parameters that the recipe refuses.
    pub fn memory_needed(&self) -> Result<u64, FitError> {
        Ok(estimate(self.recipe, &self.values()?, &self.size, EASE_ITEMS_MAX))
    }

    /// [`FitError::Invalid`] with both numbers where it needs more than what there is, even with a small EASE.
    pub fn check_memory(&self, available: Option<u64>) -> Result<(), FitError> {
        side_by_side(self.recipe, &self.values()?, &self.size, available).map(|_| ()).map_err(FitError::Invalid)
    }

    fn values(&self) -> Result<Values, FitError> {
        Ok(resolve(self.recipe.descriptor, self.config).map_err(tastemaker_recipes::Error::from)?)
    }
}

const PROCESS: u64 = 52 << 20;
const PER_EVENT: u64 = 72;
const PER_ID: u64 = 60;
const PER_USER_VECTOR: u64 = 300;
const NETWORK_COPIES: u64 = 7;
/// The width of networks whose recipe has no parameter for it.
const WIDTH: u64 = 128;
const PER_NEIGHBOR: u64 = 36;
const ROW_MAX: u64 = 1000;
const FOLLOWERS_PER_EVENT: u64 = 8;
const CONTENT_ROW_MAX: u64 = 200;
const RELATED_ROW_MAX: u64 = 500;
const RELATED_ROW_MAX_OF_MANY: u64 = 200;
const RELATED_LONG_ROWS_ITEMS_MAX: u64 = 20_000;
const RELATED_PER_EVENT: u64 = 8;
const RELATED_EASE_ITEMS_MAX: u64 = 6_000;
const EASE_ITEMS_MAX: u64 = 13_000;
/// EASE of fewer items is not worth a smaller need.
const EASE_ITEMS_MIN: u64 = 1_000;
const HELD_OUT_MAX: u64 = 1000;
const PER_HELD_OUT: u64 = 2 * 10_000;

/// Bytes of memory that a training takes at its peak, by estimate. Errors for parameters that the recipe refuses.
pub fn memory_needed(request: &FitRequest) -> Result<u64, FitError> {
    PlannedTraining { recipe: request.recipe, config: request.config, size: TrainingSize::of(request) }.memory_needed()
}

/// The most items in EASE's inverse with which a training fits the memory that there is.
pub(super) fn ease_items(request: &FitRequest, values: &Values) -> usize {
    let available = request.memory_bytes.unwrap_or(u64::MAX);
    let size = TrainingSize::of(request);
    let fits = |items: u64| estimate(request.recipe, values, &size, items) <= available;
    let (mut least, mut most) = (EASE_ITEMS_MIN, EASE_ITEMS_MAX);
    if fits(most) {
        return most as usize;
    }
    // The most that fits is at least `least` and below `most`.
    while most - least > 1 {
        let middle = least.midpoint(most);
        if fits(middle) {
            least = middle;
        } else {
            most = middle;
        }
    }
    least as usize
}

/// Bytes at the peak, with EASE of at most `ease_items`.
fn estimate(recipe: &Recipe, values: &Values, size: &TrainingSize, ease_items: u64) -> u64 {
    let TrainingSize { interactions: events, users, items, has_item_metadata } = *size;
    let data = PROCESS + events * PER_EVENT + (users + items) * PER_ID;
    let content = if has_item_metadata { CONTENT_ROW_MAX } else { 0 };
    match recipe.descriptor.model {
        ModelFamily::Ensemble => {
            let width = values.integer("hidden_dimension").map_or(WIDTH, |n| n.unsigned_abs());
            let is_fast = values.choice("preset").is_ok_and(|preset| preset == FAST_PRESET);
            let network = if is_fast { 0 } else { 4 * NETWORK_COPIES * items * width };
            let followers = (items * ROW_MAX.min(items)).min(events * FOLLOWERS_PER_EVENT);
            let ease_rows = items.min(EASE_ITEMS_MAX) * ROW_MAX.min(items);
            let rows = PER_NEIGHBOR * (followers + ease_rows + items * content.min(items));
            let ease = 4 * items.min(ease_items).pow(2);
            let fitting = PER_HELD_OUT * HELD_OUT_MAX.min(users / 5);
            data + users * PER_USER_VECTOR + network + rows + ease.max(fitting)
        }
        ModelFamily::ItemNeighbors => {
            let counts_alone = recipe.descriptor.has_parameter("popularity_discount_factor");
            let (signals, ease_items_max) = if counts_alone { (8, 0) } else { (12, RELATED_EASE_ITEMS_MAX) };
            let row = if items > RELATED_LONG_ROWS_ITEMS_MAX { RELATED_ROW_MAX_OF_MANY } else { RELATED_ROW_MAX };
            let neighbors = (items * row.min(items)).min(events * RELATED_PER_EVENT);
            let ease = if items <= ease_items_max { 4 * items.pow(2) } else { 0 };
            let vectors = if counts_alone { 0 } else { users * PER_USER_VECTOR };
            data + vectors + 8 * signals * neighbors + ease
        }
        ModelFamily::Compact => data,
    }
}

/// Trainings of the request that fit side by side; a text for the customer when not even one does.
pub(super) fn of_request(request: &FitRequest, values: &Values) -> Result<usize, String> {
    side_by_side(request.recipe, values, &TrainingSize::of(request), request.memory_bytes)
}

fn side_by_side(
    recipe: &Recipe,
    values: &Values,
    size: &TrainingSize,
    available: Option<u64>,
) -> Result<usize, String> {
    let Some(available) = available else { return Ok(usize::MAX) };
    let needed = estimate(recipe, values, size, EASE_ITEMS_MAX);
    if needed <= available {
        return Ok(usize::try_from(available / needed.max(1)).unwrap_or(usize::MAX));
    }
    let needed = estimate(recipe, values, size, EASE_ITEMS_MIN);
    if needed <= available {
        return Ok(1);
    }
    let items = if size.items > 0 { format!(" and {} items", size.items) } else { String::new() };
    Err(format!(
        "Training {} on {} interactions{items} needs about {needed} bytes of memory ({} MB); {available} bytes ({} MB) are \
         available. Train on fewer interactions or items ({}, {}), or give trainings more memory: a larger memory_mb of \
         [training], where it is set, or a machine with more.",
        recipe.descriptor.name,
        size.interactions,
        needed >> 20,
        available >> 20,
        Member::EventType,
        Member::EventValueThreshold
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ring;
    use tastemaker_domain::solution_config::SolutionConfig;

    fn with<T>(recipe: &str, width: &str, memory_bytes: Option<u64>, ask: impl Fn(&FitRequest, &Values) -> T) -> T {
        let dataset = ring(150, 12);
        let recipe = tastemaker_recipes::by_name(recipe).unwrap();
        let mut config = SolutionConfig::default();
        if !width.is_empty() {
            config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), width.to_owned());
        }
        let values = resolve(recipe.descriptor, &config).unwrap();
        let request = FitRequest { memory_bytes, ..FitRequest::new(recipe, &dataset, &config) };
        ask(&request, &values)
    }

    #[test]
    fn what_learns_more_needs_more() {
        let estimate = |request: &FitRequest, _: &Values| memory_needed(request).unwrap();
        let popular = with("aws-popularity-count", "", None, estimate);
        let sims = with("aws-sims", "", None, estimate);
        let narrow = with("aws-user-personalization", "32", None, estimate);
        let wide = with("aws-user-personalization", "256", None, estimate);
        assert!(popular < sims && sims < narrow && narrow < wide, "{popular} {sims} {narrow} {wide}");
        let ranking = with("aws-personalized-ranking-v2", "", None, estimate);
        let personal = with("aws-user-personalization-v2", "", None, estimate);
        assert_eq!(ranking, personal);
        assert!(personal > sims);
    }

    #[test]
    fn too_little_memory_is_refused_with_both_numbers() {
        let refused = with("aws-sims", "", Some(30 << 20), of_request).unwrap_err();
        for words in [
            "aws-sims on 1800 interactions and 24 items needs about",
            "; 31457280 bytes (30 MB) are available",
            "memory_mb",
        ] {
            assert!(refused.contains(words), "{refused}");
        }
        assert_eq!(with("aws-sims", "", Some(170 << 20), of_request), Ok(3));
        assert_eq!(with("aws-sims", "", None, of_request), Ok(usize::MAX));
    }

    #[test]
    fn ease_takes_as_many_items_as_there_is_memory_for() {
        let mut builder = tastemaker_data::DatasetBuilder::new();
        (0..14_000).for_each(|item| builder.push("u", &item.to_string(), item, None, None));
        let dataset = builder.build();
        let (recipe, config) =
            (tastemaker_recipes::by_name("aws-user-personalization").unwrap(), SolutionConfig::default());
        let values = resolve(recipe.descriptor, &config).unwrap();
        let with = |memory_bytes| FitRequest { memory_bytes, ..FitRequest::new(recipe, &dataset, &config) };
        let full = memory_needed(&with(None)).unwrap();
        let items = |bytes| ease_items(&with(Some(bytes)), &values);
        assert_eq!((ease_items(&with(None), &values), items(full), items(0)), (13_000, 13_000, 1_000));
        let less = items(full - 400_000_000);
        assert_eq!(less, ((13_000f64.powi(2) - 1e8).sqrt()) as usize, "400 MB are 10,000 items squared, times 4");
        assert_eq!(of_request(&with(Some(full - 400_000_000)), &values), Ok(1));
        assert!(of_request(&with(Some(100 << 20)), &values).unwrap_err().contains("MB) are available"));
    }
}

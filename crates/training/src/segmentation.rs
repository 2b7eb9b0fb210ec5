//! Segments of users: for items, the users who will most likely want them, by a model of user segments.

use crate::catalog::Catalog;
use rayon::prelude::*;
use std::collections::HashMap;
use tastemaker_data::{Bitmap, Dataset, IdMap, ItemIx, Table};
use tastemaker_domain::schema::DatasetType;
use tastemaker_filter::{Comparison, Effect, Expression, Operand, Test, parse};
use tastemaker_learn::Cancel;
use tastemaker_recipes::{Error, Segmenter};

/// Users whose vectors are held at once.
const USERS_AT_ONCE: usize = 8192;
/// Candidates held at once over all segments of one pass over the users.
const CANDIDATES_MAX: usize = 50_000_000;

/// Histories of users by the model's item indices.
#[derive(Debug, Clone, Default)]
pub struct UserHistories {
    /// The users' ids, by index.
    pub ids: IdMap,
    /// `[users + 1]`: user u took `items[offsets[u]..offsets[u + 1]]`.
    offsets: Vec<usize>,
    items: Vec<u32>,
}

impl UserHistories {
    /// The users of a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let (offsets, items) = (dataset.offsets().to_vec(), dataset.item_column().to_vec());
        Self { ids: dataset.users.clone(), offsets, items }
    }

    /// The users with a history beside a model, with `streamed` events `(user, item)` that came before its training.
    pub fn beside<'a>(catalog: &Catalog, streamed: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut ids = catalog.users.clone();
        let mut more: HashMap<u32, Vec<u32>> = HashMap::new();
        for (user, item) in streamed {
            if let Some(item) = catalog.items.get(item) {
                more.entry(ids.insert(user)).or_default().push(item);
            }
        }
        let (mut offsets, mut items) = (vec![0], Vec::new());
        for user in 0..ids.len() as u32 {
            let at = user as usize;
            if at < catalog.users.len() {
                items.extend_from_slice(&catalog.history_items[catalog.offsets[at]..catalog.offsets[at + 1]]);
            }
            items.extend(more.remove(&user).unwrap_or_default());
            offsets.push(items.len());
        }
        Self { ids, offsets, items }
    }

    /// The number of users.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The items that user `user` took.
    pub fn history(&self, user: u32) -> &[u32] {
        &self.items[self.offsets[user as usize]..self.offsets[user as usize + 1]]
    }
}

/// A segment that is wanted.
#[derive(Debug, Clone)]
pub struct SegmentQuery<'a> {
    /// See [`Segmenter::item`] and [`Segmenter::attributes`].
    pub vector: Vec<f32>,
    /// The users who may be in it; everybody without it.
    pub allowed: Option<&'a Bitmap>,
}

/// Options of the ranking of users.
#[derive(Debug, Clone, Copy)]
pub struct SegmentOptions<'a> {
    /// Users per segment at most.
    pub most: usize,
    /// Worker threads; 0 is read as 1.
    pub threads: usize,
    /// Ends the ranking early.
    pub cancel: &'a Cancel,
}

/// For every query the [`SegmentOptions::most`] users with the greatest affinity, best first, equal ones in the order of `histories`. Users of whom
/// nothing is known are in no segment.
pub fn rank(
    segmenter: &Segmenter,
    histories: &UserHistories,
    users: Option<&Table>,
    queries: &[SegmentQuery<'_>],
    options: &SegmentOptions<'_>,
) -> Result<Vec<Vec<u32>>, Error> {
    let pool = tastemaker_learn::thread_pool(options.threads)?;
    let held = 2 * options.most.min(histories.len()) + USERS_AT_ONCE;
    let mut ranked = Vec::with_capacity(queries.len());
    for queries in queries.chunks((CANDIDATES_MAX / held).max(1)) {
        ranked.extend(pool.install(|| pass(segmenter, histories, users, queries, options))?);
    }
    Ok(ranked)
}

/// One pass over all users.
fn pass(
    segmenter: &Segmenter,
    histories: &UserHistories,
    users: Option<&Table>,
    queries: &[SegmentQuery<'_>],
    options: &SegmentOptions<'_>,
) -> Result<Vec<Vec<u32>>, Error> {
    let SegmentOptions { most, cancel, .. } = *options;
    let stride = segmenter.stride();
    let mut best: Vec<Vec<(f32, u32)>> = vec![Vec::new(); queries.len()];
    let mut vectors = vec![0.0f32; USERS_AT_ONCE.min(histories.len()) * stride];
    for from in (0..histories.len()).step_by(USERS_AT_ONCE) {
        let count = USERS_AT_ONCE.min(histories.len() - from);
        let of_users = vectors[..count * stride].par_chunks_mut(stride).enumerate();
        of_users.try_for_each_init(Vec::new, |vector, (n, out)| {
            cancel.check()?;
            let user = (from + n) as u32;
            segmenter.user(histories.history(user), users, histories.ids.id(user), vector);
            out.copy_from_slice(vector);
            Ok::<_, Error>(())
        })?;
        best.par_iter_mut().zip(queries).for_each(|(best, query)| {
            for (n, vector) in vectors[..count * stride].chunks_exact(stride).enumerate() {
                let user = (from + n) as u32;
                let known = vector.iter().any(|&x| x != 0.0);
                if known && query.allowed.is_none_or(|allowed| allowed.get(ItemIx(user))) {
                    best.push((product(vector, &query.vector), user));
                }
            }
            if best.len() > 2 * most {
                keep(best, most);
            }
        });
    }
    let finish = |mut best: Vec<(f32, u32)>| {
        keep(&mut best, most);
        best.sort_unstable_by(order);
        best.into_iter().map(|(_, user)| user).collect()
    };
    Ok(best.into_iter().map(finish).collect())
}

/// The columns and values of `ITEMS.<column> = "<value>" AND ...`: the language of filters with nothing but `=` and AND.
pub fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    const PREFIX: &str = "INCLUDE ItemID WHERE ";
    const RULE: &str =
        "itemAttributes must have the form ITEMS.<column> = \"<value>\" AND ITEMS.<column> = \"<value>\"";
    let expression: Expression = parse(&format!("{PREFIX}{text}")).map_err(|error| {
        format!("{RULE}; it cannot be read at position {}", error.position().saturating_sub(PREFIX.len()))
    })?;
    let refuse = |what: &str| Err(format!("{RULE}; {what}"));
    let [clause] = &expression.clauses[..] else { return refuse("there is one condition of INCLUDE only") };
    if clause.effect != Effect::Include || clause.dataset != DatasetType::Items || !clause.only_if.is_empty() {
        return refuse("it is about columns of ITEMS");
    }
    let [all] = &clause.any_of[..] else { return refuse("OR is not possible") };
    let mut wanted = Vec::with_capacity(all.len());
    for condition in all {
        match &condition.test {
            Test::Compare { comparison: Comparison::Equal, operand: Operand::Literal(value) } => {
                wanted.push((condition.column.text.to_string(), value.text.to_string()));
            }
            _ => return refuse("conditions compare with = and a value"),
        }
    }
    Ok(wanted)
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut parts = [0.0f32; 16];
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        for j in 0..16 {
            parts[j] += a[j] * b[j];
        }
    }
    parts.iter().sum()
}

fn order(a: &(f32, u32), b: &(f32, u32)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

fn keep(best: &mut Vec<(f32, u32)>, most: usize) {
    if best.len() > most && most > 0 {
        best.select_nth_unstable_by(most - 1, order);
    }
    best.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_data::DatasetBuilder;
    use tastemaker_domain::solution_config::SolutionConfig;
    use tastemaker_learn::TrainContext;
    use tastemaker_recipes::TrainRequest;

    #[test]
    fn attributes_are_equalities_joined_by_and() {
        let pairs = |text| attributes(text).unwrap();
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        assert_eq!(pairs(r#"ITEMS.topic = "Travel""#), own(&[("topic", "Travel")]));
        let two = r#"items.TOPIC = "Travel" AND ITEMS.year = 1999"#;
        assert_eq!(pairs(two), own(&[("TOPIC", "Travel"), ("year", "1999")]));
        for (text, word) in [
            ("", "position"),
            (r#"ITEMS.a = "x" OR ITEMS.b = "y""#, "OR is not possible"),
            (r#"ITEMS.a != "x""#, "compare with ="),
            (r#"ITEMS.a IN ("x", "y")"#, "compare with ="),
            ("ITEMS.a = $A", "compare with ="),
            (r#"Interactions.EVENT_TYPE IN ("x")"#, "columns of ITEMS"),
        ] {
            let error = attributes(text).unwrap_err();
            assert!(error.contains(word) && error.starts_with("itemAttributes must"), "{text}: {error}");
        }
    }

    #[test]
    fn everybody_with_a_history_is_ranked_once_and_strangers_never() {
        let mut builder = DatasetBuilder::new();
        for user in 0..9000 {
            let item = if user % 3 == 0 { "x" } else { "y" };
            (0..2).for_each(|k| builder.push(&format!("u{user}"), &format!("{item}{k}"), k, None, None));
        }
        let bulk = builder.clone().build();
        let catalog = Catalog::new(&bulk);
        let streamed = [("late", "x0"), ("u1", "x1"), ("stranger", "no such item")];
        let histories = UserHistories::beside(&catalog, streamed.into_iter());
        assert_eq!((histories.len(), histories.history(1), histories.history(9000)), (9001, &[2, 3, 1][..], &[0][..]));
        let mut config = SolutionConfig::default();
        config.algorithm_hyper_parameters.insert("hidden_dimension".to_owned(), "32".to_owned());
        let cancel = Cancel::new();
        let context = TrainContext {
            seed: 1,
            threads: 2,
            cancel: &cancel,
            progress: &|_| {},
            checkpoints: &tastemaker_learn::NoCheckpoints,
        };
        let recipe = tastemaker_recipes::by_name("aws-item-affinity").unwrap();
        let small = bulk.with_users(|user| user.0 < 300);
        let model = recipe.train(&TrainRequest::new(&small, &config), &context).unwrap();
        let segmenter = Segmenter::of(&model).unwrap();
        let odd = Bitmap::from_fn(histories.len(), |user| user.0 % 2 == 1);
        let query = |allowed| SegmentQuery { vector: segmenter.item(ItemIx(0)), allowed };
        let options = |most, threads| SegmentOptions { most, threads, cancel: &cancel };
        let queries = [query(None), query(Some(&odd))];
        let lists = rank(&segmenter, &histories, None, &queries, &options(3000, 2)).unwrap();
        assert_eq!(lists[0].len(), 3000);
        assert!(lists[0].iter().all(|&user| user % 3 == 0), "those of the same taste");
        assert!(lists[1][..1500].iter().all(|&user| user % 6 == 3));
        let all = rank(&segmenter, &histories, None, &queries[..1], &options(99_999, 1)).unwrap();
        assert_eq!(all[0][..3000], lists[0][..]);
        let mut everybody = all[0].clone();
        everybody.sort_unstable();
        assert_eq!(everybody, (0..9001).collect::<Vec<_>>());
    }
}

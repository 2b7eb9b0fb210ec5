//! Standard errors of the scorer's means, from the lists and the truth of each test user.

use super::tools::call;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Places that are judged.
const PLACES: usize = 10;
/// The scorer's means have five decimals.
const ROUNDING: f64 = 1e-5;

/// Standard errors of means over the test users.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardErrors {
    pub hr_at_10: f64,
    pub ndcg_at_10: f64,
}

/// Lists by user, or by the user's last input where `by_item`. `scored` is the scorer's answer, whose means must be those found here.
pub fn of_lists(split: &Path, lists: &Path, by_item: bool, scored: &Value) -> Result<StandardErrors> {
    let test = call(Command::new("gzip").arg("-dc").arg(split.join("test.jsonl.gz")))?;
    let (mut ndcg, mut hits) = (Vec::new(), Vec::new());
    let key = if by_item { "item" } else { "user" };
    let lists = by_key(&fs::read_to_string(lists)?, key)?;
    for line in std::str::from_utf8(&test)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let Some(last) = texts(&row["input"]).pop() else { continue };
        let asked = if by_item { last } else { text(&row["user"]) };
        let truth: BTreeSet<String> = texts(&row["truth"]).into_iter().collect();
        let mut list = lists.get(&asked).cloned().unwrap_or_default();
        let mut listed = BTreeSet::new();
        list.retain(|item| listed.insert(item.clone()));
        let gain = |place: usize| (place as f64 + 2.0).log2().recip();
        let places = list.iter().take(PLACES).enumerate().filter(|(_, item)| truth.contains(*item));
        let found: f64 = places.map(|(place, _)| gain(place)).sum();
        let ideal: f64 = (0..PLACES.min(truth.len())).map(gain).sum();
        ndcg.push(found / ideal);
        hits.push(f64::from(u8::from(found > 0.0)));
    }
    for (name, values) in [("ndcg@10", &ndcg), ("hr@10", &hits)] {
        let scorer = scored[name].as_f64().with_context(|| format!("the scorer gives no {name}"))?;
        let own = values.iter().sum::<f64>() / values.len().max(1) as f64;
        if (own - scorer).abs() > ROUNDING {
            bail!("{name} is {own} here and {scorer} by the scorer");
        }
    }
    Ok(StandardErrors { hr_at_10: standard_error(&hits), ndcg_at_10: standard_error(&ndcg) })
}

fn by_key(lines: &str, key: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let read = |line: &str| {
        let row: Value = serde_json::from_str(line)?;
        Ok((text(&row[key]), texts(&row["items"])))
    };
    lines.lines().map(read).collect()
}

/// Ids may be numbers or texts.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().map(text).collect()
}

fn standard_error(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (variance / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_hundred_has_an_error_of_a_twentieth() {
        let values: Vec<f64> = (0..100u8).map(|n| f64::from(n % 2)).collect();
        assert!((standard_error(&values) - 0.05).abs() < 1e-12);
        assert_eq!(standard_error(&[]), 0.0);
    }

    #[test]
    fn ids_are_texts_or_numbers() {
        let lists = by_key("{\"item\": 7, \"items\": [1, \"b\"]}\n", "item").unwrap();
        assert_eq!(lists["7"], ["1", "b"]);
        assert!(by_key("no", "item").is_err());
    }
}

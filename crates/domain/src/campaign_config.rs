//! The rules of a campaign's configuration: exploration and ranking influence.

use crate::{Error, MemberPath, Result};
use std::collections::BTreeMap;

/// Checks the `itemExplorationConfig` at `member`: `explorationWeight` in [0, 1] and `explorationItemAgeCutOff` of at least
/// 1 day, both as text, and nothing else.
pub fn check_exploration(member: impl Into<MemberPath>, config: &BTreeMap<String, String>) -> Result<()> {
    let member = member.into();
    for (key, text) in config {
        let (rule, max) = match key.as_str() {
            "explorationWeight" => ("a number in [0, 1]", 0.0..=1.0),
            "explorationItemAgeCutOff" => ("a number of days, at least 1", 1.0..=f64::MAX),
            _ => {
                let text =
                    format!("{member} has no key '{key}'; it has [explorationWeight, explorationItemAgeCutOff].");
                return Err(Error::invalid(member, text));
            }
        };
        if !text.trim().parse::<f64>().is_ok_and(|value| max.contains(&value)) {
            let text = format!("{member}.{key} must be {rule}, not '{text}'.");
            return Err(Error::invalid(member.key(key), text));
        }
    }
    Ok(())
}

/// Checks the `rankingInfluence` at `member`: the keys FRESHNESS and POPULARITY with numbers in [0, 1].
pub fn check_influence(member: impl Into<MemberPath>, influence: &BTreeMap<String, f64>) -> Result<()> {
    let member = member.into();
    for (key, value) in influence {
        if !matches!(key.as_str(), "FRESHNESS" | "POPULARITY") {
            let text = format!("{member} has no key '{key}'; it has [FRESHNESS, POPULARITY].");
            return Err(Error::invalid(member, text));
        }
        if !(0.0..=1.0).contains(value) {
            let text = format!("{member}.{key} must be a number in [0, 1], not {value}.");
            return Err(Error::invalid(member.key(key), text));
        }
    }
    Ok(())
}

/// The influence of freshness and of popularity; 0 for what is not said.
pub fn influence(influence: &BTreeMap<String, f64>) -> [f32; 2] {
    ["FRESHNESS", "POPULARITY"].map(|key| influence.get(key).map_or(0.0, |value| *value as f32))
}

/// The part of a list that is for new items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exploration {
    /// 0 is pure relevance, 1 the most exploration.
    pub weight: f64,
    /// Items created longer before the newest interaction are not new.
    pub age_cutoff_days: f64,
}

impl Exploration {
    /// AWS's documented default for a silent configuration.
    pub const DEFAULT: Self = Self { weight: 0.3, age_cutoff_days: 30.0 };

    /// The values of a configuration that [`check_exploration`] accepts; the default for what it leaves out.
    pub fn of(config: &BTreeMap<String, String>) -> Self {
        let number = |key: &str, or: f64| config.get(key).and_then(|text| text.trim().parse().ok()).unwrap_or(or);
        Self {
            weight: number("explorationWeight", Self::DEFAULT.weight),
            age_cutoff_days: number("explorationItemAgeCutOff", Self::DEFAULT.age_cutoff_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Member;

    fn check(key: &str, value: &str) -> Result<()> {
        check_exploration(Member::ItemExplorationConfig, &BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn defaults_stand_in_for_what_is_not_said() {
        assert_eq!(Exploration::of(&BTreeMap::new()), Exploration::DEFAULT);
        let half = BTreeMap::from([("explorationWeight".to_owned(), " 0.5 ".to_owned())]);
        assert_eq!(Exploration::of(&half), Exploration { weight: 0.5, age_cutoff_days: 30.0 });
        let week = BTreeMap::from([("explorationItemAgeCutOff".to_owned(), "7".to_owned())]);
        assert_eq!(Exploration::of(&week), Exploration { weight: 0.3, age_cutoff_days: 7.0 });
    }

    #[test]
    fn influences() {
        let map = |key: &str, value: f64| BTreeMap::from([(key.to_owned(), value)]);
        assert_eq!(check_influence(Member::RankingInfluence, &map("FRESHNESS", 1.0)), Ok(()));
        assert_eq!((influence(&map("POPULARITY", 0.5)), influence(&BTreeMap::new())), ([0.0, 0.5], [0.0, 0.0]));
        for (key, value, word) in
            [("AGE", 0.5, "FRESHNESS"), ("FRESHNESS", 1.5, "[0, 1]"), ("POPULARITY", f64::NAN, "[0, 1]")]
        {
            let text = check_influence(Member::RankingInfluence, &map(key, value))
                .err()
                .map(|e| e.to_string())
                .unwrap_or_default();
            assert!(text.starts_with("rankingInfluence") && text.contains(word), "{text}");
        }
    }

    #[test]
    fn values() {
        for value in ["0", "1", "0.3", " 0.3 "] {
            assert_eq!(check("explorationWeight", value), Ok(()), "{value}");
        }
        for value in ["", "-0.1", "1.01", "NaN", "much"] {
            let text = check("explorationWeight", value).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains("explorationWeight") && text.contains("[0, 1]") && text.contains(value), "{text}");
        }
        assert_eq!(check("explorationItemAgeCutOff", "30"), Ok(()));
        for value in ["0.5", "0", "inf", "x"] {
            assert!(check("explorationItemAgeCutOff", value).is_err(), "{value}");
        }
        assert!(check("weight", "0.3").is_err());
    }
}

//! What a campaign's configuration may say.

use crate::{Error, Result};
use std::collections::BTreeMap;

/// Checks `itemExplorationConfig`: `explorationWeight` in [0, 1] and `explorationItemAgeCutOff` of at least 1 day, both as
/// text, and nothing else.
pub fn check_exploration(config: &BTreeMap<String, String>) -> Result<()> {
    check_exploration_of("campaignConfig.itemExplorationConfig", config)
}

/// As [`check_exploration`], for the member of another request.
pub fn check_exploration_of(member: &str, config: &BTreeMap<String, String>) -> Result<()> {
    for (key, text) in config {
        let (rule, max) = match key.as_str() {
            "explorationWeight" => ("a number in [0, 1]", 0.0..=1.0),
            "explorationItemAgeCutOff" => ("a number of days, at least 1", 1.0..=f64::MAX),
            _ => {
                return Err(Error::InvalidInput(format!(
                    "{member} has no key '{key}'; it has [explorationWeight, explorationItemAgeCutOff]."
                )));
            }
        };
        if !text.trim().parse::<f64>().is_ok_and(|value| max.contains(&value)) {
            return Err(Error::InvalidInput(format!("{member}.{key} must be {rule}, not '{text}'.")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, value: &str) -> Result<()> {
        check_exploration(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
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

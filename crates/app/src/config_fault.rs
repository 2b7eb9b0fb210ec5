//! Faults of a configuration as they are told.

use crate::config_source::Source;
use std::fmt;

/// A fault of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place of the value, where it is that of one.
    pub source: Option<Source>,
    /// The setting, its fault and the rule.
    pub sentence: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{source}: {}", self.sentence),
            None => f.write_str(&self.sentence),
        }
    }
}

/// All faults of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<Fault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "bad configuration: {one}"),
            all => {
                write!(f, "bad configuration, {} faults:", all.len())?;
                all.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for ConfigFaults {}

/// The candidate that needs the fewest changed characters, if they are at most a third of it.
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let ranked = candidates.iter().map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate));
    ranked.min().filter(|(steps, candidate)| *steps <= (candidate.len() / 3).max(1)).map(|(_, candidate)| candidate)
}

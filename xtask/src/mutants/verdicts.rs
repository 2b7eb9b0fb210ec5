//! The verdicts of earlier runs, kept below the build directory, so that after new tests only what was missed is tried again.

use super::judge::Verdict;
use super::mutant::Mutant;
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// The verdicts of a room.
#[derive(Debug)]
pub struct Verdicts {
    file: PathBuf,
    by_mutant: Map<String, Value>,
}

impl Verdicts {
    /// Reads a file that may be missing.
    pub fn read(file: PathBuf) -> Self {
        let text = std::fs::read(&file).unwrap_or_default();
        Self { file, by_mutant: serde_json::from_slice(&text).unwrap_or_default() }
    }

    /// Whether the tests noticed the mutant when it was tried last, and how.
    pub fn caught(&self, mutant: &Mutant) -> Option<Verdict> {
        match self.by_mutant.get(&key(mutant))?.as_str()? {
            "caught" => Some(Verdict::Caught),
            "timeout" => Some(Verdict::Timeout),
            _ => None,
        }
    }

    /// Whether the mutant did not compile.
    pub fn is_unviable(&self, mutant: &Mutant) -> bool {
        self.by_mutant.get(&key(mutant)).is_some_and(|verdict| verdict == "unviable")
    }

    /// Notes a verdict; `None` for a mutant that does not compile.
    pub fn note(&mut self, mutant: &Mutant, verdict: Option<Verdict>) {
        let word = match verdict {
            Some(Verdict::Caught) => "caught",
            Some(Verdict::Timeout) => "timeout",
            Some(Verdict::Missed) => "missed",
            None => "unviable",
        };
        self.by_mutant.insert(key(mutant), word.into());
    }

    /// Writes them to the file.
    pub fn write(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.by_mutant)?;
        std::fs::write(&self.file, text).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn key(mutant: &Mutant) -> String {
    format!("{} {}", mutant.file, mutant.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::find::find;

    #[test]
    fn what_was_noted_is_read_again() {
        let file = std::env::temp_dir().join(format!("verdicts-{}", std::process::id()));
        let mutants = find("a.rs", "fn f() { b(); c(); d(); }").unwrap();
        let mut verdicts = Verdicts::read(file.clone());
        let noted = [Some(Verdict::Caught), Some(Verdict::Timeout), Some(Verdict::Missed), None];
        mutants.iter().zip(noted).for_each(|(mutant, verdict)| verdicts.note(mutant, verdict));
        verdicts.write().unwrap();
        let again = Verdicts::read(file.clone());
        let caught: Vec<_> = mutants.iter().map(|mutant| again.caught(mutant)).collect();
        assert_eq!(caught, [Some(Verdict::Caught), Some(Verdict::Timeout), None, None]);
        let unviable: Vec<_> = mutants.iter().map(|mutant| again.is_unviable(mutant)).collect();
        assert_eq!(unviable, [false, false, false, true]);
        std::fs::remove_file(file).unwrap();
    }
}

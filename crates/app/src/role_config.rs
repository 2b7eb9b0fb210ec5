//! `role`: the share of the work that a process takes.

use schemars::JsonSchema;
use serde::de::{Error, value};
use serde::{Deserialize, Deserializer, Serialize};
use tastemaker_domain::role::{Role, Roles};

/// A role, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum RoleWord {
    /// Every role.
    All,
    /// The control plane, S3 and the console.
    Api,
    /// Recommendations and streamed events.
    Serving,
    /// Jobs and schedules.
    Worker,
}

/// The roles that the words name together.
pub fn roles(words: &[RoleWord]) -> Roles {
    let of = |word: &RoleWord| match word {
        RoleWord::All => Role::ALL.to_vec(),
        RoleWord::Api => vec![Role::Api],
        RoleWord::Serving => vec![Role::Serving],
        RoleWord::Worker => vec![Role::Worker],
    };
    words.iter().flat_map(of).collect()
}

/// One word, words with commas between them, or a list of words.
pub fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RoleWord>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        Text(String),
        List(Vec<String>),
    }
    let words = match Words::deserialize(deserializer)? {
        Words::Text(text) => text.split(',').map(|word| word.trim().to_owned()).collect(),
        Words::List(list) => list,
    };
    let word = |word: &String| {
        let found = RoleWord::deserialize(value::StrDeserializer::<value::Error>::new(word));
        found.map_err(|_| D::Error::custom(format!("a role is all, api, serving or worker, not '{word}'")))
    };
    let words: Vec<RoleWord> = words.iter().map(word).collect::<Result<_, _>>()?;
    if words.is_empty() {
        return Err(D::Error::custom("a process has at least one role"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use crate::test_config::config;
    use anyhow::Result;

    #[test]
    fn roles_are_words_with_commas_or_a_list() -> Result<()> {
        for (toml, told) in [
            ("", "api, serving, worker"),
            ("role = 'all'", "api, serving, worker"),
            ("role = 'worker, api, serving'", "api, serving, worker"),
            ("role = ['serving', 'api', 'worker']", "api, serving, worker"),
        ] {
            assert_eq!(config(toml)?.1.roles().to_string(), told, "{toml}");
        }
        for (toml, words) in [
            ("role = 'apis'", "a role is all, api, serving or worker, not 'apis'"),
            ("role = []", "at least one role"),
            ("role = 'api'", "Several processes share the work where"),
        ] {
            let error = format!("{:#}", config(toml).map(|_| ()).expect_err(toml));
            assert!(error.contains(words), "{toml}: {error}");
        }
        Ok(())
    }
}

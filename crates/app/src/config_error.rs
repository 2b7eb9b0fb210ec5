//! The errors of a configuration in plain sentences.

use figment::error::Kind;

/// A key that is no setting.
pub struct UnknownKey {
    /// The keys above it.
    table: Vec<String>,
    key: String,
    /// The keys that may stand in its place.
    known: &'static [&'static str],
}

impl UnknownKey {
    /// The unknown key that `error` is about, if it is about one.
    pub fn of(error: &figment::Error) -> Option<Self> {
        let Kind::UnknownField(key, known) = &error.kind else { return None };
        let mut table = error.path.clone();
        if table.last() == Some(key) {
            table.pop();
        }
        Some(Self { table, key: key.clone(), known })
    }

    /// The known key that it resembles.
    pub fn nearest(&self) -> Option<&'static str> {
        nearest(&self.key, self.known)
    }

    /// The known key that it resembles, with the keys above it.
    pub fn nearest_path(&self) -> Option<String> {
        Some(self.path(self.nearest()?))
    }

    fn path(&self, key: &str) -> String {
        self.table.iter().map(String::as_str).chain([key]).collect::<Vec<_>>().join(".")
    }

    fn sentence(&self) -> String {
        let path = self.path(&self.key);
        match self.nearest() {
            Some(nearest) => format!("unknown key {path}; did you mean {nearest}?"),
            None => format!("unknown key {path}; there are {}", self.known.join(", ")),
        }
    }
}

/// The error as a sentence that names the key, and the file or the variables where it stands.
pub fn plain(error: &figment::Error) -> anyhow::Error {
    let metadata = error.metadata.as_ref();
    let file = metadata.and_then(|metadata| metadata.source.as_ref()?.file_path());
    let place = file.map(|file| file.display().to_string()).or(metadata.map(|metadata| metadata.name.to_string()));
    let sentence = match UnknownKey::of(error) {
        Some(unknown) => unknown.sentence(),
        None if error.path.is_empty() => error.kind.to_string(),
        None => format!("{}: {}", error.path.join("."), error.kind),
    };
    anyhow::anyhow!("{}{sentence}", place.map(|place| format!("{place}: ")).unwrap_or_default())
}

/// The candidate that needs the fewest changed characters, if they are at most a third of it.
fn nearest(word: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let ranked = candidates.iter().map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate));
    ranked.min().filter(|(steps, candidate)| *steps <= (candidate.len() / 3).max(1)).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigFlags};
    use crate::test_config::config;

    #[test]
    fn unknown_keys_are_named_with_what_was_meant() {
        for (toml, expected) in [
            ("[recommendations]\ncampain = 'x'", "unknown key recommendations.campain; did you mean campaign?"),
            ("listne = 'x'", "unknown key listne; did you mean listen?"),
            ("[recomendations]\ncampaign = 'x'", "unknown key recomendations; did you mean recommendations?"),
            ("[http]\norigin = ['x']", "unknown key http.origin; did you mean origins?"),
            (
                "[recommendations.recommenders.home]\nnum_result = 4",
                "unknown key recommendations.recommenders.home.num_result; did you mean num_results?",
            ),
            (
                "[[recommendations.keys]]\nname = 'a'\ntoken = 'b'\ntoken_file = 'c'",
                "unknown key recommendations.keys.0.token; there are name, token_file, scopes, allow",
            ),
            ("[storage]\nfoo = 1", "unknown key storage.foo; there are lost_days"),
            ("[training]\nauto = 3", "training.auto: invalid type: found signed int `3`, expected a boolean"),
        ] {
            let error = format!("{:#}", config(toml).expect_err(toml));
            assert!(error.ends_with(expected) && error.contains("t.toml: "), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let flags = ConfigFlags { config: Some("absent.toml".into()), ..ConfigFlags::default() };
        let error = format!("{:#}", Config::load(&flags).expect_err("no file"));
        assert!(error.contains("absent.toml: No such file"), "{error}");
    }
}

//! The faults of a configuration in plain sentences: the setting, its value, the values that are allowed, and the place.

use crate::config_fault::{Fault, nearest};
use crate::config_keys::{self, written};
use crate::config_sources::{Layers, subject};
use figment::error::{Actual, Kind};

/// A rule of several settings, or of what a setting names, that is broken; the sentence begins with a setting.
pub fn of_rule(error: &anyhow::Error, layers: &Layers) -> Fault {
    let sentence = format!("{error:#}");
    let source = subject(&sentence).and_then(|path| layers.source(&path).cloned());
    Fault { source, sentence }
}

/// A value that is none of its setting, with the path at which it stands.
pub fn of_value(error: &figment::Error, layers: &Layers) -> (Vec<String>, Fault) {
    let unknown = UnknownKey::of(error);
    let path = match &unknown {
        Some(unknown) => unknown.full_path(),
        None => error.path.clone(),
    };
    let source = layers.source(&path).cloned();
    let sentence = unknown.map_or_else(|| of_kind(&error.kind, &path), |unknown| unknown.sentence());
    (path, Fault { source, sentence })
}

/// The sentence about a value that its setting does not take. Secrets are not repeated.
fn of_kind(kind: &Kind, path: &[String]) -> String {
    let key = config_keys::find(path);
    let name = if path.is_empty() { "the configuration".to_owned() } else { written(path) };
    let hidden = key.is_some_and(|key| key.secret);
    let allowed = key.map(|key| key.kind.to_string());
    let (found, expected) = match kind {
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => (shown(found), expected.clone()),
        Kind::UnknownVariant(found, known) => (format!("'{found}'"), known.join(", ")),
        Kind::Message(text) if !text.starts_with("data did not match any variant") => return format!("{name}: {text}"),
        Kind::Message(_) => return format!("{name} must be {}", allowed.unwrap_or_default()),
        other => return format!("{name}: {other}"),
    };
    let rule = format!("{name} must be {}", allowed.unwrap_or(expected));
    if hidden { rule } else { format!("{rule}, not {found}") }
}

/// A value as its writer knows it.
fn shown(actual: &Actual) -> String {
    match actual {
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Str(value) => format!("'{value}'"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// A key that is no setting.
struct UnknownKey {
    /// The keys above it.
    table: Vec<String>,
    key: String,
    /// The keys that may stand in its place.
    known: &'static [&'static str],
}

impl UnknownKey {
    /// The unknown key that `error` is about, if it is about one.
    fn of(error: &figment::Error) -> Option<Self> {
        let Kind::UnknownField(key, known) = &error.kind else { return None };
        let mut table = error.path.clone();
        if table.last() == Some(key) {
            table.pop();
        }
        Some(Self { table, key: key.clone(), known })
    }

    /// The known key that it resembles.
    fn nearest(&self) -> Option<&'static str> {
        nearest(&self.key, self.known)
    }

    /// The path of the key itself.
    fn full_path(&self) -> Vec<String> {
        self.table.iter().cloned().chain([self.key.clone()]).collect()
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
            ("[training]\nauto = 3", "t.toml:2: training.auto must be true or false, not 3"),
        ] {
            let error = format!("{:#}", config(toml).expect_err(toml));
            assert!(error.ends_with(expected) && error.contains("t.toml:"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let flags = ConfigFlags { config: Some("absent.toml".into()), ..ConfigFlags::default() };
        let error = format!("{:#}", Config::load(&flags).expect_err("no file"));
        assert!(error.contains("absent.toml: No such file"), "{error}");
    }
}

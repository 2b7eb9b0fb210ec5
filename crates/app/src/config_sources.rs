//! The sources of settings, each value with its place: the file with its lines, variables, secrets in files, and flags.

use crate::config::ConfigFlags;
use crate::config_fault::{Fault, nearest};
use crate::config_keys::{self, ANY_NAME, ANY_PLACE, Key, Kind, VARIABLES, variable, written};
use crate::config_source::Source;
use crate::secret_files::{CREDENTIALS_VARIABLE, FILE_SUFFIX, FoundSecret, SecretPlaces};
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Variables with the beginning of settings that are none, each with its meaning.
pub const OTHER_VARIABLES: &[(&str, &str)] = &[
    ("TASTEMAKER_CONFIG", "The TOML file with settings, as the flag `--config`."),
    ("TASTEMAKER_LOG", "The filter of the log, such as `warn,tastemaker_jobs=debug`."),
    ("TASTEMAKER_WEBHOOK_SECRET", "The secret of a receiver, for `tastemaker webhooks`."),
    ("TASTEMAKER_BRAZE_KEY", "Braze's REST API key, for `tastemaker braze sync` and its like."),
    ("TASTEMAKER_BRAZE_KEY_FILE", "A file with that key; `braze_key` in the credentials directory is taken, too."),
];
/// Variables of the repository's tools and tests.
const VARIABLES_OF_TOOLS: &[&str] = &["BENCH_PYTHON", "PYTHON", "VERSITYGW", "BINARY"];
/// Settings that stand in no file of settings.
const IN_NO_FILE: &[&str] = &["console.token"];

/// The environment of a process.
#[derive(Debug, Default)]
pub struct Environment {
    /// Its variables.
    pub variables: BTreeMap<String, String>,
}

impl Environment {
    /// That of this process. A variable that is no text sets nothing.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    fn credential(&self, name: &str) -> Option<PathBuf> {
        let path = Path::new(self.variables.get(CREDENTIALS_VARIABLE)?).join(name);
        path.is_file().then_some(path)
    }
}

/// All sources put together.
#[derive(Debug, Default)]
pub struct Layers {
    /// The values that win, by their tables.
    pub merged: Value,
    /// The place of each path, those that win first.
    sources: BTreeMap<Vec<String>, Source>,
    /// Values that are faults by their place alone.
    pub faults: Vec<Fault>,
    /// Variables that set nothing, with what was meant.
    pub unknown_variables: Vec<String>,
}

impl Layers {
    /// Reads every source. Errors when the file cannot be read or is no TOML.
    pub fn collect(flags: &ConfigFlags, environment: &Environment) -> Result<Self> {
        let mut layers = Self { merged: Value::Object(Map::new()), ..Self::default() };
        if let Some(file) = &flags.config {
            layers.take_file(file)?;
        }
        layers.take_variables(environment);
        layers.take_secrets(environment);
        let given = serde_json::to_value(flags).unwrap_or_default();
        for (path, value) in leaves(&given) {
            let flag = config_keys::find(&path).and_then(|key| key.flag.clone());
            let flag = flag.unwrap_or_else(|| format!("--{}", path.join("-").replace('_', "-")));
            layers.put(path, value.clone(), Source::Flag(flag));
        }
        Ok(layers)
    }

    /// The place of a path: its own, else that of the nearest table around it, else that of something in it.
    pub fn source(&self, path: &[String]) -> Option<&Source> {
        let around = (1..=path.len()).rev().find_map(|length| self.sources.get(&path[..length]));
        let within = || self.sources.iter().find(|(given, _)| given.starts_with(path) && !path.is_empty());
        around.or_else(|| within().map(|(_, source)| source))
    }

    /// The place of a value itself; `None` for a default beside others of its table.
    pub fn source_of_value(&self, path: &[String]) -> Option<&Source> {
        let around = || (1..path.len()).rev().find_map(|length| self.sources.get(&path[..length]));
        self.sources.get(path).or_else(|| around().filter(|source| !matches!(source, Source::File { .. })))
    }

    fn put(&mut self, path: Vec<String>, value: Value, source: Source) {
        // What was said before about this path or below it is over.
        self.sources.retain(|given, _| !given.starts_with(&path));
        place(&mut self.merged, &path, value);
        self.sources.insert(path, source);
    }

    fn take_file(&mut self, file: &Path) -> Result<()> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let kind = if error.kind() == std::io::ErrorKind::NotFound {
                "No such file".to_owned()
            } else {
                error.to_string()
            };
            anyhow::anyhow!("{}: {kind}", file.display())
        })?;
        let line_of = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let table = DeTable::parse(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(span.start));
            anyhow::anyhow!("{}:{line}: {}", file.display(), error.message())
        })?;
        let values: toml::Table = toml::from_str(&text).with_context(|| file.display().to_string())?;
        let values = serde_json::to_value(values).with_context(|| file.display().to_string())?;
        let mut lines = Vec::new();
        note_lines(table.get_ref(), &mut Vec::new(), &mut lines);
        for (path, value) in leaves(&values) {
            place(&mut self.merged, &path, value.clone());
        }
        for (path, offset) in lines {
            let source = Source::File { path: file.to_owned(), line: line_of(offset) };
            if IN_NO_FILE.contains(&path.join(".").as_str()) {
                let name = variable(&path);
                let sentence = format!(
                    "{} is a secret and stands in no file of settings: give it by {name}, {name}{FILE_SUFFIX} or a credential",
                    path.join(".")
                );
                self.faults.push(Fault { source: Some(source.clone()), sentence });
            }
            self.sources.insert(path, source);
        }
        Ok(())
    }

    fn take_variables(&mut self, environment: &Environment) {
        for (name, text) in &environment.variables {
            let Some(rest) = name.strip_prefix(VARIABLES) else { continue };
            let is_other = OTHER_VARIABLES.iter().any(|(other, _)| other == name) || VARIABLES_OF_TOOLS.contains(&rest);
            if is_other {
                continue;
            }
            let path: Vec<String> = rest.to_ascii_lowercase().split("__").map(str::to_owned).collect();
            let value = match config_keys::find(&path) {
                Some(key) if key.secret => continue,
                Some(key) => parsed(&key.kind, text),
                None if config_keys::is_table(&path) => structured(text),
                None if is_secret_file(name) => continue,
                None => {
                    self.unknown_variables.push(unknown(name, &path));
                    continue;
                }
            };
            self.put(path, value, Source::Variable(name.clone()));
        }
    }

    fn take_secrets(&mut self, environment: &Environment) {
        for key in config_keys::keys().filter(|key| key.secret || key.file) {
            let Some(name) = key.variable().filter(|_| !key.path.iter().any(|segment| segment == ANY_NAME)) else {
                continue;
            };
            if let Err(error) = self.take_secret(key, &name, environment) {
                let sentence = format!("{}: {error:#}", key.name());
                self.faults.push(Fault { source: None, sentence });
            }
        }
    }

    fn take_secret(&mut self, key: &Key, name: &str, environment: &Environment) -> Result<()> {
        let variable = |name: &str| environment.variables.get(name).cloned();
        let file = if key.secret { variable(&format!("{name}{FILE_SUFFIX}")).map(PathBuf::from) } else { None };
        // An empty variable is how a container's definition leaves a secret out.
        let value = variable(name).filter(|value| !value.is_empty() || file.is_none());
        let value = value.filter(|value| !value.is_empty() || !IN_NO_FILE.contains(&key.name().as_str()));
        let places =
            SecretPlaces { variable: name.to_owned(), value, file, credential: environment.credential(&key.name()) };
        if key.file {
            // The value of such a setting is a path, and the credential is the file itself.
            if let Some(credential) = places.credential.clone() {
                if places.value.is_some() {
                    places.find()?;
                } else {
                    let path = Value::String(credential.display().to_string());
                    self.put(key.path.clone(), path, Source::Credential(credential));
                }
            }
            return Ok(());
        }
        let Some(found) = places.find()? else { return Ok(()) };
        let source = match &found {
            FoundSecret::Value(_) => Source::Variable(name.to_owned()),
            FoundSecret::File(path, _) => {
                Source::SecretFile { variable: format!("{name}{FILE_SUFFIX}"), path: path.clone() }
            }
            FoundSecret::Credential(path, _) => Source::Credential(path.clone()),
        };
        self.put(key.path.clone(), Value::String(found.into_text()), source);
        Ok(())
    }
}

/// Whether a variable names the file of a secret.
fn is_secret_file(name: &str) -> bool {
    let secret = name.strip_suffix(FILE_SUFFIX);
    secret.is_some_and(|name| config_keys::keys().any(|key| key.secret && key.variable().as_deref() == Some(name)))
}

/// The sentence about a variable that sets nothing.
fn unknown(name: &str, path: &[String]) -> String {
    let (last, table) = path.split_last().map_or(("", &[][..]), |(last, table)| (last.as_str(), table));
    let mut known: Vec<&str> = Vec::new();
    let paths = config_keys::sections()
        .iter()
        .flat_map(|section| std::iter::once(&section.path).chain(section.keys.iter().map(|key| &key.path)));
    for path in paths {
        let beside = path.len() == table.len() + 1
            && path.iter().zip(table).all(|(known, given)| known == given || known == ANY_NAME);
        known.extend(path.last().filter(|last| beside && *last != ANY_NAME && *last != ANY_PLACE).map(String::as_str));
    }
    let meant = nearest(last, &known).map(|near| variable(&[table, &[near.to_owned()]].concat()));
    let advice = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
    format!("the variable {name} sets nothing{advice}")
}

/// The value of a setting in a variable. Text that is no value of its kind stays text, and is refused with its kind.
fn parsed(kind: &Kind, text: &str) -> Value {
    let trimmed = text.trim();
    match kind {
        Kind::Text | Kind::Word(_) => Value::String(text.to_owned()),
        Kind::Boolean => trimmed.parse::<bool>().map_or_else(|_| text.into(), Value::Bool),
        Kind::Whole { .. } | Kind::Number => match trimmed.parse::<serde_json::Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => text.into(),
        },
        Kind::List(_) | Kind::Names(_) => structured(text),
    }
}

/// A list or table in a variable, as `["a", "b"]` and `{a = "b"}`.
fn structured(text: &str) -> Value {
    let parsed = text.parse::<figment::value::Value>();
    let found = parsed.ok().and_then(|value| serde_json::to_value(value).ok());
    found.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Every value that is no table, with its path.
pub fn leaves(tree: &Value) -> Vec<(Vec<String>, &Value)> {
    fn walk<'a>(value: &'a Value, path: &mut Vec<String>, into: &mut Vec<(Vec<String>, &'a Value)>) {
        match value {
            Value::Object(members) if !members.is_empty() || path.is_empty() => {
                for (name, member) in members {
                    path.push(name.clone());
                    walk(member, path, into);
                    path.pop();
                }
            }
            Value::Null => {}
            value => into.push((path.clone(), value)),
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

/// Puts a value at a path, in the place of what is there.
fn place(tree: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    if let Value::Object(members) = tree {
        place(members.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}

/// Takes away what is at a path; whether there was something.
pub fn remove(tree: &mut Value, path: &[String]) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let mut inner = tree;
    for segment in above {
        let next = match inner {
            Value::Object(members) => members.get_mut(segment),
            Value::Array(list) => segment.parse::<usize>().ok().and_then(|at| list.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return false };
        inner = next;
    }
    match inner {
        Value::Object(members) => members.remove(last).is_some(),
        Value::Array(list) => match last.parse::<usize>() {
            Ok(at) if at < list.len() => {
                list.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// The offset of each key in the text, by its path.
fn note_lines(table: &DeTable<'_>, path: &mut Vec<String>, into: &mut Vec<(Vec<String>, usize)>) {
    for (key, value) in table.iter() {
        path.push(key.get_ref().to_string());
        into.push((path.clone(), key.span().start));
        note_value(value, path, into);
        path.pop();
    }
}

fn note_value(value: &Spanned<DeValue<'_>>, path: &mut Vec<String>, into: &mut Vec<(Vec<String>, usize)>) {
    match value.get_ref() {
        DeValue::Table(table) => note_lines(table, path, into),
        DeValue::Array(list) => {
            for (at, element) in list.iter().enumerate() {
                path.push(at.to_string());
                into.push((path.clone(), element.span().start));
                note_value(element, path, into);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The setting that a sentence begins with, or the table, without brackets around it.
pub fn subject(sentence: &str) -> Option<Vec<String>> {
    let text = sentence.trim_start_matches('[');
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let path: Vec<String> = text[..end].trim_end_matches('.').split('.').map(str::to_owned).collect();
    let known = config_keys::find(&path).is_some() || config_keys::is_table(&path);
    (known && !written(&path).is_empty()).then_some(path)
}

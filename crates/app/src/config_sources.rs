//! The sources of settings, each value with its place: the file with its lines, variables, secrets in files, and flags.

use crate::config::ConfigFlags;
use crate::config_fault::{Fault, nearest};
use crate::config_keys::{self, ANY_NAME, ANY_PLACE, Key, Kind, VARIABLES, path_of_variable, variable, written};
use crate::config_places::{self, in_order};
use crate::config_source::Source;
use crate::config_tree::{leaves, place};
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
const IN_NO_FILE: &[&str] = &["auth.first_secret_access_key", "console.token"];

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

    /// The place of a value itself; `None` for a default beside others of its table. That of a list of tables is the variable of one of
    /// its settings, where there is such a variable.
    pub fn source_of_value(&self, path: &[String]) -> Option<&Source> {
        let is_file = |source: &&Source| matches!(source, Source::File { .. });
        let around = || (1..path.len()).rev().find_map(|length| self.sources.get(&path[..length]));
        let within = self.sources.iter().filter(|(given, _)| given.len() > path.len() && given.starts_with(path));
        let within = within.map(|(_, source)| source).find(|source| !is_file(source));
        within.or_else(|| self.sources.get(path)).or_else(|| around().filter(|source| !is_file(source)))
    }

    fn put(&mut self, path: Vec<String>, value: Value, source: Source) {
        if !config_places::make_lists(&mut self.merged, &path) {
            return;
        }
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

    /// The same for a setting that may be in a list of tables, whose places are numbered without a gap.
    fn put_in_place(&mut self, path: Vec<String>, value: Value, source: Source) {
        match config_places::gap(&self.merged, &path) {
            Some(sentence) => self.faults.push(Fault { source: Some(source), sentence }),
            None => self.put(path, value, source),
        }
    }

    fn take_variables(&mut self, environment: &Environment) {
        let mut given = Vec::new();
        for (name, text) in &environment.variables {
            let Some(rest) = name.strip_prefix(VARIABLES) else { continue };
            let is_other = OTHER_VARIABLES.iter().any(|(other, _)| other == name) || VARIABLES_OF_TOOLS.contains(&rest);
            if !is_other {
                given.push((path_of_variable(rest), name, text));
            }
        }
        given.sort_by(|(one, ..), (other, ..)| in_order(one, other));
        for (path, name, text) in given {
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
            self.put_in_place(path, value, Source::Variable(name.clone()));
        }
    }

    fn take_secrets(&mut self, environment: &Environment) {
        let named = |key: &Key| key.path.iter().any(|segment| segment == ANY_NAME);
        for key in config_keys::keys().filter(|key| (key.secret || key.file) && !named(key)) {
            for path in self.paths(key, environment) {
                if let Err(error) = self.take_secret(key, path.clone(), environment) {
                    let sentence = format!("{}: {error:#}", path.join("."));
                    self.faults.push(Fault { source: None, sentence });
                }
            }
        }
    }

    /// The paths of a setting: its own, or one for each entry of its list that is there already or begun by a variable of it.
    fn paths(&self, key: &Key, environment: &Environment) -> Vec<Vec<String>> {
        if !key.is_in_list() {
            return vec![key.path.clone()];
        }
        let of_variable = |name: &String| {
            let rest = name.strip_prefix(VARIABLES)?;
            let paths = [Some(rest), rest.strip_suffix(FILE_SUFFIX)].into_iter().flatten().map(path_of_variable);
            paths.into_iter().find(|path| key.fits(path))
        };
        let mut paths = config_places::expanded(&self.merged, &key.path);
        paths.extend(environment.variables.keys().filter_map(of_variable));
        paths.sort_by(|one, other| in_order(one, other));
        paths.dedup();
        paths
    }

    fn take_secret(&mut self, key: &Key, path: Vec<String>, environment: &Environment) -> Result<()> {
        let name = variable(&path);
        let given = |name: &str| environment.variables.get(name).cloned();
        let file_variable = format!("{name}{FILE_SUFFIX}");
        // Some secrets have a setting beside them that names their file, and this is its variable.
        let is_setting = file_variable
            .strip_prefix(VARIABLES)
            .map(path_of_variable)
            .is_some_and(|path| config_keys::find(&path).is_some());
        let file = if key.secret && !is_setting { given(&file_variable).map(PathBuf::from) } else { None };
        // An empty variable is how a container's definition leaves a secret out.
        let value = given(&name).filter(|value| !value.is_empty() || file.is_none());
        let value = value.filter(|value| !value.is_empty() || !IN_NO_FILE.contains(&key.name().as_str()));
        let credential = environment.credential(&path.join("."));
        let places = SecretPlaces { variable: name.clone(), value, file, credential };
        if key.file {
            // The value of such a setting is a path, and the credential is the file itself.
            if let Some(credential) = places.credential.clone() {
                if places.value.is_some() {
                    places.find()?;
                } else {
                    let value = Value::String(credential.display().to_string());
                    self.put(path, value, Source::Credential(credential));
                }
            }
            return Ok(());
        }
        let Some(found) = places.find()? else { return Ok(()) };
        let source = match &found {
            FoundSecret::Value(_) => Source::Variable(name),
            FoundSecret::File(path, _) => Source::SecretFile { variable: file_variable, path: path.clone() },
            FoundSecret::Credential(path, _) => Source::Credential(path.clone()),
        };
        self.put_in_place(path, Value::String(found.into_text()), source);
        Ok(())
    }
}

/// Whether a variable names the file of a secret.
fn is_secret_file(name: &str) -> bool {
    let secret = name.strip_suffix(FILE_SUFFIX).and_then(|name| name.strip_prefix(VARIABLES)).map(path_of_variable);
    secret.is_some_and(|path| config_keys::find(&path).is_some_and(|key| key.secret))
}

/// The sentence about a variable that sets nothing.
fn unknown(name: &str, path: &[String]) -> String {
    if let Some((list, meant)) = config_places::without_place(path) {
        return format!(
            "the variable {name} sets nothing; {} is a list whose places are numbered from 0: did you mean {}?",
            written(&list),
            variable(&meant)
        );
    }
    let (last, table) = path.split_last().map_or(("", &[][..]), |(last, table)| (last.as_str(), table));
    let mut known: Vec<&str> = Vec::new();
    let paths = config_keys::sections()
        .iter()
        .flat_map(|section| std::iter::once(&section.path).chain(section.keys.iter().map(|key| &key.path)));
    for path in paths {
        let beside = path.len() == table.len() + 1 && config_keys::fits(&path[..table.len()], table);
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

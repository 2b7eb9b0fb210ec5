//! The table of every setting, read from the structs of the configuration: its key, values, default, description, variable and flag.

use crate::config::{Config, ConfigFlags};
use clap::Args;
use serde_json::Value;
use std::fmt;
use std::sync::LazyLock;

/// The beginning of the variables that are settings.
pub const VARIABLES: &str = "TASTEMAKER_";
/// The segment of a key's path that stands for a name which users choose.
pub const ANY_NAME: &str = "<name>";
/// The segment of a key's path that stands for the places of a list of tables.
pub const ANY_PLACE: &str = "[]";

/// The same in the name of a variable.
const PLACE: &str = "<n>";

/// A table of settings.
#[derive(Debug)]
pub struct Section {
    /// The segments of its path; empty at the top.
    pub path: Vec<String>,
    /// Its description.
    pub doc: String,
    /// Its settings, sorted.
    pub keys: Vec<Key>,
}

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// The segments of its path.
    pub path: Vec<String>,
    /// The values that it takes.
    pub kind: Kind,
    /// The value without any other source.
    pub default: Option<Value>,
    /// Whether its table must have it.
    pub required: bool,
    /// Its description.
    pub doc: String,
    /// The flag of `serve` that sets it.
    pub flag: Option<String>,
    /// Whether its value is, or may hold, a secret.
    pub secret: bool,
    /// Whether its value is the path of a file that may be one of the credentials directory.
    pub file: bool,
}

/// The values of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A truth value.
    Boolean,
    /// A whole number within these.
    Whole {
        /// The smallest.
        minimum: i64,
        /// The greatest, where it is less than what a machine counts to.
        maximum: Option<u32>,
    },
    /// A number.
    Number,
    /// Any text.
    Text,
    /// One of some words.
    Word(Vec<String>),
    /// A list.
    List(Box<Kind>),
    /// Names with values.
    Names(Box<Kind>),
}

impl Kind {
    fn plural(&self) -> String {
        match self {
            Self::Text => "texts".to_owned(),
            Self::Whole { .. } | Self::Number => "numbers".to_owned(),
            Self::Word(words) => format!("words of {}", words.join(", ")),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true or false"),
            Self::Whole { minimum, maximum: Some(maximum) } => write!(f, "a whole number from {minimum} to {maximum}"),
            Self::Whole { minimum: i64::MIN, maximum: None } => f.write_str("a whole number"),
            Self::Whole { minimum, maximum: None } => write!(f, "a whole number of at least {minimum}"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("text"),
            Self::Word(words) => match words.split_last() {
                Some((last, others)) if !others.is_empty() => write!(f, "{} or {last}", others.join(", ")),
                _ => f.write_str(&words.join(", ")),
            },
            Self::List(of) => write!(f, "a list of {}", of.plural()),
            Self::Names(of) => write!(f, "a table of {}", of.plural()),
        }
    }
}

impl Key {
    /// The key as it is written: `s3.external[].bucket`.
    pub fn name(&self) -> String {
        written(&self.path)
    }

    /// The variable that sets it.
    pub fn variable(&self) -> String {
        variable(&self.path)
    }

    /// Whether it is a setting of a list of tables.
    pub fn is_in_list(&self) -> bool {
        self.path.iter().any(|segment| segment == ANY_PLACE)
    }

    /// Whether a path is that of this setting.
    pub fn fits(&self, path: &[String]) -> bool {
        fits(&self.path, path)
    }
}

/// A path as it is written.
pub fn written(path: &[String]) -> String {
    path.join(".").replace(&format!(".{ANY_PLACE}"), ANY_PLACE)
}

/// The variable of a path.
pub fn variable(path: &[String]) -> String {
    let segments: Vec<&str> = path.iter().map(|segment| if segment == ANY_PLACE { PLACE } else { segment }).collect();
    format!("{VARIABLES}{}", segments.join("__").to_ascii_uppercase())
}

/// The path of a variable's name without the beginning of all.
pub fn path_of_variable(rest: &str) -> Vec<String> {
    rest.to_ascii_lowercase().split("__").map(str::to_owned).collect()
}

/// Every table with its settings, sorted by path.
pub fn sections() -> &'static [Section] {
    static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(read);
    &SECTIONS
}

/// Every setting.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    sections().iter().flat_map(|section| &section.keys)
}

/// The setting at a path, in which names and places stand for the segments that mean any of them.
pub fn find(path: &[String]) -> Option<&'static Key> {
    keys().find(|key| fits(&key.path, path))
}

/// Whether a path is that of a list of tables.
pub fn is_list(path: &[String]) -> bool {
    let above = |pattern: &[String]| {
        let places = pattern.iter().enumerate().filter(|(_, segment)| *segment == ANY_PLACE);
        places.map(|(at, _)| at).any(|at| fits(&pattern[..at], path))
    };
    sections().iter().any(|section| above(&section.path))
}

/// Whether a path is that of a table of settings, or of a list of them.
pub fn is_table(path: &[String]) -> bool {
    sections().iter().any(|section| {
        let mut own = section.path.as_slice();
        loop {
            if fits(own, path) {
                return true;
            }
            match own.split_last() {
                Some((last, rest)) if last == ANY_PLACE || last == ANY_NAME => own = rest,
                _ => return false,
            }
        }
    })
}

/// Whether a path is one that a pattern of segments means.
pub fn fits(pattern: &[String], path: &[String]) -> bool {
    let same = |(pattern, segment): (&String, &String)| match pattern.as_str() {
        ANY_NAME => true,
        ANY_PLACE => is_place(segment),
        pattern => pattern == segment,
    };
    pattern.len() == path.len() && pattern.iter().zip(path).all(same)
}

/// Whether a segment of a path is a place of a list, or stands for any.
pub fn is_place(segment: &str) -> bool {
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    segment == ANY_PLACE || segment == "0" || (digits && !segment.starts_with('0'))
}

/// The walk through the schema of the configuration.
struct Walk {
    definitions: Value,
    defaults: Value,
    flags: Vec<String>,
    sections: Vec<Section>,
}

fn read() -> Vec<Section> {
    let schema = schemars::schema_for!(Config).to_value();
    let flags = ConfigFlags::augment_args(clap::Command::new("serve"));
    let mut walk = Walk {
        definitions: schema["$defs"].clone(),
        defaults: serde_json::to_value(Config::default()).unwrap_or_default(),
        flags: flags.get_arguments().filter_map(|flag| flag.get_long().map(str::to_owned)).collect(),
        sections: Vec::new(),
    };
    walk.table(Vec::new(), &schema);
    walk.sections.sort_by(|one, other| one.path.cmp(&other.path));
    walk.sections
}

impl Walk {
    fn table(&mut self, path: Vec<String>, schema: &Value) {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut keys = Vec::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = [path.as_slice(), std::slice::from_ref(name)].concat();
            let resolved = self.resolved(property).clone();
            if let Some((below, table)) = self.below(&resolved) {
                self.table([path, below].concat(), &table);
                continue;
            }
            let pointer = format!("/{}", path.join("/"));
            let default = self.defaults.pointer(&pointer).or(property.get("default")).filter(|value| !value.is_null());
            let marked = |mark: &str| property[mark] == true || resolved[mark] == true;
            let flag = path.join("-").replace('_', "-");
            keys.push(Key {
                default: default.cloned(),
                kind: self.kind(&resolved),
                required: required.contains(&name.as_str()) && path.iter().any(|segment| segment == ANY_PLACE),
                doc: doc(property).or_else(|| doc(&resolved)).unwrap_or_default(),
                flag: self.flags.contains(&flag).then(|| format!("--{flag}")),
                secret: marked("x-secret"),
                file: marked("x-file"),
                path,
            });
        }
        keys.sort_by(|one, other| one.path.cmp(&other.path));
        self.sections.push(Section { path, doc: doc(schema).unwrap_or_default(), keys });
    }

    /// The table of settings that a value is, is a list of, or has by names; with the segments in between.
    fn below(&self, schema: &Value) -> Option<(Vec<String>, Value)> {
        let mut between = Vec::new();
        let mut schema = schema.clone();
        loop {
            if schema["properties"].is_object() {
                return Some((between, schema));
            }
            let (segment, inner) = match (&schema["items"], &schema["additionalProperties"]) {
                (items, _) if items.is_object() => (ANY_PLACE, items.clone()),
                (_, named) if named.is_object() => (ANY_NAME, named.clone()),
                _ => return None,
            };
            between.push(segment.to_owned());
            schema = self.resolved(&inner).clone();
        }
    }

    /// The schema that a reference leads to, or that an optional value has when it is there.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            return self.resolved(&self.definitions[name]);
        }
        let mut choices = schema["anyOf"].as_array().into_iter().flatten();
        match choices.find(|choice| choice["type"] != "null") {
            Some(choice) => self.resolved(choice),
            None => schema,
        }
    }

    fn kind(&self, schema: &Value) -> Kind {
        let words = |schema: &Value| -> Vec<String> {
            let listed = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
            listed.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let choices = schema["oneOf"].as_array().into_iter().flatten().flat_map(words);
        let words: Vec<String> = choices.chain(words(schema)).collect();
        if !words.is_empty() {
            return Kind::Word(words);
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).find(|name| *name != "null"),
            one => one.as_str(),
        };
        match types {
            Some("boolean") => Kind::Boolean,
            Some("integer") => Kind::Whole {
                minimum: schema["minimum"].as_f64().map_or(i64::MIN, |minimum| minimum as i64),
                maximum: match schema["format"].as_str() {
                    Some("uint8") => Some(u8::MAX.into()),
                    Some("uint16") => Some(u16::MAX.into()),
                    Some("uint32") => Some(u32::MAX),
                    _ => None,
                },
            },
            Some("number") => Kind::Number,
            Some("array") => Kind::List(Box::new(self.kind(self.resolved(&schema["items"])))),
            Some("object") => Kind::Names(Box::new(self.kind(self.resolved(&schema["additionalProperties"])))),
            _ => Kind::Text,
        }
    }
}

/// The description of a schema on one line, without the brackets of references between items of the source.
fn doc(schema: &Value) -> Option<String> {
    let text = schema["description"].as_str()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" ").replace("[`", "`").replace("`]", "`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> &'static Key {
        keys().find(|key| key.name() == name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    #[test]
    fn every_setting_has_a_description_and_every_table_has_one() {
        for section in sections() {
            assert!(!section.doc.is_empty(), "[{}] has no doc comment", written(&section.path));
            for key in &section.keys {
                assert!(
                    key.doc.len() > 8 && key.doc.ends_with('.'),
                    "{} has no sentence for a doc comment",
                    key.name()
                );
            }
        }
        assert!(keys().count() > 90, "{}", keys().count());
    }

    #[test]
    fn settings_are_read_with_all_that_is_known_of_them() {
        let listen = key("listen");
        assert_eq!((listen.flag.as_deref(), listen.variable().as_str()), (Some("--listen"), "TASTEMAKER_LISTEN"));
        assert_eq!(listen.default, Some("127.0.0.1:4100".into()));
        let minimum = key("tls.minimum_version");
        assert_eq!(minimum.flag.as_deref(), Some("--tls-minimum-version"));
        assert_eq!(minimum.kind.to_string(), "1.2 or 1.3");
        assert_eq!(key("training.side_by_side").kind.to_string(), "a whole number of at least 1");
        assert_eq!(key("training.auto_delay_s").kind, Kind::Whole { minimum: 0, maximum: None });
        assert_eq!(key("storage.lost_days").kind.to_string(), "a whole number from 0 to 4294967295");
        assert_eq!(key("http.hosts").kind.to_string(), "a list of texts");
        assert_eq!(key("role").kind.to_string(), "a list of words of all, api, serving, worker");
        assert_eq!(key("recommendations.recommenders.<name>.filter_values").kind.to_string(), "a table of texts");
        assert_eq!(key("console.login").kind.to_string(), "always or loopback-free");
        let bucket = key("s3.external[].bucket");
        assert!(bucket.required && bucket.variable() == "TASTEMAKER_S3__EXTERNAL__<N>__BUCKET");
        assert_eq!(key("s3.external[].retries").default, Some(serde_json::json!(6)), "a default within a list");
        assert_eq!(key("braze.webhook.<name>[].match").kind.to_string(), "a table of texts");
        assert_eq!(
            key("recommendations.recommenders.<name>.num_results").variable(),
            "TASTEMAKER_RECOMMENDATIONS__RECOMMENDERS__<NAME>__NUM_RESULTS"
        );
        let secret: Vec<String> = keys().filter(|key| key.secret).map(Key::name).collect();
        assert_eq!(
            secret,
            ["auth.first_secret_access_key", "console.token", "store.events", "store.records", "webhooks[].secret"]
        );
        assert!(key("tls.key").file && key("themes.key_file").file && !key("data_dir").file);
    }

    #[test]
    fn every_flag_but_that_of_the_file_sets_a_key() {
        let flags = ConfigFlags::augment_args(clap::Command::new("serve"));
        for flag in flags.get_arguments().filter_map(|flag| flag.get_long()).filter(|flag| *flag != "config") {
            assert!(keys().any(|key| key.flag.as_deref() == Some(&format!("--{flag}"))), "--{flag}");
        }
    }

    #[test]
    fn paths_find_keys_and_tables() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert!(find(&path("recommendations.keys.0.token_file")).is_some());
        assert!(find(&path("recommendations.recommenders.home.shape")).is_some());
        assert!(find(&path("recommendations.keys.x.token_file")).is_none());
        for table in
            ["s3.external", "braze.webhook", "braze.webhook.orders", "store.s3", "recommendations.recommenders.home"]
        {
            assert!(is_table(&path(table)), "{table}");
        }
        assert!(!is_table(&path("listen")) && !is_table(&path("store.s4")));
        for list in ["s3.external", "braze.webhook.orders", "webhooks", "recommendations.keys"] {
            assert!(is_list(&path(list)), "{list}");
        }
        for other in ["s3", "braze.webhook", "webhooks.0", "recommendations.recommenders", "http.hosts"] {
            assert!(!is_list(&path(other)), "{other}");
        }
    }
}

//! The languages of the pages: one Fluent file for each page and language, in `languages/`. Prose whose English is written
//! elsewhere, that of recipes and of what jobs say, has files in the other languages only.

pub use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The files of the texts, by page.
macro_rules! texts {
    ($($page:literal),+ $(,)?) => {
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../languages/en/", $page, ".ftl"))),+];
        const KOREAN: &[&str] = &[$(include_str!(concat!("../languages/ko/", $page, ".ftl"))),+];
    };
}

texts!(
    "frame", "about", "operate", "demo", "home", "pages", "data", "train", "evaluate", "deploy", "try", "batch",
    "search"
);

/// Korean for the prose of recipes and their parameters, and for the sentences of jobs.
const KOREAN_PROSE: &[&str] = &[include_str!("../languages/ko/catalog.ftl"), include_str!("../languages/ko/said.ftl")];

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> =
    LazyLock::new(|| [bundle("en", ENGLISH, &[]), bundle("ko", KOREAN, KOREAN_PROSE)]);

fn bundle(name: &str, pages: &[&str], prose: &[&str]) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = name.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    bundle.set_use_isolating(false);
    for file in pages.iter().chain(prose) {
        // A test reads every file; what a file has besides its faults is used.
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) => resource,
            Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

impl Language {
    /// All of them.
    pub const ALL: &[Language] = &[Language::En, Language::Ko];

    /// The language by its tag.
    pub fn of(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "en" => Some(Language::En),
            "ko" => Some(Language::Ko),
            _ => None,
        }
    }

    /// The tag, for `lang` attributes.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The language's own name.
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::Ko => "한국어",
        }
    }

    /// The most wanted language of an `Accept-Language` header that there is.
    pub fn accepted(header: &str) -> Option<Self> {
        let wanted = header.split(',').filter_map(|part| {
            let mut fields = part.split(';');
            let language = Self::of(fields.next()?)?;
            let weight = fields.find_map(|field| field.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            (weight > 0.0).then_some((weight, language))
        });
        // The first of equals.
        wanted.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, language)| language)
    }
}

/// The text of `key`. A key that there is not is its own text.
pub fn text(language: Language, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
    translated(language, key, values).unwrap_or_else(|| key.to_owned())
}

/// The text of `key`; `None` where the language has none, as English has none for prose that is written elsewhere.
pub fn translated(language: Language, key: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
    let bundle = &BUNDLES[language as usize];
    let pattern = bundle.get_message(key).and_then(|message| message.value())?;
    let mut arguments = FluentArgs::new();
    for (name, value) in values {
        arguments.set(*name, value.clone());
    }
    Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
}

/// The key of prose about something that has a name, such as a recipe.
pub fn prose_key(about: &str, name: &str) -> String {
    format!("{about}-{}", name.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    /// Keys with the variables that their texts use.
    fn keys(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for file in files {
            if let Err((_, errors)) = FluentResource::try_new((*file).to_owned()) {
                panic!("{errors:?} in {file}");
            }
            let mut key = String::new();
            for line in file.lines() {
                if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| is_key(name)) {
                    key = name.to_owned();
                    let former: Option<BTreeSet<String>> = keys.insert(key.clone(), BTreeSet::new());
                    assert!(former.is_none(), "{key} is there twice");
                }
                for rest in line.split("{ $").skip(1) {
                    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                    keys.get_mut(&key).expect("a key before it").insert(name);
                }
            }
        }
        keys
    }

    fn is_key(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }

    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.file_name().is_none_or(|name| name != "language.rs") {
                *all += &std::fs::read_to_string(&path).expect("a source");
            }
        }
    }

    #[test]
    fn both_languages_say_the_same_with_the_same_values() {
        let (english, korean) = (keys(ENGLISH), keys(KOREAN));
        let missing: Vec<_> = english.keys().filter(|key| !korean.contains_key(*key)).collect();
        assert!(missing.is_empty(), "not in Korean: {missing:?}");
        let extra: Vec<_> = korean.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(extra.is_empty(), "only in Korean: {extra:?}");
        for (key, values) in &english {
            assert_eq!(values, &korean[key], "{key}");
        }
    }

    #[test]
    fn every_text_is_used_and_every_used_text_is_there() {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        let keys = keys(ENGLISH);
        let unused: Vec<_> = keys.keys().filter(|key| !source.contains(&format!("\"{key}\""))).collect();
        assert!(unused.is_empty(), "no page says {unused:?}");
        for call in [".text(\"", ".text_with(\""] {
            for rest in source.split(call).skip(1) {
                let key = rest.split('"').next().expect("its end");
                assert!(keys.contains_key(key), "no language file has '{key}'");
            }
        }
    }

    #[test]
    fn every_recipe_and_parameter_has_korean_prose_and_no_other_has() {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        for recipe in tastemaker_domain::catalog::ALL {
            wanted.insert(prose_key("recipe", recipe.name));
            wanted.extend(recipe.use_case.map(|_| prose_key("use-case", recipe.name)));
            wanted.extend(recipe.parameters.iter().map(|parameter| prose_key("parameter", parameter.name)));
        }
        let there: BTreeSet<String> = keys(&KOREAN_PROSE[..1]).into_keys().collect();
        assert_eq!(there, wanted);
        let doubled: Vec<_> = keys(KOREAN_PROSE).into_keys().filter(|key| keys(KOREAN).contains_key(key)).collect();
        assert!(doubled.is_empty(), "{doubled:?}");
        assert_eq!(translated(Language::En, "said-repeats", &[]), None);
        assert_eq!(translated(Language::Ko, "said-repeats", &[]).as_deref(), Some("반복 소비"));
    }

    #[test]
    fn the_most_wanted_language_is_taken() {
        for (header, wanted) in [
            ("ko", Some(Language::Ko)),
            ("ko-KR,ko;q=0.9,en;q=0.8", Some(Language::Ko)),
            ("de, en;q=0.5, ko;q=0.7", Some(Language::Ko)),
            ("en-GB,ko;q=0.9", Some(Language::En)),
            ("ko;q=0, en;q=0.1", Some(Language::En)),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Language::accepted(header), wanted, "{header}");
        }
    }

    #[test]
    fn texts_have_values() {
        assert_eq!(text(Language::En, "running-jobs", &[("count", 1.into())]), "1 running job");
        assert_eq!(text(Language::En, "running-jobs", &[("count", 3.into())]), "3 running jobs");
        assert_eq!(text(Language::Ko, "running-jobs", &[("count", 3.into())]), "실행 중인 작업 3개");
        assert_eq!(text(Language::Ko, "no-such-key", &[]), "no-such-key");
    }
}

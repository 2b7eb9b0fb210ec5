//! Findings of a rendering about its variables: those that are nil where their value is printed, and those that are misspelt.

use super::names::is_near;
use super::profile::PROFILE_VARIABLE;
use liquid_core::Runtime;
use liquid_core::model::{ScalarCow, ValueView};
use std::collections::BTreeMap;

/// Findings that are kept.
const FINDINGS_MAX: usize = 50;
/// Names that a message lists.
const NAMES_SHOWN: usize = 12;
/// Variables that a loop makes, and that templates ask for outside of one.
const LOOP_VARIABLES: &[&str] = &["forloop", "tablerowloop", "tablerow"];

/// A variable or member that is nil.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Nil {
    /// As the customer writes it.
    path: String,
    /// The first step that leads nowhere, and the names that would lead on; absent where there are none, as in an array.
    wrong_turn: Option<(String, Vec<String>)>,
    /// The variable.
    root: String,
    /// Whether the variable itself is not there.
    no_root: bool,
}

/// One piece of advice at an offset in the source.
pub(super) struct Finding {
    pub code: &'static str,
    pub at: usize,
    pub message: String,
}

/// The findings so far; `at` is the offset in the source.
#[derive(Default)]
pub(super) struct Findings {
    /// Variables that were looked up in vain.
    nil: BTreeMap<(usize, String), Nil>,
    /// Outputs that printed nothing because of a nil, by the text of the output.
    printed: BTreeMap<(usize, String), Nil>,
    last: Option<Nil>,
    lookups: usize,
}

impl Findings {
    /// Notes that a path has no value.
    pub fn note_nil(&mut self, at: usize, nil: NilLookup) {
        let NilLookup(nil) = nil;
        self.lookups += 1;
        self.last = Some(nil.clone());
        if self.nil.len() < FINDINGS_MAX {
            self.nil.entry((at, nil.path.clone())).or_insert(nil);
        }
    }

    /// Lookups without a value, to compare before and after.
    pub fn nil_lookups(&self) -> usize {
        self.lookups
    }

    /// Notes that an output printed nothing, because the last lookup had no value.
    pub fn note_printed(&mut self, at: usize, output: &str) {
        if let Some(nil) = self.last.clone().filter(|_| self.printed.len() < FINDINGS_MAX) {
            self.printed.entry((at, output.to_owned())).or_insert(nil);
        }
    }

    /// Advice on names that lead nowhere and have a neighbor that does.
    pub fn misspelt(&self) -> Vec<Finding> {
        let advice = self.nil.iter().filter_map(|((at, _), nil)| {
            let (name, neighbor) = nil.neighbor()?;
            Some(Finding {
                code: "misspelt",
                at: *at,
                message: format!("{} is nil, because there is no '{name}'; did you mean {neighbor}?", nil.path),
            })
        });
        advice.collect()
    }

    /// Advice on outputs that print nothing, but for names that are misspelt and for variables of `saved`, which are absent
    /// after a call that failed.
    pub fn printed_nothing(&self, saved: &[&str]) -> Vec<Finding> {
        let told = |nil: &Nil| nil.neighbor().is_some() || (nil.no_root && saved.contains(&nil.root.as_str()));
        let advice = self.printed.iter().filter(|(_, nil)| !told(nil)).map(|((at, output), nil)| {
            let names = match &nil.wrong_turn {
                Some((name, names)) if !names.is_empty() && !nil.no_root => {
                    let shown: Vec<&str> = names.iter().map(String::as_str).take(NAMES_SHOWN).collect();
                    format!(" (there is no '{name}' among {})", shown.join(", "))
                }
                _ => String::new(),
            };
            let path = &nil.path;
            Finding {
                code: "nil",
                at: *at,
                message: format!(
                    "{{{{{output}}}}} prints nothing, because {path} is nil{names}; test it before: {{% if {path} == nil \
                     %}}{{% abort_message('{path} is missing') %}}{{% endif %}}"
                ),
            }
        });
        advice.collect()
    }
}

impl Nil {
    /// The step that leads nowhere, and the name that is nearest to it.
    fn neighbor(&self) -> Option<(&str, &str)> {
        let (name, names) = self.wrong_turn.as_ref()?;
        let near = names.iter().filter(|other| !other.starts_with("__") && is_near(name, other));
        let nearest =
            near.min_by_key(|other| strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase()))?;
        Some((name, nearest))
    }
}

/// A lookup that found nil.
pub(super) struct NilLookup(Nil);

impl NilLookup {
    /// Looks where the path leads nowhere. `None` for variables that may be absent.
    pub fn of(runtime: &dyn Runtime, path: &[ScalarCow<'_>]) -> Option<Self> {
        let root = path.first()?.to_kstr().into_owned().into_string();
        if LOOP_VARIABLES.contains(&root.as_str()) {
            return None;
        }
        let steps = (1..=path.len()).find(|&len| runtime.try_get(&path[..len]).is_none());
        let wrong_turn = steps.and_then(|len| {
            let mut names: Vec<String> = if len == 1 {
                runtime.roots().iter().map(|name| name.to_string()).collect()
            } else {
                let parent = runtime.try_get(&path[..len - 1])?;
                parent.as_object()?.keys().map(|name| name.to_string()).collect()
            };
            names.sort_unstable();
            Some((path[len - 1].to_kstr().into_owned().into_string(), names))
        });
        Some(Self(Nil { path: written(path), wrong_turn, no_root: steps == Some(1), root }))
    }
}

/// A path as the customer writes it.
fn written(path: &[ScalarCow<'_>]) -> String {
    let texts: Vec<String> = path.iter().map(|step| step.to_kstr().into_owned().into_string()).collect();
    let (root, steps) = texts.split_first().map_or(("", &[][..]), |(root, steps)| (root.as_str(), steps));
    if let (PROFILE_VARIABLE, [name]) = (root, steps) {
        return format!("${{{name}}}");
    }
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut written = root.to_owned();
    for text in steps {
        if text.parse::<i64>().is_ok() {
            written.push_str(&format!("[{text}]"));
        } else if plain(text) {
            written.push_str(&format!(".{text}"));
        } else {
            written.push_str(&format!("[\"{text}\"]"));
        }
    }
    written
}

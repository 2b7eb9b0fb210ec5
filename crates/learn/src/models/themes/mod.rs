//! Themes of lists: the phrase of the items' own texts and the category that tell a list from the rest of the catalog. No language model
//! takes part, and the same data gives the same themes.
//!
//! Of the categories, and of the phrases of one to three words, each the one with the highest score:
//! ```text
//! score(t) = c ln((c / k) / (d / n))       c of the k items of the list and d of the n items of the catalog have t; c >= 2
//! ```
//! which is `k` times the part of `t` in the divergence of the list from the catalog: high for what many items of the list and few others
//! have. A phrase does not begin or end with a word that more than a third of the catalog has. The theme is `Category: phrase`, or one of
//! both where the other says nothing more.
//!
//! An item's relevance to the theme is the cosine of the two as vectors of categories and words with the weights `ln(1 + n / d)`: from 0
//! to 1.

mod terms;

use crate::Cancel;
use crate::Error;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
pub use terms::ItemWords;
use terms::{Term, TermKind, terms, word_key, words_of};

/// A word at the edge of a phrase is one that at most one in so many items of the catalog has,
const COMMON_ONE_IN: u32 = 3;
/// in catalogs of at least so many.
const COMMON_ITEMS_MIN: u32 = 50;
/// A category is named where it is that of one in so many items of the list.
const CATEGORY_ONE_IN: usize = 2;
/// Characters of a theme.
const CHARS_MAX: usize = 80;
/// Items that are looked through between two looks at the cancel switch.
const CHUNK: usize = 1024;

/// The items of a catalog by number.
pub struct ItemCatalog<'a> {
    /// Items.
    pub items: usize,
    /// The texts about one of them.
    pub words: &'a (dyn Fn(usize) -> ItemWords<'a> + Sync),
}

/// The theme of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// A phrase, at most 80 characters.
    pub text: String,
    /// `[items of the list]`: from 0 to 1.
    pub relevance: Vec<f32>,
}

/// A term of a list.
struct Found<'a> {
    kind: TermKind,
    edges: (u64, u64),
    items: usize,
    /// The least number of terms before it in an item.
    place: usize,
    /// Its spelling, and the number of items with it.
    surfaces: BTreeMap<&'a str, usize>,
}

/// The theme of each list, given as numbers of items of the catalog; `None` where nothing is written about the items.
pub fn themes(lists: &[Vec<usize>], catalog: &ItemCatalog<'_>, cancel: &Cancel) -> Result<Vec<Option<Theme>>, Error> {
    let members: Vec<Vec<Vec<Term<'_>>>> =
        lists.iter().map(|list| list.iter().map(|&item| terms(&(catalog.words)(item))).collect()).collect();
    let found: Vec<BTreeMap<u64, Found<'_>>> = members.iter().map(|items| found(items)).collect();
    let mut wanted: BTreeSet<u64> = BTreeSet::new();
    for (of_list, list) in found.iter().zip(&members) {
        let shared = of_list.iter().filter(|(_, found)| found.items >= least(list.len()));
        wanted.extend(shared.map(|(key, _)| *key));
        wanted.extend(list.iter().flatten().filter(|term| term.is_single()).map(|term| term.key));
    }
    let wanted: HashMap<u64, u32> = wanted.into_iter().zip(0..).collect();
    let known = Known { counts: count(catalog, &wanted, cancel)?, places: wanted, items: catalog.items as u32 };
    Ok(found.iter().zip(&members).map(|(found, members)| known.theme(found, members)).collect())
}

/// The least number of items of a list that share a term of its theme.
fn least(items: usize) -> usize {
    items.min(2)
}

fn found<'a>(items: &[Vec<Term<'a>>]) -> BTreeMap<u64, Found<'a>> {
    let mut found = BTreeMap::new();
    for (place, term) in items.iter().flat_map(|terms| terms.iter().enumerate()) {
        let Term { key, kind, surface, edges } = *term;
        let of_list =
            found.entry(key).or_insert_with(|| Found { kind, edges, items: 0, place, surfaces: BTreeMap::new() });
        of_list.items += 1;
        of_list.place = of_list.place.min(place);
        *of_list.surfaces.entry(surface).or_insert(0) += 1;
    }
    found
}

/// The items of the catalog that have each wanted term, by its place.
fn count(catalog: &ItemCatalog<'_>, wanted: &HashMap<u64, u32>, cancel: &Cancel) -> Result<Vec<u32>, Error> {
    let chunks: Vec<usize> = (0..catalog.items).step_by(CHUNK).collect();
    let chunk = |mut counts: Vec<u32>, first: &usize| {
        cancel.check()?;
        for item in *first..catalog.items.min(first + CHUNK) {
            for term in terms(&(catalog.words)(item)) {
                if let Some(&place) = wanted.get(&term.key) {
                    counts[place as usize] += 1;
                }
            }
        }
        Ok(counts)
    };
    let none = || vec![0u32; wanted.len()];
    chunks.par_iter().try_fold(none, chunk).try_reduce(none, |mut sums, counts| {
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        Ok(sums)
    })
}

/// The catalog's counts of the terms of some lists.
struct Known {
    /// By the key of a term.
    places: HashMap<u64, u32>,
    counts: Vec<u32>,
    items: u32,
}

impl Known {
    /// The items of the catalog that have a term; items that are no longer in it have it, too.
    fn count(&self, key: u64) -> u32 {
        self.places.get(&key).map_or(0, |&place| self.counts[place as usize]).max(1)
    }

    fn is_common(&self, key: u64) -> bool {
        self.items >= COMMON_ITEMS_MIN && self.count(key) > self.items / COMMON_ONE_IN
    }

    fn score(&self, key: u64, found: &Found<'_>, items: usize) -> f64 {
        let of_list = found.items as f64 / items as f64;
        let of_all = f64::from(self.count(key)) / f64::from(self.items.max(1));
        found.items as f64 * (of_list / of_all).ln()
    }

    /// The term of the highest score among those that `takes` accepts; of equals the longer one, then the one of most items, then the first.
    fn best<'f, 'a>(
        &self,
        of_list: &'f BTreeMap<u64, Found<'a>>,
        items: usize,
        takes: impl Fn(&Found<'a>) -> bool,
    ) -> Option<(u64, &'f Found<'a>, f64)> {
        let scored = of_list.iter().filter(|(_, found)| found.items >= least(items) && takes(found));
        let scored = scored.map(|(&key, found)| (key, found, self.score(key, found, items)));
        scored.max_by(|(_, a, of_a), (_, b, of_b)| {
            let by_score = of_a.partial_cmp(of_b).unwrap_or(Ordering::Equal);
            let by_size = a.kind.cmp(&b.kind).then(a.items.cmp(&b.items));
            // Names in the order of letters decide last, so that no two are equal.
            by_score.then(by_size).then(b.place.cmp(&a.place)).then_with(|| surface(b).cmp(surface(a)))
        })
    }

    fn theme(&self, of_list: &BTreeMap<u64, Found<'_>>, members: &[Vec<Term<'_>>]) -> Option<Theme> {
        let items = members.len();
        let tells = |found: &(u64, &Found<'_>, f64)| found.2 > 0.0;
        let category = self.best(of_list, items, |found| found.kind == TermKind::Category);
        let is_phrase = |found: &Found<'_>| {
            let edges = [found.edges.0, found.edges.1];
            matches!(found.kind, TermKind::Phrase(_)) && !edges.iter().any(|&edge| self.is_common(edge))
        };
        let phrase = self.best(of_list, items, is_phrase).filter(tells);
        let named =
            category.filter(|found| tells(found) && (phrase.is_none() || found.1.items * CATEGORY_ONE_IN >= items));
        // Where nothing tells the list from the catalog, the category that most of its items have.
        let named = named.or(category.filter(|_| phrase.is_none()));
        let (mut keys, text) = match (named, phrase) {
            (Some(category), Some(phrase)) => {
                let (name, words) = (surface(category.1), surface(phrase.1));
                if contains(words, name) {
                    (Vec::new(), words.to_owned())
                } else if contains(name, words) {
                    (vec![category.0], name.to_owned())
                } else {
                    (vec![category.0], format!("{name}: {words}"))
                }
            }
            (Some(category), None) => (vec![category.0], surface(category.1).to_owned()),
            (None, Some(phrase)) => (Vec::new(), surface(phrase.1).to_owned()),
            // Nothing in common: the first item speaks for the list.
            (None, None) => (Vec::new(), members.iter().flatten().next()?.surface.to_owned()),
        };
        keys.extend(words_of(&text).iter().map(|word| word_key(word)));
        keys.sort_unstable();
        keys.dedup();
        Some(Theme { relevance: members.iter().map(|terms| self.cosine(&keys, terms)).collect(), text: shown(&text) })
    }

    /// The cosine of a theme, given by its ascending terms, and an item.
    fn cosine(&self, theme: &[u64], item: &[Term<'_>]) -> f32 {
        let squared = |key: u64| (1.0 + f64::from(self.items) / f64::from(self.count(key))).ln().powi(2);
        let singles = || item.iter().filter(|term| term.is_single()).map(|term| term.key);
        let own: f64 = singles().map(squared).sum();
        let both: f64 = singles().filter(|key| theme.binary_search(key).is_ok()).map(squared).sum();
        // Words of a category's name alone are in no text and say nothing.
        let of_theme: f64 = theme.iter().filter(|key| self.places.contains_key(key)).map(|&key| squared(key)).sum();
        if own > 0.0 && of_theme > 0.0 { (both / (own * of_theme).sqrt()) as f32 } else { 0.0 }
    }
}

/// The most frequent spelling of a term; of equals the first in the order of letters.
fn surface<'a>(found: &Found<'a>) -> &'a str {
    let most = found.surfaces.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    most.map_or("", |(surface, _)| surface)
}

/// Whether all words of `part` are words of `whole`.
fn contains(whole: &str, part: &str) -> bool {
    let whole = words_of(whole);
    words_of(part).iter().all(|word| whole.contains(word))
}

/// The text with a capital letter at its beginning and no more than [`CHARS_MAX`] characters.
fn shown(text: &str) -> String {
    let text: String = text.chars().take(CHARS_MAX).collect();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

#[cfg(test)]
mod tests;

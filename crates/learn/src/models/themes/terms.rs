//! The terms of an item: its categories, and the words and phrases of its texts.

use crate::models::text::{fnv1a, normalized};
use std::collections::HashSet;

/// Words of a phrase, at most.
const PHRASE_WORDS_MAX: usize = 3;
/// Words of an item's texts that count.
const WORDS_MAX: usize = 120;

/// The texts about an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemWords<'a> {
    /// Its categories.
    pub categories: Vec<&'a str>,
    /// Its name and its texts, the name first.
    pub texts: Vec<&'a str>,
}

/// The kind of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TermKind {
    Category,
    /// So many words one after the other.
    Phrase(usize),
}

/// A term as it stands in an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'a> {
    /// Equal for the same term in other letters.
    pub key: u64,
    pub kind: TermKind,
    pub surface: &'a str,
    /// The first and the last word of a phrase, as terms of their own.
    pub edges: (u64, u64),
}

impl Term<'_> {
    /// Whether it is part of an item's vector: a category or a single word.
    pub fn is_single(&self) -> bool {
        matches!(self.kind, TermKind::Category | TermKind::Phrase(1))
    }
}

fn key(kind: u8, words: &[&str]) -> u64 {
    fnv1a(std::iter::once(kind).chain(words.iter().flat_map(|word| word.bytes().chain([0]))))
}

/// The key of a single word.
pub(super) fn word_key(word: &str) -> u64 {
    key(b'w', &[word])
}

/// A word with its place in a text.
struct Word<'a> {
    begin: usize,
    end: usize,
    normalized: String,
    surface: &'a str,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut begin = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        match (c.is_alphanumeric() && at < text.len(), begin) {
            (true, None) => begin = Some(at),
            (false, Some(from)) => {
                let surface = &text[from..at];
                found.push(Word { begin: from, end: at, normalized: normalized(surface), surface });
                begin = None;
            }
            _ => {}
        }
        if found.len() == WORDS_MAX {
            break;
        }
    }
    found
}

/// Whether something can be called by the word: neither a number nor a single letter.
fn says_something(word: &str) -> bool {
    word.chars().nth(1).is_some() && word.chars().any(char::is_alphabetic)
}

/// The distinct terms of an item, in the order in which they stand in it.
pub(super) fn terms<'a>(item: &ItemWords<'a>) -> Vec<Term<'a>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |term: Term<'a>| {
        if seen.insert(term.key) {
            found.push(term);
        }
    };
    for category in item.categories.iter().map(|category| category.trim()).filter(|category| !category.is_empty()) {
        let key = key(b'c', &[&normalized(category)]);
        add(Term { key, kind: TermKind::Category, surface: category, edges: (key, key) });
    }
    let mut left = WORDS_MAX;
    for text in &item.texts {
        let mut words = words(text);
        words.truncate(left);
        left -= words.len();
        for first in 0..words.len() {
            for last in first..words.len().min(first + PHRASE_WORDS_MAX) {
                let between = words[first..=last].windows(2).map(|pair| &text[pair[0].end..pair[1].begin]);
                // Punctuation ends a phrase.
                if !between.clone().all(|between| matches!(between, " " | "-" | "'" | "\u{2019}")) {
                    break;
                }
                let all: Vec<&str> = words[first..=last].iter().map(|word| word.normalized.as_str()).collect();
                if says_something(all[0]) && says_something(all[all.len() - 1]) {
                    let surface = match all.len() {
                        1 => words[first].surface,
                        _ => &text[words[first].begin..words[last].end],
                    };
                    let edges = (word_key(all[0]), word_key(all[all.len() - 1]));
                    add(Term { key: key(b'w', &all), kind: TermKind::Phrase(all.len()), surface, edges });
                }
            }
        }
    }
    found
}

/// The words of a phrase, normalized.
pub(super) fn words_of(phrase: &str) -> Vec<String> {
    words(phrase).into_iter().map(|word| word.normalized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_do_not_cross_punctuation_and_numbers_are_none() {
        let item =
            ItemWords { categories: vec![" Hair Care ", ""], texts: vec!["Almond-oil shampoo, 2 x 300 ml. Almond"] };
        let found = terms(&item);
        let surfaces: Vec<&str> = found.iter().map(|term| term.surface).collect();
        let expected =
            ["Hair Care", "Almond", "Almond-oil", "Almond-oil shampoo", "oil", "oil shampoo", "shampoo", "ml"];
        assert_eq!(surfaces, expected);
        assert_eq!(found[3].edges, (word_key("almond"), word_key("shampoo")));
        assert_eq!(words_of("Almond-oil Shampoo"), ["almond", "oil", "shampoo"]);
        let korean = ItemWords { categories: vec![], texts: vec!["유기농 아몬드 오일"] };
        assert!(terms(&korean).iter().any(|term| term.surface == "아몬드 오일"));
    }

    #[test]
    fn long_texts_count_with_their_first_words() {
        let text = "word ".repeat(10_000);
        assert_eq!(words(&text).len(), WORDS_MAX);
        assert!(
            terms(&ItemWords { categories: vec![], texts: vec![&text, "other"] })
                .iter()
                .all(|term| term.surface != "other")
        );
    }
}

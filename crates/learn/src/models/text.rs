//! Texts as words and subwords, for every model that compares texts.
//!
//! Subwords are the runs of letters of a word between its boundaries (`subwords` in docs/papers.md), so that misspelt and inflected
//! words and compounds share some with the word that was meant:
//!
//! | script of the word | letters | length of a run |
//! |---|---|---|
//! | Hangul | jamo, two or three a syllable, so that particles and a wrong vowel leave most runs | 3 to 6 |
//! | Han, Hiragana, Katakana | characters; words are not separated | 2 to 3 |
//! | others | letters without accents | 3 to 5 |

use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;

/// Words of a text that count.
pub(super) const WORDS_MAX: usize = 400;
/// Letters of a text whose runs count.
const LETTERS_MAX: usize = 4000;
/// All subwords of a word together are as long a vector as this much of the word itself.
const SHARE: f32 = 0.5;
const BEGIN: char = '<';
const END: char = '>';

/// The text in lower case, with one form for characters that mean the same (NFKC).
pub(super) fn normalized(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().collect::<String>().to_lowercase()
}

/// The words of a text, at most [`WORDS_MAX`].
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX)
}

/// FNV-1a of bytes.
pub(super) fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Calls `each` with the letters of each subword of `words` and with what it counts against a word.
pub(super) fn subwords<'a>(words: impl Iterator<Item = &'a str>, mut each: impl FnMut(&[char], f32)) {
    let mut letters: Vec<char> = Vec::new();
    let mut left = LETTERS_MAX;
    for word in words {
        letters.clear();
        letters.push(BEGIN);
        letters.extend(word.nfd().filter(|c| !is_accent(*c)).take(left));
        left -= letters.len() - 1;
        letters.push(END);
        let Script { sizes, separates_words } = script(&letters);
        let runs = || sizes.clone().filter(|size| *size < letters.len()).flat_map(|size| letters.windows(size));
        let share = if separates_words { SHARE / (runs().count().max(1) as f32).sqrt() } else { SHARE };
        runs().for_each(|run| each(run, share));
        if left == 0 {
            break;
        }
    }
}

/// A mark upon a Latin, Greek or Cyrillic letter, decomposed.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

struct Script {
    sizes: RangeInclusive<usize>,
    separates_words: bool,
}

fn script(letters: &[char]) -> Script {
    let any = |range: RangeInclusive<char>| letters.iter().any(|letter| range.contains(letter));
    if any('\u{1100}'..='\u{11ff}') {
        Script { sizes: 3..=6, separates_words: true }
    } else if any('\u{3040}'..='\u{30ff}') || any('\u{3400}'..='\u{9fff}') || any('\u{20000}'..='\u{3ffff}') {
        Script { sizes: 2..=3, separates_words: false }
    } else {
        Script { sizes: 3..=5, separates_words: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        subwords(std::iter::once(word), |run, _| found.push(run.iter().collect()));
        found
    }

    fn shared(a: &str, b: &str) -> f64 {
        let (a, b) = (runs(a), runs(b));
        a.iter().filter(|run| b.contains(run)).count() as f64 / a.len().max(b.len()).max(1) as f64
    }

    #[test]
    fn runs_lie_between_the_word_s_boundaries() {
        assert_eq!(runs("oil"), ["<oi", "oil", "il>", "<oil", "oil>"]);
        assert!(runs("a").is_empty());
        assert_eq!(runs("\u{e9}t\u{e9}"), runs("ete"), "accents do not count");
    }

    #[test]
    fn a_misspelt_word_shares_runs_with_the_word() {
        assert!(shared("shampoo", "shampo") > 0.4);
        assert!(shared("conditioner", "condtioner") > 0.3);
        assert_eq!(shared("shampoo", "wallet"), 0.0);
    }

    #[test]
    fn hangul_is_compared_by_jamo_so_that_particles_and_wrong_vowels_leave_most_runs() {
        for particle in ["은", "는", "이", "가", "을", "를"] {
            assert!(shared("아몬드", &format!("아몬드{particle}")) > 0.5, "{particle}");
        }
        // A wrong vowel within a syllable: no syllable in three is the same, but jamo are.
        assert!(shared("컨디셔너", "컨디서너") > 0.2, "{}", shared("컨디셔너", "컨디서너"));
        assert_eq!(shared("아몬드", "가죽"), 0.0);
    }

    #[test]
    fn scripts_without_blanks_are_compared_by_two_and_three_characters() {
        assert!(runs("杏仁油护发").contains(&"杏仁".to_owned()));
        assert!(shared("有机杏仁油", "纯杏仁油护发") > 0.2);
    }

    #[test]
    fn one_form_for_characters_that_mean_the_same() {
        assert_eq!(normalized("Ｓｈａｍｐｏｏ Ⅳ"), "shampoo iv");
        // A syllable as three jamo and as one character.
        assert_eq!(normalized("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(normalized("OIL"), "oil");
    }

    #[test]
    fn a_text_without_end_costs_no_more_than_its_first_letters() {
        let long = "x".repeat(100_000);
        assert!(runs(&long).len() < 3 * (LETTERS_MAX + 2));
        let mut count = 0;
        subwords(std::iter::repeat_n("abcdef", 10_000), |_, _| count += 1);
        assert!(count < 20 * LETTERS_MAX);
        // The subwords of a word together are as long as half the word.
        let mut squared = 0.0;
        subwords(std::iter::once("conditioner"), |_, share| squared += share * share);
        assert!((squared - 0.25f32).abs() < 1e-5);
    }
}

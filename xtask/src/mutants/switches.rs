//! A source text with its mutants written into it, each behind a switch. One program then holds all of them, and the
//! environment of a run says which one is on.

use super::mutant::{Edit, Mutant};
use std::ops::Range;

/// The variable of the environment that names the mutant that is on.
pub const VARIABLE: &str = "MUTANT";

/// What a crate's root gets: whether a mutant is on.
pub const SWITCH: &str = r#"
#[doc(hidden)]
#[allow(missing_docs)]
pub fn __mutant(number: u32) -> bool {
    static ON: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX));
    *ON == number
}
"#;

/// A source text with switches.
#[derive(Debug)]
pub struct Switched {
    /// The text.
    pub text: String,
    /// Where each mutant stands in it.
    pub places: Vec<Place>,
}

/// Where a mutant stands in a switched text, in bytes.
#[derive(Debug, Clone)]
pub struct Place {
    /// The mutant.
    pub number: u32,
    /// What was written before the original.
    pub before: Range<usize>,
    /// What was written behind it.
    pub behind: Range<usize>,
}

struct Insertion {
    at: usize,
    /// Those that end come before those that begin; within, the outer one surrounds the inner one.
    order: (bool, usize, i64),
    number: u32,
    text: String,
    closes: bool,
}

/// Writes the mutants of one file into its text.
pub fn write<'a>(source: &str, mutants: impl Iterator<Item = (u32, &'a Mutant)>) -> Switched {
    let mut insertions = Vec::new();
    for (number, mutant) in mutants {
        let range = mutant.edit.range();
        let on = format!("crate::__mutant({number})");
        let (before, behind) = match &mutant.edit {
            Edit::Instead { by, .. } => (format!("(if {on} {{ {by} }} else {{ "), " })".to_owned()),
            Edit::Return { value, .. } => (format!(" if {on} {{ return {value}; }} "), String::new()),
            Edit::Without { .. } => (format!("if !{on} {{ "), " }".to_owned()),
            Edit::PassArm { .. } => (format!(" if !{on} "), String::new()),
        };
        let length = if range.is_empty() { usize::MAX } else { range.len() };
        let nth = i64::from(number);
        insertions.push(Insertion {
            at: range.start,
            order: (true, usize::MAX - length, nth),
            number,
            text: before,
            closes: false,
        });
        if !range.is_empty() {
            insertions.push(Insertion {
                at: range.end,
                order: (false, length, -nth),
                number,
                text: behind,
                closes: true,
            });
        }
    }
    insertions.sort_by_key(|insertion| (insertion.at, insertion.order));

    let mut text = String::with_capacity(source.len() * 2);
    let mut places: Vec<Place> = Vec::new();
    let mut copied = 0;
    for insertion in insertions {
        text.push_str(&source[copied..insertion.at]);
        copied = insertion.at;
        let written = text.len()..text.len() + insertion.text.len();
        text.push_str(&insertion.text);
        if insertion.closes {
            if let Some(place) = places.iter_mut().find(|place| place.number == insertion.number) {
                place.behind = written;
            }
        } else {
            places.push(Place { number: insertion.number, before: written.clone(), behind: written.end..written.end });
        }
    }
    text.push_str(&source[copied..]);
    Switched { text, places }
}

impl Switched {
    /// The mutants that a compiler's complaint about a part of the text is about.
    pub fn blamed(&self, part: Range<usize>) -> Vec<u32> {
        let within = |outer: &Range<usize>| outer.start <= part.start && part.end <= outer.end;
        let written = self.places.iter().filter(|place| within(&place.before) || within(&place.behind));
        let written: Vec<u32> = written.map(|place| place.number).collect();
        if !written.is_empty() {
            return written;
        }
        let whole = |place: &Place| place.before.start..place.behind.end;
        let around = self.places.iter().filter(|place| within(&whole(place)));
        if let Some(innermost) = around.min_by_key(|place| whole(place).len()) {
            return vec![innermost.number];
        }
        let inside =
            self.places.iter().filter(|place| part.start <= place.before.start && place.behind.end <= part.end);
        let inside: Vec<u32> = inside.map(|place| place.number).collect();
        if !inside.is_empty() {
            return inside;
        }
        let nearest = self.places.iter().min_by_key(|place| place.before.start.abs_diff(part.start));
        nearest.map(|place| place.number).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::find::find;

    fn switched(source: &str) -> Switched {
        let found = find("a.rs", source).unwrap();
        write(source, (0..).zip(&found))
    }

    #[test]
    fn mutants_stand_within_one_another() {
        let text = switched("fn f() -> T { a && !b }").text;
        let expected = "fn f() -> T { (if crate::__mutant(0) { (a) || (!b) } else { a && (if crate::__mutant(1) { b } else { !b }) }) }";
        assert_eq!(text, expected);
    }

    #[test]
    fn one_expression_has_several() {
        let text = switched("fn f() -> T { if a { b } else { c } }").text;
        let expected = "fn f() -> T { if (if crate::__mutant(0) { true } else { \
             (if crate::__mutant(1) { false } else { a }) }) { b } else { c } }";
        assert_eq!(text, expected);
    }

    #[test]
    fn functions_return_and_statements_and_arms_go() {
        let text = switched("fn f() { match a { 1 => b, _ => c }\nd(); }").text;
        let expected = "fn f() { if crate::__mutant(0) { return ; }  match a { 1 if !crate::__mutant(1)  => b, _ => c }\n\
             if !crate::__mutant(2) { d(); } }";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_complaint_is_about_the_innermost() {
        let switched = switched("fn f() -> T { a && !b }");
        let at = |text: &str| {
            let start = switched.text.find(text).unwrap();
            switched.blamed(start..start + text.len())
        };
        assert_eq!(at("(a)"), [0]);
        assert_eq!(at("{ b }"), [1]);
        assert_eq!(at("else { !b }"), [1]);
        assert_eq!(at("else { a"), [0]);
        assert_eq!(at("fn f"), [0]);
    }

    #[test]
    fn the_switch_reads_the_variable() {
        assert!(SWITCH.contains(&format!("\"{VARIABLE}\"")));
    }
}

//! Text as PostgreSQL can hold it: without the character U+0000.
//!
//! U+0000 and U+0001 are written as U+0001 and one character more, so that every text has a form, the forms are in the order of the
//! texts, and the form of a prefix is a prefix of the form.

use std::borrow::Cow;

use tastemaker_store::{Error, Result};

const ESCAPE: char = '\u{1}';
const NULL: char = '\0';

/// The form that is stored.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains([NULL, ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut form = String::with_capacity(text.len() + 4);
    for character in text.chars() {
        match character {
            NULL => form.extend([ESCAPE, '\u{1}']),
            ESCAPE => form.extend([ESCAPE, '\u{2}']),
            other => form.push(other),
        }
    }
    Cow::Owned(form)
}

/// The text of a stored form.
pub(crate) fn unescaped(form: String) -> Result<String> {
    if !form.contains(ESCAPE) {
        return Ok(form);
    }
    let mut text = String::with_capacity(form.len());
    let mut characters = form.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            ESCAPE => match characters.next() {
                Some('\u{1}') => NULL,
                Some('\u{2}') => ESCAPE,
                _ => return Err(Error::Corrupt(format!("the stored text {form:?} is in no form of this build"))),
            },
            other => other,
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_its_own_form() {
        for text in ["", "a/b", "ключ", "\u{1f}\u{2}"] {
            assert!(matches!(escaped(text), Cow::Borrowed(form) if form == text));
        }
        assert_eq!(escaped("a\0b\u{1}"), "a\u{1}\u{1}b\u{1}\u{2}");
        for broken in ["\u{1}", "a\u{1}b"] {
            assert!(matches!(unescaped(broken.to_owned()), Err(Error::Corrupt(_))), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn forms_keep_text_order_and_prefixes(a in "[\0-\u{3}a-c]{0,6}", b in "[\0-\u{3}a-c]{0,6}") {
            let (form_a, form_b) = (escaped(&a).into_owned(), escaped(&b).into_owned());
            prop_assert!(!form_a.contains(NULL));
            prop_assert_eq!(a.cmp(&b), form_a.cmp(&form_b));
            prop_assert_eq!(a.starts_with(&b), form_a.starts_with(&form_b));
            prop_assert_eq!(unescaped(form_a).ok(), Some(a));
        }
    }
}

//! Tags: the customer's own notes on resources. They change nothing.

use crate::{Error, Member, MemberPath, Result};
use std::collections::BTreeMap;

/// Tags of a resource.
pub const TAGS_MAX: usize = 50;
/// Characters of a key.
pub const TAG_KEY_CHARS_MAX: usize = 128;
/// Characters of a value.
pub const TAG_VALUE_CHARS_MAX: usize = 256;

/// Checked tags: key to value, at most [`TAGS_MAX`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Checks pairs of key and value. The errors name the member `tags`, the rule and the key.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            check_key(Member::Tags.then(Member::TagKey), &key)?;
            check_text(&Member::Tags.then(Member::TagValue), &value, 0, TAG_VALUE_CHARS_MAX)?;
            if tags.contains_key(&key) {
                return Err(Error::invalid(Member::Tags, format!("tags: the key '{key}' is given twice.")));
            }
            tags.insert(key, value);
        }
        Self(tags).counted()
    }

    /// Tags that were checked when they were written.
    pub fn stored(tags: BTreeMap<String, String>) -> Self {
        Self(tags)
    }

    /// These tags with those of `added`, whose values win.
    pub fn with(mut self, added: Tags) -> Result<Self> {
        self.0.extend(added.0);
        self.counted()
    }

    /// These tags less `keys`; a key that there is none of is no error.
    pub fn without(mut self, keys: &[String]) -> Result<Self> {
        if keys.len() > TAGS_MAX {
            return Err(Error::TooManyTagKeys(format!(
                "{} has {} keys; at most {TAGS_MAX} may be removed at once.",
                Member::TagKeys,
                keys.len()
            )));
        }
        for key in keys {
            check_key(Member::TagKeys, key)?;
            self.0.remove(key);
        }
        Ok(self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values in the order of the keys.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    fn counted(self) -> Result<Self> {
        match self.0.len() {
            0..=TAGS_MAX => Ok(self),
            n => Err(Error::TooManyTags(format!("The resource would have {n} tags; it may have at most {TAGS_MAX}."))),
        }
    }
}

fn check_key(member: impl Into<MemberPath>, key: &str) -> Result<()> {
    let member = member.into();
    check_text(&member, key, 1, TAG_KEY_CHARS_MAX)?;
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        let text = format!("{member}: '{key}' begins with the reserved prefix 'aws:'.");
        return Err(Error::invalid(member, text));
    }
    Ok(())
}

/// The pattern `[\p{L}\p{Z}\p{N}_.:/=+\-@]*` and a length.
fn check_text(member: &MemberPath, text: &str, min: usize, max: usize) -> Result<()> {
    let length = text.chars().count();
    if !(min..=max).contains(&length) {
        return Err(Error::invalid(member, format!("{member} must have {min} to {max} characters, not {length}.")));
    }
    let legal = |c: char| c.is_alphanumeric() || is_separator(c) || "_.:/=+-@".contains(c);
    match text.chars().find(|c| !legal(*c)) {
        None => Ok(()),
        Some(bad) => {
            let text = format!("{member} may have letters, digits, spaces and _.:/=+-@ only; '{text}' has {bad:?}.");
            Err(Error::invalid(member, text))
        }
    }
}

/// Unicode's categories Zs, Zl and Zp: white space that is no control character.
fn is_separator(c: char) -> bool {
    c.is_whitespace() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Result<Tags> {
        Tags::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    fn numbered(from: usize, to: usize) -> Result<Tags> {
        Tags::new((from..to).map(|n| (format!("k{n}"), String::new())))
    }

    #[test]
    fn legal_and_illegal_texts() {
        for key in ["a", "Umgebung: Prüfung_1", "日本 語", "k.:/=+-@_", "awsome", &"x".repeat(128)] {
            assert!(tags(&[(key, "")]).is_ok(), "{key}");
        }
        for (key, value, words) in [
            ("", "", &["tags.tagKey", "1 to 128", "not 0"][..]),
            (&"x".repeat(129), "", &["tags.tagKey", "not 129"]),
            ("k", &"x".repeat(257), &["tags.tagValue", "0 to 256", "not 257"]),
            ("a*b", "", &["tags.tagKey", "'a*b'", "'*'"]),
            ("k", "a\tb", &["tags.tagValue", "'\\t'"]),
            ("AWS:x", "", &["'AWS:x'", "reserved prefix 'aws:'"]),
        ] {
            let text = tags(&[(key, value)]).err().map(|e| e.to_string()).unwrap_or_default();
            for word in words {
                assert!(text.contains(word), "{key} {value}: {text}");
            }
        }
        let twice = tags(&[("a", "1"), ("a", "2")]).err().map(|e| e.to_string());
        assert_eq!(twice.as_deref(), Some("tags: the key 'a' is given twice."));
    }

    #[test]
    fn fifty_is_the_most() -> Result<()> {
        let full = numbered(0, 50)?;
        assert!(matches!(numbered(0, 51), Err(Error::TooManyTags(text)) if text.contains("51 tags")));
        assert_eq!(full.clone().with(numbered(0, 50)?)?, full);
        assert!(matches!(full.clone().with(numbered(49, 51)?), Err(Error::TooManyTags(_))));
        let keys: Vec<String> = (0..51).map(|n| format!("k{n}")).collect();
        assert!(matches!(full.clone().without(&keys), Err(Error::TooManyTagKeys(text)) if text.contains("51 keys")));
        assert!(full.without(&keys[..50])?.is_empty());
        Ok(())
    }

    #[test]
    fn later_values_win_and_absent_keys_are_no_error() -> Result<()> {
        let changed = tags(&[("a", "1"), ("b", "1")])?.with(tags(&[("b", "2")])?)?;
        assert_eq!(changed, tags(&[("a", "1"), ("b", "2")])?);
        assert_eq!(changed.without(&["a".into(), "zoo".into()])?, tags(&[("b", "2")])?);
        assert!(matches!(Tags::default().without(&["aws:x".into()]), Err(Error::InvalidMember { .. })));
        Ok(())
    }

    #[test]
    fn tags_are_empty_without_any() -> Result<()> {
        assert!(Tags::default().is_empty());
        assert!(!tags(&[("team", "shop")])?.is_empty());
        Ok(())
    }
}

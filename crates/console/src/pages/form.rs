//! Forms: the fields that were sent, their errors, and the markup of a field with its label, help and error.

use crate::cx::Cx;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The fields of a form as they were sent, the first value of each name that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sent(BTreeMap<String, Vec<String>>);

impl Sent {
    /// The decoded pairs of a form or a query.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            sent.entry(name).or_default().push(value);
        }
        Self(sent)
    }

    /// The value of a field without spaces around it; `None` where it is empty or was not sent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.iter().map(|value| value.trim()).find(|value| !value.is_empty())
    }

    /// The value of a field as it was typed.
    pub(crate) fn typed(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values of a field that are not empty.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.0.get(name).map_or(&[][..], Vec::as_slice);
        values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect()
    }

    /// Whether a field was sent, as that of a ticked box.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Error texts by the name of their field; those without a field stand at the top of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldErrors {
    /// Fields with their texts, in the order in which they were found, which is that of the form.
    pub fields: Vec<(String, String)>,
    /// Of no field.
    pub general: Vec<String>,
}

impl FieldErrors {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.general.is_empty()
    }

    /// Notes the error of a field; its first one stays.
    pub(crate) fn at(&mut self, field: impl Into<String>, text: impl Into<String>) {
        let field = field.into();
        if self.of(&field).is_none() {
            self.fields.push((field, text.into()));
        }
    }

    /// The error of a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == field).map(|(_, text)| text.as_str())
    }

    /// The texts that stand at the top of the form.
    pub(crate) fn summary(&self, cx: &Cx) -> Markup {
        html! {
            @if !self.is_empty() {
                div.error role="alert" {
                    @for text in &self.general { p { (text) } }
                    @if !self.fields.is_empty() {
                        p { (cx.text_with("form-faults", &[("count", self.fields.len().into())])) }
                        ul { @for (field, text) in &self.fields { li { a href=(format!("#{}", id_of(field))) { (text) } } } }
                    }
                }
            }
        }
    }

    /// Whether a field is the first with an error.
    pub(crate) fn is_first(&self, field: &str) -> bool {
        self.fields.first().is_some_and(|(first, _)| first == field)
    }
}

/// An input of a form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Field<'a> {
    /// Its name in the form.
    pub name: &'a str,
    /// The text beside it.
    pub label: &'a str,
    /// Its purpose, below it.
    pub help: &'a str,
    /// Its value.
    pub value: &'a str,
    /// The type of the input; `text` when empty.
    pub kind: &'a str,
    /// The text in it while it is empty.
    pub placeholder: &'a str,
    /// Whether it must not be empty.
    pub required: bool,
    /// The least number of an input of numbers; empty for none.
    pub min: &'a str,
    /// The greatest.
    pub max: &'a str,
    /// The distance of the numbers that the arrow keys lead to; any number may be typed where it is empty.
    pub step: &'a str,
    /// Values that the browser offers; others may be typed.
    pub suggestions: &'a [String],
}

impl Field<'_> {
    /// The field with its label, help and error.
    pub(crate) fn markup(&self, errors: &FieldErrors) -> Markup {
        let id = id_of(self.name);
        let error = errors.of(self.name);
        let step = if self.kind == "number" && self.step.is_empty() { "any" } else { self.step };
        let list = (!self.suggestions.is_empty()).then(|| format!("{id}-list"));
        html! {
            div.field {
                label for=(id) { (self.label) }
                input id=(id) name=(self.name) type=(if self.kind.is_empty() { "text" } else { self.kind }) value=(self.value)
                    placeholder=[some(self.placeholder)] required[self.required] autofocus[errors.is_first(self.name)]
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[described(&id, self.help, error.is_some())]
                    autocomplete="off" spellcheck="false" min=[some(self.min)] max=[some(self.max)] step=[some(step)] list=[list.as_deref()];
                @if let Some(list) = &list { datalist id=(list) { @for value in self.suggestions { option value=(value) {} } } }
                @if !self.help.is_empty() { small id=(format!("{id}-help")) { (self.help) } }
                @if let Some(error) = error { small.field-error id=(format!("{id}-error")) { (error) } }
            }
        }
    }
}

/// A choice of a form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// Its name in the form.
    pub name: &'a str,
    /// The text beside it.
    pub label: &'a str,
    /// Its purpose, below it.
    pub help: &'a str,
    /// The value and the text of each option.
    pub options: &'a [(String, String)],
    /// The chosen value.
    pub value: &'a str,
}

impl Choice<'_> {
    /// The field with its label, help and error.
    pub(crate) fn markup(&self, errors: &FieldErrors) -> Markup {
        let id = id_of(self.name);
        let error = errors.of(self.name);
        html! {
            div.field {
                label for=(id) { (self.label) }
                select id=(id) name=(self.name) autofocus[errors.is_first(self.name)] aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[described(&id, self.help, error.is_some())] {
                    @for (value, text) in self.options {
                        option value=(value) selected[value == self.value] { (text) }
                    }
                }
                @if !self.help.is_empty() { small id=(format!("{id}-help")) { (self.help) } }
                @if let Some(error) = error { small.field-error id=(format!("{id}-error")) { (error) } }
            }
        }
    }
}

/// A box to tick.
pub(crate) fn tick(name: &str, label: &str, ticked: bool, errors: &FieldErrors) -> Markup {
    let id = id_of(name);
    let error = errors.of(name);
    html! {
        div.field.field-tick {
            input id=(id) name=(name) type="checkbox" value="true" checked[ticked] autofocus[errors.is_first(name)]
                aria-invalid=[error.map(|_| "true")] aria-describedby=[described(&id, "", error.is_some())];
            label for=(id) { (label) }
            @if let Some(error) = error { small.field-error id=(format!("{id}-error")) { (error) } }
        }
    }
}

/// The id of a field's element: its name with what an id cannot hold as hyphens.
pub(crate) fn id_of(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    format!("field-{}", name.chars().map(plain).collect::<String>())
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn described(id: &str, help: &str, wrong: bool) -> Option<String> {
    let mut ids = Vec::new();
    if !help.is_empty() {
        ids.push(format!("{id}-help"));
    }
    if wrong {
        ids.push(format!("{id}-error"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent() {
        let pairs = [("a", " x "), ("b", ""), ("c", "1"), ("c", "2"), ("box", "true")];
        let sent = Sent::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        assert_eq!((sent.get("a"), sent.get("b"), sent.get("none")), (Some("x"), None, None));
        assert_eq!(
            (sent.all("c"), sent.typed("a"), sent.has("box"), sent.has("tick")),
            (vec!["1", "2"], " x ", true, false)
        );
    }

    #[test]
    fn an_error_stands_at_its_field_and_the_value_is_kept() {
        let mut errors = FieldErrors::default();
        errors.at("p.bptt", "must be <small>");
        errors.at("p.bptt", "second");
        errors.at("a", "later");
        assert!(errors.is_first("p.bptt") && !errors.is_first("a"), "the first found, not the first by name");
        let field = Field { name: "p.bptt", label: "bptt", help: "why", value: "\"99", ..Field::default() };
        let text = field.markup(&errors).into_string();
        assert!(text.contains("id=\"field-p-bptt\"") && text.contains("value=\"&quot;99\""), "{text}");
        assert!(text.contains("aria-invalid=\"true\"") && text.contains("must be &lt;small&gt;"), "{text}");
        assert!(
            text.contains("aria-describedby=\"field-p-bptt-help field-p-bptt-error\"") && text.contains("autofocus"),
            "{text}"
        );
        let text = field.markup(&FieldErrors::default()).into_string();
        assert!(!text.contains("aria-invalid") && !text.contains("autofocus"), "{text}");
    }
}

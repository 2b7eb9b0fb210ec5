//! Sentences in which trainings and other jobs say how they go and what they found. Each is a template with a name, so that a
//! reader gets the name and the values back and can word the sentence in another language. Names of signals and parts of models
//! are among them, as they stand in sentences.

use std::fmt::Display;

/// A template: `{name}` stands for any text, `{name#}` for a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// Its name, which does not change.
    pub kind: &'static str,
    /// The English words around the values.
    pub template: &'static str,
}

/// A sentence that was read: which one it is, and its values in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<'t> {
    /// The template's name.
    pub kind: &'static str,
    /// The values by their names.
    pub values: Vec<(&'static str, &'t str)>,
}

/// Declares the sentences as constants, and all of them as a table. The first that fits a text is the one that it is read as.
macro_rules! sentences {
    ($($name:ident = $kind:literal, $template:literal;)+) => {
        $(
            #[doc = $template]
            pub const $name: Sentence = Sentence { kind: $kind, template: $template };
        )+
        /// All sentences.
        pub const ALL: &[Sentence] = &[$($name),+];
    };
}

sentences! {
    TRIAL = "trial", "trial {number#} of {all#}: {said}";
    EPOCH_QUALITY = "epoch-quality", "epoch {epoch#}: loss {loss#}, NDCG@10 {quality#}";
    EPOCH_LOSS = "epoch-loss", "epoch {epoch#}: loss {loss#}";
    SWEEP = "sweep", "factorising, sweep {sweep#} of {all#}";
    WEIGHING = "weighing", "weighing {parts#} parts on {points#} points";
    NETWORK_LEFT_OUT = "network-left-out", "the network takes no part: {why}";
    CO_OCCURRENCE = "co-occurrence", "co-occurrence of {items#} items";
    EASE = "ease", "EASE of {items#} items, {megabytes#} MB";
    IALS = "ials", "iALS of {items#} items";
    REPEATS = "repeats", "repeats";
    COLUMN_LEFT_OUT = "column-left-out", "column {column} is not used: {why}";
    ONE_VALUE = "one-value", "it has one value only";
    NO_FINITE_VALUE = "no-finite-value", "it has no finite value";
    NO_CONTENT = "no-content", "it is no content";
    RELATED = "related", "related items: {signals}";
    TOO_FEW_TRANSITIONS = "too-few-transitions",
        "equal weights, as {transitions#} transitions of held-out users are too few to fit on";
    USERS_METADATA = "users-metadata", "users' metadata counts {weights} from {bands} events on";
    SPLIT_USERS = "split-users", "{training#} training users, {test#} test users";
    TEST_USERS = "test-users", "{users#} test users";
    SPLIT_INTERACTIONS = "split-interactions", "{training#} of {all#} interactions in training";
    SEGMENTS = "segments", "{segments#} segments";
    LISTS = "lists", "{lists#} lists";
    ITEMS = "items", "{items#} items";
    ANSWERED = "answered", "{requests#} requests are answered";
    RECORDS = "records", "{records#} records";
    FILE_ROWS = "file-rows", "{file}: {rows#} rows";
    FILE_REQUESTS = "file-requests", "{file}: {requests#} requests";
    LEGACY = "legacy", "{recipe} is a legacy recipe; {other} replaces it.";
    RELATED_FIT = "related-fit",
        "Related items: {signals}; NDCG@10 {quality#} and HR@10 {hits#} over {transitions#} transitions of held-out users, \
         {equal#} with equal weights (standard error {error#}).";
    PART_ALONE_IN_SESSION = "part-alone-in-session",
        "The blend within a visit is worth {blend#} on held-out users and its part {part} alone {value#}: that part is used alone.";
    PART_ALONE_NEXT_SESSION = "part-alone-next-session",
        "The blend after an absence is worth {blend#} on held-out users and its part {part} alone {value#}: that part is used alone.";
    SIMPLE_IN_SESSION = "simple-in-session",
        "The fitted blend within a visit is worth {blend#} on held-out users that its weights were not fitted on and {simple} \
         {value#}: that is used instead.";
    SIMPLE_NEXT_SESSION = "simple-next-session",
        "The fitted blend after an absence is worth {blend#} on held-out users that its weights were not fitted on and {simple} \
         {value#}: that is used instead.";
    EQUAL_WEIGHTS = "equal-weights", "{parts} with equal weights";
    ITS_PART_ALONE = "its-part-alone", "its part {part} alone";
    ONLY_POPULARITY = "only-popularity",
        "Nothing that was learned beats popularity on held-out users: the version recommends popular items.";
    REDUCED = "reduced", "The lists of the model were worse than the most popular items ({why}): it is reduced to {parts}.";
    WORSE_IN_SESSION = "worse-in-session",
        "within a visit, lists for {users#} users were worth {value#}, those of the most popular items {popular#}";
    WORSE_NEXT_SESSION = "worse-next-session",
        "after an absence, lists for {users#} users were worth {value#}, those of the most popular items {popular#}";
    REFIT_FAILED = "refit-failed",
        "The refit on all users came to nothing ({why}); the model without the test users serves.";
    NOT_FINITE = "not-finite", "it has scores that are not finite";
    DIVERGED = "diverged", "Training did not converge: {why}.";
    LOSS_NOT_FINITE = "loss-not-finite", "training diverged in epoch {epoch#}: the loss is {loss} at learning rate {rate#}";
    NEXT_ITEMS = "next-items", "next items";
    FOLLOWING_ITEMS = "following-items", "following items";
    FAR_FOLLOWING_ITEMS = "far-following-items", "far following items";
    PRECEDING_ITEMS = "preceding-items", "preceding items";
    FOLLOWING_IN_SESSION = "following-in-session", "following in session";
    SHARED_USERS = "shared-users", "shared users";
    COSINE_OF_USERS = "cosine-of-users", "cosine of users";
    COSINE_OF_SESSIONS = "cosine-of-sessions", "cosine of sessions";
    LOW_RANK = "low-rank", "low rank";
    VECTORS = "vectors", "vectors";
    METADATA = "metadata", "metadata";
    SEARCHED_FROM_BEST = "weights-searched-from-the-best-signal", "weights searched from the best signal";
    SEARCHED_FROM_EQUAL = "weights-searched-from-equal-ones", "weights searched from equal ones";
    ALL_EQUAL = "all-equal", "equal weights";
    NETWORK = "network", "network";
    CO_OCCURRENCE_PART = "co-occurrence-part", "co-occurrence";
    POPULARITY = "popularity", "popularity";
    SEEN = "seen", "seen";
    NEW = "new", "new";
    EXPECTED_POPULARITY = "expected-popularity", "expected popularity";
    NEW_ITEMS_BY_METADATA = "new-items-by-metadata", "new items by metadata";
    WORSE_TWICE = "worse-twice", "{first}; {second}";
}

impl Sentence {
    /// The sentence with values, in the order in which they stand.
    ///
    /// ```
    /// use tastemaker_learn::sentences::{EPOCH_LOSS, read};
    ///
    /// let said = EPOCH_LOSS.with(&[&3, &"2.5000"]);
    /// assert_eq!(said, "epoch 3: loss 2.5000");
    /// let read = read(&said).unwrap();
    /// assert_eq!((read.kind, read.values), ("epoch-loss", vec![("epoch", "3"), ("loss", "2.5000")]));
    /// ```
    pub fn with(&self, values: &[&dyn Display]) -> String {
        let mut text = String::new();
        let mut values = values.iter();
        for part in parts(self.template) {
            match part {
                Part::Words(words) => text += words,
                Part::Value { .. } => text.extend(values.next().map(ToString::to_string)),
            }
        }
        text
    }

    /// The values of `text`, if it is this sentence.
    fn read<'t>(&self, text: &'t str) -> Option<Vec<(&'static str, &'t str)>> {
        let parts: Vec<Part> = parts(self.template).collect();
        fit(&parts, text)
    }
}

/// The values with which `parts` make `text`; of several ways the one whose first values are shortest.
fn fit<'t>(parts: &[Part], text: &'t str) -> Option<Vec<(&'static str, &'t str)>> {
    match parts {
        [] => text.is_empty().then(Vec::new),
        [Part::Words(words), rest @ ..] => fit(rest, text.strip_prefix(words)?),
        [Part::Value { name, is_number }, rest @ ..] => {
            let ends: Vec<usize> = match rest.first() {
                Some(Part::Words(words)) => text.match_indices(words).map(|(at, _)| at).collect(),
                _ => vec![text.len()],
            };
            ends.into_iter().find_map(|end| {
                let value = &text[..end];
                let fits = if *is_number { value.parse::<f64>().is_ok() } else { !value.is_empty() };
                let mut values = if fits { fit(rest, &text[end..])? } else { return None };
                values.insert(0, (*name, value));
                Some(values)
            })
        }
    }
}

/// A piece of a template.
enum Part {
    Words(&'static str),
    Value { name: &'static str, is_number: bool },
}

fn parts(template: &'static str) -> impl Iterator<Item = Part> {
    template.split_inclusive('}').flat_map(|piece| {
        let (words, value) = match piece.split_once('{') {
            Some((words, value)) => (words, value.strip_suffix('}')),
            None => (piece, None),
        };
        let value = value.map(|value| match value.strip_suffix('#') {
            Some(name) => Part::Value { name, is_number: true },
            None => Part::Value { name: value, is_number: false },
        });
        let words = (!words.is_empty()).then_some(Part::Words(words));
        words.into_iter().chain(value)
    })
}

/// The sentence that `text` is; `None` for another text.
pub fn read(text: &str) -> Option<Read<'_>> {
    ALL.iter().find_map(|sentence| Some(Read { kind: sentence.kind, values: sentence.read(text)? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_sentence_is_read_as_itself() {
        assert_eq!(ALL.iter().map(|sentence| sentence.kind).collect::<HashSet<_>>().len(), ALL.len());
        for sentence in ALL {
            let names: Vec<(&str, bool)> = parts(sentence.template)
                .filter_map(|part| match part {
                    Part::Value { name, is_number } => Some((name, is_number)),
                    Part::Words(_) => None,
                })
                .collect();
            let given: Vec<String> = names
                .iter()
                .enumerate()
                .map(|(at, (name, is_number))| if *is_number { format!("{at}.5") } else { format!("of {name}") })
                .collect();
            let values: Vec<&dyn Display> = given.iter().map(|value| value as &dyn Display).collect();
            let text = sentence.with(&values);
            let found = read(&text).unwrap_or_else(|| panic!("{text} is not read"));
            assert_eq!(found.kind, sentence.kind, "{text}");
            let expected: Vec<(&str, &str)> =
                names.iter().zip(&given).map(|((name, _), value)| (*name, value.as_str())).collect();
            assert_eq!(found.values, expected, "{text}");
        }
    }

    #[test]
    fn what_stands_in_a_sentence_is_read_by_itself() {
        let within = WORSE_IN_SESSION.with(&[&40, &"0.1000", &"0.2000"]);
        let after = WORSE_NEXT_SESSION.with(&[&41, &"0.3000", &"0.4000"]);
        let text = REDUCED.with(&[&WORSE_TWICE.with(&[&within, &after]), &"popularity"]);
        let reduced = read(&text).expect("a sentence");
        assert_eq!((reduced.kind, reduced.values[1]), ("reduced", ("parts", "popularity")));
        let both = read(reduced.values[0].1).expect("two sentences");
        assert_eq!(both.kind, "worse-twice");
        assert_eq!(read(both.values[0].1).expect("the first").kind, "worse-in-session");
        assert_eq!(read(both.values[1].1).expect("the second").values[2], ("popular", "0.4000"));
    }

    #[test]
    fn a_refused_loss_is_read_within_its_sentence() {
        let error = crate::Error::Diverged { epoch: 3, loss: f32::NAN, learning_rate: 0.001 };
        let text = DIVERGED.with(&[&error]);
        let outer = read(&text).expect("a sentence");
        assert_eq!(outer.kind, "diverged");
        let inner = read(outer.values[0].1).expect("a sentence");
        assert_eq!(inner.values, [("epoch", "3"), ("loss", "NaN"), ("rate", "0.001")]);
    }

    #[test]
    fn another_text_is_none() {
        for text in ["", "epoch x: loss 3", "A user's own words", "three items", "items"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! The limits of one rendering: how long it may take, how often loops may run, how much text and how many values it may make.
//! Braze ends such a template too; a preview that does not would take the machine with it.

use liquid_core::model::ValueView;
use liquid_core::{Error, Result};
use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Bytes of a template.
pub(super) const TEMPLATE_BYTES_MAX: usize = 1 << 20;
/// Bytes of one output or tag.
pub(super) const TAG_BYTES_MAX: usize = 8 << 10;
/// Blocks within blocks.
pub(super) const NESTED_BLOCKS_MAX: usize = 64;
/// Indexes within indexes: `a[b[c]]` has two.
pub(super) const NESTED_INDEXES_MAX: usize = 16;
/// Calls that one field makes.
pub(super) const CALLS_MAX: usize = 50;
/// Time for a field, without the time that its calls take. Tests of the other limits must not be decided by a slow machine.
const RENDER_TIME_MAX: Duration = Duration::from_secs(if cfg!(test) { 120 } else { 5 });
/// Bytes of a rendered field.
const OUTPUT_BYTES_MAX: usize = 4 << 20;
/// Bytes of all texts and values that a field makes on its way.
const MADE_BYTES_MAX: usize = 128 << 20;
/// Numbers that all ranges of a field count.
const COUNTED_MAX: i128 = 1_000_000;
/// Bytes that a value takes besides its text.
const VALUE_BYTES: usize = 48;

/// The resources that a rendering has used up so far.
pub(super) struct Budget {
    time: Duration,
    started: Instant,
    waited: Cell<Duration>,
    made_bytes: Cell<usize>,
    counted: Cell<i128>,
    /// Whether bytes are on their way through a writer that counted them.
    pub writing: Cell<bool>,
    /// Whether a variable is being looked up by somebody who counts it.
    pub looking: Cell<bool>,
    exceeded: RefCell<Option<String>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of_time(RENDER_TIME_MAX)
    }
}

impl Budget {
    fn of_time(time: Duration) -> Self {
        Self {
            time,
            started: Instant::now(),
            waited: Cell::default(),
            made_bytes: Cell::default(),
            counted: Cell::default(),
            writing: Cell::default(),
            looking: Cell::default(),
            exceeded: RefCell::default(),
        }
    }

    /// The sentence about the limit that was exceeded first.
    pub fn exceeded(&self) -> Option<String> {
        self.exceeded.borrow().clone()
    }

    /// Ends the rendering with a sentence.
    pub fn exceed(&self, sentence: String) -> Error {
        Error::with_msg(self.exceeded.borrow_mut().get_or_insert(sentence).clone())
    }

    /// Whether there is time left, and nothing else was exceeded.
    pub fn check(&self) -> Result<()> {
        if let Some(sentence) = self.exceeded() {
            return Err(Error::with_msg(sentence));
        }
        if self.started.elapsed().saturating_sub(self.waited.get()) > self.time {
            return Err(self.exceed(format!(
                "rendering takes longer than {} seconds and was stopped; look for loops within loops",
                self.time.as_secs()
            )));
        }
        Ok(())
    }

    /// Counts bytes of a text or value before it is made, or as soon as it is there.
    pub fn make(&self, bytes: usize) -> Result<()> {
        let made = self.made_bytes.get().saturating_add(bytes);
        self.made_bytes.set(made);
        if made > MADE_BYTES_MAX {
            return Err(self.exceed(format!(
                "the template makes more than {} MB of texts and values and was stopped; look for a text that is appended to \
                 itself, and for loops within loops",
                MADE_BYTES_MAX >> 20
            )));
        }
        Ok(())
    }

    /// Counts the numbers of a range before a loop over it begins.
    pub fn count(&self, from: i64, to: i64) -> Result<()> {
        let numbers = (i128::from(to) - i128::from(from) + 1).max(0);
        self.counted.set(self.counted.get() + numbers);
        if numbers > COUNTED_MAX {
            return Err(self.exceed(format!(
                "the range ({from}..{to}) has {numbers} numbers; a preview counts to {COUNTED_MAX} at most"
            )));
        }
        if self.counted.get() > COUNTED_MAX {
            return Err(self.exceed(format!(
                "the loops over ranges run more than {COUNTED_MAX} times and were stopped; look for loops within loops"
            )));
        }
        Ok(())
    }

    /// Does work whose time is not the template's.
    pub fn wait_for<T>(&self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.waited.set(self.waited.get() + began.elapsed());
        result
    }
}

/// Bytes that a value takes, about.
pub(super) fn bytes(value: &dyn ValueView) -> usize {
    let within = if let Some(array) = value.as_array() {
        array.values().map(bytes).sum()
    } else if let Some(object) = value.as_object() {
        object.iter().map(|(name, value)| name.len() + bytes(value)).sum()
    } else if value.is_nil() {
        0
    } else {
        value.to_kstr().len()
    };
    VALUE_BYTES + within
}

/// A writer that counts what a block or tag writes. Of writers around each other only the innermost one counts.
pub(super) struct CountedWriter<'w> {
    pub inner: &'w mut dyn Write,
    pub budget: Rc<Budget>,
}

impl Write for CountedWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.budget.writing.replace(true) {
            return self.inner.write(bytes);
        }
        let counted = self.budget.make(bytes.len()).map_err(|error| io::Error::other(error.to_string()));
        let written = counted.and_then(|()| self.inner.write(bytes));
        self.budget.writing.set(false);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The text of a field while it is rendered.
pub(super) struct OutputWriter {
    pub text: Vec<u8>,
    pub budget: Rc<Budget>,
}

impl Write for OutputWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > OUTPUT_BYTES_MAX {
            let sentence = format!("the rendered text is larger than {} MB", OUTPUT_BYTES_MAX >> 20);
            return Err(io::Error::other(self.budget.exceed(sentence).to_string()));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preview::profile::to_liquid;

    #[test]
    fn time_counts_but_for_calls() {
        let budget = Budget::of_time(Duration::from_millis(50));
        budget.wait_for(|| std::thread::sleep(Duration::from_millis(60)));
        assert!(budget.check().is_ok());
        std::thread::sleep(Duration::from_millis(60));
        assert!(budget.check().is_err());
        assert!(budget.exceeded().unwrap().contains("longer than 0 seconds"));
    }

    #[test]
    fn a_budget_that_is_used_up_stays_so() {
        let budget = Budget::default();
        assert!(budget.make(MADE_BYTES_MAX).is_ok() && budget.check().is_ok());
        assert!(budget.make(1).is_err());
        let first = budget.exceeded();
        assert!(budget.count(i64::MIN, i64::MAX).is_err() && budget.check().is_err());
        assert_eq!(budget.exceeded(), first);
    }

    #[test]
    fn ranges_count_together() {
        let budget = Budget::default();
        assert!(budget.count(1, 900_000).is_ok() && budget.count(5, 1).is_ok());
        assert!(budget.count(1, 200_000).is_err());
        assert!(budget.exceeded().unwrap().contains("more than 1000000 times"));
    }

    #[test]
    fn ranges_count_up_to_the_limit() {
        let budget = Budget::default();
        assert!(budget.count(1, 1_000_000).is_ok());
        assert!(budget.count(1, 1).is_err());
        assert!(budget.exceeded().unwrap().contains("more than 1000000 times"));
        let budget = Budget::default();
        assert!(budget.count(1, 1_000_001).is_err());
        assert!(budget.exceeded().unwrap().contains("has 1000001 numbers"));
    }

    #[test]
    fn values_have_a_size() {
        let value = serde_json::json!({"name": "Lamp", "prices": [1, null]});
        assert_eq!(bytes(&to_liquid(&value)), 5 * VALUE_BYTES + "name".len() + "Lamp".len() + "prices".len() + 1);
    }
}

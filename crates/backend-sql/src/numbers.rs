//! Numbers as SQL databases hold them.

use tastemaker_store::{Error, Result};

/// A stored number that this store only writes as positive.
pub(crate) fn positive(number: i64, what: &str) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::Corrupt(format!("{what} is negative: {number}")))
}

/// A number as a database holds it; what is greater than any stored number stays greater.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_stored_are_positive() {
        assert_eq!((positive(0, "n").ok(), positive(7, "n").ok()), (Some(0), Some(7)));
        assert!(matches!(positive(-7, "n"), Err(Error::Corrupt(what)) if what == "n is negative: -7"));
        assert_eq!((stored(7), stored(u64::MAX)), (7, i64::MAX));
    }
}

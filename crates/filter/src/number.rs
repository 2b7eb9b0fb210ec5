//! Numbers, compared by value whatever their type.

use std::cmp::Ordering;

/// An integer, or a finite number with a fraction or beyond the integers.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Number {
    Integer(i64),
    Real(f64),
}

impl Number {
    /// The number that `text` spells, blanks around it aside; `None` for what is none, or not finite.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let integer = text.parse().ok().map(Number::Integer);
        integer.or_else(|| text.parse().ok().and_then(Self::real))
    }

    /// `value` as a number; `None` if it is not finite.
    pub fn real(value: f64) -> Option<Self> {
        value.is_finite().then_some(Number::Real(value))
    }

    /// The exact order of the two values.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
            (Number::Real(a), Number::Real(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Number::Integer(a), Number::Real(b)) => integer_with_real(a, b),
            (Number::Real(a), Number::Integer(b)) => integer_with_real(b, a).reverse(),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Ordering::Equal
    }
}

/// Without rounding the integer, which a comparison of two `f64` would do beyond 2^53.
fn integer_with_real(a: i64, b: f64) -> Ordering {
    /// 2^63, the first value above every integer.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    if b >= ABOVE {
        Ordering::Less
    } else if b < -ABOVE {
        Ordering::Greater
    } else {
        a.cmp(&(b.trunc() as i64)).then(0.0f64.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_not_types() {
        let number = |text: &str| Number::parse(text).unwrap();
        for (a, b, order) in [
            ("1", "1.0", Ordering::Equal),
            ("-0.0", "0", Ordering::Equal),
            ("-1", "-0.5", Ordering::Less),
            ("0", "-0.5", Ordering::Greater),
            ("9007199254740993", "9007199254740992.0", Ordering::Greater),
            ("9223372036854775807", "9223372036854775808", Ordering::Less),
            ("-9223372036854775808", "-9223372036854775808.0", Ordering::Equal),
            ("-9223372036854775808", "-1e30", Ordering::Greater),
            (" 10 ", "1e1", Ordering::Equal),
            ("+3", ".5", Ordering::Greater),
        ] {
            assert_eq!(number(a).compare(number(b)), order, "{a} {b}");
            assert_eq!(number(b).compare(number(a)), order.reverse(), "{b} {a}");
        }
        for text in ["", "-", "ten", "1,5", "nan", "inf", "-infinity", "1e999", "0x10"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}

//! Linear scales with round ticks.

/// Below this a value counts as zero: differences of smaller ones have no logarithm.
const VALUE_MIN: f64 = 1e-100;
/// Beyond this a value is drawn at the edge: differences of larger ones would not be finite.
const VALUE_MAX: f64 = 1e15;

/// A linear map from values to coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
    /// Whether ticks are whole numbers, as those of counts are.
    whole: bool,
}

impl Scale {
    /// A scale over `values`, from `start` to `end`. With `zero` it begins at zero, or ends there if all values are negative.
    pub(super) fn over(values: impl Iterator<Item = f64>, zero: bool, start: f64, end: f64) -> Self {
        let mut whole = true;
        let bounded = values
            .filter(|value| value.is_finite())
            .inspect(|value| whole &= value.fract() == 0.0)
            .map(|value| if value.abs() < VALUE_MIN { 0.0 } else { value.clamp(-VALUE_MAX, VALUE_MAX) });
        let (mut from, mut to) =
            bounded.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), value| (from.min(value), to.max(value)));
        if from > to {
            (from, to, whole) = (0.0, 1.0, false);
        }
        if zero {
            (from, to) = (from.min(0.0), to.max(0.0));
        }
        if to - from <= f64::EPSILON * to.abs().max(from.abs()).max(f64::MIN_POSITIVE) {
            let room = if from == 0.0 { 1.0 } else { from.abs() / 2.0 };
            (from, to) = if zero { (from.min(0.0), to.max(0.0) + room) } else { (from - room, to + room) };
        }
        Self { from, to, start, end, whole }
    }

    /// This scale with round numbers at its ends.
    pub(super) fn rounded(self) -> Self {
        let step = self.step();
        Self { from: (self.from / step).floor() * step, to: (self.to / step).ceil() * step, ..self }
    }

    /// The coordinate of `value`, between the ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value.clamp(self.from, self.to) - self.from) / (self.to - self.from);
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    /// Four to six round values of the range.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let step = self.step();
        let first = (self.from / step - 1e-9).ceil() as i64;
        let last = (self.to / step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }

    /// The distance of ticks: 1, 2 or 5 times a power of ten, at most a fourth of the range but for few whole numbers.
    fn step(&self) -> f64 {
        let rough = (self.to - self.from) / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let of = rough / power;
        let factor = if of <= 1.0 {
            1.0
        } else if of <= 2.0 {
            2.0
        } else if of <= 5.0 {
            5.0
        } else {
            10.0
        };
        if self.whole { (factor * power).max(1.0) } else { factor * power }
    }
}

/// A number in a few characters, such as `1.2M`, `12k` or `0.034`.
pub fn short_number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if size >= 1e12 {
        format!("{value:.0e}")
    } else if size >= 1e9 {
        format!("{}G", significant(value / 1e9))
    } else if size >= 1e6 {
        format!("{}M", significant(value / 1e6))
    } else if size >= 1e4 {
        format!("{}k", significant(value / 1e3))
    } else if size < 1e-4 {
        format!("{value:.1e}")
    } else {
        significant(value)
    }
}

/// `value` with up to four digits that count, without zeros at the end.
fn significant(value: f64) -> String {
    let whole_digits = value.abs().log10().floor() as i64 + 1;
    let decimals = usize::try_from((4 - whole_digits).clamp(0, 7)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let table: [(&[f64], bool, &[f64]); 7] = [
            (&[1.0, 0.0], true, &[0.0, 1.0]),
            (&[0.5, 1.0], true, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
            (&[0.0, 10.0], true, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
            (&[3.0, 97.0], true, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
            (&[-4.0, 4.0], true, &[-4.0, -2.0, 0.0, 2.0, 4.0]),
            (&[7.0], true, &[0.0, 2.0, 4.0, 6.0, 8.0]),
            (&[], true, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ];
        for (values, zero, expected) in table {
            let ticks = Scale::over(values.iter().copied(), zero, 0.0, 1.0).rounded().ticks();
            assert_eq!(ticks.len(), expected.len(), "{values:?}: {ticks:?}");
            assert!(ticks.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{values:?}: {ticks:?}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let table = [
            (0.0, "0"),
            (0.2, "0.2"),
            (0.03456, "0.03456"),
            (12.0, "12"),
            (1234.0, "1234"),
            (12_300.0, "12.3k"),
            (4_500_000.0, "4.5M"),
            (2e9, "2G"),
            (-20.0, "-20"),
            (0.00001, "1.0e-5"),
            (f64::NAN, "–"),
        ];
        for (value, text) in table {
            assert_eq!(short_number(value), text);
        }
    }

    #[test]
    fn coordinates_stay_between_the_ends() {
        let scale = Scale::over([1.0, 3.0].into_iter(), false, 100.0, 0.0);
        assert_eq!((scale.at(1.0), scale.at(2.0), scale.at(3.0)), (100.0, 50.0, 0.0));
        assert_eq!((scale.at(-9.0), scale.at(9.0)), (100.0, 0.0));
    }
}

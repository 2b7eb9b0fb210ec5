//! Times in the formats that people write, as seconds since the Unix epoch.

use tastemaker_domain::csv_columns::TimeFormat;
use time::{Date, Month, Time, UtcOffset};

/// Milliseconds from here on are taken for such: in seconds they would be after the year 5138.
const MILLISECONDS_MIN: i64 = 100_000_000_000;

/// The seconds of a time that is written in this format; `None` for one that is not. Without a zone it is in UTC.
pub(crate) fn seconds_of(text: &str, format: TimeFormat) -> Option<i64> {
    let text = text.trim();
    if format == TimeFormat::Milliseconds {
        return text.parse::<i64>().ok().map(|milliseconds| milliseconds.div_euclid(1000));
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (text, None),
    };
    let date = date_of(date, format)?;
    let (time, offset) = time.map_or(Some((Time::MIDNIGHT, UtcOffset::UTC)), time_of)?;
    Some(date.with_time(time).assume_offset(offset).unix_timestamp())
}

/// The formats in which all of a column's values are written; to be narrowed value by value.
#[derive(Debug, Clone)]
pub(crate) struct TimeFormats(Vec<TimeFormat>);

impl Default for TimeFormats {
    fn default() -> Self {
        Self(TimeFormat::ALL.to_vec())
    }
}

impl TimeFormats {
    /// Leaves the formats in which this value is written, too.
    pub fn see(&mut self, text: &str) {
        self.0.retain(|format| match format {
            TimeFormat::Milliseconds => text.trim().parse::<i64>().is_ok_and(|number| number >= MILLISECONDS_MIN),
            format => seconds_of(text, *format).is_some(),
        });
    }

    /// The format. Where a date may be read in two ways, the day comes first with points and the month with slashes, as is usual.
    pub fn guess(&self, sample: &str) -> Option<TimeFormat> {
        match self.0.as_slice() {
            [] => None,
            [only] => Some(*only),
            several => {
                let usual = if sample.contains('/') { TimeFormat::MonthDayYear } else { TimeFormat::DayMonthYear };
                several.iter().copied().find(|format| *format == usual).or(several.first().copied())
            }
        }
    }
}

fn date_of(text: &str, format: TimeFormat) -> Option<Date> {
    let separator = text.chars().find(|c| ['-', '/', '.'].contains(c))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = match format {
        TimeFormat::DayMonthYear => (*third, *second, *first),
        TimeFormat::MonthDayYear => (*third, *first, *second),
        _ => (*first, *second, *third),
    };
    if year.len() != 4 {
        return None;
    }
    let month = Month::try_from(number(month, 2)?).ok()?;
    Date::from_calendar_date(
        year.bytes().all(|b| b.is_ascii_digit()).then(|| year.parse().ok())??,
        month,
        number(day, 2)?,
    )
    .ok()
}

fn time_of(text: &str) -> Option<(Time, UtcOffset)> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, UtcOffset::UTC),
        Some(at) if text[at..].eq_ignore_ascii_case("z") => (&text[..at], UtcOffset::UTC),
        Some(at) => (&text[..at], offset_of(&text[at..])?),
    };
    let clock = clock.trim_end();
    let clock = clock.strip_suffix(" UTC").unwrap_or(clock);
    let (clock, fraction) = clock.split_once(['.', ',']).map_or((clock, ""), |(clock, fraction)| (clock, fraction));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] if fraction.is_empty() => (number(hour, 2)?, number(minute, 2)?, 0),
        [hour, minute, second] => (number(hour, 2)?, number(minute, 2)?, number(second, 2)?),
        _ => return None,
    };
    Some((Time::from_hms(hour, minute, second).ok()?, offset))
}

/// An offset as `+09:00`, `-0330` or `+09`.
fn offset_of(text: &str) -> Option<UtcOffset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "00"),
    };
    let whole = |text: &str| i8::try_from(number(text, 2)?).ok();
    UtcOffset::from_hms(sign * whole(hours)?, sign * whole(minutes)?, 0).ok()
}

/// A number of at most so many digits.
fn number(text: &str, digits_max: usize) -> Option<u8> {
    let fits = !text.is_empty() && text.len() <= digits_max && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TimeFormat::{DayMonthYear, Iso8601, Milliseconds, MonthDayYear};

    #[test]
    fn times_become_seconds() {
        for (text, format, expected) in [
            ("2024-05-31", Iso8601, Some(1_717_113_600)),
            ("2024-05-31T16:20:05Z", Iso8601, Some(1_717_172_405)),
            ("2024-05-31T16:20:05.999999Z", Iso8601, Some(1_717_172_405)),
            ("2024-05-31 16:20", Iso8601, Some(1_717_172_400)),
            ("2024-05-31 16:20:05 UTC", Iso8601, Some(1_717_172_405)),
            ("2024-06-01T01:20:05+09:00", Iso8601, Some(1_717_172_405)),
            ("2024-06-01T01:20:05+0900", Iso8601, Some(1_717_172_405)),
            ("2024-05-31T12:50:05-03:30", Iso8601, Some(1_717_172_405)),
            ("2024/5/31", Iso8601, Some(1_717_113_600)),
            ("1969-12-31T23:59:59Z", Iso8601, Some(-1)),
            ("31.05.2024", DayMonthYear, Some(1_717_113_600)),
            ("31/05/2024 16:20:05", DayMonthYear, Some(1_717_172_405)),
            ("5/31/2024", MonthDayYear, Some(1_717_113_600)),
            ("1717172405999", Milliseconds, Some(1_717_172_405)),
            ("5/31/2024", DayMonthYear, None),
            ("2024-02-30", Iso8601, None),
            ("2024-05-31T25:00", Iso8601, None),
            ("2024-05-31T16:20:05+99:00", Iso8601, None),
            ("2024-05", Iso8601, None),
            ("24-05-31", Iso8601, None),
            ("+024-05-31", Iso8601, None),
            ("1717172405", Iso8601, None),
            ("가나다", Iso8601, None),
            ("2024-05-31T16:20:05\u{e9}", Iso8601, None),
            ("", Iso8601, None),
            ("x", Milliseconds, None),
        ] {
            assert_eq!(seconds_of(text, format), expected, "{text}");
        }
    }

    #[test]
    fn the_format_is_the_one_that_all_values_have() {
        let guess = |values: &[&str]| {
            let mut formats = TimeFormats::default();
            values.iter().for_each(|value| formats.see(value));
            formats.guess(values[0])
        };
        assert_eq!(guess(&["1717172405", "1717172406"]), None, "seconds stay as they are");
        assert_eq!(guess(&["1717172405999"]), Some(Milliseconds));
        assert_eq!(guess(&["2024-05-31", "2024-05-31T16:20:05Z"]), Some(Iso8601));
        assert_eq!(guess(&["01/02/2024"]), Some(MonthDayYear));
        assert_eq!(guess(&["01/02/2024", "31/02/2024"]), None, "there is no such day");
        assert_eq!(guess(&["01/02/2024", "31/01/2024"]), Some(DayMonthYear));
        assert_eq!(guess(&["01.02.2024"]), Some(DayMonthYear));
    }
}

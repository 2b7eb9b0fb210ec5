//! Numbers and times as pages show them.

use crate::language::{FluentValue, Language};
use maud::{Markup, html};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A whole number with its thousands apart, which English and Korean do alike.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A whole number as the value of a text that says one of a thing otherwise than several.
pub fn counted(number: u64) -> FluentValue<'static> {
    // From a thousand on the separators make it a text, which is several of whatever it counts.
    if number < 1000 { number.into() } else { count(number).into() }
}

/// A number of bytes in the largest unit of which there is one.
pub fn bytes(number: u64) -> String {
    const UNITS: &[&str] = &["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A span of seconds as `3 d 4 h`, `5 min 2 s`, and in Korean `3일 4시간`, `5분 2초`.
pub fn seconds(language: Language, span: u64) -> String {
    let (days, hours, minutes, rest) = (span / 86_400, span / 3600 % 24, span / 60 % 60, span % 60);
    let [day, hour, minute, second] = match language {
        Language::En => [" d", " h", " min", " s"],
        Language::Ko => ["일", "시간", "분", "초"],
    };
    match span {
        0..60 => format!("{rest}{second}"),
        60..3600 => format!("{minutes}{minute} {rest}{second}"),
        3600..86_400 => format!("{hours}{hour} {minutes}{minute}"),
        _ => format!("{days}{day} {hours}{hour}"),
    }
}

/// A short span of milliseconds as seconds with a decimal.
pub fn short_seconds(language: Language, span_ms: u64) -> String {
    let seconds = span_ms as f64 / 1e3;
    match language {
        Language::En => format!("{seconds:.1} s"),
        Language::Ko => format!("{seconds:.1}초"),
    }
}

/// A time that a request took, in milliseconds.
pub fn milliseconds(language: Language, span: f64) -> String {
    match language {
        Language::En => format!("{span:.1} ms"),
        Language::Ko => format!("{span:.1}밀리초"),
    }
}

/// A time in seconds since the Unix epoch: UTC, which the script of the page puts into the browser's zone.
pub fn time(seconds: f64) -> Markup {
    let nanos = (seconds * 1e9) as i128;
    let text = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().and_then(|time| {
        let time = time.replace_nanosecond(0).unwrap_or(time);
        time.format(&Rfc3339).ok()
    });
    let Some(text) = text else { return html! { "–" } };
    let shown = text.replace('T', " ").replace('Z', " UTC");
    html! { time datetime=(text) title=(shown) { (shown) } }
}

/// As much of a text as fits, cut in its middle.
pub fn shortened(text: &str, characters_max: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= characters_max || characters_max < 3 {
        return text.to_owned();
    }
    let left = characters_max / 2;
    let right = characters_max - left - 1;
    let (first, last) = (&characters[..left], &characters[characters.len() - right..]);
    first.iter().chain(&['…']).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_read_easily() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1023, 1024, 1536, 20 << 30].map(bytes), ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "20.0 GiB"]);
        let spans = [5, 65, 3660, 90_000];
        assert_eq!(spans.map(|span| seconds(Language::En, span)), ["5 s", "1 min 5 s", "1 h 1 min", "1 d 1 h"]);
        assert_eq!(spans.map(|span| seconds(Language::Ko, span)), ["5초", "1분 5초", "1시간 1분", "1일 1시간"]);
        assert_eq!(milliseconds(Language::Ko, 3.25), "3.2밀리초");
        assert_eq!([Language::En, Language::Ko].map(|it| short_seconds(it, 1_260)), ["1.3 s", "1.3초"]);
        assert_eq!(shortened("abcdefghij", 5), "ab…ij");
        assert_eq!(shortened("상점", 5), "상점");
    }

    #[test]
    fn times_are_utc_for_the_script() {
        let shown = time(1_700_000_000.25).into_string();
        assert!(
            shown.contains("datetime=\"2023-11-14T22:13:20Z\"") && shown.contains("2023-11-14 22:13:20 UTC"),
            "{shown}"
        );
        assert_eq!(time(f64::MAX).into_string(), "–");
        assert!(time(f64::NAN).into_string().contains("1970"));
    }
}

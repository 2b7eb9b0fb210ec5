//! The numbers of metric attributions.
//!
//! | key | value |
//! |---|---|
//! | `attribution-cursor/<arn>` | [`AttributionCursor`] |
//! | `attribution-window/<arn>/<start, twelve digits>` | the values of fifteen minutes |

use super::codec::One;
use crate::{Records, RecordsExt, Result, Versioned, Write, from_json, put_json};
use serde::{Deserialize, Serialize};

/// The position up to which a metric attribution has counted, and its sums so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttributionCursor {
    /// Events up to this position of the group's stream are counted.
    pub position: u64,
    /// Sums since the attribution began.
    pub totals: Vec<AttributedValue>,
}

/// One number of one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributedValue {
    /// The metric's name.
    pub metric: String,
    /// The metric's event type.
    pub event_type: String,
    /// `samplecount` or `sum`.
    pub function: String,
    /// The source that the events are attributed to.
    pub source: String,
    /// The number.
    pub value: f64,
}

#[derive(Serialize, Deserialize)]
struct CursorV1 {
    v: One,
    position: u64,
    totals: Vec<AttributedValue>,
}

#[derive(Serialize, Deserialize)]
struct WindowV1 {
    v: One,
    values: Vec<AttributedValue>,
}

/// The key of an attribution's cursor.
pub fn attribution_cursor_key(arn: &str) -> String {
    format!("attribution-cursor/{arn}")
}

fn windows_prefix(arn: &str) -> String {
    format!("attribution-window/{arn}/")
}

/// The key of the window of fifteen minutes that begins at `start_s`.
pub fn attribution_window_key(arn: &str, start_s: i64) -> String {
    format!("{}{start_s:012}", windows_prefix(arn))
}

/// The key and the prefix of keys that hold an attribution's numbers.
pub fn attribution_keys(arn: &str) -> [String; 2] {
    [attribution_cursor_key(arn), windows_prefix(arn)]
}

/// A write of an attribution's cursor.
pub fn put_attribution_cursor(arn: &str, cursor: &AttributionCursor) -> Result<Write> {
    let stored = CursorV1 { v: One, position: cursor.position, totals: cursor.totals.clone() };
    put_json(attribution_cursor_key(arn), &stored)
}

/// An attribution's cursor with its version.
pub async fn load_attribution_cursor(records: &dyn Records, arn: &str) -> Result<Option<(u64, AttributionCursor)>> {
    let found = records.get_json::<CursorV1>(&attribution_cursor_key(arn)).await?;
    Ok(found.map(|(at, stored)| (at, AttributionCursor { position: stored.position, totals: stored.totals })))
}

/// A write of a window's values.
pub fn put_attribution_window(arn: &str, start_s: i64, values: &[AttributedValue]) -> Result<Write> {
    put_json(attribution_window_key(arn, start_s), &WindowV1 { v: One, values: values.to_vec() })
}

/// The values of a window; none if nothing was counted in it.
pub async fn load_attribution_window(records: &dyn Records, arn: &str, start_s: i64) -> Result<Vec<AttributedValue>> {
    let found = records.get_json::<WindowV1>(&attribution_window_key(arn, start_s)).await?;
    Ok(found.map(|(_, window)| window.values).unwrap_or_default())
}

/// Every window of an attribution by its start, oldest first.
pub async fn attribution_windows(records: &dyn Records, arn: &str) -> Result<Vec<(i64, Vec<AttributedValue>)>> {
    let prefix = windows_prefix(arn);
    let decode = |(key, found): (String, Versioned)| {
        let start_s = key[prefix.len()..].parse().unwrap_or_default();
        Ok((start_s, from_json::<WindowV1>(&key, &found.value)?.values))
    };
    records.scan_all(&prefix).await?.into_iter().map(decode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const CURSOR: &str = include_str!("../../tests/records/v1/attribution-cursor.json");
    const WINDOW: &str = include_str!("../../tests/records/v1/attribution-window.json");

    #[tokio::test]
    async fn what_released_versions_wrote_is_read_and_written_again() {
        let records = MemoryRecords::new();
        let put = |key: String, value: &str| Write::Put { key, value: value.trim_end().to_owned().into() };
        let writes = vec![put(attribution_cursor_key("a"), CURSOR), put(attribution_window_key("a", 900), WINDOW)];
        records.commit(vec![], writes.clone()).await.expect("committed");
        let (_, cursor) = load_attribution_cursor(&records, "a").await.expect("read").expect("present");
        assert_eq!((cursor.position, cursor.totals.len()), (42, 1));
        let values = load_attribution_window(&records, "a", 900).await.expect("read");
        assert_eq!(attribution_windows(&records, "a").await.expect("read"), [(900, values.clone())]);
        assert!(load_attribution_window(&records, "a", 1800).await.expect("read").is_empty());
        let again = [put_attribution_cursor("a", &cursor), put_attribution_window("a", 900, &values)];
        assert_eq!(again.map(|write| write.expect("written")), writes[..]);
    }

    #[test]
    fn the_keys_of_an_attribution_are_below_its_arn() {
        assert_eq!(attribution_keys("a"), ["attribution-cursor/a", "attribution-window/a/"]);
        assert_eq!(attribution_window_key("a", 900), "attribution-window/a/000000000900");
    }
}

//! Packed rows: many rows in one value, since what the driver does for each row, a message between two threads and a copy of
//! every value, takes far longer than SQLite's reading of it.

use bytes::Bytes;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tastemaker_store::{Error, Result};

use super::database::failed;

/// The columns `number`, `text` and `bytes` of the rows of a query, in its order, as one value for [`rows`]: of each row the
/// number, the lengths of the two others in bytes, and these.
macro_rules! packed {
    ($number:literal, $text:literal, $bytes:literal, $rest:literal) => {
        concat!(
            "SELECT CAST(group_concat(",
            $number,
            " || ' ' || length(CAST(",
            $text,
            " AS BLOB)) || ' ' || length(",
            $bytes,
            ") || ' ' || ",
            $text,
            " || CAST(",
            $bytes,
            " AS TEXT), '') AS BLOB) FROM (SELECT ",
            $number,
            ", ",
            $text,
            ", ",
            $bytes,
            " ",
            $rest,
            ")"
        )
    };
}
pub(crate) use packed;

/// The rows of a [`packed`] query's only row.
pub(crate) fn rows(packed: &SqliteRow) -> Result<Vec<(i64, String, Bytes)>> {
    let all: Option<Vec<u8>> = packed.try_get(0).map_err(failed)?;
    let mut rest = Bytes::from(all.unwrap_or_default());
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let row = row(&mut rest).ok_or_else(|| Error::Corrupt(format!("row {} of a page is cut", rows.len())))?;
        rows.push(row);
    }
    Ok(rows)
}

fn row(rest: &mut Bytes) -> Option<(i64, String, Bytes)> {
    let mut number = || {
        let blank = rest.iter().position(|&byte| byte == b' ')?;
        let digits = rest.split_to(blank + 1);
        std::str::from_utf8(&digits[..blank]).ok()?.parse::<i64>().ok()
    };
    let (own, text, bytes) = (number()?, usize::try_from(number()?).ok()?, usize::try_from(number()?).ok()?);
    if rest.len() < text.checked_add(bytes)? {
        return None;
    }
    let text = String::from_utf8(rest.split_to(text).to_vec()).ok()?;
    Some((own, text, rest.split_to(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_by_their_lengths() {
        let mut all = Bytes::from_static(b"7 2 3 ab\x00\xff 8 0 0 ");
        assert_eq!(row(&mut all), Some((7, "ab".into(), Bytes::from_static(b"\x00\xff "))));
        assert_eq!(row(&mut all), Some((8, String::new(), Bytes::new())));
        assert!(all.is_empty());
        for broken in ["7", "7 2", "7 2 3 abc", "x 1 1 ab", "7 -1 0 "] {
            assert_eq!(row(&mut Bytes::from(broken)), None, "{broken}");
        }
    }

    #[tokio::test]
    async fn any_bytes_pass_through_a_database_in_order() {
        let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.expect("a database");
        sqlx::query("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT, b BLOB)").execute(&pool).await.expect("made");
        let values = [(3, "ä\u{0} 1", &b"\x00 \xff\xfe"[..]), (1, "", b""), (2, "日本 5 5 ", b"{}")];
        for (n, s, b) in values {
            let insert = sqlx::query("INSERT INTO t VALUES (?, ?, ?)").bind(n).bind(s).bind(b);
            insert.execute(&pool).await.expect("inserted");
        }
        const ALL: &str = packed!("n", "s", "b", "FROM t WHERE n < ? ORDER BY n DESC LIMIT ?");
        let found = sqlx::query(ALL).bind(9).bind(5).fetch_one(&pool).await.expect("read");
        let found = rows(&found).expect("whole");
        let mut expected = values.map(|(n, s, b)| (n, s.to_owned(), Bytes::from_static(b)));
        expected.sort_by_key(|row| -row.0);
        assert_eq!(found, expected);
        let none = sqlx::query(ALL).bind(0).bind(5).fetch_one(&pool).await.expect("read");
        assert_eq!(rows(&none).expect("whole"), []);
    }
}

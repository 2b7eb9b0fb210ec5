//! A copy of a database at one moment, made while another process writes to it.

use std::path::Path;

use sqlx::{ConnectOptions, Connection};
use tastemaker_store::{Error, Result};

use super::database::{NAME, failed, options};

/// Writes the database of `path`, as its last commit left it, to the new file `to`, and syncs that file.
///
/// The source is only read, and whoever writes to it meanwhile goes on. Errors when `to` exists and is not empty.
pub async fn snapshot(path: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    let (path, to) = (path.as_ref(), to.as_ref());
    let Some(name) = to.to_str() else {
        return Err(Error::backend(NAME, format!("{} is not valid UTF-8", to.display())));
    };
    let mut connection = options(path).create_if_missing(false).connect().await.map_err(failed)?;
    let copied = sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await;
    let closed = connection.close().await;
    copied.map_err(failed)?;
    closed.map_err(failed)?;
    let synced = tokio::fs::File::open(to).await;
    let synced = match synced {
        Ok(file) => file.sync_all().await,
        Err(error) => Err(error),
    };
    synced.map_err(|error| Error::from_io(NAME, name, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqliteRecords;
    use tastemaker_store::{Records, RecordsExt};

    #[tokio::test]
    async fn the_copy_is_of_one_moment_while_writers_go_on() {
        let root = tempfile::tempdir().expect("directory");
        let (path, to) = (root.path().join("d.sqlite"), root.path().join("copy.sqlite"));
        let records = SqliteRecords::open(&path).await.expect("open");
        for n in 0..50 {
            records.put_json(&format!("before/{n}"), &n).await.expect("put");
        }
        let writes = async {
            for n in 0..50 {
                records.put_json("left", &n).await.expect("put");
                records.put_json("right", &n).await.expect("put");
            }
        };
        let (copied, ()) = tokio::join!(snapshot(&path, &to), writes);
        copied.expect("copied");
        let copy = SqliteRecords::open(&to).await.expect("open the copy");
        assert_eq!(copy.count("before/").await.expect("count"), 50);
        let number = async |key| copy.get_json::<i32>(key).await.expect("get").map_or(-1, |(_, n)| n);
        let (left, right) = (number("left").await, number("right").await);
        assert!(left == right || left == right + 1, "{left} {right}");
        assert!(snapshot(&path, &to).await.is_err(), "nothing is replaced");
        assert!(snapshot(root.path().join("absent"), root.path().join("x")).await.is_err());
    }
}

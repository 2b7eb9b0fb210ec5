//! The meaning of PostgreSQL's errors.

use tastemaker_store::Error;

use super::url::PostgresUrl;

pub(crate) const NAME: &str = "postgres";

/// The next step after a failed attempt to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing was written; others were in the way. Again at once.
    Again,
    /// The connection is gone, or nobody knows what state it is in.
    Reconnect,
    /// Another attempt would end in the same way.
    GiveUp,
}

/// The five characters of PostgreSQL's own errors (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// The next step after an error.
pub(crate) fn next(error: &sqlx::Error) -> Next {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => Next::Reconnect,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Next::Reconnect,
        other => match code(other).as_deref() {
            // Serialization failure, deadlock, a lock that was not to be had in time.
            Some("40001" | "40P01" | "55P03") => Next::Again,
            // The session was ended: by an operator, by a crash, by its own silence, or the server starts or stops.
            Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04") => Next::Reconnect,
            // The server became a standby: another one has taken over.
            Some("25006") => Next::Reconnect,
            Some(code) if code.starts_with("08") => Next::Reconnect,
            _ => Next::GiveUp,
        },
    }
}

/// Whether a database that refuses in this way may accept a connection a little later.
pub(crate) fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        // A certificate that is not trusted comes as invalid data.
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        sqlx::Error::PoolTimedOut => true,
        other => code(other).is_some_and(|code| code.starts_with("57P") || code.starts_with("08") || code == "53300"),
    }
}

/// Sorts an error into the decision that its caller can take. `url` says which database it is about.
pub(crate) fn failed(url: &PostgresUrl, error: sqlx::Error) -> Error {
    let what = format!("{url}: {error}");
    match &error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Error::Unavailable(what),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Error::Corrupt(what),
        other => match code(other).as_deref() {
            Some(code) if code.starts_with("XX0") && code != "XX000" => Error::Corrupt(what),
            // Connections, resources, operators, the operating system, rights and passwords, standbys and locks.
            Some(code)
                if ["08", "53", "57", "58", "28", "40"].iter().any(|class| code.starts_with(class))
                    || matches!(code, "25006" | "25P03" | "25P04" | "55P03" | "3D000" | "42501") =>
            {
                Error::Unavailable(what)
            }
            _ => Error::backend(NAME, what),
        },
    }
}

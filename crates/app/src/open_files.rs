//! The limit of files and connections that this process may have open.

use tastemaker_http::limits::CONNECTIONS_MAX;

/// Open files that are kept for storage, jobs and the process itself.
const RESERVED: u64 = 512;

/// Raises the limit as far as the system lets this process, and gives the number of connections that fit under it. What is
/// less than [`CONNECTIONS_MAX`] is said in the log.
pub fn connections_max() -> usize {
    let Some(limit) = raise() else { return CONNECTIONS_MAX };
    let connections = fitting(limit);
    if connections < CONNECTIONS_MAX {
        tracing::warn!(
            open_files = limit,
            connections,
            wanted = CONNECTIONS_MAX as u64 + RESERVED,
            "few files may be open at once (ulimit -n), so fewer connections are taken"
        );
    }
    connections
}

/// The connections that fit under a limit: what storage leaves, and at least half.
pub fn fitting(open_files: u64) -> usize {
    let connections = open_files.saturating_sub(RESERVED).max(open_files / 2);
    usize::try_from(connections).unwrap_or(usize::MAX).min(CONNECTIONS_MAX)
}

/// The limit as it is; `None` where there is none.
#[cfg(unix)]
pub fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// The limit as far as this process may raise it; `None` where there is none.
#[cfg(unix)]
pub fn limit_max() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum
}

/// There is none.
#[cfg(not(unix))]
pub fn limit() -> Option<u64> {
    None
}

/// There is none.
#[cfg(not(unix))]
pub fn limit_max() -> Option<u64> {
    None
}

/// Raises the limit to the hard one; what it is then, and `None` where there is none.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files cannot be raised");
            limit.current
        }
    }
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_keeps_its_files() {
        assert_eq!(fitting(1 << 20), CONNECTIONS_MAX);
        assert_eq!(fitting(CONNECTIONS_MAX as u64 + RESERVED), CONNECTIONS_MAX);
        assert_eq!((fitting(2048), fitting(1024), fitting(100), fitting(0)), (1536, 512, 50, 0));
    }

    #[test]
    #[cfg(unix)]
    fn the_limit_is_as_high_as_it_may_be() {
        use rustix::process::{Resource, getrlimit};
        let raised = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(raised, limit.current);
        assert_eq!(limit.current, limit.maximum);
    }
}

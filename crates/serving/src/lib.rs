//! Recommendations from an immutable snapshot plus the user's recent events; never waits on storage.

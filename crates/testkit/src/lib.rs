//! Test-only helpers: tiny golden datasets, fake clock, in-process server.

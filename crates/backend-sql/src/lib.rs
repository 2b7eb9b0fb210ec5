//! Records, events and wake-ups on SQLite.

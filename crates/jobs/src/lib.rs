//! Durable work: import, train, deploy; leased, resumable, observable.

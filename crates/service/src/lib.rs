//! Every use case that is not latency-critical.

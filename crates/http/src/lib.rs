//! Sockets in, bytes out: routing by signature scope, limits, one file per operation, the one error table, health and metrics.

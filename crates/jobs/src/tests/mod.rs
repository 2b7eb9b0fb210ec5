//! Whole jobs on memory stores.

//! Splits and metrics, usable alone on any ranked lists.

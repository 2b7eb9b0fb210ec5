//! Repository tooling.
fn main() {}

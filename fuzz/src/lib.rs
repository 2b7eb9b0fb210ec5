//! Checks of the decoders: each takes arbitrary bytes and panics where an invariant is broken. A refusal of the input is
//! an answer like any other.
//!
//! [`TARGETS`] lists them. `tests/corpus.rs` runs every seed of `seeds/<target>` and seeded mutations of it with each
//! test run; `cargo xtask fuzz <target>` searches on with libFuzzer.

mod api;
mod artifacts;
mod bodies;
mod liquid;
mod seeds;
mod tables;
mod text;

pub use seeds::seeds;

/// A decoder under test.
#[derive(Clone, Copy)]
pub struct Target {
    /// The target's name on the command line, and its folder in `seeds`.
    pub name: &'static str,
    /// The check; panics where an invariant is broken.
    pub check: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "operation_body", check: api::operation_body },
    Target { name: "filter", check: text::filter },
    Target { name: "filter_values", check: text::filter_values },
    Target { name: "avro_schema", check: text::avro_schema },
    Target { name: "csv", check: tables::csv },
    // libFuzzer ends at the panics of Parquet's own reader, which reading turns into errors.
    Target { name: "parquet", check: tables::parquet },
    Target { name: "aws_chunked", check: bodies::aws_chunked },
    Target { name: "form", check: bodies::form },
    Target { name: "liquid", check: liquid::message },
    Target { name: "artifact", check: artifacts::open_and_rank },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

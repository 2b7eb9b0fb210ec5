//! The documents' commands as they are printed: read from the Markdown, typed into one shell, their answers compared.
//!
//! - A `console` block holds commands after `$ ` (further lines of one end in `\` or belong to a here-document) and beneath each
//!   the beginning of what it answers. No answer printed means none compared. A command with `&` is followed by what it prints in
//!   its own time; one that ends in `^C` is interrupted once it has printed the rest.
//! - A `sh` block is typed as a whole and must succeed.
//! - A `python` block that begins with `# NAME.py` is saved under that name.
//! - `toml` blocks are loaded as configurations by a test beside the configuration.

pub mod answers;
pub mod blocks;
pub mod session;

use std::path::{Path, PathBuf};

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a document, by its path from the root.
pub fn document(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

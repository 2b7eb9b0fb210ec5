//! The bytes of a binary by the crate that its functions and statics come from.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Crates of the standard library. What they have of another crate's types counts for that crate.
const STANDARD: &[&str] = &["alloc", "core", "hashbrown", "std"];
/// Crates that are in the binary for the console alone.
const CONSOLE: &[&str] = &[
    "fluent_bundle",
    "fluent_langneg",
    "fluent_syntax",
    "intl_memoizer",
    "intl_pluralrules",
    "maud",
    "tastemaker_console",
];
/// The files that the console has in the binary, from the root of the repository.
const CONSOLE_FILES: &[&str] = &["crates/console/assets", "crates/console/languages"];
/// Crates that are shown by name.
const SHOWN: usize = 40;
/// The name of what has no crate's name, such as C and the names of anonymous statics.
const OTHER: &str = "(without a crate)";

/// Prints the sizes of a binary that still has its symbols.
pub fn print(root: &Path, binary: &Path) -> Result<()> {
    let output = Command::new("nm").args(["--print-size", "--radix=d", "--demangle"]).arg(binary).output();
    let output = output.context("cannot run nm; it is in the package binutils")?;
    if !output.status.success() {
        bail!("nm {} failed: {}", binary.display(), String::from_utf8_lossy(&output.stderr));
    }
    let sizes = by_crate(&String::from_utf8_lossy(&output.stdout));
    if sizes.is_empty() {
        bail!("{} has no symbols; give the binary as cargo built it", binary.display());
    }
    let mut rows: Vec<_> = sizes.iter().collect();
    rows.sort_by_key(|(name, bytes)| (std::cmp::Reverse(**bytes), (*name).clone()));
    println!("{:>12} bytes in all symbols", sizes.values().sum::<u64>());
    for (name, bytes) in rows.iter().take(SHOWN) {
        println!("{bytes:>12} {name}");
    }
    let code: u64 = CONSOLE.iter().filter_map(|name| sizes.get(*name)).sum();
    let mut files = 0;
    for folder in CONSOLE_FILES {
        files += bytes_below(&root.join(folder))?;
    }
    println!("{:>12} bytes of the console: {code} in code and statics, at most {files} in its files", code + files);
    Ok(())
}

/// The sizes by crate, from what `nm --print-size --radix=d --demangle` prints.
fn by_crate(symbols: &str) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for line in symbols.lines() {
        let mut parts = line.splitn(4, ' ');
        let (Some(_), Some(size), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        // What is in no file, as zeroed memory, takes no room in one.
        let (Ok(size), false) = (size.parse::<u64>(), matches!(kind, "b" | "B")) else { continue };
        *sizes.entry(crate_of(name)).or_default() += size;
    }
    sizes
}

/// The first crate outside the standard library in a demangled name, else the first of all.
fn crate_of(name: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut first = None;
    let mut rest = name;
    while let Some(at) = rest.find("::") {
        let before = &rest[..at];
        // A hash stands in brackets behind a crate's name in one of the two manglings.
        let before = before.strip_suffix(']').and_then(|open| open.rsplit_once('[')).map_or(before, |(path, _)| path);
        let word = before.rsplit(|letter| !is_part(letter)).next().unwrap_or_default();
        let is_begin = !before[..before.len() - word.len()].ends_with("::");
        if is_begin && word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            if !STANDARD.contains(&word) {
                return word.to_owned();
            }
            first.get_or_insert(word);
        }
        // The rest of this path names no other crate before a sign that ends it.
        rest = &rest[at + 2..];
        let end = rest.find(|letter: char| !is_part(letter) && letter != ':').unwrap_or(rest.len());
        rest = &rest[end..];
    }
    first.unwrap_or(OTHER).to_owned()
}

fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => bytes_below(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_the_first_crate_outside_the_standard_library() {
        for (name, expected) in [
            ("tastemaker_console::pages::home::show", "tastemaker_console"),
            ("<tastemaker_http::state::HttpState as core::fmt::Debug>::fmt", "tastemaker_http"),
            ("core::ptr::drop_in_place<axum::routing::Router<tastemaker_console::State>>", "axum"),
            ("core::ptr::drop_in_place::<alloc::vec::Vec<maud::Markup>>", "maud"),
            ("<alloc[1f2e]::string::String as core[99]::fmt::Write>::write_str", "alloc"),
            ("<&sqlx_core[07ab]::row::Row as core[99]::fmt::Debug>::fmt", "sqlx_core"),
            ("sqlite3_step", OTHER),
        ] {
            assert_eq!(crate_of(name), expected, "{name}");
        }
    }

    #[test]
    fn sizes_are_added_without_zeroed_memory() {
        let symbols = "00000000000000004096 0000000000000010 t core::ptr::drop_in_place<maud::Markup>\n\
            00000000000000004196 0000000000000005 T maud::html\n\
            00000000000000008192 0000000000000900 b tastemaker::TABLE\n\
            00000000000000008192 T no_size\n";
        assert_eq!(by_crate(symbols), BTreeMap::from([("maud".to_owned(), 15)]));
    }
}

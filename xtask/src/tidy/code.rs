//! The code of the rooms apart from their tests: which files are code, and the text of a file without its test modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of a room that is no test, bench or example, with its text in which modules for tests alone are blank lines.
pub fn outside_tests(root: &Path, files: &[PathBuf]) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for file in files.iter().filter(|file| is_code(&file.to_string_lossy())) {
        let Ok(text) = fs::read_to_string(root.join(file)) else { continue };
        sources.push((file.clone(), text));
    }
    let tests: BTreeSet<PathBuf> = sources.iter().flat_map(|(file, text)| test_modules(file, text)).collect();
    let is_test = |file: &Path| tests.iter().any(|test| file.starts_with(test) || *file == test.with_extension("rs"));
    let code = sources.into_iter().filter(|(file, _)| !is_test(file));
    code.map(|(file, text)| (file.to_string_lossy().into_owned(), without_tests(&text))).collect()
}

fn is_code(name: &str) -> bool {
    let tests = ["/tests/", "/benches/", "/examples/", "crates/testkit/"];
    let is_test = tests.iter().any(|part| name.contains(part)) || name.ends_with("tests.rs");
    name.starts_with("crates/") && name.ends_with(".rs") && !is_test
}

/// The paths, without extension, of the modules that `file` declares for tests alone.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let is_root = file.file_stem().is_some_and(|stem| ["lib", "main", "mod"].iter().any(|root| stem == *root));
    let folder = if is_root { folder.to_owned() } else { file.with_extension("") };
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().map_or("", |next| next.trim());
        if line.trim() == "#[cfg(test)]"
            && let Some(name) = next.trim_start_matches("pub ").trim_start_matches("pub(crate) ").strip_prefix("mod ")
            && let Some(name) = name.strip_suffix(';')
        {
            found.push(folder.join(name));
        }
    }
    found
}

/// `text` with a blank line for every line of a test module, which ends with the brace in the first column.
pub fn without_tests(text: &str) -> String {
    let (mut kept, mut lines) = (String::new(), text.lines().peekable());
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.ends_with('{')) {
            kept.push('\n');
            for inside in lines.by_ref() {
                kept.push('\n');
                if inside == "}" {
                    break;
                }
            }
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_modules_become_blank_lines() {
        let text = "a\n#[cfg(test)]\nmod tests {\n    b\n}\nc\n#[cfg(test)]\nmod d;\ne\n";
        assert_eq!(without_tests(text), "a\n\n\n\n\nc\n#[cfg(test)]\nmod d;\ne\n");
    }

    #[test]
    fn modules_for_tests_alone_are_known() {
        let text = "#[cfg(test)]\nmod testing;\nmod other;\n#[cfg(test)]\npub mod shop;\n";
        let found = |file: &str| test_modules(Path::new(file), text);
        assert_eq!(found("crates/a/src/lib.rs"), ["crates/a/src/testing", "crates/a/src/shop"].map(PathBuf::from));
        assert_eq!(found("crates/a/src/b.rs"), ["crates/a/src/b/testing", "crates/a/src/b/shop"].map(PathBuf::from));
        assert!(is_code("crates/a/src/b.rs") && !is_code("crates/a/tests/b.rs") && !is_code("xtask/src/main.rs"));
    }
}

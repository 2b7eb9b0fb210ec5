//! The source files of a room that its program is made of, and a copy of the repository to change them in.

use super::find::is_left_out;
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use syn::Item;

/// Modules that no test of their room is about: what a program made, which its own check keeps as it is, and what only tests use.
const LEFT_OUT: &[&str] = &["generated", "conformance", "fault_injection"];

/// The files below the room's `lib.rs` that are compiled without tests, from the root of the repository.
pub fn of_room(root: &Path, room: &str) -> Result<Vec<String>> {
    let library = format!("crates/{room}/src/lib.rs");
    if !root.join(&library).exists() {
        bail!("there is no room '{room}': {library} is missing");
    }
    let mut files = Vec::new();
    let mut next = vec![library];
    while let Some(file) = next.pop() {
        let text = fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
        let tree = syn::parse_file(&text).with_context(|| format!("cannot parse {file}"))?;
        for module in modules(&tree.items) {
            if LEFT_OUT.contains(&module.as_str()) {
                continue;
            }
            let Some(found) = candidates(&file, &module).into_iter().find(|path| root.join(path).exists()) else {
                bail!("{file}: the file of the module '{module}' is not found");
            };
            next.push(found);
        }
        files.push(file);
    }
    files.sort();
    Ok(files)
}

/// Modules that stand in files of their own.
fn modules(items: &[Item]) -> Vec<String> {
    let declared = items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() && !is_left_out(&module.attrs) => Some(module.ident.to_string()),
        _ => None,
    });
    declared.collect()
}

fn candidates(file: &str, module: &str) -> [String; 2] {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let folder = match name {
        "lib.rs" | "mod.rs" => folder.to_owned(),
        other => format!("{folder}/{}", other.trim_end_matches(".rs")),
    };
    [format!("{folder}/{module}.rs"), format!("{folder}/{module}/mod.rs")]
}

/// Makes `copy` equal to the files that git knows or would take, apart from those of which `changed` has another text. What is
/// equal already is not written, so that cargo does not build it anew.
pub fn copy(root: &Path, copy: &Path, changed: &[(String, String)]) -> Result<()> {
    let mut listing = Command::new("git");
    listing.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let output = listing.output().context("cannot run git ls-files")?;
    if !output.status.success() {
        bail!("git ls-files ended with {}", output.status);
    }
    let mut kept: HashSet<PathBuf> = HashSet::new();
    for file in String::from_utf8(output.stdout).context("a file's name is no text")?.split_terminator('\0') {
        let from = root.join(file);
        if !from.is_file() {
            continue;
        }
        let text = changed.iter().find(|(name, _)| name == file).map(|(_, text)| text.clone().into_bytes());
        let text = match text {
            Some(text) => text,
            None => fs::read(&from).with_context(|| format!("cannot read {file}"))?,
        };
        let to = copy.join(file);
        if fs::read(&to).ok().as_ref() != Some(&text) {
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))?;
        }
        kept.insert(to);
    }
    remove_others(copy, &kept)
}

fn remove_others(folder: &Path, kept: &HashSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_modules_are_found_and_those_of_tests_left_out() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = of_room(&root, "store").unwrap();
        let has = |name: &str| files.iter().any(|file| file == name);
        assert!(has("crates/store/src/lib.rs"), "{files:?}");
        assert!(files.len() > 10, "{files:?}");
        assert!(!has("crates/store/src/fault_injection.rs"), "{files:?}");
        assert!(!files.iter().any(|file| file.ends_with("/tests.rs")), "{files:?}");
        assert!(of_room(&root, "attic").unwrap_err().to_string().contains("no room 'attic'"));
    }

    #[test]
    fn a_module_lies_beside_or_below() {
        let of = |file: &str| candidates(file, "b");
        assert_eq!(of("src/lib.rs"), ["src/b.rs", "src/b/mod.rs"]);
        assert_eq!(of("src/a/mod.rs"), ["src/a/b.rs", "src/a/b/mod.rs"]);
        assert_eq!(of("src/a.rs"), ["src/a/b.rs", "src/a/b/mod.rs"]);
    }
}

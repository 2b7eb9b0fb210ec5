//! The facts about a binary that a package has to state.

use anyhow::{Context, Result, bail};
use std::path::Path;

/// What a binary runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elf {
    /// The name of the target in Rust.
    pub rust_target: &'static str,
    /// The name of the architecture in Debian.
    pub debian_architecture: &'static str,
    /// The minor version of the oldest glibc 2 that has every symbol it asks for.
    pub glibc_minor: u32,
}

/// The beginning of the names of glibc's versions.
const VERSION: &[u8] = b"GLIBC_2.";

impl Elf {
    /// Reads a binary for Linux.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read the binary {}", path.display()))?;
        Self::of(&bytes).with_context(|| format!("the binary {}", path.display()))
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(b"\x7fELF\x02\x01") {
            bail!("is no ELF file of 64 bits with the low byte first");
        }
        let (rust_target, debian_architecture) = match bytes.get(18..20) {
            Some([62, 0]) => ("x86_64-unknown-linux-gnu", "amd64"),
            Some([183, 0]) => ("aarch64-unknown-linux-gnu", "arm64"),
            other => bail!("is for machine {other:?}; packages are made for x86-64 and AArch64"),
        };
        let glibc_minor = versions(bytes).max().context("asks for no version of glibc")?;
        Ok(Self { rust_target, debian_architecture, glibc_minor })
    }
}

/// The minor versions named by strings of the file; each ends with a zero byte.
fn versions(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.windows(VERSION.len()).enumerate().filter(|(_, window)| *window == VERSION).filter_map(|(at, _)| {
        let rest = &bytes[at + VERSION.len()..];
        let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let ends = matches!(rest.get(digits), Some(0 | b'.'));
        std::str::from_utf8(&rest[..digits]).ok().filter(|_| ends)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_tells_what_it_needs() {
        let example = |machine: u8, text: &[u8]| {
            [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0", &[machine, 0][..], text].concat()
        };
        let found = Elf::of(&example(62, b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_2.99x")).unwrap();
        assert_eq!(
            found,
            Elf { rust_target: "x86_64-unknown-linux-gnu", debian_architecture: "amd64", glibc_minor: 34 }
        );
        assert_eq!(Elf::of(&example(183, b"GLIBC_2.17\0")).unwrap().debian_architecture, "arm64");
        for (bytes, words) in [
            (example(3, b"GLIBC_2.17\0"), "packages are made for"),
            (example(62, b""), "no version of glibc"),
            (b"MZ".to_vec(), "no ELF file"),
        ] {
            assert!(Elf::of(&bytes).unwrap_err().to_string().contains(words), "{words}");
        }
    }

    #[test]
    fn this_test_is_a_binary_for_this_system() {
        let own = Elf::read(&std::env::current_exe().unwrap()).unwrap();
        assert!(own.rust_target.starts_with(std::env::consts::ARCH) && own.glibc_minor >= 2, "{own:?}");
    }
}

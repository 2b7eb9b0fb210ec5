//! The options of the distribution command.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// What is packed, where to, and how tightly.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// A binary that is packed as it is; without one it is built.
    pub binary: Option<PathBuf>,
    /// Whether nothing is packed, and the sizes of the binary's crates are printed.
    pub sizes: bool,
    /// The folder of the packages.
    pub out: Option<PathBuf>,
    /// The preset of xz, 0 to 9.
    pub compression: u32,
}

/// The preset of xz that is used where none is asked for.
const COMPRESSION: u32 = 9;

impl Options {
    /// Reads `--binary`, `--sizes`, `--out` and `--compression`.
    pub fn of(arguments: &[&str]) -> Result<Self> {
        let mut options = Self { binary: None, sizes: false, out: None, compression: COMPRESSION };
        let mut arguments = arguments.iter();
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{flag} needs a value"));
            match *flag {
                "--binary" => options.binary = Some(value()?.into()),
                "--sizes" => options.sizes = true,
                "--out" => options.out = Some(value()?.into()),
                "--compression" => {
                    let text = value()?;
                    let level = text.parse().ok().filter(|level| *level <= 9);
                    options.compression =
                        level.with_context(|| format!("--compression is a number from 0 to 9, not '{text}'"))?;
                }
                other => bail!("dist: unknown option '{other}'"),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_faults_named() {
        assert_eq!(Options::of(&[]).unwrap(), Options { binary: None, sizes: false, out: None, compression: 9 });
        let all = Options::of(&["--binary", "b", "--sizes", "--compression", "0", "--out", "o"]).unwrap();
        assert_eq!(all, Options { binary: Some("b".into()), sizes: true, out: Some("o".into()), compression: 0 });
        for (arguments, words) in [
            (&["--out"][..], "--out needs a value"),
            (&["--compression", "10"], "0 to 9, not '10'"),
            (&["--outt", "x"], "unknown option '--outt'"),
        ] {
            assert!(format!("{:#}", Options::of(arguments).unwrap_err()).contains(words), "{arguments:?}");
        }
    }
}

//! The file of what was sent to Braze, so that an interrupted sync goes on where it stopped.
//!
//! A file of its own is locked, because the file of lines is replaced by a shorter one now and then.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use tastemaker_braze::sync::{Fingerprint, Ledger, LedgerError};

/// Bytes of the file beyond those that its content needs, above which it is written anew.
const SURPLUS_BYTES_MAX: usize = 4 << 20;

/// An open file of lines, locked against a second sync.
pub struct SentFile {
    lines: File,
    _lock: Option<File>,
}

impl SentFile {
    /// Opens `<name>-<hash of the endpoint>.jsonl` in `directory`; a dry run reads it and never writes it.
    pub fn open(directory: &Path, name: &str, endpoint: &str, dry_run: bool) -> Result<(Self, Ledger)> {
        std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let endpoint = Fingerprint::of(endpoint.trim_end_matches('/'));
        let safe: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = directory.join(format!("{safe}-{endpoint}.jsonl"));
        let shown = path.display();
        let lock = match dry_run {
            true => None,
            false => Some(lock(&path.with_extension("lock"))?),
        };
        let open = || {
            let options = OpenOptions::new().read(true).append(true).create(true).open(&path);
            options.with_context(|| format!("cannot open {shown}"))
        };
        let mut file = open()?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).with_context(|| format!("cannot read {shown}"))?;
        let (ledger, whole) = Ledger::parse(&text).with_context(|| shown.to_string())?;
        if !dry_run && whole < text.len() {
            file.set_len(whole as u64).with_context(|| format!("cannot cut {shown}"))?;
        }
        if !dry_run && text.len() > SURPLUS_BYTES_MAX {
            let compact = ledger.compact().with_context(|| shown.to_string())?;
            if text.len() > compact.len() + SURPLUS_BYTES_MAX {
                replace(&path, &compact).with_context(|| format!("cannot shorten {shown}"))?;
                file = open()?;
            }
        }
        Ok((Self { lines: file, _lock: lock }, ledger))
    }

    /// Makes lines durable.
    pub fn append(&mut self, lines: &str) -> Result<(), LedgerError> {
        if lines.is_empty() {
            return Ok(());
        }
        let written = self.lines.write_all(lines.as_bytes()).and_then(|()| self.lines.sync_data());
        written.map_err(|error| LedgerError(error.to_string()))
    }
}

fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    if file.try_lock().is_err() {
        bail!("another sync is at work: {} is locked", path.display());
    }
    Ok(file)
}

/// Puts another content in the file's place; a crash leaves the one or the other.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let fresh = path.with_extension("tmp");
    let mut file = File::create(&fresh)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_braze::sync::Fingerprint;

    #[test]
    fn one_sync_at_a_time_and_a_long_file_is_shortened() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let open = |dry_run| SentFile::open(dir.path(), "users-x", "https://b/", dry_run);
        let (mut held, mut ledger) = open(false)?;
        assert!(open(false).err().is_some_and(|error| error.to_string().contains("another sync")));
        assert!(open(true).is_ok(), "a dry run only reads");
        let round: Vec<_> = (0..1000).map(|n| (format!("user-{n}"), Some(Fingerprint::of("x")))).collect();
        for _ in 0..100 {
            held.append(&ledger.extend(&round)?)?;
        }
        drop(held);
        let size = || -> Result<u64> {
            let files = std::fs::read_dir(dir.path())?.collect::<std::io::Result<Vec<_>>>()?;
            let file = files.iter().find(|file| file.path().extension().is_some_and(|end| end == "jsonl"));
            Ok(file.context("a file")?.metadata()?.len())
        };
        let before = size()?;
        let (mut held, read) = open(false)?;
        assert_eq!(read, ledger);
        assert!(size()? * 50 < before, "{} of {before} bytes", size()?);
        held.append(&ledger.extend(&[("late".to_owned(), None)])?)?;
        drop(held);
        assert_eq!(open(false)?.1, ledger);
        Ok(())
    }
}

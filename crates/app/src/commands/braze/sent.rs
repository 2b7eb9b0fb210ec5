//! The file of what was sent to Braze, so that an interrupted sync goes on where it stopped.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use tastemaker_braze::sync::{Fingerprint, Ledger, LedgerError};

/// An open file of lines, locked against a second sync.
pub struct SentFile(File);

impl SentFile {
    /// Opens `<name>-<hash of the endpoint>.jsonl` in `directory`; a dry run reads it and never writes it.
    pub fn open(directory: &Path, name: &str, endpoint: &str, dry_run: bool) -> Result<(Self, Ledger)> {
        std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let endpoint = Fingerprint::of(endpoint.trim_end_matches('/'));
        let safe: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = directory.join(format!("{safe}-{endpoint}.jsonl"));
        let shown = path.display();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .with_context(|| format!("cannot open {shown}"))?;
        if !dry_run && file.try_lock().is_err() {
            bail!("another sync is at work: {shown} is locked");
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).with_context(|| format!("cannot read {shown}"))?;
        let (ledger, whole) = Ledger::parse(&text).with_context(|| shown.to_string())?;
        if !dry_run && whole < text.len() {
            file.set_len(whole as u64).with_context(|| format!("cannot cut {shown}"))?;
        }
        Ok((Self(file), ledger))
    }

    /// Makes lines durable.
    pub fn append(&mut self, lines: &str) -> Result<(), LedgerError> {
        let written = self.0.write_all(lines.as_bytes()).and_then(|()| self.0.sync_data());
        written.map_err(|error| LedgerError(error.to_string()))
    }
}

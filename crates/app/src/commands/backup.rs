//! `tastemaker backup` and `tastemaker restore`: a data directory copied while a server uses it, and put back.

use crate::backup::{self, Repository};
use crate::config::{Config, ConfigFlags};
use crate::store_config::{DIRECTORY, Database, StoreConfig};
use anyhow::{Result, bail};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Copy the data directory, while a server uses it or not.
#[derive(clap::Args)]
pub struct BackupFlags {
    /// Directory of the backups of this data directory; made when missing. Blobs that it has already are not copied again
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// Delete all but the newest N backups afterwards [default: keep all]
    #[arg(long, value_name = "N")]
    keep: Option<NonZeroUsize>,
    #[command(flatten)]
    config: ConfigFlags,
}

/// Put a backup into an empty data directory.
#[derive(clap::Args)]
pub struct RestoreFlags {
    /// Directory of backups
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// Time of the backup, as --list prints it [default: the newest]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Print the backups and write nothing
    #[arg(long, conflicts_with_all = ["at", "verify"])]
    list: bool,
    /// Compare the backup with its digests and write nothing
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    config: ConfigFlags,
}

/// Makes a backup. Fails when something in the data directory is damaged, after everything else was copied.
pub async fn run(flags: &BackupFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    refuse_elsewhere(&config.store)?;
    let bar = bar();
    let keep = flags.keep.map(NonZeroUsize::get);
    let made = backup::make(&config.data_dir, &flags.to, keep, &show(&bar)).await;
    bar.finish_and_clear();
    let made = made?;
    println!(
        "{}: {} files with {} in {}, {} of them new",
        made.at,
        made.files,
        HumanBytes(made.bytes),
        flags.to.display(),
        HumanBytes(made.new_bytes)
    );
    if made.pruned > 0 {
        println!("{} older backups were deleted", made.pruned);
    }
    refuse_damage(&made.damaged, "could not be copied as they were written; everything else was")
}

/// Puts a backup back, lists backups or reads one.
pub async fn restore(flags: &RestoreFlags) -> Result<()> {
    let repository = Repository::open(&flags.from).await?;
    if flags.list {
        for at in repository.backups().await? {
            let manifest = repository.manifest(&at).await?;
            let (files, bytes) = (manifest.files.len() + manifest.blobs.len(), HumanBytes(manifest.bytes()));
            let damaged = manifest.damaged.len();
            let damaged = if damaged > 0 { format!(", {damaged} damaged") } else { String::new() };
            println!("{at}  {files} files, {bytes}, made by {}{damaged}", manifest.made_by);
        }
        return Ok(());
    }
    let bar = bar();
    if flags.verify {
        let verified = backup::verify(&repository, flags.at.as_deref(), &show(&bar)).await;
        bar.finish_and_clear();
        let (at, damaged) = verified?;
        refuse_damage(&damaged, "are not as they were written")?;
        println!("{at}: everything is as it was written");
        return Ok(());
    }
    let config = Config::load(&flags.config)?;
    refuse_elsewhere(&config.store)?;
    let restored = backup::restore(&repository, flags.at.as_deref(), &config.data_dir, &show(&bar)).await;
    bar.finish_and_clear();
    let restored = restored?;
    println!(
        "{}: {} files with {} in {}",
        restored.at,
        restored.files,
        HumanBytes(restored.bytes),
        config.data_dir.display()
    );
    refuse_damage(&restored.damaged, "were damaged already when the backup was made; everything else is there")
}

/// Refuses data that is not in the data directory.
fn refuse_elsewhere(store: &StoreConfig) -> Result<()> {
    for (key, here) in [
        ("store.records", store.records == Database::Sqlite),
        ("store.events", store.events == Database::Sqlite),
        ("store.blobs", store.blobs == DIRECTORY),
    ] {
        if !here {
            bail!(
                "{key} is kept outside the data directory, and only what is in it is backed up; use the tools of the database                  and of the bucket, the records first"
            );
        }
    }
    Ok(())
}

fn refuse_damage(damaged: &[String], rule: &str) -> Result<()> {
    for what in damaged {
        println!("damaged: {what}");
    }
    match damaged.len() {
        0 => Ok(()),
        n => bail!("{n} files {rule}"),
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(0);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar) -> impl Fn(u64, u64) + Send + Sync {
    let bar = bar.clone();
    move |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_is_elsewhere_is_refused_by_its_setting() {
        assert!(refuse_elsewhere(&StoreConfig::default()).is_ok());
        let url = || Database::Postgres("postgres://u@h/d".parse().expect("a URL"));
        for (key, store) in [
            ("store.records", StoreConfig { records: url(), ..StoreConfig::default() }),
            ("store.events", StoreConfig { events: url(), ..StoreConfig::default() }),
            ("store.blobs", StoreConfig { blobs: "file:///srv".into(), ..StoreConfig::default() }),
        ] {
            let error = refuse_elsewhere(&store).expect_err(key).to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}

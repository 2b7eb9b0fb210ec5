//! `tastemaker backup` and `tastemaker restore`: a data directory copied while a server uses it, and put back.

use crate::backup::{self, Repository, Target};
use crate::backup_config::{BackupConfig, refuse_elsewhere};
use crate::config::{Config, ConfigFlags};
use anyhow::{Result, bail};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::num::NonZeroUsize;

/// Copy the data directory, while a server uses it or not.
#[derive(clap::Args)]
pub struct BackupFlags {
    /// Directory of the backups of this data directory, made when missing, or prefix of a bucket as s3://BUCKET/PREFIX, gs:// or
    /// az://. Blobs that it has already are not copied again [default: backup.target of the configuration]
    #[arg(value_name = "PLACE")]
    to: Option<String>,
    /// Delete all but the newest N backups afterwards [default: backup.keep of the configuration, else keep all]
    #[arg(long, value_name = "N")]
    keep: Option<NonZeroUsize>,
    #[command(flatten)]
    config: ConfigFlags,
}

/// Put a backup into an empty data directory.
#[derive(clap::Args)]
pub struct RestoreFlags {
    /// Directory of backups, or prefix of a bucket as s3://BUCKET/PREFIX [default: backup.target of the configuration]
    #[arg(value_name = "PLACE")]
    from: Option<String>,
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
    let keep = flags.keep.or(config.backup.keep).map(NonZeroUsize::get);
    let to = place(flags.to.as_deref(), &config.backup)?;
    let made = backup::make(&config.data_dir, &to, keep, &show(&bar)).await;
    bar.finish_and_clear();
    let made = made?;
    println!(
        "{}: {} files with {} in {}, {} of them new",
        made.at,
        made.files,
        HumanBytes(made.bytes),
        to,
        HumanBytes(made.new_bytes)
    );
    if made.pruned > 0 {
        println!("{} older backups were deleted", made.pruned);
    }
    refuse_damage(&made.damaged, "could not be copied as they were written; everything else was")
}

/// Puts a backup back, lists backups or reads one.
pub async fn restore(flags: &RestoreFlags) -> Result<()> {
    let config = Config::load(&flags.config)?;
    let repository = Repository::open(&place(flags.from.as_deref(), &config.backup)?).await?;
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

/// The place that was named, or that of the configuration.
fn place(named: Option<&str>, config: &BackupConfig) -> Result<Target> {
    match named.or(config.target.as_deref()) {
        Some(text) => config.place(text),
        None => bail!("name the place of the backups, or set backup.target in the configuration"),
    }
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

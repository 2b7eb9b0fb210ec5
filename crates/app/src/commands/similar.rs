//! `tastemaker similar`: what goes with items, from a model of related items that `tastemaker learn` made.

use super::recommend::files;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use tastemaker_training::scoring::{Opened, RankOptions};

/// List what goes with items.
#[derive(clap::Args)]
pub struct SimilarFlags {
    /// Folder in which `tastemaker learn` left the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// The items, one id a line
    #[arg(long, value_name = "FILE")]
    items: PathBuf,
    /// Items in each list
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    num_results: u32,
    /// File for the lists: {"item": id, "items": [best first]} a line
    #[arg(long, value_name = "JSONL")]
    out: PathBuf,
}

/// Runs the command. Items that the model does not know get an empty list, and their number is said.
pub fn run(flags: &SimilarFlags) -> Result<()> {
    let opened = Opened::new(&files(&flags.model_dir)?)
        .with_context(|| format!("the model in {} cannot be used", flags.model_dir.display()))?;
    if !opened.recipe.descriptor.needs_item {
        bail!(
            "the model in {} is of recipe {}, which does not start from an item; train aws-sims or aws-similar-items",
            flags.model_dir.display(),
            opened.manifest.recipe
        );
    }
    let text =
        std::fs::read_to_string(&flags.items).with_context(|| format!("cannot read {}", flags.items.display()))?;
    let items: Vec<String> = text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    let options = RankOptions {
        list_len: flags.num_results as usize,
        exclude_seen: false,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let out = File::create(&flags.out).with_context(|| format!("cannot write {}", flags.out.display()))?;
    let mut out = BufWriter::new(out);
    let lists = opened.similar(&items, &options)?;
    let unknown = lists.iter().filter(|list| list.is_none()).count();
    for (item, list) in items.iter().zip(lists) {
        let list: Vec<_> = list.unwrap_or_default().into_iter().map(|(id, _)| id).collect();
        serde_json::to_writer(&mut out, &json!({"item": item, "items": list}))?;
        out.write_all(b"\n")?;
    }
    out.flush().with_context(|| format!("cannot write {}", flags.out.display()))?;
    println!("{} lists in {}, {unknown} items unknown to the model", items.len(), flags.out.display());
    Ok(())
}

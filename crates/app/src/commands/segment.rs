//! `tastemaker segment`: the users for items, from a model of user segments that `tastemaker learn` made.

use super::csv_input;
use super::recommend::files;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tastemaker_compute::InteractionsFilter;
use tastemaker_data::{DatasetBuilder, ItemIx, Table};
use tastemaker_domain::recipe::Inference;
use tastemaker_learn::Cancel;
use tastemaker_recipes::Segmenter;
use tastemaker_training::scoring::Opened;
use tastemaker_training::segmentation::{SegmentOptions, SegmentQuery, UserHistories, attributes, rank};

/// List the users who will most likely want items.
#[derive(clap::Args)]
pub struct SegmentFlags {
    /// Folder in which `tastemaker learn` left the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Histories: USER_ID, ITEM_ID, TIMESTAMP; the users who may be in a segment
    #[arg(long, value_name = "CSV")]
    histories: PathBuf,
    /// Users: USER_ID and metadata, as in training
    #[arg(long, value_name = "CSV")]
    users: Option<PathBuf>,
    /// Queries of the segments, one a line: item ids for aws-item-affinity, such as ITEMS.GENRES = "Drama" AND
    /// ITEMS.YEAR = 1999 for aws-item-attribute-affinity
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Users in each segment
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    num_results: u32,
    /// File for the segments: {"query": line, "users": [best first]} a line
    #[arg(long, value_name = "JSONL")]
    out: PathBuf,
}

/// Runs the command. A query that cannot be answered gives a line with its error, and their number is said.
pub fn run(flags: &SegmentFlags) -> Result<()> {
    let files = files(&flags.model_dir)?;
    let unusable = || format!("the model in {} cannot be used", flags.model_dir.display());
    let opened = Opened::new(&files).with_context(unusable)?;
    if opened.recipe.descriptor.inference() != Inference::Segments {
        bail!(
            "the model in {} is of recipe {}, which makes no segments; train aws-item-affinity or \
             aws-item-attribute-affinity",
            flags.model_dir.display(),
            opened.manifest.recipe
        );
    }
    let segmenter = Segmenter::open(&files).with_context(unusable)?;
    let mut builder = DatasetBuilder::new();
    // The model's items keep their indices.
    opened.catalog.items.iter().for_each(|id| builder.add_item(id));
    csv_input::interactions(&flags.histories, None, &InteractionsFilter::default(), &mut builder)?;
    let histories = UserHistories::of(&builder.build());
    let users = flags.users.as_deref().map(|path| users_as_trained(path, &segmenter)).transpose()?;
    let text =
        std::fs::read_to_string(&flags.queries).with_context(|| format!("cannot read {}", flags.queries.display()))?;
    let queries: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let vector = |query: &str| match segmenter.is_by_attributes() {
        true => segmenter.attributes(&attributes(query)?).map_err(|error| error.to_string()),
        false => match opened.catalog.items.get(query) {
            Some(item) => Ok(segmenter.item(ItemIx(item))),
            None => Err(format!("item '{query}' was not in the training data")),
        },
    };
    let wanted: Vec<Result<Vec<f32>, String>> = queries.iter().map(|query| vector(query)).collect();
    let segment_queries: Vec<SegmentQuery> =
        wanted.iter().flatten().map(|v| SegmentQuery { vector: v.clone(), allowed: None }).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let cancel = Cancel::new();
    let options = SegmentOptions { most: flags.num_results as usize, threads, cancel: &cancel };
    let mut segments = rank(&segmenter, &histories, users.as_ref(), &segment_queries, &options)?.into_iter();
    let out = File::create(&flags.out).with_context(|| format!("cannot write {}", flags.out.display()))?;
    let mut out = BufWriter::new(out);
    for (query, wanted) in queries.iter().zip(&wanted) {
        let line = match wanted {
            Ok(_) => {
                let users: Vec<&str> =
                    segments.next().unwrap_or_default().into_iter().map(|user| histories.ids.id(user)).collect();
                json!({"query": query, "users": users})
            }
            Err(error) => json!({"query": query, "error": error}),
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush().with_context(|| format!("cannot write {}", flags.out.display()))?;
    let failed = wanted.iter().filter(|wanted| wanted.is_err()).count();
    println!("{} segments in {}, {failed} queries without an answer", queries.len() - failed, flags.out.display());
    Ok(())
}

/// The users' metadata in the types that the model was trained with, and a warning of what it does not know.
fn users_as_trained(path: &Path, segmenter: &Segmenter) -> Result<Table> {
    let table = csv_input::users_as_trained(path, |column| segmenter.has_numeric_user_column(column))?;
    let unused = segmenter.unused_user_columns(&table);
    if !unused.is_empty() {
        eprintln!(
            "warning: {}: the model takes nothing from {}: it was not trained with it, or with none of these values",
            path.display(),
            unused.join(", ")
        );
    }
    Ok(table)
}

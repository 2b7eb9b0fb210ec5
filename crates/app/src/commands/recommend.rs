//! `tastemaker recommend`: lists for many users from a model that `tastemaker learn` made.

use super::csv_input;
use anyhow::{Context, Result};
use serde_json::json;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tastemaker_compute::InteractionsFilter;
use tastemaker_data::{Dataset, DatasetBuilder, Table, UserIx};
use tastemaker_recipes::ArtifactFiles;
use tastemaker_training::scoring::{NamedEvent, NamedHistory, Opened, RankOptions};

/// Users ranked at a time, so that memory does not grow with their number.
const USERS_PER_BATCH: usize = 10_000;

/// Recommend for users by their histories.
#[derive(clap::Args)]
pub struct RecommendFlags {
    /// Folder in which `tastemaker learn` left the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Histories: USER_ID, ITEM_ID, TIMESTAMP; the users need not have been in training
    #[arg(long, value_name = "CSV")]
    histories: PathBuf,
    /// Recommend for these users only, one id a line; a user without a given history gets popular items
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// Users' metadata: USER_ID and the columns that the model was trained with, which say something of users with little history
    #[arg(long, value_name = "CSV")]
    user_metadata: Option<PathBuf>,
    /// Items in each list
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    num_results: u32,
    /// Leave out the items of the user's history
    #[arg(long)]
    exclude_seen: bool,
    /// The time of the request, in seconds since 1970 [default: the end of the training data for a user whose history is the
    /// one trained on, else the user's last event]
    #[arg(long, value_name = "SECONDS")]
    now: Option<i64>,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// File for the lists: {"user": id, "items": [best first]} a line
    #[arg(long, value_name = "JSONL")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(flags: &RecommendFlags) -> Result<()> {
    let opened = Opened::new(&files(&flags.model_dir)?)
        .with_context(|| format!("the model in {} cannot be used", flags.model_dir.display()))?;
    let mut builder = DatasetBuilder::new();
    csv_input::interactions(&flags.histories, None, &InteractionsFilter::default(), &mut builder)?;
    let dataset = builder.build();
    let mut users: Vec<(String, Option<UserIx>)> =
        (0..dataset.users.len() as u32).map(|u| (dataset.users.id(u).to_owned(), Some(UserIx(u)))).collect();
    if let Some(path) = &flags.users {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        users = only(users, &text);
    }
    let user_metadata = flags.user_metadata.as_deref().map(|path| user_metadata(path, &opened)).transpose()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = RankOptions {
        list_len: flags.num_results as usize,
        exclude_seen: flags.exclude_seen,
        threads: flags.threads.unwrap_or(cores),
    };
    let out = File::create(&flags.out).with_context(|| format!("cannot write {}", flags.out.display()))?;
    let mut out = BufWriter::new(out);
    for batch in users.chunks(USERS_PER_BATCH) {
        let metadata_of =
            |id: &str| user_metadata.as_ref().and_then(|table| Some((table, table.ids.get(id)? as usize)));
        let histories = batch.iter().map(|(id, user)| {
            let history = history(&dataset, id, *user, flags.now);
            NamedHistory { user_metadata: metadata_of(id), ..history }
        });
        let histories: Vec<_> = histories.collect();
        for ((user, _), list) in batch.iter().zip(opened.recommend(&histories, &options)?) {
            let items: Vec<_> = list.iter().map(|(item, _)| item).collect();
            serde_json::to_writer(&mut out, &json!({"user": user, "items": items}))?;
            out.write_all(b"\n")?;
        }
    }
    out.flush().with_context(|| format!("cannot write {}", flags.out.display()))?;
    println!("{} lists in {}", users.len(), flags.out.display());
    Ok(())
}

/// The users' metadata in the types that the model was trained with, and a warning of what it does not know.
fn user_metadata(path: &Path, opened: &Opened) -> Result<Table> {
    let table = csv_input::users_as_trained(path, |column| opened.has_numeric_user_column(column))?;
    if !opened.uses_metadata(&table) {
        eprintln!("The model takes nothing from this metadata: it was not trained with it, or it did not help.");
        return Ok(table);
    }
    let unused = opened.unused_user_columns(&table);
    if !unused.is_empty() {
        eprintln!(
            "warning: {}: the model takes nothing from {}: it was not trained with it, or with none of these values, or it did \
             not help",
            path.display(),
            unused.join(", ")
        );
    }
    Ok(table)
}

/// The events of `user`; none for a stranger.
fn history<'a>(dataset: &'a Dataset, id: &'a str, user: Option<UserIx>, now_s: Option<i64>) -> NamedHistory<'a> {
    let Some(user) = user else { return NamedHistory::default() };
    let sequence = dataset.sequence(user);
    let event = |n: usize| NamedEvent {
        item: dataset.items.id(sequence.items[n]),
        time_s: sequence.times[n],
        event_type: dataset.event_types.id(u32::from(sequence.event_types[n])),
        value: sequence.value(n),
    };
    NamedHistory { events: (0..sequence.items.len()).map(event).collect(), user: id, now_s, user_metadata: None }
}

/// The users that `listed` names, one a line, each once; those without a history come last.
fn only(mut users: Vec<(String, Option<UserIx>)>, listed: &str) -> Vec<(String, Option<UserIx>)> {
    let wanted: Vec<&str> = listed.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let set: HashSet<&str> = wanted.iter().copied().collect();
    users.retain(|(user, _)| set.contains(user.as_str()));
    let mut known: HashSet<String> = users.iter().map(|(user, _)| user.clone()).collect();
    let strangers = wanted.iter().filter(|user| known.insert((**user).to_owned()));
    users.extend(strangers.map(|user| ((*user).to_owned(), None)));
    users
}

pub(crate) fn files(dir: &Path) -> Result<ArtifactFiles> {
    let mut files = ArtifactFiles::new();
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("cannot read the model directory {}", dir.display()))?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_user_gets_one_list_however_often_named() {
        let user = |name: &str, index: u32| (name.to_owned(), Some(UserIx(index)));
        let users = vec![user("a", 0), user("b", 1)];
        assert_eq!(only(users, "new\nb\n\n new \nb\n"), [user("b", 1), ("new".to_owned(), None)]);
    }
}

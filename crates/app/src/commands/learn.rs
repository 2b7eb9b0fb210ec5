//! `tastemaker learn`: trains and measures a model without a server, by the same code as the server's training job.

mod picture;
mod search;
mod show;

use super::csv_input;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use search::SearchFlags;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tastemaker_compute::InteractionsFilter;
use tastemaker_data::DatasetBuilder;
use tastemaker_domain::parameters;
use tastemaker_domain::recipe::{ParameterFamily, RecipeDescriptor};
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::solution_config::SolutionConfig;
use tastemaker_domain::tuning::Trial;
use tastemaker_jobs::{StageTime, Stages};
use tastemaker_learn::{Cancel, Progress, TrainContext};
use tastemaker_training::fit::{FitOutcome, FitRequest, Tuning, fit, memory_needed};

/// Train a model offline from CSV files in Personalize's columns.
#[derive(clap::Args)]
pub struct LearnFlags {
    /// Name of the recipe, such as aws-user-personalization (or USER_PERSONALIZATION)
    #[arg(long, value_name = "NAME")]
    recipe: String,
    /// Interactions: USER_ID, ITEM_ID, TIMESTAMP and, if there, EVENT_TYPE and EVENT_VALUE
    #[arg(long, value_name = "CSV")]
    interactions: PathBuf,
    /// Items: ITEM_ID and metadata; items without interactions become part of the catalog and are known by their metadata
    #[arg(long, value_name = "CSV")]
    items: Option<PathBuf>,
    /// Users: USER_ID and metadata
    #[arg(long, value_name = "CSV")]
    users: Option<PathBuf>,
    /// Actions: ACTION_ID and metadata, for aws-next-best-action
    #[arg(long, value_name = "CSV")]
    actions: Option<PathBuf>,
    /// Action interactions: USER_ID, ACTION_ID, EVENT_TYPE, TIMESTAMP
    #[arg(long, value_name = "CSV", requires = "actions")]
    action_interactions: Option<PathBuf>,
    /// Avro schema of the interactions [default: inferred]
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Train on interactions of this type only
    #[arg(long, value_name = "TYPE")]
    event_type: Option<String>,
    /// Train on interactions of at least this value only
    #[arg(long, value_name = "NUMBER")]
    event_value_threshold: Option<f64>,
    /// A hyperparameter or featurization parameter of the recipe; may be given several times
    #[arg(long = "hyperparameter", value_name = "K=V")]
    hyperparameters: Vec<String>,
    #[command(flatten)]
    search: SearchFlags,
    /// Seed of every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Memory that the training may take, in megabytes [default: what the system has left]
    #[arg(long, value_name = "MB", default_value_t = 0, hide_default_value = true)]
    memory_mb: u64,
    /// Folder for the model, with metrics.json, report.svg and run.json (time and memory)
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
}

/// Runs the command.
pub fn run(flags: &LearnFlags) -> Result<()> {
    let recipe = recipe(&flags.recipe)?;
    let mut config = config(recipe.descriptor, &flags.hyperparameters)?;
    let plan = flags.search.plan(recipe.descriptor, &mut config)?;
    // Before the training, so that hours of it are not lost to a mistyped path.
    let dir = &flags.model_dir;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the model directory {}", dir.display()))?;
    let started = Instant::now();
    let stages = Mutex::new(Stages::new("reading"));
    let bar = ProgressBar::new(0);
    let filter = InteractionsFilter {
        event_type: flags.event_type.clone(),
        event_value_threshold: flags.event_value_threshold,
        ..InteractionsFilter::default()
    };
    let before_mb = memory_mb("VmRSS:");
    let mut builder = DatasetBuilder::new();
    bar.set_message("reading interactions");
    let (rows, kept) = csv_input::interactions(&flags.interactions, flags.schema.as_deref(), &filter, &mut builder)?;
    let records = |path: &Option<PathBuf>, dataset_type| {
        path.as_deref().map(|path| csv_input::records(path, dataset_type)).transpose()
    };
    let items = records(&flags.items, DatasetType::Items)?;
    let user_metadata = records(&flags.users, DatasetType::Users)?;
    items.iter().flat_map(|(table, _)| table.ids.iter()).for_each(|id| builder.add_item(id));
    let dataset = builder.build();
    let gathered_mb = memory_mb("VmRSS:").zip(before_mb).map(|(now, before)| now - before);
    let (users, items_known) = (dataset.users.len(), dataset.items.len());
    say(&bar, &format!("{kept} of {rows} interactions, {users} users, {items_known} items"));

    let responses = match &flags.actions {
        Some(path) => {
            let mut responses = DatasetBuilder::new();
            if let Some(path) = &flags.action_interactions {
                csv_input::action_interactions(path, &mut responses)?;
            }
            let (actions, _) = csv_input::records(path, DatasetType::Actions)?;
            actions.ids.iter().for_each(|id| responses.add_item(id));
            Some(responses.build())
        }
        None => None,
    };

    let cancel = Cancel::new();
    let progress = |p: Progress| {
        stages.lock().see(&p);
        show(&bar, &p);
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let context = TrainContext {
        seed: flags.seed,
        threads: flags.threads.unwrap_or(cores),
        cancel: &cancel,
        progress: &progress,
        checkpoints: &tastemaker_learn::NoCheckpoints,
    };
    let record = |trial: &Trial| {
        say(&bar, &show::trial(trial));
        Ok(())
    };
    let tuning = plan.as_ref().map(|plan| Tuning { plan, done: &[], record: &record });
    let request = FitRequest {
        items: items.as_ref().map(|(table, _)| table),
        item_schema: items.as_ref().map(|(_, schema)| schema),
        users: user_metadata.as_ref().map(|(table, _)| table),
        responses: responses.as_ref(),
        tuning,
        memory_bytes: crate::memory::within(flags.memory_mb),
        ..FitRequest::new(recipe, &dataset, &config)
    };
    let outcome = fit(&request, &context)?;
    bar.finish_and_clear();
    let times = stages.into_inner().finish();
    times.iter().for_each(|t| eprintln!("{:>8.1} s {:>8.1} CPU s  {}", t.seconds, t.cpu_seconds, t.stage));
    // Parameters that cannot be read have ended the training before.
    let estimated_bytes = memory_needed(&request)?;
    write(
        &flags.model_dir,
        &outcome,
        &Run { seconds: started.elapsed().as_secs_f64(), gathered_mb, estimated_bytes, stages: &times },
    )?;
    print!("{}", show::report(&outcome.report));
    println!("model in {} after {:.1} s", flags.model_dir.display(), started.elapsed().as_secs_f64());
    Ok(())
}

fn recipe(name: &str) -> Result<&'static tastemaker_recipes::Recipe> {
    // The Braze page's spelling; the API itself knows only the real names.
    let spelled = name.to_ascii_lowercase().replace('_', "-");
    let spelled = if spelled.starts_with("aws-") { spelled } else { format!("aws-{spelled}") };
    tastemaker_recipes::by_name(&spelled).with_context(|| {
        let known: Vec<_> = tastemaker_recipes::ALL.iter().map(|r| r.descriptor.name).collect();
        format!("no recipe is called '{name}'; there are {}", known.join(", "))
    })
}

fn config(descriptor: &RecipeDescriptor, pairs: &[String]) -> Result<SolutionConfig> {
    let mut config = SolutionConfig::default();
    for pair in pairs {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("--hyperparameter '{pair}' must have the form NAME=VALUE");
        };
        let family = descriptor.parameters.iter().find(|p| p.name == key).map(|p| p.family);
        let map = match family {
            Some(ParameterFamily::FeatureTransformation) => &mut config.feature_transformation_parameters,
            _ => &mut config.algorithm_hyper_parameters,
        };
        map.insert(key.to_owned(), value.to_owned());
    }
    parameters::resolve(descriptor, &config)?;
    Ok(config)
}

/// A line that stays, above the bar or, where there is no terminal for one, on standard error.
fn say(bar: &ProgressBar, line: &str) {
    if bar.is_hidden() { eprintln!("{line}") } else { bar.println(line) }
}

fn show(bar: &ProgressBar, progress: &Progress) {
    // Without a terminal each epoch and each step is a line.
    if bar.is_hidden() && (progress.epoch.is_some() || progress.total <= 1) {
        eprintln!("{} {}", progress.stage, progress.note);
    }
    let template = if progress.total > 1 { "{spinner} [{bar:30}] {pos}/{len} {msg}" } else { "{spinner} {msg}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(progress.total);
    bar.set_position(progress.done);
    bar.set_message(format!("{} {}", progress.stage, progress.note));
}

/// The time and memory that a run took.
struct Run<'a> {
    seconds: f64,
    /// By how much its memory had grown when the interactions were read and grouped, where the system tells.
    gathered_mb: Option<f64>,
    /// The peak of its memory as it was estimated before.
    estimated_bytes: u64,
    stages: &'a [StageTime],
}

/// The model's files with `metrics.json`, and beside them the picture and what this run took.
fn write(dir: &Path, outcome: &FitOutcome, run: &Run) -> Result<()> {
    let picture = picture::draw(&outcome.report)?;
    let stage = |t: &StageTime| json!({"stage": t.stage, "seconds": t.seconds, "cpu_seconds": t.cpu_seconds});
    let stages: Vec<_> = run.stages.iter().map(stage).collect();
    let run = json!({
        "seconds": run.seconds,
        "estimated_memory_mb": run.estimated_bytes as f64 / f64::from(1 << 20),
        "gathered_memory_mb": run.gathered_mb,
        "peak_memory_mb": memory_mb("VmHWM:"),
        "stages": stages,
    });
    let beside = [("report.svg", picture.into_bytes()), ("run.json", serde_json::to_vec_pretty(&run)?)];
    let model = outcome.files.iter().map(|(name, bytes)| (name.as_str(), bytes));
    for (name, bytes) in model.chain(beside.iter().map(|(name, bytes)| (*name, bytes))) {
        std::fs::write(dir.join(name), bytes).with_context(|| format!("cannot write {name} in {}", dir.display()))?;
    }
    Ok(())
}

/// A size of the process, where the system tells: `VmRSS:` is the resident one, `VmHWM:` the largest that it was.
fn memory_mb(size: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(size))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

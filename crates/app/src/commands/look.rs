//! `tastemaker get`, `jobs`, `stats` and `campaigns`: a look into a running server, as tables or as JSON.

use super::server_client::ServerClient;
use super::tables::{Column, number, table, text};
use crate::client_tls::ClientTlsFlags;
use crate::config::ConfigFlags;
use anyhow::Result;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Time between two looks of `--watch`.
const WATCH: Duration = Duration::from_secs(2);

/// Flags of every look.
#[derive(clap::Args)]
pub struct LookFlags {
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFlags,
    #[command(flatten)]
    tls: ClientTlsFlags,
}

impl LookFlags {
    /// A client of the server that is looked into.
    fn client(&self) -> Result<ServerClient> {
        ServerClient::at_hand(&self.config, &self.tls)
    }
}

/// `tastemaker get`.
#[derive(clap::Subcommand)]
pub enum GetCommand {
    /// Show a user's metadata, newest events and recommendations
    User(GetFlags),
    /// Show an item's metadata, and what goes with it where the campaign is about that
    Item(GetFlags),
}

/// Flags of `get user` and `get item`.
#[derive(clap::Args)]
pub struct GetFlags {
    /// Id of the user or item
    id: String,
    /// Campaign or recommender, by name or ARN [default: the only one]
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// Events and items that are shown [default: 10]
    #[arg(long, value_name = "N")]
    count: Option<NonZeroUsize>,
    #[command(flatten)]
    look: LookFlags,
}

/// Flags of `jobs`.
#[derive(clap::Args)]
pub struct JobsFlags {
    /// Show them again every two seconds
    #[arg(long)]
    watch: bool,
    /// Only those that failed
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    look: LookFlags,
}

/// Shows a user or an item.
pub fn get(command: &GetCommand) -> Result<()> {
    let (flags, operation, member) = match command {
        GetCommand::User(flags) => (flags, "GetUser", "userId"),
        GetCommand::Item(flags) => (flags, "GetItem", "itemId"),
    };
    let mut input = json!({"count": flags.count});
    input[member] = json!(flags.id);
    if let Some(campaign) = &flags.campaign {
        input["campaign"] = json!(campaign);
    }
    let found = flags.look.client()?.call(operation, &input)?;
    shown(&flags.look, &found, known)
}

fn known(found: &Value) -> String {
    let mut said = String::new();
    for (title, member) in [("user", "userId"), ("item", "itemId"), ("campaign", "campaignArn")] {
        if let Some(value) = found[member].as_str() {
            let _ = writeln!(said, "{title:<9} {value}");
        }
    }
    if let Some(metadata) = found["metadata"].as_object().filter(|metadata| !metadata.is_empty()) {
        let rows: Vec<Value> = metadata.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let _ = writeln!(said, "\nMetadata\n{}", table(&[text("COLUMN", "name"), text("VALUE", "value")], &rows));
    }
    if let Some(events) = found["events"].as_array().filter(|events| !events.is_empty()) {
        let columns = [text("TIME", "time"), text("EVENT", "eventType"), text("ITEM", "itemId")];
        let _ = writeln!(said, "\nNewest events\n{}", table(&columns, events));
    }
    if let Some(list) = found["itemList"].as_array() {
        let columns =
            [number("PLACE", "place"), text("ITEM", "itemId"), number("SCORE", "score"), text("REASON", "reason")];
        let place = |(n, item): (usize, &Value)| {
            let mut row = item.clone();
            row["place"] = json!(n + 1);
            row
        };
        let rows: Vec<Value> = list.iter().enumerate().map(place).collect();
        let _ = writeln!(said, "\nRecommendations\n{}", table(&columns, &rows));
    }
    if let Some(why) = found["listError"].as_str() {
        let _ = writeln!(said, "\nno list: {why}");
    }
    said
}

/// Lists jobs.
pub fn jobs(flags: &JobsFlags) -> Result<()> {
    let client = flags.look.client()?;
    let input = json!({"failed": flags.failed});
    loop {
        let found = client.call("ListJobs", &input)?;
        if flags.watch && !flags.look.json && std::io::stdout().is_terminal() {
            print!("\x1b[H\x1b[2J");
        }
        shown(&flags.look, &found, jobs_table)?;
        if !flags.watch {
            return Ok(());
        }
        std::io::stdout().flush()?;
        std::thread::sleep(WATCH);
    }
}

fn jobs_table(found: &Value) -> String {
    const COLUMNS: [Column; 6] = [
        text("KIND", "kind"),
        text("NAME", "name"),
        text("STATUS", "status"),
        text("CREATED", "created"),
        number("SECONDS", "seconds"),
        text("DETAIL", "detail"),
    ];
    let rows: Vec<Value> = found["jobs"].as_array().into_iter().flatten().map(job_row).collect();
    match found["count"].as_u64() {
        Some(0) => "no jobs\n".to_owned(),
        Some(count) if count > rows.len() as u64 => {
            format!("{}\nthe newest {} of {count} jobs\n", table(&COLUMNS, &rows), rows.len())
        }
        _ => format!("{}\n", table(&COLUMNS, &rows)),
    }
}

/// A job with its detail: why it failed, or how far it is.
fn job_row(job: &Value) -> Value {
    let mut row = job.clone();
    let words = |parts: Vec<String>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    row["detail"] = match (job["failureReason"].as_str(), job["step"].as_str()) {
        (Some(why), _) => json!(why),
        (None, Some(step)) => {
            let stage = job["stage"].as_str().unwrap_or(step).to_owned();
            let of = match (job["done"].as_u64(), job["total"].as_u64()) {
                (Some(done), Some(total)) if total > 0 => format!("{done} of {total}"),
                _ => String::new(),
            };
            let left = job["secondsLeft"].as_u64().map_or_else(String::new, |left| format!("{left} s left"));
            let waits = if job["runs"] == json!(false) { "waits".to_owned() } else { String::new() };
            json!(words(vec![waits, stage, of, left]))
        }
        (None, None) => Value::Null,
    };
    row
}

/// Shows the data.
pub fn statistics(flags: &LookFlags) -> Result<()> {
    let found = flags.client()?.call("GetStatistics", &json!({}))?;
    shown(flags, &found, statistics_tables)
}

fn statistics_tables(found: &Value) -> String {
    let mut said = String::new();
    let groups = found["datasetGroups"].as_array().map(Vec::as_slice).unwrap_or_default();
    for group in groups {
        let name = group["name"].as_str().unwrap_or_default();
        let separator = if said.is_empty() { "" } else { "\n" };
        let _ = writeln!(said, "{separator}{name}: {}", group["status"].as_str().unwrap_or_default());
        let datasets = group["datasets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let columns = [
            text("DATASET", "type"),
            number("ROWS", "rows"),
            number("USERS", "users"),
            number("ITEMS", "items"),
            number("IDS", "ids"),
            text("FIRST", "first"),
            text("LAST", "last"),
        ];
        if !datasets.is_empty() {
            let _ = writeln!(said, "{}", table(&columns, datasets));
        }
        if let Some(last) = group["lastStreamed"].as_str() {
            let _ = writeln!(said, "{} streamed events, the last at {last}", group["streamedEvents"]);
        }
        if let Some(days) = group["eventsPerDay"].as_array().filter(|days| !days.is_empty()) {
            let title = match days[0]["days"].as_u64() {
                Some(1) | None => "EVENTS".to_owned(),
                Some(days) => format!("EVENTS OF {days} DAYS"),
            };
            let _ = writeln!(
                said,
                "{}",
                table(&[text("DAY", "day"), number("EVENTS", "events")], days).replacen("EVENTS", &title, 1)
            );
        }
    }
    if groups.is_empty() { "no dataset groups\n".to_owned() } else { said }
}

/// Lists campaigns and recommenders.
pub fn campaigns(flags: &LookFlags) -> Result<()> {
    let found = flags.client()?.call("ListCampaigns", &json!({}))?;
    shown(flags, &found, campaigns_table)
}

fn campaigns_table(found: &Value) -> String {
    let rows = found["campaigns"].as_array().map(Vec::as_slice).unwrap_or_default();
    let columns = [
        text("NAME", "name"),
        text("TYPE", "type"),
        text("RECIPE", "recipe"),
        text("STATUS", "status"),
        text("UPDATE", "updateStatus"),
        text("ANSWERS", "answersHere"),
        number("ITEMS", "items"),
        text("WHY", "failureReason"),
    ];
    if rows.is_empty() { "no campaigns\n".to_owned() } else { format!("{}\n", table(&columns, rows)) }
}

fn shown(flags: &LookFlags, found: &Value, tables: impl Fn(&Value) -> String) -> Result<()> {
    if flags.json {
        println!("{found}");
    } else {
        print!("{}", tables(found));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_says_why_it_failed_or_how_far_it_is() {
        let detail = |job: Value| job_row(&job)["detail"].clone();
        assert_eq!(detail(json!({"failureReason": "why", "step": "x"})), "why");
        let running =
            json!({"step": "train", "stage": "epoch", "done": 3, "total": 10, "secondsLeft": 7, "runs": true});
        assert_eq!(detail(running), "epoch, 3 of 10, 7 s left");
        assert_eq!(detail(json!({"step": "gather", "runs": false})), "waits, gather");
        assert_eq!(detail(json!({})), Value::Null);
        assert_eq!(jobs_table(&json!({"jobs": [], "count": 0})), "no jobs\n");
        assert!(jobs_table(&json!({"jobs": [{"kind": "x"}], "count": 3})).contains("the newest 1 of 3 jobs"));
    }

    #[test]
    fn nothing_is_said_in_words() {
        assert_eq!(campaigns_table(&json!({"campaigns": []})), "no campaigns\n");
        assert_eq!(statistics_tables(&json!({"datasetGroups": []})), "no dataset groups\n");
    }
}

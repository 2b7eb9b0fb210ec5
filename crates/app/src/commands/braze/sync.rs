//! `tastemaker braze sync`: recommendations as profile attributes, items as a catalog.

use super::rest::{BrazeRest, SystemPace};
use super::sent::SentFile;
use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::data_dir::{Credentials, DataDir};
use crate::secret_files::{self, SecretPlaces};
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tastemaker_braze::sync::users::{BATCH_DEFAULT, BATCH_MAX, Event, LIST_LEN_DEFAULT, Target, UsersSettings};
use tastemaker_braze::sync::{Summary, SyncError, catalog, users};

/// The variable with Braze's key, used without `--key-file`; with `_FILE` behind it, the one with a file.
const KEY_VARIABLE: &str = "TASTEMAKER_BRAZE_KEY";
/// The key's name in the credentials directory.
const CREDENTIAL: &str = "braze_key";

/// The content of a sync.
#[derive(clap::Subcommand)]
pub enum SyncCommand {
    /// Send every user's recommendations as a custom attribute; only lists that changed are sent
    Users(UsersFlags),
    /// Make a catalog hold exactly the items of a CSV
    Catalog(CatalogFlags),
}

/// The receiver of a sync, and its settings.
#[derive(clap::Args)]
struct BrazeFlags {
    /// The REST endpoint of the Braze instance, such as https://rest.iad-01.braze.com
    #[arg(long, value_name = "URL")]
    #[allow(rustdoc::bare_urls, reason = "the text of --help")]
    braze_url: String,
    /// A file with the REST API key; without it the variable TASTEMAKER_BRAZE_KEY is read, or the file that TASTEMAKER_BRAZE_KEY_FILE names
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Print the requests instead of sending them
    #[arg(long)]
    dry_run: bool,
    /// Go on for ever, this long after each beginning: 30m, 6h, 1d
    #[arg(long, value_name = "TIME", value_parser = interval, conflicts_with = "dry_run")]
    every: Option<Duration>,
    #[command(flatten)]
    config: ConfigFlags,
}

/// Send every user's recommendations as a custom attribute.
#[derive(clap::Args)]
pub struct UsersFlags {
    /// Users to send, one external id a line
    #[arg(long, value_name = "FILE")]
    users: PathBuf,
    /// The custom attribute that takes the item ids, best first
    #[arg(long, value_name = "NAME", default_value = "recommended_items")]
    attribute: String,
    /// A custom attribute that takes the time of the change
    #[arg(long, value_name = "NAME")]
    updated_attribute: Option<String>,
    /// Items in each list
    #[arg(long, value_name = "N", default_value_t = LIST_LEN_DEFAULT as u32, value_parser = clap::value_parser!(u32).range(1..=100))]
    num_results: u32,
    /// Users in one request
    #[arg(long, value_name = "N", default_value_t = BATCH_DEFAULT as u32, value_parser = clap::value_parser!(u32).range(1..=BATCH_MAX as i64))]
    batch: u32,
    /// Also make profiles that Braze does not have yet
    #[arg(long)]
    create_profiles: bool,
    #[command(flatten)]
    braze: BrazeFlags,
    #[command(flatten)]
    tls: Box<ClientTlsFlags>,
}

/// Make a catalog hold exactly the items of a CSV.
#[derive(clap::Args)]
pub struct CatalogFlags {
    /// The items: ITEM_ID and any other columns, as they were imported
    #[arg(long, value_name = "CSV")]
    items: PathBuf,
    /// The catalog's name at Braze
    #[arg(long, value_name = "NAME", default_value = "products")]
    catalog: String,
    #[command(flatten)]
    braze: BrazeFlags,
}

/// Runs one of them.
pub fn run(command: &SyncCommand) -> Result<()> {
    let once = || match command {
        SyncCommand::Users(flags) => sync_users(flags),
        SyncCommand::Catalog(flags) => sync_catalog(flags),
    };
    let (SyncCommand::Users(UsersFlags { braze, .. }) | SyncCommand::Catalog(CatalogFlags { braze, .. })) = command;
    let Some(every) = braze.every else { return once() };
    loop {
        let next = Instant::now() + every;
        // The next time may go better: Braze was away, the server was being restarted.
        if let Err(error) = once() {
            eprintln!("error: {error:#}");
        }
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// `90s`, `30m`, `6h` or `1d`.
fn interval(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is no time such as 30m, 6h or 1d");
    let unit_at = text.len() - text.chars().last().map_or(0, char::len_utf8);
    let seconds = match &text[unit_at..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let count: u32 = text[..unit_at].parse().map_err(|_| wrong())?;
    match count {
        0 => Err(wrong()),
        count => Ok(Duration::from_secs(u64::from(count) * seconds)),
    }
}

fn sync_users(flags: &UsersFlags) -> Result<()> {
    let config = Config::load(&flags.braze.config)?;
    let server = Recommender::new(&config, &flags.tls, flags.braze.config.listen.as_deref(), flags.num_results)?;
    let file = std::fs::File::open(&flags.users).with_context(|| format!("cannot read {}", flags.users.display()))?;
    let total = count_lines(&flags.users)?;
    let mut users = BufReader::new(file)
        .lines()
        .map(|line| line.map(|text| text.trim_end_matches('\r').to_owned()).map_err(|error| error.to_string()))
        .filter(|line| !matches!(line, Ok(text) if text.trim().is_empty()));
    let mut list_of = |user: &str| server.items(user);
    let settings = UsersSettings {
        attribute: flags.attribute.clone(),
        updated_attribute: flags.updated_attribute.clone(),
        batch: flags.batch as usize,
        update_existing_only: !flags.create_profiles,
    };
    let name = format!("users-{}", flags.attribute);
    with_target(&flags.braze, &config, &name, total, |ledger, keep, target, report| {
        users::sync(&settings, &mut users, &mut list_of, ledger, keep, target, report)
    })
}

fn sync_catalog(flags: &CatalogFlags) -> Result<()> {
    let config = Config::load(&flags.braze.config)?;
    let items = items(&flags.items)?;
    let name = format!("catalog-{}", flags.catalog);
    with_target(&flags.braze, &config, &name, items.len() as u64, |ledger, keep, target, report| {
        catalog::sync(&flags.catalog, &items, ledger, keep, target, report)
    })
}

type Keep<'k> = &'k mut dyn FnMut(&str) -> Result<(), tastemaker_braze::sync::LedgerError>;

/// Opens what was sent, runs `sync` and prints what it did.
fn with_target(
    flags: &BrazeFlags,
    config: &Config,
    name: &str,
    total: u64,
    sync: impl FnOnce(
        &mut tastemaker_braze::sync::Ledger,
        Keep<'_>,
        Target<'_>,
        &mut dyn FnMut(Event<'_>),
    ) -> Result<Summary, SyncError>,
) -> Result<()> {
    let (mut file, mut ledger) = SentFile::open(&config.data_dir.join("braze"), name, &flags.braze_url, flags.dry_run)?;
    let pace = SystemPace;
    let rest;
    let target = match flags.dry_run {
        true => Target::Dry { pace: &pace },
        false => {
            rest = BrazeRest::new(&flags.braze_url, &key(flags.key_file.as_deref())?)?;
            Target::Braze { rest: &rest, pace: &pace }
        }
    };
    let bar =
        ProgressBar::new(total).with_style(ProgressStyle::with_template("{spinner} {pos}/{len} {wide_bar} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut report = |event: Event<'_>| match event {
        Event::Progress(summary) => {
            bar.set_position(summary.sent + summary.unchanged + summary.skipped);
            bar.set_message(format!("{} sent, {} unchanged", summary.sent, summary.unchanged));
        }
        Event::Skipped { id, why } => bar.suspend(|| eprintln!("left out '{id}': {why}")),
        Event::Complaint(text) => bar.suspend(|| eprintln!("Braze took a batch and says: {text}")),
        Event::WouldSend(request) => {
            bar.suspend(|| println!("{} {} {}", request.method, request.path, request.body));
        }
    };
    let result = sync(&mut ledger, &mut |lines| file.append(lines), target, &mut report);
    bar.finish_and_clear();
    let summary = result?;
    let verb = if flags.dry_run { "would be sent" } else { "sent" };
    println!(
        "{} seen: {} {verb} in {} requests, {} unchanged, {} removed, {} left out",
        summary.seen, summary.sent, summary.requests, summary.unchanged, summary.removed, summary.skipped
    );
    Ok(())
}

fn key(file: Option<&Path>) -> Result<String> {
    let key = match file {
        Some(path) => secret_files::read(path)?,
        None => {
            let found = SecretPlaces::of_process(KEY_VARIABLE, CREDENTIAL).find().context("the REST API key")?;
            let advice = || format!("no REST API key: give --key-file, or set {KEY_VARIABLE} or {KEY_VARIABLE}_FILE");
            found.with_context(advice)?.into_text()
        }
    };
    match key.trim() {
        "" => bail!("the REST API key is empty"),
        key => Ok(key.to_owned()),
    }
}

fn count_lines(path: &Path) -> Result<u64> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BufReader::new(file).split(b'\n').count() as u64)
}

/// The rows of a CSV; empty cells are not sent, and a column whose cells all read as numbers or truth values is sent as such.
fn items(path: &Path) -> Result<Vec<catalog::Item>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut rows: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut kinds: BTreeMap<String, CellKind> = BTreeMap::new();
    for (number, row) in reader.deserialize::<BTreeMap<String, String>>().enumerate() {
        let mut row = row.with_context(|| path.display().to_string())?;
        let id_column = row.keys().find(|name| name.eq_ignore_ascii_case("ITEM_ID")).cloned();
        let id = id_column.and_then(|name| row.remove(&name));
        let id = id.with_context(|| format!("{}: row {} has no ITEM_ID", path.display(), number + 1))?;
        row.retain(|_, text| !text.is_empty());
        for (name, text) in &row {
            let kind = CellKind::of(text);
            kinds.entry(name.clone()).and_modify(|known| *known = known.and(kind)).or_insert(kind);
        }
        rows.push((id, row));
    }
    let item = |(id, row): (String, BTreeMap<String, String>)| {
        let cells = row.into_iter().map(|(name, text)| {
            let value = kinds.get(&name).map_or(Value::Null, |kind| kind.value(&text));
            (name, value)
        });
        (id, cells.collect::<Map<_, _>>())
    };
    Ok(rows.into_iter().map(item).collect())
}

/// The type of a catalog's field, which all values of a column share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Number,
    Truth,
    Text,
}

impl CellKind {
    /// Digits that a number keeps on its way.
    const DIGITS_MAX: usize = 15;

    /// The type of one cell.
    fn of(text: &str) -> Self {
        if text == "true" || text == "false" {
            return Self::Truth;
        }
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        // A leading zero or plus says that it is a code and not a quantity.
        let is_code = whole.len() > 1 && whole.starts_with('0');
        let is_exact = whole.len() + fraction.trim_end_matches('0').len() <= Self::DIGITS_MAX;
        if digits(whole) && digits(fraction) && !is_code && is_exact { Self::Number } else { Self::Text }
    }

    /// The type that holds cells of both.
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Text }
    }

    fn value(self, text: &str) -> Value {
        let number = || text.parse::<serde_json::Number>().ok().map(Value::Number);
        match self {
            Self::Number => number().unwrap_or_else(|| Value::String(text.to_owned())),
            Self::Truth => Value::Bool(text == "true"),
            Self::Text => Value::String(text.to_owned()),
        }
    }
}

/// The running server, asked for one user at a time.
struct Recommender {
    agent: ureq::Agent,
    url: String,
    token: String,
    num_results: u32,
}

impl Recommender {
    /// The server at `listen`, or the one that runs on the data directory.
    fn new(config: &Config, tls: &ClientTlsFlags, listen: Option<&str>, num_results: u32) -> Result<Self> {
        let token =
            Credentials::load_or_create(&config.data_dir, config.auth.first_key()?.as_ref())?.recommendations_token;
        let address = match (listen, DataDir::running_address(&config.data_dir)?) {
            (None, Some(running)) if !running.is_empty() => running,
            _ => noted_address(&config.listen, &config.tls),
        };
        let url = reachable_url(&address);
        // A server on this machine has the certificate of the name that others call it by.
        let here = ["https://127.", "https://localhost:", "https://[::1]:"].iter().any(|here| url.starts_with(here));
        let tls = if here { tls.on_this_machine()? } else { tls.verified(None)? };
        let agent =
            ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).proxy(None).tls_config(tls);
        Ok(Self { agent: agent.build().into(), url, token, num_results })
    }

    fn items(&self, user: &str) -> Result<Vec<String>, String> {
        let request = self
            .agent
            .get(format!("{}/recommendations", self.url))
            .query("user_id", user)
            .query("num_results", self.num_results.to_string())
            .query("shape", "ids")
            .header("X-Api-Key", &self.token);
        let failed = |error: ureq::Error| format!("no recommendations for '{user}' from {}: {error}", self.url);
        let text = request.call().and_then(|mut reply| reply.body_mut().read_to_string()).map_err(failed)?;
        serde_json::from_str(&text).map_err(|error| format!("the answer for '{user}': {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_have_a_unit() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("6h", 21_600), ("1d", 86_400)] {
            assert_eq!(interval(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "6", "0h", "h", "-1h", "1.5h", "6ü"] {
            assert!(interval(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cells_keep_their_meaning() {
        for (text, json) in [
            ("9.5", "9.5"),
            ("12", "12"),
            ("-3", "-3"),
            ("84.90", "84.9"),
            ("69.00", "69.0"),
            ("4006381333931", "4006381333931"),
            ("007", "\"007\""),
            ("+5", "\"+5\""),
            ("5.", "\"5.\""),
            (".5", "\".5\""),
            ("12345678901234567890", "\"12345678901234567890\""),
            ("true", "true"),
            ("1e3", "\"1e3\""),
            ("NaN", "\"NaN\""),
        ] {
            assert_eq!(CellKind::of(text).value(text).to_string(), json, "{text}");
        }
    }

    #[test]
    fn a_column_has_one_type() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let csv = "ITEM_ID,PRICE,SIZE,NEW\na,84.90,38,true\nb,,38 1/2,false\nc,3,39,\n";
        std::fs::write(file.path(), csv).expect("written");
        let items = items(file.path()).expect("readable");
        let shown: Vec<String> = items.into_iter().map(|(id, row)| format!("{id} {}", Value::Object(row))).collect();
        assert_eq!(
            shown,
            [
                r#"a {"NEW":true,"PRICE":84.9,"SIZE":"38"}"#,
                r#"b {"NEW":false,"SIZE":"38 1/2"}"#,
                r#"c {"PRICE":3,"SIZE":"39"}"#,
            ]
        );
    }
}

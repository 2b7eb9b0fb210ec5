//! `tastemaker braze preview`: a message as its reader will see it.

use super::fetch::HttpFetch;
use super::files::{json, text};
use super::logins;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tastemaker_braze::preview::{AllowList, CARD_FIELDS, Catalogs, Client, FailMode, Message, Profile, preview};

/// Hosts that may always be asked: a server on this machine.
const HOSTS_ALLOWED: &[&str] = &["127.0.0.1", "localhost", "[::1]"];

/// Render a message as Braze would.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("message").required(true).args(["card", "template"]))]
pub struct PreviewFlags {
    /// A Content Card: a JSON object of field name (title, message, image, link_text, url, key-value pairs) to Liquid
    #[arg(long, value_name = "JSON")]
    card: Option<PathBuf>,
    /// One template: an email body, a push text, an in-app message
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// The reader: {"user_id": ..., "first_name": ..., "custom_attribute": {...}}
    #[arg(long, value_name = "JSON")]
    profile: Option<PathBuf>,
    /// The reader's external id, in place of the profile's
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// A catalog for catalog_items: a JSON array of objects or a CSV, with an id column; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    catalog: Vec<String>,
    /// Stored logins: {"name": {"username": ..., "password": ...}} or {"name": {"headers": {...}}} [default: the server's own
    /// tokens: those of `[[recommendations.keys]]` by their names, and as tastemaker the first one that opens `default`]
    #[arg(long, value_name = "JSON")]
    credentials: Option<PathBuf>,
    /// The server's settings, for its tokens [default: tastemaker.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "TASTEMAKER_CONFIG")]
    config: Option<PathBuf>,
    /// The server's data directory, for its token where the settings name none [default: ./tastemaker-data]
    #[arg(long, value_name = "DIR", env = "TASTEMAKER_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// A host that may be asked besides this machine: host, host:port or *.domain; may be repeated
    #[arg(long, value_name = "HOST")]
    allow: Vec<String>,
    /// Rehearse a failure of every call: 404, 500, timeout or 598
    #[arg(long, value_name = "MODE", value_parser = fail_mode)]
    fail_mode: Option<FailMode>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn fail_mode(word: &str) -> Result<FailMode, String> {
    let found = FailMode::WORDS.iter().find(|(known, _)| *known == word);
    let words: Vec<&str> = FailMode::WORDS.iter().map(|(word, _)| *word).collect();
    found.map(|(_, mode)| *mode).ok_or_else(|| format!("one of {}", words.join(", ")))
}

/// Runs the command. Fails after printing when a template is faulty or the card too large, so that scripts notice.
pub fn run(flags: &PreviewFlags) -> Result<()> {
    let message = match (&flags.card, &flags.template) {
        (Some(path), _) => card(path)?,
        (None, Some(path)) => Message::template(text(path)?),
        (None, None) => bail!("give a message with --card or --template"),
    };
    let mut profile = match &flags.profile {
        Some(path) => {
            Profile::from_json(json(path)?).map_err(|problem| anyhow::anyhow!("{}: {problem}", path.display()))?
        }
        None => Profile::default(),
    };
    if let Some(user_id) = &flags.user_id {
        profile = profile.with_user_id(user_id);
    }
    let catalogs = flags.catalog.iter().map(|given| catalog(given)).collect::<Result<Catalogs>>()?;
    let credentials = match &flags.credentials {
        Some(path) => logins::in_file(path)?,
        None => logins::at_hand(flags.config.as_deref(), flags.data_dir.as_deref())?,
    };
    let allowed = flags.allow.iter().cloned().chain(HOSTS_ALLOWED.iter().map(|host| (*host).to_owned()));
    let client = Client::new(Box::new(HttpFetch::new()), AllowList::new(allowed), credentials, flags.fail_mode);
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);

    let shown = preview(&message, &profile, &catalogs, &client, now_s);
    match flags.json {
        true => println!("{}", serde_json::to_string_pretty(&shown)?),
        false => print!("{shown}"),
    }
    match (shown.failed(), shown.over_budget()) {
        (true, _) => bail!("the message cannot be rendered"),
        (_, true) => bail!("the card is larger than Braze sends"),
        _ => Ok(()),
    }
}

fn card(path: &Path) -> Result<Message> {
    let fields: BTreeMap<String, String> = serde_json::from_value(json(path)?)
        .with_context(|| format!("{}: a card is an object of field name to template text", path.display()))?;
    let place = |name: &str| CARD_FIELDS.iter().position(|field| *field == name).unwrap_or(CARD_FIELDS.len());
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_by_key(|(name, _)| place(name));
    Ok(Message::card(fields))
}

fn catalog(given: &str) -> Result<(String, Vec<Map<String, Value>>)> {
    let (name, path) = given.split_once('=').with_context(|| format!("--catalog {given}: write NAME=FILE"))?;
    let path = Path::new(path);
    let rows = if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv")) {
        let mut reader = csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
        let rows = reader.deserialize::<BTreeMap<String, String>>();
        let row = |row: BTreeMap<String, String>| row.into_iter().map(|(k, v)| (k, Value::String(v))).collect();
        rows.map(|r| r.map(row)).collect::<Result<_, _>>().with_context(|| path.display().to_string())?
    } else {
        serde_json::from_value(json(path)?)
            .with_context(|| format!("{}: a catalog is an array of objects", path.display()))?
    };
    Ok((name.to_owned(), rows))
}

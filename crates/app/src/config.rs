//! Every setting of the server, and the flags that several commands share. `config_load.rs` reads them.

use crate::auth_config::AuthConfig;
use crate::backup_config::BackupConfig;
use crate::config_source::EffectiveSetting;
use crate::console_config::ConsoleConfig;
use crate::external_buckets_config::S3Config;
use crate::http_config::HttpConfig;
use crate::key_limits_config::KeyLimitsConfig;
use crate::limits::LimitsConfig;
use crate::log_config::{LogConfig, LogFlags};
use crate::recommendations_config::{BrazeConfig, RecommendationsConfig};
use crate::role_config::{self, RoleWord};
use crate::store_config::{DIRECTORY, Database, StoreConfig};
use crate::telemetry_config::TelemetryConfig;
use crate::theme_endpoint::ThemesConfig;
use crate::tls_config::{TlsFlags, TlsSettings};
use crate::webhooks_config::WebhookConfig;
use anyhow::{Context, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use tastemaker_console::config::Setting;
use tastemaker_domain::role::Roles;

/// Every setting of the server. Field names are the keys of the TOML file; `listen` is `TASTEMAKER_LISTEN`, and
/// `recommendations.campaign` is `TASTEMAKER_RECOMMENDATIONS__CAMPAIGN`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory of everything durable.
    pub data_dir: PathBuf,
    /// `HOST:PORT` of the one listener. Port 0 takes a free one.
    pub listen: String,
    /// The share of the work that this process takes: `all`, or some of `api` (the control plane, S3 and the console), `serving`
    /// (recommendations and streamed events) and `worker` (jobs and schedules), as `"api, serving"` or a list. Less than all of
    /// them wants storage that several processes share.
    #[serde(deserialize_with = "role_config::words")]
    #[schemars(with = "Vec<RoleWord>")]
    pub role: Vec<RoleWord>,
    /// Allows a listener that other machines can reach without TLS, for use behind a proxy that adds it.
    pub insecure_http: bool,
    /// Twelve digits that stand in ARNs.
    #[serde(deserialize_with = "digits")]
    #[schemars(with = "String")]
    pub account_id: String,
    /// Stands in ARNs when a request does not say, and in `AWS_DEFAULT_REGION`.
    pub region: String,
    /// Threads of a training; 0 takes one for each core.
    pub training_threads: usize,
    /// The strictness of imports.
    pub imports: ImportsConfig,
    /// Trainings that begin by themselves.
    pub training: TrainingConfig,
    /// The data that campaigns answer from.
    pub serving: ServingConfig,
    /// The listener.
    pub http: HttpConfig,
    /// The certificate of the listener.
    pub tls: TlsSettings,
    /// The first access key.
    pub auth: AuthConfig,
    /// The web console.
    pub console: ConsoleConfig,
    /// The `/recommendations` family.
    pub recommendations: RecommendationsConfig,
    /// The events that Braze sends back.
    pub braze: BrazeConfig,
    /// Numbers of resources that may be at once.
    pub limits: LimitsConfig,
    /// How often one access key may ask.
    pub key_limits: KeyLimitsConfig,
    /// The data directory.
    pub storage: StorageConfig,
    /// Buckets outside this server.
    pub s3: S3Config,
    /// The databases and the place of blobs.
    pub store: StoreConfig,
    /// Backups of the data directory.
    pub backup: BackupConfig,
    /// Receivers of changes of resources' statuses.
    pub webhooks: Vec<WebhookConfig>,
    /// Themes of batch inference.
    pub themes: ThemesConfig,
    /// The log.
    pub log: LogConfig,
    /// Spans of requests and jobs.
    pub telemetry: TelemetryConfig,
    /// Starts although records and blobs do not belong together; a flag of `serve` alone.
    #[serde(skip)]
    pub accept_mismatch: bool,
    /// Every setting with its source, to be shown.
    #[serde(skip)]
    pub settings: Vec<Setting>,
    /// The same with the places of the values.
    #[serde(skip)]
    pub effective: Vec<EffectiveSetting>,
}

/// `[storage]`: the data directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StorageConfig {
    /// Days for which blobs that no record names lie in `blobs/lost` before they are deleted, counted from the start that sets them
    /// aside.
    pub lost_days: u32,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self { lost_days: 30 }
    }
}

/// `[imports]`: what imports refuse.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ImportsConfig {
    /// Whether any value that breaks the rule of its column fails an import job. Without it only ids, the times of interactions
    /// and the structure of a file do, as at AWS: other values become null, and the job counts them and says where they are.
    pub strict: bool,
}

/// `[training]`: trainings that begin by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Whether solutions with `performAutoTraining` are trained by their schedules, and recommenders every seven days. The
    /// API shows what was asked for either way.
    pub auto: bool,
    /// Seconds between turning automatic training on (CreateSolution or UpdateSolution) and the first automatic training;
    /// an explicit CreateSolutionVersion in between takes its place.
    pub auto_delay_s: u64,
    /// Trainings at a time, at least 1. They share the memory, and of several places the last one is for trainings that take a
    /// minute at most by estimate, so that a short one never waits behind long ones.
    pub side_by_side: NonZeroUsize,
    /// Seconds of work after which a training writes down how far it has come, at the end of its next epoch or part; 0 after each of
    /// them. A training that is killed goes on from there.
    pub checkpoint_s: u64,
    /// Megabytes (2^20 bytes) of memory that trainings may take together; 0 for all that the system or the control group has left. A
    /// training that needs more by estimate fails before its data is read and says how much.
    pub memory_mb: u64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        let side_by_side = NonZeroUsize::new(3).unwrap_or(NonZeroUsize::MIN);
        Self { auto: true, auto_delay_s: 3600, side_by_side, checkpoint_s: 30, memory_mb: 0 }
    }
}

/// `[serving]`: what campaigns and recommenders answer from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServingConfig {
    /// Seconds between automatic updates, at least 1: every campaign and recommender counts anew what is popular, with the
    /// events streamed since its training and the items that are new since. Each user's own events count at once, whatever
    /// this says.
    pub update_interval_s: NonZeroU64,
    /// Milliseconds for which a list about a user waits at most for events that another process has taken, so that it has all
    /// that were acknowledged before it was asked for. It is then made with the events at hand. While the database does not answer,
    /// nobody waits; with 0 nobody ever does. One process with SQLite has no need to wait.
    pub read_your_writes_ms: u64,
}

impl Default for ServingConfig {
    fn default() -> Self {
        // Two hours, as at AWS.
        Self { update_interval_s: NonZeroU64::new(7200).unwrap_or(NonZeroU64::MIN), read_your_writes_ms: 50 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "tastemaker-data".into(),
            listen: "127.0.0.1:4100".into(),
            role: vec![RoleWord::All],
            insecure_http: false,
            account_id: "000000000000".into(),
            region: "us-east-1".into(),
            training_threads: 0,
            imports: ImportsConfig::default(),
            training: TrainingConfig::default(),
            serving: ServingConfig::default(),
            http: HttpConfig::default(),
            tls: TlsSettings::default(),
            auth: AuthConfig::default(),
            console: ConsoleConfig::default(),
            recommendations: RecommendationsConfig::default(),
            braze: BrazeConfig::default(),
            limits: LimitsConfig::default(),
            key_limits: KeyLimitsConfig::default(),
            storage: StorageConfig::default(),
            s3: S3Config::default(),
            store: StoreConfig::default(),
            backup: BackupConfig::default(),
            webhooks: Vec::new(),
            themes: ThemesConfig::default(),
            log: LogConfig::default(),
            telemetry: TelemetryConfig::default(),
            accept_mismatch: false,
            settings: Vec::new(),
            effective: Vec::new(),
        }
    }
}

/// Flags that several commands share. A flag that is not given leaves the setting to the variable, file or default.
#[derive(Debug, Clone, Default, clap::Args, Serialize)]
pub struct ConfigFlags {
    /// Directory of everything durable [default: ./tastemaker-data]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Address of the one listener [default: 127.0.0.1:4100]
    #[arg(long, value_name = "HOST:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Share of the work that this process takes; several with commas between them [default: all]
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<RoleWord>,
    /// Allow a listener that other machines can reach without TLS
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_http: bool,
    /// Twelve-digit account id that stands in ARNs
    #[arg(long, value_name = "DIGITS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Region that stands in ARNs when a request does not say [default: us-east-1]
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Threads of a training [default: one for each core]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training_threads: Option<usize>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "TlsFlags::is_empty")]
    #[allow(missing_docs)]
    pub tls: TlsFlags,
    #[command(flatten)]
    #[serde(skip_serializing_if = "LogFlags::is_empty")]
    #[allow(missing_docs)]
    pub log: LogFlags,
    /// TOML file with settings
    #[arg(long, value_name = "FILE", env = "TASTEMAKER_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

impl Config {
    /// The roles of this process.
    pub fn roles(&self) -> Roles {
        role_config::roles(&self.role)
    }

    /// Whether several processes may use the same records, events and blobs at once.
    pub fn shares_storage(&self) -> bool {
        let StoreConfig { records, events, blobs, .. } = &self.store;
        let databases = [records, events].iter().all(|database| matches!(database, Database::Postgres(_)));
        databases && blobs != DIRECTORY
    }

    /// The listener's addresses.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>> {
        let addresses =
            self.listen.to_socket_addrs().with_context(|| format!("listen '{}' is not HOST:PORT", self.listen))?;
        Ok(addresses.collect())
    }

    /// Whether only this machine can reach the listener.
    pub fn listens_on_loopback(&self) -> Result<bool> {
        Ok(self.addresses()?.iter().all(|a| a.ip().is_loopback()))
    }

    /// Threads of a training.
    pub fn training_threads(&self) -> usize {
        match self.training_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }
}

/// The beginning of the addresses of listeners with TLS.
const HTTPS: &str = "https://";

/// The address of a listener for whoever asks where it is: its `HOST:PORT`, after `https://` where it speaks TLS.
pub fn noted_address(address: &str, tls: &TlsSettings) -> String {
    format!("{}{address}", if tls.is_on() { HTTPS } else { "" })
}

/// The URL by which clients on this machine reach a listener, given as by [`noted_address`].
pub fn reachable_url(noted: &str) -> String {
    match noted.strip_prefix(HTTPS) {
        Some(address) => format!("{HTTPS}{}", reachable(address)),
        None => format!("http://{}", reachable(noted)),
    }
}

/// A listener's `HOST:PORT` as clients on this machine reach it.
pub fn reachable(listen: &str) -> String {
    let any = [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")];
    let found = any.iter().find_map(|(any, here)| Some(format!("{here}{}", listen.strip_prefix(any)?)));
    found.unwrap_or_else(|| listen.to_owned())
}

/// Text, or the number that an environment variable of digits alone is read as; its leading zeros are put back.
fn digits<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Digits {
        Number(u64),
        Text(String),
    }
    Ok(match Digits::deserialize(deserializer)? {
        Digits::Number(number) => format!("{number:012}"),
        Digits::Text(text) => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_reach_a_listener_on_every_address_by_loopback() {
        for (listen, expected) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("127.0.0.1:1", "127.0.0.1:1"), ("h:1", "h:1")]
        {
            assert_eq!(reachable(listen), expected);
            assert_eq!(reachable_url(&noted_address(listen, &TlsSettings::default())), format!("http://{expected}"));
            let tls = TlsSettings { certificate: Some("c".into()), ..TlsSettings::default() };
            assert_eq!(reachable_url(&noted_address(listen, &tls)), format!("https://{expected}"));
        }
    }
}

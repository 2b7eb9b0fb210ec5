//! Settings of the console, as the composition root gives them.

use crate::language::Language;
use crate::secrets::Secrets;
use std::fmt;
use tokio::sync::watch;

/// Everything the console is told at start.
#[derive(Debug, Clone)]
pub struct ConsoleConfig {
    /// The path before `/console` in its links, such as `/rec`; mostly empty. A trusted proxy's `X-Forwarded-Prefix` comes before it.
    pub base_path: String,
    /// Whether every change is refused.
    pub read_only: bool,
    /// The rule for who has to log in.
    pub login: Login,
    /// Whether only this machine reaches the listener.
    pub listens_on_loopback: bool,
    /// Time for which a login holds.
    pub session_seconds: i64,
    /// Names of hosts, in lower case, by which the console is called; addresses always are.
    pub hosts: Vec<String>,
    /// Bytes of an upload.
    pub upload_bytes_max: u64,
    /// The language of those who did not choose one; `None` goes by the browser.
    pub language: Option<Language>,
    /// Origins besides its own from which pages show pictures.
    pub image_hosts: Vec<String>,
    /// The key by which one logs in.
    pub user: User,
    /// The secrets that sign sessions and one-time links.
    pub secrets: Secrets,
    /// The region in the ARNs of what the console makes.
    pub region: String,
    /// The account in ARNs.
    pub account_id: String,
    /// The facts on the page About.
    pub about: About,
    /// Turns true when the server stops, which ends live pages.
    pub stopping: watch::Receiver<bool>,
}

/// The rule for who has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Everybody.
    Always,
    /// Everybody but callers on this machine of a listener that only this machine reaches.
    LoopbackFree,
}

/// The key id and token that log in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The AWS access key id, which stands for the user.
    pub key_id: String,
    /// The console's token.
    pub token: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// Facts about the server.
#[derive(Debug, Clone)]
pub struct About {
    /// Version of the server.
    pub version: String,
    /// The directory of everything durable.
    pub data_dir: String,
    /// The time at which the server started, in milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// The command that sets up AWS clients in a shell.
    pub env_command: String,
    /// Every setting by its key as it is in effect now, without secrets.
    pub settings: watch::Receiver<Vec<Setting>>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            version: String::new(),
            data_dir: String::new(),
            started_ms: 0,
            env_command: String::new(),
            settings: watch::channel(Vec::new()).1,
        }
    }
}

/// A setting in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key as in the file of settings.
    pub key: String,
    /// The value as in the file of settings.
    pub value: String,
    /// The source of the value.
    pub source: SettingSource,
}

/// The source of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingSource {
    /// Nobody said anything else.
    Default,
    /// The file of settings.
    File,
    /// A variable of the environment.
    Environment,
    /// A flag of the command.
    Flag,
}

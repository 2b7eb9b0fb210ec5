//! The state that all pages share.

use crate::assets::Assets;
use crate::attempts::Attempts;
use crate::config::ConsoleConfig;
use crate::headers::content_security_policy;
use crate::ports::Ports;
use crate::preparations::Preparations;
use crate::secrets::CodeDesk;
use crate::shared_renderings::SharedRenderings;
use axum_extra::extract::cookie::Key;
use http::HeaderValue;
use std::sync::Arc;

/// The console's parts, shared by all requests.
pub struct Console {
    /// The settings.
    pub config: ConsoleConfig,
    /// The rest of the server.
    pub ports: Ports,
    pub(crate) assets: Assets,
    pub(crate) policy: HeaderValue,
    pub(crate) cookie_key: Key,
    pub(crate) codes: Arc<CodeDesk>,
    pub(crate) attempts: Arc<Attempts>,
    pub(crate) renderings: SharedRenderings,
    pub(crate) preparations: Arc<Preparations>,
}

/// What pages remember from one request to another, whatever the settings are.
#[derive(Clone)]
pub(crate) struct Memory {
    codes: Arc<CodeDesk>,
    attempts: Arc<Attempts>,
    preparations: Arc<Preparations>,
}

impl Memory {
    pub(crate) fn new(config: &ConsoleConfig) -> Self {
        Self {
            codes: Arc::new(CodeDesk::new(config.secrets.clone(), config.about.started_ms / 1000)),
            attempts: Arc::default(),
            preparations: Arc::default(),
        }
    }
}

/// The state of every route.
pub type ConsoleState = Arc<Console>;

impl Console {
    pub(crate) fn new(config: ConsoleConfig, ports: Ports, memory: Memory) -> Self {
        let Memory { codes, attempts, preparations } = memory;
        Self {
            assets: Assets::new(),
            policy: content_security_policy(&config.image_hosts),
            cookie_key: config.secrets.cookie_key(&config.user.token),
            codes,
            attempts,
            renderings: SharedRenderings::default(),
            preparations,
            config,
            ports,
        }
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn now_s(&self) -> i64 {
        (self.ports.clock)() / 1000
    }
}

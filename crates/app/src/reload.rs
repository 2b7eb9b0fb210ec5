//! The reload of the configuration of a running server, on SIGHUP.

use crate::backup::Schedule;
use crate::config::{Config, ConfigFlags, ServingConfig, TrainingConfig};
use crate::config_load::shown;
use crate::config_reload::{Changes, compare};
use crate::config_sources::Environment;
use crate::console_config::ConsoleConfig;
use crate::console_settings::LiveConsole;
use crate::data_dir::Credentials;
use crate::http_config::HttpConfig;
use crate::live_spans::LiveSpans;
use crate::webhooks::LiveReceivers;
use crate::{config_rules, http_settings, job_settings, logging, recommendations_settings, webhooks_config};
use anyhow::Result;
use axum::Router;
use parking_lot::Mutex;
use std::sync::Arc;
use tastemaker_console::config::Setting;
use tastemaker_http::request_tracer::RequestTracer;
use tastemaker_http::{ConsoleMount, HttpState, ListenerConfig, LiveRouter, Tls};
use tastemaker_jobs::LiveSettings;
use tastemaker_service::Ctx;
use tastemaker_store::external_buckets::ExternalBuckets;
use tokio::sync::watch;

/// The parts of a running server that are made anew when its configuration is.
pub struct Reloader {
    /// The keys of the data directory.
    pub credentials: Credentials,
    /// The certificate, of a listener with TLS.
    pub tls: Option<Arc<Tls>>,
    /// The console, where there is one.
    pub console: Option<LiveConsole>,
    /// Routes that come before the product's own.
    pub extra: Router,
    /// The router of the listener.
    pub router: LiveRouter,
    /// Everything that a request can reach.
    pub state: watch::Sender<Arc<HttpState>>,
    /// Trainings that begin by themselves.
    pub training: watch::Sender<TrainingConfig>,
    /// The settings of jobs; those that run keep theirs.
    pub jobs: watch::Sender<LiveSettings>,
    /// The settings in effect as the console shows them.
    pub shown: watch::Sender<Vec<Setting>>,
    /// Buckets outside this server.
    pub external: Arc<ExternalBuckets>,
    /// The receivers of changes of statuses.
    pub receivers: LiveReceivers,
    /// The receiver of spans.
    pub spans: Arc<LiveSpans>,
    /// The backups that the server makes by itself.
    pub backups: watch::Sender<Option<Schedule>>,
    /// The configuration in effect.
    pub config: Mutex<Config>,
}

/// The router of a state.
pub fn router(state: Arc<HttpState>, console: Option<ConsoleMount>, extra: Router) -> Router {
    extra.fallback_service(match console {
        None => tastemaker_http::router(state),
        Some(console) => tastemaker_http::router_with_console(state, console),
    })
}

/// The configuration in effect after a reload: the new one in what is reloaded, the current one in everything else.
fn taken(current: &Config, new: &Config) -> Config {
    Config {
        recommendations: new.recommendations.clone(),
        braze: new.braze.clone(),
        limits: new.limits,
        http: HttpConfig { connections_per_address: current.http.connections_per_address, ..new.http.clone() },
        // TLS is neither begun nor ended on a listener that is open.
        tls: if current.tls.is_on() == new.tls.is_on() { new.tls.clone() } else { current.tls.clone() },
        log: new.log.clone(),
        training: new.training.clone(),
        training_threads: new.training_threads,
        imports: new.imports.clone(),
        serving: ServingConfig { update_interval_s: new.serving.update_interval_s, ..current.serving.clone() },
        key_limits: new.key_limits,
        console: ConsoleConfig { enabled: current.console.enabled, ..new.console.clone() },
        webhooks: new.webhooks.clone(),
        backup: new.backup.clone(),
        themes: new.themes.clone(),
        telemetry: new.telemetry.clone(),
        s3: new.s3.clone(),
        ..current.clone()
    }
}

impl Reloader {
    /// Takes a new configuration as far as a running server can. Errors, with everything as it was, when one of its rules is
    /// broken.
    pub fn take(&self, new: &Config) -> Result<Changes> {
        let mut current = self.config.lock();
        let mut config = taken(&current, new);
        let switched = current.tls.is_on() != new.tls.is_on();
        let mut changes = compare(&current.effective, &new.effective, |key| !(switched && key.starts_with("tls.")));
        // What is secret has no value that could be compared.
        for (key, differs) in [
            ("webhooks", current.webhooks != new.webhooks),
            ("console.token", current.console.token != new.console.token),
        ] {
            if differs && !changes.taken.iter().any(|taken| taken == key) {
                changes.taken.push(key.to_owned());
            }
        }
        // The stores stay as they are until a restart.
        config.backup.check(&config.store)?;
        let plan = Schedule::of(&config)?;
        let receivers = webhooks_config::receivers(&config.webhooks)?;
        let external = config.s3.external_buckets()?;
        let jobs = job_settings::of(&config)?;
        let spans = (config.telemetry != current.telemetry).then(|| config.telemetry.spans()).transpose()?;
        let recommendations = recommendations_settings::http_settings(&config, &self.credentials)?;
        let before = self.state.borrow().clone();
        let listener = http_settings::listener(&config, &recommendations.access, &self.credentials)?;
        let tls = config.tls.open()?;
        let console = self.console.as_ref().map(|console| console.with(&config)).transpose()?;
        config.settings = shown(&changes.effective);
        config.effective = changes.effective.clone();
        let state = Arc::new(HttpState {
            recommendations,
            listener: ListenerConfig {
                roles: before.listener.roles,
                tracer: match &spans {
                    Some(spans) => spans.clone().map(|spans| spans as Arc<dyn RequestTracer>),
                    None => before.listener.tracer.clone(),
                },
                scraped: before.listener.scraped.clone(),
                ..listener
            },
            service: Ctx { quotas: config.limits.quotas(), ..before.service.clone() },
            ..HttpState::clone(&before)
        });
        // Nothing below can fail.
        let router = router(state.clone(), console, self.extra.clone());
        if let (Some(current), Some(new)) = (&self.tls, tls) {
            current.replace(new);
        }
        logging::change(&config.log);
        state.keys.change_rates(config.key_limits.rates());
        self.state.send_replace(state);
        self.router.replace(router);
        self.training.send_replace(config.training.clone());
        self.jobs.send_replace(jobs);
        if config.s3 != current.s3 {
            self.external.replace(&external);
        }
        self.receivers.replace(receivers);
        if config.backup != current.backup {
            self.backups.send_replace(plan);
        }
        if let Some(spans) = spans {
            self.spans.replace(spans);
        }
        self.shown.send_replace(config.settings.clone());
        *current = config;
        Ok(changes)
    }

    fn load_and_take(&self, flags: &ConfigFlags) -> Result<Changes> {
        let environment = Environment::of_process();
        let config = Config::load_from(flags, &environment)?;
        config_rules::check(&config, flags, &environment)?;
        self.take(&config)
    }

    /// Reads the configuration again and takes it; says in the log what became of it.
    fn reload(&self, flags: &ConfigFlags) {
        match self.load_and_take(flags) {
            Ok(changes) => {
                for key in &changes.taken {
                    tracing::info!("{key} has its new value");
                }
                for key in &changes.after_restart {
                    tracing::warn!("{key} has another value now, which takes effect after a restart");
                }
                tracing::info!(
                    taken = changes.taken.len(),
                    after_restart = changes.after_restart.len(),
                    "the configuration was read again, and the files that it names"
                );
            }
            Err(error) => tracing::error!("the new configuration is not taken, the former one goes on: {error:#}"),
        }
    }
}

/// The stages of a reload, for a service manager that wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The configuration is read.
    Began,
    /// It was taken, or refused.
    Ended,
}

/// Requests to reload that other processes send.
#[cfg(unix)]
pub struct Hangups(tokio::signal::unix::Signal);

/// Requests to reload, of which there are none here.
#[cfg(not(unix))]
pub struct Hangups;

impl Hangups {
    /// Takes SIGHUP from now on, which would end the process otherwise.
    pub fn listen() -> Result<Self> {
        #[cfg(unix)]
        return Ok(Self(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?));
        #[cfg(not(unix))]
        Ok(Self)
    }

    /// Reloads for ever, once for each SIGHUP, with `told` before and after.
    pub async fn reload(mut self, reloader: Arc<Reloader>, flags: ConfigFlags, told: impl Fn(Stage)) {
        while self.next().await.is_some() {
            told(Stage::Began);
            let (reloader, flags) = (reloader.clone(), flags.clone());
            // Files are read, perhaps over a network.
            let reloaded = tokio::task::spawn_blocking(move || reloader.reload(&flags)).await;
            if let Err(error) = reloaded {
                tracing::error!(%error, "the configuration could not be read again");
            }
            told(Stage::Ended);
        }
    }

    async fn next(&mut self) -> Option<()> {
        #[cfg(unix)]
        return self.0.recv().await;
        #[cfg(not(unix))]
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_tree::leaves;
    use crate::test_config::config;
    use std::collections::BTreeMap;

    /// What counts after a reload is what the table of reloaded settings says, for a configuration in which every table differs.
    #[test]
    fn what_is_taken_is_what_is_marked() -> Result<()> {
        let (_dir, current, _) = config("")?;
        let (_other, new, _) = config(
            "listen = 'localhost:1'\nregion = 'eu-west-1'\naccount_id = '123456789012'\ndata_dir = 'other'\ntraining_threads = 3\n\
             [training]\nauto = false\nauto_delay_s = 1\nside_by_side = 2\ncheckpoint_s = 5\nmemory_mb = 7\n\
             [imports]\nstrict = true\n[serving]\nupdate_interval_s = 9\nread_your_writes_ms = 7\n\
             [http]\nhosts = ['a.example']\norigins = ['https://b.example']\nconnections_per_address = 3\n\
             metrics_token_file = 'DIR/token'\n[console]\nread_only = true\n[storage]\nlost_days = 1\n\
             [recommendations]\ncampaign = 'c'\nbudget_ms = 5\n[recommendations.recommenders.home]\nnum_results = 3\n\
             [log]\nlevel = 'info'\nformat = 'json'\nuser_ids = true\n[telemetry]\nsample_ratio = 0.5\n[key_limits]\ns3_burst = 3\n\
             [backup]\nkeep = 3\n[[webhooks]]\nurl = 'https://h/x'\nsecret = 'a long enough secret'\n[[s3.external]]\nbucket = 'b'\n[braze]\ndataset_group = 'g'\n[limits]\nschemas = 3\n[store]\nwait_s = 3\n[themes]\ntimeout_s = 3\n",
        )?;
        let values = |config: &Config| -> BTreeMap<String, serde_json::Value> {
            let tree = serde_json::to_value(config).expect("JSON");
            leaves(&tree).into_iter().map(|(path, value)| (path.join("."), value.clone())).collect()
        };
        let changes = compare(&current.effective, &new.effective, |_| true);
        let marked: BTreeMap<_, _> =
            changes.effective.iter().map(|setting| (setting.key.clone(), setting.value.clone())).collect();
        assert_eq!(values(&taken(&current, &new)), marked);
        assert!(changes.taken.len() >= 25 && changes.after_restart.len() >= 8, "{changes:?}");
        Ok(())
    }
}

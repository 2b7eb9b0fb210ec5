//! One server process put together: storage, use cases, jobs, recommender, edge.

use crate::backup::{Schedule, keep_schedule};
use crate::clock::now_ms;
use crate::config::{Config, TrainingConfig, noted_address, reachable};
use crate::console_data::ConsoleDatasets;
use crate::console_dismissals::ConsoleDismissals;
use crate::console_estimates::ConsoleEstimates;
use crate::console_files::ConsoleFiles;
use crate::console_histories::ConsoleHistories;
use crate::console_planned_copies::ConsolePlannedCopies;
use crate::console_ports::{self, ConsoleApi, ConsoleProgress};
use crate::console_reports::ConsoleReports;
use crate::console_settings::{LiveConsole, Running};
use crate::console_traffic::{self, ConsoleTraffic};
use crate::console_watch::ConsoleWatch;
use crate::data_dir::{Credentials, DataDir};
use crate::demo::client::Client;
use crate::demo::in_server::DemoInServer;
use crate::expiry::expire_hourly;
use crate::inspect::ServerInspect;
use crate::job_history::JobHistory;
use crate::last_requests::LastRequests;
use crate::live_spans::LiveSpans;
use crate::progress::ProgressBoard;
use crate::reload::{self, Reloader};
use crate::scraped_metrics::{KnownSizes, ServerMetrics};
use crate::shared_keys;
use crate::stop::StopSignal;
use crate::storage::Storage;
use crate::storage_observer::{NewestEvents, begin_counters, count_appended};
use crate::tls_config::RELOAD_POLL;
use crate::webhooks::Deliveries;
use crate::{
    http_settings, job_settings, logging, newer_release, parameter_key, recommendations_settings, service_manager,
};
use anyhow::{Context, Result};
use axum::Router;
use std::io::ErrorKind;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};
use tastemaker_console::ports::Ports;
use tastemaker_console::secrets::Secrets;
use tastemaker_domain::resource::{JobKind, Streamed};
use tastemaker_domain::role::Role;
use tastemaker_domain::schema::DatasetType;
use tastemaker_http::kept_key_usage::keep_key_usage;
use tastemaker_http::observability::install_recorder;
use tastemaker_http::state::{CatchUp, ServingHooks};
use tastemaker_http::traffic::Traffic;
use tastemaker_http::{HttpState, KeyTable, Listener, ListenerConfig, LiveRouter, Readiness, RecommendationIds};
use tastemaker_jobs::{Deployer, JobTracer, JobsCtx, LogStream, Nodes, ProgressSink, keep_statistics};
use tastemaker_s3::{Buckets, S3Config};
use tastemaker_service::iam::Identities;
use tastemaker_service::scheduler::{SchedulerConfig, tick};
use tastemaker_service::{Ctx, DEPLOY_WAIT_DEFAULT, Observe, Recall};
use tastemaker_serving::Serving;
use tastemaker_store::records::TRAININGS_CHANNEL;
use tastemaker_store::{Error, StoreClock, Stores};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The kinds of jobs that a single process works on: all of them.
const KINDS: &[JobKind] = JobKind::ALL;

/// Time between looks at the schedules when no training ends.
const SCHEDULER_POLL: Duration = Duration::from_secs(5);

/// Time within which keys and policies that another process has changed count here, if nothing tells of the change before.
const IDENTITIES_POLL: Duration = Duration::from_secs(1);

/// The difference of clocks that is not worth a word.
const CLOCK_DIFFERENCE_MS_MAX: i64 = 5_000;

/// Time for running jobs to give their leases back when the server stops.
const JOBS_DRAIN: Duration = Duration::from_secs(10);

/// A running server.
pub struct Server {
    /// `HOST:PORT` of the listener; port 0 is resolved.
    pub address: String,
    over_tls: bool,
    router: Arc<OnceLock<Router>>,
    /// The keys of its data directory.
    pub credentials: Credentials,
    /// The progress of running jobs.
    pub progress: Arc<ProgressBoard>,
    /// The secret behind logins to the console, where there is one.
    pub console: Option<Secrets>,
    /// Takes new configurations.
    pub reloader: Arc<Reloader>,
    spans: Arc<LiveSpans>,
    stop: watch::Sender<bool>,
    edge: JoinHandle<std::io::Result<()>>,
    jobs: JoinHandle<()>,
    scheduler: JoinHandle<()>,
    last_requests: JoinHandle<()>,
    key_usage: JoinHandle<()>,
    _data: DataDir,
}

impl Server {
    /// Opens the data directory, loads every campaign, and listens. `extra` routes come before the product's own.
    pub async fn start(config: &Config, env_command: String, extra: impl FnOnce(&str) -> Router) -> Result<Self> {
        let data = DataDir::open(&config.data_dir)?;
        let shares = config.shares_storage();
        let roles = config.roles();
        let addresses = config.addresses()?;
        let connections = http_settings::connections(config);
        let tls = config.tls.open()?.map(Arc::new);
        let own_router = Arc::new(OnceLock::new());
        let listener = TcpListener::bind(addresses.as_slice()).await;
        let listener = listener.map_err(|error| cannot_listen(&config.listen, error))?;
        let address = listener.local_addr()?.to_string();

        // Damage that the start finds is counted, too.
        let metrics = install_recorder()?;
        begin_counters();
        let storage = Storage::open(&data, config).await?;
        newer_release::refuse(&storage).await?;
        storage.join(config.accept_mismatch).await?;
        tell_of_clock(&*storage.clock).await?;
        let stores = storage.stores.clone();
        let has_console = config.console.enabled && roles.has(Role::Api);
        let first_key = config.auth.first_key()?;
        let first_key = first_key.as_ref();
        let (credentials, console) = if shares {
            let found = shared_keys::load_or_create(&*stores.records, &config.data_dir, &data, first_key).await?;
            let (credentials, secrets) = found;
            (credentials, has_console.then_some(secrets))
        } else {
            let secrets = if has_console { Some(data.console_secrets()?) } else { None };
            (Credentials::load_or_create(&config.data_dir, first_key)?, secrets)
        };
        credentials.tell_of_other_key(first_key);
        let parameter_key = parameter_key::load_or_create(&*stores.records, &data, shares).await?;
        let serving = Arc::new(Serving::new());
        let process = uuid::Uuid::new_v4();
        let owner = process.to_string();
        let nodes = if shares { Nodes::sharing(owner.clone(), roles, now_ms()) } else { Nodes::default() };
        let board = Arc::new(ProgressBoard::default());
        let spans = Arc::new(LiveSpans::new(config.telemetry.spans()?));
        let newest_events = Arc::<NewestEvents>::default();
        let started_ms = now_ms();
        let (trainings, training) = watch::channel(config.training.clone());
        let job_settings = job_settings::of(config)?;
        let (live, jobs_live) = watch::channel(job_settings.clone());
        let history = Arc::new(JobHistory::new(Some(spans.clone() as Arc<dyn JobTracer>), now_ms));
        let jobs = JobsCtx {
            stores: stores.clone(),
            external: Arc::new(config.s3.external_buckets()?),
            clock: Arc::new(now_ms),
            serving: serving.clone(),
            available_memory: {
                let training = training.clone();
                Arc::new(move || crate::memory::within(training.borrow().memory_mb))
            },
            training_memory: Arc::default(),
            threads: job_settings.threads,
            theme_writer: job_settings.theme_writer,
            progress: progress_sink(board.clone(), spans.clone()),
            ended: {
                let board = board.clone();
                Arc::new(move |resource| board.end(resource))
            },
            tracer: Some(history.clone()),
            owner,
            nodes: Arc::new(nodes),
            settings: job_settings.settings,
            live: Some(jobs_live),
        };
        let deployer = Arc::new(Deployer::default());
        let hooks = ServingHooks::of(&serving);
        let traffic = Arc::<Traffic>::default();
        let service = Ctx {
            stores: stores.clone(),
            clock: Arc::new(now_ms),
            account: config.account_id.clone(),
            observe: counted(
                if shares { by_the_log(&jobs, &deployer) } else { hooks.observe },
                traffic.clone(),
                newest_events.clone(),
            ),
            recall: if shares { by_asking(&jobs, &deployer) } else { hooks.recall },
            filters_changed: hooks.filters_changed,
            quotas: config.limits.quotas(),
            deploy_wait: DEPLOY_WAIT_DEFAULT,
            tracker_cache: Arc::default(),
            odd_event_times: Arc::default(),
            parameter_key: Arc::new(parameter_key),
        };
        tastemaker_service::datasets::finish_deletions(&service).await?;
        if shares {
            tastemaker_jobs::recover(&jobs).await?;
        } else {
            sweep(&storage, &jobs).await?;
        }
        for (campaign, reason) in deployer.warm_up(&jobs).await?.failed {
            tracing::warn!(campaign, reason, "the campaign does not answer yet; loading it is tried again");
        }

        let readiness = Readiness::default();
        readiness.set(true);
        let own = (credentials.access_key_id.clone(), credentials.secret_access_key.clone());
        let identities = Arc::new(Identities::new([own]));
        identities.refresh(&*stores.records).await?;
        let s3_identities = identities.clone();
        let scraped_stores = stores.clone();
        let buckets =
            Buckets { records: stores.records.clone(), blobs: stores.blobs.clone(), clock: Arc::new(SystemTime::now) };
        let s3 = tastemaker_http::S3Endpoint::new(tastemaker_s3::service(S3Config {
            records: stores.records,
            blobs: stores.blobs,
            region: config.region.clone(),
            credentials: Arc::new(move |key| s3_identities.secret(key, now_ms())),
            host_domains: vec!["localhost".to_owned()],
            clock: Arc::new(SystemTime::now),
        }));
        let recommendations = recommendations_settings::http_settings(config, &credentials)?;
        let state = Arc::new(HttpState {
            service,
            serving,
            admission: Arc::default(),
            s3,
            identities,
            keys: Arc::new(KeyTable::new(config.key_limits.rates())),
            default_region: config.region.clone(),
            listener: ListenerConfig {
                tracer: spans.of_requests(),
                scraped: Some(Arc::new(ServerMetrics {
                    stores: scraped_stores,
                    progress: board.clone(),
                    serving: jobs.serving.clone(),
                    nodes: jobs.nodes.clone(),
                    deployer: deployer.clone(),
                    newest_events,
                    data_dir: config.data_dir.clone(),
                    tls: tls.clone(),
                    started_ms,
                    clock: now_ms,
                    known: KnownSizes::default(),
                })),
                ..http_settings::listener(config, &recommendations.access, &credentials)?
            },
            recommendations,
            readiness,
            metrics,
            traffic: traffic.clone(),
            recommendation_ids: RecommendationIds::of(process),
            catch_up: match config.serving.read_your_writes_ms {
                ms if shares && ms > 0 => Some(catch_up(&jobs, &deployer, Duration::from_millis(ms))),
                _ => None,
            },
            inspect: Some(Arc::new(ServerInspect {
                stores: storage.stores.clone(),
                serving: jobs.serving.clone(),
                progress: board.clone(),
                clock: now_ms,
            })),
        });
        let leads = {
            let nodes = jobs.nodes.clone();
            move || nodes.leads()
        };
        let counted_keys = (state.keys.clone(), state.service.clone());
        let followed = (state.identities.clone(), state.service.stores.clone());
        let stores = state.service.stores.clone();
        let histories = state.serving.clone();
        let (states, state) = watch::channel(state);
        let (shown, settings_shown) = watch::channel(config.settings.clone());
        let scheduling = scheduler(state.clone(), training.clone(), leads.clone());
        let (stop, stopped) = watch::channel(false);
        let last_requests = LastRequests { records: stores.records.clone(), traffic: traffic.clone(), clock: now_ms };
        let (pages, mount) = match &console {
            None => (None, None),
            Some(secrets) => {
                let running = Running {
                    credentials: credentials.clone(),
                    secrets: secrets.clone(),
                    started_ms: now_ms(),
                    env_command,
                    shown: settings_shown,
                    stopping: stopped.clone(),
                };
                let ports = Ports {
                    api: Arc::new(ConsoleApi(state.clone())),
                    progress: Arc::new(ConsoleProgress(board.clone())),
                    demo_shop: Arc::new(DemoInServer::new(
                        client(config, &address, &credentials, &own_router),
                        board.clone(),
                    )),
                    datasets: Arc::new(ConsoleDatasets(stores.records.clone())),
                    files: Arc::new(ConsoleFiles { buckets, external: jobs.external.clone() }),
                    reports: Arc::new(ConsoleReports::new(stores.clone())),
                    estimates: Arc::new(ConsoleEstimates { training: training.clone() }),
                    histories: Arc::new(ConsoleHistories(histories)),
                    traffic: Arc::new(ConsoleTraffic(traffic.clone())),
                    last_requests: Arc::new(last_requests.clone()),
                    watch: Arc::new(ConsoleWatch {
                        state: state.clone(),
                        jobs: history.clone(),
                        lines: logging::recent_lines(),
                    }),
                    dismissals: Arc::new(ConsoleDismissals {
                        records: stores.records.clone(),
                        clock: Arc::new(now_ms),
                    }),
                    planned_copies: Arc::new(ConsolePlannedCopies { records: stores.records.clone(), shares }),
                    sentences: Arc::new(console_ports::said),
                    clock: Arc::new(now_ms),
                };
                let (pages, mount) = LiveConsole::start(config, running, ports)?;
                (Some(pages), Some(mount))
            }
        };
        let extra = extra(&address);
        let first = reload::router(state.borrow().clone(), mount, extra.clone());
        let router = LiveRouter::from(first);
        let (plans, planned) = watch::channel(Schedule::of(config)?);
        let reloader = Arc::new(Reloader {
            credentials: credentials.clone(),
            tls: tls.clone(),
            console: pages,
            extra,
            router: router.clone(),
            state: states,
            training: trainings,
            jobs: live,
            shown,
            external: jobs.external.clone(),
            receivers: storage.receivers.clone(),
            spans: spans.clone(),
            backups: plans,
            config: parking_lot::Mutex::new(config.clone()),
        });
        // Nobody else sets it.
        let _ = own_router.set(Router::new().fallback_service(router.clone()));
        let mut edge_stopped = stopped.clone();
        let shutdown = async move {
            // The sender is dropped only with the whole server, which is a stop as well.
            let _ = edge_stopped.wait_for(|stop| *stop).await;
        };
        if let Some(tls) = tls.clone() {
            let fresh = async move { tls.keep_fresh(RELOAD_POLL).await };
            tokio::spawn(until_stopped(fresh, stopped.clone()));
        }
        let listener = Listener { socket: listener, tls };
        let edge = tokio::spawn(tastemaker_http::serve(listener, router, connections, Box::pin(shutdown)));
        let scheduler = tokio::spawn(until_stopped(scheduling, stopped.clone()));
        tokio::spawn(until_stopped(expire_hourly(storage.clone(), now_ms, leads.clone()), stopped.clone()));
        if shares {
            let (identities, stores) = followed;
            let following = async move { identities.follow(&stores, IDENTITIES_POLL).await };
            tokio::spawn(until_stopped(following, stopped.clone()));
        }
        let receivers = storage.receivers.clone();
        let deliveries = Deliveries { stores: storage.stores.clone(), receivers, clock: now_ms };
        tokio::spawn(until_stopped(deliveries.keep(leads.clone()), stopped.clone()));
        tokio::spawn(until_stopped(adopt(storage), stopped.clone()));
        let backups = keep_schedule(planned, now_ms, leads.clone(), stopped.clone());
        tokio::spawn(until_stopped(backups, stopped.clone()));
        tokio::spawn(until_stopped(console_traffic::tick(traffic, now_ms), stopped.clone()));
        let last_requests = tokio::spawn(last_requests.keep(stopped.clone()));
        let key_usage = tokio::spawn(keep_key_usage(counted_keys.0, counted_keys.1, stopped.clone()));
        data.note_address(&noted_address(&address, &config.tls))?;
        if roles.has(Role::Worker) {
            tokio::spawn(keep_statistics(jobs.clone(), stopped.clone()));
        }
        let jobs = tokio::spawn(async move { tastemaker_jobs::run(jobs, deployer, KINDS, stopped).await });
        Ok(Self {
            address,
            over_tls: config.tls.is_on(),
            router: own_router,
            credentials,
            progress: board,
            console,
            reloader,
            spans,
            last_requests,
            key_usage,
            stop,
            edge,
            jobs,
            scheduler,
            _data: data,
        })
    }

    /// The URL of the listener.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.over_tls { "https" } else { "http" }, self.address)
    }

    /// A client of this server with its own keys.
    pub fn client(&self, config: &Config) -> Client {
        client(config, &self.address, &self.credentials, &self.router)
    }

    /// Serves until SIGINT or SIGTERM, then drains; the process ends within [`STOP_TIME_MAX`](crate::stop::STOP_TIME_MAX)
    /// of the signal.
    pub async fn run_until(self, signal: StopSignal) -> Result<()> {
        service_manager::ready(&self.url());
        if let Some(router) = self.router.get() {
            tokio::spawn(service_manager::keep_alive(router.clone()));
        }
        signal.received().await;
        service_manager::stopping();
        crate::stop::end_after(crate::stop::STOP_TIME_MAX);
        self.stop().await
    }

    /// Finishes the requests under way, gives running jobs back and ends.
    pub async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        if tokio::time::timeout(JOBS_DRAIN, self.jobs).await.is_err() {
            tracing::warn!("jobs did not stop in time; their leases expire and the next start takes them over");
        }
        self.scheduler.await?;
        self.last_requests.await?;
        self.key_usage.await?;
        let ended = self.edge.await?.context("the listener failed");
        if let Some(spans) = self.spans.now() {
            tokio::task::spawn_blocking(move || spans.finish()).await?;
        }
        ended
    }
}

/// Takes in streamed data, and counts it.
fn counted(observe: Observe, traffic: Arc<Traffic>, newest_events: Arc<NewestEvents>) -> Observe {
    Arc::new(move |appended| {
        count_appended(&appended);
        if let Streamed::Interactions(events) = appended.streamed {
            newest_events.note(appended.dataset_group_arn, now_ms());
            traffic.streamed(appended.dataset_group_arn, events);
        }
        observe(appended)
    })
}

/// A client of the server of this process, by its socket where that needs no certificate.
fn client(config: &Config, address: &str, credentials: &Credentials, router: &Arc<OnceLock<Router>>) -> Client {
    let client = Client::new(&reachable(address), &config.region, credentials);
    if config.tls.is_on() { client.in_process(router.clone()) } else { client }
}

/// Notes progress for those who look, in the log and in traces.
fn progress_sink(board: Arc<ProgressBoard>, spans: Arc<LiveSpans>) -> ProgressSink {
    Arc::new(move |resource, progress| {
        let (stage, note) = (progress.stage, progress.note.as_str());
        spans.stage(resource, stage);
        tracing::debug!(resource, stage, done = progress.done, total = progress.total, note);
        board.note(resource, progress.clone());
    })
}

/// Why there is no listener, and which flag chooses another address.
fn cannot_listen(address: &str, error: std::io::Error) -> anyhow::Error {
    let advice = match error.kind() {
        ErrorKind::AddrInUse => "another process listens there; choose another port with --listen HOST:PORT",
        ErrorKind::AddrNotAvailable => "this machine has no such address; choose another with --listen HOST:PORT",
        ErrorKind::PermissionDenied => "ports below 1024 need rights; choose another with --listen HOST:PORT",
        _ => "choose another address with --listen HOST:PORT",
    };
    anyhow::Error::new(error).context(format!("cannot listen on {address}: {advice}"))
}

/// The clean-up of a start that has its storage to itself: leases of earlier processes are void, and what nobody names is set aside.
async fn sweep(storage: &Storage, jobs: &JobsCtx) -> Result<()> {
    let aside = storage.setting_aside(now_ms()).await?;
    let sweeping = Stores { blobs: Arc::new(aside.clone()), ..storage.stores.clone() };
    tastemaker_jobs::recover(&JobsCtx { stores: sweeping, ..jobs.clone() }).await?;
    match tastemaker_s3::sweep_orphans(&*storage.stores.records, &aside).await {
        Err(Error::Corrupt(what)) => {
            tracing::error!(what, "a record of an object cannot be read, so no blob of S3 is taken for nobody's");
        }
        swept => drop(swept?),
    }
    storage.report_lost(&aside).await
}

/// Makes streamed data visible by the log that several processes share: in its order everywhere.
fn by_the_log(jobs: &JobsCtx, deployer: &Arc<Deployer>) -> Observe {
    let (jobs, deployer) = (jobs.clone(), deployer.clone());
    Arc::new(move |appended| {
        let dataset_type = match appended.streamed {
            Streamed::Interactions(_) => DatasetType::Interactions,
            Streamed::ActionInteractions(_) => DatasetType::ActionInteractions,
            Streamed::Rows { dataset_type, .. } => dataset_type,
        };
        let stream = LogStream { dataset_group_arn: appended.dataset_group_arn.to_owned(), dataset_type };
        let (jobs, deployer, position) = (jobs.clone(), deployer.clone(), appended.position);
        Box::pin(async move { deployer.appended(&jobs, &stream, position).await })
    })
}

/// The wait of lists for the log that several processes share.
fn catch_up(jobs: &JobsCtx, deployer: &Arc<Deployer>, patience: Duration) -> CatchUp {
    let log = Arc::new(tastemaker_jobs::CatchUp::new(jobs.clone(), deployer.clone(), patience));
    Arc::new(move |group, dataset_type| {
        let stream = LogStream { dataset_group_arn: group.to_owned(), dataset_type };
        Box::pin(log.clone().wait(stream))
    })
}

/// Knows the lists that any process answered.
fn by_asking(jobs: &JobsCtx, deployer: &Arc<Deployer>) -> Recall {
    let (jobs, lists) = (jobs.clone(), deployer.shown_lists.clone());
    Arc::new(move |ids| Box::pin(lists.clone().recall(jobs.clone(), ids)))
}

/// Begins what is due by itself, for ever, while this process leads.
async fn scheduler(
    state: watch::Receiver<Arc<HttpState>>,
    training: watch::Receiver<TrainingConfig>,
    leads: impl Fn() -> bool,
) {
    loop {
        let service = state.borrow().service.clone();
        let settings = {
            let config = training.borrow();
            let first_training_delay = Duration::from_secs(config.auto_delay_s);
            SchedulerConfig { trains: config.auto, first_training_delay }
        };
        if leads()
            && let Err(error) = tick(&service, &settings).await
        {
            tracing::warn!(%error, "what is due by itself cannot be begun");
        }
        service.stores.wakeups.wait(TRAININGS_CHANNEL, SCHEDULER_POLL).await;
    }
}

/// Gives blobs of earlier builds their checksums.
async fn adopt(storage: Storage) {
    match storage.adopt().await {
        Ok(0) => {}
        Ok(adopted) => tracing::info!(adopted, "blobs of an earlier build have checksums now"),
        Err(error) => tracing::warn!(%error, "blobs of an earlier build have no checksums yet"),
    }
}

/// Says when the clocks of this machine and of the records' database are far apart.
async fn tell_of_clock(shared: &dyn StoreClock) -> Result<()> {
    let ahead_ms = now_ms() - shared.now_ms().await?;
    if ahead_ms.abs() > CLOCK_DIFFERENCE_MS_MAX {
        tracing::warn!(ahead_ms, "the clock of this machine differs from that of the database");
    }
    Ok(())
}

async fn until_stopped(work: impl Future<Output = ()>, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = work => {}
        _ = stopped.wait_for(|stop| *stop) => {}
    }
}

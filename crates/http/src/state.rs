//! The state that every request can reach: the rooms behind the server and the settings of the listener.

use crate::access::Access;
use crate::admission::{Admission, Permit, Rejected};
use crate::body::ReadBody;
use crate::browsers::BrowserPolicy;
use crate::client_address::Peer;
use crate::errors::Failure;
use crate::inspect_port::Inspect;
use crate::key_usage::KeyTable;
use crate::recommend::RecommendationIds;
use crate::recommendations::RecommendationsConfig;
use crate::request_facts::{self, Part};
use crate::request_log::RequestLog;
use crate::request_tracer::RequestTracer;
use crate::s3_endpoint::S3Endpoint;
use crate::scraped_metrics::ScrapedMetrics;
use crate::sts::IdentityProvider;
use crate::traffic::Traffic;
use axum::body::Body;
use futures::future::BoxFuture;
use http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tastemaker_domain::recipe::Inference;
use tastemaker_domain::role::Roles;
use tastemaker_domain::schema::DatasetType;
use tastemaker_service::iam::Identities;
use tastemaker_service::{Ctx, FilterChange, FiltersChanged, Observe, Recall};
use tastemaker_serving::{Serving, Snapshot};

/// Everything a request can reach.
#[derive(Clone)]
pub struct HttpState {
    /// The use cases; its account stands in ARNs and its clock judges signatures.
    pub service: Ctx,
    /// Real-time recommendations.
    pub serving: Arc<Serving>,
    /// Permits and queues of requests that compute.
    pub admission: Arc<Admission>,
    /// The embedded S3 endpoint, which checks its own signatures.
    pub s3: S3Endpoint,
    /// Known access keys with their users, and roles.
    pub identities: Arc<Identities>,
    /// Counts and rates of access keys.
    pub keys: Arc<KeyTable>,
    /// Stands in ARNs when a request does not say.
    pub default_region: String,
    /// The `/recommendations` family and Braze's receivers.
    pub recommendations: RecommendationsConfig,
    /// The callers that the listener answers.
    pub listener: ListenerConfig,
    /// The answer of `/ready`.
    pub readiness: Readiness,
    /// The recorder behind `/metrics`.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
    /// Counts of requests for lists and of events over the last day.
    pub traffic: Arc<Traffic>,
    /// The operations that look into the server, where it may be looked into.
    pub inspect: Option<Arc<dyn Inspect>>,
    /// Makes the ids of lists.
    pub recommendation_ids: RecommendationIds,
    /// The wait for the log, where several processes share it.
    pub catch_up: Option<CatchUp>,
}

/// Returns when recommendations have what the log of a dataset group, named by its ARN, had at the time of the call, or after the longest
/// wait.
pub type CatchUp = Arc<dyn Fn(&str, DatasetType) -> BoxFuture<'static, ()> + Send + Sync>;

impl HttpState {
    /// The time, in seconds since the Unix epoch.
    pub fn now_s(&self) -> i64 {
        (self.service.clock)() / 1000
    }

    /// The time, in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        (self.service.clock)()
    }

    /// The address of a request's client, if it came over a connection.
    pub fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        self.recommendations.access.client(peer, &parts.headers)
    }

    /// The whole body of a request whose head was found good.
    pub async fn read_body(&self, parts: &Parts, body: Body) -> Result<ReadBody<'_>, Failure> {
        let reading = self.admission.bodies.read(body, self.client(parts));
        request_facts::timed_wait(Part::ReadBody, reading).await
    }

    /// Waits until a model's lists have every event of a user that was acknowledged, whichever process took it. Costs nothing where there
    /// is one process.
    pub async fn catch_up(&self, snapshot: &Snapshot, user: Option<&str>) {
        let (Some(catch_up), Some(_)) = (&self.catch_up, user) else { return };
        let group = snapshot.dataset_group_arn();
        let events = catch_up(group, DatasetType::Interactions);
        let waiting = async {
            match snapshot.recipe().inference() {
                Inference::Actions => {
                    futures::future::join(events, catch_up(group, DatasetType::ActionInteractions)).await;
                }
                _ => events.await,
            }
        };
        request_facts::timed_wait(Part::Storage, waiting).await;
    }

    /// A permit to compute one list of a campaign that answers here; waits for it at most `patience`.
    pub async fn admit<'a>(&'a self, campaign_arn: &str, patience: Duration) -> Result<Permit<'a>, Rejected> {
        let min_tps = self.serving.campaigns.min_tps(campaign_arn);
        let admitted = self.admission.acquire(campaign_arn, min_tps, patience).await;
        admitted.inspect_err(|rejected| crate::observability::refused(campaign_arn, *rejected))
    }
}

/// The callers that a listener answers.
#[derive(Debug, Clone)]
pub struct ListenerConfig {
    /// Names and origins of unsigned requests.
    pub browsers: BrowserPolicy,
    /// The callers that may read `/metrics`.
    pub metrics: Access,
    /// The issuers whose tokens are taken for a role.
    pub identity_providers: Vec<IdentityProvider>,
    /// The roles of the process, whose requests it answers.
    pub roles: Roles,
    /// The log lines of requests.
    pub log: RequestLog,
    /// The receiver of spans of requests.
    pub tracer: Option<Arc<dyn RequestTracer>>,
    /// The numbers that are read when the metrics are.
    pub scraped: Option<Arc<dyn ScrapedMetrics>>,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            browsers: BrowserPolicy::default(),
            metrics: Access::open(),
            identity_providers: Vec::new(),
            roles: Roles::all(),
            log: RequestLog::default(),
            tracer: None,
            scraped: None,
        }
    }
}

/// The members of [`Ctx`] through which use cases tell a recommender of changes and ask what it answered.
pub struct ServingHooks {
    /// Makes streamed data visible to recommendations.
    pub observe: Observe,
    /// Knows the lists that were answered.
    pub recall: Recall,
    /// Makes filters usable.
    pub filters_changed: FiltersChanged,
}

impl ServingHooks {
    /// The hooks of one recommender.
    pub fn of(serving: &Arc<Serving>) -> Self {
        let (observer, answered, filters) = (serving.clone(), serving.clone(), serving.filters.clone());
        Self {
            observe: Arc::new(move |appended| {
                observer.ingest(appended.dataset_group_arn, appended.streamed);
                Box::pin(std::future::ready(()))
            }),
            recall: Arc::new(move |ids| {
                let items = |id: String| {
                    let list = answered.impressions.recall(&id)?;
                    Some((id, list.item_ids().map(String::from).collect()))
                };
                Box::pin(std::future::ready(ids.into_iter().filter_map(items).collect()))
            }),
            filters_changed: Arc::new(move |change| match change {
                FilterChange::Created(filter, expression) => {
                    filters.publish(&filter.dataset_group_arn, &filter.arn, expression);
                }
                FilterChange::Deleted(arn) => filters.retire(arn),
            }),
        }
    }
}

/// Whether the server should get traffic: set when its campaigns are loaded, cleared when it drains.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says so from now on.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// The last value that was set; not ready at first.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

//! The HTTP server: routing by signature scope, limits, one file per operation, the one error table, health and metrics.
//!
//! | module | holds |
//! |---|---|
//! | [`state`] | what a request can reach: use cases, recommender, S3 endpoint, keys, settings |
//! | [`routing`] | every route, chosen by signature scope, target header and path |
//! | [`access`], [`client_address`] | who may call the `/recommendations` family, and from where |
//! | [`browsers`] | which names and origins an unsigned request may come by |
//! | [`recommendations`] | the `/recommendations` family |
//! | [`errors`] | the one table from `domain::Error` to AWS exceptions |
//! | [`operations`] | the Personalize operations by resource, and the table of those built |
//! | [`admission`] | who computes next: permits, queues, floors |
//! | [`console`] | the web console's paths and permits |
//! | [`in_process`] | the operations for callers in the same process |
//! | [`limits`] | every limit by name and unit |
//! | [`observability`] | counters and histograms |
//! | [`request_log`] | the log lines of requests |
//! | [`scraped_metrics`] | numbers that are read when somebody asks |
//! | [`metric_families`] | every family of `/metrics` |
//! | [`request_tracer`] | the receiver of spans of requests |
//! | [`request_facts`] | what handlers note of the request under way, and the times of its parts |
//! | [`traffic`] | requests and events of the last day, by campaign and operation |
//!
//! A process installs the recorder, builds a [`router`] and [`serve`]s it.

pub mod access;
pub mod admission;
pub mod browsers;
pub mod client_address;
pub mod console;
pub mod errors;
pub mod in_process;
pub mod kept_key_usage;
pub mod key_usage;
pub mod limits;
pub mod metric_families;
pub mod observability;
pub mod operations;
pub mod recommendations;
pub mod request_facts;
pub mod request_log;
pub mod request_tracer;
pub mod routing;
pub mod scraped_metrics;
pub mod state;
pub mod traffic;

mod address_counts;
mod authenticate;
mod authorize;
mod aws;
mod body;
mod braze_webhooks;
mod campaign_metrics;
mod connection;
mod console_paths;
mod dispatch;
mod head;
pub mod iam;
mod inspect;
mod inspect_port;
mod live_router;
mod metrics_page;
mod openapi;
mod other_services;
mod pace;
mod query_protocol;
mod recommend;
mod refuse;
mod reply;
mod request_pool;
mod roles;
mod s3_endpoint;
mod s3_refusals;
mod server;
mod ssm;
mod stream;
mod sts;
mod tls;
mod xml;

pub use access::Access;
pub use admission::{Admission, AdmissionLimits, Permit, Rejected};
pub use console::{ConsoleClient, ConsoleMount};
pub use dispatch::{router, router_with_console};
pub use in_process::InProcessApi;
pub use inspect_port::{CallApi, Inspect};
pub use key_usage::{KeyRate, KeyRates, KeyTable};
pub use live_router::LiveRouter;
pub use recommend::RecommendationIds;
pub use recommendations::RecommendationsConfig;
pub use s3_endpoint::S3Endpoint;
pub use server::{ConnectionLimits, Listener, serve};
pub use state::{HttpState, ListenerConfig, Readiness};
pub use sts::IdentityProvider;
pub use tls::{Tls, TlsConfig, TlsError, TlsVersion};

//! The processes that share the storage.

use super::ServerMetrics;
use tastemaker_http::observability::Sample;

pub(super) fn samples(server: &ServerMetrics) -> Vec<Sample> {
    let Some(living) = server.nodes.living() else { return Vec::new() };
    let of_role = |(role, count): (tastemaker_domain::role::Role, usize)| {
        Sample::new("tastemaker_nodes", count as f64).with("role", role.as_str())
    };
    let mut samples: Vec<Sample> = living.by_role.into_iter().map(of_role).collect();
    samples.push(Sample::new("tastemaker_nodes_disagreeing_campaigns", living.disagreeing_campaigns as f64));
    if let Some(lag) = server.deployer.tail.lag() {
        samples.push(Sample::new("tastemaker_event_log_lag_seconds", lag.as_secs_f64()));
    }
    samples
}

//! The processes that share the storage.

use super::server_metrics::ServerMetrics;
use std::time::Duration;
use tastemaker_domain::role::Role;
use tastemaker_http::scraped_metrics::Sample;
use tastemaker_jobs::LivingNodes;

pub(super) fn samples(server: &ServerMetrics) -> Vec<Sample> {
    of(server.nodes.living(), server.deployer.tail.lag())
}

fn of(living: Option<LivingNodes>, lag: Option<Duration>) -> Vec<Sample> {
    let Some(living) = living else { return Vec::new() };
    let of_role =
        |(role, count): (Role, usize)| Sample::new("tastemaker_nodes", count as f64).with("role", role.as_str());
    let mut samples: Vec<Sample> = living.by_role.into_iter().map(of_role).collect();
    samples.push(Sample::new("tastemaker_nodes_disagreeing_campaigns", living.disagreeing_campaigns as f64));
    if let Some(lag) = lag {
        samples.push(Sample::new("tastemaker_event_log_lag_seconds", lag.as_secs_f64()));
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_counted_where_they_share_their_storage() {
        assert_eq!(of(None, None), []);
        let living = LivingNodes { by_role: vec![(Role::Worker, 2)], disagreeing_campaigns: 1 };
        let samples = of(Some(living), Some(Duration::from_millis(500)));
        let expected = [
            Sample::new("tastemaker_nodes", 2.0).with("role", "worker"),
            Sample::new("tastemaker_nodes_disagreeing_campaigns", 1.0),
            Sample::new("tastemaker_event_log_lag_seconds", 0.5),
        ];
        assert_eq!(samples, expected);
    }
}

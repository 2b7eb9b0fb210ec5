//! Solution versions that nothing answers from, with the bytes of their models, and the solutions that could go as a whole.

use crate::cx::Cx;
use crate::page::PageError;
use crate::pages::campaigns::campaign;
use crate::pages::resources::{campaigns, dataset_groups, in_progress, solution_of, solutions, versions};
use std::collections::{BTreeMap, HashSet};

/// Versions whose bytes are read.
const VERSIONS_MAX: usize = 500;

/// A version that no campaign answers from.
pub(super) struct UnusedVersion {
    /// Its ARN.
    pub arn: String,
    /// When it was made, in seconds since the Unix epoch.
    pub made_s: f64,
    /// The bytes of its model, where they are known.
    pub bytes: Option<u64>,
}

/// A solution none of whose versions answers anything.
pub(super) struct UnusedSolution {
    /// Its ARN.
    pub arn: String,
    /// The dataset group that it belongs to.
    pub group: String,
    /// Its versions.
    pub versions: usize,
    /// The bytes of their models, as far as they are known.
    pub bytes: u64,
}

/// What could be spared.
#[derive(Default)]
pub(super) struct Unused {
    /// The versions, the oldest first.
    pub versions: Vec<UnusedVersion>,
    /// The solutions, by ARN.
    pub solutions: Vec<UnusedSolution>,
}

/// Reads what no campaign answers from. Trainings under way count as used.
pub(super) async fn read(cx: &Cx) -> Result<Unused, PageError> {
    let mut deployed = HashSet::new();
    for arn in campaigns(cx).await?.into_iter().filter_map(|campaign| campaign.campaign_arn) {
        match campaign(cx, &arn).await {
            Ok(found) => {
                let latest = found.latest_campaign_update.and_then(|update| update.solution_version_arn);
                deployed.extend(found.solution_version_arn.into_iter().chain(latest));
            }
            Err(PageError::Api(error)) if error.status == 404 => {}
            Err(error) => return Err(error),
        }
    }
    let busy: HashSet<String> = deployed.iter().map(|arn| solution_of(arn).to_owned()).collect();
    let mut unused = Unused::default();
    let mut known = BTreeMap::new();
    for group in dataset_groups(cx).await? {
        let name = group.name.unwrap_or_default();
        for solution in solutions(cx, group.dataset_group_arn.as_deref().unwrap_or_default()).await? {
            known.insert(solution.solution_arn.unwrap_or_default(), name.clone());
        }
    }
    let mut sizes: BTreeMap<String, (usize, u64, bool)> = BTreeMap::new();
    let mut all = versions(cx, None).await?;
    all.sort_by(|a, b| a.creation_date_time.unwrap_or(0.0).total_cmp(&b.creation_date_time.unwrap_or(0.0)));
    for version in all.into_iter().take(VERSIONS_MAX) {
        let Some(arn) = version.solution_version_arn else { continue };
        if deployed.contains(&arn) {
            continue;
        }
        let is_busy = in_progress(version.status.as_deref());
        let record = cx.console.ports.reports.training(&arn).await;
        let bytes = record.and_then(|record| record.artifact_bytes);
        let of_solution = sizes.entry(solution_of(&arn).to_owned()).or_default();
        of_solution.0 += 1;
        of_solution.1 += bytes.unwrap_or(0);
        of_solution.2 |= is_busy;
        if !is_busy {
            unused.versions.push(UnusedVersion { arn, made_s: version.creation_date_time.unwrap_or(0.0), bytes });
        }
    }
    for (arn, (versions, bytes, is_busy)) in sizes {
        if let Some(group) = known.get(&arn).filter(|_| !is_busy && !busy.contains(&arn)) {
            unused.solutions.push(UnusedSolution { arn, group: group.clone(), versions, bytes });
        }
    }
    Ok(unused)
}

//! The table of all dataset groups with what is known of their interactions.

use crate::cx::Cx;
use crate::format;
use crate::layout::status;
use crate::page::PageError;
use crate::pages::campaigns;
use crate::pages::resources::last_segment;
use maud::{Markup, html};
use std::sync::Arc;
use tastemaker_domain::dataset_statistics::{DatasetStatistics, StreamedStatistics};
use tastemaker_wire::personalize::DatasetGroupSummary;

/// What is known of the interactions of a group.
struct Known {
    statistics: Option<Arc<DatasetStatistics>>,
    streamed: Option<Arc<StreamedStatistics>>,
}

impl Known {
    async fn of(cx: &Cx, group: &DatasetGroupSummary) -> Self {
        let arn = group.dataset_group_arn.as_deref().unwrap_or_default();
        let dataset = cx.arn("dataset", &format!("{}/INTERACTIONS", last_segment(arn)));
        let datasets = &cx.console.ports.datasets;
        Self { statistics: datasets.statistics(&dataset).await, streamed: datasets.streamed(arn).await }
    }

    /// Users, items and interactions.
    fn counts(&self) -> Option<[u64; 3]> {
        let statistics = self.statistics.as_ref()?;
        let of = statistics.interactions.as_ref()?;
        Some([of.users, of.items, statistics.rows])
    }

    /// The time of the last event, imported or streamed, in seconds.
    fn last_event_s(&self) -> Option<f64> {
        let imported = self.statistics.as_ref().and_then(|found| Some(found.interactions.as_ref()?.last_s as f64));
        let streamed = self.streamed.as_ref().and_then(|counts| counts.last_received_ms).map(|ms| ms as f64 / 1e3);
        [imported, streamed].into_iter().flatten().filter(|time| *time > 0.0).reduce(f64::max)
    }
}

/// The table.
pub(super) async fn table(cx: &Cx, groups: &[DatasetGroupSummary]) -> Result<Markup, PageError> {
    let mut rows = Vec::with_capacity(groups.len());
    for group in groups {
        rows.push((group, Known::of(cx, group).await));
    }
    let arns: Vec<&str> = groups.iter().map(|group| group.dataset_group_arn.as_deref().unwrap_or_default()).collect();
    // What is counted for the table is no call that the page stands for.
    let campaigns = campaigns::counts(&cx.apart(), &arns).await?;
    Ok(html! {
        h2 { (cx.text("home-groups")) }
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { (cx.text("home-group")) }
                    th scope="col" { (cx.text("home-domain")) }
                    th scope="col" { (cx.text("state")) }
                    th.number scope="col" { (cx.text("home-users")) }
                    th.number scope="col" { (cx.text("home-items")) }
                    th.number scope="col" { (cx.text("home-interactions")) }
                    th scope="col" { (cx.text("home-last-event")) }
                    th.number scope="col" { (cx.text("home-campaign-count")) }
                } }
                tbody { @for ((group, known), campaigns) in rows.iter().zip(campaigns) { (row(cx, group, known, campaigns)) } }
            }
        }
    })
}

fn row(cx: &Cx, group: &DatasetGroupSummary, known: &Known, campaigns: usize) -> Markup {
    let name = group.name.as_deref().unwrap_or_default();
    let counts = known.counts();
    html! {
        tr {
            th scope="row" { a href=(cx.group_link(name, "/")) { (format::shortened(name, 48)) } }
            td { (group.domain.as_deref().unwrap_or("–")) }
            td { (status(cx, group.status.as_deref().unwrap_or_default())) }
            @for place in 0..3 {
                td.number { (counts.map_or_else(|| "–".to_owned(), |counts| format::count(counts[place]))) }
            }
            td { @if let Some(last) = known.last_event_s() { (format::time(last)) } @else { "–" } }
            td.number { (format::count(campaigns as u64)) }
        }
    }
}

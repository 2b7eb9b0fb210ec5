//! Quality by the length of users' histories, as groups of points with intervals.

use super::shown::Shown;
use crate::chart::{Interval, PointGroup, Texts, points};
use crate::cx::Cx;
use crate::evaluation::Column;
use crate::format;
use crate::report::HistoryBand;
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn picture(cx: &Cx, shown: &Shown) -> Markup {
    let versions: Vec<&Column> = shown.columns.iter().filter(has_bands).collect();
    let Some(first) = versions.first() else { return html! {} };
    let popularity = cx.text("popular-items");
    let mut names: Vec<String> = versions.iter().map(|column| format::shortened(&column.label, 32)).collect();
    names.push(popularity);
    let mut bands: BTreeMap<u64, PointGroup> = BTreeMap::new();
    for (at, column) in versions.iter().enumerate() {
        for band in bands_of(column) {
            let group = bands
                .entry(band.events_from)
                .or_insert_with(|| PointGroup { label: String::new(), points: vec![None; versions.len() + 1] });
            group.points[at] = Some(Interval { value: band.ndcg_at_10[0], ends: band.ndcg_at_10_95 });
        }
    }
    for band in bands_of(first) {
        if let Some(group) = bands.get_mut(&band.events_from) {
            group.points[versions.len()] = Some(Interval { value: band.ndcg_at_10[1], ends: None });
        }
    }
    let froms: Vec<u64> = bands.keys().copied().collect();
    let users: BTreeMap<u64, u64> = bands_of(first).iter().map(|band| (band.events_from, band.users)).collect();
    for (from, group) in &mut bands {
        let until = froms.iter().find(|next| *next > from);
        let users = users.get(from).copied().unwrap_or(0);
        group.label = match until {
            Some(until) => format!("{from}–{} · {}", until - 1, format::count(users)),
            None => format!("≥ {from} · {}", format::count(users)),
        };
    }
    let groups: Vec<PointGroup> = bands.into_values().collect();
    let series: Vec<&str> = names.iter().map(String::as_str).collect();
    let texts = Texts {
        id: "by-history",
        title: &cx.text("evaluate-by-history"),
        description: &cx.text("evaluate-by-history-description"),
        horizontal: &cx.text("evaluate-band"),
        vertical: "NDCG@10",
        numbers: &cx.text("numbers"),
    };
    html! {
        h2 { (cx.text("evaluate-by-history")) }
        (points(&texts, &series, &groups))
    }
}

fn has_bands(column: &&Column) -> bool {
    !bands_of(column).is_empty()
}

fn bands_of(column: &Column) -> &[HistoryBand] {
    column.report.as_ref().map_or(&[], |report| &report.by_history)
}

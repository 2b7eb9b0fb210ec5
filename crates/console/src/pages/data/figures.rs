//! Pictures of a dataset's statistics.

use super::facts::{self, cell};
use crate::chart::{Bar, Bin, Texts, bars, histogram};
use crate::cx::Cx;
use crate::format;
use maud::{Markup, html};
use tastemaker_domain::dataset_statistics::{
    DatasetStatistics, HistoryLengths, InteractionStatistics, NumberStatistics, ValueCount,
};

/// Hours of a day.
const HOURS: usize = 24;
/// Shades of the table of hours.
const SHADES: u64 = 5;

/// Rows by day, or by week.
pub(super) fn by_day(cx: &Cx, found: &InteractionStatistics) -> Markup {
    let title = if found.bucket_days == 1 { cx.text("data-by-day") } else { cx.text("data-by-week") };
    let bar = |(day, rows): &(i64, u64)| Bar { label: facts::day(*day), value: *rows as f64 };
    let texts = Texts {
        id: "by-day",
        title: &title,
        description: &cx.text("data-by-day-description"),
        horizontal: &cx.text("data-day"),
        vertical: &cx.text("data-rows"),
        numbers: &cx.text("data-numbers"),
    };
    bars(&texts, &found.by_day.iter().map(bar).collect::<Vec<_>>())
}

/// Users by the length of their history; those with a single row take no part in most trainings.
pub(super) fn lengths(cx: &Cx, found: &InteractionStatistics) -> Markup {
    let title = cx.text_with("data-lengths-title", &[("users", format::counted(found.users_with_two))]);
    let texts = Texts {
        id: "history-lengths",
        title: &title,
        description: &cx.text("data-lengths-description"),
        horizontal: &cx.text("data-length"),
        vertical: &cx.text("data-users"),
        numbers: &cx.text("data-numbers"),
    };
    html! {
        (histogram(&texts, &length_bins(&found.history_lengths), &[]))
        details {
            summary { (cx.text("data-percentiles")) }
            (percentiles(cx, &found.length_percentiles))
        }
    }
}

/// The ranges of lengths, the long ones joined to at most one for each doubling.
fn length_bins(lengths: &[HistoryLengths]) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    for range in lengths {
        // 1, 2 to 3, 4 to 7, 8 to 15 and so on.
        let from = 1_u64 << range.from.max(1).ilog2();
        match bins.last_mut() {
            Some(last) if last.from == from as f64 => last.count += range.users as f64,
            _ => bins.push(Bin {
                from: from as f64,
                to: from.saturating_mul(2) as f64,
                count: range.users as f64,
                muted: from == 1,
            }),
        }
    }
    bins
}

fn percentiles(cx: &Cx, lengths: &[u64]) -> Markup {
    let rows: Vec<_> = lengths
        .iter()
        .enumerate()
        .filter(|(percent, _)| percent % 5 == 0 || *percent < 5 || *percent > 95)
        .map(|(percent, length)| vec![cell(format!("{percent} %")), cell(format::count(*length))])
        .collect();
    facts::table(&cx.text("data-percentiles"), &[cx.text("data-percentile"), cx.text("data-length")], &rows)
}

/// The share of rows that the most popular items take.
pub(super) fn popularity(cx: &Cx, found: &InteractionStatistics) -> Markup {
    let title = found.popularity.iter().find(|share| share.top_percent == 5.0).map_or_else(
        || cx.text("data-popularity"),
        |share| cx.text_with("data-popularity-title", &[("share", facts::percent(share.share).into())]),
    );
    let bar = |of: &tastemaker_domain::dataset_statistics::PopularityShare| Bar {
        label: format!("{} %", of.top_percent),
        value: 100.0 * of.share,
    };
    let texts = Texts {
        id: "popularity",
        title: &title,
        description: &cx.text("data-popularity-description"),
        horizontal: &cx.text("data-top-items"),
        vertical: &cx.text("data-share"),
        numbers: &cx.text("data-numbers"),
    };
    html! {
        (bars(&texts, &found.popularity.iter().map(bar).collect::<Vec<_>>()))
        p.quiet { (cx.text_with("data-gini", &[("gini", format!("{:.2}", found.gini).into())])) }
    }
}

/// Rows by weekday and hour, as a table with shades.
pub(super) fn by_hour(cx: &Cx, found: &InteractionStatistics) -> Markup {
    let most = found.by_hour.iter().copied().max().unwrap_or(0);
    let days = [
        cx.text("data-monday"),
        cx.text("data-tuesday"),
        cx.text("data-wednesday"),
        cx.text("data-thursday"),
        cx.text("data-friday"),
        cx.text("data-saturday"),
        cx.text("data-sunday"),
    ];
    html! {
        div.scroll role="region" aria-label=(cx.text("data-by-hour")) tabindex="0" {
            table.heat {
                thead {
                    tr {
                        th scope="col" { (cx.text("data-weekday")) }
                        @for hour in 0..HOURS { th scope="col" { (format!("{hour:02}")) } }
                    }
                }
                tbody {
                    @for (day, hours) in days.iter().zip(found.by_hour.chunks(HOURS)) {
                        tr {
                            th scope="row" { (day) }
                            @for rows in hours { td class=(format!("shade-{}", shade(*rows, most))) { (format::count(*rows)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The shade of a cell, from 0 for nothing to [`SHADES`].
fn shade(rows: u64, most: u64) -> u64 {
    if most == 0 { 0 } else { (rows as f64 * SHADES as f64 / most as f64).ceil() as u64 }
}

/// The most frequent values of a column, with bars.
pub(super) fn top_values(cx: &Cx, id: &str, column: &str, top: &[ValueCount]) -> Markup {
    let title = cx.text_with("data-top-values", &[("column", column.into())]);
    let texts = Texts {
        id,
        title: &title,
        description: &title,
        horizontal: &cx.text("data-value"),
        vertical: &cx.text("data-rows"),
        numbers: &cx.text("data-numbers"),
    };
    let bar = |of: &ValueCount| Bar { label: of.value.clone(), value: of.rows as f64 };
    bars(&texts, &top.iter().map(bar).collect::<Vec<_>>())
}

/// The histogram of a column of numbers, with its quantiles as a table.
pub(super) fn numbers(cx: &Cx, id: &str, column: &str, found: &NumberStatistics) -> Markup {
    let title = cx.text_with("data-distribution", &[("column", column.into())]);
    let texts = Texts {
        id,
        title: &title,
        description: &title,
        horizontal: &cx.text("data-value"),
        vertical: &cx.text("data-rows"),
        numbers: &cx.text("data-numbers"),
    };
    let bin =
        |(bounds, count): (&[f64], &u64)| Bin { from: bounds[0], to: bounds[1], count: *count as f64, muted: false };
    let bins: Vec<Bin> = found.bounds.windows(2).zip(&found.bars).map(bin).collect();
    let steps = found.quantiles.len().saturating_sub(1).max(1);
    let quantiles: Vec<_> = found
        .quantiles
        .iter()
        .enumerate()
        .map(|(at, value)| vec![cell(format!("{} %", 100 * at / steps)), cell(facts::number(*value))])
        .collect();
    html! {
        (histogram(&texts, &bins, &[]))
        details {
            summary { (cx.text("data-quantiles")) }
            (facts::table(&cx.text("data-quantiles"), &[cx.text("data-percentile"), cx.text("data-value")], &quantiles))
        }
    }
}

/// The event types of interactions.
pub(super) fn event_types(cx: &Cx, statistics: &DatasetStatistics, found: &InteractionStatistics) -> Markup {
    let head = [
        cx.text("data-event-type"),
        cx.text("data-rows"),
        cx.text("data-share"),
        cx.text("data-users"),
        cx.text("data-with-value"),
        cx.text("data-first"),
        cx.text("data-last"),
    ];
    let rows: Vec<_> = found
        .event_types
        .iter()
        .map(|of| {
            vec![
                facts::value(&of.name),
                cell(format::count(of.rows)),
                cell(facts::share(of.rows, statistics.rows)),
                cell(format::count(of.users)),
                cell(facts::share(of.with_value, of.rows)),
                format::time(of.first_s as f64),
                format::time(of.last_s as f64),
            ]
        })
        .collect();
    facts::table(&cx.text("data-event-types"), &head, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_joined_to_doublings() {
        let range = |from, to, users| HistoryLengths { from, to, users };
        let bins = length_bins(&[range(1, 1, 5), range(2, 2, 3), range(3, 3, 2), range(9, 9, 1), range(14, 15, 4)]);
        let found: Vec<_> = bins.iter().map(|bin| (bin.from, bin.to, bin.count, bin.muted)).collect();
        assert_eq!(found, [(1.0, 2.0, 5.0, true), (2.0, 4.0, 5.0, false), (8.0, 16.0, 5.0, false)]);
        assert!(length_bins(&[]).is_empty());
    }

    #[test]
    fn shades_go_from_nothing_to_the_most() {
        assert_eq!([shade(0, 10), shade(1, 10), shade(10, 10), shade(0, 0)], [0, 1, 5, 0]);
    }
}

//! Lines through points, one for each series.

use super::scale::Scale;
use super::{
    BOTTOM, HEIGHT, LEFT, Numbers, RIGHT, STYLES, TOP, Texts, WIDTH, coordinate, figure, mark, short_number,
    vertical_axis,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Points of a line up to which each has a mark.
const MARKED_POINTS_MAX: usize = 40;

/// A series of points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Its points, in the order in which they are joined.
    pub points: Vec<(f64, f64)>,
}

/// Lines with one vertical axis. With `zero` the axis begins at zero.
pub fn lines(texts: &Texts, lines: &[Line], zero: bool) -> Markup {
    let finite = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let drawn: Vec<Vec<(f64, f64)>> = lines.iter().map(|line| finite(&line.points)).collect();
    let all = || drawn.iter().flatten();
    let horizontal = Scale::over(all().map(|point| point.0), false, LEFT + 4.0, WIDTH - RIGHT - 4.0);
    let vertical = Scale::over(all().map(|point| point.1), zero, HEIGHT - BOTTOM, TOP).rounded();
    let ticks = if drawn.iter().all(Vec::is_empty) { Vec::new() } else { horizontal.ticks() };
    let picture = html! {
        (vertical_axis(texts, &vertical))
        @for tick in ticks {
            text.chart-tick x=(coordinate(horizontal.at(tick))) y=(HEIGHT - BOTTOM + 16.0) { (short_number(tick)) }
        }
        @for (at, points) in drawn.iter().enumerate() {
            @let places: Vec<(f64, f64)> = points.iter().map(|(x, y)| (horizontal.at(*x), vertical.at(*y))).collect();
            @if places.len() > 1 {
                polyline class=(format!("chart-line chart-series-{}", at % STYLES)) points=(joined(&places)) {}
            }
            @if places.len() <= MARKED_POINTS_MAX {
                @for (x, y) in &places { (mark(at, *x, *y)) }
            }
        }
    };
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    figure(texts, picture, &names, &numbers(texts, lines))
}

pub(super) fn joined(places: &[(f64, f64)]) -> String {
    places.iter().map(|(x, y)| format!("{},{}", coordinate(*x), coordinate(*y))).collect::<Vec<_>>().join(" ")
}

/// A row for each horizontal value, a column for each line.
fn numbers(texts: &Texts, lines: &[Line]) -> Numbers {
    let mut head = vec![texts.horizontal.to_owned()];
    head.extend(lines.iter().map(|line| line.name.clone()));
    // Ordered by the bits of the number, which for those of one sign is their order.
    let mut by_x: BTreeMap<i64, (f64, Vec<String>)> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        for &(x, y) in line.points.iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
            let bits = x.to_bits().cast_signed();
            let key = if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits };
            let (_, cells) = by_x.entry(key).or_insert_with(|| (x, vec!["–".to_owned(); lines.len()]));
            cells[at] = short_number(y);
        }
    }
    let row = |(x, cells): (f64, Vec<String>)| {
        let mut row = vec![short_number(x)];
        row.extend(cells);
        row
    };
    Numbers { head, rows: by_x.into_values().map(row).collect() }
}

//! Points with intervals as whiskers, grouped by label: the same measure of several series beside each other.

use super::scale::Scale;
use super::{
    BOTTOM, HEIGHT, LEFT, Numbers, RIGHT, STYLES, TOP, Texts, WIDTH, coordinate, figure, mark, short_label,
    short_number, vertical_axis,
};
use maud::{Markup, html};

/// A value with the interval that holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// The ends of the interval; absent where it is not known.
    pub ends: Option<[f64; 2]>,
}

/// The points over one label.
#[derive(Debug, Clone, PartialEq)]
pub struct PointGroup {
    /// The text below the group.
    pub label: String,
    /// One point for each series, absent where a series has none.
    pub points: Vec<Option<Interval>>,
}

/// Groups of points over a common axis from zero.
pub fn points(texts: &Texts, series: &[&str], groups: &[PointGroup]) -> Markup {
    let known = || groups.iter().flat_map(|group| group.points.iter().flatten());
    let values =
        known().flat_map(|point| [Some(point.value), point.ends.map(|e| e[0]), point.ends.map(|e| e[1])]).flatten();
    let scale = Scale::over(values, true, HEIGHT - BOTTOM, TOP).rounded();
    let slot = (WIDTH - LEFT - RIGHT) / groups.len().max(1) as f64;
    let step = (slot * 0.8 / series.len().max(1) as f64).min(24.0);
    let picture = html! {
        (vertical_axis(texts, &scale))
        @for (at, group) in groups.iter().enumerate() {
            @let middle = LEFT + slot * (at as f64 + 0.5);
            text.chart-tick x=(coordinate(middle)) y=(HEIGHT - BOTTOM + 16.0) { (short_label(&group.label)) }
            @for (number, point) in group.points.iter().enumerate().take(series.len()) {
                @if let Some(point) = point.filter(|point| point.value.is_finite()) {
                    @let x = middle + step * (number as f64 - (series.len() as f64 - 1.0) / 2.0);
                    @if let Some([low, high]) = point.ends.filter(|ends| ends.iter().all(|end| end.is_finite())) {
                        line class=(format!("chart-whisker chart-series-{}", number % STYLES)) x1=(coordinate(x)) x2=(coordinate(x))
                            y1=(coordinate(scale.at(low))) y2=(coordinate(scale.at(high))) {}
                    }
                    (mark(number, x, scale.at(point.value)))
                }
            }
        }
    };
    let cell = |point: Option<&Option<Interval>>| match point {
        Some(Some(Interval { value, ends: Some([low, high]) })) => {
            format!("{} ({}–{})", short_number(*value), short_number(*low), short_number(*high))
        }
        Some(Some(Interval { value, ends: None })) => short_number(*value),
        _ => "–".to_owned(),
    };
    let row = |group: &PointGroup| {
        let mut row = vec![group.label.clone()];
        row.extend((0..series.len()).map(|at| cell(group.points.get(at))));
        row
    };
    let mut head = vec![texts.horizontal.to_owned()];
    head.extend(series.iter().map(|name| (*name).to_owned()));
    figure(texts, picture, series, &Numbers { head, rows: groups.iter().map(row).collect() })
}

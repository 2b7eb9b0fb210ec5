//! A small line without axes, beside the number that it led to.

use super::coordinate;
use super::lines::joined;
use super::scale::Scale;
use maud::{Markup, html};

const SPARK_WIDTH: f64 = 120.0;
const SPARK_HEIGHT: f64 = 28.0;

/// A line through `values`, whose title says the message for who cannot see it.
pub fn sparkline(title: &str, values: &[f64]) -> Markup {
    let drawn: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let scale = Scale::over(drawn.iter().copied(), true, SPARK_HEIGHT - 2.0, 2.0);
    let step = (SPARK_WIDTH - 4.0) / (drawn.len().max(2) - 1) as f64;
    let places: Vec<(f64, f64)> =
        drawn.iter().enumerate().map(|(at, value)| (2.0 + step * at as f64, scale.at(*value))).collect();
    html! {
        svg.chart-sparkline viewBox=(format!("0 0 {SPARK_WIDTH} {SPARK_HEIGHT}")) role="img" aria-label=(title) {
            title { (title) }
            @if places.len() > 1 { polyline class="chart-line chart-series-0" points=(joined(&places)) {} }
            @if let [(x, y)] = places.as_slice() {
                circle class="chart-mark chart-series-0" cx=(coordinate(*x)) cy=(coordinate(*y)) r="2" {}
            }
        }
    }
}

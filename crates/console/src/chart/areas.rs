//! Areas on top of each other over a common horizontal axis, which add up to a whole.

use super::lines::joined;
use super::scale::Scale;
use super::{
    BOTTOM, HEIGHT, LEFT, Numbers, RIGHT, STYLES, TOP, Texts, WIDTH, coordinate, figure, short_number, vertical_axis,
};
use maud::{Markup, html};

/// A layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layer {
    /// Its name in the legend.
    pub name: String,
    /// Its height at each of the horizontal values.
    pub values: Vec<f64>,
}

/// Layers over the same horizontal values, the first at the bottom. What is no finite number above zero has no height.
pub fn areas(texts: &Texts, horizontal: &[f64], layers: &[Layer]) -> Markup {
    let height = |layer: &Layer, at: usize| {
        let value = layer.values.get(at).copied().unwrap_or(0.0);
        if value.is_finite() { value.clamp(0.0, 1e12) } else { 0.0 }
    };
    let along = Scale::over(horizontal.iter().copied(), false, LEFT + 4.0, WIDTH - RIGHT - 4.0);
    let mut tops = vec![vec![0.0; horizontal.len()]];
    for layer in layers {
        let below = tops.last().cloned().unwrap_or_default();
        tops.push(below.iter().enumerate().map(|(at, below)| below + height(layer, at)).collect());
    }
    let highest = tops.last().cloned().unwrap_or_default();
    let upward = Scale::over(highest.into_iter(), true, HEIGHT - BOTTOM, TOP).rounded();
    let edge = |values: &[f64]| -> Vec<(f64, f64)> {
        horizontal.iter().zip(values).map(|(x, y)| (along.at(*x), upward.at(*y))).collect()
    };
    let picture = html! {
        (vertical_axis(texts, &upward))
        @if !horizontal.is_empty() {
            @for tick in along.ticks() {
                text.chart-tick x=(coordinate(along.at(tick))) y=(HEIGHT - BOTTOM + 16.0) { (short_number(tick)) }
            }
        }
        @for (at, pair) in tops.windows(2).enumerate() {
            @if horizontal.len() > 1 {
                @let outline: Vec<(f64, f64)> = edge(&pair[1]).into_iter().chain(edge(&pair[0]).into_iter().rev()).collect();
                polygon class=(format!("chart-area chart-series-{}", at % STYLES)) points=(joined(&outline)) {}
            }
        }
    };
    let mut head = vec![texts.horizontal.to_owned()];
    head.extend(layers.iter().map(|layer| layer.name.clone()));
    let row = |(at, x): (usize, &f64)| {
        std::iter::once(short_number(*x)).chain(layers.iter().map(|layer| short_number(height(layer, at)))).collect()
    };
    let numbers = Numbers { head, rows: horizontal.iter().enumerate().map(row).collect() };
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    figure(texts, picture, &names, &numbers)
}

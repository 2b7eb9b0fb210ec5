//! Counts by range of a value, with lines at values that matter. All ranges are drawn equally wide, as they are made: those of
//! lengths grow by a factor.

use super::scale::Scale;
use super::{BOTTOM, HEIGHT, LEFT, Numbers, RIGHT, TOP, Texts, WIDTH, coordinate, figure, short_number, vertical_axis};
use maud::{Markup, html};

/// Labels below the bars.
const LABELS_MAX: usize = 12;

/// A range of values with its count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The least value in it.
    pub from: f64,
    /// The value at which the next begins.
    pub to: f64,
    /// The number in it.
    pub count: f64,
    /// Whether it is drawn as one that does not take part.
    pub muted: bool,
}

/// A vertical line at a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// The value.
    pub at: f64,
    /// The text beside the line.
    pub label: String,
}

/// Bars over neighboring ranges.
pub fn histogram(texts: &Texts, bins: &[Bin], markers: &[Marker]) -> Markup {
    let scale = Scale::over(bins.iter().map(|bin| bin.count), true, HEIGHT - BOTTOM, TOP).rounded();
    let slot = (WIDTH - LEFT - RIGHT) / bins.len().max(1) as f64;
    let every = bins.len().div_ceil(LABELS_MAX).max(1);
    let zero = scale.at(0.0);
    let picture = html! {
        (vertical_axis(texts, &scale))
        @for (at, bin) in bins.iter().enumerate() {
            @let x = LEFT + slot * at as f64;
            @if bin.count.is_finite() {
                @let y = scale.at(bin.count);
                rect class=(if bin.muted { "chart-bar chart-bar-muted" } else { "chart-bar" }) x=(coordinate(x))
                    y=(coordinate(y.min(zero))) width=(format!("{:.2}", (slot - 1.0).max(0.2))) height=(coordinate((y - zero).abs())) {
                    title { (range(bin)) ": " (short_number(bin.count)) }
                }
            }
            @if at % every == 0 {
                text.chart-tick x=(coordinate(x + slot / 2.0)) y=(HEIGHT - BOTTOM + 16.0) { (short_number(bin.from)) }
            }
        }
        @for (at, marker) in markers.iter().enumerate() {
            @if let Some(share) = place(bins, marker.at) {
                @let x = coordinate(LEFT + slot * share);
                @let is_right = share * 2.0 > bins.len() as f64;
                @let side = if is_right { "chart-marker-name chart-marker-name-end" } else { "chart-marker-name" };
                @let beside = LEFT + slot * share + if is_right { -6.0 } else { 6.0 };
                line.chart-marker x1=(x) x2=(x) y1=(TOP) y2=(HEIGHT - BOTTOM) {}
                text class=(side) x=(coordinate(beside)) y=(TOP + 12.0 + 14.0 * (at % 4) as f64) { (marker.label) }
            }
        }
    };
    let rows = bins.iter().map(|bin| vec![range(bin), short_number(bin.count)]).collect();
    figure(texts, picture, &[], &Numbers { head: vec![texts.horizontal.to_owned(), texts.vertical.to_owned()], rows })
}

/// The number of ranges left of `value`, with the share of its own.
fn place(bins: &[Bin], value: f64) -> Option<f64> {
    if !value.is_finite() || bins.is_empty() {
        return None;
    }
    let at = bins.iter().position(|bin| value < bin.to).unwrap_or(bins.len() - 1);
    let bin = bins.get(at)?;
    let width = bin.to - bin.from;
    let share = if width > 0.0 && width.is_finite() { ((value - bin.from) / width).clamp(0.0, 1.0) } else { 0.0 };
    Some(at as f64 + share)
}

/// A range as text; its end is left out, as that of the last is open.
fn range(bin: &Bin) -> String {
    if bin.to.is_finite() && bin.to - bin.from <= 1.0 {
        short_number(bin.from)
    } else if bin.to.is_finite() {
        format!("{}–{}", short_number(bin.from), short_number(bin.to))
    } else {
        format!("≥ {}", short_number(bin.from))
    }
}

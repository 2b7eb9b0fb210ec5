//! Pictures of numbers as SVG: areas, bars, histograms, lines, points with intervals, sparklines and stacked bars. All of their look
//! is in the style sheet: they carry classes and no colors, so that they follow the theme. Each picture has a title and a
//! description for screen readers, and its numbers as a table that unfolds.
//!
//! Values that are no finite number are left out of a picture.

mod areas;
mod bars;
mod histogram;
mod lines;
mod points;
mod scale;
mod sparkline;
mod stacked;

#[cfg(test)]
mod tests;

pub use areas::{Layer, areas};
pub use bars::{Bar, bars};
pub use histogram::{Bin, Marker, histogram};
pub use lines::{Line, lines};
pub use points::{Interval, PointGroup, points};
pub use scale::short_number;
pub use sparkline::sparkline;
pub use stacked::{Part, stacked_bar};

use maud::{Markup, html};
use scale::Scale;

/// Width of a picture in its own units; the style sheet scales it to the width of its place.
const WIDTH: f64 = 640.0;
/// Height of a picture.
const HEIGHT: f64 = 260.0;
/// Room left of the plot, for the numbers of the vertical axis.
const LEFT: f64 = 56.0;
/// Room right of the plot.
const RIGHT: f64 = 16.0;
/// Room above the plot, for the name of the vertical axis.
const TOP: f64 = 28.0;
/// Room below the plot, for the labels and the name of the horizontal axis.
const BOTTOM: f64 = 44.0;
/// Colors and marks in the style sheet; later series take them again.
const STYLES: usize = 8;
/// Rows of the table of numbers; a longer series is shortened to its first rows.
const TABLE_ROWS_MAX: usize = 500;
/// Characters of a label on an axis.
const LABEL_CHARS_MAX: usize = 14;

/// The texts of a picture, in the language of the page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Texts<'a> {
    /// An id that no other element of the page has.
    pub id: &'a str,
    /// The message of the picture, such as `Popularity takes 62 % with 5 % of items`.
    pub title: &'a str,
    /// A sentence that says what is drawn against what.
    pub description: &'a str,
    /// The name of the horizontal axis.
    pub horizontal: &'a str,
    /// The name of the vertical axis.
    pub vertical: &'a str,
    /// The word on the fold with the table, such as `Numbers`.
    pub numbers: &'a str,
}

/// A table of a picture's numbers.
struct Numbers {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A picture with its legend and its table.
fn figure(texts: &Texts, picture: Markup, legend: &[&str], numbers: &Numbers) -> Markup {
    let title = format!("{}-title", texts.id);
    let description = format!("{}-description", texts.id);
    html! {
        figure.chart id=(texts.id) {
            svg.chart-picture viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img"
                aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { (texts.title) }
                desc id=(description) { (texts.description) }
                (picture)
            }
            @if legend.len() > 1 {
                ul.chart-legend {
                    @for (at, name) in legend.iter().enumerate() {
                        li {
                            svg.chart-key viewBox="0 0 16 16" aria-hidden="true" {
                                (mark(at, 8.0, 8.0))
                            }
                            (name)
                        }
                    }
                }
            }
            (table(texts, numbers))
        }
    }
}

fn table(texts: &Texts, numbers: &Numbers) -> Markup {
    html! {
        details.chart-numbers {
            summary { (texts.numbers) }
            table {
                caption { (texts.title) }
                thead { tr { @for name in &numbers.head { th scope="col" { (name) } } } }
                tbody {
                    @for row in numbers.rows.iter().take(TABLE_ROWS_MAX) {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td.number { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The frame of a plot: grid lines with their numbers, and the names of the axes.
fn vertical_axis(texts: &Texts, scale: &Scale) -> Markup {
    html! {
        @for tick in scale.ticks() {
            @let y = coordinate(scale.at(tick));
            line.chart-grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(y) y2=(y) {}
            text.chart-tick.chart-tick-vertical x=(LEFT - 6.0) y=(y) { (short_number(tick)) }
        }
        @if !texts.vertical.is_empty() {
            text.chart-axis-name x=(LEFT) y=(TOP - 12.0) { (texts.vertical) }
        }
        @if !texts.horizontal.is_empty() {
            text.chart-axis-name.chart-axis-name-end x=(WIDTH - RIGHT) y=(HEIGHT - 6.0) { (texts.horizontal) }
        }
    }
}

/// The mark of series `at` around a point. Series differ by shape as well as by color.
fn mark(at: usize, x: f64, y: f64) -> Markup {
    let class = format!("chart-mark chart-series-{}", at % STYLES);
    let points = |corners: &[(f64, f64)]| {
        let corner = |(dx, dy): &(f64, f64)| format!("{},{}", coordinate(x + dx), coordinate(y + dy));
        corners.iter().map(corner).collect::<Vec<_>>().join(" ")
    };
    html! {
        @match at % 4 {
            0 => { circle class=(class) cx=(coordinate(x)) cy=(coordinate(y)) r="4" {} }
            1 => { rect class=(class) x=(coordinate(x - 4.0)) y=(coordinate(y - 4.0)) width="8" height="8" {} }
            2 => { polygon class=(class) points=(points(&[(0.0, -5.0), (5.0, 4.0), (-5.0, 4.0)])) {} }
            _ => { polygon class=(class) points=(points(&[(0.0, -5.0), (5.0, 0.0), (0.0, 5.0), (-5.0, 0.0)])) {} }
        }
    }
}

/// A coordinate with one decimal.
fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// `label`, cut where an axis has no more room.
fn short_label(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS_MAX {
        return label.to_owned();
    }
    let kept: String = label.chars().take(LABEL_CHARS_MAX - 1).collect();
    format!("{kept}…")
}

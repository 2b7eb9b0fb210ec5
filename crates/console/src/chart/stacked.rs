//! One horizontal bar whose parts add up to the whole.

use super::{Numbers, STYLES, Texts, short_number, table};
use maud::{Markup, html};

const STACK_WIDTH: f64 = 640.0;
const STACK_HEIGHT: f64 = 28.0;

/// A part of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name in the legend.
    pub label: String,
    /// Its size.
    pub value: f64,
}

/// A bar with the parts side by side. Parts that are not above zero have no width.
pub fn stacked_bar(texts: &Texts, parts: &[Part]) -> Markup {
    let size = |part: &Part| if part.value.is_finite() { part.value.clamp(0.0, 1e15) } else { 0.0 };
    let whole: f64 = parts.iter().map(size).sum();
    let share = |part: &Part| if whole > 0.0 { size(part) / whole } else { 0.0 };
    let mut x = 0.0;
    let mut places = Vec::with_capacity(parts.len());
    for part in parts {
        let width = (share(part) * STACK_WIDTH).min(STACK_WIDTH - x);
        places.push((x, width));
        x += width;
    }
    let title = format!("{}-title", texts.id);
    let description = format!("{}-description", texts.id);
    let row = |part: &Part| {
        vec![
            part.label.clone(),
            short_number(part.value),
            format!("{} %", short_number((share(part) * 1000.0).round() / 10.0)),
        ]
    };
    let numbers = Numbers {
        head: vec![texts.horizontal.to_owned(), texts.vertical.to_owned(), "%".to_owned()],
        rows: parts.iter().map(row).collect(),
    };
    html! {
        figure.chart id=(texts.id) {
            svg.chart-stacked viewBox=(format!("0 0 {STACK_WIDTH} {STACK_HEIGHT}")) role="img" preserveAspectRatio="none"
                aria-labelledby=(format!("{title} {description}")) {
                title id=(title) { (texts.title) }
                desc id=(description) { (texts.description) }
                @for (at, ((x, width), part)) in places.iter().zip(parts).enumerate() {
                    @if *width > 0.0 {
                        rect class=(format!("chart-part chart-series-{}", at % STYLES)) x=(format!("{x:.2}")) y="0"
                            width=(format!("{width:.2}")) height=(STACK_HEIGHT) { title { (part.label) } }
                    }
                }
            }
            ul.chart-legend {
                @for (at, part) in parts.iter().enumerate() {
                    li {
                        svg.chart-key viewBox="0 0 16 16" aria-hidden="true" {
                            rect class=(format!("chart-part chart-series-{}", at % STYLES)) x="2" y="2" width="12" height="12" {}
                        }
                        (part.label) " " (short_number((share(part) * 1000.0).round() / 10.0)) " %"
                    }
                }
            }
            (table(texts, &numbers))
        }
    }
}

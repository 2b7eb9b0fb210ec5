//! Vertical bars, one for each label.

use super::scale::Scale;
use super::{
    BOTTOM, HEIGHT, LEFT, Numbers, RIGHT, TOP, Texts, WIDTH, coordinate, figure, short_label, short_number,
    vertical_axis,
};
use maud::{Markup, html};

/// Labels below the bars; of more bars only some are labeled.
const LABELS_MAX: usize = 7;

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// The text below it.
    pub label: String,
    /// Its height.
    pub value: f64,
}

/// Bars from zero, in the order given.
pub fn bars(texts: &Texts, bars: &[Bar]) -> Markup {
    let scale = Scale::over(bars.iter().map(|bar| bar.value), true, HEIGHT - BOTTOM, TOP).rounded();
    let slot = (WIDTH - LEFT - RIGHT) / bars.len().max(1) as f64;
    let width = (slot * 0.8).max(0.2);
    let every = bars.len().div_ceil(LABELS_MAX).max(1);
    let zero = scale.at(0.0);
    let picture = html! {
        (vertical_axis(texts, &scale))
        @for (at, bar) in bars.iter().enumerate() {
            @let x = LEFT + slot * at as f64;
            @if bar.value.is_finite() {
                @let y = scale.at(bar.value);
                rect.chart-bar x=(coordinate(x + (slot - width) / 2.0)) y=(coordinate(y.min(zero))) width=(format!("{width:.2}"))
                    height=(coordinate((y - zero).abs())) {
                    title { (bar.label) ": " (short_number(bar.value)) }
                }
            }
            @if at % every == 0 {
                text.chart-tick x=(coordinate(x + slot / 2.0)) y=(HEIGHT - BOTTOM + 16.0) { (short_label(&bar.label)) }
            }
        }
    };
    let rows = bars.iter().map(|bar| vec![bar.label.clone(), short_number(bar.value)]).collect();
    figure(texts, picture, &[], &Numbers { head: vec![texts.horizontal.to_owned(), texts.vertical.to_owned()], rows })
}

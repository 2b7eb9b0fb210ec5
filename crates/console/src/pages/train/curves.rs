//! The curves of a training: the loss and the quality on validation users, epoch by epoch.

use crate::chart::{Line, Texts, lines};
use crate::cx::Cx;
use crate::report::Epoch;
use maud::{Markup, html};

/// Two small charts; nothing for a training without epochs.
pub(super) fn curves(cx: &Cx, epochs: &[Epoch]) -> Markup {
    let loss: Vec<(f64, f64)> = epochs.iter().map(|epoch| (epoch.epoch as f64, epoch.loss)).collect();
    let quality: Vec<(f64, f64)> =
        epochs.iter().filter_map(|epoch| Some((epoch.epoch as f64, epoch.ndcg_at_10?))).collect();
    let best = quality.iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best });
    let title = |key_value: Option<(f64, f64)>| match key_value {
        Some((epoch, value)) => cx.text_with(
            "version-quality-title",
            &[("value", format!("{value:.4}").into()), ("epoch", format!("{epoch:.0}").into())],
        ),
        None => cx.text("version-quality"),
    };
    let (epoch, numbers) = (cx.text("version-epoch"), cx.text("numbers"));
    html! {
        @if !epochs.is_empty() {
            div.charts {
                (lines(
                    &Texts {
                        id: "loss",
                        title: &cx.text("version-loss"),
                        description: &cx.text("version-loss-description"),
                        horizontal: &epoch,
                        vertical: &cx.text("version-loss"),
                        numbers: &numbers,
                    },
                    &[Line { name: cx.text("version-loss"), points: loss }],
                    false,
                ))
                @if !quality.is_empty() {
                    (lines(
                        &Texts {
                            id: "quality",
                            title: &title(best),
                            description: &cx.text("version-quality-description"),
                            horizontal: &epoch,
                            vertical: &cx.text("version-quality"),
                            numbers: &numbers,
                        },
                        &[Line { name: cx.text("version-quality"), points: quality }],
                        true,
                    ))
                }
            }
        }
    }
}

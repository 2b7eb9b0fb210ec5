//! The walk along similar items: from the list of a user to the items related to one of them, and on from there.

use super::address::{Address, joined, split};
use super::item_values::name_of;
use super::targets::{Columns, Target};
use crate::cx::Cx;
use crate::format;
use crate::pages::form::Sent;
use maud::{Markup, html};

/// Steps that the address keeps.
const STEPS_MAX: usize = 12;
/// Characters of a name on the way.
const NAME_CHARS_MAX: usize = 30;

/// The way so far, and the campaign that the next step asks.
pub(super) struct Walk<'a> {
    address: &'a Address,
    /// The items, the first one first; the last one is the item of the present list.
    steps: Vec<String>,
    /// The campaign where the walk began.
    from: String,
    /// The campaign of similar items; none where the group has none.
    with: Option<&'a Target>,
}

impl<'a> Walk<'a> {
    pub(super) fn of(address: &'a Address, sent: &Sent, targets: &'a [Target], target: &Target) -> Self {
        let mut similar = targets.iter().filter(|target| target.finds_similar());
        let asked = sent.get("similar").or(Some(target.arn.as_str()).filter(|_| target.finds_similar()));
        let chosen = targets.iter().find(|one| one.finds_similar() && Some(one.arn.as_str()) == asked);
        Self {
            address,
            steps: sent.get("walk").map(split).unwrap_or_default(),
            from: sent.get("from").unwrap_or(&target.arn).to_owned(),
            with: chosen.or(similar.next()),
        }
    }

    /// The link from a card to the items like it.
    pub(super) fn step(&self, cx: &Cx, item: &str) -> Option<String> {
        let mut steps = self.steps.clone();
        steps.push(item.to_owned());
        Some(self.at(self.with?, &steps).link(cx))
    }

    fn at(&self, target: &Target, steps: &[String]) -> Address {
        let kept = &steps[steps.len().saturating_sub(STEPS_MAX)..];
        let walk = joined(kept.iter().map(String::as_str), STEPS_MAX);
        let item = steps.last().map_or("", String::as_str);
        let place = [("c", target.arn.as_str()), ("b", ""), ("item", item), ("walk", &walk), ("from", &self.from)];
        self.address.fresh().with(&place)
    }

    /// The way so far, each step with the link back to it.
    pub(super) fn trail(&self, cx: &Cx, target: &Target, columns: &Columns) -> Markup {
        let start = self.address.fresh().with(&[("c", self.from.as_str()), ("item", "")]);
        html! {
            @if !self.steps.is_empty() {
                nav.trail aria-label=(cx.text("try-walk")) {
                    ol {
                        li { a href=(start.link(cx)) { (cx.text("try-walk-start")) } }
                        @for at in 0..self.steps.len() {
                            @let id = &self.steps[at];
                            @let name = name_of(cx, target, columns, id);
                            @let shown = format::shortened(&name, NAME_CHARS_MAX);
                            li {
                                @if at + 1 == self.steps.len() { span aria-current="page" title=(id) { (shown) } }
                                @else { a href=(self.at(target, &self.steps[..=at]).link(cx)) title=(id) { (shown) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

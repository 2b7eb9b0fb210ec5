//! The difference of two lists by rank: what moved up or down, what is new and what is gone.

use crate::cx::Cx;
use maud::{Markup, html};

/// Places of a list that is compared with one of an earlier answer.
pub(super) const PLACES_MAX: usize = 25;
/// Items by which the overlap of two lists is counted.
pub(super) const OVERLAP_OF: usize = 10;

/// An item's way from one list to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// It has the same place.
    Same,
    /// It stands this many places further up.
    Up(usize),
    /// It stands this many places further down.
    Down(usize),
    /// The other list does not have it.
    New,
}

/// The difference of a list from another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    /// The way of each item that is compared, in the order of the list.
    pub moves: Vec<Move>,
    /// Items of the other list that this one does not have, with their places there, from 1.
    pub gone: Vec<(usize, String)>,
}

impl Difference {
    /// The difference of `now` from `before`.
    pub(super) fn new(before: &[String], now: &[&str]) -> Self {
        let way = |(place, id): (usize, &&str)| match before.iter().position(|other| other == id) {
            None => Move::New,
            Some(was) if was > place => Move::Up(was - place),
            Some(was) if was < place => Move::Down(place - was),
            Some(_) => Move::Same,
        };
        let gone = before.iter().enumerate().filter(|(_, id)| !now.contains(&id.as_str()));
        Self {
            moves: now.iter().enumerate().map(way).collect(),
            gone: gone.map(|(place, id)| (place + 1, id.clone())).collect(),
        }
    }

    /// The items that moved, and those that are new.
    fn counts(&self) -> (usize, usize) {
        let of = |is: fn(&Move) -> bool| self.moves.iter().filter(|way| is(way)).count();
        (of(|way| matches!(way, Move::Up(_) | Move::Down(_))), of(|way| matches!(way, Move::New)))
    }

    /// The sentence about all of it.
    pub(super) fn sentence(&self, cx: &Cx) -> String {
        let (moved, new) = self.counts();
        if moved + new + self.gone.len() == 0 {
            return cx.text("try-nothing-moved");
        }
        let counts = [("moved", moved.into()), ("new", new.into()), ("gone", self.gone.len().into())];
        cx.text_with("try-moved", &counts)
    }
}

/// Items that the first places of both lists have.
pub(super) fn overlap(a: &[&str], b: &[&str]) -> usize {
    let head = |list: &[&str]| list.len().min(OVERLAP_OF);
    a[..head(a)].iter().filter(|id| b[..head(b)].contains(id)).count()
}

/// A way as a sign, with its words for those who do not see it.
pub(super) fn sign(cx: &Cx, way: Move) -> Markup {
    let (class, sign, words) = match way {
        Move::Same => return html! { span.hidden { (cx.text("try-move-same")) } },
        Move::Up(places) => {
            ("move up", format!("▲{places}"), cx.text_with("try-move-up", &[("places", places.into())]))
        }
        Move::Down(places) => {
            ("move down", format!("▼{places}"), cx.text_with("try-move-down", &[("places", places.into())]))
        }
        Move::New => return html! { span.move.up { (cx.text("try-move-new")) } },
    };
    html! { span class=(class) title=(words) { span aria-hidden="true" { (sign) } span.hidden { (words) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let before = ["a", "b", "c", "d"].map(str::to_owned);
        let difference = Difference::new(&before, &["c", "b", "a", "e"]);
        assert_eq!(difference.moves, [Move::Up(2), Move::Same, Move::Down(2), Move::New]);
        assert_eq!((difference.gone.clone(), difference.counts()), (vec![(4, "d".to_owned())], (2, 1)));
        let same = Difference::new(&before, &["a", "b", "c", "d"]);
        assert!(same.gone.is_empty() && same.counts() == (0, 0));
        assert_eq!(Difference::new(&[], &[]), Difference::default());
    }

    #[test]
    fn the_overlap_is_of_the_first_ten() {
        let ids: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!((overlap(&all, &all[5..]), overlap(&all, &all[10..]), overlap(&all[..3], &all)), (5, 0, 3));
        assert_eq!(overlap(&[], &all), 0);
    }
}

//! Exploration: new items get places in lists before the model has reason to rank them, so that users can give it one.
//!
//! Each place of a list is offered to exploration with the probability `weight`. A place on offer sets an even threshold
//! between 0 and 1; candidates are drawn evenly among the items that are new (created within the cut-off before the newest
//! interaction) and contend for it if their
//!
//! ```text
//! u = 1 / (1 + (interactions + impressions) / 10)
//! ```
//!
//! is above the threshold. So an item is explored less the more is known of it, every impression without a click only pushes
//! it down, and a catalogue of well-known items is hardly explored at all: a place is explored with the probability `weight`
//! times the largest `u` drawn. Of two contenders, the one that the model finds more relevant takes the place; the items
//! behind it move down. With weight 0 nothing of this happens. The draws depend on the model, the user and the user's events
//! alone.

use crate::live::LiveGroup;
use crate::random::Random;
use crate::rows::Rows;
use crate::{Histories, Snapshot, View};
use std::sync::Arc;
use tastemaker_data::{Bitmap, Column, ItemIx, Table};
use tastemaker_domain::campaign_config::Exploration;

/// Interactions and impressions at which an item is explored half as much as a fresh one.
const KNOWN_AT: f64 = 10.0;
/// Draws for one candidate before the place is left to the model.
const DRAWS_MAX: usize = 16;
/// Kept candidates among which the model chooses.
const CONTENDERS: usize = 2;
const DAY_S: f64 = 86_400.0;
const CREATED: &str = "CREATION_TIMESTAMP";

/// What bulk histories say about each item.
#[derive(Debug, Default)]
pub(crate) struct ItemHistory {
    /// `[items]`: interactions and impressions.
    count: Vec<u32>,
    /// `[items]`: time of the first interaction; the largest number where there is none.
    first_s: Vec<i64>,
    /// Time of the newest interaction of all.
    newest_s: i64,
}

impl ItemHistory {
    /// `impressions` `[items]`, or empty.
    pub fn new(histories: &Histories, impressions: &[u32], items: usize) -> Self {
        let mut count = impressions.to_vec();
        count.resize(items, 0);
        let mut all = Self { count, first_s: vec![i64::MAX; items], newest_s: 0 };
        for event in histories.events() {
            let item = event.item.0 as usize;
            if item < items {
                all.count[item] = all.count[item].saturating_add(1);
                all.first_s[item] = all.first_s[item].min(event.time_s);
            }
            all.newest_s = all.newest_s.max(event.time_s);
        }
        all
    }
}

/// A new item.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    item: ItemIx,
    created_s: i64,
    seen: u32,
}

/// The new items of one view.
pub(crate) struct Explorer {
    candidates: Vec<Candidate>,
}

impl Explorer {
    /// The items of `view` created within the cut-off before `newest_s`. An item without creation time is as old as its first
    /// interaction, and one without interactions is new.
    pub fn new(snapshot: &Snapshot, view: &View, exploration: &Exploration, newest_s: i64) -> Self {
        let history = snapshot.item_history();
        let newest_s = newest_s.max(history.newest_s);
        let oldest_s = oldest(exploration, newest_s);
        let candidate = |item: ItemIx, created: Option<i64>| {
            let ix = item.0 as usize;
            let first = history.first_s.get(ix).copied().filter(|&first| first != i64::MAX);
            let created_s = created.or(first).unwrap_or(newest_s);
            let seen = history.count.get(ix).copied().unwrap_or(0);
            (created_s >= oldest_s).then_some(Candidate { item, created_s, seen })
        };
        let rows: &Arc<Rows> = view.rows();
        let published = Created::of(rows.published());
        let extra = view.extra(snapshot);
        let mut overlaid = Bitmap::new(view.len());
        extra.items.iter().for_each(|&item| overlaid.set(item));
        let known = snapshot.parts.items.iter().enumerate().map(|(ix, id)| (ItemIx(ix as u32), id));
        let known = known.filter(|(item, _)| !overlaid.get(*item));
        let known = known.filter_map(|(item, id)| candidate(item, published.by_id(id)));
        let newer = Created::of(&extra.table);
        let newer = extra.items.iter().enumerate().filter_map(|(row, &item)| candidate(item, newer.at(row)));
        Self { candidates: known.chain(newer).collect() }
    }
}

fn oldest(exploration: &Exploration, newest_s: i64) -> i64 {
    newest_s.saturating_sub((exploration.age_cutoff_days * DAY_S) as i64)
}

/// The creation times of a table.
struct Created<'a> {
    table: &'a Table,
    column: Option<&'a Column>,
}

impl<'a> Created<'a> {
    fn of(table: &'a Table) -> Self {
        Self { table, column: table.column(CREATED) }
    }

    fn at(&self, row: usize) -> Option<i64> {
        match self.column? {
            Column::Integer(values) => *values.get(row)?,
            Column::Number(values) => values.get(row)?.map(|seconds| seconds as i64),
            Column::Text(_) | Column::Boolean(_) => None,
        }
    }

    fn by_id(&self, id: &str) -> Option<i64> {
        self.column.and(self.table.ids.get(id)).and_then(|row| self.at(row as usize))
    }
}

/// A place of the list and the contenders for it.
pub(crate) struct OpenPlace {
    pub place: usize,
    /// At least one; not in the list, and in no other place.
    pub contenders: Vec<ItemIx>,
}

/// What a draw has to respect.
pub(crate) struct Draw<'a> {
    pub snapshot: &'a Snapshot,
    pub view: &'a View,
    pub group: &'a LiveGroup,
    pub allowed: Option<&'a Bitmap>,
    /// Items that have a place already.
    pub listed: &'a [ItemIx],
    pub places: usize,
}

impl Explorer {
    /// The places that are open to exploration, ascending, with their contenders.
    pub fn draw(&self, exploration: &Exploration, ask: &Draw<'_>, random: &mut Random) -> Vec<OpenPlace> {
        let mut open: Vec<OpenPlace> = Vec::new();
        if self.candidates.is_empty() || exploration.weight <= 0.0 {
            return open;
        }
        // Few may pass a filter, so that even draws among all would miss them.
        let passing: Vec<Candidate> = match ask.allowed {
            Some(allowed) => self.candidates.iter().copied().filter(|c| allowed.get(c.item)).collect(),
            None => Vec::new(),
        };
        let candidates = if ask.allowed.is_some() { &passing } else { &self.candidates };
        if candidates.is_empty() {
            return open;
        }
        let oldest_s = oldest(exploration, ask.group.newest_s());
        for place in 0..ask.places {
            if random.unit() >= exploration.weight {
                continue;
            }
            let threshold = random.unit();
            let mut contenders = Vec::with_capacity(CONTENDERS);
            for _ in 0..DRAWS_MAX {
                let candidate = candidates[random.below(candidates.len())];
                let item = candidate.item;
                let taken = contenders.contains(&item)
                    || ask.listed.contains(&item)
                    || open.iter().any(|other| other.contenders.contains(&item));
                if taken || candidate.created_s < oldest_s {
                    continue;
                }
                let live = ask.group.counts_of(ask.view.id(ask.snapshot, item));
                let seen = f64::from(candidate.seen) + f64::from(live.interactions) + f64::from(live.impressions);
                if threshold < 1.0 / (1.0 + seen / KNOWN_AT) {
                    contenders.push(item);
                    if contenders.len() == CONTENDERS {
                        break;
                    }
                }
            }
            if !contenders.is_empty() {
                open.push(OpenPlace { place, contenders });
            }
        }
        open
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{GROUP, Shop, event, query};
    use std::collections::BTreeMap;
    use tastemaker_domain::campaign_config::Exploration;
    use tastemaker_domain::catalog;
    use tastemaker_domain::recommendation::{FilterUse, RecommendationQuery};
    use tastemaker_domain::resource::InteractionEvent;

    fn shop(weight: f64) -> Shop {
        let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
            parts.exploration = Some(Exploration { weight, age_cutoff_days: 30.0 });
        });
        let late = InteractionEvent { timestamp_s: 60 * 86_400, ..event(0, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[late]);
        for n in 0..5 {
            shop.put_created(100 + n, &format!("i{n}"), 0);
        }
        for n in 0..50 {
            shop.put_item(n + 200, &format!("new{n}"), "New", 1.0);
        }
        shop
    }

    /// How often each item is among the two results of a thousand users.
    fn shares(shop: &Shop) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for user in 0..1000 {
            for item in shop.ask(&format!("user-{user}")).items {
                *shares.entry(item.item_id).or_default() += 1;
            }
        }
        shares
    }

    fn new_items(shares: &BTreeMap<String, usize>) -> usize {
        shares.iter().filter(|(id, _)| id.starts_with("new")).map(|(_, n)| n).sum()
    }

    #[test]
    fn the_weight_is_the_share_of_new_items() {
        assert_eq!(new_items(&shares(&shop(0.0))), 0);
        let third = new_items(&shares(&shop(0.3)));
        // 600 of 2000 places, give or take five standard deviations.
        assert!((third as i64 - 600).abs() < 5 * 21, "{third}");
        assert_eq!(new_items(&shares(&shop(1.0))), 2000);
    }

    #[test]
    fn a_catalogue_of_well_known_items_is_hardly_explored() {
        let shop = shop(0.3);
        let all: Vec<String> = (0..50).map(|n| format!("new{n}")).collect();
        let seen = InteractionEvent { impression: all, ..event(1, "x", "i0", "Click") };
        let seen: Vec<_> = (1..91).map(|n| InteractionEvent { event_id: format!("e{n}"), ..seen.clone() }).collect();
        shop.serving.observe(GROUP, &seen);
        // 0.3 / (1 + 90 / 10) of 2000 places are 60.
        let new = new_items(&shares(&shop));
        assert!((30..90).contains(&new), "{new}");
    }

    #[test]
    fn the_same_question_gets_the_same_list() {
        let shop = shop(1.0);
        let first = shop.ask("known");
        assert_eq!(shop.ask("known"), first);
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "Click")]);
        assert_ne!(shop.ask("known"), first);
    }

    #[test]
    fn impressions_without_clicks_push_an_item_down() {
        let shop = shop(0.5);
        let before = shares(&shop);
        let seen = InteractionEvent { impression: vec!["new7".into(); 200], ..event(1, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[seen]);
        let after = shares(&shop);
        let of = |shares: &BTreeMap<String, usize>| shares.get("new7").copied().unwrap_or(0);
        assert!(of(&before) > 5 && of(&after) < of(&before) / 3, "{} then {}", of(&before), of(&after));
    }

    #[test]
    fn impressions_of_bulk_data_count_as_well() {
        let shop = |impressions: Vec<u32>| {
            Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
                parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 30.0 });
                parts.impressions = impressions;
            })
        };
        let of = |shop: Shop| shares(&shop).get("i3").copied().unwrap_or(0);
        let (fresh, shown) = (of(shop(vec![])), of(shop(vec![0, 0, 0, 200, 0])));
        assert!(shown < fresh / 3, "{fresh} then {shown}");
    }

    #[test]
    fn old_items_are_not_explored() {
        let shop = Shop::with(&catalog::AWS_USER_PERSONALIZATION, |parts| {
            parts.exploration = Some(Exploration { weight: 1.0, age_cutoff_days: 1.0 });
        });
        let day = 86_400;
        shop.put_created(1, "old", 10 * day);
        shop.put_created(2, "new", 12 * day);
        let late = InteractionEvent { timestamp_s: 12 * day + day / 2, ..event(1, "x", "i0", "Click") };
        shop.serving.observe(GROUP, &[late]);
        let shares = shares(&shop);
        assert!(shares.contains_key("new") && !shares.contains_key("old"), "{shares:?}");
    }

    #[test]
    fn a_filter_holds_for_explored_items() {
        let shop = shop(1.0);
        let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.ITEM_ID IN (\"new3\", \"i1\", \"i2\")");
        shop.serving.publish_filter(GROUP, "f", filter.expect("an expression"));
        let filter = FilterUse { arn: "f".into(), values: BTreeMap::new() };
        let list = shop.serving.recommend(&RecommendationQuery { filter: Some(filter), ..query("known") });
        let ids: Vec<_> = list.expect("answers").items.into_iter().map(|i| i.item_id).collect();
        assert_eq!(ids, ["new3", "i2"]);
    }
}

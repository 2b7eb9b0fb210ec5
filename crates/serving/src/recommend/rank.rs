//! Ranking: items that the caller chose, in the order of the model.

use crate::metadata::{metadata_of, resolve_columns};
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use std::collections::HashSet;
use tastemaker_data::ItemIx;
use tastemaker_domain::Result;
use tastemaker_domain::recommendation::{RankingQuery, RecommendationList, RecommendedItem, Source};
use tastemaker_learn::ScoringContext;

impl SnapshotHandle {
    /// The query's items, best first. Each comes once; those that the model does not know come last, as they were given and
    /// without score. Scores are the softmax over the others, in which an item loses nothing by having been seen. For users of whom
    /// nothing is known items are ranked by popularity, and scores are the shares of the users who took each.
    ///
    /// Errors: as of [`SnapshotHandle::recommend`].
    pub fn rank(&self, query: &RankingQuery) -> Result<RecommendationList> {
        let view = self.catalog_view();
        let columns = resolve_columns(view.records(), &query.metadata_columns)?;
        let user = Some(query.user_id.as_str()).filter(|id| !id.is_empty());
        let requester = Requester { user_id: user, item_id: None };
        let allowed = match &query.filter {
            Some(filter) => Some(self.allowed_items(&view, filter, requester)?),
            None => None,
        };
        let mut seen = HashSet::new();
        let given = query.item_ids.iter().filter(|id| seen.insert(id.as_str()));
        let given: Vec<&String> = given.collect();
        let unlisted: Vec<&str> = given.iter().filter(|id| view.item(id).is_none()).map(|id| id.as_str()).collect();
        let passing = match &query.filter {
            Some(filter) if !unlisted.is_empty() => self.unknown_items_allowed(&view, filter, requester, &unlisted)?,
            _ => vec![true; unlisted.len()],
        };
        let passing: HashSet<&str> = unlisted.into_iter().zip(passing).filter(|(_, p)| *p).map(|(id, _)| id).collect();
        let passes = |id: &&String| match view.item(id) {
            Some(item) => allowed.as_ref().is_none_or(|allowed| allowed.get(item)),
            None => passing.contains(id.as_str()),
        };
        let given = given.into_iter().filter(passes).map(|id| (id, self.parts.items.get(id).map(ItemIx)));
        let (known, unknown): (Vec<_>, Vec<_>) = given.partition(|(_, item)| item.is_some());
        let items: Vec<ItemIx> = known.iter().filter_map(|(_, item)| *item).collect();

        let mut context = self.request_context(query.now_s, &query.context);
        let (logits, scored, source) = self.with_scratch(|scratch| {
            let scoring = self.scoring_request(requester, &mut context, scratch);
            let scoring_context = ScoringContext { keeps_seen: true, ..scoring.scoring_context };
            let logits = scoring.scorer.logits_of(&scoring.state, &scoring_context, &items, scratch);
            let scored = match scoring.source {
                Source::Model => scoring.scorer.has_probabilities(),
                Source::ColdStart | Source::Prepared => self.shows_scores(),
            };
            (logits, scored, scoring.source)
        });
        let mut ranked: Vec<(&String, f32)> = known.iter().map(|(id, _)| *id).zip(logits).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let top = ranked.first().map_or(0.0, |(_, logit)| *logit);
        let weight = |logit: f32| match source {
            Source::Model => f64::from(logit - top).exp(),
            // Of what nobody took yet every item has the same share.
            _ if top <= 0.0 => 1.0,
            // A count of users.
            _ => f64::from(logit.max(0.0)),
        };
        let total: f64 = ranked.iter().map(|(_, logit)| weight(*logit)).sum();
        let ranked = ranked.iter().map(|(id, logit)| (*id, scored.then(|| weight(*logit) / total)));
        let item = |(id, score): (&String, Option<f64>)| RecommendedItem {
            item_id: id.clone(),
            score,
            promotion_name: None,
            reason: None,
            metadata: metadata_of(view.records(), id, &columns),
        };
        let items = ranked.chain(unknown.iter().map(|(id, _)| (*id, None))).map(item).collect();
        Ok(RecommendationList { items, source, recipe: self.parts.recipe.name })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{CAMPAIGN, GROUP, Shop, event};
    use tastemaker_domain::catalog;
    use tastemaker_domain::recommendation::{FilterUse, RankingQuery, RecommendationList, Source};

    fn shop() -> Shop {
        Shop::with(&catalog::AWS_PERSONALIZED_RANKING, |_| {})
    }

    fn query(user: &str, items: &[&str]) -> RankingQuery {
        RankingQuery {
            campaign_arn: CAMPAIGN.into(),
            user_id: user.into(),
            item_ids: items.iter().map(|item| (*item).to_owned()).collect(),
            ..RankingQuery::default()
        }
    }

    fn ids(list: &RecommendationList) -> Vec<&str> {
        list.items.iter().map(|item| item.item_id.as_str()).collect()
    }

    #[test]
    fn known_items_by_score_and_unknown_ones_as_given() {
        let shop = shop();
        shop.put_item(1, "new", "New", 1.0);
        let list = shop.rank(&query("known", &["z", "i1", "i4", "new", "i2", "i1", "a"])).expect("answers");
        assert_eq!(ids(&list), ["i2", "i4", "i1", "z", "new", "a"]);
        let scores: Vec<f64> = list.items.iter().filter_map(|item| item.score).collect();
        assert_eq!(scores.len(), 3);
        assert!((scores.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // Logits 0, -2 and -4.
        assert!((scores[0] / scores[1] - 2f64.exp()).abs() < 1e-5);
        assert_eq!(list.source, Source::Model);
        assert!(shop.rank(&query("known", &[])).expect("answers").items.is_empty());
    }

    #[test]
    fn users_without_history_get_the_order_of_popularity() {
        let list = shop().rank(&query("new", &["i3", "i0"])).expect("answers");
        assert_eq!((ids(&list), list.source), (vec!["i0", "i3"], Source::ColdStart));
        let counted = shop();
        counted.snapshot().refresh_popularity().expect("counts");
        let list = counted.rank(&query("new", &["i3", "i0"])).expect("answers");
        // One user took i0, none i3.
        assert_eq!(list.items.iter().map(|item| item.score).collect::<Vec<_>>(), [Some(1.0), Some(0.0)]);
        let events = [event(1, "a", "i3", "Click"), event(2, "b", "i3", "Click"), event(3, "c", "i3", "Click")];
        counted.serving.observe(GROUP, &events);
        counted.snapshot().refresh_popularity().expect("counts");
        let list = counted.rank(&query("new", &["z", "i0", "i3"])).expect("answers");
        assert_eq!(ids(&list), ["i3", "i0", "z"]);
        assert_eq!(list.items.iter().map(|item| item.score).collect::<Vec<_>>(), [Some(0.75), Some(0.25), None]);
        let list = counted.rank(&query("new", &["i2", "i4"])).expect("answers");
        assert_eq!(list.items.iter().map(|item| item.score).collect::<Vec<_>>(), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn a_filter_drops_items() {
        let shop = shop();
        shop.put_item(1, "new", "New", 1.0);
        let filter = tastemaker_filter::parse("INCLUDE ItemID WHERE Items.PRICE < 100").expect("an expression");
        shop.publish_filter("f", filter);
        let filter = Some(FilterUse { arn: "f".into(), ..FilterUse::default() });
        let query =
            RankingQuery { filter, metadata_columns: vec!["name".into()], ..query("known", &["i1", "i2", "new", "z"]) };
        let list = shop.rank(&query).expect("answers");
        assert_eq!(ids(&list), ["i2", "new"]);
        assert_eq!(list.items[1].metadata.len(), 1);
    }

    #[test]
    fn items_unknown_altogether_pass_unless_the_user_has_the_events() {
        let shop = shop();
        let filter = tastemaker_filter::parse("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Buy\")");
        shop.publish_filter("f", filter.expect("an expression"));
        shop.serving.observe(GROUP, &[event(1, "known", "bought", "buy"), event(2, "known", "i1", "Buy")]);
        let filter = Some(FilterUse { arn: "f".into(), ..FilterUse::default() });
        let query = RankingQuery { filter, ..query("known", &["z", "i1", "bought", "i2", "seen"]) };
        assert_eq!(ids(&shop.rank(&query).expect("answers")), ["i2", "z", "seen"]);
    }

    #[test]
    fn several_unknown_items_are_filtered_each_by_its_own_events_and_id() {
        let shop = shop();
        let events = [event(1, "known", "u2", "Buy"), event(2, "known", "u4", "buy"), event(3, "other", "u1", "Buy")];
        shop.serving.observe(GROUP, &events);
        let ranked = |expression: &str| {
            shop.publish_filter("f", tastemaker_filter::parse(expression).expect("an expression"));
            let filter = Some(FilterUse { arn: "f".into(), ..FilterUse::default() });
            let items = ["u1", "u2", "i3", "u3", "u1", "u4", "i2", "u5"];
            let list = shop.rank(&RankingQuery { filter, ..query("known", &items) }).expect("answers");
            ids(&list).join(" ")
        };
        let unbought = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Buy\")";
        assert_eq!(ranked(unbought), "i2 i3 u1 u3 u5");
        assert_eq!(ranked(&format!("{unbought} | EXCLUDE ItemID WHERE Items.ITEM_ID IN (\"u3\", \"i3\")")), "i2 u1 u5");
        assert_eq!(ranked("INCLUDE ItemID WHERE Items.ITEM_ID IN (\"u5\", \"u2\", \"i3\")"), "i3 u2 u5");
        assert_eq!(ranked("INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Buy\")"), "u2 u4");
        assert_eq!(ranked("EXCLUDE ItemID WHERE Items.PRICE < 100"), "i3 u1 u2 u3 u4 u5");
    }
}

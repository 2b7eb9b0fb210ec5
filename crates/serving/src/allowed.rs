//! The items that a request's filter lets pass.

use crate::filters::HeldFilter;
use crate::live::LiveEvent;
use crate::{Rows, Serving, Snapshot, View};
use hashbrown::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tastemaker_data::{Bitmap, ItemIx, Table};
use tastemaker_domain::recommendation::FilterUse;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Result};
use tastemaker_filter::{
    Columns, Compiled, Expression, Interaction, List, Operand, Overlay, Row, Subject, Target, Test,
};

/// The filters that were used with one published table, ready for it.
struct ForTable {
    table: Arc<Table>,
    columns: Arc<Columns>,
    /// By ARN.
    compiled: HashMap<String, Arc<Compiled>>,
}

/// The filters that a snapshot's requests used.
#[derive(Default)]
pub(crate) struct CompiledFilters(RwLock<Option<ForTable>>);

impl CompiledFilters {
    fn get(&self, snapshot: &Snapshot, view: &View, filter: &HeldFilter) -> Arc<Compiled> {
        let table = view.rows().published();
        let columns = {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let held = held.as_ref().filter(|held| Arc::ptr_eq(&held.table, table));
            let compiled = held.and_then(|held| held.compiled.get(&filter.arn));
            if let Some(compiled) = compiled.filter(|c| Arc::ptr_eq(c.expression(), &filter.expression)) {
                return compiled.clone();
            }
            held.map(|held| held.columns.clone())
        };
        // Two requests may compile the same filter; what they get is the same.
        let columns =
            columns.unwrap_or_else(|| Arc::new(Columns::new(table.clone(), "ITEM_ID", snapshot.parts.items.iter())));
        let compiled = Arc::new(Compiled::new(filter.expression.clone(), columns.clone()));
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut().filter(|held| Arc::ptr_eq(&held.table, table)) {
            Some(held) => drop(held.compiled.insert(filter.arn.clone(), compiled.clone())),
            None => {
                let compiled = [(filter.arn.clone(), compiled.clone())].into_iter().collect();
                *held = Some(ForTable { table: table.clone(), columns, compiled });
            }
        }
        compiled
    }
}

/// On whose behalf items are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub user_id: Option<&'a str>,
    pub item_id: Option<&'a str>,
}

impl Serving {
    /// The items of `view` that a filter lets pass.
    ///
    /// Errors: [`Error::NotFound`] for an unknown filter; [`Error::InvalidInput`] for one that does not fit the request, and
    /// for missing or malformed values.
    pub(crate) fn allowed(
        &self,
        snapshot: &Snapshot,
        view: &View,
        filter: &FilterUse,
        asker: Asker<'_>,
    ) -> Result<Bitmap> {
        let held = self.filter(&filter.arn).ok_or_else(|| Error::unknown(&filter.arn))?;
        check(snapshot, &held)?;
        let compiled = snapshot.filters.get(snapshot, view, &held);
        let group = &snapshot.parts.dataset_group_arn;
        let users = self.rows(group, DatasetType::Users);
        let about_events = held.expression.clauses.iter().any(|clause| clause.dataset == DatasetType::Interactions);
        let streamed = match asker.user_id {
            Some(user) if about_events => self.streamed_of(group, user),
            _ => Vec::new(),
        };
        let interactions = match asker.user_id {
            Some(user) if about_events => interactions(snapshot, view, user, &streamed),
            _ => Vec::new(),
        };
        let subject = Subject {
            user: asker.user_id.and_then(|id| row(&users, id, "USER_ID")),
            current_item: asker.item_id.and_then(|id| row(view.rows(), id, "ITEM_ID")),
            interactions: &interactions,
        };
        let extra = view.extra(snapshot);
        let overlay = Overlay { len: view.len(), table: &extra.table, items: &extra.items };
        compiled.evaluate_with(&subject, &filter.values, &overlay)
    }

    /// The items with which the user has an event of a type, in any case.
    pub(crate) fn items_with(&self, snapshot: &Snapshot, view: &View, user_id: &str, event_type: &str) -> Vec<ItemIx> {
        let streamed = self.streamed_of(&snapshot.parts.dataset_group_arn, user_id);
        let all = interactions(snapshot, view, user_id, &streamed);
        all.into_iter().filter(|e| e.event_type.eq_ignore_ascii_case(event_type)).map(|e| e.item).collect()
    }

    fn streamed_of(&self, group: &str, user_id: &str) -> Vec<LiveEvent> {
        self.group(group).since(user_id, 0).0
    }
}

fn row<'a>(rows: &'a Rows, id: &str, id_column: &'static str) -> Option<Row<'a>> {
    rows.find(id).map(|(table, row)| Row { table, row, id_column })
}

/// The user's events, bulk before streamed.
fn interactions<'a>(
    snapshot: &'a Snapshot,
    view: &View,
    user_id: &str,
    streamed: &'a [LiveEvent],
) -> Vec<Interaction<'a>> {
    let parts = &snapshot.parts;
    let name = |event_type: u16| match usize::from(event_type) < parts.event_types.len() {
        true => parts.event_types.id(event_type.into()),
        false => "",
    };
    let bulk = parts.histories.of(user_id);
    let bulk = bulk.map(|e| Interaction { item: e.item, event_type: name(e.event_type), time_s: e.time_s });
    let streamed = streamed.iter().filter_map(|e| {
        let item = view.item(snapshot, &e.item_id)?;
        Some(Interaction { item, event_type: &e.event_type, time_s: e.time_s })
    });
    bulk.chain(streamed).collect()
}

/// Whether the filter may be used with this snapshot.
fn check(snapshot: &Snapshot, filter: &HeldFilter) -> Result<()> {
    let refuse = |rule: String| Err(Error::InvalidInput(format!("filterArn: {} {rule}.", filter.arn)));
    if filter.dataset_group_arn != snapshot.parts.dataset_group_arn {
        return refuse(format!("belongs to {}, not to {}", filter.dataset_group_arn, snapshot.parts.dataset_group_arn));
    }
    let wanted = match snapshot.parts.recipe.recipe_type {
        "PERSONALIZED_ACTIONS" => Target::Action,
        _ => Target::Item,
    };
    if filter.expression.target != wanted {
        let (found, wanted) = (filter.expression.target.as_str(), wanted.as_str());
        return refuse(format!("is about {found}; this operation takes filters about {wanted}"));
    }
    if uses_current_item(&filter.expression) && !snapshot.parts.recipe.needs_item {
        let recipe = snapshot.parts.recipe.name;
        return refuse(format!("uses CurrentItem, which the recipe {recipe} does not have"));
    }
    Ok(())
}

fn uses_current_item(expression: &Expression) -> bool {
    let conditions = expression.clauses.iter().flat_map(|clause| clause.any_of.iter().flatten());
    conditions.into_iter().any(|condition| match &condition.test {
        Test::In { list, .. } => matches!(list, List::CurrentItem(_)),
        Test::Compare { operand, .. } => matches!(operand, Operand::CurrentItem(_)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{GROUP, Shop, event, query};
    use tastemaker_domain::catalogue;
    use tastemaker_domain::recommendation::RecommendationQuery;

    const FILTER: &str = "arn:aws:personalize:eu-west-1:1:filter/f";

    fn with(shop: &Shop, expression: &str) -> RecommendationQuery {
        shop.serving.publish_filter(GROUP, FILTER, tastemaker_filter::parse(expression).expect("an expression"));
        let filter = FilterUse { arn: FILTER.into(), values: Default::default() };
        RecommendationQuery { filter: Some(filter), num_results: 5, ..query("known") }
    }

    #[track_caller]
    fn check(shop: &Shop, query: &RecommendationQuery, expected: &[&str]) {
        let list = shop.serving.recommend(query).expect("answers");
        assert_eq!(list.items.iter().map(|i| i.item_id.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_was_bought_is_never_seen_again() {
        let shop = Shop::new();
        let query = with(&shop, "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"Click\", \"Purchase\")");
        check(&shop, &query, &["i2", "i3", "i4"]);
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "purchase")]);
        check(&shop, &query, &["i2", "i4"]);
    }

    #[test]
    fn streamed_records_count_at_once() {
        let shop = Shop::new();
        let mut query = with(&shop, "INCLUDE ItemID WHERE Items.PRICE < $MAX");
        query.filter.as_mut().expect("a filter").values.insert("MAX".into(), "20".into());
        check(&shop, &query, &["i2"]);
        shop.put_item(1, "i4", "Vase", 5.0);
        check(&shop, &query, &["i2", "i4"]);
        shop.put_item(2, "i2", "Lamp", 50.0);
        check(&shop, &query, &["i4"]);
        shop.serving.publish_filter(
            GROUP,
            FILTER,
            tastemaker_filter::parse("INCLUDE ItemID WHERE Items.PRICE > 20").expect("one"),
        );
        check(&shop, &query, &["i2"]);
    }

    #[test]
    fn filters_that_do_not_fit_are_refused() {
        let shop = Shop::new();
        let mut query = with(&shop, "INCLUDE ItemID WHERE Items.PRICE < $MAX");
        let refused = |query: &RecommendationQuery| shop.serving.recommend(query).expect_err("a refusal").to_string();
        assert!(refused(&query).contains("MAX"));
        query.filter.as_mut().expect("a filter").arn.push('x');
        assert!(matches!(shop.serving.recommend(&query), Err(Error::NotFound(_))));
        for (expression, word) in [
            ("INCLUDE UserID WHERE Users.AGE > 3", "takes filters about ItemID"),
            ("INCLUDE ItemID WHERE Items.NAME IN CurrentItem.NAME", "CurrentItem"),
        ] {
            let query = with(&shop, expression);
            assert!(refused(&query).contains(word), "{}", refused(&query));
        }
        let related = Shop::with(&catalogue::AWS_SIMS, |_| {});
        related.put_item(1, "i4", "Lamp", 3.0);
        let mut query = with(&related, "INCLUDE ItemID WHERE Items.NAME IN CurrentItem.NAME");
        query.item_id = Some("i2".into());
        check(&related, &query, &["i4"]);
        let other = with(&shop, "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)");
        shop.serving.publish_filter(
            "another group",
            FILTER,
            tastemaker_filter::parse("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)").expect("one"),
        );
        assert!(refused(&other).contains("another group"));
    }
}

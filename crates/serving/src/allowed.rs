//! The items that a request's filter lets pass.

use crate::filters::HeldFilter;
use crate::live::LiveEvent;
use crate::{Rows, Serving, Snapshot, View};
use hashbrown::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tastemaker_data::{Bitmap, Dataset, ItemIx, Table, TableBuilder, UserIx};
use tastemaker_domain::recommendation::FilterUse;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Result};
use tastemaker_filter::{Columns, Compiled, Interaction, Overlay, Row, Subject, Target};

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
        let id_column = if filter.expression.target == Target::Action { "ACTION_ID" } else { "ITEM_ID" };
        let ids = || snapshot.parts.items.iter().chain(view.new_published_ids());
        let columns = columns.unwrap_or_else(|| Arc::new(Columns::new(table.clone(), id_column, ids())));
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
        let extra = view.streamed(snapshot);
        let overlay = Overlay { len: view.len(), table: &extra.table, items: &extra.items };
        self.evaluate(snapshot, filter, asker, (view, &overlay), &|id| view.item(snapshot, id))
    }

    /// Which of `ids`, items that neither model nor dataset knows, a filter lets pass: they have no columns, but the user may
    /// have events with them.
    ///
    /// Errors: as of [`Self::allowed`].
    pub(crate) fn strangers_allowed(
        &self,
        snapshot: &Snapshot,
        view: &View,
        filter: &FilterUse,
        asker: Asker<'_>,
        ids: &[&str],
    ) -> Result<Vec<bool>> {
        let mut rows = TableBuilder::new(Vec::new());
        ids.iter().for_each(|id| rows.set(id, []));
        let (table, known) = (rows.build(), view.len());
        let items: Vec<ItemIx> = (0..ids.len()).map(|n| ItemIx((known + n) as u32)).collect();
        let overlay = Overlay { len: known + ids.len(), table: &table, items: &items };
        let stranger = |id: &str| table.ids.get(id).map(|row| items[row as usize]);
        let allowed = self.evaluate(snapshot, filter, asker, (view, &overlay), &stranger)?;
        Ok(items.iter().map(|item| allowed.get(*item)).collect())
    }

    fn evaluate(
        &self,
        snapshot: &Snapshot,
        filter: &FilterUse,
        asker: Asker<'_>,
        (view, overlay): (&View, &Overlay<'_>),
        item_of: &dyn Fn(&str) -> Option<ItemIx>,
    ) -> Result<Bitmap> {
        let held = self.filter(&filter.arn).ok_or_else(|| Error::unknown(&filter.arn))?;
        check(snapshot, &held, asker)?;
        let compiled = snapshot.filters.get(snapshot, view, &held);
        let group = &snapshot.parts.dataset_group_arn;
        let users = self.rows(group, DatasetType::Users);
        let user = asker.user_id.filter(|_| held.expression.uses_interactions());
        let live = self.live(snapshot);
        let streamed = user.map(|user| live.remembered(user)).unwrap_or_default();
        let bulk = live.interactions();
        let interactions =
            user.map(|user| interactions(snapshot, item_of, user, bulk.as_deref(), &streamed)).unwrap_or_default();
        let subject = Subject {
            user: asker.user_id.and_then(|id| row(&users, id, "USER_ID")),
            current_item: asker.item_id.and_then(|id| row(view.rows(), id, "ITEM_ID")),
            interactions: &interactions,
        };
        compiled.evaluate_with(&subject, &filter.values, overlay)
    }

    /// The items with which the user has an event of a type, in any case.
    pub(crate) fn items_with(&self, snapshot: &Snapshot, view: &View, user_id: &str, event_type: &str) -> Vec<ItemIx> {
        let group = self.live(snapshot);
        let (bulk, streamed) = (group.interactions(), group.remembered(user_id));
        let all = interactions(snapshot, &|id| view.item(snapshot, id), user_id, bulk.as_deref(), &streamed);
        all.into_iter().filter(|e| e.event_type.eq_ignore_ascii_case(event_type)).map(|e| e.item).collect()
    }
}

fn row<'a>(rows: &'a Rows, id: &str, id_column: &'static str) -> Option<Row<'a>> {
    rows.find(id).map(|(table, row)| Row { table, row, id_column })
}

/// The user's events, bulk before streamed. The bulk ones are those of the dataset if they were published for filters, else
/// those beside the model, which are the ones it was trained on.
pub(crate) fn interactions<'a>(
    snapshot: &'a Snapshot,
    item_of: &dyn Fn(&str) -> Option<ItemIx>,
    user_id: &str,
    dataset: Option<&'a Dataset>,
    streamed: &'a [LiveEvent],
) -> Vec<Interaction<'a>> {
    let parts = &snapshot.parts;
    let name = |event_type: u16| match usize::from(event_type) < parts.event_types.len() {
        true => parts.event_types.id(event_type.into()),
        false => "",
    };
    let mut all: Vec<Interaction<'a>> = Vec::new();
    match dataset {
        Some(dataset) => {
            if let Some(sequence) = dataset.users.get(user_id).map(|user| dataset.sequence(UserIx(user))) {
                let events = sequence.items.iter().zip(sequence.event_types).zip(sequence.times);
                all.extend(events.filter_map(|((&item, &event_type), &time_s)| {
                    let item = item_of(dataset.items.id(item))?;
                    Some(Interaction { item, event_type: dataset.event_types.id(event_type.into()), time_s })
                }));
            }
        }
        None => all.extend(parts.histories.of(user_id).map(|e| Interaction {
            item: e.item,
            event_type: name(e.event_type),
            time_s: e.time_s,
        })),
    }
    all.extend(streamed.iter().filter_map(|e| {
        let item = item_of(&e.item_id)?;
        Some(Interaction { item, event_type: &e.event_type, time_s: e.time_s })
    }));
    all
}

/// Whether the filter may be used with this snapshot.
fn check(snapshot: &Snapshot, filter: &HeldFilter, asker: Asker<'_>) -> Result<()> {
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
    if filter.expression.needs_user() && asker.user_id.is_none_or(str::is_empty) {
        return refuse("is about the user's events or columns, so that userId is required".to_owned());
    }
    if filter.expression.uses_current_item() && !snapshot.parts.recipe.needs_item {
        let recipe = snapshot.parts.recipe.name;
        return refuse(format!("uses CurrentItem, which the recipe {recipe} does not have"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{GROUP, Shop, event, query};
    use tastemaker_data::{Column, DatasetBuilder, TableBuilder, table::Value};
    use tastemaker_domain::catalog;
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
        let related = Shop::with(&catalog::AWS_SIMS, |_| {});
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

    fn filtered(shop: &Shop, text: &str, user: &str, item: &str, values: &[(&str, &str)]) -> Result<String> {
        shop.serving.publish_filter(GROUP, FILTER, tastemaker_filter::parse(text)?);
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let user_id = Some(user).filter(|id| !id.is_empty());
        let item_id = Some(item).filter(|id| !id.is_empty());
        let snapshot = shop.snapshot();
        let view = shop.serving.view(&snapshot);
        let filter = FilterUse { arn: FILTER.into(), values };
        let allowed = shop.serving.allowed(&snapshot, &view, &filter, Asker { user_id, item_id })?;
        assert_eq!(allowed.len(), view.len());
        Ok(allowed.iter_ones().map(|item| view.id(&snapshot, item)).collect::<Vec<_>>().join(" "))
    }

    #[track_caller]
    fn passes(shop: &Shop, text: &str, user: &str, expected: &str) {
        assert_eq!(filtered(shop, text, user, "", &[]), Ok(expected.to_owned()), "{text}");
    }

    #[test]
    fn columns_follow_imports_and_streamed_rows() {
        let shop = Shop::new();
        let cheap = "INCLUDE ItemID WHERE Items.PRICE < 20";
        passes(&shop, cheap, "", "i2");
        passes(&shop, "EXCLUDE ItemID WHERE Items.PRICE < 20", "", "i0 i1 i3 i4");
        shop.put_item(1, "i2", "Lamp", 30.0);
        shop.put_item(2, "i4", "Candle", 3.0);
        shop.put_item(3, "n1", "New", 4.0);
        passes(&shop, cheap, "", "i4 n1");
        passes(&shop, "EXCLUDE ItemID WHERE Items.PRICE < 20", "", "i0 i1 i2 i3");
        passes(&shop, r#"INCLUDE ItemID WHERE Items.ITEM_ID IN ("n1", "i0", "i2")"#, "", "i2 n1");
        let mut table = TableBuilder::new(vec![("PRICE".into(), Column::Number(vec![]))]);
        for (id, price) in [("i0", 1.0), ("n9", 2.0), ("i4", 50.0)] {
            table.set(id, [Some(Value::Number(price))]);
        }
        shop.serving.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 2);
        passes(&shop, cheap, "", "i0 n9 n1");
    }

    #[test]
    fn events_count_from_the_next_request_on() {
        let shop = Shop::new();
        let unseen = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)";
        let unbought = r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("BUY")"#;
        passes(&shop, unseen, "known", "i2 i3 i4");
        passes(&shop, unseen, "stranger", "i0 i1 i2 i3 i4");
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "buy"), event(2, "known", "n0", "buy")]);
        passes(&shop, unseen, "known", "i2 i4");
        passes(&shop, unbought, "known", "i0 i1 i2 i4");

        let mut bulk = DatasetBuilder::new();
        bulk.push("known", "i4", 5, Some("Buy"), None);
        shop.serving.publish_interactions(GROUP, Some(Arc::new(bulk.build())));
        passes(&shop, unseen, "known", "i0 i1 i2");
        passes(&shop, unbought, "known", "i0 i1 i2");
        shop.serving.publish_interactions(GROUP, None);
        passes(&shop, unseen, "known", "i2 i4");
    }

    #[test]
    fn a_purchase_is_not_forgotten_for_many_views() {
        let shop = Shop::new();
        let unbought = r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#;
        shop.serving.observe(GROUP, &[event(0, "u", "i3", "buy")]);
        let views: Vec<_> = (1..2000).map(|n| event(n, "u", "i1", "view")).collect();
        shop.serving.observe(GROUP, &views);
        passes(&shop, unbought, "u", "i0 i1 i2 i4");
        let bought: Vec<_> = (2000..2100).map(|n| event(n, "u", "i2", "buy")).collect();
        shop.serving.observe(GROUP, &bought);
        passes(&shop, unbought, "u", "i0 i1 i3 i4");
    }

    #[test]
    fn columns_of_the_user_and_of_the_item() {
        let shop = Shop::with(&catalog::AWS_SIMILAR_ITEMS, |_| {});
        let mut users = TableBuilder::new(vec![("AGE".into(), Column::Integer(vec![]))]);
        users.set("ann", [Some(Value::Integer(30))]);
        shop.serving.publish_table(GROUP, DatasetType::Users, Arc::new(users.build()), 0);
        let adult = "EXCLUDE ItemID WHERE Items.PRICE > 1 IF CurrentUser.AGE < 40";
        passes(&shop, adult, "ann", "i0 i1 i3 i4");
        passes(&shop, adult, "bob", "i0 i1 i2 i3 i4");
        shop.put_item(1, "i0", "Bulb", 2.0);
        let cheaper = "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE";
        assert_eq!(filtered(&shop, cheaper, "", "i2", &[]), Ok("i0".to_owned()));
        assert_eq!(filtered(&shop, cheaper, "", "i0", &[]), Ok(String::new()));
        assert_eq!(filtered(&shop, cheaper, "", "unknown", &[]), Ok(String::new()));
    }

    #[test]
    fn filters_about_the_user_need_one() {
        let shop = Shop::with(&catalog::AWS_SIMS, |_| {});
        for text in [
            "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)",
            "EXCLUDE ItemID WHERE Items.PRICE < 1 IF CurrentUser.AGE = 1",
        ] {
            let error = filtered(&shop, text, "", "i0", &[]).expect_err(text);
            assert!(matches!(&error, Error::InvalidInput(text) if text.contains("userId is required")), "{error}");
        }
    }
}

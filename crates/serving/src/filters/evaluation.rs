//! Filter evaluation: the items that a request's filter lets pass.

use super::registry::PublishedFilter;
use crate::catalog_view::CatalogView;
use crate::requester::Requester;
use crate::snapshot_handle::SnapshotHandle;
use crate::snapshot_parts::SnapshotParts;
use crate::streamed::events::StreamedEvent;
use crate::streamed::metadata_records::MetadataRecords;
use std::sync::Arc;
use tastemaker_data::{Bitmap, Dataset, ItemIx, TableBuilder, UserIx};
use tastemaker_domain::recommendation::FilterUse;
use tastemaker_domain::schema::DatasetType;
use tastemaker_domain::{Error, Member, Result};
use tastemaker_filter::{Interaction, Overlay, Row, Subject, Target};

/// The items that a filter is evaluated for.
struct FilteredItems<'a> {
    view: &'a CatalogView,
    /// Records that replace or follow those of the view's published table.
    overlay: Overlay<'a>,
    /// The index of an item that the user has events with.
    item_of: &'a dyn Fn(&str) -> Option<ItemIx>,
}

impl SnapshotHandle {
    /// The items of `view` that a filter lets pass.
    ///
    /// Errors: [`Error::NotFound`] for an unknown filter; [`Error::InvalidInput`] for one that does not fit the request, and
    /// for missing or malformed values.
    pub(crate) fn allowed_items(
        &self,
        view: &CatalogView,
        filter: &FilterUse,
        requester: Requester<'_>,
    ) -> Result<Bitmap> {
        let streamed = view.streamed();
        let overlay = Overlay { len: view.len(), table: &streamed.table, items: &streamed.items };
        self.evaluate_filter(filter, requester, &FilteredItems { view, overlay, item_of: &|id| view.item(id) })
    }

    /// Which of `ids`, items that neither model nor dataset knows, a filter lets pass: they have no columns, but the user may
    /// have events with them.
    ///
    /// Errors: as of [`Self::allowed_items`].
    pub(crate) fn unknown_items_allowed(
        &self,
        view: &CatalogView,
        filter: &FilterUse,
        requester: Requester<'_>,
        ids: &[&str],
    ) -> Result<Vec<bool>> {
        let mut rows = TableBuilder::new(Vec::new());
        ids.iter().for_each(|id| rows.set(id, []));
        let (table, known) = (rows.build(), view.len());
        let items: Vec<ItemIx> = (0..ids.len()).map(|n| ItemIx((known + n) as u32)).collect();
        let overlay = Overlay { len: known + ids.len(), table: &table, items: &items };
        let item_of = |id: &str| table.ids.get(id).map(|row| items[row as usize]);
        let allowed = self.evaluate_filter(filter, requester, &FilteredItems { view, overlay, item_of: &item_of })?;
        Ok(items.iter().map(|item| allowed.get(*item)).collect())
    }

    fn evaluate_filter(
        &self,
        filter: &FilterUse,
        requester: Requester<'_>,
        items: &FilteredItems<'_>,
    ) -> Result<Bitmap> {
        let published = self.filters.get(&filter.arn).ok_or_else(|| Error::unknown(&filter.arn))?;
        check(&self.parts, &published, requester)?;
        let compiled = self.compiled_filters.get(items.view, &published);
        let users = self.group.records_now(DatasetType::Users);
        let user = requester.user_id.filter(|_| published.expression.uses_interactions());
        let streamed = user.map(|user| self.streamed_events().remembered(user)).unwrap_or_default();
        let bulk = self.bulk_interactions();
        let interactions = user.map(|user| interactions(&self.parts, items.item_of, user, bulk.as_deref(), &streamed));
        let interactions = interactions.unwrap_or_default();
        let subject = Subject {
            user: requester.user_id.and_then(|id| row(&users, id, "USER_ID")),
            current_item: requester.item_id.and_then(|id| row(items.view.records(), id, "ITEM_ID")),
            interactions: &interactions,
        };
        compiled.evaluate_with(&subject, &filter.values, &items.overlay)
    }

    /// The items with which the user has an event of a type, in any case.
    pub(crate) fn items_with(&self, view: &CatalogView, user_id: &str, event_type: &str) -> Vec<ItemIx> {
        let (bulk, streamed) = (self.bulk_interactions(), self.streamed_events().remembered(user_id));
        let all = interactions(&self.parts, &|id| view.item(id), user_id, bulk.as_deref(), &streamed);
        all.into_iter().filter(|e| e.event_type.eq_ignore_ascii_case(event_type)).map(|e| e.item).collect()
    }

    /// The bulk interactions that filters see instead of the histories beside the model; those with actions are always the
    /// model's.
    fn bulk_interactions(&self) -> Option<Arc<Dataset>> {
        if self.is_about_actions() { None } else { self.group.interactions() }
    }
}

fn row<'a>(records: &'a MetadataRecords, id: &str, id_column: &'static str) -> Option<Row<'a>> {
    records.find(id).map(|(table, row)| Row { table, row, id_column })
}

/// The user's events, bulk before streamed. The bulk ones are those of the dataset if they were published for filters, else
/// those beside the model, which are the ones it was trained on.
pub(crate) fn interactions<'a>(
    parts: &'a SnapshotParts,
    item_of: &dyn Fn(&str) -> Option<ItemIx>,
    user_id: &str,
    dataset: Option<&'a Dataset>,
    streamed: &'a [StreamedEvent],
) -> Vec<Interaction<'a>> {
    let name = |event_type: u16| {
        if usize::from(event_type) < parts.event_types.len() { parts.event_types.id(event_type.into()) } else { "" }
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
fn check(parts: &SnapshotParts, filter: &PublishedFilter, requester: Requester<'_>) -> Result<()> {
    let refuse = |rule: String| Err(Error::InvalidInput(format!("{}: {} {rule}.", Member::FilterArn, filter.arn)));
    if filter.dataset_group_arn != parts.dataset_group_arn {
        return refuse(format!("belongs to {}, not to {}", filter.dataset_group_arn, parts.dataset_group_arn));
    }
    let wanted = if parts.is_about_actions() { Target::Action } else { Target::Item };
    if filter.expression.target != wanted {
        let (found, wanted) = (filter.expression.target.as_str(), wanted.as_str());
        return refuse(format!("is about {found}; this operation takes filters about {wanted}"));
    }
    if filter.expression.needs_user() && requester.user_id.is_none_or(str::is_empty) {
        return refuse(format!("is about the user's events or columns, so that {} is required", Member::UserId));
    }
    if filter.expression.uses_current_item() && !parts.recipe.needs_item {
        let recipe = parts.recipe.name;
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
        shop.serving.filters.publish(GROUP, FILTER, tastemaker_filter::parse(expression).expect("an expression"));
        let filter = FilterUse { arn: FILTER.into(), values: Default::default() };
        RecommendationQuery { filter: Some(filter), num_results: 5, ..query("known") }
    }

    #[track_caller]
    fn check(shop: &Shop, query: &RecommendationQuery, expected: &[&str]) {
        let list = shop.recommend(query).expect("answers");
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
        shop.serving.filters.publish(
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
        let refused = |query: &RecommendationQuery| shop.recommend(query).expect_err("a refusal").to_string();
        assert!(refused(&query).contains("MAX"));
        query.filter.as_mut().expect("a filter").arn.push('x');
        assert!(matches!(shop.recommend(&query), Err(Error::NotFound(_))));
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
        shop.serving.filters.publish(
            "another group",
            FILTER,
            tastemaker_filter::parse("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)").expect("one"),
        );
        assert!(refused(&other).contains("another group"));
    }

    fn filtered(shop: &Shop, text: &str, user: &str, item: &str, values: &[(&str, &str)]) -> Result<String> {
        shop.serving.filters.publish(GROUP, FILTER, tastemaker_filter::parse(text)?);
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let user_id = Some(user).filter(|id| !id.is_empty());
        let item_id = Some(item).filter(|id| !id.is_empty());
        let handle = shop.snapshot();
        let view = handle.catalog_view();
        let filter = FilterUse { arn: FILTER.into(), values };
        let allowed = handle.allowed_items(&view, &filter, Requester { user_id, item_id })?;
        assert_eq!(allowed.len(), view.len());
        Ok(allowed.iter_ones().map(|item| view.id(item)).collect::<Vec<_>>().join(" "))
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
        passes(&shop, r#"INCLUDE ItemID WHERE Items.ITEM_ID IN ("n1", "i0", "i2")"#, "", "i0 i2 n1");
        let mut table = TableBuilder::new(vec![("PRICE".into(), Column::Number(vec![]))]);
        for (id, price) in [("i0", 1.0), ("n9", 2.0), ("i4", 50.0)] {
            table.set(id, [Some(Value::Number(price))]);
        }
        shop.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 2);
        passes(&shop, cheap, "", "i0 n9 n1");
    }

    #[test]
    fn events_count_from_the_next_request_on() {
        let shop = Shop::new();
        let unseen = "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)";
        let unbought = r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("BUY")"#;
        passes(&shop, unseen, "known", "i2 i3 i4");
        passes(&shop, unseen, "new", "i0 i1 i2 i3 i4");
        shop.serving.observe(GROUP, &[event(1, "known", "i3", "buy"), event(2, "known", "n0", "buy")]);
        passes(&shop, unseen, "known", "i2 i4");
        passes(&shop, unbought, "known", "i0 i1 i2 i4");

        let mut bulk = DatasetBuilder::new();
        bulk.push("known", "i4", 5, Some("Buy"), None);
        shop.serving.streamed.publish_interactions(GROUP, Some(Arc::new(bulk.build())));
        passes(&shop, unseen, "known", "i0 i1 i2");
        passes(&shop, unbought, "known", "i0 i1 i2");
        shop.serving.streamed.publish_interactions(GROUP, None);
        passes(&shop, unseen, "known", "i2 i4");
    }

    #[test]
    fn alternatives_and_conjunctions_of_event_types() {
        let shop = Shop::new();
        // Bulk clicks on i0 and i1 before.
        shop.serving.observe(GROUP, &[event(1, "known", "i1", "buy"), event(2, "known", "i3", "Buy")]);
        let either = r#"Interactions.EVENT_TYPE IN ("click") OR Interactions.EVENT_TYPE IN ("buy")"#;
        passes(&shop, &format!("EXCLUDE ItemID WHERE {either}"), "known", "i2 i4");
        passes(&shop, &format!("INCLUDE ItemID WHERE {either}"), "known", "i0 i1 i3");
        let both = r#"Interactions.EVENT_TYPE IN ("click") AND Interactions.EVENT_TYPE IN ("buy")"#;
        passes(&shop, &format!("EXCLUDE ItemID WHERE {both}"), "known", "i0 i2 i3 i4");
        passes(&shop, &format!("INCLUDE ItemID WHERE {both}"), "known", "i1");
        let neither = r#"Interactions.EVENT_TYPE IN ("rate") OR Interactions.EVENT_TYPE IN ("watch")"#;
        passes(&shop, &format!("EXCLUDE ItemID WHERE {neither}"), "known", "i0 i1 i2 i3 i4");
        passes(&shop, &format!("INCLUDE ItemID WHERE {neither}"), "known", "");
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
        shop.serving.streamed.publish_table(GROUP, DatasetType::Users, Arc::new(users.build()), 0);
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
    fn a_column_that_only_streamed_rows_have_can_be_filtered() {
        let shop = Shop::new();
        let names = TableBuilder::new(vec![("NAME".into(), Column::Text(vec![]))]);
        shop.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(names.build()), 0);
        shop.put_item(1, "i4", "Vase", 5.0);
        passes(&shop, "INCLUDE ItemID WHERE Items.PRICE < 20", "", "i4");
    }

    #[test]
    fn bulk_interactions_with_items_are_no_responses_to_actions() {
        let shop = Shop::with(&catalog::AWS_NEXT_BEST_ACTION, |_| {});
        let mut bulk = DatasetBuilder::new();
        bulk.push("known", "i4", 5, Some("Buy"), None);
        shop.serving.streamed.publish_interactions(GROUP, Some(Arc::new(bulk.build())));
        // The history beside the model has i0 and i1.
        passes(&shop, "EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN (*)", "known", "i2 i3 i4");
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

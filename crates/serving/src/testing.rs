//! A test fixture, a small shop: items i0 to i4, one user with a history, and a model that ranks the successor of the last item
//! first.

use crate::{HistoryColumns, Serving, Snapshot, SnapshotHandle, SnapshotParts, TrainingHistories, empty_columns};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tastemaker_data::{Bitmap, IdMap, ItemIx, Table, TableBuilder, table::Value};
use tastemaker_domain::Result;
use tastemaker_domain::catalog;
use tastemaker_domain::recipe::RecipeDescriptor;
use tastemaker_domain::recommendation::{RankingQuery, RecommendationList, RecommendationQuery};
use tastemaker_domain::resource::{InteractionEvent, Streamed, StreamedRow};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_filter::Expression;
use tastemaker_learn::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState};

pub const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:1:campaign/c";
pub const GROUP: &str = "arn:aws:personalize:eu-west-1:1:dataset-group/g";

/// Ranks the successor of the last item (or of the asked one) first; counts its steps.
pub struct NextItem {
    items: usize,
    pub steps: AtomicU64,
    /// The time of the last request, 0 without one.
    pub asked_s: AtomicI64,
    /// The event that was observed last.
    pub observed: Mutex<Option<Event>>,
}

impl NextItem {
    pub fn new(items: usize) -> Self {
        Self { items, steps: AtomicU64::new(0), asked_s: AtomicI64::new(0), observed: Mutex::default() }
    }

    fn first(&self, state: &UserState, scoring_context: &ScoringContext) -> usize {
        match scoring_context.item {
            Some(item) => item.0 as usize,
            None => match scoring_context.context.first() {
                Some((_, first)) => *first as usize,
                None => state.hidden[0] as usize + usize::from(state.events > 0),
            },
        }
    }
}

impl Scorer for NextItem {
    fn item_count(&self) -> usize {
        self.items
    }
    fn start(&self) -> UserState {
        UserState::new(Box::new([0.0]))
    }
    fn observe(&self, state: &mut UserState, event: Event, _: &mut Scratch) {
        self.steps.fetch_add(1, Ordering::Relaxed);
        *self.observed.lock() = Some(event);
        state.hidden[0] = event.item.0 as f32;
        state.events += 1;
    }
    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }
    fn logits_of(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        items: &[ItemIx],
        _: &mut Scratch,
    ) -> Vec<f32> {
        let first = self.first(state, scoring_context);
        let place = |item: &ItemIx| (item.0 as usize + self.items - first % self.items) % self.items;
        items.iter().map(|item| -(place(item) as f32)).collect()
    }
    fn top_k(
        &self,
        state: &UserState,
        scoring_context: &ScoringContext,
        k: usize,
        allowed: Option<&Bitmap>,
        _: &mut Scratch,
    ) -> Ranked {
        self.asked_s.store(scoring_context.now_s.unwrap_or(0), Ordering::Relaxed);
        let first = self.first(state, scoring_context);
        let order = (0..self.items).map(|n| (ItemIx(((first + n) % self.items) as u32), -(n as f32)));
        let items = order.filter(|(i, _)| allowed.is_none_or(|a| a.get(*i))).take(k).collect();
        Ranked { items, log_partition: 1.0 }
    }
    fn has_probabilities(&self) -> bool {
        true
    }
    /// Of `FIRST`, the number of the item that it ranks first.
    fn context(&self, column: &str, value: &str) -> Option<(u32, u32)> {
        Some((0, value.parse().ok().filter(|_| column == "FIRST")?))
    }
    /// Users of a known age get item 4 first.
    fn user_features(&self, table: &Table, row: usize, _: u64) -> Vec<(u32, u32)> {
        table.column("AGE").and_then(|ages| ages.get(row)).map(|_| (1, 4)).into_iter().collect()
    }
}

pub struct Shop {
    pub serving: Serving,
    pub scorer: Arc<NextItem>,
}

impl Shop {
    pub fn new() -> Self {
        Self::with(&catalog::AWS_USER_PERSONALIZATION, |_| {})
    }

    pub fn with(recipe: &'static RecipeDescriptor, change: impl FnOnce(&mut SnapshotParts)) -> Self {
        let scorer = Arc::new(NextItem::new(5));
        let mut parts = Self::parts(recipe, scorer.clone());
        change(&mut parts);
        let shop = Self { serving: Serving::new(), scorer };
        shop.deploy(parts);
        let mut table = TableBuilder::new(empty_columns(&Self::schema()));
        table.set("i2", [Some(Value::Text("Lamp".into())), Some(Value::Number(19.99))]);
        shop.serving.streamed.publish_table(GROUP, DatasetType::Items, Arc::new(table.build()), 0);
        shop
    }

    /// A model of the five items.
    pub fn parts(recipe: &'static RecipeDescriptor, scorer: Arc<dyn Scorer>) -> SnapshotParts {
        let mut items = IdMap::default();
        for id in ["i0", "i1", "i2", "i3", "i4"] {
            items.insert(id);
        }
        let mut users = IdMap::default();
        users.insert("known");
        let mut event_types = IdMap::default();
        for name in ["", "Click"] {
            event_types.insert(name);
        }
        let events = HistoryColumns { items: vec![0, 1], times: vec![1, 2], event_types: vec![1, 1] };
        SnapshotParts {
            dataset_group_arn: GROUP.into(),
            solution_version_arn: "v".into(),
            recipe,
            scorer,
            popular: Arc::new(NextItem::new(5)),
            items: items.into(),
            histories: TrainingHistories::new(users, vec![0, 2], events).expect("consistent").into(),
            event_types: event_types.into(),
            impressions: Arc::default(),
            counted_types: vec!["Click".into()],
            metadata_enabled: true,
            exploration: None,
            cold_start: None,
            user_vector_encoder: None,
            trend_interval_s: None,
            influence: [0.0; 2],
        }
    }

    /// Publishes a model for the campaign, in place of the one that it has.
    pub fn deploy(&self, parts: SnapshotParts) {
        self.serving.campaigns.publish(CAMPAIGN, Snapshot::new(parts).expect("consistent"));
    }

    /// Publishes a model of the same items for another campaign.
    pub fn publish_as(&self, campaign_arn: &str, recipe: &'static RecipeDescriptor) {
        let parts = Self::parts(recipe, self.scorer.clone());
        self.serving.campaigns.publish(campaign_arn, Snapshot::new(parts).expect("consistent"));
    }

    pub fn schema() -> Schema {
        let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
            {"name":"NAME","type":["null","string"]},{"name":"PRICE","type":["null","double"]},
            {"name":"CREATION_TIMESTAMP","type":["null","long"]}]}"#;
        Schema::parse(text, None).expect("a schema")
    }

    pub fn snapshot(&self) -> SnapshotHandle {
        self.serving.snapshot(CAMPAIGN).expect("a snapshot")
    }

    pub fn publish_filter(&self, filter_arn: &str, expression: Expression) {
        self.serving.filters.publish(GROUP, filter_arn, expression);
    }

    pub fn recommend(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        self.serving.snapshot(&query.campaign_arn)?.recommend(query)
    }

    pub fn prepared(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        self.serving.snapshot(&query.campaign_arn)?.prepared(query)
    }

    pub fn actions(&self, query: &RecommendationQuery) -> Result<RecommendationList> {
        self.serving.snapshot(&query.campaign_arn)?.actions(query)
    }

    pub fn rank(&self, query: &RankingQuery) -> Result<RecommendationList> {
        self.serving.snapshot(&query.campaign_arn)?.rank(query)
    }

    pub fn put_item(&self, position: u64, id: &str, name: &str, price: f64) {
        self.put_row(position, id, &[("NAME", name), ("PRICE", &price.to_string())]);
    }

    pub fn put_created(&self, position: u64, id: &str, created_s: i64) {
        self.put_row(position, id, &[("CREATION_TIMESTAMP", &created_s.to_string())]);
    }

    fn put_row(&self, position: u64, id: &str, columns: &[(&str, &str)]) {
        let columns = columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let row = StreamedRow { id: id.into(), columns, received_ms: 0 };
        let (dataset_type, schema, rows) = (DatasetType::Items, &Self::schema(), &[(position, row)]);
        self.serving.ingest(GROUP, Streamed::Rows { dataset_type, schema, rows });
    }

    pub fn ask(&self, user: &str) -> RecommendationList {
        self.recommend(&query(user)).expect("answers")
    }
}

/// Two results with name and price.
pub fn query(user: &str) -> RecommendationQuery {
    RecommendationQuery {
        campaign_arn: CAMPAIGN.into(),
        user_id: Some(user.into()),
        num_results: 2,
        metadata_columns: vec!["name".into(), "PRICE".into()],
        ..RecommendationQuery::default()
    }
}

pub fn event(n: usize, user: &str, item: &str, event_type: &str) -> InteractionEvent {
    InteractionEvent {
        event_id: format!("e{n}"),
        user_id: user.into(),
        session_id: "s".into(),
        item_id: item.into(),
        event_type: event_type.into(),
        event_value: None,
        timestamp_s: 1,
        properties: Default::default(),
        recommendation_id: None,
        impression: vec![],
    }
}

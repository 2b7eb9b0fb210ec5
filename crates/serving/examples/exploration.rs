//! Exploration at work: a shop gets new items every day, and some of them are better than all it has.
//!
//! ```sh
//! cargo run --release -p tastemaker-serving --example exploration
//! ```
//!
//! Every day ten items arrive, one of them excellent. The model is a plain click-through rate per item, trained each night on
//! everything seen so far; like every model it knows nothing of an item that nobody was shown. One shop serves with
//! `explorationWeight` 0, the other with 0.3. The example prints, and draws into `docs/exploration.svg`, how many of the
//! excellent items each shop has found (ranked among its first five) and how often its users click.

use plotters::prelude::*;
use std::error::Error;
use std::sync::Arc;
use tastemaker_data::{Bitmap, IdMap, ItemIx};
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::catalog;
use tastemaker_domain::recommendation::RecommendationQuery;
use tastemaker_domain::resource::{InteractionEvent, Streamed, StreamedRow};
use tastemaker_domain::schema::{DatasetType, Schema};
use tastemaker_learn::{Event, Ranked, Scorer, ScoringContext, Scratch, UserState, splitmix64};
use tastemaker_serving::{Serving, Snapshot, SnapshotParts, TrainingHistories};

const DAYS: usize = 40;
const VISITS_PER_DAY: usize = 400;
const ITEMS_AT_START: usize = 100;
const ITEMS_PER_DAY: usize = 10;
const LIST: usize = 5;
const DAY_S: i64 = 86_400;
const CAMPAIGN: &str = "arn:aws:personalize:eu-west-1:1:campaign/c";
const GROUP: &str = "arn:aws:personalize:eu-west-1:1:dataset-group/g";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Ranks everybody's items by their click-through rate.
struct Rates(Vec<f32>);

impl Scorer for Rates {
    fn item_count(&self) -> usize {
        self.0.len()
    }

    fn start(&self) -> UserState {
        UserState::new(Box::default())
    }

    fn observe(&self, state: &mut UserState, _: Event, _: &mut Scratch) {
        state.events += 1;
    }

    fn scores<'s>(&self, _: &UserState, _: &ScoringContext, _: &'s mut Scratch) -> &'s [f32] {
        &[]
    }

    fn logits_of(&self, _: &UserState, _: &ScoringContext, items: &[ItemIx], _: &mut Scratch) -> Vec<f32> {
        items.iter().map(|item| self.0[item.0 as usize]).collect()
    }

    fn top_k(&self, _: &UserState, _: &ScoringContext, k: usize, allowed: Option<&Bitmap>, _: &mut Scratch) -> Ranked {
        let items = (0..self.0.len() as u32).map(ItemIx).filter(|item| allowed.is_none_or(|set| set.get(*item)));
        let mut items: Vec<_> = items.map(|item| (item, self.0[item.0 as usize])).collect();
        items.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        items.truncate(k);
        Ranked { items, log_partition: 0.0 }
    }

    fn has_probabilities(&self) -> bool {
        false
    }
}

/// The chance that a user who is shown the item clicks on it: old items up to 10 %, new ones mostly less, one of ten 30 %.
fn appeal(item: usize) -> f64 {
    match item {
        _ if item < ITEMS_AT_START => 0.02 + 0.08 * (item as f64 / ITEMS_AT_START as f64),
        _ if is_excellent(item) => 0.3,
        _ => 0.03,
    }
}

fn is_excellent(item: usize) -> bool {
    item >= ITEMS_AT_START && (item - ITEMS_AT_START).is_multiple_of(ITEMS_PER_DAY)
}

fn id(item: usize) -> String {
    format!("item-{item}")
}

/// A draw in [0, 1) from two numbers.
fn chance(a: usize, b: usize) -> f64 {
    let z = (a as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (b as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    (splitmix64(z) >> 11) as f64 / (1u64 << 53) as f64
}

struct Day {
    found: f64,
    clicks_per_visit: f64,
}

fn run(weight: f64) -> Outcome<Vec<Day>> {
    let text = r#"{"type":"record","name":"Items","fields":[{"name":"ITEM_ID","type":"string"},
        {"name":"CREATION_TIMESTAMP","type":["null","long"]}]}"#;
    let schema = Schema::parse(text, None)?;
    let serving = Serving::new();
    let (mut shown, mut clicked) = (vec![200.0; ITEMS_AT_START], Vec::new());
    clicked.extend((0..ITEMS_AT_START).map(|item| 200.0 * appeal(item)));
    let mut days = Vec::new();
    for day in 0..DAYS {
        let now_s = (100 + day as i64) * DAY_S;
        let rates: Vec<f32> = shown.iter().zip(&clicked).map(|(s, c)| ((c + 0.02) / (s + 1.0)) as f32).collect();
        let mut items = IdMap::default();
        for item in 0..rates.len() {
            items.insert(&id(item));
        }
        let scorer = Arc::new(Rates(rates));
        let parts = SnapshotParts {
            dataset_group_arn: GROUP.into(),
            solution_version_arn: format!("night-{day}"),
            recipe: &catalog::AWS_USER_PERSONALIZATION,
            scorer: scorer.clone(),
            popular: scorer,
            items: items.into(),
            event_types: Arc::default(),
            histories: TrainingHistories::new(IdMap::default(), vec![0], Default::default()).ok_or("histories")?.into(),
            impressions: Arc::default(),
            counted_types: Vec::new(),
            metadata_enabled: false,
            exploration: Some(Exploration { weight, ..Exploration::DEFAULT }),
            cold_start: None,
            user_vector_encoder: None,
            trend_interval_s: None,
            influence: [0.0; 2],
        };
        serving.campaigns.publish(CAMPAIGN, Snapshot::new(parts)?);
        let first = if day == 0 { 0 } else { shown.len() };
        let new = shown.len().max(ITEMS_AT_START)..ITEMS_AT_START + (day + 1) * ITEMS_PER_DAY;
        for item in (first..ITEMS_AT_START).chain(new) {
            let created_s = if item < ITEMS_AT_START { 0 } else { now_s };
            let columns = [("CREATION_TIMESTAMP".to_owned(), created_s.to_string())].into();
            let row = (item as u64 + 1, StreamedRow { id: id(item), columns, received_ms: 0 });
            let (dataset_type, schema, rows) = (DatasetType::Items, &schema, &[row]);
            serving.ingest(GROUP, Streamed::Rows { dataset_type, schema, rows });
        }
        let all = ITEMS_AT_START + (day + 1) * ITEMS_PER_DAY;
        shown.resize(all, 0.0);
        clicked.resize(all, 0.0);
        let mut clicks = 0;
        for visit in 0..VISITS_PER_DAY {
            let query = RecommendationQuery {
                campaign_arn: CAMPAIGN.into(),
                user_id: Some(format!("user-{day}-{visit}")),
                num_results: LIST,
                ..RecommendationQuery::default()
            };
            let list: Vec<String> =
                serving.snapshot(CAMPAIGN)?.recommend(&query)?.items.into_iter().map(|item| item.item_id).collect();
            let mut choice = None;
            for item_id in &list {
                let item: usize = item_id.trim_start_matches("item-").parse()?;
                shown[item] += 1.0;
                if chance(day * VISITS_PER_DAY + visit, item) < appeal(item) {
                    clicked[item] += 1.0;
                    clicks += 1;
                    choice = Some(item_id.clone());
                }
            }
            let event = InteractionEvent {
                event_id: format!("{day}-{visit}"),
                user_id: format!("user-{day}-{visit}"),
                session_id: "s".into(),
                item_id: choice.unwrap_or_else(|| "nothing".into()),
                event_type: "click".into(),
                event_value: None,
                timestamp_s: now_s,
                properties: Default::default(),
                recommendation_id: None,
                impression: list,
            };
            serving.observe(GROUP, &[event]);
        }
        let excellent = (0..shown.len()).filter(|&item| is_excellent(item));
        let found = excellent.filter(|&item| clicked[item] >= 5.0).count();
        days.push(Day { found: found as f64, clicks_per_visit: clicks as f64 / VISITS_PER_DAY as f64 });
    }
    Ok(days)
}

fn main() -> Outcome<()> {
    let shops = [(0.0, run(0.0)?, RED), (0.3, run(0.3)?, BLUE)];
    println!("{:>6} {:>20} {:>20}", "weight", "excellent found", "clicks per visit");
    for (weight, days, _) in &shops {
        let last = &days[DAYS - 10..];
        let clicks = last.iter().map(|day| day.clicks_per_visit).sum::<f64>() / last.len() as f64;
        println!("{weight:>6} {:>13} of {DAYS:>3} {clicks:>20.3}", days[DAYS - 1].found);
    }
    let (without, with) = (&shops[0].1[DAYS - 1], &shops[1].1[DAYS - 1]);
    assert!(without.found == 0.0 && with.found > DAYS as f64 / 2.0, "{} and {}", without.found, with.found);

    let root = SVGBackend::new("docs/exploration.svg", (720, 320)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, title, top, value) in [
        (0, "Excellent new items found", DAYS as f64, (|day: &Day| day.found) as fn(&Day) -> f64),
        (1, "Clicks per visit", 1.5, |day: &Day| day.clicks_per_visit),
    ] {
        let areas = root.split_evenly((1, 2));
        let mut chart = ChartBuilder::on(&areas[area])
            .caption(title, ("sans-serif", 16))
            .margin(10)
            .x_label_area_size(30)
            .y_label_area_size(40)
            .build_cartesian_2d(0.0..DAYS as f64, 0.0..top)?;
        chart.configure_mesh().x_desc("day").draw()?;
        for (weight, days, colour) in &shops {
            let points = days.iter().enumerate().map(|(day, found)| (day as f64 + 1.0, value(found)));
            let line = chart.draw_series(LineSeries::new(points, colour))?;
            line.label(format!("explorationWeight {weight}"))
                .legend(|(x, y)| PathElement::new([(x, y), (x + 12, y)], *colour));
        }
        chart.configure_series_labels().border_style(BLACK).draw()?;
    }
    root.present()?;
    Ok(())
}

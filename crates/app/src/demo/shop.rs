//! A year of a sample shop, with structure worth learning: shoppers have tastes (shelves and styles) and budgets,
//! products have seasons and lines that are browsed one after the other, consumables are bought again, and a few products
//! are far better known than the rest. The same seed makes the same shop.

use super::catalog::{self, CATEGORIES, Product, STYLES};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fmt::Write;

/// The campaign that the demo leaves behind.
pub const CAMPAIGN: &str = "demo-shop-for-you";

const DAYS: i64 = 365;
const SHOPPERS: usize = 2000;
/// Midnight of the first day: 1 January 2025, UTC, in seconds.
const START_S: i64 = 1_735_689_600;
const DAY_S: i64 = 86_400;

/// The shop's three datasets.
pub struct Shop {
    /// Every product.
    pub products: Vec<Product>,
    shoppers: Vec<Shopper>,
    events: Vec<Event>,
}

struct Shopper {
    id: String,
    /// Weight of each category.
    shelves: Vec<f64>,
    style: usize,
    second_style: usize,
    /// Comfortable price relative to the catalog's middle.
    budget: f64,
    visits: usize,
    age_group: &'static str,
    member: bool,
}

struct Event {
    shopper: usize,
    product: usize,
    time_s: i64,
    kind: &'static str,
}

impl Shop {
    /// Makes the shop that belongs to `seed`.
    pub fn make(seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let products = catalog::make(&mut rng);
        let shoppers: Vec<_> = (0..SHOPPERS).map(|n| shopper(n, &mut rng)).collect();
        let mut shop = Self { products, shoppers, events: Vec::new() };
        for who in 0..shop.shoppers.len() {
            shop.live(who, &mut rng);
        }
        shop.events.sort_by_key(|e| (e.time_s, e.shopper));
        shop
    }

    /// The number of interactions.
    pub fn interactions(&self) -> usize {
        self.events.len()
    }

    /// The number of users.
    pub fn users(&self) -> usize {
        self.shoppers.len()
    }

    /// The id of the shopper with the most interactions.
    pub fn busiest_user(&self) -> &str {
        self.user_by_length(1.0)
    }

    /// The id of the shopper whose history has the middle length.
    pub fn middle_user(&self) -> &str {
        self.user_by_length(0.5)
    }

    /// The id of the shopper at that share of all, the shortest history being at 0 and the longest at 1; of several with
    /// the same length the last.
    fn user_by_length(&self, share: f64) -> &str {
        let mut counts = vec![0usize; self.shoppers.len()];
        for event in &self.events {
            counts[event.shopper] += 1;
        }
        let mut order: Vec<usize> = (0..counts.len()).collect();
        order.sort_by_key(|&shopper| counts[shopper]);
        let at = ((order.len() - 1) as f64 * share) as usize;
        &self.shoppers[order[at]].id
    }

    fn live(&mut self, who: usize, rng: &mut Xoshiro256PlusPlus) {
        let mut visit_days: Vec<i64> = (0..self.shoppers[who].visits).map(|_| rng.random_range(0..DAYS)).collect();
        visit_days.sort_unstable();
        let mut refills: Vec<(i64, usize)> = Vec::new();
        for day in visit_days {
            let mut time_s = START_S + day * DAY_S + rng.random_range(7 * 3600..22 * 3600);
            let due: Vec<usize> = refills.iter().filter(|r| r.0 <= day).map(|r| r.1).collect();
            refills.retain(|r| r.0 > day);
            for product in due {
                time_s += rng.random_range(20..90);
                self.record(who, product, time_s, "Purchase");
                refills.extend(self.next_refill(product, day, rng));
            }
            let mut product = self.choose(who, day, rng);
            for _ in 0..rng.random_range(1..7) {
                time_s += rng.random_range(15..240);
                self.record(who, product, time_s, "View");
                let affordable = self.affinity_to_price(who, product);
                if rng.random::<f64>() < 0.28 * affordable {
                    time_s += rng.random_range(30..200);
                    self.record(who, product, time_s, "Purchase");
                    refills.extend(self.next_refill(product, day, rng));
                }
                product = if rng.random::<f64>() < 0.6 {
                    let next = &self.products[product].goes_with;
                    next[rng.random_range(0..next.len())]
                } else {
                    self.choose(who, day, rng)
                };
                if self.products[product].launch_day > day {
                    product = self.choose(who, day, rng);
                }
            }
        }
    }

    fn next_refill(&self, product: usize, day: i64, rng: &mut Xoshiro256PlusPlus) -> Option<(i64, usize)> {
        let days = self.products[product].refill_days?;
        (rng.random::<f64>() < 0.7).then(|| (day + (days * rng.random_range(0.8..1.2)) as i64, product))
    }

    fn record(&mut self, shopper: usize, product: usize, time_s: i64, kind: &'static str) {
        self.events.push(Event { shopper, product, time_s, kind });
    }

    /// Draws a product by popularity, taste, budget and season.
    fn choose(&self, who: usize, day: i64, rng: &mut Xoshiro256PlusPlus) -> usize {
        let weights: Vec<f64> = (0..self.products.len()).map(|p| self.appeal(who, p, day)).collect();
        draw(&weights, rng)
    }

    fn appeal(&self, who: usize, product: usize, day: i64) -> f64 {
        let (shopper, product_ix) = (&self.shoppers[who], product);
        let product = &self.products[product];
        if product.launch_day > day {
            return 0.0;
        }
        let style = match product.style {
            s if s == shopper.style => 1.0,
            s if s == shopper.second_style => 0.45,
            _ => 0.06,
        };
        let season = product.peak_day.map_or(1.0, |peak| {
            let apart = (day as f64 - peak).abs();
            let apart = apart.min(DAYS as f64 - apart);
            0.15 + 2.0 * (-(apart / 45.0).powi(2)).exp()
        });
        product.popularity
            * shopper.shelves[product.category]
            * style
            * season
            * self.affinity_to_price(who, product_ix)
    }

    /// 1 within the shopper's budget, falling with every doubling above it.
    fn affinity_to_price(&self, who: usize, product: usize) -> f64 {
        let over = f64::from(self.products[product].price_cents) / 3000.0 / self.shoppers[who].budget;
        1.0 / (1.0 + over.powi(2))
    }

    /// `USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE`, oldest first.
    pub fn interactions_csv(&self) -> String {
        let mut csv = String::from("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n");
        for e in &self.events {
            let (user, item) = (&self.shoppers[e.shopper].id, &self.products[e.product].id);
            let _ = writeln!(csv, "{user},{item},{},{}", e.time_s, e.kind);
        }
        csv
    }

    /// `ITEM_ID,NAME,CATEGORY,PRICE,URL,IMAGE,CREATION_TIMESTAMP`; links begin with `base`.
    pub fn items_csv(&self, base: &str) -> String {
        let mut csv = String::from("ITEM_ID,NAME,CATEGORY,PRICE,URL,IMAGE,CREATION_TIMESTAMP\n");
        for p in &self.products {
            let (id, name, category) = (&p.id, &p.name, CATEGORIES[p.category].name);
            let price = format!("{}.{:02}", p.price_cents / 100, p.price_cents % 100);
            let created = START_S + p.launch_day * DAY_S;
            let _ =
                writeln!(csv, "{id},{name},{category},{price},{base}/products/{id},{base}/images/{id}.png,{created}");
        }
        csv
    }

    /// `USER_ID,AGE_GROUP,MEMBERSHIP`.
    pub fn users_csv(&self) -> String {
        let mut csv = String::from("USER_ID,AGE_GROUP,MEMBERSHIP\n");
        for s in &self.shoppers {
            let _ = writeln!(csv, "{},{},{}", s.id, s.age_group, if s.member { "member" } else { "guest" });
        }
        csv
    }
}

fn shopper(n: usize, rng: &mut Xoshiro256PlusPlus) -> Shopper {
    let mut shelves = vec![0.04; CATEGORIES.len()];
    for weight in [1.0, 0.7, 0.4] {
        shelves[rng.random_range(0..CATEGORIES.len())] += weight;
    }
    let ages = ["18-24", "25-34", "35-44", "45-54", "55+"];
    Shopper {
        id: format!("user{n}"),
        shelves,
        style: rng.random_range(0..STYLES),
        second_style: rng.random_range(0..STYLES),
        budget: [0.6, 1.0, 1.8, 4.0][draw(&[3.0, 4.0, 2.0, 1.0], rng)],
        visits: 2 + (-(1.0 - rng.random::<f64>()).ln() * 8.0) as usize,
        age_group: ages[rng.random_range(0..ages.len())],
        member: rng.random::<f64>() < 0.4,
    }
}

fn draw(weights: &[f64], rng: &mut Xoshiro256PlusPlus) -> usize {
    let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
    weights
        .iter()
        .position(|w| {
            left -= w;
            left < 0.0
        })
        .unwrap_or(weights.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn the_same_seed_makes_the_same_shop() {
        let (a, b, c) = (Shop::make(7), Shop::make(7), Shop::make(8));
        assert_eq!(a.interactions_csv(), b.interactions_csv());
        assert_eq!(a.items_csv("http://h"), b.items_csv("http://h"));
        assert_ne!(a.interactions_csv(), c.interactions_csv());
    }

    #[test]
    fn the_middle_user_has_a_history_of_middle_length() {
        let shop = Shop::make(7);
        let mut lengths = HashMap::<&str, usize>::new();
        for event in &shop.events {
            *lengths.entry(&shop.shoppers[event.shopper].id).or_default() += 1;
        }
        let middle = lengths[shop.middle_user()];
        let shorter = lengths.values().filter(|length| **length < middle).count();
        let longer = lengths.values().filter(|length| **length > middle).count();
        assert!(shorter * 2 <= shop.users() && longer * 2 <= shop.users(), "{shorter} shorter, {longer} longer");
        assert_eq!(lengths.values().max(), Some(&lengths[shop.busiest_user()]));
        assert!(longer > 0);
    }

    #[test]
    fn the_log_has_the_structure_it_promises() {
        let shop = Shop::make(1);
        assert!((40_000..120_000).contains(&shop.interactions()), "{}", shop.interactions());
        let mut counts = vec![0usize; shop.products.len()];
        let mut bought: HashSet<(usize, usize)> = HashSet::new();
        let (mut again, mut own_style) = (0, 0);
        let mut summer: HashMap<usize, [usize; 2]> = HashMap::new();
        for e in &shop.events {
            counts[e.product] += 1;
            again += usize::from(e.kind == "Purchase" && !bought.insert((e.shopper, e.product)));
            own_style += usize::from(shop.products[e.product].style == shop.shoppers[e.shopper].style);
            let half = usize::from((100..260).contains(&((e.time_s - START_S) / DAY_S)));
            summer.entry(shop.products[e.product].category).or_default()[half] += 1;
        }
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let top_tenth: usize = counts[..counts.len() / 10].iter().sum();
        assert!(top_tenth * 100 / shop.interactions() > 25, "popularity is skewed: {top_tenth}");
        assert!(again > 1000, "repeat purchases: {again}");
        assert!(own_style * 2 > shop.interactions(), "tastes: {own_style}");
        let [rest, season] = summer[&3];
        let (per_day_rest, per_day_season) = (rest as f64 / 205.0, season as f64 / 160.0);
        assert!(per_day_season > 1.5 * per_day_rest, "garden events a day: {per_day_season} against {per_day_rest}");
    }
}

//! The products of the sample shop.

use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Number of latent styles that products express and shoppers like.
pub const STYLES: usize = 6;

/// One product.
#[derive(Debug, Clone)]
pub struct Product {
    /// `p0001`.
    pub id: String,
    /// Shown to people.
    pub name: String,
    /// Index into [`CATEGORIES`].
    pub category: usize,
    /// In cents.
    pub price_cents: u32,
    /// The style it expresses.
    pub style: usize,
    /// Its popularity; the sample is heavily skewed.
    pub popularity: f64,
    /// Day of the year around which it sells best, for seasonal categories.
    pub peak_day: Option<f64>,
    /// Bought again once used up, after about this many days.
    pub refill_days: Option<f64>,
    /// First day on sale, counted from the start of the log; may be negative.
    pub launch_day: i64,
    /// The items that people look at next, by index: the product line it belongs to.
    pub goes_with: Vec<usize>,
}

/// A shelf of the shop.
pub struct Category {
    /// As in the Items dataset.
    pub name: &'static str,
    /// Typical price in cents.
    price_cents: f64,
    /// Peak of the season as a day of the year.
    season: Option<f64>,
    /// Consumables are bought again after this many days.
    refill_days: Option<f64>,
    nouns: [&'static str; 8],
}

/// The shelves.
pub const CATEGORIES: [Category; 10] = [
    category(
        "Lighting",
        6900.0,
        None,
        None,
        ["Table Lamp", "Floor Lamp", "Pendant", "Wall Light", "Reading Lamp", "Lantern", "Desk Lamp", "String Lights"],
    ),
    category(
        "Kitchen",
        3200.0,
        None,
        None,
        ["Skillet", "Kettle", "Chef's Knife", "Cutting Board", "Saucepan", "Mixing Bowl", "Whisk Set", "Grinder"],
    ),
    category(
        "Coffee & Tea",
        1400.0,
        None,
        Some(24.0),
        ["House Blend", "Espresso Beans", "Filter Roast", "Green Tea", "Earl Grey", "Decaf", "Chai", "Cold Brew Packs"],
    ),
    category(
        "Garden",
        2700.0,
        Some(130.0),
        None,
        ["Planter", "Watering Can", "Pruner", "Garden Chair", "Hose", "Seed Set", "Bird Feeder", "Trellis"],
    ),
    category(
        "Outdoor",
        8900.0,
        Some(180.0),
        None,
        ["Tent", "Backpack", "Sleeping Bag", "Headlamp", "Hammock", "Cooler", "Trekking Poles", "Camp Stove"],
    ),
    category(
        "Winter",
        5400.0,
        Some(345.0),
        None,
        ["Wool Throw", "Beanie", "Scarf", "Gloves", "Parka", "Thermal Flask", "Slippers", "Candle Set"],
    ),
    category(
        "Skincare",
        2300.0,
        None,
        Some(38.0),
        ["Day Cream", "Cleanser", "Serum", "Hand Balm", "Sunscreen", "Face Mask", "Body Lotion", "Lip Care"],
    ),
    category(
        "Toys",
        2100.0,
        Some(345.0),
        None,
        ["Building Blocks", "Puzzle", "Plush Bear", "Train Set", "Card Game", "Paint Kit", "Kite", "Robot"],
    ),
    category(
        "Books",
        1800.0,
        None,
        None,
        ["Cookbook", "Travel Guide", "Novel", "Poetry", "Atlas", "Field Guide", "Biography", "Design Manual"],
    ),
    category(
        "Office",
        4100.0,
        Some(245.0),
        None,
        [
            "Notebook",
            "Fountain Pen",
            "Desk Organiser",
            "Office Chair",
            "Monitor Stand",
            "Planner",
            "Backlit Keyboard",
            "Cable Kit",
        ],
    ),
];

const fn category(
    name: &'static str,
    price_cents: f64,
    season: Option<f64>,
    refill_days: Option<f64>,
    nouns: [&'static str; 8],
) -> Category {
    Category { name, price_cents, season, refill_days, nouns }
}

/// The maker's names by style: products of one style share a look, and a few prolific lines.
const LINES: [[&str; 7]; STYLES] = [
    ["Oslo", "Fjord", "Birk", "Nord", "Linnea", "Skagen", "Malmo"],
    ["Kyoto", "Hana", "Sora", "Kumo", "Mori", "Tsuki", "Hoshi"],
    ["Brooklyn", "Foundry", "Dock", "Rivet", "Union", "Loft", "Forge"],
    ["Amalfi", "Luca", "Terra", "Sole", "Capri", "Siena", "Olivo"],
    ["Highland", "Heather", "Moor", "Tweed", "Glen", "Thistle", "Bramble"],
    ["Pixel", "Neon", "Orbit", "Pop", "Zest", "Comet", "Fizz"],
];

/// Makes the catalog: every category has one product of each noun and line of each style.
pub fn make(rng: &mut Xoshiro256PlusPlus) -> Vec<Product> {
    let mut products = Vec::new();
    for (category_ix, category) in CATEGORIES.iter().enumerate() {
        for noun in category.nouns {
            for (style, lines) in LINES.iter().enumerate() {
                let line = lines[rng.random_range(0..lines.len())];
                let spread = (rng.random::<f64>() + rng.random::<f64>() - 1.0) * 1.2;
                let price = (category.price_cents * spread.exp() / 100.0).max(2.0).floor();
                let launch_day = if rng.random::<f64>() < 0.25 { rng.random_range(0..330) } else { -30 };
                products.push(Product {
                    id: format!("p{:04}", products.len() + 1),
                    name: format!("{line} {noun}"),
                    category: category_ix,
                    price_cents: price as u32 * 100 + 99,
                    style,
                    popularity: 0.0,
                    peak_day: category.season.map(|day| day + rng.random_range(-20.0..20.0)),
                    refill_days: category.refill_days.map(|days| days * rng.random_range(0.7..1.3)),
                    launch_day,
                    goes_with: Vec::new(),
                });
            }
        }
    }
    popularity(&mut products, rng);
    pairings(&mut products, rng);
    products
}

/// Zipf over a random order: few products are known to everybody, most to few.
fn popularity(products: &mut [Product], rng: &mut Xoshiro256PlusPlus) {
    let mut order: Vec<usize> = (0..products.len()).collect();
    for k in (1..order.len()).rev() {
        order.swap(k, rng.random_range(0..=k));
    }
    for (rank, &product) in order.iter().enumerate() {
        products[product].popularity = 1.0 / (rank as f64 + 8.0).powf(0.7);
    }
}

/// Each product leads to three others of the same style: two on its own shelf and one elsewhere.
fn pairings(products: &mut [Product], rng: &mut Xoshiro256PlusPlus) {
    for ix in 0..products.len() {
        let (category, style) = (products[ix].category, products[ix].style);
        let alike = |near: bool| -> Vec<usize> {
            let fits =
                |k: &usize| *k != ix && products[*k].style == style && (products[*k].category == category) == near;
            (0..products.len()).filter(fits).collect()
        };
        let (near, far) = (alike(true), alike(false));
        let mut pick = |from: &[usize]| from[rng.random_range(0..from.len())];
        products[ix].goes_with = vec![pick(&near), pick(&near), pick(&far)];
    }
}

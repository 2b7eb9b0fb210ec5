//! The cost of a filter for a million items, beside the floor that any filter has: one "and" of two bitmaps of that
//! size.
//!
//! `cargo bench -p tastemaker-filter` ends with the ratios.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark takes times")]

use criterion::Criterion;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tastemaker_data::table::Value;
use tastemaker_data::{Bitmap, Column, IdMap, ItemIx, TableBuilder};
use tastemaker_filter::{Columns, Compiled, Interaction, Overlay, Subject, parse};

const ITEMS: u32 = 1_000_000;

/// Name and expression.
const CASES: &[(&str, &str)] = &[
    ("fixed", r#"INCLUDE ItemID WHERE Items.TOPIC IN ("t1", "t2") AND Items.PRICE < 20"#),
    ("already purchased", r#"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#),
    (
        "topic and already purchased",
        r#"INCLUDE ItemID WHERE Items.TOPIC IN ($TOPICS) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")"#,
    ),
    ("rare brand", "INCLUDE ItemID WHERE Items.BRAND IN ($BRAND)"),
    ("price below a parameter", "INCLUDE ItemID WHERE Items.PRICE < $MAX"),
    ("price in a range", "INCLUDE ItemID WHERE Items.PRICE >= $MIN AND Items.PRICE < $MAX"),
    (
        "four conditions",
        "INCLUDE ItemID WHERE Items.TOPIC IN ($TOPICS) AND Items.PRICE < $MAX AND Items.BRAND NOT IN ($BRAND) OR Items.PRICE > 990",
    ),
];

fn main() {
    let mut table = TableBuilder::new(vec![
        ("TOPIC".into(), Column::Text(vec![])),
        ("BRAND".into(), Column::Text(vec![])),
        ("PRICE".into(), Column::Number(vec![])),
    ]);
    let mut ids = IdMap::default();
    for n in 0..ITEMS {
        let scattered = n.wrapping_mul(2_654_435_761) >> 8;
        let topic = format!("t{}|t{}", scattered % 20, scattered / 20 % 20);
        let id = format!("i{n}");
        ids.insert(&id);
        table.set(
            &id,
            [
                Some(Value::Text(topic.into())),
                Some(Value::Text(format!("b{}", scattered % 5000).into())),
                Some(Value::Number(f64::from(scattered % 100_000) / 100.0)),
            ],
        );
    }
    let table = Arc::new(table.build());
    let columns = Arc::new(Columns::new(table, "ITEM_ID", ids.iter()));
    let interactions: Vec<_> = (0..300)
        .map(|n| Interaction {
            item: ItemIx(n * 3001),
            event_type: if n % 3 == 0 { "buy" } else { "view" },
            time_s: n.into(),
        })
        .collect();
    let subject = Subject { interactions: &interactions, ..Subject::default() };
    let values = [("TOPICS", r#""t1","t7","t9""#), ("BRAND", "b77"), ("MIN", "100"), ("MAX", "250")];
    let values: BTreeMap<_, _> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();

    let mut criterion = Criterion::default().configure_from_args();
    let (mut a, b) = (Bitmap::full(ITEMS as usize), Bitmap::from_fn(ITEMS as usize, |item| item.0 % 3 == 0));
    let floor = time(|| a.and(black_box(&b)));
    criterion.bench_function("floor: and of two bitmaps", |bench| bench.iter(|| a.and(black_box(&b))));
    let mut lines = Vec::new();
    for (name, text) in CASES {
        let Ok(expression) = parse(text) else { continue };
        let started = Instant::now();
        let compiled = Compiled::new(Arc::new(expression), columns.clone());
        let compiling = started.elapsed();
        let taken = time(|| drop(black_box(compiled.evaluate(&subject, &values))));
        criterion.bench_function(name, |bench| bench.iter(|| compiled.evaluate(black_box(&subject), &values)));
        let allowed = compiled.evaluate(&subject, &values).map(|set| set.count()).unwrap_or_default();
        lines.push(format!(
            "{name:30} {:8.1} us = {:6.1} x floor, {allowed:7} items pass, compiled in {:4.0} ms",
            micros(taken),
            taken.as_secs_f64() / floor.as_secs_f64(),
            compiling.as_secs_f64() * 1e3
        ));
    }
    newer_rows(&mut criterion, &columns, &subject, &values);
    println!("\nfloor, one \"and\" of {ITEMS} items: {:.1} us", micros(floor));
    lines.iter().for_each(|line| println!("{line}"));
}

/// A thousand streamed rows over the columns.
fn newer_rows(
    criterion: &mut Criterion,
    columns: &Arc<Columns>,
    subject: &Subject<'_>,
    values: &BTreeMap<String, String>,
) {
    let mut table = TableBuilder::new(vec![("TOPIC".into(), Column::Text(vec![]))]);
    let items: Vec<_> = (0..1000).map(ItemIx).collect();
    items.iter().for_each(|item| table.set(&format!("i{}", item.0), [Some(Value::Text("t1".into()))]));
    let table = table.build();
    let overlay = Overlay { len: ITEMS as usize, table: &table, items: &items };
    let Ok(expression) = parse("INCLUDE ItemID WHERE Items.TOPIC IN ($TOPICS)") else { return };
    let compiled = Compiled::new(Arc::new(expression), columns.clone());
    criterion.bench_function("topic, with 1000 newer rows", |bench| {
        bench.iter(|| compiled.evaluate_with(black_box(subject), values, &overlay));
    });
}

/// The median of a hundred runs.
fn time(mut work: impl FnMut()) -> Duration {
    let mut taken: Vec<Duration> = (0..100)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[taken.len() / 2]
}

fn micros(taken: Duration) -> f64 {
    taken.as_secs_f64() * 1e6
}

//! The size of a page over the statistics of very much data.

use super::{full, get};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use tastemaker_domain::dataset_statistics::{VALUE_CHARS_MAX, ValueCount};

/// Bytes of a page as it is transferred.
const PAGE_BYTES_MAX: usize = 40 << 10;

#[tokio::test]
async fn the_page_of_ten_million_interactions_is_small() {
    let world = full();
    {
        let mut kept = world.statistics.lock();
        let statistics = kept.as_mut().unwrap();
        statistics.rows = 10_000_000;
        let of = statistics.interactions.as_mut().unwrap();
        (of.users, of.items) = (1_000_000, 100_000);
        of.by_day = (0..730).map(|day| (19_000 + day, 13_000 + (day as u64 * 7919) % 5000)).collect();
        let value = |n: u64| ValueCount { value: format!("{:x<VALUE_CHARS_MAX$}", n * 7_919_777), rows: 100_000 - n };
        (of.top_items, of.top_users) = ((0..20).map(value).collect(), (0..20).map(value).collect());
        let column = statistics.columns[0].clone();
        statistics.columns.extend((0..50).map(|n| tastemaker_domain::dataset_statistics::ColumnStatistics {
            name: format!("COLUMN_{n}"),
            categorical: true,
            top: (0..20).map(|k| value(n * 20 + k)).collect(),
            ..column.clone()
        }));
    }
    let page = get(&world, "/g/shop/data/INTERACTIONS").await;
    assert_eq!(page.status, 200);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(page.body.as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap().len();
    assert!(bytes <= PAGE_BYTES_MAX, "{bytes} bytes, {} before compression", page.body.len());
}

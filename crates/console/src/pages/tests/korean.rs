//! The pages in Korean, without words of another language but names.

use super::super::testing::Site;
use super::PAGES;
use crate::ports::TrafficSpan;
use crate::tests::latin::{SHOP, strangers};

#[tokio::test]
async fn korean_pages_have_no_word_of_another_language_but_names() {
    let span = TrafficSpan {
        requests: 120,
        client_errors: 3,
        server_errors: 1,
        cold_starts: 12,
        prepared: 6,
        p95_ms: Some(3.25),
        events: 30,
    };
    let mut found = Vec::new();
    for site in [Site::shop().korean(), Site::with_traffic(span).korean()] {
        for path in PAGES.iter().chain(&["/about", "/search?q=for", "/g/shop/evaluate?v=for-you/v1&v=for-you/v2&all=1"])
        {
            found.extend(strangers(&site.page(path).await, SHOP).into_iter().map(|word| format!("{path}: {word}")));
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

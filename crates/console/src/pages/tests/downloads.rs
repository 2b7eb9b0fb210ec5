//! Downloads of the page Evaluate.

use super::*;

fn asked(end: &str) -> String {
    let [a, b] = ["v1", "v2"].map(|id| format!("v={}", segment(&version_arn(id))));
    format!("/g/shop/evaluate/comparison.{end}?{a}&{b}")
}

#[tokio::test]
async fn a_comparison_is_a_file_for_spreadsheets_programs_and_people() {
    let site = Site::shop();
    let page = site.page(&asked("csv").replace("/comparison.csv", "")).await;
    has(&page, &["type=\"hidden\" name=\"v\" value=\"for-you/v1,for-you/v2\""]);
    for end in ["csv", "json", "md"] {
        has(&page, &[&format!("formaction=\"evaluate/comparison.{end}\"")]);
    }
    let csv = site.page(&asked("csv")).await;
    assert_eq!(csv, site.page("/g/shop/evaluate/comparison.csv?v=for-you%2Fv1,for-you%2Fv2").await);
    let key = crate::report::NDCG_AT_25;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "PART,NAME,VERSION,VALUE,LOW_95,HIGH_95,DIFFERENCE,MORE_THAN_NOISE");
    assert!(lines[1].starts_with(&format!("\"metric\",\"{key}\",\"for-you / v1\",\"0.2\",\"0.18")), "{csv}");
    assert!(lines[2].contains("\"0.3\"") && lines[2].ends_with("\"true\""), "{csv}");
    has(
        &csv,
        &["\"setting\",\"hidden_dimension\",\"for-you / v1\",\"32\"", "\"by-history\",\"1\",\"for-you / v2\",\"0.3\""],
    );
    let json: Value = serde_json::from_str(&site.page(&asked("json")).await).unwrap();
    assert_eq!(json["base"], "for-you / v1");
    let row =
        json["rows"].as_array().unwrap().iter().find(|row| row["name"] == key && row["version"] == "for-you / v2");
    let row = row.unwrap();
    assert_eq!((&row["value"], &row["moreThanNoise"]), (&json!(0.3), &json!(true)));
    assert!(row["interval95"][0].as_f64().is_some_and(|low| (low - 0.28).abs() < 1e-9), "{row}");
    let markdown = site.page(&asked("md")).await;
    has(
        &markdown,
        &[
            "| metric | for-you / v1 | for-you / v2 |",
            "| NDCG@25 | 0.2000 (0.1800–0.2200) | **0.3000** (0.2800–0.3200) |",
        ],
    );
    has(&markdown, &["| hidden\\_dimension | 32 | 64 |"]);
}

#[tokio::test]
async fn only_known_files_of_known_versions_are_there() {
    let site = Site::shop();
    assert_eq!(site.get("/g/shop/evaluate/comparison.exe").await.status, StatusCode::NOT_FOUND);
    let other = site.get(&format!("/g/shop/evaluate/comparison.csv?v={}", segment("arn:gone"))).await;
    assert!(other.status.is_client_error() && other.body.contains("Resource does not exist"), "{}", other.body);
}

//! The form that makes a solution, the page of a version with a search, and lists of many versions.

use super::has;
use crate::cx::segment;
use crate::pages::testing::{ARN, Site, version_arn};
use crate::report::Trial;
use http::StatusCode;
use serde_json::json;
use std::collections::BTreeMap;
use tastemaker_domain::dataset_statistics::EventTypeStatistics;
use tastemaker_wire::Operation;

fn events(site: &[(&str, u64, u64)]) -> Vec<EventTypeStatistics> {
    let event = |(name, rows, with_value): &(&str, u64, u64)| EventTypeStatistics {
        name: (*name).to_owned(),
        rows: *rows,
        users: 10,
        with_value: *with_value,
        ..EventTypeStatistics::default()
    };
    site.iter().map(event).collect()
}

fn with_events() -> Site {
    Site::with_statistics(|statistics| {
        let found = statistics.interactions.as_mut().unwrap();
        found.event_types = events(&[("View", 4000, 0), ("Buy <b>", 1000, 900), ("Click", 50, 0)]);
    })
}

#[tokio::test]
async fn event_types_are_chosen_from_the_statistics_and_counted() {
    let site = with_events();
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization-v2").await;
    has(
        &page,
        &[
            "5,050 of 5,050 interactions are used.",
            "value=\"Buy &lt;b&gt;\"",
            "aria-label=\"Learn from Click\"",
            "name=\"e.2.weight\"",
            "<td class=\"number\">900</td>",
        ],
    );
    // Without a script, the button sends the same form by GET.
    let chosen = format!("e.0.type=View&e.1.type={}&e.1.threshold=2", segment("Buy <b>"));
    let path = format!("/g/shop/new-solution?recipe=aws-user-personalization-v2&{chosen}");
    let page = site.page(&path).await;
    has(&page, &["At most 4,900 of 5,050 interactions are used", "formmethod=\"get\"", "value=\"2\""]);
    let ticked = page.split("<input").filter(|input| input.contains("name=\"e.") && input.contains(" checked")).count();
    assert_eq!(ticked, 2, "{page}");
    // With a script, the parts that follow from what was typed come alone.
    let parts = site.by_script(&path).await;
    has(&parts, &["hx-target=\"#events-used\"", "At most 4,900 of 5,050", "hx-target=\"#before-training\""]);
    assert!(!parts.contains("<html"), "{parts}");
    let form = [
        ("recipe", "aws-user-personalization-v2"),
        ("name", "new"),
        ("then", "create"),
        ("e.0.type", "View"),
        ("e.0.weight", "0.5"),
        ("e.1.type", "Buy <b>"),
        ("e.1.threshold", "2"),
    ];
    let got = site.post("/g/shop/new-solution", &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    assert_eq!(
        site.calls(Operation::CreateSolution)[0]["solutionConfig"]["eventsConfig"]["eventParametersList"],
        json!([{"eventType": "View", "weight": 0.5}, {"eventType": "Buy <b>", "eventValueThreshold": 2.0}])
    );
}

#[tokio::test]
async fn a_recipe_without_weights_takes_one_event_type_and_a_least_value() {
    let site = with_events();
    let page = site.page("/g/shop/new-solution?recipe=aws-sims&event_type=click").await;
    has(&page, &["50 of 5,050 interactions are used.", "<option value=\"Click\">", "list=\"field-event_type-list\""]);
    assert!(!page.contains("name=\"e.0.type\""), "{page}");
    let form = [("recipe", "aws-sims"), ("name", "new"), ("event_type", "Buy <b>"), ("event_value_threshold", "1.5")];
    site.post("/g/shop/new-solution", &form).await;
    let made = &site.calls(Operation::CreateSolution)[0];
    assert_eq!(
        (&made["eventType"], &made["solutionConfig"]["eventValueThreshold"]),
        (&json!("Buy <b>"), &json!("1.5"))
    );
}

#[tokio::test]
async fn time_and_memory_are_estimated_before_the_press() {
    let site = Site::shop();
    // 5050 interactions, 100 users, 30 items; version v2 of the same recipe took 40 s.
    let page = site.page("/g/shop/new-solution").await;
    has(
        &page,
        &["Time: about 40 s, as the last training", "Memory: about 5.1 KiB at the peak; 8.0 KiB are available."],
    );
    let page = site
        .page("/g/shop/new-solution?p.hidden_dimension=32&p.max_sequence_length=50&p.num_layers=3&p.dropout=0.3")
        .await;
    assert!(page.contains("but only 8.0 KiB are available") || page.contains("8.0 KiB are available"), "{page}");
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization&hpo=true&jobs=6").await;
    has(&page, &["Time: no estimate, as no training with this recipe"]);
    let nothing = Site::with_statistics(|statistics| statistics.interactions = None);
    has(&nothing.page("/g/shop/new-solution").await, &["Memory: no estimate"]);
}

#[tokio::test]
async fn a_search_takes_as_many_times_longer_as_it_has_trainings() {
    let site = Site::with(|operation, input| {
        let version = json!({"solutionVersionArn": input["solutionVersionArn"], "status": "ACTIVE", "performHPO": false,
            "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization"});
        (operation == Operation::DescribeSolutionVersion).then(|| Ok(json!({"solutionVersion": version})))
    });
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization&hpo=true&jobs=6").await;
    has(&page, &["Time: about 4 min 40 s for 6 trainings and the last one"]);
}

#[tokio::test]
async fn data_that_cannot_be_trained_turns_the_button_off() {
    let button = "name=\"then\" value=\"train\" disabled";
    assert!(!Site::shop().page("/g/shop/new-solution").await.contains(button));
    let few = Site::with_statistics(|statistics| {
        statistics.rows = 500;
        statistics.interactions.as_mut().unwrap().users_with_two = 3;
    });
    let page = few.page("/g/shop/new-solution").await;
    has(&page, &[button, "id=\"few-interactions\"", "id=\"few-users\"", "cannot be trained as it is"]);
    assert!(!page.contains("value=\"create\" disabled"), "it can be created all the same");
    assert!(!page.contains("id=\"under-recommended"), "hints are not repeated here");
}

#[tokio::test]
async fn recipes_say_which_data_they_lack() {
    let page = Site::shop().page("/g/shop/new-solution").await;
    has(&page, &["Needs ACTIONS", "Needs ITEMS"]);
}

#[tokio::test]
async fn incremental_updates_and_tags_are_settings_of_a_solution() {
    let site = Site::shop();
    let form = [
        ("recipe", "aws-semantic-similarity"),
        ("name", "new"),
        ("incremental", "false"),
        ("tags", "team=shop, stage = test"),
    ];
    let page = site.page("/g/shop/new-solution?recipe=aws-semantic-similarity").await;
    has(&page, &["name=\"incremental\"", "name=\"tags\""]);
    let got = site.post("/g/shop/new-solution", &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    let made = &site.calls(Operation::CreateSolution)[0];
    assert_eq!(made["performIncrementalUpdate"], json!(false));
    assert_eq!(made["tags"], json!([{"tagKey": "team", "tagValue": "shop"}, {"tagKey": "stage", "tagValue": "test"}]));
    for (tags, said) in [("team", "must have"), ("aws:x=1", "reserved prefix")] {
        let got = site.post("/g/shop/new-solution", &[("recipe", "aws-sims"), ("name", "n"), ("tags", tags)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{tags}");
        has(&got.body, &["id=\"field-tags-error\""]);
        let said = if tags == "team" { "has the form key=value" } else { said };
        has(&got.body, &[said]);
    }
    assert_eq!(site.calls(Operation::CreateSolution).len(), 1);
}

fn trial(number: u64, width: &str, quality: Option<f64>, end: &str) -> Trial {
    Trial {
        number,
        parameters: BTreeMap::from([("hidden_dimension".to_owned(), width.to_owned())]),
        quality,
        end: end.to_owned(),
    }
}

#[tokio::test]
async fn trials_are_shown_while_the_search_goes_on() {
    let trials = vec![
        trial(0, "149", Some(0.21), "judged"),
        trial(1, "64", Some(0.25), "judged"),
        trial(2, "33", None, "ended early"),
        trial(3, "250", None, "The loss is <no> number."),
    ];
    let site = Site::with_trials(trials, |operation, _| {
        let version = json!({"solutionVersionArn": version_arn("v1"), "status": "CREATE IN_PROGRESS", "performHPO": true,
            "creationDateTime": 1.7e9});
        (operation == Operation::DescribeSolutionVersion).then(|| Ok(json!({"solutionVersion": version})))
    });
    let page = site.page("/g/shop/train/for-you/v1").await;
    let texts = [
        "id=\"trials\"",
        "0.2500 ▲",
        "149",
        "Ended early, as it fell behind",
        "The loss is &lt;no&gt; number.",
        "Evaluated",
    ];
    has(&page, &texts);
    assert!(!page.contains("0.2100 ▲"), "{page}");
}

#[tokio::test]
async fn a_long_list_of_versions_has_pages() {
    let site = Site::with(|operation, input| {
        // The API lists a hundred at a time.
        let from: usize = input["nextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
        let version = |n: usize| json!({"solutionVersionArn": version_arn(&format!("n{n}")), "status": "CREATE FAILED", "creationDateTime": 1.7e9 - n as f64});
        let page: Vec<_> = (from..(from + 100).min(1000)).map(version).collect();
        let next = (from + 100 < 1000).then(|| (from + 100).to_string());
        (operation == Operation::ListSolutionVersions).then(|| Ok(json!({"solutionVersions": page, "nextToken": next})))
    });
    let page = site.page("/g/shop/train/for-you").await;
    has(&page, &["Versions 1 to 50 of 1000", "/train/for-you/n49\"", "?from=50"]);
    assert!(!page.contains("/train/for-you/n50\"") && page.len() < 60_000, "{}", page.len());
    let page = site.page("/g/shop/train/for-you?from=950").await;
    has(&page, &["Versions 951 to 1000 of 1000", "/train/for-you/n999\"", "?from=900"]);
    assert!(!page.contains("Older"), "{page}");
}

#[tokio::test]
async fn a_group_of_a_domain_has_recommenders() {
    let site = Site::with(|operation, _| match operation {
        Operation::DescribeDatasetGroup => {
            let arn = format!("{ARN}:dataset-group/shop");
            Some(Ok(
                json!({"datasetGroup": {"name": "shop", "datasetGroupArn": arn, "domain": "ECOMMERCE", "status": "ACTIVE"}}),
            ))
        }
        Operation::ListRecommenders => Some(Ok(json!({"recommenders": [{"name": "bought", "status": "ACTIVE",
            "recommenderArn": format!("{ARN}:recommender/bought"), "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-purchases"}]}))),
        _ => None,
    });
    has(&site.page("/g/shop/new-solution").await, &["/console/g/shop/new-recommender"]);
    has(&site.page("/g/shop/deploy").await, &["bought", "/g/shop/recommenders/bought\"", "Best sellers"]);
    let page = site.page("/g/shop/new-recommender").await;
    let recipe = "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you";
    has(&page, &[recipe, "name=\"weight\""]);
    let form = [("name", "mine"), ("use-case", recipe), ("weight", "0.4"), ("tps", "2"), ("metadata", "true")];
    let got = site.post("/g/shop/new-recommender", &form).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/recommenders/mine"), "{}", got.body);
    let expected = json!({"name": "mine", "datasetGroupArn": format!("{ARN}:dataset-group/shop"), "recipeArn": recipe,
        "recommenderConfig": {"enableMetadataWithRecommendations": true, "itemExplorationConfig": {"explorationWeight": "0.4"},
            "minRecommendationRequestsPerSecond": 2}});
    assert_eq!(site.calls(Operation::CreateRecommender), [expected]);
    let got = site.post("/g/shop/new-recommender", &[("name", "mine"), ("use-case", recipe), ("tps", "many")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-tps-error\"", "value=\"many\""]);
    // A group without a domain says so.
    has(&Site::shop().page("/g/shop/new-recommender").await, &["has no domain"]);
}

//! The pages over a small shop, as a browser gets them.

mod bad_input;
mod batch;
mod budgets;
mod deploy;
mod downloads;
mod evaluate_parts;
mod korean;
mod train;
mod try_recommendations;

use super::testing::{ARN, Site, refusal, refusal_of, version_arn};
use crate::cx::segment;
use crate::ports::RunningJob;
use http::StatusCode;
use serde_json::{Value, json};
use tastemaker_wire::Operation;

/// That a page contains texts.
fn has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text:?} is not in {page}");
    }
}

const PAGES: [&str; 17] = [
    "/",
    "/g/shop/",
    "/g/shop/train",
    "/g/shop/train/for-you",
    "/g/shop/train/for-you/v1",
    "/g/shop/train/for-you/v2",
    "/g/shop/new-solution",
    "/g/shop/evaluate",
    "/g/shop/deploy",
    "/g/shop/deploy/home",
    "/g/shop/new-campaign",
    "/g/shop/recommenders/bought",
    "/g/shop/event-tracker",
    "/g/shop/try?user=user42",
    "/g/shop/batch",
    "/g/shop/batch/inference/nightly",
    "/g/shop/new-batch",
];

#[tokio::test]
async fn every_page_is_there_in_both_languages() {
    let english = Site::shop();
    let korean = Site::shop().korean();
    for path in PAGES {
        let page = english.page(path).await;
        has(&page, &["<html lang=\"en\""]);
        let page = korean.page(path).await;
        has(&page, &["<html lang=\"ko\""]);
        // A key that no language file has is its own text.
        for key in [">train-", ">create-", ">deploy-", ">try-", ">home-", ">evaluate-", ">version-", ">solution-"] {
            assert!(!page.contains(key), "{key} in {path}");
        }
    }
}

#[tokio::test]
async fn home_leads_through_the_five_steps() {
    let page = Site::shop().page("/").await;
    let user = format!("/console/g/shop/try?c={}&amp;user=user42", segment(&format!("{ARN}:campaign/home")));
    has(
        &page,
        &[
            "One dataset",
            "0.3000",
            "Better than popular items",
            "One active campaign",
            &user,
            "For user user42",
            "<td class=\"number\">1</td></tr>",
        ],
    );
    let empty = Site::with(|operation, _| match operation {
        Operation::ListDatasetGroups => Some(Ok(json!({"datasetGroups": []}))),
        Operation::ListSolutionVersions => Some(Ok(json!({"solutionVersions": []}))),
        Operation::ListCampaigns => Some(Ok(json!({"campaigns": []}))),
        _ => None,
    });
    let page = empty.page("/").await;
    has(&page, &["There is nothing here yet", "Create dataset group"]);
}

#[tokio::test]
async fn a_group_is_created_or_its_name_is_refused_beside_the_name() {
    let site = Site::shop();
    let got = site.post("/", &[("name", "new"), ("domain", "ECOMMERCE")]).await;
    assert_eq!((got.status, got.location.as_deref()), (StatusCode::SEE_OTHER, Some("/console/g/new/")));
    assert_eq!(site.calls(Operation::CreateDatasetGroup), [json!({"name": "new", "domain": "ECOMMERCE"})]);
    let taken = Site::with(|operation, _| {
        (operation == Operation::CreateDatasetGroup)
            .then(|| Err(refusal("ResourceAlreadyExistsException", "It is taken.")))
    });
    let got = taken.post("/", &[("name", "shop")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-name-error\">It is taken.", "value=\"shop\""]);
}

#[tokio::test]
async fn what_failed_stands_on_home_with_the_apis_reason() {
    let site = Site::with(|operation, _| {
        let failed = json!({"solutionVersionArn": version_arn("v1"), "status": "CREATE FAILED", "creationDateTime": 1_799_999_000.0,
            "lastUpdatedDateTime": 1_799_999_900.0, "failureReason": "There are 3 users; <25> are needed."});
        (operation == Operation::ListSolutionVersions).then(|| Ok(json!({"solutionVersions": [failed]})))
    });
    let page = site.page("/").await;
    has(
        &page,
        &["Failed in the last 7 days", "There are 3 users; &lt;25&gt; are needed.", "/console/g/shop/train/for-you/v1"],
    );
}

#[tokio::test]
async fn a_running_training_is_shown_and_stopped() {
    let arn = version_arn("v1");
    let job = RunningJob {
        resource_arn: arn.clone(),
        stage: "train".into(),
        done: 30,
        total: 120,
        detail: "epoch 2, loss 3.1".into(),
        epochs: vec![(1, 3.5, Some(0.1)), (2, 3.1, Some(0.2))],
        examples_per_second: Some(12_345.6),
        left_s: Some(65),
    };
    let site = Site::with_job(job, |operation, _| {
        let version =
            json!({"solutionVersionArn": version_arn("v1"), "status": "CREATE IN_PROGRESS", "creationDateTime": 1.7e9});
        (operation == Operation::DescribeSolutionVersion).then(|| Ok(json!({"solutionVersion": version})))
    });
    let page = site.page("/g/shop/train/for-you/v1").await;
    has(
        &page,
        &[
            "aria-valuenow=\"25\"",
            "epoch 2, loss 3.1",
            "Stop the training",
            "1 min 5 s left",
            "12,346 examples a second",
            "best 0.2000 in epoch 2",
            "topics=version%3Afor-you%2Fv1",
        ],
    );
    let got = site.post("/g/shop/train/for-you/v1/stop", &[]).await;
    assert_eq!(
        (got.status, got.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/console/g/shop/train/for-you/v1"))
    );
    assert_eq!(site.calls(Operation::StopSolutionVersionCreation), [json!({"solutionVersionArn": arn})]);
}

#[tokio::test]
async fn a_finished_version_shows_quality_curves_and_notes() {
    let page = Site::shop().page("/g/shop/train/for-you/v2").await;
    has(
        &page,
        &[
            "0.2800–0.3200",
            "0.1000",
            "better",
            "A note of the training.",
            "id=\"loss\"",
            "best 0.1500 in epoch 2",
            "hidden_dimension",
        ],
    );
}

#[tokio::test]
async fn a_solution_is_created_and_trained_with_what_was_typed() {
    let site = Site::shop();
    let form = [
        ("recipe", "aws-user-personalization"),
        ("name", "new"),
        ("then", "train"),
        ("event_type", "구매"),
        ("p.min_user_history_length_percentile", "0.05"),
        ("p.max_user_history_length_percentile", "0.99"),
        ("p.bptt", "16"),
        ("hpo", "true"),
        ("jobs", "6"),
        ("parallel", "2"),
        ("r.hidden_dimension.from", "40"),
        ("r.hidden_dimension.to", ""),
        ("auto", "true"),
        ("days", "3"),
    ];
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization").await;
    for (name, _) in form {
        assert!(page.contains(&format!("name=\"{name}\"")), "{name} is no field");
    }
    let got = site.post("/g/shop/new-solution", &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/train/for-you/v3"));
    let config = json!({
        "algorithmHyperParameters": {"bptt": "16"},
        "featureTransformationParameters": {"min_user_history_length_percentile": "0.05"},
        "hpoConfig": {
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "6", "maxParallelTrainingJobs": "2"},
            "algorithmHyperParameterRanges": {
                "integerHyperParameterRanges": [{"name": "hidden_dimension", "minValue": 40, "maxValue": 256}],
            },
        },
        "autoTrainingConfig": {"schedulingExpression": "rate(3 days)"},
    });
    let expected = json!({
        "name": "new",
        "datasetGroupArn": format!("{ARN}:dataset-group/shop"),
        "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization",
        "eventType": "구매",
        "performHPO": true,
        "performAutoTraining": true,
        "solutionConfig": config,
    });
    assert_eq!(site.calls(Operation::CreateSolution), [expected]);
    assert_eq!(site.calls(Operation::CreateSolutionVersion), [json!({"solutionArn": format!("{ARN}:solution/new")})]);
}

#[tokio::test]
async fn the_pair_of_percentiles_is_drawn_on_the_lengths_of_histories() {
    let site = Site::shop();
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization").await;
    has(
        &page,
        &[
            "Users with 1 to 99 events: 99 of 100 take part",
            "<td class=\"number\">5,050</td>",
            "id=\"history-lengths\"",
        ],
    );
    let chosen = "&p.min_user_history_length_percentile=0.05&p.max_user_history_length_percentile=0.95";
    let page = site.page(&format!("/g/shop/new-solution?recipe=aws-user-personalization{chosen}")).await;
    has(&page, &["Users with 5 to 95 events: 91 of 100 take part", "chart-marker"]);
    let page = site.page("/g/shop/new-solution?recipe=aws-user-personalization-v2").await;
    assert!(!page.contains("history-lengths"), "the recipe has no such pair");
}

#[tokio::test]
async fn event_types_are_weighted_where_the_recipe_can() {
    let site = Site::shop();
    let form = [
        ("recipe", "aws-user-personalization-v2"),
        ("name", "new"),
        ("then", "create"),
        ("e.0.type", "구매"),
        ("e.0.weight", "1"),
        ("e.1.type", ""),
        ("e.2.type", "view"),
        ("e.2.threshold", "0.5"),
    ];
    let got = site.post("/g/shop/new-solution", &form).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/train/new"), "{}", got.body);
    let made = &site.calls(Operation::CreateSolution)[0];
    assert_eq!(
        made["solutionConfig"]["eventsConfig"]["eventParametersList"],
        json!([{"eventType": "구매", "weight": 1.0}, {"eventType": "view", "eventValueThreshold": 0.5}])
    );
    let wrong = [("recipe", "aws-user-personalization-v2"), ("name", "new"), ("e.0.type", "a"), ("e.0.weight", "much")];
    let got = site.post("/g/shop/new-solution", &wrong).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["This must be a number, not 'much'."]);
}

#[tokio::test]
async fn faults_stand_beside_their_fields_and_values_are_kept() {
    let site = Site::shop();
    let form = [
        ("recipe", "aws-user-personalization"),
        ("name", "bad name"),
        ("then", "train"),
        ("p.bptt", "9999"),
        ("p.min_user_history_length_percentile", "0.95"),
        ("p.max_user_history_length_percentile", "0.05"),
        ("hpo", "true"),
        ("jobs", "99"),
        ("r.hidden_dimension.from", "5000"),
    ];
    let got = site.post("/g/shop/new-solution", &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(
        &got.body,
        &[
            "value=\"bad name\"",
            "id=\"field-name-error\"",
            "value=\"9999\"",
            "id=\"field-p-bptt-error\"",
            "whole number in",
            "id=\"field-p-min_user_history_length_percentile-error\"",
            "must not exceed",
            "value=\"99\"",
            "id=\"field-jobs-error\"",
            "id=\"field-r-hidden_dimension-from-error\"",
        ],
    );
    assert_eq!(got.body.matches(" autofocus").count(), 1);
    assert!(site.calls(Operation::CreateSolution).is_empty(), "nothing half-made");
}

#[tokio::test]
async fn a_training_that_is_refused_leads_to_the_solution_with_the_reason() {
    let site = Site::with(|operation, input| match operation {
        Operation::CreateSolutionVersion => Some(Err(refusal("LimitExceededException", "Too many trainings."))),
        Operation::DescribeSolution => {
            let solution = json!({"name": "new", "solutionArn": input["solutionArn"], "status": "ACTIVE"});
            Some(Ok(json!({"solution": solution})))
        }
        _ => None,
    });
    let got = site.post("/g/shop/new-solution", &[("recipe", "aws-sims"), ("name", "new"), ("then", "train")]).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    has(&got.body, &["LimitExceededException", "Too many trainings.", "Train a new version"]);
}

#[tokio::test]
async fn versions_stand_side_by_side_with_popularity() {
    let versions = format!("v={}&v={}", segment(&version_arn("v1")), segment(&version_arn("v2")));
    let site = Site::shop();
    let page = site.page(&format!("/g/shop/evaluate?{versions}")).await;
    has(
        &page,
        &[
            "0.3000 ▲",
            "(0.2800–0.3200)",
            "+0.1000 more than noise",
            "Popular items",
            "-0.1000",
            "id=\"by-history\"",
            "10",
            "hidden_dimension",
        ],
    );
    let page = site.page(&format!("/g/shop/evaluate?{versions}&base=popularity&transpose=1&all=1")).await;
    has(&page, &["+0.2000 more than noise", "by user leaves out zero (against popular items)"]);
    let got = site.get(&format!("/g/shop/evaluate?{versions}&v={}", segment("arn:gone"))).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["Resource does not exist.", "0.3000 ▲"]);
    let many: Vec<String> = (0..50).map(|n| format!("v={n}")).collect();
    let got = site.get(&format!("/g/shop/evaluate?{}", many.join("&"))).await;
    has(&got.body, &["At most 12 versions can stand side by side, not 50"]);
}

#[tokio::test]
async fn a_campaign_is_made_changed_rolled_back_and_deleted() {
    let site = Site::shop();
    let version = version_arn("v1");
    let form = [("name", "c"), ("version", version.as_str()), ("weight", "0.5"), ("metadata", "true"), ("tps", "2")];
    let got = site.post("/g/shop/new-campaign", &form).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/deploy/c"), "{}", got.body);
    assert_eq!(
        site.calls(Operation::CreateCampaign),
        [json!({"name": "c", "solutionVersionArn": version, "minProvisionedTPS": 2,
        "campaignConfig": {"itemExplorationConfig": {"explorationWeight": "0.5"}, "enableMetadataWithRecommendations": true,
            "syncWithLatestSolutionVersion": false}})]
    );
    let page = site.page("/g/shop/deploy/home").await;
    has(&page, &["Roll back to this", "-0.1000", "deployed"]);
    let got = site.post("/g/shop/deploy/home/version", &[("version", &version)]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
    let changed = &site.calls(Operation::UpdateCampaign)[0];
    assert_eq!(
        (changed["solutionVersionArn"].as_str(), &changed["campaignArn"]),
        (Some(version.as_str()), &json!(format!("{ARN}:campaign/home")))
    );
    let got = site.post("/g/shop/deploy/home/delete", &[("confirm", "hom")]).await;
    assert_eq!((got.status, site.calls(Operation::DeleteCampaign).len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    has(&got.body, &["This is not the name of the campaign."]);
    let got = site.post("/g/shop/deploy/home/delete", &[("confirm", "home")]).await;
    assert_eq!((got.status, site.calls(Operation::DeleteCampaign).len()), (StatusCode::SEE_OTHER, 1));
    let refusing = Site::with(|operation, _| {
        let text = "campaignConfig.itemExplorationConfig.explorationWeight must be a number in [0, 1], not '7'.";
        let member = "campaignConfig.itemExplorationConfig.explorationWeight";
        (operation == Operation::UpdateCampaign).then(|| Err(refusal_of(member, text)))
    });
    let got = refusing.post("/g/shop/deploy/home", &[("version", &version), ("weight", "7")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-weight-error\"", "must be a number in [0, 1]", "value=\"7\""]);
}

#[tokio::test]
async fn a_list_is_shown_as_cards_with_the_call_that_gave_it() {
    let site = Site::shop();
    let path = format!(
        "/g/shop/try?user=user42&n=2&filter={}&fv.CATEGORY=a,b&ctx.DEVICE=mobile",
        segment(&format!("{ARN}:filter/cat"))
    );
    let page = site.page(&path).await;
    has(
        &page,
        &[
            "Kettle &lt;b&gt;",
            "12.5",
            "https://cdn.example/p9.png",
            "0.5000",
            "Explored: a new item",
            "Name of p1",
            "rid-1",
            "View",
            "aws personalize-runtime get-recommendations",
            "client.get_recommendations(",
            "GetRecommendationsCommand",
            "--aws-sigv4",
            "name=\"fv.CATEGORY\"",
            "value=\"mobile\"",
        ],
    );
    assert!(!page.contains("evil.example"), "a picture of a host that the settings do not name");
    let asked: &Value = &site.calls(Operation::GetRecommendations)[0];
    assert_eq!(
        (&asked["filterValues"], &asked["context"]),
        (&json!({"CATEGORY": "\"a\",\"b\""}), &json!({"DEVICE": "mobile"}))
    );
    let page = site.page("/g/shop/try?user=nobody").await;
    has(&page, &["Nothing is known of this user"]);
}

#[tokio::test]
async fn the_apis_refusal_of_a_list_is_shown_as_it_is() {
    let site = Site::with(|operation, _| {
        let text = "EXCLUDE ItemID WHERE\n                    ^ here";
        (operation == Operation::GetRecommendations).then(|| Err(refusal("InvalidInputException", text)))
    });
    let got = site.get("/g/shop/try?user=a%2Fb").await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    has(&got.body, &["InvalidInputException", "                    ^ here", "value=\"a/b\""]);
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let site = Site::shop();
    for path in [
        "/g/gone/",
        "/g/gone/train",
        "/g/shop/train/gone",
        "/g/shop/train/for-you/v9",
        "/g/shop/deploy/gone",
        "/g/gone/try",
    ] {
        let got = site.get(path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        has(&got.body, &["ResourceNotFoundException"]);
    }
    let got = site.get("/g/shop/new-solution?recipe=aws-none").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["There is no custom recipe 'aws-none'."]);
}

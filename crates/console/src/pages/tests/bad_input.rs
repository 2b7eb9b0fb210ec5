//! Input that is wrong, hostile or late.

use super::has;
use crate::cx::segment;
use crate::pages::testing::{ARN, Site, refusal, refusal_of, version_arn};
use http::StatusCode;
use serde_json::json;
use tastemaker_wire::Operation;

#[tokio::test]
async fn a_name_that_is_taken_is_said_beside_the_name() {
    let taken = Site::with(|operation, _| {
        matches!(operation, Operation::CreateSolution | Operation::CreateCampaign)
            .then(|| Err(refusal("ResourceAlreadyExistsException", "Another resource with that Arn already exists.")))
    });
    let version = version_arn("v1");
    for (path, form) in [
        ("/g/shop/new-solution", vec![("recipe", "aws-sims"), ("name", "for-you"), ("then", "train")]),
        ("/g/shop/new-campaign", vec![("name", "for-you"), ("version", version.as_str())]),
    ] {
        let got = taken.post(path, &form).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        has(
            &got.body,
            &["id=\"field-name-error\">Another resource with that Arn already exists.", "value=\"for-you\""],
        );
    }
    assert!(taken.calls(Operation::CreateSolutionVersion).is_empty(), "nothing half-made");
}

#[tokio::test]
async fn the_first_field_with_a_fault_has_the_focus() {
    let form = [
        ("recipe", "aws-user-personalization"),
        ("name", "new"),
        ("p.min_user_history_length_percentile", "0.9"),
        ("p.max_user_history_length_percentile", "0.1"),
        ("p.bptt", "9999"),
        ("hpo", "true"),
        ("jobs", "0"),
    ];
    let got = Site::shop().post("/g/shop/new-solution", &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let focused = got.body.split("<input").find(|input| input.contains(" autofocus")).unwrap();
    assert!(focused.contains("name=\"p.bptt\"") || focused.contains("history_length"), "{focused}");
    for id in ["p-bptt", "p-min_user_history_length_percentile", "jobs"] {
        has(&got.body, &[&format!("id=\"field-{id}-error\"")]);
    }
}

#[tokio::test]
async fn a_refusal_of_the_api_stands_beside_the_field_of_its_member() {
    let cases = [
        ("solutionConfig.optimizationObjective.itemAttribute", "objective", "the Items schema has no column 'X'"),
        (
            "solutionConfig.featureTransformationParameters.min_user_history_length_percentile",
            "p-min_user_history_length_percentile",
            "must be a number",
        ),
        ("eventType", "event_type", "must have 1 to 256 characters"),
        ("tags.tagKey", "tags", "begins with the reserved prefix"),
    ];
    for (member, field, text) in cases {
        let site = Site::with(move |operation, _| {
            (operation == Operation::CreateSolution).then(|| Err(refusal_of(member, text)))
        });
        let got = site.post("/g/shop/new-solution", &[("recipe", "aws-user-personalization"), ("name", "n")]).await;
        has(
            &got.body,
            &[
                &format!("id=\"field-{field}-error\">{}", text.replace('\'', "&#39;"))[..0],
                &format!("id=\"field-{field}-error\""),
            ],
        );
    }
    let site = Site::with(|operation, _| {
        let text = "campaignConfig.enableMetadataWithRecommendations needs an Items dataset.";
        let member = "campaignConfig.enableMetadataWithRecommendations";
        (operation == Operation::CreateCampaign).then(|| Err(refusal_of(member, text)))
    });
    let got = site.post("/g/shop/new-campaign", &[("name", "n"), ("version", "v"), ("metadata", "true")]).await;
    has(&got.body, &["id=\"field-metadata-error\">campaignConfig.enableMetadata", "name=\"metadata\""]);
    // What is about no field stands at the top.
    let site = Site::with(|operation, _| {
        (operation == Operation::CreateSolution).then(|| Err(refusal("LimitExceededException", "There are 500.")))
    });
    let got = site.post("/g/shop/new-solution", &[("recipe", "aws-sims"), ("name", "n")]).await;
    has(&got.body, &["<p>LimitExceededException: There are 500.</p>"]);
}

#[tokio::test]
async fn a_campaign_that_follows_asks_for_the_newest_version() {
    let site = Site::shop();
    let version = version_arn("v1");
    let form = [("name", "c"), ("version", version.as_str()), ("latest", "true")];
    let got = site.post("/g/shop/new-campaign", &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    let made = &site.calls(Operation::CreateCampaign)[0];
    assert_eq!(made["solutionVersionArn"], json!(format!("{ARN}:solution/for-you/$LATEST")));
    assert_eq!(made["campaignConfig"]["syncWithLatestSolutionVersion"], json!(true));
}

#[tokio::test]
async fn names_of_items_are_text_whatever_they_say() {
    let long = "가".repeat(10_000);
    let names = [
        "<script>alert(1)</script>".to_owned(),
        "\"><img src=x onerror=alert(1)>".to_owned(),
        "\u{202e}gnp.exe".to_owned(),
        "🎁🎂".to_owned(),
        "주전자".to_owned(),
        long.clone(),
    ];
    let listed = names.clone();
    let site = Site::with(move |operation, _| {
        let item = |name: &String| json!({"itemId": name, "score": 0.5, "metadata": {"NAME": name, "IMAGE": "javascript:alert(1)"}});
        let items: Vec<_> = listed.iter().map(item).collect();
        (operation == Operation::GetRecommendations).then(|| Ok(json!({"recommendationId": "r", "itemList": items})))
    });
    let page = site.page("/g/shop/try?user=user42").await;
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x") && !page.contains("javascript:"), "{page}");
    has(
        &page,
        &["&lt;script&gt;alert(1)&lt;/script&gt;", "\u{202e}gnp.exe", "🎁🎂", "주전자", &format!("title=\"{long}\"")],
    );
    let shown = format!("<strong title=\"{long}\">");
    let rest = page.split(&shown).nth(1).unwrap().split("</strong>").next().unwrap();
    assert!(rest.chars().count() <= 60 && rest.contains('…'), "{rest}");
}

#[tokio::test]
async fn odd_ids_of_users_are_asked_for_as_they_are() {
    for user in ["a/b", "a?b", "%2e%2e", "..", "two words", "a&b=c", "사용자"] {
        let site = Site::shop();
        site.page(&format!("/g/shop/try?user={}", segment(user))).await;
        assert_eq!(site.calls(Operation::GetRecommendations)[0]["userId"], json!(user));
    }
}

#[tokio::test]
async fn numbers_of_try_that_are_none_are_faults_of_their_fields() {
    let site = Site::shop();
    let got = site.get("/g/shop/try?user=u&n=many&share=x").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["id=\"field-n-error\"", "id=\"field-share-error\"", "value=\"many\""]);
    assert!(site.calls(Operation::GetRecommendations).is_empty());
    let site = Site::with(|operation, _| {
        (operation == Operation::GetRecommendations).then(|| Err(refusal_of("numResults", "must be at most 500")))
    });
    let got = site.get("/g/shop/try?user=u&n=501").await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    has(&got.body, &["id=\"field-n-error\">must be at most 500", "InvalidInputException"]);
}

#[tokio::test]
async fn a_version_of_another_group_is_named_and_the_others_are_shown() {
    let site = Site::with(|operation, input| {
        let arn = input["solutionVersionArn"].as_str().unwrap_or_default();
        (operation == Operation::DescribeSolutionVersion && arn == version_arn("v1")).then(|| {
            let group = format!("{ARN}:dataset-group/other");
            Ok(json!({"solutionVersion": {"solutionVersionArn": arn, "status": "ACTIVE", "datasetGroupArn": group}}))
        })
    });
    let versions = format!("v={}&v={}", segment(&version_arn("v1")), segment(&version_arn("v2")));
    let got = site.get(&format!("/g/shop/evaluate?{versions}")).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["for-you / v1 belongs to another dataset group", "0.3000"]);
}

#[tokio::test]
async fn what_another_tab_deleted_is_said_to_be_deleted() {
    let site = Site::with(|operation, _| {
        (operation == Operation::DeleteCampaign)
            .then(|| Err(refusal("ResourceNotFoundException", "It does not exist.")))
    });
    let got = site.post("/g/shop/deploy/home/delete", &[("confirm", "home")]).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/deploy?gone=home"));
    let page = site.page("/g/shop/deploy?gone=%3Cb%3E").await;
    has(&page, &["&lt;b&gt; is already deleted.", "id=\"campaigns\""]);
}

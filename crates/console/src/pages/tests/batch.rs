//! Segments and batch.

use super::super::testing::{ARN, Site, inference_job, refusal_of, version_arn};
use super::has;
use crate::ports::RunningJob;
use crate::tests::data::KeptFiles;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use tastemaker_wire::Operation;

const FILE: &str = "{\"input\":{\"userId\": \"user42\"},\"output\":{\"recommendedItems\":[\"p9\",\"<p8>\"],\"scores\":[0.5,0.25]},\"error\":null}\n\
    {\"input\":{\"userId\": \"nobody\"},\"output\":null,\"error\":\"no such user\"}\n";

fn files() -> Arc<KeptFiles> {
    let files = KeptFiles::default();
    files.0.lock().insert("b/out/in.json.out".into(), FILE.into());
    files.0.lock().insert("b/other.json.out".into(), FILE.into());
    Arc::new(files)
}

#[tokio::test]
async fn a_finished_job_shows_its_first_answers_as_cards_and_gives_its_files() {
    let site = Site::with_files(files(), |_, _| None);
    let list = site.page("/g/shop/batch").await;
    has(&list, &["/console/g/shop/batch/inference/nightly", "Lists for many", "ACTIVE"]);
    let page = site.page("/g/shop/batch/inference/nightly").await;
    has(&page, &["user42", "Name of p9", "0.5000", "Name of &lt;p8&gt;", "no such user", "in.json.out", "users.csv"]);
    let here = "/g/shop/batch/inference/nightly";
    assert_eq!(site.page(&format!("{here}/file?key=out%2Fin.json.out")).await, FILE);
    let csv = site.page(&format!("{here}/users.csv")).await;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("\"external_id\",\"recommended_item_1\","), "{csv}");
    assert!(lines[1].starts_with("\"user42\",\"p9\",\"<p8>\",\"\""), "{csv}");
    assert_eq!(lines.len(), 2, "who has no list has no row: {csv}");
    for path in ["/file?key=other.json.out", "/file?key=out%2Fin.json", "/file?key=..%2Fx.out"] {
        assert_eq!(site.get(&format!("{here}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/g/shop/batch/other/nightly", "/g/shop/batch/inference/none", "/g/shop/batch/segment/nightly"] {
        assert_eq!(site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_job_of_another_group_is_not_shown() {
    let site = Site::with_files(files(), |operation, _| {
        let mut job = inference_job();
        job["solutionVersionArn"] = json!(format!("{ARN}:solution/elsewhere/v1"));
        match operation {
            Operation::ListBatchInferenceJobs => Some(Ok(json!({"batchInferenceJobs": [job]}))),
            Operation::DescribeBatchInferenceJob => Some(Ok(json!({"batchInferenceJob": job}))),
            _ => None,
        }
    });
    assert!(!site.page("/g/shop/batch").await.contains("nightly"));
    assert_eq!(site.get("/g/shop/batch/inference/nightly").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/g/shop/batch/inference/nightly/users.csv").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_running_job_is_live_and_a_failed_one_says_why() {
    let with_status = |status: &'static str, note: &'static str| {
        move |operation: Operation, _: &serde_json::Value| {
            let mut job = inference_job();
            job["status"] = json!(status);
            job["failureReason"] = json!(note);
            (operation == Operation::DescribeBatchInferenceJob).then(|| Ok(json!({"batchInferenceJob": job})))
        }
    };
    let running = RunningJob {
        resource_arn: format!("{ARN}:batch-inference-job/nightly"),
        stage: "recommend".into(),
        done: 3,
        total: 4,
        ..RunningJob::default()
    };
    let site = Site::with_job(running, with_status("CREATE IN_PROGRESS", "75 %"));
    let page = site.page("/g/shop/batch/inference/nightly").await;
    has(&page, &["topics=batch-job%3Ainference.nightly", "aria-valuenow=\"75\""]);
    let site = Site::with(with_status("CREATE FAILED", "in.json line 3 <is> no JSON"));
    let page = site.page("/g/shop/batch/inference/nightly").await;
    has(&page, &["in.json line 3 &lt;is&gt; no JSON", "role=\"alert\""]);
    assert!(!page.contains("topics="), "{page}");
}

#[tokio::test]
async fn lines_of_the_form_become_a_file_and_a_job() {
    let kept = files();
    let site = Site::with_files(kept.clone(), |_, _| None);
    let version = version_arn("v2");
    let fields = [
        ("name", "new"),
        ("version", version.as_str()),
        ("requests", "u1\r\n\r\nu\"2"),
        ("results", "10"),
        ("filter", ""),
    ];
    let got = site.post("/g/shop/new-batch", &fields).await;
    assert_eq!(got.location.as_deref(), Some("/console/g/shop/batch/inference/new"), "{}", got.body);
    let key = "shop/new/1800000000/input/requests.json";
    let stored = kept.0.lock().get(&format!("tastemaker-batch/{key}")).cloned().unwrap();
    assert_eq!(String::from_utf8(stored).unwrap(), "{\"userId\":\"u1\"}\n{\"userId\":\"u\\\"2\"}\n");
    let expected = json!({"jobName": "new", "solutionVersionArn": version, "numResults": 10,
        "jobInput": {"s3DataSource": {"path": format!("s3://tastemaker-batch/{key}")}},
        "jobOutput": {"s3DataDestination": {"path": "s3://tastemaker-batch/shop/new/1800000000/output/"}},
        "roleArn": "arn:aws:iam::000000000000:role/tastemaker-console"});
    assert_eq!(site.calls(Operation::CreateBatchInferenceJob), [expected]);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_leaves_nothing_behind() {
    let kept = files();
    let before = kept.0.lock().len();
    let refusing = Site::with_files(kept.clone(), |operation, _| {
        (operation == Operation::CreateBatchInferenceJob).then(|| Err(refusal_of("numResults", "Too many.")))
    });
    let version = version_arn("v2");
    let ask = |fields: Vec<(&'static str, &'static str)>| {
        let (site, version) = (&refusing, version.clone());
        async move {
            let mut all = vec![("name", "new"), ("version", version.as_str())];
            all.extend(fields);
            site.post("/g/shop/new-batch", &all).await
        }
    };
    for (fields, texts) in [
        (vec![("requests", "u1"), ("results", "999")], ["id=\"field-results-error\">Too many.", "value=\"999\""]),
        (vec![("requests", "u1\n{bad")], ["Line 2 is no request: “{bad”.", "u1\n{bad</textarea>"]),
        (vec![], ["Say for whom", "id=\"field-requests-error\""]),
        (vec![("requests", "u1"), ("location", "s3://b/x")], ["not both", "id=\"field-location-error\""]),
        (vec![("requests", "u1"), ("results", "ten")], ["id=\"field-results-error\"", "value=\"ten\""]),
    ] {
        let got = ask(fields).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.body);
        has(&got.body, &texts);
    }
    let got = refusing.post("/g/shop/new-batch", &[("name", "new"), ("version", "x"), ("requests", "u1")]).await;
    has(&got.body, &["id=\"field-version-error\""]);
    assert_eq!(kept.0.lock().len(), before, "requests of a refused job go");
}

#[tokio::test]
async fn a_filter_with_parameters_has_fields_and_its_values_go_into_the_lines() {
    let kept = files();
    let site = Site::with_files(kept.clone(), |_, _| None);
    let (version, filter) = (version_arn("v2"), format!("{ARN}:filter/cat"));
    let (site, version, filter) = (&site, version.as_str(), filter.as_str());
    let post = |more: Vec<(&'static str, &'static str)>| async move {
        let fields = [vec![("name", "new"), ("version", version), ("filter", filter)], more].concat();
        site.post("/g/shop/new-batch", &fields).await
    };
    let got = post(vec![("requests", "u1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", got.body);
    has(&got.body, &["name=\"fv.CATEGORY\"", "The filter wants a value here."]);
    let got = post(vec![("location", "s3://b/x"), ("fv.CATEGORY", "tea")]).await;
    has(&got.body, &["has its values in its own lines"]);
    let got = post(vec![("requests", "u1"), ("fv.CATEGORY", "tea, coffee")]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    let stored = kept.0.lock().get("tastemaker-batch/shop/new/1800000000/input/requests.json").cloned().unwrap();
    let expected = "{\"userId\":\"u1\",\"filterValues\":{\"CATEGORY\":\"\\\"tea\\\",\\\"coffee\\\"\"}}\n";
    assert_eq!(String::from_utf8(stored).unwrap(), expected);
}

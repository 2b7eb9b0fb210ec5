//! The pages Operate over counts, metrics and a log that are the same at all times.

use crate::pages::testing::{Site, refusal};
use crate::ports::{EndedJob, FixedWatch, LogLevel, LogLine, TrafficSpan};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tastemaker_wire::Operation;

const ARN: &str = "arn:aws:personalize:us-east-1:000000000000";

fn span() -> TrafficSpan {
    TrafficSpan {
        requests: 1200,
        client_errors: 30,
        server_errors: 4,
        cold_starts: 100,
        prepared: 6,
        p50_ms: Some(1.5),
        p95_ms: Some(3.25),
        p99_ms: Some(9.75),
        events: 30,
    }
}

fn watch() -> FixedWatch {
    let metrics = format!(
        "tastemaker_recommendations_waiting 3\ntastemaker_key_throttled_total{{key=\"AK1\"}} 7\n\
         tastemaker_recommendations_refused_total{{campaign=\"{ARN}:campaign/home\",why=\"line-full\"}} 5\n\
         tastemaker_jobs{{kind=\"train\",state=\"waiting\"}} 2\ntastemaker_jobs_ended_total{{kind=\"train\",outcome=\"failed\"}} 9\n\
         tastemaker_odd_event_times_total{{sent=\"milliseconds\"}} 77\ntastemaker_disk_free_bytes 1048576\n\
         tastemaker_dataset_bytes{{dataset=\"{ARN}:dataset/shop/INTERACTIONS\"}} 2048\n\
         tastemaker_model_bytes{{campaign=\"{ARN}:campaign/home\"}} 4096\nprocess_resident_memory_bytes 3145728\n"
    );
    let job = |took_ms, outcome: &str| EndedJob {
        kind: "train".to_owned(),
        resource_arn: format!("{ARN}:solution/for-you/v1"),
        outcome: outcome.to_owned(),
        took_ms,
        ended_ms: 1_799_999_000_000,
    };
    let line = |level, text: &str, request: Option<&str>| {
        let request_id = request.map(str::to_owned);
        Arc::new(LogLine {
            at_ms: 1_799_999_000_000,
            level,
            target: "tastemaker".to_owned(),
            text: text.to_owned(),
            request_id,
        })
    };
    FixedWatch {
        metrics,
        ended_jobs: vec![job(90_000, "failed"), job(1_000, "completed"), job(2_000, "completed")],
        log_lines: vec![
            line(LogLevel::Info, "an old <step>", None),
            line(LogLevel::Warn, "slow request", Some("r-7")),
            line(LogLevel::Error, "it failed", None),
        ],
    }
}

fn site() -> Site {
    Site::with_watch(span(), watch())
}

fn says(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn requests_are_shown_by_operation_and_by_campaign() {
    let quiet = Site::shop();
    says(&quiet.page("/operate").await, &["There were no requests in this span", "No limit has refused anything"]);
    let page = site().page("/operate").await;
    says(&page, &["1,200", "2.00", "1.5 ms", "3.2 ms", "9.8 ms", "GetRecommendations", "ListSchemas", "chart-area"]);
    says(&page, &["home · line-full", "AK1", "wait for their turn now: 3", "topics=operate%3A10m.operation"]);
    says(
        &page,
        &[
            "href=\"/metrics\"",
            "href=\"/health\"",
            "href=\"/ready\"",
            "tastemaker-grafana.json",
            "tastemaker-alerts.yml",
        ],
    );
    assert!(!page.contains("Cold start"), "{page}");
    let hour = site().page("/operate?window=1h&by=campaign").await;
    // 1,200 less 30, 4, 100 and 6.
    says(&hour, &["Cold start", "Prepared", "<td class=\"number\">1,060</td>", "topics=operate%3A1h.campaign", "0.33"]);
    says(&site().page("/operate?window=x&by=y").await, &["topics=operate%3A10m.operation"]);
    says(&site().korean().page("/operate").await, &["초당 요청", "최근 10분"]);
    for (path, kind, word) in [
        ("/operate/tastemaker-grafana.json", "tastemaker_request_seconds", "\"panels\""),
        ("/operate/tastemaker-alerts.yml", "alert:", "expr:"),
    ] {
        says(&site().page(path).await, &[kind, word]);
    }
}

#[tokio::test]
async fn events_are_shown_by_tracker_with_refusals_and_clocks() {
    let page = site().page("/operate/events").await;
    says(&page, &["web", "9d5b-track", "InvalidInputException", "The &lt;event&gt; is wrong.", "milliseconds: 77"]);
    assert_eq!(page.matches("look at it").count(), 2, "{page}");
    assert_eq!(page.matches("in order").count(), 1, "{page}");
    let none = Site::with(|operation, _| {
        (operation == Operation::ListEventTrackers).then(|| Ok(json!({"eventTrackers": []})))
    });
    says(
        &none.page("/operate/events").await,
        &["There is no event tracker yet", "No call with events", "No access key has sent"],
    );
}

#[tokio::test]
async fn jobs_are_shown_by_kind_and_by_end() {
    let page = site().page("/operate/jobs").await;
    // Waiting, running, completed, failed, retried and stopped; then the median and the longest time.
    let row = "<th scope=\"row\"><code>train</code></th><td class=\"number\">2</td><td class=\"number\">0</td>\
               <td class=\"number\">0</td><td class=\"number\">9</td><td class=\"number\">0</td><td class=\"number\">0</td>\
               <td class=\"number\">2.0 s</td><td class=\"number\">90.0 s</td>";
    says(&page, &[row, "topics=operate-jobs"]);
    assert_eq!(page.matches("<td>Completed</td>").count(), 2, "{page}");
    says(&Site::shop().page("/operate/jobs").await, &["No job has ended"]);
}

#[tokio::test]
async fn storage_is_shown_and_unused_solutions_go_by_the_api() {
    let page = site().page("/operate/store").await;
    says(&page, &["1.0 MiB", "3.0 MiB", "8.0 GiB", "shop/INTERACTIONS", "2.0 KiB", "4.0 KiB"]);
    // Of the two versions the second is deployed, so the solution is in use.
    says(&page, &["One version is not deployed; its model has 1.2 MiB.", "for-you / v1"]);
    assert!(!page.contains("for-you / v2") && !page.contains("store/delete"), "{page}");
    let idle = |refused: bool| {
        Site::with(move |operation, _: &Value| match operation {
            Operation::ListCampaigns => Some(Ok(json!({"campaigns": []}))),
            Operation::DeleteSolution if refused => Some(Err(refusal("ResourceInUseException", "It is in use."))),
            Operation::DeleteSolution => Some(Ok(Value::Null)),
            _ => None,
        })
    };
    let site = idle(false);
    says(&site.page("/operate/store").await, &["action=\"/console/operate/store/delete\"", "2 versions, 1.2 MiB"]);
    let arn = format!("{ARN}:solution/for-you");
    let got = site.post("/operate/store/delete", &[("solution", &arn)]).await;
    assert_eq!((got.status, got.location.as_deref()), (StatusCode::SEE_OTHER, Some("/console/operate/store?gone=1")));
    assert_eq!(site.calls(Operation::DeleteSolution), [json!({"solutionArn": arn})]);
    says(&site.page("/operate/store?gone=1").await, &["One solution is being deleted."]);
    let got = site.post("/operate/store/delete", &[]).await;
    assert!(got.status == 422 && got.body.contains("nothing was deleted"), "{}", got.body);
    let got = idle(true).post("/operate/store/delete", &[("solution", &arn)]).await;
    assert!(got.status == 422 && got.body.contains("ResourceInUseException: It is in use."), "{}", got.body);
}

#[tokio::test]
async fn the_log_is_shown_by_level_text_and_request() {
    let page = site().page("/operate/log").await;
    says(&page, &["an old &lt;step&gt;", "slow request", "it failed"]);
    let order = ["it failed", "slow request", "an old"].map(|text| page.find(text).unwrap());
    assert!(order.is_sorted() && !page.contains("topics=operate-log"), "{page}");
    let shown = |page: String| ["an old", "slow request", "it failed"].map(|text| page.contains(text));
    assert_eq!(shown(site().page("/operate/log?level=warn").await), [false, true, true]);
    assert_eq!(shown(site().page("/operate/log?q=STEP").await), [true, false, false]);
    assert_eq!(shown(site().page("/operate/log?q=r-7").await), [false, true, false]);
    says(&site().page("/operate/log?q=nothing").await, &["no such line"]);
    let live = site().page("/operate/log?level=warn&q=r-7&live=1").await;
    says(&live, &["topics=operate-log%3Awarn%3Ar-7", "Pause"]);
    // A comma would begin another topic.
    assert!(!site().page("/operate/log?q=a,b&live=1").await.contains("topics=operate-log"));
}

//! The pages of data over a made-up server.

mod copies;
mod single;
mod size;
mod world;

use super::add::UPLOADS;
use crate::client::Client;
use crate::config::{About, ConsoleConfig, Login, User};
use crate::data_ports::FileError;
use crate::ports::{ApiError, Ports};
use crate::secrets::Secrets;
use crate::tests::markup::faults;
use crate::tests::world::Nothing;
use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use tastemaker_domain::csv_columns::{ColumnRole, FileFormat, InspectedColumn, InspectedCsv, RoleReason};
use tastemaker_domain::dataset_statistics::{
    ColumnStatistics, DatasetStatistics, EventTypeStatistics, HistoryLengths, InteractionStatistics, NumberStatistics,
    PopularityShare, TextStatistics, ValueCount,
};
use tastemaker_domain::import_report::{ImportReport, RefusalReason, Refused, RefusedLine};
use tastemaker_domain::schema::{DatasetType, FieldType};
use tastemaker_wire::Operation;
use tokio::sync::watch;
use tower::ServiceExt;
use world::{Shared, World};

const EVIL: &str = "<script>alert(1)</script>";
const BOUNDARY: &str = "boundary";

fn config(read_only: bool, upload_bytes_max: u64) -> ConsoleConfig {
    ConsoleConfig {
        base_path: String::new(),
        read_only,
        login: Login::LoopbackFree,
        listens_on_loopback: true,
        session_seconds: 3600,
        hosts: Vec::new(),
        upload_bytes_max,
        language: None,
        image_hosts: Vec::new(),
        user: User { key_id: "KEY".into(), token: "token".into() },
        secrets: Secrets::of(vec![7; 32]).unwrap(),
        region: "us-east-1".into(),
        account_id: "000000000000".into(),
        about: About::default(),
        stopping: watch::channel(false).1,
    }
}

fn router(world: &Arc<World>, config: ConsoleConfig) -> Router {
    let shared = || Arc::new(Shared(world.clone()));
    let ports = Ports {
        demo_shop: Arc::new(crate::ports::FixedDemoShop::default()),
        api: shared(),
        progress: shared(),
        reports: Arc::new(Nothing),
        estimates: Arc::new(Nothing),
        histories: Arc::new(single::KnownUser),
        datasets: shared(),
        files: shared(),
        traffic: Arc::new(crate::ports::FixedTraffic::default()),
        last_requests: Arc::new(crate::ports::FixedRequests::default()),
        watch: Arc::new(crate::ports::FixedWatch::default()),
        dismissals: Arc::new(crate::ports::KeptDismissals::default()),
        planned_copies: world.plans.clone(),
        sentences: Arc::new(|_| None),
        clock: Arc::new(|| 1_700_000_000_000),
    };
    crate::router(config, ports)
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(router: Router, mut request: Request<Body>) -> Answer {
    request.extensions_mut().insert(Client { peer: Some([127, 0, 0, 1].into()), ..Client::default() });
    let response = router.oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
}

async fn get(world: &Arc<World>, path: &str) -> Answer {
    ask(router(world, config(false, 1 << 20)), Request::get(path).body(Body::empty()).unwrap()).await
}

/// Sends a form with these files; the last `cut` bytes are left out.
async fn upload(world: &Arc<World>, config: ConsoleConfig, files: &[(&str, &[u8])], cut: usize) -> Answer {
    let mut body =
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"type\"\r\n\r\nITEMS\r\n").into_bytes();
    for (name, bytes) in files {
        let head =
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body.truncate(body.len() - cut);
    let request = Request::post("/g/shop/data/upload")
        .header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body))
        .unwrap();
    ask(router(world, config), request).await
}

fn column(name: &str, field_type: FieldType) -> ColumnStatistics {
    ColumnStatistics {
        name: name.into(),
        field_type,
        nullable: true,
        categorical: false,
        textual: false,
        empty: 1,
        distinct: 2,
        distinct_is_estimate: true,
        top: Vec::new(),
        joined: 0,
        numbers: None,
        text: None,
        samples: vec![EVIL.into(), "\u{202e}abc".into(), "상점".into()],
    }
}

fn statistics() -> DatasetStatistics {
    let interactions = InteractionStatistics {
        users: 9_000,
        items: 200,
        first_s: 1_600_000_000,
        last_s: 1_700_000_000,
        duplicates: 5_000,
        bucket_days: 7,
        by_day: vec![(18_518, 100), (18_525, 50)],
        by_hour: (0..168).collect(),
        event_types: vec![EventTypeStatistics { name: EVIL.into(), rows: 70_000, ..EventTypeStatistics::default() }],
        event_type_count: 1,
        history_lengths: vec![
            HistoryLengths { from: 1, to: 1, users: 500 },
            HistoryLengths { from: 2, to: 2, users: 8_500 },
        ],
        length_percentiles: vec![2; 101],
        users_with_two: 8_500,
        popularity: vec![PopularityShare { top_percent: 5.0, share: 0.621 }],
        gini: 0.5,
        top_items: vec![ValueCount { value: "a/b?c".into(), rows: 900 }],
        top_users: vec![ValueCount { value: EVIL.into(), rows: 300 }],
        median_user: Some("u/1 2".into()),
        unknown_items: Some(100),
        ..InteractionStatistics::default()
    };
    let price = ColumnStatistics {
        numbers: Some(NumberStatistics {
            min: 1.0,
            max: 9.0,
            mean: 5.0,
            quantiles: vec![1.0, 5.0, 9.0],
            bounds: vec![1.0, 5.0, 9.0],
            bars: vec![3, 4],
            outliers: 1,
            farthest: vec![9.0],
        }),
        ..column("PRICE", FieldType::Double)
    };
    let kind =
        ColumnStatistics { top: vec![ValueCount { value: EVIL.into(), rows: 9 }], ..column("KIND", FieldType::String) };
    let text = TextStatistics { chars_mean: 10.0, chars_max: 20, script: "hangul".into() };
    let about = ColumnStatistics { text: Some(text), textual: true, ..column("ABOUT", FieldType::String) };
    DatasetStatistics {
        dataset_arn: "arn".into(),
        dataset_type: DatasetType::Interactions,
        made_ms: 1_700_000_000_000,
        source: String::new(),
        rows: 100_000,
        rows_with_missing: 1,
        is_estimate: true,
        columns: vec![price, kind, about],
        interactions: Some(interactions),
        metadata: None,
    }
}

fn report() -> ImportReport {
    let line = RefusedLine {
        file: "s3://b/items.csv".into(),
        line: 7,
        value: format!("'{EVIL}'"),
        rule: "must be a finite number".into(),
    };
    let formula = RefusedLine { line: 8, value: "'=1+1'".into(), ..line.clone() };
    ImportReport {
        import_arn: "arn:job".into(),
        dataset_arn: "arn".into(),
        rows: 1_000,
        files: 1,
        bytes: 2_048,
        rows_left_out: 0,
        values_left_out: 250,
        refused: vec![Refused {
            column: "PRICE".into(),
            reason: RefusalReason::NotANumber,
            count: 250,
            lines: vec![line, formula],
        }],
    }
}

fn dataset() -> Value {
    json!({"datasetArn": "arn", "datasetType": "INTERACTIONS", "name": "x", "status": "ACTIVE", "schemaArn": "arn:schema"})
}

fn job(status: &str, failure: &str) -> Value {
    json!({"datasetImportJobArn": "arn:job", "jobName": "one", "status": status, "failureReason": failure,
        "datasetArn": "arn:dataset/shop/INTERACTIONS", "dataSource": {"dataLocation": "s3://b/"}})
}

fn full() -> Arc<World> {
    let world = Arc::new(World::default());
    world.datasets.lock().push(dataset());
    *world.import.lock() = job("ACTIVE", "");
    *world.statistics.lock() = Some(statistics());
    *world.report.lock() = Some(report());
    world
}

/// Markup that no page may have, whatever the data.
#[track_caller]
fn safe(answer: &Answer) {
    assert!(!answer.body.contains("<script>alert"), "the data is text");
    assert_eq!(faults(&answer.body), [""; 0]);
}

#[tokio::test]
async fn the_overview_has_a_row_for_each_dataset() {
    let empty = get(&Arc::new(World::default()), "/g/shop/data").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.body.contains("no datasets yet") && empty.body.contains("/g/shop/data/add"), "{}", empty.body);
    let answer = get(&full(), "/g/shop/data").await;
    assert_eq!(answer.status, StatusCode::OK);
    safe(&answer);
    for part in ["100,000", "/g/shop/data/INTERACTIONS", "/g/shop/data/imports/one", "Warning"] {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
}

#[tokio::test]
async fn a_dataset_is_shown_from_its_statistics() {
    let world = full();
    let answer = get(&world, "/g/shop/data/interactions").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    safe(&answer);
    for part in [
        "&lt;script&gt;",
        "≈ 9,000",
        "8,500 users have two interactions or more",
        "take 62.1 % of all interactions",
        "5.0 % of the rows (5,000) repeat another",
        "/g/shop/try?user=u%2F1%202",
        "Probably Korean",
        "Statistics made",
        "The last import left out",
    ] {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }

    *world.statistics.lock() = None;
    assert!(get(&world, "/g/shop/data/INTERACTIONS").await.body.contains("statistics are being made"));
    assert_eq!(get(&world, "/g/shop/data/NOTHING").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&Arc::new(World::default()), "/g/shop/data/ITEMS").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_are_in_korean_for_who_wants_it() {
    let world = full();
    for path in ["/g/shop/data", "/g/shop/data/INTERACTIONS", "/g/shop/data/imports/one", "/g/shop/data/add"] {
        let request = Request::get(path).header("accept-language", "ko").body(Body::empty()).unwrap();
        let answer = ask(router(&world, config(false, 1 << 20)), request).await;
        assert!(answer.body.contains("lang=\"ko\"") && answer.body.contains("데이터"), "{path}");
        assert!(!answer.body.contains("Last import") && !answer.body.contains("Rows "), "{path}");
    }
}

#[tokio::test]
async fn an_import_tells_what_it_left_out() {
    let world = full();
    let answer = get(&world, "/g/shop/data/imports/one").await;
    assert_eq!(answer.status, StatusCode::OK);
    safe(&answer);
    for part in
        ["1,000", "250", "not a number", "s3://b/items.csv", "must be a finite number", "refused.csv", "The first 2."]
    {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
    let csv = get(&world, "/g/shop/data/imports/one/refused.csv").await;
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"refused.csv\"");
    assert!(csv.body.contains("\"s3://b/items.csv\",\"8\",\"PRICE\",\"'=1+1\",\"not-a-number\""), "{}", csv.body);

    *world.import.lock() = job("CREATE FAILED", "s3://b/a.csv line 3 column TIMESTAMP: 'x' must be a long");
    *world.report.lock() = None;
    let failed = get(&world, "/g/shop/data/imports/one").await.body;
    assert!(
        failed.contains("<th scope=\"row\"><bdi title=\"s3://b/a.csv\">") && failed.contains("Correct this line"),
        "{failed}"
    );
    *world.import.lock() = job("CREATE IN_PROGRESS", "");
    let running = get(&world, "/g/shop/data/imports/one").await.body;
    assert!(running.contains("value=\"3\" max=\"9\"") && running.contains("every 2s"), "{running}");
    *world.import.lock() = Value::Null;
    assert_eq!(get(&world, "/g/shop/data/imports/one").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_are_streamed_into_the_bucket_of_uploads() {
    let world = Arc::new(World::default());
    let answer =
        upload(&world, config(false, 1 << 20), &[("../a b.csv", b"ITEM_ID,X\na,1\n"), ("c.csv", b"ITEM_ID,X\n")], 0)
            .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let location = "s3%3A%2F%2Ftastemaker-uploads%2Fshop%2FITEMS%2F1700000000000%2F";
    assert_eq!(answer.location(), format!("/console/g/shop/data/schema?type=ITEMS&location={location}"));
    let keys: Vec<String> = world.objects.lock().keys().cloned().collect();
    let folder = format!("{UPLOADS}/shop/ITEMS/1700000000000/");
    assert_eq!(keys, [format!("{folder}00-a_b.csv"), format!("{folder}01-c.csv")]);
    let listed = get(&world, "/g/shop/data/add").await;
    assert!(listed.body.contains("2 files") && listed.body.contains("shop/ITEMS/1700000000000/"), "{}", listed.body);
}

#[tokio::test]
async fn what_is_cut_off_too_large_or_no_file_leaves_nothing_and_is_said() {
    let big = [b'x'; 3_000];
    for (config, files, cut, said) in [
        (config(false, 1 << 20), vec![("a.csv", &big[..])], 1_500, "broke off"),
        (config(false, 2_000), vec![("a.csv", &big[..])], 0, "more than 2.0 KiB"),
        (config(false, 4_000), vec![("a.csv", &big[..]), ("b.csv", &big[..])], 0, "more than 3.9 KiB"),
        (config(false, 1 << 20), vec![("", &b""[..])], 0, "No file was chosen"),
        (config(false, 1 << 20), vec![("a.csv.gz", &b"\x1f\x8b\x08broken"[..])], 0, "broke off"),
    ] {
        let world = Arc::new(World::default());
        let answer = upload(&world, config, &files, cut).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(answer.body.contains(said), "{said} in {}", answer.body);
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(world.objects.lock().is_empty(), "{said}: {:?}", world.objects.lock().keys());
        assert!(world.called(Operation::CreateDatasetImportJob).is_empty());
    }
    let answer = upload(&Arc::new(World::default()), config(true, 1 << 20), &[("a.csv", b"a\n")], 0).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a console that is read-only");
}

fn inspected(name: &str) -> InspectedColumn {
    InspectedColumn {
        header: name.to_lowercase(),
        name: name.into(),
        field_type: if name == "TIMESTAMP" { FieldType::Long } else { FieldType::String },
        nullable: false,
        role: ColumnRole::Id,
        reason: RoleReason::LikeKnownName,
        time_format: None,
        empty: 0,
        samples: vec![EVIL.into()],
    }
}

fn csv(names: &[&str]) -> InspectedCsv {
    let columns = names.iter().map(|name| inspected(name)).collect();
    InspectedCsv {
        format: FileFormat::Csv,
        columns,
        rows: 10,
        separator: Some(';'),
        is_utf_16: true,
        missing: Vec::new(),
    }
}

const SCHEMA_PATH: &str = "/g/shop/data/schema?type=INTERACTIONS&location=s3%3A%2F%2Fb%2Ff%2F";

/// The form of a page as a browser would send it, with the button that was pressed.
fn form_of(page: &str, action: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| -> Option<String> {
        let rest = tag.split(&format!("{name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.replace("&quot;", "\"").replace("&amp;", "&"))
    };
    let form =
        page.split("action=\"/console/g/shop/data/import\"").nth(1).expect("the form").split("</form>").next().unwrap();
    let mut fields = vec![("action".to_owned(), action.to_owned())];
    for tag in form.split("<input").skip(1).map(|tag| tag.split('>').next().unwrap()) {
        let is_choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
        if let (Some(name), false) = (value(tag, " name"), is_choice && !tag.contains("checked")) {
            fields.push((name, value(tag, " value").unwrap_or_default()));
        }
    }
    for select in form.split("<select").skip(1) {
        let name = value(select.split('>').next().unwrap(), " name").unwrap();
        let chosen =
            select.split("</select>").next().unwrap().split("<option").find(|option| option.contains("selected"));
        fields.push((name, value(chosen.expect("a choice"), " value").unwrap()));
    }
    if let Some(area) = form.split("<textarea").nth(1) {
        let text = area.split_once('>').unwrap().1.split("</textarea>").next().unwrap();
        fields.push(("avro".to_owned(), text.replace("&quot;", "\"")));
    }
    fields
}

async fn post(world: &Arc<World>, fields: &[(String, String)]) -> Answer {
    let encode = |text: &str| crate::cx::segment(text);
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let request = Request::post("/g/shop/data/import")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    ask(router(world, config(false, 1 << 20)), request).await
}

#[tokio::test]
async fn a_schema_is_shown_and_an_import_makes_what_is_not_there() {
    let world = Arc::new(World::default());
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    safe(&page);
    assert!(page.body.contains("UTF-16") && page.body.contains("divided by ;"), "{}", page.body);
    let mut form = form_of(&page.body, "import");
    form.iter_mut().filter(|(name, _)| name == "header-0").for_each(|(_, value)| *value = "customer".into());
    let answer = post(&world, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "/console/g/shop/data/imports/interactions-1700000000");
    let rewrite = world.rewritten.lock().clone().unwrap();
    assert_eq!(rewrite.names, [("customer".to_owned(), "USER_ID".to_owned())]);
    assert_eq!((rewrite.separator, rewrite.is_utf_16), (Some(';'), true));
    let made = world.called(Operation::CreateSchema);
    assert!(made[0]["schema"].as_str().unwrap().contains("\"TIMESTAMP\""), "{made:?}");
    assert_eq!(world.called(Operation::CreateDataset)[0]["schemaArn"], "arn:schema");
    let job = &world.called(Operation::CreateDatasetImportJob)[0];
    assert_eq!(
        (job["dataSource"]["dataLocation"].as_str(), job["importMode"].as_str()),
        (Some("s3://copies/"), Some("FULL"))
    );
}

#[tokio::test]
async fn a_file_without_a_required_column_opens_the_mapping_and_imports_nothing() {
    let world = Arc::new(World::default());
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "thing", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("ITEM_ID") && page.body.contains("name=\"name-1\""), "{}", page.body);
    let form = form_of(&page.body, "import");
    assert_eq!(post(&world, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.called(Operation::CreateSchema).is_empty());
    let mapped: Vec<_> = form
        .into_iter()
        .map(|(name, value)| if name == "name-1" { (name, "ITEM_ID".to_owned()) } else { (name, value) })
        .collect();
    assert_eq!(post(&world, &mapped).await.status, StatusCode::SEE_OTHER);
    assert!(world.rewritten.lock().clone().unwrap().names.contains(&("thing".to_owned(), "ITEM_ID".to_owned())));
}

#[tokio::test]
async fn a_dataset_that_is_there_keeps_its_schema() {
    let world = full();
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    assert!(page.body.contains("has a schema already") && !page.body.contains("<textarea"), "{}", page.body);
    assert_eq!(post(&world, &form_of(&page.body, "import")).await.status, StatusCode::SEE_OTHER);
    assert!(world.called(Operation::CreateSchema).is_empty() && world.called(Operation::CreateDataset).is_empty());
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("No column becomes ITEM_ID"), "{}", page.body);
}

#[tokio::test]
async fn table_and_json_say_the_same() {
    let world = Arc::new(World::default());
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    let shown = post(&world, &form_of(&page.body, "show")).await;
    assert!(
        shown.status == StatusCode::OK && shown.body.contains("com.amazonaws.personalize.schema"),
        "{}",
        shown.body
    );
    let mut form = form_of(&shown.body, "take");
    form.iter_mut()
        .filter(|(name, _)| name == "avro")
        .for_each(|(_, value)| *value = value.replace("\"long\"", "\"lon\""));
    let wrong = post(&world, &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("lon"), "the fault in the parser's words: {}", wrong.body);
    assert!(wrong.body.contains("name=\"header-2\""), "the form is kept");
    assert!(world.called(Operation::CreateSchema).is_empty(), "nothing is made by looking");
}

#[tokio::test]
async fn addresses_of_forms_lead_to_their_pages() {
    let world = full();
    for (path, page) in [
        ("/g/shop/data/import", "/console/g/shop/data/add"),
        ("/g/shop/data/upload", "/console/g/shop/data/add"),
        ("/g/shop/data/imports/one/rest", "/console/g/shop/data/imports/one"),
    ] {
        let answer = get(&world, path).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, page), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_what_was_made_before_it() {
    let world = Arc::new(World::default());
    *world.inspected.lock() = Some(Ok(csv(&["USER_ID", "ITEM_ID", "TIMESTAMP"])));
    let page = get(&world, SCHEMA_PATH).await;
    let error =
        ApiError { status: 400, name: "LimitExceededException".into(), message: "Too many.".into(), member: None };
    *world.refusal.lock() = Some((Operation::CreateDataset, error));
    let answer = post(&world, &form_of(&page.body, "import")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("LimitExceededException: Too many.") && answer.body.contains("arn:schema"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("value=\"interactions-1700000000\""), "what was typed is kept");
}

#[tokio::test]
async fn files_that_are_no_csv_have_a_sentence() {
    let world = Arc::new(World::default());
    *world.inspected.lock() = Some(Err(FileError::Data("a.csv: the file looks like ZIP or an Excel workbook".into())));
    let answer = get(&world, SCHEMA_PATH).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("looks like ZIP"), "{}", answer.body);
    let answer = get(&world, "/g/shop/data/locate?type=ITEMS&location=C%3A%2Fa.csv").await;
    assert!(answer.body.contains("must have the form s3://bucket"), "{}", answer.body);
    let answer = get(&world, "/g/shop/data/locate?type=ITEMS&location=s3%3A%2F%2Fb%2Fa.csv").await;
    assert_eq!(answer.location(), "/console/g/shop/data/schema?type=ITEMS&location=s3%3A%2F%2Fb%2Fa.csv");
}

#[tokio::test]
async fn the_rest_of_a_refused_file_is_imported_on_demand() {
    let world = full();
    *world.import.lock() = job("CREATE FAILED", "s3://b/a.csv line 3 column TIMESTAMP: 'x' must be a long");
    let page = get(&world, "/g/shop/data/imports/one").await.body;
    assert!(page.contains("action=\"/console/g/shop/data/imports/one/rest\""), "{page}");
    let send = || Request::post("/g/shop/data/imports/one/rest").body(Body::empty()).unwrap();
    let none = ask(router(&world, config(false, 1)), send()).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.called(Operation::CreateDatasetImportJob).is_empty());
    *world.readable_rows.lock() = 5_000;
    let answer = ask(router(&world, config(false, 1)), send()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    safe(&answer);
    assert!(answer.body.contains("5,000") && answer.body.contains("one-rest-1700000000"), "{}", answer.body);
    let made = &world.called(Operation::CreateDatasetImportJob)[0];
    assert_eq!(made["dataSource"]["dataLocation"], "s3://readable/");
}

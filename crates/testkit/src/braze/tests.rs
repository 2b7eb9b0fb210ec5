#![allow(clippy::unwrap_used)]

use super::*;
use std::time::Duration;

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

fn post(braze: &FakeBraze, path: &str, body: &Value) -> (u16, Value) {
    let request = agent().post(format!("{}{path}", braze.url)).header("Authorization", format!("Bearer {}", braze.key));
    let mut reply = request.content_type("application/json").send(body.to_string()).unwrap();
    (reply.status().as_u16(), serde_json::from_str(&reply.body_mut().read_to_string().unwrap()).unwrap())
}

#[test]
fn tracking_has_its_limits() {
    let braze = FakeBraze::start().unwrap();
    let user = |n: usize| json!({"external_id": format!("u{n}"), "rec": ["a", "b"]});
    let many = |count: usize| json!({"attributes": (0..count).map(user).collect::<Vec<_>>()});
    assert_eq!(post(&braze, "/users/track", &many(75)).0, 201);
    assert_eq!(
        post(&braze, "/users/track", &many(76)),
        (400, json!({"message": "Max Input Length Exceeded", "errors": []}))
    );
    assert_eq!(braze.state().profiles.len(), 75);
    for odd in [
        json!({"rec": []}),
        json!({"external_id": "u", "rec": ["a", "a"]}),
        json!({"external_id": "u", "rec": [["a"]]}),
        json!({"external_id": "u", "rec": (0..26).map(|n| n.to_string()).collect::<Vec<_>>()}),
    ] {
        let (status, answer) = post(&braze, "/users/track", &json!({"attributes": [odd]}));
        assert_eq!((status, answer["errors"].as_array().unwrap().len()), (201, 1));
    }
    let stranger = json!({"external_id": "stranger", "_update_existing_only": true});
    post(&braze, "/users/track", &json!({"attributes": [stranger]}));
    assert!(!braze.state().profiles.contains_key("stranger"));
    let (_, exported) = post(&braze, "/users/export/ids", &json!({"external_ids": ["u1", "x"]}));
    assert_eq!(exported["users"], json!([{"external_id": "u1", "custom_attributes": {"rec": ["a", "b"]}}]));
    assert_eq!(post(&braze, "/users/delete", &json!({"external_ids": ["u1"]})).1["deleted"], 1);
    let no_key = agent().post(format!("{}/users/track", braze.url)).send("{}").unwrap();
    assert_eq!(no_key.status().as_u16(), 401);
    braze.limit(1, 60);
    assert_eq!(post(&braze, "/users/track", &many(1)).0, 201);
    assert_eq!(post(&braze, "/users/track", &many(1)).0, 429);
}

#[test]
fn catalogs_have_their_limits() {
    let braze = FakeBraze::start().unwrap();
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let create = |fields: Value| json!({"catalogs": [{"name": "products", "fields": fields}]});
    let error = |(status, body): (u16, Value)| (status, body["errors"][0]["id"].as_str().unwrap().to_owned());
    let wrong = create(json!([field("price", "number")]));
    assert_eq!(error(post(&braze, "/catalogs", &wrong)), (400, "id-not-first-column".into()));
    let right = create(json!([field("id", "string"), field("price", "number")]));
    assert_eq!(post(&braze, "/catalogs", &right).0, 201);
    assert_eq!(error(post(&braze, "/catalogs", &right)), (400, "catalog-name-already-exists".into()));
    for (items, id) in [
        (json!([]), "item-array-invalid"),
        (json!([{"price": 1}]), "items-missing-ids"),
        (json!([{"id": 1}]), "ids-not-strings"),
        (json!([{"id": "a b"}]), "invalid-ids"),
        (json!([{"id": "a"}, {"id": "a"}]), "ids-not-unique"),
        (json!([{"id": "a", "price": "cheap"}]), "unable-to-coerce-value"),
        (json!([{"id": "a", "colour": 1}]), "fields-do-not-match"),
        (json!(vec![json!({"id": "a"}); 51]), "request-includes-too-many-items"),
    ] {
        assert_eq!(error(post(&braze, "/catalogs/products/items", &json!({"items": items}))), (400, id.into()));
    }
    assert_eq!(post(&braze, "/catalogs/products/items", &json!({"items": [{"id": "a", "price": 1.5}]})).0, 202);
    assert_eq!(error(post(&braze, "/catalogs/none/items", &json!({"items": [{"id": "a"}]}))).0, 404);
}

#[test]
fn faults_come_as_told() {
    let braze = FakeBraze::start().unwrap();
    let body = json!({"attributes": [{"external_id": "u"}]});
    braze.fail("/users/track", Fault::Status(503));
    assert_eq!(post(&braze, "/users/track", &body).0, 503);
    braze.fail("/users", Fault::TakenUnanswered(Duration::from_millis(10)));
    let unanswered =
        agent().post(format!("{}/users/track", braze.url)).header("Authorization", format!("Bearer {}", braze.key));
    assert!(unanswered.content_type("application/json").send(body.to_string()).is_err());
    assert_eq!(braze.state().profiles["u"].len(), 1);
    braze.fail("/users", Fault::Lost);
    assert!(agent().post(format!("{}/users/track", braze.url)).send("{}").is_err());
    assert_eq!(braze.state().profiles["u"].len(), 1);
}

#[test]
fn the_client_caches_and_gives_up_as_braze_does() {
    use std::io::Write;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    socket::serve(listener, move |request| {
        seen.lock().unwrap().push((request.path.clone(), request.headers.clone()));
        match request.path.as_str() {
            "/gzip" => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
                encoder.write_all(b"[1]").unwrap();
                let headers = vec![("content-encoding".to_owned(), "gzip".to_owned())];
                Some(HttpReply { status: 200, headers, body: encoder.finish().unwrap() })
            }
            "/large" => Some(HttpReply { status: 200, headers: vec![], body: vec![b'x'; 2 << 20] }),
            "/moved" => Some(HttpReply {
                status: 301,
                headers: vec![("location".to_owned(), "/gzip".to_owned())],
                body: vec![],
            }),
            _ => Some(HttpReply::json(404, json!({}))),
        }
    });
    let client = ConnectedContent::new(&[("X-Api-Key", "k")]);
    let body = |cached| Answered::Body { status: 200, body: b"[1]".to_vec(), cached };
    assert_eq!(client.get(&format!("{url}/gzip")), body(false));
    assert_eq!(client.get(&format!("{url}/gzip")), body(true));
    assert_eq!(client.get_uncached(&format!("{url}/gzip")), body(false));
    assert_eq!(client.get(&format!("{url}/moved")), Answered::Nothing(301));
    assert_eq!(client.get(&format!("{url}/none")), Answered::Nothing(404));
    assert_eq!(client.get(&format!("{url}/large")), Answered::Nothing(599));
    let asked = asked.lock().unwrap();
    let header = |name: &str| asked[0].1.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(header("accept-encoding").as_deref(), Some("gzip"));
    assert_eq!(header("x-api-key").as_deref(), Some("k"));
    assert!(header("user-agent").unwrap().starts_with("Braze Sender "));
    assert_eq!(asked.iter().filter(|(path, _)| path == "/gzip").count(), 2);
}

//! The rest of the `/recommendations` family: its paths, parameters and forms.

use crate::harness::{CAMPAIGN, GROUP, NOW_MS, Options, Received, Server, Successor, arn, server, server_with};
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_domain::campaign_config::Exploration;
use tastemaker_domain::catalog;
use tastemaker_domain::resource::InteractionEvent;
use tastemaker_http::Access;
use tastemaker_http::access::Key;
use tastemaker_http::client_address::{Network, Peer};
use tastemaker_http::recommendations::RecommenderSettings;

/// A shop with one campaign of each kind.
fn shop(options: Options) -> Server {
    let server = server_with(options);
    server.publish(CAMPAIGN, true, false);
    for (name, recipe) in [
        ("related", &catalog::AWS_SIMILAR_ITEMS),
        ("ranking", &catalog::AWS_PERSONALIZED_RANKING),
        ("popular", &catalog::AWS_POPULARITY_COUNT),
        ("trending", &catalog::AWS_TRENDING_NOW),
    ] {
        server.publish_model(&arn(&format!("campaign/{name}")), recipe, Arc::new(Successor), false);
    }
    for (name, text) in [
        ("cheap", "INCLUDE ItemID WHERE Items.PRICE IN (\"5\")"),
        ("named", "INCLUDE ItemID WHERE Items.NAME IN ($NAMES)"),
        ("clicked", "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (*)"),
    ] {
        let expression = tastemaker_filter::parse(text).unwrap();
        server.serving.filters.publish(GROUP, &arn(&format!("filter/{name}")), expression);
    }
    server
}

/// A click of the known user on i3.
fn click() -> InteractionEvent {
    InteractionEvent {
        event_id: "e".into(),
        user_id: "known".into(),
        session_id: "known".into(),
        item_id: "i3".into(),
        event_type: "Click".into(),
        event_value: None,
        timestamp_s: NOW_MS / 1000,
        properties: BTreeMap::new(),
        recommendation_id: None,
        impression: Vec::new(),
    }
}

fn bare() -> Options {
    Options { bare_items: true, ..Options::default() }
}

fn ids(answer: &Received) -> Vec<String> {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json().as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn get(server: &Server, uri: &str) -> Vec<String> {
    ids(&server.get(uri).await)
}

#[tokio::test]
async fn every_path_has_its_campaign() {
    let server = shop(bare());
    assert_eq!(get(&server, "/recommendations?user_id=known&n=2").await, ["i/2", "i3"]);
    assert_eq!(get(&server, "/recommendations/shop?user_id=known&n=1").await, ["i/2"]);
    let by_arn = format!("/recommendations/{CAMPAIGN}/?user_id=known&n=1");
    assert_eq!(get(&server, &by_arn).await, ["i/2"]);
    assert_eq!(get(&server, "/popular?n=2").await, ["i0", "i1"]);
    let trending = server.get("/popular?kind=trending&n=1").await;
    assert_eq!(trending.header("x-personalize-recipe"), "aws-trending-now");
    assert_eq!(server.get("/popular?kind=popular").await.header("x-personalize-recipe"), "aws-popularity-count");
    for path in ["/related", "/similar", "/similar/"] {
        let related = server.get(&format!("{path}?item_id=i3&n=2")).await;
        assert_eq!(related.header("x-personalize-recipe"), "aws-similar-items");
        assert_eq!(ids(&related), ["i0", "i1"]);
    }
    let for_user = get(&server, "/related?item_id=i0&user_id=known&n=2").await;
    assert_eq!(for_user, ["i/2", "i3"], "the user's taste orders what is related");
    assert_eq!(get(&server, "/rerank?user_id=known&items=i0,i3,i/2,new").await, ["i/2", "i3", "i0", "new"]);
    let posted = Request::post("/rerank")
        .header("content-type", "application/json")
        .body(json!({"userId": "known", "items": ["i0", {"itemId": "i3"}, {"id": "i/2"}]}).to_string().into_bytes());
    assert_eq!(ids(&server.send(posted.unwrap()).await), ["i/2", "i3", "i0"]);
    for (uri, status, word) in [
        ("/recommendations/nobody?user_id=u", 404, "'nobody' is not ACTIVE"),
        ("/related", 400, "item_id is required"),
        ("/rerank?user_id=u", 400, "items is required"),
        ("/rerank?items=a", 400, "user_id is required"),
        ("/recommendations?user_id=u&filter=absent", 400, "no filter 'absent'"),
        ("/recommendations?user_id=u&f.x=1", 400, "no filter"),
        ("/recommendations?user_id=u&filter=named", 400, "NAMES"),
        ("/recommendations?user_id=u&fields=id,colour", 400, "'colour'"),
    ] {
        let answer = server.get(uri).await;
        assert_eq!(answer.status(), status, "{uri}: {}", answer.text());
        assert!(answer.json()["message"].as_str().unwrap().contains(word), "{uri}: {}", answer.text());
        assert_eq!(answer.json()["requestId"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn where_several_campaigns_could_answer_the_fitting_one_does() {
    let server = server_with(bare());
    let publish = |name: &str, recipe| {
        server.publish_model(&arn(&format!("campaign/{name}")), recipe, Arc::new(Successor), false);
    };
    let recipe = async |uri: &str| {
        let answer = server.get(uri).await;
        assert_eq!(answer.status(), 200, "{uri}: {}", answer.text());
        answer.header("x-personalize-recipe").to_owned()
    };
    publish("a-ranking", &catalog::AWS_PERSONALIZED_RANKING);
    publish("b-trending", &catalog::AWS_TRENDING_NOW);
    let user = "/recommendations?user_id=known";
    assert_eq!(recipe(user).await, "aws-personalized-ranking", "there is no other for users");
    for uri in ["/popular?n=1", "/popular?n=1&kind=trending"] {
        assert_eq!(recipe(uri).await, "aws-trending-now", "there is no other: {uri}");
    }
    publish("c-user", &catalog::AWS_USER_PERSONALIZATION);
    publish("d-popular", &catalog::AWS_POPULARITY_COUNT);
    assert_eq!(recipe(&format!("{user}&n=2")).await, "aws-user-personalization");
    assert_eq!(recipe("/popular?n=2").await, "aws-popularity-count");
    assert_eq!(recipe("/popular?n=2&kind=popular").await, "aws-popularity-count");
    assert_eq!(recipe("/popular?n=2&kind=trending").await, "aws-trending-now");
}

#[tokio::test]
async fn filters_promotions_and_what_fills_up() {
    let server = shop(bare());
    assert_eq!(get(&server, "/recommendations?user_id=known&filter=cheap").await, ["i3"]);
    let by_arn = format!("/recommendations?user_id=known&filter={}", arn("filter/cheap"));
    assert_eq!(get(&server, &by_arn).await, ["i3"]);
    for values in ["f.NAMES=Lamp", "filter.NAMES=Lamp&f.NAMES=Nothing", "filter_values=%7B%22NAMES%22%3A%22Lamp%22%7D"]
    {
        assert_eq!(get(&server, &format!("/recommendations?user_id=known&filter=named&{values}")).await, ["i/2"]);
    }
    let promoted = server.get("/recommendations?user_id=known&n=2&promotion=cheap&promotion_percent=50").await;
    let list = promoted.json();
    let marked: Vec<&Value> = list.as_array().unwrap().iter().filter(|item| item["promoted"] == true).collect();
    assert_eq!((marked.len(), &marked[0]["id"]), (1, &json!("i3")));

    // A filter is never broken to fill a list.
    assert_eq!(get(&server, "/recommendations?user_id=known&filter=cheap&min_results=3").await, ["i3"]);
    let strict = server.get("/recommendations?user_id=known&filter=cheap&min_results=3&strict=1").await;
    assert!(strict.status() == 404 && strict.text().contains("1 items were found"), "{}", strict.text());
    assert_eq!(server.get("/recommendations?user_id=known&filter=cheap&strict=1").await.status(), 200);
    server.serving.observe(GROUP, &[click()]);
    assert_eq!(get(&server, "/popular?user_id=known&filter=clicked").await, ["i/2", "i4"]);
}

#[tokio::test]
async fn filter_values_are_for_the_promotion_as_well() {
    let server = shop(bare());
    let promoted = async |query: &str| -> Vec<Value> {
        let list = server.get(&format!("/recommendations?user_id=known&n=2&promotion_percent=50&{query}")).await;
        assert_eq!(list.status(), 200, "{query}: {}", list.text());
        let list = list.json();
        let marked = list.as_array().unwrap().iter().filter(|item| item["promoted"] == true);
        marked.map(|item| item["id"].clone()).collect()
    };
    // i3 is second anyway: that it is promoted shows that the value was read.
    assert_eq!(promoted("promotion=named&f.NAMES=Vase+%22blue%22+%3C%C3%A4%3E").await, ["i3"]);
    assert_eq!(promoted("promotion=named&f.NAMES=Lamp&filter=cheap").await, ["i/2"]);
    assert_eq!(promoted("promotion=named&f.NAMES=Nothing").await, [Value::Null; 0]);
    let missing = server.get("/recommendations?user_id=known&promotion=named").await;
    assert_eq!(missing.status(), 400);
    assert_eq!(
        missing.json()["message"],
        "The parameter promotion names the filter 'named', which includes by $NAMES; give its value as f.NAMES=..."
    );
    let missing = server.get("/recommendations?user_id=known&filter=named").await;
    assert_eq!(
        missing.json()["message"],
        "The parameter filter names the filter 'named', which includes by $NAMES; give its value as f.NAMES=..."
    );
    // What no filter of the request takes is named, with what they take.
    let cheap = "The parameter f.MAX is no parameter of the filter 'cheap'; there are no parameters to give.";
    let both = "The parameter f.names is no parameter of the filter 'cheap' or of the promotion 'named'; what can be given is \
                f.NAMES.";
    let percent = "The parameter promotion_percent is given and no promotion; name the filter of the promoted items with the \
                   parameter promotion.";
    for (query, expected) in [
        ("filter=cheap&f.MAX=5", cheap),
        ("filter=cheap&promotion=named&f.NAMES=Lamp&f.names=Lamp", both),
        ("promotion_percent=50", percent),
        ("filter=cheap&promotion_percent=50", percent),
    ] {
        let refused = server.get(&format!("/recommendations?user_id=known&{query}")).await;
        assert_eq!((refused.status(), &refused.json()["message"]), (400, &json!(expected)), "{query}");
    }
    // A list that is not asked for by name has settings of its own.
    let home = RecommenderSettings {
        promotion: Some("named".into()),
        filter_values: BTreeMap::from([("NAMES".into(), "\"Lamp\"".into())]),
        ..RecommenderSettings::default()
    };
    let server = shop(Options { recommenders: BTreeMap::from([("home".to_owned(), home)]), ..bare() });
    let list = server.get("/recommendations/home?user_id=known&n=2").await.json();
    assert!(list.as_array().unwrap().iter().any(|item| item["id"] == "i/2" && item["promoted"] == true), "{list}");
}

#[tokio::test]
async fn items_can_be_left_out_everywhere() {
    let server = shop(bare());
    for (uri, wanted) in [
        ("/recommendations?user_id=known&n=2&exclude=i3", vec!["i/2", "i4"]),
        ("/recommendations?user_id=known&n=2&exclude=i%2F2,no-such-item,i4,i3", vec!["i0", "i1"]),
        ("/recommendations?user_id=known&filter=cheap&exclude=i3", vec![]),
        ("/recommendations?user_id=known&filter=named&f.NAMES=Lamp&exclude=i0", vec!["i/2"]),
        ("/recommendations?user_id=&n=2&exclude=i0", vec!["i1", "i/2"]),
        ("/recommendations?user_id=known&n=2&min_results=2&exclude=i/2,i3,i4,i1", vec!["i0"]),
        ("/related?item_id=i3&n=2&exclude=i1", vec!["i0", "i/2"]),
        ("/related?item_id=i0&user_id=known&n=2&exclude=i/2", vec!["i3", "i4"]),
        ("/popular?n=2&exclude=i0,i1", vec!["i/2", "i3"]),
        ("/rerank?user_id=known&items=i0,i3,i/2,new&exclude=i3,new", vec!["i/2", "i0"]),
        ("/rerank?user_id=known&items=i0&exclude=i0", vec![]),
    ] {
        assert_eq!(get(&server, uri).await, wanted, "{uri}");
    }
    // An answer is repeated for the same set only.
    let (one, other) = ("/recommendations?user_id=known&exclude=i3,i4", "/recommendations?user_id=known&exclude=i4");
    let first = server.get(one).await;
    assert_ne!(server.get(other).await.header("x-recommendation-id"), first.header("x-recommendation-id"));
    let again = server.get("/recommendations?user_id=known&exclude=i4,i3,i4").await;
    assert_eq!(again.header("x-recommendation-id"), first.header("x-recommendation-id"));
    let posted = Request::post("/rerank")
        .header("content-type", "application/json")
        .body(json!({"user_id": "known", "items": ["i0", "i3"], "exclude": ["i3"]}).to_string().into_bytes());
    assert_eq!(ids(&server.send(posted.unwrap()).await), ["i0"]);
    let many = (0..501).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let refused = server.get(&format!("/recommendations?user_id=known&exclude={many}")).await;
    assert!(refused.status() == 400 && refused.text().contains("exclude must have 1 to 500 ids, not 501"));
}

#[tokio::test]
async fn the_first_place_is_explored_when_asked_only() {
    let explores = |options: Options| {
        let server = server_with(options);
        let exploration = Exploration { weight: 1.0, age_cutoff_days: 30.0 };
        server.publish_parts(CAMPAIGN, &catalog::AWS_USER_PERSONALIZATION, Arc::new(Successor), |parts| {
            parts.exploration = Some(exploration);
            parts.impressions = vec![u32::MAX, u32::MAX, 0, 0, 0].into();
        });
        server
    };
    let server = explores(bare());
    // Of i4 alone nothing is known, and the model lists i/2 and i3.
    assert_eq!(get(&server, "/recommendations?user_id=known&n=2").await, ["i/2", "i4"]);
    assert_eq!(get(&server, "/recommendations?user_id=known&n=1").await, ["i/2"]);
    assert_eq!(get(&server, "/recommendations?user_id=known&n=2&explore_first_place=1").await, ["i4", "i/2"]);
    let always = explores(Options { explore_first_place: true, ..bare() });
    assert_eq!(get(&always, "/recommendations?user_id=known&n=2").await, ["i4", "i/2"]);
    assert_eq!(get(&always, "/recommendations?user_id=known&n=2&explore_first_place=0").await, ["i/2", "i4"]);
    // GetRecommendations explores every place.
    let body = json!({"campaignArn": CAMPAIGN, "userId": "known", "numResults": 2});
    let answer = server.call("GetRecommendations", body).await.json();
    assert_eq!(answer["itemList"][0]["itemId"], "i4", "{answer}");
}

#[tokio::test]
async fn every_shape_and_every_choice_of_keys() {
    let server = shop(Options { image_base_url: Some("https://cdn".into()), ..bare() });
    let text = async |query: &str| {
        let answer = server.get(&format!("/recommendations?user_id=known&n=1&{query}")).await;
        assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
        (answer.text().to_owned(), answer.header("x-recommendation-id").to_owned())
    };
    let lamp = r#"{"id":"i/2","url":"http://productpage.com/product/i2","name":"Lamp","price":39.90,"image":null}"#;
    assert_eq!(text("shape=product").await.0, format!(r#"[{{"product":{lamp}}}]"#));
    assert_eq!(text("shape=ids").await.0, r#"["i/2"]"#);
    assert_eq!(text("decorate=0").await.0, r#"[{"id":"i/2"}]"#);
    assert_eq!(text("fields=name,id").await.0, r#"[{"name":"Lamp","id":"i/2"}]"#);
    assert_eq!(text("fields=PRODUCT_URL").await.0, r#"[{"product_url":"http://productpage.com/product/i2"}]"#);
    let (object, rid) = text("shape=object").await;
    let wanted = format!(r#"{{"recommendations":[{lamp}],"recommendation_id":"{rid}","source":"model","count":1}}"#);
    assert_eq!(object, wanted);
    let (tracked, rid) = text("track=1").await;
    assert!(tracked.contains(&format!("/product/i2?rid={rid}&rid_item=i%2F2")), "{tracked}");
    let (personalize, _) = text("shape=personalize").await;
    assert!(personalize.starts_with(r#"{"itemList":[{"itemId":"i/2","score":0."#), "{personalize}");

    let workshop = server.get("/recommendations?userID=known&fullyQualifyImageUrls=1&numResults=4").await;
    assert_eq!(workshop.json().as_array().unwrap().len(), 4);
    assert_eq!(workshop.json()[0]["product"]["name"], "Lamp");
    let flat = Options { shape: Some(tastemaker_braze::shape::Shape::Flat), ..bare() };
    let overridden = shop(flat).get("/recommendations?userID=known&n=1").await;
    assert_eq!(overridden.json()[0]["name"], "Lamp");
}

#[tokio::test]
async fn items_of_which_nothing_is_known_are_left_out() {
    let server = shop(Options::default());
    assert_eq!(get(&server, "/recommendations?user_id=&n=2").await, ["i/2", "i3"], "others take their places");
    assert_eq!(get(&server, "/rerank?user_id=known&items=i0,i3").await, ["i3", "i0"], "a given list stays whole");
    assert_eq!(server.get("/recommendations?user_id=&n=2&shape=ids").await.text(), r#"["i0","i1"]"#);
}

#[tokio::test]
async fn recommenders_under_names_of_their_own() {
    let home = RecommenderSettings {
        num_results: Some(1),
        filter: Some("named".into()),
        // Those of other requests' filters do no harm here.
        filter_values: BTreeMap::from(
            [("NAMES", "\"Lamp\""), ("MAX", "\"5\"")].map(|(name, value)| (name.into(), value.into())),
        ),
        fields: Some(vec!["name".into()]),
        ..RecommenderSettings::default()
    };
    let top = RecommenderSettings { campaign: Some("popular".into()), ..RecommenderSettings::default() };
    let recommenders = BTreeMap::from([("home".to_owned(), home), ("top".to_owned(), top)]);
    let server = shop(Options { recommenders, ..bare() });
    for uri in ["/recommendations/home?user_id=known", "/recommendations?recommender=home&user_id=known"] {
        assert_eq!(server.get(uri).await.text(), r#"[{"name":"Lamp"}]"#, "{uri}");
    }
    assert_eq!(server.get("/recommendations/home?user_id=known&f.NAMES=Nothing").await.text(), "[]");
    let top = server.get("/recommendations/top?user_id=known&n=1").await;
    assert_eq!((ids(&top), top.header("x-personalize-recipe")), (vec!["i0".to_owned()], "aws-popularity-count"));
}

#[tokio::test]
async fn answers_are_repeated_until_the_user_acts() {
    let server = shop(bare());
    let uri = "/recommendations?user_id=known&n=2&promotion=cheap&track=1";
    let first = server.get(uri).await;
    for _ in 0..20 {
        let again = server.get(uri).await;
        assert_eq!((again.text(), again.header("etag")), (first.text(), first.header("etag")));
        assert_eq!(again.header("x-recommendation-id"), first.header("x-recommendation-id"));
        server.publish(CAMPAIGN, true, false);
    }
    let tag = first.header("etag").to_owned();
    let unchanged = server.get_with(uri, "if-none-match", &tag).await;
    assert_eq!((unchanged.status(), unchanged.body.len(), unchanged.header("etag")), (304, 0, tag.as_str()));
    assert_eq!(server.get_with(uri, "if-none-match", "\"other\"").await.status(), 200);
    let zipped = server.get_with(uri, "accept-encoding", "gzip").await;
    assert_eq!((zipped.header("content-encoding"), zipped.header("vary")), ("gzip", "Accept-Encoding, Origin"));
    assert_ne!(zipped.header("etag"), tag);
    let both = Request::get(uri).header("accept-encoding", "gzip").header("if-none-match", zipped.header("etag"));
    assert_eq!(server.send(both.body(Vec::new()).unwrap()).await.status(), 304);
    let anew = server.get_with(uri, "cache-control", "no-cache").await;
    assert_ne!(anew.header("x-recommendation-id"), first.header("x-recommendation-id"));

    assert_eq!(get(&server, "/recommendations?user_id=known&n=1").await, ["i/2"]);
    server.serving.observe(GROUP, &[click()]);
    assert_eq!(get(&server, "/recommendations?user_id=known&n=1").await, ["i4"]);
}

#[tokio::test]
async fn headers_for_caches() {
    let server = shop(bare());
    let caching = async |uri: &str| server.get(uri).await.header("cache-control").to_owned();
    assert_eq!(caching("/recommendations?user_id=known").await, "private, max-age=60");
    assert_eq!(caching("/recommendations?user_id=").await, "public, max-age=300");
    assert_eq!(caching("/popular").await, "public, max-age=300");
    assert_eq!(caching("/popular?n=0").await, "no-store");
    let closed = shop(Options { access: Access::keys(vec![Key::new("k", "t")]), ..bare() });
    assert_eq!(closed.get_with("/popular", "x-api-key", "t").await.header("cache-control"), "private, max-age=60");
}

#[tokio::test]
async fn keys_have_scopes_and_the_network_has_a_fence() {
    let keys = vec![Key::new("braze", "t").scoped(vec!["default".into(), "shop".into(), "events".into()])];
    let block = |text: &str| text.parse().unwrap();
    let network = Network {
        allow: vec![block("203.0.113.0/24")],
        trusted_proxies: vec![block("127.0.0.0/8")],
        ..Network::default()
    };
    let server = shop(Options { access: Access::keys(keys).from_network(network), ..bare() });
    let ask = async |uri: &str, token: &str, from: &str| {
        let mut request = Request::get(uri).header("x-api-key", token).header("x-forwarded-for", from);
        request.extensions_mut().unwrap().insert(Peer("127.0.0.1".parse().unwrap()));
        let answer = server.send(request.body(Vec::new()).unwrap()).await;
        (answer.status(), answer.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    let forbidden = (403, "Forbidden.".to_owned());
    assert_eq!(ask("/recommendations?user_id=known", "t", "203.0.113.5").await.0, 200);
    assert_eq!(ask("/recommendations/shop?user_id=known", "t", "203.0.113.5").await.0, 200);
    assert_eq!(ask("/recommendations/popular?user_id=known", "t", "203.0.113.5").await, forbidden);
    assert_eq!(ask("/recommendations/nobody?user_id=known", "t", "203.0.113.5").await, forbidden);
    assert_eq!(ask("/popular", "t", "203.0.113.5").await, forbidden);
    assert_eq!(ask("/recommendations?user_id=known", "t", "198.51.100.5").await, forbidden);
    assert_eq!(ask("/recommendations?user_id=known", "x", "203.0.113.5").await, (401, "Unauthorized.".to_owned()));
    assert_eq!(ask("/recommendations?n=0", "x", "203.0.113.5").await.0, 401, "strangers are told nothing");
    assert_eq!(ask("/recommendations?n=0", "t", "203.0.113.5").await.0, 400);
    let in_url = ask("/recommendations?user_id=known&token=t", "t", "203.0.113.5").await;
    assert!(in_url.0 == 400 && in_url.1.contains("URLs are logged"), "{in_url:?}");
}

#[tokio::test]
async fn a_get_with_anything_besides_is_answered() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    for (name, value) in [
        ("content-type", "application/json"),
        ("content-type", "text/csv"),
        ("accept", "image/png"),
        ("content-length", "0"),
        ("x-braze-sender-version", "1"),
    ] {
        for uri in ["/recommendations?user_id=known&anything=1", "/recommendations/?user_id=known", "/popular/"] {
            assert_eq!(server.get_with(uri, name, value).await.status(), 200, "{uri} {name}: {value}");
        }
    }
}

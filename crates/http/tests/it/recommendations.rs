//! `GET /recommendations`, byte by byte.

use crate::harness::{CAMPAIGN, Options, Successor, Trouble, server, server_with};
use http::Request;
use std::sync::Arc;
use tastemaker_braze::columns::FieldsConfig;
use tastemaker_domain::catalog;
use tastemaker_http::Access;
use tastemaker_http::access::Key;

const KNOWN: &str = concat!(
    r#"[{"id":"i/2","url":"http://productpage.com/product/i2","name":"Lamp","price":39.90,"image":null},"#,
    r#"{"id":"i3","url":null,"name":"Vase \"blue\" <ä>","price":5,"image":null}]"#
);

#[tokio::test]
async fn the_documented_form() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let answer = server.get("/recommendations?user_id=known&num_results=2").await;
    assert_eq!((answer.status(), answer.text()), (200, KNOWN));
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "private, max-age=60"),
        ("x-recommendation-source", "model"),
        ("x-personalize-recipe", "aws-user-personalization"),
        ("access-control-allow-origin", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert_eq!(answer.header("x-request-id"), answer.header("x-amzn-requestid"));
    assert!(answer.header("x-recommendation-id").starts_with("RID-"));

    for uri in [
        "/recommendations/?userId=known&n=2",
        "/recommendations?limit=2&user_id=k%6eown&utm=x&filter=",
        "/recommendations?user_id=known&numResults=2&user_id=other",
    ] {
        let again = server.get(uri).await;
        assert_eq!((again.status(), again.text()), (200, KNOWN), "{uri}");
        assert_eq!(again.header("x-recommendation-id"), answer.header("x-recommendation-id"), "one request, one list");
    }
}

#[tokio::test]
async fn nobody_known_gets_popular_items() {
    let server = server_with(Options { bare_items: true, ..Options::default() });
    server.publish(CAMPAIGN, true, false);
    let empty = server.get("/recommendations?user_id=").await;
    let unknown = server.get("/recommendations?user_id=who+is+%2B").await;
    assert_eq!((empty.status(), empty.header("x-recommendation-source")), (200, "cold-start"));
    assert_eq!(empty.body, unknown.body);
    assert!(empty.text().starts_with(r#"[{"id":"i0","#), "{}", empty.text());
    assert_eq!(empty.json().as_array().map(Vec::len), Some(5));
    let strict = server_with(Options { user_required: true, ..Options::default() });
    strict.publish(CAMPAIGN, true, false);
    let refused = strict.get("/recommendations?user_id=").await;
    assert!(refused.status() == 400 && refused.text().contains("must not be empty"), "{}", refused.text());
}

#[tokio::test]
async fn templates_fill_what_columns_lack() {
    let fields = FieldsConfig {
        url_template: Some("https://s/{id}".into()),
        image_template: Some("https://c/{id}.jpg".into()),
        ..FieldsConfig::default()
    };
    let server = server_with(Options { fields, ..Options::default() });
    server.publish(CAMPAIGN, true, false);
    let answer = server.get("/recommendations?user_id=known&n=2").await;
    let wanted = concat!(
        r#"[{"id":"i/2","url":"http://productpage.com/product/i2","name":"Lamp","price":39.90,"#,
        r#""image":"https://c/i%2F2.jpg"},"#,
        r#"{"id":"i3","url":"https://s/i3","name":"Vase \"blue\" <ä>","price":5,"image":"https://c/i3.jpg"}]"#
    );
    assert_eq!(answer.text(), wanted);
}

#[tokio::test]
async fn mistakes_are_named() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    for (uri, word) in [
        ("/recommendations", "user_id"),
        ("/recommendations?user=u", "user_id"),
        ("/recommendations?user_id=u&n=0", "num_results must be a whole number from 1 to 500"),
        ("/recommendations?user_id=u&limit=501", "num_results"),
        ("/recommendations?user_id=%FF%FE", "UTF-8"),
    ] {
        let answer = server.get(uri).await;
        let body = answer.json();
        assert_eq!(answer.status(), 400, "{uri}");
        assert!(body["message"].as_str().is_some_and(|m| m.contains(word)), "{body}");
        assert_eq!(body["code"], "ValidationException");
        assert_eq!(body["requestId"], answer.header("x-request-id"));
        assert_eq!(body.as_object().map(|o| o.len()), Some(3));
    }
}

#[tokio::test]
async fn another_campaign_changes_no_answer() {
    let server = server();
    let created = |name: &str, created_ms: i64| {
        let arn = CAMPAIGN.replace("shop", name);
        server.serving.campaigns.set_created_ms(&arn, created_ms);
        arn
    };
    server.publish(&created("shop", 5), true, false);
    let before = server.get("/recommendations?user_id=known&n=2").await;
    // Earlier in the alphabet and later in time.
    let newer = Arc::new(Trouble(None));
    server.publish_model(&created("another", 6), &catalog::AWS_USER_PERSONALIZATION, newer.clone(), false);
    let fresh = [("cache-control", "no-cache")];
    let after = server.get_with("/recommendations?user_id=known&n=2", fresh[0].0, fresh[0].1).await;
    assert_eq!((after.status(), after.text()), (200, before.text()));
    assert_eq!(after.header("x-recommendation-source"), "model");

    for (path, recipe) in [
        ("/related?item_id=i3&n=2", &catalog::AWS_SIMS),
        ("/popular?n=2", &catalog::AWS_POPULARITY_COUNT),
        ("/rerank?user_id=known&items=i0,i3,i/2", &catalog::AWS_PERSONALIZED_RANKING),
    ] {
        server.publish_model(&created("b", 7), recipe, Arc::new(Successor), false);
        let before = server.get(path).await;
        server.publish_model(&created("a", 8), recipe, newer.clone(), false);
        let after = server.get_with(path, fresh[0].0, fresh[0].1).await;
        assert_eq!((after.status(), after.text()), (200, before.text()), "{path}");
        assert_eq!(after.header("x-recommendation-source"), before.header("x-recommendation-source"), "{path}");
        for name in ["a", "b"] {
            server.serving.campaigns.retire(&CAMPAIGN.replace("shop", name));
        }
    }

    // The setting chooses, and what is left when the oldest goes answers.
    let named = server_with(Options { campaign: Some("zoo".into()), ..Options::default() });
    named.publish(CAMPAIGN, true, false);
    named.publish_model(
        &CAMPAIGN.replace("shop", "zoo"),
        &catalog::AWS_USER_PERSONALIZATION_V2,
        Arc::new(Successor),
        false,
    );
    let chosen = named.get("/recommendations?user_id=known").await;
    assert_eq!(chosen.header("x-personalize-recipe"), "aws-user-personalization-v2");
    server.serving.campaigns.retire(CAMPAIGN);
    assert_eq!(server.get("/recommendations?user_id=other").await.status(), 200);
}

#[tokio::test]
async fn a_campaign_that_answers_another_question_says_which_one_is_needed() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let none = server.get("/related?item_id=i3").await;
    assert_eq!(none.status(), 404);
    assert!(
        none.text().contains("of related items, which /related needs: create one of aws-similar-items"),
        "{}",
        none.text()
    );
    let unfit = server.get("/related?item_id=i3&recommender=shop").await;
    assert_eq!(unfit.status(), 400);
    let told = "The campaign 'shop' of the recipe aws-user-personalization does not know what is related to an item; /related \
                needs a campaign of a recipe of related items, such as aws-similar-items.";
    assert_eq!(unfit.json()["message"], told);
    let configured = server_with(Options { related: Some("shop".into()), ..Options::default() });
    configured.publish(CAMPAIGN, true, false);
    assert_eq!(configured.get("/related?item_id=i3").await.json()["message"], told);

    server.publish_model(&CAMPAIGN.replace("shop", "sims"), &catalog::AWS_SIMS, Arc::new(Successor), false);
    server.publish_model(&CAMPAIGN.replace("shop", "nba"), &catalog::AWS_NEXT_BEST_ACTION, Arc::new(Successor), false);
    let itemless = server.get("/recommendations/sims?user_id=known").await;
    assert!(itemless.status() == 400 && itemless.text().contains("item_id is required"), "{}", itemless.text());
    assert_eq!(server.get("/recommendations/sims?user_id=known&item_id=i3").await.status(), 200);
    let actions = server.get("/recommendations/nba?user_id=known").await;
    assert!(actions.status() == 400 && actions.text().contains("GetActionRecommendations"), "{}", actions.text());
    // Popular items come from a campaign of items.
    assert_eq!(server.get("/popular").await.header("x-personalize-recipe"), "aws-user-personalization");
}

#[tokio::test]
async fn the_campaign_is_configured_or_what_there_is() {
    let server = server();
    server.readiness.set(false);
    assert_eq!(server.get("/recommendations?user_id=u").await.status(), 503);
    server.readiness.set(true);
    let none = server.get("/recommendations?user_id=u").await;
    assert_eq!((none.status(), none.json()["code"].as_str()), (404, Some("ResourceNotFoundException")));
    assert!(none.text().contains("No campaign is ACTIVE"), "{}", none.text());

    server.publish(&CAMPAIGN.replace("shop", "popular"), false, false);
    assert!(server.get("/recommendations?user_id=u").await.text().contains("ACTIVE campaigns: popular."));
    server.publish(CAMPAIGN, true, false);
    assert_eq!(server.get("/recommendations?user_id=u").await.status(), 200);

    let named = server_with(Options { campaign: Some("popular".into()), ..Options::default() });
    named.publish(CAMPAIGN, true, false);
    let absent = named.get("/recommendations?user_id=u").await;
    assert!(absent.status() == 404 && absent.text().contains("'popular' is not ACTIVE. ACTIVE campaigns: shop."));
    named.publish(&CAMPAIGN.replace("shop", "popular"), false, false);
    let answer = named.get("/recommendations?user_id=").await;
    assert_eq!((answer.status(), answer.header("x-personalize-recipe")), (200, "aws-popularity-count"));
}

#[tokio::test]
async fn methods_and_what_clients_send_besides() {
    let server = server();
    server.publish(CAMPAIGN, true, false);
    let request = |method: &str| Request::builder().method(method).uri("/recommendations?user_id=known&n=2");
    let braze = request("GET")
        .header("content-type", "application/json")
        .header("accept", "*/*")
        .header("accept-encoding", "gzip")
        .header("user-agent", "Braze Sender 0123")
        .body(Vec::new())
        .unwrap();
    let zipped = server.send(braze).await;
    assert_eq!((zipped.status(), zipped.header("content-encoding")), (200, "gzip"));
    assert_eq!(zipped.body[..2], [0x1f, 0x8b]);

    let head = server.send(request("HEAD").body(Vec::new()).unwrap()).await;
    assert_eq!((head.status(), head.header("content-type")), (200, "application/json; charset=utf-8"));
    let options = server.send(request("OPTIONS").header("origin", "https://x").body(Vec::new()).unwrap()).await;
    assert_eq!((options.status(), options.header("access-control-allow-methods")), (204, "GET, HEAD, OPTIONS"));
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = server.send(request(method).body(Vec::new()).unwrap()).await;
        assert_eq!((answer.status(), answer.header("allow")), (405, "GET, HEAD, OPTIONS"), "{method}");
    }
}

#[tokio::test]
async fn a_closed_door_needs_the_token_in_a_header() {
    let server = server_with(Options { access: Access::keys(vec![Key::new("k", "s3cret")]), ..Options::default() });
    server.publish(CAMPAIGN, true, false);
    let uri = "/recommendations?user_id=known";
    let refused = server.get(uri).await;
    assert_eq!((refused.status(), refused.json()["message"].as_str()), (401, Some("Unauthorized.")));
    for (name, value, status) in [
        ("authorization", "Bearer s3cret", 200),
        ("authorization", "Basic YnJhemU6czNjcmV0", 200),
        ("x-api-key", "s3cret", 200),
        ("x-api-key", "wrong", 401),
        ("authorization", "Bearer s3cret1", 401),
    ] {
        assert_eq!(server.get_with(uri, name, value).await.status(), status, "{name}: {value}");
    }
    let in_url = server.get("/recommendations?user_id=known&token=s3cret").await;
    assert!(in_url.status() == 400 && in_url.text().contains("URLs are logged"), "{}", in_url.text());
    assert!(!in_url.text().contains("s3cret"));
    assert_eq!(server.get("/health").await.status(), 200);
}

//! The pages of single users and items, and the deletion of a user's data.

use super::{ask, config, full, get, router, safe};
use crate::ports::{Histories, HistoryEvent, UserExamples};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use tastemaker_wire::Operation;

/// The id of the only user that is known.
const USER: &str = "a/b?c %2e%2e<i>\u{202e}";

/// Deployed models that know one user and one item.
pub(super) struct KnownUser;

impl Histories for KnownUser {
    fn of(&self, _: &str, user: &str, _: usize) -> Vec<HistoryEvent> {
        let event = HistoryEvent { item_id: "x/y".into(), event_type: "View".into(), timestamp_s: 1_700_000_000 };
        if user == USER { vec![event] } else { Vec::new() }
    }

    fn users(&self, _: &str) -> UserExamples {
        UserExamples::default()
    }

    fn columns(&self, _: &str) -> Vec<String> {
        vec!["NAME".into()]
    }

    fn item(&self, _: &str, item: &str, _: &[String]) -> Vec<(String, String)> {
        if item == "x/y" { vec![("NAME".into(), "<b>chair".into())] } else { Vec::new() }
    }

    fn knows_item(&self, _: &str, _: &str) -> bool {
        true
    }

    fn user(&self, _: &str, user: &str) -> Vec<(String, String)> {
        if user == USER { vec![("AGE".into(), "42".into())] } else { Vec::new() }
    }
}

fn encoded(id: &str) -> String {
    crate::cx::segment(id)
}

#[tokio::test]
async fn a_user_of_any_id_has_a_page() {
    let world = full();
    let page = get(&world, &format!("/g/shop/users/{}", encoded(USER))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    safe(&page);
    for said in ["a/b?c %2e%2e&lt;i&gt;", "AGE", "42", "items/x%2Fy", "View", "try?user=a%2Fb%3Fc", "gone-1"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    for id in ["..", ".", "%2e%2e", "가나다", "😀", &"x".repeat(10_000)] {
        let page = get(&world, &format!("/g/shop/users?id={}", encoded(id))).await;
        assert_eq!(page.status, StatusCode::OK, "{id}");
        assert!(page.body.contains("No deployed model knows"), "{id}");
        safe(&page);
    }
}

#[tokio::test]
async fn an_item_has_a_page_with_its_attributes_and_its_rank() {
    let world = full();
    let page = get(&world, "/g/shop/items/x%2Fy").await;
    safe(&page);
    assert!(page.body.contains("&lt;b&gt;chair") && page.body.contains("try?item=x%2Fy"), "{}", page.body);
    let top = world.statistics.lock().clone().unwrap().interactions.unwrap().top_items[0].clone();
    let page = get(&world, &format!("/g/shop/items?id={}", encoded(&top.value))).await;
    assert!(page.body.contains("Number 1 of the most popular items"), "{}", page.body);
    let dataset = get(&world, "/g/shop/data/INTERACTIONS").await;
    let link = format!("/g/shop/items/{}\"", encoded(&top.value));
    assert!(dataset.body.contains(&link), "{link}: {}", dataset.body);
}

#[tokio::test]
async fn the_data_of_a_user_goes_once_the_id_was_typed() {
    let world = full();
    let send = async |confirm: &str| {
        let body = format!("user={}&confirm={}", encoded(USER), encoded(confirm));
        let request = Request::post("/g/shop/delete-user")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        ask(router(&world, config(false, 1 << 20)), request).await
    };
    let refused = send("somebody else").await;
    assert!(refused.status == 422 && refused.body.contains("Nothing was deleted"), "{}", refused.body);
    assert!(world.called(Operation::CreateDataDeletionJob).is_empty() && world.objects.lock().is_empty());
    let done = send(USER).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(done.location(), format!("/console/g/shop/users/{}", encoded(USER)));
    let job = &world.called(Operation::CreateDataDeletionJob)[0];
    let location = job["dataSource"]["dataLocation"].as_str().unwrap();
    let file = world.objects.lock()[location.strip_prefix("s3://").unwrap()].clone();
    assert_eq!(String::from_utf8_lossy(&file), format!("USER_ID\n\"{USER}\"\n"));
    let lead = get(&world, "/g/shop/delete-user").await;
    assert_eq!((lead.status, lead.location()), (StatusCode::SEE_OTHER, "/console/g/shop/"));
}

//! The page Try: two lists beside each other, events and what they change, the way along similar items, rankings and actions.

use super::has;
use crate::cx::segment;
use crate::pages::testing::{ARN, Site, refusal, version_arn};
use http::StatusCode;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tastemaker_wire::Operation;

/// The campaigns beside `home`, with their recipes.
const OTHERS: [(&str, &str); 4] = [
    ("other", "aws-user-personalization-v2"),
    ("similar", "aws-similar-items"),
    ("ranks", "aws-personalized-ranking-v2"),
    ("acts", "aws-next-best-action"),
];

fn campaign(name: &str) -> String {
    format!("{ARN}:campaign/{name}")
}

/// The link of a page, with a campaign and more.
fn path(name: &str, more: &str) -> String {
    format!("/g/shop/try?c={}{more}", segment(&campaign(name)))
}

fn list(ids: &[&str]) -> Value {
    let items: Vec<Value> = ids.iter().map(|id| json!({"itemId": id, "score": 0.5})).collect();
    json!({"recommendationId": "rid", "itemList": items})
}

/// The answers of a shop with a campaign of each kind.
fn kinds(operation: Operation, input: &Value) -> Option<Value> {
    let id = |version: &str| version_arn(&format!("of-{version}"));
    let asked = input["campaignArn"].as_str().unwrap_or_default();
    match operation {
        Operation::ListCampaigns => {
            let names = std::iter::once("home").chain(OTHERS.iter().map(|(name, _)| *name));
            let one = |name| json!({"name": name, "campaignArn": campaign(name), "status": "ACTIVE"});
            Some(json!({"campaigns": names.map(one).collect::<Vec<_>>()}))
        }
        Operation::DescribeCampaign => OTHERS.iter().find(|(name, _)| asked == campaign(name)).map(|(name, _)| {
            json!({"campaign": {"name": name, "campaignArn": asked, "status": "ACTIVE", "solutionVersionArn": id(name)}})
        }),
        Operation::DescribeSolutionVersion => {
            let version = input["solutionVersionArn"].as_str().unwrap_or_default();
            OTHERS.iter().find(|(name, _)| version == id(name)).map(|(_, recipe)| {
                json!({"solutionVersion": {"solutionVersionArn": version, "status": "ACTIVE",
                    "recipeArn": format!("arn:aws:personalize:::recipe/{recipe}")}})
            })
        }
        Operation::GetRecommendations if asked == campaign("home") => Some(list(&["p1", "p2", "p3", "p4"])),
        Operation::GetRecommendations if asked == campaign("other") => Some(list(&["p3", "p2", "p1", "p7"])),
        Operation::GetRecommendations => Some(list(&["p5", "p6"])),
        Operation::GetPersonalizedRanking => {
            Some(json!({"recommendationId": "rid", "personalizedRanking": [
                {"itemId": "p2", "score": 0.7}, {"itemId": "p1", "score": 0.3}, {"itemId": "odd"}]}))
        }
        Operation::GetActionRecommendations => {
            Some(json!({"recommendationId": "rid", "actionList": [{"actionId": "join-club", "score": 0.9}]}))
        }
        Operation::PutEvents => Some(Value::Null),
        _ => None,
    }
}

fn site() -> Site {
    Site::with(|operation, input| kinds(operation, input).map(Ok))
}

#[tokio::test]
async fn two_campaigns_stand_side_by_side_with_moves_in_signs_and_words() {
    let site = site();
    let page = site.page(&path("home", &format!("&b={}&user=user42", segment(&campaign("other"))))).await;
    has(
        &page,
        &[
            "<span aria-hidden=\"true\">▲2</span><span class=\"hidden\">up 2 places</span>",
            "<span aria-hidden=\"true\">▼2</span><span class=\"hidden\">down 2 places</span>",
            "<span class=\"hidden\">same place</span>",
            "<span class=\"move up\">new</span>",
            "Against home.",
            "Against other.",
            "Moved: 2, new: 1, gone: 1.",
            "3 of the first 10 items are in both lists.",
            "Only in home, with the place there",
            "Only in other, with the place there",
        ],
    );
    let asked: Vec<Value> = site.calls(Operation::GetRecommendations);
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|input| input["userId"] == "user42"), "{asked:?}");
    // The same one twice is one list.
    let page = site.page(&path("home", &format!("&b={}&user=user42", segment(&campaign("home"))))).await;
    assert!(!page.contains("Against"), "{page}");
    // One that lacks what it needs says so, and the other answers.
    let page = site.page(&path("home", &format!("&b={}&user=user42", segment(&campaign("similar"))))).await;
    has(&page, &["Fill in what this campaign needs", "name=\"item\"", "Name of p1"]);
}

#[tokio::test]
async fn a_refusal_of_one_list_leaves_the_other() {
    let site = Site::with(|operation, input| {
        if operation == Operation::GetRecommendations && input["campaignArn"] == campaign("other") {
            return Some(Err(refusal("InvalidInputException", "other refuses")));
        }
        kinds(operation, input).map(Ok)
    });
    let got = site.get(&path("home", &format!("&b={}&user=user42", segment(&campaign("other"))))).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    has(&got.body, &["other refuses", "Name of p4"]);
}

#[tokio::test]
async fn an_event_of_a_card_is_sent_and_the_list_says_what_it_changed() {
    let lists = Mutex::new(vec![list(&["p3", "p1", "p9"]), list(&["p1", "p2", "p3"])]);
    let site = Site::with(move |operation, input| match operation {
        Operation::GetRecommendations => lists.lock().pop().map(Ok),
        _ => kinds(operation, input).map(Ok),
    });
    let page = site.page(&path("home", "&user=user42&n=3")).await;
    has(&page, &["name=\"event.View\" value=\"p3\"", "Send the event View for Name of p3", "value=\"p1,p2,p3\""]);
    let action = page.split("action=\"").find(|part| part.contains("/try/event?")).unwrap();
    let action = action.split('"').next().unwrap().replace("&amp;", "&").replacen("/console", "", 1);
    let got = site.post(&action, &[("was", "p1,p2,p3"), ("recommendation", "rid"), ("event.View", "p3")]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    let sent = &site.calls(Operation::PutEvents)[0];
    let event = json!({"eventType": "View", "itemId": "p3", "recommendationId": "rid", "sentAt": 1_800_000_000.0});
    assert_eq!(
        sent,
        &json!({"trackingId": "9d5b-track", "userId": "user42", "sessionId": "console", "eventList": [event]})
    );
    let location = got.location.unwrap().replacen("/console", "", 1);
    let (there, place) = location.split_once('#').unwrap();
    assert_eq!(place, "lists");
    let page = site.page(there).await;
    has(
        &page,
        &[
            "The event View for Name of p3 was sent.",
            "Against the list before the event. Moved: 2, new: 1, gone: 1.",
            "up 2 places",
            "down one place",
            "Gone, with the former place",
            "Name of p2",
            "id=\"lists\"",
            "aws personalize-events put-events",
        ],
    );
}

#[tokio::test]
async fn events_need_a_user_a_tracker_and_the_right() {
    let site = site();
    let page = site.page(&path("home", "&user=")).await;
    has(&page, &["Events need a user id or a session id."]);
    assert!(!page.contains("name=\"event."));
    let got = site.post("/g/shop/try/event?user=", &[("event.View", "p1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = site.post("/g/shop/try/event?user=u", &[("was", "p1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    has(&got.body, &["No event was chosen."]);
    assert!(site.calls(Operation::PutEvents).is_empty());
    let untracked = Site::with(|operation, input| match operation {
        Operation::ListEventTrackers => Some(Ok(json!({"eventTrackers": []}))),
        _ => kinds(operation, input).map(Ok),
    });
    let page = untracked.page(&path("home", "&user=user42")).await;
    has(&page, &["has no event tracker", "/console/g/shop/event-tracker"]);
    assert!(!page.contains("name=\"event."));
    let got = untracked.post("/g/shop/try/event?user=u", &[("event.View", "p1")]).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = Site::with(|operation, input| match operation {
        Operation::PutEvents => Some(Err(refusal("InvalidInputException", "eventType must be known"))),
        _ => kinds(operation, input).map(Ok),
    });
    let got = refused.post("/g/shop/try/event?user=u", &[("event.View", "p1")]).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    has(&got.body, &["eventType must be known"]);
}

#[tokio::test]
async fn a_visitor_without_an_id_gets_a_history() {
    let site = site();
    let items: Vec<String> = (1..=12).map(|n| format!("p{n}")).collect();
    let history = format!("/g/shop/try/history?c={}&user=user42", segment(&campaign("home")));
    let got = site.post(&history, &[("history", &items.join("\n")), ("type", "View"), ("visitor", "")]).await;
    let visitor = "visitor-1800000000000";
    let there = format!("/console{}", path("home", &format!("&session={visitor}#lists")));
    assert_eq!((got.status, got.location.as_deref()), (StatusCode::SEE_OTHER, Some(there.as_str())));
    let sent = site.calls(Operation::PutEvents);
    let sizes: Vec<usize> = sent.iter().map(|call| call["eventList"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 2]);
    assert_eq!((&sent[0]["sessionId"], &sent[0]["userId"]), (&json!(visitor), &Value::Null));
    let at = |call: usize, place: usize| &sent[call]["eventList"][place]["sentAt"];
    assert_eq!((at(0, 0), at(1, 1)), (&json!(1_799_999_989.0), &json!(1_800_000_000.0)));
    site.page(&path("home", &format!("&session={visitor}"))).await;
    assert_eq!(site.calls(Operation::GetRecommendations)[0]["userId"], visitor);
    for (typed, count) in [(String::new(), "not 0"), (vec!["p"; 101].join(","), "not 101")] {
        let got = site.post(&history, &[("history", &typed)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&got.body, &[count]);
    }
}

#[tokio::test]
async fn the_way_along_similar_items_is_in_the_address() {
    let site = site();
    let page = site.page(&path("home", "&user=user42")).await;
    let link = |page: &str, item: &str| {
        let of = page.split("<a href=\"").find(|part| part.contains(&format!("Similar items: Name of {item}\"")));
        let link = of.unwrap().split('"').next().unwrap().replace("&amp;", "&");
        link.replacen("/console", "", 1)
    };
    let first = link(&page, "p2");
    assert!(first.contains(&segment(&campaign("similar"))) && first.contains("item=p2&walk=p2&from="), "{first}");
    let page = site.page(&first).await;
    has(
        &page,
        &[
            "aria-label=\"Way along similar items\"",
            "The list at the start",
            "<span aria-current=\"page\" title=\"p2\">",
        ],
    );
    let page = site.page(&link(&page, "p6")).await;
    has(&page, &["title=\"p2\">Name of p2</a>", "<span aria-current=\"page\" title=\"p6\">"]);
    let asked: Vec<Value> = site.calls(Operation::GetRecommendations).iter().map(|i| i["itemId"].clone()).collect();
    assert_eq!(asked, [Value::Null, json!("p2"), json!("p6")]);
    let back = page.split("<a href=\"").find(|part| part.contains("The list at the start")).unwrap();
    let back = back.split('"').next().unwrap();
    assert!(
        back.contains(&segment(&campaign("home"))) && back.contains("user=user42") && !back.contains("walk"),
        "{back}"
    );
    // Without a campaign of similar items there is no way.
    let page = Site::shop().page("/g/shop/try?user=user42").await;
    assert!(!page.contains("Similar items:"));
}

#[tokio::test]
async fn a_pasted_list_is_ranked_and_unknown_ids_are_named() {
    let site = site();
    let page = site.page(&path("ranks", "&user=user42&items=odd%0Ap1%0Ap2%0Ap1")).await;
    has(
        &page,
        &[
            "Against the order that you gave. Moved: 2, new: 0, gone: 0.",
            "up 2 places",
            "down 2 places",
            "same place",
            "Unknown item",
            "aws personalize-runtime get-personalized-ranking",
        ],
    );
    assert_eq!(page.matches("Unknown item").count(), 1);
}

#[tokio::test]
async fn actions_are_listed_for_a_user() {
    let site = site();
    let page = site.page(&path("acts", "&user=user42&n=5")).await;
    has(&page, &["join-club", "0.9000", "get-action-recommendations"]);
    assert!(!page.contains("name=\"event.") && !page.contains("Similar items:"));
    assert_eq!(site.calls(Operation::GetActionRecommendations)[0]["numResults"], 5);
}

#[tokio::test]
async fn both_languages_and_strange_ids() {
    let odd = "<b>\"&'/?%2e 상점\u{202e}".to_owned();
    let given = odd.clone();
    let site = Site::with(move |operation, input| match operation {
        Operation::GetRecommendations => Some(Ok(list(&[&given, "p1"]))),
        _ => kinds(operation, input).map(Ok),
    });
    let question = path("home", &format!("&b={}&user={}", segment(&campaign("other")), segment(&odd)));
    site.page(&question).await;
    let was = segment(&segment(&odd));
    let page = site.page(&format!("{question}&was=p1,{was}&did=View&on={}", segment(&odd))).await;
    has(&page, &["up one place", "down one place"]);
    assert!(!page.contains("<b>"), "{page}");
    let korean = site.korean();
    let page = korean.page(&format!("{question}&was=p1,{was}&did=View&on=p1")).await;
    has(&page, &["1자리 위로", "나란히 볼 대상"]);
    assert!(!page.contains(">try-"), "{page}");
}

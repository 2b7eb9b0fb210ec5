//! Member names in error texts against the API's own shapes.

use serde_json::Value;
use std::collections::BTreeSet;
use tastemaker_domain::Member;

#[test]
fn every_member_of_an_error_text_is_one_of_the_api() {
    let model: Value = serde_json::from_str(include_str!("../../../../models/personalize.json")).unwrap();
    let services = model["services"].as_object().unwrap().values();
    let shapes = services.flat_map(|service| service["shapes"].as_object().unwrap().values());
    let members: BTreeSet<&str> = shapes
        .filter_map(|shape| shape["members"].as_object())
        .flat_map(|members| members.keys().map(String::as_str))
        .collect();
    assert!(members.len() > 150, "{members:?}");
    let strange: Vec<_> = Member::ALL.iter().filter(|member| !members.contains(member.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

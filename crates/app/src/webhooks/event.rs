//! A change of a resource's status as an event in the form of Amazon EventBridge.

use serde_json::{Value, json};
use tastemaker_store::records::StateChange;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The source of the events. Those of AWS begin with `aws.`, which EventBridge takes from nobody else.
const SOURCE: &str = "tastemaker.personalize";

/// The event.
pub fn event(change: &StateChange) -> Value {
    let mut of_arn = change.arn.split(':').skip(3);
    let (region, account) = (of_arn.next().unwrap_or_default(), of_arn.next().unwrap_or_default());
    let time = OffsetDateTime::from_unix_timestamp(change.at_ms.div_euclid(1000)).ok();
    let time = time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default();
    let mut detail = json!({
        "resourceType": change.kind,
        "resourceArn": change.arn,
        "status": change.status,
        "sequence": change.number,
        "statusOf": if change.is_update { "latestUpdate" } else { "resource" },
    });
    for (name, value) in [
        ("datasetGroupArn", &change.dataset_group_arn),
        ("previousStatus", &change.previous_status),
        ("failureReason", &change.failure_reason),
    ] {
        if let Some(value) = value {
            detail[name] = json!(value);
        }
    }
    json!({
        "version": "0",
        "id": change.id,
        "detail-type": format!("Personalize {} State Change", title(&change.kind)),
        "source": SOURCE,
        "account": account,
        "time": time,
        "region": region,
        "resources": [change.arn],
        "detail": detail,
    })
}

/// `solution-version` as `Solution Version`.
fn title(kind: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    kind.split('-').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_form_of_eventbridge() {
        let change = StateChange {
            id: "0f8fad5b-d9cb-469f-a165-70867728950e".into(),
            number: 7,
            kind: "solution-version".into(),
            arn: "arn:aws:personalize:eu-west-1:123456789012:solution/gru/702e0792".into(),
            dataset_group_arn: Some("arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop".into()),
            status: "CREATE FAILED".into(),
            previous_status: Some("CREATE IN_PROGRESS".into()),
            failure_reason: Some("why".into()),
            is_update: false,
            at_ms: 1_700_000_000_001,
        };
        assert_eq!(
            event(&change),
            json!({
                "version": "0",
                "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                "detail-type": "Personalize Solution Version State Change",
                "source": "tastemaker.personalize",
                "account": "123456789012",
                "time": "2023-11-14T22:13:20Z",
                "region": "eu-west-1",
                "resources": ["arn:aws:personalize:eu-west-1:123456789012:solution/gru/702e0792"],
                "detail": {
                    "resourceType": "solution-version",
                    "resourceArn": "arn:aws:personalize:eu-west-1:123456789012:solution/gru/702e0792",
                    "datasetGroupArn": "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop",
                    "status": "CREATE FAILED",
                    "previousStatus": "CREATE IN_PROGRESS",
                    "failureReason": "why",
                    "statusOf": "resource",
                    "sequence": 7,
                },
            })
        );
        let new = StateChange { previous_status: None, failure_reason: None, is_update: true, ..change };
        let detail = &event(&new)["detail"];
        assert_eq!((&detail["statusOf"], detail.get("previousStatus")), (&json!("latestUpdate"), None));
    }
}

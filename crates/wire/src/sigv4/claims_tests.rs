//! Tests of the claims of a request whose signature is not verified yet: key, algorithm, region and times.

use super::date::{parse_basic, parse_http_date};
use super::*;
use std::time::{Duration, UNIX_EPOCH};

const NOW_S: u64 = 1_700_000_000;

fn query(algorithm: &str, region: &str) -> String {
    format!(
        "X-Amz-Algorithm={algorithm}&X-Amz-Credential=KEY%2F20231114%2F{region}%2Fs3%2Faws4_request\
         &X-Amz-Date=20231114T221320Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=aa"
    )
}

#[test]
fn a_query_names_the_one_algorithm() {
    let scope = |algorithm: &str| credential_scope(&HeaderMap::new(), Some(&query(algorithm, "us-east-1")));
    assert_eq!(scope("AWS4-HMAC-SHA256").map(|scope| scope.access_key).as_deref(), Some("KEY"));
    for algorithm in ["AWS4-HMAC-SHA1", "AWS4-ECDSA-P256-SHA256", "none"] {
        assert!(scope(algorithm).is_none(), "{algorithm}");
    }
}

#[test]
fn a_key_is_known_or_not() {
    let known = |query: Option<&str>| {
        let lookup = |key: &str| (key == "KEY").then(|| "secret".to_owned());
        names_known_key(&HeaderMap::new(), query, lookup, UNIX_EPOCH + Duration::from_secs(NOW_S))
    };
    assert!(known(Some(&query("AWS4-HMAC-SHA256", "us-east-1"))));
    assert!(!known(Some(&query("AWS4-HMAC-SHA256", "us-east-1").replace("KEY", "OTHER"))));
    assert!(!known(Some(&query("AWS4-HMAC-SHA256", "a'b"))), "no region");
    assert!(!known(Some("X-Amz-Algorithm=AWS4-HMAC-SHA256")), "a claim that is not whole");
    assert!(!known(None));
}

#[test]
fn a_policy_is_for_a_region() {
    let refused = |region: &str| {
        let form = SignedPolicy {
            policy: "e30=",
            algorithm: "AWS4-HMAC-SHA256",
            credential: &format!("KEY/20231114/{region}/s3/aws4_request"),
            date: "20231114T221320Z",
            signature: "aa",
            token: None,
        };
        let verified = verify_policy(&form, |_| None, UNIX_EPOCH + Duration::from_secs(NOW_S));
        format!("{:?}", verified.map(|_| ()).expect_err("nobody has the key"))
    };
    assert!(refused("a'b").contains("valid region"), "{}", refused("a'b"));
    assert!(!refused("us-east-1").contains("valid region"), "{}", refused("us-east-1"));
}

#[test]
fn times_are_read_in_both_forms() {
    for (text, seconds) in [
        ("Tue, 14 Nov 2023 22:13:20 GMT", Some(1_700_000_000)),
        ("Tue, 14 Nov 2023 23:13:20 +0100", Some(1_700_000_000)),
        ("yesterday", None),
    ] {
        assert_eq!(parse_http_date(text).map(|moment| moment.unix_timestamp()), seconds, "{text}");
    }
    assert_eq!(parse_basic("20231114T221320Z").map(|moment| moment.unix_timestamp()), Some(1_700_000_000));
    assert!(parse_basic("2023-11-14T22:13:20Z").is_none());
}

use super::*;

fn ok(query: &str) -> Request {
    Request::of(&Params::of_query(query)).expect(query)
}

fn refused(query: &str) -> String {
    Request::of(&Params::of_query(query)).expect_err(query).0
}

#[test]
fn aliases_are_equal_and_the_first_counts() {
    for query in ["user_id=u1", "userId=u1", "userID=u1", "x=1&user_id=u1&userId=u2", "user_id=u1&numResults="] {
        let request = ok(query);
        assert_eq!((request.user(), request.num_results), (Some("u1"), None), "{query}");
    }
    for query in ["num_results=3", "numResults=3", "n=3", "limit=3&n=9"] {
        assert_eq!(ok(query).num_results, Some(3), "{query}");
    }
    let spelled = ok("item_id=i&decorate=0&min_results=2&promotion_percent=7&recommender=home");
    let other = ok("itemId=i&decorateItems=false&minResults=2&promotionPercent=7&campaign=home");
    assert_eq!(spelled, other);
    assert!(ok("userID=u&currentItemID=i&fullyQualifyImageUrls=1").workshop);
    assert!(!ok("user_id=u&fullyQualifyImageUrls=t").workshop);
}

#[test]
fn popular_items_are_of_two_kinds() {
    assert_eq!(ok("kind=popular").kind, Some(PopularKind::Popular));
    assert_eq!(ok("kind=trending").kind, Some(PopularKind::Trending));
}

#[test]
fn an_empty_user_is_a_user_and_an_absent_one_is_not() {
    assert_eq!(ok("user_id=").user_id.as_deref(), Some(""));
    assert_eq!(ok("user_id").user_id.as_deref(), Some(""));
    assert_eq!(ok("USER_ID=u1").user_id, None);
    assert_eq!(ok("user_id=").user(), None);
}

#[test]
fn ids_are_any_utf8_of_bounded_length() {
    assert_eq!(ok("user_id=%EC%82%AC%EC%9A%A9%EC%9E%90").user(), Some("사용자"));
    assert_eq!(ok(&format!("user_id={}", "é".repeat(256))).user().unwrap().chars().count(), 256);
    assert!(refused(&format!("user_id={}", "u".repeat(257))).contains("257"));
    assert!(refused("user_id=%FF").contains("UTF-8"));
    assert!(refused(&format!("items={}", "u".repeat(257))).contains("items"));
}

#[test]
fn what_is_out_of_range_names_parameter_and_range() {
    for query in ["n=0", "n=501", "n=-1", "n=1.5", "n=ten", "n=99999999999999999999"] {
        let message = refused(&format!("user_id=u&{query}"));
        assert!(message.contains("num_results") && message.contains("1 to 500"), "{message}");
    }
    assert_eq!(ok("n=500").num_results, Some(500));
    for (query, word) in [
        ("shape=round", "flat, product, object, ids, personalize"),
        ("kind=odd", "popular or trending"),
        ("track=perhaps", "track must be 1 or 0"),
        ("promotion_percent=101", "1 to 100"),
        ("min_results=501", "0 to 500"),
        ("timestamp=1700000000000000", "timestamp"),
        ("filter_values=Comedy", "filter_values is not JSON"),
        ("filter_values=[1]", "must be a JSON object"),
        ("filter_values={\"a\":{}}", "'a'"),
        ("context=5", "context must be a JSON object"),
        ("fields=,", "1 to 50"),
        ("items=[{}]", "no id at 1"),
        ("items=[", "items is not a JSON array"),
        ("exclude=[", "exclude is not a JSON array"),
        ("explore_first_place=maybe", "explore_first_place must be 1 or 0"),
    ] {
        assert!(refused(query).contains(word), "{query}: {}", refused(query));
    }
}

#[test]
fn filter_values_in_four_forms() {
    let form = |query: &str| ok(query).filter_values["G"].clone();
    assert_eq!(form("f.G=Comedy"), "\"Comedy\"");
    assert_eq!(form("filter.G=Comedy&f.G=A%2C%22B%22"), r#""Comedy","A,\"B\"""#);
    assert_eq!(form(r#"filter_values={"G":["a","b"]}"#), r#""a","b""#);
    assert_eq!(form(r#"filterValues={"G":"\"a\",\"b\""}"#), r#""a","b""#);
    assert_eq!(form(r#"filter_values={"G":5}&f.H=1"#), "\"5\"");
}

#[test]
fn names_and_values_have_the_lengths_of_the_api() {
    for (prefix, name_max, what) in [("f.", 50, "filter"), ("ctx.", 150, "context")] {
        let (name, value) = ("N".repeat(name_max), "v".repeat(998));
        ok(&format!("{prefix}{name}={value}"));
        let long = refused(&format!("{prefix}{name}N={value}"));
        assert_eq!(long, format!("The {what} name has {} characters; at most {name_max} are allowed.", name_max + 1));
        let long = refused(&format!("{prefix}G={value}vvv"));
        assert!(long.starts_with(&format!("The {what} value 'G' has 100")), "{long}");
        assert!(long.ends_with("at most 1000 are allowed."), "{long}");
    }
    ok(&format!("ctx.G={}", "é".repeat(1000)));
    assert!(refused(&format!("context={{\"G\":\"{}\"}}", "x".repeat(60_000))).contains("60000 characters"));
}

#[test]
fn what_a_request_takes_in_memory_is_counted() {
    let small = ok("user_id=u");
    assert_eq!(small.heap_bytes(), 1);
    let all = ok(
        "user_id=uu&item_id=ii&recommender=rr&filter=ff&promotion=pp&items=a,bb&exclude=ccc&fields=id,name&f.G=x&ctx.D=yy",
    );
    // Two bytes each of five texts, `a` `bb`, `ccc` and `id` `name` in vectors, `G` `"x"` and `D` `yy` in maps.
    let entries = 5 * std::mem::size_of::<String>() + 2 * 2 * std::mem::size_of::<String>();
    assert_eq!(all.heap_bytes(), 10 + 3 + 3 + 6 + (1 + 3) + (1 + 2) + entries);
}

#[test]
fn lists_of_items_and_fields() {
    assert_eq!(ok("items=a,b,,a,c").items, ["a", "b", "c"]);
    assert_eq!(ok(r#"items=["a",{"itemId":"b"},{"id":7}]"#).items, ["a", "b", "7"]);
    assert_eq!(ok("exclude=c,a,,b,a").exclude, ["a", "b", "c"]);
    assert_eq!(ok(r#"exclude=["b",{"itemId":"a"}]"#), ok("exclude=a,b"));
    assert_eq!((ok("exclude=").exclude.len(), ok("user_id=u").exclude.len()), (0, 0));
    assert_eq!(ok("exclude=b&exclude=&exclude=a,c&exclude=b").exclude, ["a", "b", "c"]);
    assert_eq!(ok("items=b&itemIds=a").items, ["b", "a"]);
    assert!(refused("exclude=a&exclude=%FF").contains("exclude is not UTF-8"));
    let many = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(ok(&format!("exclude={}", many(500))).exclude.len(), 500);
    let refusal = refused(&format!("exclude={}", many(501)));
    assert_eq!(refusal, "The parameter exclude must have 1 to 500 ids, not 501.");
    assert!(refused(&format!("exclude=a,{}", "u".repeat(257))).starts_with("The parameter exclude has 257 characters"));
    assert_eq!(ok("fields=id,Name, price,id").fields.unwrap(), ["id", "name", "price"]);
}

#[test]
fn credentials_in_the_url_are_seen() {
    assert_eq!(credential_in("user_id=u&Token=x"), Some("token"));
    assert_eq!(credential_in("api%5Fkey=x"), Some("api_key"));
    assert_eq!(credential_in("user_id=token"), None);
}

use super::*;
use tastemaker_domain::recommendation::{MetadataValue, Reason};

fn item(id: &str, metadata: &[(&str, MetadataValue)]) -> RecommendedItem {
    let metadata = metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    RecommendedItem { item_id: id.into(), score: Some(0.123_456_789), promotion_name: None, reason: None, metadata }
}

fn word(text: &str) -> MetadataValue {
    MetadataValue::Text(text.into())
}

fn lamp() -> RecommendedItem {
    item(
        "abc123",
        &[
            ("IMAGE", word("http://pp.cdn.com/abvh3321pjb1j")),
            ("NAME", word("First Item")),
            ("PRICE", MetadataValue::Number("39.99".into())),
            ("URL", word("http://productpage.com/product/abc123")),
            ("BRAND", word("Glow")),
        ],
    )
}

fn shown(items: &[RecommendedItem], look: Look, config: &FieldsConfig) -> String {
    let (columns, _) = config.resolve(&["NAME", "PRICE", "URL", "IMAGE", "BRAND"]);
    let about = About { recommendation_id: "RID-1", source: "model" };
    String::from_utf8(render(items, &Look { columns, ..look }, config, about).expect("renders")).expect("is text")
}

fn flat(items: &[RecommendedItem], config: &FieldsConfig) -> String {
    shown(items, Look::default(), config)
}

const FLAT: &str = concat!(
    r#"{"id":"abc123","url":"http://productpage.com/product/abc123","name":"First Item","price":39.99,"#,
    r#""image":"http://pp.cdn.com/abvh3321pjb1j"}"#
);

#[test]
fn the_documented_answer_byte_by_byte() {
    assert_eq!(flat(&[lamp()], &FieldsConfig::default()), format!("[{FLAT}]"));
    assert_eq!(flat(&[], &FieldsConfig::default()), "[]");
}

#[test]
fn images_that_say_where_they_are_stay() {
    let config = FieldsConfig::default();
    for (image, shown_as) in [
        ("a/b.png", "https://cdn/x/a/b.png"),
        ("/b.png", "https://cdn/x/b.png"),
        ("//other/b.png", "//other/b.png"),
        ("https://other/b.png", "https://other/b.png"),
        ("data:image/png;base64,AA", "data:image/png;base64,AA"),
        ("my-data:", "https://cdn/x/my-data:"),
    ] {
        let look = Look { image_base: Some("https://cdn/x/".into()), ..Look::default() };
        let text = shown(&[item("a", &[("IMAGE", word(image))])], look, &config);
        assert!(text.contains(&format!(r#""image":"{shown_as}""#)), "{image}: {text}");
    }
}

#[test]
fn columns_are_asked_for_once_and_not_for_ids_alone() {
    let extra = vec![("brand".to_owned(), "BRAND".to_owned()), ("title".to_owned(), "NAME".to_owned())];
    let (columns, _) = FieldsConfig::default().resolve(&["NAME", "PRICE", "BRAND"]);
    let look = Look { columns, extra, ..Look::default() };
    let mut asked = look.to_request();
    asked.sort();
    assert_eq!(asked, ["BRAND", "NAME", "PRICE"]);
    assert!(Look { bare: true, ..look.clone() }.to_request().is_empty());
    assert!(Look { shape: Shape::Ids, ..look }.to_request().is_empty());
}

#[test]
fn every_shape() {
    for (shape, expected) in [
        (Shape::Product, format!(r#"[{{"product":{FLAT}}}]"#)),
        (
            Shape::Object,
            format!(r#"{{"recommendations":[{FLAT}],"recommendation_id":"RID-1","source":"model","count":1}}"#),
        ),
        (Shape::Ids, r#"["abc123"]"#.to_owned()),
    ] {
        let look = Look { shape, ..Look::default() };
        assert_eq!(shown(&[lamp()], look, &FieldsConfig::default()), expected);
    }
    let look = Look { shape: Shape::Personalize, ..Look::default() };
    let text = shown(&[item("a", &[("BRAND", word("Glow"))])], look, &FieldsConfig::default());
    assert_eq!(
        text,
        r#"{"itemList":[{"itemId":"a","score":0.1234568,"metadata":{"brand":"Glow"}}],"recommendationId":"RID-1"}"#
    );
    assert_eq!(Shape::of("product"), Some(Shape::Product));
    assert_eq!(Shape::of("Product"), None);
}

#[test]
fn keys_are_chosen_added_and_left_out() {
    let extra = vec![("brand".to_owned(), "BRAND".to_owned())];
    let config = FieldsConfig::default();
    let look = Look { extra: extra.clone(), ..Look::default() };
    assert!(shown(&[lamp()], look.clone(), &config).ends_with(r#","brand":"Glow"}]"#));
    let fields = Some(["brand", "score", "id", "promoted"].map(str::to_owned).to_vec());
    let look = Look { fields, ..look };
    assert_eq!(
        shown(&[lamp()], look, &config),
        r#"[{"brand":"Glow","score":0.1234568,"id":"abc123","promoted":false}]"#
    );
    assert_eq!(shown(&[lamp()], Look { bare: true, ..Look::default() }, &config), r#"[{"id":"abc123"}]"#);
}

#[test]
fn promoted_items_say_so() {
    let promoted = RecommendedItem { reason: Some(Reason::Promoted), ..lamp() };
    let config = FieldsConfig::default();
    assert!(flat(std::slice::from_ref(&promoted), &config).ends_with(r#""promoted":true}]"#));
    let look = Look { shape: Shape::Product, ..Look::default() };
    assert!(shown(&[promoted], look, &config).ends_with(r#""},"promoted":true}]"#));
}

#[test]
fn tracked_urls_and_qualified_images() {
    let config = FieldsConfig { url_template: Some("https://s/{id}".into()), ..FieldsConfig::default() };
    let look = Look { track: true, image_base: Some("https://cdn.test/".into()), ..Look::default() };
    let text = shown(&[item("a b", &[("IMAGE", word("/p/1.jpg"))])], look.clone(), &config);
    assert!(text.contains(r#""url":"https://s/a%20b?rid=RID-1&rid_item=a%20b""#), "{text}");
    assert!(text.contains(r#""image":"https://cdn.test/p/1.jpg""#), "{text}");
    assert!(shown(&[lamp()], look, &config).contains(r#""image":"http://pp.cdn.com/abvh3321pjb1j""#));
}

#[test]
fn prices_stay_as_given() {
    for (given, wanted) in [
        (word("19.90"), "19.90"),
        (word(" 5 "), "5"),
        (word("0.10000000000000000555"), "0.10000000000000000555"),
        (word("-3e2"), "-3e2"),
        (word("19,99 €"), "\"19,99 €\""),
        (word("007"), "\"007\""),
        (word("1.5 2"), "\"1.5 2\""),
        (word("NaN"), "\"NaN\""),
        (word("  "), "null"),
        (MetadataValue::Number("19.99".into()), "19.99"),
        (MetadataValue::Number("inf".into()), "null"),
        (MetadataValue::Boolean(true), "null"),
    ] {
        let text = flat(&[item("i", &[("PRICE", given.clone())])], &FieldsConfig::default());
        let wanted = format!(r#"[{{"id":"i","url":null,"name":null,"price":{wanted},"image":null}}]"#);
        assert_eq!(text, wanted, "{given:?}");
    }
}

#[test]
fn templates_fill_gaps_with_the_encoded_id() {
    let config = FieldsConfig {
        url_template: Some("https://shop/p/{id}?ref={id}".into()),
        image_template: Some("https://cdn/{id}.png".into()),
        ..FieldsConfig::default()
    };
    let items = [item("a b/1", &[("URL", word("")), ("IMAGE", word("http://given"))])];
    let wanted = concat!(
        r#"[{"id":"a b/1","url":"https://shop/p/a%20b%2F1?ref=a%20b%2F1","name":null,"price":null,"#,
        r#""image":"http://given"}]"#
    );
    assert_eq!(flat(&items, &config), wanted);
}

#[test]
fn names_are_text_even_when_the_column_is_not() {
    let text = flat(&[item("i", &[("NAME", MetadataValue::Number("1984".into()))])], &FieldsConfig::default());
    assert!(text.contains(r#""name":"1984""#), "{text}");
}

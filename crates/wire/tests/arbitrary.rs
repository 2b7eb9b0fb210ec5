//! Every operation on arbitrary bytes, arbitrary JSON, and JSON that follows its shape: nothing panics, and what the
//! validator takes, serde takes.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tastemaker_wire::codec::{BODY_BYTES_MAX, DecodeError, decode};
use tastemaker_wire::shape::Shape;
use tastemaker_wire::validate::validate;
use tastemaker_wire::{ErrorShape, Operation};

macro_rules! decode_each {
    ($($operation:ident, $module:ident, $input:ident;)+) => {
        fn decode_as_input(operation: Operation, body: &[u8]) -> Result<(), DecodeError> {
            match operation {
                $(Operation::$operation => {
                    decode::<tastemaker_wire::$module::$input>(operation, body).map(drop)
                })+
            }
        }
    };
}
tastemaker_wire::for_each_operation!(decode_each);

fn check(operation: Operation, body: &[u8]) {
    if let Err(error) = decode_as_input(operation, body) {
        assert!(matches!(error.shape, ErrorShape::SerializationException | ErrorShape::InvalidInputException));
        assert!(!error.message.is_empty() && error.message.len() < 20_000, "{error}");
    }
}

/// Values that the validator takes must not fail in serde: their notions of a type are the same.
fn check_agreement(operation: Operation, value: &Value) -> bool {
    let taken = validate(operation.descriptor().constraints, value).is_ok();
    let body = value.to_string();
    assert!(body.len() < BODY_BYTES_MAX);
    assert_eq!(decode_as_input(operation, body.as_bytes()).is_ok(), taken, "{operation:?} {body}");
    taken
}

/// A small deterministic source of choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// One of `oddity` choices is off.
    fn is_odd(&mut self, oddity: u64) -> bool {
        oddity > 0 && self.below(oddity) == 0
    }
}

/// A value that follows `shape`, except at one of `oddity` places; never when `oddity` is 0.
fn shaped(shape: &Shape, choices: &mut Choices, oddity: u64) -> Value {
    if choices.is_odd(oddity) {
        let odd = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!(""),
            json!("ä\n"),
            json!([]),
            json!({}),
        ];
        return odd[choices.below(odd.len() as u64) as usize].clone();
    }
    match shape {
        Shape::Structure { members } => {
            let mut object = Map::new();
            for member in *members {
                if member.required && !choices.is_odd(oddity) || choices.below(2) == 0 {
                    object.insert(member.name.to_owned(), shaped(member.shape, choices, oddity));
                }
            }
            Value::Object(object)
        }
        Shape::List { member, min, .. } => {
            let count = u64::from(min.unwrap_or(0)) + choices.below(2);
            (0..count).map(|_| shaped(member, choices, oddity)).collect()
        }
        Shape::Map { key, value, .. } => match shaped(key, choices, 0) {
            Value::String(key) => json!({ key: shaped(value, choices, oddity) }),
            _ => json!({}),
        },
        Shape::String { values, pattern, .. } => {
            let texts = [
                "a1",
                "Items",
                "rate(7 days)",
                "s3://b/k",
                "arn:aws:personalize:r:1:k/n",
                "arn:aws:iam::000000000000:role/r",
            ];
            let texts = [texts.as_slice(), &["arn:aws:kms:r:000000000000:key/k"]].concat();
            match values.first() {
                Some(value) => json!(value),
                None => json!(texts.iter().find(|text| pattern.is_none_or(|pattern| pattern.matches(text)))),
            }
        }
        Shape::Integer { min, .. } => json!(min.unwrap_or(0)),
        Shape::Double { min, .. } => json!(min.unwrap_or(0.25)),
        Shape::Boolean => json!(choices.below(2) == 0),
        Shape::Timestamp => {
            [json!(1), json!(1.5), json!("1.5"), json!("2024-01-02T03:04:05Z")][choices.below(4) as usize].clone()
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("name|tags|eventList|solutionConfig|[a-z]{1,3}", inner, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

#[test]
fn a_value_that_follows_its_shape_is_taken() {
    for operation in Operation::all() {
        for seed in 0..20 {
            let value = shaped(operation.descriptor().constraints, &mut Choices(seed), 0);
            assert!(check_agreement(operation, &value), "{operation:?} {value}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        Operation::all().for_each(|operation| check(operation, &body));
    }

    #[test]
    fn arbitrary_json(value in any_json()) {
        for operation in Operation::all() {
            check(operation, value.to_string().as_bytes());
            if value.is_object() {
                check_agreement(operation, &value);
            }
        }
    }

    #[test]
    fn nearly_shaped_json(seed: u64, oddity in 5_u64..60) {
        for operation in Operation::all() {
            let value = shaped(operation.descriptor().constraints, &mut Choices(seed), oddity);
            if value.is_object() {
                check_agreement(operation, &value);
            }
        }
    }

    #[test]
    fn truncated_shaped_json(seed: u64, cut in 0.0_f64..1.0) {
        for operation in Operation::all() {
            let body = shaped(operation.descriptor().constraints, &mut Choices(seed), 0).to_string();
            check(operation, &body.as_bytes()[..(body.len() as f64 * cut) as usize]);
        }
    }
}

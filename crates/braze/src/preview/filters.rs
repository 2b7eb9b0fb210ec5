//! The filters that Braze adds to Liquid.

use super::profile::to_liquid;
use liquid_core::model::{Value, ValueView};
use liquid_core::parser::ParseFilter;
use liquid_core::{
    Display_filter, Error, Expression, Filter, FilterParameters, FilterReflection, FromFilterParameters, Result,
    Runtime,
};

/// Every one.
pub(super) fn all() -> Vec<Box<dyn ParseFilter>> {
    vec![
        Box::new(UrlParamEscape),
        Box::new(UrlEscape),
        Box::new(JsonEscape),
        Box::new(AsJsonString),
        Box::new(JsonParse),
        Box::new(PropertyAccessor),
        Box::new(NumberWithDelimiter),
        Box::new(Base64Encode),
        Box::new(Base64Decode),
        Box::new(Md5),
        Box::new(Sha2),
    ]
}

/// A filter without arguments that maps text to text.
macro_rules! text_filter {
    ($filter:ident, $parsed:ident, $name:literal, $description:literal, $map:expr) => {
        #[derive(Clone, liquid_core::ParseFilter, FilterReflection)]
        #[filter(name = $name, description = $description, parsed($parsed))]
        struct $filter;

        #[derive(Debug, Default, Display_filter)]
        #[name = $name]
        struct $parsed;

        impl Filter for $parsed {
            fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
                let text = if input.is_nil() { String::new() } else { input.to_kstr().into_owned().into_string() };
                let map: fn(&str) -> Result<String> = $map;
                Ok(Value::scalar(map(&text)?))
            }
        }
    };
}

text_filter!(
    UrlParamEscape,
    UrlParamEscapeOf,
    "url_param_escape",
    "Escapes every character that means something in a URL.",
    |text| { Ok(crate::urlencoding::encode(text)) }
);
text_filter!(
    UrlEscape,
    UrlEscapeOf,
    "url_escape",
    "Escapes what no URL may hold, and leaves its delimiters.",
    |text| {
        let kept = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
        Ok(text
            .chars()
            .map(|c| if kept(c) { c.to_string() } else { crate::urlencoding::encode(&c.to_string()) })
            .collect())
    }
);
text_filter!(JsonEscape, JsonEscapeOf, "json_escape", "Escapes what ends a JSON text.", |text| {
    let quoted = serde_json::Value::from(text).to_string();
    Ok(quoted[1..quoted.len() - 1].to_owned())
});
text_filter!(
    NumberWithDelimiter,
    NumberWithDelimiterOf,
    "number_with_delimiter",
    "Groups thousands with commas.",
    |text| {
        let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
        let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
        if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(text.to_owned());
        }
        let grouped: Vec<&str> = {
            let first = whole.len() % 3;
            let head = (first > 0).then(|| &whole[..first]);
            head.into_iter().chain((first..whole.len()).step_by(3).map(|at| &whole[at..at + 3])).collect()
        };
        let fraction = fraction.map(|f| format!(".{f}")).unwrap_or_default();
        Ok(format!("{sign}{}{fraction}", grouped.join(",")))
    }
);
text_filter!(Base64Encode, Base64EncodeOf, "base64_encode", "Base64.", |text| {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD.encode(text))
});
text_filter!(Base64Decode, Base64DecodeOf, "base64_decode", "The text of Base64.", |text| {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|error| Error::with_msg(format!("not Base64: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
});
text_filter!(Md5, Md5Of, "md5", "The MD5 of a text in hexadecimal.", |text| {
    use md5::Digest;
    Ok(hex::encode(md5::Md5::digest(text)))
});
text_filter!(Sha2, Sha2Of, "sha2", "The SHA-256 of a text in hexadecimal.", |text| {
    use sha2::Digest;
    Ok(hex::encode(sha2::Sha256::digest(text)))
});

#[derive(Clone, liquid_core::ParseFilter, FilterReflection)]
#[filter(name = "as_json_string", description = "A value as JSON.", parsed(AsJsonStringOf))]
struct AsJsonString;

#[derive(Debug, Default, Display_filter)]
#[name = "as_json_string"]
struct AsJsonStringOf;

impl Filter for AsJsonStringOf {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        let json = serde_json::to_value(input.to_value()).map_err(|error| Error::with_msg(error.to_string()))?;
        Ok(Value::scalar(json.to_string()))
    }
}

#[derive(Clone, liquid_core::ParseFilter, FilterReflection)]
#[filter(name = "json_parse", description = "The value of a JSON text.", parsed(JsonParseOf))]
struct JsonParse;

#[derive(Debug, Default, Display_filter)]
#[name = "json_parse"]
struct JsonParseOf;

impl Filter for JsonParseOf {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        let json = serde_json::from_str::<serde_json::Value>(&input.to_kstr());
        json.map(|json| to_liquid(&json)).map_err(|error| Error::with_msg(format!("not JSON: {error}")))
    }
}

#[derive(Debug, FilterParameters)]
struct PropertyAccessorArgs {
    #[parameter(description = "The name of the member.", arg_type = "str")]
    key: Expression,
}

#[derive(Clone, liquid_core::ParseFilter, FilterReflection)]
#[filter(
    name = "property_accessor",
    description = "The member of an object whose name is computed.",
    parameters(PropertyAccessorArgs),
    parsed(PropertyAccessorOf)
)]
struct PropertyAccessor;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "property_accessor"]
struct PropertyAccessorOf {
    #[parameters]
    args: PropertyAccessorArgs,
}

impl Filter for PropertyAccessorOf {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let args = self.args.evaluate(runtime)?;
        let member = input.as_object().and_then(|object| object.get(args.key.as_str()));
        Ok(member.map_or(Value::Nil, |value| value.to_value()))
    }
}

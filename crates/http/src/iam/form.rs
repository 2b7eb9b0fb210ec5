//! Parameters of the query protocol: a form, in which lists are `Tags.member.1.Key`.

use super::error::IamError;
use form_urlencoded::parse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A request's parameters.
#[derive(Debug, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `a=b&c=d` of the body and of the address; of a name given twice the first counts.
    pub fn read(body: &[u8], query: &str) -> Self {
        let mut parameters = BTreeMap::new();
        for (name, value) in parse(String::from_utf8_lossy(body).as_bytes()).chain(parse(query.as_bytes())) {
            parameters.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Self(parameters)
    }

    /// A parameter, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Gives a parameter a value if it has none.
    pub fn set_default(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }

    /// A parameter that must be given.
    pub fn require(&self, name: &str) -> Result<&str, IamError> {
        self.get(name).ok_or_else(|| {
            IamError::validation(format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                member(name)
            ))
        })
    }

    /// A name of letters, digits and `_+=,.@-`, 1 to `chars_max` characters.
    pub fn name(&self, name: &str, chars_max: usize) -> Result<&str, IamError> {
        let value = self.require(name)?;
        let legal = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
        let rule = if value.is_empty() {
            "Member must have length greater than or equal to 1".to_owned()
        } else if !legal {
            r"Member must satisfy regular expression pattern: [\w+=,.@-]+".to_owned()
        } else if value.len() > chars_max {
            format!("Member must have length less than or equal to {chars_max}")
        } else {
            return Ok(value);
        };
        Err(IamError::validation(format!("Value '{value}' at '{}' failed to satisfy constraint: {rule}", member(name))))
    }

    /// A number in a range, if it was given.
    pub fn number(&self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, IamError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().ok().filter(|number| range.contains(number)).map(Some).ok_or_else(|| {
            let (name, least, most) = (member(name), range.start(), range.end());
            let rule = format!("Member must be in [{least}, {most}]");
            IamError::validation(format!("Value '{text}' at '{name}' failed to satisfy constraint: {rule}"))
        })
    }

    /// The path of a new role or policy: `/`, or something that begins and ends with it.
    pub fn path(&self) -> Result<&str, IamError> {
        let path = self.get("Path").unwrap_or("/");
        let printable = path.bytes().all(|b| (0x21..=0x7e).contains(&b));
        if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 && printable {
            return Ok(path);
        }
        Err(IamError::validation(format!(
            "Value '{path}' at 'path' failed to satisfy constraint: Member must begin and end with / and have at most 512 \
             printable characters"
        )))
    }

    /// A document and its text: a JSON object.
    pub fn document(&self, name: &str) -> Result<(&str, serde_json::Map<String, serde_json::Value>), IamError> {
        let text = self.require(name)?;
        let parsed = serde_json::from_str(text);
        parsed
            .map(|document| (text, document))
            .map_err(|error| IamError::malformed(format!("{name} is not a JSON object: {error}.")))
    }

    /// `Tags.member.N.Key` and `Tags.member.N.Value`.
    pub fn tags(&self) -> Result<BTreeMap<String, String>, IamError> {
        let mut tags = BTreeMap::new();
        for n in 1.. {
            let Some(key) = self.get(&format!("Tags.member.{n}.Key")) else { break };
            tags.insert(key.to_owned(), self.require(&format!("Tags.member.{n}.Value"))?.to_owned());
        }
        Ok(tags)
    }
}

/// `RoleName` as messages spell it: `roleName`.
fn member(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_once() {
        let form = Form::read(b"A=1&B=a%2Bb+c%2541&A=2&Tags.member.1.Key=k&Tags.member.1.Value=", "C=3");
        assert_eq!((form.get("A"), form.get("B"), form.get("C")), (Some("1"), Some("a+b c%41"), Some("3")));
        assert_eq!(form.tags().map(|t| t.len()).map_err(|r| r.message), Ok(1));
        assert_eq!(form.path().map_err(|r| r.message), Ok("/"));
    }

    #[test]
    fn refusals_name_the_member() {
        let form = Form::read(b"RoleName=a%20b&Long=abc&Path=x&Document=%5B%5D", "");
        let text =
            |result: Result<&str, IamError>| result.map_or_else(|r| format!("{} {}", r.code, r.message), str::to_owned);
        assert!(
            text(form.name("RoleName", 64))
                .contains("ValidationError 1 validation error detected: Value 'a b' at 'roleName'")
        );
        assert!(text(form.name("Long", 2)).contains("less than or equal to 2"));
        assert!(text(form.require("PolicyArn")).contains("Value null at 'policyArn'"));
        assert!(text(form.path()).contains("'x' at 'path'"));
        assert!(
            text(form.document("Document").map(|(text, _)| text))
                .starts_with("MalformedPolicyDocument Document is not a JSON object")
        );
    }
}

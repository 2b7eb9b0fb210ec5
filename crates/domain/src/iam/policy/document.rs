//! Documents of policies as statements that requests are held against.

use super::condition::Condition;
use super::error::PolicyError;
use super::facts::Facts;
use super::pattern::{Pattern, Reading};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A request as policies see it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// `personalize:GetRecommendations`.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for an action without one.
    pub resource: &'a str,
    /// The values that conditions ask for.
    pub facts: &'a Facts,
}

/// A policy of permissions.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDocument {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    allows: bool,
    actions: Choice,
    resources: Choice,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    others: bool,
    patterns: Vec<Pattern>,
}

impl Choice {
    fn holds(&self, text: &str, facts: &Facts) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text, facts)) != self.others
    }
}

/// The version of the policy language that has variables.
const VERSION_OF_2012: &str = "2012-10-17";
const VERSIONS: [&str; 2] = ["2008-10-17", VERSION_OF_2012];

impl PolicyDocument {
    /// Reads a policy. Errors name the place in it.
    pub fn parse(document: &Map<String, Value>) -> Result<Self, PolicyError> {
        known_members(document, &["Version", "Id", "Statement"], "")?;
        let version = match document.get("Version") {
            None => VERSIONS[0],
            Some(Value::String(version)) if VERSIONS.contains(&version.as_str()) => version,
            Some(other) => {
                let text = format!("The policy version {other} is not known: {} are.", VERSIONS.join(" and "));
                return Err(PolicyError::new("Version", text));
            }
        };
        let several = match document.get("Statement") {
            None => return Err(PolicyError::new("", "Missing required field Statement")),
            Some(Value::Array(several)) if !several.is_empty() => several.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            Some(_) => return Err(syntax("Statement")),
        };
        let mut sids = BTreeSet::new();
        let mut statements = Vec::with_capacity(several.len());
        for (at, statement) in several.into_iter().enumerate() {
            let place = format!("Statement[{at}]");
            let statement = statement.as_object().ok_or_else(|| syntax(&place))?;
            match statement.get("Sid") {
                None => {}
                Some(Value::String(sid)) if sids.insert(sid.as_str()) || sid.is_empty() => {}
                Some(Value::String(sid)) => {
                    let text = format!("Statement IDs (SID) in a single policy must be unique: '{sid}' comes twice.");
                    return Err(PolicyError::new(format!("{place}.Sid"), text));
                }
                Some(_) => return Err(syntax(&format!("{place}.Sid"))),
            }
            statements.push(Statement::parse(statement, version == VERSION_OF_2012, &place)?);
        }
        Ok(Self { statements })
    }

    /// One policy with the statements of several: it allows what any of them allows, and denies what any denies.
    pub fn together<'a>(documents: impl IntoIterator<Item = &'a Self>) -> Self {
        Self { statements: documents.into_iter().flat_map(|document| document.statements.clone()).collect() }
    }

    /// Reads the text of a policy.
    pub fn parse_text(text: &str) -> Result<Self, PolicyError> {
        let document = serde_json::from_str(text);
        Self::parse(&document.map_err(|error| PolicyError::new("", format!("It is not a JSON object: {error}.")))?)
    }

    /// The policy that stands for one that cannot be read: as nobody knows what it denies, it denies everything.
    pub fn deny_all() -> Self {
        let all = || Choice { others: true, patterns: Vec::new() };
        let statement = Statement { allows: false, actions: all(), resources: all(), conditions: Vec::new() };
        Self { statements: vec![statement] }
    }

    /// Whether a statement allows the request.
    pub fn allows(&self, question: &Question<'_>) -> bool {
        self.says(true, question)
    }

    /// Whether a statement denies the request.
    pub fn denies(&self, question: &Question<'_>) -> bool {
        self.says(false, question)
    }

    /// Whether a condition asks for tags of the request's resource.
    pub fn asks_for_resource_tags(&self) -> bool {
        self.statements.iter().flat_map(|statement| &statement.conditions).any(Condition::asks_for_resource_tags)
    }

    fn says(&self, allows: bool, question: &Question<'_>) -> bool {
        let Question { resource, facts, .. } = *question;
        let action = question.action.to_ascii_lowercase();
        self.statements.iter().any(|statement| {
            statement.allows == allows
                && statement.actions.holds(&action, facts)
                && statement.resources.holds(resource, facts)
                && statement.conditions.iter().all(|condition| condition.holds(facts))
        })
    }
}

impl Statement {
    fn parse(statement: &Map<String, Value>, variables: bool, place: &str) -> Result<Self, PolicyError> {
        let at = |name: &str| format!("{place}.{name}");
        for prohibited in ["Principal", "NotPrincipal"] {
            if statement.contains_key(prohibited) {
                return Err(PolicyError::new(at(prohibited), "Policy document should not specify a principal."));
            }
        }
        let members = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
        known_members(statement, &members, place)?;
        let allows = match statement.get("Effect") {
            None => return Err(PolicyError::new(place, "Missing required field Effect")),
            Some(Value::String(effect)) if effect == "Allow" => true,
            Some(Value::String(effect)) if effect == "Deny" => false,
            Some(Value::String(effect)) => {
                return Err(PolicyError::new(at("Effect"), format!("Invalid effect: {effect}")));
            }
            Some(_) => return Err(syntax(&at("Effect"))),
        };
        let actions = choice(statement, "Action", place, "Policy statement must contain actions.", |text| {
            let vendor = text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            if text != "*" && !vendor {
                let rule = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
                return Err(format!("{rule}; '{text}' is not."));
            }
            let pattern = Pattern::parse(text, Reading { wildcards: true, variables: false })?;
            Ok(pattern.lower_case())
        })?;
        let resources = choice(statement, "Resource", place, "Policy statement must contain resources.", |text| {
            if text != "*" && !text.starts_with("arn:") {
                return Err(format!("Resource {text} must be in ARN format or \"*\"."));
            }
            Pattern::parse(text, Reading { wildcards: true, variables })
        })?;
        let mut conditions = Vec::new();
        match statement.get("Condition") {
            None => {}
            Some(Value::Object(operators)) => {
                for (operator, keys) in operators {
                    let place = format!("{place}.Condition.{operator}");
                    conditions.extend(Condition::parse(operator, keys, variables, &place)?);
                }
            }
            Some(_) => return Err(syntax(&at("Condition"))),
        }
        Ok(Self { allows, actions, resources, conditions })
    }
}

/// A member that is there under its own name or with `Not` before it.
fn choice(
    statement: &Map<String, Value>,
    name: &str,
    place: &str,
    missing: &str,
    read: impl Fn(&str) -> Result<Pattern, String>,
) -> Result<Choice, PolicyError> {
    let not = format!("Not{name}");
    let (name, others, value) = match (statement.get(name), statement.get(&not)) {
        (Some(value), None) => (name, false, value),
        (None, Some(value)) => (not.as_str(), true, value),
        (None, None) => return Err(PolicyError::new(place, missing)),
        (Some(_), Some(_)) => {
            return Err(PolicyError::new(place, format!("A statement has {name} or {not}, not both.")));
        }
    };
    let place = format!("{place}.{name}");
    let texts = match value {
        Value::Array(several) if several.is_empty() => return Err(PolicyError::new(place, missing)),
        Value::Array(several) => several.iter().collect(),
        one => vec![one],
    };
    let patterns = texts.into_iter().map(|text| {
        let text = text.as_str().ok_or_else(|| syntax(&place))?;
        read(text).map_err(|message| PolicyError::new(place.as_str(), message))
    });
    Ok(Choice { others, patterns: patterns.collect::<Result<_, _>>()? })
}

fn known_members(object: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), PolicyError> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            let text = format!("Syntax errors in policy: there is no member {name}; there are {}.", known.join(", "));
            Err(PolicyError::new(place, text))
        }
    }
}

fn syntax(place: &str) -> PolicyError {
    PolicyError::new(place, "Syntax errors in policy.")
}

//! Systems Manager as far as set-up scripts use it: the parameters that they keep between their steps.

use crate::authenticate::{admit, authenticate};
use crate::authorize::{Authorization, of_parameters};
use crate::errors::{Failure, INTERNAL_MESSAGE};
use crate::key_usage::KeyFamily;
use crate::reply::{self, ERROR_TYPE_HEADER};
use crate::routing::TARGET_HEADER;
use crate::state::HttpState;
use axum::body::Body;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tastemaker_domain::Error;
use tastemaker_domain::parameter_store::{Parameter, STANDARD_VALUE_BYTES_MAX, VALUE_BYTES_MAX, is_under};
use tastemaker_service::Ctx;
use tastemaker_service::parameter_store::{self, NewParameter};
use tastemaker_wire::{ErrorShape, Service};

const TARGET_PREFIX: &str = "AmazonSSM.";
const KINDS: [&str; 3] = ["String", "StringList", "SecureString"];
const DATA_TYPES: [&str; 3] = ["text", "aws:ec2:image", "aws:ssm:integration"];

/// Names that one request may have: AWS's limit.
const NAMES_MAX: usize = 10;
/// Entries of one page by default and at most, of parameters and of their descriptions.
const PARAMETERS_PAGE: usize = 10;
const DESCRIPTIONS_PAGE: usize = 50;

/// A refusal with the exception's name.
#[derive(Debug, PartialEq, Eq)]
struct SsmError {
    code: &'static str,
    message: String,
}

impl SsmError {
    fn invalid(message: impl Into<String>) -> Self {
        Self { code: "ValidationException", message: message.into() }
    }

    fn not_found(name: &str) -> Self {
        Self { code: "ParameterNotFound", message: format!("Parameter {name} not found.") }
    }

    fn status(&self) -> StatusCode {
        match self.code {
            "InternalServerError" => StatusCode::INTERNAL_SERVER_ERROR,
            "ServiceUnavailableException" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Error> for SsmError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::InvalidInput(_) | Error::InvalidMember { .. } => "ValidationException",
            Error::AlreadyExists(_) => "ParameterAlreadyExists",
            Error::NotFound(_) => "ParameterNotFound",
            Error::Throttled(_) => "ThrottlingException",
            Error::Unavailable(_) => "ServiceUnavailableException",
            other => {
                tracing::error!(cause = %other, "request failed");
                return Self { code: "InternalServerError", message: INTERNAL_MESSAGE.to_owned() };
            }
        };
        Self { code, message: error.to_string() }
    }
}

type SsmResult = Result<Value, SsmError>;

/// Answers a request to Systems Manager.
pub async fn answer(state: Arc<HttpState>, parts: &Parts, body: Body) -> Response<Body> {
    let opened = async {
        let held = state.read_body(parts, body).await?;
        let identity = authenticate(&state, parts, &held.bytes, "ssm")?;
        admit(&state, &identity, KeyFamily::Control)?;
        let target = target(parts);
        if let Some(authorization) = Authorization::limited(&state, parts, &identity) {
            let named = of_parameters(&state.service.account, &identity.region, &held.bytes);
            let allowed = authorization.require(&format!("ssm:{target}"), &named).await;
            allowed.map_err(|sentence| Failure::new(ErrorShape::AccessDeniedException, sentence))?;
        }
        Ok::<_, Failure>((held, identity))
    };
    let (held, identity) = match opened.await {
        Ok(opened) => opened,
        Err(failure) => return reply::aws(Service::Personalize, Err(failure)),
    };
    let account = Account { ctx: &state.service, region: &identity.region };
    let kind = Service::Personalize.content_type();
    match account.call(target(parts), &held.bytes).await {
        Ok(document) => reply::with_body(StatusCode::OK, kind, document.to_string()),
        Err(refusal) => {
            let body = json!({"__type": refusal.code, "message": refusal.message}).to_string();
            let mut response = reply::with_body(refusal.status(), kind, body);
            response.headers_mut().insert(ERROR_TYPE_HEADER, HeaderValue::from_static(refusal.code));
            response
        }
    }
}

/// The operation that a request names.
fn target(parts: &Parts) -> &str {
    let target = parts.headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.strip_prefix(TARGET_PREFIX).unwrap_or_default()
}

/// The parameters of the account, whose ARNs are in the caller's region.
struct Account<'a> {
    ctx: &'a Ctx,
    region: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
    description: Option<String>,
    data_type: Option<String>,
    #[serde(default)]
    overwrite: bool,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Several {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    with_decryption: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    key: String,
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SsmError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| SsmError::invalid(format!("The request body cannot be read: {error}.")))
}

impl Account<'_> {
    async fn call(&self, operation: &str, body: &[u8]) -> SsmResult {
        match operation {
            "PutParameter" => self.put(read(body)?).await,
            "GetParameter" => {
                let Named { name, with_decryption } = read(body)?;
                let found = self.get(&name, with_decryption).await?.ok_or_else(|| SsmError::not_found(&name))?;
                Ok(json!({ "Parameter": found }))
            }
            "GetParameters" => {
                let (mut found, mut missing) = (Vec::new(), Vec::new());
                let wanted: Several = read(body)?;
                let with_decryption = wanted.with_decryption;
                for name in several(wanted)? {
                    match self.get(&name, with_decryption).await? {
                        Some(parameter) => found.push(parameter),
                        None => missing.push(name),
                    }
                }
                Ok(json!({ "Parameters": found, "InvalidParameters": missing }))
            }
            "GetParametersByPath" => self.by_path(read(body)?).await,
            "DescribeParameters" => self.describe(read(body)?).await,
            "DeleteParameter" => {
                let Named { name, .. } = read(body)?;
                match parameter_store::delete(self.ctx, self.own_name(&name)).await? {
                    true => Ok(json!({})),
                    false => Err(SsmError::not_found(&name)),
                }
            }
            "DeleteParameters" => {
                let (mut deleted, mut missing) = (Vec::new(), Vec::new());
                for name in several(read(body)?)? {
                    let there = parameter_store::delete(self.ctx, self.own_name(&name)).await?;
                    if there { deleted.push(name) } else { missing.push(name) }
                }
                Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": missing }))
            }
            other => Err(SsmError {
                code: "UnknownOperationException",
                message: format!(
                    "this server has nothing of ssm but parameters, and no operation '{}'; set AWS_ENDPOINT_URL_SSM to a \
                     server that has it",
                    other.chars().take(100).collect::<String>()
                ),
            }),
        }
    }

    async fn put(&self, put: Put) -> SsmResult {
        if put.value.is_empty() || put.value.len() > VALUE_BYTES_MAX {
            let bytes = put.value.len();
            return Err(SsmError::invalid(format!("A value has 1 to {VALUE_BYTES_MAX} bytes, not {bytes}.")));
        }
        if let Some(kind) = put.kind.as_deref().filter(|kind| !KINDS.contains(kind)) {
            return Err(SsmError::invalid(format!(
                "1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: Member must satisfy enum \
                 value set: [SecureString, StringList, String]"
            )));
        }
        if let Some(kind) = put.data_type.as_deref().filter(|kind| !DATA_TYPES.contains(kind)) {
            return Err(SsmError::invalid(format!(
                "The following data type is not supported: {kind} (Data type names are all \
                 lowercase.)"
            )));
        }
        if put.overwrite && !put.tags.is_empty() {
            return Err(SsmError::invalid(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
                 overwrite flag.",
            ));
        }
        let tier = if put.value.len() > STANDARD_VALUE_BYTES_MAX { "Advanced" } else { "Standard" };
        let tags: BTreeMap<_, _> = put.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let new = NewParameter {
            name: self.own_name(&put.name).to_owned(),
            kind: put.kind,
            value: put.value,
            description: put.description,
            data_type: put.data_type,
            tags,
            overwrite: put.overwrite,
        };
        let stored = parameter_store::put(self.ctx, new).await?;
        Ok(json!({ "Version": stored.version, "Tier": tier }))
    }

    /// A parameter by name, by ARN, or by either with `:VERSION`; only the newest version is kept.
    async fn get(&self, wanted: &str, with_decryption: bool) -> Result<Option<Value>, SsmError> {
        let name = self.own_name(wanted);
        let (name, selector) = match name.rsplit_once(':') {
            Some((name, selector)) => (name, Some(selector)),
            None => (name, None),
        };
        let Some(parameter) = parameter_store::find(self.ctx, name).await? else { return Ok(None) };
        if selector.is_some_and(|selector| selector != parameter.version.to_string()) {
            let message = format!(
                "Systems Manager could not find version {} of {name}. Only the newest version is kept here: {}.",
                selector.unwrap_or_default(),
                parameter.version
            );
            return Err(SsmError { code: "ParameterVersionNotFound", message });
        }
        let mut shown = self.shown(&self.opened(parameter, with_decryption)?);
        if let Some(selector) = selector {
            shown["Selector"] = format!(":{selector}").into();
        }
        Ok(Some(shown))
    }

    fn arn(&self, name: &str) -> String {
        let slash = if name.starts_with('/') { "" } else { "/" };
        format!("arn:aws:ssm:{}:{}:parameter{slash}{name}", self.region, self.ctx.account)
    }

    /// The name in an ARN, or the name itself.
    fn own_name<'n>(&self, name: &'n str) -> &'n str {
        let Some((_, path)) = name.strip_prefix("arn:").and_then(|rest| rest.split_once(":parameter")) else {
            return name;
        };
        // The ARN of a plain name has the slash that the name has not.
        let plain = path.strip_prefix('/').unwrap_or(path);
        if plain.contains('/') { path } else { plain }
    }

    /// A parameter with its text, where the caller wants it opened; the value of a SecureString stays sealed otherwise, as at AWS.
    fn opened(&self, parameter: Parameter, with_decryption: bool) -> Result<Parameter, SsmError> {
        if !with_decryption {
            return Ok(parameter);
        }
        Ok(Parameter { value: parameter_store::revealed(self.ctx, &parameter)?, ..parameter })
    }

    fn shown(&self, parameter: &Parameter) -> Value {
        json!({
            "Name": parameter.name,
            "Type": parameter.kind,
            "Value": parameter.value,
            "Version": parameter.version,
            "LastModifiedDate": seconds(parameter),
            "ARN": self.arn(&parameter.name),
            "DataType": parameter.data_type,
        })
    }

    async fn by_path(&self, wanted: ByPath) -> SsmResult {
        if !wanted.path.starts_with('/') {
            return Err(SsmError::invalid("The parameter path must begin with a forward slash (/)."));
        }
        let all = parameter_store::list(self.ctx).await?;
        let under = all.into_iter().filter(|parameter| is_under(&parameter.name, &wanted.path, wanted.recursive));
        let under = under.map(|parameter| self.opened(parameter, wanted.with_decryption));
        let under = under.collect::<Result<Vec<_>, _>>()?;
        let page = Page { max: wanted.max_results, default: PARAMETERS_PAGE, token: wanted.next_token };
        page.of("Parameters", under.iter().collect(), |parameter| self.shown(parameter))
    }

    async fn describe(&self, wanted: Describe) -> SsmResult {
        let filters: Vec<Filter> = wanted.parameter_filters.into_iter().chain(wanted.filters).collect();
        let mut kept = Vec::new();
        for parameter in parameter_store::list(self.ctx).await? {
            if filters
                .iter()
                .map(|filter| filter.fits(&parameter))
                .collect::<Result<Vec<_>, _>>()?
                .iter()
                .all(|fits| *fits)
            {
                kept.push(parameter);
            }
        }
        let page = Page { max: wanted.max_results, default: DESCRIPTIONS_PAGE, token: wanted.next_token };
        page.of("Parameters", kept.iter().collect(), |parameter| {
            let tier = if parameter.value.len() > STANDARD_VALUE_BYTES_MAX { "Advanced" } else { "Standard" };
            let mut shown = json!({
                "Name": parameter.name,
                "Type": parameter.kind,
                "Version": parameter.version,
                "LastModifiedDate": seconds(parameter),
                "ARN": self.arn(&parameter.name),
                "DataType": parameter.data_type,
                "Tier": tier,
                "Policies": [],
            });
            if let Some(description) = &parameter.description {
                shown["Description"] = description.as_str().into();
            }
            shown
        })
    }
}

fn seconds(parameter: &Parameter) -> f64 {
    parameter.modified_ms as f64 / 1000.0
}

fn several(Several { names, .. }: Several) -> Result<Vec<String>, SsmError> {
    if (1..=NAMES_MAX).contains(&names.len()) {
        return Ok(names);
    }
    Err(SsmError::invalid(format!("A request has 1 to {NAMES_MAX} names, not {}.", names.len())))
}

impl Filter {
    fn fits(&self, parameter: &Parameter) -> Result<bool, SsmError> {
        let option = self.option.as_deref().unwrap_or("Equals");
        let text = match self.key.as_str() {
            "Name" => parameter.name.as_str(),
            "Type" => parameter.kind.as_str(),
            "Path" => {
                let recursive = option == "Recursive";
                return Ok(self.values.iter().any(|path| is_under(&parameter.name, path, recursive)));
            }
            key => match key.strip_prefix("tag:").map(|key| parameter.tags.get(key)) {
                Some(Some(value)) if self.values.is_empty() => return Ok(!value.is_empty()),
                Some(Some(value)) => value.as_str(),
                Some(None) => return Ok(false),
                None => {
                    let message = format!("The filter key {key} is not valid: Name, Type, Path or tag:KEY.");
                    return Err(SsmError { code: "InvalidFilterKey", message });
                }
            },
        };
        let fits = |value: &String| match option {
            "Equals" => Ok(text == value),
            "BeginsWith" => Ok(text.starts_with(value.as_str())),
            "Contains" => Ok(text.contains(value.as_str())),
            other => {
                let message = format!("The filter option {other} is not valid: Equals, BeginsWith or Contains.");
                Err(SsmError { code: "InvalidFilterOption", message })
            }
        };
        Ok(self.values.iter().map(fits).collect::<Result<Vec<_>, _>>()?.contains(&true))
    }
}

/// A page that a request wants, from behind the name that its token is.
struct Page {
    max: Option<usize>,
    default: usize,
    token: Option<String>,
}

impl Page {
    fn of(self, list: &str, entries: Vec<&Parameter>, show: impl Fn(&Parameter) -> Value) -> SsmResult {
        let max = self.max.unwrap_or(self.default);
        if !(1..=self.default).contains(&max) {
            return Err(SsmError::invalid(format!("MaxResults is 1 to {}, not {max}.", self.default)));
        }
        let mut rest: Vec<_> =
            entries.into_iter().filter(|entry| self.token.as_ref().is_none_or(|token| entry.name > *token)).collect();
        let more = rest.len() > max;
        rest.truncate(max);
        let mut document = json!({ list: rest.iter().map(|entry| show(entry)).collect::<Vec<_>>() });
        if let Some(last) = rest.last().filter(|_| more) {
            document["NextToken"] = last.name.as_str().into();
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_the_name_and_the_status_that_clients_know() {
        let text = || "It is so.".to_owned();
        for (error, code, status) in [
            (Error::InvalidInput(text()), "ValidationException", 400),
            (Error::AlreadyExists(text()), "ParameterAlreadyExists", 400),
            (Error::NotFound(text()), "ParameterNotFound", 400),
            (Error::Throttled(text()), "ThrottlingException", 400),
            (Error::Unavailable(text()), "ServiceUnavailableException", 503),
        ] {
            let told = SsmError::from(error);
            assert_eq!((told.code, told.status().as_u16(), told.message), (code, status, text()));
        }
        let told = SsmError::from(Error::Internal("the password is x".to_owned()));
        assert_eq!((told.code, told.status().as_u16()), ("InternalServerError", 500));
        assert!(!told.message.contains("password"), "what went wrong inside is for the log: {}", told.message);
    }
}

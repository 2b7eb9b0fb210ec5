//! The signature's parameters, from the `Authorization` header or the query.

use super::error::{SignatureError, SignatureFault, shortened};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;

/// The longest validity of a presigned request, in seconds: 7 days.
pub const PRESIGNED_SECONDS_MAX: i64 = 604_800;

/// The only algorithm that is taken.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credential scope of a request, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The access key that the request names.
    pub access_key: String,
    /// The day of the signature in UTC, as `20260102`.
    pub date: String,
    /// The region, as `us-east-1`.
    pub region: String,
    /// The signing name, as `personalize`, `s3` or `sts`.
    pub service: String,
}

/// The claims of a request about its signature.
#[derive(Debug)]
pub(super) struct Authorization {
    pub scope: Scope,
    /// Lower-case header names in the order that the client gave.
    pub signed_headers: Vec<String>,
    /// Hexadecimal, as sent.
    pub signature: String,
    pub place: Place,
}

/// The part of the request that carries the signature, and what only that part has.
#[derive(Debug)]
pub(super) enum Place {
    /// The `Authorization` header.
    Header,
    /// The query of a presigned request.
    Query {
        /// `X-Amz-Date`.
        date: String,
        /// `X-Amz-Expires`.
        expires_seconds: i64,
    },
}

impl Authorization {
    /// Reads the header, else the query.
    pub fn parse(headers: &HeaderMap, query: Option<&str>) -> Result<Authorization, SignatureError> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let text = value
                .to_str()
                .map_err(|_| SignatureError::incomplete("The Authorization header is not ASCII text."))?;
            return from_header(text);
        }
        match query {
            Some(query) if parameter(query, "X-Amz-Algorithm").is_some() => from_query(query),
            _ => Err(SignatureError::new(
                SignatureFault::Missing,
                "Missing Authentication Token: requests must be signed with Signature Version 4. Run \
                 eval \"$(tastemaker env)\" to set credentials.",
            )),
        }
    }
}

fn from_header(text: &str) -> Result<Authorization, SignatureError> {
    let (algorithm, parameters) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    check_algorithm(algorithm)?;
    let find = |name: &str| {
        parameters
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    };
    let (Some(credential), Some(signed_headers), Some(signature)) =
        (find("Credential"), find("SignedHeaders"), find("Signature"))
    else {
        let missing: Vec<String> = ["Credential", "SignedHeaders", "Signature"]
            .into_iter()
            .filter(|name| find(name).is_none())
            .map(|name| format!("Authorization header requires '{name}' parameter."))
            .collect();
        return Err(SignatureError::incomplete(missing.join(" ")));
    };
    Ok(Authorization {
        scope: scope(credential)?,
        signed_headers: header_names(signed_headers),
        signature: signature.to_owned(),
        place: Place::Header,
    })
}

fn from_query(query: &str) -> Result<Authorization, SignatureError> {
    let find = |name: &str| {
        parameter(query, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| SignatureError::incomplete(format!("The query requires '{name}' parameter.")))
    };
    check_algorithm(&find("X-Amz-Algorithm")?)?;
    let expires = find("X-Amz-Expires")?;
    let expires_seconds = expires.parse().ok().filter(|seconds| (1..=PRESIGNED_SECONDS_MAX).contains(seconds));
    let expires_seconds = expires_seconds.ok_or_else(|| {
        SignatureError::incomplete(format!(
            "X-Amz-Expires must be 1 to {PRESIGNED_SECONDS_MAX} seconds; found '{}'.",
            shortened(&expires),
        ))
    })?;
    Ok(Authorization {
        scope: scope(&find("X-Amz-Credential")?)?,
        signed_headers: header_names(&find("X-Amz-SignedHeaders")?),
        signature: find("X-Amz-Signature")?,
        place: Place::Query { date: find("X-Amz-Date")?, expires_seconds },
    })
}

pub(super) fn check_algorithm(algorithm: &str) -> Result<(), SignatureError> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(SignatureError::incomplete(format!(
        "Unsupported AWS 'algorithm': '{}'; only {ALGORITHM} is taken.",
        shortened(algorithm),
    )))
}

pub(super) fn scope(credential: &str) -> Result<Scope, SignatureError> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [access_key, date, region, service, "aws4_request"]
            if !access_key.is_empty() && !region.is_empty() && !service.is_empty() =>
        {
            Ok(Scope {
                access_key: (*access_key).to_owned(),
                date: (*date).to_owned(),
                region: (*region).to_owned(),
                service: (*service).to_owned(),
            })
        }
        _ => Err(SignatureError::incomplete(format!(
            "Credential must have the form KEY/YYYYMMDD/REGION/SERVICE/aws4_request; found '{}'.",
            shortened(credential),
        ))),
    }
}

fn header_names(list: &str) -> Vec<String> {
    list.split(';').map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// The decoded value of the first query parameter with a name.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
}

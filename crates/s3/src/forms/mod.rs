//! Uploads by browsers' forms (`POST` of `multipart/form-data`).
//!
//! A form carries its signature in its fields, so they are read from unauthenticated senders: at most 20 KB within 30 seconds,
//! without a permit. Only when the signed policy holds does the file behind them stream to storage, as any upload does.

mod policy;
mod reader;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::TryStreamExt;
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, LOCATION};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use s3s::dto::{Metadata, Tagging};
use s3s::xml::{Deserialize, Deserializer};
use s3s::{Body, S3Result, s3_error};
use tastemaker_wire::authorizer::RequestAuthorizer;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::auth::slow_down;
use crate::authorization::{Authorization, of_object};
use crate::body::Promised;
use crate::conditions::WriteCondition;
use crate::declared::{BodyFault, RawBody};
use crate::operations::acls::Wanted;
use crate::operations::objects::{NewObject, check_key, describe};
use crate::operations::tags::{self, OBJECT_TAGS_MAX, Tags};
use crate::secrets::SecretLookup;
use crate::state::State;
pub(crate) use reader::FormReader;
use reader::{Fields, FileHead};

/// Fields that an object is described with; the others that forms have are not kept.
const DESCRIPTIVE: [&str; 6] =
    ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

/// True for a request that is a form.
pub(crate) fn is_form(parts: &Parts) -> bool {
    let value = parts.headers.get(CONTENT_TYPE).map(|value| value.as_bytes().trim_ascii_start());
    let kind = b"multipart/form-data";
    let is_kind =
        value.is_some_and(|value| value.len() >= kind.len() && value[..kind.len()].eq_ignore_ascii_case(kind));
    parts.method == Method::POST && is_kind
}

/// The parts of the endpoint that store forms.
pub(crate) struct Forms<'a> {
    pub(crate) state: &'a State,
    pub(crate) lookup: &'a SecretLookup,
    pub(crate) transfers: &'a Semaphore,
    pub(crate) now: SystemTime,
    pub(crate) fields_time_max: Duration,
}

impl Forms<'_> {
    /// Stores the file of a form. A refused form's body is left in `rest`, as far as it was not read.
    pub(crate) async fn answer(
        &self,
        parts: &Parts,
        host_bucket: Option<&str>,
        body: RawBody,
        rest: &mut Option<RawBody>,
    ) -> S3Result<Response<Body>> {
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut reader = FormReader::new(body, content_type)?;
        let admitted = match self.admit(parts, host_bucket, &mut reader).await {
            Ok(admitted) => admitted,
            Err(error) => {
                *rest = Some(reader.into_rest());
                return Err(error);
            }
        };
        let Admitted { object, fields, lengths, _permit } = admitted;
        let promised = Promised::of_fields(headers(&fields), fields.get("content-md5").map(str::to_owned));
        let (bucket, key) = (object.bucket.clone(), object.key.clone());
        let body = reader.file().map_err(|error| BodyFault::of(error).into());
        let received = self.state.store(object, body, promised, lengths).await?;
        Ok(answered(&fields, &bucket, &key, &received.etag))
    }

    async fn admit(&self, parts: &Parts, host_bucket: Option<&str>, reader: &mut FormReader) -> S3Result<Admitted<'_>> {
        let bucket = bucket(parts, host_bucket)?;
        let read = tokio::time::timeout(self.fields_time_max, reader.fields()).await;
        let (fields, file) = read.map_err(|_| {
            s3_error!(
                RequestTimeout,
                "The fields of the form did not come within {} seconds.",
                self.fields_time_max.as_secs()
            )
        })??;
        let (signer, lengths) = policy::check(&fields, &bucket, self.lookup, self.now)?;
        let authorization = Authorization::open(parts.extensions.get::<RequestAuthorizer>(), &signer)?;
        let _permit = self.transfers.try_acquire().map_err(|_| slow_down())?;
        let object = object(&bucket, &fields, file)?;
        if let Some(authorization) = authorization {
            authorization.require(&of_object("s3:PutObject", &bucket, &object.key))?;
        }
        self.state.bucket(&bucket).await?;
        Ok(Admitted { object, fields, lengths, _permit })
    }
}

/// A form whose policy holds.
struct Admitted<'a> {
    object: NewObject,
    fields: Fields,
    /// The lengths that the file may have.
    lengths: RangeInclusive<u64>,
    _permit: SemaphorePermit<'a>,
}

fn object(bucket: &str, fields: &Fields, file: FileHead) -> S3Result<NewObject> {
    let key = fields.get("key").unwrap_or_default().replace("${filename}", &file.name);
    if key.is_empty() {
        return Err(s3_error!(UserKeyMustBeSpecified, "The form must contain the field \"key\", before its file."));
    }
    check_key(&key)?;
    let headers = DESCRIPTIVE.map(|name| (name, fields.get(name).map(str::to_owned)));
    let metadata: Metadata = fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.to_owned())))
        .collect();
    let mut described = describe(headers, Some(metadata))?;
    described.tags = tags(fields)?;
    let canned = fields.get("acl").map(str::to_owned);
    described.grants = Wanted { canned, ..Wanted::default() }.grants()?;
    if let Some(content_type) = file.content_type {
        described.headers.entry("content-type".to_owned()).or_insert(content_type);
    }
    Ok(NewObject { bucket: bucket.to_owned(), key, described, condition: WriteCondition::default() })
}

/// The tags of the field `tagging`, which is a document.
fn tags(fields: &Fields) -> S3Result<Tags> {
    let Some(document) = fields.get("tagging") else { return Ok(Tags::new()) };
    let tagging = Tagging::deserialize(&mut Deserializer::new(document.as_bytes()));
    let tagging =
        tagging.map_err(|error| s3_error!(MalformedXML, "The field \"tagging\" is not a Tagging: {error}."))?;
    tags::of_set(tagging.tag_set, OBJECT_TAGS_MAX)
}

/// The bucket that the form is sent to.
fn bucket(parts: &Parts, host_bucket: Option<&str>) -> S3Result<String> {
    let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8();
    let path = path.map_err(|error| s3_error!(error, InvalidURI, "The path is not UTF-8."))?;
    let path = path.trim_matches('/');
    match host_bucket {
        Some(bucket) if path.is_empty() => Ok(bucket.to_owned()),
        None if !path.is_empty() && !path.contains('/') => Ok(path.to_owned()),
        _ => Err(s3_error!(MethodNotAllowed, "A form is sent to a bucket, and its field \"key\" names the object.")),
    }
}

/// The fields that mean what the header of their name does.
fn headers(fields: &Fields) -> HeaderMap {
    let pair = |(name, value): (&str, &str)| {
        let name =
            HeaderName::from_bytes(name.as_bytes()).ok().filter(|name| name.as_str().starts_with("x-amz-checksum-"));
        Some((name?, HeaderValue::from_str(value).ok()?))
    };
    fields.iter().filter_map(pair).collect()
}

/// The answer that the form wants: a redirection, a status, or a document.
fn answered(fields: &Fields, bucket: &str, key: &str, etag: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(value) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        response.headers_mut().insert(ETAG, value);
    }
    let redirect = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
    if let Some(location) = redirect.and_then(|url| redirection(url, bucket, key, etag)) {
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(LOCATION, location);
        return response;
    }
    match fields.get("success_action_status") {
        Some("200") => *response.status_mut() = StatusCode::OK,
        Some("201") => {
            let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let (bucket, key) = (escaped(bucket), escaped(key));
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><PostResponse><Location>/{bucket}/{key}</Location>\
                 <Bucket>{bucket}</Bucket><Key>{key}</Key><ETag>&quot;{etag}&quot;</ETag></PostResponse>"
            );
            *response.status_mut() = StatusCode::CREATED;
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            *response.body_mut() = Body::from(Bytes::from(text));
        }
        _ => {}
    }
    response
}

/// The address that a browser is sent to after the upload; a text that is no URL is passed over, as S3 does.
fn redirection(url: &str, bucket: &str, key: &str, etag: &str) -> Option<HeaderValue> {
    let parsed: Uri = url.parse().ok()?;
    parsed.authority()?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) {
        return None;
    }
    let told = form_urlencoded::Serializer::new(String::new())
        .append_pair("bucket", bucket)
        .append_pair("key", key)
        .append_pair("etag", &format!("\"{etag}\""))
        .finish();
    let join = if parsed.query().is_some() { '&' } else { '?' };
    HeaderValue::from_str(&format!("{parsed}{join}{told}")).ok()
}

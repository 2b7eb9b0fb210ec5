//! Where a request belongs, judged by what it is: signature scope, target header, path.

use crate::inbound::{Sender, WEBHOOK_PATH};
use crate::recommendations::Endpoint;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use tastemaker_wire::sigv4::credential_scope;
use tastemaker_wire::{Operation, Service};

/// Header of control-plane requests.
pub const TARGET_HEADER: &str = "x-amz-target";

/// The part of the house that answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// An operation of the three Personalize services.
    Personalize(Operation),
    /// A request in the manner of a Personalize service that names no operation of it.
    UnknownOperation(Service),
    /// The embedded S3 endpoint.
    S3,
    /// The token service.
    Sts,
    /// The identity service.
    Iam,
    /// A list of the `/recommendations` family, without an AWS signature.
    Recommendations(Endpoint),
    /// `/events` without an AWS signature.
    Events,
    /// `/braze/currents` and `/braze/webhook/...`.
    Braze(Sender),
    /// `/health`.
    Health,
    /// `/ready`.
    Ready,
    /// `/metrics`.
    Metrics,
    /// `/openapi.json`.
    OpenApi,
    /// Nobody's path.
    Nothing,
}

impl Destination {
    /// The word in logs and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Destination::Personalize(operation) => operation.name(),
            Destination::UnknownOperation(_) => "UnknownOperation",
            Destination::S3 => "S3",
            Destination::Sts => "Sts",
            Destination::Iam => "Iam",
            Destination::Recommendations(Endpoint::User) => "Recommendations",
            Destination::Recommendations(Endpoint::Related) => "Related",
            Destination::Recommendations(Endpoint::Popular) => "Popular",
            Destination::Recommendations(Endpoint::Rerank) => "Rerank",
            Destination::Events => "Events",
            Destination::Braze(Sender::Currents) => "Currents",
            Destination::Braze(Sender::Webhook) => "Webhook",
            Destination::Health => "Health",
            Destination::Ready => "Ready",
            Destination::Metrics => "Metrics",
            Destination::OpenApi => "OpenApi",
            Destination::Nothing => "Nothing",
        }
    }
}

/// Judges a request head. Nothing is verified here.
pub fn classify(parts: &Parts) -> Destination {
    match signing_name(&parts.headers, parts.uri.query()).as_deref() {
        Some("s3") => return Destination::S3,
        Some("sts") => return Destination::Sts,
        Some("iam") => return Destination::Iam,
        Some(_) => return personalize(parts),
        None => {}
    }
    let path = parts.uri.path();
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    let is_form = || content_type(&parts.headers).starts_with("multipart/form-data");
    match path.strip_suffix('/').unwrap_or(path) {
        _ if parts.headers.contains_key(TARGET_HEADER) => personalize(parts),
        "/recommendations" if parts.method != Method::POST => Destination::Recommendations(Endpoint::User),
        path if path.starts_with("/recommendations/") => Destination::Recommendations(Endpoint::User),
        "/related" | "/similar" => Destination::Recommendations(Endpoint::Related),
        "/popular" => Destination::Recommendations(Endpoint::Popular),
        "/rerank" => Destination::Recommendations(Endpoint::Rerank),
        "/events" => Destination::Events,
        "/braze/currents" => Destination::Braze(Sender::Currents),
        path if path.starts_with(WEBHOOK_PATH) => Destination::Braze(Sender::Webhook),
        "/health" if reads => Destination::Health,
        "/ready" if reads => Destination::Ready,
        "/metrics" if reads => Destination::Metrics,
        "/openapi.json" if reads => Destination::OpenApi,
        _ if parts.method == Method::POST && is_form() => Destination::S3,
        runtime if parts.method == Method::POST && (runtime.is_empty() || Operation::from_path(runtime).is_some()) => {
            personalize(parts)
        }
        _ => Destination::Nothing,
    }
}

/// The service that the request says it was signed for. A signature that cannot be read counts as Personalize's, whose
/// verification says what is wrong with it; the older signature forms are S3's alone.
fn signing_name(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    if let Some(scope) = credential_scope(headers, query) {
        return Some(scope.service);
    }
    let authorization = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if authorization.starts_with("AWS4-") {
        return Some("personalize".into());
    }
    let names = || query.unwrap_or_default().split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let is_old = authorization.starts_with("AWS ") || names().any(|name| name == "AWSAccessKeyId");
    let is_presigned = names().any(|name| name == "X-Amz-Signature");
    (is_old || is_presigned).then(|| "s3".into())
}

fn personalize(parts: &Parts) -> Destination {
    if let Some(target) = parts.headers.get(TARGET_HEADER) {
        let operation = target.to_str().ok().and_then(Operation::from_target);
        let posted = operation.filter(|_| parts.method == Method::POST);
        return posted.map_or(Destination::UnknownOperation(Service::Personalize), Destination::Personalize);
    }
    let path = parts.uri.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    match Operation::from_path(path).filter(|_| parts.method == Method::POST) {
        Some(operation) => Destination::Personalize(operation),
        None if path.is_empty() => Destination::UnknownOperation(Service::Personalize),
        None => Destination::UnknownOperation(Service::Runtime),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn check(method: &str, uri: &str, headers: &[(&str, &str)], wanted: Destination) {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        assert_eq!(classify(&parts), wanted, "{method} {uri} {headers:?}");
    }

    fn scoped(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=K/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn signed_requests_go_by_scope() {
        let signed = |service: &'static str| [("authorization", Box::leak(scoped(service).into_boxed_str()) as &str)];
        check(
            "POST",
            "/recommendations",
            &signed("personalize"),
            Destination::Personalize(Operation::GetRecommendations),
        );
        check("POST", "/events/", &signed("personalize"), Destination::Personalize(Operation::PutEvents));
        check("GET", "/recommendations", &signed("personalize"), Destination::UnknownOperation(Service::Runtime));
        check("POST", "/nothing", &signed("personalize"), Destination::UnknownOperation(Service::Runtime));
        check("POST", "/", &signed("personalize"), Destination::UnknownOperation(Service::Personalize));
        check("GET", "/recommendations", &signed("s3"), Destination::S3);
        check("PUT", "/health", &signed("s3"), Destination::S3);
        check("POST", "/", &signed("sts"), Destination::Sts);
        check("POST", "/", &signed("iam"), Destination::Iam);
        check("GET", "/b/k?X-Amz-Algorithm=x&X-Amz-Signature=0", &[], Destination::S3);
        check("GET", "/b/k?AWSAccessKeyId=x&Signature=0&Expires=1", &[], Destination::S3);
        check("GET", "/b/k", &[("authorization", "AWS K:0")], Destination::S3);
    }

    #[test]
    fn control_plane_requests_go_by_target() {
        let create = Destination::Personalize(Operation::CreateSchema);
        let authorization = scoped("personalize");
        let signed = ("authorization", authorization.as_str());
        check("POST", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.CreateSchema")], create);
        check("POST", "/", &[(TARGET_HEADER, "AmazonPersonalize.CreateSchema")], create);
        let unknown = Destination::UnknownOperation(Service::Personalize);
        check("POST", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.Nothing")], unknown);
        check("GET", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.CreateSchema")], unknown);
        check("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 rubbish")], unknown);
    }

    #[test]
    fn unsigned_requests_go_by_path() {
        for path in ["/recommendations?user_id=u", "/recommendations/?user_id=u"] {
            for method in ["GET", "HEAD", "OPTIONS", "DELETE"] {
                check(method, path, &[("authorization", "Basic eDp5")], Destination::Recommendations(Endpoint::User));
            }
        }
        for (method, path, endpoint) in [
            ("GET", "/recommendations/home", Endpoint::User),
            ("POST", "/recommendations/arn:aws:personalize:r:1:campaign/c/", Endpoint::User),
            ("GET", "/related?item_id=i", Endpoint::Related),
            ("GET", "/similar/", Endpoint::Related),
            ("HEAD", "/popular", Endpoint::Popular),
            ("POST", "/rerank", Endpoint::Rerank),
        ] {
            check(method, path, &[], Destination::Recommendations(endpoint));
        }
        check("POST", "/events", &[], Destination::Events);
        check("POST", "/braze/currents/", &[], Destination::Braze(Sender::Currents));
        check("POST", "/braze/webhook/orders", &[], Destination::Braze(Sender::Webhook));
        check("POST", "/recommendations", &[], Destination::Personalize(Operation::GetRecommendations));
        check("POST", "/", &[], Destination::UnknownOperation(Service::Personalize));
        check("GET", "/health", &[], Destination::Health);
        check("GET", "/ready/", &[], Destination::Ready);
        check("GET", "/metrics", &[], Destination::Metrics);
        check("GET", "/openapi.json", &[], Destination::OpenApi);
        check("POST", "/bucket", &[("content-type", "multipart/form-data; boundary=x")], Destination::S3);
        for (method, path) in [("GET", "/"), ("GET", "/braze"), ("POST", "/health"), ("GET", "/x"), ("OPTIONS", "*")] {
            check(method, path, &[], Destination::Nothing);
        }
    }
}

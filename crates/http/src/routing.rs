//! The routes of the one port, and the choice of a request's route by signature scope, target header and path.

use crate::console_paths::ConsolePaths;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method};
use tastemaker_wire::sigv4::credential_scope;
use tastemaker_wire::{Operation, Service};

/// Header of control-plane requests.
pub const TARGET_HEADER: &str = "x-amz-target";

/// The beginning of that header in requests that look into the server.
pub const TARGET_PREFIX: &str = "Tastemaker.";

/// The path of lists for users, before the recommender's name.
pub const RECOMMENDATIONS_PATH: &str = "/recommendations/";
/// The path of webhooks, before the mapping's name.
pub const WEBHOOK_PATH: &str = "/braze/webhook/";

/// Which list of the `/recommendations` family is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// For a user.
    User,
    /// Related to an item.
    Related,
    /// The same for everybody.
    Popular,
    /// The caller's items in order.
    Rerank,
}

/// Which of Braze's senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A Currents connector.
    Currents,
    /// A webhook campaign.
    Webhook,
}

/// The part of the server that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// An operation of the three Personalize services.
    Personalize(Operation),
    /// A request in the manner of a Personalize service that names no operation of it.
    UnknownOperation(Service),
    /// The embedded S3 endpoint.
    S3,
    /// The token service.
    Sts,
    /// The token service without a signature: the token of an identity provider proves the caller.
    WebIdentity,
    /// The identity service.
    Iam,
    /// The parameters of Systems Manager.
    Ssm,
    /// A look into the server, by a signed request.
    Inspect,
    /// A service of AWS's that is not here.
    OtherService,
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
    /// The pages of the web console.
    Console,
    /// The server's first page in a browser, which leads to the console.
    Front,
    /// Nobody's path.
    Nothing,
}

impl Route {
    /// The word in logs and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Route::Personalize(operation) => operation.name(),
            Route::UnknownOperation(_) => "UnknownOperation",
            Route::S3 => "S3",
            Route::Sts => "Sts",
            Route::WebIdentity => "WebIdentity",
            Route::Iam => "Iam",
            Route::Ssm => "Ssm",
            Route::Inspect => "Inspect",
            Route::OtherService => "OtherService",
            Route::Recommendations(Endpoint::User) => "Recommendations",
            Route::Recommendations(Endpoint::Related) => "Related",
            Route::Recommendations(Endpoint::Popular) => "Popular",
            Route::Recommendations(Endpoint::Rerank) => "Rerank",
            Route::Events => "Events",
            Route::Braze(Sender::Currents) => "Currents",
            Route::Braze(Sender::Webhook) => "Webhook",
            Route::Health => "Health",
            Route::Ready => "Ready",
            Route::Metrics => "Metrics",
            Route::OpenApi => "OpenApi",
            Route::Console => "Console",
            Route::Front => "Front",
            Route::Nothing => "Nothing",
        }
    }
}

/// Judges a request head. Nothing is verified here. `console` is there where the web console is on.
pub(crate) fn route(parts: &Parts, console: Option<&ConsolePaths>) -> Route {
    match signing_name(&parts.headers, parts.uri.query()).as_deref() {
        // The control plane of S3 signs as S3, and names the account in every request.
        Some("s3") if parts.headers.contains_key("x-amz-account-id") => return Route::OtherService,
        Some("s3") => return Route::S3,
        Some("sts") => return Route::Sts,
        Some("iam") => return Route::Iam,
        Some("ssm") => return Route::Ssm,
        Some("personalize") => return personalize(parts),
        Some(_) => {
            // One of Personalize's own operations: the signature is refused in its words.
            return match personalize(parts) {
                Route::Personalize(operation) => Route::Personalize(operation),
                _ => Route::OtherService,
            };
        }
        None => {}
    }
    let path = parts.uri.path();
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    let is_form = || content_type(&parts.headers).starts_with("multipart/form-data");
    let is_urlencoded = || content_type(&parts.headers).starts_with("application/x-www-form-urlencoded");
    match path.strip_suffix('/').unwrap_or(path) {
        _ if parts.headers.contains_key(TARGET_HEADER) => personalize(parts),
        _ if console.is_some_and(|console| console.wants(parts)) => Route::Console,
        _ if console.is_some_and(|console| console.is_front(parts)) => Route::Front,
        "/recommendations" if parts.method != Method::POST => Route::Recommendations(Endpoint::User),
        path if path.starts_with(RECOMMENDATIONS_PATH) => Route::Recommendations(Endpoint::User),
        "/related" | "/similar" => Route::Recommendations(Endpoint::Related),
        "/popular" => Route::Recommendations(Endpoint::Popular),
        "/rerank" => Route::Recommendations(Endpoint::Rerank),
        "/events" => Route::Events,
        "/braze/currents" => Route::Braze(Sender::Currents),
        path if path.starts_with(WEBHOOK_PATH) => Route::Braze(Sender::Webhook),
        "/health" if reads => Route::Health,
        "/ready" if reads => Route::Ready,
        "/metrics" if reads => Route::Metrics,
        "/openapi.json" if reads => Route::OpenApi,
        "" if parts.method == Method::POST && is_urlencoded() => Route::WebIdentity,
        _ if parts.method == Method::POST && is_form() => Route::S3,
        runtime if parts.method == Method::POST && (runtime.is_empty() || Operation::from_path(runtime).is_some()) => {
            personalize(parts)
        }
        _ => Route::Nothing,
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

fn personalize(parts: &Parts) -> Route {
    if let Some(target) = parts.headers.get(TARGET_HEADER) {
        let target = target.to_str().ok();
        if parts.method == Method::POST && target.is_some_and(|target| target.starts_with(TARGET_PREFIX)) {
            return Route::Inspect;
        }
        let operation = target.and_then(Operation::from_target);
        let posted = operation.filter(|_| parts.method == Method::POST);
        return posted.map_or(Route::UnknownOperation(Service::Personalize), Route::Personalize);
    }
    let path = parts.uri.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    match Operation::from_path(path).filter(|_| parts.method == Method::POST) {
        Some(operation) => Route::Personalize(operation),
        None if path.is_empty() => Route::UnknownOperation(Service::Personalize),
        None => Route::UnknownOperation(Service::Runtime),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn check(method: &str, uri: &str, headers: &[(&str, &str)], wanted: Route) {
        check_with(None, method, uri, headers, wanted);
    }

    fn check_with(console: Option<&ConsolePaths>, method: &str, uri: &str, headers: &[(&str, &str)], wanted: Route) {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        assert_eq!(route(&parts, console), wanted, "{method} {uri} {headers:?}");
    }

    fn scoped(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=K/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn signed_requests_go_by_scope() {
        let signed = |service: &'static str| [("authorization", Box::leak(scoped(service).into_boxed_str()) as &str)];
        check("POST", "/recommendations", &signed("personalize"), Route::Personalize(Operation::GetRecommendations));
        check("POST", "/events/", &signed("personalize"), Route::Personalize(Operation::PutEvents));
        check("GET", "/recommendations", &signed("personalize"), Route::UnknownOperation(Service::Runtime));
        check("POST", "/nothing", &signed("personalize"), Route::UnknownOperation(Service::Runtime));
        check("POST", "/", &signed("personalize"), Route::UnknownOperation(Service::Personalize));
        check("GET", "/recommendations", &signed("s3"), Route::S3);
        check("PUT", "/health", &signed("s3"), Route::S3);
        check("POST", "/", &signed("sts"), Route::Sts);
        check("POST", "/", &signed("iam"), Route::Iam);
        check("POST", "/", &signed("ssm"), Route::Ssm);
        check("POST", "/", &signed("monitoring"), Route::OtherService);
        check("GET", "/2015-03-31/functions", &signed("lambda"), Route::OtherService);
        check("POST", "/events", &signed("execute-api"), Route::Personalize(Operation::PutEvents));
        check("GET", "/b/k?X-Amz-Algorithm=x&X-Amz-Signature=0", &[], Route::S3);
        check("GET", "/b/k?AWSAccessKeyId=x&Signature=0&Expires=1", &[], Route::S3);
        check("GET", "/b/k", &[("authorization", "AWS K:0")], Route::S3);
    }

    #[test]
    fn control_plane_requests_go_by_target() {
        let create = Route::Personalize(Operation::CreateSchema);
        let authorization = scoped("personalize");
        let signed = ("authorization", authorization.as_str());
        check("POST", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.CreateSchema")], create);
        check("POST", "/", &[(TARGET_HEADER, "AmazonPersonalize.CreateSchema")], create);
        let unknown = Route::UnknownOperation(Service::Personalize);
        check("POST", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.Nothing")], unknown);
        check("GET", "/", &[signed, (TARGET_HEADER, "AmazonPersonalize.CreateSchema")], unknown);
        check("POST", "/", &[signed, (TARGET_HEADER, "Tastemaker.GetUser")], Route::Inspect);
        check("POST", "/", &[(TARGET_HEADER, "Tastemaker.GetUser")], Route::Inspect);
        check("GET", "/", &[signed, (TARGET_HEADER, "Tastemaker.GetUser")], unknown);
        check("POST", "/", &[("authorization", "AWS4-HMAC-SHA256 rubbish")], unknown);
    }

    #[test]
    fn unsigned_requests_go_by_path() {
        for path in ["/recommendations?user_id=u", "/recommendations/?user_id=u"] {
            for method in ["GET", "HEAD", "OPTIONS", "DELETE"] {
                check(method, path, &[("authorization", "Basic eDp5")], Route::Recommendations(Endpoint::User));
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
            check(method, path, &[], Route::Recommendations(endpoint));
        }
        check("POST", "/events", &[], Route::Events);
        check("POST", "/braze/currents/", &[], Route::Braze(Sender::Currents));
        check("POST", "/braze/webhook/orders", &[], Route::Braze(Sender::Webhook));
        check("POST", "/recommendations", &[], Route::Personalize(Operation::GetRecommendations));
        check("POST", "/", &[], Route::UnknownOperation(Service::Personalize));
        check("GET", "/health", &[], Route::Health);
        check("GET", "/ready/", &[], Route::Ready);
        check("GET", "/metrics", &[], Route::Metrics);
        check("GET", "/openapi.json", &[], Route::OpenApi);
        check("POST", "/bucket", &[("content-type", "multipart/form-data; boundary=x")], Route::S3);
        check("POST", "/", &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")], Route::WebIdentity);
        for (method, path) in [("GET", "/"), ("GET", "/braze"), ("GET", "/x"), ("POST", "/x"), ("OPTIONS", "*")] {
            check(method, path, &[], Route::Nothing);
        }
        for (path, of_get) in [
            ("/health", Route::Health),
            ("/ready", Route::Ready),
            ("/metrics", Route::Metrics),
            ("/openapi.json", Route::OpenApi),
        ] {
            check("HEAD", path, &[], of_get);
            check("POST", path, &[], Route::Nothing);
        }
        for kind in ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"] {
            check("PUT", "/bucket", &[("content-type", kind)], Route::Nothing);
            check("GET", "/", &[("content-type", kind)], Route::Nothing);
        }
    }

    #[test]
    fn the_console_is_unsigned_and_leaves_a_bucket_of_its_name() {
        let console = ConsolePaths { base_path: "/rec".into() };
        let on = |method: &str, uri: &str, headers: &[(&str, &str)], wanted: Route| {
            check_with(Some(&console), method, uri, headers, wanted);
        };
        for path in ["/console", "/console/", "/console/g/shop", "/rec/console", "/rec/console/about?x=1"] {
            for method in ["GET", "HEAD", "POST", "DELETE"] {
                on(method, path, &[], Route::Console);
            }
            check("GET", path, &[], Route::Nothing);
        }
        for path in ["/consoles", "/x/console", "/rec/consoles"] {
            on("GET", path, &[], Route::Nothing);
        }
        let html = ("accept", "text/html,application/xhtml+xml");
        for path in ["/", "/rec", "/rec/"] {
            on("GET", path, &[html], Route::Front);
            on("GET", path, &[("accept", "*/*")], Route::Nothing);
            check("GET", path, &[html], Route::Nothing);
        }
        let s3 = scoped("s3");
        for (method, uri, headers) in [
            ("GET", "/console", &[("authorization", s3.as_str())][..]),
            ("PUT", "/console/key", &[("authorization", s3.as_str())]),
            ("GET", "/", &[("authorization", s3.as_str()), html]),
            ("GET", "/console/key?X-Amz-Algorithm=x&X-Amz-Signature=0", &[]),
            ("GET", "/console/key?AWSAccessKeyId=x&Signature=0&Expires=1", &[]),
            ("POST", "/console", &[("content-type", "multipart/form-data; boundary=x")]),
        ] {
            on(method, uri, headers, Route::S3);
        }
        on("POST", "/console/upload", &[("content-type", "multipart/form-data; boundary=x")], Route::Console);
        let signed = scoped("personalize");
        on(
            "POST",
            "/",
            &[("authorization", &signed), (TARGET_HEADER, "AmazonPersonalize.CreateSchema")],
            Route::Personalize(Operation::CreateSchema),
        );
    }
}

//! Requests to AWS's services that are not here, answered in their own protocols: which service it is, and the variable
//! that sends its requests elsewhere.
//!
//! Nothing is verified and nothing of the body is kept: the answer tells nobody anything but the name of the service.

mod names;

use crate::reply;
use crate::xml::escaped;
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use tastemaker_wire::sigv4::{credential_scope, is_region};

/// Names the protocol of requests and answers of the newer services.
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const CBOR_PROTOCOL: &str = "rpc-v2-cbor";

/// Services that speak XML without forms.
const REST_XML: [&str; 3] = ["cloudfront", "route53", "s3"];

/// Characters that a signing name has at most; what is no name is not repeated.
const NAME_CHARS_MAX: usize = 64;

/// A protocol of AWS's services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// JSON, with the operation in the target header; the media type is the request's.
    Json(&'static str),
    /// JSON, with the operation in method and path.
    RestJson,
    /// CBOR, with the operation in the path.
    Cbor,
    /// Forms in, XML out.
    Query,
    /// The query protocol as EC2 alone has it.
    Ec2,
    /// XML, with the operation in method and path.
    RestXml,
}

/// Answers a request whose signature is for a service that is not here.
pub fn answer(parts: &Parts, request_id: &str) -> Response<Body> {
    let scope = credential_scope(&parts.headers, parts.uri.query());
    let service =
        scope.as_ref().map(|scope| scope.service.as_str()).filter(|name| is_name(name)).unwrap_or("such service");
    let region = scope.as_ref().map(|scope| scope.region.as_str()).filter(|region| is_region(region));
    let message = message(service, region.unwrap_or("us-east-1"));
    told(protocol(service, parts), &message, request_id)
}

fn is_name(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(legal)
}

fn message(service: &str, region: &str) -> String {
    // The S3 endpoint is here; its control plane, which signs with the same name, is not.
    let (service, variables) = match service {
        "s3" => ("s3control", vec!["S3_CONTROL".to_owned()]),
        _ => (service, names::variables(service)),
    };
    let all: Vec<String> = variables.iter().map(|variable| format!("AWS_ENDPOINT_URL_{variable}")).collect();
    let [first, rest @ ..] = all.as_slice() else { return format!("this server has no {service}") };
    let others = if rest.is_empty() { String::new() } else { format!(" (or {})", rest.join(", ")) };
    format!(
        "this server has no {service}; set {first}{others} to a server that has it, as https://{}",
        names::host(service, region)
    )
}

fn protocol(service: &str, parts: &Parts) -> Protocol {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = header(CONTENT_TYPE.as_str());
    let is_form = content_type.starts_with("application/x-www-form-urlencoded")
        || parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("Action=")));
    if header(SMITHY_PROTOCOL.as_str()) == CBOR_PROTOCOL || content_type.starts_with("application/cbor") {
        Protocol::Cbor
    } else if parts.headers.contains_key(crate::routing::TARGET_HEADER) {
        let old = content_type.starts_with("application/x-amz-json-1.0");
        Protocol::Json(if old { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" })
    } else if service == "ec2" {
        Protocol::Ec2
    } else if is_form {
        Protocol::Query
    } else if REST_XML.contains(&service) {
        Protocol::RestXml
    } else {
        Protocol::RestJson
    }
}

/// The status is one that no SDK tries again.
fn told(protocol: Protocol, message: &str, request_id: &str) -> Response<Body> {
    const CODE: &str = "UnknownOperationException";
    let text = escaped(message);
    let error = format!("<Type>Sender</Type><Code>{CODE}</Code><Message>{text}</Message>");
    let (content_type, body) = match protocol {
        Protocol::Json(content_type) => (content_type, json(CODE, message)),
        Protocol::RestJson => ("application/json", json(CODE, message)),
        Protocol::Cbor => ("application/cbor", cbor(CODE, message)),
        Protocol::Query | Protocol::RestXml => {
            let body =
                format!("<ErrorResponse><Error>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>");
            ("text/xml", body.into_bytes())
        }
        Protocol::Ec2 => {
            let error = format!("<Error><Code>{CODE}</Code><Message>{text}</Message></Error>");
            let body = format!("<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>");
            ("text/xml", body.into_bytes())
        }
    };
    let mut response = reply::with_body(StatusCode::BAD_REQUEST, content_type, body);
    let headers = response.headers_mut();
    match protocol {
        Protocol::Cbor => drop(headers.insert(SMITHY_PROTOCOL, HeaderValue::from_static(CBOR_PROTOCOL))),
        Protocol::Json(_) | Protocol::RestJson => {
            headers.insert(reply::ERROR_TYPE_HEADER, HeaderValue::from_static(CODE));
        }
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {}
    }
    response
}

fn json(code: &str, message: &str) -> Vec<u8> {
    serde_json::json!({ "__type": code, "message": message }).to_string().into_bytes()
}

/// A map of the two texts that an error has.
fn cbor(code: &str, message: &str) -> Vec<u8> {
    let mut bytes = vec![0xA2];
    for text in ["__type", code, "message", message] {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        // Major type 3 with two bytes of length.
        bytes.push(0x79);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&text.as_bytes()[..usize::from(length)]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(service: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=K/20260102/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let mut request = http::Request::post(path).header("authorization", scope);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    async fn body(service: &str, path: &str, headers: &[(&str, &str)]) -> (String, Vec<u8>) {
        let response = answer(&parts(service, path, headers), "id");
        assert_eq!(response.status(), 400, "{service}");
        let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
        (kind, bytes.to_vec())
    }

    #[tokio::test]
    async fn every_protocol_says_it_in_its_own_form() {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let target = ("x-amz-target", "TrentService.ListKeys");
        for (service, path, headers, kind, start) in [
            (
                "kms",
                "/",
                vec![target, ("content-type", "application/x-amz-json-1.1")],
                "application/x-amz-json-1.1",
                "{\"__type\":\"Unk",
            ),
            (
                "dynamodb",
                "/",
                vec![target, ("content-type", "application/x-amz-json-1.0")],
                "application/x-amz-json-1.0",
                "{\"__type\":\"Unk",
            ),
            ("lambda", "/2015-03-31/functions", vec![], "application/json", "{\"__type\":\"Unk"),
            ("cloudformation", "/", vec![form], "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>Unk"),
            ("sns", "/?Action=ListTopics", vec![], "text/xml", "<ErrorResponse><Error>"),
            ("ec2", "/", vec![form], "text/xml", "<Response><Errors><Error><Code>Unk"),
            ("cloudfront", "/2020-05-31/distribution", vec![], "text/xml", "<ErrorResponse><Error>"),
        ] {
            let (found, body) = body(service, path, &headers).await;
            let text = String::from_utf8(body).expect("text");
            assert_eq!(found, kind, "{service}");
            assert!(text.starts_with(start) && text.contains(&format!("this server has no {service}; set ")), "{text}");
        }
        let (kind, bytes) = body(
            "monitoring",
            "/service/GraniteServiceVersion20100801/operation/ListMetrics",
            &[("smithy-protocol", "rpc-v2-cbor")],
        )
        .await;
        assert_eq!((kind.as_str(), &bytes[..10]), ("application/cbor", &b"\xA2\x79\x00\x06__type"[..]));
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("this server has no monitoring; set AWS_ENDPOINT_URL_CLOUDWATCH"), "{text}");
    }

    #[test]
    fn the_variable_and_an_address_are_named() {
        assert_eq!(
            message("elasticloadbalancing", "eu-west-1"),
            "this server has no elasticloadbalancing; set AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2 (or \
             AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING) to a server that has it, as \
             https://elasticloadbalancing.eu-west-1.amazonaws.com"
        );
        assert_eq!(
            message("s3", "eu-west-1"),
            "this server has no s3control; set AWS_ENDPOINT_URL_S3_CONTROL to a server that has it, as \
             https://s3-control.eu-west-1.amazonaws.com"
        );
        assert_eq!(
            message("ses", "us-west-2"),
            "this server has no ses; set AWS_ENDPOINT_URL_SES (or AWS_ENDPOINT_URL_SESV2, AWS_ENDPOINT_URL_MAILMANAGER, \
             AWS_ENDPOINT_URL_PINPOINT_EMAIL) to a server that has it, as https://email.us-west-2.amazonaws.com"
        );
        assert!(!is_name("<x>") && !is_name("") && !is_name(&"x".repeat(65)) && is_name("execute-api"));
    }
}

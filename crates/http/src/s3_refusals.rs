//! Refusals of the S3 endpoint that the protocol crate leaves without a message.

use axum::body::Body;
use http::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};

/// Bytes of an error document; a longer one is none.
const DOCUMENT_BYTES_MAX: usize = 64 << 10;

/// Gives an error document that has a code and no message the message of that code, because SDKs show the message and
/// scripts read it as always there.
pub async fn explained(response: Response<Body>) -> Response<Body> {
    let xml = response.headers().get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/xml"));
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if !xml || !refused {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(document) = axum::body::to_bytes(body, DOCUMENT_BYTES_MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let text = String::from_utf8_lossy(&document);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let Some(code) = code.filter(|_| !text.contains("<Message>")) else {
        return Response::from_parts(parts, Body::from(document));
    };
    let with = format!("</Code><Message>{}</Message>", message(code));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text.replacen("</Code>", &with, 1)))
}

fn message(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check that the secret key \
             belongs to the access key and that the endpoint is this server's (eval \"$(tastemaker env)\" sets both)."
        }
        "InvalidBucketName" => {
            "The bucket name is not valid: 3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending \
             with a letter or digit."
        }
        "KeyTooLongError" => "The key is too long; at most 1024 bytes of UTF-8 are allowed.",
        "InvalidRange" => "The requested range is not satisfiable: it begins after the end of the object.",
        "InvalidURI" => "The path could not be read: it must be percent-encoded UTF-8.",
        "RequestTimeTooSkewed" => "The difference between the request time and this server's time is too large.",
        "NotImplemented" => "The operation is not available in this version of Tastemaker.",
        _ => "The request was refused; the code says why.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn after(content_type: &str, body: &'static str) -> String {
        let response = Response::builder().status(403).header(CONTENT_TYPE, content_type).body(Body::from(body));
        let body = explained(response.expect("a response")).await.into_body();
        let bytes = axum::body::to_bytes(body, DOCUMENT_BYTES_MAX).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn a_code_alone_gets_its_message_and_nothing_else_changes() {
        let bare = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
        let text = after("application/xml", bare).await;
        assert!(text.starts_with("<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature"), "{text}");
        assert!(text.ends_with("</Message></Error>"), "{text}");
        assert_eq!(after("application/xml; charset=utf-8", bare).await, text);
        assert_eq!(after("text/plain", bare).await, bare);
        let whole = "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>";
        assert_eq!(after("application/xml", whole).await, whole);
    }
}

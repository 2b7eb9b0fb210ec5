//! Failures of requests to an object store: whether they may pass, and the server's own code.

use std::error::Error as StdError;

use object_store::Error;
use object_store::client::HttpError;

/// The name of object stores in errors.
pub(super) const NAME: &str = "object_store";

/// The words before the status of an answer, in the text of a client's errors.
const STATUS: &str = "status code: ";

/// The most characters of a server's own message that are repeated.
const MESSAGE_CHARS_MAX: usize = 300;

/// An error, its cause, and so on.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The status of the answer, where there was one.
fn status(error: &Error) -> Option<u16> {
    let text = error.to_string();
    let (_, after) = text.split_once(STATUS)?;
    after.get(..3)?.parse().ok()
}

/// The text of the element `name` in the answer.
fn element(text: &str, name: &str) -> Option<String> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    let (inside, _) = after.split_once(&format!("</{name}>"))?;
    (!inside.is_empty()).then(|| inside.chars().take(MESSAGE_CHARS_MAX).collect())
}

/// The server's own code, such as `AccessDenied`.
pub(crate) fn code(error: &Error) -> Option<String> {
    element(&error.to_string(), "Code")
}

/// Whether the usual chain of credentials ended at an instance that gives none: nobody has said any.
pub(crate) fn is_without_credentials(error: &Error) -> bool {
    let text = error.to_string();
    ["/latest/api/token", "/latest/meta-data/", "/computeMetadata/", "/metadata/identity/"]
        .iter()
        .any(|path| text.contains(path))
}

/// Whether the request may succeed when it is sent again: no answer came, or one that says so.
pub(crate) fn is_passing(error: &Error) -> bool {
    let unanswered = chain(error).any(|error| error.downcast_ref::<HttpError>().is_some());
    unanswered || status(error).is_some_and(|status| status >= 500 || matches!(status, 408 | 429))
}

/// The failure in one line: the server's code and message, or the status, or the lowest cause.
pub(crate) fn reason(error: &Error) -> String {
    let text = error.to_string();
    match (element(&text, "Code"), element(&text, "Message"), status(error)) {
        (Some(code), Some(message), _) => format!("{code}: {message}"),
        (Some(code), None, _) => code,
        (None, _, Some(status)) => format!("HTTP status {status}"),
        (None, _, None) => chain(error).last().map(ToString::to_string).unwrap_or(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::client::HttpErrorKind;

    fn answered(status: &str, body: &str) -> Error {
        let text =
            format!("Error performing GET http://h/b/k in 1ms - Server returned non-2xx status code: {status}: {body}");
        Error::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn the_servers_own_code_is_found() {
        let xml = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Not yours</Message></Error>";
        let denied = answered("403 Forbidden", xml);
        assert_eq!(
            (code(&denied).as_deref(), reason(&denied).as_str()),
            (Some("AccessDenied"), "AccessDenied: Not yours")
        );
        assert!(!is_passing(&denied));
        assert_eq!(reason(&answered("403 Forbidden", "")), "HTTP status 403");
        assert_eq!(code(&answered("403 Forbidden", "<Code></Code>")), None);
    }

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        for (status, passes) in [
            ("503 Service Unavailable", true),
            ("500 Internal Server Error", true),
            ("429 Too Many Requests", true),
            ("400 Bad Request", false),
            ("412 Precondition Failed", false),
        ] {
            assert_eq!(is_passing(&answered(status, "")), passes, "{status}");
        }
        let refused =
            HttpError::new(HttpErrorKind::Connect, std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        let refused = Error::Generic { store: "S3", source: Box::new(refused) };
        assert!(is_passing(&refused));
        assert_eq!(reason(&refused), "connection refused");
        assert!(!is_passing(&Error::Generic { store: "S3", source: "odd".into() }));
    }
}

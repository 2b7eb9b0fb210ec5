//! Sessions: a signed cookie that says who logged in, with which rights and until when. The server keeps nothing.

use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};
use http::HeaderMap;
use time::Duration;

/// The cookie of a session.
const COOKIE: &str = "tastemaker_console";
/// The format of the cookie's value.
const VERSION: &str = "1";

/// The rights of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// See everything, change nothing.
    View,
    /// See and change everything.
    Edit,
}

impl Role {
    /// The word in cookies and codes.
    pub fn word(self) -> &'static str {
        match self {
            Role::View => "view",
            Role::Edit => "edit",
        }
    }

    /// The role by its word.
    pub fn of(word: &str) -> Option<Self> {
        [Role::View, Role::Edit].into_iter().find(|role| role.word() == word)
    }
}

/// The key, rights and end of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The access key id.
    pub key_id: String,
    /// The rights.
    pub role: Role,
    /// The end, in seconds since the Unix epoch; `None` where nobody has to log in.
    pub expires_s: Option<i64>,
}

/// The scope of a session's cookie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CookieScope<'a> {
    /// The path of the console.
    pub path: &'a str,
    /// Whether the browser came over TLS.
    pub tls: bool,
}

impl Session {
    /// The session of a request's cookie, if it is signed and not over.
    pub(crate) fn of(headers: &HeaderMap, key: &Key, now_s: i64) -> Option<Self> {
        let jar = SignedCookieJar::from_headers(headers, key.clone());
        let cookie = jar.get(COOKIE)?;
        let mut fields = cookie.value().splitn(4, '.');
        if fields.next()? != VERSION {
            return None;
        }
        let role = Role::of(fields.next()?)?;
        let expires_s: i64 = fields.next()?.parse().ok()?;
        let key_id = fields.next()?.to_owned();
        (now_s < expires_s).then_some(Self { key_id, role, expires_s: Some(expires_s) })
    }

    /// The cookie of the session, for the answer to a login.
    pub(crate) fn cookie(&self, key: &Key, now_s: i64, scope: CookieScope<'_>) -> SignedCookieJar {
        let expires_s = self.expires_s.unwrap_or(now_s);
        let value = format!("{VERSION}.{}.{expires_s}.{}", self.role.word(), self.key_id);
        let cookie = shaped(value, Duration::seconds(expires_s - now_s), scope);
        SignedCookieJar::new(key.clone()).add(cookie)
    }
}

/// Takes the cookie of a session away.
pub(crate) fn logged_out(key: &Key, scope: CookieScope<'_>) -> SignedCookieJar {
    SignedCookieJar::new(key.clone()).add(shaped(String::new(), Duration::ZERO, scope))
}

fn shaped(value: String, age: Duration, scope: CookieScope<'_>) -> Cookie<'static> {
    Cookie::build((COOKIE, value))
        .path(scope.path.to_owned())
        .http_only(true)
        .secure(scope.tls)
        // Not Strict: links from a chat must open. No GET changes anything.
        .same_site(SameSite::Lax)
        .max_age(age)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;
    use http::header::{COOKIE as COOKIE_HEADER, SET_COOKIE};

    fn key(byte: u8) -> Key {
        Key::from(&[byte; 64])
    }

    fn sent(jar: SignedCookieJar) -> String {
        let response = (jar, ()).into_response();
        response.headers()[SET_COOKIE].to_str().expect("text").to_owned()
    }

    fn headers(set_cookie: &str) -> HeaderMap {
        let pair = set_cookie.split(';').next().expect("a pair").parse().expect("a value");
        HeaderMap::from_iter([(COOKIE_HEADER, pair)])
    }

    #[test]
    fn a_session_holds_until_its_end_and_under_its_key() {
        let session = Session { key_id: "TMKEY".into(), role: Role::View, expires_s: Some(2_000) };
        let scope = CookieScope { path: "/rec/console", tls: true };
        let cookie = sent(session.cookie(&key(1), 1_000, scope));
        for part in ["HttpOnly", "SameSite=Lax", "Path=/rec/console", "Secure", "Max-Age=1000"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert!(!sent(session.cookie(&key(1), 1_000, CookieScope { tls: false, ..scope })).contains("Secure"));
        let headers = headers(&cookie);
        assert_eq!(Session::of(&headers, &key(1), 1_999), Some(session));
        assert_eq!(Session::of(&headers, &key(1), 2_000), None);
        assert_eq!(Session::of(&headers, &key(2), 1_000), None);
        let forged = cookie.replace("view", "edit");
        assert_eq!(Session::of(&self::headers(&forged), &key(1), 1_000), None);
        assert!(sent(logged_out(&key(1), scope)).contains("Max-Age=0"));
    }
}

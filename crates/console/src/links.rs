//! Paths below the console's that several modules name, and the judgement of those that a browser sends.

/// The path of the login, which is for everybody.
pub(crate) const LOGIN: &str = "/login";

/// A path below the console's; the start for everything else, as other sites.
pub(crate) fn local(path: &str) -> String {
    let fits =
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) && path.is_ascii();
    if fits { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_to_no_other_site() {
        for (next, local_path) in [
            ("/g/shop/data?x=1", "/g/shop/data?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
        ] {
            assert_eq!(local(next), local_path, "{next}");
        }
    }
}

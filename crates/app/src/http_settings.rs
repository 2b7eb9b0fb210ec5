//! `[http]` as the HTTP server takes it.

use crate::config::Config;
use crate::data_dir::Credentials;
use crate::http_config::{HttpConfig, IdentityProviderConfig};
use anyhow::{Context, Result, anyhow, bail};
use std::path::Path;
use tastemaker_http::access::{Access, Key};
use tastemaker_http::browsers::BrowserPolicy;
use tastemaker_http::{ConnectionLimits, IdentityProvider, ListenerConfig};

/// The listener's settings. `recommendations` is the access to the `/recommendations` family: where it is open, `/metrics` is.
pub fn listener(config: &Config, recommendations: &Access, credentials: &Credentials) -> Result<ListenerConfig> {
    let HttpConfig { hosts, origins, metrics_token_file, .. } = &config.http;
    let of_origins = BrowserPolicy::for_everybody(origins).map_err(|problem| anyhow!("http.origins: {problem}"))?;
    let browsers = if config.listens_on_loopback()? {
        BrowserPolicy::for_loopback(hosts, origins).map_err(|problem| anyhow!("http.hosts: {problem}"))?
    } else {
        of_origins
    };
    let metrics = match metrics_token_file {
        None if recommendations.is_open() => Access::open(),
        file => {
            let own = Key::new("the token of the data directory", &credentials.recommendations_token);
            let given = file.as_deref().map(|file| token(file).map(|token| Key::new("metrics", &token))).transpose()?;
            Access::keys(std::iter::once(own).chain(given).collect())
        }
    };
    let identity_providers = config.http.identity_providers.iter().map(identity_provider).collect::<Result<_>>()?;
    Ok(ListenerConfig {
        browsers,
        metrics,
        identity_providers,
        roles: config.roles(),
        log: config.log.requests(),
        ..ListenerConfig::default()
    })
}

/// The limits of connections, as far as the process may have files open.
pub fn connections(config: &Config) -> ConnectionLimits {
    ConnectionLimits {
        open_max: crate::open_files::connections_max(),
        per_address_max: config.http.connections_per_address.get(),
        ..ConnectionLimits::default()
    }
}

/// An issuer whose keys can be read now.
fn identity_provider(config: &IdentityProviderConfig) -> Result<IdentityProvider> {
    let IdentityProviderConfig { issuer, audiences, keys_file } = config;
    if issuer.is_empty() || audiences.is_empty() {
        bail!("http.identity_providers: issuer and audiences may not be empty");
    }
    let unreadable =
        || format!("http.identity_providers: the keys of {issuer} in {} cannot be read", keys_file.display());
    let text = std::fs::read_to_string(keys_file).with_context(unreadable)?;
    let set: serde_json::Value = serde_json::from_str(&text).with_context(unreadable)?;
    if !set["keys"].is_array() {
        return Err(anyhow!("it is no JSON Web Key Set, which has a member \"keys\"").context(unreadable()));
    }
    let (issuer, audiences, keys_file) = (issuer.clone(), audiences.clone(), keys_file.clone());
    Ok(IdentityProvider { issuer, audiences, keys_file })
}

fn token(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("http.metrics_token_file: cannot read {}", file.display()))?;
    match text.trim() {
        "" => bail!("http.metrics_token_file: {} is empty", file.display()),
        token => Ok(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;
    use http::{HeaderMap, HeaderName, Request};

    fn loaded(toml: &str, open: bool) -> Result<(Config, ListenerConfig)> {
        let (_dir, config, credentials) = config(toml)?;
        let access = if open { Access::open() } else { Access::keys(Vec::new()) };
        let listener = listener(&config, &access, &credentials)?;
        Ok((config, listener))
    }

    #[test]
    fn every_key_reaches_the_listener() -> Result<()> {
        let toml =
            "[http]\nhosts = ['rec.example.com']\norigins = ['https://shop.example']\nconnections_per_address = 7";
        let (config, listener) = loaded(toml, true)?;
        assert_eq!(connections(&config).per_address_max, 7);
        let parts = |host: &str, origin: &str| {
            let request = Request::get("/").header("host", host).header("origin", origin).body(());
            request.expect("a request").into_parts().0
        };
        assert!(listener.browsers.knows_host(&parts("rec.example.com", "")));
        assert!(!listener.browsers.knows_host(&parts("other.example.com", "")));
        assert!(listener.browsers.allowed(&parts("localhost", "https://shop.example")).is_some());
        assert!(listener.browsers.allowed(&parts("localhost", "https://other.example")).is_none());
        let (_, reachable) = loaded("listen = '0.0.0.0:1'\ninsecure_http = true", false)?;
        assert!(reachable.browsers.knows_host(&parts("other.example.com", "")));
        assert!(reachable.browsers.allowed(&parts("other.example.com", "http://localhost:3000")).is_none());
        Ok(())
    }

    #[test]
    fn issuers_of_tokens_reach_the_listener() -> Result<()> {
        let table = "[[http.identity_providers]]\nissuer = 'https://issuer.example'\nkeys_file = 'DIR/keys.json'\n";
        let (_, listener) = loaded(table, true)?;
        let [provider] = listener.identity_providers.as_slice() else { bail!("{listener:?}") };
        assert_eq!(
            (provider.issuer.as_str(), &provider.audiences[..]),
            ("https://issuer.example", &["sts.amazonaws.com".to_owned()][..])
        );
        assert!(provider.keys_file.ends_with("keys.json"));
        let (_, listener) = loaded(&format!("{table}audiences = ['a', 'b']"), true)?;
        assert_eq!(listener.identity_providers[0].audiences, ["a", "b"]);
        Ok(())
    }

    #[test]
    fn metrics_want_a_token_wherever_lists_do() -> Result<()> {
        let headers =
            |token: &str| HeaderMap::from_iter([(HeaderName::from_static("x-api-key"), token.parse().expect("text"))]);
        let admits =
            |listener: &ListenerConfig, token: &str| listener.metrics.admits(None, &headers(token), "metrics").is_ok();
        let (_, open) = loaded("", true)?;
        assert!(open.metrics.is_open());
        let (_, closed) = loaded("", false)?;
        assert!(admits(&closed, "own") && !admits(&closed, "s3cret") && !admits(&closed, ""));
        for open in [true, false] {
            let (_, listener) = loaded("[http]\nmetrics_token_file = 'DIR/token'", open)?;
            assert!(admits(&listener, "own") && admits(&listener, "s3cret") && !admits(&listener, "x"));
        }
        Ok(())
    }

    #[test]
    fn faults_name_the_key_and_the_rule() {
        for (toml, word) in [
            ("[http]\nhosts = ['https://x']", "'https://x' is no name of a host"),
            ("[http]\norigins = ['shop.example']", "'shop.example' is no origin"),
            ("[http]\nconnections_per_address = 0", "connections_per_address"),
            ("[http]\nmetrics_token_file = 'DIR/empty'", "is empty"),
            ("[http]\nmetrics_token_file = 'DIR/absent'", "cannot read"),
            ("[http]\nhost = 'x'", "host"),
            ("[[http.identity_providers]]\nissuer = 'i'\nkeys_file = 'DIR/absent'", "the keys of i in"),
            ("[[http.identity_providers]]\nissuer = 'i'\nkeys_file = 'DIR/token'", "cannot be read"),
            (
                "[[http.identity_providers]]\nissuer = 'i'\nkeys_file = 'DIR/keys.json'\naudiences = []",
                "may not be empty",
            ),
        ] {
            let error = format!("{:#}", loaded(toml, true).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
    }
}

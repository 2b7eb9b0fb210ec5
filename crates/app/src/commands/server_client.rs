//! A client of a running server for the commands that look into it: signed requests with the caller's own key.

use crate::client_tls::ClientTlsFlags;
use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::data_dir::{Credentials, DataDir};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tastemaker_wire::sigv4::{Signer, Unsigned};
use ureq::tls::TlsConfig;

/// The longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A client of one server with one key.
pub struct ServerClient {
    agent: ureq::Agent,
    url: String,
    host: String,
    region: String,
    keys: Keys,
}

/// The key that signs.
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl ServerClient {
    /// The server and the key of `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, as `tastemaker env` prints
    /// them, where all are set and no data directory or configuration is named; else the server that runs on the data directory.
    pub fn at_hand(flags: &ConfigFlags, tls: &ClientTlsFlags) -> Result<Self> {
        let config = Config::load(flags)?;
        let found = match Self::of_environment(flags, tls, &config)? {
            Some(found) => Some(found),
            None => Self::of_directory(tls, &config)?,
        };
        found.with_context(|| {
            format!(
                "no server runs on the data directory {}; name the directory of one that runs with --data-dir, or set \
                 AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                config.data_dir.display()
            )
        })
    }

    /// The server and the key of the environment; `None` where it has none, or where a data directory or a configuration is named. Its
    /// certificate is from an authority of the flag, of `AWS_CA_BUNDLE`, or of those that are known everywhere.
    pub fn of_environment(flags: &ConfigFlags, tls: &ClientTlsFlags, config: &Config) -> Result<Option<Self>> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let given = [variable("AWS_ENDPOINT_URL"), variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")];
        let [Some(url), Some(access_key_id), Some(secret_access_key)] = given else { return Ok(None) };
        if flags.data_dir.is_some() || flags.config.is_some() {
            return Ok(None);
        }
        let bundle = variable("AWS_CA_BUNDLE").map(PathBuf::from).or_else(|| config.tls.certificate.clone());
        let keys = Keys { access_key_id, secret_access_key, session_token: variable("AWS_SESSION_TOKEN") };
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| config.region.clone());
        Self::new(&url, region, keys, tls.verified(bundle.as_deref())?).map(Some)
    }

    /// The server that runs on the data directory, with its key; `None` where none does. Its certificate is from an authority of the flag
    /// or of the configuration's own file, or of those that are known everywhere.
    pub fn of_directory(tls: &ClientTlsFlags, config: &Config) -> Result<Option<Self>> {
        let Some(address) = DataDir::running_address(&config.data_dir)? else { return Ok(None) };
        let Some(keys) = Credentials::existing(&config.data_dir)? else {
            bail!(
                "the data directory {} has no credentials.json; the server makes it when it starts",
                config.data_dir.display()
            );
        };
        let keys =
            Keys { access_key_id: keys.access_key_id, secret_access_key: keys.secret_access_key, session_token: None };
        let address = if address.is_empty() { noted_address(&config.listen, &config.tls) } else { address };
        let tls = tls.verified(config.tls.certificate.as_deref())?;
        Self::new(&reachable_url(&address), config.region.clone(), keys, tls).map(Some)
    }

    fn new(url: &str, region: String, keys: Keys, tls: TlsConfig) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let Some((_, host)) = url.split_once("://") else { bail!("AWS_ENDPOINT_URL '{url}' is no URL") };
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(tls)
            .build();
        Ok(Self { agent: agent.into(), host: host.to_owned(), url, region, keys })
    }

    /// Calls an operation that looks into the server.
    pub fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        let target = format!("Tastemaker.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let (status, text) = self.signed("personalize", &headers, &input.to_string())?;
        let output: Value = serde_json::from_str(&text).unwrap_or_default();
        if status == 200 {
            return Ok(output);
        }
        match output["message"].as_str() {
            Some(message) => bail!("{message}"),
            None => bail!("{} answers with HTTP status {status}", self.url),
        }
    }

    /// Calls a service that takes forms; returns the status and the document.
    pub fn form(&self, service: &str, form: &str) -> Result<(u16, String)> {
        self.signed(service, &[("content-type", "application/x-www-form-urlencoded")], form)
    }

    fn signed(&self, service: &str, headers: &[(&str, &str)], body: &str) -> Result<(u16, String)> {
        let mut headers = headers.to_vec();
        if let Some(token) = &self.keys.session_token {
            headers.push(("x-amz-security-token", token));
        }
        let signer = Signer {
            access_key: &self.keys.access_key_id,
            secret_key: &self.keys.secret_access_key,
            region: &self.region,
            service,
        };
        let unsigned =
            Unsigned { method: "POST", host: &self.host, path: "/", headers: &headers, body: body.as_bytes() };
        let added = signer.sign(&unsigned, SystemTime::now());
        let mut request = self.agent.post(format!("{}/", self.url)).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in added {
            request = request.header(name, value);
        }
        let mut answer = request.send(body).with_context(|| format!("no answer from {}", self.url))?;
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = text.with_context(|| format!("the answer of {} cannot be read", self.url))?;
        Ok((answer.status().as_u16(), text))
    }
}

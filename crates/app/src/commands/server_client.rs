//! A client of a running server for the commands that look into it: signed requests with the caller's own key.

use crate::config::{Config, ConfigFlags, noted_address, reachable_url};
use crate::data_dir::{Credentials, DataDir};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tastemaker_wire::sigv4::{Signer, Unsigned};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

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
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl ServerClient {
    /// The server and the key of `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, as `tastemaker env` prints
    /// them, where all are set and no data directory or configuration is named; else the server that runs on the data directory.
    pub fn at_hand(flags: &ConfigFlags) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let config = Config::load(flags)?;
        let named = flags.data_dir.is_some() || flags.config.is_some();
        let from_environment =
            [variable("AWS_ENDPOINT_URL"), variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")];
        let (url, access_key_id, secret_access_key, session_token) = match from_environment {
            [Some(url), Some(id), Some(secret)] if !named => (url, id, secret, variable("AWS_SESSION_TOKEN")),
            _ => {
                let directory = config.data_dir.display();
                let Some(address) = DataDir::running_address(&config.data_dir)? else {
                    bail!(
                        "no server runs on the data directory {directory}; name the directory of one that runs with --data-dir, or set \
                         AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    );
                };
                let Some(keys) = Credentials::existing(&config.data_dir)? else {
                    bail!("the data directory {directory} has no credentials.json; the server makes it when it starts");
                };
                let address = if address.is_empty() { noted_address(&config.listen, &config.tls) } else { address };
                (reachable_url(&address), keys.access_key_id, keys.secret_access_key, None)
            }
        };
        let url = url.trim_end_matches('/').to_owned();
        let Some((_, host)) = url.split_once("://") else { bail!("AWS_ENDPOINT_URL '{url}' is no URL") };
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).filter(|_| !named);
        Ok(Self {
            agent: agent(&config)?,
            host: host.to_owned(),
            url,
            region: region.unwrap_or(config.region),
            access_key_id,
            secret_access_key,
            session_token,
        })
    }

    /// Calls an operation that looks into the server.
    pub fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        let body = input.to_string();
        let target = format!("Tastemaker.{operation}");
        let mut headers = vec![("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        if let Some(token) = &self.session_token {
            headers.push(("x-amz-security-token", token));
        }
        let signer = Signer {
            access_key: &self.access_key_id,
            secret_key: &self.secret_access_key,
            region: &self.region,
            service: "personalize",
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
        let answered = request.send(body.as_str());
        let mut answer = answered.with_context(|| format!("no answer from {}", self.url))?;
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = text.with_context(|| format!("the answer of {} cannot be read", self.url))?;
        let output: Value = serde_json::from_str(&text).unwrap_or_default();
        if answer.status().is_success() {
            return Ok(output);
        }
        match output["message"].as_str() {
            Some(message) => bail!("{message}"),
            None => bail!("{} answers with HTTP status {}", self.url, answer.status().as_u16()),
        }
    }
}

/// An agent that trusts, besides the usual authorities, the certificate of the configuration.
fn agent(config: &Config) -> Result<ureq::Agent> {
    let mut builder =
        ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).http_status_as_error(false);
    if let Some(file) = &config.tls.certificate {
        let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let own = parse_pem(&pem).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let own: Vec<Certificate<'static>> = own.collect();
        builder = builder.tls_config(TlsConfig::builder().root_certs(RootCerts::from(own)).build());
    }
    Ok(builder.build().into())
}

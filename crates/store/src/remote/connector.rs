//! The HTTP client of object stores: `reqwest` with rustls and ring, which `object_store` would otherwise take with another
//! provider of cryptography.

use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::header::{HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, Method};

use super::settings::RemoteSettings;

/// Whether an upload in parts may replace the object of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// It replaces what is there.
    Replaces,
    /// It is refused where there is an object; S3 alone.
    OnlyIfAbsent,
}

/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes ring the process's provider of cryptography, unless there is one.
pub(super) fn prepare_tls() {
    // The error is the provider that is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes the client of one bucket.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    timeout: Duration,
    is_plain: bool,
    completion: Completion,
}

impl Connector {
    pub(super) fn new(settings: &RemoteSettings, completion: Completion) -> Self {
        let timeout = Duration::from_secs(settings.timeout_s);
        Self { timeout, is_plain: settings.is_plain(), completion }
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        // Credentials of containers and instances come over plain HTTP, from addresses of the machine's own network.
        let client = Client::builder()
            .user_agent(concat!("tastemaker/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(self.timeout)
            .http1_only()
            .build()
            .map_err(|error| object_store::Error::Generic { store: "HTTP client", source: Box::new(error) })?;
        let is_conditional = self.completion == Completion::OnlyIfAbsent;
        Ok(HttpClient::new(Service { client: HttpClient::new(client), is_conditional, is_plain: self.is_plain }))
    }
}

#[derive(Debug)]
struct Service {
    client: HttpClient,
    is_conditional: bool,
    is_plain: bool,
}

/// Addresses that credentials of containers and instances come from.
fn is_of_this_machine(host: &str) -> bool {
    host.starts_with("169.254.") || matches!(host, "localhost" | "127.0.0.1" | "[fd00:ec2::254]" | "[fd00:ec2::23]")
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let uri = request.uri();
        let is_safe = uri.scheme_str() == Some("https") || uri.host().is_some_and(is_of_this_machine);
        if !is_safe && !self.is_plain {
            return Err(HttpError::new(HttpErrorKind::Request, Unencrypted));
        }
        let completes = request.method() == Method::POST
            && uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("uploadId=")));
        if self.is_conditional && completes {
            // No signature covers it, and so it may be added to a signed request.
            request.headers_mut().insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        self.client.execute(request).await
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the address has no TLS, and no endpoint of the settings says that it has none")]
struct Unencrypted;

//! A small AWS client for our own public API: every request is signed, and sent over a socket as an SDK would. A server whose
//! listener speaks TLS answers it without the socket: its certificate is for the names that others call it by.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client as HyperClient, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;
use tastemaker_wire::sigv4::{Signer, Unsigned};
use tower::ServiceExt;

/// Speaks to one server with one key.
pub struct Client {
    address: String,
    region: String,
    access_key: String,
    secret_key: String,
    token: String,
    http: HyperClient<HttpConnector, Full<Bytes>>,
    in_process: Option<Arc<OnceLock<Router>>>,
}

/// An AWS error answer.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct ServiceError {
    operation: String,
    /// `ResourceAlreadyExistsException`, ...
    pub code: String,
    message: String,
}

impl Client {
    /// A client for `http://address` with the keys of that server's data directory.
    pub fn new(address: &str, region: &str, keys: &crate::data_dir::Credentials) -> Self {
        Self {
            address: address.to_owned(),
            region: region.to_owned(),
            access_key: keys.access_key_id.clone(),
            secret_key: keys.secret_access_key.clone(),
            token: keys.recommendations_token.clone(),
            http: HyperClient::builder(TokioExecutor::new()).build_http(),
            in_process: None,
        }
    }

    /// The same without a socket, for a server of this process, by its router once there is one.
    pub fn in_process(self, router: Arc<OnceLock<Router>>) -> Self {
        Self { in_process: Some(router), ..self }
    }

    /// Calls a control-plane operation.
    pub async fn control(&self, operation: &str, input: Value) -> Result<Value> {
        let target = format!("AmazonPersonalize.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        self.json(operation, "/", &headers, input).await
    }

    /// Calls an operation of the runtime or events service by its path.
    pub async fn at_path(&self, path: &str, input: Value) -> Result<Value> {
        self.json(path, path, &[("content-type", "application/json")], input).await
    }

    async fn json(&self, operation: &str, path: &str, headers: &[(&str, &str)], input: Value) -> Result<Value> {
        let body = Bytes::from(serde_json::to_vec(&input)?);
        let (status, body) = self.signed("personalize", "POST", path, headers, body).await?;
        let output: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        if status == 200 {
            return Ok(output);
        }
        let text = |key: &str| output[key].as_str().unwrap_or_default().to_owned();
        bail!(ServiceError { operation: operation.to_owned(), code: text("__type"), message: text("message") })
    }

    /// Creates a bucket unless it is there.
    pub async fn create_bucket(&self, bucket: &str) -> Result<()> {
        let (status, body) = self.signed("s3", "PUT", &format!("/{bucket}"), &[], Bytes::new()).await?;
        match status {
            200 | 409 => Ok(()),
            _ => bail!("CreateBucket {bucket}: {status} {}", String::from_utf8_lossy(&body)),
        }
    }

    /// Uploads one object.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Bytes) -> Result<()> {
        let (status, answer) = self.signed("s3", "PUT", &format!("/{bucket}/{key}"), &[], body).await?;
        match status {
            200 => Ok(()),
            _ => bail!("PutObject {bucket}/{key}: {status} {}", String::from_utf8_lossy(&answer)),
        }
    }

    /// A GET with the token that listeners on other addresses than loopback ask for.
    pub async fn get(&self, path_and_query: &str) -> Result<(u16, Bytes)> {
        let request = http::Request::get(self.uri(path_and_query)).header("x-api-key", &self.token);
        self.send(request.body(Full::default())?).await
    }

    fn uri(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }

    async fn signed(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<(u16, Bytes)> {
        let signer =
            Signer { access_key: &self.access_key, secret_key: &self.secret_key, region: &self.region, service };
        let unsigned = Unsigned { method, host: &self.address, path, headers, body: &body };
        let added = signer.sign(&unsigned, SystemTime::now());
        let mut request = http::Request::builder().method(method).uri(self.uri(path)).header("host", &self.address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in added {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body))?;
        self.send(request).await
    }

    async fn send(&self, request: http::Request<Full<Bytes>>) -> Result<(u16, Bytes)> {
        let Some(router) = &self.in_process else {
            let response = self.http.request(request).await;
            let response = response.with_context(|| format!("no answer from {}", self.address))?;
            let status = response.status().as_u16();
            return Ok((status, response.into_body().collect().await?.to_bytes()));
        };
        let router = router.get().context("the server is not there yet")?;
        let response = router.clone().oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {});
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

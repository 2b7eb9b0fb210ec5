//! `[tls]`: the certificate of the listener.

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use tastemaker_http::{Tls, TlsConfig, TlsVersion};

/// Time between looks at the files for new ones.
pub const RELOAD_POLL: Duration = Duration::from_secs(2);

/// `[tls]`: with a certificate and a key the listener speaks TLS alone, HTTP/2 and HTTP/1.1. The files are looked at every two
/// seconds; new ones are for new connections, and those that cannot be used are named in the log while the former go on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// A PEM file with the server's certificate, and after it those that lead to an authority which clients know.
    #[schemars(extend("x-file" = true))]
    pub certificate: Option<PathBuf>,
    /// A PEM file with the certificate's private key, without a password.
    #[schemars(extend("x-file" = true))]
    pub key: Option<PathBuf>,
    /// A PEM file with authorities. With it every client must show a certificate that one of them has signed.
    #[schemars(extend("x-file" = true))]
    pub client_ca: Option<PathBuf>,
    /// The oldest version of TLS that is spoken: `1.2` or `1.3`.
    pub minimum_version: MinimumVersion,
}

/// The oldest version of TLS that a client may speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema, clap::ValueEnum)]
pub enum MinimumVersion {
    /// TLS 1.2.
    #[default]
    #[serde(rename = "1.2")]
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    #[value(name = "1.3")]
    Tls13,
}

impl<'de> Deserialize<'de> for MinimumVersion {
    /// From text, or from the number that a variable of the environment is read as.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Version {
            Text(String),
            Number(f64),
        }
        let text = match Version::deserialize(deserializer)? {
            Version::Text(text) => text,
            Version::Number(number) => number.to_string(),
        };
        match text.as_str() {
            "1.2" => Ok(Self::Tls12),
            "1.3" => Ok(Self::Tls13),
            other => Err(serde::de::Error::custom(format!("a version of TLS is 1.2 or 1.3, not '{other}'"))),
        }
    }
}

/// Flags of `[tls]`.
#[derive(Debug, Clone, Default, PartialEq, clap::Args, Serialize)]
pub struct TlsFlags {
    /// PEM file with the certificate of the listener, which then speaks TLS
    #[arg(long = "tls-certificate", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// PEM file with the certificate's private key
    // Commands that take a key of their own have the usual id for it.
    #[arg(id = "tls_key", long = "tls-key", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// PEM file with the authorities of clients' certificates, which are then needed
    #[arg(long = "tls-client-ca", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
    /// Oldest version of TLS that is spoken [default: 1.2]
    #[arg(long = "tls-minimum-version", value_name = "VERSION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_version: Option<MinimumVersion>,
}

impl TlsFlags {
    /// Whether no flag was given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl TlsSettings {
    /// Whether the listener speaks TLS.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some()
    }

    /// Refuses one file without the other that it needs.
    pub fn check(&self) -> Result<()> {
        match (&self.certificate, &self.key, &self.client_ca) {
            (Some(_), None, _) => bail!("tls.certificate is given without tls.key: give the file with its private key"),
            (None, Some(_), _) => bail!("tls.key is given without tls.certificate: give the file with its certificate"),
            (None, None, Some(_)) => bail!("tls.client_ca is given without tls.certificate and tls.key"),
            _ => Ok(()),
        }
    }

    /// The TLS of the listener, where it has any.
    pub fn open(&self) -> Result<Option<Tls>> {
        let (Some(certificate), Some(key)) = (self.certificate.clone(), self.key.clone()) else { return Ok(None) };
        let minimum_version = match self.minimum_version {
            MinimumVersion::Tls12 => TlsVersion::Tls12,
            MinimumVersion::Tls13 => TlsVersion::Tls13,
        };
        Ok(Some(Tls::open(TlsConfig { certificate, key, client_ca: self.client_ca.clone(), minimum_version })?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_config::config;

    #[test]
    fn every_key_is_read_and_faults_name_it() -> Result<()> {
        let (_dir, plain, _) = config("")?;
        assert!(!plain.tls.is_on() && plain.tls.open()?.is_none());
        let (_dir, all, _) = config(
            "listen = '0.0.0.0:1'\n[tls]\ncertificate = 'c'\nkey = 'k'\nclient_ca = 'a'\nminimum_version = '1.3'",
        )?;
        assert_eq!(all.tls.minimum_version, MinimumVersion::Tls13);
        assert_eq!((all.tls.key, all.tls.client_ca), (Some("k".into()), Some("a".into())));
        assert_eq!(config("[tls]\nminimum_version = 1.3")?.1.tls.minimum_version, MinimumVersion::Tls13);
        for (toml, word) in [
            ("certificate = 'c'", "without tls.key"),
            ("key = 'c'", "without tls.certificate"),
            ("client_ca = 'c'", "tls.client_ca is given without"),
            ("minimum_version = '1.1'", "1.2 or 1.3, not '1.1'"),
            ("cert = 'c'", "tls.cert"),
        ] {
            let error = format!("{:#}", config(&format!("[tls]\n{toml}")).map(|_| ()).expect_err(toml));
            assert!(error.contains(word), "{toml}: {error}");
        }
        let (_dir, absent, _) = config("[tls]\ncertificate = 'DIR/absent'\nkey = 'DIR/token'")?;
        let error = absent.tls.open().map(|_| ()).expect_err("absent").to_string();
        assert!(error.starts_with("tls.certificate: ") && error.contains("cannot be read"), "{error}");
        Ok(())
    }
}

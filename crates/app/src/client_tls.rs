//! The TLS of commands that speak to a server: the authority that they believe, and the certificate that they show.

use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use tastemaker_http::{Tls, TlsConfig as ListenerTls, TlsVersion};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// Flags of commands that speak to a server.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ClientTlsFlags {
    /// PEM file with the authorities that the server's certificate must be from, instead of those that are known everywhere
    #[arg(long, value_name = "FILE")]
    pub ca_certificate: Option<PathBuf>,
    /// PEM file with the certificate that is shown to a server which wants one
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_certificate: Option<PathBuf>,
    /// PEM file with the private key of that certificate
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    pub client_key: Option<PathBuf>,
}

impl ClientTlsFlags {
    /// The TLS of a client that believes the authorities of the flag, else those of a file, else those known everywhere.
    pub fn verified(&self, otherwise: Option<&Path>) -> Result<TlsConfig> {
        let authorities = match (&self.ca_certificate, otherwise) {
            (Some(file), _) => Some(certificates(file).context("--ca-certificate")?),
            (None, Some(file)) => Some(certificates(file)?),
            (None, None) => None,
        };
        let builder = TlsConfig::builder().client_cert(self.shown()?);
        Ok(match authorities {
            Some(authorities) => builder.root_certs(RootCerts::from(authorities)).build(),
            None => builder.build(),
        })
    }

    /// The same for a server on this machine, which is told nothing secret: without the flag any certificate is believed, since that of a
    /// listener is for the names that others call it by.
    pub fn on_this_machine(&self) -> Result<TlsConfig> {
        if self.ca_certificate.is_some() {
            return self.verified(None);
        }
        Ok(TlsConfig::builder().client_cert(self.shown()?).disable_verification(true).build())
    }

    /// The certificate to show.
    fn shown(&self) -> Result<Option<ClientCert>> {
        let (Some(certificate), Some(key)) = (&self.client_certificate, &self.client_key) else { return Ok(None) };
        // The client takes files that do not belong together for granted; a listener looks.
        let pair = ListenerTls {
            certificate: certificate.clone(),
            key: key.clone(),
            client_ca: None,
            minimum_version: TlsVersion::Tls12,
        };
        Tls::open(pair).map_err(|error| {
            let named = error.to_string().replace("tls.certificate", "--client-certificate");
            anyhow!(named.replace("tls.key", "--client-key"))
        })?;
        let chain = certificates(certificate).context("--client-certificate")?;
        let key = private_key(key).context("--client-key")?;
        Ok(Some(ClientCert::new_with_certs(&chain, key)))
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>> {
    let pem = read(file)?;
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let found: Vec<_> = items.collect();
    if found.is_empty() {
        bail!("{} holds no certificate in PEM", file.display());
    }
    Ok(found)
}

fn private_key(file: &Path) -> Result<PrivateKey<'static>> {
    let key = PrivateKey::from_pem(&read(file)?);
    key.map_err(|error| anyhow!("{} holds no private key in PEM without a password: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_used_are_named_with_their_flag() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("text"), "no PEM")?;
        let pair = |name: &str| -> Result<()> {
            let key = rcgen::KeyPair::generate()?;
            let certificate = rcgen::CertificateParams::new(vec![name.to_owned()])?.self_signed(&key)?;
            std::fs::write(path(&format!("{name}.pem")), certificate.pem())?;
            Ok(std::fs::write(path(&format!("{name}.key")), key.serialize_pem())?)
        };
        pair("one")?;
        pair("other")?;
        let with = |ca: Option<&str>, shown: Option<(&str, &str)>| ClientTlsFlags {
            ca_certificate: ca.map(path),
            client_certificate: shown.map(|(certificate, _)| path(certificate)),
            client_key: shown.map(|(_, key)| path(key)),
        };
        for (flags, words) in [
            (with(Some("absent"), None), "--ca-certificate: "),
            (with(Some("text"), None), "holds no certificate in PEM"),
            (with(None, Some(("text", "one.key"))), "--client-certificate: "),
            (with(None, Some(("one.pem", "text"))), "--client-key: "),
            (with(None, Some(("one.pem", "other.key"))), "--client-key: the key is not that of the first certificate"),
        ] {
            for refused in [flags.verified(None), flags.on_this_machine()] {
                let error = format!("{:#}", refused.expect_err(words));
                assert!(error.contains(words) && !error.contains("tls."), "{error}");
            }
        }
        let right = with(Some("one.pem"), Some(("one.pem", "one.key")));
        assert!(right.verified(None)?.client_cert().is_some() && !right.on_this_machine()?.disable_verification());
        assert!(with(None, None).on_this_machine()?.disable_verification());
        assert!(!with(None, None).verified(Some(&path("one.pem")))?.disable_verification());
        Ok(())
    }
}

//! TLS of the listener: certificate and key from files, exchanged while connections go on.

use parking_lot::RwLock;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{CertificateError, RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;

/// The end of the year 9999 in seconds since the Unix epoch, at which every certificate with an end has expired.
const LAST_SECOND: u64 = 253_402_300_799;
/// Bytes of a file with certificates or a key.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The oldest version of the protocol that a client may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2 and newer.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    fn and_newer(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Tls12 => vec![&version::TLS12, &version::TLS13],
            Self::Tls13 => vec![&version::TLS13],
        }
    }
}

/// The files and rules of a listener with TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// PEM: the server's certificate, then those that lead to an authority.
    pub certificate: PathBuf,
    /// PEM: the private key of the certificate.
    pub key: PathBuf,
    /// PEM: authorities, one of which must have signed a client's certificate; without it clients need none.
    pub client_ca: Option<PathBuf>,
    /// The oldest version that is spoken.
    pub minimum_version: TlsVersion,
}

/// Why the files of [`TlsConfig`] cannot be used, naming the setting and the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// The bytes of the files.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// TLS with the newest usable files.
pub struct Tls {
    config: RwLock<TlsConfig>,
    current: RwLock<TlsAcceptor>,
    /// When the certificate in use expires, in seconds since the Unix epoch.
    expires_s: RwLock<Option<i64>>,
    /// The files that were tried last, whether they could be used or not.
    tried: RwLock<Files>,
}

impl Tls {
    /// Reads the files. Errors when one of them cannot be used, or when the key is not the certificate's.
    pub fn open(config: TlsConfig) -> Result<Self, TlsError> {
        let files = Files::read(&config)?;
        let current = RwLock::new(files.acceptor(&config)?);
        let expires_s = RwLock::new(files.expires_s());
        Ok(Self { config: RwLock::new(config), current, expires_s, tried: RwLock::new(files) })
    }

    /// When the certificate in use expires, in seconds since the Unix epoch; `None` where it cannot be told.
    pub fn expires_s(&self) -> Option<i64> {
        *self.expires_s.read()
    }

    /// The acceptor of the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.current.read().clone()
    }

    /// Takes the files, the rules and the certificate of another one; connections that are open keep theirs.
    pub fn replace(&self, new: Self) {
        let Self { config, current, expires_s, tried } = new;
        *self.expires_s.write() = expires_s.into_inner();
        *self.tried.write() = tried.into_inner();
        *self.config.write() = config.into_inner();
        *self.current.write() = current.into_inner();
    }

    /// Takes the files if they have changed since they were looked at last; connections that are open keep theirs. Whether they
    /// have changed. Errors when the new ones cannot be used; the former certificate goes on then.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let config = self.config.read().clone();
        let files = Files::read(&config)?;
        if *self.tried.read() == files {
            return Ok(false);
        }
        let made = files.acceptor(&config);
        let expires_s = files.expires_s();
        *self.tried.write() = files;
        *self.current.write() = made?;
        *self.expires_s.write() = expires_s;
        Ok(true)
    }

    /// Looks for changed files again and again, and says in the log what became of them.
    pub async fn keep_fresh(&self, pause: Duration) {
        let mut told = None;
        loop {
            tokio::time::sleep(pause).await;
            match self.reload() {
                Ok(true) => {
                    tracing::info!(certificate = %self.config.read().certificate.display(), "a new certificate is used")
                }
                Ok(false) => {}
                Err(error) => {
                    if told.as_ref() != Some(&error) {
                        tracing::error!(%error, "the new certificate cannot be used, the former one goes on");
                    }
                    told = Some(error);
                    continue;
                }
            }
            told = None;
        }
    }
}

impl Files {
    fn read(config: &TlsConfig) -> Result<Self, TlsError> {
        let client_ca = config.client_ca.as_deref().map(|path| read("tls.client_ca", path)).transpose()?;
        Ok(Self {
            certificate: read("tls.certificate", &config.certificate)?,
            key: read("tls.key", &config.key)?,
            client_ca,
        })
    }

    /// When the first certificate expires, in seconds since the Unix epoch.
    fn expires_s(&self) -> Option<i64> {
        let first = CertificateDer::pem_slice_iter(&self.certificate).next()?.ok()?;
        // As its own authority, so that nothing but its time can be wrong, at the last moment that a certificate can name.
        let mut roots = RootCertStore::empty();
        roots.add(first.clone()).ok()?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
        let name = ServerName::try_from("localhost").ok()?;
        let last = UnixTime::since_unix_epoch(Duration::from_secs(LAST_SECOND));
        match verifier.verify_server_cert(&first, &[], &name, &[], last) {
            Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
                i64::try_from(not_after.as_secs()).ok()
            }
            _ => None,
        }
    }

    fn acceptor(&self, config: &TlsConfig) -> Result<TlsAcceptor, TlsError> {
        let chain = certificates("tls.certificate", &config.certificate, &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| {
            TlsError(format!(
                "tls.key: {} holds no private key in PEM without a password: {error}",
                config.key.display()
            ))
        })?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&config.minimum_version.and_newer())
            .map_err(|error| TlsError(format!("tls.minimum_version: {error}")))?;
        let builder = match (&config.client_ca, &self.client_ca) {
            (Some(path), Some(pem)) => builder.with_client_cert_verifier(verifier(path, pem, provider)?),
            _ => builder.with_no_client_auth(),
        };
        let mut server = builder.with_single_cert(chain, key).map_err(|error| {
            let files = format!("{} and {}", config.certificate.display(), config.key.display());
            match error {
                rustls::Error::InconsistentKeys(_) => {
                    TlsError(format!("tls.key: the key is not that of the first certificate ({files})"))
                }
                error => TlsError(format!("tls.certificate, tls.key: {files} cannot be used: {error}")),
            }
        })?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(server)))
    }
}

fn read(setting: &str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let refuse = |rule: String| TlsError(format!("{setting}: {} {rule}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| refuse(format!("cannot be read: {error}")))?.len();
    if length > FILE_BYTES_MAX {
        return Err(refuse(format!("has {length} bytes, more than {FILE_BYTES_MAX}")));
    }
    std::fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))
}

fn certificates(setting: &str, path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(TlsError(format!("{setting}: {} holds no certificate in PEM", path.display()))),
        Err(error) => Err(TlsError(format!("{setting}: {} holds no certificate in PEM: {error}", path.display()))),
    }
}

fn verifier(path: &Path, pem: &[u8], provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let refuse = |error: String| TlsError(format!("tls.client_ca: {} cannot be used: {error}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in certificates("tls.client_ca", path, pem)? {
        roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier.map_err(|error| refuse(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    fn pair() -> (String, String) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        (cert.pem(), signing_key.serialize_pem())
    }

    #[test]
    fn files_that_cannot_be_used_are_named_with_their_setting() {
        let dir = tempfile::tempdir().expect("a directory");
        let ((cert, key), (_, other_key)) = (pair(), pair());
        let good = TlsConfig {
            certificate: write(dir.path(), "cert.pem", &cert),
            key: write(dir.path(), "key.pem", &key),
            client_ca: None,
            minimum_version: TlsVersion::Tls12,
        };
        let other_key = write(dir.path(), "other.pem", &other_key);
        let empty = write(dir.path(), "empty.pem", "");
        let broken = write(dir.path(), "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        let large = write(dir.path(), "large.pem", &"x".repeat((1 << 20) + 1));
        assert!(Tls::open(good.clone()).is_ok());
        for (config, words) in [
            (TlsConfig { key: other_key, ..good.clone() }, "tls.key: the key is not that of the first certificate"),
            (TlsConfig { certificate: dir.path().join("absent"), ..good.clone() }, "cannot be read"),
            (TlsConfig { certificate: empty.clone(), ..good.clone() }, "tls.certificate: "),
            (TlsConfig { certificate: broken, ..good.clone() }, "cannot be used"),
            (TlsConfig { certificate: large, ..good.clone() }, "more than 1048576"),
            (TlsConfig { key: empty.clone(), ..good.clone() }, "holds no private key in PEM"),
            (TlsConfig { client_ca: Some(empty), ..good.clone() }, "tls.client_ca: "),
        ] {
            let error = Tls::open(config).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(words), "{words}: {error}");
        }
    }

    #[test]
    fn changed_files_are_taken_when_they_fit_together() {
        let dir = tempfile::tempdir().expect("a directory");
        let (cert, key) = pair();
        let config = TlsConfig {
            certificate: write(dir.path(), "cert.pem", &cert),
            key: write(dir.path(), "key.pem", &key),
            client_ca: None,
            minimum_version: TlsVersion::Tls13,
        };
        let tls = Tls::open(config).expect("usable");
        let used = || Arc::as_ptr(tls.acceptor().config());
        let first = used();
        assert_eq!(tls.reload(), Ok(false));
        assert_eq!(tls.expires_s(), Some(67_090_118_400), "the year 4096, as rcgen has it");
        let (cert, key) = pair();
        write(dir.path(), "cert.pem", &cert);
        assert!(tls.reload().expect_err("the key is the old one").to_string().contains("tls.key"));
        assert_eq!((tls.reload(), used()), (Ok(false), first), "it is said once, and the former one goes on");
        write(dir.path(), "key.pem", &key);
        assert_eq!(tls.reload(), Ok(true));
        assert_ne!(used(), first);
        let (cert, key) = pair();
        let elsewhere = TlsConfig {
            certificate: write(dir.path(), "other-cert.pem", &cert),
            key: write(dir.path(), "other-key.pem", &key),
            client_ca: None,
            minimum_version: TlsVersion::Tls12,
        };
        let before = used();
        tls.replace(Tls::open(elsewhere).expect("usable"));
        assert_ne!(used(), before);
        assert_eq!(tls.reload(), Ok(false), "the other files are looked at now");
        std::fs::remove_file(dir.path().join("other-key.pem")).expect("removed");
        let second = used();
        assert!(tls.reload().is_err() && used() == second);
    }
}

//! Secrets from files: `TASTEMAKER_..._FILE` variables, and the credentials directory of systemd.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The variable with the directory of the credentials that systemd gives to a service.
pub const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// The end of variables that name the file of a secret.
pub const FILE_SUFFIX: &str = "_FILE";
/// Bytes of a file with one secret.
const BYTES_MAX: u64 = 64 << 10;

/// The places where one secret may stand, of which at most one may be used.
#[derive(Debug)]
pub struct SecretPlaces {
    /// The variable with the secret itself.
    pub variable: String,
    /// The value of that variable.
    pub value: Option<String>,
    /// The path in the variable that names a file.
    pub file: Option<PathBuf>,
    /// The file of the credentials directory, where there is one.
    pub credential: Option<PathBuf>,
}

/// A secret and the place where it was found.
#[derive(Debug, PartialEq, Eq)]
pub enum FoundSecret {
    /// In the variable.
    Value(String),
    /// In the file that a variable names.
    File(PathBuf, String),
    /// In the credentials directory.
    Credential(PathBuf, String),
}

impl FoundSecret {
    /// The secret, wherever it was found.
    pub fn into_text(self) -> String {
        match self {
            Self::Value(text) | Self::File(_, text) | Self::Credential(_, text) => text,
        }
    }
}

impl SecretPlaces {
    /// The places of a secret in the environment of this process. `credential` is its name in the credentials directory.
    pub fn of_process(variable: &str, credential: &str) -> Self {
        let directory = std::env::var_os(CREDENTIALS_VARIABLE).map(PathBuf::from);
        Self {
            variable: variable.to_owned(),
            value: std::env::var(variable).ok(),
            file: std::env::var_os(format!("{variable}{FILE_SUFFIX}")).map(PathBuf::from),
            credential: directory.map(|directory| directory.join(credential)).filter(|path| path.exists()),
        }
    }

    /// The secret, where there is one. Refuses two places at once, and files that cannot be read or are empty.
    pub fn find(self) -> Result<Option<FoundSecret>> {
        let Self { variable, value, file, credential } = self;
        let mut given = Vec::new();
        given.extend(value.as_ref().map(|_| format!("the variable {variable}")));
        given.extend(file.as_ref().map(|_| format!("the variable {variable}{FILE_SUFFIX}")));
        given.extend(credential.as_ref().map(|path| format!("the credential {}", path.display())));
        if given.len() > 1 {
            bail!("the same secret is given by {}: keep one of them", given.join(" and by "));
        }
        Ok(match (value, file, credential) {
            (Some(value), ..) => Some(FoundSecret::Value(value)),
            (_, Some(path), _) => {
                let text = read(&path).with_context(|| format!("the variable {variable}{FILE_SUFFIX}"))?;
                Some(FoundSecret::File(path, text))
            }
            (_, _, Some(path)) => {
                let text = read(&path)?;
                Some(FoundSecret::Credential(path, text))
            }
            _ => None,
        })
    }
}

/// The text of a file without the line ends behind it.
pub fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text));
    let bytes = opened.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes as u64 > BYTES_MAX {
        bail!("{} has more than {BYTES_MAX} bytes, which is no secret", path.display());
    }
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.trim().is_empty() {
        bail!("{} is empty", path.display());
    }
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_used_and_two_are_refused() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("secret");
        std::fs::write(&path, "s3cret \r\n\n")?;
        let places = |value: Option<&str>, file: bool, credential: bool| SecretPlaces {
            variable: "TASTEMAKER_X".into(),
            value: value.map(str::to_owned),
            file: file.then(|| path.clone()),
            credential: credential.then(|| path.clone()),
        };
        assert_eq!(places(None, false, false).find()?, None);
        assert_eq!(places(Some("v"), false, false).find()?, Some(FoundSecret::Value("v".into())));
        let text = "s3cret ".to_owned();
        assert_eq!(places(None, true, false).find()?, Some(FoundSecret::File(path.clone(), text.clone())));
        assert_eq!(places(None, false, true).find()?, Some(FoundSecret::Credential(path.clone(), text)));
        for (value, file, credential, words) in [
            (Some("hidden"), true, false, "the variable TASTEMAKER_X and by the variable TASTEMAKER_X_FILE"),
            (Some("hidden"), false, true, "the variable TASTEMAKER_X and by the credential "),
            (None, true, true, "the variable TASTEMAKER_X_FILE and by the credential "),
        ] {
            let refused = format!("{:#}", places(value, file, credential).find().expect_err(words));
            assert!(refused.contains(words) && !refused.contains("hidden"), "{refused}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
        Ok(())
    }

    #[test]
    fn files_that_hold_no_secret_are_named() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes);
        write("empty", b"\n \n")?;
        write("long", &vec![b'x'; 70_000])?;
        write("binary", &[0xff, 0xfe])?;
        for (name, words) in
            [("empty", "is empty"), ("long", "65536 bytes"), ("binary", "cannot read"), ("absent", "cannot read")]
        {
            let path = dir.path().join(name);
            let error = format!("{:#}", read(&path).expect_err(name));
            assert!(error.contains(words) && error.contains(&path.display().to_string()), "{error}");
        }
        Ok(())
    }
}

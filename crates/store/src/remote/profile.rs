//! Keys from a file of profiles as the AWS CLI has it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use configparser::ini::Ini;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use parking_lot::Mutex;

use super::failure::NAME;
use super::settings::RemoteSettings;
use crate::{Error, Result};

/// The time after which the file is read again, so that keys can be exchanged without a restart.
const READ_AGAIN: Duration = Duration::from_secs(60);

/// The file of profiles that the settings or the environment name.
fn credentials_file(settings: &RemoteSettings) -> Result<PathBuf> {
    let named = settings.credentials_file.clone().or_else(|| of_variable("AWS_SHARED_CREDENTIALS_FILE"));
    named.map_or_else(|| in_home("credentials"), Ok)
}

fn of_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn in_home(name: &str) -> Result<PathBuf> {
    let home = of_variable("HOME").ok_or_else(|| Error::backend(NAME, "a profile needs credentials_file, or HOME"))?;
    Ok(home.join(".aws").join(name))
}

fn name(settings: &RemoteSettings) -> &str {
    settings.profile.as_deref().unwrap_or("default")
}

/// The region of the profile in the AWS CLI's configuration, if it has one there.
pub(super) fn region(settings: &RemoteSettings) -> Option<String> {
    let file = of_variable("AWS_CONFIG_FILE").or_else(|| in_home("config").ok())?;
    let ini = read(&file).ok()?;
    let section = match name(settings) {
        "default" => "default".to_owned(),
        other => format!("profile {other}"),
    };
    ini.get(&section, "region").filter(|region| !region.is_empty())
}

/// The keys of a profile, read again from time to time.
#[derive(Debug)]
pub(super) struct ProfileKeys {
    file: PathBuf,
    profile: String,
    read: Mutex<Option<(Instant, Arc<AwsCredential>)>>,
}

impl ProfileKeys {
    /// Reads the keys, which must be there.
    pub(super) fn open(settings: &RemoteSettings) -> Result<Self> {
        let keys =
            Self { file: credentials_file(settings)?, profile: name(settings).to_owned(), read: Mutex::default() };
        keys.current()?;
        Ok(keys)
    }

    fn current(&self) -> Result<Arc<AwsCredential>> {
        let mut read = self.read.lock();
        if let Some((at, keys)) = &*read
            && at.elapsed() < READ_AGAIN
        {
            return Ok(keys.clone());
        }
        let keys = Arc::new(keys_of(&self.file, &self.profile)?);
        *read = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }
}

fn read(file: &Path) -> Result<Ini, String> {
    // Only whole lines are comments: a secret may have any characters.
    let mut ini = Ini::new_cs();
    ini.set_inline_comment_symbols(Some(&[]));
    ini.load(file)?;
    Ok(ini)
}

fn keys_of(file: &Path, profile: &str) -> Result<AwsCredential> {
    let wrong = |what: String| Error::backend(NAME, format!("{}: {what}", file.display()));
    let ini = read(file).map_err(wrong)?;
    if !ini.sections().iter().any(|section| section == profile) {
        return Err(wrong(format!("there is no profile [{profile}]")));
    }
    let value = |key: &str| ini.get(profile, key).filter(|value| !value.is_empty());
    let needed = |key: &str| value(key).ok_or_else(|| wrong(format!("the profile [{profile}] has no {key}")));
    Ok(AwsCredential {
        key_id: needed("aws_access_key_id")?,
        secret_key: needed("aws_secret_access_key")?,
        token: value("aws_session_token"),
    })
}

#[async_trait]
impl CredentialProvider for ProfileKeys {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.current().map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(file: &Path, profile: Option<&str>) -> RemoteSettings {
        RemoteSettings {
            credentials_file: Some(file.to_owned()),
            profile: profile.map(str::to_owned),
            ..RemoteSettings::default()
        }
    }

    #[tokio::test]
    async fn keys_are_those_of_the_profile() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("credentials");
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key = s/e+c=\n\n[shop]\naws_access_key_id=B\n\
                    aws_secret_access_key=t\naws_session_token=u==\n[half]\naws_access_key_id=C\n";
        std::fs::write(&file, text).expect("write");
        let found = async |profile| {
            let keys = ProfileKeys::open(&settings(&file, profile))?;
            let keys = keys.get_credential().await.map_err(|error| Error::backend(NAME, error))?;
            Ok::<_, Error>((keys.key_id.clone(), keys.secret_key.clone(), keys.token.clone()))
        };
        assert_eq!(found(None).await.expect("keys"), ("A".into(), "s/e+c=".into(), None));
        assert_eq!(found(Some("shop")).await.expect("keys"), ("B".into(), "t".into(), Some("u==".into())));
        for (profile, words) in [("half", "has no aws_secret_access_key"), ("other", "no profile [other]")] {
            let refused = found(Some(profile)).await.expect_err(profile).to_string();
            assert!(refused.contains(words) && refused.contains("credentials"), "{refused}");
        }
        let absent = ProfileKeys::open(&settings(&folder.path().join("absent"), None)).expect_err("no file");
        assert!(absent.to_string().contains("absent"), "{absent}");
    }
}

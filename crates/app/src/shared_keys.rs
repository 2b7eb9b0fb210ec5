//! The keys of processes that share their storage: made by the first of them, kept in the records, and copied into the data
//! directory of each for the commands that look for them there.

use crate::auth_config::FirstKey;
use crate::data_dir::{Credentials, DataDir};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tastemaker_console::secrets::Secrets;
use tastemaker_store::{Error, Precondition, Records, RecordsExt, put_json};

/// The key of the record.
const KEY: &str = "shared-keys";

/// The keys with which every process signs and verifies.
#[derive(Serialize, Deserialize)]
struct SharedKeys {
    credentials: Credentials,
    /// The secret behind logins to the console, in hexadecimal.
    console_secret: String,
}

/// The keys that all processes have; those of this data directory when it is the first, which begins with the first access key where
/// one is given.
pub async fn load_or_create(
    records: &dyn Records,
    directory: &Path,
    data: &DataDir,
    first: Option<&FirstKey>,
) -> Result<(Credentials, Secrets)> {
    let found = match records.get_json::<SharedKeys>(KEY).await? {
        Some((_, found)) => found,
        None => {
            let credentials = Credentials::load_or_create(directory, first)?;
            let console_secret = hex::encode(data.console_secrets()?.as_bytes());
            let write = put_json(KEY, &SharedKeys { credentials, console_secret })?;
            match records.commit(vec![Precondition::Absent(KEY.to_owned())], vec![write]).await {
                Ok(()) | Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error).context("the keys that all processes share cannot be kept"),
            }
            records.require_json::<SharedKeys>(KEY).await?.1
        }
    };
    let damaged = "the record of the keys that all processes share is damaged";
    let secret = hex::decode(&found.console_secret).context(damaged)?;
    let secrets = Secrets::of(secret).context(damaged)?;
    found.credentials.replace(directory)?;
    data.replace_console_secrets(secrets.as_bytes())?;
    Ok((found.credentials, secrets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::MemoryRecords;

    #[tokio::test]
    async fn the_keys_of_the_first_are_everybodys() -> Result<()> {
        let records = MemoryRecords::new();
        let (one, two) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let own = Credentials::load_or_create(one.path(), None)?;
        let data = DataDir::open(one.path())?;
        let first = load_or_create(&records, one.path(), &data, None).await?;
        assert_eq!(first.0, own);
        // One that has others already takes the common ones.
        assert_ne!(Credentials::load_or_create(two.path(), None)?, own);
        let data = DataDir::open(two.path())?;
        data.console_secrets()?;
        let second = load_or_create(&records, two.path(), &data, None).await?;
        assert!(second == first);
        assert_eq!(Credentials::existing(two.path())?, Some(own));
        assert!(DataDir::existing_console_secrets(two.path())? == Some(first.1));
        Ok(())
    }
}

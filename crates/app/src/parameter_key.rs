//! The key of SecureString parameters: a file of the data directory, or a record where several processes share their storage.

use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tastemaker_service::ParameterKey;
use tastemaker_store::{Error, Precondition, Records, RecordsExt, put_json};

/// The key of the record.
const KEY: &str = "parameter-key";

#[derive(Serialize, Deserialize)]
struct SharedKey {
    /// In hexadecimal.
    key: String,
}

/// The key of this data directory, or the one that all processes share; made on first use.
pub async fn load_or_create(records: &dyn Records, data: &DataDir, shares: bool) -> Result<ParameterKey> {
    if !shares {
        return data.parameter_key();
    }
    let found = match records.get_json::<SharedKey>(KEY).await? {
        Some((_, found)) => found,
        None => {
            let write = put_json(KEY, &SharedKey { key: hex::encode(ParameterKey::random().bytes()) })?;
            match records.commit(vec![Precondition::Absent(KEY.to_owned())], vec![write]).await {
                Ok(()) | Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error).context("the key of SecureString parameters cannot be kept"),
            }
            records.require_json::<SharedKey>(KEY).await?.1
        }
    };
    let bytes = hex::decode(&found.key).ok();
    bytes
        .and_then(|bytes| ParameterKey::of(&bytes))
        .context("the record of the key of SecureString parameters is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::MemoryRecords;

    #[tokio::test]
    async fn a_directory_has_its_own_and_processes_share_one() -> Result<()> {
        let (one, two) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let (records, first, second) = (MemoryRecords::new(), DataDir::open(one.path())?, DataDir::open(two.path())?);
        let own = load_or_create(&records, &first, false).await?;
        assert!(own == load_or_create(&records, &first, false).await?);
        assert!(own != load_or_create(&records, &second, false).await?);
        let shared = load_or_create(&records, &first, true).await?;
        assert!(shared == load_or_create(&records, &second, true).await? && shared != own);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(one.path().join("parameters.key"))?.permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(one.path().join("parameters.key"), "short")?;
        let error = load_or_create(&records, &first, false).await.expect_err("damaged").to_string();
        assert!(error.contains("parameters.key is damaged"), "{error}");
        Ok(())
    }
}

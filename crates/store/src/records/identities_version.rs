//! The record that every change of users, keys, roles and policies writes, so that one look tells whether anything has changed.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};

const KEY: &str = "iam-version";

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct IdentitiesVersionV1 {
    v: One,
}

/// A write that is to be part of every change of users, keys, roles and policies.
pub fn put_identities_version() -> Result<Write> {
    put_json(KEY, &IdentitiesVersionV1 { v: One })
}

/// A number that grows with every change; 0 before the first.
pub async fn load_identities_version(records: &dyn Records) -> Result<u64> {
    Ok(records.get_json::<IdentitiesVersionV1>(KEY).await?.map_or(0, |(version, _)| version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    #[tokio::test]
    async fn every_change_makes_it_grow() -> Result<()> {
        let records = MemoryRecords::new();
        let mut versions = vec![load_identities_version(&records).await?];
        for _ in 0..3 {
            records.commit(Vec::new(), vec![put_identities_version()?]).await?;
            versions.push(load_identities_version(&records).await?);
        }
        assert!(versions[0] == 0 && versions.is_sorted_by(|a, b| a < b), "{versions:?}");
        Ok(())
    }
}

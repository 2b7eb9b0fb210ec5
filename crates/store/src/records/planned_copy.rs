//! Copies of files that the console makes before imports, while they are not over, at `planned-copy/<id>`.

use super::codec::One;
use crate::{Records, RecordsExt, Result, Write, put_json};
use serde::{Deserialize, Serialize};

/// The first segment of the keys.
const PLANNED: &str = "planned-copy/";

/// Format version 1.
#[derive(Serialize, Deserialize)]
struct PlannedCopyV1 {
    v: One,
    /// What is to be copied and imported, in the console's own JSON.
    plan: String,
}

/// A write of a plan.
pub fn put_planned_copy(id: &str, plan: &str) -> Result<Write> {
    put_json(format!("{PLANNED}{id}"), &PlannedCopyV1 { v: One, plan: plan.to_owned() })
}

/// A write that forgets a plan.
pub fn delete_planned_copy(id: &str) -> Write {
    Write::Delete { key: format!("{PLANNED}{id}") }
}

/// The plans that are not over, with their ids.
pub async fn load_planned_copies(records: &dyn Records) -> Result<Vec<(String, String)>> {
    let all = records.scan_all_json::<PlannedCopyV1>(PLANNED).await?;
    Ok(all.into_iter().map(|(key, _, found)| (key.trim_start_matches(PLANNED).to_owned(), found.plan)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryRecords;

    const PLANNED_COPY: &str = include_str!("../../tests/records/v1/planned-copy.json");

    #[tokio::test]
    async fn plans_are_read_written_again_and_forgotten() {
        let records = MemoryRecords::new();
        let put = Write::Put { key: "planned-copy/one".to_owned(), value: PLANNED_COPY.trim_end().to_owned().into() };
        records.commit(vec![], vec![put.clone()]).await.expect("committed");
        let found = load_planned_copies(&records).await.expect("read");
        assert_eq!(found[0].0, "one");
        assert_eq!(put_planned_copy("one", &found[0].1).expect("written"), put);
        records.commit(vec![], vec![delete_planned_copy("one")]).await.expect("committed");
        assert!(load_planned_copies(&records).await.expect("read").is_empty());
    }
}

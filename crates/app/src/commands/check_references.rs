//! References between records, and from records to blobs: each must lead to something that is there.

use std::collections::{BTreeSet, HashSet};
use tastemaker_domain::resource::{
    Campaign, Dataset, DatasetGroup, EventTracker, Filter, Recommender, SchemaResource, Solution, SolutionVersion,
};
use tastemaker_store::records::{self, Record};
use tastemaker_store::{Error, Records, RecordsExt, objects};

/// Every reference that leads nowhere. `blobs` are the keys of all blobs that are there. Values that cannot be read are passed over.
pub async fn broken(records: &dyn Records, blobs: &HashSet<String>) -> Result<Vec<String>, Error> {
    let mut looking = Looking { records, known: HashSet::new(), broken: Vec::new() };
    looking.learn::<DatasetGroup>().await?;
    looking.learn::<SchemaResource>().await?;
    looking.learn::<Dataset>().await?;
    looking.learn::<Solution>().await?;
    looking.learn::<SolutionVersion>().await?;
    looking.learn::<Recommender>().await?;
    let folders: BTreeSet<&str> = blobs.iter().filter_map(|key| Some(key.rsplit_once('/')?.0)).collect();

    for (_, dataset) in records::list::<Dataset>(records).await? {
        let from = records::key::<Dataset>(&dataset.arn);
        looking.leads::<DatasetGroup>(&from, &dataset.dataset_group_arn);
        looking.leads::<SchemaResource>(&from, &dataset.schema_arn);
        for file in dataset.bulk_files.iter().filter(|file| !blobs.contains(*file)) {
            looking.broken.push(format!("{from} names the blob {file}, which is not there"));
        }
    }
    for (_, version) in records::list::<SolutionVersion>(records).await? {
        let from = records::key::<SolutionVersion>(&version.arn);
        looking.leads::<DatasetGroup>(&from, &version.dataset_group_arn);
        if !looking.known.contains(&records::key::<Recommender>(&version.solution_arn)) {
            looking.leads::<Solution>(&from, &version.solution_arn);
        }
        if let Some(folder) = version.artifact_key.as_deref().filter(|folder| !folders.contains(folder)) {
            looking.broken.push(format!("{from} names the model {folder}, which is not there"));
        }
    }
    for (_, campaign) in records::list::<Campaign>(records).await? {
        looking.leads::<SolutionVersion>(&records::key::<Campaign>(&campaign.arn), &campaign.solution_version_arn);
    }
    for (_, recommender) in records::list::<Recommender>(records).await? {
        let from = records::key::<Recommender>(&recommender.arn);
        looking.leads::<DatasetGroup>(&from, &recommender.dataset_group_arn);
        if let Some(model) = &recommender.model_arn {
            looking.leads::<SolutionVersion>(&from, model);
        }
    }
    looking.in_group::<Solution>(|solution| solution.dataset_group_arn).await?;
    looking.in_group::<EventTracker>(|tracker| tracker.dataset_group_arn).await?;
    looking.in_group::<Filter>(|filter| filter.dataset_group_arn).await?;

    let prefix = objects::object_record_key("", "");
    let prefix = prefix.trim_end_matches('/');
    for (key, found) in records.scan_all(&format!("{prefix}/")).await? {
        let Ok(object) = objects::decode(&key, &found.value) else { continue };
        if !blobs.contains(&object.blob) {
            looking.broken.push(format!("{key} names the blob {}, which is not there", object.blob));
        }
    }
    Ok(looking.broken)
}

struct Looking<'a> {
    records: &'a dyn Records,
    /// The keys of records that others may name.
    known: HashSet<String>,
    broken: Vec<String>,
}

impl Looking<'_> {
    /// Also records that cannot be read are there.
    async fn learn<R: Record>(&mut self) -> Result<(), Error> {
        let found = self.records.scan_all(&records::key::<R>("")).await?;
        self.known.extend(found.into_iter().map(|(key, _)| key));
        Ok(())
    }

    fn leads<R: Record>(&mut self, from: &str, to: &str) {
        let to = records::key::<R>(to);
        if !self.known.contains(&to) {
            self.broken.push(format!("{from} names {to}, which is not there"));
        }
    }

    async fn in_group<R: Record>(&mut self, named: impl Fn(R) -> String) -> Result<(), Error> {
        for (_, record) in records::list::<R>(self.records).await? {
            let from = records::key::<R>(record.id());
            self.leads::<DatasetGroup>(&from, &named(record));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::{MemoryRecords, Write};

    macro_rules! golden {
        ($name:literal) => {
            include_str!(concat!("../../../store/tests/records/v1/", $name, ".json")).trim_end()
        };
    }

    const OF: &str = "arn:aws:personalize:eu-west-1:123456789012:";

    fn write(key: &str, value: &str) -> Write {
        Write::Put { key: key.to_owned(), value: value.to_owned().into() }
    }

    #[tokio::test]
    async fn every_reference_that_leads_nowhere_is_named() -> Result<(), Error> {
        let records = MemoryRecords::new();
        let arn = |kind: &str, name: &str| format!("{kind}/{OF}{name}");
        let dataset: Dataset = records::decode("k", golden!("dataset").as_bytes())?;
        let version: SolutionVersion = records::decode("k", golden!("solution-version").as_bytes())?;
        let object = r#"{"format":1,"key":"k","size_bytes":1,"etag":"e","last_modified_ms":1,"blob":"s3/1"}"#;
        let all = [
            write(&arn("dataset-group", "dataset-group/shop"), golden!("dataset-group")),
            write(&arn("schema", "schema/clicks"), golden!("schema")),
            write(&records::key::<Dataset>(&dataset.arn), golden!("dataset")),
            write(&records::key::<SolutionVersion>(&version.arn), golden!("solution-version")),
            write(&arn("solution", "solution/gru"), golden!("solution")),
            write(&arn("campaign", "campaign/web"), golden!("campaign")),
            write(&arn("filter", "filter/unseen"), golden!("filter")),
            write(&objects::object_record_key("b", "k"), object),
        ];
        records.commit(Vec::new(), all.to_vec()).await?;
        let model = version.artifact_key.clone().expect("a model");
        let blobs: HashSet<String> =
            dataset.bulk_files.iter().cloned().chain([format!("{model}/manifest.json"), "s3/1".to_owned()]).collect();
        assert_eq!(broken(&records, &blobs).await?, [""; 0]);

        for (lost, from, to) in [
            (dataset.bulk_files[0].as_str(), "dataset/", "names the blob bulk/a/0.parquet, which is not there"),
            (&format!("{model}/manifest.json"), "solution-version/", "names the model "),
            ("s3/1", "s3/object/b/k", "names the blob s3/1"),
        ] {
            let fewer = blobs.iter().filter(|key| *key != lost).cloned().collect();
            let found = broken(&records, &fewer).await?;
            assert!(found.len() == 1 && found[0].starts_with(from) && found[0].contains(to), "{lost}: {found:?}");
        }
        for (lost, from) in [
            (arn("schema", "schema/clicks"), "dataset/"),
            (arn("solution", "solution/gru"), "solution-version/"),
            (records::key::<SolutionVersion>(&version.arn), "campaign/"),
            (arn("dataset-group", "dataset-group/shop"), ""),
        ] {
            let put = all.iter().find(|write| write.key() == lost).expect("there");
            records.commit(Vec::new(), vec![Write::Delete { key: lost.clone() }]).await?;
            let found = broken(&records, &blobs).await?;
            let named = format!("names {lost}, which is not there");
            assert!(
                !found.is_empty() && found.iter().all(|one| one.starts_with(from) && one.ends_with(&named)),
                "{lost}: {found:?}"
            );
            records.commit(Vec::new(), vec![put.clone()]).await?;
        }
        Ok(())
    }
}

//! The refusal of data that a newer release has written to: this one would pass over what it cannot read.

use crate::storage::Storage;
use anyhow::{Result, bail};
use futures::TryStreamExt;
use serde::Deserialize;
use std::collections::BTreeSet;
use tastemaker_domain::resource::{Campaign, Dataset, DatasetGroup, Recommender, SolutionVersion};
use tastemaker_recipes::artifact;
use tastemaker_store::records::{self, FORMAT_NEWEST};
use tastemaker_store::{BlobsExt, Error, Events, RecordsExt};

/// The number of the format of a stored value.
#[derive(Deserialize)]
struct Tagged {
    /// Of records and entries of streams.
    v: Option<u64>,
    /// Of the manifests of models.
    format: Option<u64>,
}

/// The format of JSON that says one.
fn format(json: &[u8]) -> Option<u64> {
    let tagged: Tagged = serde_json::from_slice(json).ok()?;
    tagged.v.or(tagged.format)
}

/// Errors when a record, the last entry of a stream, or a model that is served is of a format which only a newer release reads.
/// Whatever is damaged is left to those who read it.
pub async fn refuse(storage: &Storage) -> Result<()> {
    let found = match newer_record(storage).await? {
        Some(found) => Some(found),
        None => match newer_event(storage).await? {
            Some(found) => Some(found),
            None => newer_model(storage).await?,
        },
    };
    let Some((what, format, newest)) = found else { return Ok(()) };
    bail!(
        "{what} has format {format}, and tastemaker {} reads formats up to {newest}: a newer release has written to this data. Start \
         that release or a later one, or put back a backup from before the upgrade",
        env!("CARGO_PKG_VERSION")
    )
}

/// A value, its format, and the newest format that is read.
type Newer = (String, u64, u64);

async fn newer_record(storage: &Storage) -> Result<Option<Newer>> {
    let mut pages = RecordsExt::pages(&*storage.stores.records, "");
    while let Some(page) = pages.try_next().await? {
        for (key, found) in page {
            if let Some(format) = format(&found.value).filter(|format| *format > FORMAT_NEWEST) {
                return Ok(Some((format!("the record {key}"), format, FORMAT_NEWEST)));
            }
        }
    }
    Ok(None)
}

async fn newer_event(storage: &Storage) -> Result<Option<Newer>> {
    let mut streams = Vec::new();
    for (_, group) in records::list::<DatasetGroup>(&*storage.stores.records).await? {
        streams.push(records::interactions_stream(&group.arn));
        streams.push(records::action_interactions_stream(&group.arn));
    }
    for (_, dataset) in records::list::<Dataset>(&*storage.stores.records).await? {
        streams.push(records::rows_stream(&dataset.arn));
    }
    for stream in streams {
        let Some((position, body)) = last(&*storage.stores.events, &stream).await? else { continue };
        if let Some(format) = format(&body).filter(|format| *format > FORMAT_NEWEST) {
            return Ok(Some((format!("{stream} at position {position}"), format, FORMAT_NEWEST)));
        }
    }
    Ok(None)
}

/// The last entry of a stream, found by about twice as many reads as its position has binary digits.
async fn last(events: &dyn Events, stream: &str) -> Result<Option<(u64, Vec<u8>)>, Error> {
    let Some(mut found) = events.read(stream, 0, 1).await?.pop() else { return Ok(None) };
    let mut step = 1_u64;
    // Nothing lies behind `end`.
    let mut end = loop {
        let after = found.position.saturating_add(step).min(i64::MAX as u64);
        match events.read(stream, after, 1).await?.pop() {
            Some(entry) => found = entry,
            None => break after,
        }
        step = step.saturating_mul(2);
    };
    while found.position < end {
        let middle = found.position + (end - found.position) / 2;
        match events.read(stream, middle, 1).await?.pop() {
            Some(entry) => found = entry,
            None => end = middle,
        }
    }
    Ok(Some((found.position, found.body.to_vec())))
}

/// Models of campaigns and recommenders; others are read when one of these takes them.
async fn newer_model(storage: &Storage) -> Result<Option<Newer>> {
    let mut served = BTreeSet::new();
    for (_, campaign) in records::list::<Campaign>(&*storage.stores.records).await? {
        served.insert(campaign.solution_version_arn);
    }
    for (_, recommender) in records::list::<Recommender>(&*storage.stores.records).await? {
        served.extend(recommender.model_arn);
    }
    let newest = u64::from(artifact::FORMAT);
    for arn in served {
        let version = match records::load::<SolutionVersion>(&*storage.stores.records, &arn).await {
            Ok(Some((_, version))) => version,
            Ok(None) | Err(Error::Corrupt(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let Some(key) = version.artifact_key else { continue };
        let manifest = storage.stores.blobs.read_all(&format!("{key}/{}", artifact::MANIFEST_FILE)).await;
        match manifest {
            Ok(bytes) => {
                if let Some(format) = format(&bytes).filter(|format| *format > newest) {
                    return Ok(Some((format!("the model of {arn}"), format, newest)));
                }
            }
            Err(Error::NotFound(_) | Error::Corrupt(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tastemaker_store::{MemoryEvents, NewEvent};

    #[tokio::test]
    async fn the_last_entry_of_a_stream_is_found() -> Result<()> {
        for count in [0_u64, 1, 2, 3, 7, 8, 9, 100, 129] {
            let events = MemoryEvents::new();
            for at in 0..count {
                let event = NewEvent { id: at.to_string(), body: at.to_string().into_bytes().into() };
                events.append("s", vec![event]).await?;
                events.append("other", vec![NewEvent { id: at.to_string(), body: "x".into() }]).await?;
            }
            let found = last(&events, "s").await?.map(|(_, body)| String::from_utf8_lossy(&body).into_owned());
            assert_eq!(found, count.checked_sub(1).map(|last| last.to_string()));
            if count > 3 {
                let positions = events.read("s", 0, 200).await?.iter().map(|event| event.position).collect::<Vec<_>>();
                events.remove("s", positions[1..positions.len() - 1].to_vec()).await?;
                let found = last(&events, "s").await?.map(|(_, body)| String::from_utf8_lossy(&body).into_owned());
                assert_eq!(found, Some((count - 1).to_string()), "with gaps");
            }
        }
        Ok(())
    }
}

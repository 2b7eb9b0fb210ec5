//! The files of `tests/records/v1` are what released versions wrote: they must read, and be written again, byte for byte.

use super::*;
use crate::{MemoryRecords, StoredEvent};
use tastemaker_domain::Status;
use tastemaker_domain::dataset_statistics::DatasetStatistics;
use tastemaker_domain::iam::{AccessKey, Policy, Role, User};
use tastemaker_domain::import_report::ImportReport;
use tastemaker_domain::parameter_store::Parameter;
use tastemaker_domain::resource::{
    BatchInferenceJob, BatchSegmentJob, Campaign, DataDeletionJob, Dataset, DatasetExportJob, DatasetGroup,
    DatasetImportJob, EventDataset, Filter, Job, MetricAttribution, Recommender, SchemaResource, Solution,
    SolutionVersion,
};
use tastemaker_domain::tags::Tags;
use tastemaker_domain::training_record::TrainingRecord;

macro_rules! golden {
    ($kind:literal) => {
        include_str!(concat!("../../tests/records/v1/", $kind, ".json")).trim_end()
    };
}

fn check<R: Record>(kind: &str, golden: &str) {
    assert_eq!(R::KIND, kind);
    let value: R = decode(kind, golden.as_bytes()).expect("a golden record reads");
    assert_eq!(String::from_utf8_lossy(&encode(&value).expect("a golden record is written")), golden, "{kind}");

    let newer = golden.replacen("\"v\":1", "\"v\":2", 1);
    for bad in [newer.as_str(), &golden[..golden.len() - 1], "{}", "", &golden.replacen("created_ms", "created", 9)] {
        match decode::<R>("some/key", bad.as_bytes()) {
            Err(Error::Corrupt(text)) => assert!(text.starts_with("some/key: "), "{text}"),
            _ => panic!("{kind} was read from {bad}"),
        }
    }
}

#[test]
fn resources_are_written_as_they_were_read() {
    check::<SchemaResource>("schema", golden!("schema"));
    check::<DatasetGroup>("dataset-group", golden!("dataset-group"));
    check::<Dataset>("dataset", golden!("dataset"));
    check::<Dataset>("dataset", golden!("dataset-of-actions"));
    check::<DatasetImportJob>("dataset-import-job", golden!("dataset-import-job"));
    check::<EventDataset>("event-dataset", golden!("event-dataset"));
    check::<EventTracker>("event-tracker", golden!("event-tracker"));
    check::<Filter>("filter", golden!("filter"));
    check::<Solution>("solution", golden!("solution"));
    check::<Solution>("solution", golden!("solution-updated"));
    check::<SolutionVersion>("solution-version", golden!("solution-version"));
    check::<SolutionVersion>("solution-version", golden!("solution-version-automatic"));
    check::<Solution>("solution", golden!("solution-tuned"));
    check::<SolutionVersion>("solution-version", golden!("solution-version-tuned"));
    check::<Recommender>("recommender", golden!("recommender"));
    check::<Campaign>("campaign", golden!("campaign"));
    check::<Job>("job", golden!("job"));
    check::<BatchInferenceJob>("batch-inference-job", golden!("batch-inference-job"));
    check::<BatchSegmentJob>("batch-segment-job", golden!("batch-segment-job"));
    check::<MetricAttribution>("metric-attribution", golden!("metric-attribution"));
    check::<User>("iam-user", golden!("iam-user"));
    check::<AccessKey>("iam-access-key", golden!("iam-access-key"));
    check::<Role>("iam-role", golden!("iam-role"));
    check::<Policy>("iam-policy", golden!("iam-policy"));
    check::<Parameter>("ssm-parameter", golden!("ssm-parameter"));
    check::<DatasetExportJob>("dataset-export-job", golden!("dataset-export-job"));
    check::<DataDeletionJob>("data-deletion-job", golden!("data-deletion-job"));
}

#[test]
fn what_was_found_out_about_data_is_written_as_it_was_read() {
    fn check_again<R: Record>(golden: &str) {
        let value: R = decode("some/key", golden.as_bytes()).expect("a golden record reads");
        assert_eq!(String::from_utf8_lossy(&encode(&value).expect("a golden record is written")), golden);
        let newer = golden.replacen("\"v\":1", "\"v\":2", 1);
        assert!(decode::<R>("some/key", newer.as_bytes()).is_err());
    }
    check_again::<DatasetStatistics>(golden!("dataset-statistics"));
    check_again::<ImportReport>(golden!("import-report"));
    check_again::<TrainingRecord>(golden!("training-record"));
}

#[test]
fn an_unknown_version_is_named() {
    let text = golden!("job").replacen("\"v\":1", "\"v\":7", 1);
    let error = decode::<Job>("job/x", text.as_bytes()).expect_err("a newer format");
    assert!(error.to_string().contains("format version 7 is not known"), "{error}");
}

#[test]
fn an_unknown_word_is_named() {
    let text = golden!("dataset-group").replacen("ACTIVE", "DELETED", 1);
    let error = decode::<DatasetGroup>("dataset-group/x", text.as_bytes()).expect_err("no such status");
    assert!(error.to_string().contains("unknown word \"DELETED\""), "{error}");
}

#[test]
fn events_are_written_as_they_were_read() {
    let golden = golden!("interaction-event");
    let stored = |body: &str| StoredEvent { position: 4, id: "e".into(), body: body.as_bytes().to_vec().into() };
    let event = decode_event("interactions/g", &stored(golden)).expect("a golden event reads");
    assert_eq!((event.event_id.as_str(), event.event_value), ("e", Some(3.7)));
    let again = encode_event(&event).expect("a golden event is written");
    assert_eq!(String::from_utf8_lossy(&again.body), golden);
    let written = StoredEvent { position: 4, id: again.id, body: again.body };
    assert_eq!(decode_event("interactions/g", &written).expect("what was written reads"), event);

    let arrival = decode_event_arrival("interactions/g", &written).expect("an arrival");
    assert_eq!((arrival.timestamp_s, arrival.received_ms), (1_700_000_000, None), "earlier builds do not say");
    let received = encode_received_event(&event, 1_750_000_000_000).expect("an event is written");
    assert_eq!(String::from_utf8_lossy(&received.body), golden!("interaction-event-received"));
    let received = StoredEvent { position: 5, id: received.id, body: received.body };
    assert_eq!(decode_event("interactions/g", &received).expect("what was written reads"), event);
    let arrival = decode_event_arrival("interactions/g", &received).expect("an arrival");
    assert_eq!((arrival.received_ms, arrival.event_type.as_str()), (Some(1_750_000_000_000), "View"));

    let error = decode_event("interactions/g", &stored("{\"v\":2}")).expect_err("a newer format");
    assert!(error.to_string().contains("interactions/g at position 4 (event e)"), "{error}");

    let mut infinite = event;
    infinite.event_value = Some(f32::INFINITY);
    assert!(encode_event(&infinite).is_err());
}

#[tokio::test]
async fn a_tracking_id_leads_to_its_tracker() {
    let tracker: EventTracker = decode("t", golden!("event-tracker").as_bytes()).expect("a golden record reads");
    let records = MemoryRecords::default();
    records.commit(vec![], vec![put_tracking_id(&tracker).expect("written")]).await.expect("committed");

    let found = records.get(&tracking_id_key(&tracker.tracking_id)).await.expect("read").expect("present");
    assert_eq!(String::from_utf8_lossy(&found.value), golden!("tracking-id"));
    assert_eq!(event_tracker_arn(&records, &tracker.tracking_id).await.expect("read"), Some(tracker.arn));
    assert_eq!(event_tracker_arn(&records, "another").await.expect("read"), None);
}

#[tokio::test]
async fn an_action_tracking_id_leads_to_its_dataset() {
    let records = MemoryRecords::default();
    records.commit(vec![], vec![put_action_tracking_id("id", "an-arn").expect("written")]).await.expect("committed");
    let found = records.get(&action_tracking_id_key("id")).await.expect("read").expect("present");
    assert_eq!(String::from_utf8_lossy(&found.value), golden!("action-tracking-id"));
    assert_eq!(action_dataset_arn(&records, "id").await.expect("read").as_deref(), Some("an-arn"));
    assert_eq!(action_dataset_arn(&records, "another").await.expect("read"), None);
}

#[tokio::test]
async fn deleted_resources_are_shown_for_a_while() {
    let records = MemoryRecords::default();
    let group: DatasetGroup = decode("g", golden!("dataset-group").as_bytes()).expect("a golden record reads");
    let write = put_tombstone(&group, 1000).expect("written");
    records.commit(vec![], vec![write]).await.expect("committed");
    let shown = load_tombstone::<DatasetGroup>(&records, &group.arn, 999, 1000).await.expect("read").expect("shown");
    assert_eq!((shown.status, shown.updated_ms, shown.name), (Status::DeletePending, 1000, group.name));
    for (since_ms, until_ms) in [(1000, 1001), (998, 999)] {
        let none = load_tombstone::<DatasetGroup>(&records, &group.arn, since_ms, until_ms).await.expect("read");
        assert!(none.is_none(), "{since_ms} to {until_ms}");
    }
    assert!(forget_tombstones(&records, 999, 10).await.expect("read").is_empty());
    let forgotten = forget_tombstones(&records, 1000, 10).await.expect("read");
    records.commit(vec![], forgotten).await.expect("committed");
    assert!(records.scan("", None, 10).await.expect("scanned").is_empty());
}

#[tokio::test]
async fn tags_are_kept_beside_their_resource() {
    let records = MemoryRecords::default();
    let tags = Tags::new([("team".into(), "shop".into()), ("stage".into(), "".into())]).expect("tags");
    records.commit(vec![], vec![put_tags("an-arn", &tags).expect("written")]).await.expect("committed");
    let found = records.get(&tags_key("an-arn")).await.expect("read").expect("present");
    assert_eq!(String::from_utf8_lossy(&found.value), golden!("tags"));
    assert_eq!(load_tags(&records, "an-arn").await.expect("read"), (Some(found.version), tags));

    records.commit(vec![], vec![delete_tags("an-arn")]).await.expect("committed");
    assert_eq!(load_tags(&records, "an-arn").await.expect("read"), (None, Tags::default()));
}

#[tokio::test]
async fn kinds_with_a_common_beginning_are_listed_apart() {
    let dataset: Dataset = decode("d", golden!("dataset").as_bytes()).expect("a golden record reads");
    let group: DatasetGroup = decode("g", golden!("dataset-group").as_bytes()).expect("a golden record reads");
    let records = MemoryRecords::default();
    let writes = vec![put(&dataset).expect("written"), put(&group).expect("written")];
    records.commit(vec![], writes).await.expect("committed");

    let listed: Vec<(u64, Dataset)> = list(&records).await.expect("listed");
    assert_eq!(listed.len(), 1);
    let (version, loaded) = load::<Dataset>(&records, &dataset.arn).await.expect("read").expect("present");
    assert_eq!((version, &loaded), (listed[0].0, &dataset));
    assert!(list_under::<Dataset>(&records, "arn:aws:personalize:us-east-1:").await.expect("listed").is_empty());

    records.commit(vec![], vec![delete::<Dataset>(&dataset.arn)]).await.expect("committed");
    assert!(load::<Dataset>(&records, &dataset.arn).await.expect("read").is_none());
}

#[test]
fn a_metric_that_cannot_be_read_back_is_not_written() {
    let mut version: SolutionVersion =
        decode("v", golden!("solution-version").as_bytes()).expect("a golden record reads");
    version.metrics.insert("coverage".into(), f64::NAN);
    let error = encode(&version).expect_err("NaN is no JSON");
    assert!(error.to_string().contains("coverage is NaN"), "{error}");
}

//! Reports of imports.

use crate::records::Record;
use crate::records::codec::{One, word};
use serde::{Deserialize, Serialize};
use tastemaker_domain::import_report::{ImportReport, RefusalReason, Refused, RefusedLine};

record!("import-report", ImportReport by import_arn, "ImportReportV1::serialize", "ImportReportV1::deserialize");

list!(refused: Refused, "RefusedV1::serialize", "RefusedV1::deserialize");
list!(lines: RefusedLine, "RefusedLineV1::serialize", "RefusedLineV1::deserialize");

#[derive(Serialize, Deserialize)]
#[serde(remote = "ImportReport")]
struct ImportReportV1 {
    import_arn: String,
    dataset_arn: String,
    rows: u64,
    files: u64,
    bytes: u64,
    rows_left_out: u64,
    values_left_out: u64,
    #[serde(with = "refused")]
    refused: Vec<Refused>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Refused")]
struct RefusedV1 {
    column: String,
    #[serde(with = "word")]
    reason: RefusalReason,
    count: u64,
    #[serde(with = "lines")]
    lines: Vec<RefusedLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RefusedLine")]
struct RefusedLineV1 {
    file: String,
    line: u64,
    value: String,
    rule: String,
}

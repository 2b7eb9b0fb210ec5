//! Conversions that several resources share. Functions called `read_...` take what a request gives; the others make what an
//! answer holds.

use super::context::Answer;
use crate::errors::Failure;
use std::collections::BTreeMap;
use tastemaker_domain::resource::{S3Location, TimeMs};
use tastemaker_domain::schema::DatasetDomain;
use tastemaker_domain::tags::Tags;
use tastemaker_service::Page;
use tastemaker_wire::personalize as wire;

/// A wire structure with members of another one that have the same names, as a summary has them.
macro_rules! members {
    ($from:expr => $structure:path { $($member:ident),+ }) => {{
        let from = $from;
        $structure { $($member: from.$member),+ }
    }};
}
pub(super) use members;

/// The part that requests for inference and for segments have in common.
macro_rules! read_batch_job {
    ($request:ident) => {
        tastemaker_service::batch_jobs::NewBatchJob {
            job_name: $request.job_name,
            solution_version_arn: $request.solution_version_arn,
            filter_arn: $request.filter_arn,
            num_results: $request.num_results,
            input: $crate::operations::wire::read_location($request.job_input.s3_data_source),
            output: $crate::operations::wire::read_location($request.job_output.s3_data_destination),
            role_arn: $request.role_arn,
            tags: $crate::operations::wire::read_tags($request.tags)?,
        }
    };
}
pub(super) use read_batch_job;

/// Entries of a page when the caller does not say.
const PAGE_RESULTS_DEFAULT: usize = 100;

/// Seconds since the Unix epoch with milliseconds as fraction, as AWS sends times.
pub fn seconds(time_ms: TimeMs) -> Option<f64> {
    Some(time_ms as f64 / 1000.0)
}

/// A map, unless it is empty.
pub fn filled<V>(map: BTreeMap<String, V>) -> Option<BTreeMap<String, V>> {
    (!map.is_empty()).then_some(map)
}

/// Each member of a list that may be absent.
pub fn each<A, B>(list: Option<Vec<A>>, convert: impl Fn(A) -> B) -> Option<Vec<B>> {
    list.map(|list| list.into_iter().map(convert).collect())
}

/// The location that a job reads or writes.
pub fn location(location: S3Location) -> wire::S3DataConfig {
    wire::S3DataConfig { kms_key_arn: location.kms_key_arn, path: location.path }
}

/// The location that a job reads or writes.
pub fn read_location(location: wire::S3DataConfig) -> S3Location {
    S3Location { path: location.path, kms_key_arn: location.kms_key_arn }
}

/// The page that a List call asks for.
pub fn page(max_results: Option<i32>, next_token: Option<String>) -> Page {
    let max_results = max_results.and_then(|n| usize::try_from(n).ok()).unwrap_or(PAGE_RESULTS_DEFAULT);
    Page { max_results, next_token }
}

/// A domain, whose words the validator has checked.
pub fn read_domain(word: Option<&str>) -> Answer<Option<DatasetDomain>> {
    let parse = |word: &str| {
        DatasetDomain::parse(word).ok_or_else(|| Failure::invalid(format!("domain: '{word}' is not a domain.")))
    };
    word.map(parse).transpose()
}

/// A mode by its word; `default` where none is given.
pub fn read_mode<M>(member: &str, word: Option<&str>, default: M, parse: impl Fn(&str) -> Option<M>) -> Answer<M> {
    let Some(word) = word else { return Ok(default) };
    parse(word).ok_or_else(|| Failure::invalid(format!("{member}: '{word}' is not a mode.")))
}

/// A provisioned rate, which the validator has found positive.
pub fn read_rate(tps: Option<i32>) -> Option<u32> {
    tps.and_then(|n| u32::try_from(n).ok())
}

/// A resource's tags.
pub fn read_tags(tags: Option<Vec<wire::Tag>>) -> Answer<Tags> {
    Ok(Tags::new(tags.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)))?)
}

/// A member that the model leaves optional and the operation needs.
pub fn required(member: &str, value: Option<String>) -> Answer<String> {
    value.ok_or_else(|| Failure::invalid(format!("{member} is required.")))
}

//! The input and output files of batch jobs, in which lines are requests and answers; shared by the two kinds.
//!
//! A line of JSON in, a line of JSON out, in the same order, to `<name of the input>.out` below the output folder. A request
//! that cannot be answered gives a line with its error and does not end the job.

use crate::blobs::{blocking, dataset_arn, parquet_files};
use crate::buckets::Bucket;
use crate::data_objects::data_objects;
use crate::leased_job::LeasedJob;
use crate::stop::Stop;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader, Read};
use tastemaker_compute::{
    FIRST_BYTES, ImportError, InteractionsFilter, PackedFault, ReadLimits, Unpacked, looks_binary, read_interactions,
};
use tastemaker_data::{Dataset as Interactions, DatasetBuilder};
use tastemaker_domain::Member;
use tastemaker_domain::limits::{BATCH_FILES_MAX, BATCH_INPUT_BYTES_MAX};
use tastemaker_domain::resource::Dataset;
use tastemaker_domain::s3_path::S3Path;
use tastemaker_domain::schema::DatasetType;
use tastemaker_store::objects::ObjectRecord;
use tastemaker_store::{BlobFile, Error};

/// Bytes of one request.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// The files of requests at `location`, each by its name below the folder.
pub(super) async fn resolve(
    work: &LeasedJob,
    location: &str,
    role_arn: &str,
) -> Result<Vec<(String, ObjectRecord)>, Stop> {
    let invalid = |what: String| Stop::Failed(format!("Invalid S3 input path. {what}"));
    let path = S3Path::parse(Member::Path, location).map_err(|error| invalid(error.to_string()))?;
    let Some(bucket) = Bucket::find(work, &path.bucket, Some(role_arn)).await? else {
        return Err(invalid(format!("The bucket '{}' of {location} does not exist.", path.bucket)));
    };
    let found: Vec<(String, ObjectRecord)> = if path.is_folder() {
        let files = data_objects(&path.key, bucket.list(work, &path).await?).data;
        files.into_iter().map(|object| (object.key[path.key.len()..].to_owned(), object)).collect()
    } else {
        let name = path.key.rsplit('/').next().unwrap_or_default();
        bucket.object(work, &path.key).await?.map(|object| (name.to_owned(), object)).into_iter().collect()
    };
    bucket.may_read(found.iter().map(|(_, object)| object))?;
    let bytes: u64 = found.iter().map(|(_, object)| object.size_bytes).sum();
    match found.len() {
        0 => Err(invalid(format!("There is nothing at {location}; end the location of a folder with '/'."))),
        files if files > BATCH_FILES_MAX => {
            Err(invalid(format!("{location} has {files} files; at most {BATCH_FILES_MAX} are allowed.")))
        }
        _ if bytes > BATCH_INPUT_BYTES_MAX => Err(invalid(format!(
            "The files of {location} have {bytes} bytes; at most {BATCH_INPUT_BYTES_MAX} are allowed."
        ))),
        _ => Ok(found),
    }
}

/// All bulk interactions of a group, for filters about events.
pub(super) async fn bulk_interactions(work: &LeasedJob, group: &str) -> Result<Interactions, Stop> {
    let found = work.load::<Dataset>(&dataset_arn(group, DatasetType::Interactions)).await?;
    let files = found.map(|(_, dataset)| dataset.bulk_files).unwrap_or_default();
    let files = parquet_files(&work.ctx, &files).await?;
    let cancel = work.cancel.clone();
    let read = blocking(move || {
        let mut builder = DatasetBuilder::new();
        let limits = ReadLimits { cancelled: &|| cancel.is_cancelled(), ..ReadLimits::default() };
        read_interactions(files, &mut builder, &InteractionsFilter::default(), &limits)?;
        Ok::<_, ImportError>(builder.build())
    });
    Ok(read.await??)
}

/// Why requests cannot be read.
pub(super) enum Broken {
    /// For the customer.
    Rule(String),
    /// The storage.
    Io(std::io::Error),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Rule(text) => Self::Failed(text),
            Broken::Io(error) => Self::Retry(Error::backend("blobs", error)),
        }
    }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        match PackedFault::of(&error) {
            Some(fault) => Self::Rule(fault.to_owned()),
            None => Self::Io(error),
        }
    }
}

/// The text of a file of requests, which may be packed with gzip or zstd.
pub(super) fn open(source: BlobFile, name: &str) -> Result<Box<dyn BufRead + Send>, Broken> {
    let text = Unpacked::open(source, name, BATCH_INPUT_BYTES_MAX)?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, text)))
}

/// The next requests, at most `most`, without line ends and empty lines; none at the end. `before` were read already; without
/// any, what is no file of one object a line is refused.
pub(super) fn read_piece(
    input: &mut impl BufRead,
    name: &str,
    before: u64,
    most: usize,
) -> Result<Vec<Vec<u8>>, Broken> {
    if before == 0 {
        begin(input, name)?;
    }
    let mut piece = Vec::new();
    while piece.len() < most {
        let mut line = Vec::new();
        let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if read as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
            let number = before + piece.len() as u64 + 1;
            return Err(Broken::Rule(format!(
                "{name} request {number}: a request must be one line of at most {LINE_BYTES_MAX} bytes."
            )));
        }
        while line.last().is_some_and(|b| b.is_ascii_whitespace()) {
            line.pop();
        }
        if !line.is_empty() {
            piece.push(line);
        }
    }
    match whole(&piece) {
        Some(looks) if before == 0 => Err(Broken::Rule(format!(
            "{name}: a file of requests has one JSON object a line; this one looks like {looks}."
        ))),
        _ => Ok(piece),
    }
}

/// Refuses a file that is no text, and passes over the mark with which editors on Windows begin one.
fn begin(input: &mut impl BufRead, name: &str) -> Result<(), Broken> {
    let first = input.fill_buf()?;
    if let Some(format) = looks_binary(&first[..first.len().min(FIRST_BYTES)]) {
        let rule = "a file of requests must be JSON, plain text in UTF-8 with one object a line";
        return Err(Broken::Rule(format!("{name}: the file looks like {format}; {rule}.")));
    }
    if first.starts_with("\u{feff}".as_bytes()) {
        input.consume("\u{feff}".len());
    }
    Ok(())
}

/// The format that the first lines look like where they are parts of one JSON value.
fn whole(first: &[Vec<u8>]) -> Option<&'static str> {
    let begins = |line: &Vec<u8>| line.trim_ascii_start().first().copied();
    let line = first.first()?;
    match begins(line)? {
        b'[' => Some("a JSON array, of which jq -c '.[]' makes lines"),
        b'{' => {
            let is_cut = serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
            let goes_on = first.get(1).is_some_and(|next| begins(next) != Some(b'{'));
            (is_cut && goes_on).then_some("JSON over several lines, of which jq -c . makes one")
        }
        _ => None,
    }
}

/// A line of output: the request as it was given, and either side of its result.
#[derive(Serialize)]
struct Line<'a, T> {
    input: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<T>,
    error: Option<String>,
}

/// The line that answers the request `line`, with its end.
pub(super) fn answer<T: Serialize>(line: &[u8], result: Result<T, String>) -> String {
    let text = String::from_utf8_lossy(line);
    // What is no JSON is given back as a text.
    let input = serde_json::from_str::<Box<RawValue>>(text.trim()).or_else(|_| serde_json::value::to_raw_value(&text));
    let (output, error) = match result {
        Ok(output) => (Some(output), None),
        Err(error) => (None, Some(error)),
    };
    let written = input.and_then(|input| serde_json::to_string(&Line { input: &input, output, error }));
    written.unwrap_or_else(|error| format!("{{\"error\":{:?}}}", error.to_string())) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8]) -> Result<Vec<String>, String> {
        match read_piece(&mut &text[..], "in.json", 0, 10) {
            Ok(piece) => Ok(piece.into_iter().map(|line| String::from_utf8(line).unwrap()).collect()),
            Err(Broken::Rule(text)) => Err(text),
            Err(Broken::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn lines_are_requests_after_a_byte_order_mark_too() {
        assert_eq!(pieces(b"\xef\xbb\xbf{\"userId\":\"1\"}\r\n\n{}\n").unwrap(), [r#"{"userId":"1"}"#, "{}"]);
        assert_eq!(pieces(b"").unwrap(), [""; 0]);
        // One that is cut is answered with an error of its own.
        assert_eq!(pieces(b"{\"userId\":\n{}\n").unwrap(), [r#"{"userId":"#, "{}"]);
        assert_eq!(pieces(b"{\"userId\":\n").unwrap(), [r#"{"userId":"#]);
    }

    #[test]
    fn files_that_have_no_object_a_line_are_told_what_they_look_like() {
        let lines = "in.json: a file of requests has one JSON object a line; this one looks like";
        let array = format!("{lines} a JSON array, of which jq -c '.[]' makes lines.");
        for text in ["[{\"userId\":\"1\"},{\"userId\":\"2\"}]", "\n [\n{\"userId\":\"1\"}\n]\n"] {
            assert_eq!(pieces(text.as_bytes()).unwrap_err(), array);
        }
        let several = format!("{lines} JSON over several lines, of which jq -c . makes one.");
        for text in ["{\n  \"userId\": \"1\"\n}\n", "{ \"itemList\": [\n\"1\" ] }"] {
            assert_eq!(pieces(text.as_bytes()).unwrap_err(), several);
        }
        assert_eq!(
            pieces(b"PAR1\x15\x04").unwrap_err(),
            "in.json: the file looks like Parquet; a file of requests must be JSON, plain text in UTF-8 with one object a line."
        );
    }
}

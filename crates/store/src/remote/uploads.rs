//! The uploads in parts that an S3 bucket knows and that nobody has finished: they take space and are in no list of objects.

use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use object_store::aws::{AmazonS3, AwsAuthorizer};
use object_store::client::{HttpClient, HttpConnector, HttpRequest, HttpRequestBody};
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ClientOptions, Error};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::connector::Connector;

/// Pages of a list that are read at most: a thousand uploads each.
const PAGES_MAX: usize = 100;

/// The characters of a query's value that need no escape.
const ESCAPED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The unfinished uploads of a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    store: AmazonS3,
    client: HttpClient,
    /// The bucket's address.
    address: String,
    region: String,
    is_signed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    next_key_marker: String,
    #[serde(default)]
    next_upload_id_marker: String,
    #[serde(default, rename = "Upload")]
    uploads: Vec<Upload>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    initiated: String,
}

impl Upload {
    /// Whether it began that long ago; one whose time cannot be read stays.
    fn is_older(&self, age: Duration, now: SystemTime) -> bool {
        let began = OffsetDateTime::parse(&self.initiated, &Rfc3339).map(SystemTime::from);
        began.is_ok_and(|began| now.duration_since(began).is_ok_and(|since| since >= age))
    }
}

fn generic(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic { store: "S3", source: error.into() }
}

impl Uploads {
    pub(super) fn new(
        store: AmazonS3,
        connector: &Connector,
        address: String,
        region: String,
        is_signed: bool,
    ) -> object_store::Result<Self> {
        let client = connector.connect(&ClientOptions::default())?;
        Ok(Self { store, client, address, region, is_signed })
    }

    /// Ends the uploads to keys that begin with `prefix` and began before `age` ago; their number.
    pub(crate) async fn abort_older(
        &self,
        prefix: &str,
        age: Duration,
        now: SystemTime,
    ) -> object_store::Result<usize> {
        let (mut markers, mut aborted) = ((String::new(), String::new()), 0);
        for _ in 0..PAGES_MAX {
            let page = self.page(prefix, &markers).await?;
            for upload in page.uploads.iter().filter(|upload| upload.is_older(age, now)) {
                match self.store.abort_multipart(&Path::parse(&upload.key)?, &upload.upload_id).await {
                    Ok(()) => aborted += 1,
                    // Somebody was quicker.
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            if !page.is_truncated || page.next_key_marker.is_empty() {
                break;
            }
            markers = (page.next_key_marker, page.next_upload_id_marker);
        }
        Ok(aborted)
    }

    async fn page(&self, prefix: &str, (key, id): &(String, String)) -> object_store::Result<Listed> {
        let escape = |text: &str| percent_encoding::utf8_percent_encode(text, ESCAPED).to_string();
        let markers = match key.is_empty() {
            true => String::new(),
            false => format!("key-marker={}&upload-id-marker={}&", escape(key), escape(id)),
        };
        let uri = format!("{}/?{markers}prefix={}&uploads=", self.address, escape(prefix));
        let mut request: HttpRequest = http::Request::get(uri).body(HttpRequestBody::empty()).map_err(generic)?;
        if self.is_signed {
            let keys = self.store.credentials().get_credential().await?;
            AwsAuthorizer::new(&keys, "s3", &self.region).try_authorize(&mut request, None)?;
        }
        let (head, body) = self.client.execute(request).await.map_err(generic)?.into_parts();
        let body = body.collect().await.map_err(generic)?.to_bytes();
        let text = String::from_utf8_lossy(&body);
        if !head.status.is_success() {
            return Err(generic(format!("Server returned non-2xx status code: {}: {text}", head.status)));
        }
        quick_xml::de::from_str(&text).map_err(generic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_began_long_ago_is_old() {
        let xml = "<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>true</IsTruncated>\
                   <NextKeyMarker>k2</NextKeyMarker><NextUploadIdMarker>u2</NextUploadIdMarker>\
                   <Upload><Key>k1</Key><UploadId>u1</UploadId><Initiated>2024-01-01T00:00:00.000Z</Initiated></Upload>\
                   <Upload><Key>k2</Key><UploadId>u2</UploadId><Initiated>2024-01-02T00:00:00Z</Initiated></Upload>\
                   <Upload><Key>k3</Key><UploadId>u3</UploadId><Initiated>someday</Initiated></Upload>\
                   </ListMultipartUploadsResult>";
        let listed: Listed = quick_xml::de::from_str(xml).expect("a list");
        assert!(listed.is_truncated);
        assert_eq!((listed.next_key_marker.as_str(), listed.next_upload_id_marker.as_str()), ("k2", "u2"));
        let now = SystemTime::from(OffsetDateTime::parse("2024-01-02T12:00:00Z", &Rfc3339).expect("a time"));
        let day = Duration::from_secs(24 * 3600);
        let old: Vec<_> = listed.uploads.iter().filter(|upload| upload.is_older(day, now)).map(|u| &u.key).collect();
        assert_eq!(old, ["k1"]);
        let none: Listed = quick_xml::de::from_str("<ListMultipartUploadsResult/>").expect("a list");
        assert!(none.uploads.is_empty() && !none.is_truncated);
    }
}

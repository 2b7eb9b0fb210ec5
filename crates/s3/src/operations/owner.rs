//! The owner that S3 shows of everything.

use s3s::dto::Owner;

/// The one owner of everything here.
pub(crate) fn owner() -> Owner {
    Owner { display_name: Some("tastemaker".to_owned()), id: Some("tastemaker".to_owned()) }
}

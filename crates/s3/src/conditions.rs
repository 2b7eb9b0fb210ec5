//! Conditional requests (RFC 9110, section 13, as S3 applies it).

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};
use tastemaker_store::objects::ObjectRecord;

fn matches(condition: &ETagCondition, object: &ObjectRecord) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

/// Whole seconds, as dates in headers have.
fn seconds(timestamp: &Timestamp) -> i64 {
    time::OffsetDateTime::from(timestamp.clone()).unix_timestamp()
}

/// The conditions of a read.
pub(crate) struct ReadCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    /// 412 when a wanted state is not there, 304 when the client has this state already. Entity tags win over dates.
    pub(crate) fn check(&self, object: &ObjectRecord) -> S3Result<()> {
        if self.refuses(object) {
            return Err(s3_error!(PreconditionFailed, "At least one of the preconditions you specified did not hold."));
        }
        if self.is_known(object) {
            return Err(s3_error!(NotModified));
        }
        Ok(())
    }

    /// 412 in either case, as copies want it.
    pub(crate) fn check_source(&self, object: &ObjectRecord) -> S3Result<()> {
        if self.refuses(object) || self.is_known(object) {
            return Err(s3_error!(PreconditionFailed, "At least one of the preconditions on the source did not hold."));
        }
        Ok(())
    }

    fn refuses(&self, object: &ObjectRecord) -> bool {
        let modified = i64::try_from(object.last_modified_ms / 1_000).unwrap_or(i64::MAX);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(wanted), _) => !matches(wanted, object),
            (None, Some(date)) => modified > seconds(date),
            (None, None) => false,
        }
    }

    fn is_known(&self, object: &ObjectRecord) -> bool {
        let modified = i64::try_from(object.last_modified_ms / 1_000).unwrap_or(i64::MAX);
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(known), _) => matches(known, object),
            (None, Some(date)) => modified <= seconds(date),
            (None, None) => false,
        }
    }
}

/// The conditions of a write on the object that it replaces.
#[derive(Default)]
pub(crate) struct WriteCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteCondition {
    pub(crate) fn check(&self, old: Option<&ObjectRecord>) -> S3Result<()> {
        match (&self.if_match, old) {
            (Some(_), None) => return Err(s3_error!(NoSuchKey, "If-Match was given and the key does not exist.")),
            (Some(wanted), Some(old)) if !matches(wanted, old) => {
                return Err(s3_error!(PreconditionFailed, "If-Match did not hold: the entity tag is {}.", old.etag));
            }
            _ => {}
        }
        match (&self.if_none_match, old) {
            (Some(known), Some(old)) if matches(known, old) => {
                Err(s3_error!(PreconditionFailed, "If-None-Match did not hold: the entity tag is {}.", old.etag))
            }
            _ => Ok(()),
        }
    }
}

/// An object's entity tag as the protocol has it.
pub(crate) fn etag(value: &str) -> Option<ETag> {
    Some(ETag::Strong(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::timestamp;

    fn object() -> ObjectRecord {
        ObjectRecord {
            format: 1,
            key: "k".into(),
            size_bytes: 1,
            etag: "abc".into(),
            last_modified_ms: 1_000_500,
            blob: "b".into(),
            ..ObjectRecord::default()
        }
    }

    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    #[test]
    fn reads_follow_the_table() {
        let (same, other) = (|| tag("abc"), || tag("xyz"));
        let (earlier, now) = (|| Some(timestamp(999_000)), || Some(timestamp(1_000_000)));
        for (if_match, if_none_match, if_modified_since, if_unmodified_since, expected) in [
            (None, None, None, None, "ok"),
            (same(), None, None, None, "ok"),
            (other(), None, None, None, "PreconditionFailed"),
            (None, same(), None, None, "NotModified"),
            (None, Some(ETagCondition::Any), None, None, "NotModified"),
            (None, other(), None, None, "ok"),
            (None, None, now(), None, "NotModified"),
            (None, None, earlier(), None, "ok"),
            (None, other(), now(), None, "ok"),
            (None, None, None, earlier(), "PreconditionFailed"),
            (None, None, None, now(), "ok"),
            (same(), None, None, earlier(), "ok"),
        ] {
            let condition = ReadCondition { if_match, if_none_match, if_modified_since, if_unmodified_since };
            let found =
                condition.check(&object()).map_or_else(|error| error.code().as_str().to_owned(), |()| "ok".into());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn writes_follow_the_table() {
        for (if_match, if_none_match, old, expected) in [
            (None, None, Some(object()), "ok"),
            (None, Some(ETagCondition::Any), None, "ok"),
            (None, Some(ETagCondition::Any), Some(object()), "PreconditionFailed"),
            (tag("abc"), None, Some(object()), "ok"),
            (tag("xyz"), None, Some(object()), "PreconditionFailed"),
            (tag("abc"), None, None, "NoSuchKey"),
        ] {
            let condition = WriteCondition { if_match, if_none_match };
            let found = condition.check(old.as_ref());
            assert_eq!(found.map_or_else(|error| error.code().as_str().to_owned(), |()| "ok".into()), expected);
        }
    }
}

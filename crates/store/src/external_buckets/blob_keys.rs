//! The keys by which objects outside are blobs.

/// The beginning of keys of objects outside; no blob's key has a colon.
const OUTSIDE: &str = "outside:";

/// The key of an object outside as it was found: its entity tag is in it, so that readers get these bytes or an error.
pub(super) fn blob_key(bucket: &str, key: &str, etag: &str) -> String {
    format!("{OUTSIDE}{}:{bucket}/{key}", hex::encode(etag))
}

/// The entity tag, bucket and key in the key of an object outside; `None` for a blob within.
pub(super) fn parse(blob: &str) -> Option<Option<(String, &str, &str)>> {
    let rest = blob.strip_prefix(OUTSIDE)?;
    let parsed = || {
        let (etag, location) = rest.split_once(':')?;
        let (bucket, key) = location.split_once('/')?;
        Some((String::from_utf8(hex::decode(etag).ok()?).ok()?, bucket, key))
    };
    Some(parsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_holds_tag_bucket_and_key() {
        let blob = blob_key("shop", "in/a:b c/ü.csv", "\"0x8D:1\"");
        assert_eq!(parse(&blob), Some(Some(("\"0x8D:1\"".to_owned(), "shop", "in/a:b c/ü.csv"))));
        assert_eq!(parse("s3/00/a"), None);
        for odd in ["outside:", "outside:zz:b/k", "outside:00", "outside::b"] {
            assert_eq!(parse(odd), Some(None), "{odd}");
        }
    }
}

//! An S3 endpoint over Blobs, so that a laptop needs no bucket elsewhere.

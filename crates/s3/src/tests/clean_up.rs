//! The calls of clean-up and synchronisation scripts: versions, tags, access control lists, attributes, notifications.

use super::Door;

fn one<'t>(text: &'t str, name: &str) -> &'t str {
    all(text, name).into_iter().next().unwrap_or_default()
}

fn all<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = text.split(open.as_str()).skip(1);
    pieces.filter_map(|piece| piece.split_once(close.as_str())).map(|(inner, _)| inner).collect()
}

async fn filled(keys: &[&str]) -> Door {
    let door = Door::with_bucket().await;
    for key in keys {
        assert_eq!(door.ask("PUT", &format!("/shop/{key}"), &[], b"value").await.status, 200);
    }
    door
}

#[tokio::test]
async fn every_object_has_the_one_version_null() {
    let door = filled(&["a", "d/1", "d/2", "e"]).await;
    let listed = door.ask("GET", "/shop?versions=", &[], b"").await.text;
    assert_eq!(all(&listed, "Key"), ["a", "d/1", "d/2", "e"]);
    assert_eq!(all(&listed, "VersionId"), ["null"; 4]);
    assert_eq!((all(&listed, "IsLatest"), one(&listed, "IsTruncated")), (vec!["true"; 4], "false"));
    assert_eq!((one(&listed, "Size"), one(&listed, "StorageClass")), ("5", "STANDARD"));
    let first = door.ask("GET", "/shop?versions=&max-keys=2&delimiter=/", &[], b"").await.text;
    assert_eq!((all(&first, "Key"), one(&first, "NextKeyMarker")), (vec!["a"], "d/"));
    assert!(!first.contains("NextVersionIdMarker"), "a prefix has no version: {first}");
    let rest = door.ask("GET", "/shop?versions=&delimiter=/&key-marker=d/", &[], b"").await.text;
    assert_eq!(all(&rest, "Key"), ["e"]);
    let first = door.ask("GET", "/shop?versions=&max-keys=3", &[], b"").await.text;
    assert_eq!((one(&first, "NextKeyMarker"), one(&first, "NextVersionIdMarker")), ("d/2", "null"));
    let rest = door.ask("GET", "/shop?versions=&key-marker=d/2&version-id-marker=null", &[], b"").await.text;
    assert_eq!(all(&rest, "Key"), ["e"]);
    for (query, code) in
        [("version-id-marker=null", "InvalidArgument"), ("key-marker=a&version-id-marker=x", "InvalidArgument")]
    {
        assert_eq!(door.ask("GET", &format!("/shop?versions=&{query}"), &[], b"").await.code(), code, "{query}");
    }
    assert_eq!(door.ask("GET", "/none?versions=", &[], b"").await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn a_version_that_is_not_there_is_neither_read_nor_deleted() {
    let door = filled(&["k"]).await;
    let version = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY";
    for (method, path) in
        [("GET", "k?"), ("GET", "k?tagging=&"), ("GET", "k?acl=&"), ("DELETE", "k?"), ("DELETE", "k?tagging=&")]
    {
        let reply = door.ask(method, &format!("/shop/{path}versionId={version}"), &[], b"").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("NoSuchVersion", 404), "{method} {path}");
        let reply = door.ask(method, &format!("/none/{path}versionId={version}"), &[], b"").await;
        assert_eq!(reply.code(), "NoSuchBucket", "{method} {path}");
    }
    assert_eq!(door.ask("HEAD", &format!("/shop/k?versionId={version}"), &[], b"").await.status, 404);
    assert_eq!(door.ask("GET", "/shop/k?versionId=", &[], b"").await.code(), "InvalidArgument");
    assert_eq!(door.ask("GET", "/shop/none?versionId=null", &[], b"").await.code(), "NoSuchVersion");
    let copy = [("x-amz-copy-source", "/shop/k?versionId=x")];
    assert_eq!(door.ask("PUT", "/shop/copy", &copy, b"").await.code(), "NoSuchVersion");
    let copy = [("x-amz-copy-source", "/shop/k?versionId=null")];
    assert_eq!(door.ask("PUT", "/shop/copy", &copy, b"").await.status, 200);
    let found = door.ask("GET", "/shop/k?versionId=null", &[], b"").await;
    assert_eq!((found.text.as_str(), found.header("x-amz-version-id")), ("value", "null"));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.header("x-amz-version-id"), "", "versioning is off");
    let gone = door.ask("DELETE", "/shop/k?versionId=null", &[], b"").await;
    assert_eq!((gone.status.as_u16(), gone.header("x-amz-version-id")), (204, "null"));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.code(), "NoSuchKey");
}

#[tokio::test]
async fn many_versions_are_deleted_at_once() {
    let door = filled(&["a", "b"]).await;
    let objects = "<Object><Key>a</Key><VersionId>null</VersionId></Object>\
                   <Object><Key>b</Key><VersionId>x</VersionId></Object>";
    let reply = door.ask("POST", "/shop?delete=", &[], format!("<Delete>{objects}</Delete>").as_bytes()).await;
    let deleted = one(&reply.text, "Deleted");
    assert_eq!((one(deleted, "Key"), one(deleted, "VersionId")), ("a", "null"), "{}", reply.text);
    let error = one(&reply.text, "Error");
    assert_eq!((one(error, "Key"), one(error, "VersionId"), one(error, "Code")), ("b", "x", "NoSuchVersion"));
    assert_eq!(all(&door.ask("GET", "/shop?list-type=2", &[], b"").await.text, "Key"), ["b"]);
}

#[tokio::test]
async fn tags_are_kept_changed_copied_and_counted() {
    let door = Door::with_bucket().await;
    let tags = [("x-amz-tagging", "team=search&stage=a%20b")];
    assert_eq!(door.ask("PUT", "/shop/k", &tags, b"v").await.status, 200);
    let told = door.ask("GET", "/shop/k?tagging=", &[], b"").await.text;
    assert_eq!((all(&told, "Key"), all(&told, "Value")), (vec!["stage", "team"], vec!["a b", "search"]));
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.header("x-amz-tagging-count"), "2");
    let document = b"<Tagging><TagSet><Tag><Key>x</Key><Value>1</Value></Tag></TagSet></Tagging>";
    let before = door.ask("HEAD", "/shop/k", &[], b"").await;
    assert_eq!(door.ask("PUT", "/shop/k?tagging=", &[], document).await.status, 200);
    assert_eq!(all(&door.ask("GET", "/shop/k?tagging=", &[], b"").await.text, "Key"), ["x"]);
    let after = door.ask("GET", "/shop/k", &[], b"").await;
    assert_eq!((after.text.as_str(), after.header("etag")), ("v", before.header("etag")), "the bytes stay");

    let source = ("x-amz-copy-source", "/shop/k");
    assert_eq!(door.ask("PUT", "/shop/c1", &[source], b"").await.status, 200);
    assert_eq!(all(&door.ask("GET", "/shop/c1?tagging=", &[], b"").await.text, "Key"), ["x"]);
    let replaced = [source, ("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "y=2")];
    assert_eq!(door.ask("PUT", "/shop/c2", &replaced, b"").await.status, 200);
    assert_eq!(all(&door.ask("GET", "/shop/c2?tagging=", &[], b"").await.text, "Key"), ["y"]);
    let unknown = [source, ("x-amz-tagging-directive", "MERGE")];
    assert_eq!(door.ask("PUT", "/shop/c3", &unknown, b"").await.code(), "InvalidArgument");

    assert_eq!(door.ask("DELETE", "/shop/k?tagging=", &[], b"").await.status, 204);
    assert!(all(&door.ask("GET", "/shop/k?tagging=", &[], b"").await.text, "Key").is_empty());
    assert_eq!(door.ask("GET", "/shop/k", &[], b"").await.header("x-amz-tagging-count"), "");
    assert_eq!(door.ask("PUT", "/shop/k", &[("x-amz-tagging", "a=1&a=2")], b"v").await.code(), "InvalidTag");
    assert_eq!(door.ask("PUT", "/shop/none?tagging=", &[], document).await.code(), "NoSuchKey");
    let eleven: String = (0..11).map(|n| format!("<Tag><Key>{n}</Key><Value/></Tag>")).collect();
    let eleven = format!("<Tagging><TagSet>{eleven}</TagSet></Tagging>");
    let refused = door.ask("PUT", "/shop/k?tagging=", &[], eleven.as_bytes()).await;
    assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("BadRequest", 400));
}

#[tokio::test]
async fn an_upload_in_parts_keeps_its_tags_and_gives_back_its_parts() {
    let door = Door::with_bucket().await;
    let headers = [("x-amz-tagging", "a=1"), ("x-amz-acl", "public-read")];
    let begun = door.ask("POST", "/shop/k?uploads=", &headers, b"").await.text;
    let id = one(&begun, "UploadId");
    let (large, small) = (vec![b'x'; 5 << 20], b"tail");
    let mut parts = String::new();
    for (number, body) in [(1, &large[..]), (2, &small[..])] {
        let put = door.ask("PUT", &format!("/shop/k?partNumber={number}&uploadId={id}"), &[], body).await;
        parts += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", put.header("etag"));
    }
    let document = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let done = door.ask("POST", &format!("/shop/k?uploadId={id}"), &[], document.as_bytes()).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(all(&door.ask("GET", "/shop/k?tagging=", &[], b"").await.text, "Key"), ["a"]);
    assert!(door.ask("GET", "/shop/k?acl=", &[], b"").await.text.contains("AllUsers"));

    let second = door.ask("GET", "/shop/k?partNumber=2", &[], b"").await;
    assert_eq!((second.status.as_u16(), second.text.as_str()), (206, "tail"));
    assert_eq!(second.header("content-range"), "bytes 5242880-5242883/5242884");
    assert_eq!(second.header("x-amz-mp-parts-count"), "2");
    let head = door.ask("HEAD", "/shop/k?partNumber=1", &[], b"").await;
    assert_eq!((head.header("content-length"), head.header("x-amz-mp-parts-count")), ("5242880", "2"));
    let none = door.ask("GET", "/shop/k?partNumber=3", &[], b"").await;
    assert_eq!((none.code().as_str(), none.status.as_u16()), ("InvalidPartNumber", 416));
    let both = door.ask("GET", "/shop/k?partNumber=1", &[("range", "bytes=0-1")], b"").await;
    assert_eq!(both.code(), "InvalidRequest");
    let attributes = [("x-amz-object-attributes", "ObjectParts,ObjectSize")];
    let told = door.ask("GET", "/shop/k?attributes=", &attributes, b"").await.text;
    assert_eq!((one(&told, "PartsCount"), one(&told, "ObjectSize")), ("2", "5242884"), "{told}");
}

#[tokio::test]
async fn attributes_are_those_that_were_asked_for() {
    let door = Door::with_bucket().await;
    let sum = [("x-amz-checksum-crc32", "HXdYNA==")];
    assert_eq!(door.ask("PUT", "/shop/k", &sum, b"value").await.status, 200);
    let wanted = |names: &'static str| [("x-amz-object-attributes", names)];
    let told = door.ask("GET", "/shop/k?attributes=", &wanted("ETag,Checksum,StorageClass,ObjectSize"), b"").await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!((one(&told.text, "ObjectSize"), one(&told.text, "StorageClass")), ("5", "STANDARD"));
    assert_eq!(one(&told.text, "ETag"), "2063c1608d6e0baf80249c42e2be5804");
    assert_eq!(one(&told.text, "ChecksumCRC32"), "HXdYNA==");
    assert_eq!(told.header("last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
    let size = door.ask("GET", "/shop/k?attributes=", &wanted("ObjectSize"), b"").await.text;
    assert!(size.contains("<ObjectSize>5<") && !size.contains("ETag"), "{size}");
    for (path, names, code) in [
        ("/shop/k", "ObjectColor", "InvalidArgument"),
        ("/shop/none", "ETag", "NoSuchKey"),
        ("/none/k", "ETag", "NoSuchBucket"),
        ("/shop/k?versionId=x", "ETag", "NoSuchVersion"),
    ] {
        let join = if path.contains('?') { '&' } else { '?' };
        let reply = door.ask("GET", &format!("{path}{join}attributes="), &wanted(names), b"").await;
        assert_eq!(reply.code(), code, "{path} {names}");
    }
}

#[tokio::test]
async fn access_control_lists_are_kept_and_shown() {
    let door = filled(&["k"]).await;
    for path in ["/shop/k", "/shop"] {
        let path = format!("{path}?acl=");
        let told = door.ask("GET", &path, &[], b"").await.text;
        assert_eq!((all(&told, "Permission"), one(&told, "ID")), (vec!["FULL_CONTROL"], "tastemaker"));
        assert_eq!(door.ask("PUT", &path, &[("x-amz-acl", "public-read")], b"").await.status, 200, "{path}");
        let told = door.ask("GET", &path, &[], b"").await.text;
        assert_eq!(all(&told, "Permission"), ["FULL_CONTROL", "READ"], "{told}");
        assert_eq!(one(&told, "URI"), "http://acs.amazonaws.com/groups/global/AllUsers");
        assert_eq!(door.ask("PUT", &path, &[("x-amz-grant-read", "id=\"abc\"")], b"").await.status, 200);
        let told = door.ask("GET", &path, &[], b"").await.text;
        assert_eq!(all(&told, "Permission"), ["READ"]);
        assert!(told.contains("<ID>abc</ID>"), "{told}");
        let document = "<AccessControlPolicy><Owner><ID>tastemaker</ID></Owner><AccessControlList><Grant>\
             <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"AmazonCustomerByEmail\">\
             <EmailAddress>a@b</EmailAddress></Grantee><Permission>WRITE_ACP</Permission></Grant></AccessControlList>\
             </AccessControlPolicy>";
        let put = door.ask("PUT", &path, &[], document.as_bytes()).await;
        assert_eq!(put.status, 200, "{}", put.text);
        let told = door.ask("GET", &path, &[], b"").await.text;
        assert_eq!((all(&told, "Permission"), one(&told, "EmailAddress")), (vec!["WRITE_ACP"], "a@b"));
        let wrong = document.replace("WRITE_ACP", "EVERYTHING");
        assert_eq!(door.ask("PUT", &path, &[], wrong.as_bytes()).await.code(), "MalformedACLError", "{path}");
        assert_eq!(door.ask("PUT", &path, &[("x-amz-acl", "nobody")], b"").await.code(), "InvalidArgument");
        assert_eq!(door.ask("PUT", &path, &[], b"").await.code(), "MissingSecurityHeader", "{path}");
        assert_eq!(door.ask("PUT", &path, &[("x-amz-acl", "private")], b"").await.status, 200);
        assert_eq!(all(&door.ask("GET", &path, &[], b"").await.text, "Permission"), ["FULL_CONTROL"]);
    }
    assert_eq!(door.ask("PUT", "/shop/none?acl=", &[("x-amz-acl", "private")], b"").await.code(), "NoSuchKey");
    assert_eq!(door.ask("PUT", "/none?acl=", &[("x-amz-acl", "private")], b"").await.code(), "NoSuchBucket");
    let public = [("x-amz-acl", "public-read"), ("x-amz-object-ownership", "ObjectWriter")];
    assert_eq!(door.ask("PUT", "/open", &public, b"").await.status, 200);
    assert!(door.ask("GET", "/open?acl=", &[], b"").await.text.contains("AllUsers"));
    assert!(door.ask("GET", "/open?ownershipControls=", &[], b"").await.text.contains("ObjectWriter"));
    assert_eq!(door.ask("PUT", "/open/k", &[("x-amz-acl", "authenticated-read")], b"v").await.status, 200);
    assert!(door.ask("GET", "/open/k?acl=", &[], b"").await.text.contains("AuthenticatedUsers"));
    let unsigned =
        http::Request::get("/open/k").header("host", super::HOST).body(super::whole(b"")).expect("a request");
    assert_eq!(door.send(unsigned).await.code(), "AccessDenied", "a list opens nothing");
}

#[tokio::test]
async fn destinations_of_notifications_are_refused_as_unreachable() {
    let door = Door::with_bucket().await;
    let path = "/shop?notification=";
    let queue = "<NotificationConfiguration><QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:us-east-1:1:q</Queue>\
                 <Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>";
    let refused = door.ask("PUT", path, &[], queue.as_bytes()).await;
    assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("InvalidArgument", 400));
    assert!(refused.text.contains("Unable to validate the following destination configurations"));
    assert!(!door.ask("GET", path, &[], b"").await.text.contains("sqs"));
    let skip = [("x-amz-skip-destination-validation", "true")];
    assert_eq!(door.ask("PUT", path, &skip, queue.as_bytes()).await.status, 200);
    assert!(door.ask("GET", path, &[], b"").await.text.contains("arn:aws:sqs:us-east-1:1:q"));
    assert_eq!(door.ask("PUT", path, &[], b"<NotificationConfiguration/>").await.status, 200);
    assert!(!door.ask("GET", path, &[], b"").await.text.contains("sqs"));
    let bridge = b"<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>";
    assert_eq!(door.ask("PUT", path, &[], bridge).await.status, 200);
    assert!(door.ask("GET", path, &[], b"").await.text.contains("EventBridgeConfiguration"));
    assert_eq!(door.ask("PUT", "/none?notification=", &[], queue.as_bytes()).await.code(), "NoSuchBucket");
}

#[tokio::test]
async fn further_settings_of_buckets() {
    let door = Door::with_bucket().await;
    let rule = |ownership: &str| {
        format!("<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule></OwnershipControls>")
    };
    let path = "/shop?ownershipControls=";
    assert_eq!(door.ask("PUT", path, &[], rule("BucketOwnerEnforced").as_bytes()).await.status, 200);
    assert!(door.ask("GET", path, &[], b"").await.text.contains("BucketOwnerEnforced"));
    assert_eq!(door.ask("PUT", path, &[], rule("Nobody").as_bytes()).await.code(), "MalformedXML");
    assert_eq!(door.ask("DELETE", path, &[], b"").await.status, 204);
    assert_eq!(door.ask("GET", path, &[], b"").await.code(), "OwnershipControlsNotFoundError");
    assert!(door.ask("GET", "/shop?requestPayment=", &[], b"").await.text.contains("BucketOwner"));
    assert_eq!(door.ask("GET", "/shop?policyStatus=", &[], b"").await.code(), "NoSuchBucketPolicy");
    assert_eq!(door.ask("PUT", "/shop?policy=", &[], b"{}").await.status, 204);
    assert_eq!(one(&door.ask("GET", "/shop?policyStatus=", &[], b"").await.text, "IsPublic"), "false");
}

#[tokio::test]
async fn a_range_that_cannot_be_used_is_ignored() {
    let door = filled(&["k"]).await;
    let whole = ["bytes=a-b", "items=0-1", "bytes=3-1", "bytes=0-1,3-4", "nonsense", "bytes=-"];
    for range in whole {
        let reply = door.ask("GET", "/shop/k", &[("range", range)], b"").await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "value"), "{range}");
        assert_eq!(reply.header("content-range"), "", "{range}");
        assert_eq!(door.ask("HEAD", "/shop/k", &[("range", range)], b"").await.status, 200, "{range}");
    }
    for (range, part, told) in [
        ("bytes=1-2", "al", "bytes 1-2/5"),
        ("bytes=3-", "ue", "bytes 3-4/5"),
        ("bytes=-2", "ue", "bytes 3-4/5"),
        ("bytes=3-99999999999999999999", "ue", "bytes 3-4/5"),
    ] {
        let reply = door.ask("GET", "/shop/k", &[("range", range)], b"").await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (206, part), "{range}");
        assert_eq!(reply.header("content-range"), told, "{range}");
    }
    for range in ["bytes=5-", "bytes=-0", "bytes=99999999999999999999-"] {
        let reply = door.ask("GET", "/shop/k", &[("range", range)], b"").await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("InvalidRange", 416), "{range}");
    }
    assert_eq!(door.ask("PUT", "/shop/empty", &[], b"").await.status, 200);
    let reply = door.ask("GET", "/shop/empty", &[("range", "bytes=-5")], b"").await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str(), reply.header("content-range")), (200, "", ""));
    let reply = door.ask("GET", "/shop/empty", &[("range", "bytes=0-")], b"").await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("InvalidRange", 416));
    let changed = [("range", "bytes=1-2"), ("if-range", "\"another\"")];
    assert_eq!(door.ask("GET", "/shop/k", &changed, b"").await.text, "value");
    let same = [("range", "bytes=1-2"), ("if-range", "\"2063c1608d6e0baf80249c42e2be5804\"")];
    assert_eq!(door.ask("GET", "/shop/k", &same, b"").await.text, "al");
}

use crate::limits::FORM_FIELDS_BYTES_MAX;
use crate::tests::{Door, HOST, IDLE, KEY, Reply, SECRET, TestBody, stalled, streamed, whole};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The day of the tests' clock.
const DAY: &str = "20231114";
const DATE: &str = "20231114T221320Z";
const SOON: &str = "2023-11-14T22:14:20Z";

fn mac<D: hmac::EagerHash>(key: &[u8], text: &[u8]) -> Vec<u8>
where
    Hmac<D>: Mac + KeyInit,
{
    Mac::chain_update(<Hmac<D> as KeyInit>::new_from_slice(key).expect("any length"), text)
        .finalize()
        .into_bytes()
        .to_vec()
}

/// A form as boto3's `generate_presigned_post` makes it: the fields, and conditions for each of them.
#[derive(Clone)]
struct Form {
    fields: Vec<(String, String)>,
    conditions: Vec<String>,
    end: String,
}

impl Form {
    fn new() -> Self {
        let mut form = Self { fields: Vec::new(), conditions: vec![r#"{"bucket":"shop"}"#.into()], end: SOON.into() };
        form.field("key", "up/${filename}");
        form
    }

    fn field(&mut self, name: &str, value: &str) -> &mut Self {
        self.conditions.push(format!(r#"["eq","${name}","{value}"]"#));
        self.unlisted(name, value)
    }

    fn unlisted(&mut self, name: &str, value: &str) -> &mut Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    fn condition(&mut self, condition: &str) -> &mut Self {
        self.conditions.push(condition.into());
        self
    }

    fn policy(&self) -> String {
        let (end, conditions) = (&self.end, self.conditions.join(","));
        BASE64_STANDARD.encode(format!(r#"{{"expiration":"{end}","conditions":[{conditions}]}}"#))
    }

    fn signed(&self) -> Self {
        let mut form = self.clone();
        let credential = format!("{KEY}/{DAY}/us-east-1/s3/aws4_request");
        form.field("x-amz-algorithm", "AWS4-HMAC-SHA256")
            .field("x-amz-credential", &credential)
            .field("x-amz-date", DATE);
        let policy = form.policy();
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in [DAY, "us-east-1", "s3", "aws4_request"] {
            key = mac::<sha2::Sha256>(&key, part.as_bytes());
        }
        let signature = hex::encode(mac::<sha2::Sha256>(&key, policy.as_bytes()));
        form.unlisted("policy", &policy).unlisted("x-amz-signature", &signature);
        form
    }

    /// With Signature Version 2, boto3's default in the oldest regions.
    fn signed_v2(&self) -> Self {
        let mut form = self.clone();
        let policy = form.policy();
        let signature = BASE64_STANDARD.encode(mac::<sha1::Sha1>(SECRET.as_bytes(), policy.as_bytes()));
        form.unlisted("AWSAccessKeyId", KEY).unlisted("policy", &policy).unlisted("signature", &signature);
        form
    }

    fn before_file(&self) -> String {
        let field = |(name, value): &(String, String)| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let fields: String = self.fields.iter().map(field).collect();
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv";
        format!("{fields}--XX\r\n{head}\r\n\r\n")
    }

    fn body(&self, file: &str) -> Vec<u8> {
        format!("{}{file}\r\n--XX--\r\n", self.before_file()).into_bytes()
    }
}

fn request(path: &str, body: TestBody) -> Request<TestBody> {
    let kind = "multipart/form-data; boundary=XX";
    Request::post(path).header("host", HOST).header("content-type", kind).body(body).expect("a request")
}

async fn post(door: &Door, form: &Form, file: &str) -> Reply {
    door.send(request("/shop", whole(&form.body(file)))).await
}

#[tokio::test]
async fn a_signed_form_stores_its_file_with_either_signature() {
    for v2 in [false, true] {
        let door = Door::with_bucket().await;
        let mut form = Form::new();
        form.condition(r#"["starts-with","$key","up/"]"#);
        form.field("Cache-Control", "no-store").field("x-amz-meta-origin", "shop").unlisted("x-ignore-me", "1");
        let form = if v2 { form.signed_v2() } else { form.signed() };
        let reply = post(&door, &form, "a,b\r\n1,2\r\n").await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
        assert_eq!(reply.header("etag"), "\"b202f333fba4fd38d4b8e5e693077aab\"");
        let got = door.ask("GET", "/shop/up/a.csv", &[], b"").await;
        assert_eq!(got.text, "a,b\r\n1,2\r\n");
        assert_eq!(got.header("etag"), reply.header("etag"));
        assert_eq!((got.header("content-type"), got.header("cache-control")), ("text/csv", "no-store"));
        assert_eq!(got.header("x-amz-meta-origin"), "shop");
    }
}

#[tokio::test]
async fn tags_and_the_list_of_a_form_are_kept() {
    let door = Door::with_bucket().await;
    let mut form = Form::new();
    form.field("acl", "public-read");
    let tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>search</Value></Tag></TagSet></Tagging>";
    let kept = post(&door, &form.clone().field("tagging", tags).signed(), "x").await;
    assert_eq!(kept.status, 204, "{}", kept.text);
    let told = door.ask("GET", "/shop/up/a.csv?tagging=", &[], b"").await.text;
    assert!(told.contains("<Key>team</Key><Value>search</Value>"), "{told}");
    assert!(door.ask("GET", "/shop/up/a.csv?acl=", &[], b"").await.text.contains("AllUsers"));
    let malformed = post(&door, &form.clone().field("tagging", "team=search").signed(), "x").await;
    assert_eq!(malformed.code(), "MalformedXML", "{}", malformed.text);
    let unknown = post(&door, &Form::new().field("acl", "everybody").signed(), "x").await;
    assert_eq!(unknown.code(), "InvalidArgument", "{}", unknown.text);
}

#[tokio::test]
async fn the_answer_is_the_one_that_the_form_wants() {
    let door = Door::with_bucket().await;
    for (name, value, status, location, text) in [
        ("success_action_status", "200", 200, "", ""),
        ("success_action_status", "404", 204, "", ""),
        ("success_action_status", "201", 201, "", "<Bucket>shop</Bucket><Key>up/a.csv</Key>"),
        (
            "success_action_redirect",
            "https://x.example/done",
            303,
            "https://x.example/done?bucket=shop&key=up%2Fa.csv",
            "",
        ),
        ("redirect", "http://x.example/?a=b", 303, "http://x.example/?a=b&bucket=shop&key=up%2Fa.csv&etag=%22", ""),
        ("redirect", "javascript:alert(1)", 204, "", ""),
        ("redirect", "/elsewhere", 204, "", ""),
    ] {
        let mut form = Form::new();
        form.field(name, value);
        let reply = post(&door, &form.signed(), "x").await;
        assert_eq!(reply.status.as_u16(), status, "{value} {}", reply.text);
        assert!(reply.header("location").starts_with(location), "{}", reply.header("location"));
        assert_eq!(reply.header("location").is_empty(), location.is_empty());
        assert!(reply.text.contains(text), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_policy_must_be_signed_and_hold() {
    let door = Door::with_bucket().await;
    let swapped = |form: &Form, name: &str, value: &str| {
        let mut form = form.clone();
        form.fields.iter_mut().filter(|(known, _)| known == name).for_each(|(_, found)| *found = value.into());
        form
    };
    let without = |form: &Form, name: &str| {
        let mut form = form.clone();
        form.fields.retain(|(known, _)| known != name);
        form
    };
    let ending = |end: &str| Form { end: end.into(), ..Form::new() };
    let signed = Form::new().signed();
    let v2 = Form::new().signed_v2();
    let (mut foreign, mut extra, mut moved) = (Form::new(), Form::new(), Form::new());
    foreign.condition(r#"{"bucket":"other"}"#);
    extra.unlisted("x-amz-meta-a", "b");
    moved.field("bucket", "other");
    let mut prefix = Form::new();
    prefix.condition(r#"["starts-with","$key","down/"]"#);
    let mut bare = Form::new();
    bare.condition(r#"["starts-with","$x-amz-meta-a","b"]"#);
    for (what, form, code) in [
        ("no policy", Form::new(), "AccessDenied"),
        ("no signature", without(&signed, "x-amz-signature"), "AccessDenied"),
        ("no key", without(&v2, "AWSAccessKeyId"), "AccessDenied"),
        ("no date", without(&signed, "x-amz-date"), "AccessDenied"),
        ("another signature", swapped(&signed, "x-amz-signature", &"0".repeat(64)), "SignatureDoesNotMatch"),
        ("another signature", swapped(&v2, "signature", "AAAA"), "SignatureDoesNotMatch"),
        ("another policy", swapped(&signed, "policy", &Form::new().policy()), "SignatureDoesNotMatch"),
        ("a stranger", swapped(&v2, "AWSAccessKeyId", "K"), "InvalidAccessKeyId"),
        ("another day", swapped(&signed, "x-amz-date", "20231113T000000Z"), "SignatureDoesNotMatch"),
        ("ended", ending("2023-11-14T22:13:19Z").signed(), "AccessDenied"),
        ("ended", ending("2023-11-14T22:13:19Z").signed_v2(), "AccessDenied"),
        ("endless", ending("2023-11-21T22:13:21Z").signed(), "AccessDenied"),
        ("endless", ending("2023-11-21T22:13:21Z").signed_v2(), "AccessDenied"),
        ("as long as allowed", ending("2023-11-21T22:13:20Z").signed(), "204"),
        ("no date of an end", ending("later").signed(), "InvalidPolicyDocument"),
        ("another key", swapped(&signed, "key", "mine"), "AccessDenied"),
        ("a field without a condition", extra.signed(), "AccessDenied"),
        ("another bucket", foreign.signed(), "AccessDenied"),
        ("a field of another bucket", moved.signed(), "AccessDenied"),
        ("another prefix", prefix.signed(), "AccessDenied"),
        ("a missing field with a prefix", bare.signed(), "AccessDenied"),
    ] {
        let reply = post(&door, &form, "x").await;
        assert_eq!(reply.code(), code, "{what}: {}", reply.text);
    }
    assert_eq!(door.blob_count().await, 1);
}

#[tokio::test]
async fn the_length_of_the_file_is_in_the_range_of_the_policy() {
    let door = Door::with_bucket().await;
    let mut form = Form::new();
    form.condition(r#"["content-length-range", 2, 9]"#).condition(r#"["content-length-range", 1, 3]"#);
    for (file, code) in [("1", "EntityTooSmall"), ("12", "204"), ("123", "204"), ("1234", "EntityTooLarge")] {
        assert_eq!(post(&door, &form.signed(), file).await.code(), code, "{file}");
    }
    assert_eq!(door.ask("GET", "/shop/up/a.csv", &[], b"").await.text, "123");
    assert_eq!(door.blob_count().await, 1);
}

#[tokio::test]
async fn the_newer_of_two_signatures_counts() {
    let door = Door::with_bucket().await;
    let mut both = Form::new().signed();
    both.unlisted("AWSAccessKeyId", KEY).unlisted("signature", "AAAA");
    assert_eq!(post(&door, &both, "x").await.code(), "204");
    let mut older = Form::new().signed_v2();
    older.unlisted("x-amz-signature", &"0".repeat(64));
    assert_eq!(post(&door, &older, "x").await.code(), "AccessDenied");
}

#[tokio::test]
async fn a_range_of_lengths_is_a_condition_of_no_field() {
    let door = Door::with_bucket().await;
    let mut form = Form::new();
    form.condition(r#"["content-length-range", 0, 9]"#).unlisted("x-amz-meta-a", "b");
    let reply = post(&door, &form.signed(), "x").await;
    assert_eq!(reply.code(), "AccessDenied", "{}", reply.text);
    assert!(reply.text.contains("Extra input fields: x-amz-meta-a"), "{}", reply.text);
}

#[tokio::test]
async fn a_field_without_an_end_is_refused_at_the_limit() {
    let door = Door::with_bucket().await;
    let began = Bytes::from_static(b"--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n");
    let value = futures::stream::iter((0..1_000).map(|_| Ok(Bytes::from_static(&[b'x'; 1_024]))));
    let body = streamed(futures::stream::iter([Ok(began)]).chain(value));
    assert_eq!(door.send(request("/shop", body)).await.code(), "MaxPostPreDataLengthExceededError");
}

#[tokio::test]
async fn a_prefix_stands_at_the_beginning() {
    let door = Door::with_bucket().await;
    let mut form = Form { fields: Vec::new(), ..Form::new() };
    form.conditions = vec![r#"{"bucket":"shop"}"#.into(), r#"["starts-with","$key","up/"]"#.into()];
    for (key, code) in [("up/a", "204"), ("up/", "204"), ("down/up/", "AccessDenied"), ("up", "AccessDenied")] {
        let mut form = form.clone();
        form.unlisted("key", key);
        assert_eq!(post(&door, &form.signed(), "x").await.code(), code, "{key}");
    }
}

#[tokio::test]
async fn checksums_of_a_form_are_verified() {
    let door = Door::with_bucket().await;
    for (name, value, code) in [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", "204"),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32", "NhCmhg==", "204"),
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
    ] {
        let mut form = Form::new();
        form.field(name, value);
        assert_eq!(post(&door, &form.signed(), "hello").await.code(), code, "{name} {value}");
    }
}

#[tokio::test]
async fn where_a_form_is_sent_is_a_bucket_that_exists() {
    let door = Door::with_bucket().await;
    let form = Form::new().signed();
    let send = async |path: &str, host: &str| {
        let mut request = request(path, whole(&form.body("x")));
        request.headers_mut().insert("host", host.parse().expect("a host"));
        door.send(request).await.code()
    };
    assert_eq!(send("/", "shop.localhost:4100").await, "204");
    assert_eq!(send("/shop/", HOST).await, "204");
    assert_eq!(send("/sh%6Fp", HOST).await, "204");
    assert_eq!(send("/shop/key", HOST).await, "MethodNotAllowed");
    assert_eq!(send("/shop", "shop.localhost:4100").await, "MethodNotAllowed");
    assert_eq!(send("/", HOST).await, "MethodNotAllowed");
    assert_eq!(send("/%FF", HOST).await, "InvalidURI");
    assert_eq!(send("/other", HOST).await, "AccessDenied", "the policy is for another bucket");
    let nowhere = Form { conditions: vec![r#"["eq","$key","up/${filename}"]"#.into()], ..Form::new() }.signed();
    let reply = door.send(request("/nobucket", whole(&nowhere.body("x")))).await;
    assert_eq!(reply.code(), "NoSuchBucket");
    let mut keyless = Form { fields: Vec::new(), ..Form::new() };
    assert_eq!(post(&door, &keyless.signed(), "x").await.code(), "AccessDenied", "the policy wants a key");
    keyless.conditions.clear();
    assert_eq!(post(&door, &keyless.signed(), "x").await.code(), "UserKeyMustBeSpecified");
    let mut long = Form { fields: Vec::new(), conditions: Vec::new(), end: SOON.into() };
    long.field("key", &"k".repeat(1_025));
    assert_eq!(post(&door, &long.signed(), "x").await.code(), "KeyTooLongError");
}

/// A stranger's file of any size costs what its fields do.
#[tokio::test]
async fn nothing_of_a_stranger_s_file_is_read_while_he_waits_for_leave() {
    let door = Door::with_bucket().await;
    for (form, waits) in [(Form::new(), true), (Form::new(), false), (Form::new().signed_v2(), true)] {
        let mut form = form;
        if let Some((_, signature)) = form.fields.iter_mut().find(|(name, _)| name == "signature") {
            *signature = "AAAA".into();
        }
        let read = Arc::new(AtomicUsize::new(0));
        let counter = read.clone();
        let head = Bytes::from(form.before_file());
        let file = futures::stream::iter(0..1_000_000).map(move |_| {
            counter.fetch_add(65_536, Ordering::SeqCst);
            Ok(Bytes::from_static(&[b'x'; 65_536]))
        });
        let body = streamed(futures::stream::iter([Ok(head)]).chain(file));
        let mut request = request("/shop", body);
        if waits {
            request.headers_mut().insert("expect", "100-continue".parse().expect("a header"));
        }
        let reply = door.send(request).await;
        assert_eq!(reply.status.as_u16(), 403, "{}", reply.text);
        let dropped = if waits { 0 } else { crate::limits::DRAIN_BYTES_MAX + 65_536 };
        assert_eq!(read.load(Ordering::SeqCst), dropped);
    }
}

#[tokio::test]
async fn the_fields_have_a_limit_and_a_time() {
    let door = Door::with_bucket().await;
    let with_field_of = |bytes: usize| {
        let mut form = Form::new();
        form.unlisted("x-ignore-a", &"v".repeat(bytes));
        form.signed()
    };
    let others = with_field_of(0).before_file().len() + "\r\n".len();
    let most = FORM_FIELDS_BYTES_MAX - others;
    assert_eq!(post(&door, &with_field_of(most), "x").await.code(), "204");
    assert_eq!(post(&door, &with_field_of(most + 1), "x").await.code(), "MaxPostPreDataLengthExceededError");
    let endless = futures::stream::iter((0..1_000_000).map(|_| Ok(Bytes::from_static(b"--XX\r\n"))));
    let reply = door.send(request("/shop", streamed(endless))).await;
    assert_eq!(reply.status.as_u16(), 400, "{}", reply.text);

    let reply = door.send(request("/shop", stalled(&[b"--XX\r\nContent-Disp"]))).await;
    assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("RequestTimeout", 400));
    let trickle = futures::stream::iter(0..1_000).then(|_| async {
        tokio::time::sleep(IDLE / 4).await;
        Ok(Bytes::from_static(b"-"))
    });
    let began = std::time::Instant::now();
    let reply = door.send(request("/shop", streamed(trickle))).await;
    assert_eq!(reply.code(), "RequestTimeout");
    assert!(began.elapsed() < 20 * IDLE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_file_that_falls_silent_or_breaks_off_is_not_stored() {
    let door = Door::with_bucket().await;
    let form = Form::new().signed();
    let body = form.body("the whole file");
    let reply = door.send(request("/shop", stalled(&[&body[..body.len() - 12]]))).await;
    assert_eq!(reply.code(), "RequestTimeout");
    for cut in [8, 9, 12, 16] {
        let reply = door.send(request("/shop", whole(&body[..body.len() - cut]))).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("IncompleteBody", 400), "{cut}");
    }
    assert_eq!(door.blob_count().await, 0);
    assert_eq!(
        door.send(request("/shop", whole(&body[..body.len() - 4]))).await.code(),
        "204",
        "only the end is left out"
    );
}

#[tokio::test]
async fn a_form_is_read_however_the_wire_cuts_it() {
    let door = Door::with_bucket().await;
    let form = Form::new().signed();
    let file = "\r\n--X\r\n--XY\r\r\n-\r\n--";
    for size in [1, 2, 3, 5, 64, 4_096] {
        let body = form.body(file);
        let pieces: Vec<_> = body.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let reply = door.send(request("/shop", streamed(futures::stream::iter(pieces)))).await;
        assert_eq!(reply.status.as_u16(), 204, "{size} {}", reply.text);
        assert_eq!(door.ask("GET", "/shop/up/a.csv", &[], b"").await.text, file);
    }
}

#[tokio::test]
async fn forms_that_are_none_are_refused() {
    let door = Door::with_bucket().await;
    let field = "--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n";
    for body in [
        "",
        "--XX--\r\n",
        "--XX\r\n\r\n\r\n",
        "--XXtail\r\n",
        "--XX\r\nno header\r\n\r\n",
        "--XX\r\nContent-Disposition: form-data\r\n\r\nv\r\n--XX--\r\n",
        "--XX\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nv\r\n--XX--\r\n",
        &format!("{field}{field}--XX--\r\n"),
    ] {
        let reply = door.send(request("/shop", whole(body.as_bytes()))).await;
        assert_eq!((reply.code().as_str(), reply.status.as_u16()), ("MalformedPOSTRequest", 400), "{body:?}");
    }
    let twice = door.send(request("/shop", whole(format!("{field}{field}--XX--\r\n").as_bytes()))).await;
    assert!(twice.text.contains("given twice"), "{}", twice.text);
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "MULTIPART/Form-Data;x=\"",
        "multipart/form-data; boundary",
    ] {
        let mut request = request("/shop", whole(b"--XX--"));
        request.headers_mut().insert("content-type", kind.parse().expect("a header"));
        assert_eq!(door.send(request).await.code(), "MalformedPOSTRequest", "{kind}");
    }
    let tail = door.send(request("/shop", whole(b"--XXtail\r\n"))).await;
    assert!(tail.text.contains("text follows a boundary"), "{}", tail.text);
    let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
    let mut request = request("/shop", whole(b"--XX--"));
    request.headers_mut().insert("content-type", long.parse().expect("a header"));
    assert!(door.send(request).await.text.contains("boundary"));
}

#[tokio::test]
async fn names_of_files_are_read_as_browsers_write_them() {
    let door = Door::with_bucket().await;
    let mut form = Form::new();
    form.field("bucket", "shop");
    let form = form.signed();
    for (sent, key) in [
        ("filename=\"a b.csv\"", "a%20b.csv"),
        ("filename=plain.csv; other=1", "plain.csv"),
        (r#"filename="a\"b.csv""#, "a%22b.csv"),
        (r#"filename="C:\dir\f.csv""#, "C%3A%5Cdir%5Cf.csv"),
        ("FileName=\"x;y.csv\"", "x%3By.csv"),
    ] {
        let body = String::from_utf8(form.body("v")).expect("text").replace("filename=\"a.csv\"", sent);
        let reply = door.send(request("/shop", whole(body.as_bytes()))).await;
        assert_eq!(reply.status.as_u16(), 204, "{sent} {}", reply.text);
        assert_eq!(door.ask("GET", &format!("/shop/up/{key}"), &[], b"").await.text, "v", "{sent}");
    }
}

"""The embedded S3 endpoint as boto3 uses it."""
import hashlib
import io
import tempfile

from common import *

s3.create_bucket(Bucket="storage")
s3.put_bucket_policy(Bucket="storage", Policy='{"Version":"2012-10-17","Statement":[]}')
assert s3.get_bucket_policy(Bucket="storage")["Policy"] == '{"Version":"2012-10-17","Statement":[]}'
keys = ["plain.csv", "a+b.csv", "with space.csv", "ünï/코드.csv", "per%cent", "deep/er/../x"]
for key in keys:
    s3.put_object(Bucket="storage", Key=key, Body=key.encode(), ContentType="text/csv", Metadata={"k": "v"})
for key in keys:
    found = s3.get_object(Bucket="storage", Key=key)
    assert found["Body"].read() == key.encode() and found["Metadata"] == {"k": "v"} and found["ContentType"] == "text/csv", key
    assert s3.head_object(Bucket="storage", Key=key)["ContentLength"] == len(key.encode())
listed = [o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket="storage", PaginationConfig={"PageSize": 2})
          for o in page["Contents"]]
assert listed == sorted(keys), listed
folders = s3.list_objects_v2(Bucket="storage", Delimiter="/")
assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["deep/", "ünï/"], folders

big = bytes(range(256)) * 4096 * 20
with tempfile.NamedTemporaryFile() as file:
    file.write(big)
    file.flush()
    s3.upload_file(file.name, "storage", "big file.bin")
assert s3.head_object(Bucket="storage", Key="big file.bin")["ETag"].endswith('-3"'), "uploaded in parts"
back = io.BytesIO()
s3.download_fileobj("storage", "big file.bin", back)
assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(big).digest()
assert s3.get_object(Bucket="storage", Key="big file.bin", Range="bytes=256-511")["Body"].read() == big[256:512]

s3.copy_object(Bucket="storage", Key="copy+of", CopySource={"Bucket": "storage", "Key": "a+b.csv"})
assert s3.get_object(Bucket="storage", Key="copy+of")["Body"].read() == b"a+b.csv"
url = s3.generate_presigned_url("get_object", Params={"Bucket": "storage", "Key": "ünï/코드.csv"}, ExpiresIn=60)
with urllib.request.urlopen(url, timeout=10) as answer:
    assert answer.read() == "ünï/코드.csv".encode()
expect("NoSuchKey", s3.get_object, Bucket="storage", Key="absent")
expect("NoSuchBucket", s3.list_objects_v2, Bucket="absent-bucket")
expect("BucketNotEmpty", s3.delete_bucket, Bucket="storage")
wrong = boto3.client("s3", aws_secret_access_key="wrong", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], config=ONCE)
expect("SignatureDoesNotMatch", wrong.list_objects_v2, Bucket="storage")
s3.delete_object(Bucket="storage", Key="plain.csv")
rest = [{"Key": o["Key"]} for o in s3.list_objects_v2(Bucket="storage")["Contents"]]
assert len(s3.delete_objects(Bucket="storage", Delete={"Objects": rest})["Deleted"]) == len(rest)
s3.delete_bucket(Bucket="storage")
print("ok: storage")

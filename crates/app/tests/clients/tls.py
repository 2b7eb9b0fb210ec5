"""The API, S3 and plain GETs over TLS, with an authority of one's own that AWS_CA_BUNDLE names."""
import os
import ssl
import subprocess
import sys
import urllib.request

from common import *

endpoint = os.environ["AWS_ENDPOINT_URL"]
assert endpoint.startswith("https://127.0.0.1:"), endpoint
bundle = os.environ["AWS_CA_BUNDLE"]

group = personalize.create_dataset_group(name="tls")["datasetGroupArn"]
assert personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["name"] == "tls"
s3.create_bucket(Bucket="tls")
body = b"0123456789abcdef" * (1 << 19)
s3.upload_fileobj(__import__("io").BytesIO(body), "tls", "large")
assert s3.get_object(Bucket="tls", Key="large")["Body"].read() == body
url = s3.generate_presigned_url("get_object", Params={"Bucket": "tls", "Key": "large"})
context = ssl.create_default_context(cafile=bundle)
with urllib.request.urlopen(url, context=context) as answer:
    assert answer.read() == body
with urllib.request.urlopen(endpoint + "/health", context=context) as answer:
    assert answer.status == 200
try:
    urllib.request.urlopen(endpoint + "/health")
    raise AssertionError("an authority that nobody knows was believed")
except urllib.error.URLError as error:
    assert "CERTIFICATE_VERIFY_FAILED" in str(error), error

cli = os.path.join(os.path.dirname(sys.executable), "aws")
if os.path.exists(cli):
    listed = subprocess.run([cli, "personalize", "list-dataset-groups", "--query", "datasetGroups[].name", "--output", "text"],
                            capture_output=True, text=True)
    assert listed.stdout.strip() == "tls", listed
    print("the AWS CLI did, too")
print("TLS: the API, S3 and plain GETs were answered")

"""Bad input gets a clear error, and nothing of it is kept."""
import urllib.request

from common import *

group = personalize.create_dataset_group(name="errors")["datasetGroupArn"]
interactions = dataset("errors", group, "Interactions", INTERACTIONS)
header = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]
good = chain_rows(users=30, events=40)


def failing_import(name, text, *needles, location=None):
    job = import_job(name, interactions, location or upload(f"{name}.csv", text))
    assert job["status"] == "CREATE FAILED", (name, job)
    for needle in needles:
        assert needle in job["failureReason"], (name, needle, job["failureReason"])


def with_row(row, at=700):
    return csv_text(header, good[:at] + [row] + good[at:])


failing_import("no-column", csv_text(["USER_ID", "TIMESTAMP"], [("u", 1)]), "no-column.csv", "ITEM_ID")
failing_import("no-number", with_row(("u", "i", "yesterday", "v")), "no-number.csv", "702", "TIMESTAMP", "yesterday")
failing_import("milliseconds", with_row(("u", "i", 1700000000000, "v")), "702", "TIMESTAMP", "milliseconds", "1700000000000")
failing_import("long-id", with_row(("u" * 257, "i", 1, "v")), "702", "USER_ID", "256")
failing_import("empty-id", with_row(("u", "", 1, "v")), "702", "ITEM_ID", "empty")
failing_import("quotes", with_row(('"u', "i", 1, "v")), "quotes.csv")
failing_import("short-row", with_row(("u", "i")), "702")
failing_import("too-few", csv_text(header, good[:999]), "999", "1000")
failing_import("empty-file", "", "empty-file.csv")
failing_import("no-key", None, "no-such.csv", location="s3://client-tests/no-such.csv")
failing_import("no-bucket", None, "no-such-bucket", location="s3://no-such-bucket/x.csv")
message = expect("InvalidInputException", personalize.create_dataset_import_job, jobName="x", datasetArn=interactions,
                 dataSource={"dataLocation": "s3://client-tests/x.csv"}, roleArn=ROLE, importMode="INCREMENTAL")
assert "INCREMENTAL" in message, message

# Nothing of the failed files counts: training sees no data at all.
version = train("errors-nothing", group)
assert version["status"] == "CREATE FAILED", version
assert "1000" in version["failureReason"] and "25" in version["failureReason"], version["failureReason"]
few_users = [("u%d" % (n % 24), f"i{n}", 1_700_000_000 + n, "v") for n in range(1200)] + \
            [(f"once{n}", "i1", 1_700_000_000, "v") for n in range(50)]
assert import_job("few-users", interactions, upload("few-users.csv", csv_text(header, few_users)))["status"] == "ACTIVE"
version = train("errors-users", group)
assert "24" in version["failureReason"] and "25" in version["failureReason"], version["failureReason"]
expect("ResourceInUseException", personalize.get_solution_metrics, solutionVersionArn=version["solutionVersionArn"])

# Constraint violations name the member and the rule.
for name, rule in (("!!", "regular expression pattern"), ("n" * 64, "length less than or equal to 63")):
    message = expect("InvalidInputException", personalize.create_dataset_group, name=name)
    assert message.startswith("1 validation error detected") and "'name'" in message and rule in message, message
message = expect("InvalidInputException", personalize.create_schema, name="bad", schema="{}")
assert message, message
message = expect("InvalidInputException", personalize.create_solution, name="bad", datasetGroupArn=group,
                 recipeArn=RECIPES + "aws-user-personalization",
                 solutionConfig={"algorithmHyperParameters": {"hidden_dimension": "999"}})
assert "hidden_dimension" in message and "999" in message and "256" in message, message
message = expect("InvalidInputException", personalize.create_solution, name="bad", datasetGroupArn=group,
                 recipeArn=RECIPES + "aws-user-personalization",
                 solutionConfig={"algorithmHyperParameters": {"hiden_dimension": "64"}})
assert "hiden_dimension" in message, message
expect("ResourceNotFoundException", personalize.create_solution, name="bad", datasetGroupArn=group, recipeArn=RECIPES + "aws-nothing")
message = expect("ResourceAlreadyExistsException", personalize.create_dataset_group, name="errors")
assert group in message, message
unknown = group.replace("errors", "unknown")
message = expect("ResourceNotFoundException", personalize.describe_dataset_group, datasetGroupArn=unknown)
assert unknown in message, message
expect("InvalidNextTokenException", personalize.list_schemas, nextToken="made-up")
message = expect("InvalidInputException", personalize.create_filter, name="f", datasetGroupArn=group, filterExpression="x")
assert message.startswith("Could not create filter. Invalid Expression"), message

# Events: nothing of a bad call is kept.
tracker = personalize.create_event_tracker(name="errors", datasetGroupArn=group)["trackingId"]
view = {"eventType": "v", "itemId": "i1", "sentAt": 1_700_000_000}
for event, needle in (({"eventType": "v", "sentAt": 1}, "item"),
                      ({**view, "itemId": "i" * 257}, "itemId"), ({**view, "properties": "not json"}, "properties")):
    message = expect("InvalidInputException", events.put_events, trackingId=tracker, userId="u", sessionId="s", eventList=[view, event])
    assert needle in message and "eventList" in message, message
expect("InvalidInputException", events.put_events, trackingId="no-such-tracker", userId="u", sessionId="s", eventList=[view])
expect("InvalidInputException", events.put_events, trackingId=tracker, userId="u", sessionId="s", eventList=[view] * 11)

# Signatures.
for key, secret, code in (("TMUNKNOWNKEY00000000", "x", "UnrecognizedClientException"),
                          (os.environ["AWS_ACCESS_KEY_ID"], "wrong", "InvalidSignatureException")):
    client = boto3.client("personalize", aws_access_key_id=key, aws_secret_access_key=secret, config=ONCE)
    message = expect(code, client.list_schemas)
    assert code != "UnrecognizedClientException" or 'eval "$(tastemaker env)"' in message, message


def post(body, headers, path="/"):
    request = urllib.request.Request(ENDPOINT + path, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


status, body = post(b"{}", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"})
assert status == 403 and b"MissingAuthenticationToken" in body, (status, body)


def signed(body, target="AmazonPersonalize.ListSchemas"):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    request = AWSRequest("POST", ENDPOINT + "/", data=body, headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})
    SigV4Auth(Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]), "personalize", "us-east-1").add_auth(request)
    return post(body, dict(request.headers))


assert signed(b"{}")[0] == 200
for body, target, code in ((b"{", "AmazonPersonalize.ListSchemas", b"SerializationException"),
                           (b'{"maxResults":"ten"}', "AmazonPersonalize.ListSchemas", b"SerializationException"),
                           (b"\xff\xfe", "AmazonPersonalize.ListSchemas", b"SerializationException"),
                           (b"{}", "AmazonPersonalize.MakeCoffee", b"UnknownOperationException")):
    status, answer = signed(body, target)
    assert 400 <= status < 500 and code in answer, (body, status, answer)
status, answer = signed(b" " * 10_000_000)
assert 400 <= status < 500, (status, answer)
print("ok: errors")

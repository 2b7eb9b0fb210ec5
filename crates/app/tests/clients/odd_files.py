"""Files, schemas, filters and events as public notebooks and scripts have them go in, and what does not is named."""
import gzip

from common import *

# A schema of an older script, begun by an editor on Windows: names in lower case, and a session in every row.
CLICKS = "\ufeff" + schema("Interactions", [
    {"name": "user_id", "type": "string"}, {"name": "item_id", "type": "string"}, {"name": "timestamp", "type": "long"},
    {"name": "event_type", "type": "string"}, {"name": "SESSION_ID", "type": "string"}])
THINGS = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "NAME", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]},
    {"name": "YEAR", "type": "int"}, {"name": "category", "type": ["null", "string"], "categorical": True}])

group = personalize.create_dataset_group(name="odd")["datasetGroupArn"]
clicks = dataset("odd", group, "Interactions", CLICKS)
things = dataset("odd", group, "Items", THINGS)

# A folder as Spark and Redshift leave it: parts of any name, marks and empty files between them, the header in lower case.
rows = [(f"u{n % 60}", f"i{n % 12}", 1_700_000_000 + n, "view", f"s{n}") for n in range(1500)]
header = ["user_id", "item_id", "timestamp", "event_type", "session_id"]
for n, name in enumerate(["one.csv", "two.csv000", "part-r-00000"]):
    upload(f"odd/in/{name}", csv_text(header, rows[n * 500:(n + 1) * 500]))
upload("odd/in/_SUCCESS", "")
upload("odd/in/", "")
upload("odd/in/empty.csv", "")
location = "s3://client-tests/odd/in/"
job = import_job("odd-clicks", clicks, location)
assert job["status"] == "ACTIVE" and "failureReason" not in job, job

# Never a part of a folder: what cannot be read is named, with what it looks like.
for n, (name, body, looks) in enumerate([
    ("three.orc", b"ORC\x0a\x03\x00", "ORC"),
    ("three.csv.gz", gzip.compress(csv_text(header, rows).encode())[:-9], "gzip data is damaged or ends early"),
    ("three.parquet", b"PAR1\x15\x04", "Parquet"),
    ("three.csv", csv_text(header, rows).encode("utf-16"), "UTF-16"),
    ("three.csv", csv_text(header, rows).replace("\n", "\r"), "CR line ends"),
]):
    upload(f"odd/in/{name}", body)
    job = import_job(f"odd-refused-{n}", clicks, location)
    assert job["status"] == "CREATE FAILED", job
    assert f"s3://client-tests/odd/in/{name}" in job["failureReason"] and looks in job["failureReason"], job
    s3.delete_object(Bucket="client-tests", Key=f"odd/in/{name}")

# Packed files and lines of JSON are read as they are.
text = csv_text(["ITEM_ID", "NAME", "PRICE", "YEAR", "CATEGORY"], [(f"i{n}", f"Thing {n}", "1.50", 1999, "hats") for n in range(12)])
lines = "".join(json.dumps({"ITEM_ID": f"i{n}", "NAME": f"Thing {n}", "PRICE": 1.5, "YEAR": 1999, "category": ["hats", "shoes"]}) + "\n" for n in range(12))
for name, body in [("items.csv.gz", gzip.compress(text.encode())), ("items.jsonl", lines), ("items.jsonl.gz", gzip.compress(lines.encode()))]:
    job = import_job("odd-" + name.replace(".", "-"), things, upload(f"odd/{name}", body))
    assert job["status"] == "ACTIVE" and "failureReason" not in job, job
job = import_job("odd-lines", things, upload("odd/broken.jsonl", lines + "{\"ITEM_ID\": \"x\"}\n"))
assert job["status"] == "ACTIVE" and "NAME 1 (s3://client-tests/odd/broken.jsonl line 13: ''" in job["failureReason"], job

# Values that break the rule of their column are empty; the job says how many and where.
prices = ["84.90", "3.0", "19.99", "free", ""] + ["5.50"] * 7
years = ["2006\u20132007", ""] + ["1999"] * 10
items = [(f"i{n}", f"Thing {n}", prices[n], years[n], "shoes" if n < 6 else "hats") for n in range(12)]
job = import_job("odd-things", things, upload("odd/items.csv", csv_text(["item_id", "Name", "price", "year", "CATEGORY"], items)))
assert job["status"] == "ACTIVE", job
told = job["failureReason"]
assert told.startswith("3 values are empty in the dataset") and "YEAR 2 (s3://client-tests/odd/items.csv line 2: '2006\u20132007'" in told, told
assert "PRICE 1 (s3://client-tests/odd/items.csv line 5: 'free' must be a finite number" in told, told
# An id is a row's own, and without it there is none.
job = import_job("odd-no-id", things, upload("odd/no-id.csv", csv_text(["ITEM_ID", "NAME", "PRICE", "YEAR", "CATEGORY"], [("", "x", 1, 1, "")])))
assert job["status"] == "CREATE FAILED" and "line 2 column ITEM_ID" in job["failureReason"], job

# The reserved column is filled from the request's own member.
tracker = personalize.create_event_tracker(name="odd", datasetGroupArn=group)["trackingId"]
event = {"eventType": "view", "itemId": "i3", "sentAt": int(time.time())}
events.put_events(trackingId=tracker, userId="u1", sessionId="session-of-u1", eventList=[event])

# Prices are shown as they stand in the file and in PutItems.
version = train("odd", group, "aws-popularity-count")
assert version["status"] == "ACTIVE", version
campaign = deploy("odd", version["solutionVersionArn"], campaignConfig={"enableMetadataWithRecommendations": True})
events.put_items(datasetArn=things, items=[
    {"itemId": "i5", "properties": '{"name": "Streamed", "price": 120.00, "year": 1999}'},
    {"itemId": "i6", "properties": json.dumps({"name": "As text", "price": "7.10", "year": 1999})}])
shown = runtime.get_recommendations(campaignArn=campaign, userId="nobody", numResults=12, metadataColumns={"ITEMS": ["price"]})
shown = {one["itemId"]: one.get("metadata", {}).get("price") for one in shown["itemList"]}
expected = {"i0": "84.90", "i1": "3.0", "i2": "19.99", "i3": None, "i4": None, "i5": "120.00", "i6": "7.10", "i7": "5.50"}
assert {item: shown[item] for item in expected} == expected, shown
status, _, body = get("/recommendations?recommender=odd&user_id=nobody&num_results=12")
assert status == 200 and b'"price":84.90' in body and b'"price":120.00' in body and b'"price":3.0' in body, body

# Filters of older scripts.
for name, expression in [
    ("odd-items", 'INCLUDE ItemID WHERE item.category IN ("shoes") AND item.price < 84.91'),
    ("odd-events", 'EXCLUDE ItemID WHERE Interaction.event_type IN ("view")'),
]:
    arn = personalize.create_filter(name=name, datasetGroupArn=group, filterExpression=expression)["filterArn"]
    assert wait(personalize.describe_filter, "filter", filterArn=arn)["status"] == "ACTIVE"
    listed = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=12, filterArn=arn)["itemList"]
    ids = {one["itemId"] for one in listed}
    # u1 has viewed i1 in the file and i3 by an event.
    assert ids == ({"i0", "i1", "i2"} if name == "odd-items" else {f"i{n}" for n in range(12)} - {"i1", "i3"}), (name, ids)

# An export has the prices as they were, and the sessions.
for dataset_arn, part in [(things, "i0,Thing 0,84.90,,shoes"), (clicks, "u1,i3,")]:
    name = "odd-" + dataset_arn.rsplit("/", 1)[1].lower()
    arn = personalize.create_dataset_export_job(jobName=name, datasetArn=dataset_arn, roleArn=ROLE, ingestionMode="ALL", jobOutput={
        "s3DataDestination": {"path": f"s3://client-tests/{name}/"}})["datasetExportJobArn"]
    assert wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=arn)["status"] == "ACTIVE"
    files = s3.list_objects_v2(Bucket="client-tests", Prefix=f"{name}/")["Contents"]
    text = "".join(s3.get_object(Bucket="client-tests", Key=file["Key"])["Body"].read().decode() for file in files)
    assert part in text and ("session-of-u1" in text or dataset_arn == things), text[:500]

# A batch job wants one object a line.
for n, (text, words) in enumerate([
    (json.dumps([{"userId": "u1"}, {"userId": "u2"}]), "a JSON array"),
    (json.dumps({"userId": "u1"}, indent=2), "JSON over several lines"),
    ("\ufeff" + json.dumps({"userId": "u1"}) + "\n", None),
]):
    arn = personalize.create_batch_inference_job(
        jobName=f"odd-{n}", solutionVersionArn=version["solutionVersionArn"], roleArn=ROLE,
        jobInput={"s3DataSource": {"path": upload(f"odd/batch-{n}.json", text)}},
        jobOutput={"s3DataDestination": {"path": f"s3://client-tests/odd/batch-{n}/"}})["batchInferenceJobArn"]
    done = wait(personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=arn)
    assert (done["status"] == "ACTIVE") == (words is None), done
    assert words is None or ("one JSON object a line" in done["failureReason"] and words in done["failureReason"]), done

# A folder of a batch job is read as an import's is.
for name, text in (("part-00000", '{"userId": "u1"}\n'), ("two.json000", '{"userId": "u2"}\n'), ("_SUCCESS", ""), (".hidden", "x"), ("empty.json", "")):
    upload(f"odd/batch/{name}", text)
arn = personalize.create_batch_inference_job(
    jobName="odd-folder", solutionVersionArn=version["solutionVersionArn"], roleArn=ROLE,
    jobInput={"s3DataSource": {"path": "s3://client-tests/odd/batch/"}},
    jobOutput={"s3DataDestination": {"path": "s3://client-tests/odd/batch-out/"}})["batchInferenceJobArn"]
done = wait(personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=arn)
assert done["status"] == "ACTIVE", done
written = {o["Key"] for o in s3.list_objects_v2(Bucket="client-tests", Prefix="odd/batch-out/")["Contents"]}
assert {"odd/batch-out/part-00000.out", "odd/batch-out/two.json000.out"} <= written, written

# A list of users to delete may be headed in lower case, in a part of any name.
upload("odd/gone/part-00000", "user_id\nu1\n")
upload("odd/gone/_SUCCESS", "")
arn = personalize.create_data_deletion_job(jobName="odd", datasetGroupArn=group, roleArn=ROLE, dataSource={
    "dataLocation": "s3://client-tests/odd/gone/"})["dataDeletionJobArn"]
end = time.time() + 60
while (done := personalize.describe_data_deletion_job(dataDeletionJobArn=arn)["dataDeletionJob"])["status"] not in ("COMPLETED", "FAILED"):
    assert time.time() < end, done
    time.sleep(0.1)
assert done["status"] == "COMPLETED" and done["numDeleted"] == 26, done
print("ok: odd files")

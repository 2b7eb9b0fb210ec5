"""Schemas of older notebooks: ratings as texts of numbers, and reserved columns of other types than documentation has today."""
from common import *

# As AWS's notebook for aws-hrnn-metadata has it, beside the columns of MovieLens.
RATINGS = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "EVENT_VALUE", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}])
group = personalize.create_dataset_group(name="older")["datasetGroupArn"]
ratings = dataset("older", group, "Interactions", RATINGS)
shown = personalize.describe_schema(schemaArn=personalize.describe_dataset(datasetArn=ratings)["dataset"]["schemaArn"])
assert json.loads(shown["schema"]["schema"]) == json.loads(RATINGS), shown

# Everybody rates the bad items, few the good ones; two values are no numbers.
header = ["USER_ID", "ITEM_ID", "EVENT_VALUE", "TIMESTAMP", "EVENT_TYPE"]
rows = [(f"u{n % 60}", f"bad{n % 5}", "1.0", 1_700_000_000 + n, "RATING") for n in range(1200)]
rows += [(f"u{n % 60}", f"good{n % 25}", ["4.0", "4.50", "5"][n % 3], 1_700_010_000 + n, "RATING") for n in range(1100)]
rows[7] = ("u7", "bad2", "good", 1_700_000_007, "RATING")
rows[9] = ("u9", "bad4", "", 1_700_000_009, "RATING")
location = upload("older/ratings.csv", csv_text(header, rows))
job = import_job("older", ratings, location)
assert job["status"] == "ACTIVE", job
told = job["failureReason"]
assert told.startswith("2 values are empty in the dataset") and "EVENT_VALUE 2" in told, told
assert "line 9: 'good' must be a finite number" in told, told

# Streamed values count beside them, as a member and inside the properties.
tracker = personalize.create_event_tracker(name="older", datasetGroupArn=group)["trackingId"]
metrics = personalize.create_metric_attribution(
    name="older", datasetGroupArn=group,
    metrics=[{"metricName": "stars", "eventType": "RATING", "expression": "SUM(Interactions.EVENT_VALUE)"}],
    metricsOutputConfig={"roleArn": ROLE, "s3DataDestination": {"path": "s3://client-tests/older/metrics/"}})
assert metrics["metricAttributionArn"], metrics
now = 1_700_012_000
for n, event in enumerate([{"eventValue": 4.5}, {"properties": '{"eventValue": "3.5"}'}, {}]):
    events.put_events(trackingId=tracker, userId="streamed", sessionId="s", eventList=[
        {"eventType": "RATING", "itemId": f"good{n}", "sentAt": now + n, **event}])
refused = expect("InvalidInputException", events.put_events, trackingId=tracker, userId="u", sessionId="s", eventList=[
    {"eventType": "RATING", "itemId": "good0", "sentAt": now, "properties": '{"eventValue": "good"}'}])
assert "must be a number" in refused, refused

# The threshold and the weights of events read the texts.
popular = []
for name, config in [("all", {}), ("liked", {"eventValueThreshold": "4"})]:
    version = train(f"older-{name}", group, "aws-popularity-count", eventType="RATING", solutionConfig=config)
    assert version["status"] == "ACTIVE", version
    popular.append(recommended(deploy(f"older-{name}", version["solutionVersionArn"]), "nobody", 8))
# The streamed ones are the newest, and before them.
assert {f"bad{n}" for n in range(5)} < set(popular[0]), popular
assert all(item.startswith("good") for item in popular[1]), popular
none = train("older-none", group, "aws-popularity-count", eventType="RATING", solutionConfig={"eventValueThreshold": "5.5"})
assert none["status"] == "CREATE FAILED" and "0 interactions" in none["failureReason"], none

# Filters of event types.
arn = personalize.create_filter(name="older", datasetGroupArn=group, filterExpression=(
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("RATING")'))["filterArn"]
assert wait(personalize.describe_filter, "filter", filterArn=arn)["status"] == "ACTIVE"
campaign = personalize.list_campaigns()["campaigns"][0]["campaignArn"]
listed = runtime.get_recommendations(campaignArn=campaign, userId="streamed", numResults=25, filterArn=arn)["itemList"]
assert listed and not {"good0", "good1", "good2"} & {one["itemId"] for one in listed}, listed

# An export has the texts of the file, and streamed values as numbers; it goes in again.
arn = personalize.create_dataset_export_job(jobName="older", datasetArn=ratings, roleArn=ROLE, ingestionMode="ALL", jobOutput={
    "s3DataDestination": {"path": "s3://client-tests/older/out/"}})["datasetExportJobArn"]
assert wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=arn)["status"] == "ACTIVE"
[file] = s3.list_objects_v2(Bucket="client-tests", Prefix="older/out/")["Contents"]
lines = s3.get_object(Bucket="client-tests", Key=file["Key"])["Body"].read().decode().splitlines()
assert lines[0] == ",".join(header), lines[0]
for line in [",".join(map(str, rows[n])) for n in (0, 1200, 1201, 1202, 9)] + ["u7,bad2,,1700000007,RATING"]:
    assert line in lines, line
for n, value in enumerate(["4.5", "3.5", ""]):
    assert f"streamed,good{n},{value},{now + n},RATING" in lines, lines[-4:]
arn = personalize.create_dataset_import_job(
    jobName="older-again", datasetArn=ratings, dataSource={"dataLocation": f"s3://client-tests/{file['Key']}"}, roleArn=ROLE,
    publishAttributionMetricsToS3=True)["datasetImportJobArn"]
assert wait(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)["status"] == "ACTIVE"

# The sum of a metric attribution over the imported texts.
[file] = s3.list_objects_v2(Bucket="client-tests", Prefix="older/metrics/")["Contents"]
sums = s3.get_object(Bucket="client-tests", Key=file["Key"])["Body"].read().decode().splitlines()[1:]
stars = sum(float(row[2]) for row in rows if row[2] not in ("", "good")) + 4.5 + 3.5
assert sum(float(line.split(",")[2]) for line in sums if line.startswith("STARS,RATING,")) == stars, (sums, stars)

# Other types of reserved columns that lose nothing.
BASE = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}]
for n, (kind, fields) in enumerate([
    ("Interactions", BASE + [{"name": "TIMESTAMP", "type": "int"}, {"name": "EVENT_VALUE", "type": ["null", "string"]}]),
    ("Interactions", BASE + [{"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_VALUE", "type": "double"}]),
    ("Interactions", BASE + [{"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_VALUE", "type": ["int", "null"]}]),
    ("Items", [BASE[1], {"name": "CREATION_TIMESTAMP", "type": "int"}, {"name": "GENRE", "type": "string", "categorical": True}]),
]):
    assert personalize.create_schema(name=f"older-{n}", schema=schema(kind, fields))["schemaArn"]
for fields, words in [
    (BASE + [{"name": "TIMESTAMP", "type": "string"}], "'TIMESTAMP' must have type long or int"),
    (BASE + [{"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_VALUE", "type": "boolean"}], "'EVENT_VALUE' must have type float"),
]:
    assert words in expect("InvalidInputException", personalize.create_schema, name="older-x", schema=schema("Interactions", fields))
print("ok: older schemas")

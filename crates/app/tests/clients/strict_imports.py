"""A server whose `imports.strict` is set: any value that breaks the rule of its column fails the job."""
from common import *

RATINGS = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"}, {"name": "EVENT_VALUE", "type": "string"}])
group = personalize.create_dataset_group(name="strict")["datasetGroupArn"]
ratings = dataset("strict", group, "Interactions", RATINGS)
header = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE"]
rows = [(f"u{n % 60}", f"i{n % 12}", 1_700_000_000 + n, "RATING", "4.0") for n in range(1200)]
for n, (value, words) in enumerate([("good", "'good' must be a finite number"), ("", "must not be empty")]):
    bad = rows[:500] + [(*rows[500][:4], value)] + rows[501:]
    job = import_job(f"strict-{n}", ratings, upload(f"strict/{n}.csv", csv_text(header, bad)))
    assert job["status"] == "CREATE FAILED", job
    assert f"s3://client-tests/strict/{n}.csv line 502 column EVENT_VALUE" in job["failureReason"] and words in job["failureReason"], job
job = import_job("strict", ratings, upload("strict/good.csv", csv_text(header, rows)))
assert job["status"] == "ACTIVE" and "failureReason" not in job, job
print("ok: strict imports")

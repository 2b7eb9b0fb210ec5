"""The journey over a MovieLens file in Personalize's columns: movielens.py DIRECTORY NAME."""
import gzip
import sys
import time

from common import *

directory, name = sys.argv[1:]
group = personalize.create_dataset_group(name=name)["datasetGroupArn"]
with gzip.open(f"{directory}/interactions.csv.gz", "rb") as file:
    text = file.read()
columns = text.split(b"\n", 1)[0].decode().strip().split(",")
types = {"EVENT_TYPE": "string", "USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long", "EVENT_VALUE": ["null", "float"]}
fields = [{"name": c, "type": types.get(c, ["null", "string"])} for c in columns]
interactions = dataset(name, group, "Interactions", schema("Interactions", fields))
started = time.time()
job = import_job(f"{name}-interactions", interactions, upload(f"{name}/interactions.csv", text))
assert job["status"] == "ACTIVE", job
imported = time.time()
# A narrow network: this shows that the journey holds on real data; how good the defaults are stands in docs/quality.md.
version = train(name, group, seconds=2700, solutionConfig={"algorithmHyperParameters": {"hidden_dimension": "32", "bptt": "16"}})
assert version["status"] == "ACTIVE", version
trained = time.time()
metrics = personalize.get_solution_metrics(solutionVersionArn=version["solutionVersionArn"])["metrics"]
popular = train(f"{name}-popular", group, "aws-popularity-count")
baseline = personalize.get_solution_metrics(solutionVersionArn=popular["solutionVersionArn"])["metrics"]
key = "normalized_discounted_cumulative_gain_at_10"
assert set(metrics) == set(baseline) == STANDARD_METRICS, metrics
# Sixty test users of the small file are too few to rank recipes by; six hundred are enough.
assert name != "ml-1m" or metrics[key] > 3 * baseline[key], (metrics, baseline)
assert metrics["coverage"] > baseline["coverage"], (metrics, baseline)
campaign = deploy(name, version["solutionVersionArn"])
user = text.split(b"\n", 2)[1].split(b",")[columns.index("USER_ID")].decode().strip('"')
before = recommended(campaign, user)
assert len(before) == 25 and len(set(before)) == 25
tracker = personalize.create_event_tracker(name=name, datasetGroupArn=group)["trackingId"]
for n, item in enumerate(before[-3:]):
    events.put_events(trackingId=tracker, userId=user, sessionId="s", eventList=[{"eventType": "rating", "itemId": item, "sentAt": 1_750_000_000 + n}])
assert recommended(campaign, user) != before, "three events change the list"
print(f"ok: {name}: import {imported - started:.1f} s, train and measure {trained - imported:.1f} s, {key} {metrics[key]} against popularity {baseline[key]}")

"""The main job with boto3, on data made here: import, train, metrics, campaign, events, GET, clean-up."""
import json

from common import *

group = personalize.create_dataset_group(name="journey")["datasetGroupArn"]
assert wait(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)["status"] == "ACTIVE"
interactions = dataset("journey", group, "Interactions", INTERACTIONS)
items = dataset("journey", group, "Items", ITEMS)
assert interactions.endswith("dataset/journey/INTERACTIONS"), interactions

# Another order of columns, a column that the schema does not know, a BOM and CRLF.
rows = [(t, e, "x", i, u) for u, i, t, e in chain_rows()]
text = csv_text(["TIMESTAMP", "EVENT_TYPE", "DEVICE", "ITEM_ID", "USER_ID"], rows).replace("\n", "\r\n")
job = import_job("journey-interactions", interactions, upload("in/a+b c/interactions.csv", "\ufeff" + text))
assert job["status"] == "ACTIVE", job
catalogue = [(f"i{k}", f'"Lamp ""{k}"""', f"{k + 9}.99", f"https://shop.example/{k}", "", "A|B") for k in range(30)]
catalogue.append(("never-sold", "Cold", "", "", "", ""))
job = import_job("journey-items", items, upload("items.csv", csv_text(
    ["ITEM_ID", "NAME", "PRICE", "URL", "IMAGE", "GENRES"], catalogue)))
assert job["status"] == "ACTIVE", job

version = train("journey", group, solutionConfig={"algorithmHyperParameters": {"hidden_dimension": "32", "bptt": "16"}})
assert version["status"] == "ACTIVE", version
assert version["solutionConfig"]["algorithmHyperParameters"]["hidden_dimension"] == "32"
version_arn = version["solutionVersionArn"]
metrics = personalize.get_solution_metrics(solutionVersionArn=version_arn)["metrics"]
assert set(metrics) == STANDARD_METRICS, metrics
popular = train("journey-popular", group, "aws-popularity-count")
baseline = personalize.get_solution_metrics(solutionVersionArn=popular["solutionVersionArn"])["metrics"]
key = "normalized_discounted_cumulative_gain_at_10"
assert metrics[key] > 2 * baseline[key] and metrics[key] > 0.5, (metrics, baseline)

campaign = deploy("journey", version_arn, campaignConfig={"enableMetadataWithRecommendations": True, **UNEXPLORED})
answer = runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=5, metadataColumns={"ITEMS": ["NAME", "PRICE"]})
assert len(answer["itemList"]) == 5 and answer["recommendationId"].startswith("RID-"), answer
scores = [item["score"] for item in answer["itemList"]]
assert scores == sorted(scores, reverse=True) and 0 < sum(scores) <= 1, scores
first = answer["itemList"][0]
assert first["metadata"]["name"] == f'Lamp "{first["itemId"][1:]}"', first
assert first["metadata"]["price"] == f'{int(first["itemId"][1:]) + 9}.99', first

# A stranger gets popular items; after one event, what follows it; another event, what follows that.
tracker = personalize.create_event_tracker(name="journey", datasetGroupArn=group)["trackingId"]
strangers = recommended(campaign, "stranger")
assert len(strangers) == 25
for seen, expected in (("i7", "i8"), ("i20", "i21")):
    events.put_events(trackingId=tracker, userId="stranger", sessionId="s", eventList=[
        {"eventType": "view", "sentAt": 1_750_000_000, "properties": json.dumps({"itemId": seen})}])
    assert recommended(campaign, "stranger")[0] == expected, (seen, recommended(campaign, "stranger")[:3])
# An anonymous visitor is known by the session.
events.put_events(trackingId=tracker, sessionId="anonymous-session", eventList=[
    {"eventType": "view", "itemId": "i3", "sentAt": 1_750_000_000}])
assert recommended(campaign, "anonymous-session")[0] == "i4"

# The GET that a Braze message makes.
status, headers, body = get("/recommendations?user_id=stranger")
assert status == 200 and headers["content-type" if "content-type" in headers else "Content-Type"].startswith("application/json")
listed = json.loads(body)
assert [set(entry) for entry in listed[:1]] == [{"id", "url", "name", "price", "image"}], listed[:1]
assert listed[0]["id"] == "i21" and listed[0]["price"] == 30.99 and listed[0]["url"] == "https://shop.example/21", listed[0]
assert b'"price":30.99,' in body
assert get("/recommendations?user_id=stranger")[2] == body
for unknown in ("", "nobody", "a%20b%26c"):
    status, _, body = get(f"/recommendations?user_id={unknown}&num_results=3")
    assert status == 200 and len(json.loads(body)) == 3, (unknown, status, body)
status, _, body = get("/recommendations")
assert status == 400 and "user_id" in json.loads(body)["message"], body
assert get("/health")[0] == get("/ready")[0] == get("/metrics")[0] == 200

# Updating the campaign keeps it answering.
personalize.update_campaign(campaignArn=campaign, solutionVersionArn=popular["solutionVersionArn"], minProvisionedTPS=2)
for _ in range(100):
    described = personalize.describe_campaign(campaignArn=campaign)["campaign"]
    assert recommended(campaign, "u1"), "the campaign answers while it is updated"
    if described["latestCampaignUpdate"]["status"] == "ACTIVE":
        break
assert described["solutionVersionArn"] == popular["solutionVersionArn"] and described["minProvisionedTPS"] == 2, described
assert "score" not in runtime.get_recommendations(campaignArn=campaign)["itemList"][0]

# Lists page; the account's caller is known; the clean-up order of AWS's samples works.
names = [r["name"] for page in personalize.get_paginator("list_recipes").paginate(PaginationConfig={"PageSize": 1}) for r in page["recipes"]]
assert {"aws-user-personalization", "aws-popularity-count"} <= set(names), names
assert [v["solutionVersionArn"] for v in personalize.list_solution_versions(solutionArn=version["solutionArn"])["solutionVersions"]] == [version_arn]
assert boto3.client("sts").get_caller_identity()["Account"].isdigit()
message = expect("ResourceInUseException", personalize.delete_dataset_group, datasetGroupArn=group)
assert "journey" in message, message
expect("ResourceInUseException", personalize.delete_solution, solutionArn=popular["solutionArn"])
personalize.delete_campaign(campaignArn=campaign)
for _ in range(100):
    try:
        runtime.get_recommendations(campaignArn=campaign, userId="u1")
    except runtime.exceptions.InvalidInputException as error:
        assert "DELETE PENDING" in str(error), error
    except runtime.exceptions.ResourceNotFoundException:
        break
    time.sleep(0.05)
gone(personalize.describe_campaign, "campaign", campaignArn=campaign)
for solution in personalize.list_solutions(datasetGroupArn=group)["solutions"]:
    personalize.delete_solution(solutionArn=solution["solutionArn"])
for found in personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]:
    personalize.delete_event_tracker(eventTrackerArn=found["eventTrackerArn"])
for found in personalize.list_datasets(datasetGroupArn=group)["datasets"]:
    schema_arn = personalize.describe_dataset(datasetArn=found["datasetArn"])["dataset"]["schemaArn"]
    personalize.delete_dataset(datasetArn=found["datasetArn"])
    personalize.delete_schema(schemaArn=schema_arn)
personalize.delete_dataset_group(datasetGroupArn=group)
gone(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)
expect("ResourceNotFoundException", runtime.get_recommendations, campaignArn=campaign, userId="u1")
print("ok: journey")

"""The complete clean-up order: everything that a group can hold is made, then removed as AWS's own clean-up scripts do."""
from common import *


def gone(describe, seconds=30, **arn):
    """Polls until the resource is unknown; any status on the way must be a deletion."""
    end = time.time() + seconds
    while time.time() < end:
        try:
            resource = next(v for k, v in describe(**arn).items() if k != "ResponseMetadata")
        except personalize.exceptions.ResourceNotFoundException:
            return
        assert resource["status"].startswith("DELETE"), resource
        time.sleep(0.05)
    raise AssertionError(f"{arn} is still there after {seconds} s")


def until(status, describe, member, **arn):
    for _ in range(600):
        found = describe(**arn)[member]
        if found["status"] == status:
            return found
        assert found["status"] not in ("CREATE FAILED",), found
        time.sleep(0.05)
    raise AssertionError(f"{arn} never became {status}: {found}")


group = personalize.create_dataset_group(name="clean", domain="VIDEO_ON_DEMAND")["datasetGroupArn"]
fields = [{"name": n, "type": "string"} for n in ("USER_ID", "ITEM_ID")] + [
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}]
schema_arn = personalize.create_schema(
    name="clean", domain="VIDEO_ON_DEMAND", schema=schema("Interactions", fields))["schemaArn"]
interactions = personalize.create_dataset(
    name="clean", datasetGroupArn=group, datasetType="Interactions", schemaArn=schema_arn)["datasetArn"]
rows = [(u, i, t, "Watch") for u, i, t, _ in chain_rows()]
location = upload("clean.csv", csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], rows))
assert import_job("clean", interactions, location)["status"] == "ACTIVE"

solution = personalize.create_solution(
    name="clean", datasetGroupArn=group, recipeArn=RECIPES + "aws-popularity-count")["solutionArn"]
assert personalize.describe_solution(solutionArn=solution)["solution"]["performAutoTraining"] is True
personalize.update_solution(solutionArn=solution, performAutoTraining=False)
described = personalize.describe_solution(solutionArn=solution)["solution"]
assert described["latestSolutionUpdate"]["status"] == "ACTIVE" and not described["performAutoTraining"], described
version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
assert wait(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version)["status"] == "ACTIVE"
campaign = deploy("clean", solution + "/$LATEST", campaignConfig={"syncWithLatestSolutionVersion": True})
assert personalize.describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"] == version

# The campaign follows the next version by itself, and answers all the while.
newer = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
for _ in range(600):
    described = personalize.describe_campaign(campaignArn=campaign)["campaign"]
    assert described["status"] == "ACTIVE" and recommended(campaign, "u1"), described
    if described["solutionVersionArn"] == newer:
        break
    time.sleep(0.05)
assert described["latestCampaignUpdate"]["solutionVersionArn"] == newer, described
assert described["latestCampaignUpdate"]["status"] == "ACTIVE", described

# A recommender answers, stops, starts and is updated.
recommender = personalize.create_recommender(
    name="clean", datasetGroupArn=group, recipeArn=RECIPES + "aws-vod-most-popular")["recommenderArn"]
described = wait(personalize.describe_recommender, "recommender", recommenderArn=recommender)
assert described["status"] == "ACTIVE" and set(described["modelMetrics"]) == STANDARD_METRICS, described
ask = lambda: runtime.get_recommendations(recommenderArn=recommender, userId="u1", numResults=5)["itemList"]
assert len(ask()) == 5 and "score" not in ask()[0], ask()
expect("ResourceInUseException", personalize.start_recommender, recommenderArn=recommender)
personalize.stop_recommender(recommenderArn=recommender)
until("INACTIVE", personalize.describe_recommender, "recommender", recommenderArn=recommender)
assert "INACTIVE" in expect("InvalidInputException", ask)
personalize.start_recommender(recommenderArn=recommender)
until("ACTIVE", personalize.describe_recommender, "recommender", recommenderArn=recommender)
assert len(ask()) == 5
few = personalize.create_recommender(
    name="few", datasetGroupArn=group, recipeArn=RECIPES + "aws-vod-trending-now")["recommenderArn"]
few_ended = wait(personalize.describe_recommender, "recommender", recommenderArn=few)["status"]
assert few_ended in ("ACTIVE", "CREATE FAILED"), few_ended
personalize.create_event_tracker(name="clean", datasetGroupArn=group)

# A running training stops for good and stays describable.
slow = personalize.create_solution(
    name="slow", datasetGroupArn=group, recipeArn=RECIPES + "aws-user-personalization")["solutionArn"]
running = personalize.create_solution_version(solutionArn=slow)["solutionVersionArn"]
expect("ResourceInUseException", personalize.delete_solution, solutionArn=slow)
until("CREATE IN_PROGRESS", personalize.describe_solution_version, "solutionVersion", solutionVersionArn=running)
asked = time.time()
personalize.stop_solution_version_creation(solutionVersionArn=running)
until("CREATE STOPPED", personalize.describe_solution_version, "solutionVersion", solutionVersionArn=running)
print(f"stopped after {time.time() - asked:.2f} s")
message = expect("ResourceInUseException", personalize.stop_solution_version_creation, solutionVersionArn=running)
assert "CREATE STOPPED" in message, message
expect("InvalidInputException", personalize.create_campaign, name="stopped", solutionVersionArn=running)

# Out of order, everything in use is refused and named.
for call, member, arn, user in (
        (personalize.delete_schema, "schemaArn", schema_arn, interactions),
        (personalize.delete_solution, "solutionArn", solution, campaign)):
    assert user in expect("ResourceInUseException", call, **{member: arn}), call
expect("ResourceInUseException", personalize.delete_dataset_group, datasetGroupArn=group)

# In order: recommenders and campaigns, solutions, event trackers, datasets, schemas, the group.
for found in personalize.list_recommenders(datasetGroupArn=group)["recommenders"]:
    personalize.delete_recommender(recommenderArn=found["recommenderArn"])
    gone(personalize.describe_recommender, recommenderArn=found["recommenderArn"])
for found in personalize.list_campaigns(solutionArn=solution)["campaigns"]:
    personalize.delete_campaign(campaignArn=found["campaignArn"])
    gone(personalize.describe_campaign, campaignArn=found["campaignArn"])
for found in personalize.list_solutions(datasetGroupArn=group)["solutions"]:
    personalize.delete_solution(solutionArn=found["solutionArn"])
    gone(personalize.describe_solution, solutionArn=found["solutionArn"])
for found in personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]:
    personalize.delete_event_tracker(eventTrackerArn=found["eventTrackerArn"])
    gone(personalize.describe_event_tracker, eventTrackerArn=found["eventTrackerArn"])
for found in personalize.list_datasets(datasetGroupArn=group)["datasets"]:
    personalize.delete_dataset(datasetArn=found["datasetArn"])
    gone(personalize.describe_dataset, datasetArn=found["datasetArn"])
personalize.delete_schema(schemaArn=schema_arn)
personalize.delete_dataset_group(datasetGroupArn=group)
gone(personalize.describe_dataset_group, datasetGroupArn=group)
# Serving follows the records within moments.
for _ in range(200):
    try:
        runtime.get_recommendations(recommenderArn=recommender, userId="u1")
    except runtime.exceptions.InvalidInputException as error:
        assert "DELETE" in str(error), error
    except runtime.exceptions.ResourceNotFoundException:
        break
    time.sleep(0.05)
expect("ResourceNotFoundException", runtime.get_recommendations, recommenderArn=recommender, userId="u1")
assert not [s for s in personalize.list_schemas()["schemas"] if s["name"] == "clean"]
print("ok: clean-up")

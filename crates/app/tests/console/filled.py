"""Beside the demo shop, what a shop has after a while: a group of a domain with a recommender, events, an export, a refused import,
a search for hyperparameters and a failed training. The addresses of pages that no link leads to at once come from here."""
import time

from common import (INTERACTIONS, RECIPES, ROLE, chain_rows, csv_text, dataset, events, import_job, personalize, s3, schema,
                    train, upload, wait)

GROUP = "market"
SMALL = "small-market"
HEADER = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]
# A name as long as the API takes.
LONG = "a-campaign-with-a-name-as-long-as-the-service-takes-it-63-chars"
# Ids that neither a path nor a table may break on.
USER, ITEM = "u/1 ?<b>%2e%2e", "\u202eitem \"<img src=x onerror=alert(1)>\" " + "long" * 50


def market():
    group = personalize.create_dataset_group(name=GROUP, domain="ECOMMERCE")["datasetGroupArn"]
    fields = [{"name": name, "type": kind} for name, kind in zip(HEADER, ("string", "string", "long", "string"))]
    arn = personalize.create_schema(
        name=GROUP, domain="ECOMMERCE", schema=schema("Interactions", fields))["schemaArn"]
    interactions = personalize.create_dataset(
        name=GROUP, datasetGroupArn=group, datasetType="Interactions", schemaArn=arn)["datasetArn"]
    rows = [row[:3] + ("Purchase" if n % 3 == 0 else "View",) for n, row in enumerate(chain_rows())]
    rows += [(USER, f"i{n}", 1_700_000_000 + n, "View") for n in range(5)]
    assert import_job("market", interactions, upload("market.csv", csv_text(HEADER, rows)))["status"] == "ACTIVE"
    broken = csv_text(HEADER, rows[:50] + [("u1", "", "yesterday", "View")])
    assert import_job("market-broken", interactions, upload("broken.csv", broken))["status"] == "CREATE FAILED"
    recommender = personalize.create_recommender(
        name="best-sellers", datasetGroupArn=group, recipeArn=RECIPES + "aws-ecomm-popular-items-by-purchases")["recommenderArn"]
    version = train("popular", group, recipe="aws-popularity-count")
    campaign = personalize.create_campaign(name=LONG, solutionVersionArn=version["solutionVersionArn"], minProvisionedTPS=1)
    tuned(group)
    wait(personalize.describe_campaign, "campaign", campaignArn=campaign["campaignArn"])
    assert wait(personalize.describe_recommender, "recommender", 300, recommenderArn=recommender)["status"] == "ACTIVE"
    tracking = personalize.create_event_tracker(name="site", datasetGroupArn=group)["trackingId"]
    events.put_events(trackingId=tracking, userId=USER, sessionId="s", eventList=[
        {"eventType": "View", "itemId": ITEM, "sentAt": int(time.time())}])
    s3.create_bucket(Bucket="market-exports")
    export = personalize.create_dataset_export_job(
        jobName="market", datasetArn=interactions, roleArn=ROLE,
        jobOutput={"s3DataDestination": {"path": "s3://market-exports/all"}})["datasetExportJobArn"]
    wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=export)


def tuned(group):
    version = train("tuned", group, recipe="aws-sims", performHPO=True, solutionConfig={
        "hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "3", "maxParallelTrainingJobs": "1"}}})
    assert version["status"] == "ACTIVE", version


def small():
    group = personalize.create_dataset_group(name=SMALL)["datasetGroupArn"]
    interactions = dataset(SMALL, group, "Interactions", INTERACTIONS)
    rows = csv_text(HEADER, chain_rows(users=20, events=60))
    assert import_job(SMALL, interactions, upload("small-market.csv", rows))["status"] == "ACTIVE"
    assert train(SMALL, group, recipe="aws-popularity-count")["status"] == "CREATE FAILED"


def of_version(solution):
    """The page of the newest version of a solution."""
    arn = next(one["solutionArn"] for one in personalize.list_solutions()["solutions"] if one["name"] == solution)
    version = personalize.list_solution_versions(solutionArn=arn)["solutionVersions"][0]["solutionVersionArn"]
    group = SMALL if solution == SMALL else GROUP
    return f"g/{group}/train/{solution}/{version.rsplit('/', 1)[-1]}"


def addresses():
    """Pages by name. Links lead to most; here they are those that show what is seldom."""
    return {
        "group-of-domain": f"g/{GROUP}/",
        "deploy-of-domain": f"g/{GROUP}/deploy",
        "new-recommender": f"g/{GROUP}/new-recommender",
        "event-tracker": f"g/{GROUP}/event-tracker",
        "event-tracker-none": f"g/{SMALL}/event-tracker",
        "deploy-none": f"g/{SMALL}/deploy",
        "exports": f"g/{GROUP}/data/INTERACTIONS",
        "import-refused": f"g/{GROUP}/data/imports/market-broken",
        "schema": f"g/{GROUP}/data/schema?type=INTERACTIONS&location=s3://client-tests/market.csv",
        "search": "search?q=market",
        "search-nothing": "search?q=nothing-like-it",
        "version-failed": of_version(SMALL),
        "version-tuned": of_version("tuned"),
        "evaluate-chosen": f"g/{GROUP}/evaluate",
        "try-of-recommender": f"g/{GROUP}/try",
        "user-odd": f"g/{GROUP}/users/u%2F1%20%3F%3Cb%3E%252e%252e",
        "campaign-long": f"g/{GROUP}/deploy/{LONG}",
        "new-solution-hrnn": f"g/{GROUP}/new-solution?recipe=aws-user-personalization",
        "new-solution-event": f"g/{GROUP}/new-solution?recipe=aws-similar-items",
    }


if __name__ == "__main__":
    began = time.time()
    market()
    small()
    print(f"filled within {time.time() - began:.0f} s")

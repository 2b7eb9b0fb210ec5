"""What several files use, made once: groups, imported data, trained versions, campaigns."""
from functools import cache

from harness import *

USERS = schema("Users", [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["null", "int"]},
                         {"name": "TIER", "type": ["null", "string"], "categorical": True}])
ACTIONS = schema("Actions", [
    {"name": "ACTION_ID", "type": "string"}, {"name": "VALUE", "type": ["null", "long"]},
    {"name": "KIND", "type": ["null", "string"], "categorical": True}])
ACTION_INTERACTIONS = schema("ActionInteractions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ACTION_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}])
SHOP_INTERACTIONS = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}])
SHOP_ITEMS = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"},
    {"name": "CATEGORY_L1", "type": "string", "categorical": True}])
TYPES = {"INTERACTIONS": INTERACTIONS, "ITEMS": ITEMS, "USERS": USERS, "ACTIONS": ACTIONS,
         "ACTION_INTERACTIONS": ACTION_INTERACTIONS}
ITEM_COUNT = 20


def rows():
    return chain_rows(users=45, items=ITEM_COUNT, events=30)


def item_rows():
    return [(f"i{k}", f"Lamp {k}", f"{k + 9}.5", "", "", "even|all" if k % 2 == 0 else "odd|all") for k in range(ITEM_COUNT)]


def make_schema(name, text, **members):
    return call("CreateSchema", name=name, schema=text, **members)["schemaArn"]


def make_group(name, **members):
    arn = call("CreateDatasetGroup", name=name, **members)["datasetGroupArn"]
    active("DescribeDatasetGroup", "datasetGroup", datasetGroupArn=arn)
    return arn


def make_dataset(group_arn, kind, text=None, **schema_members):
    """A dataset of `kind` with a schema of its own in a group."""
    name = f"{group_arn.rsplit('/')[-1]}-{kind.lower()}"
    schema_arn = make_schema(name, text or TYPES[kind], **schema_members)
    arn = call("CreateDataset", name=name, datasetGroupArn=group_arn, datasetType=kind, schemaArn=schema_arn)["datasetArn"]
    active("DescribeDataset", "dataset", datasetArn=arn)
    return arn


def load(dataset_arn, header, data, job=None, **members):
    """Imports rows; returns the ACTIVE job."""
    job = job or dataset_arn.split("/", 1)[1].replace("/", "-").lower()
    location = upload(f"{job}.csv", csv_text(header, data))
    arn = call("CreateDatasetImportJob", jobName=job, datasetArn=dataset_arn, dataSource={"dataLocation": location},
               roleArn=ROLE, **members)["datasetImportJobArn"]
    return active("DescribeDatasetImportJob", "datasetImportJob", datasetImportJobArn=arn)


def make_solution(name, group_arn, recipe, **members):
    arn = call("CreateSolution", name=name, datasetGroupArn=group_arn, recipeArn=RECIPES + recipe,
               **{"performAutoTraining": False, **members})["solutionArn"]
    active("DescribeSolution", "solution", solutionArn=arn)
    return arn


def train(solution_arn, **members):
    arn = call("CreateSolutionVersion", solutionArn=solution_arn, **members)["solutionVersionArn"]
    active("DescribeSolutionVersion", "solutionVersion", solutionVersionArn=arn)
    return arn


def make_campaign(name, version_arn, **members):
    arn = call("CreateCampaign", name=name, solutionVersionArn=version_arn, **members)["campaignArn"]
    active("DescribeCampaign", "campaign", campaignArn=arn)
    return arn


@cache
def group():
    """A custom group with imported Interactions, Items and Users."""
    arn = make_group("conformance")
    load(make_dataset(arn, "INTERACTIONS"), ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], rows())
    load(make_dataset(arn, "ITEMS"), ["ITEM_ID", "NAME", "PRICE", "URL", "IMAGE", "GENRES"], item_rows())
    load(make_dataset(arn, "USERS"), ["USER_ID", "AGE", "TIER"],
         [(f"u{n}", 20 + n, "gold" if n % 3 == 0 else "basic") for n in range(45)])
    return arn


def dataset(kind):
    """The ARN of a dataset of the shared group."""
    return group().replace("dataset-group/", "dataset/") + "/" + kind


@cache
def empty_group():
    """A custom group without anything in it."""
    return make_group("conformance-empty")


@cache
def group_without_data():
    """A custom group whose Interactions dataset has no rows."""
    arn = make_group("conformance-no-data")
    make_dataset(arn, "INTERACTIONS")
    return arn


@cache
def solution():
    return make_solution("conformance", group(), "aws-user-personalization", solutionConfig={
        "algorithmHyperParameters": {"hidden_dimension": "32", "bptt": "8"}})


@cache
def version():
    """An ACTIVE aws-user-personalization version."""
    return train(solution())


@cache
def popular_version():
    """An ACTIVE aws-popularity-count version: quick to make, no scores."""
    return train(make_solution("conformance-popular", group(), "aws-popularity-count"))


@cache
def ranking_version():
    return train(make_solution("conformance-ranking", group(), "aws-personalized-ranking", solutionConfig={
        "algorithmHyperParameters": {"hidden_dimension": "32", "bptt": "8"}}))


@cache
def segment_version():
    return train(make_solution("conformance-segments", group(), "aws-item-affinity"))


@cache
def campaign():
    """An ACTIVE campaign of `version()` that knows metadata."""
    return make_campaign("conformance", version(), campaignConfig={
        "enableMetadataWithRecommendations": True, "itemExplorationConfig": {"explorationWeight": "0"}})


@cache
def ranking_campaign():
    return make_campaign("conformance-ranking", ranking_version())


@cache
def tracking_id():
    return call("CreateEventTracker", name="conformance", datasetGroupArn=group())["trackingId"]


@cache
def shop_group():
    """An ECOMMERCE group with enough views and purchases for every use case."""
    arn = make_group("conformance-shop", domain="ECOMMERCE")
    events_ = [(u, i, t, kind) for u, i, t, _ in rows() for kind in ("View", "Purchase")]
    load(make_dataset(arn, "INTERACTIONS", SHOP_INTERACTIONS, domain="ECOMMERCE"),
         ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], events_)
    return arn


@cache
def action_group():
    """A custom group for next best action."""
    arn = make_group("conformance-actions")
    load(make_dataset(arn, "INTERACTIONS"), ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], rows())
    load(make_dataset(arn, "ACTIONS"), ["ACTION_ID", "VALUE", "KIND"],
         [("join", 10, "membership"), ("download", 3, "app"), ("subscribe", 5, "mail")])
    load(make_dataset(arn, "ACTION_INTERACTIONS"), ["USER_ID", "ACTION_ID", "EVENT_TYPE", "TIMESTAMP"],
         [(u, ("join", "download", "subscribe")[n % 3], "taken" if n % 2 else "viewed", t)
          for n, (u, _, t, _) in enumerate(rows())])
    return arn


@cache
def action_version():
    return train(make_solution("conformance-actions", action_group(), "aws-next-best-action"))


@cache
def action_campaign():
    return make_campaign("conformance-actions", action_version())

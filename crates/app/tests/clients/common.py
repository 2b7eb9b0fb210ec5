"""What the client tests share: boto3 clients from the environment, waiting, sample data. No test library needed."""
import json
import os
import random
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
ONCE = Config(retries={"max_attempts": 1})
personalize = boto3.client("personalize", config=ONCE)
runtime = boto3.client("personalize-runtime", config=ONCE)
events = boto3.client("personalize-events", config=ONCE)
s3 = boto3.client("s3", config=ONCE)

ROLE = "arn:aws:iam::000000000000:role/PersonalizeRole"
RECIPES = "arn:aws:personalize:::recipe/"
STANDARD_METRICS = {
    "coverage", "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_5", "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25", "precision_at_5", "precision_at_10", "precision_at_25",
}


def schema(record, fields):
    return json.dumps({"type": "record", "name": record, "namespace": "com.amazonaws.personalize.schema",
                       "fields": fields, "version": "1.0"})


INTERACTIONS = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}])
ITEMS = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "NAME", "type": "string"},
    {"name": "PRICE", "type": ["null", "float"]}, {"name": "URL", "type": ["null", "string"]},
    {"name": "IMAGE", "type": ["null", "string"]}, {"name": "GENRES", "type": ["null", "string"], "categorical": True}])


def wait(describe, member, seconds=120, **arn):
    """Polls a describe call until ACTIVE or CREATE FAILED and returns the resource."""
    end = time.time() + seconds
    while time.time() < end:
        resource = describe(**arn)[member]
        if resource["status"] in ("ACTIVE", "CREATE FAILED"):
            return resource
        time.sleep(0.1)
    raise AssertionError(f"{arn} is still {resource['status']} after {seconds} s")


def expect(code, call, **arguments):
    """The call must fail with this error code; returns the message."""
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, f"expected {code}, got {e}"
        return e.response["Error"].get("Message", "")
    raise AssertionError(f"expected {code}, but the call succeeded")


def gone(describe, member, seconds=10, **arn):
    """After a deletion: DELETE PENDING for a moment, then ResourceNotFoundException."""
    end = time.time() + seconds
    while time.time() < end:
        try:
            status = describe(**arn)[member]["status"]
        except ClientError as e:
            assert e.response["Error"]["Code"] == "ResourceNotFoundException", e
            return
        assert status == "DELETE PENDING", f"{arn} is {status} after its deletion"
        time.sleep(0.1)
    raise AssertionError(f"{arn} is still there after {seconds} s")


def get(path, headers=None):
    """A plain GET: status, headers, body."""
    request = urllib.request.Request(ENDPOINT + path, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as e:
        return e.code, dict(e.headers), e.read()


def chain_rows(users=80, items=30, events=40, seed=1):
    """Interactions in which item k is nearly always followed by item k+1: learnable, and popularity is useless."""
    draw = random.Random(seed)
    rows = []
    for user in range(users):
        at = draw.randrange(items)
        for step in range(events):
            rows.append((f"u{user}", f"i{at}", 1_700_000_000 + user * 1000 + step, "view"))
            at = (at + 1) % items if draw.random() < 0.95 else draw.randrange(items)
    return rows


def csv_text(header, rows):
    return "\n".join([",".join(header)] + [",".join(map(str, row)) for row in rows]) + "\n"


def upload(key, text, bucket="client-tests"):
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
    return f"s3://{bucket}/{key}"


def dataset(name, group, kind, text):
    schema_arn = personalize.create_schema(name=f"{name}-{kind}", schema=text)["schemaArn"]
    return personalize.create_dataset(
        name=f"{name}-{kind}", datasetGroupArn=group, datasetType=kind, schemaArn=schema_arn)["datasetArn"]


def import_job(name, dataset_arn, location, mode="FULL"):
    arn = personalize.create_dataset_import_job(
        jobName=name, datasetArn=dataset_arn, dataSource={"dataLocation": location}, roleArn=ROLE,
        importMode=mode)["datasetImportJobArn"]
    return wait(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)


def train(name, group, recipe="aws-user-personalization", seconds=300, **config):
    solution = personalize.create_solution(
        name=name, datasetGroupArn=group, recipeArn=RECIPES + recipe, performAutoTraining=False, **config)["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    return wait(personalize.describe_solution_version, "solutionVersion", seconds, solutionVersionArn=version)


# What the model finds best comes first, whatever the version's name draws.
UNEXPLORED = {"itemExplorationConfig": {"explorationWeight": "0"}}


def deploy(name, version, **config):
    arn = personalize.create_campaign(name=name, solutionVersionArn=version, minProvisionedTPS=1, **config)["campaignArn"]
    campaign = wait(personalize.describe_campaign, "campaign", campaignArn=arn)
    assert campaign["status"] == "ACTIVE", campaign
    return arn


def recommended(campaign, user, n=25):
    return [i["itemId"] for i in runtime.get_recommendations(campaignArn=campaign, userId=user, numResults=n)["itemList"]]

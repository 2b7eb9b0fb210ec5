"""What a message gets by curl while trainings, campaigns, events and odd parameters come and go beside it."""
import subprocess

from common import *


def curl(path, *options):
    """The status and the body of what curl fetches."""
    command = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code}", *options, ENDPOINT + path]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    body, status = told.rsplit("\n", 1)
    return int(status), body


def refused(path, *words):
    status, body = curl(path)
    assert status == 400 and all(word in json.loads(body)["message"] for word in words), (path, status, body)


# Own data without NAME, TITLE or URL; new items that nobody has touched.
PAID = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"}, {"name": "PAID", "type": ["null", "float"]}])
THINGS = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "DESCRIPTION", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]},
    {"name": "KIND", "type": "string", "categorical": True}, {"name": "CREATION_TIMESTAMP", "type": "long"}])
group = personalize.create_dataset_group(name="messages")["datasetGroupArn"]
interactions = dataset("messages", group, "Interactions", PAID)
things = dataset("messages", group, "Items", THINGS)
rows = [(*row, "") for row in chain_rows(users=60, items=20, events=30)]
newest = max(row[2] for row in rows)
location = upload("messages/events.csv", csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "PAID"], rows))
assert import_job("messages-events", interactions, location)["status"] == "ACTIVE"
catalog = [(f"i{n}", f"Thing {n}", ["84.90", "4.50"][n % 2], ["lamp", '"home, garden"'][n % 2], newest - 400 * 86_400) for n in range(20)]
catalog += [(f"new{n}", f"New {n}", "3.0", "lamp", newest) for n in range(20)]
location = upload("messages/items.csv", csv_text(["ITEM_ID", "DESCRIPTION", "PRICE", "KIND", "CREATION_TIMESTAMP"], catalog))
assert import_job("messages-items", things, location)["status"] == "ACTIVE"


def asked(name, recipe, **config):
    """A training that goes on by itself."""
    solution = personalize.create_solution(
        name=name, datasetGroupArn=group, recipeArn=RECIPES + recipe, performAutoTraining=False, solutionConfig=config)["solutionArn"]
    return personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]


def trained(version):
    described = wait(personalize.describe_solution_version, "solutionVersion", 600, solutionVersionArn=version)
    assert described["status"] == "ACTIVE", described
    return described


# Trainings and an import of one group at the same time: nothing is refused, and the short training does not wait for the long one.
small = {"hidden_dimension": "32", "bptt": "16"}
long = asked("messages", "aws-user-personalization", algorithmHyperParameters=small)
short = asked("messages-popular", "aws-popularity-count")
again = personalize.create_dataset_import_job(
    jobName="messages-again", datasetArn=things, dataSource={"dataLocation": location}, roleArn=ROLE)["datasetImportJobArn"]
assert trained(short)["lastUpdatedDateTime"] < trained(long)["lastUpdatedDateTime"]
assert wait(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=again)["status"] == "ACTIVE"

# The three legacy recipes train with their own parameters and name what replaces them; what cannot be is refused at Create.
legacy = {name: asked(f"messages-{name}", name, algorithmHyperParameters=small) for name in ("aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart")}
for name, version in legacy.items():
    trained(version)
    description = personalize.describe_recipe(recipeArn=RECIPES + name)["recipe"]["description"]
    assert "Legacy" in description and "aws-user-personalization" in description, description
    message = expect("InvalidInputException", asked, name="messages-bad", recipe=name, algorithmHyperParameters={"hidden_dimension": "1"})
    assert "hidden_dimension" in message, message

# A second campaign changes nothing for messages.
campaign = deploy("messages", long)
status, before = curl("/recommendations?user_id=u1&num_results=3")
assert status == 200, before
deploy("messages-second", legacy["aws-hrnn"])
assert curl("/recommendations?user_id=u1&num_results=3") == (200, before)
for user in ("u2", "nobody", ""):
    assert curl(f"/recommendations?user_id={user}&num_results=3")[0] == 200, user

# The name comes from the column that there is, the price is as it stands in the file, and what nothing fills is null.
status, body = curl("/recommendations?user_id=u1&num_results=1&fields=id,name,price,url")
[first] = json.loads(body)
price = ["84.90", "4.50"][int(first["id"][1:]) % 2]
assert first["name"] == f"Thing {first['id'][1:]}" and first["url"] is None and f'"price":{price}' in body, body

# The first place is not explored unless that is asked for; the API explores every place.
users = [f"u{n}" for n in range(60)]


def firsts(more=""):
    return [json.loads(curl(f"/recommendations?user_id={user}&num_results=3&shape=ids{more}")[1])[0] for user in users]


assert not [item for item in firsts() if item.startswith("new")]
assert [item for item in firsts("&explore_first_place=1") if item.startswith("new")]
assert [user for user in users if recommended(campaign, user, 1)[0].startswith("new")]

# Scores for whoever has no history.
listed = runtime.get_recommendations(campaignArn=campaign, userId="nobody", numResults=25)["itemList"]
scores = [item["score"] for item in listed if item["itemId"].startswith("i")]
assert scores and scores == sorted(scores, reverse=True) and 0 < scores[-1] and sum(scores) <= 1.001, listed

# Left out, filtered, promoted; and what no filter takes is said.
left = [item["id"] for item in json.loads(before)]
assert not set(left[:2]) & set(json.loads(curl(f"/recommendations?user_id=u1&num_results=10&shape=ids&exclude={left[0]},{left[1]}")[1]))
for name, expression in [
    ("kinds", "INCLUDE ItemID WHERE Items.KIND IN ($KIND)"), ("cheap", "INCLUDE ItemID WHERE Items.PRICE < $MAX")]:
    arn = personalize.create_filter(name=name, datasetGroupArn=group, filterExpression=expression)["filterArn"]
    assert wait(personalize.describe_filter, "filter", filterArn=arn)["status"] == "ACTIVE"


def kinds(values):
    status, body = curl(f"/recommendations?user_id=u1&num_results=40&filter=kinds&{values}&fields=id,kind")
    assert status == 200, body
    return {item["kind"] for item in json.loads(body)}


assert kinds("f.KIND=lamp") == {"lamp"}
assert kinds("f.KIND=home,%20garden") == {"home, garden"}, "a comma is part of the value"
assert kinds("f.KIND=lamp&f.KIND=home,%20garden") == {"lamp", "home, garden"}
body = json.loads(curl("/recommendations?user_id=u1&num_results=4&promotion=cheap&promotion_percent=25&f.MAX=5")[1])
[promoted] = [item["id"] for item in body if item.get("promoted")]
assert promoted.startswith("new") or int(promoted[1:]) % 2 == 1, body
refused("/recommendations?user_id=u1&promotion_percent=25", "promotion_percent is given and no promotion")
refused("/recommendations?user_id=u1&filter=kinds&f.kind=lamp", "f.kind is no parameter of the filter 'kinds'", "f.KIND")
refused("/recommendations?user_id=u1&promotion=cheap", "includes by $MAX", "f.MAX=...")
refused("/recommendations?user_id=u1&f.MAX=5", "no filter")

# /related needs a campaign of related items, and says which.
status, body = curl("/related?item_id=i1")
assert status == 404 and "aws-similar-items" in json.loads(body)["message"], (status, body)
refused("/related?item_id=i1&recommender=messages", "'messages'", "aws-similar-items")

# Times as SDKs for JavaScript get them wrong: milliseconds, and seconds that were taken for milliseconds.
now = int(time.time())
for user, sent_at in (("late", now), ("milliseconds", now * 1000), ("year-1970", now // 1000)):
    event = {"userId": user, "sessionId": "s", "eventList": [{"eventType": "view", "itemId": "i7", "sentAt": sent_at}]}
    status, body = curl("/events", "-H", "content-type: application/json", "-d", json.dumps(event))
    assert status == 200, body
    ids = json.loads(curl(f"/recommendations?user_id={user}&num_results=5&shape=ids")[1])
    assert "i8" in ids[:2], (user, ids)
counted = curl("/metrics")[1].splitlines()
for sent in ("milliseconds", "year-1970"):
    assert f'tastemaker_odd_event_times_total{{sent="{sent}"}} 1' in counted, sent

# A decimal of an event is exported as it came, with the time that was meant.
tracker = personalize.create_event_tracker(name="messages", datasetGroupArn=group)["trackingId"]
events.put_events(trackingId=tracker, userId="payer", sessionId="s", eventList=[
    {"eventType": "buy", "itemId": "i2", "sentAt": now, "properties": '{"paid": 84.90}'}])
arn = personalize.create_dataset_export_job(jobName="messages", datasetArn=interactions, roleArn=ROLE, ingestionMode="PUT", jobOutput={
    "s3DataDestination": {"path": "s3://client-tests/messages/out/"}})["datasetExportJobArn"]
assert wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=arn)["status"] == "ACTIVE"
[file] = s3.list_objects_v2(Bucket="client-tests", Prefix="messages/out/")["Contents"]
lines = s3.get_object(Bucket="client-tests", Key=file["Key"])["Body"].read().decode().splitlines()
assert f"payer,i2,{now},buy,84.90" in lines and f"milliseconds,i7,{now},view," in lines, lines
[arrived] = [int(line.split(",")[2]) for line in lines if line.startswith("year-1970,")]
assert now <= arrived <= int(time.time()), (now, arrived)
print("ok: messages")

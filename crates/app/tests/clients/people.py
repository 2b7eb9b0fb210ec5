"""Users' metadata: whoever has no history yet gets what is popular among their like."""
from common import *

EVENTS = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}])
PEOPLE = schema("Users", [
    {"name": "USER_ID", "type": "string"}, {"name": "COLOUR", "type": ["null", "string"], "categorical": True},
    {"name": "AGE", "type": ["null", "int"]}])

group = personalize.create_dataset_group(name="people")["datasetGroupArn"]
interactions = dataset("people", group, "Interactions", EVENTS)
users = dataset("people", group, "Users", PEOPLE)
draw = random.Random(3)
rows, people = [], []
for user in range(300):
    # Blue users are at home on the first shelf and red ones on the second.
    shelf = user % 2
    for step in range(8):
        rows.append((f"u{user}", f"{shelf}-{draw.randrange(15)}", 1_700_000_000 + user * 100 + step))
    people.append((f"u{user}", ["blue", "red"][shelf], draw.randrange(20, 60)))
people += [("stranger-blue", "blue", ""), ("stranger-red", "red", 40)]
taken = csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP"], rows)
job = import_job("people-events", interactions, upload("people/events.csv", taken))
assert job["status"] == "ACTIVE", job
job = import_job("people-users", users, upload("people/users.csv", csv_text(["USER_ID", "COLOUR", "AGE"], people)))
assert job["status"] == "ACTIVE", job


def trained(name, **config):
    config["algorithmHyperParameters"] = {"hidden_dimension": "32"}
    version = train(name, group, solutionConfig=config)
    assert version["status"] == "ACTIVE", version
    return deploy(name, version["solutionVersionArn"], campaignConfig=UNEXPLORED)


campaign = trained("people")


def shelf(user, deployed=campaign):
    """How many of ten items are on the second shelf."""
    return sum(id.startswith("1-") for id in recommended(deployed, user, 10))


assert (shelf("stranger-blue"), shelf("stranger-red")) == (0, 10), (shelf("stranger-blue"), shelf("stranger-red"))
unknown = shelf("nobody")
assert 0 < unknown < 10, unknown


# The plain GET as well.
for user, first in (("stranger-blue", "0-"), ("stranger-red", "1-")):
    status, _, body = get(f"/recommendations?recommender=people&user_id={user}&num_results=10&shape=ids")
    ids = json.loads(body)
    assert status == 200 and len(ids) == 10 and all(id.startswith(first) for id in ids), (user, status, body)


def put(user, colour):
    events.put_users(datasetArn=users, users=[{"userId": user, "properties": json.dumps({"colour": colour})}])


# Streamed users count at the next request, and so does what is streamed anew of a known one.
put("walk-in", "red")
assert shelf("walk-in") == 10
put("walk-in", "blue")
put("stranger-red", "blue")
assert (shelf("walk-in"), shelf("stranger-red")) == (0, 0)

# Their own history outweighs it.
assert shelf("u1") == 10 and shelf("u0") == 0

# Columns that a solution does not train with make no difference.
without = trained("people-without", trainingDataConfig={"excludedDatasetColumns": {"USERS": ["COLOUR", "AGE"]}})
assert shelf("stranger-blue", without) == shelf("nobody", without)
print("ok: people", unknown)

"""What a customer prefers and under which circumstances somebody asks: eventsConfig, optimizationObjective, context."""
from common import *

CIRCUMSTANCES = schema("Interactions", [
    {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"},
    {"name": "DEVICE", "type": ["null", "string"], "categorical": True},
    {"name": "IMPRESSION", "type": ["null", "string"]}])
PRICED = schema("Items", [
    {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"}, {"name": "OLD_PRICE", "type": ["null", "float"]},
    {"name": "BRAND", "type": ["null", "string"], "categorical": True}])
ITEM_COUNT = 40
# New items: these were shown with every interaction and never taken, those were not.
SHOWN = [f"shown{n}" for n in range(8)]
UNSEEN = [f"unseen{n}" for n in range(8)]

group = personalize.create_dataset_group(name="preferences")["datasetGroupArn"]
interactions = dataset("preferences", group, "Interactions", CIRCUMSTANCES)
items = dataset("preferences", group, "Items", PRICED)
draw = random.Random(7)
rows = []
for user in range(120):
    at = draw.randrange(ITEM_COUNT)
    for step in range(30):
        # After each item half of the users view the next one, and half buy the one after it. Even items belong to the phone.
        jump = 1 if draw.random() < 0.5 else 2
        at = (at + jump) % ITEM_COUNT if draw.random() < 0.9 else draw.randrange(ITEM_COUNT)
        rows.append((f"u{user}", f"i{at}", 1_700_000_000 + user * 1000 + step, "view" if jump == 1 else "buy",
                     ("phone" if at % 2 == 0 else "tv") if draw.random() < 0.9 else "", "|".join(SHOWN)))
header = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "DEVICE", "IMPRESSION"]
job = import_job("preferences-events", interactions, upload("preferences/events.csv", csv_text(header, rows)))
assert job["status"] == "ACTIVE", job
prices = {f"i{n}": (n * 17) % ITEM_COUNT + 1.0 for n in range(ITEM_COUNT)}
prices.update({id: 1.0 for id in SHOWN + UNSEEN})
catalog = csv_text(["ITEM_ID", "PRICE", "OLD_PRICE", "BRAND"], [(id, price, "", "b") for id, price in prices.items()])
job = import_job("preferences-items", items, upload("preferences/items.csv", catalog))
assert job["status"] == "ACTIVE", job


def solution(name, recipe, **config):
    return personalize.create_solution(name=name, datasetGroupArn=group, recipeArn=RECIPES + recipe, performAutoTraining=False,
                                       solutionConfig=config)


# What cannot be is refused with the member's name.
for words, recipe, config in [
    ("applies to aws-user-personalization-v2", "aws-user-personalization",
     {"eventsConfig": {"eventParametersList": [{"eventType": "buy", "weight": 1.0}]}}),
    ("listed twice", "aws-user-personalization-v2",
     {"eventsConfig": {"eventParametersList": [{"eventType": "buy", "weight": 1.0}, {"eventType": "BUY", "weight": 0.5}]}}),
    ("applies to aws-user-personalization and", "aws-user-personalization-v2",
     {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"}}),
    ("no column 'COST'", "aws-user-personalization",
     {"optimizationObjective": {"itemAttribute": "COST", "objectiveSensitivity": "LOW"}}),
    ("'BRAND' must be numeric", "aws-user-personalization",
     {"optimizationObjective": {"itemAttribute": "BRAND", "objectiveSensitivity": "LOW"}}),
    ("'OLD_PRICE' must be numeric and not nullable", "aws-user-personalization",
     {"optimizationObjective": {"itemAttribute": "OLD_PRICE", "objectiveSensitivity": "LOW"}}),
]:
    message = expect("InvalidInputException", solution, name="preferences-bad", recipe=recipe, **config)
    assert words in message, (words, message)


def trained(arn):
    version = personalize.create_solution_version(solutionArn=arn)["solutionVersionArn"]
    described = wait(personalize.describe_solution_version, "solutionVersion", 300, solutionVersionArn=version)
    assert described["status"] == "ACTIVE", described
    return version, personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]


def weights(view, buy):
    return {"eventParametersList": [{"eventType": "view", "weight": view}, {"eventType": "buy", "weight": buy}]}


users = [f"u{n}" for n in range(40)]
last = {row[0]: int(row[1][1:]) for row in rows}


def bought(campaign):
    """In how many lists the item that is bought next stands before the one that is viewed next."""
    count = 0
    for user in users:
        ranked = recommended(campaign, user, len(prices))
        place = {id: n for n, id in enumerate(ranked)}
        count += place[f"i{(last[user] + 2) % ITEM_COUNT}"] < place[f"i{(last[user] + 1) % ITEM_COUNT}"]
    return count


# The same solution trained for views and, after an update, for purchases.
arn = solution("preferences-events", "aws-user-personalization-v2", eventsConfig=weights(1.0, 0.05))["solutionArn"]
assert personalize.describe_solution(solutionArn=arn)["solution"]["solutionConfig"]["eventsConfig"] == weights(1.0, 0.05)
version, metrics = trained(arn)
gains = {f"normalized_discounted_cumulative_gain_with_event_weights_at_{k}" for k in (5, 10, 25)}
assert gains <= set(metrics), metrics
views = deploy("preferences-views", version)
message = expect("InvalidInputException", personalize.update_solution, solutionArn=arn,
                 solutionUpdateConfig={"eventsConfig": weights(0.0, 0.0)})
assert "above 0" in message, message
personalize.update_solution(solutionArn=arn, solutionUpdateConfig={"eventsConfig": weights(0.05, 1.0)})
described = personalize.describe_solution(solutionArn=arn)["solution"]
assert described["solutionConfig"]["eventsConfig"] == weights(0.05, 1.0), described
assert described["latestSolutionUpdate"]["solutionUpdateConfig"]["eventsConfig"] == weights(0.05, 1.0), described
version, _ = trained(arn)
buys = deploy("preferences-buys", version)
counts = bought(views), bought(buys)
assert counts[1] > counts[0] + 10, counts

# Dearer items with the objective, as a test shows by the mean price of the lists.
price = {}
for level in ("OFF", "HIGH"):
    objective = {"itemAttribute": "PRICE", "objectiveSensitivity": level}
    version, metrics = trained(
        solution(f"preferences-{level}", "aws-user-personalization", optimizationObjective=objective)["solutionArn"])
    assert 0.0 < metrics["average_rewards_at_k"] <= 1.0, metrics
    campaign = deploy(f"preferences-{level}", version, campaignConfig=UNEXPLORED)
    exploring = version
    lists = [recommended(campaign, user, 5) for user in users]
    price[level] = sum(prices[id] for ranked in lists for id in ranked) / sum(map(len, lists))
assert price["HIGH"] > price["OFF"] + 1.0, price


# What was shown and left is explored less.
explored = deploy("preferences-explored", exploring, campaignConfig={"itemExplorationConfig": {"explorationWeight": "1"}})
lists = [id for user in users for id in recommended(explored, user, 5)]
shown, unseen = (sum(id in group for id in lists) for group in (SHOWN, UNSEEN))
assert unseen > 20 and shown < unseen / 4, (shown, unseen)


def even(**arguments):
    """How many of the recommended items belong to the phone."""
    lists = [runtime.get_recommendations(campaignArn=campaign, userId=user, numResults=10, **arguments)["itemList"]
             for user in users]
    ids = [item["itemId"] for ranked in lists for item in ranked if item["itemId"].startswith("i")]
    return sum(int(id[1:]) % 2 == 0 for id in ids)


phone, nowhere, tv = (even(context={"DEVICE": device}) for device in ("phone", "fridge", "tv"))
assert phone > nowhere > tv and nowhere == even(), (phone, nowhere, tv, even())
ranking = [
    [item["itemId"] for item in runtime.get_personalized_ranking(
        campaignArn=deployed, userId="u0", inputList=["i1", "i2", "i3", "i4"], context={"DEVICE": "phone"})["personalizedRanking"]]
    for deployed in [deploy("preferences-ranking", trained(solution(
        "preferences-ranking", "aws-personalized-ranking")["solutionArn"])[0])]]
assert all(set(ranked) == {"i1", "i2", "i3", "i4"} for ranked in ranking), ranking
name = campaign.split("/")[1]


def plain(query):
    status, _, body = get(f"/recommendations?recommender={name}&user_id=u0&num_results=10&shape=ids{query}")
    assert status == 200, (status, body)
    return json.loads(body)


assert plain("&ctx.DEVICE=phone") == plain("&context=%7B%22DEVICE%22%3A%22phone%22%7D") != plain("&ctx.DEVICE=tv")
print("ok: preferences", counts, price, (phone, nowhere, tv))

from world import *

RID = r"RID-[0-9a-f-]{36}"


def ids(answer, key="itemList"):
    return [r["itemId"] for r in answer[key]]


def trained(answer):
    """The items that the model knows; one that came after its training may fill the places behind them, without a score."""
    items = [r for r in answer["itemList"] if r["itemId"] != "put-item"]
    assert all("score" not in r for r in answer["itemList"][len(items):]), answer
    return items


@happy("GetRecommendations")
def lists():
    answer = call("GetRecommendations", campaignArn=campaign(), userId="u1")
    assert re.fullmatch(RID, answer["recommendationId"]) and len(trained(answer)) == ITEM_COUNT, answer
    assert len(set(ids(answer))) == len(answer["itemList"]), answer
    scores = [r["score"] for r in trained(answer)]
    assert scores == sorted(scores, reverse=True) and abs(sum(scores) - 1) < 1e-3, scores
    assert len(call("GetRecommendations", campaignArn=campaign(), userId="u1", numResults=3)["itemList"]) == 3
    assert call("GetRecommendations", campaignArn=campaign(), userId="stranger")["itemList"]
    answer = call("GetRecommendations", campaignArn=campaign(), userId="u1", numResults=4,
                  metadataColumns={"ITEMS": ["NAME", "PRICE", "GENRES"]})
    for item in answer["itemList"]:
        k = int(item["itemId"][1:])
        assert item["metadata"] == {"name": f"Lamp {k}", "price": f"{k + 9}.5",
                                    "genres": "even|all" if k % 2 == 0 else "odd|all"}, item
    context = {"EVENT_TYPE": "view"}
    assert call("GetRecommendations", campaignArn=campaign(), userId="u1", context=context)["itemList"]


@check
def refused_lists():
    good = {"campaignArn": campaign(), "userId": "u1"}
    refuse("GetRecommendations", INVALID, "campaignArn", "recommenderArn", userId="u1")
    refuse("GetRecommendations", INVALID, "campaignArn", "recommenderArn", **good, recommenderArn=PREFIX + "recommender/x")
    refuse("GetRecommendations", INVALID, "userId", campaignArn=campaign())
    refuse("GetRecommendations", INVALID, "500", "501", **good, numResults=501)
    refuse("GetRecommendations", INVALID, "50", "51", **good, numResults=51, metadataColumns={"ITEMS": ["NAME"]})
    refuse("GetRecommendations", INVALID, "NOTHING", **good, metadataColumns={"ITEMS": ["NOTHING"]})
    refuse("GetRecommendations", INVALID, "USERS", **good, metadataColumns={"USERS": ["AGE"]})
    unknown("GetRecommendations", "campaignArn", PREFIX + "campaign/never", userId="u1")


@happy("CreateFilter", "GetRecommendations")
def filtered_lists():
    even = call("CreateFilter", name="runtime-even", datasetGroupArn=group(),
                filterExpression='INCLUDE ItemID WHERE Items.GENRES IN ("even")')["filterArn"]
    priced = call("CreateFilter", name="runtime-priced", datasetGroupArn=group(),
                  filterExpression="EXCLUDE ItemID WHERE Items.PRICE > $MAX")["filterArn"]
    kinds = call("CreateFilter", name="runtime-kinds", datasetGroupArn=group(),
                 filterExpression="INCLUDE ItemID WHERE Items.GENRES IN ($KINDS)")["filterArn"]
    seen = call("CreateFilter", name="runtime-seen", datasetGroupArn=group(),
                filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")')["filterArn"]
    for arn in (even, priced, kinds, seen):
        active("DescribeFilter", "filter", filterArn=arn)
    good = {"campaignArn": campaign(), "userId": "u1"}
    evens = {f"i{k}" for k in range(0, ITEM_COUNT, 2)}
    assert set(ids(call("GetRecommendations", **good, filterArn=even))) == evens
    got = {r["itemId"] for r in trained(call("GetRecommendations", **good, filterArn=priced, filterValues={"MAX": "12"}))}
    assert got == {"i0", "i1", "i2"}, got
    assert set(ids(call("GetRecommendations", **good, filterArn=kinds, filterValues={"KINDS": '"even","none"'}))) == evens
    history = {i for u, i, _, _ in rows() if u == "u1"}
    got = {r["itemId"] for r in trained(call("GetRecommendations", **good, filterArn=seen))}
    assert got == {f"i{k}" for k in range(ITEM_COUNT)} - history, got
    refuse("GetRecommendations", INVALID, "KINDS", **good, filterArn=kinds)
    unknown("GetRecommendations", "filterArn", PREFIX + "filter/never", **good)
    promoted = call("GetRecommendations", **good, numResults=10, promotions=[
        {"name": "evens", "percentPromotedItems": 30, "filterArn": even}])["itemList"]
    assert len(promoted) == 10, promoted
    named = [r["itemId"] for r in promoted if r.get("promotionName") == "evens"]
    assert len(named) == 3 and set(named) <= evens, promoted


@happy("GetPersonalizedRanking")
def rankings():
    wanted = ["i5", "i3", "unheard-of", "i9"]
    answer = call("GetPersonalizedRanking", campaignArn=ranking_campaign(), userId="u1", inputList=wanted)
    assert re.fullmatch(RID, answer["recommendationId"]), answer
    ranked = answer["personalizedRanking"]
    assert set(ids(answer, "personalizedRanking")) == set(wanted) and ranked[-1]["itemId"] == "unheard-of", ranked
    assert "score" not in ranked[-1] or ranked[-1]["score"] == 0, ranked
    scores = [r["score"] for r in ranked[:-1]]
    assert scores == sorted(scores, reverse=True) and abs(sum(scores) - 1) < 1e-3, ranked
    # Who has no history gets scores, too.
    ranked = call("GetPersonalizedRanking", campaignArn=ranking_campaign(), userId="stranger", inputList=["i5", "i3"])
    assert all(0 < r["score"] < 1 for r in ranked["personalizedRanking"]), ranked
    # What was seen is not pushed down below what the user never touched.
    taken = [i for u, i, _, _ in rows() if u == "u2"]
    often, never = sorted(set(taken), key=taken.count)[-4:], f"i{(int(taken[-1][1:]) + 10) % ITEM_COUNT}"
    ranked = call("GetPersonalizedRanking", campaignArn=ranking_campaign(), userId="u2", inputList=[never, *often])
    scores = {r["itemId"]: r["score"] for r in ranked["personalizedRanking"]}
    assert never in often or scores[never] < 0.5, (scores, taken[-3:])


@check
def refused_rankings():
    unknown("GetPersonalizedRanking", "campaignArn", PREFIX + "campaign/never", userId="u1", inputList=["i1"])
    refuse("GetPersonalizedRanking", INVALID, campaignArn=campaign(), userId="u1", inputList=["i1"])
    good = {"campaignArn": ranking_campaign(), "userId": "u1"}
    refuse("GetPersonalizedRanking", INVALID, "500", "501", **good, inputList=[f"x{n}" for n in range(501)])
    refuse("GetRecommendations", INVALID, **good)


@happy("GetActionRecommendations")
def actions():
    answer = call("GetActionRecommendations", campaignArn=action_campaign(), userId="u1", numResults=2)
    assert re.fullmatch(RID, answer["recommendationId"]) and len(answer["actionList"]) == 2, answer
    # An action that came after the training has a place by exploration alone, without a propensity.
    new = [a for a in answer["actionList"] if a["actionId"] == "call"]
    assert all(a["score"] == 0 for a in new), answer
    judged = [a for a in answer["actionList"] if a not in new]
    for action in judged:
        assert action["actionId"] in ("join", "download", "subscribe") and 0 <= action["score"] <= 1, action
    scores = [a["score"] for a in judged]
    assert judged and scores == sorted(scores, reverse=True), answer
    # Equal scores, as those of new actions are, go by VALUE.
    actions_arn = action_group().replace("dataset-group/", "dataset/") + "/ACTIONS"
    for name, value in (("cheap", 1), ("dear", 900)):
        call("PutActions", datasetArn=actions_arn, actions=[{"actionId": name, "properties": json.dumps({"value": value, "kind": "new"})}])
    listed = call("GetActionRecommendations", campaignArn=action_campaign(), userId="u1", numResults=100)["actionList"]
    places = {a["actionId"]: place for place, a in enumerate(listed)}
    assert {a["actionId"]: a["score"] for a in listed if a["actionId"] in ("cheap", "dear")} == {"cheap": 0, "dear": 0}, listed
    assert places["dear"] < places["cheap"], listed


@check
def refused_actions():
    unknown("GetActionRecommendations", "campaignArn", PREFIX + "campaign/never", userId="u1")
    refuse("GetActionRecommendations", INVALID, "campaignArn", userId="u1")
    refuse("GetActionRecommendations", INVALID, campaignArn=campaign(), userId="u1")
    refuse("GetActionRecommendations", INVALID, "userId", campaignArn=action_campaign())
    refuse("GetActionRecommendations", INVALID, "100", "101", campaignArn=action_campaign(), userId="u1", numResults=101)

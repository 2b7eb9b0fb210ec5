from world import *

VIEW = {"eventType": "view", "itemId": "i1", "sentAt": 1_750_000_000}


@happy("PutEvents")
def events_count_at_once():
    for seen, expected in ((3, "i4"), (11, "i12")):
        assert call("PutEvents", trackingId=tracking_id(), userId="events-stranger", sessionId="s",
                    eventList=[{**VIEW, "itemId": f"i{seen}"}]) == {}
        answer = call("GetRecommendations", campaignArn=campaign(), userId="events-stranger", numResults=1)
        assert answer["itemList"][0]["itemId"] == expected, answer
    # The older form: the item inside the properties, and no user but the session.
    call("PutEvents", trackingId=tracking_id(), sessionId="events-session", eventList=[
        {"eventType": "view", "sentAt": 1_750_000_000, "properties": json.dumps({"itemId": "i7", "eventValue": 3})}])
    answer = call("GetRecommendations", campaignArn=campaign(), userId="events-session", numResults=1)
    assert answer["itemList"][0]["itemId"] == "i8", answer
    call("PutEvents", trackingId=tracking_id(), userId="u1", sessionId="s", eventList=[
        {**VIEW, "eventId": f"e{n}", "eventValue": 1.5, "recommendationId": answer["recommendationId"],
         "impression": ["i1", "i2"]} for n in range(10)])


@check
def one_order_of_two_products():
    filter_arn = call("CreateFilter", name="events-ordered", datasetGroupArn=group(),
                      filterExpression='EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("purchase")')["filterArn"]
    call("PutEvents", trackingId=tracking_id(), userId="events-order", sessionId="s", eventList=[
        {**VIEW, "eventType": "purchase", "eventId": "order-7", "itemId": item} for item in ("i3", "i5")])
    answer = call("GetRecommendations", campaignArn=campaign(), userId="events-order", filterArn=filter_arn, numResults=50)
    items = {item["itemId"] for item in answer["itemList"]}
    assert items and not items & {"i3", "i5"}, answer
    # SDKs send milliseconds now and then; 1750000 is what `new Date(1750000000)` becomes.
    for sent_at in (200_000_000_000, 1_750_000):
        call("PutEvents", trackingId=tracking_id(), userId="events-odd", sessionId="s", eventList=[{**VIEW, "sentAt": sent_at}])


@check
def refused_events():
    good = {"trackingId": tracking_id(), "userId": "events-bad", "sessionId": "s"}
    refuse("PutEvents", INVALID, "never", **{**good, "trackingId": "never"}, eventList=[VIEW])
    no_item = {k: v for k, v in VIEW.items() if k != "itemId"}
    for event, needle in ((no_item, "item"), ({**VIEW, "properties": "{"}, "properties"),
                          ({**VIEW, "sentAt": 99_999_999_999}, "sentAt"),
                          ({**no_item, "properties": '{"itemId": "i1", "userId": "x"}'}, "userId")):
        message = refuse("PutEvents", INVALID, needle, **good, eventList=[VIEW, event])
        assert "eventList.2" in message or "eventList[1]" in message, message
    unchanged = call("GetRecommendations", campaignArn=campaign(), userId="events-nobody")["itemList"]
    assert call("GetRecommendations", campaignArn=campaign(), userId="events-bad")["itemList"] == unchanged


@happy("PutItems", "PutUsers")
def items_and_users():
    assert call("PutItems", datasetArn=dataset("ITEMS"), items=[
        {"itemId": "put-item", "properties": json.dumps({"name": "Put", "price": 3.5, "genres": "put|all"})}]) == {}
    assert call("PutUsers", datasetArn=dataset("USERS"), users=[
        {"userId": "put-user", "properties": json.dumps({"age": "41", "tier": "gold"})}, {"userId": "put-bare"}]) == {}


@check
def refused_items_and_users():
    item = {"itemId": "bad-item", "properties": json.dumps({"name": "Bad"})}
    unknown("PutItems", "datasetArn", PREFIX + "dataset/never/ITEMS", items=[item])
    unknown("PutUsers", "datasetArn", PREFIX + "dataset/never/USERS", users=[{"userId": "x"}])
    refuse("PutItems", INVALID, datasetArn=dataset("USERS"), items=[item])
    refuse("PutUsers", INVALID, datasetArn=dataset("ITEMS"), users=[{"userId": "x"}])
    refuse("PutItems", INVALID, "NAME", datasetArn=dataset("ITEMS"), items=[item, {"itemId": "bad", "properties": '{"price": 1}'}])
    for bad in ("{", "[]", '{"price": "cheap", "name": "x"}'):
        refuse("PutItems", INVALID, datasetArn=dataset("ITEMS"), items=[{"itemId": "bad", "properties": bad}])
    refuse("PutUsers", INVALID, datasetArn=dataset("USERS"), users=[{"userId": "bad", "properties": '{"age": "old"}'}])


def action_tracking_id():
    return call("DescribeDataset", datasetArn=action_dataset("ACTION_INTERACTIONS"))["dataset"]["trackingId"]


def action_dataset(kind):
    return action_group().replace("dataset-group/", "dataset/") + "/" + kind


@happy("PutActions")
def actions():
    assert call("PutActions", datasetArn=action_dataset("ACTIONS"), actions=[
        {"actionId": "call", "properties": json.dumps({"value": 7, "kind": "phone"})}]) == {}


@happy("PutActionInteractions")
def action_interactions():
    assert call("PutActionInteractions", trackingId=action_tracking_id(), actionInteractions=[
        {"actionId": "join", "userId": "u1", "sessionId": "s", "timestamp": 1_750_000_000, "eventType": "taken"},
        {"actionId": "call", "sessionId": "s", "timestamp": 1_750_000_001, "eventType": "viewed", "eventId": "e",
         "impression": ["join", "call"]}]) == {}


@check
def refused_actions():
    unknown("PutActions", "datasetArn", PREFIX + "dataset/never/ACTIONS", actions=[{"actionId": "x"}])
    refuse("PutActions", INVALID, datasetArn=dataset("ITEMS"), actions=[{"actionId": "x"}])
    refuse("PutActions", INVALID, datasetArn=action_dataset("ACTIONS"), actions=[{"actionId": "x", "properties": "{"}])


@check
def refused_action_interactions():
    taken = {"actionId": "join", "userId": "u1", "sessionId": "s", "timestamp": 1_750_000_000, "eventType": "taken"}
    refuse("PutActionInteractions", UNKNOWN, "never", trackingId="never", actionInteractions=[taken])
    refuse("PutActionInteractions", INVALID, trackingId=action_tracking_id(), actionInteractions=[
        {**taken, "timestamp": 99_999_999_999}])

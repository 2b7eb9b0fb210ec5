from world import *


@happy("CreateEventTracker", "DescribeEventTracker", "ListEventTrackers", "DeleteEventTracker")
def life_of_a_tracker():
    group_arn = make_group("tracker-life")
    made = call("CreateEventTracker", name="tracker-life", datasetGroupArn=group_arn)
    arn = made["eventTrackerArn"]
    assert re.fullmatch(re.escape(PREFIX) + "event-tracker/[0-9a-f]{8}", arn), arn
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", made["trackingId"]), made
    seen = active("DescribeEventTracker", "eventTracker", eventTrackerArn=arn)
    alike(seen, name="tracker-life", eventTrackerArn=arn, trackingId=made["trackingId"], datasetGroupArn=group_arn,
          accountId=ACCOUNT)
    listed = call("ListEventTrackers", datasetGroupArn=group_arn)["eventTrackers"]
    assert [r["eventTrackerArn"] for r in listed] == [arn] and listed[0]["status"] == "ACTIVE", listed
    assert call("DeleteEventTracker", eventTrackerArn=arn) == {}
    gone("DescribeEventTracker", "eventTracker", eventTrackerArn=arn)


@check
def refusals_():
    unknown("CreateEventTracker", "datasetGroupArn", PREFIX + "dataset-group/never", name="x")
    group_arn = make_group("tracker-refusals")
    call("CreateEventTracker", name="tracker-refusals", datasetGroupArn=group_arn)
    refuse("CreateEventTracker", EXISTS, name="tracker-other", datasetGroupArn=group_arn)
    for operation in ("DescribeEventTracker", "DeleteEventTracker"):
        unknown(operation, "eventTrackerArn", PREFIX + "event-tracker/0123abcd")
        refuse(operation, INVALID, "eventTrackerArn", eventTrackerArn=PREFIX + "schema/never")


@check
def pages():
    for n in range(3):
        call("CreateEventTracker", name="page", datasetGroupArn=make_group(f"tracker-page-{n}"))
    paged("ListEventTrackers", "eventTrackers", 3)

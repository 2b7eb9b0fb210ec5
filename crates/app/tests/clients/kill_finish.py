"""After a kill: the training goes on to ACTIVE; later, the campaign and every acknowledged event are still there."""
import sys

from common import *

version = personalize.list_solution_versions()["solutionVersions"][0]["solutionVersionArn"]
if sys.argv[1] == "campaign":
    done = wait(personalize.describe_solution_version, "solutionVersion", 300, solutionVersionArn=version)
    assert done["status"] == "ACTIVE", done
    assert set(personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]) == STANDARD_METRICS
    campaign = deploy("kill", version, campaignConfig=UNEXPLORED)
    group = personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    tracker = personalize.create_event_tracker(name="kill", datasetGroupArn=group)["trackingId"]
    for n in range(30):
        events.put_events(trackingId=tracker, userId=f"new{n}", sessionId="s", eventList=[
            {"eventType": "view", "itemId": f"i{n}", "sentAt": 1_750_000_000}])
else:
    campaign = personalize.list_campaigns()["campaigns"][0]["campaignArn"]
    right = sum(recommended(campaign, f"new{n}", 1)[0] == f"i{(n + 1) % 30}" for n in range(30))
    assert right >= 28, f"{right} of 30 acknowledged events steer their user's first item"
print("ok:", sys.argv[1])

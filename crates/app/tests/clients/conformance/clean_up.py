"""The order of AWS's samples removes everything that the suite made. It runs last."""
from world import *

ORDER = (("Recommender", "recommender", "recommenders"), ("Campaign", "campaign", "campaigns"),
         ("Filter", "filter", "Filters"), ("Solution", "solution", "solutions"),
         ("EventTracker", "eventTracker", "eventTrackers"),
         ("MetricAttribution", "metricAttribution", "metricAttributions"), ("Dataset", "dataset", "datasets"),
         ("Schema", "schema", "schemas"), ("DatasetGroup", "datasetGroup", "datasetGroups"))


@check
def everything_in_order():
    for kind, member, key in ORDER:
        if f"List{kind}s" in not_built:
            continue
        found = []
        client, method, _ = OPERATIONS[f"List{kind}s"]
        for page in client.get_paginator(method).paginate():
            found += [r[f"{member}Arn"] for r in page[key]]
        assert found or kind == "Recommender", f"the suite made no {kind}"
        for arn in found:
            if kind == "Solution":
                for v in call("ListSolutionVersions", solutionArn=arn)["solutionVersions"]:
                    assert not v["status"].startswith(("CREATE PENDING", "CREATE IN", "CREATE STOPPING")), v
            assert call(f"Delete{kind}", **{f"{member}Arn": arn}) == {}
        for arn in found:
            gone(f"Describe{kind}", member, **{f"{member}Arn": arn})
        assert call(f"List{kind}s")[key] == [], kind

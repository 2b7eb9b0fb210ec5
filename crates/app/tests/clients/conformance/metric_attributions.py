from world import *

COUNT = {"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}
PRICE = {"eventType": "view", "metricName": "money", "expression": "SUM(Items.PRICE)"}
OUTPUT = {"roleArn": ROLE, "s3DataDestination": {"path": "s3://client-tests/attribution/"}}


def attribute(name, group_arn, metrics=(COUNT, PRICE)):
    arn = call("CreateMetricAttribution", name=name, datasetGroupArn=group_arn, metrics=list(metrics),
               metricsOutputConfig=OUTPUT)["metricAttributionArn"]
    active("DescribeMetricAttribution", "metricAttribution", metricAttributionArn=arn)
    return arn


@cache
def holder(name):
    arn = make_group(name)
    make_dataset(arn, "INTERACTIONS")
    make_dataset(arn, "ITEMS")
    return arn


@happy("CreateMetricAttribution", "DescribeMetricAttribution", "ListMetricAttributions", "ListMetricAttributionMetrics",
       "UpdateMetricAttribution", "DeleteMetricAttribution")
def life_of_an_attribution():
    s3.create_bucket(Bucket="client-tests")
    group_arn = holder("attribution-life")
    arn = attribute("attribution-life", group_arn)
    assert arn == PREFIX + "metric-attribution/attribution-life", arn
    seen = call("DescribeMetricAttribution", metricAttributionArn=arn)["metricAttribution"]
    alike(seen, name="attribution-life", metricAttributionArn=arn, datasetGroupArn=group_arn, metricsOutputConfig=OUTPUT)
    metrics = call("ListMetricAttributionMetrics", metricAttributionArn=arn)["metrics"]
    assert sorted(metrics, key=str) == sorted([COUNT, PRICE], key=str), metrics
    listed = call("ListMetricAttributions", datasetGroupArn=group_arn)["metricAttributions"]
    assert [r["name"] for r in listed] == ["attribution-life"], listed
    more = {"eventType": "buy", "metricName": "buys", "expression": "SAMPLECOUNT()"}
    assert call("UpdateMetricAttribution", metricAttributionArn=arn, addMetrics=[more], removeMetrics=["money"]) == {
        "metricAttributionArn": arn}
    active("DescribeMetricAttribution", "metricAttribution", metricAttributionArn=arn)
    names = [m["metricName"] for m in call("ListMetricAttributionMetrics", metricAttributionArn=arn)["metrics"]]
    assert sorted(names) == ["buys", "views"], names
    refuse("UpdateMetricAttribution", EXISTS, "buys", metricAttributionArn=arn, addMetrics=[more])
    assert call("DeleteMetricAttribution", metricAttributionArn=arn) == {}
    gone("DescribeMetricAttribution", "metricAttribution", metricAttributionArn=arn)


@check
def refusals_():
    good = {"name": "attribution-bad", "datasetGroupArn": holder("attribution-refusals"), "metrics": [COUNT],
            "metricsOutputConfig": OUTPUT}
    for expression in ("AVG(Items.PRICE)", "SUM(Items.NOTHING)", "SUM(Items.NAME)", "SAMPLECOUNT("):
        refuse("CreateMetricAttribution", INVALID, **{**good, "metrics": [{**COUNT, "expression": expression}]})
    refuse("CreateMetricAttribution", INVALID, **{**good, "metrics": []})
    unknown("CreateMetricAttribution", "datasetGroupArn", PREFIX + "dataset-group/never",
            **{k: v for k, v in good.items() if k != "datasetGroupArn"})
    never = PREFIX + "metric-attribution/never"
    for operation in ("DescribeMetricAttribution", "DeleteMetricAttribution", "UpdateMetricAttribution"):
        unknown(operation, "metricAttributionArn", never)
        refuse(operation, INVALID, "metricAttributionArn", metricAttributionArn=PREFIX + "schema/never")
    refuse("UpdateMetricAttribution", INVALID, "metricAttributionArn", addMetrics=[COUNT])


@check
def pages():
    if "CreateMetricAttribution" in not_built:
        return
    for n in range(3):
        arn = attribute(f"attribution-page-{n}", holder(f"attribution-page-{n}"))
    paged("ListMetricAttributions", "metricAttributions", 3)
    paged("ListMetricAttributionMetrics", "metrics", 2, metricAttributionArn=arn)

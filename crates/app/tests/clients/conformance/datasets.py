from world import *


@happy("CreateDataset", "DescribeDataset", "ListDatasets", "DeleteDataset")
def life_of_a_dataset():
    group_arn = make_group("dataset-life")
    schema_arn = make_schema("dataset-life", INTERACTIONS)
    arn = call("CreateDataset", name="any-name", datasetGroupArn=group_arn, datasetType="Interactions",
               schemaArn=schema_arn)["datasetArn"]
    assert arn == PREFIX + "dataset/dataset-life/INTERACTIONS", arn
    seen = active("DescribeDataset", "dataset", datasetArn=arn)
    alike(seen, name="any-name", datasetArn=arn, datasetGroupArn=group_arn, datasetType="INTERACTIONS", schemaArn=schema_arn)
    assert "latestDatasetUpdate" not in seen and "trackingId" not in seen, seen
    make_dataset(group_arn, "ITEMS")
    make_dataset(group_arn, "USERS")
    listed = call("ListDatasets", datasetGroupArn=group_arn)["datasets"]
    assert [r["datasetType"] for r in listed] == ["INTERACTIONS", "ITEMS", "USERS"], listed
    assert {r["datasetArn"] for r in listed} <= {r["datasetArn"] for r in call("ListDatasets")["datasets"]}
    assert call("ListDatasets", datasetGroupArn=PREFIX + "dataset-group/never")["datasets"] == []
    assert call("DeleteDataset", datasetArn=arn) == {}
    gone("DescribeDataset", "dataset", datasetArn=arn)


@check
def refusals_():
    group_arn, users = make_group("dataset-refusals"), make_schema("dataset-refusals", USERS)
    good = {"name": "x", "datasetGroupArn": group_arn, "datasetType": "Users", "schemaArn": users}
    refuse("CreateDataset", INVALID, "datasetType", **{**good, "datasetType": "Shoes"})
    refuse("CreateDataset", INVALID, "datasetType", **{**good, "datasetType": "Items"})
    unknown("CreateDataset", "schemaArn", PREFIX + "schema/never", **{k: v for k, v in good.items() if k != "schemaArn"})
    unknown("CreateDataset", "datasetGroupArn", PREFIX + "dataset-group/never",
            **{k: v for k, v in good.items() if k != "datasetGroupArn"})
    shop = make_schema("dataset-shop", SHOP_ITEMS, domain="ECOMMERCE")
    refuse("CreateDataset", INVALID, "ECOMMERCE", **{**good, "schemaArn": shop, "datasetType": "Items"})
    arn = call("CreateDataset", **good)["datasetArn"]
    refuse("CreateDataset", EXISTS, arn, **good)
    for operation in ("DescribeDataset", "DeleteDataset"):
        unknown(operation, "datasetArn", PREFIX + "dataset/never/USERS")
        refuse(operation, INVALID, "datasetArn", datasetArn=PREFIX + "schema/never")


@check
def pages():
    paged("ListDatasets", "datasets", 3)
    group()
    paged("ListDatasets", "datasets", 3, datasetGroupArn=group())


@happy("UpdateDataset")
def a_new_schema():
    group_arn = make_group("dataset-update")
    arn = make_dataset(group_arn, "USERS")
    old = call("DescribeDataset", datasetArn=arn)["dataset"]["schemaArn"]
    fields = json.loads(USERS)["fields"]
    wider = make_schema("dataset-update-wider", schema("Users", fields + [{"name": "CITY", "type": ["null", "string"]}]))
    assert call("UpdateDataset", datasetArn=arn, schemaArn=wider) == {"datasetArn": arn}
    for _ in range(200):
        seen = call("DescribeDataset", datasetArn=arn)["dataset"]
        if seen["latestDatasetUpdate"]["status"] == "ACTIVE":
            break
        time.sleep(0.05)
    alike(seen, schemaArn=wider, status="ACTIVE")
    alike(seen["latestDatasetUpdate"], schemaArn=wider)
    load(arn, ["USER_ID", "AGE", "TIER", "CITY"], [("u1", 30, "gold", "Ulm")])
    refuse("UpdateDataset", INVALID, "CITY", datasetArn=arn, schemaArn=old)
    refuse("DeleteSchema", IN_USE, schemaArn=wider)
    call("DeleteSchema", schemaArn=old)


@check
def refused_schemas():
    group_arn = make_group("dataset-update-refusals")
    users, interactions = make_dataset(group_arn, "USERS"), make_dataset(group_arn, "INTERACTIONS")
    fields = json.loads(USERS)["fields"]
    narrow = make_schema("dataset-update-narrow", schema("Users", fields[:-1]))
    refuse("UpdateDataset", INVALID, "TIER", datasetArn=users, schemaArn=narrow)
    strict = make_schema("dataset-update-strict", schema("Users", fields + [{"name": "CITY", "type": "string"}]))
    refuse("UpdateDataset", INVALID, "CITY", datasetArn=users, schemaArn=strict)
    refuse("UpdateDataset", INVALID, datasetArn=users, schemaArn=make_schema("dataset-update-items", ITEMS))
    refuse("UpdateDataset", INVALID, datasetArn=interactions, schemaArn=make_schema("dataset-update-events", INTERACTIONS))
    unknown("UpdateDataset", "datasetArn", PREFIX + "dataset/never/USERS", schemaArn=narrow)
    unknown("UpdateDataset", "schemaArn", PREFIX + "schema/never", datasetArn=users)


@happy("CreateDataset")
def datasets_of_actions():
    group_arn = make_group("dataset-actions")
    try:
        make_dataset(group_arn, "ACTIONS")
        arn = make_dataset(group_arn, "ACTION_INTERACTIONS")
        assert call("DescribeDataset", datasetArn=arn)["dataset"]["trackingId"]
    except ClientError as e:
        raise AssertionError(f"Actions datasets: {e}") from e

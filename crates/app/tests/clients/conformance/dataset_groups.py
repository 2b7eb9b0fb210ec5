from world import *

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"


@happy("CreateDatasetGroup", "DescribeDatasetGroup", "ListDatasetGroups", "DeleteDatasetGroup")
def life_of_a_group():
    made = call("CreateDatasetGroup", name="group-life", roleArn=ROLE, kmsKeyArn=KEY)
    arn = made["datasetGroupArn"]
    assert made == {"datasetGroupArn": PREFIX + "dataset-group/group-life"}, made
    seen = active("DescribeDatasetGroup", "datasetGroup", datasetGroupArn=arn)
    alike(seen, name="group-life", datasetGroupArn=arn, roleArn=ROLE, kmsKeyArn=KEY)
    assert "domain" not in seen and "failureReason" not in seen, seen
    for domain in ("ECOMMERCE", "VIDEO_ON_DEMAND"):
        made = call("CreateDatasetGroup", name=f"group-{domain}", domain=domain)
        assert made["domain"] == domain, made
        alike(active("DescribeDatasetGroup", "datasetGroup", datasetGroupArn=made["datasetGroupArn"]), domain=domain)
    listed = {r["name"]: r for r in call("ListDatasetGroups")["datasetGroups"]}
    alike(listed["group-life"], datasetGroupArn=arn, status="ACTIVE")
    alike(listed["group-ECOMMERCE"], domain="ECOMMERCE")
    assert call("DeleteDatasetGroup", datasetGroupArn=arn) == {}
    gone("DescribeDatasetGroup", "datasetGroup", datasetGroupArn=arn)
    call("CreateDatasetGroup", name="group-life")


@check
def refusals_():
    refuse("CreateDatasetGroup", INVALID, "roleArn", name="group-bad", kmsKeyArn=KEY)
    refuse("CreateDatasetGroup", INVALID, "kmsKeyArn", name="group-bad", roleArn=ROLE)
    arn = make_group("group-refusals")
    refuse("CreateDatasetGroup", EXISTS, arn, name="group-refusals")
    for operation in ("DescribeDatasetGroup", "DeleteDatasetGroup"):
        unknown(operation, "datasetGroupArn", PREFIX + "dataset-group/never")
        refuse(operation, INVALID, "datasetGroupArn", datasetGroupArn=PREFIX + "schema/never")
    make_dataset(arn, "USERS")
    refuse("DeleteDatasetGroup", IN_USE, "group-refusals", datasetGroupArn=arn)
    call("DescribeDatasetGroup", datasetGroupArn=arn)


@check
def pages():
    for n in range(3):
        make_group(f"group-page-{n}")
    paged("ListDatasetGroups", "datasetGroups", 3)

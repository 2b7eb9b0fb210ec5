from world import *


@cache
def deletion_group():
    arn = make_group("deletion")
    load(make_dataset(arn, "USERS"), ["USER_ID", "AGE", "TIER"], [(f"u{n}", n, "gold") for n in range(10)])
    return arn


def delete(name, users=("u1", "u2")):
    location = upload(f"{name}/users.csv", csv_text(["USER_ID"], [(u,) for u in users]))
    return call("CreateDataDeletionJob", jobName=name, datasetGroupArn=deletion_group(), roleArn=ROLE,
                dataSource={"dataLocation": location})["dataDeletionJobArn"]


def finished(arn):
    return until("DescribeDataDeletionJob", "dataDeletionJob", "COMPLETED", "FAILED", dataDeletionJobArn=arn)


@happy("CreateDataDeletionJob", "DescribeDataDeletionJob", "ListDataDeletionJobs")
def life_of_a_deletion():
    arn = delete("deletion-life")
    assert arn == PREFIX + "data-deletion-job/deletion-life", arn
    seen = finished(arn)
    alike(seen, jobName="deletion-life", dataDeletionJobArn=arn, datasetGroupArn=deletion_group(), status="COMPLETED",
          roleArn=ROLE, numDeleted=2)
    listed = call("ListDataDeletionJobs", datasetGroupArn=deletion_group())["dataDeletionJobs"]
    alike(listed[0], jobName="deletion-life", status="COMPLETED", dataDeletionJobArn=arn)
    failing = call("CreateDataDeletionJob", jobName="deletion-nothing", datasetGroupArn=deletion_group(), roleArn=ROLE,
                   dataSource={"dataLocation": "s3://client-tests/nothing.csv"})["dataDeletionJobArn"]
    seen = finished(failing)
    assert seen["status"] == "FAILED" and "nothing.csv" in seen["failureReason"] and "numDeleted" not in seen, seen


@check
def refusals_():
    good = {"jobName": "deletion-bad", "datasetGroupArn": deletion_group(), "roleArn": ROLE,
            "dataSource": {"dataLocation": "s3://client-tests/x.csv"}}
    refuse("CreateDataDeletionJob", INVALID, "dataLocation", **{**good, "dataSource": {}})
    unknown("CreateDataDeletionJob", "datasetGroupArn", PREFIX + "dataset-group/never",
            **{k: v for k, v in good.items() if k != "datasetGroupArn"})
    unknown("DescribeDataDeletionJob", "dataDeletionJobArn", PREFIX + "data-deletion-job/never")
    refuse("DescribeDataDeletionJob", INVALID, dataDeletionJobArn=PREFIX + "schema/never")
    if "CreateDataDeletionJob" not in not_built:
        finished(delete("deletion-refusals"))
        refuse("CreateDataDeletionJob", EXISTS, "deletion-refusals", **{**good, "jobName": "deletion-refusals"})


@check
def pages():
    if "CreateDataDeletionJob" in not_built:
        return
    for n in range(3):
        finished(delete(f"deletion-page-{n}", [f"u{n}"]))
    paged("ListDataDeletionJobs", "dataDeletionJobs", 3)
    paged("ListDataDeletionJobs", "dataDeletionJobs", 3, datasetGroupArn=deletion_group())

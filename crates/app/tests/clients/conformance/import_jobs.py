from world import *

HEADER = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]


@happy("CreateDatasetImportJob", "DescribeDatasetImportJob", "ListDatasetImportJobs")
def life_of_an_import():
    arn = make_dataset(make_group("import-life"), "INTERACTIONS")
    location = upload("import-life/part.csv", csv_text(HEADER, rows()))
    job = call("CreateDatasetImportJob", jobName="import-life", datasetArn=arn, dataSource={"dataLocation": location},
               roleArn=ROLE)["datasetImportJobArn"]
    assert job == PREFIX + "dataset-import-job/import-life", job
    seen = active("DescribeDatasetImportJob", "datasetImportJob", datasetImportJobArn=job)
    alike(seen, jobName="import-life", datasetImportJobArn=job, datasetArn=arn, dataSource={"dataLocation": location},
          roleArn=ROLE, importMode="FULL")
    more = load(arn, HEADER, [(u, i, t + 1_000_000, e) for u, i, t, e in rows()], "import-more", importMode="INCREMENTAL")
    assert more["importMode"] == "INCREMENTAL", more
    bad = call("CreateDatasetImportJob", jobName="import-bad", datasetArn=arn, roleArn=ROLE,
               dataSource={"dataLocation": "s3://client-tests/nothing.csv"})["datasetImportJobArn"]
    seen = until("DescribeDatasetImportJob", "datasetImportJob", datasetImportJobArn=bad)
    assert seen["status"] == "CREATE FAILED" and "nothing.csv" in seen["failureReason"], seen
    listed = call("ListDatasetImportJobs", datasetArn=arn)["datasetImportJobs"]
    assert [r["jobName"] for r in listed] == ["import-bad", "import-more", "import-life"], listed
    assert listed[0]["failureReason"] == seen["failureReason"], listed[0]
    assert call("ListDatasetImportJobs", datasetArn=PREFIX + "dataset/never/ITEMS")["datasetImportJobs"] == []


@check
def refusals_():
    arn = make_dataset(make_group("import-refusals"), "USERS")
    good = {"jobName": "import-x", "datasetArn": arn, "roleArn": ROLE, "dataSource": {"dataLocation": "s3://client-tests/x.csv"}}
    refuse("CreateDatasetImportJob", INVALID, "INCREMENTAL", **{**good, "importMode": "INCREMENTAL"})
    refuse("CreateDatasetImportJob", INVALID, "ataLocation", **{**good, "dataSource": {"dataLocation": "https://x.example/y.csv"}})
    refuse("CreateDatasetImportJob", INVALID, "dataLocation", **{**good, "dataSource": {}})
    unknown("CreateDatasetImportJob", "datasetArn", PREFIX + "dataset/never/USERS",
            **{k: v for k, v in good.items() if k != "datasetArn"})
    done = load(arn, ["USER_ID", "AGE", "TIER"], [("u1", 3, "gold")])
    refuse("CreateDatasetImportJob", EXISTS, done["datasetImportJobArn"], **{**good, "jobName": done["jobName"]})
    unknown("DescribeDatasetImportJob", "datasetImportJobArn", PREFIX + "dataset-import-job/never")
    refuse("DescribeDatasetImportJob", INVALID, datasetImportJobArn=PREFIX + "schema/never")


@check
def pages():
    group()
    paged("ListDatasetImportJobs", "datasetImportJobs", 3)

from world import *


def destination(folder):
    s3.create_bucket(Bucket="client-tests")
    return {"s3DataDestination": {"path": f"s3://client-tests/{folder}/"}}


def content(folder):
    found = s3.list_objects_v2(Bucket="client-tests", Prefix=folder + "/").get("Contents", [])
    return {o["Key"]: s3.get_object(Bucket="client-tests", Key=o["Key"])["Body"].read().decode() for o in found}


def export(name, **members):
    return call("CreateDatasetExportJob", **{
        "jobName": name, "datasetArn": dataset("ITEMS"), "roleArn": ROLE, "ingestionMode": "BULK",
        "jobOutput": destination(name), **members})["datasetExportJobArn"]


@happy("CreateDatasetExportJob", "DescribeDatasetExportJob", "ListDatasetExportJobs")
def life_of_an_export():
    arn = export("export-life")
    assert arn == PREFIX + "dataset-export-job/export-life", arn
    seen = active("DescribeDatasetExportJob", "datasetExportJob", datasetExportJobArn=arn)
    alike(seen, jobName="export-life", datasetExportJobArn=arn, datasetArn=dataset("ITEMS"), ingestionMode="BULK",
          roleArn=ROLE, jobOutput=destination("export-life"))
    files = {k: v for k, v in content("export-life").items() if k.endswith(".csv")}
    lines = [line for text in files.values() for line in text.splitlines()]
    assert lines and set(lines[0].replace('"', "").split(",")) == {"ITEM_ID", "NAME", "PRICE", "URL", "IMAGE", "GENRES"}, files
    assert sum(1 for line in lines if "Lamp" in line) == ITEM_COUNT, lines
    listed = call("ListDatasetExportJobs", datasetArn=dataset("ITEMS"))["datasetExportJobs"]
    alike(listed[0], jobName="export-life", status="ACTIVE", datasetExportJobArn=arn)
    assert call("ListDatasetExportJobs", datasetArn=PREFIX + "dataset/never/ITEMS")["datasetExportJobs"] == []


@check
def refusals_():
    good = {"jobName": "export-bad", "datasetArn": dataset("ITEMS"), "roleArn": ROLE, "jobOutput": destination("export-bad")}
    refuse("CreateDatasetExportJob", INVALID, "path", **{**good, "jobOutput": {"s3DataDestination": {"path": "https://x.example/y/"}}})
    unknown("CreateDatasetExportJob", "datasetArn", PREFIX + "dataset/never/ITEMS",
            **{k: v for k, v in good.items() if k != "datasetArn"})
    unknown("DescribeDatasetExportJob", "datasetExportJobArn", PREFIX + "dataset-export-job/never")
    refuse("DescribeDatasetExportJob", INVALID, datasetExportJobArn=PREFIX + "schema/never")
    if "CreateDatasetExportJob" not in not_built:
        arn = export("export-refusals")
        refuse("CreateDatasetExportJob", EXISTS, arn, **{**good, "jobName": "export-refusals"})
        active("DescribeDatasetExportJob", "datasetExportJob", datasetExportJobArn=arn)


@check
def pages():
    if "CreateDatasetExportJob" in not_built:
        return
    for n in range(3):
        active("DescribeDatasetExportJob", "datasetExportJob", datasetExportJobArn=export(f"export-page-{n}"))
    paged("ListDatasetExportJobs", "datasetExportJobs", 3)
    paged("ListDatasetExportJobs", "datasetExportJobs", 3, datasetArn=dataset("ITEMS"))

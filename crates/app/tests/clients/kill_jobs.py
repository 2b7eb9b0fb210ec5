"""Jobs of every other kind under `kill -9`: each call asks for jobs and returns at once for the caller to kill the server, and
begins by checking how the jobs of the call before it ended."""
import sys

from common import *

BUCKET = "client-tests"
USERS = 400
ITEMS = 30
header = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]
GROUP = "arn:aws:personalize:us-east-1:000000000000:dataset-group/kill-jobs"
DATASET = "arn:aws:personalize:us-east-1:000000000000:dataset/kill-jobs/INTERACTIONS"


def lines(prefix):
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    bodies = [s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().decode() for entry in found]
    return [line for body in bodies for line in body.splitlines()]


def export(name):
    return personalize.create_dataset_export_job(
        jobName=name, datasetArn=DATASET, ingestionMode="ALL", roleArn=ROLE,
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/{name}/"}})["datasetExportJobArn"]


def exported(name):
    arn = personalize.list_dataset_export_jobs(datasetArn=DATASET)["datasetExportJobs"][0]["datasetExportJobArn"]
    done = wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=arn)
    assert done["status"] == "ACTIVE" and done["jobName"] == name, done
    first, *rows = lines(f"{name}/")
    assert first.split(",")[:3] == header[:3], first
    return rows


def exporting_and_inferring():
    group = personalize.create_dataset_group(name="kill-jobs")["datasetGroupArn"]
    interactions = dataset("kill-jobs", group, "Interactions", INTERACTIONS)
    location = upload("kill-jobs.csv", csv_text(header, chain_rows(users=USERS, items=ITEMS, events=50)))
    assert import_job("kill-jobs", interactions, location)["status"] == "ACTIVE"
    version = train("kill-jobs", group, "aws-popularity-count")
    assert version["status"] == "ACTIVE", version
    export("kill-export")
    asked = "".join(json.dumps({"userId": f"u{n}"}) + "\n" for n in range(12000))
    personalize.create_batch_inference_job(
        jobName="kill-inference", solutionVersionArn=version["solutionVersionArn"], roleArn=ROLE, numResults=5,
        jobInput={"s3DataSource": {"path": upload("kill-in/users.json", asked)}},
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/kill-out/"}})


def deleting():
    assert len(exported("kill-export")) == USERS * 50
    job = personalize.list_batch_inference_jobs()["batchInferenceJobs"][0]["batchInferenceJobArn"]
    done = wait(personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=job)
    assert done["status"] == "ACTIVE", done
    answered = [json.loads(line)["input"]["userId"] for line in lines("kill-out/")]
    assert answered == [f"u{n}" for n in range(12000)], len(answered)
    users = "USER_ID\n" + "".join(f"u{n}\n" for n in range(0, USERS, 2))
    personalize.create_data_deletion_job(
        jobName="kill-deletion", datasetGroupArn=GROUP, roleArn=ROLE, dataSource={"dataLocation": upload("kill-users.csv", users)})


def recommending():
    arn = personalize.list_data_deletion_jobs()["dataDeletionJobs"][0]["dataDeletionJobArn"]
    for _ in range(600):
        done = personalize.describe_data_deletion_job(dataDeletionJobArn=arn)["dataDeletionJob"]
        if done["status"] in ("COMPLETED", "FAILED"):
            break
        time.sleep(0.1)
    assert done["status"] == "COMPLETED" and done["numDeleted"] == USERS * 50 // 2, done
    export("kill-left")
    left = exported("kill-left")
    assert len(left) == USERS * 50 // 2 and all(int(row.split(",")[0][1:]) % 2 for row in left), left[:3]
    group = personalize.create_dataset_group(name="kill-shop", domain="ECOMMERCE")["datasetGroupArn"]
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
              {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}]
    arn = personalize.create_schema(name="kill-shop", domain="ECOMMERCE", schema=schema("Interactions", fields))["schemaArn"]
    shop = personalize.create_dataset(name="kill-shop", datasetGroupArn=group, datasetType="Interactions", schemaArn=arn)["datasetArn"]
    rows = [row[:3] + ("View",) for row in chain_rows(items=ITEMS)]
    assert import_job("kill-shop", shop, upload("kill-shop.csv", csv_text(header, rows)))["status"] == "ACTIVE"
    personalize.create_recommender(
        name="kill-shop", datasetGroupArn=group, recipeArn=RECIPES + "aws-ecomm-popular-items-by-views")


def answering():
    arn = personalize.list_recommenders()["recommenders"][0]["recommenderArn"]
    done = wait(personalize.describe_recommender, "recommender", recommenderArn=arn)
    assert done["status"] == "ACTIVE", done
    answer = runtime.get_recommendations(recommenderArn=arn, userId="u1", numResults=5)
    assert len(answer["itemList"]) == 5, answer


{step.__name__: step for step in (exporting_and_inferring, deleting, recommending, answering)}[sys.argv[1]]()
print("ok:", sys.argv[1])

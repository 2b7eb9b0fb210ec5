"""Jobs whose files lie in buckets of another S3 server, which the configuration names."""
import sys

from common import *

ENDPOINT_OUTSIDE, KEY, SECRET = sys.argv[1:4]
outside = boto3.client("s3", endpoint_url=ENDPOINT_OUTSIDE, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                       config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))
BUCKET = "shop-data"
HEADER = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]


def put(key, text):
    outside.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return f"s3://{BUCKET}/{key}"


def objects(prefix):
    found = outside.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {o["Key"]: outside.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read().decode() for o in found}


rows = chain_rows()
put("in/day one/a+b.csv", csv_text(HEADER, rows[:1000]))
put("in/b.csv", csv_text(HEADER, rows[1000:]))
put("in/_SUCCESS", "")
group = personalize.create_dataset_group(name="outside")["datasetGroupArn"]
interactions = dataset("outside", group, "Interactions", INTERACTIONS)
job = import_job("folder", interactions, f"s3://{BUCKET}/in/")
assert job["status"] == "ACTIVE", job

# What is not there, not named by the configuration, or not allowed.
for name, location, words in [
        ("absent", f"s3://{BUCKET}/in/absent.csv", ["There is no object s3://shop-data/in/absent.csv"]),
        ("empty", f"s3://{BUCKET}/nothing/", ["There is nothing under s3://shop-data/nothing/"]),
        ("unnamed", "s3://elsewhere/in/a.csv", ["The bucket 'elsewhere' of s3://elsewhere/in/a.csv does not exist"]),
        ("no-bucket", "s3://shop-gone/a.csv", ["s3://shop-gone/a.csv", "NoSuchBucket"]),
        ("denied", "s3://denied/in/a.csv", ["s3://denied/in/a.csv", "AccessDenied: Not yours"]),
        ("denied-folder", "s3://denied/in/", ["s3://denied/in/", "AccessDenied: Not yours"])]:
    job = import_job(name, interactions, location)
    assert job["status"] == "CREATE FAILED", job
    assert all(word in job["failureReason"] for word in words), job["failureReason"]
broken = put("broken.csv", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,i1,yesterday,view\n")
job = import_job("broken", interactions, broken)
assert job["status"] == "CREATE FAILED" and broken in job["failureReason"], job

# A bucket of this server comes first.
upload("x.csv", csv_text(HEADER, rows[:1500]), bucket="shop-own")
own = import_job("own", interactions, "s3://shop-own/x.csv", mode="INCREMENTAL")
assert own["status"] == "ACTIVE", own


def export(name, path):
    arn = personalize.create_dataset_export_job(
        jobName=name, datasetArn=interactions, ingestionMode="ALL", roleArn=ROLE,
        jobOutput={"s3DataDestination": {"path": path}})["datasetExportJobArn"]
    return wait(personalize.describe_dataset_export_job, "datasetExportJob", datasetExportJobArn=arn)


for name in ("export", "export-again"):
    done = export(name, f"s3://{BUCKET}/out")
    assert done["status"] == "ACTIVE", done
    exported = objects("out/")
    lines = [line for text in exported.values() for line in text.splitlines()[1:]]
    assert len(lines) == len(rows) and len(exported) == 1, (len(lines), list(exported))
    # What an earlier export wrote for this dataset goes, what others wrote stays.
    name_of_part = next(iter(exported))
    stale = name_of_part.rsplit("-", 1)[0] + "-7.csv"
    arn = interactions
    outside.put_object(Bucket=BUCKET, Key=stale, Body=b"x", Metadata={"writtenfor": arn})
    outside.put_object(Bucket=BUCKET, Key="out/mine-8.csv", Body=b"x")
    outside.delete_object(Bucket=BUCKET, Key="out/mine-8.csv")
    assert stale in objects("out/")
    done = export(name + "-clean", f"s3://{BUCKET}/out/")
    assert done["status"] == "ACTIVE" and list(objects("out/")) == [name_of_part], objects("out/").keys()
failed = export("denied", "s3://denied/out/")
assert failed["status"] == "CREATE FAILED" and "s3://denied/out/" in failed["failureReason"], failed
assert "AccessDenied" in failed["failureReason"], failed

version = train("outside", group, "aws-popularity-count")
assert version["status"] == "ACTIVE", version


def infer(name, source, target):
    arn = personalize.create_batch_inference_job(
        jobName=name, solutionVersionArn=version["solutionVersionArn"], roleArn=ROLE, numResults=5,
        jobInput={"s3DataSource": {"path": source}},
        jobOutput={"s3DataDestination": {"path": target}})["batchInferenceJobArn"]
    return wait(personalize.describe_batch_inference_job, "batchInferenceJob", batchInferenceJobArn=arn)


asked = put("batch/users.json", "".join(json.dumps({"userId": f"u{n}"}) + "\n" for n in range(50)))
done = infer("infer", asked, f"s3://{BUCKET}/batch-out/")
assert done["status"] == "ACTIVE", done
answers = [json.loads(line) for line in objects("batch-out/")["batch-out/users.json.out"].splitlines()]
assert [a["input"]["userId"] for a in answers] == [f"u{n}" for n in range(50)]
assert all(len(a["output"]["recommendedItems"]) == 5 for a in answers), answers[0]
for name, source, target in [("infer-denied", "s3://denied/x.json", f"s3://{BUCKET}/o/"), ("infer-to-denied", asked, "s3://denied/o/")]:
    failed = infer(name, source, target)
    assert failed["status"] == "CREATE FAILED" and "AccessDenied" in failed["failureReason"], failed
    assert "s3://denied/" in failed["failureReason"], failed

segments = train("outside-segments", group, "aws-item-affinity")
assert segments["status"] == "ACTIVE", segments
items = put("segments/items.json", json.dumps({"itemId": "i3"}) + "\n")
arn = personalize.create_batch_segment_job(
    jobName="segments", solutionVersionArn=segments["solutionVersionArn"], roleArn=ROLE, numResults=5,
    jobInput={"s3DataSource": {"path": items}},
    jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/segments-out/"}})["batchSegmentJobArn"]
done = wait(personalize.describe_batch_segment_job, "batchSegmentJob", batchSegmentJobArn=arn)
assert done["status"] == "ACTIVE", done
answer = json.loads(objects("segments-out/")["segments-out/items.json.out"])
assert len(answer["output"]["usersList"]) == 5, answer

users = put("users.csv", "USER_ID\nu1\nu2\n")
arn = personalize.create_data_deletion_job(
    jobName="forget", datasetGroupArn=group, roleArn=ROLE, dataSource={"dataLocation": users})["dataDeletionJobArn"]
for _ in range(600):
    done = personalize.describe_data_deletion_job(dataDeletionJobArn=arn)["dataDeletionJob"]
    if done["status"] in ("COMPLETED", "FAILED"):
        break
    time.sleep(0.1)
assert done["status"] == "COMPLETED" and done["numDeleted"] >= 80, done
print("ok")

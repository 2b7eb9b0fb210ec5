"""Starts a job and returns while it is under way; the caller then kills the server."""
import sys

from common import *

stage = sys.argv[1]
header = ["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"]
if stage == "import":
    group = personalize.create_dataset_group(name="kill")["datasetGroupArn"]
    interactions = dataset("kill", group, "Interactions", INTERACTIONS)
    location = upload("kill.csv", csv_text(header, chain_rows(users=2000, events=100)))
    personalize.create_dataset_import_job(
        jobName="kill", datasetArn=interactions, dataSource={"dataLocation": location}, roleArn=ROLE)
else:
    job = personalize.list_dataset_import_jobs()["datasetImportJobs"][0]
    done = wait(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job["datasetImportJobArn"])
    assert done["status"] == "ACTIVE", done
    group = personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    solution = personalize.create_solution(
        name="kill", datasetGroupArn=group, recipeArn=RECIPES + "aws-user-personalization", performAutoTraining=False)["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    for _ in range(200):
        status = personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]["status"]
        if status == "CREATE IN_PROGRESS":
            break
        time.sleep(0.02)
    time.sleep(0.3)
    assert status == "CREATE IN_PROGRESS", status
print("ok:", stage, "under way")

"""After the main journey and a kill, with blobs in a bucket: data, models and uploads are there."""
from common import *

group = personalize.create_dataset_group(name="again")["datasetGroupArn"]
interactions = dataset("again", group, "Interactions", INTERACTIONS)
location = upload("again.csv", csv_text(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"], chain_rows()))
assert s3.get_object(Bucket="client-tests", Key="again.csv")["Body"].read().startswith(b"USER_ID")
assert import_job("again", interactions, location)["status"] == "ACTIVE"
version = train("again", group, "aws-popularity-count")
assert version["status"] == "ACTIVE", version
campaign = deploy("again", version["solutionVersionArn"])
assert len(recommended(campaign, "u1")) == 25
print("ok")

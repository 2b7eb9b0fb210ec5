"""The set-up that AWS's getting-started scripts play before their first schema: bucket, policy, role, attachments, waits.
One AWS_ENDPOINT_URL serves all of it."""
import json

import boto3

from common import ONCE, expect, personalize, s3, wait

iam = boto3.client("iam", config=ONCE)
sts = boto3.client("sts", config=ONCE)

account = sts.get_caller_identity()["Account"]
region = boto3.session.Session().region_name
bucket = f"{account}-{region}-personalize"

s3.create_bucket(Bucket=bucket)
s3.get_waiter("bucket_exists").wait(Bucket=bucket)
assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
bucket_policy = {
    "Version": "2012-10-17", "Id": "PersonalizeS3BucketAccessPolicy",
    "Statement": [{"Sid": "PersonalizeS3BucketAccessPolicy", "Effect": "Allow",
                   "Principal": {"Service": "personalize.amazonaws.com"},
                   "Action": ["s3:*Object", "s3:ListBucket"],
                   "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]}
assert expect("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(bucket_policy))
assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == bucket_policy

# Settings that set-up scripts make: remembered and given back.
tags = [{"Key": "team", "Value": "shop"}]
assert expect("NoSuchTagSet", s3.get_bucket_tagging, Bucket=bucket)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
s3.delete_bucket_tagging(Bucket=bucket)
assert expect("NoSuchTagSet", s3.get_bucket_tagging, Bucket=bucket)
cors = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]
s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
s3.delete_bucket_cors(Bucket=bucket)
assert expect("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption)
rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}, rule
assert expect("NoSuchBucket", s3.put_bucket_tagging, Bucket="none-of-ours", Tagging={"TagSet": tags})

# The role.
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "personalize.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
name = "PersonalizeRoleDemo"
assert "cannot be found" in expect("NoSuchEntity", iam.get_role, RoleName=name)
role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Description="for the demo",
                       Tags=[{"Key": "stage", "Value": "test & more"}])["Role"]
assert role["Arn"] == f"arn:aws:iam::{account}:role/{name}", role
iam.get_waiter("role_exists").wait(RoleName=name)
shown = iam.get_role(RoleName=name)["Role"]
assert shown["AssumeRolePolicyDocument"] == trust and shown["Arn"] == role["Arn"], shown
assert shown["Tags"] == [{"Key": "stage", "Value": "test & more"}] and shown["MaxSessionDuration"] == 3600, shown
assert shown["CreateDate"] == role["CreateDate"] and shown["CreateDate"].tzinfo is not None
try:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    raise AssertionError("a second role of the same name")
except iam.exceptions.EntityAlreadyExistsException as e:
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 409

# Policies: AWS's own, the account's own, inline.
managed = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
iam.attach_role_policy(RoleName=name, PolicyArn=managed)
iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
assert iam.get_policy(PolicyArn=managed)["Policy"]["PolicyName"] == "AmazonPersonalizeFullAccess"
statement = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
own = iam.create_policy(PolicyName="read-bucket", PolicyDocument=json.dumps(statement))["Policy"]["Arn"]
assert own == f"arn:aws:iam::{account}:policy/read-bucket"
assert expect("EntityAlreadyExists", iam.create_policy, PolicyName="read-bucket", PolicyDocument=json.dumps(statement))
iam.attach_role_policy(RoleName=name, PolicyArn=own)
assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 1
version = iam.get_policy_version(PolicyArn=own, VersionId="v1")["PolicyVersion"]
assert version["Document"] == statement, version
assert [p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]] == [own]
attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name, PaginationConfig={"PageSize": 2})
assert sorted(p["PolicyArn"] for page in attached for p in page["AttachedPolicies"]) == sorted(
    [own, managed, "arn:aws:iam::aws:policy/AmazonS3FullAccess"])
assert expect("NoSuchEntity", iam.attach_role_policy, RoleName=name, PolicyArn=own + "x")
iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(statement))
assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == statement
assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["inline"]
assert expect("MalformedPolicyDocument", iam.put_role_policy, RoleName=name, PolicyName="x", PolicyDocument="{")
for document, words in [({}, "Statement"), ({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}, "Principal")]:
    assert words in expect("MalformedPolicyDocument", iam.create_role, RoleName="x", AssumeRolePolicyDocument=json.dumps(document))
linked = iam.create_service_linked_role(AWSServiceName="personalize.amazonaws.com")["Role"]
assert linked["Path"] == "/aws-service-role/personalize.amazonaws.com/", linked
assert [r["RoleName"] for r in iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]] == [linked["RoleName"]]
assert "'a b'" in expect("ValidationError", iam.create_role, RoleName="a b", AssumeRolePolicyDocument="{}")

# A role is only a name to Personalize, which shows it again.
group = personalize.create_dataset_group(name="with-role")["datasetGroupArn"]
assert wait(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)["status"] == "ACTIVE"

# Cleaning up, in the order that IAM asks for.
assert expect("DeleteConflict", iam.delete_role, RoleName=name)
assert expect("DeleteConflict", iam.delete_policy, PolicyArn=own)
for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
    iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
assert expect("DeleteConflict", iam.delete_role, RoleName=name)
iam.delete_role_policy(RoleName=name, PolicyName="inline")
assert expect("NoSuchEntity", iam.delete_role_policy, RoleName=name, PolicyName="inline")
iam.delete_policy(PolicyArn=own)
iam.delete_role(RoleName=name)
assert expect("NoSuchEntity", iam.delete_role, RoleName=name)
s3.delete_bucket_policy(Bucket=bucket)
s3.delete_bucket(Bucket=bucket)
personalize.delete_dataset_group(datasetGroupArn=group)
print("set-up: ok")

"""What set-up, clean-up and synchronisation scripts ask of S3, STS, SSM, IAM and of services that are not here."""
import datetime
import json
import urllib.error
import urllib.request

from botocore.session import Session as BotocoreSession

from common import *

# S3: versions, tags, lists, attributes.
bucket = boto3.resource("s3").create_bucket(Bucket="scripts")
for n in range(3):
    s3.put_object(Bucket="scripts", Key=f"in/{n}.csv", Body=b"v%d" % n, Tagging="team=search&stage=a%20b")
assert sorted((v.key, v.id) for v in bucket.object_versions.all()) == [(f"in/{n}.csv", "null") for n in range(3)]
assert s3.get_object_tagging(Bucket="scripts", Key="in/0.csv")["TagSet"] == [
    {"Key": "stage", "Value": "a b"}, {"Key": "team", "Value": "search"}]
s3.put_object_tagging(Bucket="scripts", Key="in/0.csv", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
s3.copy_object(Bucket="scripts", Key="copy", CopySource={"Bucket": "scripts", "Key": "in/0.csv"})
assert s3.get_object_tagging(Bucket="scripts", Key="copy")["TagSet"] == [{"Key": "a", "Value": "b"}]
s3.delete_object_tagging(Bucket="scripts", Key="copy")
assert s3.get_object_tagging(Bucket="scripts", Key="copy")["TagSet"] == []
expect("InvalidTag", s3.put_object_tagging, Bucket="scripts", Key="copy", Tagging={
    "TagSet": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]})
expect("NoSuchVersion", s3.get_object, Bucket="scripts", Key="copy", VersionId="3sL4kqtJlcpXroDTDmJ")
expect("404", s3.head_object, Bucket="scripts", Key="copy", VersionId="3sL4kqtJlcpXroDTDmJ")
expect("NoSuchVersion", s3.delete_object, Bucket="scripts", Key="copy", VersionId="3sL4kqtJlcpXroDTDmJ")
assert s3.get_object(Bucket="scripts", Key="copy", VersionId="null")["Body"].read() == b"v0"
s3.put_object_acl(Bucket="scripts", Key="copy", ACL="public-read")
grants = s3.get_object_acl(Bucket="scripts", Key="copy")["Grants"]
assert [g["Permission"] for g in grants] == ["FULL_CONTROL", "READ"], grants
attributes = s3.get_object_attributes(Bucket="scripts", Key="copy", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])
assert (attributes["ObjectSize"], attributes["StorageClass"]) == (2, "STANDARD"), attributes
assert attributes["ETag"] == s3.head_object(Bucket="scripts", Key="copy")["ETag"].strip('"'), attributes
queue = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:1:q", "Events": ["s3:ObjectCreated:*"]}]}
refused = expect("InvalidArgument", s3.put_bucket_notification_configuration, Bucket="scripts", NotificationConfiguration=queue)
assert "Unable to validate the following destination configurations" in refused
s3.put_bucket_notification_configuration(Bucket="scripts", NotificationConfiguration=queue, SkipDestinationValidation=True)
assert s3.get_bucket_notification_configuration(Bucket="scripts")["QueueConfigurations"][0]["QueueArn"].endswith(":q")
s3.put_bucket_notification_configuration(Bucket="scripts", NotificationConfiguration={})
assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="scripts")
for unusable in ("bytes=a-b", "items=0-0", "bytes=1-0", "bytes=0-0,1-1"):
    whole = s3.get_object(Bucket="scripts", Key="copy", Range=unusable)
    assert whole["Body"].read() == b"v0" and whole["ResponseMetadata"]["HTTPStatusCode"] == 200, unusable

# STS: a role, its session, and the end of it.
sts, iam = boto3.client("sts", config=ONCE), boto3.client("iam", config=ONCE)
account = sts.get_caller_identity()["Account"]
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}]}
role = iam.create_role(RoleName="Scripts", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
iam.attach_role_policy(RoleName="Scripts", PolicyArn=ADMINISTRATOR)
session = sts.assume_role(RoleArn=role, RoleSessionName="nightly", DurationSeconds=900)
given = session["Credentials"]
left = given["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
assert datetime.timedelta(seconds=840) < left <= datetime.timedelta(seconds=901), left
assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/Scripts/nightly"
temporary = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
assert temporary.client("sts").get_caller_identity()["Arn"] == session["AssumedRoleUser"]["Arn"]
assert temporary.client("personalize").list_schemas()["schemas"] == []
with_role = temporary.client("s3", config=ONCE)
with_role.put_object(Bucket="scripts", Key="by-role", Body=b"x" * 70_000)
assert with_role.get_object(Bucket="scripts", Key="by-role")["ContentLength"] == 70_000
for version in ("s3v4", "s3"):
    signer = temporary.client("s3", config=Config(signature_version=version))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "scripts", "Key": "by-role"}, ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert len(answer.read()) == 70_000, version
    upload = signer.generate_presigned_post("scripts", f"form-{version}", ExpiresIn=60)
    boundary = "b0undary"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in upload["fields"].items()]
    body = "".join(parts) + f'--{boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\nform\r\n--{boundary}--\r\n'
    request = urllib.request.Request(upload["url"], body.encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    urllib.request.urlopen(request, timeout=10).close()
    assert s3.get_object(Bucket="scripts", Key=f"form-{version}")["Body"].read() == b"form", version
    assert given["SessionToken"] in url, url
    for other in ("", given["SessionToken"][:-4] + "AAAA"):
        try:
            urllib.request.urlopen(url.replace(given["SessionToken"], other), timeout=10)
            raise AssertionError("a presigned URL with another token was taken")
        except urllib.error.HTTPError as refused:
            assert refused.code in (400, 403), refused
without = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"])
expect("UnrecognizedClientException", without.client("personalize", config=ONCE).list_schemas)
expect("InvalidAccessKeyId", without.client("s3", config=ONCE).list_buckets)
wrong = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"][:-4] + "AAAA")
expect("UnrecognizedClientException", wrong.client("personalize", config=ONCE).list_schemas)
expect("InvalidClientTokenId", wrong.client("iam", config=ONCE).list_roles)
expect("InvalidToken", wrong.client("s3", config=ONCE).list_buckets)
user = sts.get_session_token()["Credentials"]
boto3.Session(user["AccessKeyId"], user["SecretAccessKey"], user["SessionToken"]).client("personalize").list_schemas()
expect("ValidationError", sts.assume_role, RoleArn=role, RoleSessionName="nightly", DurationSeconds=43200)
expect("AccessDenied", sts.assume_role, RoleArn=role + "x", RoleSessionName="nightly")
unsigned = BotocoreSession().create_client("sts", region_name="us-east-1", config=Config(signature_version=None))
message = expect("InvalidIdentityToken", unsigned.assume_role_with_web_identity, RoleArn=role, RoleSessionName="pod",
                 WebIdentityToken="eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EiLCJzdWIiOiJiIiwiYXVkIjoiYyIsImV4cCI6OTk5OTk5OTk5OX0.AAAA")
assert message.startswith("No OpenIDConnect provider found in your account for https://a"), message

# SSM: what a notebook keeps between its parts.
ssm = boto3.client("ssm", config=ONCE)
assert ssm.put_parameter(Name="personalize-campaign", Value="arn:1", Type="String")["Version"] == 1
expect("ParameterAlreadyExists", ssm.put_parameter, Name="personalize-campaign", Value="arn:2", Type="String")
ssm.put_parameter(Name="personalize-campaign", Value="arn:2", Type="String", Overwrite=True)
parameter = ssm.get_parameter(Name="personalize-campaign", WithDecryption=True)["Parameter"]
assert (parameter["Value"], parameter["Version"]) == ("arn:2", 2) and parameter["LastModifiedDate"].tzinfo, parameter
try:
    ssm.get_parameter(Name="none")
    raise AssertionError("there is no such parameter")
except ssm.exceptions.ParameterNotFound:
    pass
pages = ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 1})
assert [p["Name"] for page in pages for p in page["Parameters"]] == ["personalize-campaign"]
ssm.delete_parameter(Name="personalize-campaign")

# IAM: the policy that set-up scripts look for.
iam.detach_role_policy(RoleName="Scripts", PolicyArn=ADMINISTRATOR)
listed = [p for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 7}) for p in page["Policies"]]
[personalize_policy] = [p["Arn"] for p in listed if p["PolicyName"] == "AmazonPersonalizeFullAccess"]
iam.attach_role_policy(RoleName="Scripts", PolicyArn=personalize_policy)
assert iam.get_policy(PolicyArn=personalize_policy)["Policy"]["AttachmentCount"] == 1
assert [p["Arn"] for p in iam.list_policies(OnlyAttached=True)["Policies"]] == [personalize_policy]
assert iam.list_instance_profiles_for_role(RoleName="Scripts")["InstanceProfiles"] == []

message = expect("InvalidAction", unsigned.assume_role_with_saml, RoleArn=role, PrincipalArn=role, SAMLAssertion="PA==")
assert "'AssumeRoleWithSAML' is not available" in message, message

# A parent of another region is named with both.
elsewhere = boto3.client("personalize", region_name="eu-west-1", config=ONCE)
here = personalize.create_dataset_group(name="regions")["datasetGroupArn"]
for code, call, arguments in [
    ("ResourceNotFoundException", elsewhere.create_solution, {"name": "x", "recipeArn": RECIPES + "aws-sims"}),
    ("InvalidInputException", elsewhere.list_datasets, {}),
    ("InvalidInputException", elsewhere.list_campaigns, {"solutionArn": here.replace("dataset-group", "solution")}),
]:
    message = expect(code, call, **({"datasetGroupArn": here} if "solutionArn" not in arguments else {}), **arguments)
    assert "it is of region us-east-1, and the request is signed for eu-west-1" in message, message
assert elsewhere.list_dataset_groups()["datasetGroups"] == []

# Services that are not here, in the protocol of each.
IGNORING = Config(ignore_configured_endpoint_urls=True)
KEYS = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
ONE_TRY = Config(retries={"max_attempts": 4, "mode": "standard"})
for service, operation, arguments, variable in [
    ("kms", "list_keys", {}, "KMS"),
    ("dynamodb", "list_tables", {}, "DYNAMODB"),
    ("lambda", "list_functions", {}, "LAMBDA"),
    ("cloudformation", "list_stacks", {}, "CLOUDFORMATION"),
    ("elbv2", "describe_load_balancers", {}, "ELASTIC_LOAD_BALANCING_V2"),
    ("ec2", "describe_instances", {}, "EC2"),
    ("cloudwatch", "list_metrics", {}, "CLOUDWATCH"),
    ("logs", "describe_log_groups", {}, "CLOUDWATCH_LOGS"),
    ("cloudfront", "list_distributions", {}, "CLOUDFRONT"),
    ("route53", "list_hosted_zones", {}, "ROUTE_53"),
    ("ses", "list_identities", {}, "SES"),
    ("pinpoint", "get_apps", {}, "PINPOINT"),
    ("ecr", "describe_repositories", {}, "ECR"),
    ("sns", "list_topics", {}, "SNS"),
    ("sqs", "list_queues", {}, "SQS"),
    ("secretsmanager", "list_secrets", {}, "SECRETS_MANAGER"),
    ("stepfunctions", "list_state_machines", {}, "SFN"),
    ("events", "list_rules", {}, "EVENTBRIDGE"),
    ("sagemaker", "list_endpoints", {}, "SAGEMAKER"),
    ("glue", "get_databases", {}, "GLUE"),
    ("athena", "list_work_groups", {}, "ATHENA"),
]:
    client = boto3.client(service, config=ONE_TRY)
    try:
        getattr(client, operation)(**arguments)
        raise AssertionError(f"{service} is not here")
    except ClientError as error:
        text = str(error)
        assert f"; set AWS_ENDPOINT_URL_{variable}" in text and "this server has no " in text, f"{service}: {text}"
        assert error.response["ResponseMetadata"]["RetryAttempts"] == 0, service
        # The address is the one that the client itself would have gone to.
        at_aws = BotocoreSession().create_client(service, region_name="us-east-1", config=IGNORING, **KEYS).meta.endpoint_url
        assert f"to a server that has it, as {at_aws.rstrip('/')}" in text, f"{service}: {text} {at_aws}"
unknown = expect("UnknownOperationException", ssm.send_command, DocumentName="x")
assert "AWS_ENDPOINT_URL_SSM" in unknown, unknown

# Cleaning up as Lambdas do.
answers = bucket.object_versions.delete()
assert sum(len(a["Deleted"]) for a in answers) == 7 and not any(a.get("Errors") for a in answers), answers
bucket.delete()

"""Users, access keys and policies: made by IAM's calls and by the command, used, denied, replaced, switched off, and there again after
a kill. Arguments: the part, the binary, the data directory."""
import subprocess
import sys

from common import *

part, binary, data = sys.argv[1:]
iam, sts = boto3.client("iam", config=ONCE), boto3.client("sts", config=ONCE)


def keys(*arguments):
    """Runs `tastemaker keys`; returns what it printed as JSON."""
    command = [binary, "keys", *arguments, "--json", "--data-dir", data]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stderr)
    return json.loads(done.stdout)


def client(service, key, region=None):
    session = boto3.Session(key["access_key_id"], key["secret_access_key"])
    return session.client(service, config=ONCE)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


if part == "make":
    # By IAM's calls.
    iam.create_user(UserName="ann")
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}
    message = expect("AccessDeniedException", client("personalize", ann).list_schemas)
    assert message == ("User: arn:aws:iam::000000000000:user/ann is not authorized to perform: personalize:ListSchemas on resource: * "
                       "because no identity-based policy allows the personalize:ListSchemas action"), message
    iam.put_user_policy(UserName="ann", PolicyName="lists", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "personalize:List*", "Resource": "*"}))
    client("personalize", ann).list_schemas()
    expect("AccessDenied", client("s3", ann).list_buckets)
    expect("AccessDenied", client("iam", ann).list_users)
    own = iam.create_policy(PolicyName="buckets", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::ann-data", "arn:aws:s3:::ann-data/*"]}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=own)
    anns = client("s3", ann)
    anns.create_bucket(Bucket="ann-data")
    anns.upload_file(__file__, "ann-data", "a.py")
    expect("AccessDenied", anns.create_bucket, Bucket="other")
    s3.create_bucket(Bucket="shared")
    s3.put_object(Bucket="shared", Key="k", Body=b"x")
    expect("AccessDenied", anns.copy_object, Bucket="ann-data", Key="k", CopySource={"Bucket": "shared", "Key": "k"})
    expect("AccessDenied", anns.get_object, Bucket="shared", Key="k")
    link = anns.generate_presigned_url("get_object", Params={"Bucket": "shared", "Key": "k"})
    try:
        urllib.request.urlopen(link)
        raise AssertionError("a signed link gives no rights that its signer does not have")
    except urllib.error.HTTPError as refused:
        assert refused.code == 403 and b"AccessDenied" in refused.read()
    expect("DeleteConflict", iam.delete_policy, PolicyArn=own)
    expect("MalformedPolicyDocument", iam.put_user_policy, UserName="ann", PolicyName="odd", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIpp": "10.0.0.0/8"}}}))
    iam.create_access_key(UserName="ann")
    expect("LimitExceeded", iam.create_access_key, UserName="ann")
    assert len(iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]) == 2
    assert iam.get_access_key_last_used(AccessKeyId=ann["access_key_id"])["UserName"] == "ann"

    # By the command.
    shop = keys("create", "--user", "shop", "--policy", "events-and-recommendations")
    expect("AccessDeniedException", client("personalize", shop).list_schemas)
    message = expect("InvalidInputException", client("personalize-events", shop).put_events, trackingId="none", sessionId="s",
                     eventList=[{"eventType": "x", "sentAt": 1}])
    assert "of no event tracker" in message, message
    fresh = keys("rotate", shop["access_key_id"])
    assert fresh["user_name"] == "shop" and fresh["access_key_id"] != shop["access_key_id"]
    listed = {key["access_key_id"]: key for key in keys("list", "--user", "shop")}
    assert listed[shop["access_key_id"]]["expire_date"] and not listed[fresh["access_key_id"]]["expire_date"], listed
    assert sum(family["count"] for family in listed[shop["access_key_id"]]["requests"]["member"]) == 2, listed
    expect("AccessDeniedException", client("personalize", shop).list_schemas)
    expect("AccessDeniedException", client("personalize", fresh).list_schemas)
    assert keys("disable", shop["access_key_id"])["status"] == "Inactive"
    expect("UnrecognizedClientException", client("personalize", shop).list_schemas)
    refused = subprocess.run([binary, "keys", "create", "--user", "x", "--policy", "none", "--data-dir", data],
                             capture_output=True, text=True)
    assert refused.returncode == 1 and "read-only, all] nor a file" in refused.stderr, refused.stderr
    with open(os.path.join(data, "keys-of-the-test.json"), "w") as file:
        json.dump({"ann": ann, "shop": shop, "fresh": fresh}, file)
else:
    with open(os.path.join(data, "keys-of-the-test.json")) as file:
        known = json.load(file)

if part == "again":
    client("personalize", known["ann"]).list_schemas()
    expect("AccessDeniedException", client("personalize", known["fresh"]).list_schemas)
    expect("UnrecognizedClientException", client("personalize", known["shop"]).list_schemas)
    role = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/ann"}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=policy(role))["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["s3:GetObject", "personalize:ListSchemas"], "Resource": "*"}))
    narrow = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::shared/*"})
    given = client("sts", known["ann"]).assume_role(RoleArn=arn, RoleSessionName="me", Policy=narrow)["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert session.client("s3", config=ONCE).get_object(Bucket="shared", Key="k")["Body"].read() == b"x"
    expect("AccessDenied", session.client("s3", config=ONCE).get_object, Bucket="ann-data", Key="a.py")
    message = expect("AccessDeniedException", session.client("personalize", config=ONCE).list_schemas)
    assert "because no session policy allows" in message and "assumed-role/reader/me" in message, message

if part == "stopped":
    assert keys("enable", known["shop"]["access_key_id"])["status"] == "Active"
    late = keys("create", "--user", "late", "--policy", "read-only")
    with open(os.path.join(data, "keys-of-the-test.json"), "w") as file:
        json.dump({**known, "late": late}, file)

if part == "after":
    client("personalize", known["late"]).list_schemas()
    expect("AccessDeniedException", client("personalize", known["late"]).delete_schema,
           schemaArn="arn:aws:personalize:us-east-1:000000000000:schema/x")
    expect("AccessDeniedException", client("personalize", known["shop"]).list_schemas)
    assert keys("delete", known["late"]["access_key_id"]) is None
    expect("UnrecognizedClientException", client("personalize", known["late"]).list_schemas)

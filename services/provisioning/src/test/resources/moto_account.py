"""Makes in a moto server what an AWS account would have, and prints the keys of a user that may assume the role."""
import json
import sys
import urllib.request

import boto3

endpoint, checks = sys.argv[1:3]
common = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup")
boto3.client("s3", **common).create_bucket(Bucket="fleet")
iam = boto3.client("iam", **common)
anything = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
role = iam.create_role(RoleName="devices", AssumeRolePolicyDocument=trust)["Role"]
iam.put_role_policy(RoleName="devices", PolicyName="all", PolicyDocument=anything)
iam.create_user(UserName="mooring")
iam.put_user_policy(UserName="mooring", PolicyName="all", PolicyDocument=anything)
key = iam.create_access_key(UserName="mooring")["AccessKey"]
if checks == "checked":
    # From now on signatures and policies of roles are checked.
    urllib.request.urlopen(urllib.request.Request(
        endpoint + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST")).read()
print(json.dumps({"role": role["Arn"], "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}))

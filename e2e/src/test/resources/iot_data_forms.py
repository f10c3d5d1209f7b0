"""Shadows by boto3, in one process: what is done and what is refused, one a line."""
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, authority, thing = sys.argv[1:4]
once = Config(retries={"max_attempts": 1})
client = boto3.client("iot-data", endpoint_url=endpoint, verify=authority, config=once)


def say(name, call, **arguments):
    try:
        answer = call(**arguments)
        print(name, "done", answer["payload"].read().decode())
    except ClientError as refused:
        print(name, refused.response["Error"]["Code"], refused.response["Error"]["Message"])


def update(name, shadow, document, of=thing):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    say(name, client.update_thing_shadow, thingName=of, shadowName=shadow, payload=body)


desired = {"state": {"desired": {"speed": 4}}}
update("conflict", "pump", {**desired, "version": 1})
update("form", "pump", {"state": 1})
update("json", "pump", b"{")
update("encoding", "pump", b'{"state":{"desired":{"a":"\xe9"}}}')
update("size", "pump", {"state": {"desired": {"x": "y" * 9000}}})
update("name", "a.b", desired)
update("other", "pump", desired, of="SOMEBODY01")
say("missing", client.get_thing_shadow, thingName=thing, shadowName="none")
for number in range(3):
    update("make", "s%d" % number, desired)
first = client.list_named_shadows_for_thing(thingName=thing, pageSize=2)
second = client.list_named_shadows_for_thing(thingName=thing, pageSize=2, nextToken=first["nextToken"])
print("pages", first["results"], second["results"])
say("page", client.list_named_shadows_for_thing, thingName=thing, nextToken="%%")
for number in range(3):
    say("delete", client.delete_thing_shadow, thingName=thing, shadowName="s%d" % number)
say("gone", client.delete_thing_shadow, thingName=thing, shadowName="s0")
forged = boto3.client(
    "iot-data",
    endpoint_url=endpoint,
    verify=authority,
    config=once,
    aws_access_key_id=client._request_signer._credentials.access_key,
    aws_secret_access_key="forged",
    aws_session_token=client._request_signer._credentials.token,
)
say("forged", forged.get_thing_shadow, thingName=thing)

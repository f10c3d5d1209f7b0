"""What boto3 does with a device's own files; ends with "all is well" or an exception."""
import base64
import hashlib
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, device, place = sys.argv[1:4]
s3 = boto3.client("s3", endpoint_url=endpoint, config=Config(signature_version="s3v4", retries={"max_attempts": 1}))
prefix = f"{device}/boto3 {place}/"


def code_of(call, **arguments):
    try:
        call(Bucket="main", **arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return "none"


body = os.urandom(300_000)
sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
put = s3.put_object(Bucket="main", Key=prefix + "a+b c%.bin", Body=body, ContentType="application/x-boto",
                    ContentEncoding="gzip", CacheControl="no-cache", Metadata={"unit": "mm", "spaced": "a   b"},
                    ChecksumSHA256=sha256)
assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', put
assert put["ChecksumSHA256"] == sha256, put

got = s3.get_object(Bucket="main", Key=prefix + "a+b c%.bin", ChecksumMode="ENABLED")
assert got["Body"].read() == body
assert got["ContentType"] == "application/x-boto" and got["ContentEncoding"] == "gzip", got
assert got["CacheControl"] == "no-cache" and got["Metadata"]["unit"] == "mm", got
assert got["ChecksumSHA256"] == sha256, got
part = s3.get_object(Bucket="main", Key=prefix + "a+b c%.bin", Range="bytes=1000-1999")
assert part["Body"].read() == body[1000:2000] and part["ContentRange"] == "bytes 1000-1999/300000", part
tail = s3.get_object(Bucket="main", Key=prefix + "a+b c%.bin", Range="bytes=-7")
assert tail["Body"].read() == body[-7:]
assert code_of(s3.get_object, Key=prefix + "a+b c%.bin", Range="bytes=300000-") == "InvalidRange"
assert code_of(s3.get_object, Key=prefix + "a+b c%.bin", IfNoneMatch=put["ETag"]) in ("304", "NotModified")
assert code_of(s3.get_object, Key=prefix + "none") == "NoSuchKey"
assert code_of(s3.head_object, Key=prefix + "none") == "404"
assert s3.head_object(Bucket="main", Key=prefix + "a+b c%.bin")["ContentLength"] == 300_000

for algorithm in ("CRC32", "SHA1", "SHA256"):
    s3.put_object(Bucket="main", Key=prefix + "sums/" + algorithm, Body=body, ChecksumAlgorithm=algorithm)
s3.put_object(Bucket="main", Key=prefix + "empty", Body=b"")
assert s3.get_object(Bucket="main", Key=prefix + "empty")["Body"].read() == b""
wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
assert code_of(s3.put_object, Key=prefix + "wrong", Body=b"this", ContentMD5=wrong) == "BadDigest"
wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
assert code_of(s3.put_object, Key=prefix + "wrong", Body=b"this", ChecksumSHA256=wrong) == "BadDigest"
assert code_of(s3.head_object, Key=prefix + "wrong") == "404"

page = s3.list_objects_v2(Bucket="main", Prefix=prefix, Delimiter="/")
assert [one["Key"] for one in page["Contents"]] == [prefix + "a+b c%.bin", prefix + "empty"], page
assert [one["Prefix"] for one in page["CommonPrefixes"]] == [prefix + "sums/"], page
keys = [one["Key"] for page in s3.get_paginator("list_objects_v2").paginate(
    Bucket="main", Prefix=prefix, PaginationConfig={"PageSize": 2}) for one in page["Contents"]]
assert keys == sorted(keys) and len(keys) == 5, keys

assert s3.head_bucket(Bucket="main")["BucketRegion"] == "local-1"
assert s3.get_bucket_location(Bucket="main")["LocationConstraint"] == "local-1"
assert code_of(s3.put_object, Key=prefix + "x", Body=b"x", ACL="public-read") == "NotImplemented"
assert code_of(s3.get_object_acl, Key=prefix + "empty") == "NotImplemented"
assert code_of(s3.put_object, Key=device + "/../other/x", Body=b"x") == "InvalidArgument"

upload = s3.create_multipart_upload(Bucket="main", Key=prefix + "parts")["UploadId"]
small = s3.upload_part(Bucket="main", Key=prefix + "parts", UploadId=upload, PartNumber=1, Body=b"small")
last = s3.upload_part(Bucket="main", Key=prefix + "parts", UploadId=upload, PartNumber=2, Body=b"last")
both = [{"PartNumber": 1, "ETag": small["ETag"]}, {"PartNumber": 2, "ETag": last["ETag"]}]
finish = lambda **more: code_of(s3.complete_multipart_upload, Key=prefix + "parts", UploadId=upload, **more)
assert finish(MultipartUpload={"Parts": both}) == "EntityTooSmall"
assert finish(MultipartUpload={"Parts": both[::-1]}) == "InvalidPartOrder"
assert finish(MultipartUpload={"Parts": [{"PartNumber": 3, "ETag": last["ETag"]}]}) == "InvalidPart"
assert finish(MultipartUpload={"Parts": both[1:]}) == "none"
assert s3.get_object(Bucket="main", Key=prefix + "parts")["Body"].read() == b"last"
upload = s3.create_multipart_upload(Bucket="main", Key=prefix + "aborted")["UploadId"]
s3.abort_multipart_upload(Bucket="main", Key=prefix + "aborted", UploadId=upload)
assert code_of(s3.upload_part, Key=prefix + "aborted", UploadId=upload, PartNumber=1, Body=b"x") == "NoSuchUpload"

s3.delete_object(Bucket="main", Key=prefix + "empty")
s3.delete_object(Bucket="main", Key=prefix + "empty")
assert code_of(s3.head_object, Key=prefix + "empty") == "404"
print("all is well")

"""A client of `vajra-cloud store serve`, with boto3 and with raw sockets.

    store_client.py COMMAND ENDPOINT BUCKET [ARGUMENT...]

The access key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The program exits with 0 if every answer is right.
"""

import base64
import datetime
import hashlib
import http.client
import os
import resource
import socket
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import botocore.auth
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

OBJECT_BYTES_MAX = 64 * 1024 * 1024
ACCESS_KEY = os.environ["AWS_ACCESS_KEY_ID"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
CA = os.environ.get("AWS_CA_BUNDLE")


def client(endpoint, access_key=ACCESS_KEY, secret=SECRET, **config):
    settings = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config)
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        config=settings,
    )


def refused(status, code, call, **arguments):
    """Checks that a call fails with this status and this code."""
    try:
        call(**arguments)
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        assert found == (status, code), f"{arguments}: {error}"
    else:
        raise AssertionError(f"{arguments}: it was accepted, not {code}")


class Signer(S3SigV4Auth):
    """Signs a request whose body it does not know."""

    def payload(self, request):
        return "UNSIGNED-PAYLOAD"


class Raw:
    """A connection whose requests are signed, but otherwise sent as given."""

    def __init__(self, endpoint):
        self.url = urllib.parse.urlsplit(endpoint)

    def connect(self):
        if self.url.scheme == "https":
            context = ssl.create_default_context(cafile=CA)
            return http.client.HTTPSConnection(self.url.netloc, timeout=60, context=context)
        return http.client.HTTPConnection(self.url.netloc, timeout=60)

    def headers(self, method, path, headers=None, secret=SECRET, at=None):
        # A signature covers the path in its canonical form.
        path = urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~")
        request = AWSRequest(method, f"{self.url.scheme}://{self.url.netloc}{path}", headers=headers or {})
        auth = Signer(Credentials(ACCESS_KEY, secret), "s3", "us-east-1")
        if at is None:
            auth.add_auth(request)
        else:
            # The signer takes the time from the clock.
            module = botocore.auth
            now, module.get_current_datetime = module.get_current_datetime, lambda *a, **k: at
            try:
                auth.add_auth(request)
            finally:
                module.get_current_datetime = now
        return dict(request.headers.items())

    def send(self, method, path, body=b"", headers=None, length=None, **signing):
        """Sends a request whose body may be shorter than its length. Returns the status and the body of the answer."""
        connection = self.connect()
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in self.headers(method, path, headers, **signing).items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body) if length is None else length))
        connection.endheaders()
        connection.send(body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def suite(endpoint, bucket):
    """Every operation of the server, with the second client."""
    s3 = client(endpoint)
    s3.head_bucket(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    body = bytes(range(256)) * 5000
    algorithms = [None, "CRC32", "SHA1", "SHA256"]
    for number, algorithm in enumerate(algorithms):
        extra = {"ChecksumAlgorithm": algorithm} if algorithm else {}
        put = s3.put_object(Bucket=bucket, Key=f"runs/a/{number}", Body=body, Metadata={"mark": "x y"}, **extra)
        got = s3.get_object(Bucket=bucket, Key=f"runs/a/{number}")
        assert got["Body"].read() == body and got["ETag"] == put["ETag"] and got["Metadata"] == {"mark": "x y"}, got
    head = s3.head_object(Bucket=bucket, Key="runs/a/0")
    assert head["ContentLength"] == len(body) and head["Metadata"] == {"mark": "x y"}, head
    late = datetime.datetime.now(datetime.timezone.utc) - head["LastModified"]
    assert abs(late.total_seconds()) < 60, head
    part = s3.get_object(Bucket=bucket, Key="runs/a/0", Range="bytes=300000-900000")
    assert part["Body"].read() == body[300000:900001] and part["ContentRange"] == f"bytes 300000-900000/{len(body)}"
    refused(416, "InvalidRange", s3.get_object, Bucket=bucket, Key="runs/a/0", Range=f"bytes={len(body)}-")
    refused(304, "304", s3.get_object, Bucket=bucket, Key="runs/a/0", IfNoneMatch=head["ETag"])
    refused(412, "PreconditionFailed", s3.get_object, Bucket=bucket, Key="runs/a/0", IfMatch='"x"')

    s3.put_object(Bucket=bucket, Key="runs/start", Body=b"1", IfNoneMatch="*")
    refused(412, "PreconditionFailed", s3.put_object, Bucket=bucket, Key="runs/start", Body=b"2", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="runs/start")["Body"].read() == b"1"
    wrong = hashlib.md5(b"other").digest()
    md5 = base64.b64encode(wrong).decode()
    refused(400, "BadDigest", s3.put_object, Bucket=bucket, Key="runs/md5", Body=b"2", ContentMD5=md5)
    refused(404, "NoSuchKey", s3.get_object, Bucket=bucket, Key="runs/md5")
    refused(404, "NoSuchBucket", s3.get_object, Bucket="another", Key="runs/md5")

    for number in range(25):
        s3.put_object(Bucket=bucket, Key=f"list/{number:02}/x", Body=b"")
    pages = s3.get_paginator("list_objects_v2")
    for size in (1, 7, 1000):
        found = [o["Key"] for p in pages.paginate(Bucket=bucket, Prefix="list/", PaginationConfig={"PageSize": size})
                 for o in p.get("Contents", [])]
        assert found == [f"list/{number:02}/x" for number in range(25)], found
        found = [o["Prefix"] for p in pages.paginate(Bucket=bucket, Prefix="list/", Delimiter="/",
                 PaginationConfig={"PageSize": size}) for o in p.get("CommonPrefixes", [])]
        assert found == [f"list/{number:02}/" for number in range(25)], found
    after = s3.list_objects_v2(Bucket=bucket, Prefix="list/", StartAfter="list/22/x")
    assert [o["Key"] for o in after["Contents"]] == ["list/23/x", "list/24/x"], after
    for number in range(25):
        s3.delete_object(Bucket=bucket, Key=f"list/{number:02}/x")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="list/")
    presigned(endpoint, bucket, s3, body)


def presigned(endpoint, bucket, s3, body):
    context = ssl.create_default_context(cafile=CA) if CA else None

    def fetch(url, method="GET"):
        request = urllib.request.Request(url, method=method, data=b"x" if method == "PUT" else None)
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    signer = client(endpoint, signature_version="s3v4")
    params = {"Bucket": bucket, "Key": "runs/a/0"}
    url = signer.generate_presigned_url("get_object", Params=params, ExpiresIn=60)
    assert fetch(url) == (200, body)
    status, answer = fetch(url.replace("runs/a/0", "runs/a/1"))
    assert status == 403 and b"SignatureDoesNotMatch" in answer, answer
    status, answer = fetch(url.split("?")[0])
    assert status == 403 and b"AccessDenied" in answer, answer
    put = signer.generate_presigned_url("put_object", Params=params, ExpiresIn=60)
    status, answer = fetch(put, "PUT")
    assert status == 403 and b"can only read" in answer, answer
    brief = signer.generate_presigned_url("get_object", Params=params, ExpiresIn=1)
    time.sleep(2.5)
    status, answer = fetch(brief)
    assert status == 403 and b"expired" in answer, answer


def signatures(endpoint, bucket):
    """Requests without a valid signature."""
    raw, path = Raw(endpoint), f"/{bucket}/runs/x"
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    minutes = lambda number: now + datetime.timedelta(minutes=number)

    def check(answer, status, code):
        assert answer[0] == status and code in answer[1], answer

    check(raw.send("PUT", path, b"1"), 200, "")
    check(raw.send("PUT", path, b"1", at=minutes(-14)), 200, "")
    check(raw.send("PUT", path, b"1", at=minutes(-16)), 403, "RequestTimeTooSkewed")
    check(raw.send("PUT", path, b"1", at=minutes(16)), 403, "RequestTimeTooSkewed")
    check(raw.send("PUT", path, b"1", secret="another secret 123"), 403, "SignatureDoesNotMatch")
    for method in ("GET", "PUT", "DELETE", "HEAD", "POST"):
        connection = raw.connect()
        connection.request(method, path, body=b"1" if method == "PUT" else None)
        answer = connection.getresponse()
        assert answer.status == 403, (method, answer.status)
    refused(403, "InvalidAccessKeyId", client(endpoint, access_key="who").get_object, Bucket=bucket, Key="runs/x")
    reader = client(endpoint, access_key="reader")
    assert reader.get_object(Bucket=bucket, Key="runs/x")["Body"].read() == b"1"
    refused(403, "AccessDenied", reader.put_object, Bucket=bucket, Key="runs/x", Body=b"2")
    refused(403, "AccessDenied", reader.delete_object, Bucket=bucket, Key="runs/x")
    assert reader.get_object(Bucket=bucket, Key="runs/x")["Body"].read() == b"1"


def keys(endpoint, bucket):
    """Keys that a folder cannot have. The files `outside` and `.hidden` must not be read or written."""
    raw = Raw(endpoint)
    for key in ["../outside", "%2e%2e/outside", "..%2foutside", "a/../../outside", "a/%2E%2E/%2E%2E/outside",
                "/outside", "%2foutside", "a//b", ".hidden", "a/.hidden", "a%00b", "a%0ab", "a%5c..%5cb", "a%20b",
                "%ff", "%c3%a4", "a/", "x" * 600, "x" * 250]:
        for method in ("GET", "PUT", "DELETE"):
            status, answer = raw.send(method, f"/{bucket}/{key}", b"1" if method == "PUT" else b"")
            assert status == 400 and "<Code>InvalidArgument</Code>" in answer, (method, key, status, answer)


def large(endpoint, bucket):
    """A body above the limit is refused before it is sent."""
    raw = Raw(endpoint)
    for length in (OBJECT_BYTES_MAX + 1, 10**12):
        status, answer = raw.send("PUT", f"/{bucket}/large", b"x", length=length)
        assert status == 400 and "EntityTooLarge" in answer, answer
    status, answer = raw.send("PUT", f"/{bucket}/large", b"", headers={"x-amz-meta-a": "x" * 40_000})
    assert status in (400, 431), status
    body = bytes(OBJECT_BYTES_MAX)
    status, answer = raw.send("PUT", f"/{bucket}/large", body)
    assert status == 200, answer
    status, answer = raw.send("GET", f"/{bucket}/large")
    assert status == 200 and len(answer) == OBJECT_BYTES_MAX


def bodies(endpoint, bucket):
    """Bodies that are announced and never sent, and small bodies at the same time."""
    raw = Raw(endpoint)
    path = f"/{bucket}/runs/x"
    assert raw.send("PUT", path, b"1")[0] == 200
    for method in ("GET", "DELETE"):
        status, answer = raw.send(method, path, b"", length=OBJECT_BYTES_MAX)
        assert status == 400 and "InvalidRequest" in answer, (method, status, answer)
    open_ones = []
    for number in range(6):
        # The first bytes of large bodies, so that they hold or wait for memory.
        connection = raw.connect()
        connection.putrequest("PUT", f"{path}{number}", skip_accept_encoding=True)
        for name, value in raw.headers("PUT", f"{path}{number}").items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(OBJECT_BYTES_MAX))
        connection.endheaders()
        connection.send(b"x")
        open_ones.append(connection)
    time.sleep(0.3)
    began = time.monotonic()
    assert raw.send("PUT", path, b"2")[0] == 200
    assert time.monotonic() - began < 2, "a small body has waited for a large one"
    # Large bodies that make no progress lose their memory, so another one gets it.
    status, answer = raw.send("PUT", path, bytes(2 * 1024 * 1024))
    assert status == 200 or (status == 503 and "SlowDown" in answer), answer
    for connection in open_ones:
        answer = connection.getresponse()
        assert answer.status in (400, 503), answer.status
        connection.close()
    assert time.monotonic() - began < 15, "a body without progress was not refused in time"
    status, answer = raw.send("PUT", path, bytes(2 * 1024 * 1024))
    assert status == 200, answer


def meanings(endpoint, bucket):
    """Requests that would lose a part of their meaning."""
    s3, raw, path = client(endpoint), Raw(endpoint), f"/{bucket}/runs/x"
    where = {"Bucket": bucket, "Key": "runs/x"}
    s3.put_object(Body=b"1", **where)
    refused(501, "NotImplemented", s3.delete_object, IfMatch='"other"', **where)
    for name, value in [("if-match", '"other"'), ("x-amz-if-match-size", "99"), ("x-amz-mfa", "1")]:
        status, answer = raw.send("DELETE", path, headers={name: value})
        assert status == 501 and "NotImplemented" in answer, (name, status, answer)
    for extra in [{"ExpectedBucketOwner": "111122223333"}, {"ObjectLockLegalHoldStatus": "ON"},
                  {"StorageClass": "GLACIER"}, {"ContentEncoding": "gzip"}]:
        refused(501, "NotImplemented", s3.put_object, Body=b"2", **extra, **where)
    assert s3.get_object(**where)["Body"].read() == b"1"
    s3.put_object(Body=b"3", ContentType="text/plain", CacheControl="no-store", StorageClass="STANDARD", **where)
    status, answer = raw.send("PUT", f"/{bucket}/runs", b"1", headers={"if-none-match": "*"})
    assert status == 400, (status, answer)
    # The head of a request has at most 32 KiB.
    assert raw.send("GET", path, headers={"x-long": "x" * 30_000})[0] == 200
    assert raw.send("GET", path, headers={"x-long": "x" * 33_000})[0] == 431


def trailers(endpoint, bucket):
    """Bodies whose trailer is not the promised one."""
    raw, path, crc = Raw(endpoint), f"/{bucket}/trailer", "x-amz-checksum-crc32"

    class Chunked(S3SigV4Auth):
        def payload(self, request):
            return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    def put(trailer, promised=crc):
        headers = {"x-amz-decoded-content-length": "5", "x-amz-trailer": promised}
        request = AWSRequest("PUT", f"{endpoint}{path}", headers=headers)
        request.headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        Chunked(Credentials(ACCESS_KEY, SECRET), "s3", "us-east-1").add_auth(request)
        connection = raw.connect()
        body = b"5\r\nhello\r\n0\r\n" + trailer
        connection.request("PUT", path, body=body, headers=dict(request.headers.items()))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    assert put(f"{crc}:NhCmhg==\r\n\r\n".encode()) == (200, "")
    for trailer, promised in [(b"\r\n", crc), (b"", crc), (b"x-other:1\r\n\r\n", crc),
                              (f"{crc}:NhCmhg==\r\n\r\n".encode(), f"{crc},x-other"),
                              (f"{crc}:NhCmhg==\r\n\r\n".encode(), "x-other")]:
        status, answer = put(trailer, promised)
        assert status == 400 and "MalformedTrailerError" in answer, (trailer, promised, status, answer)


def crowd(endpoint, bucket):
    """More connections than the server has, all with an authorised read. Others still get in."""
    raw = Raw(endpoint)
    resource.setrlimit(resource.RLIMIT_NOFILE, (6000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    path = f"/{bucket}/runs/x"
    assert raw.send("PUT", path, b"1")[0] == 200
    headers = raw.headers("GET", path)
    head = f"GET {path} HTTP/1.1\r\nhost: {raw.url.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() != "host") + "\r\n"
    crowd = []
    for _ in range(4096):
        connection = socket.create_connection((raw.url.hostname, raw.url.port), timeout=30)
        connection.sendall(head.encode())
        crowd.append(connection)
    for connection in crowd:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200"), "a read was refused"
    for number in range(3):
        assert raw.send("PUT", path, b"2")[0] == 200, "a writer is kept out"
    probe = raw.connect()
    probe.request("GET", "/-/healthz")
    assert probe.getresponse().status == 200


def links(endpoint, bucket):
    """Keys below the link `link`, which leads out of the folder."""
    raw = Raw(endpoint)
    for key in ("link/secret", "link"):
        assert raw.send("GET", f"/{bucket}/{key}")[0] == 404, key
    for key in ("link/secret", "link/new", "link"):
        for method in ("PUT", "DELETE"):
            status, answer = raw.send(method, f"/{bucket}/{key}", b"1" if method == "PUT" else b"")
            assert status == 400 and "symbolic link" in answer, (method, key, status, answer)
    assert "Contents" not in client(endpoint).list_objects_v2(Bucket=bucket, Prefix="link/")


def times(endpoint, bucket):
    """Objects whose times no date of HTTP can express."""
    raw = Raw(endpoint)
    for name, date in (("old", "Thu, 01 Jan 1970 00:00:00 GMT"), ("far", "9999 23:59:59 GMT")):
        connection = raw.connect()
        path = f"/{bucket}/times/{name}"
        connection.request("GET", path, headers=raw.headers("GET", path))
        answer = connection.getresponse()
        modified = answer.getheader("Last-Modified", "")
        # Some file systems cannot store the latest time.
        assert answer.status == 200 and (name == "far" or modified == date), (answer.status, modified)
    found = client(endpoint).list_objects_v2(Bucket=bucket, Prefix="times/")
    assert len(found["Contents"]) == 2, found


def gone(endpoint, bucket):
    """Requests to a folder that was removed."""
    raw = Raw(endpoint)
    for method in ("GET", "PUT", "DELETE"):
        status, answer = raw.send(method, f"/{bucket}/runs/x", b"1" if method == "PUT" else b"")
        assert status == 503 and "ServiceUnavailable" in answer, (method, status, answer)


def slow(endpoint, bucket):
    """A client that stops in the middle of a body, and one that stops in the middle of a head."""
    raw = Raw(endpoint)
    head = socket.create_connection((raw.url.hostname, raw.url.port), timeout=90)
    head.sendall(b"GET /" + bucket.encode() + b"/slow HTTP/1.1\r\nhost: x\r\n")
    status, answer = raw.send("PUT", f"/{bucket}/slow", b"half", length=8)
    assert status == 400 and "RequestTimeout" in answer, answer
    assert raw.send("GET", f"/{bucket}/slow")[0] == 404
    answer = head.recv(4096)
    assert answer == b"" or b" 408 " in answer.split(b"\r\n")[0], answer


def half(endpoint, bucket):
    """Sends half of a body, and waits until the server dies."""
    try:
        Raw(endpoint).send("PUT", f"/{bucket}/half", b"half", length=1000)
    except (ConnectionError, http.client.HTTPException):
        return
    raise AssertionError("the server has answered")


def creators(endpoint, bucket):
    """Creates objects until the server dies. Prints each key that the server has acknowledged."""
    s3 = client(endpoint, connect_timeout=2)
    number = 0
    while True:
        key = f"created/{os.getpid()}-{number}"
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode() * 3000, IfNoneMatch="*")
        except ClientError:
            raise
        except Exception:
            return
        print(key, flush=True)
        number += 1


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

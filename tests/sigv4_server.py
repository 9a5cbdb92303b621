"""A server for tests that checks signatures of AWS (Signature Version 4) in the received bytes with botocore.

    sigv4_server.py PORT

The key `AKIDSHOP` has the secret `s3cret/+` and the session token `t0ken/+=`.

The server answers a request with the status 403 if its signature is wrong, or if its signature was used before. It also
answers 403 if the date of the request differs by more than 5 s from the server's clock. The first right request for a
path that contains `/busy/` gets the status 503. All other right requests get the status 200.

`GET /counts` returns the number of answers with each status.
"""

import json
import sys
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET, TOKEN = "AKIDSHOP", "s3cret/+", "t0ken/+="
LOCK = threading.Lock()
COUNTS = {"200": 0, "403": 0, "503": 0}
USED = set()
BUSY = set()


def is_right(method, path, headers, body):
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    fields = dict(field.strip().partition("=")[::2] for field in rest.split(","))
    key, _, region, service, end = fields.get("Credential", "////").split("/")
    names = fields.get("SignedHeaders", "").split(";")
    if (scheme, key, end) != ("AWS4-HMAC-SHA256", KEY, "aws4_request"):
        return False
    if headers.get("x-amz-security-token") != TOKEN:
        return False
    # All headers must be signed, except the headers that may change between the client and the server.
    free = {"authorization", "user-agent", "content-length", "connection"}
    if set(names) != {name.lower() for name in headers} - free:
        return False
    date = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    if abs(datetime.now(timezone.utc) - date) > timedelta(seconds=5):
        return False
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(KEY, SECRET, TOKEN), service, region)
    signed = {name: value for name, value in headers.items() if name.lower() in names}
    digest = signed.pop("x-amz-content-sha256", None) if service == "s3" else None
    request = AWSRequest(method, f"http://{headers['host']}{path}", signed, body)
    if service == "s3":
        # botocore does not check this header against the body, so the header is compared with the digest of the body.
        if digest != SigV4Auth.payload(auth, request):
            return False
        request.headers["X-Amz-Content-SHA256"] = digest
    request.context["timestamp"] = headers["x-amz-date"]
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return auth.signature(text, request) == fields.get("Signature")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/counts":
            return self.write(200, json.dumps(COUNTS).encode())
        signature = self.headers.get("authorization")
        with LOCK:
            if signature in USED or not is_right(self.command, self.path, self.headers, body):
                status = 403
            elif "/busy/" in self.path and self.path not in BUSY:
                BUSY.add(self.path)
                status = 503
            else:
                status = 200
            USED.add(signature)
            COUNTS[str(status)] += 1
        self.write(status, b"")

    def write(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

    do_GET = do_POST = do_PUT = do_DELETE = answer


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

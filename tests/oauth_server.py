"""An OAuth 2.0 server for tests, which is based on Authlib.

The server issues tokens, and accepts a request for `/api` only if the request contains a valid token.

    oauth_server.py PORT LIFE

LIFE is the number of seconds for which a token is valid. The client `shop` has the secret `s3cret:/+ é`, and the user
`ann` has the password `p&w`.

`GET /tokens` lists all issued tokens. `GET /counts` returns the numbers of issued tokens, of accepted requests, of
rejected requests, and of token requests during outages. After `POST /outage/on`, the server answers token requests with
the status 503. `POST /outage/off` ends the outage.
"""

import logging
import os
import sys
import threading
import time

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import (
    ClientCredentialsGrant,
    ResourceOwnerPasswordCredentialsGrant,
)
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, jsonify
from werkzeug.serving import WSGIRequestHandler, run_simple

LIFE = int(sys.argv[2])
LOCK = threading.Lock()
TOKENS = {}
COUNTS = {"issued": 0, "accepted": 0, "rejected": 0, "outages": 0}
OUTAGE = threading.Event()


class Client(ClientMixin):
    def get_client_id(self):
        return "shop"

    def get_default_redirect_uri(self):
        return ""

    def get_allowed_scope(self, scope):
        return " ".join(word for word in scope.split() if word in {"read", "write"}) if scope else ""

    def check_redirect_uri(self, redirect_uri):
        return False

    def check_client_secret(self, client_secret):
        return client_secret == "s3cret:/+ é"

    def check_endpoint_auth_method(self, method, endpoint):
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type):
        return False

    def check_grant_type(self, grant_type):
        return grant_type in {"client_credentials", "password"}


class Token(TokenMixin):
    def __init__(self, scope):
        self.scope = scope
        self.expires = time.time() + LIFE

    def check_client(self, client):
        return True

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return LIFE

    def is_expired(self):
        return time.time() > self.expires

    def is_revoked(self):
        return False

    def get_user(self):
        return None

    def get_client(self):
        return Client()


class ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Password(ResourceOwnerPasswordCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def authenticate_user(self, username, password):
        return username if (username, password) == ("ann", "p&w") else None


class Validator(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return TOKENS.get(token_string)


def save_token(token, request):
    with LOCK:
        COUNTS["issued"] += 1
        TOKENS[token["access_token"]] = Token(token.get("scope", ""))


app = Flask(__name__)
app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": LIFE, "password": LIFE}
server = AuthorizationServer(
    app,
    query_client=lambda client_id: Client() if client_id == "shop" else None,
    save_token=save_token,
)
server.register_grant(ClientCredentials)
server.register_grant(Password)
protector = ResourceProtector()
protector.register_token_validator(Validator())


@app.post("/token")
def token():
    if OUTAGE.is_set():
        with LOCK:
            COUNTS["outages"] += 1
        return "out of order", 503
    return server.create_token_response()


@protector("read")
def guarded():
    return "ok"


@app.route("/api", methods=["GET", "POST"])
def api():
    try:
        answer = guarded()
    except Exception:
        with LOCK:
            COUNTS["rejected"] += 1
        raise
    with LOCK:
        COUNTS["accepted"] += 1
    return answer


@app.get("/counts")
def counts():
    return jsonify(COUNTS)


@app.get("/tokens")
def tokens():
    with LOCK:
        return jsonify(list(TOKENS))


@app.post("/outage/<state>")
def outage(state):
    OUTAGE.set() if state == "on" else OUTAGE.clear()
    return ""


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"


logging.getLogger("werkzeug").setLevel(logging.ERROR)
run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=Handler)

"""A client that holds every answer against spec/openapi.yaml.

An answer whose status, media type, headers or members the operation does not document fails the
test that got it.
"""
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import urllib.parse

import jsonschema
import yaml

SPEC = yaml.safe_load(
    (pathlib.Path(os.environ["TUTELA_SOURCE_DIR"]) / "spec/openapi.yaml").read_text())
RESOLVER = jsonschema.RefResolver("", SPEC)
# What the transport refuses on any path, before an operation is known.
ANYWHERE = {400, 401, 404, 405, 408, 413, 431}
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def resolve(node):
    while "$ref" in node:
        target = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def check_schema(schema, value):
    jsonschema.Draft202012Validator(
        schema, resolver=RESOLVER,
        format_checker=jsonschema.draft202012_format_checker).validate(value)


def concrete(path):
    """A path of the description with something in its parameters."""
    for name, value in {"id": "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01", "case": "c-1",
                        "index": "0", "token": "t" * 43, "account": "account-1",
                        "queue": "public"}.items():
        path = path.replace("{" + name + "}", value)
    return path


def find_operation(method, path):
    """The operation of a request, or None where the description has none."""
    parts = urllib.parse.urlsplit(path).path.split("/")
    for pattern, item in SPEC["paths"].items():
        wanted = pattern.split("/")
        if len(wanted) == len(parts) and all(
                w == p or (w.startswith("{") and p) for w, p in zip(wanted, parts)):
            return item.get(method.lower().replace("head", "get"))
    return None


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def code(self):
        return self.json["code"]


def check(method, path, answer):
    """Raises AssertionError or ValidationError where the answer is not what is documented."""
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers.get("X-Request-Id", "")), "X-Request-Id"
    assert answer.headers.get("X-Content-Type-Options") == "nosniff"
    assert answer.headers.get("Cache-Control") == "no-store"
    media_type = answer.headers.get("Content-Type", "").split(";")[0]
    if media_type == "application/problem+json" and method != "HEAD":
        check_schema(PROBLEM, answer.json)
        assert answer.json["status"] == answer.status
        assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    operation = find_operation(method, path)
    if method == "OPTIONS" or operation is None:
        assert answer.status in {204} | ANYWHERE, answer.status
        return
    documented = operation["responses"].get(str(answer.status))
    if documented is None:
        assert answer.status in ANYWHERE - {401, 404}, f"{method} {path}: {answer.status} undocumented"
        return
    response = resolve(documented)
    for name, header in response.get("headers", {}).items():
        header = resolve(header)
        assert name in answer.headers or not header.get("required"), f"{path}: header {name}"
        if name in answer.headers:
            check_schema(header["schema"], answer.headers[name])
    content = response.get("content", {})
    if not content:
        assert not answer.body
        return
    assert media_type in content, f"{method} {path}: {media_type} undocumented"
    if method != "HEAD" and media_type.endswith("json"):
        values = answer.lines if media_type == "application/x-ndjson" else [answer.json]
        for value in values:
            check_schema(content[media_type]["schema"], value)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.unix_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix_path)


class Client:
    """One token's view of one server. Every call is a connection of its own."""

    def __init__(self, address, token=None, ca_file=None):
        self.address = address
        self.token = token
        self.ca_file = ca_file

    def connect(self):
        if self.address.startswith("unix:"):
            return UnixConnection(self.address.removeprefix("unix:"))
        if self.ca_file:
            context = ssl.create_default_context(cafile=self.ca_file)
            context.check_hostname = False
            return http.client.HTTPSConnection(self.address, timeout=60, context=context)
        return http.client.HTTPConnection(self.address, timeout=60)

    def call(self, method, path, body=None, headers=None, connection=None, token=None):
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        token = token if token is not None else self.token
        if token:
            headers.setdefault("Authorization", "Bearer " + token)
        own = connection is None
        connection = connection or self.connect()
        try:
            connection.request(method, path, body, headers,
                               encode_chunked=headers.get("Transfer-Encoding") == "chunked")
            return self.take(method, path, connection)
        finally:
            if own:
                connection.close()

    @staticmethod
    def take(method, path, connection):
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        check(method, path, answer)
        return answer

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body, **more)

    def scan(self, data, query="", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/octet-stream")
        return self.call("POST", "/v1/scan" + query, data, named)


def raw(address, data, wait=60.0):
    """Sends bytes as they are and returns everything that comes back until the end."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(data)
        return drain(connection)


def drain(connection):
    received = bytearray()
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return bytes(received)
        if not piece:
            return bytes(received)
        received += piece

"""Who may do what, and HTTP itself."""
import http.client
import json
import socket
import time
import unittest

import pictures
from client import SPEC, Client, concrete, drain, raw
from servers import ServerTest

SCOPES = ("scan", "lists", "read", "search", "export", "admin")
SCOPE_OF = {"scan": "scan", "lists_read": "lists", "lists_change": "lists", "content_read": "read",
            "search": "search", "signals_export": "export", "settings_read": "admin",
            "appeal_ask": "scan"}
UUID = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"

# What anybody may read.
OPEN = ("/livez", "/readyz", "/.well-known/tutela-receipt-keys.json", "/v1/intake/challenge",
        "/v1/intake/promises", "/v1/help")


def operations():
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), concrete(path), operation


class Access(ServerTest):
    def test_nothing_but_health_and_sign_in_answers_without_a_token(self):
        anyone = Client(self.server.address)
        for method, path, operation in operations():
            answer = anyone.call(method, path)
            if path in OPEN:
                self.assertEqual(answer.status, 200, path)
            elif operation.get("security") == []:  # people sign in there
                self.assertIn(answer.status, (400, 404), path)
            else:
                self.assert_problem(answer, 401, "auth.no_token")
                self.assertEqual(answer.headers["WWW-Authenticate"], 'Bearer realm="tutela"')

    def test_a_wrong_or_revoked_token_is_refused(self):
        made = self.server.run("token", "create", "doomed", "--scopes", "read").stdout
        doomed = Client(self.server.address, made[made.index("tutela_"):].split()[0])
        self.assertEqual(doomed.get("/version").status, 200)
        self.server.run("token", "revoke", "doomed")
        # Another process revoked it; this one remembers it for at most 5 seconds.
        until = time.monotonic() + 60
        while doomed.get("/version").status == 200 and time.monotonic() < until:
            time.sleep(0.1)
        for client in (doomed, Client(self.server.address, "tutela_" + "A" * 43),
                       Client(self.server.address, "x"), Client(self.server.address, "x" * 8000)):
            answer = client.get("/v1/matches")
            self.assert_problem(answer, 401, "auth.bad_token")
            self.assertIn('error="invalid_token"', answer.headers["WWW-Authenticate"])

    def test_every_operation_needs_its_own_scope_and_no_other(self):
        for method, path, operation in operations():
            scope = SCOPE_OF.get(operation["x-access"])
            if scope is None:
                continue
            without = self.server.client(" ".join(s for s in SCOPES if s != scope))
            self.assert_problem(without.call(method, path), 403, "auth.missing_scope")
            answer = self.server.client(scope).call(method, path)
            self.assertNotIn(answer.status, (401, 403), f"{method} {path}")

    def test_any_token_may_ask_what_runs_here(self):
        admin = self.server.client("admin")
        self.assertEqual(admin.get("/version").json["name"], "tutela")
        self.assertEqual(json.loads(json.dumps(SPEC)), admin.get("/openapi.json").json)


class HttpTest(ServerTest):
    def setUp(self):
        self.client = self.server.client()

    def head(self, line, *headers):
        lines = [line, "Host: a", f"Authorization: Bearer {self.client.token}", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def status_of(self, data):
        answer = raw(self.server.address, data)
        return int(answer.split(b" ", 2)[1]) if answer else None


class Http(HttpTest):
    def test_unknown_paths_are_not_found_however_they_are_written(self):
        for path in ("/v1", "/v1/", "/v1/lists/", "/v2/lists", "/v1/../livez", "/livez/",
                     "/%2e%2e/%2e%2e/etc/passwd", "/v1/content/..%2f..%2fx/y", "/.", "//livez",
                     "/v1/scan/x", "/LIVEZ", "/livez%00"):
            answer = self.client.get(path)
            self.assert_problem(answer, 404, "request.no_such_path")
        for target in ("livez", "http://a/livez", "*", "/\\x", "/a b", "/%zz"):
            self.assertIn(self.status_of(self.head(f"GET {target} HTTP/1.1", "Connection: close")),
                          (400, 404), target)

    def test_other_methods_are_refused_with_what_is_allowed(self):
        answer = self.client.call("PUT", "/v1/lists")
        self.assert_problem(answer, 405, "request.bad_method")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        for method in ("TRACE", "BREW", "CONNECT", "PROPFIND"):
            self.assertEqual(self.status_of(self.head(f"{method} /livez HTTP/1.1",
                                                      "Connection: close")), 405)

    def test_options_and_head_are_answered(self):
        options = self.client.call("OPTIONS", "/v1/lists")
        self.assertEqual((options.status, options.body), (204, b""))
        self.assertEqual(options.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        full = self.client.get("/v1/lists")
        head = self.client.call("HEAD", "/v1/lists")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["Content-Length"], full.headers["Content-Length"])
        self.assertEqual(self.client.call("HEAD", "/v1/lists/base/export").status, 200)

    def test_a_connection_is_kept_for_many_requests(self):
        connection = self.client.connect()
        for seed in (1, 2):
            answer = self.client.call("POST", "/v1/scan", pictures.picture(seed), {},
                                      connection=connection)
            self.assertEqual(answer.status, 200)
            self.assertEqual(self.client.get("/v1/lists", connection=connection).status, 200)
        self.assertEqual(self.client.get("/nothing", connection=connection).status, 404)
        self.assertEqual(self.client.get("/livez", connection=connection).status, 200)
        connection.close()

    def test_requests_sent_ahead_are_answered_in_order(self):
        data = (self.head("GET /livez HTTP/1.1") + self.head("GET /version HTTP/1.1") +
                self.head("GET /nothing HTTP/1.1", "Connection: close"))
        answers = raw(self.server.address, data)
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 2)
        self.assertLess(answers.index(b'"ok"'), answers.index(b'"tutela"'))
        self.assertLess(answers.index(b'"tutela"'), answers.index(b"no_such_path"))

    def test_old_http_gets_an_answer_and_an_end(self):
        answer = raw(self.server.address, self.head("GET /v1/lists HTTP/1.0"))
        self.assertTrue(answer.startswith(b"HTTP/1.0 200 "), answer)
        answer = raw(self.server.address, self.head("GET /v1/lists/base/export HTTP/1.0"))
        self.assertTrue(answer.endswith(b"md5," + b"0" * 31 + b"1\n"), answer)
        self.assertNotIn(b"chunked", answer)

    def test_what_is_not_http_is_refused(self):
        for data in (b"hello\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                     self.head("POST /v1/scan HTTP/1.1", "Content-Length: -1"),
                     self.head("POST /v1/scan HTTP/1.1", "Content-Length: 1", "Content-Length: 2"),
                     self.head("POST /v1/scan HTTP/1.1", "Content-Length: 99999999999999999999"),
                     self.head("GET /livez HTTP/1.1", "Bad Header: x"),
                     b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n",
                     self.head("GET /livez HTTP/1.1", "Host: b", "Connection: close"),
                     self.head("POST /v1/scan HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\n"):
            self.assertEqual(self.status_of(data), 400, data)

    def test_huge_headers_are_refused(self):
        for data in (self.head("GET /livez HTTP/1.1", "X-Large: " + "a" * 20_000),
                     self.head("GET /" + "a" * 20_000 + " HTTP/1.1"),
                     self.head("GET /livez HTTP/1.1", *[f"X-{i}: a" for i in range(3000)])):
            self.assertEqual(self.status_of(data), 431)

    def test_a_body_where_none_is_taken_is_refused(self):
        self.assert_problem(self.client.post("/v1/lists/base/activate", "x"), 400,
                            "request.unexpected_body")


class Impatient(HttpTest):
    """A server that waits for hardly anything."""

    KEYS = {"server.idle_timeout_ms": 700, "server.body_timeout_ms": 900}

    def test_a_head_that_never_ends_is_cut_off(self):
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\n")
            try:
                for _ in range(40):  # a slowloris: something every now and then
                    connection.sendall(b"X: y\r\n")
                    time.sleep(0.05)
            except OSError:
                pass
            drain(connection)  # to its end, or this fails when the time of the connection is over

    def test_a_body_that_dribbles_in_is_cut_off_and_leaves_nothing(self):
        before = self.server.spooled()
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(self.head("POST /v1/scan HTTP/1.1", "Content-Length: 100000"))
            began = time.monotonic()
            try:
                while time.monotonic() - began < 30:
                    connection.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                pass
            answer = drain(connection)
        self.assertTrue(not answer or b" 408 " in answer[:20], answer)
        self.server.wait_for("route=/v1/scan status=408")
        self.assertLessEqual(set(self.server.spooled()), set(before))

    def test_an_idle_connection_is_closed(self):
        connection = http.client.HTTPConnection(self.server.address, timeout=60)
        connection.connect()
        self.assertEqual(connection.sock.recv(1), b"")
        connection.close()


if __name__ == "__main__":
    unittest.main()

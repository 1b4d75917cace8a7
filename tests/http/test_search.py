"""Lookups by hash: one, thousands at once, slow readers, limits, the audit."""
import json
import math
import pathlib
import random
import re
import socket
import sqlite3
import time
import unittest

from client import SPEC, drain, raw
from servers import ServerTest

PDQ = "f" * 32 + "0" * 32
BATCH = 10_000
DISTANCE_MAX = SPEC["components"]["schemas"]["SearchQuery"]["properties"]["distance_max"]["maximum"]


class Search(ServerTest):
    KEYS = {"server.searches_per_minute": 1_000_000}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sha256, cls.sha1 = "ab" * 32, "cd" * 20
        cls.list_id = cls.server.activate_list("hashes", [
            {"kind": "pdq", "value": PDQ}, {"kind": "sha256", "value": cls.sha256},
            {"kind": "sha1", "value": cls.sha1}])

    def setUp(self):
        self.client = self.server.client("search")

    def search(self, queries, **headers):
        return self.client.post("/v1/search", {"queries": queries}, headers=headers)

    def test_hashes_are_looked_up_exactly_and_nearby(self):
        near = "e" + PDQ[1:]
        one = self.client.post("/v1/search", {"kind": "pdq", "value": near}).json["results"][0]
        self.assertEqual(one["hits_total"], 1)
        self.assertEqual((one["hits"][0]["list_id"], one["hits"][0]["distance"]), (self.list_id, 1))
        none = self.client.post("/v1/search", {"kind": "pdq", "value": near, "distance_max": 0})
        self.assertEqual(none.json["results"][0]["hits"], [])
        self.assertIn("Content-Length", none.headers, "a short answer is not streamed")
        many = self.search([{"kind": "sha256", "value": self.sha256.upper()},
                            {"kind": "sha1", "value": self.sha1},
                            {"kind": "md5", "value": "0" * 32}]).json["results"]
        self.assertEqual([result["hits_total"] for result in many], [1, 1, 0])
        self.assertEqual([many[i]["hits"][0]["strength"] for i in (0, 1)], ["exact", "near"])

    def test_what_is_wrong_is_told_with_the_index_of_the_query(self):
        for body, code in (({"kind": "pdq", "value": "00"}, "hex.bad_length"),
                           ({"kind": "md5", "value": "z" * 32}, "hex.bad_digit"),
                           ({"kind": "md5", "value": "0" * 32, "distance_max": 1},
                            "request.bad_field"),
                           ({"kind": "pdq", "value": PDQ, "distance_max": DISTANCE_MAX + 1},
                            "request.bad_field"),
                           ({"kind": "pdq"}, "request.missing_field"),
                           ({"kind": "pdq", "value": PDQ, "x": 1}, "request.unknown_field"),
                           ({"queries": []}, "request.bad_field"),
                           ({"queries": [{}] * (BATCH + 1)}, "request.bad_field")):
            answer = self.client.post("/v1/search", body)
            self.assert_problem(answer, 400, code)
            self.assertNotIn("index", answer.json)
        good = {"kind": "md5", "value": "0" * 32}
        for bad, code in ((1, "request.bad_field"), ({"kind": "x", "value": "00"}, "match.bad_kind"),
                          ({"kind": "md5", "value": "00"}, "hex.bad_length")):
            answer = self.search([good] * 7 + [bad] + [good])
            self.assert_problem(answer, 400, code)
            self.assertEqual(answer.json["index"], 7)
            self.assertIn("queries[7]", answer.json["detail"])
        self.assert_problem(self.client.post("/v1/search", '{"queries": [' + " " * (2 << 20),
                                             headers={"Content-Type": "application/json"}),
                            413, "request.too_large")

    def queries(self, seed):
        """Ten thousand, of which every tenth is in the list."""
        made = random.Random(seed)
        return [{"kind": "pdq", "value": f"{int(PDQ, 16) ^ 1 << made.randrange(256):064x}"}
                if i % 10 == 0 else {"kind": "sha256", "value": f"{made.getrandbits(256):064x}"}
                for i in range(BATCH)]

    def test_ten_thousand_are_answered_in_a_stream_and_in_order(self):
        queries = self.queries(1)
        whole = self.search(queries)
        self.assertEqual(whole.status, 200, whole.body[:500])
        self.assertEqual(whole.headers["Transfer-Encoding"], "chunked")
        results = whole.json["results"]
        self.assertEqual([result["hits_total"] for result in results],
                         [1 if i % 10 == 0 else 0 for i in range(BATCH)])
        self.assertEqual([result["kind"] for result in results],
                         [query["kind"] for query in queries])
        lines = self.search(queries, Accept="text/plain;q=0.1, application/x-ndjson")
        self.assertEqual(lines.headers["Content-Type"], "application/x-ndjson")
        self.assertEqual(lines.lines, results)
        for i in (0, 1, BATCH - 1):
            self.assertEqual(self.client.post("/v1/search", queries[i]).json["results"], [results[i]])

    def test_a_connection_goes_on_after_a_streamed_answer(self):
        connection = self.client.connect()
        for seed in (2, 3):
            body = {"queries": self.queries(seed)}
            answer = self.client.call("POST", "/v1/search", body, connection=connection)
            self.assertEqual(len(answer.json["results"]), BATCH)
        connection.close()

    def request(self, queries, version="1.1"):
        body = json.dumps({"queries": queries})
        return (f"POST /v1/search HTTP/{version}\r\nHost: a\r\nContent-Type: application/json\r\n"
                f"Authorization: Bearer {self.client.token}\r\nContent-Length: {len(body)}\r\n\r\n"
                + body).encode()

    def test_an_http_1_0_caller_gets_it_without_chunks(self):
        answer = raw(self.server.address, self.request(self.queries(4), "1.0"))
        head, body = answer.split(b"\r\n\r\n", 1)
        self.assertNotIn(b"chunked", head)
        self.assertEqual(len(json.loads(body)["results"]), BATCH)

    def audits(self):
        path = self.server.folder / "data/tutela.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return database.execute("SELECT * FROM audit").fetchall()

    def test_the_audit_has_the_number_of_hashes_and_none_of_them(self):
        queries = self.queries(5)[:123]
        answer = self.search(queries)
        rows = [row for row in self.audits()
                if "request:" + answer.headers["X-Request-Id"] in row]
        self.assertEqual(len(rows), 1)
        self.assertIn("signal.search", rows[0])
        self.assertIn("ok hashes: 123", rows[0])
        values = [query["value"] for query in queries]
        everywhere = str(self.audits()) + "\n".join(self.server.log)
        self.assertFalse([value for value in values if value in everywhere])
        before = len(self.audits())
        self.search([{"kind": "md5", "value": "00"}])
        self.assertEqual(len(self.audits()), before, "what is refused looks nothing up")


class ReadersTest(ServerTest):
    """Every query hits a thousand signals, so that the whole answer would take two gigabytes."""

    KEYS = {"server.searches_per_minute": 1_000_000}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.activate_list("crowd", [{"kind": "pdq", "value": f"{i:064x}"}
                                           for i in range(1000)])
        body = json.dumps({"queries": [{"kind": "pdq", "value": "0" * 64}] * BATCH})
        token = cls.server.token("search")
        cls.request = (f"POST /v1/search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                       f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
                       + body).encode()

    def memory_bytes(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def send(self):
        """A connection on which an answer has begun, and the pattern of the line that ends it."""
        host, port = self.server.address.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=60)
        connection.sendall(self.request)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(1000)
            self.assertTrue(piece, head)
            head += piece
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head[:200])
        request_id = re.search(rb"\r\nX-Request-Id: ([0-9a-f-]{36})\r\n", head).group(1).decode()
        return connection, f"route=/v1/search status=200 request_id={request_id}"


class SlowReaders(ReadersTest):
    KEYS = ReadersTest.KEYS | {"server.body_timeout_ms": 4000}

    def test_a_slow_reader_piles_up_nothing_and_is_cut_off(self):
        first, ended = self.send()
        first.close()  # what one such request takes at all, is taken
        self.server.wait_for(ended)
        before = self.memory_bytes()
        reader, ended = self.send()
        with reader:
            time.sleep(2)
            self.assertLess(self.memory_bytes() - before, 24 << 20)
            self.server.wait_for(ended)  # it is cut off, and not waited for
            received = drain(reader)
        self.assertLess(len(received), 1 << 28)
        self.assertNotIn(b"]}\r\n0\r\n\r\n", received[-20:], "and is told that this is not all")


class LostReaders(ReadersTest):
    KEYS = ReadersTest.KEYS | {"server.body_timeout_ms": 600_000}  # longer than the test waits

    def test_a_reader_that_goes_away_ends_the_work(self):
        reader, ended = self.send()
        reader.recv(1 << 20)
        reader.close()
        self.server.wait_for(ended)
        self.assertEqual(self.server.client("search").post(
            "/v1/search", {"kind": "md5", "value": "0" * 32}).status, 200)


class Limits(ServerTest):
    KEYS = {"server.searches_per_minute": 120}

    def queries(self, count):
        return {"queries": [{"kind": "md5", "value": "0" * 32}] * count}

    def test_lookups_are_limited_for_each_token(self):
        greedy = self.server.client("search#greedy")
        began = time.monotonic()
        self.assertEqual(greedy.post("/v1/search", self.queries(100)).status, 200)
        refused = greedy.post("/v1/search", self.queries(100))
        passed = math.ceil(time.monotonic() - began)
        self.assert_problem(refused, 429, "search.too_many")
        self.assertIn(int(refused.headers["Retry-After"]), range(40 - passed, 41),
                      "80 more at 2 a second")
        self.assertEqual(greedy.post("/v1/search", self.queries(15)).status, 200,
                         "a refused request takes nothing")
        other = self.server.client("search#modest")
        self.assertEqual(other.post("/v1/search", self.queries(1)).status, 200)

    def test_a_request_that_could_never_be_taken_is_told_the_limit(self):
        answer = self.server.client("search#large").post("/v1/search", self.queries(121))
        self.assert_problem(answer, 413, "search.over_limit")
        self.assertIn("120 hashes a minute", answer.json["detail"])
        self.assertNotIn("Retry-After", answer.headers)

    def test_read_alone_looks_nothing_up(self):
        answer = self.server.client("scan read lists export admin").post("/v1/search",
                                                                         self.queries(1))
        self.assert_problem(answer, 403, "auth.missing_scope")


if __name__ == "__main__":
    unittest.main()

"""POST /v1/scan and what was found."""
import hashlib
import json
import socket
import time
import unittest
import urllib.parse

import pictures
from client import Client, drain, raw
from servers import ServerTest


def multipart(fields, file=None, boundary="XyZ", after=()):
    parts = [(name, value, "") for name, value in fields]
    if file is not None:
        parts.append(("file", file, '; filename="../../a b.png"'))
    parts += [(name, value, "") for name, value in after]
    body = b""
    for name, value, extra in parts:
        value = value if isinstance(value, bytes) else value.encode()
        body += (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
                 ).encode() + value + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


FORM = "multipart/form-data; boundary=XyZ"


class Scan(ServerTest):
    KEYS = {"limits.size_bytes_max": 200_000}

    def setUp(self):
        self.client = self.server.client()
        self.scanner = self.server.client("scan")

    def decided(self, location):
        for _ in range(3000):
            content = self.client.get(location)
            if content.json["verdict"] != "owed":
                return content.json
            time.sleep(0.02)
        self.fail("no verdict in time")

    def test_a_picture_that_is_on_no_list_is_accepted_and_shown_whole_with_read(self):
        data = pictures.picture(1)
        answer = self.client.scan(data, "?source=avatar&external_id=upload-77")
        self.assertEqual(answer.status, 200, answer.body)
        content = answer.json
        self.assertEqual((content["verdict"], content["outcome"]), ("no_match", "accepted"))
        self.assertEqual(content["source"], "avatar")
        self.assertEqual(content["external_id"], "upload-77")
        self.assertEqual(content["size_bytes"], len(data))
        self.assertEqual(content["media"]["type"], "image/png")
        self.assertEqual(content["media"]["width"], pictures.SIDE)
        self.assertGreaterEqual(content["fingerprint"]["quality"][0], 50)
        self.assertNotIn("hashes", content)
        stored = self.client.get("/v1/content/" + content["id"]).json
        hashes = stored.pop("hashes")
        self.assertEqual(stored, content)
        self.assertEqual(hashes["sha256"], hashlib.sha256(data).hexdigest())
        self.assertEqual(hashes["md5"], hashlib.md5(data).hexdigest())
        self.assertEqual(hashes["sha1"], hashlib.sha1(data).hexdigest())
        self.assertEqual(len(set(hashes["frames"][0]["pdq"])), 8)

    def test_a_door_learns_accepted_or_held_and_nothing_else(self):
        data = pictures.picture(2)
        self.assertEqual(set(self.scanner.scan(data).json), {"id", "outcome", "received_at"})
        self.server.activate_list("door", [{"kind": "sha256",
                                            "value": hashlib.sha256(data).hexdigest()}])
        held = self.scanner.scan(data)
        self.assertEqual(held.status, 200, "a match is never an error")
        self.assertEqual(set(held.json), {"id", "outcome", "received_at"})
        self.assertEqual(held.json["outcome"], "held")

    def test_a_strong_digest_is_an_exact_match_and_pdq_a_near_one(self):
        rows = pictures.pixels(3)
        first = self.client.scan(pictures.png(rows)).json
        hashes = self.client.get("/v1/content/" + first["id"]).json["hashes"]
        list_id = self.server.activate_list(
            "kinds", [{"kind": "pdq", "value": hashes["frames"][0]["pdq"][0]},
                      {"kind": "sha256", "value": hashes["sha256"]}])
        same = self.client.scan(pictures.png(rows)).json
        self.assertEqual(same["verdict"], "match")
        self.assertEqual({match["strength"] for match in same["matches"]}, {"exact", "near"})
        self.assertEqual({match["list_id"] for match in same["matches"]}, {list_id})
        turned = self.client.scan(pictures.bmp(pictures.brighter(pictures.rotated(rows)))).json
        self.assertEqual((turned["verdict"], turned["outcome"]), ("match", "held"))
        match, = turned["matches"]
        self.assertEqual((match["kind"], match["strength"], match["list_name"]),
                         ("pdq", "near", "kinds"))
        self.assertNotEqual(match["orientation"], "original")
        self.assertEqual(turned["decision"]["action"], "hold")

    def test_what_cannot_be_decoded_is_unscannable_and_held(self):
        answer = self.client.scan(b"these are no pixels at all")
        self.assertEqual(answer.status, 200)
        self.assertEqual((answer.json["verdict"], answer.json["outcome"]), ("unscannable", "held"))
        self.assertEqual(answer.json["reason"], "media.unsupported_type")
        self.assertNotIn("media", answer.json)

    def test_forms_give_the_same_answer_as_raw_bodies(self):
        data = pictures.picture(4)
        answer = self.client.scan(multipart([("source", "post"), ("external_id", "caf\u00e9"),
                                             ("account", "caf\u00e9-7")], data),
                                  Content_Type=FORM)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["source"], "post")
        self.assertEqual(answer.json["external_id"], "caf\u00e9")
        self.assertEqual(answer.json["size_bytes"], len(data))

    def test_malformed_forms_are_refused_and_leave_nothing(self):
        data = pictures.picture(4)
        before = self.server.spooled()
        for body, code in (
                (multipart([], data, after=[("source", "late")]), "multipart.field_after_file"),
                (multipart([("source", "a")]), "multipart.no_file"),
                (multipart([], data)[:-8], "multipart.incomplete"),
                (multipart([], data) [:-8] + b"--XyZ", "multipart.incomplete"),
                (b"no form at all" * 1000, "multipart.malformed"),
                (multipart([("password", "x")], data), "request.unknown_field"),
                (multipart([("source", "x" * 500)], data), "request.bad_parameter"),
                (multipart([("source", b"\xff\xfe")], data), "request.bad_parameter"),
                (multipart([("source", "a"), ("source", "b")], data), "request.bad_parameter"),
                (multipart([("source", "a" * 5000)], data), "multipart.field_too_long"),
                (multipart([], b""), "media.empty")):
            answer = self.client.scan(body, Content_Type=FORM)
            self.assert_problem(answer, 400, code)
        self.assert_problem(self.client.scan(data, Content_Type="multipart/form-data"), 400,
                            "multipart.no_boundary")
        self.assert_problem(self.client.scan(data, Content_Type="multipart/mixed; boundary=a"), 415,
                            "request.media_type")
        self.assertLessEqual(set(self.server.spooled()), set(before))

    def test_parameters_are_checked(self):
        data = pictures.picture(1)
        for query, code in (("?sauce=a", "request.unknown_parameter"),
                            ("?source=a&source=b", "request.bad_parameter"),
                            ("?source=", "request.bad_parameter"),
                            ("?source=" + "a" * 129, "request.bad_parameter"),
                            ("?external_id=%00", "request.bad_parameter"),
                            ("?external_id=%ff", "request.bad_parameter"),
                            ("?external_id=a%0Ab", "request.bad_parameter"),
                            ("?account=", "request.bad_parameter"),
                            ("?account=%ff", "request.bad_parameter"),
                            ("?account=" + "a" * 257, "request.bad_parameter"),
                            ("?account=a&account=b", "request.bad_parameter")):
            self.assert_problem(self.client.scan(data, query), 400, code)
        self.assert_problem(self.client.scan(data, Idempotency_Key="k" * 256), 400,
                            "request.bad_header")

    def test_an_empty_body_is_refused(self):
        self.assert_problem(self.client.scan(b""), 400, "media.empty")
        self.assert_problem(self.client.scan(iter([]), Transfer_Encoding="chunked"), 400,
                            "media.empty")

    def test_chunked_bodies_are_taken_and_bounded(self):
        data = pictures.bmp(pictures.pixels(5))
        pieces = [data[i:i + 7919] for i in range(0, len(data), 7919)]
        answer = self.client.scan(iter(pieces), Transfer_Encoding="chunked")
        self.assertEqual(answer.json["size_bytes"], len(data))
        before = self.server.spooled()
        large = iter([b"x" * 50_000] * 6)
        self.assert_problem(self.client.scan(large, Transfer_Encoding="chunked"), 413,
                            "media.too_large")
        self.assertLessEqual(set(self.server.spooled()), set(before))

    def test_a_length_over_the_limit_is_refused_before_the_body(self):
        head = (f"POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.client.token}\r\n"
                "Content-Length: 900000000\r\nExpect: 100-continue\r\n\r\n").encode()
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(head)
            status = connection.recv(65536)
        self.assertTrue(status.startswith(b"HTTP/1.1 413 "), status)
        self.assert_problem(self.client.scan(b"x" * 300_000), 413, "request.too_large")
        self.assert_problem(self.client.scan(b"x" * 200_001), 413, "media.too_large")

    def test_a_caller_that_expects_100_continue_gets_it(self):
        data = pictures.picture(1)
        head = (f"POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.client.token}\r\n"
                f"Content-Length: {len(data)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(head.encode())
            self.assertEqual(connection.recv(65536), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(data)
            self.assertTrue(drain(connection).startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_a_repeat_with_the_same_key_gives_the_same_item(self):
        data = pictures.picture(6)
        first = self.client.scan(data, Idempotency_Key="key-1")
        again = self.client.scan(data, Idempotency_Key="key-1")
        self.assertNotIn("Idempotency-Replayed", first.headers)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(again.json, first.json)
        self.assert_problem(self.client.scan(pictures.picture(7), Idempotency_Key="key-1"), 409,
                            "idempotency.mismatch")
        other = self.scanner.scan(data, Idempotency_Key="key-1")
        self.assertNotEqual(other.json["id"], first.json["id"], "keys belong to a token")

    def test_who_does_not_wait_gets_202_and_the_verdict_later(self):
        answer = self.client.scan(pictures.picture(8), Prefer="respond-async",
                                  Idempotency_Key="async-1")
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.headers["Preference-Applied"], "respond-async")
        self.assertEqual(answer.headers["Location"], "/v1/content/" + answer.json["id"])
        self.assertEqual(self.decided(answer.headers["Location"])["verdict"], "no_match")
        again = self.client.scan(pictures.picture(8), Prefer="respond-async",
                                 Idempotency_Key="async-1")
        self.assertEqual((again.status, again.json["id"]), (200, answer.json["id"]))

    def test_matches_are_paged(self):
        datas = [pictures.picture(seed) for seed in range(20, 25)]
        self.server.activate_list("paged", [
            {"kind": "sha256", "value": hashlib.sha256(data).hexdigest()} for data in datas])
        ids = [self.client.scan(data).json["id"] for data in datas]
        seen, path = [], "/v1/matches?limit=2"
        while path:
            page = self.client.get(path).json
            self.assertLessEqual(len(page["items"]), 2)
            seen += [item["id"] for item in page["items"]]
            path = f"/v1/matches?limit=2&after={page['next']}" if "next" in page else None
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(ids) - set(seen), set())
        for query in ("limit=0", "limit=1001", "limit=x", "limit=-1"):
            self.assert_problem(self.client.get("/v1/matches?" + query), 400,
                                "request.bad_parameter")
        self.assert_problem(self.client.get("/v1/matches?after=x"), 400, "uuid.malformed")

    def test_content_that_is_not_there_is_not_found(self):
        self.assert_problem(
            self.client.get("/v1/content/019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"), 404,
            "content.not_found")
        for nonsense in ("x", "..%2f..%2fetc%2fpasswd", "%00", "' OR 1=1 --", "a" * 3000):
            path = "/v1/content/" + urllib.parse.quote(nonsense, safe="%")
            self.assert_problem(self.client.get(path), 400, "uuid.malformed")

    def test_a_caller_that_goes_away_leaves_nothing_behind(self):
        before = self.server.spooled()
        owed = self.server.metric("tutela_owed_items")
        host, port = self.server.address.rsplit(":", 1)
        for cut in (0, 10, 40_000):
            with socket.create_connection((host, int(port)), timeout=60) as connection:
                connection.sendall(
                    (f"POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.client.token}"
                     "\r\nContent-Length: 100000\r\n\r\n").encode() + b"x" * cut)
                time.sleep(0.1)
        for _ in range(3000):
            if self.server.metric("tutela_queue_depth") == 0:
                break
            time.sleep(0.02)
        self.assertEqual(self.server.metric("tutela_queue_depth"), 0)
        self.assertLessEqual(set(self.server.spooled()), set(before))
        self.assertEqual(self.server.metric("tutela_owed_items"), owed)

    def test_metrics_count_scans(self):
        self.client.scan(pictures.picture(9))
        text = self.server.metrics()
        for name in ('tutela_scan_requests_total{door="http",verdict="no_match"}',
                     'tutela_scan_stage_duration_seconds_count{stage="decode"}',
                     "tutela_scan_duration_seconds_count", "tutela_scan_bytes_total",
                     "process_resident_memory_bytes", 'tutela_list_signals{list="base"}',
                     "tutela_worker_crashes_total", "tutela_oldest_owed_age_seconds",
                     'tutela_http_requests_total{route="/v1/scan",status="200"}'):
            self.assertIn(name + " ", text)
        answer = raw(self.server.metrics_address, b"GET /v1/lists HTTP/1.0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.0 404 "), answer)

    def test_the_log_names_patterns_and_nothing_of_the_callers(self):
        answer = self.client.scan(pictures.picture(10), "?source=secretplace&external_id=secret-77",
                                  Idempotency_Key="secretkey")
        request_id = answer.headers["X-Request-Id"]
        self.server.wait_for(f"request method=POST route=/v1/scan status=200 request_id={request_id}")
        self.assertNotIn("secret", "\n".join(self.server.log))
        self.assertNotIn(self.client.token, "\n".join(self.server.log))
        self.assertNotIn(json.dumps(answer.json["id"])[1:-1], "\n".join(self.server.log))


if __name__ == "__main__":
    unittest.main()

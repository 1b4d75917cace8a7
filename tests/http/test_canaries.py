"""Canaries: a server sends them to itself through its own door, and nobody hears of them."""
import hashlib
import hmac
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from servers import BINARY, Server, environment

FORMATS = "jpeg png webp gif tiff avif heic bmp"
# Of a machine that does much besides.
LONG_SECONDS = 90


class CanariesTest(unittest.TestCase):
    def make(self, **keys):
        keys = {"watch.canary_seconds": 3, "watch.canary_formats": FORMATS,
                "watch.samples_per_1000": 0} | keys
        server = Server()
        server.keys.update(keys)
        server.write_config()
        self.addCleanup(server.close)
        return server

    def query(self, server, sql):
        path = server.folder / "data/tutela.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60) as database:
            return database.execute(sql).fetchall()

    def count(self, server, table):
        return self.query(server, f"SELECT COUNT(*) FROM {table}")[0][0]

    def await_true(self, server, condition, seconds=LONG_SECONDS):
        until = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), until, "\n".join(server.log[-20:]))
            time.sleep(0.1)

    def good(self, server, expected="match"):
        """How many were good, by format."""
        return dict(self.query(
            server, "SELECT format, SUM(good) FROM canary_hour WHERE expected = "
                    f"'{expected}' GROUP BY format"))

    def await_good(self, server, formats=FORMATS, times=1, seconds=LONG_SECONDS):
        self.await_true(server, lambda: all(
            self.good(server).get(name, 0) >= times for name in formats.split()), seconds)

    def assert_nobody_heard(self, server):
        for table in ("review_case", "case_item", "coverage_hour", "match_hour", "judged_at",
                      "evidence", "sample_audit", "content WHERE canary = 0",
                      "audit WHERE action LIKE 'content.%' OR action LIKE 'case.%'",
                      "outbox WHERE topic <> 'canary.decided'"):
            self.assertEqual(self.count(server, table), 0, table)
        reader = server.client("read")
        matches = reader.get("/v1/matches")
        self.assertEqual((matches.status, matches.json), (200, {"items": []}))

    def looks_like_a_canary(self, server, name="jpeg"):
        """A picture of the list that this server has not announced, drawn by its own program."""
        key = bytes.fromhex((server.folder / "data/canary.key").read_text().strip())
        seed = hmac.new(key, b"tutela canary picture 0", hashlib.sha256).hexdigest()
        order = f"{name} {seed} {os.urandom(32).hex()}\n"
        drawn = subprocess.run([BINARY, "canary", "draw"], input=order.encode(),
                               capture_output=True, env=environment(), timeout=60, check=True).stdout
        self.assertEqual(int.from_bytes(drawn[:4], "big"), len(drawn) - 4)
        return drawn[4:]


class Flow(CanariesTest):
    def test_every_format_flows_through_the_door_and_nobody_hears_of_it(self):
        server = self.make().start()
        self.await_good(server, times=2)
        self.await_true(server, lambda: sum(self.good(server, "no_match").values()) >= 3)
        sent, good = self.query(server, "SELECT SUM(sent), SUM(good) FROM canary_hour")[0]
        self.assertEqual(sent, good)
        self.assertEqual(self.count(server, "content WHERE canary = 1 AND verdict = 'match' "
                                            "AND spooled = 1"), 0)
        self.assert_nobody_heard(server)
        self.assertEqual(self.count(server, "signal"), 8)
        mode = (server.folder / "data/canary.key").stat().st_mode & 0o777
        self.assertEqual(mode, 0o600)
        self.assertEqual(server.stop(), 0)

    def test_what_only_looks_like_one_is_an_ordinary_match(self):
        server = self.make(**{"watch.canary_formats": "png"}).start()
        self.await_good(server, "png")
        answer = server.client("scan read").scan(self.looks_like_a_canary(server))
        self.assertEqual((answer.status, answer.json["outcome"], answer.json["verdict"]),
                         (200, "held", "match"), answer.body)
        self.assertEqual(self.count(server, "content WHERE canary = 0"), 1)
        self.assertEqual(self.count(server, "review_case"), 1)
        self.assertEqual(self.query(server, "SELECT SUM(items) FROM coverage_hour "
                                            "WHERE verdict = 'match'"), [(1,)])

    def test_without_an_interval_none_are_sent(self):
        server = self.make(**{"watch.canary_seconds": 0}).start()
        time.sleep(5)
        self.assertEqual(self.count(server, "canary"), 0)
        self.assertEqual(self.count(server, "list"), 0)

    def test_a_list_that_is_switched_off_is_noticed_and_switched_on_again(self):
        server = self.make(**{"watch.canary_formats": "png", "watch.canary_seconds": 2}).start()
        self.await_good(server, "png")
        off = server.client("lists").post("/v1/lists/canary/deactivate")
        self.assertEqual(off.status, 200, off.body)
        bad = "SELECT SUM(sent - good) FROM canary_hour WHERE expected = 'match'"
        self.await_true(server, lambda: self.query(server, bad)[0][0] > 0)
        before = self.good(server)["png"]
        self.await_good(server, "png", times=before + 2)


class Doors(CanariesTest):
    KEYS = {"watch.canary_formats": "jpeg png"}

    def test_a_unix_socket(self):
        server = self.make(**self.KEYS)
        server.keys["server.listen"] = f"unix:{server.folder / 'api.sock'}"
        server.write_config()
        server.start()
        self.await_good(server, "jpeg png")

    def certificate(self, folder, name):
        made = [str(folder / "server.pem"), str(folder / "server.key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", made[1], "-out", made[0],
                        "-days", "2", "-subj", f"/CN={name}"], check=True, capture_output=True)
        return made

    def test_tls_with_a_certificate_of_another_name_that_is_renewed(self):
        server = self.make(**self.KEYS)
        certificate, key = self.certificate(server.folder, "uploads.example.org")
        server.keys.update({"server.tls_certificate": certificate, "server.tls_key": key})
        server.write_config()
        server.start()
        self.await_good(server, "jpeg png")
        self.certificate(server.folder, "renewed.example.org")
        lines = server.hang_up()
        server.wait_for("reloaded", after=lines)
        time.sleep(1)
        before = self.good(server)
        self.await_good(server, "jpeg png", times=max(before.values()) + 2)

    def test_settings_are_followed_on_sighup(self):
        server = self.make(**self.KEYS).start()
        self.await_good(server, "jpeg png")
        server.keys.update({"watch.canary_formats": "gif"})
        server.keys["watch.canary_source"] = "canary/post"
        server.write_config()
        lines = server.hang_up()
        server.wait_for("reloaded", after=lines)
        self.await_good(server, "gif")
        self.assertGreater(self.count(server, "content WHERE source = 'canary/post'"), 0)


class Deaths(CanariesTest):
    """kill -9 while a canary is on its way."""

    def test_whatever_dies_leaves_nothing_that_alarms(self):
        server = self.make(**{"watch.canary_formats": "png", "watch.canary_seconds": 2})
        for point in ("canary.after_add", "canary.after_send", "pipeline.after_owed",
                      "ledger.in_verdict", "webhooks.before_echo"):
            with self.subTest(point):
                server.variables = {"TUTELA_FAULT": f"{point}=kill@2"}
                server.start()
                self.assertEqual(server.process.wait(LONG_SECONDS), -signal.SIGKILL)
                server.process.stderr.close()
                server.variables = {}
                server.start()
                before = sum(self.good(server).values())
                self.await_good(server, "png", times=before + 2)
                self.await_true(server, lambda: self.count(
                    server, "content WHERE verdict = 'owed'") <= 1)
                self.assert_nobody_heard(server)
                coverage = server.client("admin").get("/v1/coverage")
                self.assertEqual(coverage.status, 200, coverage.body)
                codes = [alarm["code"] for alarm in coverage.json["alarms"]]
                self.assertFalse([code for code in codes if code.startswith("canary.")], codes)
                self.assertEqual(server.stop(), 0)
                server.process.stderr.close()


class Drawing(unittest.TestCase):
    def draw(self, orders):
        return subprocess.run([BINARY, "canary", "draw"], input=orders, capture_output=True,
                              env=environment(), timeout=60, check=False)

    def test_it_refuses_what_is_no_order(self):
        for orders in (b"jpeg\n", b"exe " + b"0" * 64 + b" " + b"0" * 64 + b"\n", b"\n",
                       b"x" * 200_000):
            ran = self.draw(orders)
            self.assertEqual((ran.returncode, ran.stdout), (2, b""), orders[:20])
            self.assertIn(b"canary.", ran.stderr)

    def test_nothing_is_drawn_of_no_orders(self):
        ran = self.draw(b"")
        self.assertEqual((ran.returncode, ran.stdout), (0, b""))


if __name__ == "__main__":
    unittest.main()

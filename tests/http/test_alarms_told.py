"""Alarms that were raised and not told when the server died: the next start tells them, and only them."""
import http.server
import json
import sqlite3
import threading
import time
import unittest

from servers import Server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
WAIT_SECONDS = 120


class Receiver:
    """Takes webhooks while it is up. All attempts are kept: (id, type, code, taken)."""

    def __init__(self):
        self.up = False
        self.attempts = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                up = receiver.up
                receiver.attempts.append((self.headers["webhook-id"], body["type"],
                                          body["data"].get("code"), up))
                self.send_response(204 if up else 503)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self, kind, code):
        return [one for one in self.attempts if one[1:] == (kind, code, True)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def until(condition, what):
    end = time.monotonic() + WAIT_SECONDS
    while True:
        found = condition()
        if found or time.monotonic() > end:
            assert found, what
            return found
        time.sleep(0.1)


class Told(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.server = Server(webhook__url=self.receiver.url, webhook__secrets=SECRET,
                             webhook__allow_private=True, doors__http_scan=True)
        self.addCleanup(self.server.close)
        self.server.start()
        self.server.activate_list("base", [{"kind": "md5", "value": "a" * 32}])

    def scans(self, on):
        self.server.keys["doors.http_scan"] = on
        self.server.write_config()
        if self.server.process.poll() is None:
            self.server.hang_up()

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()
        self.server.process.stderr.close()

    def start(self, fault=None):
        self.server.variables = {"TUTELA_FAULT": fault} if fault else {}
        return self.server.start()

    def left(self):
        """What the store has for the next start, of all rows."""
        path = self.server.folder / "data/tutela.db"
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        try:
            rows = store.execute("SELECT alarms FROM watch_beat WHERE alarms <> ''").fetchall()
        finally:
            store.close()
        return [json.loads(row[0]) for row in rows]

    def waits(self, code):
        return any(one["alarm"]["code"] == code for row in self.left()
                   for line in row["lines"] for one in line["waiting"])

    def raised(self, code):
        return any(one["code"] == code for row in self.left() for one in row["raised"])

    def test_an_alarm_that_nobody_was_told_of_is_told_after_the_server_was_killed(self):
        self.scans(False)
        until(lambda: self.waits("door.not_scanning"), "it is kept")
        self.kill()
        # What it was about is over: nothing raises it again.
        self.scans(True)
        for fault in ("watch.in_beat=kill@1", "watch.after_beat=kill@1"):
            self.start(fault)
            try:
                self.server.process.wait(WAIT_SECONDS)
            except Exception:
                self.skipTest("SKIPPED: this binary has no fault points")
            self.server.process.stderr.close()
        self.receiver.up = True
        self.start()
        until(lambda: self.receiver.taken("alarm.raised", "door.not_scanning"), "told")
        until(lambda: self.receiver.taken("alarm.cleared", "door.not_scanning"), "and over")
        ids = {one[0] for one in self.receiver.attempts
               if one[1:3] == ("alarm.raised", "door.not_scanning")}
        self.assertEqual(len(ids), 1, "the same at every attempt, of whatever process")

    def test_what_was_told_is_not_told_again_at_each_start(self):
        self.receiver.up = True
        until(lambda: self.receiver.taken("alarm.raised", "lists.only_test"), "told")
        for end in (self.kill, self.server.stop):
            until(lambda: self.raised("lists.only_test") and not self.waits("lists.only_test"),
                  "known to be told")
            end()
            self.start()
            client = self.server.client("admin")

            def looked():
                # Longer than it takes to raise it; the server's own clock says so.
                body = client.get("/v1/coverage").json
                started, at = (time.mktime(time.strptime(body[name][:19], "%Y-%m-%dT%H:%M:%S"))
                               for name in ("started_at", "at"))
                return at - started > 8 and body
            body = until(looked, "it looks")
            self.assertIn("lists.only_test", [one["code"] for one in body["alarms"]])
        # Everything before this one has been told when it has.
        self.scans(False)
        until(lambda: self.receiver.taken("alarm.raised", "door.not_scanning"), "told")
        self.assertEqual(len(self.receiver.taken("alarm.raised", "lists.only_test")), 1)


if __name__ == "__main__":
    unittest.main()

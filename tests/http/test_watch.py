"""Whether detection is on: canaries, alarms, readiness, metrics and `tutela status`."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import pictures
from client import Client
from servers import BINARY, Server, ServerTest, environment

WAIT_SECONDS = 90
MD5 = {"kind": "md5", "value": "a" * 32}
LEVELS = ["ok", "degraded", "blind"]


def await_true(condition, what, seconds=WAIT_SECONDS):
    until = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > until:
            assert found, what
            return found
        time.sleep(0.1)


class Watched:
    """What a test asks of a server's watch."""

    def __init__(self, server):
        self.server = server
        self.client = server.client("admin")

    def coverage(self):
        return self.client.get("/v1/coverage").json

    def alarm(self, code, found=""):
        return next((one for one in self.coverage()["alarms"]
                     if (one["code"], one["object"]) == (code, found)), None)

    def await_alarm(self, code, found=""):
        return await_true(lambda: self.alarm(code, found), f"{code} {found}: {self.coverage()}")

    def await_gone(self, code, found=""):
        await_true(lambda: self.alarm(code, found) is None, f"still {code} {found}")

    def status(self, *arguments):
        result = subprocess.run([BINARY, "status", *arguments, "--config",
                                 str(self.server.config_file)],
                                env=environment(), capture_output=True, text=True, timeout=60,
                                check=False)
        return result.returncode, result.stdout


def decoders_of(server):
    """The process ids of the warmed parents of decode workers."""
    children = pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/children")
    found = [int(pid) for one in children for pid in one.read_text().split()]
    return [pid for pid in found
            if b"tutela-decode" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]


class Canaries(unittest.TestCase):
    """One server with canaries, through a real door."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(**{"watch.canary_seconds": 4, "watch.canary_formats": "jpeg png",
                               "watch.canary_timeout_ms": 20000})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.server.activate_list("base", [MD5])
        cls.watched = Watched(cls.server)

    def lines(self):
        return {one["format"]: one for one in self.watched.coverage()["canaries"]}

    def good(self):
        lines = self.lines()
        return set(lines) == {"jpeg", "png"} and all(
            one["last"] == "good" and one["good"] > 0 for one in lines.values())

    def test_canaries_go_in_by_the_door_and_come_back(self):
        await_true(self.good, self.watched.coverage())
        coverage = self.watched.coverage()
        self.assertEqual([one["door"] for one in coverage["doors"]], ["http"])
        self.assertEqual({one["name"]: one["purpose"] for one in coverage["lists"]},
                         {"base": "test", "canary": "canary"})
        self.assertLessEqual(set(one["code"] for one in coverage["alarms"]
                                 if one["level"] == "blind"), set(), coverage["alarms"])
        self.assertEqual(Client(self.server.address).get("/readyz").status, 200)

    def test_canaries_count_apart_and_reach_nobody(self):
        await_true(self.good, self.watched.coverage())

        def counted():
            hours = self.watched.client.get("/v1/coverage/hours").json
            return hours if any(one["good"] > 0 for one in hours["canaries"]) else None
        hours = await_true(counted, "canaries by the hour")
        self.assertEqual(hours["items"], [], "no item but canaries arrived")
        matches = self.server.client("read").get("/v1/matches").json
        self.assertEqual(matches["items"], [])

    def test_metrics_tell_of_canaries(self):
        await_true(self.good, self.watched.coverage())
        for name in ('tutela_canary_age_seconds{door="http",format="jpeg"}',
                     'tutela_canary_took_seconds{door="http",format="png"}'):
            self.assertIn(name + " ", self.server.metrics())
        for kind in ("sent", "good"):
            for expected in ("match", "no_match"):
                pattern = (rf'tutela_canaries_{kind}_total'
                           rf'{{door="http",expected="{expected}",format="(jpeg|png)"}} [1-9]')
                await_true(lambda: re.search(pattern, self.server.metrics()), pattern)

    def test_a_list_of_canaries_that_is_taken_away_is_an_alarm(self):
        await_true(self.good, self.watched.coverage())
        lists = self.server.client("lists")
        self.assertEqual(lists.post("/v1/lists/canary/deactivate").status, 200)
        await_true(lambda: any(one["code"].startswith("canary.") and one["level"] == "blind"
                               for one in self.watched.coverage()["alarms"]),
                   self.watched.coverage())
        self.assertEqual(Client(self.server.address).get("/readyz").status, 503)
        # The server puts it back; an alarm is over when all has been well for half a minute.
        await_true(lambda: not any(one["code"].startswith("canary.")
                                   for one in self.watched.coverage()["alarms"]),
                   self.watched.coverage(), seconds=90)

    def test_the_token_is_of_this_process_and_made_again_when_it_is_taken_away(self):
        await_true(self.good, self.watched.coverage())

        def tokens():
            rows = self.server.run("token", "list").stdout.splitlines()
            return [row for row in rows if row.startswith("canary-")]
        before = tokens()
        self.assertEqual(len(before), 1, before)
        self.server.run("token", "revoke", before[0].split()[0])
        await_true(lambda: len(tokens()) == 2, "a new token")


class Alarms(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.server.activate_list("base", [MD5])
        self.watched = Watched(self.server)

    def reload(self, **keys):
        self.server.keys.update({name.replace("__", ".", 1): value for name, value in keys.items()})
        self.server.write_config()
        self.server.wait_for("reloaded", after=self.server.hang_up())

    def ready(self):
        return Client(self.server.address).get("/readyz")

    def test_an_emptied_list_is_an_alarm_everywhere_and_cleared_when_it_is_whole(self):
        self.assertIsNone(self.watched.alarm("list.empty", "base"))
        lists = self.server.client("lists")
        gone = lists.call("DELETE", "/v1/lists/base/signals", {"values": [MD5["value"]]})
        self.assertEqual(gone.status, 200, gone.body)
        alarm = self.watched.await_alarm("list.empty", "base")
        self.assertEqual((alarm["level"], alarm["times"]), ("degraded", 1), "a test list")
        self.assertIn('tutela_alarm{code="list.empty",level="degraded",object="base"} 1',
                      self.server.metrics())
        self.server.wait_for("alarm raised.*list.empty")

        def event(what):
            return next((one for one in self.watched.client.get("/v1/alarms").json["items"]
                         if (one["what"], one["code"]) == (what, "list.empty")), None)
        await_true(lambda: event("raised"), "kept in the store")
        code, shown = self.watched.status("--exit-code")
        self.assertEqual(code, 1, shown)
        self.assertIn("list.empty base", shown)
        self.assertIn("Import its signals", shown)
        added = lists.post("/v1/lists/base/signals", {"signals": [MD5]})
        self.assertEqual(added.status, 200)
        self.watched.await_gone("list.empty", "base")
        await_true(lambda: event("cleared"), "kept, too")
        pages = self.watched.client.get("/v1/alarms?limit=1").json
        self.assertEqual(len(pages["items"]), 1)
        older = self.watched.client.get(f"/v1/alarms?limit=1&after={pages['next']}").json
        self.assertLess(int(older["items"][0]["id"]), int(pages["items"][0]["id"]))

    def test_a_door_whose_scans_are_turned_off_is_blind_and_not_ready(self):
        self.assertEqual(self.ready().status, 200)
        self.reload(doors__http_scan=False)
        alarm = self.watched.await_alarm("door.not_scanning", "http")
        self.assertEqual(alarm["level"], "blind")
        answer = self.ready()
        self.assertEqual(answer.status, 503)
        self.assertIn("door.not_scanning", answer.json["reasons"])
        self.assertEqual(self.server.metric("tutela_ready"), 0)
        self.assertEqual(self.server.metric("tutela_detection_level"), 2)
        self.reload(watch__not_ready_at="never")
        self.assertEqual(self.ready().status, 200, "alarms are one thing, readiness another")
        self.assertEqual(self.server.metric("tutela_detection_level"), 2)

    def test_where_it_is_asked_for_a_degraded_server_is_not_ready(self):
        self.watched.await_alarm("lists.only_test")
        self.assertEqual(self.ready().status, 200)
        self.reload(watch__not_ready_at="degraded")
        answer = self.ready()
        self.assertEqual(answer.status, 503)
        self.assertIn("lists.only_test", answer.json["reasons"])
        self.assertEqual(Client(self.server.address).get("/readyz?verbose").json["checks"]
                         ["detection"], "degraded")

    def test_nobody_who_sends_notices_makes_a_server_look_impaired(self):
        self.watched.await_alarm("lists.only_test")
        self.reload(watch__not_ready_at="degraded")
        sent = self.server.client("report").post(
            "/v1/notices", {"kind": "detection", "text": "A copy of our picture was not found."})
        self.assertEqual(sent.status, 201, sent.body)
        self.watched.await_alarm("intake.detection")
        self.assertEqual(self.ready().json["reasons"], ["lists.only_test"])
        _, shown = self.watched.status()
        self.assertRegex(shown, "waits +intake.detection")

    def test_decoders_that_keep_dying_are_an_alarm(self):
        killed = set()
        for _ in range(7):
            pid = await_true(lambda: next((one for one in decoders_of(self.server)
                                           if one not in killed), None), "a decoder")
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
            # Who needs one finds that it is gone.
            self.server.client("scan").scan(pictures.png(pictures.pixels(len(killed))))
        self.watched.await_alarm("workers.restarting")

    def test_a_policy_that_lets_matches_pass_is_blind(self):
        policy = self.server.folder / "policy.toml"
        policy.write_text('version = 1\n')
        self.server.stop()
        self.server.keys["policy.file"] = str(policy)
        self.server.write_config()
        self.server.start()
        self.watched = Watched(self.server)
        self.assertIsNone(self.watched.alarm("policy.no_action"))
        policy.write_text('version = 2\n[[rule]]\nname = "open"\nverdict = "match"\n'
                          'purpose = "test"\nbelow_list = true\naction = "pass"\n')
        self.reload()
        self.assertEqual(self.watched.await_alarm("policy.no_action")["level"], "blind")

    def test_metrics_have_the_names_that_dashboards_use(self):
        scanned = self.server.client("scan").scan(pictures.png(pictures.pixels(1)))
        self.assertEqual(scanned.status, 200)
        line = 'tutela_items_total{door="http",verdict="arrived"}'
        await_true(lambda: self.server.metric(line) == 1, "the item is counted")
        self.assertEqual(
            self.server.metric('tutela_items_total{door="http",verdict="no_match"}'), 1)
        text = self.server.metrics()
        for name in ("tutela_detection_level", "tutela_watch_age_seconds",
                     "tutela_backlog_done_total", "tutela_backlog_progress",
                     'tutela_list_age_seconds{list="base"}',
                     'tutela_sample_audits_total{result="same"}',
                     'tutela_disk_free_ratio{folder="store"}',
                     'tutela_disk_free_ratio{folder="spool"}',
                     "tutela_outbox_oldest_age_seconds", "tutela_owed_items",
                     "tutela_oldest_owed_age_seconds", 'tutela_list_signals{list="base"}'):
            self.assertIn("\n" + name + " ", text)
        self.assertIn('tutela_alarm{code="lists.only_test",level="degraded",object=""} 1',
                      await_true(lambda: "lists.only_test" in self.server.metrics()
                                 and self.server.metrics(), "an alarm"))

    def test_hours_and_bands_are_served_and_bounded(self):
        self.server.client("scan").scan(pictures.png(pictures.pixels(2)))
        hours = self.watched.client.get("/v1/coverage/hours").json
        verdicts = {one["verdict"]: one["items"] for one in hours["items"]}
        self.assertEqual(verdicts, {"arrived": 1, "no_match": 1})
        for query in ("from=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z",
                      "from=2026-01-02&until=2026-01-01", "from=never"):
            answer = self.watched.client.get("/v1/coverage/hours?" + query)
            self.assertEqual(answer.status, 400, query)
        self.assertEqual(self.watched.client.get("/v1/alarms?after=x").status, 400)
        self.assertEqual(self.watched.client.get("/v1/alarms?limit=201").status, 400)
        self.assertEqual(self.watched.client.get("/v1/coverage/bands").status, 200)


class StatusCommand(unittest.TestCase):
    def test_it_says_by_words_and_by_its_exit_status_who_watches(self):
        server = Server()
        self.addCleanup(server.close)
        watched = Watched.__new__(Watched)
        watched.server = server
        code, shown = watched.status("--exit-code")
        self.assertEqual(code, 2)
        self.assertIn("no server runs", shown)
        server.start()
        server.activate_list("base", [MD5])

        def spoken():
            code, shown = watched.status("--json", "--exit-code")
            found = json.loads(shown)
            return found if found["servers"] and code == LEVELS.index(found["state"]) else None
        found = await_true(spoken, "the server speaks")
        self.assertEqual(len(found["servers"]), 1)
        self.assertFalse(found["servers"][0]["silent"])
        await_true(lambda: spoken()["state"] == "degraded", "only a test list")
        code, shown = watched.status()
        self.assertEqual(code, 0, "without --exit-code it only shows")
        for words in ("Detection is DEGRADED", "lists.only_test", "base", "http", "Owed their scan"):
            self.assertIn(words, shown)
        # One that hangs counts as blind: it is there and says nothing.
        server.process.send_signal(signal.SIGSTOP)
        try:
            code, shown = await_true(
                lambda: next((one for one in [watched.status("--exit-code")] if one[0] == 2), None),
                "it is silent")
            self.assertIn("has been silent", shown)
        finally:
            server.process.send_signal(signal.SIGCONT)
        server.process.kill()
        server.process.wait()
        code, shown = watched.status("--exit-code")
        self.assertEqual(code, 2)
        self.assertIn("no server runs", shown)


class Readers(ServerTest):
    def test_only_who_may_reads_coverage(self):
        for path in ("/v1/coverage", "/v1/coverage/hours", "/v1/coverage/bands", "/v1/alarms"):
            self.assertEqual(self.server.client("admin").get(path).status, 200)
            self.assertEqual(Client(self.server.address).get(path).status, 401)
            for scopes in ("scan", "read", "lists", "search", "export"):
                self.assert_problem(self.server.client(scopes).get(path), 403, "auth.missing_scope")


if __name__ == "__main__":
    unittest.main()

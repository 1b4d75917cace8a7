#!/usr/bin/python3
"""What monitoring gets from packaging/: prometheus.py SOURCE_FOLDER BINARY_FOLDER [TESTS].

The alert rules pass promtool and their own tests; the dashboard is one that Grafana takes and every
query of it is PromQL; every metric and label of both is one that a running server serves; every
runbook leads to a heading of docs/watch.md, which has one for each code of the watch.
Skips loudly (exit status 77) where there is no promtool.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import yaml

SOURCE, BINARIES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
os.environ["TUTELA_BINARY"] = str(BINARIES / "tutela")
os.environ["TUTELA_SOURCE_DIR"] = str(SOURCE)
sys.path[:0] = [str(SOURCE / "tests/http"), str(SOURCE / "tests/support")]

from servers import Server  # noqa: E402: found by the line above

RULES = SOURCE / "packaging/prometheus/tutela-rules.yml"
RULE_TESTS = SOURCE / "packaging/prometheus/tutela-rules.test.yml"
DASHBOARD = SOURCE / "packaging/grafana/tutela-dashboard.json"
WATCH = SOURCE / "docs/watch.md"
CODES = SOURCE / "src/watch/alarms/observations.hpp"
SERVED_SECONDS = 60
ROWS = ["Detection", "Canaries", "Doors and counts", "Lists", "Backlog", "Alarms", "Sampling audits", "Server"]
MOST_COLUMNS = 24  # of Grafana's grid

# Counted when it happens for the first time; a door that lets nothing through has no such line.
WHEN_IT_HAPPENS = {"tutela_let_through_total": {"door"}}
HISTOGRAM = re.compile(r"_(bucket|sum|count)$")
SELECTOR = re.compile(r"\b(tutela_\w+)\b(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
OF_PROMETHEUS = {"instance", "job", "le"}


def promtool(*arguments, cwd=None):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, cwd=cwd, check=False)


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels():
    return json.loads(DASHBOARD.read_text())["panels"]


def queries():
    """Of the dashboard, as Prometheus gets them."""
    for panel in panels():
        for target in panel.get("targets", []):
            yield target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")


def expressions():
    return [rule["expr"] for rule in rules()] + list(queries())


def slug(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def served(text):
    """{metric: labels} of a text of /metrics."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"(\w+)(?:\{(.*)\})? \S+$", line)
        if match and not line.startswith("#"):
            labels = {name for name, _ in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(2) or "")}
            found.setdefault(match.group(1), set()).update(labels)
    return found


class Taker(BaseHTTPRequestHandler):
    """Takes whatever is posted: what heartbeats and alarms reach."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_HEAD = answer

    def log_message(self, *_):
        pass


class Rules(unittest.TestCase):
    def test_rules_are_rules(self):
        checked = promtool("check", "rules", str(RULES))
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        for rule in rules():
            words = {"critical", "warning"}
            if rule["alert"] == "TutelaAlarm":  # by the level that the watch gives it, or for danger
                words = {'{{ if or (eq $labels.level "blind") (eq $labels.code "intake.imminent") }}'
                         "critical{{ else }}warning{{ end }}"}
            self.assertIn(rule["labels"]["severity"], words, rule["alert"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook"}, rule["alert"])

    def test_rules_say_what_they_must_and_nothing_else(self):
        ran = promtool("test", "rules", RULE_TESTS.name, cwd=RULE_TESTS.parent)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_every_rule_has_a_test_in_which_it_fires(self):
        text = RULE_TESTS.read_text()
        patterns = [re.compile(each) for each in re.findall(r'alertname=~"([^"]*)"', text)]
        for rule in rules():
            named = rule["alert"] in text or any(each.fullmatch(rule["alert"]) for each in patterns)
            self.assertTrue(named, f"{rule['alert']} has no test")

    def test_runbooks_lead_to_headings(self):
        anchors = {slug(heading) for heading in re.findall(r"^#+ (.+)$", WATCH.read_text(), re.MULTILINE)}
        comment = CODES.read_text().split("#pragma once")[0].split("Codes of conditions")[1]
        codes = set(re.findall(r"\b([a-z]+\.[a-z_]+)\b", comment))
        self.assertGreater(len(codes), 30)
        for code in codes:
            self.assertIn(slug(code), anchors, f"docs/watch.md says nothing of {code}")
        for rule in rules():
            page, anchor = rule["annotations"]["runbook"].split("#")
            self.assertEqual(page, "docs/watch.md")
            self.assertTrue("{{" in anchor or anchor in anchors, rule["annotations"]["runbook"])


class Dashboard(unittest.TestCase):
    def test_grafana_takes_it(self):
        dashboard = json.loads(DASHBOARD.read_text())
        self.assertGreaterEqual(dashboard["schemaVersion"], 36)
        self.assertEqual([each["title"] for each in panels() if each["type"] == "row"], ROWS)
        ids = [each["id"] for each in panels()]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in panels():
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], MOST_COLUMNS, panel["title"])
            if panel["type"] != "row":
                self.assertTrue(panel["description"], panel["title"])
                self.assertTrue(panel["targets"], panel["title"])
                for target in panel["targets"]:
                    self.assertEqual(target["datasource"]["uid"], "${datasource}", panel["title"])

    def test_no_two_panels_overlap(self):
        taken = set()
        for panel in panels():
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_every_query_is_promql(self):
        recorded = [{"record": f"query:{at}", "expr": expr} for at, expr in enumerate(queries())]
        self.assertGreater(len(recorded), 25)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "queries.yml"
            file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
            checked = promtool("check", "rules", str(file))
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


class Metrics(unittest.TestCase):
    """A real server, with everything on that has figures, until it has them all."""

    @classmethod
    def setUpClass(cls):
        cls.taker = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        Thread(target=cls.taker.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{cls.taker.server_port}/"
        cls.server = Server(watch__canary_seconds=1, watch__canary_formats="jpeg", watch__heartbeat_seconds=5,
                            watch__heartbeat_url=url).start()
        cls.server.client().scan((SOURCE / "docs/screens/queue.png").read_bytes())
        cls.names = {name for expr in expressions() for name, _ in SELECTOR.findall(expr)}
        until = time.monotonic() + SERVED_SECONDS
        while True:
            cls.served = served(cls.server.metrics()) | WHEN_IT_HAPPENS
            if not cls.names - set(cls.served) or time.monotonic() > until:
                break
            time.sleep(0.5)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.taker.shutdown()

    def test_a_server_serves_every_metric(self):
        self.assertEqual(sorted(self.names - set(self.served)), [])

    def test_a_server_serves_every_label(self):
        for expr in expressions():
            labels = set()
            for name, selector in SELECTOR.findall(expr):
                labels |= self.served.get(name, set())
                asked = {label for label, _ in re.findall(r"(\w+)(=~|!~|!=|=)", re.sub(r'"[^"]*"', "", selector))}
                self.assertEqual(asked - self.served.get(name, set()) - OF_PROMETHEUS, set(), f"{name} in {expr}")
            for group in GROUPED.findall(expr):
                asked = {label.strip() for label in group.split(",")}
                self.assertEqual(asked - labels - OF_PROMETHEUS, set(), expr)


if __name__ == "__main__":
    if shutil.which("promtool") is None:
        print("SKIPPED: NOTHING of packaging/prometheus and packaging/grafana was tested: promtool is not installed"
              " (Debian: prometheus)", file=sys.stderr)
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)

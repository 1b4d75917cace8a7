"""Starts the real `tutela serve` in a folder of its own."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from client import Client

BINARY = os.environ["TUTELA_BINARY"]
STOP_SECONDS = 60


def environment(more=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    return clean | (more or {})


def within_one_day(seconds=60):
    """Returns when the day, in UTC, has so many seconds left."""
    left = 86_400 - time.time() % 86_400
    if left < seconds:
        time.sleep(left + 0.1)


class Server:
    """Configuration is given as {"section.key": value}. Logs are kept, line by line."""

    def __init__(self, variables=None, **keys):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-http-"))
        self.config_file = self.folder / "tutela.toml"
        self.variables = variables or {}
        self.keys = {"server.listen": "127.0.0.1:0", "server.metrics_listen": "127.0.0.1:0",
                     "store.folder": str(self.folder / "data"),
                     # What is counted is what tests do; test_watch.py has canaries.
                     "watch.canary_seconds": 0}
        self.keys.update({name.replace("__", "."): value for name, value in keys.items()})
        self.process = None
        self.log = []
        self.tokens = {}
        self.write_config()

    def write_config(self):
        sections = {}
        for name, value in self.keys.items():
            section, key = name.split(".", 1)
            # A TOML string, number or boolean is written as JSON writes it.
            sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}\n")
        self.config_file.write_text(
            "".join(f"[{name}]\n{''.join(lines)}" for name, lines in sections.items()))

    def run(self, *arguments, check=True):
        return subprocess.run([BINARY, *arguments, "--config", str(self.config_file)],
                              env=environment(), capture_output=True, text=True, timeout=300,
                              check=check)

    def token(self, scopes):
        """A token with these scopes, made once."""
        if scopes not in self.tokens:
            name = f"test-{len(self.tokens)}"
            made = self.run("token", "create", name, "--scopes", scopes.split("#")[0].strip())
            self.tokens[scopes] = re.search(r"tutela_[\w-]{43}", made.stdout).group(0)
        return self.tokens[scopes]

    def start(self):
        self.log.clear()
        self.process = subprocess.Popen([BINARY, "serve", "--config", str(self.config_file)],
                                        env=environment(self.variables), stderr=subprocess.PIPE,
                                        text=True)
        threading.Thread(target=self.read_log, args=(self.process.stderr,), daemon=True).start()
        self.address = self.wait_for(r"info listening address=(\S+)")
        if self.keys["server.metrics_listen"]:
            self.metrics_address = self.wait_for(r"info metrics listening address=(\S+)")
        return self

    def read_log(self, stream):
        for line in stream:
            self.log.append(line.rstrip("\n"))

    def wait_for(self, pattern, seconds=60, after=0):
        """The first group of the first log line that fits, from line `after` on."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in self.log[after:]:
                found = re.search(pattern, line)
                if found:
                    return found.group(1) if found.groups() else found.group(0)
            if self.process.poll() is not None and not self.log:
                break
            time.sleep(0.01)
        raise AssertionError(f"no log line like {pattern} in:\n" + "\n".join(self.log))

    def client(self, scopes="scan read search lists export"):
        return Client(self.address, self.token(scopes))

    def metrics(self):
        connection = Client(self.metrics_address).connect()
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status == 200, text
        return text

    def metric(self, line):
        """The value of a metric, 0 when it was never counted."""
        found = re.search("^" + re.escape(line) + r" (\S+)$", self.metrics(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def hang_up(self):
        """SIGHUP; returns where its log lines begin."""
        lines = len(self.log)
        self.process.send_signal(signal.SIGHUP)
        return lines

    def stop(self):
        """The exit status after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def close(self):
        if self.process is not None:
            self.stop()
            self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spooled(self):
        return [path for path in (self.folder / "data/spool").rglob("*") if path.is_file()]

    def activate_list(self, name, signals, **spec):
        """A test list that is active, through the API."""
        client = self.client()
        made = client.post("/v1/lists", {"name": name, "source": "own", "classification": "test",
                                         "purpose": "test", **spec})
        assert made.status == 201, made.body
        added = client.post(f"/v1/lists/{name}/signals", {"signals": signals})
        assert added.status == 200, added.body
        run = client.post(f"/v1/lists/{name}/dry-run")
        assert run.status == 200, run.body
        active = client.post(f"/v1/lists/{name}/activate")
        assert active.status == 200, active.body
        return made.json["id"]


class ServerTest(unittest.TestCase):
    """Tests that share one server, with a list that matches nothing by chance."""

    KEYS = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(**cls.KEYS)
        cls.addClassCleanup(cls.server.close)  # also where a class that builds on this one fails
        try:
            cls.server.start()
            cls.server.activate_list("base", [{"kind": "md5", "value": "0" * 31 + "1"}])
        except BaseException:
            cls.server.close()
            raise

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        cls.server.close()
        assert status == 0, "\n".join(cls.server.log)

    def assert_problem(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.code, code)

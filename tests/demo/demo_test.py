"""The demo from end to end: pictures, list, scan, server, Ctrl-C, and all of it once more.

usage: demo_test.py BIN_FOLDER
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "support")]

from ports import free_ports  # noqa: E402: found by the line above

TUTELA = pathlib.Path(sys.argv[1]).resolve() / "tutela"


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-demo-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port, metrics_port = free_ports(2)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        self.environment = {**clean, "TUTELA_SERVER__LISTEN": f"127.0.0.1:{self.port}",
                            "TUTELA_SERVER__METRICS_LISTEN": f"127.0.0.1:{metrics_port}"}

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def start(self):
        """Starts the demo; returns the process once the server is ready."""
        process = subprocess.Popen([TUTELA, "demo"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment,
                                   start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        for _ in range(600):
            try:
                self.get("/readyz")
                return process
            except (OSError, urllib.error.HTTPError):
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        process.kill()
        self.fail("the server never got ready:\n" + process.stdout.read() + process.stderr.read())

    def stop(self, process):
        """Ctrl-C, as a terminal gives it; returns what was printed."""
        os.killpg(process.pid, signal.SIGINT)
        out = process.stdout.read()
        error = process.stderr.read()
        self.assertEqual(process.wait(timeout=60), 0, out + error)
        return out

    def check_table(self, out):
        for variant in ("copy", "recompressed", "resized", "rotated", "mirrored", "cropped"):
            rows = [line for line in out.splitlines() if f"/picture-01-{variant}." in line and
                    " demo " in line]
            self.assertGreaterEqual(len(rows), 1, f"{variant} is found\n{out}")
            self.assertIn("same bytes" if variant == "copy" else "of 256 bits differ", rows[0])
        self.assertNotRegex(out, r"/other-\d+\.jpg +demo")
        self.assertIn("verdicts: 24 match, 6 no_match", out)

    def post(self, path, body, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(),
            {"Content-Type": "application/json", **headers})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def people_of(self, out):
        """Name: (password, role), from the table that it prints."""
        rows = re.findall(r"^(\w+) +([a-z2-9]{4}(?:-[a-z2-9]{4}){3}) +(\w+) ", out, re.MULTILINE)
        return {name: (password, role) for name, password, role in rows}

    def sign_in(self, name, password):
        """As a person does: the password, then what the demo prints as the code of the moment."""
        first = self.post("/v1/session", {"name": name, "password": password, "bearer": True})
        code = subprocess.run([TUTELA, "demo", "code", name], cwd=self.folder, check=True,
                              env=self.environment, capture_output=True, text=True).stdout.strip()
        self.assertRegex(code, r"^\d{6}$")
        return self.post("/v1/session/second-factor", {"code": code},
                         Authorization="Bearer " + first["session"])["session"]

    def check_people(self, out, data):
        people = self.people_of(out)
        roles = sorted(role for _, role in people.values())
        self.assertEqual(roles, ["admin", "auditor", "contractor", "lead", "legal", "operator",
                                 "reviewer", "reviewer"], out)
        self.assertEqual(stat.S_IMODE((data / "demo-people").stat().st_mode), 0o600)
        session = self.sign_in("mira", people["mira"][0])
        self.lead = {"Authorization": "Bearer " + session}  # a code serves once
        kept = []
        for _ in range(900):  # the vault takes them one after the other
            kept = self.get("/v1/evidence?limit=1000", Authorization="Bearer " + session)["items"]
            if len(kept) >= 60:
                break
            time.sleep(0.1)
        cases = {one["case"] for one in kept}
        self.assertGreaterEqual(len(cases), 30, "a case for nearly every account")
        self.assertTrue(cases.isdisjoint({one["content_id"] for one in kept}))
        waiting = int(re.search(r"with (\d+) cases waiting", out).group(1))
        self.assertGreaterEqual(waiting, 30)
        kim = self.sign_in("kim", people["kim"][0])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.get(f"/v1/evidence?case={next(iter(cases))}x", Authorization="Bearer " + kim)
        self.assertEqual(refused.exception.code, 400)
        refused.exception.close()
        return people

    def check_report(self):
        """A case goes from match to receipt: drafted by itself, released by a lead, filed with the
        simulator, whose receipt says so."""
        lead = self.lead
        drafts = []
        for _ in range(600):
            drafts = self.get("/v1/reports", **lead)["items"]
            if drafts:
                break
            time.sleep(0.1)
        self.assertEqual(len(drafts), 1, "of the one case that is confirmed")
        report = drafts[0]
        self.assertEqual((report["authority"], report["environment"], report["account"]),
                         ("ncmec", "simulated", "harbour-88"))
        shown = self.get(f"/v1/reports/{report['id']}/document", **lead)
        person = shown["body"]["report"]["personOrUserReported"][0]
        self.assertEqual(person["ipCaptureEvent"][0]["ipAddress"], "192.0.2.88")
        self.assertFalse(shown["body"]["files"][0]["fileViewedByEsp"], "nobody looked at it")
        released = self.post(f"/v1/reports/{report['id']}/release",
                             {"version": report["version"], "document": report["document"]}, **lead)
        for _ in range(600):
            released = self.get(f"/v1/reports/{report['id']}", **lead)
            if released["report"]["state"] == "finished":
                break
            time.sleep(0.1)
        self.assertEqual(released["report"]["state"], "finished", released)
        self.assertTrue(released["receipt"]["simulated"], "it counts nowhere")

    def run_curl_lines(self, out):
        """The three lines that it prints do what they say."""
        lines = re.findall(r"^  (curl .*)$", out, re.MULTILINE)
        self.assertEqual(len(lines), 3)
        answers = [json.loads(subprocess.run(["bash", "-c", line], cwd=self.folder, check=True,
                                             capture_output=True, timeout=60).stdout)
                   for line in lines]
        self.assertEqual(answers[1]["verdict"], "match", answers[1])
        self.assertIn("picture-01", lines[1])
        self.assertNotIn("code", answers[2], answers[2])

    def test_shows_scans_serves_and_ends_and_does_it_again(self):
        process = self.start()
        data = self.folder / "tutela-data"
        self.assertEqual(stat.S_IMODE((data / "demo-token").stat().st_mode), 0o600)
        first_token = (data / "demo-token").read_text()
        hints = []
        for line in process.stdout:
            hints.append(line)
            if "Ctrl-C ends the demo" in line:
                break
        out = "".join(hints)
        self.check_table(out)
        self.run_curl_lines(out)
        people = self.check_people(out, data)
        self.check_report()
        self.stop(process)

        process = self.start()
        second_token = (data / "demo-token").read_text()
        self.assertNotEqual(first_token, second_token)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.get("/v1/lists", Authorization="Bearer " + first_token.strip())
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()
        self.get("/v1/lists", Authorization="Bearer " + second_token.strip())
        out = self.stop(process)
        self.check_table(out)
        self.assertIn("active already", out)
        self.assertIn("30 files had a verdict from an earlier run", out)
        self.assertEqual(self.people_of(out), people, "they keep their passwords")

    def test_codes_are_for_its_own_people_alone(self):
        for arguments, code in ((["lena"], "demo.no_people"), ([], "")):
            result = subprocess.run([TUTELA, "demo", "code", *arguments], cwd=self.folder,
                                    env=self.environment, capture_output=True, text=True,
                                    timeout=60, check=False)
            self.assertNotEqual(result.returncode, 0)
            self.assertEqual(result.stdout, "")
            self.assertIn(code, result.stderr)

    def test_a_busy_port_is_told_clearly(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", self.port))
            busy.listen()
            result = subprocess.run([TUTELA, "demo"], cwd=self.folder, env=self.environment,
                                    capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"127.0.0.1:{self.port} is in use", result.stderr)
        self.assertIn("TUTELA_SERVER__LISTEN", result.stderr)

    def test_its_pictures_are_fit_for_matching(self):
        subprocess.run([TUTELA, "demo", "--no-serve"], cwd=self.folder, env=self.environment,
                       capture_output=True, timeout=120, check=True)
        files = [one for folder in ("originals", "uploads", "scenes")
                 for one in sorted((self.folder / "tutela-data" / folder).iterdir())]
        self.assertEqual(len(files), 34 + 22)
        result = subprocess.run([TUTELA, "hash", "--json", *files], env=self.environment,
                                capture_output=True, timeout=120, check=True)
        for line in result.stdout.splitlines():
            self.assertGreaterEqual(json.loads(line)["quality"], 80)

    def test_ctrl_c_while_it_prepares_ends_it_cleanly(self):
        process = subprocess.Popen([TUTELA, "demo"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment,
                                   start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        # From there on it expects to be stopped.
        for _ in range(6000):
            if (self.folder / "tutela-data" / "originals").exists():
                break
            time.sleep(0.01)
        self.stop(process)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

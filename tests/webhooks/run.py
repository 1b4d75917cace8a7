#!/usr/bin/python3
"""Webhooks against a receiver with the npm package of Standard Webhooks: run.py SENDER WORK_FOLDER.

Installs the pinned npm package into the work folder the first time (without install scripts);
afterwards no network is needed. Skips loudly (exit status 77) where that is not possible.
"""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from npm import install  # noqa: E402: found by the line above

SENDER, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
OLD = "whsec_" + base64.b64encode(bytes(range(24))).decode()
NEW = "whsec_" + base64.b64encode(bytes(range(64))).decode()


class WebhooksTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def exchange(self, receiver, secrets, messages, seconds, scheme="http"):
        """The sender's exit status and lines, and the requests that the receiver saw."""
        process = subprocess.Popen(["node", "receiver.mjs", *receiver], cwd=WORK, text=True,
                                   stdout=subprocess.PIPE)
        try:
            port = int(process.stdout.readline())
            sent = subprocess.run([SENDER, self.folder.name, f"{scheme}://127.0.0.1:{port}/hook",
                                   str(messages), str(seconds), *secrets], capture_output=True,
                                  text=True, timeout=200, check=False)
        finally:
            process.terminate()
            requests = [json.loads(line) for line in process.communicate(timeout=30)[0].splitlines()]
        self.assertEqual(sent.stderr, "")
        return sent.returncode, sent.stdout.splitlines(), requests

    def test_every_message_arrives_signed_in_order_and_under_one_id(self):
        status, told, requests = self.exchange([OLD], [OLD], 12, 100)
        self.assertEqual(status, 0, told)
        done = [request["message"]["data"]["n"] for request in requests if request["status"] == 204]
        self.assertEqual(sorted(done), list(range(12)))
        for key in range(3):
            of_key = [n for n in done if n % 3 == key]
            self.assertEqual(of_key, sorted(of_key))
        for n, failed in ((2, 500), (4, 0)):
            attempts = [request for request in requests if request["message"]["data"]["n"] == n]
            self.assertEqual([request["status"] for request in attempts], [failed, 204])
            self.assertEqual(attempts[0]["id"], attempts[1]["id"])
            self.assertEqual(attempts[0]["message"], attempts[1]["message"])
        self.assertEqual(len({request["id"] for request in requests}), 12)
        for request in requests:
            self.assertEqual((request["method"], request["type"]), ("POST", "application/json"))
            self.assertEqual(set(request["message"]), {"type", "timestamp", "data"})
            self.assertEqual(request["message"]["type"], "case.action")
            self.assertEqual(request["message"]["data"]["text"], "\u00e9 \u00e9 \"quoted\"")
        failures = sorted(line.split()[2] for line in told if line.startswith("failed"))
        self.assertEqual(failures, ["http_500", "timeout"])

    def test_a_receiver_with_the_old_or_the_new_secret_believes_both(self):
        for secret in (OLD, NEW):
            self.folder = tempfile.TemporaryDirectory()
            self.addCleanup(self.folder.cleanup)
            status, told, requests = self.exchange([secret], [NEW, OLD], 2, 90)
            self.assertEqual(status, 0, told)
            self.assertEqual([request["status"] for request in requests], [204, 204])

    def test_another_secret_is_refused(self):
        status, told, requests = self.exchange([NEW], [OLD], 1, 8)
        self.assertEqual(status, 1)
        self.assertEqual(set(told), {"failed 1 http_401"})
        self.assertEqual({request["status"] for request in requests}, {401})

    def test_a_certificate_that_nobody_vouches_for_gets_nothing(self):
        key, certificate = (str(pathlib.Path(self.folder.name) / name) for name in ("key", "cert"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        status, told, requests = self.exchange([OLD, key, certificate], [OLD], 1, 8, "https")
        self.assertEqual(status, 1)
        self.assertEqual(set(told), {"failed 1 tls"})
        self.assertEqual(requests, [])


def main():
    if (why := install(HERE, WORK, ["receiver.mjs"])) is not None:
        print(f"SKIPPED: webhooks were not checked by another's receiver: {why}", file=sys.stderr)
        return 77
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(WebhooksTest)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())

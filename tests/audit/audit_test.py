"""The audit log from the outside: the real command, and Go's own transparency-log packages.

usage: audit_test.py SOURCE_FOLDER BIN_FOLDER SIGN_PROGRAM WORK_FOLDER
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

SOURCE, BIN, SIGN, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
GOPATH = pathlib.Path("/usr/share/gocode")
VERIFY = WORK / "verify"


def build_verifier():
    if shutil.which("go") is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").exists():
        print("SKIPPED: golang-go or golang-golang-x-mod-dev is not installed; no independent verifier")
        sys.exit(77)
    WORK.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GOPATH": str(GOPATH), "GO111MODULE": "off", "GOFLAGS": "",
                   "GOCACHE": str(WORK / "cache")}
    subprocess.run(["go", "build", "-o", str(VERIFY), str(SOURCE / "tests/audit/verify.go")],
                   env=environment, check=True, timeout=300)


class AuditTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-audit-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "tutela-data"
        self.copy = self.folder / "elsewhere"

    def environment(self):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        return {**clean, "TUTELA_AUDIT__CHECKPOINT_COPY": str(self.copy)}

    def sign(self, entries):
        subprocess.run([SIGN, self.data, str(entries)], check=True, timeout=60,
                       env=self.environment())

    def tutela(self, *arguments, status=0):
        done = subprocess.run([BIN / "tutela", "audit", *arguments], cwd=self.folder, timeout=60,
                              capture_output=True, text=True, env=self.environment(), check=False)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def verify(self, *arguments, accepted=True):
        """Asks Go."""
        done = subprocess.run([VERIFY, arguments[0], self.data / "audit/vkey", *arguments[1:]],
                              cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode == 0, accepted, f"{arguments} {done.stdout}{done.stderr}")
        self.assertIn("ACCEPTED" if accepted else "REFUSED", done.stdout + done.stderr)
        return done.stdout

    def change(self, sql):
        with sqlite3.connect(self.data / "tutela.db") as database:
            self.assertGreater(database.execute(sql).rowcount, 0)
        database.close()

    def refuse_every_change(self, name, check):
        """The file with any one character changed is refused."""
        good = (self.folder / name).read_text()
        bad = self.folder / ("bad-" + name)
        for at in range(0, len(good), 7):
            replaced = "B" if good[at] == "A" else "A"
            bad.write_text(good[:at] + replaced + good[at + 1:])
            check(bad)

    def test_go_accepts_proofs_of_entries_and_refuses_changed_ones(self):
        self.sign(700)
        for entry in (0, 1, 255, 256, 511, 512, 699):
            self.tutela("prove", str(entry), "--out", "one.tlog-proof")
            self.verify("proof", "one.tlog-proof")
            out = self.tutela("verify", "--proof", "one.tlog-proof", "--key", str(self.data / "audit/vkey"))
            self.assertIn(f'"index":{entry},', out)

        def refused(path):
            self.verify("proof", path, accepted=False)
            self.tutela("verify", "--proof", str(path), "--key", str(self.data / "audit/vkey"), status=2)
        self.refuse_every_change("one.tlog-proof", refused)

    def test_go_accepts_that_the_log_only_grew(self):
        self.sign(300)
        old = self.tutela("checkpoint")
        (self.folder / "old").write_text(old)
        self.sign(500)
        grown = self.tutela("checkpoint", "--since", "300", "--json")
        (self.folder / "grown").write_text(grown)
        self.verify("grown", "old", "grown")
        changed = json.loads(grown)
        changed["consistency_proof"][0] = changed["consistency_proof"][-1]
        (self.folder / "bad").write_text(json.dumps(changed))
        self.verify("grown", "old", "bad", accepted=False)
        self.assertIn("Good: 800 entries", self.tutela("verify", "--checkpoint", "old"))
        self.assertIn("audit.bad_size", self.tutela("checkpoint", "--since", "900", status=2))

    def test_go_reads_the_tiles_and_the_exports(self):
        self.sign(600)
        self.verify("tiles", self.data / "audit")
        self.tutela("export", "--out", "all.ndjson")
        self.verify("export", "all.ndjson")
        self.assertEqual(len((self.folder / "all.ndjson").read_text().splitlines()), 601)
        self.tutela("export", "--actor", "person:1", "--proofs", "--out", "some.ndjson")
        self.assertIn("200\n", self.verify("proofs", "some.ndjson"))
        text = (self.folder / "all.ndjson").read_text()
        (self.folder / "bad.ndjson").write_text(text.replace('"reviewer"', '"lead"', 1))
        self.verify("export", "bad.ndjson", accepted=False)
        printed = self.tutela("export", "--object", "evidence:7").splitlines()
        self.assertEqual(len(printed), 2)
        self.assertEqual(json.loads(printed[0])["index"], 7)
        self.assertIn("checkpoint", json.loads(printed[1]))

    def test_go_accepts_the_vectors_of_the_specification(self):
        vectors = SOURCE / "spec/vectors/audit-log"
        for name in ("proof-0.tlog-proof", "proof-299.tlog-proof"):
            done = subprocess.run([VERIFY, "proof", vectors / "vkey", vectors / name],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        whole = (vectors / "entries.ndjson").read_text() + json.dumps(
            {"checkpoint": (vectors / "checkpoint.note").read_text()}) + "\n"
        (self.folder / "whole.ndjson").write_text(whole)
        done = subprocess.run([VERIFY, "export", vectors / "vkey", self.folder / "whole.ndjson"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_verify_tells_what_is_signed_and_what_was_changed(self):
        self.assertIn("audit.no_data", self.tutela("verify", status=2))
        self.sign(300)
        self.tutela("log", "--limit", "1")  # an entry that nobody signs now
        out = self.tutela("verify")
        self.assertIn("301 in the database, 300 of them signed; 1 later ones", out)
        values = json.loads(self.tutela("verify", "--json"))
        self.assertEqual((values["checked"], values["sequenced"], values["waiting"]), (300, 300, 1))
        self.assertIn("Good: 11 entries", self.tutela("verify", "--from", "10", "--to", "20"))
        self.tutela("verify", "--key", (self.data / "audit/vkey").read_text().strip())
        self.assertIn("audit.bad_signature", self.tutela(
            "verify", "--key", str(SOURCE / "spec/vectors/audit-log/vkey"), status=2))
        self.change("UPDATE audit SET result = 'refused' WHERE id = 43")
        error = self.tutela("verify", status=2)
        self.assertIn("entry 42 is not what was signed", error)
        self.assertIn("[audit.changed]", error)
        self.tutela("verify", "--from", "43")

    def test_a_rollback_is_found_and_recovered_from_loudly(self):
        self.sign(300)
        self.change("DELETE FROM audit WHERE id > 250")
        self.assertIn("[audit.rolled_back]", self.tutela("verify", status=2))
        self.assertIn("audit.bad_reason", self.tutela("recover", "--reason", "a@b", status=2))
        out = self.tutela("recover", "--reason", "restored from backup")
        self.assertIn("checkpoint:300:", out)
        self.assertIn("[audit.no_log]", self.tutela("verify", status=2))
        self.sign(1)
        self.assertIn("252 in the database, 252 of them signed.", self.tutela("verify"))
        entry = json.loads(self.tutela("log", "--action", "audit.recover", "--json").splitlines()[0])
        self.assertTrue(entry["object"].startswith("checkpoint:300:"))
        self.assertEqual(entry["purpose"], "restored from backup")
        self.assertEqual(len(list(self.data.glob("audit.old-*/tile"))), 1)

    def test_log_filters_and_pages(self):
        self.sign(30)
        out = self.tutela("log", "--actor", "person:2", "--limit", "5")
        self.assertEqual(len(out.splitlines()), 6)
        self.assertTrue(out.startswith("ENTRY  TIME"), out)
        first = [json.loads(line)["index"] for line in self.tutela(
            "log", "--actor", "person:2", "--limit", "5", "--oldest-first", "--json").splitlines()]
        self.assertEqual(first, [2, 5, 8, 11, 14])
        then = [json.loads(line)["index"] for line in self.tutela(
            "log", "--actor", "person:2", "--oldest-first", "--after", "14", "--json").splitlines()]
        self.assertEqual(then, [17, 20, 23, 26, 29])
        self.assertEqual(self.tutela("log", "--object", "evidence:99"), "No entry fits.\n")
        self.assertIn("time.bad", self.tutela("log", "--since", "yesterday", status=2))
        self.assertIn("audit.search", self.tutela("log", "--limit", "1"))
        self.assertIn("audit.no_entry", self.tutela("prove", "1000", status=2))
        self.assertIn("audit.not_sequenced", self.tutela("prove", "30", status=2))


if __name__ == "__main__":
    build_verifier()
    unittest.main(argv=[sys.argv[0]], verbosity=2)

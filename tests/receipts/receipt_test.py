"""Receipts from the outside: the vectors by other code, and the real command against them.

usage: receipt_test.py SOURCE_FOLDER BIN_FOLDER
"""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

try:
    import make_vectors
    import receipt
except ImportError:
    print("SKIPPED: python3-cryptography is not installed; no independent verifier")
    sys.exit(77)

SOURCE, BIN = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
VECTORS = json.loads((SOURCE / "spec/vectors/scan-receipt.json").read_text())
PATIENCE_SECONDS = 60


def picture(number):
    """A PNG that no list knows."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = b"".join(b"\0" + bytes((x * y * number + x * 7) % 256 for x in range(96))
                    for y in range(96))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 96, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-receipts-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def environment(self):
        return {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}

    def tutela(self, *arguments, status=0):
        """Standard output, or what it complains of."""
        done = subprocess.run([BIN / "tutela", *arguments], cwd=self.folder, timeout=120,
                              capture_output=True, text=True, env=self.environment(), check=False)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def write(self, name, text):
        (self.folder / name).write_text(text if isinstance(text, str) else json.dumps(text))
        return name


class VectorsTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.keys = receipt.keys_of(VECTORS["keys"])
        self.write("keys.json", VECTORS["keys"])

    def check(self, text, status=0, log_key=VECTORS["log_key"]):
        return self.tutela("receipt", "verify", self.write("receipt.json", text), "--keys",
                           "keys.json", "--log-key", log_key, *(["--json"] if status == 0 else []),
                           status=status)

    def test_the_vectors_are_made_the_same_again(self):
        self.assertEqual(make_vectors.text_of(make_vectors.vectors()),
                         (SOURCE / "spec/vectors/scan-receipt.json").read_text())

    def test_good_ones_are_taken_by_both(self):
        for vector in VECTORS["receipts"]:
            text = json.dumps(vector["receipt"], indent=2)
            self.assertEqual(receipt.verify(text, self.keys, VECTORS["log_key"]), vector["statement"])
            said = json.loads(self.check(text))
            self.assertEqual(said["content"], vector["statement"]["content"])
            self.assertEqual(said["verdict"], vector["statement"]["verdict"])
            self.assertEqual(said["proved"], "proof" in vector["statement"]["audit"])

    def test_bad_ones_are_refused_by_both_with_the_same_word(self):
        for vector in VECTORS["refused"]:
            with self.subTest(why=vector["why"]):
                with self.assertRaises(receipt.Refused) as refused:
                    receipt.verify(vector["receipt"], self.keys, VECTORS["log_key"])
                self.assertEqual(str(refused.exception), vector["code"])
                status = 2 if vector["code"] == "receipt.bad_format" else 1
                self.assertIn(f"[{vector['code']}]", self.check(vector["receipt"], status))

    def test_other_keys_are_refused_and_files_may_hold_them(self):
        good = json.dumps(VECTORS["receipts"][0]["receipt"])
        (self.folder / "vkey").write_text(VECTORS["log_key"] + "\n")
        self.check(good, log_key="vkey")
        other = receipt.vkey("example.org/audit", bytes([1]) * 32)
        self.assertIn("[receipt.bad_proof]", self.check(good, 1, other))
        self.assertIn("[audit.bad_key]", self.check(good, 2, VECTORS["log_key"] + "A"))
        self.assertIn("[file.unreadable]", self.check(good, 2, "nowhere"))
        self.write("keys.json", receipt.key_set([receipt.public_bytes(bytes([1]) * 32)]))
        self.assertIn("[receipt.bad_signature]", self.check(good, 1))
        self.write("keys.json", "{}")
        self.assertIn("[receipt.bad_keys]", self.check(good, 2))
        self.assertIn("cli.usage", self.tutela("receipt", status=2))
        self.assertIn("cli.usage", self.tutela("receipt", "verify", "receipt.json", status=2))


class InstallationTest(CommandTest):
    """A data folder with a scanned picture, and its vault process."""

    def serve(self):
        process = subprocess.Popen([BIN / "tutela", "vault", "serve"], cwd=self.folder,
                                   env=self.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop, process)
        until = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run([BIN / "tutela", "vault", "status"], cwd=self.folder, check=False,
                             capture_output=True, env=self.environment()).returncode != 0:
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), until, "the vault does not answer")
            time.sleep(0.05)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)

    def rows(self, sql):
        with sqlite3.connect(self.folder / "tutela-data/tutela.db") as database:
            found = database.execute(sql).fetchall()
        database.close()
        return found

    def test_other_code_takes_what_the_vault_gives(self):
        (self.folder / "values.csv").write_text("0" * 31 + "1\n" + "0" * 31 + "2\n")
        (self.folder / "one.png").write_bytes(picture(3))
        self.tutela("list", "create", "base", "--purpose", "test", "--source", "own",
                    "--classification", "test")
        self.tutela("list", "import", "base", "values.csv")
        self.tutela("list", "dry-run", "base", "one.png")
        self.tutela("list", "activate", "base")
        self.tutela("scan", "one.png")
        (item, sha256), = self.rows("SELECT id, sha256 FROM content")
        self.assertIn("[vault.down]", self.tutela("receipt", item, status=2))
        self.serve()
        (self.folder / "receipt.json").write_text(self.tutela("receipt", item))
        (self.folder / "keys.json").write_text(self.tutela("receipt", "keys"))
        log_key = (self.folder / "tutela-data/audit/vkey").read_text()
        statement = receipt.verify((self.folder / "receipt.json").read_text(), receipt.keys_of(
            json.loads((self.folder / "keys.json").read_text())), log_key)
        self.assertEqual((statement["content"], statement["sha256"], statement["verdict"]),
                         (item, sha256, "no_match"))
        self.assertIn("proof", statement["audit"])
        self.check_state(statement)
        out = self.tutela("receipt", "verify", "receipt.json", "--keys", "keys.json", "--log-key",
                          "tutela-data/audit/vkey")
        self.assertIn(f"item {item}", out)
        self.assertEqual(self.rows("SELECT COUNT(*) FROM audit WHERE action = 'receipt.issue' AND "
                                   f"object = 'content:{item}'"), [(1,)])
        self.assertIn("[content.not_found]", self.tutela(
            "receipt", "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01", status=2))

    def check_state(self, statement):
        """The digest of the list, made of what was imported and the salts."""
        listed, = statement["lists"]
        previous = ""
        for kind, version, active, signals, salt in self.rows(
                "SELECT c.kind, s.version, s.active, s.signals, s.salt FROM list_state s JOIN "
                "list_change c ON c.id = s.position ORDER BY s.position"):
            changed = ["md5 " + "0" * 31 + "2", "md5 " + "0" * 31 + "1"] if kind == "added" else []
            previous = receipt.state_digest({
                "previous": previous, "salt": salt, "list": listed["id"], "kind": kind,
                "version": version, "active": active, "signals": signals, "changed": changed})
        self.assertEqual(listed["digest"], previous)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=2)

"""What the tests of the command share: a folder of their own, and the command run in it."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = None  # set by run.py
TUTELA = None


class CommandTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def environment(self, **extra):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        return {**clean, **extra}

    def run_tutela(self, *arguments, status=0, stdin=b"", **extra):
        """Runs the command; its exit status must be the one given. Returns (stdout, stderr)."""
        result = subprocess.run([TUTELA, *arguments], cwd=self.folder, input=stdin,
                                capture_output=True, env=self.environment(**extra), timeout=300,
                                check=False)
        out = result.stdout.decode("utf-8", "replace")
        error = result.stderr.decode("utf-8", "replace")
        self.assertEqual(result.returncode, status, f"{arguments}\n{out}\n{error}")
        return out, error

    def run_json(self, *arguments, status=0, **extra):
        """As run_tutela; every line of standard output must be one JSON object."""
        out, _ = self.run_tutela(*arguments, status=status, **extra)
        objects = [json.loads(line) for line in out.splitlines()]
        for value in objects:
            self.assertIsInstance(value, dict)
        return objects

    def refuse(self, code, *arguments, **extra):
        """It must fail with this code on standard error. Returns the message."""
        _, error = self.run_tutela(*arguments, status=2, **extra)
        self.assertIn(f"[{code}]", error)
        self.assertTrue(error.startswith("tutela: ") or "\ntutela: " in error, error)
        return error

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def make_active_list(self, name, signals, sample):
        """A list for tests with these lines, dry-run over a file or folder, active."""
        self.write(f"{name}.csv", "\n".join(signals) + "\n")
        self.run_tutela("list", "create", name, "--purpose", "test", "--source", "own",
                        "--classification", "test")
        self.run_tutela("list", "import", name, f"{name}.csv")
        self.run_tutela("list", "dry-run", name, str(sample))
        out, _ = self.run_tutela("list", "activate", name)
        self.assertIn("is active", out)

    def hash_of(self, path):
        return self.run_json("hash", "--json", str(path))[0]

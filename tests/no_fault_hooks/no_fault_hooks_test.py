"""Release binaries hold no fault points; the dev binaries do, or this test would mean nothing.

usage: no_fault_hooks_test.py SOURCE_FOLDER DEV_BIN RELEASE_BIN
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

SOURCE, DEV, RELEASE = (pathlib.Path(path).resolve() for path in sys.argv[1:4])
PROGRAMS = ["tutela", "tutela-decode", "tutela-mail"]
# The code of what a fault point answers, and what an item begins with that makes a worker misbehave.
MARKS = [b"fault.injected", b"TUTELA-FAULT:"]


def fault_points():
    """The names of all fault points in the source, and where each stands."""
    points = {}
    for path in sorted((SOURCE / "src").rglob("*.cpp")) + sorted((SOURCE / "apps").rglob("*.cpp")):
        pattern = r'(?:TUTELA_FAULT_(?:POINT|PAUSE|ARMED)|fault::(?:reach|armed))\("([^"]+)"\)'
        for name in re.findall(pattern, path.read_text()):
            if not path.stem.endswith("_test"):
                points[name.encode()] = path
    return points


class NoFaultHooks(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-fault-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_program(self, program, *arguments, fault=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        if fault is not None:
            clean["TUTELA_FAULT"] = fault
        return subprocess.run([program / "tutela", *arguments], cwd=self.folder, env=clean,
                              capture_output=True, timeout=120, check=False)

    # The binaries are large, so a failure must not print them: no assertIn here.
    def test_release_binaries_know_no_fault_point(self):
        for program in PROGRAMS:
            binary = (RELEASE / program).read_bytes()
            for mark in MARKS:
                self.assertFalse(mark in binary, f"{program} holds {mark}")
            for point in fault_points():
                # With its closing zero: a name that begins another text is not the text.
                self.assertFalse(b"\0" + point + b"\0" in binary, f"{program} knows {point}")

    def test_dev_binaries_know_them(self):
        together = b"".join((DEV / program).read_bytes() for program in PROGRAMS)
        self.assertGreaterEqual(len(fault_points()), 10)
        for mark in MARKS:
            self.assertTrue(mark in together, f"{mark} is in no dev binary")
        for point, path in fault_points().items():
            self.assertTrue(point + b"\0" in together, f"{point} of {path} is in no dev binary")

    def test_an_armed_fault_kills_a_dev_binary_and_not_a_release(self):
        fault = "pipeline.after_owed=kill"
        self.assertEqual(self.run_program(DEV, "demo", "--no-serve", "dev", fault=fault).returncode,
                         -signal.SIGKILL)
        result = self.run_program(RELEASE, "demo", "--no-serve", "release", fault=fault)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_file_of_faults_means_nothing_to_a_release(self):
        faults = self.folder / "faults"
        faults.write_text("pipeline.after_owed=kill\n")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        for program, ends in ((DEV, -signal.SIGKILL), (RELEASE, 0)):
            result = subprocess.run([program / "tutela", "demo", "--no-serve", program.parent.name],
                                    cwd=self.folder, env=clean | {"TUTELA_FAULT_FILE": str(faults)},
                                    capture_output=True, timeout=120, check=False)
            self.assertEqual(result.returncode, ends, result.stderr)

    def test_a_release_has_no_drill_and_says_how_to_get_one(self):
        result = self.run_program(RELEASE, "drill")
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"[drill.no_hooks]", result.stderr)
        self.assertIn(b"./dev drill", result.stderr)
        self.assertNotIn(b"workers-killed", self.run_program(RELEASE, "drill", "--help").stdout)

    def test_an_item_cannot_make_a_release_worker_misbehave(self):
        (self.folder / "item").write_bytes(b"TUTELA-FAULT:crash")
        for program, code in ((DEV, "worker.crashed"), (RELEASE, "media.unsupported_type")):
            result = self.run_program(program, "hash", "--json", "item")
            self.assertEqual(json.loads(result.stdout)["error"]["code"], code)


if __name__ == "__main__":
    if not all((RELEASE / program).exists() for program in PROGRAMS):
        print("SKIPPED: no release binaries; ./dev build makes them")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])

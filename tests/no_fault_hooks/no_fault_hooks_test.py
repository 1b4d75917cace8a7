"""Release binaries hold no fault points; the dev binaries do, or this test would mean nothing.

usage: no_fault_hooks_test.py SOURCE_FOLDER DEV_BIN RELEASE_BIN
"""
import os
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE, DEV, RELEASE = map(pathlib.Path, sys.argv[1:4])
PROGRAMS = ["tutela", "tutela-decode"]
# What reach() answers where it is compiled in.
ANSWER = b"a test injected this fault"
# What an item begins with that makes its worker misbehave.
ITEM = b"TUTELA-FAULT:"


def fault_points():
    """The names of all fault points in the source, and where each stands."""
    points = {}
    for path in sorted((SOURCE / "src").rglob("*.cpp")) + sorted((SOURCE / "apps").rglob("*.cpp")):
        for name in re.findall(r'(?:TUTELA_FAULT_POINT|fault::reach)\("([^"]+)"\)', path.read_text()):
            if not path.stem.endswith("_test"):
                points[name.encode()] = path
    return points


class NoFaultHooks(unittest.TestCase):
    def test_release_binaries_know_no_fault_point(self):
        points = fault_points()
        for program in PROGRAMS:
            binary = (RELEASE / program).read_bytes()
            self.assertNotIn(ANSWER, binary, program)
            self.assertNotIn(ITEM, binary, program)
            for point in points:
                # With its closing zero: a name that begins another text is not the text.
                self.assertNotIn(b"\0" + point + b"\0", binary, f"{program} knows {point}")

    def test_dev_binaries_know_them(self):
        together = b"".join((DEV / program).read_bytes() for program in PROGRAMS)
        self.assertIn(ANSWER, together)
        self.assertIn(ITEM, together)
        for point, path in fault_points().items():
            self.assertIn(point + b"\0", together, f"{point} of {path} is in no dev binary")

    def test_an_armed_fault_does_not_change_a_release_binary(self):
        for point in list(fault_points()) or [b"none"]:
            environment = dict(os.environ, TUTELA_FAULT=point.decode() + "=kill")
            result = subprocess.run([RELEASE / "tutela", "version"], env=environment,
                                    capture_output=True, timeout=60, check=False)
            self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    if not all((RELEASE / program).exists() for program in PROGRAMS):
        print(f"SKIPPED: no release binaries; ./dev build makes them")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])

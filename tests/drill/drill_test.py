"""tutela drill: every fault is noticed, and nothing is passed as clean or lost meanwhile.

usage: drill_test.py BIN

All faults, with canaries and heartbeats more often than by default, so that it takes minutes and
not half an hour; docs/drill.md has the table of a drill as servers are by default.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TUTELA = pathlib.Path(sys.argv[1]).resolve() / "tutela"
# The faults of the issue that asked for the drill, and those that were added.
FAULTS = ["workers-killed", "list-emptied", "old-generation", "workers-hang", "scan-off",
          "search-broken", "store-read-only", "outbox-stopped", "disk-full", "kernel-broken",
          "vault-killed", "clock-frozen", "watch-stopped", "server-killed"]


def run(*arguments, timeout=300):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    return subprocess.run([TUTELA, "drill", *arguments], env=clean, capture_output=True, text=True,
                          timeout=timeout, check=False)


class Drill(unittest.TestCase):
    def test_names_every_fault(self):
        text = run("--help").stdout
        for fault in FAULTS:
            self.assertRegex(text, rf"(?m)^ *{fault} ")

    def test_refuses_a_fault_that_it_does_not_know(self):
        result = run("--only", "earthquake")
        self.assertEqual(result.returncode, 2)
        self.assertIn("[drill.unknown]", result.stderr)

    def test_every_fault_is_noticed_and_nothing_is_passed_or_lost(self):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder) / "table.md"
            result = run("--quick", "--table", table, timeout=3500)
            told = f"{result.stdout}\n{result.stderr}"
            self.assertEqual(result.returncode, 0, told)
            rows = {}
            for line in table.read_text().splitlines()[2:]:
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                rows[re.search(r"`(.+)`", cells[0]).group(1)] = cells
            self.assertEqual(list(rows), FAULTS)
            for cells in rows.values():
                self.assertRegex(cells[2], r"^[0-9]+\.[0-9] s$", cells)
                self.assertLessEqual(float(cells[2].split()[0]), 60, cells)
                sent, known, matched = map(int, re.match(
                    r"(\d+) sent, (\d+) known: (\d+) matched", cells[5]).groups())
                self.assertGreater(sent, 0, cells)
                self.assertGreater(known, 0, cells)
                held = re.search(r"(\d+) unscannable, held", cells[5])
                self.assertEqual(known, matched + (int(held.group(1)) if held else 0), cells)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

"""tutela scan: verdicts, exit statuses, and going on after a stop."""
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import time

import pictures
import support
from support import CommandTest


class ScanTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.rows = pictures.picture(1)
        self.write("listed.png", pictures.png(self.rows))
        known = self.hash_of("listed.png")
        self.make_active_list("demo", [f"pdq,{known['pdq']}", f"sha256,{known['sha256']}"],
                              "listed.png")

    def scan(self, *arguments, status, **extra):
        """Returns ({file name: object}, summary)."""
        found = self.run_json("scan", "--json", *arguments, status=status, **extra)
        summary = found.pop()["summary"]
        return {os.path.basename(one["file"]): one for one in found}, summary

    def test_finds_copies_and_turned_ones_and_nothing_else(self):
        self.write("in/copy.png", pictures.png(self.rows))
        self.write("in/sub/turned.png", pictures.png(pictures.rotated(self.rows)))
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        found, summary = self.scan("in", status=1)
        self.assertEqual(summary["verdicts"], {"match": 2, "no_match": 1})
        self.assertEqual({match["strength"] for match in found["copy.png"]["matches"]},
                         {"exact", "near"})
        [turned] = found["turned.png"]["matches"]
        self.assertEqual((turned["list"], turned["strength"]), ("demo", "near"))
        self.assertLessEqual(turned["distance"], 31)
        self.assertNotEqual(turned["orientation"], "original")
        self.assertEqual(found["copy.png"]["action"], "hold")
        self.assertEqual((found["other.png"]["verdict"], found["other.png"]["action"]),
                         ("no_match", "pass"))
        out, error = self.run_tutela("scan", "in", status=1)
        self.assertIn("same bytes (SHA-256)", out)
        self.assertIn("of 256 bits differ after", out)
        self.assertIn("verdicts: 2 match, 1 no_match", out)
        self.assertEqual(error, "", "no progress line without a terminal")

    def test_nothing_found_is_status_0(self):
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.scan("in", status=0)
        self.scan("in/other.png", status=0)

    def test_what_cannot_be_scanned_is_not_clean(self):
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.write("in/notes.txt", "words\n")
        self.write("in/empty.png", "")
        self.write("in/broken.png", pictures.png(pictures.picture(3))[:60])
        found, summary = self.scan("--ignore-unsupported", "in", status=2)
        self.assertEqual((summary["ignored"], summary["errors"]), (2, 0))
        self.assertEqual(found["broken.png"]["verdict"], "unscannable")
        found, summary = self.scan("in", status=2)
        self.assertEqual(found["notes.txt"]["reason"], "media.unsupported_type")
        self.assertEqual(summary["verdicts"]["unscannable"], 3)
        (self.folder / "in/broken.png").unlink()
        _, summary = self.scan("--ignore-unsupported", "in", status=0)
        self.assertEqual(summary["verdicts"], {"no_match": 1})

    def test_says_what_is_too_plain_to_compare(self):
        self.write("in/flat.png", pictures.png(pictures.flat()))
        found, summary = self.scan("in", status=0)
        self.assertTrue(found["flat.png"]["quality_low"])
        self.assertEqual(summary["quality_low"], 1)
        self.assertIn("1 file too plain", self.run_tutela("scan", "in")[0])

    def test_errors_and_matches_together_are_status_2(self):
        self.write("in/copy.png", pictures.png(self.rows))
        found, summary = self.scan("absent", "in", status=2)
        self.assertEqual((summary["errors"], summary["verdicts"]), (1, {"match": 1}))
        self.assertEqual(found["absent"]["error"]["code"], "file.unreadable")

    def test_special_files_are_skipped_and_counted(self):
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.write("outside/copy.png", pictures.png(self.rows))
        os.mkfifo(self.folder / "in/pipe")
        os.symlink("../outside/copy.png", self.folder / "in/link.png")
        os.symlink("../outside", self.folder / "in/folder")
        os.symlink("nowhere", self.folder / "in/dangling")
        _, summary = self.scan("in", status=0)
        self.assertEqual((summary["skipped_special"], summary["verdicts"]), (4, {"no_match": 1}))

    def test_the_data_folder_is_left_out(self):
        (self.folder / "listed.png").unlink()
        (self.folder / "demo.csv").unlink()
        self.write("other.png", pictures.png(pictures.picture(2)))
        found, _ = self.scan(".", status=0)
        self.assertEqual(list(found), ["other.png"])

    def test_goes_on_where_it_was(self):
        self.write("in/copy.png", pictures.png(self.rows))
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.assertEqual(self.scan("in", status=1)[1]["resumed"], 0)
        found, summary = self.scan("in", status=1)
        self.assertEqual(summary["resumed"], 2)
        self.assertEqual(found["copy.png"]["verdict"], "match")
        # Changed bytes are scanned, also under the same length and time.
        before = os.stat(self.folder / "in/other.png")
        content = pictures.png(self.rows)
        content += b"\0" * (before.st_size - len(content))
        self.write("in/other.png", content)
        os.utime(self.folder / "in/other.png", ns=(before.st_atime_ns, before.st_mtime_ns))
        found, summary = self.scan("in", status=1)
        self.assertEqual((summary["resumed"], summary["verdicts"]), (1, {"match": 2}))
        self.assertEqual(self.scan("--again", "in", status=1)[1]["resumed"], 0)

    def test_a_changed_list_scans_all_again(self):
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.scan("in", status=0)
        pdq = self.hash_of("in/other.png")["pdq"]
        self.run_tutela("list", "import", "demo", "-", stdin=pdq.encode())
        _, summary = self.scan("in", status=1)
        self.assertEqual(summary["resumed"], 0)

    def test_shows_progress_on_a_terminal(self):
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        process = subprocess.Popen([support.TUTELA, "scan", "in"], cwd=self.folder, stderr=slave,
                                   stdout=subprocess.PIPE, env=self.environment())
        os.close(slave)
        drawn = b""
        try:
            while chunk := os.read(master, 4096):
                drawn += chunk
        except OSError:  # the other end is closed
            pass
        os.close(master)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"1/1", drawn)
        for line in drawn.split(b"\r\x1b[K"):
            self.assertLess(len(line), 60, "a line never wraps")
        self.assertTrue(drawn.endswith(b"\r\x1b[K"), "it cleans up after itself")


class NoListTest(CommandTest):
    def test_a_scan_that_cannot_match_is_an_error(self):
        self.write("a.png", pictures.png(pictures.picture(1)))
        self.assertIn("tutela list create", self.refuse("scan.no_active_list", "scan", "a.png"))


class StoppedScanTest(ScanTest):
    """A thousand files, each with other bytes; the scan is stopped in their midst."""

    FILES = 1000

    def setUp(self):
        super().setUp()
        rows = pictures.picture(2, 48, 48)
        for i in range(self.FILES):
            self.write(f"many/{i % 10}/{i:04}.png", pictures.png(rows, b"%d" % i))

    def start(self):
        process = subprocess.Popen([support.TUTELA, "scan", "--json", "many"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(), start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        for _ in range(150):
            self.assertIn("verdict", json.loads(process.stdout.readline()))
        return process

    def finish(self):
        found, summary = self.scan("many", status=0)
        self.assertEqual(len(found), self.FILES)
        self.assertEqual(summary["verdicts"], {"no_match": self.FILES})
        self.assertGreaterEqual(summary["resumed"], 150)
        self.assertLess(summary["resumed"], self.FILES)
        _, summary = self.scan("many", status=0)
        self.assertEqual(summary["resumed"], self.FILES, "and a third run has nothing left")

    def test_goes_on_after_kill_9(self):
        process = self.start()
        process.kill()
        process.wait(timeout=60)
        # The files in flight were owed: the next start finishes them first.
        self.finish()

    def test_ctrl_c_ends_with_a_summary(self):
        process = self.start()
        # As a terminal does it: every process of the group gets the signal.
        os.killpg(process.pid, signal.SIGINT)
        started = time.monotonic()
        lines = [json.loads(line) for line in process.stdout]
        self.assertEqual((process.wait(timeout=60), process.stderr.read()), (2, b""))
        self.assertLess(time.monotonic() - started, 60)
        summary = lines[-1]["summary"]
        self.assertTrue(summary["stopped"])
        self.assertEqual(set(summary["verdicts"]), {"no_match"}, "nothing is lost to the signal")
        self.finish()


# The tests of ScanTest run once, by their own name.
for inherited in [name for name in dir(ScanTest) if name.startswith("test_")]:
    setattr(StoppedScanTest, inherited, None)

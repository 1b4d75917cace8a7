"""tutela rescan, tutela group: what was judged before, when lists change."""
import subprocess

import pictures
import support
from support import CommandTest

NOWHERE = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"


class RescanTest(CommandTest):
    def setUp(self):
        super().setUp()
        rows = pictures.picture(1)
        self.write("in/item.png", pictures.png(rows))
        self.write("in/turned.png", pictures.png(pictures.rotated(rows)))
        self.write("in/other.png", pictures.png(pictures.picture(2)))
        self.pdq = self.hash_of("in/item.png")["pdq"]
        # Matches nothing, so that the list can be active before it grows.
        self.make_active_list("demo", ["1" * 32], "in")

    def scan(self):
        """{file name: content id}; nothing is found yet."""
        found = self.run_json("scan", "--json", "in")[:-1]
        return {one["file"].removeprefix("in/"): one["id"] for one in found}

    def grow(self):
        """What the import of the signal says."""
        return self.run_tutela("list", "import", "demo", "-", stdin=self.pdq.encode())[0]

    def start(self, *arguments, **extra):
        """The exit status, negative for a signal."""
        return subprocess.run([support.TUTELA, *arguments], cwd=self.folder, capture_output=True,
                              env=self.environment(**extra), timeout=120, check=False).returncode

    def test_an_import_into_an_active_list_finds_what_was_scanned(self):
        ids = self.scan()
        out = self.grow()
        self.assertIn("Searched what was posted before: 3 contents, 2 new verdicts.", out)
        rescan = out.strip().rsplit(" ", 1)[1]
        self.assertIn(f"tutela rescan --show {rescan}", out)
        shown, _ = self.run_tutela("rescan", "--show", rescan, status=1)
        self.assertRegex(shown, r"CONTENT +BEFORE +AFTER +AT")
        for name in ("item.png", "turned.png"):
            self.assertRegex(shown, ids[name] + r" +no_match +match +20")
        self.assertNotIn(ids["other.png"], shown)
        self.assertIn("done: 3 contents examined for 1 signal, 2 found.", shown)
        first, second, last = self.run_json("rescan", "--show", rescan, "--json", status=1)
        self.assertEqual({first["content_id"], second["content_id"]},
                         {ids["item.png"], ids["turned.png"]})
        self.assertEqual((first["before"], first["after"]), ("no_match", "match"))
        self.assertEqual((last["id"], last["cause"], last["state"], last["found"]),
                         (rescan, "list_grew", "done", 2))
        self.assertNotIn("since", last)

    def test_what_is_withdrawn_is_judged_again(self):
        ids = self.scan()
        self.grow()
        out, _ = self.run_tutela("list", "remove", "demo", "--signal", self.pdq)
        self.assertIn("Judged again without what was withdrawn: 2 contents, 2 new verdicts.", out)
        rescan = out.strip().rsplit(" ", 1)[1]
        first, second, last = self.run_json("rescan", "--show", rescan, "--json", status=0)
        self.assertEqual({first["content_id"], second["content_id"]},
                         {ids["item.png"], ids["turned.png"]})
        self.assertEqual((second["before"], second["after"]), ("match", "no_match"))
        self.assertEqual(last["cause"], "list_withdrawn")

    def test_a_list_that_becomes_active_or_inactive_counts_too(self):
        self.scan()
        self.grow()
        out, _ = self.run_tutela("list", "deactivate", "demo")
        self.assertIn("2 contents, 2 new verdicts", out)
        self.run_tutela("list", "dry-run", "demo", "in")
        out, _ = self.run_tutela("list", "activate", "demo")
        self.assertIn("Searched what was posted before: 3 contents, 2 new verdicts.", out)

    def test_the_latest_are_shown(self):
        out, _ = self.run_tutela("rescan", "--data", "empty")
        self.assertIn("Nothing was searched again yet", out)
        self.assertEqual(self.run_json("rescan", "--json", "--data", "empty"), [])
        self.scan()
        self.grow()
        out, _ = self.run_tutela("rescan")
        self.assertRegex(out, r"RESCAN +STARTED +CAUSE +LIST +STATE +SIGNALS +EXAMINED +FOUND")
        self.assertRegex(out, r"list_grew +demo +done +1 +3 of 3 +2\n")
        latest, activation = self.run_json("rescan", "--json")
        self.assertEqual((latest["signals"], latest["examined"], latest["found"]), (1, 3, 2))
        self.assertEqual((activation["signals"], activation["examined"]), (1, 0))

    def test_what_a_killed_import_left_is_searched_later(self):
        """Only where fault points are compiled in."""
        ids = self.scan()
        for number, point in enumerate(("rescan.after_plan", "rescan.after_search",
                                        "posted.after_new_verdict", "rescan.before_finish")):
            with self.subTest(point):
                self.write("new.csv", f"{self.pdq}\n")
                killed = self.start("list", "import", "demo", "new.csv",
                                    TUTELA_FAULT=f"{point}=kill")
                if killed == 0:
                    self.skipTest("SKIPPED: this binary has no fault points")
                self.assertEqual(killed, -9)
                out, _ = self.run_tutela("rescan", status=1)
                self.assertRegex(out, r"list_grew +demo +done +1 +\d of 3 +2\n")
                latest = self.run_json("rescan", "--json")[0]
                found = self.run_json("rescan", "--show", latest["id"], "--json", status=1)[:-1]
                self.assertEqual({one["content_id"] for one in found},
                                 {ids["item.png"], ids["turned.png"]}, f"round {number}")
                self.run_tutela("list", "remove", "demo", "--signal", self.pdq)

    def test_a_list_is_searched_for_by_hand(self):
        self.scan()
        self.grow()
        out, _ = self.run_tutela("rescan", "--list", "demo")
        self.assertIn("done: 3 contents examined for 2 signals, 0 found.", out)
        [asked] = self.run_json("rescan", "--list", "demo", "--since", "2026-01-02", "--json")
        self.assertEqual((asked["cause"], asked["since"], asked["found"]),
                         ("asked", "2026-01-02T00:00:00.000Z", 0))
        self.run_tutela("rescan", "--list", "demo", "--since", "2026-01-02T03:04:05+01:00")

    def test_refuses_what_is_wrong(self):
        self.refuse("list.not_found", "rescan", "--list", "absent")
        self.refuse("time.bad", "rescan", "--list", "demo", "--since", "yesterday")
        self.refuse("cli.usage", "rescan", "--since", "2026-01-01")
        self.refuse("cli.usage", "rescan", "--list", "demo", "--show", NOWHERE)
        self.refuse("rescan.not_found", "rescan", "--show", NOWHERE)
        self.refuse("uuid.malformed", "rescan", "--show", "x")
        self.run_tutela("list", "deactivate", "demo")
        self.refuse("list.not_active", "rescan", "--list", "demo")
        self.refuse("group.not_found", "group", NOWHERE)
        self.refuse("uuid.malformed", "group", "x")
        self.refuse("cli.usage", "group")

    def test_a_group_shows_its_members_and_whom_a_decision_reaches(self):
        ids = self.scan()
        item, turned, other = ids["item.png"], ids["turned.png"], ids["other.png"]
        out, _ = self.run_tutela("group", item)
        self.assertRegex(out, item + r" +0 +yes\n" + turned + r" +\d+ +yes\n")
        self.assertIn(f"Group {min(item, turned)}: 2 contents.", out)
        first, second, last = self.run_json("group", turned, "--json")
        self.assertEqual(first, {"content_id": turned, "near": True, "distance": 0})
        self.assertEqual((second["content_id"], second["near"]), (item, True))
        self.assertLessEqual(second["distance"], 31)
        self.assertEqual(last, {"group_id": min(item, turned), "size": 2})
        self.assertIn(f"Group {other}: 1 content.", self.run_tutela("group", other)[0])

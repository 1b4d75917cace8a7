"""tutela list: from draft through dry run and consent to active."""
import pictures
from support import CommandTest

PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


class ListTest(CommandTest):
    def create(self, name, purpose="test"):
        return self.run_tutela("list", "create", name, "--purpose", purpose, "--source", "own",
                               "--classification", "test")

    def show(self, name):
        return self.run_json("list", "show", "--json", name)[0]

    def test_shows_that_there_are_none(self):
        self.assertIn("no lists yet", self.run_tutela("list")[0])
        self.assertEqual(self.run_json("list", "--json"), [])

    def test_walks_the_whole_life_of_a_list(self):
        self.write("sample/a.png", pictures.png(pictures.picture(1)))
        self.write("sample/b.png", pictures.png(pictures.picture(2)))
        pdq = self.hash_of("sample/a.png")["pdq"]
        self.assertIn("inactive and empty", self.create("demo")[0])
        self.write("signals.csv", f"# one\n{pdq}\nmd5,{'0' * 32}\n{'1' * 40}\n")
        out, _ = self.run_tutela("list", "import", "demo", "signals.csv")
        self.assertIn("added 3 signals, 0 there already", out)
        self.assertIn("not active", out)
        self.refuse("list.no_dry_run", "list", "activate", "demo")
        out, _ = self.run_tutela("list", "dry-run", "demo", "sample")
        self.assertIn("1 of 2 items would match (50.00 %), 0 could not be scanned", out)
        self.assertIn("a.png", out)
        self.assertNotIn("b.png", out)
        self.assertIn("demo is active", self.run_tutela("list", "activate", "demo")[0])
        shown = self.show("demo")
        self.assertEqual((shown["state"], shown["signals"], shown["purpose"]), ("active", 3, "test"))
        self.assertEqual(shown["dry_run"]["matched"], 1)
        self.assertIn("1 of 2 items would match", self.run_tutela("list", "show", "demo")[0])
        self.assertEqual([one["name"] for one in self.run_json("list", "--json")], ["demo"])
        out, _ = self.run_tutela("list", "export", "demo")
        self.assertEqual(sorted(out.splitlines()),
                         sorted([f"pdq,{pdq}", f"md5,{'0' * 32}", f"sha1,{'1' * 40}"]))
        out, _ = self.run_tutela("list", "remove", "demo", "--signal", "1" * 40, "--signal", "2" * 40)
        self.assertIn("Removed 1 of 2 signals", out)
        self.assertEqual(self.show("demo")["signals"], 2)
        self.assertIn("case", self.run_tutela("list", "set-action", "demo", "case")[0])
        self.run_tutela("list", "deactivate", "demo")
        self.assertEqual(self.show("demo")["state"], "inactive")
        self.run_tutela("list", "remove", "demo")
        self.refuse("list.not_found", "list", "show", "demo")

    def test_imports_all_or_nothing(self):
        self.create("demo")
        self.write("bad.csv", f"{PDQ}\nnot hex\n{'a' * 32}\n{'b' * 33}\n")
        error = self.refuse("list.bad_lines", "list", "import", "demo", "bad.csv")
        self.assertIn("line 2: ", error)
        self.assertIn("line 4: ", error)
        self.assertNotIn("not hex", error, "a line's content stays out of messages")
        self.assertEqual(self.show("demo")["signals"], 0)
        out, _ = self.run_tutela("list", "import", "demo", "bad.csv", "--skip-bad")
        self.assertIn("added 2 signals", out)
        self.assertIn("2 bad lines skipped", out)
        out, _ = self.run_tutela("list", "import", "demo", "-", stdin=PDQ.encode() + b"\r\n")
        self.assertIn("added 0 signals, 1 there already", out)

    def test_takes_sha256_where_it_is_said(self):
        self.create("demo")
        self.run_tutela("list", "import", "demo", "-", "--kind", "sha256", stdin=PDQ.encode())
        self.assertEqual(self.run_tutela("list", "export", "demo")[0], f"sha256,{PDQ}\n")

    def test_stats_count_by_kind_and_tell_what_is_searched(self):
        self.assertEqual(self.run_json("list", "stats", "--json")[0]["summary"]["total"]
                         ["signals_total"], 0)
        self.write("a.png", pictures.png(pictures.picture(1)))
        self.make_active_list("live", [PDQ, "a" * 32, "b" * 32, "c" * 40], "a.png")
        self.create("draft")
        self.run_tutela("list", "import", "draft", "-", "--kind", "sha256", stdin=PDQ.encode())
        self.create("none")
        draft, live, none, last = self.run_json("list", "stats", "--json")
        self.assertEqual([one["name"] for one in (draft, live, none)], ["draft", "live", "none"])
        self.assertEqual(live["signals"], {"pdq": 1, "md5": 2, "sha1": 1, "sha256": 0})
        self.assertEqual((live["signals_total"], live["state"]), (4, "active"))
        self.assertRegex(live["newest_signal_at"], r"^20\d\d-\d\d-\d\dT.*Z$")
        self.assertNotIn("newest_signal_at", none)
        total, search = last["summary"]["total"], last["summary"]["search"]
        self.assertEqual((total["signals_total"], search["signals_total"]), (5, 4))
        self.assertEqual(total["newest_signal_at"], draft["newest_signal_at"])
        self.assertEqual(search["signals"], live["signals"])
        self.assertGreater(search["position"], 0)
        self.assertEqual((search["file"], search["delta"]["signals"], search["removed"]),
                         ({"signals": 0, "bytes": 0}, 4, 0), "small lists are in memory alone")
        out, _ = self.run_tutela("list", "stats")
        self.assertRegex(out, r"NAME +STATE +PDQ +MD5 +SHA1 +SHA256 +SIGNALS +NEWEST +CHANGED")
        self.assertRegex(out, r"live +active +1 +2 +1 +0 +4 +\d+ s +20")
        self.assertRegex(out, r"none +inactive +0 +0 +0 +0 +0 +- +20")
        self.assertRegex(out, r"all +1 +2 +1 +1 +5")
        self.assertIn(f"searched now: 4 signals at position {search['position']} of the lists' "
                      "history, ", out)
        self.assertIn("new since: 4 signals in memory, ", out)
        one = self.run_json("list", "stats", "draft", "--json")
        self.assertEqual(one[0], draft)
        self.assertEqual(one[1]["summary"]["total"]["signals_total"], 1)
        self.assertNotIn("live", self.run_tutela("list", "stats", "draft")[0])
        self.refuse("list.not_found", "list", "stats", "absent")

    def test_a_list_of_abuse_needs_a_second_person(self):
        self.write("a.png", pictures.png(pictures.picture(1)))
        self.create("known", "known_csam")
        self.run_tutela("list", "import", "known", "-", stdin=PDQ.encode())
        self.run_tutela("list", "dry-run", "known", "a.png")
        self.assertIn("second person", self.run_tutela("list", "activate", "known")[0])
        self.assertIn("second person", self.run_tutela("list", "activate", "known")[0],
                      "the same person's word counts once")
        self.assertEqual(self.show("known")["state"], "inactive")

    def test_a_solo_server_waits(self):
        solo = {"TUTELA_PEOPLE__SOLO": "true", "TUTELA_PEOPLE__TRUSTEE": "trustee@example.org"}
        self.write("a.png", pictures.png(pictures.picture(1)))
        self.create("known", "known_csam")
        self.run_tutela("list", "import", "known", "-", stdin=PDQ.encode())
        self.run_tutela("list", "dry-run", "known", "a.png")
        out, _ = self.run_tutela("list", "activate", "known", **solo)
        self.assertIn("one-person server", out)
        self.assertEqual(self.show("known")["state"], "inactive")

    def test_refuses_what_is_wrong(self):
        self.create("demo")
        rest = ["--purpose", "test", "--source", "own", "--classification", "test"]
        self.refuse("list.exists", "list", "create", "demo", *rest)
        self.refuse("list.bad_name", "list", "create", "No Good", *rest)
        self.refuse("list.not_found", "list", "import", "absent", "-")
        self.refuse("cli.usage", "list", "create", "x")
        self.refuse("cli.usage", "list", "create", "x", "--purpose", "test", "--source", "own")
        self.refuse("list.no_sample", "list", "dry-run", "demo")
        _, error = self.run_tutela("list", "create", "x", "--purpose", "speech", *rest[2:],
                                   status=2)
        self.assertIn("purpose", error)

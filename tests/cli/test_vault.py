"""tutela vault: the key-encryption key split, joined, changed, and checked, with the real process."""
import os
import shutil
import signal
import stat
import subprocess
import time

import support
from support import CommandTest

KEY = "tutela-data/vault/key"
EPOCHS = "tutela-data/vault/epochs"
PATIENCE_SECONDS = 60


class VaultTest(CommandTest):
    def start(self, **extra):
        """The vault process, open."""
        process = subprocess.Popen([support.TUTELA, "vault", "serve"], cwd=self.folder,
                                   env=self.environment(**extra), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.addCleanup(self.stop, process)
        end = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run([support.TUTELA, "vault", "status"], cwd=self.folder,
                             env=self.environment(**extra), capture_output=True,
                             check=False).returncode != 0:
            self.assertIsNone(process.poll(), process.stderr.read() if process.poll() else "")
            self.assertLess(time.monotonic(), end, "the vault does not answer")
            time.sleep(0.05)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
        process.stderr.close()

    def make_data(self, **extra):
        """A data folder that a vault process has made."""
        process = self.start(**extra)
        self.stop(process)
        self.assertEqual(process.returncode, 0)

    def mode_of(self, name):
        return stat.S_IMODE(os.stat(self.folder / name).st_mode)

    def key_id(self, **extra):
        out, _ = self.run_tutela("vault", "check", **extra)
        return out.split("Good: key ")[1][:16]

    def entries(self, action):
        return self.run_json("audit", "log", "--json", "--action", action)


class SplitTest(VaultTest):
    def setUp(self):
        super().setUp()
        self.make_data()

    def test_any_three_of_five_shares_make_the_key_again(self):
        out, error = self.run_tutela("vault", "split-key", "--shares", "5", "--needed", "3")
        lines = out.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn("any 3 of them", error)
        self.assertNotIn(lines[0], error)
        key = (self.folder / KEY).read_bytes()
        for number, chosen in enumerate(((0, 1, 2), (4, 2, 0), (1, 3, 4))):
            name = f"joined-{number}"
            typed = "\n\n".join("  " + lines[one].upper() for one in chosen)
            out, _ = self.run_tutela("vault", "join-key", "--out", name, stdin=typed.encode())
            self.assertEqual((self.folder / name).read_bytes(), key)
            self.assertEqual(self.mode_of(name), 0o600)
            self.assertIn(self.key_id(), out)
        two = "\n".join(lines[:2])
        self.refuse("vault.too_few_shares", "vault", "join-key", "--out", "two", stdin=two.encode())
        self.assertFalse((self.folder / "two").exists())

    def test_shares_go_to_files_that_nobody_else_reads(self):
        self.run_tutela("vault", "split-key", "--shares", "3", "--needed", "2", "--out-folder", "s")
        self.assertEqual(self.mode_of("s"), 0o700)
        for number in (1, 2, 3):
            self.assertEqual(self.mode_of(f"s/share-{number}.txt"), 0o600)
        before = (self.folder / "s/share-1.txt").read_bytes()
        os.remove(self.folder / "s/share-2.txt")
        self.refuse("vault.file_exists", "vault", "split-key", "--shares", "3", "--needed", "2",
                    "--out-folder", "s")
        self.assertEqual((self.folder / "s/share-1.txt").read_bytes(), before)
        self.assertEqual(sorted(os.listdir(self.folder / "s")), ["share-1.txt", "share-3.txt"])
        self.run_tutela("vault", "join-key", "s/share-3.txt", "s/share-1.txt", "--out", "key")
        self.assertEqual((self.folder / "key").read_bytes(), (self.folder / KEY).read_bytes())
        self.refuse("vault.file_exists", "vault", "join-key", "s/share-3.txt", "s/share-1.txt",
                    "--out", "key")

    def test_files_of_a_failed_split_do_not_stay(self):
        self.write("s/share-3.txt", "here before\n")
        self.refuse("vault.file_exists", "vault", "split-key", "--shares", "4", "--needed", "2",
                    "--out-folder", "s")
        self.assertEqual(os.listdir(self.folder / "s"), ["share-3.txt"])
        self.assertEqual((self.folder / "s/share-3.txt").read_text(), "here before\n")

    def test_a_mistyped_share_is_told_and_no_key_is_made(self):
        out, _ = self.run_tutela("vault", "split-key", "--shares", "2", "--needed", "2")
        first, second = out.splitlines()
        digit = "0" if second[-12] != "0" else "1"
        wrong = f"{first}\n{second[:-12]}{digit}{second[-11:]}\n"
        error = self.refuse("vault.bad_share", "vault", "join-key", "--out", "k",
                            stdin=wrong.encode())
        self.assertIn("2", error)
        self.refuse("file.too_large", "vault", "join-key", "--out", "k", stdin=b"a" * 40_000)
        self.refuse("vault.too_few_shares", "vault", "join-key", "--out", "k")
        self.assertFalse((self.folder / "k").exists())

    def test_a_split_is_an_entry_of_who_did_it(self):
        self.run_tutela("vault", "split-key", "--shares", "2", "--needed", "2")
        entry, = self.entries("vault.key_split")
        self.assertRegex(entry["principal"], "^cli:")
        self.assertEqual(entry["object"], "key:" + self.key_id())

    def test_only_a_key_in_a_file_is_split(self):
        for source in ("systemd:vault.key", "pkcs11:/x.so?token=t&object=o&pin-file=/p"):
            error = self.refuse("vault.key_not_a_file", "vault", "split-key", "--shares", "3",
                                "--needed", "2", TUTELA_VAULT__KEY=source)
            self.assertIn("token", error)
        self.assertEqual(self.entries("vault.key_split"), [])
        self.refuse("cli.usage", "vault", "split-key", "--shares", "65", "--needed", "2")
        self.refuse("cli.usage", "vault", "split-key", "--shares", "3", "--needed", "1")
        self.refuse("vault.bad_split", "vault", "split-key", "--shares", "3", "--needed", "4")


class ChangeTest(VaultTest):
    def test_a_new_key_takes_the_place_of_the_old_one(self):
        self.make_data()
        before = self.key_id()
        out, _ = self.run_tutela("vault", "change-key", "--to", "file:next.key", "--create")
        told = f'key = "file:{self.folder / "next.key"}"'
        self.assertIn(told, out)
        self.assertEqual(self.mode_of("next.key"), 0o600)
        self.refuse("vault.bad_key", "vault", "check")
        self.write("t.toml", "[vault]\n" + told + "\n")
        self.assertNotEqual(self.key_id(TUTELA_CONFIG="t.toml"), before)
        self.make_data(TUTELA_CONFIG="t.toml")
        for action in ("vault.key_changing", "vault.key_changed"):
            entry, = self.entries(action)
            self.assertRegex(entry["principal"], "^cli:")
            self.assertIn(entry["object"], out.replace("key ", "key:"))

    def test_what_cannot_be_changed_is_left_as_it_is(self):
        self.make_data()
        before = self.key_id()
        self.refuse("vault.same_key", "vault", "change-key", "--to", "file:" + KEY)
        self.refuse("file.unreadable", "vault", "change-key", "--to", "file:absent.key")
        self.refuse("vault.bad_key_source", "vault", "change-key", "--to", "nonsense")
        self.assertFalse((self.folder / "absent.key").exists())
        self.assertEqual(self.key_id(), before)

    def test_a_running_vault_keeps_its_keys(self):
        self.start()
        for arguments in (["change-key", "--to", "file:next.key", "--create"], ["check"]):
            self.refuse("vault.in_use", "vault", *arguments)
        self.assertFalse((self.folder / "next.key").exists())
        out, _ = self.run_tutela("vault", "split-key", "--shares", "2", "--needed", "2")
        self.assertEqual(len(out.splitlines()), 2)


class LostTest(VaultTest):
    def test_nothing_is_made_where_no_vault_was(self):
        for arguments in (["check"], ["split-key", "--shares", "2", "--needed", "2"],
                          ["change-key", "--to", "file:k", "--create"]):
            self.refuse("vault.no_data", "vault", *arguments)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_lost_disk_is_made_good_by_the_copy_of_epochs_and_three_shares(self):
        copy = {"TUTELA_VAULT__EPOCHS_COPY": str(self.folder / "copy")}
        self.make_data(**copy)
        before = self.key_id(**copy)
        self.run_tutela("vault", "split-key", "--shares", "5", "--needed", "3", "--out-folder", "s")
        shutil.rmtree(self.folder / EPOCHS)
        os.remove(self.folder / KEY)
        self.refuse("vault.no_key", "vault", "check", **copy)
        self.assertFalse((self.folder / KEY).exists(), "no fresh key stands in its place")
        self.run_tutela("vault", "join-key", "s/share-5.txt", "s/share-1.txt", "s/share-3.txt",
                        "--out", KEY)
        out, _ = self.run_tutela("vault", "check", **copy)
        self.assertIn("Key folder 1: complete; missing or damaged before: 1 key.", out)
        self.assertIn("Key folder 2: complete.", out)
        self.assertIn(f"Good: key {before} opens 1 living epoch.", out)
        self.assertEqual(self.mode_of(EPOCHS + "/epoch-1.key"), 0o600)
        self.make_data(**copy)

    def test_another_key_opens_nothing(self):
        self.make_data()
        self.write(KEY, "0" * 64 + "\n")
        os.chmod(self.folder / KEY, 0o600)
        self.refuse("vault.bad_key", "vault", "check")

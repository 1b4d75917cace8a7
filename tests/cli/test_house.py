"""Help, version, configuration, policy, tokens, completion."""
import json
import re
import subprocess

import support
from support import CommandTest

COMMANDS = ["hash", "compare", "scan", "list", "serve", "token", "config", "policy", "version",
            "bench", "completion", "demo", "audit", "vault"]


class HelpTest(CommandTest):
    def test_every_command_has_help_with_exit_statuses(self):
        out, _ = self.run_tutela("--help")
        self.assertIn("Exit status: 0 nothing found, 1 match found, 2 error", out)
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", out)
            text, error = self.run_tutela(command, "--help")
            self.assertIn("Exit status: 0", text, command)
            self.assertEqual(error, "")
            if command != "version":
                self.assertRegex(text, "Examples?:", command)

    def test_every_command_under_a_command_has_help(self):
        for command in ("list", "token", "config", "policy", "audit", "vault"):
            out, _ = self.run_tutela(command, "--help")
            names = re.findall(r"^  ([a-z-]+)  +[A-Z]", out.split("Subcommands:")[1], re.MULTILINE)
            self.assertGreaterEqual(len(names), 1)
            for name in names:
                self.assertIn("Usage: tutela " + command + " " + name,
                              self.run_tutela(command, name, "--help")[0])

    def test_wrong_usage_is_status_2_and_says_how(self):
        for arguments in ([], ["nonsense"], ["hash"], ["hash", "--nonsense", "x"], ["scan"],
                          ["token"], ["list", "nonsense"], ["completion", "tcsh"],
                          ["scan", "--threads", "-1", "x"]):
            error = self.refuse("cli.usage", *arguments)
            self.assertIn("--help", error)

    def test_version(self):
        out, _ = self.run_tutela("version")
        self.assertRegex(out, r"^tutela \d+\.\d+\.\d+\n$")
        out, _ = self.run_tutela("version", "--features")
        for word in ("PDQ", "SQLite", "scalar", "fault hooks"):
            self.assertIn(word, out)


class ConfigurationTest(CommandTest):
    def test_all_keys_are_documented(self):
        out, _ = self.run_tutela("config", "keys")
        documented = (support.SOURCE / "docs" / "configuration.md").read_text()
        rows = out.splitlines()[1:]
        self.assertGreater(len(rows), 20)
        told = set(re.findall(r"^\| `([a-z0-9_.]+)` \|", documented, re.MULTILINE))
        self.assertEqual(told, {row.split()[0] for row in rows})
        for row in rows:
            key, environment, default, reload_word = re.split(r" {2,}", row)[:4]
            line = next(one for one in documented.splitlines() if one.startswith(f"| `{key}` |"))
            self.assertIn(f"`{environment}`", line)
            self.assertIn("| none |" if default == "-" else f"| `{default}` |", line)
            self.assertIn("| reload |" if reload_word == "yes" else "| restart |", line)

    def test_file_environment_and_option_in_this_order(self):
        self.write("t.toml", '[server]\nlisten = "127.0.0.1:1"\n[store]\nfolder = "from-file"\n')
        out, _ = self.run_tutela("--config", "t.toml", "config", "show")
        self.assertRegex(out, r"server\.listen +127\.0\.0\.1:1\n")
        out, _ = self.run_tutela("config", "show", TUTELA_CONFIG="t.toml",
                                 TUTELA_SERVER__LISTEN="127.0.0.1:2")
        self.assertRegex(out, r"server\.listen +127\.0\.0\.1:2\n")
        self.assertRegex(out, r"store\.folder +from-file\n")
        out, _ = self.run_tutela("config", "show", "--config", "t.toml", "--data", "from-option")
        self.assertRegex(out, r"store\.folder +from-option\n")

    def test_no_pin_is_shown(self):
        self.write("t.toml", '[vault]\nkey = "pkcs11:/lib/m.so?token=T&pin-value=4711"\n')
        out, error = self.run_tutela("--config", "t.toml", "config", "show")
        self.assertRegex(out, r"vault\.key +pkcs11:/lib/m\.so\?token=T&pin-value=\(set\)\n")
        self.assertNotIn("4711", out + error)

    def test_wrong_configuration_is_told_with_its_line(self):
        self.write("t.toml", '[server]\nlisten = "127.0.0.1:1"\nlissten = "x"\n')
        self.assertIn("line 3", self.refuse("config.invalid", "--config", "t.toml", "config", "show"))
        self.refuse("config.invalid", "config", "show", TUTELA_SERVER__NONSENSE="1")
        _, error = self.run_tutela("--config", "absent.toml", "config", "show", status=2)
        self.assertIn("tutela: ", error)

    def test_policies(self):
        self.write("good.toml", "version = 1\n")
        self.assertIn("Good: policy version 1-", self.run_tutela("policy", "check", "good.toml")[0])
        self.write("bad.toml", "version = 1\n[[rule]]\nnonsense = 1\n")
        self.assertIn("line ", self.refuse("policy.invalid", "policy", "check", "bad.toml"))


class TokenTest(CommandTest):
    def test_walks_the_life_of_a_token(self):
        self.assertIn("no tokens yet", self.run_tutela("token", "list")[0])
        out, error = self.run_tutela("token", "create", "app", "--scopes", "scan read",
                                     "--expires", "30")
        self.assertRegex(out, r"^tutela_[A-Za-z0-9_-]{43}\n$")
        self.assertIn("shown this once", error)
        shown, _ = self.run_tutela("token", "list")
        self.assertRegex(shown, r"app +(scan read) +valid")
        self.assertNotIn(out.strip(), shown)
        for path in (self.folder / "tutela-data").rglob("*"):
            if path.is_file():
                self.assertNotIn(out.strip().encode(), path.read_bytes(), path)
        self.run_tutela("token", "revoke", "app")
        self.assertRegex(self.run_tutela("token", "list")[0], r"app +(scan read) +revoked")
        self.refuse("scope.unknown", "token", "create", "other", "--scopes", "everything")
        self.refuse("token.not_found", "token", "revoke", "absent")


class CompletionTest(CommandTest):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.run_tutela("completion", "bash")[0]
        line = " ".join(f"'{word}'" for word in words)
        script += (f"COMP_WORDS=({line})\nCOMP_CWORD={len(words) - 1}\n_tutela\n"
                   "printf '%s\\n' \"${COMPREPLY[@]}\"\n")
        result = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True)
        return result.stdout.split()

    def test_bash_offers_what_fits(self):
        self.assertEqual(self.complete("tutela", "li"), ["list"])
        self.assertIn("activate", self.complete("tutela", "list", ""))
        self.assertEqual(self.complete("tutela", "scan", "--ig"), ["--ignore-unsupported"])
        self.assertEqual(self.complete("tutela", "list", "import", "x", "--sk"), ["--skip-bad"])
        self.assertEqual(self.complete("tutela", "hash", "--co"), ["--config"])

    def test_other_shells_get_a_script(self):
        out, _ = self.run_tutela("completion", "zsh")
        self.assertIn("bashcompinit", out)
        out, _ = self.run_tutela("completion", "fish")
        self.assertIn("complete -c tutela -n '__fish_use_subcommand' -a scan -d", out)
        self.assertNotIn("\n\n", out)


class BenchTest(CommandTest):
    def test_measures_and_cleans_up(self):
        out, _ = self.run_tutela("bench", "--signals", "1000")
        for word in ("pictures/s", "PDQ of decoded pixels", "search over 1000 signals",
                     "durable units of work"):
            self.assertIn(word, out)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_measures_the_index_alone(self):
        out, _ = self.run_tutela("bench", "index", "--n", "20000", "--queries", "200", "--json")
        figures = json.loads(out)
        self.assertEqual(figures["signals"], 20000)
        self.assertGreater(figures["searches_per_second"], 0)
        self.assertLessEqual(figures["p50_us"], figures["p99_us"])
        self.assertGreater(figures["bytes_per_signal"], 112)
        out, _ = self.run_tutela("bench", "index", "--n", "20000", "--queries", "200")
        self.assertIn("search, 8 orientations", out)
        self.assertNotIn("pictures/s", out)
        _, err = self.run_tutela("bench", "index", "--n", "1000000000", status=2)
        self.assertIn("[bench.too_little_memory]", err)

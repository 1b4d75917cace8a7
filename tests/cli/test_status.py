"""tutela status where no server runs: with one, tests/http/test_watch.py."""
import datetime
import json
import sqlite3
import uuid

from support import CommandTest

ENDED = str(uuid.UUID(int=0x019b05a26d4e7c558a123f9d5b6e7a01))


class StatusTest(CommandTest):
    def say(self, body, at_ms=None):
        """A row as a server leaves it that runs no more."""
        now_ms = int(datetime.datetime.now().timestamp() * 1000)
        with sqlite3.connect(self.folder / "tutela-data" / "tutela.db") as store:
            store.execute("INSERT INTO watch_beat (instance_id, tenant_id, principal_id, started_ms, "
                          "at_ms, body) VALUES (?, 'default', 'system', 1, ?, ?)",
                          (ENDED, at_ms or now_ms, body))
        store.close()

    def test_where_nothing_is_nobody_watches_and_nothing_is_made(self):
        out, _ = self.run_tutela("status")
        self.assertIn("Detection is OFF: no server runs on this data folder.", out)
        self.run_tutela("status", "--exit-code", status=2)
        self.assertFalse((self.folder / "tutela-data").exists())

    def test_what_a_server_said_that_has_ended_does_not_count(self):
        self.run_tutela("list", "create", "any", "--purpose", "test", "--source", "own",
                        "--classification", "test")
        self.say(json.dumps({"state": "ok", "alarms": [], "canaries": []}))
        out, _ = self.run_tutela("status", "--exit-code", status=2)
        self.assertIn("the last one has ended", out)
        found = self.run_json("status", "--json", "--exit-code", status=2)[0]
        self.assertEqual((found["state"], found["servers"]), ("blind", []))

    def test_a_store_that_cannot_be_read_is_an_error(self):
        self.write("tutela-data/tutela.db", b"no database" * 1000)
        _, error = self.run_tutela("status", status=2)
        self.assertIn("tutela: ", error)

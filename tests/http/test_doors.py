"""What a door answers while no verdict can be reached, and that everything is made up afterwards."""
import hashlib
import os
import pathlib
import signal
import time
import unittest

import pictures
from servers import BINARY, Server

DECODER = pathlib.Path(BINARY).resolve().parent / "tutela-decode"


class Doors(unittest.TestCase):
    """The decoder is a link that can be taken away, and its processes are killed."""

    def setUp(self):
        self.server = Server(workers__program="", doors__http_on_error="hold")
        self.addCleanup(self.server.close)
        self.link = self.server.folder / "decoder"
        self.link.symlink_to(DECODER)
        self.server.keys["workers.program"] = str(self.link)
        self.server.write_config()
        self.server.start()
        self.server.activate_list("base", [{"kind": "md5", "value": "0" * 31 + "1"}])
        self.client = self.server.client()

    def set(self, **keys):
        self.server.keys.update({name.replace("__", "."): value for name, value in keys.items()})
        self.server.write_config()
        after = self.server.hang_up()
        self.server.wait_for("info reloaded", after=after)

    def decoders(self):
        """Process ids of the warmed parents."""
        found = []
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == self.server.process.pid and fields[0] != "Z":
                command = (status.parent / "cmdline").read_bytes()
                if command.startswith(str(self.link).encode()):
                    found.append(int(status.parent.name))
        return found

    def take_workers_away(self):
        self.link.unlink()
        for pid in self.decoders():
            os.kill(pid, signal.SIGKILL)

    def give_workers_back(self):
        self.link.symlink_to(DECODER)

    def verdict_of(self, content_id, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            content = self.client.get("/v1/content/" + content_id).json
            if content["verdict"] != "owed":
                return content["verdict"]
            time.sleep(0.1)
        self.fail("not made up in time")

    def check_owed(self, answer, status, outcome):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual((answer.json["outcome"], answer.json["verdict"]), (outcome, "owed"))
        self.assertEqual(answer.headers["Location"], "/v1/content/" + answer.json["id"])

    def test_each_policy_answers_as_it_says_and_every_item_is_made_up(self):
        known = pictures.picture(1)
        self.server.activate_list("known", [{"kind": "sha256",
                                             "value": hashlib.sha256(known).hexdigest()}])
        self.take_workers_away()
        held = self.client.scan(pictures.picture(2), Idempotency_Key="hold")
        self.check_owed(held, 202, "held")
        repeated = self.client.scan(pictures.picture(2), Idempotency_Key="hold")
        self.check_owed(repeated, 202, "held")

        self.set(doors__http_on_error="deny")
        denied = self.client.scan(pictures.picture(3), Idempotency_Key="deny")
        self.assertEqual((denied.status, denied.code), (503, "scan.denied"), denied.body)
        self.assertGreater(int(denied.headers["Retry-After"]), 0)
        denied_id = denied.json["id"]
        self.assertEqual(denied.headers["Location"], "/v1/content/" + denied_id)
        again = self.client.scan(pictures.picture(3), Idempotency_Key="deny")
        self.assertEqual((again.code, again.json["id"]), ("scan.denied", denied_id))

        self.set(doors__http_on_error="allow")
        let = self.client.scan(known, Idempotency_Key="allow")
        self.check_owed(let, 200, "accepted")
        self.assertEqual(self.server.metric('tutela_let_through_total{door="http"}'), 1)
        self.server.wait_for("warning let through without a verdict|warn.* let through without")
        again = self.client.scan(known, Idempotency_Key="allow")
        self.check_owed(again, 200, "accepted")
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(self.server.metric('tutela_let_through_total{door="http"}'), 1,
                         "counted once")
        self.assertEqual(self.server.metric("tutela_owed_items"), 3)

        self.give_workers_back()
        self.assertEqual(self.verdict_of(held.json["id"]), "no_match")
        self.assertEqual(self.verdict_of(denied_id), "no_match")
        self.assertEqual(self.verdict_of(let.json["id"]), "match")
        again = self.client.scan(pictures.picture(3), Idempotency_Key="deny")
        self.assertEqual((again.status, again.json["verdict"]), (200, "no_match"))

    def test_a_door_that_does_not_scan_owes_everything_until_it_does_again(self):
        self.set(doors__http_scan=False, doors__http_on_error="allow")
        answer = self.client.scan(pictures.picture(4), Idempotency_Key="key")
        self.check_owed(answer, 202, "held")
        self.check_owed(self.client.scan(pictures.picture(4), Idempotency_Key="key"), 202, "held")
        later = self.client.scan(pictures.picture(5), Prefer="respond-async")
        self.check_owed(later, 202, "held")
        time.sleep(6)  # longer than the pause between two looks at what is owed
        for one in (answer, later):
            self.assertEqual(self.client.get(one.headers["Location"]).json["verdict"], "owed")
        self.assertEqual(self.server.metric('tutela_let_through_total{door="http"}'), 0)
        self.set(doors__http_scan=True)
        self.assertEqual(self.verdict_of(answer.json["id"]), "no_match")
        self.assertEqual(self.verdict_of(later.json["id"]), "no_match")

    def test_what_cannot_be_recorded_as_owed_is_refused_whatever_the_policy_is(self):
        self.server.stop()
        self.server.keys["store.spool_bytes_max"] = 1 << 20
        self.server.keys["doors.http_on_error"] = "allow"
        self.server.write_config()
        self.server.process.stderr.close()
        self.server.start()
        client = self.server.client()
        answer = client.scan(b"x" * (2 << 20))
        self.assertEqual((answer.status, answer.code), (503, "spool.full"), answer.body)
        self.assertEqual(self.server.metric('tutela_let_through_total{door="http"}'), 0)


if __name__ == "__main__":
    unittest.main()

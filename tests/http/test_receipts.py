"""Receipts: for those who may have them, never for uploaders; checked by the real command."""
import json
import unittest

import pictures
from client import Client
from servers import ServerTest

NOWHERE = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"
KEYS = "/.well-known/tutela-receipt-keys.json"


class Receipts(ServerTest):
    def scan(self, number):
        answer = self.server.client("scan read").scan(pictures.png(pictures.pixels(number)))
        self.assertEqual((answer.status, answer.json["verdict"]), (200, "no_match"), answer.body)
        return answer.json["id"]

    def verify(self, receipt, keys, status=0):
        (self.server.folder / "receipt.json").write_bytes(receipt)
        (self.server.folder / "keys.json").write_bytes(keys)
        done = self.server.run(
            "receipt", "verify", str(self.server.folder / "receipt.json"), "--keys",
            str(self.server.folder / "keys.json"), "--log-key",
            str(self.server.folder / "data/audit/vkey"), "--json", check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout) if status == 0 else done.stderr

    def test_a_reader_gets_one_that_anybody_can_check(self):
        item = self.scan(1)
        receipt = self.server.client("read").get(f"/v1/content/{item}/receipt")
        self.assertEqual(receipt.status, 200, receipt.body)
        keys = Client(self.server.address).get(KEYS)
        self.assertEqual(keys.status, 200, keys.body)
        said = self.verify(receipt.body, keys.body)
        self.assertEqual((said["content"], said["verdict"], said["proved"]), (item, "no_match", True))
        changed = json.loads(receipt.body)
        changed["payload"] = changed["payload"][:-4] + "AAAA"
        self.assertIn("receipt.bad_signature",
                      self.verify(json.dumps(changed).encode(), keys.body, 1))

    def test_uploaders_get_none(self):
        item = self.scan(2)
        for scopes in ("scan", "scan lists search export admin"):
            self.assert_problem(self.server.client(scopes).get(f"/v1/content/{item}/receipt"), 403,
                                "auth.missing_scope")
        self.assert_problem(Client(self.server.address).get(f"/v1/content/{item}/receipt"), 401,
                            "auth.no_token")

    def test_what_is_not_there_has_none(self):
        reader = self.server.client("read")
        self.assert_problem(reader.get(f"/v1/content/{NOWHERE}/receipt"), 404, "content.not_found")
        self.assertEqual(reader.get("/v1/content/none/receipt").status, 400)
        self.assertEqual(reader.get(f"/v1/content/{NOWHERE}/receipt?more=1").status, 400)

    def test_the_keys_are_anybodys_and_stay_the_same(self):
        nobody = Client(self.server.address)
        first = nobody.get(KEYS)
        self.assertEqual(first.body, nobody.get(KEYS).body)
        self.assertEqual(nobody.call("HEAD", KEYS).status, 200)
        self.assertNotIn("d", first.json["keys"][0])


if __name__ == "__main__":
    unittest.main()

"""Notices through the API, against the real server and its vault process: handed in with tokens,
worked on by people, answered; who sent them; and that nobody learns from answers what is on a list."""
import hashlib
import json
import random
import time
import unittest

import pictures
from client import Client, raw
from servers import within_one_day
from test_review import ReviewTest, await_value

SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&\u202e'
NAME = "Unmistakable Sendername"
REASON = "the sender may be in danger tonight"
FOLLOWED = ("state", "looked_at", "imminent", "language", "messages")


class NoticeTest(ReviewTest):
    number = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.button = cls.server.client("report")

    def link(self):
        NoticeTest.number += 1
        return f"https://example.org/posts/{NoticeTest.number}"

    def submit(self, client=None, headers=None, **body):
        body = {"kind": "content"} | body
        if not any(body.get(name) for name in ("text", "links", "accounts", "messages", "files")):
            body["links"] = [self.link()]
        return (client or self.button).post("/v1/notices", body, headers=headers)

    def submitted(self, client=None, **body):
        answer = self.submit(client, **body)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def file(self, data, media_type="application/octet-stream", client=None):
        return (client or self.button).call("POST", "/v1/notices/files", data,
                                            {"Content-Type": media_type})

    def whole(self, receipt, person=None):
        """As it is when it has its place, which is another version."""
        def look():
            answer = (person or self.team.reviewer).get(f"/v1/notices/{receipt['id']}")
            self.assertEqual(answer.status, 200, answer.body)
            return answer.json if "sorted_at" in answer.json else None
        found = await_value(look)
        self.assertTrue(found, "it has no place in time")
        return found

    def command(self, name, receipt, person=None, version=None, **body):
        body["version"] = version or self.whole(receipt)["version"]
        return (person or self.team.reviewer).post(f"/v1/notices/{receipt['id']}/{name}", body)

    def partner(self, kind, scopes):
        """A token of its own that is a partner's."""
        client = self.server.client(scopes)
        name = f"test-{list(self.server.tokens).index(scopes)}"
        listed = self.server.run("token", "list").stdout
        token = next(line.split()[-1] for line in listed.splitlines() if line.split()[0] == name)
        added = self.team.lead.post("/v1/partners", {
            "kind": kind, "name": "A desk", "organisation": "Example", "token": token})
        self.assertEqual(added.status, 201, added.body)
        return client, added.json


class Submitting(NoticeTest):
    def test_a_notice_has_a_number_a_pin_and_a_promise(self):
        receipt = self.submitted(text="please look", sender="victim")
        self.assertRegex(receipt["number"], r"^T-[0-9A-Z]{4}(-[0-9A-Z]{4})+$")
        self.assertRegex(receipt["pin"], r"^\d{8}$")
        self.assertEqual((receipt["queue"], receipt["contact"]), ("victim", "none"))
        whole = self.whole(receipt)
        self.assertEqual((whole["channel"], whole["sender"], whole["proved"]),
                         ("api", "victim", True))
        self.assertEqual(whole["body"]["text"], "please look")
        self.assertNotIn(receipt["pin"], json.dumps(whole))

    def test_who_is_in_danger_comes_first(self):
        receipt = self.submitted(text="now", imminent=True)
        self.assertEqual(receipt["queue"], "imminent")
        first = self.team.reviewer.get("/v1/notices?waiting=true&limit=1").json["items"][0]
        self.assertTrue(first["imminent"])
        self.assertEqual(self.command("take", receipt).status, 200)

    def test_everything_that_was_said_comes_back_as_it_was_said(self):
        said = {"text": "line one\nline two\t" + SCRIPT, "links": [self.link(), SCRIPT],
                "accounts": ["account " + SCRIPT],
                "messages": [{"who": SCRIPT, "when": "yesterday", "text": SCRIPT}, {"text": "b"}]}
        receipt = self.submitted(kind="solicitation", reference="our " + SCRIPT, **said)
        answer = self.team.reviewer.get(f"/v1/notices/{receipt['id']}")
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.json["body"], said)
        self.assertEqual(answer.json["reference"], "our " + SCRIPT)

    def test_a_repeated_key_gives_the_number_again_and_no_pin(self):
        key = {"Idempotency-Key": "a key of ours, 1"}
        link = self.link()
        first = self.submit(headers=key, links=[link])
        again = self.submit(headers=key, links=[link])
        self.assertEqual((first.status, again.status), (201, 201), again.body)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertIsNone(first.headers.get("Idempotency-Replayed"))
        self.assertEqual(first.json["number"], again.json["number"])
        self.assertNotIn("pin", again.json)
        self.assert_problem(self.submit(headers=key, links=[self.link()]), 409,
                            "idempotency.mismatch")
        self.assert_problem(self.submit(headers={"Idempotency-Key": "k" * 256}), 400,
                            "request.bad_header")

    def test_another_notice_or_other_files_with_the_same_key_are_refused_and_not_lost(self):
        key = {"Idempotency-Key": "used once"}
        one, same, other = (self.file(data).json["id"] for data in (b"one", b"one", b"other"))
        link = self.link()
        first = self.submit(headers=key, links=[link], files=[one])
        self.assertEqual(first.status, 201, first.body)
        for body in ({"files": [one]}, {"files": [same]}):
            again = self.submit(headers=key, links=[link], **body)
            self.assertEqual((again.status, again.json["number"]), (201, first.json["number"]))
            self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        for body in ({"files": [one, other]}, {"files": [other]}, {},
                     {"files": [one], "text": "more"}, {"files": [one], "country": "AT"}):
            self.assert_problem(self.submit(headers=key, links=[link], **body), 409,
                                "idempotency.mismatch")
        anew = self.submit(headers={"Idempotency-Key": "a new one"}, links=[link], files=[other])
        self.assertEqual(anew.status, 201, anew.body)
        self.assertEqual(self.whole(anew.json)["files"], [other])
        self.assertEqual(self.whole(first.json)["files"], [one])

    def test_a_partner_is_known_by_its_token_and_has_its_queue(self):
        for kind, sender, queue in (("flagger", "flagger", "flagger"),
                                    ("hotline", "hotline", "flagger"),
                                    ("researcher", "researcher", None)):
            client, partner = self.partner(kind, f"report # {kind}")
            body = {"kind": "detection"} if kind == "researcher" else {}
            receipt = self.submitted(client, reference="theirs-7", text="see", **body)
            whole = self.whole(receipt)
            self.assertEqual((whole["sender"], whole["partner"]), (sender, partner["id"]))
            self.assertEqual(whole["queue"], queue or "detection")
            listed = self.team.reviewer.get(f"/v1/notices?partner={partner['id']}").json["items"]
            self.assertEqual([one["id"] for one in listed], [receipt["id"]])
            self.assert_problem(self.submit(client, sender="victim"), 400, "notice.bad_sender")
        self.assert_problem(self.submit(sender="flagger"), 400, "notice.bad_sender")

    def test_masses_of_one_reporter_are_kept_and_grouped(self):
        within_one_day()  # tomorrow nobody knows who this reporter was
        queues = [self.submitted(reporter="one-of-many", text=f"text {i}")["queue"]
                  for i in range(14)]
        self.assertEqual(queues, ["public"] * 10 + ["flood"] * 4)
        self.assertEqual(self.submitted(reporter="somebody-else", text="x")["queue"], "public")
        floods = self.team.reviewer.get("/v1/notices/queues").json["floods"]
        self.assertEqual([(flood["notices"], flood["imminent"]) for flood in floods], [(4, 0)])
        listed = self.team.reviewer.get(f"/v1/notices?flood={floods[0]['key']}").json["items"]
        self.assertEqual(len(listed), 4)
        self.assertNotIn("one-of-many", json.dumps(listed))

    def test_what_is_pasted_is_a_notice_of_the_desk_with_its_links(self):
        link = self.link()
        answer = self.team.reviewer.post("/v1/notices/paste", {
            "text": f"A caller says: look at {link}, please.", "from": NAME, "sender": "guardian"})
        self.assertEqual(answer.status, 201, answer.body)
        whole = self.whole(answer.json)
        self.assertEqual((whole["channel"], whole["sender"]), ("desk", "guardian"))
        self.assertEqual(whole["body"]["links"], [link])
        self.assertEqual((answer.json["contact"], whole["has_contact"]), ("sealed", True))
        self.assertNotIn(NAME, json.dumps(whole))
        self.assertRegex(answer.json["pin"], r"^\d{8}$")


class Hostile(NoticeTest):
    def test_bodies_that_are_too_large_deep_or_none_are_refused(self):
        post = self.button.post
        kind = {"kind": "content"}
        self.assert_problem(post("/v1/notices", kind), 400, "notice.empty")
        self.assert_problem(post("/v1/notices", {"text": "a"}), 400, "request.missing_field")
        self.assert_problem(post("/v1/notices", kind | {"text": "a" * 8001}), 400,
                            "notice.too_long")
        self.assert_problem(post("/v1/notices", kind | {"links": ["a"] * 51}), 400,
                            "notice.too_long")
        self.assert_problem(post("/v1/notices", kind | {"messages": [{"text": "a"}] * 201}), 400,
                            "notice.too_long")
        self.assert_problem(post("/v1/notices", kind | {"text": "a" * (1 << 20)}), 413,
                            "request.too_large")
        self.assert_problem(post("/v1/notices", kind | {"text": "a\0b"}), 400,
                            "request.bad_field")
        self.assert_problem(post("/v1/notices", kind | {"links": ["a\0b"]}), 400,
                            "notice.bad_text")
        self.assert_problem(post("/v1/notices", kind | {"text": "a", "more": 1}), 400,
                            "request.unknown_field")
        self.assert_problem(post("/v1/notices", {"kind": "nothing", "text": "a"}), 400,
                            "notice.bad_kind")
        self.assert_problem(post("/v1/notices", kind | {"text": "a", "country": "de"}), 400,
                            "request.bad_field")
        self.assert_problem(post("/v1/notices", kind | {"text": "a", "language": "../x"}), 400,
                            "request.bad_field")
        headers = {"Content-Type": "application/json"}
        for body in ("[" * 100_000, '{"kind":' * 1000, '{"kind":"content","text":"\xff"}',
                     '"text"', "{", '{"kind":"content","text":"\\ud800"}'):
            data = body.encode("latin-1")
            self.assert_problem(self.button.call("POST", "/v1/notices", data, headers), 400,
                                "request.bad_json")

    def test_limits_are_of_characters_in_every_script(self):
        for letter in ("x", "\u00e4", "\u0634", "\U0001f600"):
            full = {"text": letter * 8000, "accounts": [letter * 256], "reference": letter * 128,
                    "reporter": letter * 256,
                    "messages": [{"who": letter * 256, "when": "", "text": letter * 4000}] * 12,
                    "contact": {"name": letter * 200}}
            given = self.submitted(**full)
            self.assertEqual(self.whole(given)["body"]["text"], full["text"])
            for name, value, code in (
                    ("text", letter * 8001, "notice.too_long"),
                    ("accounts", [letter * 257], "notice.too_long"),
                    ("reference", letter * 129, "notice.bad_reference"),
                    ("reporter", letter * 257, "request.bad_field"),
                    ("contact", {"name": letter * 201}, "contact.bad_name")):
                self.assert_problem(self.submit(**full | {name: value}), 400, code)
            pasted = self.team.reviewer.post("/v1/notices/paste", {
                "text": letter * 8000, "from": letter * 200})
            self.assertEqual(pasted.status, 201, pasted.body)
            self.assert_problem(self.team.reviewer.post("/v1/notices/paste", {
                "text": letter * 8001}), 400, "notice.too_long")
            given = {"number": given["number"], "pin": given["pin"]}
            self.assertEqual(self.button.post("/v1/intake/add", given | {
                "text": letter * 4000}).status, 200)
            self.assert_problem(self.button.post("/v1/intake/add", given | {
                "text": letter * 4001}), 400, "notice.too_long")

    def test_random_bodies_get_a_problem_or_a_receipt(self):
        source = random.Random(8)
        names = ("kind", "text", "links", "accounts", "messages", "contact", "files", "imminent",
                 "sender", "language", "country", "reference", "reporter", "x")
        values = ("content", "", [], {}, None, 1, -1, True, ["a"], [None], [{}], {"name": "a"},
                  [{"text": "t"}], "en", SCRIPT, "a" * 9000, [["a"]], {"email": "no"}, 1e300)
        statuses = set()
        for _ in range(200):
            body = {name: source.choice(values) for name in source.sample(names, 4)}
            answer = self.button.post("/v1/notices", body)
            self.assertIn(answer.status, (201, 400), (body, answer.body))
            statuses.add(answer.status)
        self.assertIn(400, statuses)

    def test_files_are_bounded_and_must_be_ones_own(self):
        self.assert_problem(self.file(b""), 400, "media.empty")
        boundary = b"--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nx\r\n--b--\r\n"
        self.assert_problem(self.file(boundary, "multipart/form-data; boundary=b"), 400,
                            "request.unknown_field")
        self.assert_problem(self.file(b"x", "multipart/mixed; boundary=b"), 415,
                            "request.media_type")
        mine = self.file(pictures.picture(901)).json["id"]
        uploaded = self.team.scan(pictures.picture(902), "account-of-902")["id"]
        for wrong in ("019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01", uploaded):
            self.assert_problem(self.submit(files=[wrong]), 400, "notice.unknown_file")
        self.assert_problem(self.submit(self.server.client("report # other"), files=[mine]), 400,
                            "notice.unknown_file")
        self.assert_problem(self.submit(files=[mine, mine]), 400, "request.bad_field")
        receipt = self.submitted(files=[mine], text="this")
        self.assertEqual(self.whole(receipt)["files"], [mine])
        again = self.submit(files=[mine], text="that")
        self.assertEqual(again.status, 409, again.body)
        many = [self.file(pictures.picture(910 + i)).json["id"] for i in range(6)]
        self.assert_problem(self.submit(files=many), 413, "notice.too_many_files")

    def test_a_form_with_one_file_is_taken(self):
        body = (b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"
                + pictures.picture(903) + b"\r\n--b--\r\n")
        answer = self.file(body, "multipart/form-data; boundary=b")
        self.assertEqual(answer.status, 202, answer.body)

    def test_a_caller_that_goes_away_leaves_nothing(self):
        before = len(self.server.spooled())
        head = (f"POST /v1/notices/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                f"{self.button.token}\r\nContent-Length: 100000\r\nContent-Type: "
                "application/octet-stream\r\n\r\n").encode()
        connection = self.button.connect()
        connection.connect()
        connection.sock.sendall(head + b"x" * 70_000)
        connection.close()
        self.assertTrue(await_value(lambda: len(self.server.spooled()) <= before))
        self.assertIn(b"401", raw(self.server.address, head.replace(b"Bearer", b"Nobody"))[:20])


class Desk(NoticeTest):
    def test_a_notice_is_taken_asked_and_answered_and_its_sender_follows(self):
        receipt = self.submitted(text="please look")
        taken = self.command("take", receipt)
        self.assertEqual(taken.status, 200, taken.body)
        self.assertEqual(taken.json["taken_by_name"], "reviewer")
        asked = self.command("ask", receipt, question="Where did you see it?\nWhich day?")
        self.assertEqual((asked.status, asked.json["state"]), (200, "question"), asked.body)
        outcome = self.whole(receipt)["outcomes"][0]
        answered = self.command("answer", receipt, outcome=outcome, words="We looked.")
        self.assertEqual((answered.status, answered.json["state"]), (200, "answered"),
                         answered.body)
        self.assertEqual((answered.json["outcome"], answered.json["answer"]),
                         (outcome, "We looked."))
        whole = self.whole(receipt)
        self.assertEqual([one["text"] for one in whole["messages"]][0],
                         "Where did you see it?\nWhich day?")
        self.assertEqual(whole["messages"][0]["by_name"], "reviewer")
        kinds = [event["kind"] for event in whole["events"]]
        self.assertEqual(kinds[0], "received")
        for kind in ("taken", "asked", "answered"):
            self.assertIn(kind, kinds)

    def test_a_stale_version_changes_nothing(self):
        receipt = self.submitted(text="please look")
        version = self.whole(receipt)["version"]
        self.assertEqual(self.command("take", receipt, version=version).status, 200)
        for name, body in (("take", {}), ("ask", {"question": "a?"}),
                           ("answer", {"outcome": "handled"}),
                           ("move", {"queue": "victim", "reason": "it is one"})):
            stale = self.command(name, receipt, version=version, **body)
            self.assert_problem(stale, 409, "notice.changed")
        self.assertEqual(self.whole(receipt)["version"], version + 1)

    def test_a_notice_moves_with_its_promise(self):
        receipt = self.submitted(text="please look")
        moved = self.command("move", receipt, queue="victim", reason="it is a victim")
        self.assertEqual((moved.status, moved.json["queue"]), (200, "victim"), moved.body)
        self.assertLess(moved.json["due_at"], receipt["due_at"])

    def test_an_outcome_that_may_not_be_told_is_refused(self):
        receipt = self.submitted(text="only words")
        self.assert_problem(self.command("answer", receipt, outcome="done"), 400,
                            "notice.bad_outcome")
        self.assert_problem(self.command("answer", receipt, outcome="listed"), 400,
                            "notice.bad_outcome")

    def test_a_request_of_an_authority_waits_until_somebody_verified_it(self):
        client, _ = self.partner("authority", "report # police")
        receipt = self.submitted(client, kind="law_request", reference="AZ 1/26",
                                 text="please keep what account-law has", accounts=["account-law"])
        self.assertEqual(receipt["queue"], "law")
        whole = self.whole(receipt)
        self.assertEqual(whole["verified"], "unverified")
        time.sleep(3)
        self.assertNotIn("case", self.whole(receipt), "nothing happens before")
        self.assert_problem(self.command("answer", receipt, outcome="done"), 409,
                            "notice.not_verified")
        body = {"verified": True, "how": "called back at the number of their directory"}
        self.assert_problem(self.command("verify", receipt, self.team.reviewer, **body), 403,
                            "auth.missing_permission")
        verified = self.command("verify", receipt, self.team.legal, **body)
        self.assertEqual((verified.status, verified.json["verified"]), (200, "verified"),
                         verified.body)
        self.assertEqual(verified.json["verified_by_name"], "legal")
        done = self.command("answer", receipt, self.team.legal, outcome="done")
        self.assertEqual(done.status, 200, done.body)
        refused = self.submitted(client, kind="law_request", text="another")
        said = self.command("verify", refused, self.team.legal, verified=False,
                            how="nobody there knows of it")
        self.assertEqual((said.status, said.json["verified"]), (200, "refused"), said.body)
        self.assert_problem(self.command("answer", refused, self.team.legal, outcome="done"),
                            409, "notice.not_verified")

    def test_notices_about_the_same_join_one_case_and_stay_apart(self):
        link = self.link()
        receipts = [self.submitted(links=[link], text=f"from {i}") for i in range(3)]
        cases = await_value(lambda: [one for one in [
            {self.whole(receipt).get("case") for receipt in receipts}] if None not in one])
        self.assertEqual(len(cases[0]), 1)
        self.assertEqual(self.whole(receipts[0])["same_subject"], 2)
        case = next(iter(cases[0]))
        listed = self.team.reviewer.get(f"/v1/cases/{case}/notices")
        self.assertEqual(listed.status, 200, listed.body)
        self.assertEqual({one["id"] for one in listed.json["items"]},
                         {receipt["id"] for receipt in receipts})
        self.assertEqual(self.team.reviewer.get(
            "/v1/cases/019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01/notices").status, 404)

    def test_notices_of_a_case_are_paged_to_the_last_one(self):
        link = self.link()
        sent = [self.submitted(links=[link])["id"] for _ in range(5)]
        case = self.whole({"id": sent[0]})["case"]
        for each in sent:
            self.assertEqual(self.whole({"id": each})["case"], case)
        path = f"/v1/cases/{case}/notices"
        seen, after = [], ""
        for _ in range(10):
            page = self.team.reviewer.get(f"{path}?limit=2{after}")
            self.assertEqual(page.status, 200, page.body)
            self.assertLessEqual(len(page.json["items"]), 2)
            seen += [item["id"] for item in page.json["items"]]
            if "next" not in page.json:
                break
            after = f"&after={page.json['next']}"
        self.assertEqual(seen, sent[::-1], "the newest first, each once")
        whole = self.team.reviewer.get(path).json
        self.assertEqual((len(whole["items"]), "next" in whole), (5, False))
        for bad in ("after=x", "limit=0", "limit=201", "more=1"):
            self.assertEqual(self.team.reviewer.get(f"{path}?{bad}").status, 400, bad)

    def test_lists_are_filtered_counted_and_paged(self):
        receipts = [self.submitted(text=f"page {i}", kind="other") for i in range(5)]
        seen, after = [], ""
        while True:
            page = self.team.reviewer.get(f"/v1/notices?kind=other&limit=2{after}").json
            seen += [one["id"] for one in page["items"]]
            if "next" not in page:
                break
            after = "&after=" + page["next"]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual({receipt["id"] for receipt in receipts}, set(seen))
        by_number = self.team.reviewer.get(f"/v1/notices?number={receipts[0]['number']}").json
        self.assertEqual([one["id"] for one in by_number["items"]], [receipts[0]["id"]])
        counted = {one["queue"]: one for one in
                   self.team.reviewer.get("/v1/notices/queues").json["queues"]}
        self.assertGreaterEqual(counted["public"]["waiting"], 5)
        for wrong in ("queue=nothing", "state=x", "kind=1", "case=x", "limit=201", "waiting=maybe"):
            self.assertEqual(self.team.reviewer.get("/v1/notices?" + wrong).status, 400, wrong)

    def test_who_may_not_sees_and_does_nothing(self):
        receipt = self.submitted(text="please look")
        path = f"/v1/notices/{receipt['id']}"
        for person in (self.team.contractor, self.team.auditor, self.team.operator):
            self.assertEqual(person.get(path).status, 403)
            self.assertEqual(person.post(path + "/take", {"version": 1}).status, 403)
        self.assertEqual(self.button.get(path).status, 403, "who hands in reads nothing")
        self.assertEqual(self.server.client("scan read").post(
            "/v1/notices", {"kind": "content", "text": "a"}).status, 403)
        self.assertEqual(Client(self.server.address).post(
            "/v1/notices", {"kind": "content", "text": "a"}).status, 401)

    def test_nothing_of_a_notice_is_logged(self):
        self.submitted(text="Unloggable words", links=["https://example.org/unloggable"],
                       accounts=["unloggable-account"], contact={"name": NAME})
        time.sleep(1)
        log = "\n".join(self.server.log).lower()
        for word in ("unloggable", NAME.lower()):
            self.assertNotIn(word, log)


class Identity(NoticeTest):
    def open(self, receipt, person=None, **body):
        return (person or self.team.lead).post(
            f"/v1/notices/{receipt['id']}/identity",
            {"purpose": "safety", "reason": REASON} | body)

    def entries(self, receipt):
        found = self.team.auditor.get(
            f"/v1/audit/entries?action=notice.identity&object=notice:{receipt['id']}")
        self.assertEqual(found.status, 200, found.body)
        return found.json["items"]

    def test_who_sent_it_is_told_with_a_purpose_and_an_entry(self):
        contact = {"name": NAME, "email": "sender@example.org", "phone": "+49 171 5550199"}
        receipt = self.submitted(text="please look", contact=contact)
        self.assertEqual(receipt["contact"], "sealed")
        whole = self.whole(receipt, self.team.lead)
        self.assertTrue(whole["has_contact"])
        for word in contact.values():
            self.assertNotIn(word, json.dumps(whole))
        answer = self.open(receipt)
        self.assertEqual((answer.status, answer.json), (200, contact), answer.body)
        entry, = self.entries(receipt)
        self.assertEqual((entry["purpose"], entry["result"]), ("safety", "ok"))
        self.assertNotIn(NAME, json.dumps(entry))
        events = self.whole(receipt)["events"]
        noted = next(event for event in events if event["kind"] == "identity")
        self.assertEqual((noted["by_name"], noted["detail"]["purpose"]), ("lead", "safety"))

    def test_without_purpose_reason_right_or_contact_nothing_opens(self):
        receipt = self.submitted(text="please look", contact={"name": NAME})
        self.assert_problem(self.open(receipt, purpose="curiosity"), 400, "identity.bad_purpose")
        self.assert_problem(self.open(receipt, reason="because"), 400, "identity.bad_reason")
        self.assert_problem(self.open(receipt, self.team.reviewer), 403,
                            "auth.missing_permission")
        missing = self.team.lead.post(f"/v1/notices/{receipt['id']}/identity",
                                      {"purpose": "safety"})
        self.assert_problem(missing, 400, "request.missing_field")
        self.assertEqual([entry["result"] for entry in self.entries(receipt)], [])
        nobody = self.submitted(text="please look")
        self.assert_problem(self.open(nobody), 404, "notice.no_contact")
        self.assertEqual([entry["result"] for entry in self.entries(nobody)], ["refused"])

    def test_a_contact_lies_nowhere_in_clear(self):
        self.submitted(text="please look", contact={"name": NAME, "email": "clear@example.org"})
        time.sleep(1)
        data = self.server.folder / "data"
        files = [path for path in data.rglob("*") if path.is_file()]
        self.assertTrue(any(path.name.startswith("tutela.db") for path in files), files)
        for path in files:
            held = path.read_bytes()
            for word in (NAME.encode(), b"clear@example.org", b"Sendername"):
                self.assertNotIn(word, held, path)

    def test_what_is_no_address_is_refused(self):
        for contact in ({"email": "nobody"}, {"email": "a@b\r\nBcc: c@d"}, {"name": "a" * 201},
                        {"phone": "1" * 65}, {"fax": "1"}, {"name": 7}):
            answer = self.submit(text="x", contact=contact)
            self.assertEqual(answer.status, 400, contact)


class SameAnswer(NoticeTest):
    """What a list knows, what it does not, and what nobody can decode."""

    def test_answers_and_states_are_the_same_whatever_the_scan_says(self):
        known = pictures.picture(951)
        self.server.activate_list("known-951", [
            {"kind": "sha256", "value": hashlib.sha256(known).hexdigest()}])
        kinds = {"known": known, "unknown": pictures.picture(952),
                 "broken": b"\x89PNG\r\n\x1a\n" + b"no picture" * 50}
        posted = {name: self.file(data) for name, data in kinds.items()}
        shapes = {name: (answer.status, sorted(answer.json), sorted(
            header for header in answer.headers if header != "X-Request-Id"))
            for name, answer in posted.items()}
        self.assertEqual(len({str(shape) for shape in shapes.values()}), 1, shapes)
        receipts = {name: self.submitted(files=[answer.json["id"]], text="the file")
                    for name, answer in posted.items()}
        self.assertEqual(len({(receipt["queue"], tuple(sorted(receipt)))
                              for receipt in receipts.values()}), 1)

        verdicts = await_value(lambda: next((found for found in [{
            name: self.team.scanner.get(f"/v1/content/{answer.json['id']}").json["verdict"]
            for name, answer in posted.items()}] if "owed" not in found.values()), None))
        self.assertEqual(verdicts, {"known": "match", "unknown": "no_match",
                                    "broken": "unscannable"})
        states = {}
        for name, receipt in receipts.items():
            whole = await_value(lambda of=receipt: next(
                (one for one in [self.whole(of)] if "case" in one), None))
            self.assertTrue(whole, "no case for what is " + name)
            states[name] = (whole["state"], whole["queue"], tuple(whole["outcomes"]),
                            bool(whole.get("case")))
            follow = self.button.post("/v1/intake/follow", {"number": receipt["number"],
                                                            "pin": receipt["pin"]})
            self.assertEqual(follow.status, 200, follow.body)
            states[name] += tuple(str(follow.json[key]) for key in FOLLOWED)
        self.assertEqual(len(set(states.values())), 1, states)

    def test_every_file_is_kept_for_people_to_look_at(self):
        receipt = self.submitted(files=[self.file(pictures.picture(953)).json["id"]],
                                 text="the file")
        case = await_value(lambda: self.whole(receipt).get("case"))
        self.assertTrue(case)
        kept = await_value(lambda: [
            item["evidence_id"] for item in
            self.team.reviewer.get(f"/v1/cases/{case}").json["items"] if "evidence_id" in item])
        self.assertEqual(len(kept), 1)


if __name__ == "__main__":
    unittest.main()

"""The work of people, against the real server: cases and their queue, views by link, decisions of
two people, what follows from them at a receiver, appeals, budgets, and who sees what."""
import base64
import hashlib
import hmac
import http.server
import json
import re
import threading
import time
import unittest

import pictures
from client import Client
from persons import Person, first_admin, invite
from servers import Server, ServerTest

SECRET = base64.b64encode(b"a secret of thirty-two bytes, yes").decode()
GRADES = ("outline", "mosaic", "grey_blurred", "grey_small", "full")
WAIT_SECONDS = 90


def await_value(get, seconds=WAIT_SECONDS):
    until = time.monotonic() + seconds
    while True:
        value = get()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.1)


class Receiver:
    """A service that takes webhooks, and checks their signatures by itself."""

    def __init__(self):
        self.messages = []
        self.wrong = []
        self.status = 200
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.take(self.headers, body)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256).digest()
        if headers["webhook-signature"] != "v1," + base64.b64encode(mac).decode():
            self.wrong.append(headers["webhook-id"])
        if self.status == 200:
            self.messages.append(json.loads(body))

    def of(self, kind, case):
        return [one["data"] for one in self.messages
                if one["data"].get("kind") == kind and one["data"].get("case_id") == case]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Team:
    """One person of each role, and items that open cases."""

    ROLES = ("reviewer", "contractor", "lead", "legal", "auditor", "operator")

    def __init__(self, server):
        self.server = server
        self.admin = first_admin(server)
        for role in self.ROLES:
            setattr(self, role, invite(self.admin, role, role, bearer=True))
        self.second = invite(self.admin, "second", "reviewer", bearer=True)
        self.scanner = server.client("scan read")
        self.number = 0

    def id_of(self, name):
        return next(one["id"] for one in self.lead.get("/v1/assignees").json["items"]
                    if one["name"] == name)

    def scan(self, picture, account):
        scanned = self.scanner.scan(picture, f"?account={account}")
        assert scanned.status == 200, scanned.body
        return scanned.json

    def case_of(self, content):
        found = await_value(lambda: self.lead.get(f"/v1/cases?content={content}").json["items"])
        assert found, "no case: " + "\n".join(self.server.log[-10:])
        return found[0]

    def exact_case(self):
        """A case whose match is exact and on a trusted list: nobody needs to look."""
        self.number += 1
        picture = pictures.picture(self.number)
        value = hashlib.sha256(picture).hexdigest()
        self.server.activate_list(f"exact-{self.number}", [{"kind": "sha256", "value": value}])
        return self.case_of(self.scan(picture, f"account-{self.number}")["id"])

    def near_case(self):
        """A case that needs eyes: the match is near."""
        self.number += 1
        rows = pictures.pixels(self.number)
        probe = self.scan(pictures.png(rows), f"probe-{self.number}")["id"]
        frame = self.scanner.get(f"/v1/content/{probe}").json["hashes"]["frames"][0]
        value = int(frame["pdq"][0], 16) ^ 0b1011
        self.server.activate_list(f"near-{self.number}",
                                  [{"kind": "pdq", "value": f"{value:064x}"}])
        item = self.scan(pictures.png(pictures.brighter(rows, 1)), f"account-{self.number}")
        assert item["verdict"] == "match", item
        return self.case_of(item["id"])

    def evidence_of(self, case):
        def kept():
            items = self.lead.get(f"/v1/cases/{case['id']}").json["items"]
            return items[0].get("evidence_id") if items else None
        found = await_value(kept)
        assert found, "not kept in time"
        return found

    def link(self, person, case, evidence, grade="outline", **more):
        return person.post(f"/v1/evidence/{evidence}/view-links",
                           {"case": case["id"], "purpose": "review", "grade": grade} | more)

    def look(self, person, case, grade="outline"):
        link = self.link(person, case, self.evidence_of(case), grade)
        assert link.status == 201, link.body
        shown = person.get(link.json["url"])
        assert shown.status == 200, shown.body
        return shown

    def lock(self, person, case):
        locked = person.post(f"/v1/cases/{case['id']}/lock", {})
        assert locked.status == 200, locked.body
        return locked.json

    def decide(self, person, case, outcome="confirmed", classification="A2", **more):
        version = self.lock(person, case)["version"]
        verdict = {"outcome": outcome}
        if outcome == "confirmed" and classification:
            verdict["classification"] = classification
        return person.post(f"/v1/cases/{case['id']}/decision",
                           {"version": version, "verdict": verdict} | more)

    def await_state(self, case, *states):
        found = await_value(lambda: next(
            (one for one in [self.lead.get(f"/v1/cases/{case['id']}").json]
             if one["case"]["state"] in states), None))
        assert found, self.lead.get(f"/v1/cases/{case['id']}").body
        return found


class ReviewTest(ServerTest):
    KEYS = {"cases.undo_seconds": 3, "cases.sample_percent": 0, "exposure.cool_down_seconds": 0,
            "exposure.points_per_shift": 100000, "exposure.contractor_points_per_shift": 100000,
            "exposure.break_after_points": 100000, "exposure.days_on": 0, "vault.viewers_max": 9,
            "vault.views_per_hour": 1000}

    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.KEYS = cls.KEYS | {"webhook.url": cls.receiver.url, "webhook.allow_private": True,
                               "webhook.secrets": "whsec_" + SECRET}
        super().setUpClass()
        cls.team = Team(cls.server)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.receiver.close()
        assert not cls.receiver.wrong, "signatures that are none"


class Review(ReviewTest):
    def test_a_match_opens_a_case_that_says_why_and_shows_no_pixel(self):
        case = self.team.near_case()
        self.assertEqual((case["state"], case["needs_view"]), ("open", True))
        whole = self.team.reviewer.get(f"/v1/cases/{case['id']}")
        self.assertEqual(whole.status, 200, whole.body)
        item = whole.json["items"][0]
        self.assertEqual((item["match_kind"], item["exact"], item["trusted"]),
                         ("pdq", False, False))
        self.assertTrue(item["account"].startswith("account-"))
        self.assertEqual(whole.json["events"][0]["kind"], "opened")
        listed = self.team.reviewer.get(f"/v1/cases?account={item['account']}&waiting=true")
        self.assertEqual([one["id"] for one in listed.json["items"]], [case["id"]])
        self.assertGreater(sum(queue["waiting"] for queue in
                               self.team.reviewer.get("/v1/queues").json["items"]), 0)
        exact = self.team.exact_case()
        self.assertFalse(exact["needs_view"])

    def test_two_reviewers_race_for_a_case_and_one_gets_it(self):
        case = self.team.exact_case()
        answers = []
        people = (self.team.reviewer, self.team.second)

        def take(person):
            answers.append((person, person.post(f"/v1/cases/{case['id']}/lock", {})))

        threads = [threading.Thread(target=take, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers.sort(key=lambda entry: entry[1].status)
        self.assertEqual([answer.status for _, answer in answers], [200, 409])
        winner, loser = answers[0][0], answers[1][0]
        self.assertEqual(answers[1][1].code, "case.locked")
        seen = loser.get(f"/v1/cases/{case['id']}").json["case"]["lock"]
        self.assertEqual((seen["name"], seen["mine"]), (winner.name, False))
        self.assert_problem(loser.post(f"/v1/cases/{case['id']}/lock", {"force": True}), 409,
                            "case.locked")
        taken = self.team.lead.post(f"/v1/cases/{case['id']}/lock", {"force": True})
        self.assertEqual((taken.status, taken.json["lock"]["mine"]), (200, True))
        freed = self.team.lead.call("DELETE", f"/v1/cases/{case['id']}/lock")
        self.assertNotIn("lock", freed.json)

    def test_the_queue_gives_each_their_own(self):
        for _ in range(2):
            self.team.exact_case()
        first = self.team.reviewer.post("/v1/queues/next", {}).json["case"]
        second = self.team.second.post("/v1/queues/next", {}).json["case"]
        self.assertNotEqual(first["id"], second["id"])
        self.assertTrue(first["lock"]["mine"])
        mine = self.team.reviewer.get("/v1/cases?mine=true").json["items"]
        self.assertIn(first["id"], [one["id"] for one in mine])
        self.assertGreater(self.team.reviewer.get("/v1/overview").json["waiting"]["mine"], 0)
        for person, case in ((self.team.reviewer, first), (self.team.second, second)):
            person.call("DELETE", f"/v1/cases/{case['id']}/lock")

    def test_a_view_is_a_step_and_its_link_opens_once_for_one_session(self):
        case = self.team.near_case()
        evidence = self.team.evidence_of(case)
        refused = self.team.link(self.team.reviewer, case, evidence, "full")
        self.assert_problem(refused, 403, "opening.grade_skipped")
        costs = self.team.reviewer.get(f"/v1/evidence/{evidence}/costs").json
        self.assertEqual(costs["next"], "outline")
        link = self.team.link(self.team.reviewer, case, evidence)
        self.assertEqual(link.status, 201, link.body)
        url = link.json["url"]
        self.assertRegex(url, r"^/v1/views/[0-9a-f]{64}$")
        self.assertEqual(self.team.reviewer.get(f"/v1/evidence/{evidence}/viewed").json["viewed"],
                         "no", "a link alone shows and charges nothing")
        again = Person(self.server, "reviewer", bearer=True)  # another session of the same person
        again.secret, again.last_step = self.team.reviewer.secret, self.team.reviewer.last_step
        again.sign_in()
        self.team.reviewer.last_step = again.last_step
        self.assert_problem(again.get(url), 404, "view.not_found")
        self.assert_problem(self.team.second.get(url), 404, "view.not_found")
        for headers in ({"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "iframe"},
                        {"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "cross-site"}):
            self.assert_problem(self.team.reviewer.get(url, headers=headers), 403,
                                "view.not_embedded")
        head = Client(self.server.address, self.team.reviewer.token).call("HEAD", url)
        self.assertEqual(head.status, 403, "a head would use it up and show nothing")
        shown = self.team.reviewer.get(url, headers={"Sec-Fetch-Dest": "image",
                                                     "Sec-Fetch-Site": "same-origin"})
        self.assertEqual(shown.status, 200, shown.body)
        self.assertTrue(shown.body.startswith(b"\x89PNG"))
        self.assertEqual(shown.headers["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertIn("sandbox", shown.headers["Content-Security-Policy"])
        self.assert_problem(self.team.reviewer.get(url), 404, "view.used")
        self.assertEqual(self.team.reviewer.get(f"/v1/evidence/{evidence}/viewed").json["viewed"],
                         "partly")
        for grade in GRADES[1:]:
            self.team.look(self.team.reviewer, case, grade)
        self.assertEqual(self.team.reviewer.get(f"/v1/evidence/{evidence}/viewed").json["viewed"],
                         "yes")
        points = self.team.reviewer.get("/v1/exposure").json
        self.assertGreaterEqual(points["points"], 35)
        # This shift may have begun yesterday.
        self.assertIn(points["points"], (points["by_day"][-1], sum(points["by_day"][-2:])))

    def test_a_link_ends_and_their_number_is_bounded(self):
        case = self.team.near_case()
        evidence = self.team.evidence_of(case)
        link = self.team.link(self.team.second, case, evidence).json
        began = time.monotonic()
        codes = [self.team.link(self.team.second, case, evidence).status for _ in range(20)]
        self.assertEqual(codes[-1], 429)
        time.sleep(max(0.0, 31 - (time.monotonic() - began)))
        self.assert_problem(self.team.second.get(link["url"]), 404, "view.not_found")

    def test_people_who_disagree_leave_it_to_a_lead(self):
        case = self.team.near_case()
        self.team.look(self.team.reviewer, case)
        self.assertEqual(self.team.decide(self.team.reviewer, case).status, 200)
        other = self.team.decide(self.team.second, case, "cleared")
        self.assertEqual(other.json["state"], "disagreement", other.body)
        self.assert_problem(self.team.second.post(f"/v1/cases/{case['id']}/lock", {}), 403,
                            "case.role")
        resolved = self.team.decide(self.team.lead, case, "cleared")
        self.assertEqual((resolved.status, resolved.json["state"]), (200, "decided"))
        self.team.await_state(case, "closed")

    def test_an_overturned_appeal_gives_back_what_was_taken(self):
        case = self.team.exact_case()
        self.assertEqual(self.team.decide(self.team.reviewer, case).json["state"], "decided")
        told = await_value(lambda: self.receiver.of("content.remove", case["id"]))
        token = told[0]["appeal_token"]
        self.assertNotIn("list", told[0]["statement_of_reasons"].lower())
        public = Client(self.server.address)
        self.assert_problem(public.post("/v1/appeals/state", {"token": "tutelaa_" + "A" * 43}), 404,
                            "appeal.not_found")
        self.assertEqual(public.post("/v1/appeals/state", {"token": token}).json["state"],
                         "offered")
        asked = public.post("/v1/appeals", {"token": token, "statement": "That is\nmy own cat."})
        self.assertEqual((asked.status, asked.json["state"]), (201, "asked"), asked.body)
        self.assertEqual(set(asked.json) - {"state", "asked_at", "due_at"}, set())
        self.assert_problem(public.post("/v1/appeals", {"token": token, "statement": "again"}), 409,
                            "appeal.closed")
        appeal = next(one for one in self.team.second.get("/v1/appeals?waiting=true").json["items"]
                      if one["case"] == case["id"])
        path = f"/v1/appeals/{appeal['id']}"
        body = {"outcome": "overturned", "reason": "It is what the statement says."}
        self.assert_problem(self.team.reviewer.post(path + "/decision", body), 403, "appeal.own")
        decided = self.team.second.post(path + "/decision", body)
        self.assertEqual((decided.status, decided.json["state"]), (200, "overturned"), decided.body)
        self.assertEqual(decided.json["decided_by_name"], "second")
        given_back = await_value(lambda: self.receiver.of("content.restore", case["id"]))
        self.assertEqual(len(given_back), 1)
        stats = self.team.lead.get("/v1/stats/review?days=2").json
        self.assertGreaterEqual(stats["days"][-1]["overturned"], 1)

    def test_the_public_ways_are_throttled(self):
        public = Client(self.server.address)
        codes = [public.post("/v1/appeals/state", {"token": f"tutelaa_{i:043d}"}).code
                 for i in range(15)]
        self.assertEqual(set(codes), {"appeal.not_found", "appeal.too_many"})
        self.assertEqual(codes[-1], "appeal.too_many")

    def test_exact_matches_are_decided_together_and_samples_are_asked_of_another(self):
        cases = [self.team.exact_case() for _ in range(3)]
        near = self.team.near_case()
        body = {"cases": [{"id": one["id"], "version": one["version"]} for one in cases + [near]],
                "verdict": {"outcome": "confirmed"}}
        headers = {"Idempotency-Key": "bulk of the test"}
        answer = self.team.reviewer.post("/v1/decisions", body, headers=headers)
        self.assertEqual((answer.status, answer.json["decided"]), (200, 3), answer.body)
        self.assertTrue(answer.json["items"][3]["error"])
        again = self.team.reviewer.post("/v1/decisions", body, headers=headers)
        self.assertEqual(again.json["decided"], 3, again.body)
        self.team.await_state(cases[0], "closed")
        made = self.team.lead.post("/v1/samples", {"case": cases[0]["id"]})
        self.assertEqual(made.status, 201, made.body)
        sample = made.json["id"]
        seen = self.team.second.get(f"/v1/cases/{sample}").json
        self.assertNotIn("sample", json.dumps(seen))
        answered = self.team.decide(self.team.second, {"id": sample})
        self.assertEqual(answered.status, 200, answered.body)
        counted = await_value(lambda: [
            one for one in self.team.lead.get("/v1/quality").json["items"]
            if one["name"] == "second"])
        self.assertGreaterEqual(counted[0]["answered"], 1)
        self.assert_problem(self.team.second.post("/v1/samples", {"case": cases[1]["id"]}), 403,
                            "auth.missing_permission")

    def test_a_contractor_sees_what_is_assigned_and_nothing_else(self):
        case, other = self.team.near_case(), self.team.exact_case()
        contractor = self.team.contractor
        self.assert_problem(contractor.get(f"/v1/cases/{case['id']}"), 404, "case.not_found")
        assigned = self.team.lead.call(
            "PUT", f"/v1/assignees/{self.team.id_of('contractor')}/cases/{case['id']}")
        self.assertEqual(assigned.status, 204, assigned.body)
        self.assertEqual([one["id"] for one in contractor.get("/v1/cases").json["items"]],
                         [case["id"]])
        self.assert_problem(contractor.post(f"/v1/cases/{other['id']}/lock", {}), 404,
                            "case.not_found")
        whole = contractor.get(f"/v1/cases/{case['id']}").json
        self.assertEqual(whole["actions"], [])
        self.assertEqual(contractor.get("/v1/overview").json["waiting"]["queue"], 1)
        self.team.look(contractor, case)
        missed = contractor.post(
            f"/v1/evidence/{self.team.evidence_of(other)}/view-links",
            {"case": other["id"], "purpose": "review", "grade": "outline"})
        self.assert_problem(missed, 404, "evidence.not_found")

    def test_a_contractor_looks_at_samples_and_at_contents_that_moved(self):
        contractor = invite(self.team.admin, "hired", "contractor", bearer=True)
        case = self.team.near_case()
        picture = pictures.png(pictures.brighter(pictures.pixels(self.team.number), 1))
        content = self.team.lead.get(f"/v1/cases/{case['id']}").json["items"][0]["content_id"]
        evidence = self.team.evidence_of(case)
        path = f"/v1/evidence/{evidence}"

        def look_at(one):
            for refused in (contractor.get(path), contractor.get(path + "/viewed"),
                            self.team.link(contractor, one, evidence)):
                self.assert_problem(refused, 404, "evidence.not_found")
            assigned = f"/v1/assignees/{self.team.id_of('hired')}/cases/{one['id']}"
            self.assertEqual(self.team.lead.call("PUT", assigned).status, 204)
            self.team.look(contractor, one)
            self.assertEqual(contractor.get(path).json["case"], one["id"],
                             "not the case that it was sealed under, which is not theirs")
            self.assert_problem(self.team.link(contractor, case, evidence), 403,
                                "opening.not_assigned")
            self.assertEqual(self.team.lead.call("DELETE", assigned).status, 204)

        self.assertEqual(self.team.decide(self.team.reviewer, case, "cleared").status, 200)
        self.team.await_state(case, "closed")
        look_at(self.team.lead.post("/v1/samples", {"case": case["id"]}).json)
        self.server.activate_list("found-again", [
            {"kind": "sha256", "value": hashlib.sha256(picture).hexdigest()}])
        moved = await_value(lambda: next((one for one in self.team.lead.get(
            f"/v1/cases?content={content}").json["items"] if one["id"] != case["id"]), None))
        self.assertTrue(moved, "what was cleared and is known by its bytes now is in a new case")
        look_at(moved)

    def test_an_auditor_reads_who_looked_and_sees_nothing(self):
        case = self.team.near_case()
        evidence = self.team.evidence_of(case)
        self.team.look(self.team.reviewer, case)
        auditor = self.team.auditor
        entries = auditor.get(f"/v1/audit/entries?object=evidence:{evidence}"
                              "&action=evidence.view").json["items"]
        self.assertEqual([(one["role"], one["result"]) for one in entries], [("reviewer", "ok")])
        for path in ("/v1/cases", f"/v1/cases/{case['id']}", "/v1/queues", "/v1/appeals",
                     f"/v1/evidence/{evidence}/viewed", "/v1/views/" + "0" * 64):
            self.assert_problem(auditor.get(path), 403, "auth.missing_permission")
        self.assert_problem(self.team.link(auditor, case, evidence), 403,
                            "auth.missing_permission")
        self.assertNotIn("waiting", auditor.get("/v1/overview").json)
        self.assertEqual(auditor.get("/v1/stats/review").status, 200)

    def test_notes_links_and_marks_are_commands_with_versions(self):
        case, other = self.team.exact_case(), self.team.exact_case()
        path = f"/v1/cases/{case['id']}"
        noted = self.team.reviewer.post(path + "/notes", {"version": case["version"],
                                                          "text": "two\nlines"})
        self.assertEqual(noted.status, 200, noted.body)
        self.assert_problem(
            self.team.second.post(path + "/notes", {"version": case["version"], "text": "late"}),
            409, "case.changed")
        marked = self.team.reviewer.post(path + "/marks", {"version": noted.json["version"],
                                                           "marks": ["imminent_harm"]})
        self.assertEqual((marked.status, marked.json["queue"]), (200, "urgent"), marked.body)
        linked = self.team.reviewer.post(path + "/links", {
            "version": marked.json["version"], "case": other["id"], "kind": "related"})
        self.assertEqual(linked.status, 200, linked.body)
        whole = self.team.second.get(path).json
        self.assertEqual([(one["text"], one["name"]) for one in whole["notes"]],
                         [("two\nlines", "reviewer")])
        self.assertEqual([one["case"] for one in whole["links"]], [other["id"]])
        clear = self.team.reviewer.post(path + "/marks", {"version": linked.json["version"],
                                                          "marks": []})
        self.assertEqual((clear.status, clear.json["marks"]), (200, []))
        for body in ({"version": 1}, {"version": 1, "text": "a\0b"}, {"version": 0, "text": "a"},
                     {"version": 1, "text": "a", "more": 1}, {"version": 1, "text": ["a"]}):
            self.assertEqual(self.team.reviewer.post(path + "/notes", body).status, 400, body)
        events = self.team.reviewer.get(path + "/events?limit=2").json
        rest = self.team.reviewer.get(path + f"/events?after={events['next']}").json
        self.assertLess(events["items"][-1]["number"], rest["items"][0]["number"])

    def test_a_message_that_died_is_seen_and_replayed(self):
        self.receiver.status = 410
        try:
            case = self.team.exact_case()
            self.team.decide(self.team.reviewer, case)
            failed = await_value(lambda: self.team.operator.get(
                f"/v1/actions?case={case['id']}&state=failed").json["items"])
        finally:
            self.receiver.status = 200
        self.assertTrue(failed)
        page = self.team.operator.get("/v1/deliveries").json
        self.assertGreaterEqual(page["dead"], 1)
        self.assertGreater(self.server.metric("tutela_deliveries_dead"), 0)
        for one in page["items"]:
            replayed = self.team.operator.post(f"/v1/deliveries/{one['id']}/replay")
            self.assertEqual((replayed.status, replayed.json["state"]), (200, "waiting"))
        self.assertTrue(await_value(lambda: self.team.operator.get(
            f"/v1/actions?case={case['id']}&state=done").json["items"]))
        self.assert_problem(self.team.operator.post("/v1/deliveries/999999/replay"), 404,
                            "outbox.not_found")

    def test_a_concern_reaches_its_receiver_and_nobody_knows_whose_it_is(self):
        raised = self.team.contractor.post("/v1/concerns", {"kind": "workload",
                                                            "text": "too much\nof it"})
        self.assertEqual((raised.status, raised.body), (202, b""))
        told = await_value(lambda: [one["data"] for one in self.receiver.messages
                                    if one["type"] == "concern.raised"])
        self.assertEqual((told[0]["kind"], told[0]["text"]), ("workload", "too much\nof it"))
        entries = self.team.auditor.get("/v1/audit/entries?action=concern.raise").json["items"]
        self.assertEqual({one["who"] for one in entries}, {"somebody"})
        person = self.team.id_of("contractor")
        lines = [line for line in self.server.log if "/v1/concerns" in line]
        self.assertTrue(lines)
        self.assertFalse([line for line in lines if person in line or "contractor" in line])

    def test_settings_tell_no_secret(self):
        items = self.team.operator.get("/v1/settings").json["items"]
        values = {one["key"]: one["value"] for one in items}
        self.assertEqual(values["webhook.secrets"], "set")
        self.assertEqual(values["webhook.url"],
                         self.receiver.url[:self.receiver.url.index("/", len("http://")) + 1] +
                         "(set)")
        self.assertEqual(values["s3.secret_key"], "")
        self.assertNotIn(SECRET, json.dumps(items))

    def test_the_overview_says_whether_detection_is_on(self):
        self.team.exact_case()

        def door_of(overview):
            return next(one for one in overview["detection"]["doors"] if one["door"] == "http")

        self.assertTrue(await_value(
            lambda: door_of(self.team.lead.get("/v1/overview").json)["items_today"] > 0))
        on = self.team.lead.get("/v1/overview").json
        self.assertIn(on["detection"]["state"], ("on", "degraded"))
        self.assertGreater(on["detection"]["lists"]["active"], 0)
        self.assertIn("last_verdict_at", on["detection"])
        self.assertGreater(on["waiting"]["queue"], 0)
        for person in (self.team.admin, self.team.operator, self.team.auditor):
            self.assertNotIn("waiting", person.get("/v1/overview").json)
        stats = self.team.operator.get("/v1/stats/review").json
        self.assertEqual(len(stats["hours"]), 48)
        self.assertGreater(stats["hours"][-1]["match"] + stats["hours"][-2]["match"], 0)


class Undo(ReviewTest):
    KEYS = ReviewTest.KEYS | {"cases.undo_seconds": 15}  # longer than a machine may stand still

    def test_two_people_confirm_one_undoes_and_then_the_service_acts(self):
        case = self.team.near_case()
        path = f"/v1/cases/{case['id']}"
        self.assert_problem(self.team.decide(self.team.reviewer, case), 403, "case.not_seen")
        self.team.look(self.team.reviewer, case)
        plan = self.team.reviewer.post(path + "/plan", {"outcome": "confirmed",
                                                        "classification": "A2"})
        self.assertEqual(plan.status, 200, plan.body)
        self.assertTrue(plan.json["second_look"])
        self.assertEqual([one["kind"] for one in plan.json["actions"]], ["content.remove"])
        self.team.reviewer.call("PUT", path + "/draft", {"body": '{"note":"line\\nline"}'})
        self.assertEqual(self.team.reviewer.get(path + "/draft").json["body"],
                         '{"note":"line\\nline"}')
        first = self.team.decide(self.team.reviewer, case)
        self.assertEqual((first.status, first.json["state"]), (200, "second_look"), first.body)
        self.assertEqual(self.team.reviewer.get(path + "/draft").json["body"], "")
        blind = self.team.second.get(path).json
        self.assertEqual(blind["decisions"], [], "nothing of the first decision is shown")
        self.assertNotIn("outcome", blind["case"])
        self.assertNotIn("confirmed", json.dumps(blind["events"]))
        self.assert_problem(self.team.reviewer.post(path + "/lock", {}), 403, "case.own")
        self.team.look(self.team.second, case)
        second = self.team.decide(self.team.second, case)
        self.assertEqual((second.status, second.json["state"]), (200, "decided"), second.body)
        undone = self.team.second.call(
            "DELETE", f"{path}/decision?version={second.json['version']}")
        self.assertEqual((undone.status, undone.json["state"]), (200, "second_look"), undone.body)
        again = self.team.decide(self.team.second, case)
        self.assertEqual((again.status, again.json["state"]), (200, "decided"), again.body)
        self.assertEqual(self.receiver.of("content.remove", case["id"]), [],
                         "nothing is done while it can be undone")
        whole = self.team.await_state(case, "closed")
        told = await_value(lambda: self.receiver.of("content.remove", case["id"]))
        self.assertEqual(len(told), 1)
        done = await_value(lambda: [
            one for one in self.team.lead.get(f"/v1/actions?case={case['id']}&state=done")
            .json["items"] if one["kind"] == "content.remove"])
        self.assertTrue(done, self.team.lead.get(f"/v1/actions?case={case['id']}").body)
        self.assertIn("report_due_at", whole["case"])
        self.assert_problem(self.team.second.call(
            "DELETE", f"{path}/decision?version={whole['case']['version']}"), 409, "case.too_late")
        filed = self.team.legal.post(path + "/attestation", {
            "version": whole["case"]["version"], "reference": "report 17"})
        self.assertEqual(filed.status, 200, filed.body)
        self.assertIn("reported_at", filed.json)


class Budget(unittest.TestCase):
    def test_the_points_of_a_shift_run_out_and_views_end(self):
        server = Server(exposure__points_per_shift=15, exposure__cool_down_seconds=0,
                        exposure__break_after_points=1000, exposure__days_on=0,
                        support__contact_1="Helpline | 0800 1", vault__viewers_max=9).start()
        self.addCleanup(server.close)
        team = Team(server)
        case = team.near_case()
        evidence = team.evidence_of(case)
        grades = team.reviewer.get(f"/v1/evidence/{evidence}/costs").json["grades"]
        left = 15
        for grade in GRADES:
            if grades[grade] > left:
                break
            team.look(team.reviewer, case, grade)
            left -= grades[grade]
        refused = team.link(team.reviewer, case, evidence, grade)
        self.assertEqual((refused.status, refused.code), (429, "exposure.done"), refused.body)
        load = team.lead.get("/v1/exposure/team").json["items"]
        self.assertEqual([one["name"] for one in load], ["reviewer"])
        self.assertNotIn("points", load[0])
        self.assertEqual(team.reviewer.get("/v1/support").json["contacts"],
                         [{"name": "Helpline", "phone": "0800 1"}])
        # The rest of the work goes on, and others are not concerned.
        self.assertEqual(team.reviewer.get("/v1/cases").status, 200)
        team.look(team.second, case)
        lowered = team.admin.call("PUT", "/v1/exposure/limits", {"subject": "role:reviewer",
                                                                 "points_per_shift": 1})
        self.assertEqual(lowered.status, 200, lowered.body)
        self.assertEqual(team.link(team.second, case, evidence, "mosaic").status, 429)
        chosen = team.second.call("PUT", "/v1/exposure/choices", {"declined": ["A1"]})
        self.assertEqual(chosen.json["declined"], ["A1"])
        self.assertEqual(team.second.call("PUT", "/v1/exposure/choices",
                                          {"declined": []}).json["declined"], [])
        rested = team.lead.post("/v1/exposure/rest", {"minutes": 5})
        self.assertEqual((rested.status, rested.json["level"]), (200, "break"))
        # Without a receiver a concern is not pretended to be passed on.
        silent = team.reviewer.post("/v1/concerns", {"kind": "other", "text": "x"})
        self.assertEqual((silent.status, silent.code), (409, "concern.no_receiver"))
        self.assertFalse(re.search(r"reviewer", silent.json["detail"]))


if __name__ == "__main__":
    unittest.main()

"""Partners, duty and staffing through the API: who may, what conflicts, what becomes stale, and what
real notices make of the load."""
import datetime
import sqlite3
import threading
import unittest

from persons import invite
from test_review import ReviewTest, await_value

SCRIPT = '<script>alert(1)</script>"\'&'
NOBODY = "person:01900000-0000-7000-8000-000000000009"


def at(hours):
    """An RFC 3339 time so many hours from now."""
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(hours=hours)).isoformat(timespec="milliseconds")


class PartnersTest(ReviewTest):
    number = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.team.lead

    def person(self, name):
        return "person:" + self.team.id_of(name)

    def added(self, **body):
        PartnersTest.number += 1
        body = {"kind": "hotline", "name": f"Desk {self.number}"} | body
        answer = self.lead.post("/v1/partners", body)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def put(self, partner, person=None, **body):
        body = {"version": partner["version"], "kind": partner["kind"],
                "name": partner["name"]} | body
        return (person or self.lead).call("PUT", f"/v1/partners/{partner['id']}", body)

    def listed(self, partner, more=""):
        items = self.team.reviewer.get("/v1/partners" + more).json["items"]
        return next((one for one in items if one["id"] == partner["id"]), None)

    def end(self, partner):
        return self.lead.call("DELETE",
                              f"/v1/partners/{partner['id']}?version={partner['version']}")

    def token(self, scopes):
        """A client and the id of its token."""
        client = self.server.client(scopes)
        name = f"test-{list(self.server.tokens).index(scopes)}"
        listed = self.server.run("token", "list").stdout
        return client, next(line.split()[-1] for line in listed.splitlines()
                            if line.split()[0] == name)


class Partners(PartnersTest):
    def test_what_is_true_of_them_is_kept_and_shown(self):
        deputy = self.added(name="Deputy")
        said = {"kind": "authority", "name": SCRIPT, "organisation": "Office \u00fc", "country": "DE",
                "role": "officer on call", "email": "desk@example.org", "phone": "+49 30 0",
                "url": "https://example.org/desk", "note": "Ask first.\n\tThen " + SCRIPT,
                "deputy": deputy["id"], "confirm_days": 30, "absent_from": at(-1),
                "absent_until": at(1)}
        partner = self.added(**said)
        shown = self.listed(partner)
        for name in set(said) - {"absent_from", "absent_until"}:
            self.assertEqual(shown[name], said[name], name)
        self.assertEqual((shown["deputy_name"], shown["absent"], shown["stale"], shown["version"]),
                         ("Deputy", True, False, 1))
        self.assertEqual((shown["confirmed_by"], shown["confirmed_by_name"]),
                         (self.person("lead"), "lead"))
        self.assertLess(shown["confirmed_at"], shown["confirm_by"])

    def test_who_changes_what_somebody_else_changed_is_told(self):
        partner = self.added()
        changed = self.put(partner, name="another name")
        self.assertEqual((changed.status, changed.json["version"]), (200, 2), changed.body)
        self.assert_problem(self.put(partner, name="a third"), 409, "partner.changed")
        self.assert_problem(self.end(partner), 409, "partner.changed")
        self.assertEqual(self.listed(partner)["name"], "another name")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.put(changed.json).status))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [200, 409, 409, 409])

    def test_who_leaves_cuts_no_line_in_silence(self):
        leaving = self.added()
        staying = self.added(deputy=leaving["id"])
        gone = self.end(leaving)
        self.assertEqual(gone.status, 200, gone.body)
        self.assertIn("ended_at", gone.json)
        self.assertIsNone(self.listed(leaving))
        self.assertIsNotNone(self.listed(leaving, "?ended=true"))
        self.assertNotIn("deputy", self.listed(staying))
        self.assert_problem(self.end(gone.json), 409, "partner.changed")
        self.assert_problem(self.put(gone.json), 409, "partner.changed")
        confirmed = self.lead.post(f"/v1/partners/{leaving['id']}/confirm")
        self.assert_problem(confirmed, 409, "partner.changed")
        self.assert_problem(self.put(self.listed(staying), deputy=leaving["id"]), 400,
                            "partner.bad_deputy")

    def test_who_was_not_asked_for_long_is_to_be_asked_again(self):
        partner = self.added(confirm_days=1)
        # A day passes in the store: nothing else can make it pass here.
        with sqlite3.connect(self.server.folder / "data/tutela.db", timeout=60) as database:
            database.execute("UPDATE partner SET confirmed_ms = confirmed_ms - 86400000 "
                             "WHERE id = ?", (partner["id"],))
        page = self.team.reviewer.get("/v1/partners").json
        self.assertTrue(self.listed(partner)["stale"])
        self.assertGreaterEqual(page["stale"], 1)

        def alarmed():
            return next((one for one in self.lead.get("/v1/coverage").json["alarms"]
                         if one["code"] == "partner.stale"), None)
        self.assertTrue(await_value(alarmed), "no alarm")
        changed = self.put(partner, confirm_days=1, note="not asked")
        self.assertTrue(changed.json["stale"], "a change is no answer of theirs")
        confirmed = self.lead.post(f"/v1/partners/{partner['id']}/confirm")
        self.assertEqual((confirmed.status, confirmed.json["stale"]), (200, False), confirmed.body)
        self.assertTrue(await_value(lambda: alarmed() is None), "it stays")

    def test_a_token_is_of_one_partner_that_is_there(self):
        client, token = self.token("report # of a partner")
        first = self.added(kind="flagger", token=token)
        self.assertEqual(self.listed(first)["token"], token)
        taken = self.lead.post("/v1/partners", {"kind": "hotline", "name": "b", "token": token})
        self.assert_problem(taken, 409, "partner.token_taken")
        sent = client.post("/v1/notices", {"kind": "content", "links": ["https://example.org/t"]})
        self.assertEqual((sent.status, sent.json["queue"]), (201, "flagger"), sent.body)
        self.assertEqual(self.end(first).status, 200)
        sent = client.post("/v1/notices", {"kind": "content", "links": ["https://example.org/u"]})
        self.assertEqual((sent.status, sent.json["queue"]), (201, "public"), sent.body)
        for nothing in ("no-token", "01900000-0000-7000-8000-000000000009"):
            self.assert_problem(self.lead.post("/v1/partners", {"kind": "hotline", "name": "c",
                                                                "token": nothing}),
                                400, "partner.bad_token")

    def test_what_no_partner_is_is_refused(self):
        for bad, code in (
                ({"kind": "friend"}, "partner.bad_kind"), ({"name": ""}, "partner.bad_name"),
                ({"name": "x" * 201}, "request.bad_field"), ({"name": "a\nb"}, "request.bad_field"),
                ({"email": "nobody"}, "partner.bad_email"),
                ({"email": "a@b.example,c@d.example"}, "partner.bad_email"),
                ({"url": "javascript:alert(1)"}, "partner.bad_url"),
                ({"url": "http://example.org"}, "partner.bad_url"),
                ({"country": "de"}, "partner.bad_country"),
                ({"deputy": "x"}, "uuid.malformed"),
                ({"deputy": NOBODY.removeprefix("person:")}, "partner.bad_deputy"),
                ({"confirm_days": 0}, "request.bad_field"), ({"absent_from": "now"}, "time.bad"),
                ({"absent_from": at(1)}, "partner.bad_absent_from"),
                ({"absent_from": at(2), "absent_until": at(1)}, "partner.bad_absent_from"),
                ({"unknown": 1}, "request.unknown_field"),
                ({"note": "x" * 2001}, "request.bad_field")):
            with self.subTest(bad=bad):
                answer = self.lead.post("/v1/partners", {"kind": "hotline", "name": "a"} | bad)
                self.assert_problem(answer, 400, code)
        missing = f"/v1/partners/{NOBODY.removeprefix('person:')}"
        self.assert_problem(self.lead.post(missing + "/confirm"), 404, "partner.unknown")
        self.assert_problem(self.lead.call("DELETE", missing), 400, "request.bad_parameter")
        self.assert_problem(self.lead.call("DELETE", missing + "?version=1"), 404,
                            "partner.unknown")

    def test_who_reads_may_not_change_and_others_do_neither(self):
        partner = self.added()
        for person in (self.team.contractor, self.team.auditor, self.team.admin):
            self.assert_problem(person.get("/v1/partners"), 403, "auth.missing_permission")
            self.assert_problem(person.get("/v1/staffing"), 403, "auth.missing_permission")
        reviewer = self.team.reviewer
        self.assertEqual(reviewer.get("/v1/duty").status, 200)
        for refused in (reviewer.post("/v1/partners", {"kind": "hotline", "name": "x"}),
                        self.put(partner, reviewer),
                        reviewer.post(f"/v1/partners/{partner['id']}/confirm"),
                        reviewer.call("DELETE", f"/v1/partners/{partner['id']}?version=1"),
                        reviewer.call("PUT", "/v1/duty/public", {"person": NOBODY}),
                        reviewer.post("/v1/duty/shifts", {"person": NOBODY, "from": at(0),
                                                          "until": at(1)})):
            self.assert_problem(refused, 403, "auth.missing_permission")
        self.assertEqual(self.listed(partner)["version"], 1)

    def test_every_change_is_in_the_audit_log_and_no_name_of_theirs(self):
        name = "Unmistakable Partnername"
        partner = self.added(name=name, email="unmistakable@example.org")
        self.put(partner, note="unmistakable note")
        entries = self.team.auditor.get(f"/v1/audit/entries?object=partner:{partner['id']}")
        self.assertEqual(entries.status, 200, entries.body)
        self.assertEqual({one["action"] for one in entries.json["items"]},
                         {"partner.add", "partner.change"})
        for secret in (name, "unmistakable@example.org", "unmistakable note"):
            self.assertNotIn(secret, str(entries.body))
            self.assertNotIn(secret, "\n".join(self.server.log))


class Duty(PartnersTest):
    def duty(self, queue):
        whole = self.team.reviewer.get("/v1/duty").json
        self.assertEqual([one["queue"] for one in whole["duties"]],
                         ["imminent", "victim", "flagger", "law", "detection", "public", "flood"])
        return next(one for one in whole["duties"] if one["queue"] == queue)

    def set(self, queue, person, deputy=None):
        body = {"person": person} | ({"deputy": deputy} if deputy else {})
        return self.lead.call("PUT", f"/v1/duty/{queue}", body)

    def span(self, kind, person, begin, end):
        answer = self.lead.post(f"/v1/duty/{kind}", {"person": person, "from": at(begin),
                                                     "until": at(end)})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def test_a_queue_has_a_person_and_a_deputy_with_names(self):
        self.assertEqual(self.duty("detection"), {"queue": "detection"})
        done = self.set("victim", self.person("reviewer"), self.person("second"))
        self.assertEqual(done.status, 200, done.body)
        self.assertEqual(done.json, self.duty("victim"))
        self.assertEqual(done.json, {
            "queue": "victim", "person": self.person("reviewer"), "person_name": "reviewer",
            "person_absent": False, "deputy": self.person("second"), "deputy_name": "second",
            "deputy_absent": False})
        alone = self.set("victim", self.person("lead"))
        self.assertNotIn("deputy", alone.json)

    def test_an_absence_shows_while_it_lasts(self):
        second = self.person("second")
        self.assertEqual(self.set("law", self.person("lead"), second).status, 200)
        later = self.span("absences", second, 2, 4)
        self.assertFalse(self.duty("law")["deputy_absent"])
        now = self.span("absences", second, -1, 1)
        self.assertEqual((now["person"], now["person_name"]), (second, "second"))
        self.assertTrue(self.duty("law")["deputy_absent"])
        for span in (now, later):
            gone = self.lead.call("DELETE", f"/v1/duty/absences/{span['id']}")
            self.assertEqual(gone.status, 204, gone.body)
        self.assertFalse(self.duty("law")["deputy_absent"])
        self.assert_problem(self.lead.call("DELETE", f"/v1/duty/absences/{now['id']}"), 404,
                            "duty.unknown")
        self.assert_problem(self.lead.call("DELETE", f"/v1/duty/shifts/{later['id']}"), 404,
                            "duty.unknown")

    def test_who_has_left_counts_as_absent_and_is_named_no_more(self):
        leaver = invite(self.team.admin, "leaver", "reviewer", bearer=True)
        person = self.person("leaver")
        self.assertEqual(self.set("flood", self.person("lead"), person).status, 200)
        left = self.team.admin.post(f"/v1/people/{person.removeprefix('person:')}/disable")
        self.assertEqual(left.status, 200, left.body)
        self.assertTrue(self.duty("flood")["deputy_absent"])
        self.assert_problem(self.set("public", person), 400, "duty.bad_person")
        self.assertEqual(leaver.get("/v1/duty").status, 401)

    def test_what_is_no_duty_is_refused(self):
        lead = self.person("lead")
        self.assert_problem(self.set("public", NOBODY), 400, "duty.bad_person")
        self.assert_problem(self.set("public", "token:x"), 400, "duty.bad_person")
        self.assert_problem(self.set("public", lead, NOBODY), 400, "duty.bad_person")
        self.assert_problem(self.set("public", lead, lead), 400, "duty.same_person")
        self.assert_problem(self.set("elsewhere", lead), 400, "duty.bad_queue")
        for begin, end in ((1, 1), (2, 1), (-2, -1), (0, 24 * 401), (24 * 401, 24 * 402)):
            answer = self.lead.post("/v1/duty/shifts", {"person": lead, "from": at(begin),
                                                        "until": at(end)})
            self.assert_problem(answer, 400, "duty.bad_span")


class HolidaysTest(PartnersTest):
    KEYS = ReviewTest.KEYS | {"intake.holidays": "2026-12-25 2027-01-01",
                              "intake.weekends_pause": True}

    def test_holidays_are_those_of_the_configuration(self):
        whole = self.team.reviewer.get("/v1/duty").json
        self.assertEqual((whole["holidays"], whole["weekends_pause"]),
                         (["2026-12-25", "2027-01-01"], True))


class Staffing(PartnersTest):
    def test_load_against_people_with_real_notices(self):
        empty = self.lead.get("/v1/staffing").json
        self.assertFalse(empty["staffing"]["known"])
        self.assertEqual([load["waiting"] for load in empty["loads"]], [0] * 7)
        button = self.server.client("report")
        for number in range(7):
            sent = button.post("/v1/notices", {"kind": "content", "sender": "victim",
                                               "links": [f"https://example.org/s/{number}"]})
            self.assertEqual(sent.status, 201, sent.body)
        waiting = self.team.reviewer.get("/v1/notices?waiting=true").json["items"]
        self.assertEqual(len(waiting), 7)
        for notice in waiting[:5]:
            url = f"/v1/notices/{notice['id']}"
            taken = self.team.reviewer.post(url + "/take", self.version(url))
            self.assertEqual(taken.status, 200, taken.body)
            answered = self.team.reviewer.post(url + "/answer", self.version(url) | {
                "outcome": "gone", "words": ""})
            self.assertEqual(answered.status, 200, answered.body)
        seen = self.lead.get("/v1/staffing").json
        victim = next(load for load in seen["loads"] if load["queue"] == "victim")
        self.assertEqual((victim["waiting"], victim["promise_seconds"]), (2, 4 * 3600))
        self.assertGreaterEqual(victim["minutes_each"], 1)
        self.assertGreater(victim["arrivals_per_hour"], 0)
        self.assertIn("next_due_at", victim)
        self.assertFalse(seen["staffing"]["known"], "no shift is planned")
        lead = self.person("lead")
        shift = self.lead.post("/v1/duty/shifts", {"person": lead, "from": at(-1),
                                                   "until": at(48)})
        self.assertEqual(shift.status, 201, shift.body)
        staffing = self.lead.get("/v1/staffing").json["staffing"]
        self.assertEqual((staffing["known"], staffing["enough"], staffing["people_now"]),
                         (True, True, 1))
        self.assertAlmostEqual(staffing["hours_there"], 24, delta=0.1)
        # Whoever is away is on no shift.
        away = self.lead.post("/v1/duty/absences", {"person": lead, "from": at(-1),
                                                    "until": at(30)})
        self.assertEqual(away.status, 201, away.body)
        staffing = self.lead.get("/v1/staffing").json["staffing"]
        self.assertEqual((staffing["known"], staffing["enough"], staffing["people_now"]),
                         (True, False, 0))
        self.assertEqual(staffing["breaks_queue"], "victim")

        def alarmed():
            return [one for one in self.lead.get("/v1/coverage").json["alarms"]
                    if one["code"] == "intake.capacity"]
        self.assertTrue(await_value(alarmed, seconds=120), "no alarm")

    def version(self, url):
        return {"version": self.team.reviewer.get(url).json["version"]}


if __name__ == "__main__":
    unittest.main()

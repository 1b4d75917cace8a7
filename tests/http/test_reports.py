"""Reports to authorities through the API, against the real server and Tutela's own simulator of the
CyberTipline: from a confirmed case to a finished report, by two people, with what each may see."""
import json
import re
import subprocess
import threading
import time
import unittest
import urllib.request

from persons import invite
from servers import BINARY, environment
from test_review import ReviewTest, await_value

USER = "example-service"
PASSWORD = "a password of nobody"
ENTICEMENT = "Online Enticement of Children for Sexual Acts"
MATERIAL = "Child Pornography (possession, manufacture, and distribution)"


class Simulator:
    """`tutela simulate cybertip`, on a port of its own."""

    def __init__(self, folder):
        secret = folder / "simulator-password"
        secret.write_text(PASSWORD)
        self.filed = folder / "filed"
        self.process = subprocess.Popen(
            [BINARY, "simulate", "cybertip", "--listen", "127.0.0.1:0", "--username", USER,
             "--password-file", str(secret), "--folder", str(self.filed)],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        threading.Thread(target=self.read, daemon=True).start()
        self.url = await_value(self.address)
        assert self.url, "\n".join(self.lines)

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def address(self):
        for line in self.lines:
            found = re.search(r"http://[\d.]+:\d+\S*/ispws", line)
            if found:
                return found.group(0)
        return None

    def reports(self):
        manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        root = self.url.removesuffix("/ispws")
        manager.add_password(None, root, USER, PASSWORD)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
        with opener.open(root + "/simulator/reports") as answer:
            return json.load(answer)

    def xml(self, reference):
        """The document of a report, as it was received."""
        return (self.filed / reference / "report.xml").read_bytes()

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()


class ReportTest(ReviewTest):
    TWO = False

    @classmethod
    def setUpClass(cls):
        import pathlib
        import tempfile
        cls.folder = tempfile.TemporaryDirectory(prefix="tutela-reports-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.simulator = Simulator(pathlib.Path(cls.folder.name))
        cls.addClassCleanup(cls.simulator.close)  # also where what comes next fails
        cls.KEYS = cls.KEYS | {
            "cybertip.url": cls.simulator.url, "cybertip.username": USER,
            "cybertip.password": PASSWORD, "reporting.routes": "ncmec otherwise",
            "reporting.company": "Example Pictures", "reporting.email": "safety@example.org",
            "reporting.service_country": "US", "reporting.server_country": "US",
            "reporting.second_person": cls.TWO,
            "reporting.phone_1": "Example police | +1 555 0100 | always"}
        super().setUpClass()
        cls.legal2 = invite(cls.team.admin, "legal2", "legal", bearer=True)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()

    def confirmed_case(self):
        """A case of an exact match, confirmed without a view, whose decision took effect."""
        case = self.team.exact_case()
        self.team.evidence_of(case)
        decided = self.team.decide(self.team.reviewer, case, classification="")
        self.assertEqual(decided.status, 200, decided.body)
        self.team.await_state(case, "closed")
        return case

    def draft_of(self, case):
        found = await_value(
            lambda: self.team.legal.get(f"/v1/reports?case={case['id']}").json["items"])
        self.assertTrue(found, "no draft was made: " + "\n".join(self.server.log[-10:]))
        return found[0]

    def whole(self, report):
        return self.team.legal.get(f"/v1/reports/{report['id']}").json

    def document(self, report):
        answer = self.team.legal.get(f"/v1/reports/{report['id']}/document")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def act(self, person, report, name, **body):
        version = self.whole(report)["report"]["version"]
        return person.post(f"/v1/reports/{report['id']}/{name}", {"version": version} | body)

    def release(self, person, report):
        return self.act(person, report, "release", document=self.document(report)["number"])

    def await_state(self, report, *states):
        found = await_value(lambda: next((one for one in [self.whole(report)]
                                          if one["report"]["state"] in states), None))
        self.assertTrue(found, self.whole(report))
        return found


class Reports(ReportTest):
    def test_a_confirmed_case_becomes_one_finished_report(self):
        case = self.confirmed_case()
        report = self.draft_of(case)
        self.assertEqual((report["state"], report["authority"], report["environment"]),
                         ("draft", "ncmec", "simulated"))
        shown = self.document(report)
        self.assertEqual(shown["problems"], [])
        body = shown["body"]["report"]
        self.assertEqual(body["incidentSummary"]["incidentType"], MATERIAL)
        file = shown["body"]["files"][0]
        self.assertEqual(file.get("fileViewedByEsp"), False, "it was matched and nobody looked")
        self.assertNotIn("exifViewedByEsp", file)
        self.assertNotIn("publiclyAvailable", file)
        sources = {origin["path"]: origin["source"] for origin in shown["origins"]}
        self.assertEqual(sources["files/0/fileViewedByEsp"], "exposure")
        self.assertEqual(sources["report/incidentSummary/incidentDateTime"], "ledger")
        xml = self.team.legal.get(f"/v1/reports/{report['id']}/xml")
        self.assertEqual(xml.status, 200, xml.body)
        self.assertIn(b"<incidentSummary>", xml.body)
        released = self.release(self.team.legal, report)
        self.assertEqual(released.status, 200, released.body)
        self.assertEqual(released.json["report"]["state"], "released")
        finished = self.await_state(report, "finished")
        self.assertTrue(finished["receipt"]["simulated"])
        self.assertEqual([step["step"] for step in finished["steps"]],
                         ["submit", "upload", "file_info", "finish"])
        raw = self.team.legal.get(f"/v1/reports/{report['id']}/receipt")
        self.assertIn(b"<reportDoneResponse>", raw.body)
        mine = [one for one in self.simulator.reports()["reports"]
                if str(one["id"]) == finished["report"]["reference"]]
        self.assertEqual([one["state"] for one in mine], ["finished"])
        # What the simulator took is not filed: the case still owes its report.
        self.assertNotIn("reported_at", self.team.lead.get(f"/v1/cases/{case['id']}").json["case"])

    def test_facts_are_not_for_editing_and_words_are(self):
        report = self.draft_of(self.confirmed_case())
        shown = self.document(report)
        body = shown["body"]
        body["files"][0]["fileViewedByEsp"] = True
        body["files"][0]["exifViewedByEsp"] = True
        body["report"]["additionalInfo"] = "Seen in an album called term-alpha."
        put = self.team.legal.put(f"/v1/reports/{report['id']}/document",
                                  {"version": shown["version"], "body": body})
        self.assertEqual(put.status, 200, put.body)
        file = put.json["body"]["files"][0]
        self.assertEqual(file.get("fileViewedByEsp"), False)
        self.assertNotIn("exifViewedByEsp", file)
        self.assertEqual(put.json["body"]["report"]["additionalInfo"],
                         "Seen in an album called term-alpha.")
        changes = self.team.legal.get(f"/v1/reports/{report['id']}/changes").json["items"]
        self.assertEqual([one["path"] for one in changes], ["report/additionalInfo"])
        again = self.team.legal.put(f"/v1/reports/{report['id']}/document",
                                    {"version": shown["version"], "body": body})
        self.assert_problem(again, 409, "report.changed")

    def test_what_is_missing_is_said_and_not_released(self):
        made = self.team.legal.post("/v1/reports", {
            "incident_type": ENTICEMENT, "incident_at": "2026-01-05T10:00:00Z",
            "account": "account-text"})
        self.assertEqual(made.status, 201, made.body)
        report = made.json["report"]
        shown = self.document(report)
        body = shown["body"]
        body["report"]["incidentSummary"]["incidentDateTime"] = "2099-01-01T00:00:00Z"
        put = self.team.legal.put(f"/v1/reports/{report['id']}/document",
                                  {"version": shown["version"], "body": body})
        self.assertEqual(put.status, 200, put.body)
        self.assertEqual([one["path"] for one in put.json["problems"]],
                         ["report/incidentSummary/incidentDateTime"])
        refused = self.release(self.team.legal, report)
        self.assert_problem(refused, 409, "report.incomplete")
        xml = self.team.legal.get(f"/v1/reports/{report['id']}/xml")
        self.assert_problem(xml, 409, "report.incomplete")

    def test_a_report_of_text_alone_is_filed(self):
        made = self.team.legal.post("/v1/reports", {
            "incident_type": ENTICEMENT, "incident_at": "2026-01-05T10:00:00Z",
            "account": "account-text-2"})
        self.assertEqual(made.status, 201, made.body)
        report = made.json["report"]
        released = self.release(self.team.legal, report)
        self.assertEqual(released.status, 200, released.body)
        finished = self.await_state(report, "finished")
        self.assertEqual([step["step"] for step in finished["steps"]], ["submit", "finish"])

    def test_the_service_says_what_it_knows_of_an_account(self):
        case = self.confirmed_case()
        report = self.draft_of(case)
        shown = self.document(report)  # a draft that nobody touched would follow the facts
        shown["body"]["report"]["additionalInfo"] = "Seen in an album called term-alpha."
        put = self.team.legal.put(f"/v1/reports/{report['id']}/document",
                                  {"version": shown["version"], "body": shown["body"]})
        self.assertEqual(put.status, 200, put.body)
        account = self.team.lead.get(f"/v1/cases/{case['id']}").json["case"]["account"]
        facts = {"screenName": "a-screen-name", "ipCaptureEvent": [
            {"ipAddress": "192.0.2.7", "eventName": "Upload", "dateTime": "2026-01-05T10:00:00Z"}]}
        put = self.team.scanner.put(f"/v1/accounts/{account}/facts", facts)
        self.assertEqual(put.status, 204, put.body)
        changed = [one["path"] for one in self.document(report)["facts_changed"]]
        self.assertTrue(any("screenName" in path for path in changed), changed)
        self.assert_problem(self.release(self.team.legal, report), 409, "report.facts_changed")
        refreshed = self.act(self.team.legal, report, "facts")
        self.assertEqual(refreshed.status, 200, refreshed.body)
        shown = self.document(report)
        self.assertEqual(shown["facts_changed"], [])
        self.assertEqual(shown["body"]["report"]["personOrUserReported"][0]["screenName"],
                         "a-screen-name")

    def test_an_attested_view_is_a_fact_from_then_on(self):
        report = self.draft_of(self.confirmed_case())
        file = self.whole(report)["files"][0]
        said = self.act(self.team.legal, report, "attestations", content=file["content"],
                        what="file", reference="ticket 7", viewed_at="2026-01-05T10:00:00Z")
        self.assertEqual(said.status, 200, said.body)
        shown = self.document(report)
        self.assertIs(shown["body"]["files"][0]["fileViewedByEsp"], True)
        sources = {origin["path"]: origin["source"] for origin in shown["origins"]}
        self.assertEqual(sources["files/0/fileViewedByEsp"], "attestation")

    def test_withdrawn_corrected_noted(self):
        report = self.draft_of(self.confirmed_case())
        refused = self.act(self.team.legal, report, "correction", reason="it was wrong")
        self.assert_problem(refused, 409, "report.not_finished")
        withdrawn = self.act(self.team.legal, report, "withdraw", reason="filed by a partner")
        self.assertEqual(withdrawn.json["report"]["state"], "withdrawn", withdrawn.body)
        other = self.draft_of(self.confirmed_case())
        self.release(self.team.legal, other)
        self.await_state(other, "finished")
        noted = self.act(self.team.legal, other, "notes", kind="feedback", text="They said thanks.")
        self.assertEqual([note["kind"] for note in noted.json["notes"]], ["feedback"])
        corrected = self.act(self.team.legal, other, "correction", reason="the match was wrong")
        self.assertEqual(corrected.status, 201, corrected.body)
        correction = corrected.json["report"]
        self.assertEqual((correction["kind"], correction["corrects"]),
                         ("correction", other["id"]))
        self.assertEqual(correction["authority"], "ncmec_corrections")

    def test_who_sees_what(self):
        report = self.draft_of(self.confirmed_case())
        for person in (self.team.reviewer, self.team.contractor, self.team.operator):
            self.assert_problem(person.get(f"/v1/reports/{report['id']}"), 403,
                                "auth.missing_permission")
        register = self.team.auditor.get("/v1/reports/register")
        self.assertEqual(register.status, 200, register.body)
        for entry in register.json["items"]:
            self.assertNotIn("account", entry)
        summary = self.team.lead.get("/v1/reports/summary").json
        self.assertEqual(summary["phones"][0]["number"], "+1 555 0100")
        self.assertEqual(summary["authorities"][0]["environment"], "simulated")
        page = self.team.legal.get(f"/v1/reports/{report['id']}/page")
        self.assertEqual(page.status, 200)
        self.assertIn("sandbox", page.headers["Content-Security-Policy"])
        self.assertNotIn(b"<script", page.body)


class TwoPeople(ReportTest):
    TWO = True

    def test_one_asks_and_another_releases(self):
        report = self.draft_of(self.confirmed_case())
        asked = self.release(self.team.legal, report)
        self.assertEqual(asked.json["report"]["state"], "asked", asked.body)
        self.assert_problem(self.release(self.team.legal, report), 403, "report.own")
        released = self.release(self.legal2, report)
        self.assertEqual(released.status, 200, released.body)
        finished = self.await_state(report, "finished")["report"]
        self.assertNotEqual(finished["released_by"], finished["approved_by"])


if __name__ == "__main__":
    unittest.main()

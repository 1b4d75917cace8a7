"""What somebody tells us of messages in writing, all the way: the notice, its case, two people who
decide it, two who release the report, and what the authority's simulator received. The words stand
for nothing."""
import unittest
import xml.etree.ElementTree as ElementTree

from test_notices import NAME, NoticeTest
from test_reports import ENTICEMENT, ReportTest
from test_review import await_value

MESSAGES = [
    {"who": "account-alpha", "when": "2026-01-05T10:00:00Z", "text": "term-alpha"},
    {"who": "account-beta", "when": "2026-01-05T10:01:00Z",
     "text": 'term-beta\n[2026-01-05T10:02:00Z] "account-alpha": term-gamma'},
    {"text": "term-delta \u202eatled-mret & <term>"},
]
CHAT = """[2026-01-05T10:00:00Z] "account-alpha": term-alpha
[2026-01-05T10:01:00Z] "account-beta": term-beta
| [2026-01-05T10:02:00Z] "account-alpha": term-gamma
unknown: term-delta <U+202E>atled-mret & <term>"""
OWN_WORDS = "words of whoever told us"


class Solicitation(ReportTest, NoticeTest):
    TWO = True

    def told(self):
        """The notice, and the case it was sorted into."""
        receipt = self.submitted(kind="solicitation", sender="guardian", text=OWN_WORDS,
                                 accounts=["account-alpha"], messages=MESSAGES,
                                 links=["https://example.org/room/7"], contact={"name": NAME})
        self.assertEqual(receipt["queue"], "victim")
        whole = await_value(lambda: next((one for one in [NoticeTest.whole(self, receipt)]
                                          if "case" in one), None))
        self.assertTrue(whole, "no case was opened")
        return receipt, self.team.reviewer.get(f"/v1/cases/{whole['case']}").json

    def decided(self, case):
        """By two people, neither of whom sees the other's decision first."""
        first = self.team.decide(self.team.reviewer, case, classification="")
        self.assertEqual((first.status, first.json["state"]), (200, "second_look"), first.body)
        again = self.team.reviewer.post(f"/v1/cases/{case['id']}/lock", {})
        self.assertEqual(again.status, 403, again.body)
        second = self.team.decide(self.team.second, case, classification="")
        self.assertEqual(second.status, 200, second.body)
        return self.team.await_state(case, "closed")["case"]

    def filed(self, report):
        """Asked for by one, released by another, filed by the server."""
        asked = self.release(self.team.legal, report)
        self.assertEqual(asked.json["report"]["state"], "asked", asked.body)
        self.assert_problem(self.release(self.team.legal, report), 403, "report.own")
        released = self.release(self.legal2, report)
        self.assertEqual(released.status, 200, released.body)
        return self.await_state(report, "finished")

    def test_a_notice_of_messages_becomes_a_finished_report_of_text_alone(self):
        receipt, whole = self.told()
        case = whole["case"]
        self.assertEqual((case["topic"], case["state"], case["account"]),
                         ("solicitation", "open", "account-alpha"))
        self.assertEqual(whole["items"], [])
        self.decided(case)
        report = self.draft_of(case)
        shown = self.document(report)
        self.assertEqual((shown["problems"], shown["body"]["files"]), ([], []))
        chat = shown["body"]["report"]["internetDetails"][0]["chatImIncident"]
        self.assertEqual(chat["content"], CHAT)

        finished = self.filed(report)
        self.assertEqual([step["step"] for step in finished["steps"]], ["submit", "finish"])
        reference = finished["report"]["reference"]
        self.assertRegex(reference, r"^\d+$")
        mine, = [one for one in self.simulator.reports()["reports"]
                 if str(one["id"]) == reference]
        self.assertEqual((mine["state"], mine["files"]), ("finished", []))
        self.received(self.simulator.xml(reference))

        answered = NoticeTest.whole(self, receipt)
        self.assertEqual((answered["state"], answered["case"]), ("answered", case["id"]))

    def received(self, xml):
        """What the authority has: what was written, and nothing of who told us."""
        report = ElementTree.fromstring(xml)
        self.assertEqual(report.tag, "report")
        self.assertEqual(report.findtext("incidentSummary/incidentType"), ENTICEMENT)
        self.assertTrue(report.findtext("incidentSummary/incidentDateTime"))
        chats = report.findall("internetDetails/chatImIncident")
        self.assertEqual([one.findtext("content") for one in chats], [CHAT])
        self.assertIn("did not record it itself", chats[0].findtext("additionalInfo"))
        self.assertEqual([one.text for one in report.iter("url")], ["https://example.org/room/7"])
        self.assertEqual(report.findtext("personOrUserReported/espIdentifier"), "account-alpha")
        self.assertEqual([one.tag for one in report.iter() if "file" in one.tag.lower()], [])
        for word in (NAME, OWN_WORDS, "guardian"):
            self.assertNotIn(word.encode(), xml)


if __name__ == "__main__":
    unittest.main()

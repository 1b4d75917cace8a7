"""tutela report: what is missing is said in words; people release, machines do not."""
import json
import subprocess

import support
from support import CommandTest

INCIDENT = {"incidentType": "Online Enticement of Children for Sexual Acts",
            "incidentDateTime": "2026-01-02T03:04:05Z"}
GOOD = {"report": {"incidentSummary": INCIDENT,
                   "reporter": {"reportingPerson": {"email": [{"#text": "legal@example.org"}]}}},
        "files": []}
TYPE = INCIDENT["incidentType"]


class ReportTest(CommandTest):
    def validate(self, text, status):
        path = self.write("document", text)
        (answer,) = self.run_json("report", "validate", str(path), "--json", status=status)
        self.assertEqual(answer["good"], status == 0)
        self.assertEqual(not answer["problems"], answer["good"])
        return answer["problems"]

    def draft(self, **extra):
        (made,) = self.run_json("report", "draft", "--type", TYPE, "--at", "2026-01-02T03:04:05Z",
                                "--account", "81723", "--json", **extra)
        return made

    def make_people(self):
        """People of every role, enrolled: {role: (name, password, seed)}."""
        maker = support.TUTELA.parent.parent / "tests" / "tutela_make_people"
        subprocess.run([maker], cwd=self.folder, check=True, timeout=60)
        lines = (self.folder / "people").read_text().splitlines()
        return {role: (name, password, seed)
                for name, role, password, seed in map(str.split, lines)}

    def as_person(self, person, *arguments, code=None, **more):
        """As run_tutela, with password and code (of oathtool) on standard input."""
        name, password, seed = person
        if code is None:
            code = subprocess.run(["oathtool", "--totp", "--base32", seed], check=True, text=True,
                                  capture_output=True).stdout.strip()
        return self.run_tutela("report", *arguments, "--as", name,
                               stdin=f"{password}\n{code}\n".encode(), **more)

    def good_draft(self):
        """Of text alone, with nothing missing: id and version."""
        extra = {"TUTELA_REPORTING__EMAIL": "legal@example.org"}
        made = self.draft(**extra)
        self.run_tutela("report", "validate", made["id"])
        return made["id"], str(made["version"])

    def state_of(self, report):
        (shown,) = self.run_json("report", "show", report, "--json")
        return shown["state"]

    def test_a_lead_releases_and_says_that_it_was_filed(self):
        report, version = self.good_draft()
        people = self.make_people()
        out, _ = self.as_person(people["lead"], "release", report, "--version", version, "--json")
        self.assertEqual(json.loads(out)["state"], "released")
        released = str(json.loads(out)["version"])
        self.as_person(people["legal"], "file-by-hand", report, "--version", released,
                       "--reference", "CT-1")
        self.assertEqual(self.state_of(report), "finished")

    def test_reviewers_wrong_codes_and_old_versions_release_nothing(self):
        report, version = self.good_draft()
        people = self.make_people()
        _, error = self.as_person(people["reviewer"], "release", report, "--version", version,
                                  status=2)
        self.assertIn("[report.role]", error)
        _, error = self.as_person(people["lead"], "release", report, "--version", version,
                                  code="000000", status=2)
        self.assertIn("[auth.bad_code]", error)
        _, error = self.as_person(people["legal"], "release", report, "--version", "99", status=2)
        self.assertIn("[report.changed]", error)
        self.assertEqual(self.state_of(report), "draft")

    def test_an_incomplete_draft_is_not_released(self):
        made = self.draft()
        people = self.make_people()
        _, error = self.as_person(people["legal"], "release", made["id"], "--version",
                                  str(made["version"]), status=2)
        self.assertIn("[report.incomplete]", error)

    def test_a_legal_officer_withdraws(self):
        report, version = self.good_draft()
        people = self.make_people()
        _, error = self.as_person(people["lead"], "withdraw", report, "--version", "99",
                                  "--reason", "Filed by the parent", status=2)
        self.assertIn("[report.changed]", error)
        self.as_person(people["legal"], "withdraw", report, "--version", version,
                       "--reason", "Filed by the parent")
        self.assertEqual(self.state_of(report), "withdrawn")

    def test_a_whole_document_is_good_without_a_data_folder(self):
        self.validate(json.dumps(GOOD), 0)
        self.assertFalse((self.folder / "tutela-data").exists())
        out, _ = self.run_tutela("report", "validate", str(self.write("d", json.dumps(GOOD))))
        self.assertEqual(out, "Nothing is missing or wrong.\n")

    def test_what_is_missing_is_said_with_its_place(self):
        lacking = {"report": {"incidentSummary": INCIDENT}, "files": []}
        problems = self.validate(json.dumps(lacking), 2)
        self.assertTrue(any(each["path"].startswith("report/reporter") for each in problems))
        for each in problems:
            self.assertTrue(each["message"].endswith("."), each)

    def test_bad_json_is_a_problem_and_no_crash(self):
        for text in ("", "{", "[]", "null", "\xff", "{\"report\": 1}"):
            self.assertTrue(self.validate(text, 2))

    def test_xml_is_held_against_the_schema(self):
        head = ("<report><incidentSummary><incidentType>Child Sex Tourism</incidentType>"
                "<incidentDateTime>2026-01-02T03:04:05Z</incidentDateTime></incidentSummary>")
        reporter = "<reporter><reportingPerson/></reporter>"
        self.validate(head + reporter + "</report>", 0)
        (problem,) = self.validate(head + "</report>", 2)
        self.assertEqual(problem["code"], "schema")
        (problem,) = self.validate("<!DOCTYPE a><report/>", 2)
        self.assertIn("DOCTYPE", problem["message"])

    def test_what_is_neither_a_file_nor_an_id_is_refused(self):
        self.refuse("report.bad_target", "report", "validate", "no-such-file")

    def test_a_draft_of_text_is_shown_edited_and_checked(self):
        made = self.draft()
        self.assertEqual(made["state"], "draft")
        (listed,) = self.run_json("report", "list", "--json")
        self.assertEqual(listed["id"], made["id"])
        out, _ = self.run_tutela("report", "show", made["id"], "--document")
        document = json.loads(out)
        self.assertEqual(document["report"]["incidentSummary"]["incidentType"], TYPE)
        self.run_tutela("report", "validate", made["id"], status=2)
        document["report"]["reporter"] = GOOD["report"]["reporter"]
        path = self.write("edited.json", json.dumps(document))
        self.refuse("report.changed", "report", "edit", made["id"], str(path), "--version", "99")
        (edited,) = self.run_json("report", "edit", made["id"], str(path), "--version",
                                  str(made["version"]), "--json")
        self.assertEqual(edited["document"], 2)
        self.run_tutela("report", "validate", made["id"])
        page, _ = self.run_tutela("report", "show", made["id"], "--page")
        self.assertTrue(page.startswith("<!doctype html>"))
        self.assertIn("81723", page)
        words, _ = self.run_tutela("report", "show", made["id"])
        self.assertIn("Nothing is missing or wrong.", words)

    def test_who_runs_the_machine_may_not_release(self):
        made = self.draft()
        self.refuse("auth.refused", "report", "release", made["id"], "--version",
                    str(made["version"]), "--as", "nobody", stdin=b"password\n123456\n")
        self.refuse("auth.nothing_given", "report", "withdraw", made["id"], "--version",
                    str(made["version"]), "--reason", "no", "--as", "nobody")

    def test_status_counts_and_names_authorities(self):
        self.draft()
        out, _ = self.run_tutela("report", "status", "--offline")
        self.assertIn("1 draft to read", out)
        self.assertIn("ncmec", out)
        self.assertIn("by_hand", out)
        extra = {"TUTELA_REPORTING__PHONE_1": "Police | 112 | always"}
        out, _ = self.run_tutela("report", "status", "--offline", **extra)
        self.assertIn("112", out)

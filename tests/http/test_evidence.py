"""Evidence, as people meet it: a match is kept by the vault process, opened by whom it may be, held,
destroyed with proof, and given to law enforcement; every step is in the audit log."""
import hashlib
import pathlib
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest

import pictures
from persons import Person, first_admin, invite
from servers import Server, ServerTest

KEPT_SECONDS = 90


def await_value(get, seconds=KEPT_SECONDS):
    until = time.monotonic() + seconds
    while True:
        value = get()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.05)


def kept_of(person, content):
    """The evidence that a content became, which is filed under the case it opened."""
    items = person.get("/v1/evidence?limit=1000").json["items"]
    return [one for one in items if one["content_id"] == content]


def signal_of(picture):
    return {"kind": "sha256", "value": hashlib.sha256(picture).hexdigest()}


class Team:
    """One person of each role, and a list that matches some pictures."""

    def __init__(self, server):
        self.server = server
        self.admin = first_admin(server)
        for role in ("reviewer", "contractor", "lead", "legal", "auditor"):
            setattr(self, role, invite(self.admin, role, role, bearer=True))
        self.number = 0
        self.files = {}

    def post_match(self):
        """A new picture that matches; its evidence, once it is kept."""
        self.number += 1
        picture = pictures.png(pictures.pixels(self.number))
        self.server.activate_list(f"l{self.number}", [signal_of(picture)])
        scanned = self.server.client("scan read").scan(picture)
        assert scanned.json["verdict"] == "match", scanned.body
        content = scanned.json["id"]
        found = await_value(lambda: kept_of(self.lead, content))
        assert found, "not kept in time: " + "\n".join(self.server.log[-20:])
        self.files[found[0]["id"]] = picture
        return found[0]

    def entries(self, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return self.auditor.get("/v1/audit/entries?limit=1000&" + text).json["items"]


class Evidence(ServerTest):
    KEYS = {"exposure.cool_down_seconds": 0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = Team(cls.server)

    def test_it_is_filed_under_the_case_that_it_opened(self):
        evidence = self.team.post_match()
        self.assertRegex(evidence["case"], r"^[0-9a-f-]{36}$")
        self.assertNotEqual(evidence["case"], evidence["content_id"])
        path = f"/v1/evidence?case={evidence['case']}"
        self.assertEqual([one["id"] for one in self.team.lead.get(path).json["items"]],
                         [evidence["id"]])

    def view(self, person, evidence, **more):
        body = {"case": evidence["case"], "purpose": "review", "grade": "outline"} | more
        return person.post(f"/v1/evidence/{evidence['id']}/view", body)

    def approved(self, asker, evidence, approver):
        asked = asker.post(f"/v1/evidence/{evidence['id']}/original-requests",
                           {"purpose": "review", "reason": "a detail must be seen"})
        self.assertEqual(asked.status, 201, asked.body)
        given = approver.post(f"/v1/requests/{asked.json['id']}/approve", {})
        self.assertEqual(given.status, 200, given.body)
        return asked.json["id"]

    def test_what_matched_lies_in_the_vault_and_no_longer_in_the_spool(self):
        evidence = self.team.post_match()
        self.assertEqual(await_value(lambda: not self.server.spooled()), True)
        self.assertEqual((evidence["state"], evidence["media_type"]), ("kept", "image/png"))
        for path in self.server.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(self.team.files[evidence["id"]][40:140], path.read_bytes(), path)
        detail = await_value(
            lambda: self.team.lead.get(f"/v1/evidence/{evidence['id']}").json)
        self.assertEqual(detail["views"], [])

    def test_a_view_is_a_small_picture_with_an_entry_before_it(self):
        evidence = self.team.post_match()
        for grade in ("outline", "mosaic", "grey_blurred", "grey_small", "full"):
            answer = self.view(self.team.reviewer, evidence, grade=grade)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertTrue(answer.body.startswith(b"\x89PNG"))
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
        entries = self.team.entries(object="evidence:" + evidence["id"], action="evidence.view")
        self.assertEqual(len(entries), 5)
        self.assertEqual({(e["role"], e["purpose"], e["result"]) for e in entries},
                         {("reviewer", "review", "ok")})
        detail = self.team.lead.get(f"/v1/evidence/{evidence['id']}").json
        self.assertEqual([view["grade"] for view in detail["views"]][:2], ["outline", "mosaic"])

    def test_views_need_the_case_the_role_and_a_place_under_the_cap(self):
        evidence = self.team.post_match()
        self.assert_problem(self.view(self.team.reviewer, evidence, case="another"), 403,
                            "opening.wrong_case")
        self.assert_problem(self.view(self.team.reviewer, evidence, grade="whole"), 400,
                            "opening.bad_grade")
        self.assert_problem(self.view(self.team.contractor, evidence), 404, "evidence.not_found")
        who = next(person for person in self.team.lead.get("/v1/assignees").json["items"]
                   if person["name"] == "contractor")
        assigned = self.team.lead.call(
            "PUT", f"/v1/assignees/{who['id']}/cases/{evidence['case']}")
        self.assertEqual(assigned.status, 204, assigned.body)
        self.assertEqual(self.view(self.team.contractor, evidence).status, 200)
        self.assertEqual(self.view(self.team.reviewer, evidence).status, 200)
        self.assert_problem(self.view(self.team.lead, evidence), 403, "opening.viewers")
        allowed = self.team.legal.post(f"/v1/evidence/{evidence['id']}/viewers",
                                       {"reason": "the two disagree"})
        self.assertEqual(allowed.status, 200, allowed.body)
        self.assertEqual(self.view(self.team.lead, evidence).status, 200)
        refused = self.team.entries(object="evidence:" + evidence["id"], result="refused")
        self.assertGreaterEqual(len(refused), 2)

    def test_the_original_takes_two_people_and_opens_once(self):
        evidence = self.team.post_match()
        path = f"/v1/evidence/{evidence['id']}/original"
        asked = self.team.reviewer.post(path + "-requests",
                                        {"purpose": "review", "reason": "a detail must be seen"})
        self.assertEqual(asked.status, 201, asked.body)
        body = {"request_id": asked.json["id"]}
        self.assert_problem(self.team.reviewer.post(path, body), 403, "request.not_approved")
        self.assert_problem(
            self.team.reviewer.post(f"/v1/requests/{asked.json['id']}/approve", {}), 403,
            "auth.missing_permission")
        given = self.team.lead.post(f"/v1/requests/{asked.json['id']}/approve", {})
        self.assertEqual(given.status, 200, given.body)
        self.assert_problem(self.team.lead.post(path, body), 403, "request.other_person")
        opened = self.team.reviewer.post(path, body)
        self.assertEqual((opened.status, opened.body), (200, self.team.files[evidence["id"]]))
        self.assertEqual(opened.headers["Content-Disposition"], "attachment")
        self.assert_problem(self.team.reviewer.post(path, body), 403, "request.used")

    def test_nobody_approves_their_own(self):
        evidence = self.team.post_match()
        asked = self.team.lead.post(f"/v1/evidence/{evidence['id']}/original-requests",
                                    {"purpose": "review", "reason": "my own"})
        self.assert_problem(self.team.lead.post(f"/v1/requests/{asked.json['id']}/approve", {}),
                            403, "request.own")

    def test_break_glass_opens_at_once_and_stays_open_until_another_looked(self):
        evidence = self.team.post_match()
        body = {"case": evidence["case"], "reason": "somebody is in danger now"}
        opened = self.team.lead.post(f"/v1/evidence/{evidence['id']}/break-glass", body)
        self.assertEqual((opened.status, opened.body), (200, self.team.files[evidence["id"]]))
        waiting = [one for one in self.team.legal.get("/v1/break-glass").json["items"]
                   if one["evidence_id"] == evidence["id"]]
        self.assertEqual(len(waiting), 1)
        path = f"/v1/break-glass/{waiting[0]['id']}/close"
        self.assert_problem(self.team.lead.post(path, {}), 403, "opening.own")
        self.assertEqual(self.team.legal.post(path, {}).status, 200)
        self.assertEqual(self.team.entries(object="evidence:" + evidence["id"],
                                           action="evidence.break_glass")[0]["result"], "ok")

    def test_a_hold_stops_destruction_and_two_people_destroy_with_a_certificate(self):
        evidence = self.team.post_match()
        path = f"/v1/evidence/{evidence['id']}"
        held = self.team.legal.post("/v1/holds", {"evidence_id": evidence["id"],
                                                  "reference": "order 1/2026"})
        self.assertEqual(held.status, 201, held.body)
        asked = self.team.legal.post(path + "/disposal-requests", {"reason": "the agency asks"})
        self.assertEqual(asked.status, 201, asked.body)
        body = {"request_id": asked.json["id"], "ground": "law_enforcement_request",
                "reference": "letter 7"}
        self.assertEqual(self.team.lead.post(f"/v1/requests/{asked.json['id']}/approve",
                                             {}).status, 200)
        self.assert_problem(self.team.legal.post(path + "/disposal", body), 409,
                            "preservation.under_hold")
        released = self.team.legal.post(f"/v1/holds/{held.json['id']}/release",
                                        {"reference": "order lifted"})
        self.assertEqual(released.status, 200, released.body)
        self.assertEqual(self.team.legal.post(path + "/disposal", body).status, 202)
        gone = await_value(lambda: self.team.legal.get(path).json.get("certificate"), 90)
        self.assertIn("tutela/destruction", gone or "")
        self.assert_problem(self.view(self.team.reviewer, evidence), 404, "evidence.destroyed")

    def test_what_is_kept_has_a_clock(self):
        evidence = self.team.post_match()
        path = f"/v1/evidence/{evidence['id']}"
        made = self.team.legal.post(path + "/bases", {"kind": "law_enforcement", "days": 400,
                                                      "reference": "request 4"})
        self.assertEqual(made.status, 201, made.body)
        self.assert_problem(
            self.team.legal.post(path + "/extensions", {"basis": made.json["id"],
                                                        "until": "2026-12-01", "reference": "x"}),
            409, "basis.shorter")
        detail = self.team.legal.get(path).json
        self.assertEqual([b["kind"] for b in detail["bases"]][0], "law_enforcement")
        self.assertEqual(self.team.legal.get("/v1/preservation?state=kept").status, 200)

    @unittest.skipUnless(shutil.which("age"), "age is not installed")
    def test_an_agency_gets_a_package_that_its_key_opens(self):
        evidence = self.team.post_match()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-package-"))
        self.addCleanup(shutil.rmtree, folder)
        made = subprocess.run(["age-keygen", "-o", folder / "key"], capture_output=True, text=True,
                              check=True)
        recipient = re.search(r"age1\w+", made.stderr).group(0)
        asked = self.team.legal.post("/v1/disclosures", {
            "case": evidence["case"], "agency": "Agency", "reference": "A-1",
            "legal_basis": "order 5", "reason": "as ordered", "recipient_kind": "age",
            "recipient": recipient})
        self.assertEqual(asked.status, 201, asked.body)
        path = f"/v1/disclosures/{asked.json['id']}/package"
        self.assert_problem(self.team.legal.post(path, {}), 403, "request.not_approved")
        shown = self.team.lead.get(f"/v1/requests/{asked.json['request_id']}").json
        self.assertEqual(shown["disclosure"]["fingerprint"], asked.json["fingerprint"])
        self.assertEqual(self.team.lead.post(
            f"/v1/requests/{asked.json['request_id']}/approve", {}).status, 200)
        package = self.team.legal.post(path, {})
        self.assertEqual(package.status, 200, package.body[:300])
        (folder / "package.age").write_bytes(package.body)
        subprocess.run(["age", "-d", "-i", folder / "key", "-o", folder / "package.tar",
                        folder / "package.age"], check=True)
        with tarfile.open(folder / "package.tar") as archive:
            archive.extractall(folder)
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
        self.assertEqual((folder / "media" / evidence["id"]).read_bytes(),
                         self.team.files[evidence["id"]])
        done = self.team.legal.get(f"/v1/disclosures/{asked.json['id']}").json
        self.assertEqual(done["state"], "finished")
        self.assertEqual(done["package_sha256"], hashlib.sha256(package.body).hexdigest())

    def test_the_log_is_signed_and_an_entry_proves_itself(self):
        self.team.post_match()
        signed = await_value(lambda: self.team.auditor.get("/v1/audit/checkpoint").body)
        self.assertIn(b"\n\xe2\x80\x94 ", signed)  # the line of a signature
        proof = self.team.auditor.get("/v1/audit/entries/0/proof")
        self.assertEqual(proof.status, 200, proof.body)
        self.assertTrue(proof.body.startswith(b"c2sp.org/tlog-proof@v1"))
        checked = self.server.run("audit", "verify")
        self.assertEqual(checked.returncode, 0, checked.stderr)


class Solo(unittest.TestCase):
    def test_on_a_one_person_server_waiting_stands_in_for_the_second_person(self):
        server = Server(people__solo=True, people__trustee="trustee@example.org",
                        people__solo_wait_hours=1).start()
        self.addCleanup(server.close)
        invited = server.run("person", "add", "me", "--role", "solo").stdout.strip()
        me = Person(server, "me", bearer=True).join(invited)
        picture = pictures.png(pictures.pixels(1))
        server.activate_list("l", [signal_of(picture)])
        content = server.client("scan read").scan(picture).json["id"]
        evidence = await_value(lambda: kept_of(me, content))[0]
        path = f"/v1/evidence/{evidence['id']}/original"
        asked = me.post(path + "-requests", {"purpose": "review", "reason": "alone here"}).json
        self.assertEqual(me.post(f"/v1/requests/{asked['id']}/approve", {}).code, "request.own")
        self.assertEqual(me.post(path, {"request_id": asked["id"]}).code, "request.not_yet")
        loud = me.get("/v1/audit/entries?action=request.solo").json["items"]
        self.assertTrue(loud)
        opened = me.post(f"/v1/evidence/{evidence['id']}/break-glass",
                         {"case": evidence["case"], "reason": "somebody is in danger now"})
        self.assertEqual((opened.status, opened.body), (200, picture))

    def test_elsewhere_nobody_has_that_role(self):
        server = Server()
        self.addCleanup(server.close)
        refused = server.run("person", "add", "me", "--role", "solo", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("[role.solo_off]", refused.stderr)


class Outage(unittest.TestCase):
    def test_a_dead_vault_loses_nothing_and_comes_back(self):
        server = Server().start()
        self.addCleanup(server.close)
        team = Team(server)
        team.post_match()
        victim = int(subprocess.run(["pgrep", "-P", str(server.process.pid), "-f", "vault serve"],
                                    capture_output=True, text=True, check=True).stdout.split()[0])
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", str(victim)], check=True)
        evidence = team.post_match()
        opened = team.reviewer.post(f"/v1/evidence/{evidence['id']}/view", {
            "case": evidence["case"], "purpose": "review", "grade": "outline"})
        self.assertEqual(opened.status, 200, opened.body)

    def test_a_hand_over_that_is_killed_is_finished_once_by_the_next_start(self):
        for point in ("after_seal", "after_release"):
            server = Server(variables={"TUTELA_FAULT": f"pipeline.{point}=kill"}).start()
            self.addCleanup(server.close)
            picture = pictures.png(pictures.pixels(1))
            server.activate_list("l", [signal_of(picture)])
            content = server.client("scan read").scan(picture).json["id"]
            server.process.wait(KEPT_SECONDS)
            server.process.stderr.close()
            server.variables = {}
            server.start()
            lead = invite(first_admin(server), "lead", "lead", bearer=True)
            self.assertTrue(await_value(lambda: not server.spooled()), point)
            kept = kept_of(lead, content)
            self.assertEqual(len(kept), 1, point)

    def test_without_a_vault_matches_wait_in_the_spool(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="tutela-nowhere-"))
        self.addCleanup(shutil.rmtree, folder)
        server = Server(vault__socket=str(folder / "socket")).start()
        self.addCleanup(server.close)
        picture = pictures.png(pictures.pixels(1))
        server.activate_list("l", [signal_of(picture)])
        self.assertEqual(server.client("scan read").scan(picture).json["verdict"], "match")
        server.wait_for("evidence waits for the vault.*(vault.down)")
        self.assertEqual(len(server.spooled()), 1)
        self.assertEqual(server.client("read").get("/readyz?verbose=1").json["checks"]["vault"],
                         False)


if __name__ == "__main__":
    unittest.main()

"""Every operation with every role and every scope: allowed exactly as the table says.

The table stands here a second time, in words of its own, so that a change of the program's is seen.
"""
import unittest

from client import SPEC, Client, concrete
from persons import Person, first_admin, invite
from servers import ServerTest

UUID = "019b05a2-6d4e-7c55-8a12-3f9d5b6e7a01"

ROLES = {
    "reviewer": {"content_read", "evidence_list", "evidence_view", "evidence_original_ask",
                 "requests_read", "case_read", "case_decide", "appeal_decide", "action_read",
                 "notice_read", "notice_answer", "partner_read"},
    "contractor": {"evidence_list", "evidence_view", "case_read", "case_decide"},
    "lead": {"lists_read", "content_read", "search", "evidence_list", "evidence_view",
             "evidence_original_ask", "evidence_approve", "evidence_break_glass", "evidence_assign",
             "export_approve", "disposal_approve", "requests_read", "case_read", "case_decide",
             "case_lead", "case_attest", "appeal_decide", "action_read", "action_manage",
             "exposure_team", "stats_read", "report_read", "report_write", "report_release",
             "coverage_read", "receipt_read", "notice_read", "notice_answer", "notice_identity",
             "notice_verify", "partner_read", "partner_manage"},
    "legal": {"content_read", "evidence_list", "evidence_approve", "export_ask", "export_approve",
              "hold_set", "disposal_ask", "disposal_approve", "requests_read", "case_read",
              "case_decide", "case_attest", "appeal_decide", "action_read", "stats_read", "report_read",
              "report_write", "report_release", "report_register", "coverage_read", "receipt_read",
              "notice_read", "notice_answer", "notice_identity", "notice_verify", "partner_read",
              "partner_manage"},
    "auditor": {"audit_read", "stats_read", "report_register", "coverage_read", "receipt_read"},
    "operator": {"lists_read", "lists_change", "tokens_manage", "settings_read", "action_read",
                 "action_manage", "stats_read", "coverage_read", "partner_read", "partner_manage"},
    "admin": {"people_manage", "exposure_limit"},
}
# The role solo has all of them, and only on a one-person server: test_evidence.Solo.
SCOPES = {
    "scan": {"scan", "appeal_ask", "account_facts"},
    "lists": {"lists_read", "lists_change"},
    "read": {"content_read", "receipt_read"},
    "search": {"search"},
    "export": {"signals_export"},
    "admin": {"settings_read", "coverage_read"},
    "report": {"notice_submit"},
}
# They end the session of who calls them, so they come last.
ENDS = [("DELETE", "/v1/session"), ("DELETE", "/v1/sessions")]


def operations():
    found = []
    for path, item in SPEC["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                found.append((method.upper(), concrete(path),
                              operation["x-access"]))
    return sorted(found, key=lambda entry: entry[:2] in ENDS)


def allowed(access, permissions, person):
    """Whether the table lets somebody call an operation."""
    access, fresh = access.removesuffix(" fresh"), access.endswith(" fresh")
    if access == "anyone":
        return True
    if fresh and not person:
        return False
    if access in ("any principal", "any person"):
        return person or access == "any principal"
    return access != "signing in" and access in permissions


class Rights(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = first_admin(cls.server)

    def walk(self, client, permissions, person, skip=()):
        seen = {True: 0, False: 0}
        for method, path, access in operations():
            if (method, path) in skip:
                continue
            may = allowed(access, permissions, person)
            answer = client.call(method, path)
            where = f"{method} {path} ({access}): {answer.status} {answer.body[:200]}"
            if may and access != "anyone":
                self.assertNotIn(answer.status, (401, 403), where)
            elif not may:
                self.assertEqual(answer.status, 403, where)
                self.assertIn(answer.code, ("auth.missing_permission", "auth.missing_scope",
                                            "auth.people_only", "auth.already_open"), where)
            seen[may] += 1
        self.assertGreater(seen[True], 5)
        self.assertGreater(seen[False], 10)

    def test_every_role_may_do_what_the_table_says_and_nothing_else(self):
        for role, permissions in ROLES.items():
            with self.subTest(role=role):
                person = invite(self.admin, f"walker-{role}", role)
                me = person.get("/v1/me").json
                self.assertEqual(set(me["permissions"]), permissions)
                self.assertEqual((me["role"], me["assigned_only"]), (role, role == "contractor"))
                self.walk(person, permissions, True, skip=[("DELETE", "/v1/sessions")])
                self.assertEqual(person.get("/v1/me").status, 401, "signed out by the walk")

    def test_every_scope_may_do_what_the_table_says_and_nothing_else(self):
        for scope, permissions in SCOPES.items():
            with self.subTest(scope=scope):
                token = self.server.client(scope)
                me = token.get("/v1/me").json
                self.assertEqual(set(me["permissions"]), permissions)
                self.assertEqual(me["role"], "service")
                self.walk(token, permissions, False)

    def test_who_owes_the_second_factor_may_do_nothing_but_give_it(self):
        invite(self.admin, "half", "lead")
        half = Person(self.server, "half")
        half.first_factor()
        for method, path, access in operations():
            answer = half.call(method, path)
            if access == "signing in":
                self.assertNotEqual(answer.status, 401, path)
                self.assertNotEqual(getattr(answer, "json", {}).get("code"), "auth.second_factor")
            elif access != "anyone":
                self.assertEqual((answer.status, answer.code), (403, "auth.second_factor"), path)

    def test_nobody_does_nothing(self):
        nobody = Client(self.server.address)
        for method, path, access in operations():
            answer = nobody.call(method, path)
            if access != "anyone":
                self.assertEqual((answer.status, answer.code), (401, "auth.no_token"), path)

    def test_options_tell_nothing_to_who_is_not_signed_in(self):
        self.assertEqual(Client(self.server.address).call("OPTIONS", "/v1/people").status, 401)


if __name__ == "__main__":
    unittest.main()

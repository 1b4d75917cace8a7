"""People: invitation, two factors, sessions that end, and what an attacker tries."""
import re
import socket
import unittest

from client import Client
from persons import Person, first_admin, invite, oath
from servers import Server, ServerTest


class People(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = first_admin(cls.server)

    def test_the_first_admin_is_made_once(self):
        again = self.server.run("admin", "create", "second", check=False)
        self.assertEqual(again.returncode, 2)
        self.assertIn("[person.admin_exists]", again.stderr)
        self.assertEqual(again.stdout, "")
        forced = self.server.run("admin", "create", "second", "--force")
        self.assertRegex(forced.stdout, r"^[\w-]{43}\n$")
        self.assertIn("second", self.server.run("person", "list").stdout)

    def test_the_machines_operator_manages_people_too(self):
        made = self.server.run("person", "add", "olga", "--role", "auditor").stdout.strip()
        olga = Person(self.server, "olga").join(made)
        self.assertEqual(olga.get("/v1/me").json["role"], "auditor")
        self.server.run("person", "role", "olga", "legal")
        self.assert_problem(olga.get("/v1/me"), 401, "auth.bad_session")
        olga.sign_in()
        self.assertEqual(olga.get("/v1/me").json["role"], "legal")
        self.server.run("person", "disable", "olga")
        self.assert_problem(olga.get("/v1/me"), 401, "auth.bad_session")
        reset = self.server.run("person", "reset", "olga").stdout.strip()
        self.assertEqual(olga.accept(reset).status, 204)
        for bad in (["person", "role", "nobody", "lead"], ["person", "add", "x", "--role", "king"],
                    ["person", "add", "Bad Name", "--role", "lead"]):
            self.assertEqual(self.server.run(*bad, check=False).returncode, 2, bad)

    def test_an_invitation_is_used_once_and_passwords_are_not_weak(self):
        made = self.admin.post("/v1/people", {"name": "ines", "role": "reviewer"}).json
        ines = Person(self.server, "ines", "short")
        self.assert_problem(ines.accept(made["invitation"]), 400, "password.too_weak")
        ines.password = "INES has a long one"
        self.assert_problem(ines.accept(made["invitation"]), 400, "password.too_weak")
        ines.password = "all lower case words"
        self.assertEqual(ines.accept(made["invitation"]).status, 204)
        self.assert_problem(ines.accept(made["invitation"]), 403, "auth.bad_invitation")
        self.assert_problem(ines.accept("A" * 43), 403, "auth.bad_invitation")

    def test_the_cookie_is_for_this_machine_only_and_scripts_cannot_read_it(self):
        carl = invite(self.admin, "carl", "reviewer")
        self.assertRegex(carl.set_cookie,
                         r"^tutela=tutelas_[\w-]{43}; Path=/; HttpOnly; SameSite=Strict$")
        out = carl.call("DELETE", "/v1/session")
        self.assertEqual(out.status, 204)
        self.assertIn("Max-Age=0", out.headers["Set-Cookie"])
        self.assert_problem(carl.get("/v1/me"), 401, "auth.bad_session")

    def test_a_change_with_a_cookie_needs_its_token(self):
        dora = invite(self.admin, "dora", "admin")
        body = {"name": "forged", "role": "admin"}
        for wrong in ("", "x", "0" * 64, self.admin.csrf):
            answer = dora.post("/v1/people", body, headers={"X-Tutela-CSRF": wrong})
            self.assert_problem(answer, 403, "auth.csrf")
        self.assertEqual(dora.get("/v1/me", headers={"X-Tutela-CSRF": ""}).json["csrf"], dora.csrf)
        self.assert_problem(dora.get("/v1/people/forged"), 404, "person.not_found")
        self.assertEqual(dora.post("/v1/people", body).status, 201)

    def test_a_script_uses_a_bearer_and_needs_no_cookie(self):
        emil = invite(self.admin, "emil", "lead", bearer=True)
        self.assertEqual(emil.get("/v1/me").json["name"], "emil")
        self.assertNotIn("csrf", emil.get("/v1/me").json)
        self.assertEqual(emil.post("/v1/me/recovery-codes").status, 200)
        both = Client(self.server.address, "tutela_" + "A" * 43)
        answer = both.get("/v1/me", headers={"Cookie": f"tutela={emil.token}"})
        self.assert_problem(answer, 401, "auth.bad_token")

    def test_a_code_is_taken_once(self):
        fred = invite(self.admin, "fred", "reviewer")
        fred.sign_in()
        used = oath(fred.secret, fred.last_step)
        fred.first_factor()
        self.assert_problem(fred.post("/v1/session/second-factor", {"code": used}), 403,
                            "auth.bad_code")
        answer = fred.post("/v1/session/second-factor", {"code": fred.recovery_codes[0].lower()})
        self.assertEqual(answer.status, 200)
        fred.take_session(answer)
        self.assert_problem(fred.post("/v1/session/step-up", {"code": fred.recovery_codes[0]}), 403,
                            "auth.bad_code")
        self.assertEqual(
            fred.post("/v1/session/step-up", {"code": fred.recovery_codes[1]}).status, 200)

    def test_a_session_that_was_planted_before_opens_nothing(self):
        gina = invite(self.admin, "gina", "reviewer")
        gina.first_factor()
        planted = dict(cookie=gina.cookie, csrf=gina.csrf)
        gina.take_session(gina.post("/v1/session/second-factor", {"code": gina.code()}))
        self.assertNotEqual(gina.cookie, planted["cookie"])
        thief = Client(self.server.address)
        self.assert_problem(thief.get("/v1/me", headers={"Cookie": planted["cookie"]}), 401,
                            "auth.bad_session")
        chosen = "tutela=tutelas_" + "A" * 43
        answer = thief.call("POST", "/v1/session",
                            {"name": "gina", "password": gina.password}, {"Cookie": chosen})
        self.assertNotIn("A" * 43, answer.headers["Set-Cookie"])
        # Over TLS the name without __Host- is one that another host could have set: not taken here.
        self.assert_problem(thief.get("/v1/me", headers={"Cookie": "__Host-" + gina.cookie}), 401,
                            "auth.no_token")

    def test_sessions_end_together_when_asked(self):
        hans = invite(self.admin, "hans", "reviewer")
        first = hans.cookie
        hans.sign_in()
        self.assertEqual(hans.get("/v1/me", headers={"Cookie": first}).status, 200)
        self.assertEqual(hans.call("DELETE", "/v1/sessions").status, 204)
        for cookie in (first, hans.cookie):
            self.assert_problem(hans.get("/v1/me", headers={"Cookie": cookie}), 401,
                                "auth.bad_session")

    def test_a_change_of_role_and_a_shut_account_end_sessions_at_once(self):
        iris = invite(self.admin, "iris", "reviewer")
        self.assertEqual(self.admin.call("PATCH", "/v1/people/iris", {"role": "auditor"}).status, 200)
        self.assert_problem(iris.get("/v1/me"), 401, "auth.bad_session")
        iris.sign_in()
        self.assertEqual(iris.get("/v1/me").json["permissions"],
                         ["audit_read", "stats_read", "report_register", "coverage_read", "receipt_read"])
        shut = self.admin.post("/v1/people/iris/disable")
        self.assertEqual(shut.json["state"], "disabled")
        self.assert_problem(iris.get("/v1/me"), 401, "auth.bad_session")
        answer = iris.post("/v1/session", {"name": "iris", "password": iris.password})
        self.assert_problem(answer, 401, "auth.refused")
        reset = self.admin.post("/v1/people/iris/reset")
        self.assertEqual(reset.json["state"], "invited")
        iris.join(reset.json["invitation"])
        for path in ("/v1/people/root", f"/v1/people/{self.admin.get('/v1/people/root').json['id']}"):
            self.assert_problem(self.admin.call("PATCH", path, {"role": "lead"}), 403, "person.own")

    def test_a_password_is_changed_with_the_old_one(self):
        jana = invite(self.admin, "jana", "reviewer")
        wrong = jana.post("/v1/me/password", {"password": "wrong", "new_password": "a new long one"})
        self.assert_problem(wrong, 401, "auth.refused")
        changed = jana.post("/v1/me/password",
                            {"password": jana.password, "new_password": "a new long one"})
        self.assertEqual(changed.status, 204)
        jana.password = "a new long one"
        jana.sign_in()

    def test_an_address_is_shown_to_whoever_manages_people_and_to_the_person(self):
        made = self.admin.post("/v1/people", {"name": "olaf", "role": "lead", "email": "olaf@example.org"})
        self.assertEqual((made.status, made.json["email"]), (201, "olaf@example.org"))
        olaf = Person(self.server, "olaf").join(made.json["invitation"])
        self.assertEqual(olaf.get("/v1/me").json["email"], "olaf@example.org")
        olaf.first_factor()
        self.assertNotIn("email", olaf.get("/v1/me").json, "not before the second factor")
        olaf.sign_in()
        pia = invite(self.admin, "pia", "lead")
        self.assertNotIn("email", pia.get("/v1/me").json)
        self.assert_problem(pia.get("/v1/people/olaf"), 403, "auth.missing_permission")
        self.assert_problem(pia.call("PUT", "/v1/people/olaf/email", {"email": "pia@example.org"}), 403,
                            "auth.missing_permission")
        for path in ("/v1/assignees", "/v1/duty", "/v1/staffing", "/v1/notices"):
            self.assertNotIn(b"olaf@example.org", pia.get(path).body, path)

        changed = self.admin.call("PUT", "/v1/people/olaf/email", {"email": "o@example.org"})
        self.assertEqual((changed.status, changed.json["email"]), (200, "o@example.org"))
        self.assertEqual(olaf.get("/v1/me").json["email"], "o@example.org", "and the session goes on")
        self.assertEqual(olaf.call("PUT", "/v1/me/email", {"email": "mine@example.org"}).status, 204)
        listed = {each["name"]: each.get("email") for each in self.admin.get("/v1/people").json["items"]}
        self.assertEqual((listed["olaf"], listed["pia"]), ("mine@example.org", None))
        self.assertEqual(olaf.call("PUT", "/v1/me/email", {"email": ""}).status, 204)
        self.assertNotIn("email", self.admin.get("/v1/people/olaf").json)
        # An admin may set their own.
        self.assertEqual(self.admin.call("PUT", "/v1/people/root/email", {"email": "root@example.org"}).status, 200)
        self.assertEqual(self.admin.get("/v1/me").json["email"], "root@example.org")

    def test_what_is_no_address_is_refused(self):
        rosa = invite(self.admin, "rosa", "reviewer")
        for bad in ("rosa", "a@b, c@d", "Rosa <a@b>", "a@b c@d", "\u00e9@b", "a@"):
            for caller, path in ((self.admin, "/v1/people/rosa/email"), (rosa, "/v1/me/email")):
                self.assert_problem(caller.call("PUT", path, {"email": bad}), 400, "person.bad_email")
            answer = self.admin.post("/v1/people", {"name": "sven", "role": "lead", "email": bad})
            self.assert_problem(answer, 400, "person.bad_email")
        for body, code in (({}, "request.missing_field"), ({"email": 1}, "request.bad_field"),
                           ({"email": "a@b\r\nBcc: c@d"}, "request.bad_field"),
                           ({"email": "a@" + "b" * 253}, "request.bad_field"),
                           ({"email": "a@b", "name": "x"}, "request.unknown_field")):
            self.assert_problem(rosa.call("PUT", "/v1/me/email", body), 400, code)
        self.assert_problem(self.admin.call("PUT", "/v1/people/nobody/email", {"email": "a@b"}), 404,
                            "person.not_found")
        self.assert_problem(self.admin.get("/v1/people/sven"), 404, "person.not_found")

    def test_the_machines_operator_sets_addresses_too(self):
        self.server.run("person", "add", "tina", "--role", "lead", "--email", "tina@example.org")
        self.assertIn("tina@example.org", self.server.run("person", "list").stdout)
        self.server.run("person", "email", "tina", "t@example.org")
        self.assertEqual(self.admin.get("/v1/people/tina").json["email"], "t@example.org")
        self.server.run("person", "email", "tina", "--remove")
        self.assertNotIn("email", self.admin.get("/v1/people/tina").json)
        for bad in (["tina"], ["tina", "a@b", "--remove"], ["tina", "no address"], ["nobody", "a@b"]):
            self.assertEqual(self.server.run("person", "email", *bad, check=False).returncode, 2, bad)

    def test_cases_are_assigned_by_leads(self):
        lead = invite(self.admin, "kai", "lead")
        invite(self.admin, "lena", "contractor")
        names = [item["name"] for item in lead.get("/v1/assignees").json["items"]]
        self.assertIn("lena", names)
        self.assertNotIn("root", names)
        self.assertEqual(lead.call("PUT", "/v1/assignees/lena/cases/c-9").status, 204)
        self.assertEqual(lead.call("PUT", "/v1/assignees/lena/cases/c-9").status, 204)
        self.assertEqual(lead.get("/v1/assignees/lena/cases").json["items"], ["c-9"])
        self.assertEqual(lead.call("DELETE", "/v1/assignees/lena/cases/c-9").status, 204)
        self.assertEqual(lead.get("/v1/assignees/lena/cases").json["items"], [])
        self.assert_problem(lead.call("PUT", "/v1/assignees/nobody/cases/c-9"), 404,
                            "person.not_found")
        self.assert_problem(lead.call("PUT", "/v1/assignees/lena/cases/a%20b"), 400, "case.bad_ref")


class Attacks(ServerTest):
    KEYS = {"people.forwarded_for": True}

    def guess(self, name, address="198.51.100.1"):
        return Client(self.server.address).call(
            "POST", "/v1/session", {"name": name, "password": "not the right one"},
            {"X-Forwarded-For": address})

    def test_guessing_is_slowed_down_the_same_for_every_name(self):
        admin = first_admin(self.server)
        invite(admin, "mona", "reviewer")
        bodies, refused = set(), 0
        for name in ("mona", "unknown-name"):
            for _ in range(5):
                answer = self.guess(name)
                self.assert_problem(answer, 401, "auth.refused")
                bodies.add(answer.json["detail"])
                refused += 1
            # The first delay is a second, the next two, and so on: a slow machine comes after some.
            while (answer := self.guess(name)).status == 401 or (
                    other := self.guess(name, "203.0.113.9")).status == 401:
                refused += 1
                self.assertLess(refused, 40, "it is not slowed down")
            self.assert_problem(answer, 429, "auth.too_many")
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assert_problem(other, 429, "auth.too_many")
        self.assertEqual(len(bodies), 1)
        self.assertEqual(self.server.metric(
            'tutela_sign_in_steps_total{result="auth.refused",step="password"}'), refused)
        for number in range(200):  # from one address at many names
            answers = [self.guess(f"name-{number}-{address[0]}", address)
                       for address in ("192.0.2.77", "9.9.9.9, 192.0.2.77")]
            if [answer.status for answer in answers] == [429, 429]:
                break
        for answer in answers:
            self.assert_problem(answer, 429, "auth.too_many")
        self.assert_problem(self.guess("another", "192.0.2.78"), 401, "auth.refused")

    def test_odd_bodies_are_refused_without_a_fault(self):
        client = Client(self.server.address)
        for body in ("", "{", "[]", '{"name":1,"password":"x"}', '{"name":"a"}',
                     '{"name":"a\\u0000b","password":"x"}', '{"name":"a","password":"x","role":"admin"}',
                     '{"name":"' + "a" * 2000 + '","password":"x"}'):
            answer = client.call("POST", "/v1/session", body, {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 400, body)
        large = client.call("POST", "/v1/session", '"' + "a" * 10_000 + '"',
                            {"Content-Type": "application/json"})
        self.assertEqual(large.status, 413)


class Logs(unittest.TestCase):
    def test_no_secret_and_no_name_is_in_the_log(self):
        server = Server(**{"log.level": "debug"})
        try:
            server.start()
            admin = first_admin(server)
            nora = invite(admin, "nora-of-the-log", "reviewer")
            nora.sign_in()
            nora.post("/v1/session/step-up", {"code": "000000"})
            nora.post("/v1/session", {"name": "nora-of-the-log", "password": "a wrong password"})
            nora.call("PUT", "/v1/me/email", {"email": "nora-reads-mail@example.org"})
            nora.call("PUT", "/v1/me/email", {"email": "nora-reads-mail"})
            nora.call("PUT", "/v1/me/email", {"email": ""})
            log = "\n".join(server.log)
            self.assertIn("route=/v1/session/second-factor", log)
            self.assertNotIn("nora-reads-mail", log)
            secrets = admin.secrets + nora.secrets + ["nora-of-the-log", "a wrong password"]
            for secret in secrets:  # not as a part of a longer number, where six digits may be
                self.assertNotRegex(log, rf"(?<![\w.-]){re.escape(secret)}(?!\w)")
            database = b"".join(path.read_bytes() for path in (server.folder / "data").glob("*.db*"))
            for secret in secrets[:-2]:
                if len(secret) > 6:  # six digits are anywhere
                    self.assertNotIn(secret.encode(), database)
        finally:
            server.close()


class Proxied(unittest.TestCase):
    def test_behind_tls_the_cookie_is_secure_and_of_this_host_alone(self):
        server = Server(**{"people.public_url": "https://tutela.example.org"})
        try:
            server.start()
            made = server.run("admin", "create", "root")
            self.assertIn("https://tutela.example.org/invitation#", made.stderr)
            root = Person(server, "root").join(made.stdout.strip())
            self.assertRegex(root.set_cookie, r"^__Host-tutela=tutelas_[\w-]{43}; Path=/; HttpOnly; "
                                              r"SameSite=Strict; Secure$")
            self.assertEqual(root.get("/v1/me").status, 200)
            plain = root.cookie.removeprefix("__Host-")
            answer = Client(server.address).get("/v1/me", headers={"Cookie": plain})
            self.assertEqual(answer.status, 401)
        finally:
            server.close()

    def test_in_clear_over_a_network_nobody_signs_in(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing: the kernel picks our own address
            except OSError:
                self.skipTest("SKIPPED: this machine has no address but its loopback")
            address = probe.getsockname()[0]
        server = Server(**{"server.listen": "0.0.0.0:0"})
        try:
            server.start()
            client = Client(f"{address}:{server.address.rsplit(':', 1)[1]}")
            for path, body in (("/v1/session", {"name": "a", "password": "b"}),
                               ("/v1/invitation", {"code": "a", "password": "b"})):
                answer = client.post(path, body)
                self.assertEqual((answer.status, answer.code), (403, "auth.insecure"))
        finally:
            server.close()


if __name__ == "__main__":
    unittest.main()

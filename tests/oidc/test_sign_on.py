"""A browser that signs on: from Tutela to the provider, through its forms, and back."""
import html
import http.cookiejar
import os
import re
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from client import Client
from persons import Person
from ports import free_ports
from servers import Server


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """At the provider: follows redirects until one leads back to Tutela."""

    def __init__(self, home):
        self.home = home
        self.opener = urllib.request.build_opener(
            NoRedirect, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(url, data, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def sign_on(self, url, name):
        """The query that the provider sends back."""
        form = None
        for _ in range(12):
            if url.startswith(self.home):
                return urllib.parse.urlsplit(url).query
            status, headers, page = self.open(url, form)
            form = None
            if status in (302, 303):
                url = urllib.parse.urljoin(url, headers["Location"])
                continue
            assert status == 200, f"{status} {page[:500]}"
            action = re.search(r'<form[^>]*action="([^"]+)"', page).group(1)
            url = urllib.parse.urljoin(url, html.unescape(action))
            form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
            if 'name="login"' in page:
                form |= {"login": name, "password": "any"}
        raise AssertionError("the provider never sent the browser back")


class SignOn(unittest.TestCase):
    KEYS = {}

    @classmethod
    def setUpClass(cls):
        port, provider_port = free_ports(2)
        cls.home = f"http://127.0.0.1:{port}"
        cls.issuer = f"http://127.0.0.1:{provider_port}"
        cls.provider = subprocess.Popen(
            ["node", "provider.mjs", str(provider_port), cls.home + "/v1/session/sign-on/return"],
            cwd=os.environ["TUTELA_OIDC_PROVIDER"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        assert cls.provider.stdout.readline().strip() == "ready"
        cls.server = Server(**{"server.listen": f"127.0.0.1:{port}", "people.public_url": cls.home,
                               "oidc.issuer": cls.issuer, "oidc.client_id": "tutela",
                               "oidc.client_secret": "a secret of the tests", **cls.KEYS})
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.provider.kill()
        cls.provider.wait()
        cls.provider.stdout.close()
        cls.server.close()

    def begin(self):
        """The provider's address and the cookie of this browser."""
        answer = Client(self.server.address).get("/v1/session/sign-on")
        self.assertEqual(answer.status, 303, answer.body)
        cookie = answer.headers["Set-Cookie"]
        self.assertRegex(cookie, r"^tutela-sso=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600$")
        return answer.headers["Location"], cookie.split(";")[0]

    def back(self, query, cookie):
        return Client(self.server.address).get("/v1/session/sign-on/return?" + query,
                                               headers={"Cookie": cookie})

    def sign_on(self, name):
        url, cookie = self.begin()
        return self.back(Browser(self.home).sign_on(url, name), cookie)


class Known(SignOn):
    def test_a_person_signs_on_and_still_owes_the_second_factor(self):
        self.server.run("person", "add", "anna", "--role", "lead")
        answer = self.sign_on("anna")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["stage"], "enrol")
        anna = Person(self.server, "anna")
        anna.take_session(answer)
        self.assertEqual(anna.get("/v1/people").code, "auth.second_factor")
        anna.enrol()
        self.assertEqual(anna.get("/v1/me").json["role"], "lead")
        again = self.sign_on("anna")
        self.assertEqual(again.json["stage"], "second_factor")
        self.server.run("person", "disable", "anna")
        self.assertEqual(self.sign_on("anna").code, "auth.refused")

    def test_who_is_not_known_here_is_refused(self):
        answer = self.sign_on("stranger")
        self.assertEqual((answer.status, answer.code), (401, "auth.refused"))
        self.assertNotIn("stranger", self.server.run("person", "list").stdout)

    def test_what_comes_back_is_taken_once_and_from_the_same_browser(self):
        self.server.run("person", "add", "bert", "--role", "reviewer")
        url, cookie = self.begin()
        query = Browser(self.home).sign_on(url, "bert")
        _, other = self.begin()
        # A query that somebody else was sent: signing a victim's browser in as the attacker.
        self.assertEqual(self.back(query, other).code, "oidc.bad_state")
        self.assertEqual(self.back(query, cookie).code, "oidc.bad_state", "a state is used up")
        url, cookie = self.begin()
        query = Browser(self.home).sign_on(url, "bert")
        self.assertEqual(self.back(query, cookie).status, 200)
        self.assertEqual(self.back(query, cookie).code, "oidc.bad_state")

    def test_a_code_of_another_sign_on_is_refused_by_the_providers_pkce(self):
        self.server.run("person", "add", "carl", "--role", "reviewer")
        stolen = dict(urllib.parse.parse_qsl(Browser(self.home).sign_on(self.begin()[0], "carl")))
        url, cookie = self.begin()
        own = dict(urllib.parse.parse_qsl(Browser(self.home).sign_on(url, "mallory")))
        answer = self.back(urllib.parse.urlencode(own | {"code": stolen["code"]}), cookie)
        self.assertEqual((answer.status, answer.code), (503, "oidc.no_answer"))

    def test_made_up_answers_are_refused(self):
        _, cookie = self.begin()
        for query in ("state=x", "code=x", "state=x&code=y", "error=access_denied&state=x",
                      "state=" + "a" * 5000 + "&code=x"):
            answer = self.back(query, cookie)
            self.assertEqual((answer.status, answer.code), (403, "oidc.bad_state"), query)


class Created(SignOn):
    KEYS = {"oidc.create_role": "contractor"}

    def test_people_are_made_where_the_operator_said_so(self):
        answer = self.sign_on("newcomer")
        self.assertEqual(answer.status, 200, answer.body)
        dora = Person(self.server, "newcomer")
        dora.take_session(answer)
        dora.enrol()
        self.assertEqual(dora.get("/v1/me").json["role"], "contractor")


class Off(unittest.TestCase):
    def test_without_a_provider_there_is_no_single_sign_on(self):
        server = Server()
        try:
            server.start()
            for path in ("/v1/session/sign-on", "/v1/session/sign-on/return"):
                answer = Client(server.address).get(path)
                self.assertEqual((answer.status, answer.code), (404, "oidc.off"))
        finally:
            server.close()

    def test_a_provider_that_is_down_is_an_error_and_lets_nobody_in(self):
        server = Server(**{"people.public_url": "http://127.0.0.1:1", "oidc.client_id": "a",
                           "oidc.client_secret": "b", "oidc.issuer": f"http://127.0.0.1:{free_ports(1)[0]}"})
        try:
            server.start()
            answer = Client(server.address).get("/v1/session/sign-on")
            self.assertEqual((answer.status, answer.code), (503, "oidc.no_answer"))
        finally:
            server.close()


if __name__ == "__main__":
    unittest.main()

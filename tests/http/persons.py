"""People of the tests: they sign in through the API, with codes of oathtool, an independent client."""
import re
import subprocess
import time

from client import Client

STEP_SECONDS = 30
SENT_SECONDS = 15  # a code is sent and looked at within so long


def oath(secret, step):
    """The code of a step, as Debian's oathtool makes it."""
    made = subprocess.run(["oathtool", "--totp", "--base32", f"--now=@{step * STEP_SECONDS}", "-"],
                          input=secret, capture_output=True, text=True, check=True)
    return made.stdout.strip()


class Person(Client):
    """A browser, or with bearer=True a script."""

    def __init__(self, server, name, password="seven small blue boats", bearer=False):
        super().__init__(server.address)
        self.server = server
        self.name = name
        self.password = password
        self.bearer = bearer
        self.cookie = None
        self.csrf = None
        self.secret = None
        self.last_step = 0
        self.recovery_codes = []
        self.secrets = [password]

    def call(self, method, path, body=None, headers=None, **more):
        headers = dict(headers or {})
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if self.csrf:
            headers.setdefault("X-Tutela-CSRF", self.csrf)
        answer = super().call(method, path, body, headers, **more)
        if answer.status == 403 and answer.code == "auth.not_fresh":  # the tests take their time
            renewed = super().call("POST", "/v1/session/step-up", {"code": self.code()}, headers)
            assert renewed.status == 200, renewed.body
            answer = super().call(method, path, body, headers, **more)
        return answer

    def take_session(self, answer):
        assert answer.status == 200, answer.body
        if self.bearer:
            assert answer.headers.get("Set-Cookie") is None
            self.token = answer.json["session"]
            self.secrets.append(self.token)
        else:
            self.set_cookie = answer.headers["Set-Cookie"]
            self.cookie = self.set_cookie.split(";")[0]
            self.csrf = answer.json["csrf"]
            self.secrets += [self.cookie.split("=")[1], self.csrf]
        return answer

    def code(self):
        """A code that was not used yet, and is good for a while; waits where all of the present are used."""
        now = int(time.time() + SENT_SECONDS) // STEP_SECONDS
        step = max(self.last_step + 1, now - 1)
        while step > int(time.time()) // STEP_SECONDS + 1:
            time.sleep(0.2)
        self.last_step = step
        self.secrets.append(oath(self.secret, step))
        return self.secrets[-1]

    def accept(self, invitation):
        self.secrets.append(invitation)
        return self.post("/v1/invitation", {"code": invitation, "password": self.password})

    def first_factor(self):
        self.token = self.cookie = self.csrf = None
        body = {"name": self.name, "password": self.password}
        if self.bearer:
            body["bearer"] = True
        return self.take_session(self.post("/v1/session", body))

    def enrol(self):
        seed = self.post("/v1/session/enrolment")
        assert seed.status == 200, seed.body
        self.secret, self.last_step = seed.json["secret"], 0
        self.secrets += [self.secret]
        assert f"secret={self.secret}&" in seed.json["uri"]
        answer = self.take_session(self.post("/v1/session/enrolment/code", {"code": self.code()}))
        self.recovery_codes = answer.json["recovery_codes"]
        self.secrets += self.recovery_codes
        return answer

    def join(self, invitation):
        """From the invitation to an open session."""
        assert self.accept(invitation).status == 204
        self.first_factor()
        self.enrol()
        return self

    def sign_in(self):
        self.first_factor()
        return self.take_session(self.post("/v1/session/second-factor", {"code": self.code()}))


def first_admin(server, name="root", **more):
    made = server.run("admin", "create", name)
    return Person(server, name, **more).join(made.stdout.strip())


def invite(admin, name, role, **more):
    made = admin.post("/v1/people", {"name": name, "role": role})
    assert made.status == 201, made.body
    assert re.fullmatch(r"[\w-]{43}", made.json["invitation"])
    return Person(admin.server, name, **more).join(made.json["invitation"])

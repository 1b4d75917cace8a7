#!/usr/bin/python3
"""What a hostile or broken server can do to the client: hostile.py TEST_PROGRAM.

Nothing here checks a signature or keeps an object: that is what the real servers are for. Each case is
a server of its own that always answers in one bad way, and the code that the client must end with.
"""
import http.server
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import time

BUSY_XML = b"<Error><Code>SlowDown</Code></Error>"
VERSIONING = b"<VersioningConfiguration/>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests += 1
        try:
            self.server.answer(self)
        except OSError:
            pass  # the client has hung up
        self.close_connection = True

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_):
        pass

    def say(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<a>" * 10_000)


def many_headers(handler):
    handler.say(200, VERSIONING, [(f"x-amz-{i}", "x" * 1000) for i in range(90)] +
                [(f"x-more-{i}", "y") for i in range(9)])


def slow(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.2)


CASES = {
    "busy": (lambda h: h.say(503, BUSY_XML), "blob.unavailable", 3),
    "failing": (lambda h: h.say(500), "blob.unavailable", 3),
    "hangs_up": (lambda h: None, "blob.unavailable", 3),
    "refuses": (lambda h: h.say(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"),
                "blob.refused", 1),
    "redirects": (lambda h: h.say(307, b"", [("Location", "http://127.0.0.1:1/elsewhere")]),
                  "blob.unavailable", 1),
    "is_no_s3": (lambda h: h.say(200, b"<html>hello</html>"), "blob.unavailable", 1),
    "has_no_page": (lambda h: h.say(404, b"<html>not here</html>"), "blob.unavailable", 1),
    "document_type": (lambda h: h.say(200, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
                      "blob.unavailable", 1),
    "endless": (endless, "blob.unavailable", 1),
    "too_many_headers": (many_headers, "blob.unavailable", 1),
    "slow": (slow, "blob.unavailable", 3),
}


def ask(program, endpoint, more=None):
    """The code that opening the store ends with."""
    made = subprocess.run(
        [program, "--gtest_also_run_disabled_tests", "--gtest_filter=S3Child.DISABLED_Opens",
         "--gtest_brief=1"],
        env=os.environ | {"TUTELA_TEST_S3_ENDPOINT": endpoint, "TUTELA_TEST_S3_ACCESS_KEY": "key",
                          "TUTELA_TEST_S3_SECRET_KEY": "a-secret-nobody-sees", **(more or {})},
        capture_output=True, text=True, timeout=120)
    assert "a-secret" not in made.stdout + made.stderr, "the secret is shown"
    for line in made.stdout.splitlines():
        if line.startswith("opened: "):
            return line.removeprefix("opened: ")
    raise AssertionError(made.stdout + made.stderr)


def serve(answer, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answer, server.requests = answer, 0
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def check(name, got, expected):
    print(f"{'ok' if got == expected else 'FAILED'}: {name}: {got}", flush=True)
    return got == expected


def check_tls(program, folder):
    """A certificate that is not trusted, one for another name, and a good one."""
    good = True
    for name, subject, trusted, expected in (
            ("untrusted", "IP:127.0.0.1", False, "blob.unavailable"),
            ("other_name", "DNS:s3.example.org", True, "blob.unavailable"),
            ("trusted", "IP:127.0.0.1", True, "blob.refused")):
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                        "-addext", f"subjectAltName={subject}", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = serve(lambda h: h.say(403), context)
        more = {"TUTELA_TEST_S3_CA": str(certificate)} if trusted else {}
        got = ask(program, f"https://127.0.0.1:{server.server_port}", more)
        good = check(f"certificate {name}", got, expected) and good
        good = check(f"certificate {name}, requests", server.requests, int(name == "trusted")) and good
        server.shutdown()
    return good


def main():
    good = True
    for name, (answer, expected, requests) in CASES.items():
        server = serve(answer)
        begun = time.monotonic()
        got = ask(sys.argv[1], f"http://127.0.0.1:{server.server_port}")
        good = check(name, got, expected) and good
        good = check(f"{name}, requests", server.requests, requests) and good
        good = check(f"{name}, in time", time.monotonic() - begun < 30, True) and good
        server.shutdown()
    with tempfile.TemporaryDirectory() as folder:
        good = check_tls(sys.argv[1], pathlib.Path(folder)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Runs the tests of blobs against a real S3 server: run.py swift|radosgw TEST_PROGRAM [gtest arguments].

Exits with 77 where the server's packages are not installed.
"""
import datetime
import hashlib
import hmac
import http.client
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import servers

FILTER = "*plain*:*versioned*:*locking*:S3Test.*:S3SettingsTest.*"
VERSIONED = (b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
             b"<Status>Enabled</Status></VersioningConfiguration>")


def s3(server, method, bucket, query="", body=b"", headers=None):
    """One signed request, by another implementation than the one that is tested."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    host = f"127.0.0.1:{server.port}"
    digest = hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp, **(headers or {})}
    names = ";".join(sorted(signed))
    canonical = "\n".join([method, f"/{bucket}", query,
                           *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names, digest])
    scope = f"{day}/{servers.REGION}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + server.secret_key.encode()
    for part in (day, servers.REGION, "s3", "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signed["authorization"] = (f"AWS4-HMAC-SHA256 Credential={server.access_key}/{scope},"
                               f"SignedHeaders={names},Signature={key.hex()}")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, f"/{bucket}" + (f"?{query}" if query else ""), body, signed)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise servers.Failed(f"{method} /{bucket}?{query}: {answer.status} {text[:300]}")


def make_buckets(server):
    names = ["plain", "versioned", "late"]
    for name in names:
        s3(server, "PUT", f"tutela-{name}")
    s3(server, "PUT", "tutela-versioned", "versioning=", VERSIONED)
    if server.object_lock:
        s3(server, "PUT", "tutela-locking", headers={"x-amz-bucket-object-lock-enabled": "true"})
        names.append("locking")
    return names


class Driver(threading.Thread):
    """Breaks the server and brings it back when the tests say so, by files in a folder."""

    def __init__(self, server, folder):
        super().__init__(daemon=True)
        self.server, self.folder, self.over = server, folder, False

    def run(self):
        actions = {"break": self.server.break_down, "recover": self.server.recover}
        while not self.over:
            for name, action in actions.items():
                if (self.folder / name).exists():
                    (self.folder / name).unlink()
                    action()
                    (self.folder / f"{name}.done").touch()
            time.sleep(0.05)


def test(server, program, arguments):
    begun = time.monotonic()
    buckets = make_buckets(server.start())
    print(f"{server.name}: ready after {time.monotonic() - begun:.1f} s", flush=True)
    control = pathlib.Path(tempfile.mkdtemp(prefix="tutela-s3-control-"))
    driver = Driver(server, control)
    driver.start()
    try:
        return subprocess.run(
            [program, f"--gtest_filter={FILTER}", *arguments],
            env=os.environ | {"TUTELA_TEST_S3_ENDPOINT": server.endpoint,
                              "TUTELA_TEST_S3_ACCESS_KEY": server.access_key,
                              "TUTELA_TEST_S3_SECRET_KEY": server.secret_key,
                              "TUTELA_TEST_S3_BUCKETS": ",".join(buckets),
                              "TUTELA_TEST_S3_CONTROL": str(control)}).returncode
    finally:
        driver.over = True
        driver.join()
        shutil.rmtree(control, ignore_errors=True)


def main():
    kind = {"swift": servers.Swift, "radosgw": servers.Radosgw}[sys.argv[1]]
    try:
        server = kind()
    except servers.Absent as reason:
        print(f"SKIPPED: blobs were NOT tested against {kind.name}: {reason}")
        return 77
    try:
        return test(server, sys.argv[2], sys.argv[3:])
    except servers.Absent as reason:
        print(f"SKIPPED: blobs were NOT tested against {kind.name}: {reason}")
        return 77
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())

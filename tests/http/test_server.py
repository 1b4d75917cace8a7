"""The server as a process: start, stop, reload, overload, sockets, TLS."""
import hashlib
import json
import pathlib
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest

import pictures
from client import Client, drain
from servers import BINARY, Server, environment


class ProcessTest(unittest.TestCase):
    def start(self, variables=None, **keys):
        server = self.make(variables, **keys)
        return server.start()

    def make(self, variables=None, **keys):
        server = Server(variables, **keys)
        self.addCleanup(server.close)
        return server

    def hold_scan(self, server, data):
        """A scan whose body is half sent."""
        host, port = server.address.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=60)
        self.addCleanup(connection.close)
        connection.sendall((f"POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                            f"{server.token('scan read')}\r\nContent-Length: {len(data)}\r\n\r\n"
                            ).encode() + data[:50])
        until = time.monotonic() + 60
        while server.metric("tutela_queue_depth") < 1 and time.monotonic() < until:
            time.sleep(0.02)
        return connection

    def certificate(self, folder, name):
        key, certificate = folder / "key.pem", folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key), "-out",
                        str(certificate), "-days", "2", "-subj", f"/CN={name}", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        return str(certificate), str(key)


class Health(ProcessTest):
    def test_not_ready_without_an_active_list_and_says_so(self):
        server = self.start()
        anyone = Client(server.address)
        self.assertEqual(anyone.get("/livez").json, {"status": "ok"})
        answer = anyone.get("/readyz")
        self.assertEqual((answer.status, answer.code), (503, "server.not_ready"))
        self.assertEqual(answer.json["reasons"], ["lists.none_active"])
        self.assertNotIn("checks", answer.json)
        self.assertTrue(anyone.get("/readyz?verbose").json["checks"]["workers"])
        server.activate_list("any", [{"kind": "md5", "value": "a" * 32}])
        self.assertEqual(anyone.get("/readyz").json, {"status": "ready"})
        self.assertTrue(anyone.get("/readyz?verbose").json["checks"]["lists"])

    def test_a_change_of_another_process_is_followed(self):
        server = self.start()
        list_id = server.activate_list("other", [{"kind": "md5", "value": "a" * 32}])
        signals = server.folder / "more.txt"
        signals.write_text("md5," + "b" * 32 + "\n")
        server.run("list", "import", "other", str(signals))
        client = server.client()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            found = client.post("/v1/search", {"kind": "md5", "value": "b" * 32}).json
            if found["results"][0]["hits_total"]:
                break
            time.sleep(0.1)
        self.assertEqual(found["results"][0]["hits"][0]["list_id"], list_id)


class Start(ProcessTest):
    def serve(self, server, *arguments):
        return server.run("serve", *arguments, check=False)

    def test_check_config_says_ok_or_all_that_is_wrong(self):
        server = self.make()
        good = self.serve(server, "--check-config")
        self.assertEqual((good.returncode, good.stdout), (0, "ok\n"), good.stderr)
        self.assertFalse((server.folder / "data").exists(), "a check changes nothing")
        server.config_file.write_text("[server]\nlissten = 1\n[log]\nlevel = \"loud\"\n")
        bad = self.serve(server, "--check-config")
        self.assertEqual(bad.returncode, 2)
        self.assertIn("line 2: unknown key server.lissten", bad.stderr)
        self.assertIn("line 4: log.level", bad.stderr)

    def test_check_config_reads_policy_and_tls_too(self):
        server = self.make()
        policy = server.folder / "policy.toml"
        policy.write_text("nonsense = [\n")
        server.keys.update({"policy.file": str(policy), "server.tls_certificate": "/nowhere.pem",
                            "server.tls_key": "/nowhere.pem"})
        server.write_config()
        bad = self.serve(server, "--check-config")
        self.assertEqual(bad.returncode, 2)
        self.assertIn("line", bad.stderr)
        self.assertIn("tls_certificate", bad.stderr)

    def test_help_and_guidance_of_the_operator_are_checked_and_read_at_start_and_at_reload(self):
        server = self.make()
        file = server.folder / "help.json"
        folder = server.folder / "guidance"
        server.keys.update({"intake.help_file": str(file), "intake.guidance_folder": str(folder)})
        server.write_config()
        bad = self.serve(server, "--check-config")
        self.assertEqual(bad.returncode, 2)
        self.assertIn("[help.unreadable]", bad.stderr)
        self.assertEqual(self.serve(server).returncode, 2, "nor does it start")
        own = {"format": "tutela-help-1", "as_of": "2026-11", "countries": [
            {"country": "AT", "name": "Austria", "helplines": [], "hotlines": [], "emergency": [
                {"name": {"en": "Own"}, "phone": "133", "source": "https://example.org/",
                 "as_of": "2026-10", "confirmed": "2026-11-01"}]}]}
        file.write_text(json.dumps(own))
        self.assertIn("[guidance.bad_file]", self.serve(server, "--check-config").stderr)
        (folder / "de").mkdir(parents=True)
        (folder / "de/young.md").write_text("# Eigenes\n\nText.\n")
        good = self.serve(server, "--check-config")
        self.assertEqual((good.returncode, good.stdout), (0, "ok\n"), good.stderr)
        server.start()
        shown = Client(server.address).get("/v1/help").json["emergency"]
        self.assertEqual([(one["name"], one["confirmed_by"]) for one in shown], [("Own", "asked")])
        for text, code in (("{\n \"format\": 1", "help.no_json.*line 2"), ("{}", "help.bad_file"),
                           (" " * (1 << 20) + " ", "help.too_large")):
            file.write_text(text)
            lines = server.hang_up()
            server.wait_for("reload refused.*" + code, seconds=60, after=lines)
            self.assertEqual(Client(server.address).get("/v1/help").json["emergency"], shown)
        own["countries"][0]["emergency"][0]["name"] = {"de": "Nur deutsch"}
        file.write_text(json.dumps(own))
        lines = server.hang_up()
        server.wait_for("reload refused.*help.bad_file.*name lacks", seconds=60, after=lines)
        own["countries"][0]["emergency"][0]["name"] = "Mended"
        file.write_text(json.dumps(own))
        lines = server.hang_up()
        server.wait_for("info reloaded", seconds=60, after=lines)
        self.assertEqual(Client(server.address).get("/v1/help").json["emergency"][0]["name"], "Mended")

    def test_an_unknown_key_or_variable_stops_the_start(self):
        server = self.make(nonsense__key=1)
        self.assertEqual(self.serve(server).returncode, 2)
        server = self.make()
        started = subprocess.run([BINARY, "serve", "--config", str(server.config_file)],
                                 env=environment({"TUTELA_SERVER__LISSTEN": "x"}),
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(started.returncode, 2)
        self.assertIn("TUTELA_SERVER__LISSTEN", started.stderr)

    def test_an_address_that_is_taken_stops_the_start(self):
        first = self.start()
        second = self.make(server__listen=first.address)
        started = self.serve(second)
        self.assertEqual(started.returncode, 2)
        self.assertIn("server.address_taken", started.stderr)


class Stop(ProcessTest):
    def test_what_is_in_flight_is_finished_and_nothing_new_begins(self):
        server = self.start()
        data = pictures.picture(1)
        connection = self.hold_scan(server, data)
        idle = socket.create_connection(connection.getpeername(), timeout=60)
        self.addCleanup(idle.close)
        server.process.send_signal(signal.SIGTERM)
        try:
            self.assertEqual(idle.recv(1), b"", "idle connections are closed at once")
        except ConnectionResetError:
            pass  # not accepted yet when the server stopped listening: closed, too
        with self.assertRaises(OSError):
            socket.create_connection(connection.getpeername(), timeout=2)
        connection.sendall(data[50:])
        answer = drain(connection)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertIn(b"Connection: close", answer)
        self.assertIn(b'"verdict":"no_match"', answer)
        self.assertEqual(server.process.wait(60), 0)
        server.wait_for("stopped")

    def test_the_grace_ends_and_a_second_signal_ends_it_sooner(self):
        for keys, second in (({"server.shutdown_grace_ms": 500}, False), ({}, True)):
            server = self.start(**keys)
            self.hold_scan(server, b"x" * 1000)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            if second:
                server.wait_for("stopping")
                server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(60), 2)
            self.assertLess(time.monotonic() - began, 25, "the grace is half a minute")
            server.process.stderr.close()
            server.start()  # with the same folder
            self.assertEqual(server.stop(), 0)

    def test_an_idle_server_stops_at_once(self):
        server = self.start()
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 25)


class Overload(ProcessTest):
    def test_scans_beyond_the_bound_are_sent_away_and_nothing_is_lost(self):
        server = self.start(server__scans_waiting_max=1)
        client = server.client()
        data = pictures.picture(1)
        connection = self.hold_scan(server, data)
        answer = client.scan(pictures.picture(2))
        self.assertEqual((answer.status, answer.code), (503, "server.overloaded"))
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(client.get("/v1/lists").status, 200, "everything else goes on")
        self.assertEqual(server.metric('tutela_scan_errors_total{reason="server.overloaded"}'), 1)
        connection.sendall(data[50:])
        self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(client.scan(pictures.picture(2)).status, 200)

    def test_many_at_once_each_get_an_answer(self):
        server = self.start()
        client = server.client("scan read")
        verdicts = []

        def scan_some(first):
            for seed in range(first, first + 4):
                verdicts.append(client.scan(pictures.picture(seed)).json["verdict"])
        threads = [threading.Thread(target=scan_some, args=(i * 10,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(verdicts, ["no_match"] * 32)
        self.assertEqual(server.metric("tutela_owed_items"), 0)


class Faults(ProcessTest):
    """Only where fault points are compiled in."""

    def fault(self, point):
        server = self.start({"TUTELA_FAULT": point})
        answer = server.client().scan(pictures.picture(1))
        if answer.status == 200:
            self.skipTest("SKIPPED: this binary has no fault points")
        return server, answer

    def test_an_item_that_is_durable_is_owed_and_never_an_error(self):
        server, answer = self.fault("pipeline.after_decode=error@1")
        self.assertEqual((answer.status, answer.json["outcome"], answer.json["verdict"]),
                         (202, "held", "owed"))
        self.assertEqual(server.metric('tutela_scan_errors_total{reason="fault.injected"}'), 1)

    def test_what_could_not_be_made_durable_is_sent_away(self):
        server, answer = self.fault("pipeline.after_receive=error@1")
        self.assertEqual(answer.status, 503)
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(server.metric("tutela_owed_items"), 0)
        self.assertEqual(server.spooled(), [])


class Sockets(ProcessTest):
    def test_a_unix_socket_is_served_with_a_stale_one_replaced(self):
        server = self.make(server__metrics_listen="")
        path = server.folder / "api.sock"
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(path))
        stale.close()
        server.keys["server.listen"] = f"unix:{path}"
        server.write_config()
        server.start()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o660)
        client = server.client()
        self.assertEqual(client.scan(pictures.picture(1)).json["verdict"], "no_match")
        again = Server(server__listen=f"unix:{path}")
        self.addCleanup(again.close)
        refused = again.run("serve", check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("server.address_taken", refused.stderr)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(path.exists())

    def test_connections_beyond_the_bound_wait_for_their_turn(self):
        server = self.start(server__connections_max=2, server__idle_timeout_ms=1000,
                            server__metrics_listen="")
        host, port = server.address.rsplit(":", 1)
        began = time.monotonic()
        for _ in range(2):
            self.addCleanup(socket.create_connection((host, int(port)), timeout=60).close)
        self.assertEqual(Client(server.address).get("/livez").status, 200)
        self.assertGreater(time.monotonic() - began, 0.9, "until one of them was idle for too long")


class Tls(ProcessTest):
    def test_tls_is_spoken_and_its_files_are_read_again_on_sighup(self):
        server = self.make()
        certificate, key = self.certificate(server.folder, "first")
        server.keys.update({"server.tls_certificate": certificate, "server.tls_key": key})
        server.write_config()
        server.start()
        client = Client(server.address, server.token("scan read"), certificate)
        self.assertEqual(client.scan(pictures.bmp(pictures.pixels(1))).json["verdict"], "no_match")
        with self.assertRaises(ssl.SSLError):
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.set_ciphers("DEFAULT:@SECLEVEL=0")
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
            host, port = server.address.rsplit(":", 1)
            with socket.create_connection((host, int(port)), timeout=60) as connection:
                old.wrap_socket(connection)
        self.assertEqual(client.call("POST", "/v1/scan", b"x" * 100,
                                     {"Content-Type": "multipart/mixed"}).status, 415)
        self.certificate(server.folder, "second")
        lines = server.hang_up()
        server.wait_for("reloaded", after=lines)
        renewed = Client(server.address, server.token("scan read"), certificate)
        self.assertEqual(renewed.get("/livez").status, 200)
        pathlib.Path(key).write_text("no key")
        lines = server.hang_up()
        server.wait_for("reload refused.*config.bad_tls", after=lines)
        self.assertEqual(renewed.get("/livez").status, 200)


class Reload(ProcessTest):
    def test_a_new_policy_decides_after_sighup_and_a_broken_one_does_not(self):
        server = self.make()
        policy = server.folder / "policy.toml"
        policy.write_text("version = 1\n")
        server.keys["policy.file"] = str(policy)
        server.write_config()
        server.start()
        client = server.client()
        data = pictures.picture(1)
        server.activate_list("reload", [{"kind": "sha256",
                                         "value": hashlib.sha256(data).hexdigest()}])
        first = client.scan(data).json["decision"]
        self.assertEqual(first["action"], "hold")
        policy.write_text("version = 2\n")
        lines = server.hang_up()
        server.wait_for("reloaded policy_version=2-", after=lines)
        second = client.scan(data).json["decision"]
        self.assertTrue(second["policy_version"].startswith("2-"), second)
        policy.write_text("version = [\n")
        lines = server.hang_up()
        server.wait_for("reload refused.*policy.invalid", after=lines)
        self.assertEqual(client.scan(data).json["decision"]["policy_version"],
                         second["policy_version"])

    def test_keys_that_need_a_restart_are_named_and_the_others_taken(self):
        server = self.start()
        server.keys["workers.attempts_max"] = 5
        server.keys["limits.pixels_max"] = 5
        server.keys["server.searches_per_minute"] = 1
        server.write_config()
        lines = server.hang_up()
        self.assertEqual(server.wait_for(r"needs a restart key=(\S+)", after=lines),
                         "workers.attempts_max")
        server.wait_for("reloaded", after=lines)
        client = server.client()
        scanned = client.scan(pictures.picture(1))
        self.assertEqual(scanned.json["reason"], "media.too_many_pixels")
        body = {"queries": [{"kind": "md5", "value": "0" * 32}] * 2}
        self.assertEqual(client.post("/v1/search", body).code, "search.over_limit")
        server.config_file.write_text("[server]\nnonsense = 1\n")
        lines = server.hang_up()
        server.wait_for("reload refused.*unknown key", after=lines)
        self.assertEqual(client.get("/livez").status, 200)

    def test_json_lines_are_json(self):
        server = self.make(log__format="json")
        server.process = subprocess.Popen([BINARY, "serve", "--config", str(server.config_file)],
                                          env=environment(), stderr=subprocess.PIPE, text=True)
        threading.Thread(target=server.read_log, args=(server.process.stderr,), daemon=True).start()
        address = server.wait_for(r'"event":"listening","address":"([^"]+)"')
        self.assertEqual(Client(address).get("/livez").status, 200)
        server.wait_for('"event":"request"')
        self.assertEqual(server.stop(), 0)
        for line in server.log:
            self.assertIn("time", json.loads(line))


if __name__ == "__main__":
    unittest.main()

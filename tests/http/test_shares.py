"""People outside and the service's own doors: neither takes the other's room."""
import socket
import time
import unittest

import pictures
from client import drain
from servers import Server

REPORT = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nsomething\r\n--b--\r\n'
HEAD = ("POST /report HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(REPORT)}\r\n\r\n").encode()
WAIT_SECONDS = 60


class Shares(unittest.TestCase):
    def start(self, **keys):
        server = Server(intake__listen="127.0.0.1:0", **keys)
        self.addCleanup(server.close)
        server.start()
        self.pages = server.wait_for(r"info pages listening address=(\S+)")
        return server

    def connect(self, address):
        host, port = address.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=WAIT_SECONDS)
        self.addCleanup(connection.close)
        return connection

    def until(self, server, metric, value):
        end = time.monotonic() + WAIT_SECONDS
        while server.metric(metric) != value and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(server.metric(metric), value, metric)

    def hold_report(self, server):
        connection = self.connect(self.pages)
        connection.sendall(HEAD + REPORT[:40])
        self.until(server, "tutela_intake_uploads", 1)
        return connection

    def report(self):
        connection = self.connect(self.pages)
        connection.sendall(HEAD.replace(b"Host: a", b"Host: a\r\nConnection: close") + REPORT)
        return drain(connection)

    def test_a_flood_of_reports_leaves_the_doors_of_the_service_their_slots(self):
        server = self.start(server__scans_waiting_max=1, intake__uploads_max=1)
        held = self.hold_report(server)
        refused = self.report()
        self.assertTrue(refused.startswith(b"HTTP/1.1 503 "), refused[:200])
        self.assertIn(b"Retry-After", refused)
        self.assertEqual(server.client().scan(pictures.picture(1)).status, 200)
        self.assertEqual(
            server.metric('tutela_scan_errors_total{reason="intake.overloaded"}'), 1)
        self.assertEqual(server.metric("tutela_queue_depth"), 0)
        held.sendall(REPORT[40:])
        self.assertTrue(held.recv(65536).startswith(b"HTTP/1.1 200 "))
        self.until(server, "tutela_intake_uploads", 0)
        self.assertTrue(self.report().startswith(b"HTTP/1.1 200 "))

    def test_traffic_of_the_service_keeps_nobody_from_reporting(self):
        server = self.start(server__scans_waiting_max=1, intake__uploads_max=1)
        data = pictures.picture(1)
        held = self.connect(server.address)
        held.sendall((f"POST /v1/scan HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                      f"{server.token('scan read')}\r\nContent-Length: {len(data)}\r\n\r\n"
                      ).encode() + data[:50])
        self.until(server, "tutela_queue_depth", 1)
        self.assertEqual(server.client().scan(pictures.picture(2)).status, 503)
        self.assertTrue(self.report().startswith(b"HTTP/1.1 200 "))
        held.sendall(data[50:])
        self.assertTrue(held.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_connections_of_people_outside_are_counted_by_themselves(self):
        server = self.start(server__connections_max=4, intake__connections_max=2)
        client = server.client()
        held = [self.connect(self.pages) for _ in range(8)]
        self.assertEqual(client.get("/v1/lists").status, 200)
        self.assertIn("tutela_queue_depth", server.metrics())
        for connection in held:
            connection.close()
        held = [self.connect(server.address) for _ in range(8)]
        self.assertTrue(self.report().startswith(b"HTTP/1.1 200 "))

"""What a server does with released reports by itself: filing, metrics, log lines, and what it says
when an authority cannot be reached."""
import subprocess

from servers import BINARY, environment
from test_reports import ENTICEMENT, PASSWORD, ReportTest
from test_review import await_value


class FilingTest(ReportTest):
    def text_report(self, account):
        made = self.team.legal.post("/v1/reports", {
            "incident_type": ENTICEMENT, "incident_at": "2026-01-05T10:00:00Z",
            "account": account})
        self.assertEqual(made.status, 201, made.body)
        released = self.release(self.team.legal, made.json["report"])
        self.assertEqual(released.status, 200, released.body)
        return made.json["report"]


class Filing(FilingTest):
    def test_metrics_and_log_say_what_was_filed_and_nothing_of_it(self):
        before = self.server.metric("tutela_reports_simulated_total")
        report = self.text_report("account-quiet-1")
        self.await_state(report, "finished")
        self.assertEqual(self.server.metric("tutela_reports_simulated_total"), before + 1)
        self.assertEqual(self.server.metric("tutela_reports_filed_total"), 0)
        self.assertEqual(self.server.metric("tutela_reports_released"), 0)
        self.assertEqual(self.server.metric("tutela_reports_overdue"), 0)
        self.assertGreater(
            self.server.metric('tutela_authority_last_success_seconds{authority="ncmec"}'), 1e9)
        lines = [line for line in self.server.log if report["id"] in line]
        self.assertTrue(any("filed" in line and "simulated" in line for line in lines), lines)
        log = "\n".join(self.server.log)
        for secret in (PASSWORD, "account-quiet-1", "safety@example.org"):
            self.assertNotIn(secret, log)

    def test_the_password_is_not_shown(self):
        shown = subprocess.run([BINARY, "config", "show", "--config", str(self.server.config_file)],
                               env=environment(), capture_output=True, text=True, check=False)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("cybertip", shown.stdout)
        self.assertNotIn(PASSWORD, shown.stdout + shown.stderr)


class OutOfReach(FilingTest):
    """Nobody listens where the authority should be."""

    @classmethod
    def setUpClass(cls):
        cls.KEYS = cls.KEYS | {
            "cybertip.url": "http://127.0.0.1:9/ispws", "cybertip.username": "nobody",
            "cybertip.password": PASSWORD, "reporting.company": "Example Pictures",
            "reporting.email": "safety@example.org"}
        super(ReportTest, cls).setUpClass()

    @classmethod
    def tearDownClass(cls):
        super(ReportTest, cls).tearDownClass()

    def test_what_cannot_be_filed_is_owed_and_the_server_stays_ready(self):
        report = self.text_report("account-far-1")
        put_off = await_value(
            lambda: next((one for one in [self.whole(report)["report"]]
                          if one.get("failure") == "report.not_sent"), None))
        self.assertTrue(put_off, self.whole(report))
        self.assertEqual(put_off["state"], "released")
        self.assertEqual(self.server.metric("tutela_reports_released"), 1)
        self.assertGreater(self.server.metric("tutela_oldest_report_age_seconds"), 0)
        self.assertGreater(
            self.server.metric('tutela_authority_last_failure_seconds{authority="ncmec"}'), 1e9)
        self.assertEqual(self.server.metric("tutela_ready"), 1)
        answer = self.team.legal.get("/v1/reports/summary")
        self.assertEqual(answer.status, 200, answer.body)
        summary = answer.json
        self.assertEqual(summary["authorities"][0]["failure"], "trouble")

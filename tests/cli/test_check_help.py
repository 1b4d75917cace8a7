"""tools/check_help.py: emergency numbers against metadata of the form that libphonenumber has."""
import json
import subprocess
import sys

import support
from support import CommandTest

METADATA = """<phoneNumberMetadata><territories>
 <territory id="DE"><emergency><nationalNumberPattern>
   11[02]
 </nationalNumberPattern></emergency>
 <expandedEmergency><nationalNumberPattern>
   1(?:
     16\\d{3}|
     999
   )
 </nationalNumberPattern></expandedEmergency></territory>
 <territory id="FR"/>
</territories></phoneNumberMetadata>"""


class CheckHelpTest(CommandTest):
    def check(self, emergency, metadata=METADATA, country="DE"):
        xml = self.write("metadata.xml", metadata)
        file = self.write("help.json", json.dumps({"countries": [
            {"country": country, "emergency": [{"phone": phone} for phone in emergency],
             "helplines": [{"phone": "116 111"}, {"url": "https://example.org"}]}]}))
        tool = support.SOURCE / "tools" / "check_help.py"
        return subprocess.run([sys.executable, str(tool), str(xml), str(file)], timeout=60,
                              capture_output=True, text=True, check=False)

    def test_numbers_that_are_there_are_counted_and_those_for_help_are_said(self):
        ran = self.check(["110", "1 12"])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("2 of 2 emergency numbers", ran.stdout)
        self.assertIn("DE: 116 111 is a short number for help", ran.stdout)

    def test_a_number_that_is_not_there_or_a_country_without_any_is_status_1(self):
        for numbers, country in ((["110", "911"], "DE"), (["112"], "FR"), (["112"], "XX")):
            ran = self.check(numbers, country=country)
            self.assertEqual(ran.returncode, 1, ran.stderr)
            self.assertIn("is no emergency number there", ran.stdout)

    def test_files_that_cannot_be_read_are_status_2(self):
        self.assertEqual(self.check(["110"], metadata="<a").returncode, 2)

    def test_every_number_of_this_release_has_a_page_of_the_release_it_was_compared_with(self):
        text = (support.SOURCE / "web/intake/locales/help.json").read_text(encoding="utf-8")
        sources = {line["source"] for country in json.loads(text)["countries"]
                   for line in country["emergency"]}
        self.assertEqual(len(sources), 1)
        self.assertRegex(sources.pop(), r"^https://github\.com/google/libphonenumber/blob/v[0-9.]+/")

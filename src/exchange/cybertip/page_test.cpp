#include <algorithm>
#include <string>
#include <vector>

#include <expat.h>
#include <gtest/gtest.h>

#include "exchange/cybertip/cybertip.hpp"
#include "exchange/cybertip/page_text.hpp"
#include "exchange/cybertip/page_words.hpp"

namespace tutela::cybertip {
namespace {

constexpr std::string_view kDocument = R"({
  "report": {
    "incidentSummary": {"incidentType": "Child Sex Tourism",
                        "incidentDateTime": "2026-01-02T03:04:05Z",
                        "reportAnnotations": {"spam": true}},
    "internetDetails": [{"webPageIncident": {"@thirdPartyHostedContent": false,
                                             "url": ["https://a.example/1",
                                                     "https://a.example/2"]}}],
    "reporter": {"reportingPerson": {"email": [{"@type": "Work", "#text": "legal@example.org"}]}},
    "personOrUserReported": [{"espIdentifier": "account-7",
        "ipCaptureEvent": [{"ipAddress": "192.0.2.7", "port": 4711, "possibleProxy": true}]}],
    "somethingNew": {"deep": {"deeper": ["x-one", "x-two"]}}
  },
  "files": [{"fileViewedByEsp": true, "originalFileHash": [{"@hashType": "MD5", "#text": "00ff"}]},
            {"fileViewedByEsp": false}, {}]
})";

bool has(std::string_view page, std::string_view part) {
  return page.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view page, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = page.find(part); at != std::string_view::npos;
       at = page.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

/// Every element but the void ones is closed, in order: what follows <body> is well-formed XML.
void expect_balanced(const std::string& page) {
  const std::size_t body = page.find("<body>");
  ASSERT_NE(body, std::string::npos);
  std::string xml = page.substr(body);
  xml = xml.substr(0, xml.rfind("</html>"));
  const XML_Parser parser = XML_ParserCreate("UTF-8");
  const int size = static_cast<int>(xml.size());
  EXPECT_EQ(XML_Parse(parser, xml.data(), size, XML_TRUE), XML_STATUS_OK)
      << XML_ErrorString(XML_GetErrorCode(parser)) << " at line "
      << XML_GetCurrentLineNumber(parser);
  XML_ParserFree(parser);
}

TEST(Page, ShowsEveryValueInWords) {
  const std::string shown = page("Report 1", kDocument, {}, {});
  expect_balanced(shown);
  for (const std::string_view each : {"Child Sex Tourism",
                                      "2026-01-02 03:04:05 UTC",
                                      "https://a.example/1",
                                      "https://a.example/2",
                                      "legal@example.org",
                                      "account-7",
                                      "192.0.2.7",
                                      "4711",
                                      "x-one",
                                      "x-two",
                                      "00ff",
                                      "Something new",
                                      "Possibly a proxy",
                                      "Web address 2"}) {
    EXPECT_TRUE(has(shown, each)) << each;
  }
}

TEST(Page, TellsYesFromNoFromNotStated) {
  const std::string shown = page("Report 1", kDocument, {}, {});
  EXPECT_TRUE(has(shown, "yes for 1, no for 1, not stated for 1"));
  const std::string row =
      "<th scope=\"row\">Entire file viewed by a person of the company</th><td>";
  EXPECT_EQ(count(shown, row + "<bdi class=\"value\">yes</bdi>"), 1U);
  EXPECT_EQ(count(shown, row + "<bdi class=\"value\">no</bdi>"), 1U);
  EXPECT_EQ(count(shown, row + "<span class=\"absent\">not stated</span>"), 1U);
}

TEST(Page, NamesWhatIsNotKnown) {
  const std::string shown = page("t", R"({"report": {"personOrUserReported": [{}]}})", {}, {});
  expect_balanced(shown);
  EXPECT_TRUE(has(shown, "What happened is not stated."));
  EXPECT_TRUE(has(shown, "Who reports is not stated."));
  EXPECT_TRUE(has(shown, "No child is named"));
  EXPECT_TRUE(has(shown, "No files: this report is of text alone."));
  EXPECT_TRUE(has(shown,
                  "<th scope=\"row\">Account id at the service</th><td><span "
                  "class=\"absent\">not known</span>"));
}

TEST(Page, KeepsTheOrderOfTheSchemaAndPutsWhatIsUnknownLast) {
  const std::string shown =
      page("t",
           R"({"files": [{"zzz": "x-last", "publiclyAvailable": true, "fileViewedByEsp": true}]})",
           {},
           {});
  const std::size_t viewed = shown.find("Entire file viewed");
  const std::size_t exif = shown.find("EXIF data viewed");
  const std::size_t public_row = shown.find("accessible to the public");
  EXPECT_LT(viewed, exif);
  EXPECT_LT(exif, public_row);
  EXPECT_LT(public_row, shown.find("x-last"));
  EXPECT_NE(shown.find("x-last"), std::string::npos);
}

TEST(Page, SaysWhereEachValueComesFrom) {
  const std::vector<Origin> origins = {
      {"report/personOrUserReported/0", "service", "account-facts"},
      {"report/personOrUserReported/0/espIdentifier", "ledger", "item <7>"},
      {"files/0/fileViewedByEsp", "exposure", ""},
      {"files/0/originalFileHash/0/@hashType", "ledger", "of the type"}};
  const std::string shown = page("t", kDocument, origins, {});
  expect_balanced(shown);
  EXPECT_TRUE(has(shown,
                  "account-7</bdi></td><td class=\"from\">upload ledger: "
                  "<bdi>item &lt;7&gt;</bdi></td>"));
  EXPECT_TRUE(has(shown, "192.0.2.7</bdi></td><td class=\"from\">service data"));
  EXPECT_TRUE(has(shown, "yes</bdi></td><td class=\"from\">record of views</td>"));
  EXPECT_TRUE(has(shown, "of the type"));
  EXPECT_TRUE(has(shown, "Child Sex Tourism</bdi></td><td class=\"from\">not recorded</td>"));
}

TEST(Page, ListsProblemsOnTopAndWhereTheyAre) {
  const std::vector<Problem> problems = {
      {"report/reporter/reportingPerson", "missing", "Say who reports & how."},
      {"files/1/originalFileHash", "missing", "Give the hashes."},
      {"", "schema", "Something else."}};
  const std::string shown = page("t", kDocument, {}, problems);
  expect_balanced(shown);
  EXPECT_TRUE(has(shown, "3 things are to be done"));
  EXPECT_LT(shown.find("Give the hashes."), shown.find("<h2>What happened</h2>"));
  EXPECT_TRUE(has(shown, "<strong>File 2, Hash of the file as it was uploaded:</strong>"));
  EXPECT_EQ(count(shown, "Give the hashes."), 2U);
  EXPECT_EQ(count(shown, "Say who reports &amp; how."), 2U);
}

TEST(Page, EscapesEverything) {
  const std::string evil = "</td><script>alert('1')</script>&\\\"<img src=x>";
  const std::string document = R"({"report": {"incidentSummary": {"platform": ")" + evil +
                               R"(", "<b>": "x", "@<i>": {"<u>": [")" + evil + R"("]}},
        "additionalInfo": ")" + evil +
                               R"(", "<script>": {"#text": ")" + evil + R"(",
        "@<script>": ")" + evil +
                               R"("}}, "files": [{"<script>": true}]})";
  const std::string shown = page(evil,
                                 document,
                                 {{"report/additionalInfo", "<script>", "<script>"}},
                                 {{"report/<script>", "<script>", "<script>"}});
  expect_balanced(shown);
  EXPECT_FALSE(has(shown, "<script"));
  EXPECT_FALSE(has(shown, "<img"));
  EXPECT_FALSE(has(shown, "<b>"));
  EXPECT_FALSE(has(shown, "<u>"));
}

TEST(Page, FetchesNothing) {
  const std::string shown = page("t", kDocument, {}, {});
  for (const std::string_view each :
       {"<script", "<link", "<img", "<a ", "<iframe", "url(", "@import", "href=", "src="}) {
    EXPECT_FALSE(has(shown, each)) << each;
  }
  EXPECT_TRUE(has(shown, "default-src 'none'"));
}

TEST(Page, ShowsDocumentsThatCannotBeRead) {
  for (const std::string_view document : {"", "{", "[]", "null", "\"<script>\"", "\xFF\xFE<b>"}) {
    const std::string shown = page("t", document, {}, {{"", "bad_json", "Write JSON."}});
    expect_balanced(shown);
    EXPECT_TRUE(has(shown, "The document cannot be read")) << document;
    EXPECT_TRUE(has(shown, "Write JSON."));
  }
  const std::string big = page("t", std::string(kDocumentBytesMax + 1, '<'), {}, {});
  EXPECT_TRUE(has(big, "too large"));
  EXPECT_LT(big.size(), 100'000U);
}

TEST(Page, ShowsDocumentsOfTheWrongShape) {
  for (const std::string_view document :
       {R"({"report": [1, 2], "files": {"a": 1}})",
        R"({"report": "text", "files": [1, null, []]})",
        R"({"report": {"victim": 7, "reporter": [], "incidentSummary": [[[{}]]]}})",
        R"({"report": {"reporter": {"#text": {"a": 1}, "@b": [1]}}, "more": null})",
        R"({"files": [{"originalFileHash": null}]})"}) {
    expect_balanced(page("t", document, {}, {}));
  }
  EXPECT_TRUE(has(page("t", R"({"report": "lost?"})", {}, {}), "lost?"));
}

TEST(PageText, ShowsWhatWouldNotBeSeen) {
  EXPECT_EQ(html_text("a\xE2\x80\xAE"
                      "b\x07"
                      "\xE2\x80\x8B"),
            "a[U+202E]b[U+0007][U+200B]");
  EXPECT_EQ(html_text("line\nline\ttab"), "line\nline\ttab");
  EXPECT_EQ(html_text("\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80"),
            "\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80");
  EXPECT_EQ(html_text("\xC0\xAF\xED\xA0\x80\xE6"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(PageText, WritesTimesForPeopleAndLeavesTheRest) {
  EXPECT_EQ(readable_time("2026-01-02T03:04:05Z"), "2026-01-02 03:04:05 UTC");
  EXPECT_EQ(readable_time("2026-01-02T03:04:05.678+02:00"), "2026-01-02 03:04:05.678 +02:00");
  for (const std::string_view each : {"",
                                      "2026-01-02",
                                      "2026-01-02T03:04:05",
                                      "2026-01-02T03:04:05 x",
                                      "2026-01-0xT03:04:05Z",
                                      "T",
                                      "Tutela TTTTTTTTTTTTTTTT"}) {
    EXPECT_EQ(readable_time(each), each);
  }
}

TEST(PageWords, MakesWordsOfNames) {
  EXPECT_EQ(label_of("@thirdPartyHostedContent"), "Content hosted by another company");
  EXPECT_EQ(label_of("someNewElement"), "Some new element");
  EXPECT_EQ(label_of("newURL"), "New URL");
  EXPECT_EQ(label_of("platform"), "Platform");
  EXPECT_EQ(label_of(""), "");
  EXPECT_EQ(source_words("ledger"), "upload ledger");
  EXPECT_EQ(source_words("notice"), "somebody who told the provider");
  EXPECT_EQ(source_words("new"), "new");
  EXPECT_EQ(order_of("report/victim/1").front(), "victimPerson");
  EXPECT_EQ(order_of("files/0/originalFileHash/1").front(), "@hashType");
  EXPECT_TRUE(order_of("report/bogus").empty());
  EXPECT_TRUE(order_of("report/additionalInfo/more").empty());
}

}  // namespace
}  // namespace tutela::cybertip

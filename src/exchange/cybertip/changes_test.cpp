#include <string>

#include "exchange/cybertip/document_fixture.hpp"

namespace tutela::cybertip {
namespace {

std::string told(const Document& before, const Document& after) {
  const Result<std::vector<Change>> all = changes(before.text(), after.text());
  EXPECT_TRUE(all.has_value());
  std::string text;
  for (const Change& each : *all) {
    text += each.path + ": '" + each.before + "' -> '" + each.after + "'\n";
  }
  return text;
}

TEST(CybertipChanges, AreNoneBetweenADocumentAndItself) {
  EXPECT_EQ(told({}, {}), "");
  EXPECT_EQ(told({}, Document().set("files", "[]")), "");
}

TEST(CybertipChanges, TellBeforeAndAfterInTheOrderOfTheSchema) {
  EXPECT_EQ(told(Document()
                     .set("files/0/fileViewedByEsp", "true")
                     .set("report/incidentSummary/platform", R"("Old")"),
                 Document()
                     .set("files/0/fileViewedByEsp", "false")
                     .set("report/additionalInfo", R"("more")")
                     .set("report/incidentSummary/platform", R"("New")")),
            "report/incidentSummary/platform: 'Old' -> 'New'\n"
            "report/additionalInfo: '' -> 'more'\n"
            "files/0/fileViewedByEsp: 'true' -> 'false'\n");
}

TEST(CybertipChanges, TellEveryFieldOfAPartThatCameOrWent) {
  const Document with = Document().set("report/personOrUserReported/0",
                                       R"({"espIdentifier": "u1", "priorCTReports": [5, 6]})");
  EXPECT_EQ(told({}, with),
            "report/personOrUserReported/0/espIdentifier: '' -> 'u1'\n"
            "report/personOrUserReported/0/priorCTReports/0: '' -> '5'\n"
            "report/personOrUserReported/0/priorCTReports/1: '' -> '6'\n");
  EXPECT_EQ(told(Document().set("files/0", "{}"), {}), "files/0: '{}' -> ''\n");
  EXPECT_EQ(told({}, Document().set("report/internetDetails/0/webPageIncident", "{}")),
            "report/internetDetails/0/webPageIncident: '' -> '{}'\n");
}

TEST(CybertipChanges, CompareDraftsWithTheirMistakes) {
  EXPECT_EQ(told(Document().set("report/incidentSummary/incidentDateTime", R"("soon")"),
                 Document().set("report/incidentSummary", "7")),
            "report/incidentSummary: '{\"incidentType\":\"Child Sex Trafficking\","
            "\"incidentDateTime\":\"soon\"}' -> '7'\n");
  EXPECT_EQ(told(Document().set("report/nonsense", "1").set("files", "2"), Document()),
            "report/nonsense: '1' -> ''\nfiles: '2' -> ''\n");
}

TEST(CybertipChanges, RefuseWhatIsNoDocument) {
  EXPECT_EQ(changes("{}", "[]").error().code, "cybertip.bad_document");
  EXPECT_EQ(changes("{", "{}").error().code, "cybertip.bad_document");
  EXPECT_EQ(changes("{}", std::string(kDocumentBytesMax, ' ') + "{}").error().code,
            "cybertip.bad_document");
}

}  // namespace
}  // namespace tutela::cybertip

#include <string>

#include "exchange/cybertip/document_fixture.hpp"
#include "exchange/cybertip/model.hpp"

namespace tutela::cybertip {
namespace {

std::string code_of(std::string_view document) {
  const Reading reading = read(document);
  return reading.problems.size() == 1 ? reading.problems.front().code : listed(reading.problems);
}

TEST(CybertipRead, MakesTypesOfADocument) {
  const Reading reading = read(Document()
                                   .set("report/incidentSummary/platform", R"("Example")")
                                   .set("files/0/fileViewedByEsp", "false")
                                   .text());
  ASSERT_TRUE(reading.problems.empty()) << listed(reading.problems);
  const Report& report = *reading.submission.report;
  EXPECT_EQ(report.incident_summary->platform->text(), "Example");
  EXPECT_TRUE(report.incident_summary->incident_type->is("Child Sex Trafficking"));
  ASSERT_EQ(reading.submission.files.size(), 1U);
  EXPECT_EQ(reading.submission.files[0].file_viewed_by_esp, false);
  EXPECT_EQ(reading.submission.files[0].exif_viewed_by_esp, std::nullopt);
}

TEST(CybertipRead, RefusesWhatIsNoDocument) {
  EXPECT_EQ(code_of(""), "bad_json");
  EXPECT_EQ(code_of("{"), "bad_json");
  EXPECT_EQ(code_of("{\"report\": \"\xFF\"}"), "bad_json");
  EXPECT_EQ(code_of(R"({"report": "\ud800"})"), "bad_json");
  EXPECT_EQ(code_of("[]"), "wrong_shape");
  EXPECT_EQ(code_of("null"), "wrong_shape");
  EXPECT_EQ(code_of(R"({"report": 1})"), "wrong_shape");
}

TEST(CybertipRead, IsBoundedInSizeDepthAndLength) {
  const std::string base = Document().text();
  const std::string filled = base + std::string(kDocumentBytesMax - base.size(), ' ');
  EXPECT_TRUE(read(filled).problems.empty());
  EXPECT_EQ(code_of(filled + " "), "too_large");
  EXPECT_EQ(code_of(std::string(kDepthMax + 1, '[') + std::string(kDepthMax + 1, ']')), "bad_json");
  const auto urls = [](std::size_t count) {
    std::string list = "[1";
    for (std::size_t i = 1; i < count; ++i) {
      list += ",1";
    }
    return Document().set("report/personOrUserReported/0/priorCTReports", list + "]").text();
  };
  EXPECT_TRUE(read(urls(kItemsMax)).problems.empty());
  EXPECT_EQ(code_of(urls(kItemsMax + 1)), "too_many");
}

struct Case {
  const char* path;
  const char* json;
  const char* problem_path;
  const char* code;
};

TEST(CybertipRead, SaysWhatIsWrongAndWhere) {
  const Case cases[] = {
      {"report/incidentSummary/platform", "7", "report/incidentSummary/platform", "wrong_shape"},
      {"report/incidentSummary/platform", "null", "report/incidentSummary/platform", "wrong_shape"},
      {"report/incidentSummary/platform", R"("")", "report/incidentSummary/platform", "blank"},
      {"report/incidentSummary/platform",
       R"("a\u0000b")",
       "report/incidentSummary/platform",
       "bad_character"},
      {"report/incidentSummary/Platform", R"("x")", "report/incidentSummary/Platform", "unknown"},
      {"report/incidentSummary/a b<c>", R"("x")", "report/incidentSummary/a?b?c?", "unknown"},
      {"report/incidentSummary/reportAnnotations",
       "{}",
       "report/incidentSummary/reportAnnotations",
       "empty"},
      {"report/incidentSummary/reportAnnotations/spam",
       "false",
       "report/incidentSummary/reportAnnotations/spam",
       "not_true"},
      {"report/personOrUserReported", "{}", "report/personOrUserReported", "wrong_shape"},
      {"report/personOrUserReported/0", "{}", "report/personOrUserReported/0", "empty"},
      {"report/personOrUserReported/0/profileUrl/1",
       R"("nowhere")",
       "report/personOrUserReported/0/profileUrl/1",
       "not_a_url"},
      {"report/victim/0", R"({"screenName": "x"})", "report/victim/0/victimPerson", "missing"},
      {"report/victim/0/victimPerson/age",
       "1.5",
       "report/victim/0/victimPerson/age",
       "wrong_shape"},
      {"report/victim/0/victimPerson/age",
       "151",
       "report/victim/0/victimPerson/age",
       "out_of_range"},
      {"report/victim/0/victimPerson/email/0",
       R"("a@example.org")",
       "report/victim/0/victimPerson/email/0",
       "wrong_shape"},
      {"report/internetDetails/0/cellPhoneIncident/latitude",
       "91",
       "report/internetDetails/0/cellPhoneIncident/latitude",
       "out_of_range"},
      {"report/internetDetails/0/webPageIncident",
       "[]",
       "report/internetDetails/0/webPageIncident",
       "wrong_shape"},
      {"files/0/details/0", R"({"@type": "EXIF"})", "files/0/details/0/nameValuePair", "missing"},
      {"files/0/details/0/nameValuePair", "[]", "files/0/details/0/nameValuePair", "missing"},
      {"files/0/fileViewedByEsp", R"("true")", "files/0/fileViewedByEsp", "wrong_shape"},
      {"files/0/reportId", "7", "files/0/reportId", "unknown"},
      {"reports", "7", "reports", "unknown"},
  };
  for (const Case& each : cases) {
    Document document;
    if (std::string_view(each.path).find("profileUrl/1") != std::string_view::npos) {
      document = std::move(document).set("report/personOrUserReported/0/profileUrl/0",
                                         R"("https://example.org")");
    }
    expect_problem(std::move(document).set(each.path, each.json), each.problem_path, each.code);
  }
}

TEST(CybertipRead, TakesAnEmptyListAsAbsent) {
  expect_fine(Document().set("files", "[]").set("report/victim", "[]"));
  expect_problem(Document().set("report/personOrUserReported/0/profileUrl", "[]"),
                 "report/personOrUserReported/0",
                 "empty");
}

TEST(CybertipRead, TakesAPersonOfWhomNothingIsKnownWhereOneMustStand) {
  expect_fine(Document().set("report/victim/0/victimPerson", "{}"));
}

TEST(CybertipRead, TakesAFileOfWhichNothingMoreIsKnown) {
  expect_fine(Document().set("files/0", "{}"));
}

}  // namespace
}  // namespace tutela::cybertip

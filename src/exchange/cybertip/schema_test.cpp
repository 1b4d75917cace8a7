#include "exchange/cybertip/schema.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "exchange/cybertip/schema_text.hpp"

namespace tutela::cybertip {
namespace {

constexpr std::string_view kIncident =
    "<incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType>"
    "<incidentDateTime>2026-01-02T03:04:05Z</incidentDateTime></incidentSummary>";
constexpr std::string_view kReporter =
    "<reporter><reportingPerson><email>legal@example.org</email></reportingPerson></reporter>";

std::string report(std::string_view before_reporter = {}, std::string_view after = {}) {
  return "<report>" + std::string(kIncident) + std::string(before_reporter) +
         std::string(kReporter) + std::string(after) + "</report>";
}

Problem only(const std::vector<Problem>& problems) {
  EXPECT_EQ(problems.size(), 1U);
  for (const Problem& each : problems) {
    EXPECT_EQ(each.code, "schema");
  }
  return problems.empty() ? Problem{} : problems.front();
}

void expect_problem(std::string_view xml, std::string_view path, std::string_view message) {
  const Problem problem = only(schema_problems(xml));
  EXPECT_EQ(problem.path, path) << xml.substr(0, 300);
  EXPECT_EQ(problem.message, message) << xml.substr(0, 300);
}

TEST(Schema, TakesTheSmallestReportAndTheSmallestFileDetails) {
  EXPECT_TRUE(schema_problems(report()).empty());
  EXPECT_TRUE(check_xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + report()).empty());
  EXPECT_TRUE(schema_problems("<fileDetails><reportId>1</reportId><fileId>a</fileId></fileDetails>")
                  .empty());
}

TEST(Schema, IsTheFileOfTheRepository) {
  const Result<Bytes> file =
      read_file(TUTELA_SOURCE_DIR "/src/exchange/cybertip/cybertipline.xsd", 1U << 20);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(schema_text(), as_text(*file));
}

TEST(Schema, NamesWhatIsMissing) {
  expect_problem(
      "<report/>", "report/incidentSummary", "The element incidentSummary is missing in report.");
  expect_problem("<report>" + std::string(kIncident) + "<reporter/></report>",
                 "report/reporter/reportingPerson",
                 "The element reportingPerson is missing in reporter.");
  expect_problem(report("<internetDetails/>"),
                 "report/internetDetails",
                 "internetDetails says nothing: it needs one of webPageIncident, emailIncident, "
                 "newsgroupIncident, chatImIncident, onlineGamingIncident, cellPhoneIncident, "
                 "nonInternetIncident, peer2peerIncident.");
  expect_problem(report({}, "<personOrUserReported><associatedAccount/></personOrUserReported>"),
                 "report/personOrUserReported/associatedAccount/@type",
                 "The attribute type is missing at associatedAccount.");
}

TEST(Schema, NamesWhatStandsInTheWrongPlace) {
  expect_problem("<report>" + std::string(kReporter) + std::string(kIncident) + "</report>",
                 "report/reporter",
                 "The element reporter may not stand at this place in report. Expected here: "
                 "batchedReport, incidentSummary.");
  expect_problem(report({}, "<additionalInfo/><additionalInfo/>"),
                 "report/additionalInfo/1",
                 "The element additionalInfo may not stand at this place in report: it is unknown "
                 "there, or there are too many of it.");
}

TEST(Schema, CountsElementsOfOneNameFromZero) {
  const Problem problem = only(schema_problems(
      report({}, "<victim><victimPerson/></victim><victim><victimPerson/><bogus/></victim>")));
  EXPECT_EQ(problem.path, "report/victim/1/bogus");
}

TEST(Schema, NeverRepeatsAValue) {
  const std::string secret = "set {'x'} type 'secret person@example.org'";
  std::string xml = report();
  const std::string word = "Online Enticement of Children for Sexual Acts";
  xml.replace(xml.find(word), word.size(), secret);
  const std::string time = "2026-01-02T03:04:05Z";
  xml.replace(xml.find(time), time.size(), secret);
  const std::vector<Problem> problems = schema_problems(xml);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].path, "report/incidentSummary/incidentType");
  EXPECT_TRUE(problems[0].message.starts_with(
      "The value of incidentType in incidentSummary is not one of the words that the schema "
      "knows: 'Child Pornography (possession, manufacture, and distribution)', "))
      << problems[0].message;
  EXPECT_EQ(problems[1].message,
            "The value of incidentDateTime in incidentSummary is not of the kind dateTime.");
  for (const Problem& each : problems) {
    EXPECT_EQ(each.message.find("secret"), std::string::npos);
  }
}

TEST(Schema, ExplainsAttributes) {
  const std::string head = "<personOrUserReported><personOrUserReportedPerson><phone ";
  const std::string tail = ">1</phone></personOrUserReportedPerson></personOrUserReported>";
  const std::string path = "report/personOrUserReported/personOrUserReportedPerson/phone/@";
  expect_problem(report({}, head + "countryCallingCode=\"1\"" + tail),
                 path + "countryCallingCode",
                 "The value of the attribute countryCallingCode of phone does not have the form "
                 "\\+[0-9]{1,3}.");
  expect_problem(report({}, head + "bogus=\"1\"" + tail),
                 path + "bogus",
                 "The attribute bogus is not allowed at phone.");
  expect_problem(report({}, head + "verified=\"perhaps\"" + tail),
                 path + "verified",
                 "The value of the attribute verified of phone is not of the kind boolean.");
}

TEST(Schema, AnAnnotationIsTrueOrAbsent) {
  expect_problem(
      "<fileDetails><reportId>1</reportId><fileId>a</fileId><fileAnnotations><viral>"
      "false</viral></fileAnnotations></fileDetails>",
      "fileDetails/fileAnnotations/viral",
      "viral in fileAnnotations may only be true; leave it out where it does not "
      "hold.");
  EXPECT_TRUE(schema_problems("<fileDetails><reportId>1</reportId><fileId>a</fileId>"
                              "<fileAnnotations><viral/></fileAnnotations></fileDetails>")
                  .empty());
}

TEST(Schema, RefusesOtherDocuments) {
  expect_problem(
      "<reportResponse><responseCode>0</responseCode><responseDescription/>"
      "</reportResponse>",
      "",
      "This is neither a <report> nor the <fileDetails> of a file.");
  expect_problem("", "", "there is no XML");
  EXPECT_TRUE(only(schema_problems("<report>")).message.starts_with("not well-formed XML"));
  EXPECT_TRUE(only(schema_problems("{}")).message.starts_with("not well-formed XML"));
}

TEST(Schema, RefusesHostileXmlBeforeItIsRead) {
  expect_problem("<!DOCTYPE report [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + report(),
                 "",
                 "the XML has a DOCTYPE, which nothing here needs");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += "<a>";
  }
  expect_problem("<report>" + deep, "", "the elements of the XML are nested too deep");
  expect_problem(
      report({}, "<additionalInfo>" + std::string(kXmlBytesMax, 'a') + "</additionalInfo>"),
      "",
      "the XML has too many bytes");
}

TEST(Schema, NamesAtMostTwoHundredProblems) {
  std::string many;
  for (int i = 0; i < 500; ++i) {
    many += "<internetDetails/>";
  }
  EXPECT_EQ(schema_problems(report(many)).size(), kProblemsMax);
}

TEST(Schema, GivesTheSameToManyThreads) {
  std::vector<std::thread> threads;
  std::vector<std::size_t> found(4);
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&found, i] {
      for (int round = 0; round < 50; ++round) {
        found[i] += schema_problems(i % 2 == 0 ? report() : std::string("<report/>")).size();
      }
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  EXPECT_EQ(found, (std::vector<std::size_t>{0, 50, 0, 50}));
}

}  // namespace
}  // namespace tutela::cybertip

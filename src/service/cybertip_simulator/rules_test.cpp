#include "service/cybertip_simulator/rules.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/cybertip_simulator/fixture.hpp"

namespace tutela::cybertip_simulator {
namespace {

constexpr UtcMs kNow = 1'760'000'000'000;  // 2025-10-09

struct Case {
  std::string xml;        // what stands in the document
  std::string complaint;  // a part of what is said against it; empty: nothing
};

std::string report_with(const std::string& summary,
                        const std::string& details,
                        const std::string& reporter,
                        const std::string& rest) {
  return "<report><incidentSummary><incidentType>Child Sex Trafficking</incidentType>" + summary +
         "</incidentSummary>" + details + "<reporter><reportingPerson>" + reporter +
         "</reportingPerson></reporter>" + rest + "</report>";
}

const std::string kTime = "<incidentDateTime>2024-01-01T00:00:00Z</incidentDateTime>";
const std::string kEmail = "<email>a@example.org</email>";

std::string with_reported(const std::string& inner) {
  return report_with(
      kTime, "", kEmail, "<personOrUserReported>" + inner + "</personOrUserReported>");
}

void expect_of_report(const Case& one) {
  SCOPED_TRACE(one.xml);
  const Document document = read_document(one.xml);
  ASSERT_EQ(document.malformed, "");
  ASSERT_EQ(document.invalid, "") << "the schema alone is not what is tested";
  const std::string said = complaint_of_report(document.root, kNow);
  if (one.complaint.empty()) {
    EXPECT_EQ(said, "");
  } else {
    EXPECT_NE(said.find(one.complaint), std::string::npos) << said;
  }
}

TEST(Rules, TakeTheExamplesOfTheDocumentation) {
  expect_of_report({std::string(kReportXml), ""});
  expect_of_report({std::string(kBatchedXml), ""});
}

TEST(Rules, AskForTimesInThePastWithTheirZone) {
  const auto at = [](const std::string& time) {
    return report_with("<incidentDateTime>" + time + "</incidentDateTime>", "", kEmail, "");
  };
  for (const Case& one : std::vector<Case>{{at("2025-10-09T08:53:20Z"), ""},
                                           {at("2025-10-09T10:53:20+02:00"), ""},
                                           {at("2025-10-09T08:53:21Z"), "must be in the past"},
                                           {at("2099-01-01T00:00:00Z"), "must be in the past"},
                                           {at("1969-12-31T00:00:00Z"), ""},
                                           {at("2024-01-01T00:00:00"), "time zone"},
                                           {at("1950-01-01T00:00:00"), "time zone"}}) {
    expect_of_report(one);
  }
}

TEST(Rules, AskForLengthsInCharacters) {
  const std::string umlaut = "\xC3\xA4";
  std::string long_enough;
  for (int i = 0; i < 256; ++i) {
    long_enough += umlaut;
  }
  const auto platform = [](const std::string& name) {
    return report_with("<platform>" + name + "</platform>" + kTime, "", kEmail, "");
  };
  for (const Case& one : std::vector<Case>{
           {platform(long_enough), ""},
           {platform(long_enough + "a"), "platform is at most 256"},
           {with_reported("<espIdentifier>" + std::string(255, 'a') + "</espIdentifier>"), ""},
           {with_reported("<espIdentifier>" + std::string(256, 'a') + "</espIdentifier>"),
            "espIdentifier is at most 255"},
           {with_reported("<espService>" + std::string(101, 'a') + "</espService>"),
            "espService is at most 100"},
           {with_reported("<associatedAccount type=\"Linked\"><firstName>" + std::string(101, 'a') +
                          "</firstName></associatedAccount>"),
            ""},
           {report_with(
                kTime, "", "<firstName>" + std::string(101, 'a') + "</firstName>" + kEmail, ""),
            "firstName is at most 100"}}) {
    expect_of_report(one);
  }
}

TEST(Rules, AskForWellFormedFacts) {
  const auto ip = [](const std::string& address, const std::string& more = "") {
    return with_reported("<ipCaptureEvent><ipAddress>" + address + "</ipAddress>" + more +
                         "</ipCaptureEvent>");
  };
  const auto email = [](const std::string& text, const std::string& attributes = "") {
    return report_with(kTime, "", "<email" + attributes + ">" + text + "</email>", "");
  };
  const auto url = [](const std::string& text) {
    return report_with(kTime,
                       "<internetDetails><webPageIncident><url>" + text +
                           "</url></webPageIncident></internetDetails>",
                       kEmail,
                       "");
  };
  for (const Case& one : std::vector<Case>{
           {ip("10.1.2.3"), ""},
           {ip("2001:db8::1"), ""},
           {ip("::ffff:10.1.2.3"), ""},
           {ip("10.1.2.300"), "ipAddress"},
           {ip(" "), "ipAddress must not be blank"},
           {ip("10.1.2.3", "<port>65535</port>"), ""},
           {ip("10.1.2.3", "<port>65536</port>"), "port"},
           {ip("10.1.2.3", "<port>0</port>"), "port"},
           {ip("10.1.2.3", "<dateTime>2099-01-01T00:00:00Z</dateTime>"),
            "dateTime must be in the past"},
           {email("nobody"), "email"},
           {email("a@b"), "email"},
           {email(std::string(65, 'a') + "@example.org"), "local part"},
           {email("a@example.org", " verificationDate=\"2024-01-01T00:00:00Z\""),
            "verified must be true"},
           {email("a@example.org", " verified=\"false\" verificationDate=\"2024-01-01T00:00:00Z\""),
            "verified must be true"},
           {email("a@example.org", " verified=\"true\" verificationDate=\"2024-01-01T00:00:00Z\""),
            ""},
           {email("a@example.org", " verified=\"true\" verificationDate=\"2099-01-01T00:00:00Z\""),
            "verificationDate must be in the past"},
           {url("https://example.org/a?b#c"), ""},
           {url("example.org"), "valid URL"},
           {url("https://"), "valid URL"},
           {url("https://exam ple.org"), "valid URL"},
           {with_reported("<deviceId><idType> </idType><idValue>1</idValue></deviceId>"),
            "idType must not be blank"},
           {with_reported("<priorCTReports>0</priorCTReports>"), "priorCTReports"},
           {report_with(
                "<escalateToHighPriority> </escalateToHighPriority>" + kTime, "", kEmail, ""),
            "escalateToHighPriority must not be blank"}}) {
    expect_of_report(one);
  }
}

TEST(Rules, AskForFactsThatFitEachOther) {
  const auto account = [](const std::string& attributes) {
    return with_reported("<accountTemporarilyDisabled" + attributes +
                         ">true</accountTemporarilyDisabled>");
  };
  const auto place = [](const std::string& inner) {
    return with_reported("<estimatedLocation>" + inner + "</estimatedLocation>");
  };
  const auto phone = [](const std::string& number) {
    return report_with(
        kTime, "", "<phone countryCallingCode=\"+49\">" + number + "</phone>" + kEmail, "");
  };
  const std::string mail =
      "<internetDetails><emailIncident><emailAddress>B@example.org"
      "</emailAddress></emailIncident></internetDetails>";
  const std::string person =
      "<personOrUserReported><personOrUserReportedPerson><email>b@EXAMPLE.org"
      "</email></personOrUserReportedPerson></personOrUserReported>";
  for (const Case& one : std::vector<Case>{
           {account(
                " disabledDate=\"2024-01-02T00:00:00Z\" userNotifiedDate=\"2024-01-02T00:00:00Z\""),
            ""},
           {account(
                " disabledDate=\"2024-01-02T00:00:00Z\" userNotifiedDate=\"2024-01-01T00:00:00Z\""),
            "on or after"},
           {account(
                " disabledDate=\"2024-01-02T00:00:00Z\" reenabledDate=\"2024-01-02T00:00:00Z\""),
            "reenabledDate must be after"},
           {place("<city>Bonn</city>"), "needs a countryCode"},
           {place("<countryCode>DE</countryCode>"), ""},
           {place("<city>Austin</city><countryCode>US</countryCode>"), "region must not be blank"},
           {place("<region>Texas</region><countryCode>US</countryCode>"), "postal abbreviation"},
           {place("<city>Austin</city><region>TX</region><countryCode>US</countryCode>"), ""},
           {phone("228 123"), ""},
           {phone("+49 228 123"), "must not start with it"},
           {with_reported("<associatedAccount type=\"Linked\"><approximateAge>30</approximateAge>"
                          "<dateOfBirth>1990-01-01</dateOfBirth></associatedAccount>"),
            "approximateAge may not be set"},
           {report_with(kTime, mail, kEmail, ""), "emailAddress of the incident"},
           {report_with(kTime, mail, kEmail, person), ""},
           {report_with(kTime, "", kEmail, person + person), "at most one personOrUserReported"},
           {report_with(kTime, "", "", ""), "email is required"}}) {
    expect_of_report(one);
  }
}

TEST(Rules, OfBatchedReportsForbidWhatAppendixEForbids) {
  const std::string batched(kBatchedXml);
  const auto with = [&](const std::string& where, const std::string& what) {
    std::string xml = batched;
    return xml.insert(xml.find(where), what);
  };
  for (const Case& one : std::vector<Case>{
           {with("<reporter>", "<internetDetails><nonInternetIncident/></internetDetails>"),
            "internetDetails is not allowed"},
           {with("<reporter>", "<lawEnforcement><agencyName>A</agencyName></lawEnforcement>"),
            "lawEnforcement is not allowed"},
           {with("</report>", "<additionalInfo>a</additionalInfo>"),
            "additionalInfo is not allowed"},
           {with("<incidentDateTime>", "<escalateToHighPriority>a</escalateToHighPriority>"),
            "escalateToHighPriority is not allowed"},
           {with("</personOrUserReported></report>", "<espService>a</espService>"),
            "only espIdentifier"}}) {
    expect_of_report(one);
  }
}

void expect_of_file(const Case& one, bool batched) {
  SCOPED_TRACE(one.xml);
  const Document document = read_document(details_xml("1", "a", one.xml));
  ASSERT_EQ(document.malformed, "");
  ASSERT_EQ(document.invalid, "");
  const std::string said = complaint_of_file(document.root, batched, kNow);
  if (one.complaint.empty()) {
    EXPECT_EQ(said, "");
  } else {
    EXPECT_NE(said.find(one.complaint), std::string::npos) << said;
  }
}

TEST(Rules, OfFilesSayWhoViewedWhat) {
  const std::string exif = "<exifViewedByEsp>true</exifViewedByEsp>";
  for (const Case& one : std::vector<Case>{
           {exif, "fileViewedByEsp must be true"},
           {"<fileViewedByEsp>false</fileViewedByEsp>" + exif, "fileViewedByEsp must be true"},
           {"<fileViewedByEsp>true</fileViewedByEsp>" + exif, ""},
           {"<fileViewedByEsp>false</fileViewedByEsp><exifViewedByEsp>false</exifViewedByEsp>", ""},
           {"<fileRelevance>Supplemental Reported</fileRelevance>", ""},
           {"<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><potentialMeme/>"
            "</fileAnnotations>",
            "Supplemental Reported"},
           {"<fileRelevance>Supplemental Reported</fileRelevance>"
            "<industryClassification>A1</industryClassification>",
            "Supplemental Reported"},
           {"<uploadedToEspTimestamp>2099-01-01T00:00:00Z</uploadedToEspTimestamp>", "in the past"},
           {"<originalFileHash hashType=\"" + std::string(65, 'a') + "\">a</originalFileHash>",
            "hashType is at most 64"}}) {
    expect_of_file(one, false);
  }
}

TEST(Rules, OfFilesOfBatchedReportsAskForTheirAnnotation) {
  for (const Case& one : std::vector<Case>{
           {"", "must be annotated"},
           {"<fileAnnotations><viral/></fileAnnotations>", ""},
           {"<fileAnnotations><viral/><potentialMeme/></fileAnnotations>"
            "<industryClassification>B2</industryClassification>",
            ""},
           {"<fileAnnotations><viral/><infant/></fileAnnotations>", "infant is not allowed"},
           {"<originalFileName>a.jpg</originalFileName><fileAnnotations><viral/></fileAnnotations>",
            "originalFileName is not allowed"},
           {"<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><viral/>"
            "</fileAnnotations>",
            "must be \"Reported\""}}) {
    expect_of_file(one, true);
  }
}

TEST(Rules, ReadNoDocumentTypeAndNoDepth) {
  EXPECT_NE(read_document("<!DOCTYPE report><report/>").malformed, "");
  EXPECT_NE(
      read_document("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>").malformed,
      "");
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep += "<report>";
  }
  EXPECT_NE(read_document(deep).malformed, "");
  EXPECT_NE(read_document(std::string("<report>\0</report>", 18)).malformed, "");
}

}  // namespace
}  // namespace tutela::cybertip_simulator

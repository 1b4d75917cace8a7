#include <string>

#include "exchange/cybertip/document_fixture.hpp"

namespace tutela::cybertip {
namespace {

std::string report_of(const Document& document) {
  const Verdict verdict = check(document.text(), kNow);
  EXPECT_TRUE(verdict.checked.has_value()) << listed(verdict.problems);
  return verdict.checked ? verdict.checked->report_xml() : std::string();
}

std::string file_of(const Document& document) {
  const Verdict verdict = check(document.text(), kNow);
  EXPECT_TRUE(verdict.checked.has_value()) << listed(verdict.problems);
  return verdict.checked ? verdict.checked->file_xml(0, 4564654, "b0754af766b426f2928a02c651ed4b99")
                         : std::string();
}

/// The example of the documentation, 6.1.
TEST(CybertipXml, IsThatOfTheDocumentationsExample) {
  const Document example =
      Document()
          .set("report/incidentSummary/incidentType",
               R"x("Child Pornography (possession, manufacture, and distribution)")x")
          .set("report/incidentSummary/incidentDateTime", R"("2012-10-15T08:00:00-07:00")")
          .set("report/incidentSummary/reportAnnotations",
               R"({"sextortion": true, "csamSolicitation": true, "minorToMinorInteraction": true,
                   "spam": true, "sadisticOnlineExploitation": true})")
          .set("report/internetDetails/0/webPageIncident/url/0",
               R"("http://badsite.com/baduri.html")");
  EXPECT_EQ(
      report_of(example),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<report><incidentSummary><incidentType>Child Pornography (possession, manufacture, and "
      "distribution)</incidentType><reportAnnotations><sextortion/><csamSolicitation/>"
      "<minorToMinorInteraction/><spam/><sadisticOnlineExploitation/></reportAnnotations>"
      "<incidentDateTime>2012-10-15T08:00:00-07:00</incidentDateTime></incidentSummary>"
      "<internetDetails><webPageIncident><url>http://badsite.com/baduri.html</url>"
      "</webPageIncident></internetDetails><reporter><reportingPerson><firstName>John"
      "</firstName><lastName>Smith</lastName><email>jsmith@example.com</email>"
      "</reportingPerson></reporter></report>");
}

/// The example of the documentation, 6.3.
TEST(CybertipXml, IsThatOfTheDocumentationsExampleOfAFile) {
  EXPECT_EQ(file_of(Document().set("files/0", R"({
                "additionalInfo": ["File was originally posted with 6 others"],
                "ipCaptureEvent": {"dateTime": "2011-10-31T12:00:00Z",
                                   "ipAddress": "63.116.246.17", "eventName": "Upload"},
                "originalFileName": "mypic.jpg"})")),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<fileDetails><reportId>4564654</reportId>"
            "<fileId>b0754af766b426f2928a02c651ed4b99</fileId>"
            "<originalFileName>mypic.jpg</originalFileName><ipCaptureEvent>"
            "<ipAddress>63.116.246.17</ipAddress><eventName>Upload</eventName>"
            "<dateTime>2011-10-31T12:00:00Z</dateTime></ipCaptureEvent>"
            "<additionalInfo>File was originally posted with 6 others</additionalInfo>"
            "</fileDetails>");
}

TEST(CybertipXml, KeepsEveryCharacter) {
  EXPECT_NE(report_of(Document().set("report/additionalInfo",
                                     R"("<b> & \"q\" 'a' ]]>\tT\r\nL\u0085 \u20ac\ud83d\ude00")"))
                .find("<additionalInfo>&lt;b&gt; &amp; \"q\" 'a' ]]&gt;\tT&#13;\nL\xC2\x85 "
                      "\xE2\x82\xAC\xF0\x9F\x98\x80</additionalInfo>"),
            std::string::npos);
}

TEST(CybertipXml, KeepsEveryCharacterOfAnAttribute) {
  EXPECT_NE(file_of(Document().set("files/0/originalFileHash/0",
                                   R"({"@hashType": "a\"<&>\t\r\nb", "#text": "00"})"))
                .find("<originalFileHash hashType=\"a&quot;&lt;&amp;&gt;&#9;&#13;&#10;b\">00"
                      "</originalFileHash>"),
            std::string::npos);
}

TEST(CybertipXml, SaysFalseOnlyWhereFalseWasSaid) {
  EXPECT_EQ(file_of(Document().set("files/0/publiclyAvailable", "true")).find("ViewedByEsp"),
            std::string::npos);
  const std::string said = file_of(Document().set("files/0/fileViewedByEsp", "false"));
  EXPECT_NE(said.find("<fileViewedByEsp>false</fileViewedByEsp>"), std::string::npos);
  EXPECT_EQ(said.find("publiclyAvailable"), std::string::npos);
}

TEST(CybertipXml, EscapesTheIdOfAFile) {
  const Verdict verdict = check(Document().set("files/0", "{}").text(), kNow);
  ASSERT_TRUE(verdict.checked.has_value());
  EXPECT_EQ(verdict.checked->files(), 1U);
  EXPECT_EQ(verdict.checked->file_xml(0, 7, "a<b&"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<fileDetails><reportId>7</reportId><fileId>a&lt;b&amp;</fileId></fileDetails>");
}

}  // namespace
}  // namespace tutela::cybertip

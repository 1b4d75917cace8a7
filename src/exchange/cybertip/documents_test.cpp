// A table of documents as they come from work: each is accepted, and its XML says what it should.
// Several are what open-source clients have got wrong: see the names.
#include <string>
#include <vector>

#include "exchange/cybertip/document_fixture.hpp"

namespace tutela::cybertip {
namespace {

struct Row {
  const char* name;
  const char* path;
  const char* json;
  const char* xml;  // that the report, or the file, must hold
};

const std::vector<Row> kRows = {
    {"a web page",
     "report/internetDetails",
     R"([{"webPageIncident": {"@thirdPartyHostedContent": true, "url": ["https://a.example/1",
          "https://a.example/2"], "additionalInfo": "seen twice"}}])",
     "<internetDetails><webPageIncident thirdPartyHostedContent=\"true\"><url>https://a.example/1"
     "</url><url>https://a.example/2</url><additionalInfo>seen twice</additionalInfo>"
     "</webPageIncident></internetDetails><reporter>"},
    {"an e-mail",
     "report/internetDetails",
     R"([{"emailIncident": {"content": "Subject: hello"}}])",
     "<emailIncident><content>Subject: hello</content></emailIncident>"},
    {"a newsgroup",
     "report/internetDetails",
     R"([{"newsgroupIncident": {"name": "alt.example"}}])",
     "<newsgroupIncident><name>alt.example</name></newsgroupIncident>"},
    {"a chat",
     "report/internetDetails",
     R"([{"chatImIncident": {"content": "one\ntwo", "chatRoomName": "r", "chatClient": "c"}}])",
     "<chatImIncident><chatClient>c</chatClient><chatRoomName>r</chatRoomName><content>one\ntwo"
     "</content></chatImIncident>"},
    {"a game",
     "report/internetDetails",
     R"([{"onlineGamingIncident": {"console": "c", "gameName": "g"}}])",
     "<onlineGamingIncident><gameName>g</gameName><console>c</console></onlineGamingIncident>"},
    {"a cell phone",
     "report/internetDetails",
     R"([{"cellPhoneIncident": {"latitude": 51.5073219, "longitude": -0.1276474,
          "phoneNumber": {"#text": "20 7946 0000", "@countryCallingCode": "+44"}}}])",
     "<cellPhoneIncident><phoneNumber countryCallingCode=\"+44\">20 7946 0000</phoneNumber>"
     "<latitude>51.5073219</latitude><longitude>-0.1276474</longitude></cellPhoneIncident>"},
    {"not the internet",
     "report/internetDetails",
     R"([{"nonInternetIncident": {"incidentAddress": [{"country": "DE", "city": "Ulm",
          "@type": "Home"}]}}])",
     "<nonInternetIncident><incidentAddress type=\"Home\"><city>Ulm</city><country>DE</country>"
     "</incidentAddress></nonInternetIncident>"},
    {"peer to peer",
     "report/internetDetails",
     R"([{"peer2peerIncident": {"ipCaptureEvent": [{"ipAddress": "::ffff:192.0.2.1", "port": 80}],
          "fileNames": "a, b"}}])",
     "<peer2peerIncident><ipCaptureEvent><ipAddress>::ffff:192.0.2.1</ipAddress><port>80</port>"
     "</ipCaptureEvent><fileNames>a, b</fileNames></peer2peerIncident>"},
    {"several places",
     "report/internetDetails",
     R"([{"chatImIncident": {}}, {"webPageIncident": {}}])",
     "<internetDetails><chatImIncident/></internetDetails><internetDetails><webPageIncident/>"
     "</internetDetails>"},
    {"text-only enticement",
     "report/incidentSummary/incidentType",
     R"("Online Enticement of Children for Sexual Acts")",
     "<incidentType>Online Enticement of Children for Sexual Acts</incidentType>"},
    {"an urgent case",
     "report/incidentSummary/escalateToHighPriority",
     R"("A child is in danger now.")",
     "<escalateToHighPriority>A child is in danger now.</escalateToHighPriority>"},
    {"law enforcement that asked first",
     "report/lawEnforcement",
     R"({"servedLegalProcessInternational": {"@fleaCountry": "GB", "#text": true},
         "agencyName": "Example Police", "officerContact": {"lastName": "Doe"},
         "reportedToLe": false})",
     "<lawEnforcement><agencyName>Example Police</agencyName><officerContact><lastName>Doe"
     "</lastName></officerContact><reportedToLe>false</reportedToLe>"
     "<servedLegalProcessInternational fleaCountry=\"GB\">true</servedLegalProcessInternational>"
     "</lawEnforcement><reporter>"},
    {"a child that is known, which clients left out",
     "report/victim",
     R"([{"schoolName": "Example School", "victimPerson": {"age": 9}, "priorCTReports": [12]}])",
     "<victim><victimPerson><age>9</age></victimPerson><schoolName>Example School</schoolName>"
     "<priorCTReports>12</priorCTReports></victim>"},
    {"a suspect with accounts elsewhere",
     "report/personOrUserReported",
     R"([{"associatedAccount": [{"@type": "Parent/Guardian", "middleName": "Q",
          "platform": {"#text": "Other", "@thirdPartyUser": true}}],
          "accountTemporarilyDisabled": {"#text": true, "@userNotified": false}}])",
     "<personOrUserReported><accountTemporarilyDisabled userNotified=\"false\">true"
     "</accountTemporarilyDisabled><associatedAccount type=\"Parent/Guardian\"><platform "
     "thirdPartyUser=\"true\">Other</platform><middleName>Q</middleName></associatedAccount>"
     "</personOrUserReported>"},
    {"hashes and metadata of a file, which clients dropped",
     "files/0",
     R"({"details": [{"@type": "EXIF", "nameValuePair": [{"value": "Z", "name": "Make"}]}],
         "originalFileHash": [{"@hashType": "MD5", "#text": "00"},
                              {"@hashType": "PDQ", "#text": "ff"}]})",
     "<originalFileHash hashType=\"MD5\">00</originalFileHash><originalFileHash hashType=\"PDQ\">ff"
     "</originalFileHash><details type=\"EXIF\"><nameValuePair><name>Make</name><value>Z</value>"
     "</nameValuePair></details></fileDetails>"},
    {"a file that was matched and that nobody looked at",
     "files/0",
     R"({"fileViewedByEsp": false, "publiclyAvailable": true, "industryClassification": "A1"})",
     "<fileViewedByEsp>false</fileViewedByEsp><publiclyAvailable>true</publiclyAvailable>"
     "<industryClassification>A1</industryClassification></fileDetails>"},
};

TEST(CybertipDocuments, AreAcceptedAndSaidInXml) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const Verdict verdict = check(Document().set(row.path, row.json).text(), kNow);
    ASSERT_TRUE(verdict.checked.has_value()) << listed(verdict.problems);
    const std::string xml = verdict.checked->files() > 0 ? verdict.checked->file_xml(0, 7, "f")
                                                         : verdict.checked->report_xml();
    EXPECT_NE(xml.find(row.xml), std::string::npos) << xml;
    EXPECT_TRUE(check_xml(xml).empty());
  }
}

}  // namespace
}  // namespace tutela::cybertip

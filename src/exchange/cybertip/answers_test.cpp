#include <array>
#include <string>

#include <gtest/gtest.h>

#include "exchange/cybertip/cybertip.hpp"

namespace tutela::cybertip {
namespace {

Result<Answer> parse(std::string_view xml) {
  return parse_answer(as_bytes(xml));
}

void expect_refused(std::string_view xml) {
  const Result<Answer> answer = parse(xml);
  ASSERT_FALSE(answer.has_value()) << xml.substr(0, 200);
  EXPECT_EQ(answer.error().kind, ErrorKind::kInvalidInput);
  EXPECT_EQ(answer.error().code, "cybertip.bad_answer");
}

std::string response(std::string_view inside) {
  return "<reportResponse>" + std::string(inside) + "</reportResponse>";
}

// The four examples are those of the technical documentation (of finish, with a second file).
TEST(ParseAnswer, ReadsTheAnswerOfStatus) {
  const Result<Answer> answer = parse(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<reportResponse>
    <responseCode>0</responseCode>
    <responseDescription>Remote User : usr123, Remote Ip : 127.0.0.1</responseDescription>
</reportResponse>
)");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_FALSE(answer->done);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->description, "Remote User : usr123, Remote Ip : 127.0.0.1");
  EXPECT_FALSE(answer->report_id || answer->file_id || answer->hash);
}

TEST(ParseAnswer, ReadsTheAnswerOfSubmit) {
  const Result<Answer> answer = parse(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<reportResponse>
    <responseCode>0</responseCode>
    <responseDescription>Success</responseDescription>
    <reportId>4564654</reportId>
</reportResponse>)");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->report_id, 4564654);
}

TEST(ParseAnswer, ReadsTheAnswerOfAnUpload) {
  const Result<Answer> answer = parse(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<reportResponse>
    <responseCode>0</responseCode>
    <responseDescription>Success</responseDescription>
    <reportId>4564654</reportId>
    <fileId>b0754af766b426f2928a02c651ed4b99</fileId>
    <hash>FAFA5efeaf3cbe3b23b2748d13e629a1</hash>
</reportResponse>)");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->file_id, "b0754af766b426f2928a02c651ed4b99");
  EXPECT_EQ(answer->hash, "fafa5efeaf3cbe3b23b2748d13e629a1");
}

TEST(ParseAnswer, ReadsTheAnswerOfFinish) {
  const Result<Answer> answer = parse(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<reportDoneResponse>
    <responseCode>0</responseCode>
    <reportId>4564654</reportId>
    <files>
        <fileId>b0754af766b426f2928a02c651ed4b99</fileId>
        <fileId>b0754af766b426f2928a02c651ed4b9a</fileId>
    </files>
</reportDoneResponse>)");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_TRUE(answer->done);
  EXPECT_EQ(answer->report_id, 4564654);
  ASSERT_EQ(answer->file_ids.size(), 2U);
  EXPECT_EQ(answer->file_ids[1], "b0754af766b426f2928a02c651ed4b9a");
}

TEST(ParseAnswer, TakesWhatALaterSchemaAdds) {
  const Result<Answer> answer = parse(
      "<reportDoneResponse xmlns:n='urn:n'><responseCode> +0\n</responseCode>"
      "<reportId>1</reportId><files><fileId>a</fileId><note>b</note></files>"
      "<more><fileId>x</fileId><fileId>y</fileId></more><more/></reportDoneResponse>");
  EXPECT_FALSE(answer.has_value()) << "a sign is not a documented code";
  const Result<Answer> again = parse(
      "<reportDoneResponse xmlns:n='urn:n'><responseCode> 0\n</responseCode>"
      "<reportId>1</reportId><files><fileId>a</fileId><note>b</note></files>"
      "<more><fileId>x</fileId><fileId>y</fileId></more><more/></reportDoneResponse>");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->file_ids, std::vector<std::string>{"a"});
  EXPECT_FALSE(again->file_id.has_value());
}

TEST(ParseAnswer, UnderstandsTheFiveEntitiesAndCharacterData) {
  const Result<Answer> answer =
      parse(response("<responseCode>4100</responseCode><responseDescription>a &lt;b&gt; &amp; "
                     "<![CDATA[<c>]]> &#x41;</responseDescription>"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->code, 4100);
  EXPECT_EQ(answer->description, "a <b> & <c> A");
}

TEST(ParseAnswer, CutsALongDescriptionBetweenCharactersAndKeepsItPrintable) {
  const std::string tail(1999, 'x');
  const Result<Answer> answer =
      parse(response("<responseCode>1000</responseCode><responseDescription>\n" + tail +
                     "\xC3\xA9\tmore</responseDescription>"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->description, tail);
  const Result<Answer> blanks =
      parse(response("<responseCode>1000</responseCode><responseDescription>a\n\tb\x7F"
                     "c</responseDescription>"));
  ASSERT_TRUE(blanks.has_value());
  EXPECT_EQ(blanks->description, "a  b c");
}

TEST(ParseAnswer, RefusesDoctypesAndEntities) {
  expect_refused(
      "<!DOCTYPE reportResponse><reportResponse><responseCode>0</responseCode>"
      "</reportResponse>");
  expect_refused("<!DOCTYPE a [<!ENTITY b 'c'>]>" + response("<responseCode>0</responseCode>"));
  expect_refused("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>" +
                 response("<responseCode>0</responseCode><responseDescription>&b;"
                          "</responseDescription>"));
  expect_refused(
      response("<responseCode>0</responseCode><responseDescription>&b;"
               "</responseDescription>"));
}

TEST(ParseAnswer, RefusesWhatIsDoubledOrNested) {
  expect_refused(response("<responseCode>0</responseCode><responseCode>1</responseCode>"));
  expect_refused(
      response("<responseCode>0</responseCode><reportId>1</reportId>"
               "<reportId>2</reportId>"));
  expect_refused(response("<responseCode>0<reportId>1</reportId></responseCode>"));
  expect_refused(
      "<reportDoneResponse><responseCode>0</responseCode><reportId>1</reportId>"
      "<files><fileId>a<b/></fileId></files></reportDoneResponse>");
  expect_refused(
      "<reportDoneResponse><responseCode>0</responseCode><reportId>1</reportId>"
      "<files/><files/></reportDoneResponse>");
}

TEST(ParseAnswer, RefusesCodesAndIdsThatAreNone) {
  for (const std::string_view code :
       {"", " ", "abc", "0x0", "0.0", "1 2", "99999999999", "-", "1e3", "\xD9\xA0"}) {
    expect_refused(response("<responseCode>" + std::string(code) + "</responseCode>"));
  }
  for (const std::string_view id : {"", "0", "-1", "9223372036854775808", "1;2", "12a"}) {
    expect_refused(
        response("<responseCode>0</responseCode><reportId>" + std::string(id) + "</reportId>"));
  }
  expect_refused(response("<responseCode>0</responseCode><fileId></fileId>"));
  expect_refused(response("<responseCode>0</responseCode><fileId>a b</fileId>"));
  expect_refused(
      response("<responseCode>0</responseCode><fileId>" + std::string(256, 'a') + "</fileId>"));
  expect_refused(response("<responseCode>0</responseCode><hash>abc</hash>"));
  expect_refused(
      response("<responseCode>0</responseCode><hash>" + std::string(32, 'g') + "</hash>"));
}

TEST(ParseAnswer, RefusesWhatIsNotAnAnswer) {
  expect_refused("");
  expect_refused(" ");
  expect_refused("<html><body>502 Bad Gateway</body></html>");
  expect_refused("{\"responseCode\": 0}");
  expect_refused("<reportResponse></reportResponse>");
  expect_refused("<reportResponse><responseCode>0</responseCode>");
  expect_refused(response("<responseCode>0</responseCode>") + "<more/>");
  expect_refused(response("<responseCode>0</responseCode>") + "text");
  expect_refused("<reportDoneResponse><responseCode>0</responseCode><files/></reportDoneResponse>");
  expect_refused(
      "<n:reportResponse xmlns:n='urn:n'><responseCode>0</responseCode>"
      "</n:reportResponse>");
}

TEST(ParseAnswer, RefusesOtherEncodings) {
  expect_refused("<?xml version='1.0' encoding='ISO-8859-1'?>" +
                 response("<responseCode>0</responseCode>"));
  expect_refused("<?xml version='1.0' encoding='UTF-16'?>" +
                 response("<responseCode>0</responseCode>"));
  expect_refused(
      response("<responseCode>0</responseCode><responseDescription>\xE9"
               "</responseDescription>"));
  std::string wide = "\xFF\xFE";
  for (const char c : response("<responseCode>0</responseCode>")) {
    wide += c;
    wide += '\0';
  }
  expect_refused(wide);
  EXPECT_TRUE(parse("\xEF\xBB\xBF<?xml version='1.0' encoding='us-ascii'?>" +
                    response("<responseCode>0</responseCode>"))
                  .has_value());
}

TEST(ParseAnswer, RefusesWhatIsTooBigTooDeepOrTooMuch) {
  std::string deep;
  for (int i = 0; i < 9; ++i) {
    deep += "<a>";
  }
  for (int i = 0; i < 9; ++i) {
    deep += "</a>";
  }
  expect_refused(response("<responseCode>0</responseCode>" + deep));
  std::string many;
  for (int i = 0; i < 20'001; ++i) {
    many += "<a/>";
  }
  expect_refused(response("<responseCode>0</responseCode>" + many));
  expect_refused(response("<responseCode>0</responseCode><responseDescription>" +
                          std::string(kAnswerBytesMax, 'a') + "</responseDescription>"));
  std::string attributes = "<a";
  for (int i = 0; i < 33; ++i) {
    attributes += " b" + std::to_string(i) + "=''";
  }
  expect_refused(response("<responseCode>0</responseCode>" + attributes + "/>"));
}

TEST(MeaningOf, KnowsEveryDocumentedCode) {
  struct Known {
    std::int64_t code;
    Meaning meaning;
  };

  constexpr std::array<Known, 20> kDocumented = {{
      {0, Meaning::kSuccess},          {1000, Meaning::kServerTrouble},
      {1100, Meaning::kServerTrouble}, {1110, Meaning::kServerTrouble},
      {1111, Meaning::kServerTrouble}, {1210, Meaning::kServerTrouble},
      {1300, Meaning::kServerTrouble}, {2000, Meaning::kCredentials},
      {3000, Meaning::kCredentials},   {3100, Meaning::kCredentials},
      {3300, Meaning::kCredentials},   {4000, Meaning::kRejected},
      {4100, Meaning::kRejected},      {4110, Meaning::kRejected},
      {4200, Meaning::kRejected},      {5001, Meaning::kNoReport},
      {5002, Meaning::kNoFile},        {5101, Meaning::kRetracted},
      {5102, Meaning::kFinished},      {4999, Meaning::kRejected},
  }};
  for (const Known& each : kDocumented) {
    EXPECT_EQ(meaning_of(each.code), each.meaning) << each.code;
  }
}

TEST(MeaningOf, LeavesWhatNobodyDocumentedToAPerson) {
  for (const std::int64_t code : {-1, -1000, 1, 200, 999, 5000, 5003, 5100, 6000, 10'000, 41'000}) {
    EXPECT_EQ(meaning_of(code), Meaning::kUnknown) << code;
  }
}

}  // namespace
}  // namespace tutela::cybertip

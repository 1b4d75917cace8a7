#include "service/reporting/sentences.hpp"
#include "service/reporting/test_gatherings.hpp"

namespace tutela::reporting {
namespace {

namespace json = boost::json;

class MergeTest : public GatheringsTest {
 protected:
  MergeTest() {
    const Uuid id = world_.add({.exact = true, .account = "user-1"});
    EXPECT_EQ(world_.add({.exact = true, .account = "user-1"}), id);
    all_.close_unseen(id);
    facts_ = *all_.gather(id);
    document_ = json::parse(facts_.body);
  }

  json::value merged(const json::value& edited) {
    const auto merged = merge(facts_, json::serialize(edited), "person:ann");
    EXPECT_TRUE(merged) << error_of(merged);
    if (!merged) {
      return {};
    }
    origins_ = *read_origins(merged->provenance);
    return json::parse(merged->body);
  }

  std::string source(const std::string& path) {
    const cybertip::Origin* const origin = origin_of(origins_, path);
    return origin == nullptr ? "none" : origin->source;
  }

  json::object& file(std::size_t number) {
    return document_.at("files").as_array()[number].as_object();
  }

  Gathered facts_;
  json::value document_;
  std::map<std::string, cybertip::Origin> origins_;
};

TEST_F(MergeTest, WhatNobodyChangedIsWhatWasGathered) {
  const auto same = merge(facts_, facts_.body, "person:ann");
  ASSERT_TRUE(same);
  EXPECT_EQ(same->body, facts_.body);
  EXPECT_EQ(same->provenance, facts_.provenance);
}

TEST_F(MergeTest, WhatTheServiceSaysLaterReachesWhatPeopleWrote) {
  ASSERT_TRUE(all_.reports.set_account_facts(
      all_.system, "user-1", R"({"screenName":"first","profileUrl":["https://example.org/a"]})"));
  const Uuid id = *parse_uuid(world_.texts("SELECT id FROM review_case").at(0));
  facts_ = *all_.gather(id);
  document_ = json::parse(facts_.body);
  auto& person = document_.at("report").at("personOrUserReported").as_array()[0].as_object();
  person["displayName"] = json::array{"written by hand"};
  person.erase("profileUrl");
  const auto last = merge(facts_, json::serialize(document_), "person:ann");
  ASSERT_TRUE(last);
  const std::vector<std::string> earlier = {facts_.body, last->body};
  ASSERT_TRUE(all_.reports.set_account_facts(
      all_.system,
      "user-1",
      R"({"screenName":"second","profileUrl":["https://example.org/a"],"displayName":["theirs"],
          "deviceId":[{"idType":"made up","idValue":"7"}]})"));
  const auto followed = follow_service(*all_.gather(id), *last, earlier);
  ASSERT_TRUE(followed) << error_of(followed);
  const json::value now = json::parse(*followed).at("report").at("personOrUserReported").at(0);
  EXPECT_EQ(now.at("screenName"), "second") << "nobody had changed it";
  EXPECT_EQ(now.at("deviceId").as_array().size(), 1U) << "no version had it";
  EXPECT_EQ(now.at("displayName").at(0), "written by hand");
  EXPECT_FALSE(now.as_object().contains("profileUrl")) << "a person took it out";
}

TEST_F(MergeTest, FactsCannotBeEdited) {
  file(0)["fileViewedByEsp"] = true;
  file(0)["exifViewedByEsp"] = true;
  file(0)["publiclyAvailable"] = true;
  file(0)["uploadedToEspTimestamp"] = "2020-01-01T00:00:00Z";
  file(1).erase("uploadedToEspTimestamp");
  file(1).erase("originalFileHash");
  file(1)["additionalInfo"] = json::array();
  const json::value result = merged(document_);
  EXPECT_EQ(result, json::parse(facts_.body));
  EXPECT_EQ(source("files/0/fileViewedByEsp"), "exposure");
}

TEST_F(MergeTest, FilesAreThoseOfTheFacts) {
  json::array& files = document_.at("files").as_array();
  files.erase(files.begin());
  files.push_back(json::object{{"originalFileName", "more.png"}});
  const json::value result = merged(document_);
  EXPECT_EQ(result, json::parse(facts_.body));
}

TEST_F(MergeTest, WhatAPersonWritesIsTheirs) {
  file(1)["originalFileName"] = "tree.png";
  file(1)["industryClassification"] = "B2";
  file(1)["additionalInfo"].as_array().push_back("It was shown on a stream.");
  document_.at("report").as_object()["additionalInfo"] = "More.";
  const json::value result = merged(document_);
  EXPECT_EQ(text(result, "files/1/originalFileName"), "tree.png");
  EXPECT_EQ(text(result, "files/1/industryClassification"), "B2");
  EXPECT_TRUE(is_sentence(text(result, "files/1/additionalInfo/0")));
  EXPECT_EQ(text(result, "files/1/additionalInfo/1"), "It was shown on a stream.");
  for (const char* path : {"files/1/originalFileName",
                           "files/1/industryClassification",
                           "files/1/additionalInfo/1",
                           "report/additionalInfo"}) {
    EXPECT_EQ(source(path), "person") << path;
    EXPECT_EQ(origin_of(origins_, path)->detail, "person:ann");
  }
  EXPECT_EQ(source("files/1/additionalInfo/0"), "exposure");
  EXPECT_EQ(source("files/0/industryClassification"), "decision");
  EXPECT_EQ(source("report/reporter/legalURL"), "configuration");
  const auto again = merge(facts_, json::serialize(result), "person:ann");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, json::serialize(result)) << "nothing is left to change";
}

TEST_F(MergeTest, WhoComesBeforeInAListTakesNoOriginsWithThem) {
  auto& who = document_.at("report").at("reporter").at("reportingPerson").as_object();
  json::array& emails = who["email"].as_array();
  emails.insert(emails.begin(), json::value({{"#text", "first@example.org"}}));
  static_cast<void>(merged(document_));
  EXPECT_EQ(source("report/reporter/reportingPerson/email/0/#text"), "person");
  EXPECT_EQ(source("report/reporter/reportingPerson/email/1/#text"), "configuration");
}

TEST_F(MergeTest, ASentenceThatIsTrueNoMoreGoes) {
  Gathered now = facts_;
  json::value body = json::parse(now.body);
  body.at("files").as_array()[0].as_object().erase("additionalInfo");
  body.at("files").as_array()[0].as_object()["fileViewedByEsp"] = true;
  now.body = json::serialize(body);
  file(0)["additionalInfo"].as_array().push_back("Mine.");
  const auto result = merge(now, json::serialize(document_), "person:ann");
  ASSERT_TRUE(result);
  const json::value after = json::parse(result->body);
  EXPECT_EQ(text(after, "files/0/additionalInfo"), "[\"Mine.\"]");
  EXPECT_EQ(text(after, "files/0/fileViewedByEsp"), "true");
}

TEST_F(MergeTest, EarlierReportsStayNamed) {
  Gathered now = facts_;
  json::value body = json::parse(now.body);
  body.at("report").at("personOrUserReported").as_array()[0].as_object()["priorCTReports"] =
      json::array{11, 12};
  now.body = json::serialize(body);
  json::object& person =
      document_.at("report").at("personOrUserReported").as_array()[0].as_object();
  person["priorCTReports"] = json::array{7, 12};
  const auto result = merge(now, json::serialize(document_), "person:ann");
  ASSERT_TRUE(result);
  EXPECT_EQ(text(json::parse(result->body), "report/personOrUserReported/0/priorCTReports"),
            "[7,12,11]");
}

TEST_F(MergeTest, WhatIsNoDocumentIsRefused) {
  for (const char* bad : {"",
                          "[]",
                          "7",
                          "{}",
                          R"({"report":7,"files":[]})",
                          R"({"report":{},"files":{}})",
                          R"({"report":{},"files":[7]})",
                          "{"}) {
    EXPECT_EQ(error_of(merge(facts_, bad, "person:ann")), "report.bad_document") << bad;
  }
  EXPECT_EQ(error_of(merge(facts_, std::string(cybertip::kDocumentBytesMax + 1, ' '), "a")),
            "report.bad_document");
}

TEST_F(MergeTest, WithoutFactsEverythingIsAPersons) {
  Gathered none;
  none.body = R"({"report":{},"files":[]})";
  none.provenance = "[]";
  const auto result = merge(none, R"({"report":{"additionalInfo":"a"}})", "person:ann");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, R"({"report":{"additionalInfo":"a"},"files":[]})");
  EXPECT_EQ(result->provenance,
            R"([{"path":"report/additionalInfo","source":"person","detail":"person:ann"}])");
}

}  // namespace
}  // namespace tutela::reporting

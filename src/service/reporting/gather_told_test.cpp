// Drafts of what people told us: what was written, and what we hold nothing of.
#include "service/reporting/sentences.hpp"
#include "service/reporting/test_gatherings.hpp"

namespace tutela::reporting {
namespace {

constexpr UtcMs kTold = 1'794'900'000'000;

class GatherToldTest : public GatheringsTest {
 protected:
  Uuid case_of(cases::Topic topic, const std::string& account) {
    cases::NoticeFinding notice;
    notice.notice_id = new_uuid(world_.clock_.now_ms());
    notice.topic = topic;
    notice.accounts = {account};
    Uuid id;
    EXPECT_TRUE(world_.database_->write([&](store::Transaction& transaction) -> tutela::Status {
      TUTELA_TRY_ASSIGN(
          id,
          cases::add_notice(
              transaction, all_.system, world_.rules_, world_.clock_.now_ms(), notice));
      return ok();
    }));
    return id;
  }

  void tell(const Uuid& case_id, UtcMs at_ms, const intake::Body& body) {
    const std::string id = to_string(new_uuid(at_ms));
    world_.sql(
        "INSERT INTO notice (id, tenant_id, principal_id, version, number, pin_hash, channel, "
        "kind, sender, queue, state, imminent, language, country, body, proved, received_ms, "
        "due_ms, escalate_ms, case_id, waiting) VALUES (:id, 'default', 'intake:page', 1, :number, "
        "'', 'page', 'solicitation', 'guardian', 'victim', 'open', 0, 'en', '', :body, 0, :at, "
        ":due, :escalate, :case_id, 1)",
        {id, id, intake::to_json(body), at_ms, at_ms, at_ms, to_string(case_id)});
  }

  void close(const Uuid& id, const cases::Verdict& verdict) {
    for (const cases::Person& person : {world_.ann_, world_.ben_}) {
      const auto locked = world_.cases_->lock(person, id, false);
      ASSERT_TRUE(locked) << error_of(locked);
      const auto decided = world_.decisions_->decide(person, id, {locked->version, ""}, verdict);
      ASSERT_TRUE(decided) << decided.error().message;
    }
    world_.pass_window();
  }

  static intake::Body chat() {
    intake::Body body;
    body.text = "my daughter showed me this";
    body.links = {"https://example.org/room/7", "room 7"};
    body.accounts = {"user-1", "user-2"};
    body.messages = {{"user-1", "2026-11-20T10:00:00Z", "hello there"}, {"", "", "two\nlines"}};
    return body;
  }
};

TEST_F(GatherToldTest, WhatWasWrittenIsAReportOfTextAloneWithItsMessages) {
  const Uuid id = case_of(cases::Topic::kSolicitation, "user-1");
  tell(id, kTold, chat());
  close(id, cases::World::confirmed(cases::Classification::kNone));
  const auto gathered = all_.gather(id);
  ASSERT_TRUE(gathered) << gathered.error().message;
  EXPECT_TRUE(gathered->files.empty());
  EXPECT_FALSE(gathered->automatic_allowed);
  EXPECT_EQ(gathered->account, "user-1");
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/incidentSummary/incidentType"),
            "Online Enticement of Children for Sexual Acts");
  EXPECT_EQ(text(document, "report/incidentSummary/incidentDateTime"), to_rfc3339(kTold));
  EXPECT_EQ(text(document, "report/internetDetails/0/chatImIncident/content"),
            "[2026-11-20T10:00:00Z] \"user-1\": hello there\nunknown: two\n| lines");
  EXPECT_EQ(text(document, "report/internetDetails/1/webPageIncident/url/0"),
            "https://example.org/room/7");
  EXPECT_EQ(text(document, "report/internetDetails/1/webPageIncident/url/1"), "absent");
  EXPECT_EQ(text(document, "report/personOrUserReported/0/espIdentifier"), "user-1");
  EXPECT_EQ(text(document, "report/additionalInfo"), std::string(kToldAccounts) + "user-2");
}

TEST_F(GatherToldTest, WhoToldUsAndTheirOwnWordsAreNotInIt) {
  const Uuid id = case_of(cases::Topic::kSolicitation, "user-1");
  tell(id, kTold, chat());
  close(id, cases::World::confirmed(cases::Classification::kNone));
  const auto gathered = all_.gather(id);
  ASSERT_TRUE(gathered);
  EXPECT_EQ(gathered->body.find("daughter"), std::string::npos);
  EXPECT_EQ(gathered->body.find("guardian"), std::string::npos);
}

TEST_F(GatherToldTest, MoreThanADocumentHoldsIsLeftOutAndSaid) {
  const Uuid id = case_of(cases::Topic::kSolicitation, "user-1");
  intake::Body much = chat();
  much.links.clear();
  for (int i = 0; i < 30; ++i) {
    const std::string n = std::to_string(i);
    much.links.push_back("https://example.org/" + std::string(1900, 'x') + n);
  }
  much.messages.assign(10, {"user-1", "", std::string(4000, '\n') + "x"});
  for (int i = 0; i < 5; ++i) {
    for (std::string& link : much.links) {
      link += std::to_string(i);
    }
    tell(id, kTold + i, much);
  }
  close(id, cases::World::confirmed(cases::Classification::kNone));
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/internetDetails/0/chatImIncident/additionalInfo"),
            std::string(kToldMessages) +
                " Messages that had no place here and that the provider has: 2.");
  EXPECT_EQ(text(document, "report/internetDetails/4/chatImIncident/content"), "absent");
}

TEST_F(GatherToldTest, APostThatWeHoldNothingOfIsReportedByItsAddress) {
  const Uuid id = case_of(cases::Topic::kContent, "user-1");
  tell(id, kTold, chat());
  close(id, cases::World::confirmed());
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "report/incidentSummary/incidentType"),
            "Child Pornography (possession, manufacture, and distribution)");
  EXPECT_EQ(text(document, "report/internetDetails/0/webPageIncident/url/0"),
            "https://example.org/room/7");
  EXPECT_EQ(text(document, "report/internetDetails/1"), "absent") << "no chat";
}

TEST_F(GatherToldTest, AFileThatSomebodySentIsNotSaidToBeAnUpload) {
  const Uuid id = world_.closed({.account = "user-1"});
  all_.received(world_.content_, kTold, "intake");
  const auto document = all_.document(id);
  EXPECT_EQ(text(document, "files/0/uploadedToEspTimestamp"), "absent");
  EXPECT_NE(text(document, "files/0/additionalInfo/1").find("sent to the provider by somebody"),
            std::string::npos);
}

}  // namespace
}  // namespace tutela::reporting

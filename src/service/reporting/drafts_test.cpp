// Drafts that nobody asked for, and what goes out by itself.
#include "service/reporting/drafts.hpp"

#include <cstdlib>

#include "service/reporting/test_gatherings.hpp"
#include "support/disabled_test.hpp"

namespace tutela::reporting {
namespace {

using Strings = std::vector<std::string>;
const Upload kExact{.exact = true, .automation = true, .account = "user-1"};

/// With a second authority for accounts in Germany.
Desk make_desk(Gatherings& all) {
  reports::Authority police;
  police.name = "police";
  police.jurisdiction = "DE";
  return {*all.world.database_,
          all.opening,
          all.reports,
          all.world.clock_,
          all.provider,
          {all.authority, police},
          *reports::parse_routes("ncmec if service=US incident=csam; police if account=DE")};
}

Drafted draft(Gatherings& all, const DraftRules& rules = {}, Strings* told = nullptr) {
  Desk desk = make_desk(all);
  Drafter drafter(*all.world.database_,
                  all.opening,
                  all.reports,
                  desk,
                  all.world.clock_,
                  all.provider,
                  rules,
                  [told](std::string_view what, const Uuid&, std::string_view detail) {
                    if (told != nullptr) {
                      told->push_back(std::string(what) + " " + std::string(detail));
                    }
                  });
  const auto done = drafter.work(cases::never);
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return done ? *done : Drafted{};
}

class DraftsTest : public GatheringsTest {
 protected:
  Drafted work(const DraftRules& rules = {}) { return draft(all_, rules, &told_); }

  /// Of the case, in the order of the authorities.
  std::vector<reports::Report> reports_of(const Uuid& id) {
    reports::Filter filter;
    filter.case_id = id;
    const auto page = all_.reports.list("default", filter);
    EXPECT_TRUE(page);
    auto found = page ? page->reports : std::vector<reports::Report>();
    std::ranges::sort(found, {}, &reports::Report::authority);
    return found;
  }

  static DraftRules automatic() {
    DraftRules rules;
    rules.automatic = true;
    return rules;
  }

  Strings told_;
};

TEST_F(DraftsTest, AConfirmedCaseBecomesOneDraft) {
  const Uuid id = all_.closed_unseen(kExact);
  EXPECT_EQ(work().drafts, 1);
  EXPECT_EQ(work().drafts, 0);
  const auto made = reports_of(id);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].state, reports::State::kDraft);
  EXPECT_EQ(made[0].authority, "ncmec");
  EXPECT_EQ(made[0].account, "user-1");
  EXPECT_EQ(told_, Strings{"drafted ncmec"});
}

TEST_F(DraftsTest, TheServiceIsAskedForWhatItKnows) {
  const Uuid id = all_.closed_unseen(kExact);
  work();
  work();
  const auto asked = world_.payloads("report.facts_wanted");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_NE(asked[0].find(to_string(id)), std::string::npos);
  EXPECT_NE(asked[0].find(to_string(reports_of(id).at(0).id)), std::string::npos);
}

TEST_F(DraftsTest, ADraftThatNobodyTouchedFollowsTheFacts) {
  const Uuid id = all_.closed_unseen(kExact);
  work();
  ASSERT_TRUE(all_.reports.set_account_facts(
      all_.system, "user-1", R"({"estimatedLocation":{"countryCode":"DE"}})"));
  const Drafted next = work();
  EXPECT_EQ(next.refreshed, 1);
  EXPECT_EQ(next.drafts, 1) << "and goes where the facts lead";
  const auto made = reports_of(id);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[1].authority, "police");
  EXPECT_EQ(made[0].document, 2);
  EXPECT_NE(all_.reports.document("default", made[0].id, 2)->body.find("\"DE\""),
            std::string::npos);
  EXPECT_EQ(work().refreshed, 0);
}

TEST_F(DraftsTest, ADraftThatAPersonTouchedIsTheirs) {
  const Uuid id = all_.closed_unseen(kExact);
  work(automatic());
  const reports::Report mine = reports_of(id).at(0);
  const auto before = all_.reports.document("default", mine.id, 1);
  ASSERT_TRUE(all_.reports.write(world_.lead_.actor,
                                 mine.id,
                                 {mine.version, ""},
                                 before->body,
                                 before->provenance,
                                 all_.gather(id)->files));
  ASSERT_TRUE(all_.reports.set_account_facts(all_.system, "user-1", R"({"screenName":"a"})"));
  const Drafted next = work(automatic());
  EXPECT_EQ(next.refreshed, 0);
  EXPECT_EQ(next.released, 0);
  EXPECT_EQ(reports_of(id).at(0).document, 2);
}

TEST_F(DraftsTest, WhatAPersonWithdrewIsNotDraftedAgain) {
  const Uuid id = all_.closed_unseen(kExact);
  work();
  const reports::Report mine = reports_of(id).at(0);
  const reports::Person lead{world_.lead_.actor, true, false};
  ASSERT_TRUE(all_.reports.withdraw(lead, mine.id, {mine.version, ""}, "Reported by phone."));
  EXPECT_EQ(work().drafts, 0);
}

TEST_F(DraftsTest, WhatNoRouteLeadsAnywhereIsTold) {
  all_.closed_unseen(kExact);
  all_.provider.service_country = "FR";
  EXPECT_EQ(work().nowhere, 1);
  EXPECT_EQ(told_, Strings{"no_route "});
}

TEST_F(DraftsTest, WhoDraftsSeesWhatOfTheFactsWasLeftOut) {
  const Uuid id = all_.closed_unseen(kExact);
  ASSERT_TRUE(all_.reports.set_account_facts(all_.system, "user-1", R"({"profileUrl":["no"]})"));
  work();
  const auto shown = make_desk(all_).show("default", reports_of(id).at(0).id);
  ASSERT_TRUE(shown);
  ASSERT_EQ(shown->left_out.size(), 1U);
  EXPECT_EQ(shown->left_out[0].path, "report/personOrUserReported/0/profileUrl/0");
  EXPECT_TRUE(shown->problems.empty()) << "what is there is whole";
}

TEST_F(DraftsTest, RoutesNameIncidentsInShort) {
  const Desk desk = make_desk(all_);
  EXPECT_EQ(desk.route({}, "Child Pornography (possession, manufacture, and distribution)", false),
            Strings{"ncmec"});
  EXPECT_EQ(desk.route({}, "csam", false), Strings{"ncmec"});
  EXPECT_TRUE(desk.route({}, "Child Sex Trafficking", false).empty());
}

TEST_F(DraftsTest, WhatIsNotInTheVaultYetWaits) {
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("UPDATE evidence SET content_id = NULL");
  EXPECT_EQ(work().drafts, 0);
  EXPECT_TRUE(reports_of(id).empty());
  world_.sql("UPDATE evidence SET content_id = :id", {to_string(world_.content_)});
  EXPECT_EQ(work().drafts, 1);
}

TEST_F(DraftsTest, NothingGoesOutByItselfUnlessSwitchedOn) {
  const Uuid id = all_.closed_unseen({.exact = true, .automation = true});
  work();
  EXPECT_EQ(work().released, 0);
  EXPECT_EQ(reports_of(id).at(0).state, reports::State::kDraft);
}

TEST_F(DraftsTest, SwitchedOnAnExactMatchGoesOutOnce) {
  const Uuid id = all_.closed_unseen({.exact = true, .automation = true});
  EXPECT_EQ(work(automatic()).drafts, 1);
  EXPECT_EQ(work(automatic()).released, 1);
  EXPECT_EQ(work(automatic()).released, 0);
  const reports::Report out = reports_of(id).at(0);
  EXPECT_EQ(out.state, reports::State::kReleased);
  EXPECT_TRUE(out.automatic);
  EXPECT_FALSE(out.released_by);
}

TEST_F(DraftsTest, WherePolicyAsksForTwoPeopleNothingGoesOutByItself) {
  const Uuid id = all_.closed_unseen({.exact = true, .automation = true});
  DraftRules rules = automatic();
  rules.second_person = true;
  work(rules);
  EXPECT_EQ(work(rules).released, 0);
  EXPECT_EQ(reports_of(id).at(0).state, reports::State::kDraft);
}

TEST_F(DraftsTest, EachSafeguardAloneKeepsItForAPerson) {
  for (const char* change : {"UPDATE case_item SET exact = 0",
                             "UPDATE case_item SET trusted = 0",
                             "UPDATE case_item SET automation = 0",
                             "UPDATE list SET automation = 0",
                             "UPDATE list SET state = 'inactive'",
                             "UPDATE list SET purpose = 'test'",
                             "UPDATE list SET purpose = 'self_reported'",
                             "UPDATE case_decision SET annotations = 'possible_minor_reported'"}) {
    SCOPED_TRACE(change);
    const testing::TemporaryFolder folder;
    Gatherings all(folder.path());
    all.closed_unseen({.exact = true, .automation = true});
    all.world.sql(change);
    EXPECT_EQ(draft(all, automatic()).drafts, 1);
    EXPECT_EQ(draft(all, automatic()).released, 0);
    EXPECT_EQ(all.world.count("report WHERE state = 'draft'"), 1);
  }
}

TEST_F(DraftsTest, WhatIsNotWholeWaitsForAPerson) {
  all_.closed_unseen({.exact = true, .automation = true});
  all_.provider.email.clear();
  work(automatic());
  EXPECT_EQ(work(automatic()).released, 0);
}

TEST_F(DraftsTest, TheServiceHasTimeToAnswerBeforeAReportGoesOut) {
  const Uuid id = all_.closed_unseen(kExact);
  work(automatic());
  EXPECT_EQ(work(automatic()).released, 0);
  world_.clock_.advance(DraftRules{}.facts_wait_ms);
  EXPECT_EQ(work(automatic()).released, 1);
  const Uuid second = all_.closed_unseen({.exact = true, .automation = true, .account = "user-2"});
  ASSERT_TRUE(all_.reports.set_account_facts(all_.system, "user-2", R"({"screenName":"a"})"));
  work(automatic());
  EXPECT_EQ(work(automatic()).released, 1) << "it has answered";
  EXPECT_EQ(reports_of(id).at(0).state, reports::State::kReleased);
  EXPECT_EQ(reports_of(second).at(0).state, reports::State::kReleased);
}

TEST(DraftsChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  Gatherings all(folder);
  draft(all);
}

class DraftsCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(DraftsCrash, EveryAuthorityHasOneDraftWhereverTheProcessDied) {
  testing::kill_at_each_passing(
      "DraftsChild.DISABLED_Works",
      GetParam(),
      [](const std::filesystem::path& folder) {
        Gatherings all(folder);
        all.closed_unseen(kExact);
        ASSERT_TRUE(all.reports.set_account_facts(
            all.system, "user-1", R"({"estimatedLocation":{"countryCode":"DE"}})"));
      },
      [](const std::filesystem::path& folder) {
        Gatherings all(folder);
        draft(all);
        draft(all);
        EXPECT_EQ(all.world.texts("SELECT authority FROM report ORDER BY authority"),
                  (Strings{"ncmec", "police"}));
        EXPECT_EQ(all.world.payloads("report.facts_wanted").size(), 2U) << "one a report";
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         DraftsCrash,
                         ::testing::Values("reporting.after_draft",
                                           "cases.after_facts_wanted",
                                           "store.before_commit",
                                           "store.after_commit"));

}  // namespace
}  // namespace tutela::reporting

// What follows a finished report happens once, wherever a process dies; and for what does not
// count, nothing but events.
#include <cstdlib>

#include "service/reporting/drafts.hpp"
#include "service/reporting/filer.hpp"
#include "service/reporting/test_gatherings.hpp"
#include "support/disabled_test.hpp"

namespace tutela::reporting {
namespace {

using Strings = std::vector<std::string>;
const Upload kExact{.exact = true, .automation = true, .account = "user-1"};

std::size_t follow(Gatherings& all) {
  const auto done = follow_up(
      *all.world.database_, all.reports, *all.preservation, all.world.rules_, all.world.clock_);
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
  return done ? *done : 0;
}

class FollowUpTest : public GatheringsTest {
 protected:
  std::int64_t clocks() { return world_.count("preservation_basis WHERE kind = 'report'"); }
};

TEST_F(FollowUpTest, AReceiptStartsEveryClockAndEndsTheCases) {
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("UPDATE evidence SET case_ref = :id", {to_string(id)});
  all_.finished(all_.draft_of(id), "4711");
  EXPECT_EQ(follow(all_), 1U);
  EXPECT_EQ(clocks(), 1);
  EXPECT_EQ(world_.texts("SELECT reference FROM preservation_basis WHERE kind = 'report'"),
            Strings{"ncmec 4711"});
  EXPECT_TRUE(world_.read(id).reported_ms);
  EXPECT_EQ(world_.kinds(id), (Strings{"content.remove", "account.suspend"}));
  EXPECT_EQ(world_.texts("SELECT opinion || ' ' || case_id FROM signal_opinion"),
            Strings{"confirmed " + to_string(id)});
  EXPECT_EQ(follow(all_), 0U) << "once";
  EXPECT_EQ(clocks(), 1);
}

TEST_F(FollowUpTest, WhatWasPreservedBeforeThereWasACaseIsKeptToo) {
  const Uuid id = all_.closed_unseen(kExact);
  world_.sql("UPDATE evidence SET case_ref = 'another'");
  all_.finished(all_.draft_of(id), "4711");
  EXPECT_EQ(follow(all_), 1U);
  EXPECT_EQ(clocks(), 1);
}

TEST_F(FollowUpTest, AnIdThatIsNoReferenceIsReplacedByOurs) {
  const Uuid id = all_.closed_unseen(kExact);
  const reports::Report of = all_.finished(all_.draft_of(id), std::string(128, '7'));
  EXPECT_EQ(follow(all_), 1U);
  EXPECT_EQ(world_.texts("SELECT reference FROM preservation_basis WHERE kind = 'report'"),
            Strings{"ncmec report:" + to_string(of.id)});
}

TEST_F(FollowUpTest, AReceiptThatDoesNotCountLeavesAnEventAlone) {
  int number = 0;
  for (const auto environment : {reports::Environment::kProduction,
                                 reports::Environment::kTest,
                                 reports::Environment::kSimulated}) {
    const bool marked = environment == reports::Environment::kProduction;
    const Uuid id = all_.closed_unseen(kExact);
    reports::NewDraft draft = all_.draft_of(id);
    draft.authority.environment = environment;
    all_.finished(draft, "471" + std::to_string(++number), marked);
    EXPECT_EQ(follow(all_), 1U);
    EXPECT_FALSE(world_.read(id).reported_ms);
    EXPECT_TRUE(world_.read(id).report_due_ms) << "its clock goes on";
    EXPECT_EQ(world_.kinds(id), Strings{"content.remove"});
  }
  EXPECT_EQ(clocks(), 0);
  EXPECT_EQ(world_.count("signal_opinion"), 0);
  EXPECT_EQ(world_.texts("SELECT detail FROM case_event WHERE kind = 'report_noted' ORDER BY id"),
            (Strings{R"({"kind":"report","environment":"simulated"})",
                     R"({"kind":"report","environment":"test"})",
                     R"({"kind":"report","environment":"simulated"})"}));
}

TEST_F(FollowUpTest, OpinionsAreOfExactMatchesOnVettedListsAlone) {
  const std::initializer_list<const char*> others = {"UPDATE content_match SET strength = 'near'",
                                                     "UPDATE list SET purpose = 'test'",
                                                     "UPDATE list SET state = 'inactive'"};
  for (const char* change : others) {
    const Uuid id = all_.closed_unseen(kExact);
    all_.finished(all_.draft_of(id), "1");
    world_.sql(change);
    EXPECT_EQ(follow(all_), 1U);
    EXPECT_EQ(world_.count("signal_opinion"), 0) << change;
  }
}

TEST_F(FollowUpTest, ATextOnlyReportHasNothingToFollow) {
  reports::NewDraft draft;
  draft.authority = all_.authority;
  draft.authority.channel = reports::Channel::kWebhook;
  draft.body = blank(*world_.database_,
                     all_.reports,
                     all_.provider,
                     all_.authority,
                     "default",
                     {},
                     "Child Sex Trafficking",
                     1'790'000'000'000)
                   ->body;
  draft.provenance = "[]";
  all_.finished(draft, "9");
  EXPECT_EQ(follow(all_), 1U);
  EXPECT_EQ(follow(all_), 0U);
}

TEST_F(FollowUpTest, ACorrectionThatTheAuthorityHasSettlesWhatTheOverturnOwed) {
  const Uuid id = all_.closed_unseen(kExact);
  const reports::Report first = all_.finished(all_.draft_of(id), "4711");
  ASSERT_EQ(follow(all_), 1U);
  ASSERT_EQ(error_of(world_.appeals_->ask_with_token(world_.token(), "It is not.")), "");
  const auto appeals = world_.appeals_->list(world_.cat_, true, 10);
  ASSERT_TRUE(appeals && appeals->size() == 1);
  ASSERT_EQ(error_of(world_.appeals_->decide(
                world_.cat_, appeals->front().id, true, "It shows an adult.")),
            "");
  Desk desk(*world_.database_,
            all_.opening,
            all_.reports,
            world_.clock_,
            all_.provider,
            {all_.authority},
            *reports::parse_routes("ncmec"));
  Drafter drafter(*world_.database_,
                  all_.opening,
                  all_.reports,
                  desk,
                  world_.clock_,
                  all_.provider,
                  {},
                  [](std::string_view, const Uuid&, std::string_view) {});
  for (int round = 0; round < 2; ++round) {
    const auto drafted = drafter.work(cases::never);
    ASSERT_TRUE(drafted) << drafted.error().message;
    EXPECT_EQ(drafted->corrections, round == 0 ? 1 : 0);
  }
  reports::Filter filter;
  filter.case_id = id;
  const auto page = all_.reports.list("default", filter);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->reports.size(), 2U);
  const auto correction =
      std::ranges::find(page->reports, reports::Kind::kCorrection, &reports::Report::kind);
  ASSERT_NE(correction, page->reports.end());
  EXPECT_EQ(correction->corrects, first.id);
  EXPECT_EQ(world_.count("case_action WHERE kind = 'report.correct' AND state = 'done'"), 0);
  // To another channel, by hand: a person says that they sent it.
  const reports::Person lead{world_.lead_.actor, true, false};
  const auto released =
      all_.reports.release(lead, correction->id, {correction->version, ""}, correction->document);
  ASSERT_TRUE(released) << released.error().message;
  const auto filed =
      all_.reports.file_by_hand(lead, correction->id, {released->version, ""}, "mail of today");
  ASSERT_TRUE(filed) << filed.error().message;
  EXPECT_EQ(follow(all_), 1U);
  EXPECT_EQ(world_.count("case_action WHERE kind = 'report.correct' AND state = 'done'"), 1);
  EXPECT_EQ(world_.count("outbox WHERE topic = 'report.correct'"), 0);
  EXPECT_EQ(clocks(), 1) << "a correction keeps nothing longer";
}

TEST(FollowUpChild, DISABLED_Works) {
  const char* const folder = std::getenv("TUTELA_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  Gatherings all(folder);
  follow(all);
}

class FollowUpCrash : public ::testing::TestWithParam<const char*> {};

TEST_P(FollowUpCrash, EverythingFollowsOnceWhereverTheProcessDied) {
  testing::kill_at_each_passing(
      "FollowUpChild.DISABLED_Works",
      GetParam(),
      [](const std::filesystem::path& folder) {
        Gatherings all(folder);
        const Uuid id = all.world.add(kExact);
        all.matched_exactly(all.world.content_);
        ASSERT_EQ(all.world.add(kExact), id);
        all.matched_exactly(all.world.content_);
        all.close_unseen(id);
        all.world.sql("UPDATE evidence SET case_ref = :id WHERE content_id = :content",
                      {to_string(id), to_string(all.world.content_)});
        all.finished(all.draft_of(id), "4711");
      },
      [](const std::filesystem::path& folder) {
        Gatherings all(folder);
        World& world = all.world;
        EXPECT_EQ(world.count("review_case WHERE reported_ms IS NOT NULL"),
                  world.count("report WHERE follow_up = 'done'"))
            << "the case and the report say the same";
        EXPECT_LE(follow(all), 1U);
        EXPECT_EQ(world.count("preservation_basis WHERE kind = 'report'"), 2) << "one an object";
        EXPECT_EQ(world.count("case_event WHERE kind = 'reported'"), 1);
        EXPECT_EQ(world.count("case_action WHERE kind = 'account.suspend'"), 1);
        EXPECT_EQ(world.count("signal_opinion"), 2);
        EXPECT_EQ(world.count("report WHERE follow_up = 'done'"), 1);
        EXPECT_EQ(world.texts("SELECT COUNT(*) - MAX(id) FROM audit").at(0), "0");
      });
}

INSTANTIATE_TEST_SUITE_P(Points,
                         FollowUpCrash,
                         ::testing::Values("reporting.after_case_clock",
                                           "reporting.after_file_clock",
                                           "reporting.before_last",
                                           "reporting.after_opinions",
                                           "reporting.in_last",
                                           "cases.after_reported",
                                           "cases.after_action",
                                           "store.before_commit",
                                           "store.after_commit"));

}  // namespace
}  // namespace tutela::reporting

#include <atomic>

#include <boost/json.hpp>

#include "support/openings.hpp"

namespace tutela::opening {
namespace {

using testing::code_of;
using testing::count;
using testing::entries;
using testing::person;
using testing::requester;
using testing::texts;
using Lines = std::vector<std::string>;

const std::string kReason = "a child is in danger tonight";

class BreakGlassTest : public testing::OpeningTest {
 protected:
  std::string open(const Requester& who, const Uuid& id) {
    return code_of(opening_.break_glass(who, id, "C-1", kReason));
  }

  std::vector<BreakGlass> waiting() { return *opening_.open_break_glasses("default", 100); }
};

TEST_F(BreakGlassTest, OpensAtOnceAndIsLoud) {
  const auto opened = opening_.break_glass(person("a"), evidence_, "C-1", kReason);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->object(), "evidence:" + to_string(evidence_));
  EXPECT_EQ(entries(*database_), Lines{"person:a evidence.break_glass evidence safety ok"});
  const std::vector<BreakGlass> reviews = waiting();
  ASSERT_EQ(reviews.size(), 1U);
  EXPECT_EQ(reviews[0].evidence_id, evidence_);
  EXPECT_EQ(reviews[0].principal_id, "person:a");
  EXPECT_EQ(reviews[0].case_ref, "C-1");
  EXPECT_EQ(reviews[0].reason, kReason);
  EXPECT_EQ(reviews[0].at_ms, clock_.now_ms());
  const Lines alarms =
      texts(*database_, "SELECT payload FROM outbox WHERE topic = 'alarm.break_glass'");
  ASSERT_EQ(alarms.size(), 1U);
  const boost::json::object alarm = boost::json::parse(alarms[0]).as_object();
  EXPECT_EQ(alarm.at("break_glass_id"), to_string(reviews[0].id).c_str());
  EXPECT_EQ(alarm.at("principal_id"), "person:a");
  EXPECT_EQ(alarms[0].find("danger"), std::string::npos);
  EXPECT_EQ(opening_.views("default", evidence_)->at(0).grade, "original");
}

TEST_F(BreakGlassTest, NeedsTheRightTheCaseAndAReason) {
  Requester reviewer = person("a");
  reviewer.may_break_glass = false;
  EXPECT_EQ(open(reviewer, evidence_), "opening.role");
  EXPECT_EQ(open(requester("token:t"), evidence_), "opening.role");
  EXPECT_EQ(open(requester("system"), evidence_), "opening.role");
  EXPECT_EQ(code_of(opening_.break_glass(person("a"), evidence_, "C-2", kReason)),
            "opening.wrong_case");
  EXPECT_EQ(open(requester("person:a", "other"), evidence_), "evidence.not_found");
  for (const std::string& bad : {std::string(),
                                 std::string(9, 'x'),
                                 std::string(1001, 'x'),
                                 std::string(20, ' '),
                                 std::string("\xFF\xFF\xFF", 3)}) {
    EXPECT_EQ(code_of(opening_.break_glass(person("a"), evidence_, "C-1", bad)),
              "opening.bad_reason");
  }
  EXPECT_EQ(count(*database_, "break_glass"), 0);
  EXPECT_EQ(count(*database_, "outbox"), 0);
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused' AND purpose = 'safety'"), 5);
  EXPECT_EQ(code_of(opening_.break_glass(person("a"), evidence_, "C-1", std::string(10, 'x'))),
            "ok");
  EXPECT_EQ(code_of(opening_.break_glass(person("a"), evidence_, "C-1", std::string(1000, 'x'))),
            "ok");
}

TEST_F(BreakGlassTest, GoesPastTheCapAndTheRateButCountsInBoth) {
  Opening opening(*database_, control_, budgets_, clock_, {.viewers_max = 1, .views_per_hour = 1});
  const auto look = [&](const Requester& who) {
    return code_of(opening.view(who, evidence_, "C-1", Purpose::kReview, Grade::kOutline));
  };
  ASSERT_EQ(look(person("a")), "ok");
  ASSERT_EQ(look(person("b")), "opening.viewers");
  EXPECT_TRUE(opening.break_glass(person("b"), evidence_, "C-1", kReason));
  EXPECT_TRUE(opening.break_glass(person("a"), evidence_, "C-1", kReason));
  EXPECT_EQ(look(person("b")), "opening.too_often");
  ASSERT_TRUE(opening.allow_viewer(person("lead"), evidence_, "one more"));
  EXPECT_EQ(look(person("c")), "opening.viewers");  // two have seen it, two may
}

TEST_F(BreakGlassTest, FiveWaitForTheirReviewAndNoMore) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(open(person("a"), evidence_), "ok");
    clock_.advance(1);
  }
  EXPECT_EQ(open(person("a"), evidence_), "opening.reviews_open");
  EXPECT_EQ(open(person("b"), evidence_), "ok");
  const std::vector<BreakGlass> reviews = waiting();
  ASSERT_EQ(reviews.size(), 6U);
  EXPECT_TRUE(std::is_sorted(reviews.begin(), reviews.end(), [](const auto& x, const auto& y) {
    return x.at_ms < y.at_ms;
  }));
  EXPECT_EQ(opening_.open_break_glasses("default", 2)->size(), 2U);
  EXPECT_TRUE(opening_.open_break_glasses("other", 100)->empty());
  ASSERT_TRUE(opening_.close_break_glass(person("b"), reviews[0].id));
  EXPECT_EQ(waiting().size(), 5U);
  EXPECT_EQ(open(person("a"), evidence_), "ok");
  EXPECT_EQ(open(person("a"), evidence_), "opening.reviews_open");
  EXPECT_EQ(count(*database_, "audit WHERE action = 'evidence.break_glass' AND result = 'ok'"), 7);
  EXPECT_EQ(count(*database_, "audit WHERE result = 'refused'"), 2);
}

TEST_F(BreakGlassTest, AnotherPersonWithTheRightReviewsItOnce) {
  ASSERT_EQ(open(person("a"), evidence_), "ok");
  const Uuid id = waiting().at(0).id;
  EXPECT_EQ(code_of(opening_.close_break_glass(person("a"), id)), "opening.own");
  Requester reviewer = person("b");
  reviewer.may_approve = false;
  EXPECT_EQ(code_of(opening_.close_break_glass(reviewer, id)), "opening.role");
  for (const std::string principal : {"cli:root", "token:t", "system"}) {
    EXPECT_EQ(code_of(opening_.close_break_glass(requester(principal), id)), "opening.role");
  }
  EXPECT_EQ(code_of(opening_.close_break_glass(requester("person:b", "other"), id)),
            "break_glass.not_found");
  EXPECT_EQ(code_of(opening_.close_break_glass(person("b"), new_uuid(1))), "break_glass.not_found");
  EXPECT_EQ(waiting().size(), 1U);
  ASSERT_TRUE(opening_.close_break_glass(person("b"), id));
  EXPECT_TRUE(waiting().empty());
  EXPECT_EQ(code_of(opening_.close_break_glass(person("c"), id)), "break_glass.closed");
  EXPECT_EQ(texts(*database_, "SELECT reviewed_by FROM break_glass"), Lines{"person:b"});
  EXPECT_EQ(count(*database_, "audit WHERE action = 'break_glass.close' AND result = 'ok'"), 1);
  EXPECT_EQ(count(*database_, "audit WHERE action = 'break_glass.close' AND result = 'refused'"),
            8);
}

TEST_F(BreakGlassTest, NoRacePassesTheBoundOfOpenReviews) {
  std::atomic<int> opened = 0;
  testing::all_at_once(16, [&](int) { opened += open(person("a"), evidence_) == "ok" ? 1 : 0; });
  EXPECT_EQ(opened, 5);
  EXPECT_EQ(waiting().size(), 5U);
  std::atomic<int> closed = 0;
  const Uuid id = waiting()[0].id;
  testing::all_at_once(16, [&](int i) {
    closed += opening_.close_break_glass(person(std::to_string(i)), id) ? 1 : 0;
  });
  EXPECT_EQ(closed, 1);
}

}  // namespace
}  // namespace tutela::opening

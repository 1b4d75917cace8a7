// How the database answers what is asked often: by an index, never by reading all cases.
//
// The store has no statistics, so that a plan is the same for an empty table and for 100,000 rows.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "casework/cases/cases_fixture.hpp"
#include "support/explaining.hpp"

namespace tutela::cases {
namespace {

class PlansTest : public CasesTest {
 protected:
  void SetUp() override {
    CasesTest::SetUp();
    explaining_.emplace(*database_);
    explained_.emplace(*explaining_, clock_, rules_);
  }

  // No table of the ledger or of cases is read from its begin to its end.
  void expect_no_scan(const std::string& what, bool sorted_by_index = true) {
    ASSERT_FALSE(explaining_->plans.empty()) << what;
    for (const std::string& plan : explaining_->plans) {
      // Of a subquery that has its own bounded rows: "SCAN k", "SCAN c".
      const bool scan = plan.starts_with("SCAN r") || plan.starts_with("SCAN case_") ||
                        plan.starts_with("SCAN content") || plan.starts_with("SCAN i") ||
                        plan.starts_with("SCAN a");
      EXPECT_FALSE(scan) << what << ": " << plan;
      if (sorted_by_index) {
        EXPECT_EQ(plan.find("TEMP B-TREE FOR ORDER BY"), std::string::npos) << what << ": " << plan;
      }
    }
    explaining_->plans.clear();
  }

  void expect_list(const std::string& what, const Filter& filter, const std::string& index) {
    const Result<Page> page = explained_->list(lead_, filter);
    ASSERT_TRUE(page) << page.error().message;
    const bool used = std::ranges::any_of(explaining_->plans, [&](const std::string& plan) {
      return plan.find(" " + index + " ") != std::string::npos;
    });
    EXPECT_TRUE(used) << what << " should use " << index << " and has "
                      << (explaining_->plans.empty() ? "nothing" : explaining_->plans.back());
    expect_no_scan(what);
  }

  static Filter with(const std::function<void(Filter&)>& set) {
    Filter filter;
    set(filter);
    return filter;
  }

  std::optional<testing::Explaining> explaining_;
  std::optional<Cases> explained_;
};

TEST_F(PlansTest, EveryListHasAnIndexInItsOrder) {
  add_many(300);
  Filter queue;
  queue.queue = Queue::kStandard;
  queue.undecided = true;
  expect_list("one queue", queue, "review_case_queue");
  queue.needs_view = false;
  expect_list("one queue, without a view", queue, "review_case_queue");
  queue.after = "r:1:" + to_string(new_uuid(1));
  expect_list("the next page", queue, "review_case_queue");
  expect_list(
      "all that waits", with([](Filter& of) { of.undecided = true; }), "review_case_waiting");
  Filter unseen;
  unseen.undecided = true;
  unseen.needs_view = false;
  expect_list("all that needs no view", unseen, "review_case_unseen");
  expect_list(
      "one state", with([](Filter& of) { of.state = State::kClosed; }), "review_case_by_state");
  expect_list("all", {}, "review_case_by_rank");
  expect_list(
      "the newest", with([](Filter& of) { of.sort = Sort::kNewest; }), "review_case_by_time");
  expect_list("the next due", with([](Filter& of) { of.sort = Sort::kDue; }), "review_case_by_due");
}

TEST_F(PlansTest, ASearchReadsWhatItIsFor) {
  add_many(300);
  ASSERT_TRUE(explained_->list(lead_, with([](Filter& of) { of.account = "many-7"; })));
  expect_no_scan("account", false);
  ASSERT_TRUE(explained_->list(lead_, with([](Filter& of) { of.mine = true; })));
  expect_no_scan("mine", false);
  ASSERT_TRUE(explained_->list(lead_, with([](Filter& of) { of.content_id = new_uuid(1); })));
  expect_no_scan("content", false);
  ASSERT_TRUE(explained_->list(lead_, with([](Filter& of) { of.list = "vetted"; })));
  expect_no_scan("list", false);
  ASSERT_TRUE(explained_->list(contractor_, {}));
  expect_no_scan("assigned", false);
}

TEST_F(PlansTest, TakingTheNextReadsTheQueueFromItsFront) {
  add_many(300);
  ASSERT_TRUE(explained_->take_next(ann_, {}, {}));
  expect_no_scan("take_next");
  ASSERT_TRUE(explained_->take_next(ann_, Queue::kUrgent, {"A1", "B2"}));
  expect_no_scan("take_next with declined kinds");
  ASSERT_TRUE(explained_->take_next(contractor_, {}, {}));
  expect_no_scan("take_next of a contractor", false);
}

TEST_F(PlansTest, CountsReadIndexesAlone) {
  add_many(300);
  ASSERT_TRUE(explained_->counts(ann_));
  const std::vector<std::string> plans = explaining_->plans;
  expect_no_scan("counts");
  std::size_t covered = 0;
  for (const std::string& plan : plans) {
    const bool covering = plan.find("USING COVERING INDEX review_case_") != std::string::npos;
    covered += covering ? 1 : 0;
    EXPECT_TRUE(covering || plan.find(" review_case_locked ") != std::string::npos) << plan;
  }
  EXPECT_EQ(covered, 12U);
  ASSERT_TRUE(explained_->waits("default"));
  expect_no_scan("waits");
  ASSERT_TRUE(explained_->locked("default"));
  ASSERT_TRUE(explained_->locked_by(ann_.actor));
  for (const std::string& plan : explaining_->plans) {
    EXPECT_NE(plan.find(" review_case_locked "), std::string::npos) << plan;
  }
  expect_no_scan("locked");
  ASSERT_TRUE(explained_->ages("default"));
  expect_no_scan("ages");
}

TEST_F(PlansTest, OneCaseAndItsJoiningReadNoWholeTable) {
  const Uuid id = add(finding("acc-1", "aa"));
  ASSERT_TRUE(explained_->whole(lead_, id));
  expect_no_scan("whole", false);
  const Finding next = finding("acc-1", "aa");
  ASSERT_TRUE(explaining_->write([&](store::Transaction& transaction) -> Status {
    TUTELA_TRY(add_finding(transaction, door_, rules_, clock_.now_ms(), next));
    return add_near_duplicates(transaction, door_, clock_.now_ms(), next.content_id, new_uuid(1));
  }));
  expect_no_scan("add_finding", false);
}

}  // namespace
}  // namespace tutela::cases

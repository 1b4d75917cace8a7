// Pages, figures, and by which index the database answers.
#include <algorithm>

#include "casework/reports/reports_fixture.hpp"
#include "support/explaining.hpp"

namespace tutela::reports {
namespace {

class QueriesTest : public ReportsTest {
 protected:
  std::vector<Uuid> all_of(Filter filter) {
    std::vector<Uuid> ids;
    for (;;) {
      const Result<Page> page = reports_->list("default", filter);
      EXPECT_TRUE(page) << (page ? "" : page.error().message);
      if (!page) {
        return ids;
      }
      EXPECT_LE(static_cast<std::int64_t>(page->reports.size()), filter.limit);
      for (const Report& of : page->reports) {
        ids.push_back(of.id);
      }
      if (page->next.empty()) {
        return ids;
      }
      filter.after = page->next;
    }
  }

  /// The reads of `act` take `index`, read no table from its begin to its end, and sort nothing.
  void expect_index(const std::string& what,
                    const std::string& index,
                    const std::function<void(Reports&)>& act) {
    testing::Explaining explaining(*database_);
    Reports explained(explaining, *control_, clock_, rules_);
    act(explained);
    bool used = false;
    for (const std::string& plan : explaining.plans) {
      used =
          used || plan.find(" " + index + " ") != std::string::npos || plan.ends_with(" " + index);
      // A partial index that is walked from its begin to its end holds only what is meant.
      const bool scan = plan.starts_with("SCAN") && plan.find(" " + index) == std::string::npos;
      EXPECT_FALSE(scan) << what << ": " << plan;
      EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << what << ": " << plan;
    }
    EXPECT_TRUE(used) << what << " should use " << index << " and has "
                      << (explaining.plans.empty() ? "nothing" : explaining.plans.front());
  }

  void expect_list(const std::string& what,
                   const std::string& index,
                   const std::function<void(Filter&)>& set) {
    Filter filter;
    set(filter);
    for (const std::string after : {"", "from a cursor"}) {
      if (!after.empty()) {
        filter.after =
            std::string(filter.debts ? "d" : "n") + ":5:00000000-0000-7000-8000-000000000001";
      }
      expect_index(what + after, index, [&](Reports& reports) {
        ASSERT_TRUE(reports.list("default", filter));
      });
    }
  }
};

TEST_F(QueriesTest, APageShowsTheNewestAndGoesOnWhereItEnded) {
  std::vector<Uuid> made;
  for (int i = 0; i < 7; ++i) {
    made.push_back(draft(new_draft(0)).id);
    clock_.advance(i % 2);  // some in the same millisecond
  }
  std::ranges::reverse(made);
  for (const std::int64_t limit : {1, 2, 3, 7, 50}) {
    Filter filter;
    filter.limit = limit;
    EXPECT_EQ(all_of(filter), made) << limit;
  }
  EXPECT_TRUE(reports_->list("another", {})->reports.empty());
}

TEST_F(QueriesTest, AFilterShowsWhatItNames) {
  NewDraft what = new_draft(0);
  what.case_id = add_case();
  const Report with_case = draft(what);
  NewDraft other = new_draft(0);
  other.account = "acc-2";
  other.authority.name = "hotline";
  other.due_ms = clock_.now_ms() + kHour;
  const Report elsewhere = release(draft(other));
  other.due_ms = clock_.now_ms() + kMinute;
  const Report sooner = release(draft(other));
  const auto found = [&](const std::function<void(Filter&)>& set) {
    Filter filter;
    set(filter);
    return all_of(filter);
  };
  using Ids = std::vector<Uuid>;
  EXPECT_EQ(found([&](Filter& f) { f.case_id = what.case_id; }), Ids{with_case.id});
  EXPECT_EQ(found([](Filter& f) { f.account = "acc-1"; }), Ids{with_case.id});
  EXPECT_EQ(found([](Filter& f) { f.authority = "hotline"; }), (Ids{sooner.id, elsewhere.id}));
  EXPECT_EQ(found([](Filter& f) { f.state = State::kDraft; }), Ids{with_case.id});
  EXPECT_EQ(found([](Filter& f) {
              f.debts = true;
              f.limit = 1;
            }),
            (Ids{sooner.id, elsewhere.id}))
      << "by due date";
  EXPECT_TRUE(found([](Filter& f) {
                f.debts = true;
                f.account = "acc-1";
              }).empty());
}

TEST_F(QueriesTest, WhatIsNoCursorOrFilterIsRefused) {
  const std::string id = to_string(Uuid{});
  for (const std::string& after : {std::string("x"),
                                   "d:1:" + id,
                                   "n:1:" + id.substr(1),
                                   "n::" + id,
                                   "n:1x:" + id,
                                   "n:99999999999999999999:" + id,
                                   std::string(100, 'n')}) {
    Filter filter;
    filter.after = after;
    EXPECT_EQ(code_of(reports_->list("default", filter)), "report.bad_cursor") << after;
  }
  Filter filter;
  filter.account = std::string(513, 'a');
  EXPECT_EQ(code_of(reports_->list("default", filter)), "report.bad_filter");
  filter.account.reset();
  filter.authority = std::string(33, 'a');
  EXPECT_EQ(code_of(reports_->list("default", filter)), "report.bad_filter");
}

TEST_F(QueriesTest, AnothersReportIsNotThere) {
  const Report of = draft();
  EXPECT_EQ(code_of(reports_->find("another", of.id)), "report.not_found");
  EXPECT_EQ(code_of(reports_->whole("another", of.id)), "report.not_found");
  EXPECT_EQ(code_of(reports_->document("another", of.id, 1)), "report.not_found");
  Person stranger = lead_;
  stranger.actor.tenant_id = "another";
  EXPECT_EQ(code_of(reports_->release(stranger, of.id, {1, ""}, 1)), "report.not_found");
  EXPECT_EQ(code_of(reports_->withdraw(stranger, of.id, {1, ""}, "x")), "report.not_found");
}

TEST_F(QueriesTest, FiguresSayWhatIsOwedAndUntilWhen) {
  const auto add = [&](std::int64_t due_in_ms) {
    NewDraft what = new_draft(0);
    what.due_ms = clock_.now_ms() + due_in_ms;
    return draft(what);
  };
  const UtcMs start = clock_.now_ms();
  release(add(4 * kHour));
  add(4 * kHour + 1);
  waiting();
  clock_.advance(3 * kHour - 1);
  Counts counts = *reports_->counts("default");
  EXPECT_EQ(counts.drafts, 1);
  EXPECT_EQ(counts.released, 1);
  EXPECT_EQ(counts.waiting, 1);
  EXPECT_EQ(counts.due_soon, 0);
  EXPECT_EQ(counts.overdue, 0);
  EXPECT_EQ(counts.oldest_debt_ms, start);
  EXPECT_EQ(counts.next_due_ms, start + 4 * kHour);
  clock_.advance(1);
  EXPECT_EQ(reports_->counts("default")->due_soon, 1) << "in the last quarter of its clock";
  clock_.advance(kHour + 1);
  counts = *reports_->counts("default");
  EXPECT_EQ(counts.overdue, 1);
  EXPECT_EQ(counts.due_soon, 1) << "due now";
  EXPECT_EQ(reports_->counts("another")->waiting, 0);
  EXPECT_FALSE(reports_->counts("another")->next_due_ms);
}

TEST_F(QueriesTest, ConfirmedClosedCasesWithoutAReportOweOneTheOldestFirst) {
  const Uuid later = add_case(2 * kHour);
  const Uuid sooner = add_case(kHour);
  add_case(kHour, "decided");
  add_case(kHour, "closed", "cleared");
  const Uuid reported = add_case(kHour);
  testing::run_sql(
      *database_, "UPDATE review_case SET reported_ms = 1 WHERE id = :id", {to_string(reported)});
  const auto owed = [&](std::optional<Environment> environment = {}) {
    const auto cases = reports_->cases_without_report("default", 10, environment);
    EXPECT_TRUE(cases) << (cases ? "" : cases.error().message);
    return *cases;
  };
  EXPECT_EQ(owed(), (std::vector<Uuid>{sooner, later}));
  EXPECT_EQ(reports_->cases_without_report("default", 1)->size(), 1U);
  EXPECT_TRUE(reports_->cases_without_report("another", 10)->empty());
  NewDraft what = new_draft(0);
  what.case_id = sooner;
  what.authority = ncmec(Environment::kSimulated);
  const Report simulated = draft(what);
  EXPECT_EQ(owed(), std::vector<Uuid>{later});
  EXPECT_EQ(owed(Environment::kSimulated), std::vector<Uuid>{later});
  EXPECT_EQ(owed(Environment::kProduction), (std::vector<Uuid>{sooner, later}))
      << "a simulated one settles nothing";
  ASSERT_TRUE(reports_->withdraw(lead_, simulated.id, {1, ""}, "again"));
  EXPECT_EQ(owed(), (std::vector<Uuid>{sooner, later}));
  what.authority = ncmec();
  draft(what);
  for (const auto environment : {Environment::kProduction, Environment::kTest}) {
    EXPECT_EQ(owed(environment), std::vector<Uuid>{later});
  }
}

TEST_F(QueriesTest, EveryListHasItsIndex) {
  expect_list("all", "report_by_time", [](Filter&) {});
  expect_list("state", "report_by_state", [](Filter& f) { f.state = State::kFinished; });
  expect_list("debts", "report_debt", [](Filter& f) { f.debts = true; });
  expect_list("case", "report_by_case", [](Filter& f) { f.case_id = Uuid{}; });
  expect_list("account", "report_by_account", [](Filter& f) { f.account = "a"; });
  expect_list("authority", "report_by_authority", [](Filter& f) { f.authority = "ncmec"; });
  expect_index("prior", "report_prior", [](Reports& reports) {
    ASSERT_TRUE(reports.prior("default", "a", "ncmec", Environment::kProduction));
  });
  expect_index("follow-ups", "report_to_follow_up", [](Reports& reports) {
    ASSERT_TRUE(reports.follow_ups(10));
  });
  expect_index(
      "alarms", "report_to_alarm", [](Reports& reports) { ASSERT_TRUE(reports.escalate()); });
  expect_index("lease", "report_to_file", [](Reports& reports) {
    ASSERT_TRUE(reports.lease({"ncmec", "hotline"}, kLeaseMs));
  });
  expect_index(
      "open", "report_by_state", [](Reports& reports) { ASSERT_TRUE(reports.counts("default")); });
  expect_index("finished", "report_finished", [](Reports& reports) {
    ASSERT_TRUE(reports.counts("default"));
  });
  expect_index("cases", "review_case_report_due", [](Reports& reports) {
    ASSERT_TRUE(reports.cases_without_report("default", 10));
    ASSERT_TRUE(reports.cases_without_report("default", 10, Environment::kTest));
  });
  const Report of = draft();
  expect_index("whole", "report_step_by_report", [&](Reports& reports) {
    ASSERT_TRUE(reports.whole("default", of.id));
  });
  expect_index("attestations", "report_attestation_by_content", [&](Reports& reports) {
    ASSERT_TRUE(reports.attestations("default", {Uuid{}}));
  });
}

}  // namespace
}  // namespace tutela::reports

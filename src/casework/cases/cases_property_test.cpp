// Random findings, marks, withdrawals and decisions against what must hold whatever happens.
#include <limits>
#include <map>
#include <random>
#include <set>

#include "casework/cases/cases_fixture.hpp"

namespace tutela::cases {
namespace {

class CasesPropertyTest : public CasesTest {
 protected:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  Finding any_finding() {
    const std::string account = pick(3) == 0 ? "" : "acc-" + std::to_string(pick(12));
    const std::string bytes = pick(2) == 0 ? "" : "sha-" + std::to_string(pick(8));
    Finding found = pick(4) == 0 ? self_reported(account, bytes) : finding(account, bytes);
    static const std::vector<std::string> kLabels = {"A1", "A2", "B1", "B2", "", "other"};
    if (found.list_purpose == "known_csam") {
      found.classification = kLabels[pick(kLabels.size())];
    }
    found.origin = static_cast<Origin>(pick(4));
    found.signal_id = static_cast<std::int64_t>(pick(6));
    found.exact = pick(2) == 0;
    found.trusted = found.exact && pick(2) == 0;
    if (pick(5) == 0) {
      found.external_id = "post-" + std::to_string(pick(5));
    }
    return found;
  }

  std::optional<Uuid> any_case() {
    const std::string ids = text("SELECT id FROM review_case ORDER BY id");
    const std::size_t count = ids.size() / 37;
    if (count == 0) {
      return {};
    }
    return *parse_uuid(ids.substr(37 * pick(count), 36));
  }

  void step() {
    clock_.advance(static_cast<std::int64_t>(pick(3'600'000)));
    const std::uint64_t what = pick(20);
    const std::optional<Uuid> id = any_case();
    if (what < 13 || !id) {
      findings_.push_back(any_finding());
      add(findings_.back());
    } else if (what < 15) {
      const Case of = get(*id);
      static_cast<void>(
          cases_->mark(ann_, *id, {of.version, ""}, {static_cast<Mark>(pick(3))}).has_value());
    } else if (what < 17) {
      // Once decided it stays so here: an undo counts the contents anew (decisions_model_test.cpp).
      if (is_undecided(get(*id).state)) {
        set_state(*id,
                  static_cast<State>(pick(6)),
                  pick(2) == 0 ? Outcome::kConfirmed : Outcome::kCleared);
      }
    } else if (what == 17) {
      withdraw(findings_[pick(findings_.size())].content_id);
    } else if (what == 18) {
      add(findings_[pick(findings_.size())]);
    } else {
      near_duplicates(findings_[pick(findings_.size())].content_id,
                      findings_[pick(findings_.size())].content_id);
    }
  }

  void check() {
    // A content is in one case, and the case knows how many it has.
    EXPECT_EQ(text("SELECT content_id FROM case_item GROUP BY content_id HAVING COUNT(*) > 1"), "");
    EXPECT_EQ(text("SELECT r.id FROM review_case r WHERE r.state = 'open' AND r.items <> (SELECT "
                   "COUNT(*) FROM case_item i WHERE i.case_id = r.id)"),
              "");
    EXPECT_EQ(text("SELECT r.id FROM review_case r WHERE r.items > 5"), "") << "items_max";
    // Self-reported findings and others never meet, whatever moved in between.
    EXPECT_EQ(text("SELECT i.content_id FROM case_item i JOIN list l ON l.id = i.list_id JOIN "
                   "review_case r ON r.id = i.case_id WHERE (l.purpose = 'self_reported') <> "
                   "(r.queue = 'self_reported')"),
              "");
    EXPECT_EQ(text("SELECT l.case_id FROM case_link l JOIN review_case a ON a.id = l.case_id JOIN "
                   "review_case b ON b.id = l.other_id WHERE l.kind = 'near_duplicate' AND "
                   "(a.queue = 'self_reported') <> (b.queue = 'self_reported')"),
              "");
    // Links are there from both sides; keys know whether their case is undecided.
    EXPECT_EQ(text("SELECT l.case_id FROM case_link l WHERE NOT EXISTS (SELECT 1 FROM case_link m "
                   "WHERE m.case_id = l.other_id AND m.other_id = l.case_id AND m.kind = l.kind)"),
              "");
    EXPECT_EQ(text("SELECT k.case_id FROM case_key k JOIN review_case r ON r.id = k.case_id WHERE "
                   "(k.undecided = 1) <> (r." +
                   std::string(kUndecided) + ")"),
              "");
    EXPECT_EQ(text("SELECT id FROM review_case r WHERE COALESCE(waiting, '') <> CASE WHEN r." +
                   std::string(kUndecided) + " THEN queue ELSE '' END"),
              "");
    check_open_cases();
  }

  // What an open case says of its contents is what its contents are.
  void check_open_cases() {
    Filter filter;
    filter.state = State::kOpen;
    filter.limit = 200;
    const Result<Page> page = cases_->list(lead_, filter);
    ASSERT_TRUE(page);
    UtcMs last = std::numeric_limits<UtcMs>::min();
    for (const Case& of : page->cases) {
      EXPECT_LE(last, of.rank_ms);
      last = of.rank_ms;
      EXPECT_EQ(of.rank_ms,
                rank_of({.severity = of.severity,
                         .spread = of.spread,
                         .reports = of.reports,
                         .vulnerable = !of.marks.empty(),
                         .opened_ms = of.opened_ms}));
      EXPECT_EQ(text("SELECT COUNT(*) FROM case_item WHERE case_id = :id AND NOT (exact = 1 AND "
                     "trusted = 1)",
                     {to_string(of.id)}) != "0|",
                of.needs_view);
    }
  }

  std::mt19937_64 random_;
  std::vector<Finding> findings_;
};

TEST_F(CasesPropertyTest, WhateverHappensContentsAreInOneCaseOfTheirQueue) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  rules_.items_max = 5;
  restart();
  for (int i = 0; i < 400; ++i) {
    step();
    if (i % 20 == 19) {
      check();
    }
    if (HasFailure()) {
      return;
    }
  }
}

TEST_F(CasesPropertyTest, CursorsShowEachCaseOnceWhileOthersCome) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  std::set<Uuid> there;
  for (int i = 0; i < 60; ++i) {
    clock_.advance(static_cast<std::int64_t>(pick(kHour)));
    Finding found = finding("acc-" + std::to_string(i));
    found.classification = pick(2) == 0 ? "A1" : "B2";
    there.insert(add(found));
  }
  for (const Sort sort : {Sort::kRank, Sort::kNewest, Sort::kDue}) {
    Filter filter;
    filter.sort = sort;
    filter.limit = 7;
    std::map<Uuid, int> seen;
    do {
      const Result<Page> page = cases_->list(lead_, filter);
      ASSERT_TRUE(page) << page.error().message;
      for (const Case& of : page->cases) {
        ++seen[of.id];
      }
      filter.after = page->next;
      // Others come, before and behind the cursor, and one that was shown is closed.
      Finding found = finding("new-" + std::to_string(random_()));
      found.classification = pick(2) == 0 ? "A1" : "B2";
      clock_.advance(1000);
      add(found);
    } while (!filter.after.empty());
    for (const Uuid& id : there) {
      EXPECT_EQ(seen[id], 1) << to_string(id);
    }
    for (const auto& [id, times] : seen) {
      EXPECT_EQ(times, 1) << to_string(id);
    }
  }
}

}  // namespace
}  // namespace tutela::cases

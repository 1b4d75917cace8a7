// Everything that opening needs, on a folder of its own, with a clock that the test moves.
#pragma once

#include "custody/opening/opening.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::testing {

inline constexpr std::int64_t kHourMs = 3'600'000;

inline opening::Requester requester(const std::string& principal_id,
                                    const std::string& tenant_id = "default") {
  return {{tenant_id, principal_id, "lead"}, true, true, true, true, false};
}

inline opening::Requester person(const std::string& name) {
  return requester("person:" + name);
}

/// Budgets that stop nobody, for tests of what else does.
inline exposure::Rules unbounded() {
  exposure::Rules rules;
  rules.points_per_shift = 1'000'000'000;
  rules.contractor_points_per_shift = rules.points_per_shift;
  rules.break_after_points = rules.points_per_shift;
  rules.break_after_ms = 1'000'000 * kHourMs;
  rules.shift_max_ms = rules.break_after_ms;
  rules.cool_down_ms = 0;
  rules.days_on = 0;
  return rules;
}

/// Looks at each grade before `grade`, from the least, as everybody must.
inline void walk_up_to(opening::Opening& opening,
                       const opening::Requester& who,
                       const Uuid& id,
                       opening::Grade grade) {
  for (int before = 0; before < static_cast<int>(grade); ++before) {
    const auto seen = opening.view(
        who, id, "C-1", opening::Purpose::kReview, static_cast<opening::Grade>(before));
    EXPECT_TRUE(seen) << (seen ? "" : seen.error().message);
  }
}

class OpeningTest : public ::testing::Test {
 protected:
  std::string view(const opening::Requester& who, const Uuid& id) {
    return code_of(
        opening_.view(who, id, "C-1", opening::Purpose::kReview, opening::Grade::kOutline));
  }

  std::int64_t views_in_log() {
    return count(*database_,
                 "audit WHERE result = 'ok' AND action IN ('evidence.view', 'open_original', "
                 "'evidence.break_glass')");
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_ = open_database(folder_.path());
  ManualClock clock_{1'800'000'000'000};
  dual_control::DualControl control_{*database_, clock_, {}};
  exposure::Budgets budgets_{*database_, clock_, unbounded()};
  opening::Opening opening_{*database_, control_, budgets_, clock_, {}};
  const Uuid evidence_ = add_evidence(*database_, "default", "C-1");
};

}  // namespace tutela::testing

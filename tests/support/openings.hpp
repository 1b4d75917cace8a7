// Everything that opening needs, on a folder of its own, with a clock that the test moves.
#pragma once

#include "custody/opening/opening.hpp"
#include "support/evidence_rows.hpp"

namespace tutela::testing {

inline constexpr std::int64_t kHourMs = 3'600'000;

inline opening::Requester requester(const std::string& principal_id,
                                    const std::string& tenant_id = "default") {
  return {{tenant_id, principal_id, "lead"}, true, true, true, false};
}

inline opening::Requester person(const std::string& name) {
  return requester("person:" + name);
}

class OpeningTest : public ::testing::Test {
 protected:
  std::string view(const opening::Requester& who, const Uuid& id) {
    return code_of(
        opening_.view(who, id, "C-1", opening::Purpose::kReview, opening::Grade::kMosaic));
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
  opening::Opening opening_{*database_, control_, clock_, {}};
  const Uuid evidence_ = add_evidence(*database_, "default", "C-1");
};

}  // namespace tutela::testing

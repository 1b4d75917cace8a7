// Filer: takes released reports to their authorities, step by step, and does what follows.
//
// One thread: leases the next report, asks next_of() what to do, writes the step, takes it, writes
// the answer; put off when there is trouble. Besides: drafts for confirmed cases, follow-ups after
// receipts, escalation. Everything it does is resumed by any living process from the rows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "casework/cases/cases.hpp"
#include "casework/preservation/preservation.hpp"
#include "casework/reports/reports.hpp"
#include "service/authorities/channel.hpp"
#include "service/reporting/gather.hpp"

namespace tutela::reporting {

struct Served {
  reports::Authority authority;
  std::unique_ptr<authorities::Channel> channel;  // none: by hand
};

struct FilerOptions {
  std::vector<Served> authorities;
  reports::FilingRules rules;
  std::int64_t lease_ms = 120'000;
};

/// Opens one file of a leased report: through the vault process.
using OpenEvidence = std::function<Result<std::unique_ptr<authorities::Source>>(
    const reports::Leased& leased, std::int64_t file)>;
/// For the log: "filed", "step", "put_off", "asks_person", "error"; ids and codes alone.
using Tell =
    std::function<void(std::string_view what, const Uuid& report, std::string_view detail)>;

class Filer {
 public:
  Filer(reports::Reports& reports,
        const Clock& clock,
        FilerOptions options,
        OpenEvidence open,
        Tell tell);
  /// Files what is due, until nothing is or `stop_requested`. Returns how many were finished.
  Result<std::size_t> work(const std::function<bool()>& stop_requested);

  [[nodiscard]] const std::vector<Served>& authorities() const noexcept {
    return options_.authorities;
  }

 private:
  Status file_one(reports::Leased leased, const std::function<bool()>& stop_requested);

  reports::Reports& reports_;
  const Clock& clock_;
  FilerOptions options_;
  OpenEvidence open_;
  Tell tell_;
};

/// What follows a finished report: preservation clock of every object, the case's clock and its
/// on_reported actions, opinions on signals; once, whatever dies. A receipt that does not count
/// (test, simulated) only leaves events. Returns how many.
Result<std::size_t> follow_up(store::Database& database,
                              reports::Reports& reports,
                              preservation::Preservation& preservation,
                              const cases::Rules& cases_rules,
                              const Clock& clock);

}  // namespace tutela::reporting

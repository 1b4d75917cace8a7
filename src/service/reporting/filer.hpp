// Filer: takes released reports to their authorities, step by step, and does what follows.
//
// One thread: leases the next report, asks next_of() what to do, writes the step, takes it, writes
// the answer; put off when there is trouble. Besides: drafts for confirmed cases, follow-ups after
// receipts, escalation. Everything it does is resumed by any living process from the rows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
#include "service/vault_client/client.hpp"

namespace tutela::reporting {

struct Served {
  reports::Authority authority;
  std::unique_ptr<authorities::Channel> channel;  // none: by hand
};

/// How an authority answered a step: well, or with a code of what went wrong.
using Heard =
    std::function<void(const std::string& authority, bool good, std::string_view failure)>;

struct FilerOptions {
  std::vector<Served> authorities;
  reports::FilingRules rules;
  std::int64_t lease_ms = 120'000;
  Heard heard;  // may be empty
};

/// Opens one file of a leased report: through the vault process.
using OpenEvidence = std::function<Result<std::unique_ptr<authorities::Source>>(
    const reports::Leased& leased, std::int64_t file)>;
/// For the log: "filed", "step", "put_off", "asks_person", "error"; ids and codes alone.
using Tell =
    std::function<void(std::string_view what, const Uuid& report, std::string_view detail)>;

/// Thread-safe. A report that cannot be filed asks a person: besides the
/// failures of Next these are "report.no_evidence" (a file cannot be opened ever),
/// "report.other_environment" (configuration names another system than when it was drafted). Put
/// off with "report.not_sent", "report.no_answer", "report.vault_down".
class Filer {
 public:
  Filer(reports::Reports& reports,
        const Clock& clock,
        FilerOptions options,
        OpenEvidence open,
        Tell tell);
  /// Files what is due, until nothing is or `stop_requested`. Returns how many were finished. What
  /// is being sent then is ended, unless it is small: its answer is waited for.
  Result<std::size_t> work(const std::function<bool()>& stop_requested,
                           reports::Which which = reports::Which::kAny);

  [[nodiscard]] const std::vector<Served>& authorities() const noexcept {
    return options_.authorities;
  }

 private:
  struct Filing;
  /// One step, or the end of it. True: there is another.
  Result<bool> go_on(Filing& filing);
  Result<bool> take_step(Filing& filing, const reports::Next& next);
  Status renew(Filing& filing);
  Result<bool> after_step(Filing& filing,
                          const reports::Next& next,
                          const authorities::Took& took,
                          const reports::StepRow& row);
  Status finish(Filing& filing,
                const reports::Next& next,
                std::string raw,
                const std::optional<reports::StepRow>& answered);
  Status put_off(const Filing& filing, std::string_view failure, std::int64_t delay_ms);
  Status ask_person(const Filing& filing, std::string_view failure);
  void hear(const Filing& filing, reports::Phase phase);

  reports::Reports& reports_;
  const Clock& clock_;
  FilerOptions options_;
  OpenEvidence open_;
  Tell tell_;
};

/// Files through the vault process, which asks for the report's lease.
[[nodiscard]] OpenEvidence evidence_of(const vault_client::Client& vault);

/// What follows a finished report: preservation clock of every object, the case's clock and its
/// on_reported actions, opinions on signals; once, whatever dies. A receipt that does not count
/// (test, simulated) only leaves events. Returns how many.
Result<std::size_t> follow_up(store::Database& database,
                              reports::Reports& reports,
                              preservation::Preservation& preservation,
                              const cases::Rules& cases_rules,
                              const Clock& clock);

}  // namespace tutela::reporting

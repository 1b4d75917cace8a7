// How a command of a person runs: idempotency, tenant, version, one unit of work. Internal.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "casework/reports/rows.hpp"

namespace tutela::reports {

/// A text of arguments for the words of a command: its SHA-256, so that nothing typed is kept.
[[nodiscard]] std::string digest_of(std::string_view text);

struct Asked {
  const store::Actor& actor;
  const Uuid& id;
  const Command& command;
  std::string words;  // the command and its arguments without the report: "note <digest>"
};

struct Begun {
  Stored stored;
  bool done_before = false;  // the same person, key and words: the report as it is
};

/// Errors: kConflict "idempotency.mismatch", "report.changed"; kInvalidInput "idempotency.bad_key";
/// kNotFound "report.not_found".
Result<Begun> begin_command(store::Transaction& transaction, const Asked& asked);
/// Remembers the command for 7 days, where it has a key.
Status end_command(store::Transaction& transaction, const Asked& asked, UtcMs now_ms);

/// What a command does to a report; it calls update_report() itself, at most once.
using Change = std::function<Status(store::Transaction&, Stored&, UtcMs now_ms)>;

Result<Report> run_command(store::Database& database,
                           const Clock& clock,
                           const Asked& asked,
                           const Change& change);

}  // namespace tutela::reports

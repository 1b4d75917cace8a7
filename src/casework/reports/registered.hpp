// Registered: what was reported, when and to whom, without what it said: the record that laws ask
// for (SI 2026/268; DSA Art. 24) and that an auditor may read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "casework/reports/model.hpp"
#include "custody/store/store.hpp"

namespace tutela::reports {

struct Registered {
  Uuid id;
  std::optional<Uuid> case_id;
  std::string authority;
  std::string jurisdiction;
  Environment environment = Environment::kProduction;
  Kind kind = Kind::kReport;
  std::string authority_id;
  UtcMs finished_ms = 0;
  std::int64_t files = 0;
};

struct RegisterFilter {
  std::string jurisdiction;  // empty: all
  std::optional<UtcMs> since_ms;
  std::optional<UtcMs> until_ms;
  std::string after;         // the cursor of the page before
  std::int64_t limit = 100;  // at most 200
};

struct RegisterPage {
  std::vector<Registered> entries;
  std::string next;  // empty: the last page
};

/// Finished ones, the newest first. Error: kInvalidInput "report.bad_cursor".
Result<RegisterPage> registered(store::Database& database,
                                const std::string& tenant_id,
                                const RegisterFilter& filter);

}  // namespace tutela::reports

#include "custody/store/steps/steps.hpp"

namespace tutela::store {

// Accounts that nobody but people outside named, and that a decision names as what it is about:
// nothing is done to the others.
const std::string_view kClaims = R"sql(
CREATE TABLE case_decision_account (
  decision_id TEXT NOT NULL REFERENCES case_decision (id), tenant_id TEXT NOT NULL,
  principal_id TEXT NOT NULL, account TEXT NOT NULL,
  PRIMARY KEY (decision_id, account)
);
)sql";

}  // namespace tutela::store

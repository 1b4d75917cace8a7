// Rows: what the database knows of one person's exposure. Internal to the module.
#pragma once

#include "custody/dual_control/moment.hpp"
#include "custody/exposure/exposure.hpp"

namespace tutela::exposure {

/// Of whom, and what the configuration gives their role.
struct Person {
  std::string tenant_id;
  std::string principal_id;
  std::string role;
};

[[nodiscard]] std::int64_t configured_points(const Rules& rules, std::string_view role) noexcept;

/// Where they stand, in time that passed.
Result<State> passed_state(store::Transaction& transaction,
                           const Rules& rules,
                           const Person& person,
                           std::int64_t passed_ms);

/// Times of people instead of time that passed.
[[nodiscard]] State shown(State state, const dual_control::Moment& moment);

/// What makes a view of an object weigh more, and why somebody may not want it.
struct Subject {
  int severity = 0;
  std::vector<std::string> kinds;  // of kKinds
};

/// Error: kNotFound "evidence.not_found".
Result<Subject> subject_of(store::Transaction& transaction,
                           const std::string& tenant_id,
                           const Uuid& evidence_id);

}  // namespace tutela::exposure

// Refusal: tells somebody who was refused from a disk that failed. Pure function.
#pragma once

#include "base/result.hpp"

namespace tutela::dual_control {

/// Refusals have an entry of their own in the audit log, failures have not.
[[nodiscard]] inline bool is_refusal(const Error& error) {
  return (error.kind == ErrorKind::kForbidden || error.kind == ErrorKind::kNotFound ||
          error.kind == ErrorKind::kConflict || error.kind == ErrorKind::kLimitExceeded) &&
         !error.code.starts_with("store.");
}

}  // namespace tutela::dual_control

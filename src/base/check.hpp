// TUTELA_CHECK: ends the process when one of our own invariants is broken. Never reachable from
// input, prints no data, active in every build.
#pragma once

namespace tutela {

/// Prints file, line and the text of the condition, and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace tutela

#define TUTELA_CHECK(condition)                               \
  do {                                                        \
    if (!(condition)) {                                       \
      ::tutela::check_failed(#condition, __FILE__, __LINE__); \
    }                                                         \
  } while (false)

// A process that files what is due, once, and ends: what dies, stops and hangs in these tests.
//
// It has the real filer, channel and journal; only the bytes of files come from its arguments
// instead of a vault. TUTELA_FAULT kills it at a fault point of theirs, or at one of these:
// "filing.before_call" (the step stands in the journal), "filing.after_call" (its answer does not
// yet), "filing.within_file" (at a read of a file).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tutela::testing {

struct FilingOrder {
  std::string folder;  // with the database
  std::string url;     // of the simulator
  std::string password;
  UtcMs now_ms = 0;
  int stop_at = 0;                 // stops itself (SIGSTOP) before this call, from 1; 0: never
  std::int64_t timeout_ms = 0;     // of each call
  std::vector<std::string> files;  // "text:..." or "generated:SIZE"
};

inline constexpr const char* kFilingWord = "--file-reports";
inline constexpr const char* kFilingUser = "tutela";
inline constexpr std::int64_t kFilingLeaseMs = 120'000;

std::vector<std::string> to_arguments(const FilingOrder& order);
/// Where main() was called with to_arguments(). The exit status; 3: the filer failed.
int run_filing_process(int count, char** arguments);

/// What "generated:SIZE" reads as: `out` at this place of the file.
void generate(std::uint64_t at, std::span<std::byte> out);

}  // namespace tutela::testing

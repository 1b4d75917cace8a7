// DrillItems: what the ledger says became of what was sent during a fault. Called from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "drill_uploads.hpp"

namespace tutela::cli {

struct DrillItems {
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;   // without an answer, or told that it was not taken
  std::uint64_t held = 0;      // answered as owed its verdict
  std::uint64_t known = 0;     // answered ones of pictures that are on the list
  std::uint64_t matched = 0;   // of the known, at the end
  std::uint64_t kept = 0;      // of the known, at the end: unscannable, so held for a person
  std::uint64_t owed = 0;      // still, at the end
  std::uint64_t lost = 0;      // answered for, and not in the ledger
  std::uint64_t passed = 0;    // of the known, at the end: no match
  std::uint64_t mistaken = 0;  // of the unknown, at the end: a match
  /// Of the known: answered as no match, before and after the alarm.
  std::uint64_t wrong_before = 0;
  std::uint64_t wrong_after = 0;
};

/// Waits, while there is patience, until nothing is owed and everything known is a match. Errors:
/// those of the store.
Result<DrillItems> look_up_items(const std::filesystem::path& database,
                                 const std::vector<DrillUpload>& uploads,
                                 DrillUpload::Time alarm,
                                 std::chrono::milliseconds patience);

/// "41 sent: 20 known, all matched; 12 held and scanned later; 3 refused".
[[nodiscard]] std::string to_text(const DrillItems& items);

}  // namespace tutela::cli

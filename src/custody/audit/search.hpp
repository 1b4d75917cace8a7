// Search: the entries for auditors, who see that something happened and never what it was about.
//
// Asking is an entry too. Functions are thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/audit/rows.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

/// What is empty or absent does not filter.
struct Filter {
  std::optional<UtcMs> since_ms{};  // at or after
  std::optional<UtcMs> until_ms{};  // before
  std::string tenant{};
  std::string principal{};  // "person:1"
  std::string action{};     // the begin of one: "evidence." or "evidence.open"
  std::string object{};     // "evidence:<id>"
  std::string result{};
};

enum class Order : std::uint8_t { kNewestFirst, kOldestFirst };

struct Page {
  Order order = Order::kNewestFirst;
  std::optional<std::uint64_t> after{};  // the index of the last entry of the page before
  std::uint32_t limit = 100;             // 1 to kPageMax
};

inline constexpr std::uint32_t kPageMax = 10'000;

/// Records "audit.search" by `actor`, then looks. The entry itself may be found.
/// Error: kInvalidInput "audit.bad_limit".
Result<std::vector<LoggedEntry>> search(store::Database& database,
                                        const store::Actor& actor,
                                        UtcMs now_ms,
                                        const Filter& filter,
                                        const Page& page);

/// All entries below index `end` that fit, the oldest first, after one entry "audit.export".
Status export_entries(store::Database& database,
                      const store::Actor& actor,
                      UtcMs now_ms,
                      const Filter& filter,
                      std::uint64_t end,
                      const std::function<Status(const LoggedEntry&)>& on_entry);

}  // namespace tutela::audit

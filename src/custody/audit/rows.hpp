// Rows: the entries of the log as they lie in the database, and the bytes that the tree is made of.
//
// Pure functions, and reads of the caller's transaction. The format is spec/audit-log.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "custody/audit/entry.hpp"
#include "custody/store/store.hpp"

namespace tutela::audit {

struct LoggedEntry {
  std::uint64_t index = 0;  // in the log, counted from 0: the row's id less 1
  UtcMs at_ms = 0;
  store::Actor actor;
  Entry entry;
};

/// One line of JSON without its line break, in ASCII: what is hashed as a leaf.
[[nodiscard]] std::string to_leaf(const LoggedEntry& logged);

/// What to_leaf() takes, in this order, of table audit.
inline constexpr const char* kColumns =
    "id, CAST(at_ms AS BIGINT), tenant_id, principal_id, role, action, object, purpose, result";
[[nodiscard]] LoggedEntry entry_of(const store::Row& row);

/// At most `count` entries from index `first` on, in order. An entry whose index is not the next
/// one is an error: kCorrupted "audit.changed" (missing, or numbered as none can be).
Status read_entries(store::Transaction& transaction,
                    std::uint64_t first,
                    std::uint64_t count,
                    const std::function<Status(LoggedEntry)>& on_entry);

/// The index of the newest entry about an object with this action. Looks at the entries of that
/// object alone, the newest first, however long the log is.
Result<std::optional<std::uint64_t>> newest_entry(store::Transaction& transaction,
                                                  std::string_view object,
                                                  std::string_view action);

/// How many entries there are, by the number of the last one.
Result<std::uint64_t> count_entries(store::Transaction& transaction);

}  // namespace tutela::audit

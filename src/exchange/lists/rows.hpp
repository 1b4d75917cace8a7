// Rows: lists as rows of the store, read and written inside a unit of work. Internal to lists.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "custody/store/store.hpp"
#include "exchange/lists/lists.hpp"

namespace tutela::lists {

/// The columns that list_of() reads, in its order.
inline constexpr std::string_view kListColumns =
    "id, name, source, provenance, legal_process, classification, purpose, action, automation, "
    "pdq_distance_max, version, state, signal_count, created_ms, updated_ms";

/// Error: kCorrupted "list.corrupt".
Result<List> list_of(const store::Row& row);

/// Errors: "list.not_found" (also for another tenant's).
Result<List> find_list(store::Transaction& transaction, const store::Actor& actor, const Uuid& id);
/// One that is not removed. Error: kConflict "list.removed".
Result<List> find_kept_list(store::Transaction& transaction,
                            const store::Actor& actor,
                            const Uuid& id);

Status insert_list(store::Transaction& transaction, const store::Actor& actor, const List& list);
/// Writes what can change: action, version, state, count of signals, time of the update. A removed
/// list gives up its name.
Status update_list(store::Transaction& transaction, const List& list);

[[nodiscard]] std::string_view to_string(ChangeKind kind) noexcept;  // "added", ...
Result<ChangeKind> parse_change_kind(std::string_view text);
/// Adds a step to the history, and the state that it leads to (state.hpp). `list` is as it is after
/// the change; `removed` are the signals that went with kRemoved.
Status add_change(store::Transaction& transaction,
                  const store::Actor& actor,
                  const List& list,
                  UtcMs at_ms,
                  ChangeKind kind,
                  std::int64_t first_id = 0,
                  std::int64_t last_id = 0,
                  std::vector<PackedSignal> removed = {});

/// Signals of a list with first_id <= id <= last_id, in order of id, at most `limit`.
Status for_each_of(store::Transaction& transaction,
                   const std::string& list_id,
                   std::int64_t first_id,
                   std::int64_t last_id,
                   std::int64_t limit,
                   const std::function<Status(const PackedSignal&)>& on_signal);

Status audit(store::Transaction& transaction,
             const store::Actor& actor,
             const List& list,
             UtcMs at_ms,
             std::string_view action,
             std::string_view result = "ok");

/// Whether the source begins with the prefix, whatever the case of its letters.
[[nodiscard]] bool source_begins_with(const NewList& list, std::string_view prefix);

/// Purposes that touch no real content: test and canary.
[[nodiscard]] constexpr bool is_trial(Purpose purpose) noexcept {
  return purpose == Purpose::kTest || purpose == Purpose::kCanary;
}

}  // namespace tutela::lists

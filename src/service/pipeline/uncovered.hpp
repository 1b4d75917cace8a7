// Uncovered: which changes of the lists' history verdicts before them do not rest on. Internal to
// the pipeline, but for uncovered_changes().
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "exchange/lists/lists.hpp"
#include "service/pipeline/rescan.hpp"

namespace tutela::pipeline {

/// The rescan that a change calls for, by whether its list is active now; absent: none.
[[nodiscard]] std::optional<RescanCause> cause_for(lists::ChangeKind kind, bool is_active) noexcept;

struct Uncovered {
  std::int64_t position = 0;
  Uuid list_id;

  friend constexpr auto operator<=>(const Uncovered&, const Uncovered&) = default;
};

/// Changes, in order, that no rescan has made up for: those of rescans that have not ended, or are
/// not planned yet. What was judged before one of them may have another verdict.
Result<std::vector<Uncovered>> uncovered_changes(lists::Lists& lists, Rescans rescans);

}  // namespace tutela::pipeline

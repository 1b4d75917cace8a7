// Columns that may be NULL, as values. Functions of Row; no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/uuid.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {

[[nodiscard]] inline std::optional<std::int64_t> optional_integer(const Row& row,
                                                                  std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

[[nodiscard]] inline std::optional<std::string> optional_text(const Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

/// Errors: those of parse_uuid().
inline Result<std::optional<Uuid>> optional_uuid(const Row& row, std::size_t column) {
  std::optional<Uuid> id;
  if (!row.is_null(column)) {
    TUTELA_TRY_ASSIGN(id, parse_uuid(row.text(column)));
  }
  return id;
}

}  // namespace tutela::store

// Pages of a long list: a SELECT that grows clause by clause, and the place where a page ends.
//
// A cursor is the place of the last one that was shown, "<letter>:<number>:<id>": what comes or
// goes meanwhile moves nothing, so that each is shown once as long as its own place stays. The
// letter says which order it is a place in. Values; no threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "custody/store/store.hpp"

namespace tutela::store {

struct Cursor {
  std::int64_t number = 0;
  Uuid id;
};

/// Error: kInvalidInput `code`.
Result<Cursor> parse_cursor(std::string_view text, char letter, std::string_view code);
[[nodiscard]] std::string cursor_text(char letter, const Cursor& cursor);

/// Clauses, with their values in the order of their names.
class Selection {
 public:
  Selection(std::string_view columns, std::string_view tables) : columns_(columns), from_(tables) {}

  void from(std::string_view tables) { from_ = tables; }

  void where(std::string_view clause, const std::vector<Value>& values = {});
  /// What stands behind a place, in the order of a number and an id.
  void behind(std::string_view number, std::string_view id, bool descending, const Cursor& cursor);

  [[nodiscard]] std::string sql(std::string_view rest) const;

  [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

 private:
  std::string columns_;
  std::string from_;
  std::string where_;
  std::vector<Value> values_;
};

}  // namespace tutela::store

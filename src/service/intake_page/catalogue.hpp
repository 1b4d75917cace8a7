// Catalogue: every text of the public pages, in each language. Immutable; thread-safe.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::intake_page {

class Catalogue {
 public:
  using Texts = std::map<std::string, std::string, std::less<>>;
  using Given = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Those that are embedded. Error: kInternal "page.bad_catalogue": no JSON, or languages whose
  /// keys differ.
  static Result<Catalogue> load();

  /// Empty where there is no such text. "{name}" in it is replaced by what is given.
  [[nodiscard]] std::string text(std::string_view language,
                                 std::string_view key,
                                 Given given = {}) const;
  [[nodiscard]] const Texts& texts(std::string_view language) const;

  /// "15 minutes", "4 hours", "3 days": the largest unit that is whole.
  [[nodiscard]] std::string duration(std::string_view language, std::int64_t ms) const;
  /// "23 November 2026, 04:12 UTC".
  [[nodiscard]] std::string moment(std::string_view language, UtcMs at_ms) const;
  /// "23 November 2026" of "2026-11-23".
  [[nodiscard]] std::string day(std::string_view language, std::string_view year_month_day) const;
  /// "November 2026" of "2026-11".
  [[nodiscard]] std::string month(std::string_view language, std::string_view year_month) const;

 private:
  std::map<std::string, Texts, std::less<>> languages_;
};

}  // namespace tutela::intake_page

// Help: emergency numbers, helplines and hotlines by country, as data that the operator can edit
// (intake.help_file; docs/intake.md has the format). Public facts only, each with its source, the
// month it was taken down, and the day on which this service last asked, if ever. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tutela::intake_page {

/// By language; "" holds for every language that is not named.
using ByLanguage = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] std::string_view in_language(const ByLanguage& texts, std::string_view language);

struct Line {
  ByLanguage name;
  ByLanguage text;  // whom it is for; may be empty
  std::string phone;
  std::string email;
  std::string url;  // https://
  ByLanguage hours;
  std::vector<std::string> languages;
  std::string source;                    // https://
  std::string as_of;                     // "2026-11"
  std::optional<std::string> confirmed;  // "2026-11-23": this service asked them
};

struct Country {
  std::string code;  // ISO 3166-1 alpha-2; empty: everywhere
  ByLanguage name;
  std::vector<Line> emergency;  // each with a phone
  std::vector<Line> helplines;
  std::vector<Line> hotlines;
};

struct Help {
  std::string as_of;
  std::vector<Country> countries;

  [[nodiscard]] const Country* find(std::string_view code) const;
};

inline constexpr std::size_t kHelpBytesMax = 1U << 20;

/// Strict: unknown fields are errors. Error: kInvalidInput "help.bad_file", which names the place:
/// "countries[3].helplines[1].source must be ...".
Result<Help> parse_help(std::string_view json);

/// Older than a year by its month, and not confirmed within one.
[[nodiscard]] bool is_stale(const Line& line, UtcMs now_ms);

}  // namespace tutela::intake_page

// Help: emergency numbers, helplines and hotlines by country, as data that the operator can edit
// (intake.help_file; docs/intake-pages.md has the format). Public facts only, each with its source,
// the month it was taken down, and the day on which it was last checked, if ever, and how. Pure.
#pragma once

#include <cstdint>
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

/// How somebody made sure that an entry is right.
enum class Checked : std::uint8_t {
  kAsked,   // them, by telephone or in writing
  kSource,  // compared with the source itself
  kCopy,    // compared with a copy of the source that somebody else keeps, of unknown age
};

[[nodiscard]] std::string_view to_string(Checked how) noexcept;

struct Line {
  ByLanguage name;
  ByLanguage text;  // whom it is for; may be empty
  std::string phone;
  std::string email;
  std::string url;  // https://
  ByLanguage hours;
  std::vector<std::string> languages;
  std::string source;                    // https://
  std::string source_name;               // what that is, with its date where it has one
  std::vector<std::string> also;         // https://: further sources, of the hours for example
  std::string as_of;                     // "2026-11"
  std::optional<std::string> confirmed;  // "2026-11-23"
  Checked confirmed_by = Checked::kAsked;
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

[[nodiscard]] Error help_too_large();

/// Strict: unknown fields are errors. Errors, kInvalidInput: "help.too_large"; "help.no_json" with
/// line and column; "help.bad_file", which names the place: "countries[3].helplines[1].source ...".
Result<Help> parse_help(std::string_view json);

/// Its month, and the day on which it was confirmed, are both more than `months` ago. A date that
/// is still to come counts as none: it is a mistake, and must not keep an entry fresh for ever.
[[nodiscard]] bool is_stale(const Line& line, UtcMs now_ms, std::uint32_t months);

}  // namespace tutela::intake_page

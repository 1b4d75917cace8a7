// DrillReport: what came of each fault of a drill, as lines and tables. Plain values and pure
// functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drill_items.hpp"
#include "drill_rows.hpp"

namespace tutela::cli {

struct DrillOutcome {
  using Ms = std::chrono::milliseconds;

  struct Raised {
    std::string code;
    std::string object;
    Ms after{};
  };

  const DrillRow* row = nullptr;
  std::vector<Raised> raised;     // in the order in which they came
  std::optional<Ms> alarm_after;  // the first that proves that this fault was noticed
  std::optional<Ms> said_after;   // when the server's own answer said so
  std::string said_by;            // "/readyz" or "/v1/coverage"
  std::optional<Ms> good_after;   // when all was good again, since it was healed
  DrillItems items;
  std::string failed;  // why it could not be tried; empty: it was

  [[nodiscard]] bool noticed() const { return failed.empty() && alarm_after.has_value(); }

  /// None passed as clean, none lost.
  [[nodiscard]] bool items_good() const;

  [[nodiscard]] bool good() const { return noticed() && items_good() && good_after.has_value(); }
};

/// "12.3 s".
[[nodiscard]] std::string seconds_text(std::chrono::milliseconds time);

/// "canary.missed (8), audit.difference": each code once, with how many objects it had.
[[nodiscard]] std::string codes_text(const DrillOutcome& outcome);

[[nodiscard]] std::string to_line(const DrillOutcome& outcome);
void print_table(const std::vector<DrillOutcome>& outcomes);
[[nodiscard]] std::string to_markdown(const std::vector<DrillOutcome>& outcomes);

}  // namespace tutela::cli

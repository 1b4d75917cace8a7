// Found: the conditions of one look while they are gathered, and the words that say why. Not
// thread-safe. Internal to alarms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "watch/alarms/observations.hpp"

namespace tutela::alarms {

struct Found {
  std::vector<Condition> conditions;

  void add(std::string_view code, std::string_view object, Level level, std::string why);
  void blind(std::string_view code, std::string_view object, std::string why);
  void degraded(std::string_view code, std::string_view object, std::string why);
};

/// "850 ms", "95 s", "12 min", "30 h", "9 days".
[[nodiscard]] std::string duration(std::int64_t ms);
/// With one digit after the point.
[[nodiscard]] std::string figure(double number);

// Parts of evaluate(), in its order.
void find_in_canaries(const Observations& seen, const Rules& rules, Found& found);
void find_in_doors(const Observations& seen, Found& found);
void find_in_lists(const Observations& seen, const Rules& rules, Found& found);
void find_in_rates(const Observations& seen, const Rules& rules, Found& found);
void find_in_machinery(const Observations& seen, const Rules& rules, Found& found);
void find_in_intake(const Observations& seen, Found& found);

}  // namespace tutela::alarms

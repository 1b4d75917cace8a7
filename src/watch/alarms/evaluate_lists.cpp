// What lists, the index, the policy and counts say.
#include <algorithm>
#include <functional>

#include "watch/alarms/bands.hpp"
#include "watch/alarms/found.hpp"

namespace tutela::alarms {

namespace {

// What was imported takes a moment until it is searched.
constexpr std::int64_t kBehindMsMax = 30'000;
// Fewer say nothing of a share.
constexpr std::int64_t kUnscannableMin = 5;
constexpr std::int64_t kUnscannableUpMin = 10;
constexpr double kUnscannableUpFactor = 3;

bool is_test(const ListState& list) {
  return list.purpose == "test";
}

bool is_canary(const ListState& list) {
  return list.purpose == "canary";
}

std::string why_shrunk(const ListState& list, const Rules& rules) {
  const auto most = static_cast<double>(list.signals_most);
  const double lost = most - static_cast<double>(list.signals);
  if (list.signals <= 0 || lost * 100 <= most * static_cast<double>(rules.list_shrunk_percent)) {
    return {};
  }
  return "the list went from " + std::to_string(list.signals_most) + " to " +
         std::to_string(list.signals) + " signals within a day";
}

void find_in_purposes(const Observations& seen, Found& found) {
  const auto ordinary = std::ranges::count_if(seen.lists, std::not_fn(is_canary));
  const auto tests = std::ranges::count_if(seen.lists, is_test);
  const bool known = seen.store_up || !seen.lists.empty();
  if (known && ordinary == 0) {
    found.blind("lists.none_active", "", "no list is active");
  }
  if (ordinary > 0 && ordinary == tests) {
    found.degraded("lists.only_test", "", "only test lists are active");
  }
}

void find_in_index(const Observations& seen, Found& found) {
  const bool some =
      std::ranges::any_of(seen.lists, [](const ListState& list) { return list.signals > 0; });
  if (seen.position_searched != seen.position_stored && seen.behind_ms > kBehindMsMax) {
    found.blind("index.behind",
                "",
                "the index is at position " + std::to_string(seen.position_searched) +
                    " of the lists' history, the store at " + std::to_string(seen.position_stored) +
                    ", for " + duration(seen.behind_ms));
  } else if (some && seen.signals_searched <= 0) {
    found.blind("index.behind", "", "lists have signals, the index has none");
  }
}

/// The share of unscannable items above which there are too many.
double share_max(const UnscannableState& type, const Rules& rules) {
  // Where much is unscannable always, the line lies above it, and never above all.
  const double above = std::min(2 * type.usual, (1 + type.usual) / 2);
  return std::max(static_cast<double>(rules.unscannable_percent) / 100, above);
}

bool is_up(const UnscannableState& type, const Rules& rules) {
  const auto items = static_cast<double>(type.items);
  const auto unscannable = static_cast<double>(type.unscannable);
  if (type.unscannable >= kUnscannableMin && unscannable > share_max(type, rules) * items) {
    return true;
  }
  const double usual = type.usual * items;
  return type.usual > 0 && type.unscannable >= kUnscannableUpMin &&
         unscannable > kUnscannableUpFactor * usual &&
         is_unlikely(chance_of_at_least(type.unscannable, usual));
}

}  // namespace

std::string_view to_string(RateVerdict verdict) noexcept {
  switch (verdict) {
    case RateVerdict::kUnknown:
      return "unknown";
    case RateVerdict::kWithin:
      return "within";
    case RateVerdict::kLow:
      return "low";
    case RateVerdict::kHigh:
      return "high";
    case RateVerdict::kZero:
      break;
  }
  return "zero";
}

RateVerdict judge(const RateState& rate, const Rules& rules) {
  if (rate.matches == 0 && rate.zero_hours >= rules.zero_hours &&
      is_unlikely(chance_of_at_most(0, rate.expected_in_zero_hours))) {
    return RateVerdict::kZero;
  }
  const Band band = band_of(rate.expected);
  if (!band.known) {
    return RateVerdict::kUnknown;
  }
  return rate.matches < band.low    ? RateVerdict::kLow
         : rate.matches > band.high ? RateVerdict::kHigh
                                    : RateVerdict::kWithin;
}

void find_in_lists(const Observations& seen, const Rules& rules, Found& found) {
  find_in_purposes(seen, found);
  const auto level_of = [](const ListState& list) {
    return is_test(list) ? Level::kDegraded : Level::kBlind;
  };
  for (const ListState& list : seen.lists) {
    if (list.signals <= 0) {
      found.add("list.empty", list.name, level_of(list), "an active list has no signals");
    }
  }
  for (const ListState& list : seen.lists) {
    if (std::string why = why_shrunk(list, rules); !why.empty()) {
      found.add("list.shrunk", list.name, level_of(list), std::move(why));
    }
  }
  for (const ListState& list : seen.lists) {
    if (!is_test(list) && !is_canary(list) && list.age_ms > rules.list_stale_ms) {
      found.degraded(
          "list.stale", list.name, "the list did not change for " + duration(list.age_ms));
    }
  }
  find_in_index(seen, found);
  if (seen.match_passes) {
    found.blind("policy.no_action", "", "by the policy a match of an active list would pass");
  }
}

void find_in_rates(const Observations& seen, const Rules& rules, Found& found) {
  const auto each = [&](std::string_view code, RateVerdict verdict, Level level) {
    for (const RateState& rate : seen.rates) {
      if (judge(rate, rules) == verdict) {
        const bool zero = verdict == RateVerdict::kZero;
        found.add(code,
                  rate.object,
                  level,
                  zero ? "no match for " + std::to_string(rate.zero_hours) + " hours, in which " +
                             figure(rate.expected_in_zero_hours) + " are usual"
                       : std::to_string(rate.matches) + " matches among " +
                             std::to_string(rate.items) + " items, of which " +
                             figure(rate.expected) + " are usual");
      }
    }
  };
  each("rate.low", RateVerdict::kLow, Level::kDegraded);
  each("rate.high", RateVerdict::kHigh, Level::kDegraded);
  each("rate.zero", RateVerdict::kZero, Level::kBlind);
  for (const UnscannableState& type : seen.unscannable) {
    if (is_up(type, rules)) {
      found.degraded("unscannable.rate",
                     type.object,
                     std::to_string(type.unscannable) + " of " + std::to_string(type.items) +
                         " items could not be scanned in this hour and the one before; usual are " +
                         figure(100 * type.usual) + " %");
    }
  }
}

}  // namespace tutela::alarms

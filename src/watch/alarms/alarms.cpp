#include "watch/alarms/alarms.hpp"

#include <algorithm>
#include <tuple>

#include "watch/alarms/codes.hpp"

namespace tutela::alarms {

namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600'000;

}  // namespace

std::string_view to_string(What what) noexcept {
  switch (what) {
    case What::kRaised:
      return "raised";
    case What::kChanged:
      return "changed";
    case What::kCleared:
      break;
  }
  return "cleared";
}

std::vector<Change> Board::update(const std::vector<Condition>& conditions,
                                  std::int64_t steady_ms,
                                  UtcMs now_ms) {
  steady_ms_ = std::max(steady_ms_, steady_ms);
  std::map<Key, const Condition*> held;
  for (const Condition& each : conditions) {
    if (each.level != Level::kOk) {
      const Condition*& worst = held[{each.code, each.object}];
      worst = worst == nullptr || each.level > worst->level ? &each : worst;
      entries_.try_emplace({each.code, each.object}).first->second.gone_since.reset();
    }
  }
  std::vector<Change> changes;
  for (auto& [key, entry] : entries_) {
    const auto now = held.find(key);
    const std::optional<What> what =
        now == held.end() ? miss(entry, key.first) : hold(entry, *now->second, now_ms);
    if (what) {
      changes.push_back({*what, entry.alarm, now_ms, Level::kOk});
    }
  }
  std::erase_if(entries_, [&](const auto& each) {
    const Entry& entry = each.second;
    return !entry.raised && !entry.held_since &&
           (!entry.cleared_at || steady_ms_ - *entry.cleared_at >= kDayMs);
  });
  for (Change& change : changes) {
    change.level = level();
  }
  return changes;
}

void Board::restore(const std::vector<Alarm>& raised) {
  for (const Alarm& alarm : raised) {
    Entry& entry = entries_[{alarm.condition.code, alarm.condition.object}];
    const bool earlier = entry.raised && entry.alarm.since_ms <= alarm.since_ms;
    entry.alarm = earlier ? entry.alarm : alarm;
    entry.raised = true;
  }
}

std::optional<What> Board::hold(Entry& entry, const Condition& condition, UtcMs now_ms) const {
  const CodeRule& rule = rule_of(condition.code);
  if (!entry.raised) {
    entry.held_since = entry.held_since.value_or(steady_ms_);
    if (steady_ms_ - *entry.held_since < rule.raise_ms) {
      return std::nullopt;
    }
    const bool again = entry.cleared_at && steady_ms_ - *entry.cleared_at < kDayMs;
    entry.alarm = {condition, now_ms, again ? entry.alarm.times + 1 : 1};
    entry.raised = true;
    entry.held_since.reset();
    entry.lower_since.reset();
    return What::kRaised;
  }
  Condition& shown = entry.alarm.condition;
  shown.why = condition.why;
  if (condition.level == shown.level) {
    entry.lower_since.reset();
    return std::nullopt;
  }
  if (condition.level < shown.level) {
    entry.lower_since = entry.lower_since.value_or(steady_ms_);
    if (steady_ms_ - *entry.lower_since < rule.clear_ms) {
      return std::nullopt;
    }
  }
  shown.level = condition.level;
  entry.lower_since.reset();
  return What::kChanged;
}

std::optional<What> Board::miss(Entry& entry, std::string_view code) const {
  const CodeRule& rule = rule_of(code);
  entry.gone_since = entry.gone_since.value_or(steady_ms_);
  entry.lower_since = entry.lower_since.value_or(steady_ms_);
  const std::int64_t gone_ms = steady_ms_ - *entry.gone_since;
  if (!entry.raised) {
    if (gone_ms >= rule.raise_ms) {
      entry.held_since.reset();
    }
    return std::nullopt;
  }
  if (gone_ms < rule.clear_ms) {
    return std::nullopt;
  }
  entry.raised = false;
  entry.cleared_at = steady_ms_;
  return What::kCleared;
}

std::vector<Alarm> Board::alarms() const {
  std::vector<Alarm> found;
  for (const auto& [key, entry] : entries_) {
    if (entry.raised) {
      found.push_back(entry.alarm);
    }
  }
  std::ranges::stable_sort(found, {}, [](const Alarm& alarm) {
    const std::string& code = alarm.condition.code;
    return std::tuple(
        !concerns_detection(code), -static_cast<int>(alarm.condition.level), place_of(code));
  });
  return found;
}

Level Board::level() const noexcept {
  Level worst = Level::kOk;
  for (const auto& [key, entry] : entries_) {
    if (entry.raised && concerns_detection(key.first)) {
      worst = std::max(worst, entry.alarm.condition.level);
    }
  }
  return worst;
}

}  // namespace tutela::alarms

// What is pure of exposure: what a view costs, where somebody stands, whether one more may follow.
#include <algorithm>

#include "custody/exposure/exposure.hpp"

namespace tutela::exposure {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kFull = 4;  // of kGrades

constexpr std::array<std::string_view, 7> kLevels = {
    "rested", "steady", "near_limit", "break", "cool_down", "done", "days_off"};

/// What of all views still matters.
struct Past {
  UtcMs last_ms = 0;
  UtcMs last_full_ms = 0;
  bool any_full = false;
  UtcMs shift_began_ms = 0;
  std::int64_t shift_points = 0;
  UtcMs stretch_began_ms = 0;
  std::int64_t stretch_points = 0;
  std::int64_t last_day = 0;  // of work
  std::int64_t days = 0;      // of work, in the run that ends with it
};

Past past_of(const Rules& rules, const std::vector<Seen>& views) {
  Past past;
  for (const Seen& view : views) {
    const bool first = past.days == 0;
    const std::int64_t pause_ms = view.at_ms - past.last_ms;
    if (first || pause_ms >= rules.shift_gap_ms) {
      past.shift_began_ms = view.at_ms;
      past.shift_points = 0;
    }
    if (first || pause_ms >= rules.break_ms) {
      past.stretch_began_ms = view.at_ms;
      past.stretch_points = 0;
    }
    const bool in_time = view.at_ms - past.shift_began_ms < rules.shift_max_ms;
    const std::int64_t day = (in_time ? past.shift_began_ms : view.at_ms) / kDayMs;
    if (first || day > past.last_day + rules.days_off) {
      past.days = 1;
    } else if (day != past.last_day) {
      ++past.days;
    }
    past.last_day = day;
    past.last_ms = view.at_ms;
    past.shift_points += view.points;
    past.stretch_points += view.points;
    if (view.full) {
      past.any_full = true;
      past.last_full_ms = view.at_ms;
    }
  }
  return past;
}

/// The earliest time, `from_ms` or later, at which days off allow views. `began`: in a shift that
/// has begun already.
UtcMs after_days_off(const Rules& rules, const Past& past, UtcMs from_ms, bool began) {
  const std::int64_t day = from_ms / kDayMs;
  const std::int64_t days = past.days + (began || day == past.last_day ? 0 : 1);
  const std::int64_t open_day = past.last_day + rules.days_off + 1;
  if (rules.days_on == 0 || days <= rules.days_on || day >= open_day) {
    return from_ms;
  }
  return open_day * kDayMs;
}

class Stops {
 public:
  Stops(State& state, UtcMs now_ms) : state_(state), now_ms_(now_ms) {}

  /// Later calls are of what weighs more.
  void add(Level level, UtcMs until_ms) {
    if (until_ms > now_ms_) {
      state_.level = level;
      state_.views_again_ms = std::max(state_.views_again_ms.value_or(until_ms), until_ms);
    }
  }

 private:
  State& state_;
  UtcMs now_ms_;
};

void add_breaks(const Rules& rules,
                const Past& past,
                const std::vector<Rest>& rests,
                UtcMs now_ms,
                State& state) {
  Stops stops(state, now_ms);
  if (past.any_full) {
    stops.add(Level::kCoolDown, past.last_full_ms + rules.cool_down_ms);
  }
  if (past.days > 0 && now_ms - past.last_ms < rules.break_ms) {
    state.until_break = std::max<std::int64_t>(rules.break_after_points - past.stretch_points, 0);
    if (state.until_break == 0 || now_ms - past.stretch_began_ms >= rules.break_after_ms) {
      stops.add(Level::kBreak, past.last_ms + rules.break_ms);
    }
  }
  for (const Rest& rest : rests) {
    if (rest.start_ms <= now_ms) {
      stops.add(Level::kBreak, rest.end_ms);
    }
  }
}

std::string at(UtcMs time_ms) {
  return to_rfc3339(time_ms);
}

Error refused(std::string_view code, std::string message) {
  return Error{ErrorKind::kLimitExceeded, code, std::move(message)};
}

Status check_level(const State& state) {
  const std::string again = at(state.views_again_ms.value_or(0));
  switch (state.level) {
    case Level::kBreak:
      return refused("exposure.break",
                     "time for a break; views open again at " + again + " if you rest until then");
    case Level::kCoolDown:
      return refused("exposure.cool_down",
                     "a pause follows a view in full; views open again at " + again);
    case Level::kDone:
      return refused("exposure.done",
                     "that is enough for this shift; views open again at " + again +
                         ", other work does not need them, and the support page says who helps");
    case Level::kDaysOff:
      return refused("exposure.days_off",
                     "days without views have begun; views open again at " + again);
    case Level::kRested:
    case Level::kSteady:
    case Level::kNearLimit:
      return ok();
  }
  return ok();
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  return kLevels[static_cast<std::size_t>(level)];
}

int severity_of(std::string_view classification) noexcept {
  constexpr std::array<std::string_view, 5> kBySeverity = {"", "B2", "B1", "A2", "A1"};
  const auto* found = std::ranges::find(kBySeverity, classification);
  return found == kBySeverity.end() ? 0 : static_cast<int>(found - kBySeverity.begin());
}

std::int64_t cost_of(const Rules& rules, std::string_view grade, int severity) noexcept {
  const auto* found = std::ranges::find(kGrades, grade);
  const std::size_t index =
      found == kGrades.end() ? kFull : static_cast<std::size_t>(found - kGrades.begin());
  const std::int64_t points = rules.grade_points[index];
  const std::int64_t percent =
      rules.severity_percent[static_cast<std::size_t>(std::clamp(severity, 0, 4))];
  return std::max<std::int64_t>((points * percent + 99) / 100, 1);
}

std::int64_t memory_ms(const Rules& rules) noexcept {
  // The longest run that can be told from one that is too long, and a shift before it.
  return (rules.days_on + 1) * (rules.days_off + 1) * kDayMs + 2 * rules.shift_max_ms +
         rules.shift_gap_ms;
}

State state_of(const Rules& rules,
               std::int64_t points_max,
               const std::vector<Seen>& views,
               const std::vector<Rest>& rests,
               UtcMs now_ms) {
  State state;
  state.points_max = points_max;
  state.until_break = rules.break_after_points;
  const Past past = past_of(rules, views);
  const bool any = past.days > 0;
  const bool in_shift = any && now_ms - past.last_ms < rules.shift_gap_ms;
  if (any) {
    state.last_view_ms = past.last_ms;
  }
  if (in_shift) {
    state.points = past.shift_points;
    state.shift_began_ms = past.shift_began_ms;
    const bool near = state.points * 100 >= points_max * rules.soft_percent;
    state.level = near ? Level::kNearLimit : Level::kSteady;
  }
  add_breaks(rules, past, rests, now_ms, state);
  Stops stops(state, now_ms);
  if (in_shift &&
      (state.points >= points_max || now_ms - past.shift_began_ms >= rules.shift_max_ms)) {
    stops.add(Level::kDone, after_days_off(rules, past, past.last_ms + rules.shift_gap_ms, false));
  }
  if (any) {
    stops.add(Level::kDaysOff, after_days_off(rules, past, now_ms, in_shift));
  }
  return state;
}

Status check(const Rules& rules, const State& state, std::int64_t cost) {
  TUTELA_TRY(check_level(state));
  const UtcMs last_ms = state.last_view_ms.value_or(0);
  const std::string lesser = "a view of " + std::to_string(cost) + " points is more than is left";
  if (cost > state.points_max) {
    return refused("exposure.done",
                   "a view of " + std::to_string(cost) +
                       " points is more than a whole shift has; ask for a lesser grade");
  }
  if (state.points + cost > state.points_max) {
    return refused("exposure.done",
                   lesser + " of this shift; ask for a lesser grade, or go on after " +
                       at(last_ms + rules.shift_gap_ms));
  }
  if (cost > rules.break_after_points) {
    return refused("exposure.break",
                   "a view of " + std::to_string(cost) +
                       " points is more than may come between two breaks; ask for a lesser grade");
  }
  if (cost > state.until_break) {
    return refused("exposure.break",
                   lesser + " before the next break; ask for a lesser grade, or rest until " +
                       at(last_ms + rules.break_ms));
  }
  return ok();
}

}  // namespace tutela::exposure

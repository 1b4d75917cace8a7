// Staffing: a fluid model. Work is person-minutes that are released at a time and due at another;
// whoever is on shift works on what is due first, and leaves off for what is due earlier. Earliest
// due first keeps every promise that any order keeps (Horn, "Some simple scheduling algorithms",
// 1974), so that what breaks here cannot be kept.
#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <utility>

#include "casework/partners/partners.hpp"
#include "casework/partners/rows.hpp"

namespace tutela::partners {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kStepMs = 5 * kMinuteMs;  // what comes within it comes at its begin
constexpr std::int64_t kAheadMaxMs = 7 * kDayMs;
constexpr std::int64_t kPiecesMax = 500;  // of what waits in one queue
constexpr double kLateFrom = 0.5;         // notices

struct Job {
  UtcMs release_ms = 0;
  UtcMs due_ms = 0;
  double left_ms = 0;  // of one person
  double notices = 0;
  double each_ms = 0;  // nobody answers one sooner than so long after its begin
  std::size_t load = 0;
  UtcMs begun_ms = -1;
};

/// How many different people are on shift, from each moment of a change on.
std::map<UtcMs, std::int64_t> people_over_time(const std::vector<Span>& shifts) {
  std::map<std::string, std::vector<std::pair<UtcMs, UtcMs>>> by_person;
  for (const Span& shift : shifts) {
    if (shift.from_ms < shift.until_ms) {
      by_person[shift.person].emplace_back(shift.from_ms, shift.until_ms);
    }
  }
  std::map<UtcMs, std::int64_t> change;
  for (auto& [person, spans] : by_person) {
    std::sort(spans.begin(), spans.end());
    UtcMs end_ms = spans.front().first;
    for (const auto& [from_ms, until_ms] : spans) {
      const UtcMs begin_ms = std::max(from_ms, end_ms);
      if (begin_ms < until_ms) {
        ++change[begin_ms];
        --change[until_ms];
        end_ms = until_ms;
      }
    }
  }
  std::int64_t people = 0;
  for (auto& [at_ms, by] : change) {
    people += by;
    by = people;
  }
  return change;
}

std::int64_t people_at(const std::map<UtcMs, std::int64_t>& people, UtcMs at_ms) {
  const auto after = people.upper_bound(at_ms);
  return after == people.begin() ? 0 : std::prev(after)->second;
}

UtcMs next_change(const std::map<UtcMs, std::int64_t>& people, UtcMs at_ms, UtcMs end_ms) {
  const auto after = people.upper_bound(at_ms);
  return after == people.end() ? end_ms : std::min(after->first, end_ms);
}

double hours_between(const std::map<UtcMs, std::int64_t>& people, UtcMs from_ms, UtcMs until_ms) {
  double sum_ms = 0;
  for (UtcMs at_ms = from_ms; at_ms < until_ms;) {
    const UtcMs next_ms = next_change(people, at_ms, until_ms);
    sum_ms += static_cast<double>(people_at(people, at_ms)) * static_cast<double>(next_ms - at_ms);
    at_ms = next_ms;
  }
  return sum_ms / static_cast<double>(kHourMs);
}

/// What waits, due evenly from the next promise on to that of one that came just now.
void add_waiting(
    const Load& load, std::size_t number, double each_ms, UtcMs now_ms, std::vector<Job>& jobs) {
  if (load.waiting <= 0) {
    return;
  }
  const UtcMs last_ms = load.due_of ? load.due_of(now_ms) : now_ms + load.promise_ms;
  const UtcMs first_ms = std::min(load.next_due_ms.value_or(last_ms), last_ms);
  const std::int64_t pieces = std::min(load.waiting, kPiecesMax);
  const double notices = static_cast<double>(load.waiting) / static_cast<double>(pieces);
  for (std::int64_t i = 0; i < pieces; ++i) {
    jobs.push_back({.release_ms = now_ms,
                    .due_ms = first_ms + (last_ms - first_ms) / pieces * i,
                    .left_ms = notices * each_ms,
                    .notices = notices,
                    .each_ms = each_ms,
                    .load = number});
  }
}

void add_arrivals(const Load& load,
                  std::size_t number,
                  double each_ms,
                  UtcMs now_ms,
                  UtcMs end_ms,
                  std::vector<Job>& jobs) {
  if (load.arrivals_per_hour <= 0) {
    return;
  }
  const double notices = load.arrivals_per_hour * static_cast<double>(kStepMs) / kHourMs;
  for (UtcMs at_ms = now_ms; at_ms < end_ms; at_ms += kStepMs) {
    const UtcMs due_ms = load.due_of ? load.due_of(at_ms) : at_ms + load.promise_ms;
    jobs.push_back({.release_ms = at_ms,
                    .due_ms = due_ms,
                    .left_ms = notices * each_ms,
                    .notices = notices,
                    .each_ms = each_ms,
                    .load = number});
  }
}

/// Works jobs off, and notes those that are late.
class Shop {
 public:
  Shop(std::vector<Job> jobs, const std::map<UtcMs, std::int64_t>& people, UtcMs end_ms)
      : jobs_(std::move(jobs)), people_(people), end_ms_(end_ms) {
    std::stable_sort(jobs_.begin(), jobs_.end(), [](const Job& left, const Job& right) {
      return left.release_ms < right.release_ms;
    });
  }

  void run(UtcMs now_ms) {
    now_ms_ = now_ms;
    double at_ms = static_cast<double>(now_ms);
    while (at_ms < static_cast<double>(end_ms_)) {
      const auto whole_ms = static_cast<UtcMs>(at_ms);
      release(whole_ms);
      UtcMs until_ms = next_change(people_, whole_ms, end_ms_);
      if (next_ < jobs_.size()) {
        until_ms = std::min(until_ms, jobs_[next_].release_ms);
      }
      work(at_ms, until_ms, static_cast<double>(people_at(people_, whole_ms)));
      at_ms = static_cast<double>(until_ms);
    }
    while (!open_.empty()) {
      late(jobs_[open_.top().second]);
      open_.pop();
    }
  }

  /// When each load has kLateFrom notices late; the first of all.
  [[nodiscard]] std::optional<std::pair<UtcMs, std::size_t>> first_break() {
    std::optional<std::pair<UtcMs, std::size_t>> first;
    for (auto& [load, lates] : late_) {
      std::sort(lates.begin(), lates.end());
      double notices = 0;
      for (const auto& [due_ms, of_it] : lates) {
        notices += of_it;
        if (notices >= kLateFrom) {
          const std::pair found(due_ms, load);
          first = first ? std::min(*first, found) : found;
          break;
        }
      }
    }
    return first;
  }

 private:
  using Open = std::pair<UtcMs, std::size_t>;  // due, number of the job

  void release(UtcMs at_ms) {
    for (; next_ < jobs_.size() && jobs_[next_].release_ms <= at_ms; ++next_) {
      open_.emplace(jobs_[next_].due_ms, next_);
    }
  }

  void work(double from_ms, UtcMs until_ms, double people) {
    double at_ms = from_ms;
    while (people > 0 && !open_.empty()) {
      Job& job = jobs_[open_.top().second];
      if (job.begun_ms < 0) {
        job.begun_ms = static_cast<UtcMs>(at_ms);
      }
      const double can_ms = (static_cast<double>(until_ms) - at_ms) * people;
      if (job.left_ms > can_ms) {
        job.left_ms -= can_ms;
        return;
      }
      at_ms += job.left_ms / people;
      const double done_ms = std::max(at_ms, static_cast<double>(job.begun_ms) + job.each_ms);
      if (done_ms > static_cast<double>(job.due_ms)) {
        late(job);
      }
      open_.pop();
    }
  }

  void late(const Job& job) {
    // What was late before anything could be done about it is no matter of staffing.
    if (job.due_ms >= now_ms_) {
      late_[job.load].emplace_back(job.due_ms, job.notices);
    }
  }

  std::vector<Job> jobs_;
  const std::map<UtcMs, std::int64_t>& people_;
  UtcMs end_ms_;
  UtcMs now_ms_ = 0;
  std::size_t next_ = 0;
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open_;
  std::map<std::size_t, std::vector<std::pair<UtcMs, double>>> late_;
};

double longest_minutes(const std::vector<Load>& loads) {
  double longest = 0;
  for (const Load& load : loads) {
    longest = std::max(longest, load.minutes_each);
  }
  return longest;
}

}  // namespace

std::vector<Span> without_absences(const std::vector<Span>& shifts,
                                   const std::vector<Span>& absences) {
  std::vector<Span> there;
  for (const Span& shift : shifts) {
    std::vector<Span> parts = {shift};
    for (const Span& absence : absences) {
      if (absence.person != shift.person) {
        continue;
      }
      std::vector<Span> rest;
      for (const Span& part : parts) {
        if (part.from_ms < std::min(part.until_ms, absence.from_ms)) {
          rest.push_back(
              {part.id, part.person, part.from_ms, std::min(part.until_ms, absence.from_ms)});
        }
        if (std::max(part.from_ms, absence.until_ms) < part.until_ms) {
          rest.push_back(
              {part.id, part.person, std::max(part.from_ms, absence.until_ms), part.until_ms});
        }
      }
      parts = std::move(rest);
    }
    there.insert(there.end(), parts.begin(), parts.end());
  }
  return there;
}

Staffing staffing_of(const std::vector<Load>& loads,
                     const std::vector<Span>& shifts,
                     UtcMs now_ms) {
  const std::map<UtcMs, std::int64_t> people = people_over_time(shifts);
  const UtcMs planned_ms = people.empty() ? now_ms : people.rbegin()->first;
  const UtcMs end_ms = std::clamp(planned_ms, now_ms + kDayMs, now_ms + kAheadMaxMs);
  const double longest = longest_minutes(loads);
  Staffing staffing;
  staffing.known = longest > 0 && planned_ms > now_ms;
  staffing.people_now = people_at(people, now_ms);
  staffing.hours_there = hours_between(people, now_ms, now_ms + kDayMs);
  staffing.people_next_day = staffing.hours_there / 24;
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const Load& load = loads[i];
    const double minutes = load.minutes_each > 0 ? load.minutes_each : longest;
    const double each_ms = minutes * static_cast<double>(kMinuteMs);
    staffing.hours_needed +=
        (static_cast<double>(load.waiting) + load.arrivals_per_hour * 24) * minutes / 60;
    add_waiting(load, i, each_ms, now_ms, jobs);
    add_arrivals(load, i, each_ms, now_ms, end_ms, jobs);
  }
  if (!staffing.known) {
    return staffing;
  }
  // What is due later delays nothing that is due before.
  std::erase_if(jobs, [&](const Job& job) { return job.due_ms > end_ms; });
  Shop shop(std::move(jobs), people, end_ms);
  shop.run(now_ms);
  if (const auto first = shop.first_break()) {
    staffing.enough = false;
    staffing.breaks_ms = first->first;
    staffing.breaks_queue = loads[first->second].queue;
  }
  return staffing;
}

}  // namespace tutela::partners

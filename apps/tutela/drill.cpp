#include "drill.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/file.hpp"
#include "drill_report.hpp"
#include "drill_rows.hpp"
#include "drill_world.hpp"
#include "interrupt.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using Time = steady_clock::time_point;

constexpr seconds kNoticedMax{60};
constexpr seconds kStartMax{240};
constexpr seconds kGoodMax{240};
constexpr seconds kItemsMax{60};
constexpr milliseconds kBefore{4000};
constexpr milliseconds kLasts{10'000};  // at least, so that items meet the fault
constexpr milliseconds kAfter{3000};
constexpr milliseconds kLook{250};
constexpr milliseconds kAgain{50};
constexpr std::string_view kSilence = "silence";

milliseconds since(Time from, Time to) {
  return std::chrono::duration_cast<milliseconds>(to - from);
}

void wait(milliseconds time) {
  const Time until = steady_clock::now() + time;
  while (steady_clock::now() < until && !stop_requested()) {
    std::this_thread::sleep_for(std::min(kLook, time));
  }
}

void say(std::string_view text) {
  complain(fmt::format("{}\n", text));
}

/// Why it is not all good, for whoever waits.
std::string what_lacks(const DrillStatus& status) {
  if (status.level.empty()) {
    return status.reachable ? "no word of /v1/coverage" : "no answer";
  }
  if (!status.codes.empty()) {
    const std::set<std::string> codes(status.codes.begin(), status.codes.end());
    return fmt::format("{}: {}", status.level, fmt::join(codes, ", "));
  }
  if (!status.not_good.empty() || status.canaries == 0) {
    return fmt::format("canaries: {}", fmt::join(status.not_good, ", "));
  }
  return status.owed > 0 ? fmt::format("{} items are owed", status.owed) : "not ready";
}

/// How long it took; nothing when there was no patience left.
template <class Good>
std::optional<milliseconds> wait_until(DrillWorld& world, seconds patience, const Good& good) {
  const Time begin = steady_clock::now();
  std::string told;
  while (!stop_requested()) {
    const DrillStatus status = world.status();
    const milliseconds passed = since(begin, steady_clock::now());
    if (good(status)) {
      return passed;
    }
    if (passed > patience) {
      return std::nullopt;
    }
    if (std::string lacks = what_lacks(status); lacks != told) {
      say(fmt::format("   {:>7}  {}", seconds_text(passed), lacks));
      told = std::move(lacks);
    }
    wait(kLook);
  }
  return std::nullopt;
}

/// Does it all the time, in a thread, until it goes.
class Repeatedly {
 public:
  Repeatedly(void (*what)(DrillWorld&), DrillWorld& world) {
    if (what != nullptr) {
      thread_ = std::thread([this, what, &world] {
        while (!stop_) {
          what(world);
          std::this_thread::sleep_for(kAgain);
        }
      });
    }
  }

  Repeatedly(const Repeatedly&) = delete;
  Repeatedly& operator=(const Repeatedly&) = delete;

  ~Repeatedly() {
    stop_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class Drill {
 public:
  Drill(DrillWorld& world, const DrillRow& row) : world_(world), row_(row) { outcome_.row = &row; }

  DrillOutcome run() {
    // What is raised already cannot be raised by this fault.
    if (!wait_until(
            world_, kGoodMax, [&](const DrillStatus& status) { return may_begin(status); })) {
      outcome_.failed = "it was not good before";
      return std::move(outcome_);
    }
    begin_ = steady_clock::now();
    wait(kBefore);
    if (const Status made = make_fault(); !made) {
      outcome_.failed = made.error().message;
    }
    if (const Status ended = end_fault(); !ended && outcome_.failed.empty()) {
      outcome_.failed = ended.error().message;
    }
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool waits_for(std::string_view code) const {
    return std::ranges::find(row_.codes, code) != row_.codes.end();
  }

  [[nodiscard]] bool is_silent() const {
    return steady_clock::now() - world_.receiver().last_heartbeat() > world_.settings().silence();
  }

  [[nodiscard]] bool may_begin(const DrillStatus& status) const {
    const bool raised = std::ranges::any_of(status.codes, [&](const std::string& code) {
      return !looks_back(code) && waits_for(code);
    });
    const bool silent = waits_for(kSilence) && (status.level == "blind" || is_silent());
    return status.works() && !raised && !silent;
  }

  [[nodiscard]] bool is_over(const DrillStatus& status) const {
    return world_.settings().quick ? status.works() : status.all_good();
  }

  /// Makes it and waits until it is noticed.
  Status make_fault() {
    before_ = world_.status();
    injected_ = steady_clock::now();
    say("   made; waiting for the alarm");
    const Repeatedly again(row_.again, world_);
    TUTELA_TRY(row_.inject(world_));
    while (!stop_requested()) {
      look();
      const milliseconds passed = since(injected_, steady_clock::now());
      if (passed > kNoticedMax || (outcome_.alarm_after && passed > kLasts)) {
        break;
      }
      wait(kLook);
    }
    return ok();
  }

  void look() {
    look_at_alarms();
    look_at_silence();
    if (outcome_.said_after) {
      return;
    }
    const DrillStatus status = world_.status();
    const bool not_ready = before_.ready && !status.ready;
    const bool named = std::ranges::any_of(status.codes, [&](const std::string& code) {
      return waits_for(code) && std::ranges::find(before_.codes, code) == before_.codes.end();
    });
    if (not_ready || named) {
      outcome_.said_after = since(injected_, steady_clock::now());
      outcome_.said_by = not_ready ? "/readyz" : "/v1/coverage";
      say(fmt::format("   {:>7}  {}", seconds_text(*outcome_.said_after), outcome_.said_by));
    }
  }

  void look_at_alarms() {
    std::vector<DrillOutcome::Raised> raised;
    for (const DrillReceiver::Alarm& alarm : world_.receiver().alarms_since(injected_)) {
      if (alarm.what == "raised") {
        raised.push_back({alarm.code, alarm.object, since(injected_, alarm.at)});
      }
    }
    for (std::size_t i = alarms_; i < raised.size(); ++i) {
      note(raised[i]);
    }
    alarms_ = raised.size();
  }

  /// As a dead-man's switch does it.
  void look_at_silence() {
    if (waits_for(kSilence) && !silent_ && is_silent()) {
      silent_ = true;
      note({std::string(kSilence), "", since(injected_, steady_clock::now())});
    }
  }

  void note(const DrillOutcome::Raised& raised) {
    say(fmt::format("   {:>7}  {} {}", seconds_text(raised.after), raised.code, raised.object));
    if (waits_for(raised.code) && !outcome_.alarm_after && raised.after <= kNoticedMax) {
      outcome_.alarm_after = raised.after;
    }
    outcome_.raised.push_back(raised);
  }

  Status end_fault() {
    say("   healing");
    TUTELA_TRY(row_.heal(world_));
    const Time healed = steady_clock::now();
    if (row_.repair != nullptr) {
      TUTELA_TRY(row_.repair(world_));
    }
    if (wait_until(world_, kGoodMax, [&](const DrillStatus& status) { return is_over(status); })) {
      outcome_.good_after = since(healed, steady_clock::now());
    }
    // Items that met the fault or came soon after it; later ones say nothing about it.
    const Time until = std::min(steady_clock::now(), healed + kAfter);
    const Time alarm = injected_ + outcome_.alarm_after.value_or(milliseconds(kNoticedMax));
    TUTELA_TRY_ASSIGN(
        outcome_.items,
        look_up_items(
            world_.database(), world_.uploads().between(begin_, until), alarm, kItemsMax));
    return ok();
  }

  DrillWorld& world_;
  const DrillRow& row_;
  DrillOutcome outcome_;
  Time begin_;
  Time injected_;
  DrillStatus before_;
  std::size_t alarms_ = 0;
  bool silent_ = false;
};

Result<std::vector<const DrillRow*>> chosen(const DrillOptions& options) {
  std::vector<const DrillRow*> rows;
  for (const std::string& name : options.only) {
    if (std::ranges::find(drill_rows(), name, &DrillRow::name) == drill_rows().end()) {
      return Error{ErrorKind::kInvalidInput,
                   "drill.unknown",
                   "there is no such fault; tutela drill --help names them"};
    }
  }
  for (const DrillRow& row : drill_rows()) {
    if (options.only.empty() ||
        std::ranges::find(options.only, std::string(row.name)) != options.only.end()) {
      rows.push_back(&row);
    }
  }
  return rows;
}

Result<std::vector<DrillOutcome>> run_rows(DrillWorld& world,
                                           const std::vector<const DrillRow*>& rows) {
  std::vector<DrillOutcome> outcomes;
  for (const DrillRow* const row : rows) {
    if (stop_requested()) {
      return Error{ErrorKind::kUnavailable, "drill.stopped", "the drill was stopped"};
    }
    say(fmt::format("\n[{}/{}] {}: {}", outcomes.size() + 1, rows.size(), row->name, row->title));
    outcomes.push_back(Drill(world, *row).run());
    say("   " + to_line(outcomes.back()));
  }
  return outcomes;
}

Result<std::vector<DrillOutcome>> run_in(DrillPlace& place, const DrillOptions& options) {
  TUTELA_TRY_ASSIGN(const std::vector<const DrillRow*> rows, chosen(options));
  DrillSettings settings;
  if (options.quick) {
    settings = {.canary_seconds = 10, .heartbeat_seconds = 5, .quick = true};
  }
  say("Making an instance of its own: data, a list of harmless pictures, a server.");
  TUTELA_TRY_ASSIGN(const std::unique_ptr<DrillWorld> world, DrillWorld::make(place, settings));
  say("Waiting until the canaries of every format are good.");
  if (!wait_until(*world, kStartMax, std::mem_fn(&DrillStatus::all_good))) {
    return Error{ErrorKind::kUnavailable,
                 "drill.not_good",
                 "the instance did not become good, so there is nothing to break; --keep keeps its "
                 "folder with what the server said"};
  }
  TUTELA_TRY(world->start_uploads());
  TUTELA_TRY_ASSIGN(std::vector<DrillOutcome> outcomes, run_rows(*world, rows));
  if (world->receiver().forged() > 0) {
    return Error{ErrorKind::kInternal, "drill.forged", "alarms came without a good signature"};
  }
  return outcomes;
}

}  // namespace

std::string drill_faults_text() {
  std::string text;
  for (const DrillRow& row : drill_rows()) {
    text += fmt::format("  {:<16} {}\n", row.name, row.title);
  }
  return text;
}

Result<bool> run_drill(const DrillOptions& options) {
  TUTELA_TRY_ASSIGN(const std::unique_ptr<DrillPlace> place, DrillPlace::make());
  if (!place->has_small_disk()) {
    say("This system lets nobody mount a disk of one's own (user namespaces): instead of filling "
        "one, the drill keeps the server's files from growing.");
  }
  const InterruptGuard guard;
  if (options.keep) {
    place->keep();
    say("The folder stays: " + place->folder().string());
  }
  TUTELA_TRY_ASSIGN(const std::vector<DrillOutcome> outcomes, run_in(*place, options));
  print("\n");
  print_table(outcomes);
  if (!options.table.empty()) {
    TUTELA_TRY(write_file_atomic(options.table, as_bytes(to_markdown(outcomes)), 0644));
  }
  return std::ranges::all_of(outcomes, &DrillOutcome::good);
}

}  // namespace tutela::cli

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench.hpp"
#include "bench_ledger_rows.hpp"
#include "commands.hpp"
#include "output.hpp"
#include "scratch_folder.hpp"
#include "service/pipeline/uncovered.hpp"
#include "watch/ledger/ledger.hpp"

namespace tutela::cli {
namespace {

namespace json = boost::json;
using ledger::kDayMs;
using ledger::kHourMs;

constexpr const char* kClosing =
    "Fills a database beside the data folder with made-up rows of three months (about 1.1 GB a "
    "million), asks it for\n"
    "everything that the overview, the coverage page and the watch show, and removes it. A figure "
    "is read 15 times\n"
    "by a process that has just opened the database; the goal is below 100 ms at the worst.\n"
    "Exit status: 0 measured, 1 a figure took longer, 2 error.\n"
    "Example:\n  tutela bench ledger --rows 10000000";

constexpr double kGoalMs = 100;
constexpr int kTooSlow = 1;  // exit status
constexpr int kTimes = 15;
constexpr std::int64_t kItemsWritten = 200;
constexpr int kPagesCompacted = 150;

struct LedgerBenchOptions {
  std::int64_t rows = 1'000'000;
  bool json = false;
};

using SteadyTime = std::chrono::steady_clock::time_point;

double ms_since(SteadyTime begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

struct Times {
  std::string what;
  double first_ms = 0;
  double median_ms = 0;
  double worst_ms = 0;
  std::size_t rows = 0;
};

/// `once` returns how many rows it read.
Result<Times> time_of(std::string what, const std::function<Result<std::size_t>()>& once) {
  Times times;
  times.what = std::move(what);
  std::vector<double> took;
  for (int i = 0; i < kTimes; ++i) {
    const SteadyTime begin = std::chrono::steady_clock::now();
    TUTELA_TRY_ASSIGN(times.rows, once());
    took.push_back(ms_since(begin));
  }
  times.first_ms = took.front();
  std::ranges::sort(took);
  times.median_ms = took[took.size() / 2];
  times.worst_ms = took.back();
  return times;
}

/// Asks all that is shown.
Result<std::vector<Times>> ask(store::Database& database, const Clock& clock, UtcMs now_ms) {
  ledger::Coverage coverage(database);
  ledger::Ledger ledger(database, clock, "bench");
  lists::Lists lists(database, clock, {});
  const store::Actor who = actor();
  const std::string& tenant = who.tenant_id;
  std::vector<Times> all;
  const auto add = [&](std::string what, const std::function<Result<std::size_t>()>& once) {
    auto times = time_of(std::move(what), once);
    if (times) {
      all.push_back(*std::move(times));
    }
    return times ? ok() : Status(std::move(times).error());
  };
  TUTELA_TRY(add("owed now, by door", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto owed, coverage.owed(tenant));
    return static_cast<std::size_t>(owed.items);
  }));
  TUTELA_TRY(add("owed now, in all (metrics)", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto owed, ledger.owed_counts());
    return static_cast<std::size_t>(owed.owed);
  }));
  TUTELA_TRY(add("today by door", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto doors, coverage.doors(tenant, now_ms - now_ms % kDayMs));
    return doors.size();
  }));
  TUTELA_TRY(add("last verdict", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto last, coverage.last_verdict(tenant));
    return std::size_t{last.has_value()};
  }));
  TUTELA_TRY(add("items never searched again", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto uncovered,
                      pipeline::uncovered_changes(lists, pipeline::Rescans(database)));
    const std::int64_t position = uncovered.empty() ? 0 : uncovered.back().position;
    TUTELA_TRY_ASSIGN(const auto items, coverage.judged_before(tenant, position));
    return static_cast<std::size_t>(items);
  }));
  for (const std::int64_t hours : {48, 31 * 24}) {
    TUTELA_TRY(add(fmt::format("coverage of {} hours", hours), [&]() -> Result<std::size_t> {
      TUTELA_TRY_ASSIGN(const auto cells, coverage.hours(tenant, now_ms - hours * kHourMs, now_ms));
      return cells.rows.size();
    }));
    TUTELA_TRY(add(fmt::format("matches of {} hours", hours), [&]() -> Result<std::size_t> {
      TUTELA_TRY_ASSIGN(const auto cells,
                        coverage.matches(tenant, now_ms - hours * kHourMs, now_ms));
      return cells.rows.size();
    }));
  }
  TUTELA_TRY(add("a page of matches", [&]() -> Result<std::size_t> {
    TUTELA_TRY_ASSIGN(const auto found, ledger.with_matches(who, {}));
    return found.size();
  }));
  return all;
}

/// Milliseconds of one item's arrival and verdict, each a durable commit.
Result<double> write_items(store::Database& database, const Clock& clock) {
  ledger::Ledger ledger(database, clock, "bench");
  const store::Actor who = actor();
  const SteadyTime begin = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < kItemsWritten; ++i) {
    ledger::Arrival arrival;
    arrival.id = new_uuid(clock.now_ms());
    arrival.door = "http";
    arrival.received_ms = clock.now_ms();
    TUTELA_TRY(ledger.add_owed(who, arrival));
    ledger::Outcome outcome;
    outcome.verdict = policy::Verdict::kNoMatch;
    outcome.lists_position = kBenchPositions;
    TUTELA_TRY(ledger.decide(who, arrival.id, outcome));
  }
  return ms_since(begin) / static_cast<double>(kItemsWritten);
}

struct CompactionRate {
  double unit_ms = 0;
  std::int64_t items = 0;
  double items_per_second = 0;
};

Result<CompactionRate> compact_some(store::Database& database, UtcMs now_ms) {
  int pages = 0;
  const SteadyTime begin = std::chrono::steady_clock::now();
  TUTELA_TRY_ASSIGN(const ledger::Compacted done,
                    ledger::compact(database, {kBenchDays / 2, 60, 92}, now_ms, [&] {
                      return ++pages > kPagesCompacted;
                    }));
  const double took_ms = ms_since(begin);
  const std::int64_t items = done.items + done.canaries;
  return CompactionRate{
      took_ms / kPagesCompacted, items, static_cast<double>(items) / took_ms * 1000};
}

void print_all(const LedgerBenchOptions& options,
               const std::vector<Times>& all,
               double write_ms,
               const CompactionRate& compaction) {
  if (options.json) {
    json::array figures;
    for (const Times& times : all) {
      figures.push_back({{"what", times.what},
                         {"rows", times.rows},
                         {"first_ms", times.first_ms},
                         {"median_ms", times.median_ms},
                         {"worst_ms", times.worst_ms}});
    }
    print_json({{"rows", options.rows},
                {"goal_ms", kGoalMs},
                {"figures", std::move(figures)},
                {"arrival_and_verdict_ms", write_ms},
                {"compaction_unit_ms", compaction.unit_ms},
                {"compacted_per_second", compaction.items_per_second}});
    return;
  }
  Table table({"FIGURE", "ROWS", "FIRST", "MEDIAN", "WORST", "BELOW 100 MS"});
  for (const Times& times : all) {
    table.add({times.what,
               std::to_string(times.rows),
               fmt::format("{:.2f} ms", times.first_ms),
               fmt::format("{:.2f} ms", times.median_ms),
               fmt::format("{:.2f} ms", times.worst_ms),
               times.worst_ms < kGoalMs ? "yes" : "NO"});
  }
  table.print();
  print(
      fmt::format("an item's arrival and verdict: {:.2f} ms; compaction: {:.1f} ms a unit of "
                  "work, {:.0f} items/s ({} removed)\n",
                  write_ms,
                  compaction.unit_ms,
                  compaction.items_per_second,
                  compaction.items));
}

Result<int> bench_ledger(const Session& session, const LedgerBenchOptions& options) {
  TUTELA_TRY_ASSIGN(const config::Config config, load_config(session));
  TUTELA_TRY_ASSIGN(const ScratchFolder folder, ScratchFolder::beside(config.store.folder));
  const store::DatabaseOptions where{.path = folder.path() / "bench.db"};
  const UtcMs now_ms = session.clock.now_ms();
  {
    TUTELA_TRY_ASSIGN(const auto database, store::Database::open(where));
    ProgressLine progress;
    const Status filled = fill_ledger(*database, options.rows, now_ms, [&](std::int64_t done) {
      progress.draw(
          static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(options.rows), "rows made");
    });
    progress.clear();
    TUTELA_TRY(filled);
  }
  TUTELA_TRY_ASSIGN(const auto database, store::Database::open(where));
  TUTELA_TRY_ASSIGN(const std::vector<Times> all, ask(*database, session.clock, now_ms));
  TUTELA_TRY_ASSIGN(const double write_ms, write_items(*database, session.clock));
  TUTELA_TRY_ASSIGN(const CompactionRate compaction, compact_some(*database, now_ms));
  print_all(options, all, write_ms, compaction);
  const bool all_below =
      std::ranges::all_of(all, [](const Times& times) { return times.worst_ms < kGoalMs; });
  return all_below ? kNothingFound : kTooSlow;
}

}  // namespace

void add_bench_ledger(CLI::App& bench, Session& session) {
  CLI::App& command =
      add_command(bench, "ledger", "Measures the figures of a large ledger", kClosing);
  const auto options = std::make_shared<LedgerBenchOptions>();
  command.add_option("--rows", options->rows, "How many items")
      ->check(CLI::Range(std::int64_t{1000}, std::int64_t{100'000'000}));
  command.add_flag("--json", options->json, "One JSON object");
  command.callback([&session, options] {
    session.run = [&session, options] {
      const auto done = bench_ledger(session, *options);
      return done ? *done : fail(done.error());
    };
  });
}

}  // namespace tutela::cli

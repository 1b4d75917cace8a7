#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/mutex.hpp"
#include "bench.hpp"
#include "commands.hpp"
#include "demo_pictures.hpp"
#include "output.hpp"
#include "scratch_folder.hpp"

namespace tutela::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kClosing =
    "Generated pictures arrive and are left owed, as if the decode workers had been down. Then "
    "live\n"
    "scans are measured alone, and again while the backlog is worked off. Works in a folder of "
    "its\n"
    "own beside the data folder, which is removed at the end; of its disk the spool takes about 5 "
    "KiB\n"
    "an item.\n"
    "Exit status: 0 measured, 2 error.\n"
    "Example:\n  tutela bench backlog --items 100000";

/// Different pictures, each sent again and again with other bytes behind its end.
constexpr std::uint32_t kPictures = 64;
constexpr std::uint32_t kSide = 128;
constexpr unsigned kSenders = 16;

struct BacklogOptions {
  std::int64_t items = 100'000;
  std::int64_t live_pause_ms = 50;
  std::int64_t alone_seconds = 20;
  std::int64_t most_seconds = 0;  // of the backlog; 0: to its end
  bool json = false;
};

struct Latencies {
  std::int64_t scans = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

struct Measured {
  Latencies alone;
  Latencies with;
  pipeline::Backlog left;
  std::int64_t done = 0;
  double seconds = 0;
};

class Bench {
 public:
  Bench(pipeline::Pipeline& pipeline, const BacklogOptions& options)
      : pipeline_(pipeline), options_(options) {
    for (std::uint32_t i = 0; i < kPictures; ++i) {
      pictures_.push_back(encode_jpeg(make_picture(i + 1, kSide, kSide), 85));
    }
  }

  Status fill();
  Result<Measured> run();

 private:
  Result<pipeline::Intake> receive(std::int64_t number);
  /// Scans one after the other, with pauses, until it is told to end.
  Result<Latencies> live(const std::function<bool()>& is_over);

  pipeline::Pipeline& pipeline_;
  const BacklogOptions& options_;
  std::vector<Bytes> pictures_;
  std::int64_t live_scans_ = 0;
};

Result<pipeline::Intake> Bench::receive(std::int64_t number) {
  TUTELA_TRY_ASSIGN(pipeline::Intake intake, pipeline_.receive({actor(), "http", "bench", {}, {}}));
  TUTELA_TRY(intake.append(pictures_[static_cast<std::size_t>(number) % pictures_.size()]));
  // A JPEG ends at its end marker: what follows makes the digests others and the picture not.
  const std::string tail = std::to_string(number);
  TUTELA_TRY(intake.append(as_bytes(tail)));
  TUTELA_TRY(intake.finish());
  return intake;
}

Status Bench::fill() {
  ProgressLine progress;
  std::atomic<std::int64_t> next{0};
  Mutex mutex;
  Status failed = ok();
  {
    std::vector<std::jthread> senders;
    for (unsigned sender = 0; sender < kSenders; ++sender) {
      senders.emplace_back([&] {
        for (std::int64_t i = next++; i < options_.items; i = next++) {
          const Result<pipeline::Intake> intake = receive(i);  // dropped: it stays owed
          const MutexLock lock(mutex);
          if (!intake) {
            failed = intake.error();
            next = options_.items;
          } else if (i % 1000 == 0) {
            progress.draw(static_cast<std::size_t>(i),
                          static_cast<std::size_t>(options_.items),
                          "items arrived and owed");
          }
        }
      });
    }
  }
  progress.clear();
  return failed;
}

Result<Latencies> Bench::live(const std::function<bool()>& is_over) {
  std::vector<double> took;
  while (!is_over()) {
    const auto begin = steady_clock::now();
    TUTELA_TRY_ASSIGN(pipeline::Intake intake, receive(1'000'000'000 + live_scans_++));
    TUTELA_TRY(pipeline_.scan(std::move(intake)));
    const auto end = steady_clock::now();
    took.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
    std::this_thread::sleep_until(end + milliseconds(options_.live_pause_ms));
  }
  std::ranges::sort(took);
  return took.empty() ? Latencies{}
                      : Latencies{static_cast<std::int64_t>(took.size()),
                                  took[took.size() / 2],
                                  took[took.size() * 99 / 100]};
}

Result<Measured> Bench::run() {
  Measured measured;
  const auto alone_until = steady_clock::now() + std::chrono::seconds(options_.alone_seconds);
  TUTELA_TRY_ASSIGN(measured.alone, live([&] { return steady_clock::now() >= alone_until; }));

  const auto begin = steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
  };
  const auto stop = [&] {
    return options_.most_seconds > 0 && seconds() > static_cast<double>(options_.most_seconds);
  };
  std::atomic<bool> over{false};
  Result<std::size_t> finished = std::size_t{0};
  Result<Latencies> with = Latencies{};
  {
    std::jthread worker([&] {
      finished = pipeline_.finish_owed(stop);
      measured.seconds = seconds();
      over = true;
    });
    ProgressLine progress;
    with = live([&] {
      const pipeline::Backlog now = pipeline_.backlog();
      progress.draw(static_cast<std::size_t>(now.done),
                    static_cast<std::size_t>(now.done + now.owed),
                    "owed scans made up");
      return over.load();
    });
    progress.clear();
  }
  TUTELA_TRY(finished);
  TUTELA_TRY_ASSIGN(measured.with, std::move(with));
  measured.done = static_cast<std::int64_t>(*finished);
  measured.left = pipeline_.backlog();
  return measured;
}

void print(const BacklogOptions& options, const Measured& measured) {
  const double rate = static_cast<double>(measured.done) / measured.seconds;
  const double p50 = measured.with.p50_ms / measured.alone.p50_ms;
  const double p99 = measured.with.p99_ms / measured.alone.p99_ms;
  if (options.json) {
    print_json({{"items", options.items},
                {"done", measured.done},
                {"left", measured.left.owed},
                {"seconds", measured.seconds},
                {"items_per_second", rate},
                {"live_alone", measured.alone.scans},
                {"live_alone_p50_ms", measured.alone.p50_ms},
                {"live_alone_p99_ms", measured.alone.p99_ms},
                {"live_with", measured.with.scans},
                {"live_with_p50_ms", measured.with.p50_ms},
                {"live_with_p99_ms", measured.with.p99_ms},
                {"p50_ratio", p50},
                {"p99_ratio", p99}});
    return;
  }
  Table table({"WHAT", "SCANS", "P50", "P99"});
  const auto add = [&table](const std::string& what, const Latencies& latencies) {
    table.add({what,
               std::to_string(latencies.scans),
               fmt::format("{:.1f} ms", latencies.p50_ms),
               fmt::format("{:.1f} ms", latencies.p99_ms)});
  };
  add("live scans alone", measured.alone);
  add("live scans beside the backlog", measured.with);
  table.add({"ratio", "", fmt::format("{:.2f}", p50), fmt::format("{:.2f}", p99)});
  table.print();
  fmt::print("{} owed scans made up in {:.1f} s: {:.0f} a second; {} left\n",
             measured.done,
             measured.seconds,
             rate,
             measured.left.owed);
}

Status bench_backlog(const Session& session, const BacklogOptions& options) {
  TUTELA_TRY_ASSIGN(config::Config config, load_config(session));
  TUTELA_TRY_ASSIGN(const ScratchFolder folder, ScratchFolder::beside(config.store.folder));
  config.store.folder = folder.path();
  TUTELA_TRY_ASSIGN(const auto pipeline, pipeline::Pipeline::open(config, session.clock));
  Bench bench(*pipeline, options);
  TUTELA_TRY(bench.fill());
  TUTELA_TRY_ASSIGN(const Measured measured, bench.run());
  print(options, measured);
  return ok();
}

}  // namespace

void add_bench_backlog(CLI::App& bench, Session& session) {
  CLI::App& command =
      add_command(bench, "backlog", "Owed scans made up while live ones run", kClosing);
  const auto options = std::make_shared<BacklogOptions>();
  command.add_option("--items", options->items, "How many are owed")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}));
  command.add_option("--pause-ms", options->live_pause_ms, "Between two live scans")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000}));
  command.add_option("--alone-seconds", options->alone_seconds, "Live scans without a backlog")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{600}));
  command
      .add_option("--most-seconds",
                  options->most_seconds,
                  "End before the backlog does, after so long; 0: at its end")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}));
  command.add_flag("--json", options->json, "One JSON object");
  command.callback([&session, options] {
    session.run = [&session, options] {
      const Status done = bench_backlog(session, *options);
      return done ? kNothingFound : fail(done.error());
    };
  });
}

}  // namespace tutela::cli

// tutela bench: what this machine does, in a few seconds.
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench.hpp"
#include "commands.hpp"
#include "custody/audit/entry.hpp"
#include "demo_pictures.hpp"
#include "output.hpp"
#include "scratch_folder.hpp"

namespace tutela::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClosing =
    "Pictures are generated; the disk that is measured is the one of the data folder.\n"
    "Exit status: 0 measured, 2 error.\n"
    "Example:\n  tutela bench --signals 5000000";

constexpr double kSecondsEach = 2.0;

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Calls `once` from `count` threads for some seconds; returns calls a second, or the first error.
template <class Once>
Result<double> rate_of(unsigned count, const Once& once) {
  std::atomic<std::uint64_t> calls{0};
  Mutex mutex;
  Status failed = ok();
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        while (watch.seconds() < kSecondsEach) {
          if (Status status = once(i, calls++); !status) {
            const MutexLock lock(mutex);
            failed = std::move(status);
            return;
          }
        }
      });
    }
  }
  TUTELA_TRY(std::move(failed));
  return static_cast<double>(calls) / watch.seconds();
}

Status bench_decoding(const config::Config& config, unsigned threads, Table& table) {
  const Bytes jpeg = encode_jpeg(make_picture(1, 1600, 1004), 90);
  TUTELA_TRY_ASSIGN(const workers::ItemBytes item, workers::ItemBytes::from(jpeg));
  TUTELA_TRY_ASSIGN(const std::unique_ptr<workers::Workers> workers, start_workers(config));
  for (const unsigned count : {1U, threads}) {
    TUTELA_TRY_ASSIGN(const double rate, rate_of(count, [&](unsigned, std::uint64_t) -> Status {
                        TUTELA_TRY(workers->inspect(item));
                        return ok();
                      }));
    table.add({"JPEG of 1600x1004, decoded and fingerprinted in the sandbox",
               counted(count, "thread"),
               fmt::format("{:.1f} pictures/s", rate)});
    if (threads == 1) {
      break;
    }
  }
  return ok();
}

void bench_hashing(Table& table) {
  const Picture picture = make_picture(2, 1600, 1004);
  const auto rate = rate_of(1, [&](unsigned, std::uint64_t) {
    static_cast<void>(fingerprint::pdq_of(picture.pixels.data(),
                                          picture.width,
                                          picture.height,
                                          std::size_t{picture.width} * 3,
                                          fingerprint::PixelFormat::kRgb24));
    return ok();
  });
  table.add({"PDQ of decoded pixels, 1600x1004, 8 orientations",
             std::string(to_string(fingerprint::active_kernel())),
             fmt::format("{:.2f} ms", 1000 / *rate)});
}

void bench_search(std::size_t signals, Table& table) {
  std::mt19937_64 random(20'260'101);
  const auto random_hash = [&random] {
    fingerprint::Pdq256 hash;
    for (std::uint64_t& word : hash.words) {
      word = random();
    }
    return hash;
  };
  match::GenerationBuilder builder;
  const std::uint32_t list = builder.add_list({});
  for (std::size_t i = 0; i < signals; ++i) {
    builder.add_pdq(list, static_cast<std::int64_t>(i), random_hash());
  }
  const std::shared_ptr<const match::Generation> generation = std::move(builder).build();
  std::array<fingerprint::Pdq256, fingerprint::kOrientations> query{};
  for (fingerprint::Pdq256& hash : query) {
    hash = random_hash();
  }
  const auto rate = rate_of(1, [&](unsigned, std::uint64_t) {
    static_cast<void>(generation->search_pdq({.variants = query, .frame = 0}));
    return ok();
  });
  table.add({fmt::format("search over {}, 8 orientations", counted(signals, "signal")),
             std::string(to_string(match::active_kernel())),
             fmt::format("{:.2f} ms", 1000 / *rate)});
}

Status bench_commits(const fs::path& folder, unsigned threads, const Clock& clock, Table& table) {
  store::DatabaseOptions options;
  options.path = folder / "bench.db";
  TUTELA_TRY_ASSIGN(const std::unique_ptr<store::Database> database,
                    store::Database::open(options));
  const store::Actor who = actor();
  for (const unsigned count : {1U, threads + 4}) {
    TUTELA_TRY_ASSIGN(const double rate, rate_of(count, [&](unsigned, std::uint64_t number) {
                        return database->write([&](store::Transaction& transaction) {
                          return audit::add(
                              transaction,
                              who,
                              clock.now_ms(),
                              {"bench", "bench:" + std::to_string(number), "bench", "ok"});
                        });
                      }));
    table.add({"durable units of work", counted(count, "thread"), fmt::format("{:.0f}/s", rate)});
  }
  return ok();
}

int bench(const Session& session, std::size_t signals) {
  const auto config = load_config(session);
  if (!config) {
    return fail(config.error());
  }
  const auto folder = ScratchFolder::beside(config->store.folder);
  if (!folder) {
    return fail(folder.error());
  }
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  Table table({"WHAT", "WITH", "RESULT"});
  complain("Measuring for about 15 seconds ...\n");
  if (const Status status = bench_decoding(*config, threads, table); !status) {
    return fail(status.error());
  }
  bench_hashing(table);
  bench_search(signals, table);
  if (const Status status = bench_commits(folder->path(), threads, session.clock, table); !status) {
    return fail(status.error());
  }
  table.print();
  return kNothingFound;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  CLI::App& command = add_command(app, "bench", "Measures this machine", kClosing);
  const auto signals = std::make_shared<std::size_t>(1'000'000);
  command.add_option("--signals", *signals, "How many random signals to search")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  add_bench_index(command, session);
  add_bench_backlog(command, session);
  add_bench_intake(command, session);
  add_bench_ledger(command, session);
  command.callback([&session, &command, signals] {
    if (!command.get_subcommands().empty()) {
      return;  // that one runs
    }
    session.run = [&session, signals] {
      return bench(session, *signals);
    };
  });
}

}  // namespace tutela::cli

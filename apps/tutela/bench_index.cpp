#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "bench.hpp"
#include "commands.hpp"
#include "engine/match/huge_array.hpp"
#include "engine/match/index.hpp"
#include "output.hpp"

namespace tutela::cli {
namespace {

using fingerprint::Pdq256;
using match::HugeArray;
using match::kBands;

constexpr const char* kClosing =
    "Random signals, searched for pictures of which every other one is within 31 bits of a "
    "signal.\n"
    "Needs about 130 bytes of memory a signal; nothing is written.\n"
    "Exit status: 0 measured, 2 error.\n"
    "Example:\n  tutela bench index --n 10000000 --queries 20000";

struct IndexBenchOptions {
  std::size_t signals = 1'000'000;
  std::size_t queries = 10'000;
  bool json = false;
};

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

struct Searches {
  double p50_us = 0;
  double p99_us = 0;
  double rate = 0;  // a second
};

/// Signals with their index.
struct Measured {
  explicit Measured(std::size_t count) : values(count) {}

  void fill(std::mt19937_64& random, ProgressLine& progress);
  /// Seconds.
  double build(ProgressLine& progress);
  [[nodiscard]] Searches search(std::span<const Pdq256> queries, std::size_t variants) const;

  HugeArray<Pdq256> values;
  std::array<HugeArray<std::byte>, kBands> bands;
};

Pdq256 random_hash(std::mt19937_64& random) {
  Pdq256 hash;
  std::ranges::generate(hash.words, std::ref(random));
  return hash;
}

void Measured::fill(std::mt19937_64& random, ProgressLine& progress) {
  constexpr std::size_t kStep = 1'000'000;
  for (std::size_t done = 0; done < values.size(); done += kStep) {
    progress.draw(done, values.size(), "signals made");
    const std::size_t count = std::min(kStep, values.size() - done);
    std::generate_n(values.data() + done, count, [&] { return random_hash(random); });
  }
}

double Measured::build(ProgressLine& progress) {
  const Stopwatch watch;
  const std::size_t threads =
      std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kBands);
  for (std::size_t band = 0; band < kBands; band += threads) {
    progress.draw(band, kBands, "bands of the index built");
    std::vector<std::jthread> builders;
    for (std::size_t i = band; i < std::min(band + threads, kBands); ++i) {
      builders.emplace_back([this, i] {
        bands[i] = HugeArray<std::byte>(match::band_bytes(values.size()));
        match::build_band(i, values.span(), {bands[i].data(), bands[i].size()});
      });
    }
  }
  return watch.seconds();
}

Searches Measured::search(std::span<const Pdq256> queries, std::size_t variants) const {
  std::array<const std::byte*, kBands> blocks{};
  std::ranges::transform(bands, blocks.begin(), [](const auto& band) { return band.data(); });
  const match::Index index(values.span(), blocks);
  std::vector<match::NearRow> near;
  std::vector<double> took;
  const Stopwatch all;
  for (std::size_t i = 0; i + variants <= queries.size(); i += variants) {
    const Stopwatch one;
    near.clear();
    static_cast<void>(index.search(queries.subspan(i, variants), match::kPdqDistanceDefault, near));
    took.push_back(one.seconds() * 1e6);
  }
  const double seconds = all.seconds();
  std::ranges::sort(took);
  return {took[took.size() / 2],
          took[took.size() * 99 / 100],
          static_cast<double>(took.size()) / seconds};
}

std::vector<Pdq256> make_queries(const Measured& measured,
                                 std::size_t count,
                                 std::mt19937_64& random) {
  std::vector<Pdq256> queries(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 2 != 0) {
      queries[i] = random_hash(random);
      continue;
    }
    queries[i] = measured.values.span()[random() % measured.values.size()];
    for (int flips = 0; flips < match::kPdqDistanceDefault; ++flips) {
      queries[i].words[random() % 4] ^= std::uint64_t{1} << (random() % 64);
    }
  }
  return queries;
}

/// While it is built the index needs 8 bytes a signal more for each thread.
Status check_memory(std::size_t signals) {
  const double needed = static_cast<double>(signals) * (sizeof(Pdq256) + 8.0 * 4) +
                        static_cast<double>(kBands * match::band_bytes(signals));
  const double there =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (needed > there * 0.9) {
    return Error{ErrorKind::kInvalidInput,
                 "bench.too_little_memory",
                 fmt::format("this many signals need {:.1f} GB and the machine has {:.1f}; take "
                             "fewer (--n)",
                             needed / 1e9,
                             there / 1e9)};
  }
  return ok();
}

int bench_index(const IndexBenchOptions& options) {
  if (const Status status = check_memory(options.signals); !status) {
    return fail(status.error());
  }
  std::mt19937_64 random(20'260'101);
  Measured measured(options.signals);
  double build = 0;
  {
    ProgressLine progress;
    measured.fill(random, progress);
    build = measured.build(progress);
    progress.clear();
  }
  const std::vector<Pdq256> queries = make_queries(measured, options.queries, random);
  const Searches one = measured.search(queries, 1);
  const Searches eight = measured.search(queries, fingerprint::kOrientations);
  const double count = static_cast<double>(options.signals);
  const double bytes =
      static_cast<double>(kBands * match::band_bytes(options.signals)) / count + sizeof(Pdq256);
  if (options.json) {
    print_json({{"signals", options.signals},
                {"kernel", match::to_string(match::active_kernel())},
                {"build_seconds", build},
                {"build_signals_per_second", count / build},
                {"bytes_per_signal", bytes},
                {"p50_us", one.p50_us},
                {"p99_us", one.p99_us},
                {"searches_per_second", one.rate},
                {"eight_orientations_p50_us", eight.p50_us},
                {"eight_orientations_p99_us", eight.p99_us},
                {"eight_orientations_searches_per_second", eight.rate}});
    return kNothingFound;
  }
  Table table({"WHAT", "P50", "P99", "A SECOND"});
  const auto add = [&table](const std::string& what, const Searches& searches) {
    table.add({what,
               fmt::format("{:.1f} us", searches.p50_us),
               fmt::format("{:.1f} us", searches.p99_us),
               fmt::format("{:.0f}", searches.rate)});
  };
  add("search, 1 orientation", one);
  add("search, 8 orientations", eight);
  table.print();
  print(fmt::format("{} in {:.1f} bytes each, built in {:.2f} s ({:.1f} million/s), kernel {}\n",
                    counted(options.signals, "signal"),
                    bytes,
                    build,
                    count / build / 1e6,
                    match::to_string(match::active_kernel())));
  return kNothingFound;
}

}  // namespace

void add_bench_index(CLI::App& bench, Session& session) {
  CLI::App& command = add_command(bench, "index", "Measures the search of many signals", kClosing);
  const auto options = std::make_shared<IndexBenchOptions>();
  command.add_option("--n", options->signals, "How many random signals")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}));
  command.add_option("--queries", options->queries, "How many searches")
      ->check(CLI::Range(std::size_t{8}, std::size_t{100'000'000}));
  command.add_flag("--json", options->json, "One JSON object");
  command.callback([&session, options] {
    session.run = [options] {
      return bench_index(*options);
    };
  });
}

}  // namespace tutela::cli

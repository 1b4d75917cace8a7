// Segments in files and the set that grows: build into a file by two threads (signals a second),
// open (page cache warm, and cold where this process may drop it), apply of one signal with a delta
// of 1, of 50,000 and more, and a merge by a thread of low priority: its time, the memory over the
// steady state, and searches meanwhile (p50 and p99 against those of quiet, one searching thread).
// `generation_bench [--n N] [--folder F]`, one million by default. Every other search has a
// neighbour, and every answer of those is checked.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/thread.hpp"
#include "engine/match/signal_set.hpp"

namespace {

using namespace tutela::match;
using tutela::fingerprint::Pdq256;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Any value, by its number.
Pdq256 value_of(std::uint64_t number) {
  Pdq256 value;
  for (auto& word : value.words) {
    number += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    word = mixed ^ (mixed >> 31);
    number = word;
  }
  return value;
}

NewSignal new_signal(std::int64_t id) {
  NewSignal signal{.list = 0, .id = id, .kind = SignalKind::kPdq, .value = {}};
  const Pdq256 value = value_of(static_cast<std::uint64_t>(id));
  for (std::size_t i = 0; i < signal.value.size(); ++i) {
    signal.value[i] = static_cast<std::byte>(value.words[i / 8] >> (56 - 8 * (i % 8)));
  }
  return signal;
}

/// Two threads share the steps.
void run_in_two_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      step(i);
    }
  };
  std::thread other(run);
  run();
  other.join();
}

/// A field of /proc/self/status, in MiB.
double memory_mib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) {
      return std::strtod(line.c_str() + field.size() + 1, nullptr) / 1024;
    }
  }
  return 0;
}

/// In a process of its own, so that its memory is not counted afterwards.
void build_file(const std::filesystem::path& file, std::size_t n) {
  const pid_t child = ::fork();
  TUTELA_CHECK(child >= 0);
  if (child > 0) {
    int status = 0;
    TUTELA_CHECK(::waitpid(child, &status, 0) == child && status == 0);
    return;
  }
  SegmentBuilder builder;
  const std::uint32_t list = builder.add_list({{}, static_cast<std::int64_t>(n)});
  for (std::size_t id = 1; id <= n; ++id) {
    builder.add_pdq(list, static_cast<std::int64_t>(id), value_of(id));
  }
  const auto start = Clock::now();
  const auto written =
      std::move(builder).write(file, {.index_signals_min = 0, .run_steps = run_in_two_threads});
  const double took = seconds_since(start);
  TUTELA_CHECK(written.has_value());
  std::printf("build into a file, two threads %8.2f s %10.0f signals/s\n",
              took,
              static_cast<double>(n) / took);
  std::fflush(stdout);
  ::_exit(0);
}

bool drop_page_cache() {
  ::sync();
  std::ofstream drop("/proc/sys/vm/drop_caches");
  drop << "3" << std::flush;
  return drop.good();
}

void bench_open(const std::filesystem::path& file) {
  for (const char* const state : {"warm", "warm", "warm", "cold", "warm"}) {
    if (std::strcmp(state, "cold") == 0 && !drop_page_cache()) {
      std::printf("open   cold: not measured, this process may not drop the page cache\n");
      continue;
    }
    const auto start = Clock::now();
    TUTELA_CHECK(Segment::open(file, run_in_two_threads).has_value());
    std::printf("open   %s %8.3f s\n", state, seconds_since(start));
  }
}

struct Latency {
  double p50 = 0;
  double p99 = 0;
  double greatest = 0;
  std::size_t searches = 0;
};

/// Searches until told to stop.
Latency search_until(const SignalSet& set, std::size_t n, const std::function<bool()>& is_done) {
  std::mt19937_64 random(2);
  std::vector<double> took;
  while (!is_done()) {
    const bool planted = took.size() % 2 == 0;
    Pdq256 query = value_of(planted ? 1 + random() % n : random());
    for (int flips = 0; flips < 31; ++flips) {
      query.words[random() % 4] ^= std::uint64_t{1} << (random() % 64);
    }
    const auto start = Clock::now();
    const std::size_t hits = set.generation()->search_pdq({{&query, 1}, 0}).size();
    took.push_back(seconds_since(start) * 1e6);
    TUTELA_CHECK(!planted || hits >= 1);
  }
  std::ranges::sort(took);
  return {took[took.size() / 2], took[took.size() * 99 / 100], took.back(), took.size()};
}

void print(const char* what, const Latency& latency) {
  std::printf("search %-16s p50 %8.1f us p99 %8.1f us max %8.1f us (%zu searches)\n",
              what,
              latency.p50,
              latency.p99,
              latency.greatest,
              latency.searches);
}

/// Until the delta has so many signals; then one at a time, timed.
void bench_apply(SignalSet& set, std::size_t delta, std::int64_t& next_id) {
  SignalUpdate update;
  update.lists = {{}};
  update.lists_through = {0};
  while (set.stats().delta_signals + 1 < delta) {
    update.added.clear();
    for (std::size_t i = set.stats().delta_signals + 1; i < delta && update.added.size() < 60'000;
         ++i) {
      update.added.push_back(new_signal(next_id++));
    }
    update.lists_through[0] = next_id - 1;
    set.apply(update);
  }
  std::vector<double> took;
  for (int i = 0; i < 50; ++i) {
    update.added = {new_signal(next_id)};
    update.lists_through[0] = next_id++;
    const auto start = Clock::now();
    set.apply(update);
    took.push_back(seconds_since(start) * 1e3);
  }
  std::ranges::sort(took);
  std::printf("apply  one signal, delta of %8zu: p50 %7.3f ms max %7.3f ms\n",
              delta,
              took[took.size() / 2],
              took.back());
}

void bench_merge(SignalSet& set, std::size_t n) {
  const double anonymous = memory_mib("RssAnon");
  const double resident = memory_mib("VmRSS");
  std::atomic<bool> done = false;
  double took = 0;
  double anonymous_peak = 0;
  double resident_peak = 0;
  std::thread merger([&] {
    tutela::lower_priority_of_this_thread();
    const auto start = Clock::now();
    TUTELA_CHECK(set.merge().has_value());
    set.settle();
    took = seconds_since(start);
    done = true;
  });
  std::thread watcher([&] {
    while (!done) {
      anonymous_peak = std::max(anonymous_peak, memory_mib("RssAnon"));
      resident_peak = std::max(resident_peak, memory_mib("VmRSS"));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  print("while merging", search_until(set, n, [&] { return done.load(); }));
  merger.join();
  watcher.join();
  std::printf(
      "merge  %.2f s; resident %.0f MiB before, %.0f at most (%.2f x), %.0f after; of these not of "
      "a file %.0f, %.0f, %.0f\n",
      took,
      resident,
      resident_peak,
      resident_peak / resident,
      memory_mib("VmRSS"),
      anonymous,
      anonymous_peak,
      memory_mib("RssAnon"));
}

Latency search_for(const SignalSet& set, std::size_t n, double seconds) {
  const auto start = Clock::now();
  return search_until(set, n, [&] { return seconds_since(start) > seconds; });
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t n = 1'000'000;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--n") == 0) {
      n = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (std::strcmp(argv[i], "--folder") == 0) {
      folder = argv[i + 1];
    }
  }
  if (n == 0 || argc % 2 == 0) {
    std::fprintf(stderr, "usage: generation_bench [--n SIGNALS] [--folder FOLDER]\n");
    return 2;
  }
  const std::filesystem::path file = folder / ("generation_bench-" + std::to_string(::getpid()));
  std::printf("generations: %zu signals, file in %s\n", n, folder.c_str());
  std::fflush(stdout);
  build_file(file, n);
  bench_open(file);
  {
    const auto start = Clock::now();
    auto opened = SignalSet::open({.file = file, .run_steps = run_in_two_threads});
    TUTELA_CHECK(opened.has_value());
    SignalSet& set = **opened;
    SignalUpdate update;
    update.lists = {{}};
    update.lists_through = {static_cast<std::int64_t>(n)};
    set.apply(update);
    std::printf("ready to answer %.3f s\n", seconds_since(start));
    auto next_id = static_cast<std::int64_t>(n) + 1;
    print("quiet", search_for(set, n, 3));
    bench_apply(set, 1, next_id);
    bench_apply(set, 50'000, next_id);
    print("delta of 50,000", search_for(set, n, 3));
    bench_merge(set, n);
    print("after the merge", search_for(set, n, 3));
    bench_apply(set, n / 8, next_id);
    print("delta of n / 8", search_for(set, n, 3));
    bench_merge(set, n);
    print("after the merge", search_for(set, n, 3));
  }
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + ".lock");
  return 0;
}

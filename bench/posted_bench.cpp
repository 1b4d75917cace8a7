// Already posted: a content index streamed past new signals. Writes an index of random contents of
// one frame, then prints bytes a content, appends, a plain sequential read of the same bytes, and
// for each number of signals contents a second and the share of that read, with one thread and
// two. Some contents are planted near a signal, and each of them must be found.
// `posted_bench [--contents N] [--folder F] [--signals S]`: a million contents in a temporary
// folder, 1, 100 and 10,000 signals by default. The index stays where --folder names one, and is
// used again.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "engine/match/stream_index.hpp"
#include "watch/content_index/content_index.hpp"

namespace {

using namespace tutela;
using content_index::ContentIndex;
using content_index::Entry;
using fingerprint::Pdq256;
using Clock = std::chrono::steady_clock;

constexpr int kRuns = 3;
constexpr std::uint64_t kBlockContents = 1000;
constexpr std::uint64_t kPlantedEvery = 10'007;
constexpr std::size_t kReadBytes = 512 * 1024;

struct Settings {
  std::uint64_t contents = 1'000'000;
  std::filesystem::path folder;
  std::vector<std::size_t> signals = {1, 100, 10'000};
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Every value from its number: SplitMix64.
struct Values {
  std::uint64_t state;

  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  Pdq256 pdq() { return {{next(), next(), next(), next()}}; }
};

Pdq256 signal_of(std::uint64_t number) {
  return Values{number << 20}.pdq();
}

/// Every kPlantedEvery-th content has a hash 31 flips or fewer from the signal of its turn.
Entry entry_of(std::uint64_t number) {
  Values values{number << 8};
  Entry entry;
  std::memcpy(entry.content_id.bytes.data(), &number, sizeof number);
  for (auto& byte : entry.digests.sha256) {
    byte = static_cast<std::byte>(values.next());
  }
  entry.frames.resize(1);
  std::ranges::generate(entry.frames[0], [&] { return values.pdq(); });
  if (number % kPlantedEvery == 0) {
    Pdq256& hash = entry.frames[0][values.next() % 8];
    hash = signal_of(number / kPlantedEvery);
    for (int flips = 0; flips < 31; ++flips) {
      hash.words[values.next() % 4] ^= std::uint64_t{1} << (values.next() % 64);
    }
  }
  return entry;
}

/// How many of the first `contents` are near one of the first `signals`.
std::uint64_t planted(std::uint64_t contents, std::size_t signals) {
  return std::min<std::uint64_t>(signals, (contents + kPlantedEvery - 1) / kPlantedEvery);
}

void run_in_two_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t n = next++; n < count; n = next++) {
      step(n);
    }
  };
  std::thread other(run);
  run();
  other.join();
}

std::unique_ptr<ContentIndex> open_index(const Settings& settings, bool two_threads) {
  content_index::Options options;
  options.folder = settings.folder;
  if (two_threads) {
    options.run_steps = run_in_two_threads;
  }
  auto index = ContentIndex::open(std::move(options));
  TUTELA_CHECK(index);
  return *std::move(index);
}

void fill(ContentIndex& index, std::uint64_t contents) {
  const auto start = Clock::now();
  double appending = 0;
  const auto first = static_cast<std::uint64_t>(index.position());
  for (std::uint64_t at = first; at < contents;) {
    std::vector<Entry> entries;
    for (; entries.size() < kBlockContents && at < contents; ++at) {
      entries.push_back(entry_of(at));
    }
    const auto append_start = Clock::now();
    TUTELA_CHECK(index.append(entries, static_cast<std::int64_t>(at)));
    appending += seconds_since(append_start);
  }
  const content_index::Stats stats = index.stats();
  std::printf("index  %llu contents %u segments %.2f GB %.1f bytes/content\n",
              static_cast<unsigned long long>(stats.contents),
              stats.segments,
              static_cast<double>(stats.bytes) / 1e9,
              static_cast<double>(stats.bytes) / static_cast<double>(stats.contents));
  if (first < contents) {
    std::printf(
        "append %.0f contents/s in blocks of %llu, each durable (%.1f s with making them)\n",
        static_cast<double>(contents - first) / appending,
        static_cast<unsigned long long>(kBlockContents),
        seconds_since(start));
  }
}

/// Reads all segments from begin to end, every other one in each of `threads`. Bytes a second.
double plain_read(const Settings& settings, std::size_t threads) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(settings.folder)) {
    if (entry.path().filename().string().starts_with("segment-")) {
      files.push_back(entry.path());
    }
  }
  std::atomic<std::uint64_t> bytes = 0;
  const auto read_files = [&](std::size_t first) {
    std::vector<std::byte> buffer(kReadBytes);
    for (std::size_t i = first; i < files.size(); i += threads) {
      const Fd fd(::open(files[i].c_str(), O_RDONLY));
      for (ssize_t got = 0; (got = ::read(fd.get(), buffer.data(), buffer.size())) > 0;) {
        bytes += static_cast<std::uint64_t>(got);
      }
    }
  };
  const auto start = Clock::now();
  std::thread other([&] {
    if (threads == 2) {
      read_files(1);
    }
  });
  read_files(0);
  other.join();
  return static_cast<double>(bytes) / seconds_since(start);
}

void search(const Settings& settings, std::size_t count, const double (&read)[2]) {
  std::vector<Pdq256> signals;
  for (std::uint64_t i = 0; i < count; ++i) {
    signals.push_back(signal_of(i));
  }
  const auto build_start = Clock::now();
  const match::StreamIndex pdq(signals, 31);
  const double built = seconds_since(build_start);
  for (const bool two_threads : {false, true}) {
    const auto index = open_index(settings, two_threads);
    std::vector<double> took;
    std::uint64_t hits = 0;
    for (int run = 0; run < kRuns; ++run) {
      hits = 0;
      const auto start = Clock::now();
      TUTELA_CHECK(index->search(
          {},
          index->end(),
          {&pdq, nullptr},
          [&](const Uuid& /*id*/) { ++hits; },
          [](content_index::Mark /*done*/, std::uint64_t /*contents*/) { return true; }));
      took.push_back(seconds_since(start));
    }
    std::ranges::sort(took);
    const auto stats = index->stats();
    TUTELA_CHECK(hits == planted(stats.contents, count));
    const double rate = static_cast<double>(stats.contents) / took[kRuns / 2];
    const double bytes = static_cast<double>(stats.bytes) / took[kRuns / 2];
    std::printf(
        "search %8zu signals (built in %6.3f s, %5.1f MB) %d thread%s %11.0f contents/s %6.2f GB/s "
        "%5.2f of a plain read; 50 million contents in %6.1f s; %llu hits, all planted\n",
        count,
        built,
        static_cast<double>(pdq.size_bytes()) / 1e6,
        two_threads ? 2 : 1,
        two_threads ? "s" : " ",
        rate,
        bytes / 1e9,
        bytes / read[two_threads ? 1 : 0],
        50e6 / rate,
        static_cast<unsigned long long>(hits));
  }
}

bool parse(int argc, char** argv, Settings& settings) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--contents") == 0) {
      settings.contents = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (std::strcmp(argv[i], "--folder") == 0) {
      settings.folder = argv[i + 1];
    } else if (std::strcmp(argv[i], "--signals") == 0) {
      settings.signals = {std::strtoull(argv[i + 1], nullptr, 10)};
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && settings.contents != 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  if (!parse(argc, argv, settings)) {
    std::fprintf(stderr, "usage: posted_bench [--contents N] [--folder F] [--signals S]\n");
    return 2;
  }
  const bool temporary = settings.folder.empty();
  if (temporary) {
    settings.folder = std::filesystem::temp_directory_path() /
                      ("tutela-posted-" + to_string(new_uuid(SystemClock().now_ms())));
  }
  fill(*open_index(settings, false), settings.contents);
  plain_read(settings, 1);  // so that all runs find the same in the page cache
  const double read[2] = {plain_read(settings, 1), plain_read(settings, 2)};
  std::printf("read   plain, sequential: %.2f GB/s with one thread, %.2f GB/s with two\n",
              read[0] / 1e9,
              read[1] / 1e9);
  for (const std::size_t count : settings.signals) {
    search(settings, count, read);
  }
  if (temporary) {
    std::filesystem::remove_all(settings.folder);
  }
  return 0;
}

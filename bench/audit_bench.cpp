// The audit log: durable entries a second from 32 writers, alone and with tiles following, and how
// long a start and a whole verification take: audit_bench [FOLDER] [ENTRIES_TO_VERIFY]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "custody/audit/entry.hpp"
#include "custody/audit/sequencer.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tutela;

constexpr int kWriters = 32;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(2);
  }
  return *std::move(result);
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Each commits one entry after the other; returns entries a second.
double write_for(store::Database& database, std::chrono::seconds time) {
  std::atomic<bool> stop{false};
  std::atomic<int> entries{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const store::Actor actor{"default", "person:" + std::to_string(i), "reviewer"};
      while (!stop.load()) {
        const std::string object = "evidence:" + to_string(new_uuid(SystemClock().now_ms()));
        must(database.write([&](store::Transaction& transaction) {
          return audit::add(transaction, actor, 1, {"evidence.view", object, "review", "ok"});
        }));
        ++entries;
      }
    });
  }
  const Stopwatch watch;
  std::this_thread::sleep_for(time);
  stop = true;
  for (std::thread& writer : writers) {
    writer.join();
  }
  return entries.load() / watch.seconds();
}

void compare_writers(const std::filesystem::path& folder) {
  const auto database = must(store::Database::open({.path = folder / "tutela.db"}));
  const auto sequencer = must(audit::Sequencer::open(audit::LogOptions::in(folder), *database));
  must(sequencer->follow({}));
  for (int round = 1; round <= 3; ++round) {
    const double alone = write_for(*database, 5s);
    must(sequencer->follow({}));
    std::atomic<bool> stop{false};
    double longest = 0;
    std::thread follower([&] {
      while (!stop.load()) {
        const Stopwatch watch;
        must(sequencer->follow({}));
        longest = std::max(longest, watch.seconds());
        std::this_thread::sleep_for(200ms);
      }
    });
    const double followed = write_for(*database, 5s);
    stop = true;
    follower.join();
    std::printf(
        "round %d: %d writers %.0f entries/s, with tiles following %.0f (%.0f %%), longest step "
        "%.0f "
        "ms\n",
        round,
        kWriters,
        alone,
        followed,
        100 * followed / alone,
        1000 * longest);
  }
}

void verify_many(const std::filesystem::path& folder, std::uint64_t count) {
  const auto database = must(store::Database::open({.path = folder / "tutela.db"}));
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t end = std::min<std::uint64_t>(done + 20'000, count);
    must(database->write([&](store::Transaction& transaction) -> Status {
      for (; done < end; ++done) {
        const std::string object =
            "evidence:" + to_string(new_uuid(static_cast<UtcMs>(1'763'805'600'000 + done)));
        TUTELA_TRY(audit::add(transaction,
                              {"default", "person:" + std::to_string(done % 97), "reviewer"},
                              static_cast<UtcMs>(1'763'805'600'000 + done),
                              {"evidence.view", object, "review", "ok"}));
      }
      return ok();
    }));
  }
  const audit::LogOptions options = audit::LogOptions::in(folder);
  {
    const Stopwatch watch;
    auto sequencer = must(audit::Sequencer::open(options, *database));
    must(sequencer->follow({}));
    std::printf("sequenced %llu entries in %.1f s\n",
                static_cast<unsigned long long>(count),
                watch.seconds());
  }
  {
    const Stopwatch watch;
    must(audit::Sequencer::open(options, *database));
    std::printf("a start with all its checks: %.1f ms\n", 1000 * watch.seconds());
  }
  auto log = must(audit::Log::open(options, *database));
  for (int round = 1; round <= 2; ++round) {
    const Stopwatch watch;
    const audit::Verified verified = must(log.verify({}, {}));
    std::printf("verified %llu entries in %.1f s: %.2f s a million\n",
                static_cast<unsigned long long>(verified.checked),
                watch.seconds(),
                watch.seconds() * 1e6 / static_cast<double>(verified.checked));
  }
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < 100; ++i) {
    must(log.prove(i * (count / 100)));
  }
  std::printf("a proof: %.2f ms\n", 10 * watch.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 1 ? argv[1] : ".") /
      ("audit-bench-" + to_string(new_uuid(SystemClock().now_ms())));
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  std::filesystem::create_directories(folder / "writers");
  std::filesystem::create_directories(folder / "many");
  compare_writers(folder / "writers");
  verify_many(folder / "many", count);
  std::filesystem::remove_all(folder);
  return 0;
}

// Durable writes a second of the store: one caller, and 16 that share commits.
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
#include "custody/store/store.hpp"

namespace {

using namespace std::chrono_literals;

double writes_per_second(tutela::store::Database& database, int threads) {
  std::atomic<bool> stop{false};
  std::atomic<int> writes{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&] {
      while (!stop.load()) {
        const auto status = database.write([](tutela::store::Transaction& transaction) {
          return tutela::audit::add(
              transaction, {"default", "system"}, 1, {"bench.write", "bench:1", "test", "ok"});
        });
        if (!status) {
          std::fprintf(stderr, "%s\n", status.error().message.c_str());
          std::exit(2);
        }
        ++writes;
      }
    });
  }
  const auto start = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(3s);
  stop = true;
  for (std::thread& caller : callers) {
    caller.join();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return writes.load() / took.count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 1 ? argv[1] : ".") /
      ("store-bench-" + to_string(tutela::new_uuid(tutela::SystemClock().now_ms())));
  std::filesystem::create_directories(folder);
  auto database = tutela::store::Database::open({.path = folder / "tutela.db"});
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 2;
  }
  const double alone = writes_per_second(**database, 1);
  const double many = writes_per_second(**database, 16);
  std::printf("store: durable writes a second, 1 thread %.0f, 16 threads %.0f, ratio %.1f\n",
              alone,
              many,
              many / alone);
  database->reset();
  std::filesystem::remove_all(folder);
  return 0;
}

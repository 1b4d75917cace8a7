// What a fresh process for each item costs: a tiny picture through the workers, one caller and as
// many as there are processors, against the same work inside this process.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "engine/inspect/inspect.hpp"
#include "service/workers/workers.hpp"

namespace tutela::workers {
namespace {

constexpr int kWarmUpItems = 50;
constexpr int kItemsPerCaller = 1000;

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

/// The smallest picture there is to decode: a 16 x 16 BMP in grey.
std::string make_tiny_picture() {
  std::string bmp("BM\x36\x03\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x10\0\0\0\x10\0\0\0\x01\0\x18\0", 30);
  bmp.append(24, '\0');
  for (int i = 0; i < 16 * 16 * 3; ++i) {
    bmp.push_back(static_cast<char>((i * 7) & 255));
  }
  return bmp;
}

struct Figures {
  double items_per_second;
  double p50_ms;
  double p99_ms;
};

template <class Work>
Figures measure(unsigned callers, const Work& work) {
  std::vector<std::vector<double>> times(callers);
  const double began = now_ms();
  std::vector<std::thread> threads;
  for (unsigned caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      for (int i = 0; i < kItemsPerCaller; ++i) {
        const double start = now_ms();
        work();
        times[caller].push_back(now_ms() - start);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double took_ms = now_ms() - began;
  std::vector<double> all;
  for (const auto& some : times) {
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  return {static_cast<double>(all.size()) * 1000 / took_ms,
          all[all.size() / 2],
          all[all.size() * 99 / 100]};
}

void print(const char* name, const Figures& figures) {
  std::printf("%-28s %8.0f items/s   p50 %6.3f ms   p99 %6.3f ms\n",
              name,
              figures.items_per_second,
              figures.p50_ms,
              figures.p99_ms);
}

int run(const char* program) {
  const auto workers = Workers::start({.program = program, .limits = {}});
  if (!workers) {
    std::fprintf(stderr, "%s\n", workers.error().message.c_str());
    return 1;
  }
  const std::string picture = make_tiny_picture();
  std::atomic<bool> failed = false;
  const auto in_a_worker = [&] {
    const auto item = ItemBytes::from(as_bytes(picture));
    failed = failed || !item || !(*workers)->inspect(*item);
  };
  for (int i = 0; i < kWarmUpItems; ++i) {
    in_a_worker();
  }
  print("in this process, 1 caller",
        measure(1, [&] { failed = failed || !inspect::inspect(as_bytes(picture), {}); }));
  print("fresh process, 1 caller", measure(1, in_a_worker));
  const unsigned callers = (*workers)->health().processes_max;
  print(("fresh process, " + std::to_string(callers) + " callers").c_str(),
        measure(callers, in_a_worker));
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace tutela::workers

int main() {
  return tutela::workers::run(TUTELA_DECODE);
}

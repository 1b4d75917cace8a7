#include "match_probe.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include <sys/mman.h>

#include "base/check.hpp"
#include "engine/match/fetch.hpp"
#include "match_data.hpp"

namespace tutela::bench {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHuge = std::size_t{2} << 20;

/// Keeps the compiler from dropping reads.
void use(std::uint64_t sum) {
  asm volatile("" : : "r"(sum));
}

std::uint64_t word_at(const std::byte* address) {
  std::uint64_t word = 0;
  std::memcpy(&word, address, sizeof(word));
  return word;
}

}  // namespace

MemoryProbe::MemoryProbe(std::size_t bytes) {
  bytes = std::max(bytes / kHuge, std::size_t{32}) * kHuge;
  memory_ = static_cast<std::byte*>(std::aligned_alloc(kHuge, bytes));
  TUTELA_CHECK(memory_ != nullptr);
  ::madvise(memory_, bytes, MADV_HUGEPAGE);
  std::memset(memory_, 1, bytes);
  lines_ = bytes / kLine;
}

MemoryProbe::~MemoryProbe() {
  std::free(memory_);
}

double MemoryProbe::sequential() const {
  double best = 1e18;
  for (int run = 0; run < 3; ++run) {
    const Stopwatch watch;
    std::uint64_t sum = 0;
    for (std::size_t line = 0; line < lines_; ++line) {
      sum += word_at(memory_ + line * kLine);
    }
    use(sum);
    best = std::min(best, watch.seconds());
  }
  return static_cast<double>(lines_ * kLine) / best;
}

double MemoryProbe::random_line() const {
  return random_chunk(1);
}

double MemoryProbe::random_chunk(std::size_t lines) const {
  double best = 1e18;
  for (const bool far : {false, true}) {
    for (const std::size_t lines_ahead : {16U, 32U, 64U, 128U}) {
      const std::size_t ahead = std::max<std::size_t>(1, lines_ahead / lines);
      best = std::min(best, chunks_of(lines, ahead, far));
    }
  }
  return best;
}

double MemoryProbe::chunks_of(std::size_t lines, std::size_t ahead, bool far) const {
  // About 20 ms of work; the median of five.
  const std::size_t chunks = std::max<std::size_t>(2'000'000 / lines, 1000);
  std::vector<std::uint32_t> places(chunks + ahead);
  Random random(lines);
  std::ranges::generate(places,
                        [&] { return static_cast<std::uint32_t>(random() % (lines_ - lines)); });
  std::array<double, 5> runs{};
  for (double& run : runs) {
    const Stopwatch watch;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < chunks; ++i) {
      const std::byte* const next = memory_ + std::size_t{places[i + ahead]} * kLine;
      const std::byte* const chunk = memory_ + std::size_t{places[i]} * kLine;
      for (std::size_t line = 0; line < lines; ++line) {
        if (far) {
          match::fetch_later(next + line * kLine);
        } else {
          match::fetch_soon(next + line * kLine);
        }
      }
      for (std::size_t line = 0; line < lines; ++line) {
        sum += word_at(chunk + line * kLine);
      }
    }
    use(sum);
    run = watch.seconds() / static_cast<double>(chunks);
  }
  std::ranges::sort(runs);
  return runs[2];
}

}  // namespace tutela::bench

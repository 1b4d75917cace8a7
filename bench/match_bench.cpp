// Exact linear search: nanoseconds a signal for each kernel, with one and with eight orientations,
// over one million random signals, and the ratio to the scalar definition. The best of five runs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "engine/match/match.hpp"

namespace {

using namespace tutela::match;
using tutela::fingerprint::Pdq256;

constexpr std::int64_t kSignals = 1'000'000;
constexpr int kRuns = 5;

Pdq256 random_pdq(std::mt19937_64& random) {
  Pdq256 value;
  for (auto& word : value.words) {
    word = random();
  }
  return value;
}

double best_ns(const Generation& generation, std::span<const Pdq256> variants, std::size_t& hits) {
  double best = 1e18;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    hits = generation.search_pdq({variants, 0}).size();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace

int main() {
  std::mt19937_64 random(1);
  GenerationBuilder builder;
  const std::uint32_t list = builder.add_list({});
  std::vector<Pdq256> variants(8);
  std::ranges::generate(variants, [&] { return random_pdq(random); });
  for (std::int64_t id = 0; id < kSignals; ++id) {
    builder.add_pdq(list, id, id % 100'000 == 0 ? variants[7] : random_pdq(random));
  }
  const auto generation = std::move(builder).build();
  std::printf("match: %lld signals, %.1f bytes a signal\n",
              static_cast<long long>(kSignals),
              static_cast<double>(generation->size_bytes()) / static_cast<double>(kSignals));
  for (const std::size_t count : {1U, 8U}) {
    double scalar_ns = 0;
    for (const Kernel kernel : supported_kernels()) {
      force_kernel(kernel);
      std::size_t hits = 0;
      const double ns = best_ns(*generation, {variants.data() + 8 - count, count}, hits);
      scalar_ns = kernel == Kernel::kScalar ? ns : scalar_ns;
      std::printf(
          "match %zu variant%s %-7s %8.3f ns/signal %8.3f ms/search %6.1f x scalar (%zu hits)\n",
          count,
          count == 1 ? " " : "s",
          std::string(to_string(kernel)).c_str(),
          ns / static_cast<double>(kSignals),
          ns / 1e6,
          scalar_ns / ns,
          hits);
    }
  }
  return 0;
}

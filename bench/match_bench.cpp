// Exact search over random PDQ signals, one thread: the linear search by kernel (nanoseconds a
// signal, ratio to the scalar definition), then the index in the same run (build, bytes a signal,
// p50, p99, searches a second for one orientation and for eight, ratio to the linear search), then
// digests. `match_bench [--n N]`, one million by default. Half of the index's searches find a
// planted neighbour, and every answer of those is checked.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "engine/match/match.hpp"

namespace {

using namespace tutela::match;
using tutela::fingerprint::Pdq256;
using Clock = std::chrono::steady_clock;

constexpr int kLinearRuns = 5;
constexpr std::size_t kSearches = 4000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Pdq256 random_pdq(std::mt19937_64& random) {
  Pdq256 value;
  for (auto& word : value.words) {
    word = random();
  }
  return value;
}

Pdq256 near_to(Pdq256 value, std::mt19937_64& random) {
  for (int flips = 0; flips < 31; ++flips) {
    value.words[random() % 4] ^= std::uint64_t{1} << (random() % 64);
  }
  return value;
}

/// Two threads share the steps.
void run_in_two_threads(std::size_t count, const std::function<void(std::size_t)>& step) {
  const auto run_every_other = [&](std::size_t first) {
    for (std::size_t i = first; i < count; i += 2) {
      step(i);
    }
  };
  std::thread other(run_every_other, 1);
  run_every_other(0);
  other.join();
}

std::shared_ptr<const Generation> build(std::size_t n, const BuildOptions& options) {
  std::mt19937_64 random(1);
  GenerationBuilder builder;
  const std::uint32_t list = builder.add_list({});
  for (std::size_t id = 0; id < n; ++id) {
    builder.add_pdq(list, static_cast<std::int64_t>(id), random_pdq(random));
  }
  const auto start = Clock::now();
  auto generation = std::move(builder).build(options);
  const double took = seconds_since(start);
  std::printf("build  %-22s %8.2f s %10.0f signals/s %6.1f bytes/signal\n",
              options.index_signals_min != 0 ? "linear"
              : options.run_steps            ? "index, two threads"
                                             : "index, one thread",
              took,
              static_cast<double>(n) / took,
              static_cast<double>(generation->size_bytes()) / static_cast<double>(n));
  return generation;
}

double bench_linear(const Generation& generation, std::span<const Pdq256> variants) {
  double scalar = 0;
  double best = 0;
  for (const Kernel kernel : supported_kernels()) {
    force_kernel(kernel);
    best = 1e18;
    for (int run = 0; run < kLinearRuns; ++run) {
      const auto start = Clock::now();
      const std::size_t hits = generation.search_pdq({variants, 0}).size();
      best = std::min(best, seconds_since(start));
      TUTELA_CHECK(hits == 0);
    }
    scalar = kernel == Kernel::kScalar ? best : scalar;
    std::printf("linear %zu variant%s %-7s %9.3f ns/signal %10.3f ms/search %6.1f x scalar\n",
                variants.size(),
                variants.size() == 1 ? " " : "s",
                std::string(to_string(kernel)).c_str(),
                best * 1e9 / static_cast<double>(generation.size(SignalKind::kPdq)),
                best * 1e3,
                scalar / best);
  }
  return best;
}

/// Searches, of which every other one has a neighbour among the first signals.
std::vector<std::vector<Pdq256>> make_searches(std::size_t variants, std::size_t n) {
  std::mt19937_64 random(2);
  std::mt19937_64 planted(1);
  std::vector<std::vector<Pdq256>> searches(kSearches);
  for (std::size_t i = 0; i < kSearches; ++i) {
    searches[i].resize(variants);
    std::ranges::generate(searches[i], [&] { return random_pdq(random); });
    if (i % 2 == 0 && i / 2 < n) {
      searches[i].back() = near_to(random_pdq(planted), random);
    }
  }
  return searches;
}

void bench_index(const Generation& generation, std::size_t variants, double linear_seconds) {
  const auto searches = make_searches(variants, generation.size(SignalKind::kPdq));
  for (const Kernel kernel : supported_kernels()) {
    force_kernel(kernel);
    std::vector<double> took;
    const auto start_of_all = Clock::now();
    for (std::size_t i = 0; i < searches.size(); ++i) {
      const auto start = Clock::now();
      const std::size_t hits = generation.search_pdq({searches[i], 0}).size();
      took.push_back(seconds_since(start));
      TUTELA_CHECK(i % 2 != 0 || hits >= 1);
    }
    const double rate = static_cast<double>(searches.size()) / seconds_since(start_of_all);
    std::ranges::sort(took);
    const double p50 = took[took.size() / 2];
    std::printf(
        "index  %zu variant%s %-7s p50 %8.1f us p99 %8.1f us %9.0f searches/s %7.1f x linear\n",
        variants,
        variants == 1 ? " " : "s",
        std::string(to_string(kernel)).c_str(),
        p50 * 1e6,
        took[took.size() * 99 / 100] * 1e6,
        rate,
        linear_seconds / p50);
  }
}

void bench_digests(std::size_t n) {
  std::mt19937_64 random(3);
  const auto random_digest = [&] {
    tutela::Bytes bytes(32);
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(random());
    }
    return bytes;
  };
  std::vector<tutela::Bytes> wanted;
  GenerationBuilder builder;
  const std::uint32_t list = builder.add_list({});
  for (std::size_t id = 0; id < n; ++id) {
    const auto digest = random_digest();
    builder.add_digest(list, static_cast<std::int64_t>(id), SignalKind::kSha256, digest);
    if (wanted.size() < 100'000) {
      wanted.push_back(digest);
    }
  }
  const auto generation = std::move(builder).build();
  const auto start = Clock::now();
  std::size_t hits = 0;
  for (const auto& digest : wanted) {
    hits += generation->search_digest(SignalKind::kSha256, digest).size();
  }
  const double took = seconds_since(start);
  TUTELA_CHECK(hits == wanted.size());
  std::printf("digest SHA-256 %zu signals %5.1f bytes/signal %10.0f lookups/s\n",
              n,
              static_cast<double>(generation->size_bytes()) / static_cast<double>(n),
              static_cast<double>(wanted.size()) / took);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t n = 1'000'000;
  if (argc == 3 && std::strcmp(argv[1], "--n") == 0) {
    n = std::strtoull(argv[2], nullptr, 10);
  }
  if (n == 0 || argc == 2 || argc > 3) {
    std::fprintf(stderr, "usage: match_bench [--n SIGNALS]\n");
    return 2;
  }
  std::printf("match: %zu signals\n", n);
  std::mt19937_64 random(7);
  std::vector<Pdq256> variants(8);
  std::ranges::generate(variants, [&] { return random_pdq(random); });
  double linear_one = 0;
  double linear_eight = 0;
  {
    const auto linear = build(n, {.index_signals_min = n + 1, .run_steps = {}});
    linear_one = bench_linear(*linear, {variants.data(), 1});
    linear_eight = bench_linear(*linear, variants);
  }
  build(n, {.index_signals_min = 0, .run_steps = {}});
  const auto indexed = build(n, {.index_signals_min = 0, .run_steps = run_in_two_threads});
  bench_index(*indexed, 1, linear_one);
  bench_index(*indexed, 8, linear_eight);
  bench_digests(n);
  return 0;
}

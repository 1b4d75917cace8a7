// Exact search over PDQ hashes and digests, all in one run; bench/README.md explains each figure.
// `match_bench [--n N] [--queries Q] [--no-faiss]`: a million hashes by default. Every other search
// is for a planted neighbour, and each of these must be found.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "base/check.hpp"
#include "engine/match/digest_set.hpp"
#include "engine/match/index_stream.hpp"
#include "engine/match/scan.hpp"
#include "match_data.hpp"
#include "match_faiss.hpp"
#include "match_probe.hpp"

namespace {

using namespace tutela::bench;
using namespace tutela::match;

constexpr int kLimit = 31;

double of(std::size_t count) {
  return static_cast<double>(count);
}

void print(const std::string& what, const Timing& timing, const std::string& beside = {}) {
  std::printf("%-36s p50 %9.1f us  p99 %9.1f us %9.0f searches/s%s\n",
              what.c_str(),
              timing.p50_us,
              timing.p99_us,
              timing.rate,
              beside.c_str());
}

/// The linear search over everything; returns the milliseconds of the best kernel.
double bench_linear(std::span<const Pdq256> values, std::span<const Pdq256> variants) {
  std::array<std::vector<std::uint32_t>, kPlanes> planes;
  for (std::size_t p = 0; p < kPlanes; ++p) {
    planes[p].reserve(values.size() + kPlanePadding);
    for (const Pdq256& value : values) {
      planes[p].push_back(plane_words(value)[p]);
    }
    planes[p].resize(values.size() + kPlanePadding);
  }
  std::vector<Candidate> out(kCandidatesMax);
  double scalar = 0;
  double best = 0;
  for (const Kernel kernel : supported_kernels()) {
    force_kernel(kernel);
    best = 1e18;
    for (int run = 0; run < (values.size() > 20'000'000 ? 1 : 3); ++run) {
      const Stopwatch watch;
      for (std::size_t row = 0; row < values.size(); row += kScanRowsMax) {
        const ScanRows rows{{&planes[0][row], &planes[1][row], &planes[2][row]},
                            &values[row],
                            std::min(kScanRowsMax, values.size() - row)};
        active_scan()(rows, variants, kLimit, out.data());
      }
      best = std::min(best, watch.seconds() * 1e3);
    }
    scalar = kernel == Kernel::kScalar ? best : scalar;
    std::printf("linear, %zu variant%s, %-6s %10.2f ms/search %7.3f ns/signal %6.1f x scalar\n",
                variants.size(),
                variants.size() == 1 ? " " : "s",
                std::string(to_string(kernel)).c_str(),
                best,
                best * 1e6 / of(values.size()),
                scalar / best);
  }
  return best;
}

Timing time_index(const Index& index, const Values& values, std::size_t variants, int limit) {
  std::vector<NearRow> near;
  const std::size_t count = values.queries.size() / variants;
  return time_five(count, [&](std::size_t i) {
    near.clear();
    const std::span queries = std::span(values.queries).subspan(i * variants, variants);
    TUTELA_CHECK(index.search(queries, limit, near));
    TUTELA_CHECK(variants * i % 2 != 0 || !near.empty());
  });
}

double rate_in_two_threads(const Index& index, const Values& values) {
  const Stopwatch watch;
  in_threads(2, [&](std::size_t thread) {
    std::vector<NearRow> near;
    for (std::size_t i = thread; i < values.queries.size(); i += 2) {
      near.clear();
      TUTELA_CHECK(index.search({&values.queries[i], 1}, kLimit, near));
    }
  });
  return of(values.queries.size()) / watch.seconds();
}

/// What a search touches, on average.
struct Touched {
  double directory = 0;  // lines
  double chunks = 0;     // of tags
  double lines = 0;      // of these
  double survivors = 0;  // a line of ids and one of values each
};

Touched touched_by(const Blocks& blocks, const Values& values) {
  const BlockLayout layout(values.all.size());
  const IndexKernel kernel = index_kernel(active_kernel());
  Touched touched;
  TagBatch batch;
  std::vector<NearLanes> near(TagBatch::kLinesMax + 1);
  const std::size_t queries = std::min<std::size_t>(200, values.queries.size());
  for (std::size_t i = 0; i < queries; ++i) {
    TagStream stream(blocks.begins(), layout, {&values.queries[i], 1}, ring_limits(kLimit));
    while (!stream.ended()) {
      stream.next(batch);
      touched.chunks += batch.piece_count;
      touched.lines += batch.line_count;
      const auto lines = std::span(batch.lines).first(batch.line_count);
      const std::size_t found = kernel.near_lanes(batch, lines, near.data());
      for (const NearLanes& line : std::span(near).first(found)) {
        touched.survivors += std::popcount(line.lanes);
      }
    }
    // Of the 17 starts of a band, those that differ in the last four bits share a line.
    touched.directory += 13.0 * kBands;
  }
  const double count = of(queries);
  return {touched.directory / count,
          touched.chunks / count,
          touched.lines / count,
          touched.survivors / count};
}

/// Prints what memory gives, and how near the search is to it.
void bench_limit(const Blocks& blocks, const Values& values, const Timing& timing) {
  const MemoryProbe probe(std::min(blocks.bytes(), std::size_t{2} << 30));
  const Touched touched = touched_by(blocks, values);
  const auto lines_of_chunk =
      std::max<std::size_t>(1, static_cast<std::size_t>(touched.lines / touched.chunks + 0.5));
  const double line = probe.random_line();
  const double chunk = probe.random_chunk(lines_of_chunk);
  std::printf(
      "probe: sequential %.1f GB/s, random line %.2f ns, chunk of %zu lines %.1f ns (%.1f GB/s)\n",
      probe.sequential() / 1e9,
      line * 1e9,
      lines_of_chunk,
      chunk * 1e9,
      of(lines_of_chunk) * 64 / chunk / 1e9);
  const double of_tags = chunk / of(lines_of_chunk) * touched.lines;
  const double of_lines = line * (touched.directory + 2 * touched.survivors);
  const double limit_us = (of_tags + of_lines) * 1e6;
  std::printf(
      "a search touches %.0f lines of the directory, %.0f lines of tags in %.0f chunks, %.0f ids "
      "and as many values:\n"
      "  %.1f + %.1f us in the probe; p50 is %.2f x, the mean %.2f x\n",
      touched.directory,
      touched.lines,
      touched.chunks,
      touched.survivors,
      of_tags * 1e6,
      of_lines * 1e6,
      timing.p50_us / limit_us,
      1e6 / timing.rate / limit_us);
}

void bench_pages(const Blocks& blocks, const Values& values) {
  // 12 GB more would not fit where 100 million do.
  if (values.all.size() > 20'000'000) {
    return;
  }
  Blocks small(values.all.span(), false);
  small.copy(blocks);
  print("index on 4 KiB pages", time_index(small.index(), values, 1, kLimit));
}

/// Returns the timing of one variant.
Timing bench_index(const Values& values, double linear_one_ms, double linear_eight_ms) {
  Blocks blocks(values.all.span(), true);
  const double n = of(values.all.size());
  double took = blocks.build(1);
  std::printf("build  index, one thread  %8.2f s %12.0f signals/s\n", took, n / took);
  took = blocks.build(2);
  std::printf("build  index, two threads %8.2f s %12.0f signals/s\n", took, n / took);
  std::printf("memory index %.1f bytes/signal, with the values %.1f\n",
              of(blocks.bytes()) / n,
              of(blocks.bytes()) / n + sizeof(Pdq256));
  const Index index = blocks.index();
  Timing best;
  for (const Kernel kernel : supported_kernels()) {
    force_kernel(kernel);
    best = time_index(index, values, 1, kLimit);
    print("index, 1 variant , " + std::string(to_string(kernel)),
          best,
          "  " + std::to_string(static_cast<int>(linear_one_ms * 1e3 / best.p50_us)) + " x linear");
  }
  const Timing eight = time_index(index, values, 8, kLimit);
  print(
      "index, 8 variants",
      eight,
      "  " + std::to_string(static_cast<int>(linear_eight_ms * 1e3 / eight.p50_us)) + " x linear");
  std::printf("8 variants cost %.2f x one\n", eight.p50_us / best.p50_us);
  std::printf("p99 / p50 %.2f\n", best.p99_us / best.p50_us);
  const double two = rate_in_two_threads(index, values);
  std::printf("two threads %.0f searches/s, %.2f x one\n", two, two / best.rate);
  bench_limit(blocks, values, best);
  bench_pages(blocks, values);
  for (const int limit : {47, 63}) {
    Values few{HugeArray<Pdq256>(), {values.queries.begin(), values.queries.begin() + 100}};
    print("index, distance " + std::to_string(limit), time_index(index, few, 1, limit));
  }
  return best;
}

void bench_skewed(std::size_t n, std::size_t queries, const Timing& uniform) {
  const Values values = skewed_values(n, queries);
  Blocks blocks(values.all.span(), true);
  blocks.build(2);
  const Timing timing = time_index(blocks.index(), values, 1, kLimit);
  print("index, skewed values", timing);
  std::printf("skewed p99 / uniform p99 %.2f\n", timing.p99_us / uniform.p99_us);
}

void bench_digests(std::size_t n) {
  Random random(3);
  const auto random_entry = [&] {
    DigestEntry entry;
    for (std::size_t i = 0; i < entry.value.size(); i += sizeof(std::uint64_t)) {
      const std::uint64_t word = random();
      std::memcpy(&entry.value[i], &word, sizeof(word));
    }
    return entry;
  };
  std::vector<DigestEntry> entries(n);
  std::ranges::generate(entries, random_entry);
  constexpr std::size_t kLookups = 1'000'000;
  std::vector<std::array<std::byte, 32>> hits;
  std::vector<std::array<std::byte, 32>> misses;
  for (std::size_t i = 0; i < kLookups; ++i) {
    hits.push_back(entries[random() % n].value);
    misses.push_back(random_entry().value);
  }
  std::ranges::sort(entries);
  HugeArray<std::byte> block(digest_block_bytes(SignalKind::kSha256, n));
  const Stopwatch build;
  DigestBlockBuilder builder(SignalKind::kSha256, n, {block.data(), block.size()});
  std::ranges::for_each(entries, [&](const DigestEntry& entry) { builder.add(entry); });
  builder.finish();
  std::printf("digest SHA-256 %.2f bytes/signal, block of sorted ones in %.2f s\n",
              of(block.size()) / of(n),
              build.seconds());
  entries = {};
  const DigestSet set(SignalKind::kSha256, n, block.data());
  for (const auto* const wanted : {&hits, &misses}) {
    const std::size_t expected = wanted == &hits ? kLookups : 0;
    std::vector<tutela::ByteView> views(wanted->begin(), wanted->end());
    std::vector<double> single;
    std::vector<double> batched;
    std::vector<Hit> found;
    std::vector<DigestMatch> matches;
    for (int run = 0; run < 5; ++run) {  // the first of which makes room
      found.clear();
      matches.clear();
      const Stopwatch one;
      for (const tutela::ByteView view : views) {
        set.find(view, found);
      }
      single.push_back(of(kLookups) / one.seconds());
      TUTELA_CHECK(found.size() == expected);
      const Stopwatch all;
      set.find_all(views, matches);
      batched.push_back(of(kLookups) / all.seconds());
      TUTELA_CHECK(matches.size() == expected);
    }
    std::ranges::sort(single);
    std::ranges::sort(batched);
    std::printf("digest %-6s batched %6.1f M lookups/s, one by one %6.1f M\n",
                wanted == &hits ? "hits" : "misses",
                batched[2] / 1e6,
                single[2] / 1e6);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t n = 1'000'000;
  std::size_t queries = 8000;
  bool with_faiss = true;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--no-faiss") {
      with_faiss = false;
    } else if (option == "--n" && i + 1 < argc) {
      n = std::strtoull(argv[++i], nullptr, 10);
    } else if (option == "--queries" && i + 1 < argc) {
      queries = std::strtoull(argv[++i], nullptr, 10);
    } else {
      n = 0;
    }
  }
  if (n == 0 || queries < 200) {
    std::fprintf(stderr, "usage: match_bench [--n SIGNALS] [--queries 200..] [--no-faiss]\n");
    return 2;
  }
  std::printf("match: %zu signals, %zu searches, distance %d\n", n, queries, kLimit);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Timing uniform;
  {
    const Values values = random_values(n, queries);
    const std::span variants = std::span(values.queries).first(8);
    const double one = bench_linear(values.all.span(), variants.first(1));
    const double eight = bench_linear(values.all.span(), variants);
    uniform = bench_index(values, one, eight);
    if (with_faiss) {
      const double rate = bench_faiss(values.all.span(), values.queries);
      if (rate != 0) {
        std::printf("index / faiss MultiHash: %.0f x the searches a second\n", uniform.rate / rate);
      }
    }
  }
  bench_skewed(n, queries, uniform);
  bench_digests(n);
  return 0;
}

#include "match_faiss.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <numeric>
#include <vector>

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/IndexIDMap.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include "base/check.hpp"

namespace tutela::bench {
namespace {

constexpr int kRadius = 32;  // below it, so up to 31

const std::uint8_t* bytes_of(const Pdq256& value) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): FAISS takes plain bytes.
  return reinterpret_cast<const std::uint8_t*>(value.words.data());
}

/// Every other search must find what is planted.
Timing time_searches(const faiss::IndexBinary& index,
                     std::span<const Pdq256> queries,
                     std::size_t count) {
  return time_once(std::min(count, queries.size()), [&](std::size_t i) {
    faiss::RangeSearchResult result(1);
    index.range_search(1, bytes_of(queries[i]), kRadius, &result);
    TUTELA_CHECK(i % 2 != 0 || result.lims[1] >= 1);
  });
}

void print(const char* name, double build, const Timing& timing) {
  std::printf("faiss  %-28s build %7.1f s  p50 %9.1f us  p99 %9.1f us %9.1f searches/s\n",
              name,
              build,
              timing.p50_us,
              timing.p99_us,
              timing.rate);
}

}  // namespace

double bench_faiss(std::span<const Pdq256> values, std::span<const Pdq256> queries) {
  omp_set_num_threads(1);
  std::vector<faiss::IndexBinary::idx_t> ids(values.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto count = static_cast<faiss::IndexBinary::idx_t>(values.size());
  {
    faiss::IndexBinaryFlat flat(256);
    const Stopwatch watch;
    flat.add(count, bytes_of(values.front()));
    const double build = watch.seconds();
    print("IndexBinaryFlat", build, time_searches(flat, queries, 20));
  }
  faiss::IndexBinaryMultiHash hash(256, 16, 16);
  hash.nflip = 1;
  faiss::IndexBinaryIDMap2 mapped(&hash);
  const Stopwatch watch;
  mapped.add_with_ids(count, bytes_of(values.front()), ids.data());
  const double build = watch.seconds();
  const Timing timing = time_searches(mapped, queries, 400);
  print("IndexBinaryMultiHash 16x16 +1", build, timing);
  return timing.rate;
}

}  // namespace tutela::bench

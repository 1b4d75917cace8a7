#include "match_data.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include <sys/mman.h>

#include "base/check.hpp"

namespace tutela::bench {
namespace {

Pdq256 random_pdq(Random& random) {
  Pdq256 value;
  for (auto& word : value.words) {
    word = random();
  }
  return value;
}

Pdq256 near_to(Pdq256 value, std::uint64_t flips, Random& random) {
  for (std::uint64_t i = 0; i < flips; ++i) {
    value.words[random() % 4] ^= std::uint64_t{1} << (random() % 64);
  }
  return value;
}

/// Bits with a bias each: each word is thresholded from bytes, eight bits of a random word a bit.
class Biased {
 public:
  explicit Biased(Random& random) {
    for (auto& threshold : thresholds_) {
      threshold = static_cast<std::uint8_t>(77 + random() % 103);  // 0.3 to 0.7 of 256
    }
  }

  Pdq256 make(Random& random) const {
    Pdq256 value;
    for (std::size_t bit = 0; bit < 256;) {
      std::uint64_t bytes = random();
      for (int i = 0; i < 8; ++i, ++bit, bytes >>= 8) {
        const bool is_set = (bytes & 0xFF) < thresholds_[bit];
        value.words[bit / 64] |= static_cast<std::uint64_t>(is_set) << (bit % 64);
      }
    }
    return value;
  }

 private:
  std::array<std::uint8_t, 256> thresholds_{};
};

std::vector<Pdq256> queries_for(std::span<const Pdq256> values,
                                std::size_t count,
                                const std::function<Pdq256()>& make,
                                Random& random) {
  std::vector<Pdq256> queries;
  for (std::size_t i = 0; i < count; ++i) {
    queries.push_back(i % 2 == 0 ? near_to(values[random() % values.size()], 31, random) : make());
  }
  return queries;
}

Timing timing_of(std::vector<double>& took, double seconds) {
  std::ranges::sort(took);
  return {took[took.size() / 2] * 1e6,
          took[took.size() * 99 / 100] * 1e6,
          static_cast<double>(took.size()) / seconds};
}

}  // namespace

Values random_values(std::size_t count, std::size_t queries) {
  Random random(1);
  Values values{HugeArray<Pdq256>(count), {}};
  std::generate_n(values.all.data(), count, [&] { return random_pdq(random); });
  values.queries = queries_for(
      values.all.span(), queries, [&] { return random_pdq(random); }, random);
  return values;
}

Values skewed_values(std::size_t count, std::size_t queries) {
  Random random(2);
  const Biased biased(random);
  std::vector<Pdq256> centres(std::max<std::size_t>(1, count / 50));
  std::ranges::generate(centres, [&] { return biased.make(random); });
  Values values{HugeArray<Pdq256>(count), {}};
  std::generate_n(values.all.data(), count, [&] {
    return random() % 5 == 0 ? near_to(centres[random() % centres.size()], random() % 21, random)
                             : biased.make(random);
  });
  values.queries = queries_for(
      values.all.span(), queries, [&] { return biased.make(random); }, random);
  return values;
}

Blocks::Blocks(std::span<const Pdq256> values, bool huge_pages)
    : values_(values), bytes_of_band_(match::band_bytes(values.size())) {
  constexpr std::size_t kHuge = std::size_t{2} << 20;
  bytes_mapped_ = (bytes_of_band_ + kHuge - 1) / kHuge * kHuge;
  for (std::size_t band = 0; band < match::kBands; ++band) {
    void* const block = std::aligned_alloc(kHuge, bytes_mapped_);
    TUTELA_CHECK(block != nullptr);
    ::madvise(block, bytes_mapped_, huge_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    blocks_[band] = static_cast<std::byte*>(block);
    begins_[band] = blocks_[band];
  }
}

Blocks::~Blocks() {
  for (std::byte* const block : blocks_) {
    std::free(block);
  }
}

double Blocks::build(std::size_t threads) {
  const Stopwatch watch;
  in_threads(threads, [&](std::size_t thread) {
    for (std::size_t band = thread; band < match::kBands; band += threads) {
      match::build_band(band, values_, {blocks_[band], bytes_of_band_});
    }
  });
  return watch.seconds();
}

void Blocks::copy(const Blocks& other) {
  for (std::size_t band = 0; band < match::kBands; ++band) {
    std::memcpy(blocks_[band], other.blocks_[band], bytes_of_band_);
  }
}

Timing time_once(std::size_t count, const std::function<void(std::size_t)>& search) {
  std::vector<double> took;
  took.reserve(count);
  const Stopwatch all;
  for (std::size_t i = 0; i < count; ++i) {
    const Stopwatch one;
    search(i);
    took.push_back(one.seconds());
  }
  return timing_of(took, all.seconds());
}

Timing time_five(std::size_t count, const std::function<void(std::size_t)>& search) {
  std::array<Timing, 5> runs;
  std::ranges::generate(runs, [&] { return time_once(count, search); });
  const auto median = [&](double Timing::*what) {
    std::ranges::sort(runs, {}, what);
    return runs[2].*what;
  };
  return {median(&Timing::p50_us), median(&Timing::p99_us), median(&Timing::rate)};
}

void in_threads(std::size_t threads, const std::function<void(std::size_t)>& run) {
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) {
    others.emplace_back([&, thread] { run(thread); });
  }
  run(0);
}

}  // namespace tutela::bench

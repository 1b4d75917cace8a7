#include "engine/match/scan.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "engine/match/test_values.hpp"

namespace tutela::match {
namespace {

using Pairs = std::set<std::pair<std::uint32_t, std::uint32_t>>;

/// Rows as a generation holds them: exactly the promised padding, so that ASan sees one step more.
struct Rows {
  explicit Rows(std::vector<Pdq256> all) : values(std::move(all)) {
    for (std::size_t p = 0; p < kPlanes; ++p) {
      planes[p] = std::make_unique<std::uint32_t[]>(values.size() + kPlanePadding);
      for (std::size_t row = 0; row < values.size(); ++row) {
        planes[p][row] = plane_words(values[row])[p];
      }
    }
  }

  [[nodiscard]] ScanRows view() const {
    return {{planes[0].get(), planes[1].get(), planes[2].get()}, values.data(), values.size()};
  }

  std::vector<Pdq256> values;
  std::array<std::unique_ptr<std::uint32_t[]>, kPlanes> planes;
};

/// What a kernel leaves after the caller's comparison of all bits.
Pairs pairs_of(const Rows& rows, std::span<const Pdq256> variants, int limit) {
  std::vector<Candidate> out(kCandidatesMax);
  out.resize(active_scan()(rows.view(), variants, limit, out.data()));
  Pairs pairs;
  for (const Candidate& candidate : out) {
    if (fingerprint::distance(rows.values.at(candidate.row), variants[candidate.variant]) <=
        limit) {
      EXPECT_TRUE(pairs.emplace(candidate.row, candidate.variant).second) << "a pair twice";
    }
  }
  return pairs;
}

Pairs naive_pairs(const std::vector<Pdq256>& values, std::span<const Pdq256> variants, int limit) {
  Pairs pairs;
  for (std::uint32_t row = 0; row < values.size(); ++row) {
    for (std::uint32_t v = 0; v < variants.size(); ++v) {
      if (fingerprint::distance(values[row], variants[v]) <= limit) {
        pairs.emplace(row, v);
      }
    }
  }
  return pairs;
}

class EveryKernel : public testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override { force_kernel(GetParam()); }

  void TearDown() override { force_kernel(before_); }

  Kernel before_ = active_kernel();
  Random random_{std::random_device{}()};
};

TEST_P(EveryKernel, IsTheOneThatWasForced) {
  EXPECT_EQ(active_kernel(), GetParam());
}

TEST_P(EveryKernel, FindsPlantedNeighboursAtEachDistanceAndNoneBeyond) {
  for (const std::size_t variant_count : {1U, 8U}) {
    std::vector<Pdq256> variants(variant_count);
    std::ranges::generate(variants, [&] { return random_pdq(random_); });
    std::vector<Pdq256> values;
    for (std::size_t distance = 0; distance <= 32; ++distance) {
      for (const Pdq256& variant : variants) {
        values.push_back(flipped(variant, distance, random_));
        values.push_back(random_pdq(random_));
      }
    }
    const Rows rows(values);
    for (int limit = -1; limit <= 31; ++limit) {
      const Pairs expected = naive_pairs(values, variants, limit);
      EXPECT_GE(expected.size(), static_cast<std::size_t>(limit + 1) * variant_count);
      EXPECT_EQ(pairs_of(rows, variants, limit), expected) << "limit " << limit;
    }
  }
}

TEST_P(EveryKernel, FindsNeighboursWhoseFlipsAllFallIntoOneWord) {
  const Pdq256 query = random_pdq(random_);
  std::vector<Pdq256> values;
  for (std::size_t word = 0; word < 4; ++word) {
    for (const std::uint64_t bits : {0x7FFFFFFFULL,
                                     0xFFFFFFFFULL,
                                     0xFFFFFFFE00000000ULL,
                                     0xFFFFFFFF00000000ULL,
                                     0xAAAAAAAAAAAAAAA8ULL}) {
      values.push_back(query);
      values.back().words[word] ^= bits;
    }
  }
  EXPECT_EQ(pairs_of(Rows(values), {&query, 1}, 31), naive_pairs(values, {&query, 1}, 31));
  EXPECT_EQ(pairs_of(Rows(values), {&query, 1}, 31).size(), 12U);
}

TEST_P(EveryKernel, AgreesForEverySizeAroundTheVectors) {
  std::vector<Pdq256> variants(8);
  std::ranges::generate(variants, [&] { return random_pdq(random_); });
  for (std::size_t size = 0; size <= 70; ++size) {
    std::vector<Pdq256> values;
    while (values.size() < size) {
      values.push_back(flipped(variants[random_() % 8], random_() % 40, random_));
    }
    const Rows rows(values);
    EXPECT_EQ(pairs_of(rows, variants, 31), naive_pairs(values, variants, 31)) << size;
    EXPECT_EQ(pairs_of(rows, {&variants[3], 1}, 20), naive_pairs(values, {&variants[3], 1}, 20));
  }
}

TEST_P(EveryKernel, CopesWithAllRowsEqualToAllVariants) {
  const std::vector<Pdq256> values(kScanRowsMax, random_pdq(random_));
  const std::vector<Pdq256> variants(8, values[0]);
  EXPECT_EQ(pairs_of(Rows(values), variants, 0).size(), kCandidatesMax);
}

INSTANTIATE_TEST_SUITE_P(Scan,
                         EveryKernel,
                         testing::ValuesIn(supported_kernels()),
                         [](const auto& kernel) { return std::string(to_string(kernel.param)); });

TEST(Kernels, TheLastSupportedIsTheDefault) {
  EXPECT_EQ(supported_kernels().front(), Kernel::kScalar);
  if (std::getenv("TUTELA_MATCH_KERNEL") == nullptr) {
    EXPECT_EQ(active_kernel(), supported_kernels().back());
  }
}

}  // namespace
}  // namespace tutela::match

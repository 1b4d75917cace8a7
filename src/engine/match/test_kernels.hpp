// KernelTest: a test that runs with every kernel of this CPU, on random values whose seed is told.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/match/match.hpp"
#include "engine/match/test_values.hpp"

namespace tutela::match {

class KernelTest : public testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override {
    force_kernel(GetParam());
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    trace_ =
        std::make_unique<testing::ScopedTrace>(__FILE__, __LINE__, "seed " + std::to_string(seed));
    random_.seed(seed);
  }

  void TearDown() override { force_kernel(before_); }

  std::vector<Pdq256> random_values(std::size_t count) {
    std::vector<Pdq256> values(count);
    std::ranges::generate(values, [&] { return random_pdq(random_); });
    return values;
  }

  Kernel before_ = active_kernel();
  Random random_;
  std::unique_ptr<testing::ScopedTrace> trace_;
};

/// `value` with `count` different bits of one band flipped.
inline Pdq256 flip_in_band(Pdq256 value, std::size_t band, std::size_t count, Random& random) {
  std::array<std::size_t, 16> bits{};
  std::iota(bits.begin(), bits.end(), 0U);
  std::ranges::shuffle(bits, random);
  for (std::size_t i = 0; i < count; ++i) {
    value.words[band / 4] ^= std::uint64_t{1} << (bits[i] + 48 - 16 * (band % 4));
  }
  return value;
}

}  // namespace tutela::match

#include "engine/redact/shrink.hpp"

#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

/// The definition: every output pixel is the mean over its area, in units that make it exact.
Picture shrink_slowly(const Picture& in, Size to) {
  return paint(to.width, to.height, in.channels, [&](auto x, auto y, auto c) {
    std::uint64_t total = 0;
    for (std::uint64_t v = std::uint64_t{y} * in.height; v < std::uint64_t{y + 1} * in.height;
         ++v) {
      for (std::uint64_t u = std::uint64_t{x} * in.width; u < std::uint64_t{x + 1} * in.width;
           ++u) {
        total += in.pixels[(v / to.height * in.width + u / to.width) * in.channels + c];
      }
    }
    const std::uint64_t area = std::uint64_t{in.width} * in.height;
    return static_cast<std::uint8_t>((total + area / 2) / area);
  });
}

Picture shrink(const Picture& in, Size to) {
  Shrinker shrinker({in.width, in.height}, to, in.channels);
  shrinker.add_rows(in.pixels.data(), in.stride(), in.height);
  return shrinker.take();
}

TEST(FitInto, KeepsTheShapeAndNeverGrows) {
  EXPECT_EQ(fit_into({4000, 3000}, 2048), (Size{2048, 1536}));
  EXPECT_EQ(fit_into({3000, 4000}, 16), (Size{12, 16}));
  EXPECT_EQ(fit_into({100, 7}, 160), (Size{100, 7}));
  EXPECT_EQ(fit_into({65'535, 1}, 16), (Size{16, 1}));
  EXPECT_EQ(fit_into({1, 65'535}, 2048), (Size{1, 2048}));
  EXPECT_EQ(fit_into({1, 1}, 1), (Size{1, 1}));
}

TEST(Shrinker, IsTheExactAverageOfTheArea) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    const Picture in = noise(random,
                             static_cast<std::uint32_t>(1 + random() % 40),
                             static_cast<std::uint32_t>(1 + random() % 40),
                             random() % 2 == 0 ? 1 : 3);
    const Size to{static_cast<std::uint32_t>(1 + random() % in.width),
                  static_cast<std::uint32_t>(1 + random() % in.height)};
    EXPECT_EQ(shrink(in, to), shrink_slowly(in, to))
        << in.width << "x" << in.height << " to " << to.width << "x" << to.height;
  }
}

TEST(Shrinker, GivesTheSameForStripsOfAnyHeightAndStride) {
  std::mt19937_64 random(1);
  const Picture in = noise(random, 61, 97, 3);
  const Picture whole = shrink(in, {16, 25});
  Shrinker shrinker({61, 97}, {16, 25}, 3);
  for (std::uint32_t y = 0; y < 97;) {
    const auto count = std::min(static_cast<std::uint32_t>(random() % 9), 97 - y);
    const std::size_t stride = in.stride() + random() % 5;
    std::vector<std::uint8_t> strip(stride * count);
    for (std::uint32_t i = 0; i < count; ++i) {
      std::copy_n(&in.pixels[in.stride() * (y + i)], in.stride(), &strip[stride * i]);
    }
    shrinker.add_rows(strip.data(), stride, count);
    y += count;
  }
  EXPECT_EQ(shrinker.take(), whole);
}

TEST(Shrinker, HoldsTheLargestSidesWithoutOverflow) {
  for (const Size size : {Size{65'535, 3}, Size{3, 65'535}}) {
    const Picture white = paint(size.width, size.height, 3, [](auto...) { return 255; });
    for (const std::uint32_t side : {1U, 16U, 2048U}) {
      const Picture small = shrink(white, fit_into(size, side));
      EXPECT_TRUE(std::all_of(small.pixels.begin(), small.pixels.end(), [](std::uint8_t value) {
        return value == 255;
      }));
    }
  }
}

TEST(ShrinkerDeathTest, EndsTheProcessWhenRowsAreMissingOrTooMany) {
  const std::vector<std::uint8_t> rows(100);
  Shrinker missing({10, 10}, {2, 2}, 1);
  missing.add_rows(rows.data(), 10, 9);
  EXPECT_DEATH(static_cast<void>(missing.take()), "rows_in_");
  EXPECT_DEATH(missing.add_rows(rows.data(), 10, 2), "count");
}

}  // namespace
}  // namespace tutela::redact

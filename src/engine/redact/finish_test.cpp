#include "engine/redact/finish.hpp"

#include <set>

#include "engine/redact/imprint.hpp"
#include "engine/redact/shrink.hpp"
#include "engine/redact/test_support.hpp"

namespace tutela::redact {
namespace {

const Mark kMark{.person = "p-3f9a1c7e", .at_ms = 1'795'341'840'000, .case_ref = "CASE-2026-00417"};

TEST(Enlarge, MakesRoomForTheMarkWhateverTheShape) {
  for (const Size size : {Size{1, 1},
                          Size{16, 1},
                          Size{1, 16},
                          Size{2048, 1},
                          Size{1, 2048},
                          Size{160, 91},
                          Size{1279, 1279},
                          Size{2048, 2048}}) {
    for (const Grade grade : kGrades) {
      for (const std::uint32_t channels : {1U, 3U}) {
        const Picture large = enlarge(make_picture(size.width, size.height, channels), grade);
        EXPECT_GE(std::max(large.width, large.height), kMarkedLongerMin);
        EXPECT_GE(std::min(large.width, large.height), kMarkedShorterMin);
        EXPECT_LE(std::max(large.width, large.height), 2048U);
        EXPECT_EQ(large.channels, channels);
        EXPECT_EQ(large.pixels.size(), large.stride() * large.height);
      }
    }
  }
}

TEST(Enlarge, LeavesALargePictureAsItIs) {
  std::mt19937_64 random(8);
  const Picture picture = noise(random, 1400, 800, 3);
  EXPECT_EQ(enlarge(picture, Grade::kFull), picture);
}

TEST(Enlarge, AddsNoBrightnessThatWasNotThere) {
  std::mt19937_64 random(9);
  Picture picture = noise(random, 64, 48, 1);
  for (std::uint8_t& value : picture.pixels) {
    value = static_cast<std::uint8_t>(70 + value / 4);
  }
  const Picture large = enlarge(picture, Grade::kGreyBlurred);
  const auto [low, high] = std::minmax_element(large.pixels.begin(), large.pixels.end());
  EXPECT_GE(*low, 70);
  EXPECT_LE(*high, 133);
  // Every pixel of the small one stands, nearly, in the middle of its square.
  for (std::uint32_t y = 0; y < 48; ++y) {
    for (std::uint32_t x = 0; x < 64; ++x) {
      const int there = large.pixels[std::size_t{y * 20 + 10} * large.width + x * 20 + 10];
      EXPECT_NEAR(there, picture.pixels[std::size_t{y} * 64 + x], 4);
    }
  }
}

TEST(Enlarge, OfAMosaicHasSquaresOfOneColour) {
  std::mt19937_64 random(10);
  const Picture picture = noise(random, 16, 12, 3);
  const Picture large = enlarge(picture, Grade::kMosaic);
  ASSERT_EQ(large.width, 1280U);
  ASSERT_EQ(large.height, 960U);
  for (std::uint32_t i = 0; i < large.pixels.size(); i += 997) {
    const std::uint32_t pixel = i / 3;
    const std::uint32_t cell = pixel / 1280 / 80 * 16 + pixel % 1280 / 80;
    ASSERT_EQ(large.pixels[i], picture.pixels[std::size_t{cell} * 3 + i % 3]);
  }
}

TEST(Finish, GivesAMarkedPngOfTheSizeItSays) {
  for (const Size size : {Size{1, 1}, Size{2048, 1}, Size{1, 48}, Size{160, 120}}) {
    const auto finished =
        finish(one_tile(make_picture(size.width, size.height, 1)), {Grade::kGreySmall}, kMark);
    ASSERT_TRUE(finished.has_value());
    const Picture seen = only_picture(must_render(finished->png, Grade::kFull));
    EXPECT_EQ(seen.width, finished->width);
    EXPECT_EQ(seen.height, finished->height);
    Picture expected = enlarge(make_picture(size.width, size.height, 1), Grade::kGreySmall);
    draw_mark(expected, kMark);
    imprint(expected, kMark);
    EXPECT_EQ(seen, expected);
  }
}

}  // namespace
}  // namespace tutela::redact

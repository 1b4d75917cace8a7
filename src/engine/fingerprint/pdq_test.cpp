#include "engine/fingerprint/pdq.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tutela::fingerprint {
namespace {

TEST(PdqText, ReadsAndWritesTheMostSignificantDigitFirst) {
  const std::string text = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
  const Result<Pdq256> hash = parse_pdq(text);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->words[0], 0xf8f8f0cee0f4a84fU);
  EXPECT_EQ(hash->words[3], 0x33e6b39c4e9c9b22U);
  EXPECT_EQ(to_hex(*hash), text);
}

TEST(PdqText, ReadsUppercaseAndWritesLowercase) {
  const Result<Pdq256> hash = parse_pdq(std::string(64, 'A'));
  ASSERT_TRUE(hash);
  EXPECT_EQ(to_hex(*hash), std::string(64, 'a'));
}

TEST(PdqText, RejectsEveryOtherLengthAndEveryOtherByte) {
  for (std::size_t length = 0; length <= 130; ++length) {
    if (length != 64) {
      const Result<Pdq256> hash = parse_pdq(std::string(length, '0'));
      ASSERT_FALSE(hash) << length;
      EXPECT_EQ(hash.error().code, "hex.bad_length");
    }
  }
  for (int byte = 0; byte < 256; ++byte) {
    std::string text(64, '0');
    text[63] = static_cast<char>(byte);
    const bool digit = std::string("0123456789abcdefABCDEF").find(text[63]) != std::string::npos;
    const Result<Pdq256> hash = parse_pdq(text);
    ASSERT_EQ(hash.has_value(), digit) << byte;
    if (!digit) {
      EXPECT_EQ(hash.error().code, "hex.bad_digit");
      EXPECT_EQ(hash.error().kind, ErrorKind::kInvalidInput);
    }
  }
}

TEST(PdqDistance, CountsDifferingBits) {
  const Pdq256 zero;
  const Pdq256 ones{{~0ULL, ~0ULL, ~0ULL, ~0ULL}};
  EXPECT_EQ(distance(zero, zero), 0);
  EXPECT_EQ(distance(zero, ones), 256);
  EXPECT_EQ(distance(zero, Pdq256{{1, 0, 0, 1ULL << 63}}), 2);
}

TEST(PdqOrientation, HasItsNameInTheApi) {
  std::string names;
  for (std::size_t i = 0; i < kOrientations; ++i) {
    names.append(to_string(static_cast<Orientation>(i))).append(" ");
  }
  EXPECT_EQ(names,
            "original rotate_90 rotate_180 rotate_270 flip_x flip_y flip_plus_1 flip_minus_1 ");
}

TEST(PdqOfTinyPictures, IsZeroWithQualityZeroBelowFivePixels) {
  const std::vector<std::uint8_t> noise = [] {
    std::vector<std::uint8_t> bytes(5 * 100 * 3);
    std::minstd_rand random(1);
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random() >> 8);
    }
    return bytes;
  }();
  for (const PixelFormat format : {PixelFormat::kGrey8, PixelFormat::kRgb24}) {
    for (std::uint32_t side = 1; side < 5; ++side) {
      EXPECT_EQ(pdq_of(noise.data(), side, 100, side * 3, format), PdqResult{});
      EXPECT_EQ(pdq_of(noise.data(), 100, side, 300, format), PdqResult{});
    }
    const PdqResult five = pdq_of(noise.data(), 5, 100, 15, format);
    EXPECT_NE(five.hashes[0], Pdq256{});
    EXPECT_GT(five.quality, 0);
  }
}

/// Waves of different lengths along both axes: 64 x 64 of them survive no blur unchanged.
std::vector<std::uint8_t> waves() {
  std::vector<std::uint8_t> pixels(64 * 64);
  for (std::size_t y = 0; y < 64; ++y) {
    for (std::size_t x = 0; x < 64; ++x) {
      pixels[y * 64 + x] = static_cast<std::uint8_t>((x * x * 3 + y * y * 5 + x * y) & 0xFF);
    }
  }
  return pixels;
}

TEST(PdqOf64x64, IsSampledWithoutABlur) {
  const std::vector<std::uint8_t> pixels = waves();
  const PdqResult plain = pdq_of(pixels.data(), 64, 64, 64, PixelFormat::kGrey8);
  EXPECT_EQ(plain.quality, 100);
  // Computed from the pixels with the DCT alone, in double precision, by an independent program.
  EXPECT_EQ(to_hex(plain.hashes[0]),
            "66ec9bb3d918ff06bb6c6c74af40fcd524939908d24c62629c8c6d92ecc0bb6c");
}

TEST(PdqOfGrey, IsThatOfThePixelValuesThemselves) {
  // The same values as R = G = B lose a unit in the last place of some lumas, no more: at this
  // quality the hashes agree.
  const std::vector<std::uint8_t> grey = waves();
  std::vector<std::uint8_t> colour;
  for (const std::uint8_t value : grey) {
    colour.insert(colour.end(), 3, value);
  }
  const PdqResult one = pdq_of(grey.data(), 64, 64, 64, PixelFormat::kGrey8);
  const PdqResult three = pdq_of(colour.data(), 64, 64, 192, PixelFormat::kRgb24);
  EXPECT_EQ(one, three);
}

TEST(PdqHasher, MovesWithItsState) {
  const std::vector<std::uint8_t> pixels = waves();
  PdqHasher first(64, 32, PixelFormat::kGrey8);
  first.add_rows(pixels.data(), 64, 20);
  PdqHasher second = std::move(first);
  second.add_rows(pixels.data() + 20 * 64, 64, 12);
  EXPECT_EQ(second.finish(), pdq_of(pixels.data(), 64, 32, 64, PixelFormat::kGrey8));
}

TEST(PdqHasherDeathTest, EndsTheProcessOnTooManyOrTooFewRows) {
  const std::vector<std::uint8_t> pixels = waves();
  PdqHasher hasher(64, 32, PixelFormat::kGrey8);
  EXPECT_DEATH(hasher.add_rows(pixels.data(), 64, 33), "rows_left");
  hasher.add_rows(pixels.data(), 64, 31);
  EXPECT_DEATH(static_cast<void>(hasher.finish()), "rows_left");
}

TEST(PdqOrientation, RearrangesBitsSoThatDistancesStay) {
  const Pdq256 left{{1, 2, 0xF0F0, ~std::uint64_t{3}}};
  const Pdq256 right{{9, 2, 0xFFFF, 77}};
  const auto turned = [](const Pdq256& hash, Orientation orientation) {
    return reoriented(hash, orientation);
  };
  for (std::size_t i = 0; i < kOrientations; ++i) {
    const auto orientation = static_cast<Orientation>(i);
    EXPECT_EQ(distance(turned(left, orientation), turned(right, orientation)),
              distance(left, right));
  }
  using enum Orientation;
  EXPECT_EQ(turned(turned(left, kRotate90), kRotate270), left);
  EXPECT_EQ(turned(turned(left, kRotate180), kRotate180), left);
  for (const Orientation mirror : {kFlipX, kFlipY, kFlipPlus1, kFlipMinus1}) {
    EXPECT_EQ(turned(turned(left, mirror), mirror), left);
    EXPECT_NE(turned(left, mirror), left);
  }
}

}  // namespace
}  // namespace tutela::fingerprint

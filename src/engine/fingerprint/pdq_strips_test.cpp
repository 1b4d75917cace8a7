// The strip kernels give the bits of the definition: for every small size, for long and thin
// pictures, both formats, every way to cut a picture into strips, every number that they divide.
#include "engine/fingerprint/pdq_strips.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "engine/fingerprint/pdq.hpp"
#include "engine/fingerprint/pdq_sink.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tutela::fingerprint {
namespace {

/// Whole 32-bit numbers.
using Random = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

struct Canvas {
  std::uint32_t width;
  std::uint32_t height;
  PixelFormat format;
  std::size_t stride;
  std::vector<std::uint8_t> pixels;
};

/// Noise over a slope: every sum rounds. The last row ends with the buffer, so that a kernel that
/// reads too far is seen by AddressSanitizer.
Canvas make_canvas(std::uint32_t width, std::uint32_t height, PixelFormat format, Random& random) {
  const std::size_t row = width * bytes_per_pixel(format);
  Canvas canvas{width, height, format, row + random() % 9, {}};
  canvas.pixels.resize(canvas.stride * (height - 1) + row);
  const std::uint32_t noise = random() % 255 + 1;
  for (std::size_t i = 0; i < canvas.pixels.size(); ++i) {
    canvas.pixels[i] = static_cast<std::uint8_t>(i / 7 + i / canvas.stride + random() % noise);
  }
  return canvas;
}

Samples samples_of(RowSink& sink, const Canvas& canvas, Random* cuts) {
  for (std::uint32_t y = 0; y < canvas.height;) {
    const std::uint32_t left = canvas.height - y;
    const std::uint32_t count = cuts == nullptr ? left : std::min(left, (*cuts)() % 40);
    sink.add_rows(canvas.pixels.data() + y * canvas.stride, canvas.stride, count);
    y += count;
  }
  Samples samples;
  sink.finish(samples);
  return samples;
}

/// Compares bits, not values: 0 and -0 differ here.
bool same_bits(const Samples& left, const Samples& right) {
  return std::equal(left.begin(), left.end(), right.begin(), [](float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
  });
}

class PdqStrips : public testing::Test {
 protected:
  void SetUp() override {
    if (supported_kernels().size() == 1) {
      GTEST_SKIP() << "THIS CPU has no strip kernel: only the scalar definition was checked";
    }
  }

  void expect_same(std::uint32_t width, std::uint32_t height, PixelFormat format) {
    const Canvas canvas = make_canvas(width, height, format, random_);
    const Samples wanted = samples_of(*make_plane_sink(width, height, format), canvas, nullptr);
    for (const Kernel kernel : supported_kernels()) {
      if (kernel == Kernel::kScalar) {
        continue;
      }
      for (Random* cuts : {static_cast<Random*>(nullptr), &random_}) {
        const Samples got =
            samples_of(*make_strip_sink(kernel, width, height, format), canvas, cuts);
        ASSERT_TRUE(same_bits(got, wanted))
            << to_string(kernel) << " " << width << "x" << height << " bytes per pixel "
            << bytes_per_pixel(format) << (cuts == nullptr ? " at once" : " in strips") << " seed "
            << seed_;
      }
    }
  }

  std::uint32_t seed_ = std::random_device{}();
  Random random_{seed_};
};

TEST_F(PdqStrips, EqualTheDefinitionForEverySmallWidthAndHeight) {
  for (std::uint32_t side = kSideMin; side <= 130; ++side) {
    for (const PixelFormat format : {PixelFormat::kGrey8, PixelFormat::kRgb24}) {
      const std::uint32_t other = random_() % 126 + kSideMin;
      if (side != kGrid || other != kGrid) {
        ASSERT_NO_FATAL_FAILURE(expect_same(side, other, format));
        ASSERT_NO_FATAL_FAILURE(expect_same(other, side, format));
      }
    }
  }
}

TEST_F(PdqStrips, EqualTheDefinitionAroundEveryChangeOfTheWindow) {
  for (std::uint32_t side = 128; side <= 1024; side += 128) {
    for (const std::uint32_t width : {side - 1, side, side + 1}) {
      ASSERT_NO_FATAL_FAILURE(expect_same(width, 17, PixelFormat::kRgb24));
      ASSERT_NO_FATAL_FAILURE(expect_same(17, width, PixelFormat::kRgb24));
      ASSERT_NO_FATAL_FAILURE(expect_same(width, 129, PixelFormat::kGrey8));
    }
  }
}

TEST_F(PdqStrips, EqualTheDefinitionForExtremeShapes) {
  for (const PixelFormat format : {PixelFormat::kGrey8, PixelFormat::kRgb24}) {
    for (const std::uint32_t side : {4096U, 5003U, 16384U, 30011U, 65536U}) {
      ASSERT_NO_FATAL_FAILURE(expect_same(side, 5, format));
      ASSERT_NO_FATAL_FAILURE(expect_same(5, side, format));
      ASSERT_NO_FATAL_FAILURE(expect_same(side, 19, format));
      ASSERT_NO_FATAL_FAILURE(expect_same(19, side, format));
    }
  }
}

TEST_F(PdqStrips, EqualTheDefinitionForRandomSizes) {
  for (int i = 0; i < 40; ++i) {
    const std::uint32_t width = random_() % 1500 + kSideMin;
    const std::uint32_t height = random_() % 700 + kSideMin;
    const auto format = static_cast<PixelFormat>(random_() % 2);
    ASSERT_NO_FATAL_FAILURE(expect_same(width, height, format));
  }
}

TEST_F(PdqStrips, EqualTheDefinitionOnBlackAndOnWhite) {
  for (const Kernel kernel : supported_kernels()) {
    if (kernel == Kernel::kScalar) {
      continue;
    }
    for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{255}}) {
      const Canvas canvas{
          333, 200, PixelFormat::kRgb24, 999, std::vector<std::uint8_t>(999 * 200, value)};
      ASSERT_TRUE(
          same_bits(samples_of(*make_strip_sink(kernel, 333, 200, canvas.format), canvas, nullptr),
                    samples_of(*make_plane_sink(333, 200, canvas.format), canvas, nullptr)));
    }
  }
}

TEST(PdqHasherKernels, GiveTheSameResultAlsoWhereOnlyTheDefinitionFits) {
  Random random(7);
  const Canvas grid = make_canvas(kGrid, kGrid, PixelFormat::kRgb24, random);
  const Canvas wide = make_canvas(kStripSideMax + 1, 6, PixelFormat::kGrey8, random);
  for (const Canvas* canvas : {&grid, &wide}) {
    std::vector<PdqResult> results;
    for (const Kernel kernel : supported_kernels()) {
      force_kernel(kernel);
      results.push_back(pdq_of(
          canvas->pixels.data(), canvas->width, canvas->height, canvas->stride, canvas->format));
    }
    force_kernel(supported_kernels().back());
    for (const PdqResult& result : results) {
      EXPECT_EQ(result, results.front());
    }
    EXPECT_NE(results.front().hashes[0], Pdq256{});
  }
}

#if defined(__x86_64__)

/// The first sum in [1, 2) for which the kernels' quotient is not the rounded one, else 0.
__attribute__((target("avx2,fma"))) float first_wrong_quotient(std::uint32_t count) {
  const Reciprocal reciprocal(count);
  const __m256 counts = _mm256_set1_ps(static_cast<float>(count));
  const __m256 values = _mm256_set1_ps(reciprocal.value);
  const __m256 rests = _mm256_set1_ps(reciprocal.rest);
  const __m256i steps = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  for (std::int32_t bits = 0x3F80'0000; bits < 0x4000'0000; bits += 8) {
    const __m256 sum = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_set1_epi32(bits), steps));
    const __m256 quotient = _mm256_fmadd_ps(sum, values, _mm256_mul_ps(sum, rests));
    const __m256 wrong = _mm256_cmp_ps(quotient, _mm256_div_ps(sum, counts), _CMP_NEQ_UQ);
    if (_mm256_movemask_ps(wrong) != 0) {
      return std::bit_cast<float>(bits);
    }
  }
  return 0.0F;
}

TEST_F(PdqStrips, DivideExactlyByMultiplicationForEverySignificand) {
  // Even counts follow from odd ones: halving a divisor is exact in every step.
  for (std::uint32_t count = 1; count < 256; count += 2) {
    ASSERT_EQ(first_wrong_quotient(count), 0.0F) << count;
  }
  for (const std::uint32_t count : {511U, 8191U, 8193U, (1U << 21) - 1}) {
    ASSERT_EQ(first_wrong_quotient(count), 0.0F) << count;
  }
}

#endif

}  // namespace
}  // namespace tutela::fingerprint

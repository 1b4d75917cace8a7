// The working state of the strip kernels: PDQ's four box passes fused over strips of as many rows
// as a vector has lanes, so that memory holds a few dozen rows and never a whole picture.
//
// A strip is cut into square blocks. In each block the samples are transposed so that lanes are
// rows (a box pass along rows is then a running sum over vectors), back (lanes are columns: the
// pass along columns), and again (the third pass). The fourth runs for the 64 sampled columns only.
// Every running sum thus adds and subtracts in the order of the definition.
//
// All axes are padded with zeros, which change no sum, and each pass writes its output at the place
// of its newest input: coordinates shift by the lag of the box at each pass, and rows and columns
// outside the picture are made zero by a reciprocal of zero. No pass has special cases at edges.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/fingerprint/pdq_stages.hpp"

namespace tutela::fingerprint {

/// The widest vector that a strip kernel uses, in floats; buffers are aligned for it.
inline constexpr std::size_t kLanesMax = 16;

/// Zeroed floats in whole cache lines.
class AlignedFloats {
 public:
  AlignedFloats() = default;

  explicit AlignedFloats(std::size_t count) : lines_((count + kLanesMax - 1) / kLanesMax) {}

  [[nodiscard]] float* data() noexcept { return lines_.data()->values.data(); }

 private:
  struct alignas(64) Line {
    std::array<float, kLanesMax> values{};
  };

  std::vector<Line> lines_;
};

/// An axis of the picture and its box filter.
struct Axis {
  explicit Axis(std::uint32_t pixels)
      : size(pixels), window(box_window(pixels)), lag(box_lag(window)) {}

  std::uint32_t size;
  std::uint32_t window;
  std::uint32_t lag;
};

/// 1 / count as a float and the float that it lacks, for division by two operations: the fused
/// sum * value + (sum * rest) is the correctly rounded sum / count.
///
/// Proof, after Brisebarre and Muller, for counts below 2^21. Scale the sum by a power of two so
/// that q = sum / count lies in [1, 2). The fused operation rounds a number that is off q by less
/// than 2^-45: value and rest together miss 1 / count by less than 2^-47 / count, which the sum,
/// below 2 * count, makes 2^-46; and |sum * rest| is at most 2^-23, so its rounding costs at most
/// 2^-47. A tie of rounding m is an odd multiple of 2^-24, and the sum, having 24 bits and being at
/// least 1, is a multiple of 2^-23, so sum - count * m is a multiple of 2^-24; it is not zero,
/// because the sum has no 25th bit. So q is at least 2^-24 / count > 2^-45 away from every tie, and
/// both numbers round to the same float. Subnormal numbers do not occur: every sum is a multiple of
/// 2^-27 (pass 1) or 2^-64 (pass 2), and rest is zero or at least 2^-50.
struct Reciprocal {
  explicit Reciprocal(std::uint32_t count)
      : value(1.0F / static_cast<float>(count)),
        rest(static_cast<float>(1.0 / count - static_cast<double>(value))) {}

  float value;
  float rest;
};

struct StripState {
  StripState(std::uint32_t width, std::uint32_t height, std::size_t lane_count);

  /// Row `at` of the ring of rows; column c lies at index c + lanes, after one block of zeros.
  [[nodiscard]] float* row(std::uint32_t at) noexcept {
    return rows.data() + (at & row_mask) * row_stride;
  }

  Axis x;
  Axis y;
  std::size_t lanes;
  std::size_t rounds;       // per strip: blocks over the width and twice the lag, and two more
  std::size_t columns_end;  // of the two buffers of columns: there the newest go to the front
  std::size_t row_mask;     // of the ring of rows
  std::size_t row_stride;   // of the ring of rows, in floats

  AlignedFloats reciprocal_x;   // by column shifted by the lag, zero outside the picture
  AlignedFloats rest_x;         // likewise
  AlignedFloats luma_columns;   // pass 1 input: `lanes` rows of each of the newest columns
  AlignedFloats third_columns;  // pass 3 input, likewise, one block more
  AlignedFloats rows;           // pass 2 input: the newest rows
  AlignedFloats row_sums;       // pass 2 running sums, laid out like a row
  std::array<std::uint32_t, kGrid> sample_x{};  // shifted twice
  std::array<float, kGrid> sample_count_x{};

  // Of the strip at hand.
  std::uint32_t first_row = 0;
  std::array<float, kLanesMax> reciprocal_y{};
  std::array<float, kLanesMax> rest_y{};
  /// Pass 3 output: `lanes` rows of each sampled column.
  alignas(64) std::array<std::array<float, kLanesMax>, kGrid> columns{};
};

/// Runs passes 1 to 3 over `lanes` rows of pixels.
using StripFunction = void (*)(StripState& state,
                               const std::uint8_t* rows,
                               std::size_t stride_bytes,
                               PixelFormat format);

#if defined(__x86_64__)
inline constexpr std::size_t kAvx2Lanes = 8;
inline constexpr std::size_t kAvx512Lanes = 16;
void strip_avx2(StripState& state,
                const std::uint8_t* rows,
                std::size_t stride_bytes,
                PixelFormat format);
void strip_avx512(StripState& state,
                  const std::uint8_t* rows,
                  std::size_t stride_bytes,
                  PixelFormat format);
#endif

}  // namespace tutela::fingerprint

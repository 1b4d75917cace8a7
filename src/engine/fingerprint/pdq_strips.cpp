#include "engine/fingerprint/pdq_strips.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.hpp"
#include "engine/fingerprint/pdq_sink.hpp"

namespace tutela::fingerprint {
namespace {

std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Whole cache lines, an odd number of them: rows then fall into different cache sets.
std::size_t padded_row(std::size_t floats) {
  const std::size_t lines = (floats + kLanesMax - 1) / kLanesMax;
  return (lines | 1) * kLanesMax;
}

std::size_t ring_size(std::size_t window, std::size_t lanes) {
  return std::bit_ceil(window + lanes);
}

}  // namespace

StripState::StripState(std::uint32_t width, std::uint32_t height, std::size_t lane_count)
    : x(width),
      y(height),
      lanes(lane_count),
      rounds(round_up(std::size_t{width} + 2 * x.lag, lanes) / lanes + 2),
      columns_end(x.window + round_up(x.window + 8 * lanes, lanes)),
      row_mask(ring_size(y.window, lanes) - 1),
      row_stride(padded_row((rounds + 1) * lanes)),
      reciprocal_x(rounds * lanes),
      rest_x(rounds * lanes),
      luma_columns(columns_end * lanes),
      third_columns((columns_end + lanes) * lanes),
      rows((row_mask + 1) * row_stride),
      row_sums(row_stride) {
  for (std::uint32_t at = 0; at < width; ++at) {
    const Reciprocal reciprocal(box_count(at, width));
    reciprocal_x.data()[at + x.lag] = reciprocal.value;
    rest_x.data()[at + x.lag] = reciprocal.rest;
  }
  for (std::uint32_t cell = 0; cell < kGrid; ++cell) {
    const std::uint32_t at = sample_position(cell, width);
    sample_x[cell] = at + 2 * x.lag;
    sample_count_x[cell] = static_cast<float>(box_count(at, width));
  }
}

namespace {

class StripSink final : public RowSink {
 public:
  StripSink(StripFunction strip,
            std::size_t lanes,
            std::uint32_t width,
            std::uint32_t height,
            PixelFormat format)
      : strip_(strip),
        format_(format),
        row_bytes_(width * bytes_per_pixel(format)),
        state_(width, height, lanes),
        partial_(row_bytes_ * lanes),
        ring_rows_(ring_size(state_.y.window, lanes)),
        ring_(ring_rows_ * kGrid) {}

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    while (count > 0) {
      if (partial_rows_ == 0 && count >= state_.lanes) {
        run(rows, stride_bytes);
        rows += state_.lanes * stride_bytes;
        count -= static_cast<std::uint32_t>(state_.lanes);
        continue;
      }
      std::memcpy(&partial_[partial_rows_ * row_bytes_], rows, row_bytes_);
      rows += stride_bytes;
      --count;
      if (++partial_rows_ == state_.lanes) {
        run(partial_.data(), row_bytes_);
        partial_rows_ = 0;
      }
    }
  }

  /// Rows of zeros push the last rows of the picture through the passes.
  void finish(Samples& samples) override {
    const std::uint32_t end = state_.y.size + 2 * state_.y.lag;
    while (state_.first_row < end) {
      std::fill(partial_.begin() + static_cast<std::ptrdiff_t>(partial_rows_ * row_bytes_),
                partial_.end(),
                std::uint8_t{0});
      run(partial_.data(), row_bytes_);
      partial_rows_ = 0;
    }
    TUTELA_CHECK(next_sample_ == kGrid);
    samples = samples_;
  }

 private:
  void run(const std::uint8_t* rows, std::size_t stride_bytes) {
    const Axis& y = state_.y;
    for (std::uint32_t i = 0; i < state_.lanes; ++i) {
      const std::uint32_t shifted = state_.first_row + i;
      const bool inside = shifted >= y.lag && shifted - y.lag < y.size;
      if (inside) {
        const Reciprocal reciprocal(box_count(shifted - y.lag, y.size));
        state_.reciprocal_y[i] = reciprocal.value;
        state_.rest_y[i] = reciprocal.rest;
      } else {
        state_.reciprocal_y[i] = 0.0F;
        state_.rest_y[i] = 0.0F;
      }
    }
    strip_(state_, rows, stride_bytes, format_);
    for (std::uint32_t i = 0; i < state_.lanes; ++i) {
      last_pass(state_.first_row + i, i);
    }
    state_.first_row += static_cast<std::uint32_t>(state_.lanes);
  }

  /// Pass 4, along the sampled columns; `row` is shifted by the lag of pass 2.
  void last_pass(std::uint32_t row, std::size_t lane) {
    const Axis& y = state_.y;
    float* newest = &ring_[(row & (ring_rows_ - 1)) * kGrid];
    for (std::size_t j = 0; j < kGrid; ++j) {
      newest[j] = state_.columns[j][lane];
    }
    const float* oldest = &ring_[((row - y.window) & (ring_rows_ - 1)) * kGrid];
    for (std::size_t j = 0; j < kGrid; ++j) {
      sums_[j] += newest[j];
      sums_[j] -= oldest[j];
    }
    for (; next_sample_ < kGrid && sample_position(next_sample_, y.size) + 2 * y.lag == row;
         ++next_sample_) {
      const auto count = static_cast<float>(box_count(row - 2 * y.lag, y.size));
      for (std::size_t j = 0; j < kGrid; ++j) {
        samples_[std::size_t{next_sample_} * kGrid + j] = sums_[j] / count;
      }
    }
  }

  StripFunction strip_;
  PixelFormat format_;
  std::size_t row_bytes_;
  StripState state_;
  std::vector<std::uint8_t> partial_;
  std::size_t partial_rows_ = 0;

  std::size_t ring_rows_;
  std::vector<float> ring_;
  std::array<float, kGrid> sums_{};
  std::uint32_t next_sample_ = 0;
  Samples samples_{};
};

}  // namespace

std::unique_ptr<RowSink> make_strip_sink(Kernel kernel,
                                         std::uint32_t width,
                                         std::uint32_t height,
                                         PixelFormat format) {
#if defined(__x86_64__)
  TUTELA_CHECK(width <= kStripSideMax && height <= kStripSideMax);
  TUTELA_CHECK(kernel != Kernel::kScalar);
  const bool wide = kernel == Kernel::kAvx512;
  return std::make_unique<StripSink>(
      wide ? strip_avx512 : strip_avx2, wide ? kAvx512Lanes : kAvx2Lanes, width, height, format);
#else
  TUTELA_CHECK(kernel == Kernel::kScalar);
  return make_plane_sink(width, height, format);
#endif
}

}  // namespace tutela::fingerprint

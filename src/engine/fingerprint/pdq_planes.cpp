// The scalar kernel: the definition of PDQ's first stages, written for the reader.
#include <vector>

#include "engine/fingerprint/pdq_sink.hpp"

namespace tutela::fingerprint {
namespace {

/// Mean over a sliding window along one line of `size` values that lie `step` apart. The order of
/// the additions is part of the definition: one running float sum, add before subtract.
void box_line(const float* in, float* out, std::uint32_t size, std::size_t step) {
  const std::uint32_t window = box_window(size);
  const std::uint32_t lag = box_lag(window);
  float sum = 0.0F;
  for (std::uint32_t right = 0; right < size + lag; ++right) {
    if (right < size) {
      sum += in[right * step];
    }
    if (right >= window) {
      sum -= in[(right - window) * step];
    }
    if (right >= lag) {
      const std::uint32_t at = right - lag;
      out[at * step] = sum / static_cast<float>(box_count(at, size));
    }
  }
}

class PlaneSink final : public RowSink {
 public:
  PlaneSink(std::uint32_t width, std::uint32_t height, PixelFormat format)
      : width_(width), height_(height), format_(format) {
    luma_.reserve(std::size_t{width} * height);
  }

  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) override {
    for (std::uint32_t y = 0; y < count; ++y) {
      const std::uint8_t* row = rows + y * stride_bytes;
      for (std::size_t x = 0; x < width_; ++x) {
        luma_.push_back(format_ == PixelFormat::kGrey8 ? static_cast<float>(row[x])
                                                       : luma_of(row + 3 * x));
      }
    }
  }

  void finish(Samples& samples) override {
    if (width_ != kGrid || height_ != kGrid) {
      std::vector<float> other(luma_.size());
      for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t y = 0; y < height_; ++y) {
          box_line(&luma_[y * width_], &other[y * width_], width_, 1);
        }
        for (std::size_t x = 0; x < width_; ++x) {
          box_line(&other[x], &luma_[x], height_, width_);
        }
      }
    }
    for (std::uint32_t i = 0; i < kGrid; ++i) {
      for (std::uint32_t j = 0; j < kGrid; ++j) {
        samples[std::size_t{i} * kGrid + j] =
            luma_[std::size_t{sample_position(i, height_)} * width_ + sample_position(j, width_)];
      }
    }
  }

 private:
  static float luma_of(const std::uint8_t* rgb) {
    return kLumaRed * static_cast<float>(rgb[0]) + kLumaGreen * static_cast<float>(rgb[1]) +
           kLumaBlue * static_cast<float>(rgb[2]);
  }

  std::uint32_t width_;
  std::uint32_t height_;
  PixelFormat format_;
  std::vector<float> luma_;
};

}  // namespace

std::unique_ptr<RowSink> make_plane_sink(std::uint32_t width,
                                         std::uint32_t height,
                                         PixelFormat format) {
  return std::make_unique<PlaneSink>(width, height, format);
}

}  // namespace tutela::fingerprint

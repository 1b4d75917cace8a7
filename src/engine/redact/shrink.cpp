#include "engine/redact/shrink.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace tutela::redact {

namespace {

/// The one loop over every sample of the original. Compilers make SIMD of it.
void add_weighted(std::uint32_t* __restrict sums,
                  const std::uint8_t* __restrict row,
                  std::size_t count,
                  std::uint16_t weight) {
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] += std::uint32_t{row[i]} * weight;
  }
}

std::uint32_t scale_side(std::uint32_t side, std::uint32_t longer, std::uint32_t side_max) {
  const std::uint64_t scaled = (std::uint64_t{side} * side_max + longer / 2) / longer;
  return std::max(1U, static_cast<std::uint32_t>(scaled));
}

}  // namespace

Size fit_into(Size size, std::uint32_t side_max) noexcept {
  const std::uint32_t longer = std::max(size.width, size.height);
  if (longer <= side_max) {
    return size;
  }
  return {scale_side(size.width, longer, side_max), scale_side(size.height, longer, side_max)};
}

// Arithmetic is in whole units, so that averages are exact: an input row is `to.height` units high,
// an output row `from.height` units; likewise for columns.
Shrinker::Shrinker(Size from, Size to, std::uint32_t channels)
    : from_(from),
      out_(make_picture(to.width, to.height, channels)),
      sums_(std::size_t{from.width} * channels) {
  TUTELA_CHECK(to.width > 0 && to.height > 0 && to.width <= from.width &&
               to.height <= from.height && to.height <= 65'535 && from.height <= (1U << 24));
}

void Shrinker::add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) {
  TUTELA_CHECK(count <= from_.height - rows_in_);
  for (std::uint32_t i = 0; i < count; ++i) {
    add_row(rows + stride_bytes * i);
  }
}

void Shrinker::add_row(const std::uint8_t* row) {
  const std::uint64_t begin = std::uint64_t{rows_in_} * out_.height;
  const std::uint64_t border = std::uint64_t{rows_out_ + 1} * from_.height;
  const auto above =
      static_cast<std::uint16_t>(std::min<std::uint64_t>(border - begin, out_.height));
  add_weighted(sums_.data(), row, sums_.size(), above);
  ++rows_in_;
  if (begin + out_.height < border) {
    return;
  }
  finish_row();
  if (above < out_.height) {
    const auto below = static_cast<std::uint16_t>(out_.height - above);
    add_weighted(sums_.data(), row, sums_.size(), below);
  }
}

void Shrinker::finish_row() {
  const std::uint64_t area = std::uint64_t{from_.width} * from_.height;
  const std::size_t channels = out_.channels;
  std::uint8_t* out = out_.pixels.data() + out_.stride() * rows_out_;
  for (std::uint32_t x = 0; x < out_.width; ++x) {
    const std::uint64_t begin = std::uint64_t{x} * from_.width;
    const std::uint64_t end = begin + from_.width;
    const std::uint64_t first = begin / out_.width;
    const std::uint64_t last = (end - 1) / out_.width;
    for (std::size_t c = 0; c < channels; ++c) {
      const auto sum = [&](std::uint64_t at) {
        return std::uint64_t{sums_[at * channels + c]};
      };
      std::uint64_t inner = 0;
      for (std::uint64_t at = first + 1; at < last; ++at) {
        inner += sum(at);
      }
      const std::uint64_t left = std::min(end, (first + 1) * out_.width) - begin;
      const std::uint64_t right = last > first ? end - last * out_.width : 0;
      const std::uint64_t total = sum(first) * left + inner * out_.width + sum(last) * right;
      *out++ = static_cast<std::uint8_t>((total + area / 2) / area);
    }
  }
  ++rows_out_;
  std::fill(sums_.begin(), sums_.end(), 0U);
}

Picture Shrinker::take() {
  TUTELA_CHECK(rows_in_ == from_.height && rows_out_ == out_.height);
  return std::move(out_);
}

}  // namespace tutela::redact

#include "engine/redact/shrink.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace tutela::redact {

namespace {

// So many rows of bytes fit into sums of 16 bits.
constexpr std::uint32_t kWholeRowsMax = 257;

// The loops over every sample of the original. Compilers make SIMD of them.
void add_plain(std::uint16_t* __restrict sums,
               const std::uint8_t* __restrict row,
               std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] = static_cast<std::uint16_t>(sums[i] + row[i]);
  }
}

template <class Sample>
void add_weighted(std::uint32_t* __restrict sums,
                  const Sample* __restrict row,
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
      columns_(to.width),
      sums_(std::size_t{from.width} * channels),
      whole_rows_(sums_.size()) {
  TUTELA_CHECK(to.width > 0 && to.height > 0 && to.width <= from.width &&
               to.height <= from.height && to.height <= 65'535 && from.height <= (1U << 24) &&
               (channels == 1 || channels == 3));
  for (std::uint64_t x = 0; x < to.width; ++x) {
    const std::uint64_t begin = x * from.width;
    const std::uint64_t end = begin + from.width;
    const std::uint64_t first = begin / to.width;
    const std::uint64_t last = (end - 1) / to.width;
    columns_[x] = {
        static_cast<std::uint32_t>(first),
        static_cast<std::uint32_t>(last),
        static_cast<std::uint32_t>(std::min(end, (first + 1) * to.width) - begin),
        static_cast<std::uint32_t>(last > first ? end - last * to.width : 0),
    };
  }
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
  if (above == out_.height) {
    add_plain(whole_rows_.data(), row, whole_rows_.size());
    ++whole_count_;
  } else {
    add_weighted(sums_.data(), row, sums_.size(), above);
  }
  if (whole_count_ == kWholeRowsMax) {
    fold_whole_rows();
  }
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

void Shrinker::fold_whole_rows() {
  if (whole_count_ > 0) {
    const auto weight = static_cast<std::uint16_t>(out_.height);
    add_weighted(sums_.data(), whole_rows_.data(), sums_.size(), weight);
    std::fill(whole_rows_.begin(), whole_rows_.end(), std::uint16_t{0});
    whole_count_ = 0;
  }
}

void Shrinker::finish_row() {
  fold_whole_rows();
  if (out_.channels == 1) {
    average_columns<1>();
  } else {
    average_columns<3>();
  }
  ++rows_out_;
  std::fill(sums_.begin(), sums_.end(), 0U);
}

template <std::size_t kChannels>
void Shrinker::average_columns() {
  // Rounds exactly: quotients are multiples of 1 / area, which is at least 2^-40, and the half unit
  // keeps the error of the product, below 2^-43, from crossing a whole number.
  const std::uint64_t area = std::uint64_t{from_.width} * from_.height;
  const double per_area = 1.0 / static_cast<double>(area);
  const double rounding = static_cast<double>(area / 2) + 0.5;
  const std::uint64_t inner_weight = out_.width;
  std::uint8_t* out = out_.pixels.data() + out_.stride() * rows_out_;
  for (const Columns& column : columns_) {
    const std::uint32_t* const first = sums_.data() + column.first * kChannels;
    const std::uint32_t* const last = sums_.data() + column.last * kChannels;
    for (std::size_t c = 0; c < kChannels; ++c) {
      std::uint64_t inner = 0;
      for (const std::uint32_t* at = first + kChannels; at < last; at += kChannels) {
        inner += at[c];
      }
      const std::uint64_t total = std::uint64_t{first[c]} * column.first_weight +
                                  inner * inner_weight +
                                  std::uint64_t{last[c]} * column.last_weight;
      // Signed, because processors convert that in one step.
      const auto signed_total = static_cast<double>(static_cast<std::int64_t>(total));
      *out++ = static_cast<std::uint8_t>(static_cast<int>((signed_total + rounding) * per_area));
    }
  }
}

Picture Shrinker::take() {
  TUTELA_CHECK(rows_in_ == from_.height && rows_out_ == out_.height);
  return std::move(out_);
}

}  // namespace tutela::redact

// Shrinker: the exact area average of a picture whose rows arrive from top to bottom, at a smaller
// size, with a few rows in memory. The definition and the only kernel. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/redact/picture.hpp"

namespace tutela::redact {

struct Size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

/// The size with a longer side of at most `side_max` and nearly the same shape; never larger, and
/// no side below 1.
[[nodiscard]] Size fit_into(Size size, std::uint32_t side_max) noexcept;

class Shrinker {
 public:
  /// `to` is at most `from` in both directions and at most 65,535.
  Shrinker(Size from, Size to, std::uint32_t channels);

  /// `rows` points at `count` rows of `stride_bytes` each. More rows than the height end the
  /// process.
  void add_rows(const std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count);

  /// Call once, after exactly the height's rows; fewer end the process.
  [[nodiscard]] Picture take();

 private:
  /// The input columns that one output column covers: whole ones between two that it may share.
  struct Columns {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t first_weight = 0;
    std::uint32_t last_weight = 0;
  };

  void add_row(const std::uint8_t* row);
  void fold_whole_rows();
  void finish_row();
  template <std::size_t kChannels>
  void average_columns();

  Size from_;
  Picture out_;
  std::vector<Columns> columns_;
  std::uint32_t rows_in_ = 0;
  std::uint32_t rows_out_ = 0;
  // Of the output row in the making, one a sample of the input: weighted sums, and plain sums of
  // rows that lie wholly in it and were not folded in yet.
  std::vector<std::uint32_t> sums_;
  std::vector<std::uint16_t> whole_rows_;
  std::uint32_t whole_count_ = 0;
};

}  // namespace tutela::redact

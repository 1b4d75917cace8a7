// Orders: what a server asks of the process that draws its canaries, and the pictures that come
// back: lines "FORMAT SEED FRESH" (hex) one way, frames the other way, in the order of the lines.
//
// A frame is its length in four bytes, the most significant first, and so many bytes; of length 0
// when the picture could not be made. Both sides bound what they take. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "watch/canaries/pattern.hpp"

namespace tutela::canaries {

inline constexpr std::size_t kOrdersMax = 1000;
inline constexpr std::size_t kPictureBytesMax = 1U << 20;

struct Order {
  std::string format;
  Seed seed{};
  Seed fresh{};

  friend bool operator==(const Order&, const Order&) = default;
};

/// Without a line's end.
[[nodiscard]] std::string to_line(const Order& order);
/// Error: kInvalidInput "canary.bad_order".
Result<Order> parse_order(std::string_view line);

/// Of at most kPictureBytesMax.
[[nodiscard]] Bytes frame_of(ByteView picture);

/// Takes a stream of frames in pieces of any size.
class FrameReader {
 public:
  /// Calls back for every frame that is whole. Error: kCorrupted "canary.bad_frame" when one claims
  /// to be too long; nothing more is taken then.
  Status feed(ByteView bytes, const std::function<void(Bytes)>& on_frame);

 private:
  Bytes head_;
  Bytes frame_;
  std::size_t left_ = 0;
  bool broken_ = false;
};

}  // namespace tutela::canaries

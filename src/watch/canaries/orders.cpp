#include "watch/canaries/orders.hpp"

#include <algorithm>
#include <utility>

namespace tutela::canaries {
namespace {

constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t kHexDigits = 2 * sizeof(Seed);

}  // namespace

std::string to_line(const Order& order) {
  return order.format + ' ' + to_hex(order.seed) + ' ' + to_hex(order.fresh);
}

Result<Order> parse_order(std::string_view line) {
  const Error bad{ErrorKind::kInvalidInput,
                  "canary.bad_order",
                  "an order of a picture is a format and two seeds of 64 hex digits"};
  const std::size_t end = line.find(' ');
  if (end == std::string_view::npos || line.size() != end + 2 + 2 * kHexDigits ||
      line[end + 1 + kHexDigits] != ' ') {
    return bad;
  }
  Order order;
  order.format = line.substr(0, end);
  const auto known = formats();
  if (std::ranges::find(known, order.format) == known.end() ||
      !parse_hex(line.substr(end + 1, kHexDigits), order.seed) ||
      !parse_hex(line.substr(end + 2 + kHexDigits), order.fresh)) {
    return bad;
  }
  return order;
}

Bytes frame_of(ByteView picture) {
  Bytes frame;
  frame.reserve(kHeadBytes + picture.size());
  for (std::size_t i = 0; i < kHeadBytes; ++i) {
    frame.push_back(static_cast<std::byte>(picture.size() >> (8 * (kHeadBytes - 1 - i))));
  }
  frame.insert(frame.end(), picture.begin(), picture.end());
  return frame;
}

Status FrameReader::feed(ByteView bytes, const std::function<void(Bytes)>& on_frame) {
  while (!bytes.empty() && !broken_) {
    if (left_ == 0) {
      head_.push_back(bytes[0]);
      bytes = bytes.subspan(1);
      if (head_.size() < kHeadBytes) {
        continue;
      }
      for (const std::byte byte : std::exchange(head_, {})) {
        left_ = left_ << 8 | std::to_integer<std::size_t>(byte);
      }
      broken_ = left_ > kPictureBytesMax;
    } else {
      const std::size_t count = std::min(left_, bytes.size());
      frame_.insert(
          frame_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      left_ -= count;
    }
    if (left_ == 0) {
      on_frame(std::exchange(frame_, {}));
    }
  }
  if (broken_) {
    return Error{ErrorKind::kCorrupted,
                 "canary.bad_frame",
                 "the process that draws canaries sent more than a picture can be"};
  }
  return ok();
}

}  // namespace tutela::canaries

// What a server reads of the process that draws its canaries: no bytes make it take more than a
// picture can be, and pieces of any size mean the same. Orders that are taken say what they said.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.hpp"
#include "watch/canaries/orders.hpp"

namespace {

using namespace tutela;

struct Read {
  std::vector<Bytes> pictures;
  bool good = true;

  friend bool operator==(const Read&, const Read&) = default;
};

Read read(ByteView bytes, std::size_t piece) {
  Read read;
  canaries::FrameReader reader;
  while (!bytes.empty()) {
    const std::size_t count = std::min(piece, bytes.size());
    read.good = reader
                    .feed(bytes.first(count),
                          [&](Bytes picture) {
                            TUTELA_CHECK(picture.size() <= canaries::kPictureBytesMax);
                            read.pictures.push_back(std::move(picture));
                          })
                    .has_value();
    bytes = bytes.subspan(count);
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = std::as_bytes(std::span(data, size));
  const Read whole = read(input, std::max<std::size_t>(size, 1));
  TUTELA_CHECK(whole == read(input, 1));
  TUTELA_CHECK(whole == read(input, 3));
  Bytes again;
  for (const Bytes& picture : whole.pictures) {
    const Bytes frame = canaries::frame_of(picture);
    again.insert(again.end(), frame.begin(), frame.end());
  }
  TUTELA_CHECK(again.size() <= size && std::ranges::equal(again, input.first(again.size())));
  if (const auto order = canaries::parse_order(as_text(input))) {
    TUTELA_CHECK(canaries::parse_order(canaries::to_line(*order)).has_value());
  }
  return 0;
}

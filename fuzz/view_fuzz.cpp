// View: a reply from a captured render worker, to a request for a frame or for a sheet, is refused,
// or says the same when encoded again, has no more than was asked for, and can be shown.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "engine/redact/finish.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela;
  if (size == 0) {
    return 0;
  }
  const redact::Grade grade = redact::kGrades[data[0] % redact::kGrades.size()];
  const redact::Request request{grade, data[0] % 2 == 0 ? 0 : redact::kSheet};
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const auto reply = redact::decode_reply(bytes, request);
  if (!reply) {
    return 0;
  }
  if (*reply) {
    TUTELA_CHECK(std::ranges::equal(redact::encode_reply(*reply), bytes));
    const redact::View& view = **reply;
    const redact::Bounds bounds = redact::bounds_of(grade);
    TUTELA_CHECK(view.tiles.size() <= (request.is_sheet() ? redact::kSheetTilesMax : 1));
    for (const auto& [frame, picture] : view.tiles) {
      TUTELA_CHECK(std::max(picture.width, picture.height) <= bounds.side_max);
      TUTELA_CHECK(picture.channels <= bounds.channels_max);
    }
    if (data[0] >= 240) {  // by far the most expensive
      const redact::Picture large = request.is_sheet()
                                        ? redact::arrange(view, grade)
                                        : redact::enlarge(view.tiles.front().picture, grade);
      TUTELA_CHECK(large.pixels.size() == large.stride() * large.height);
    }
  }
  return 0;
}

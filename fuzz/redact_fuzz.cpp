// Redact: small frames of any shape and content, in strips of any height, through every grade to a
// finished view that its own reply parser accepts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.hpp"
#include "engine/redact/finish.hpp"
#include "engine/redact/grades.hpp"
#include "engine/redact/shrink.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tutela;
  if (size < 8) {
    return 0;
  }
  const redact::Grade grade = redact::kGrades[data[0] % redact::kGrades.size()];
  const std::uint32_t channels = (data[1] & 1U) == 0 ? 1 : 3;
  // One side may be long.
  const std::uint32_t shape = (data[1] >> 1) % 3;
  const redact::Size from{1U + data[2] % 64U * (shape == 1 ? 64U : 1U),
                          1U + data[3] % 64U * (shape == 2 ? 64U : 1U)};
  const std::uint32_t strip = 1U + data[4] % 32U;
  const std::size_t stride = std::size_t{from.width} * channels + data[5];
  std::vector<std::uint8_t> rows(stride * strip);
  redact::Shrinker shrinker(from, redact::size_of(from, grade), channels);
  for (std::uint32_t y = 0; y < from.height; y += strip) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = data[6 + (i + y) % (size - 6)];
    }
    shrinker.add_rows(rows.data(), stride, std::min(strip, from.height - y));
  }
  redact::View view{.tiles = {{0, redact::apply(shrinker.take(), grade)}}};
  const auto reply = redact::decode_reply(redact::encode_reply(view), {grade});
  TUTELA_CHECK(reply.has_value() && reply->has_value());
  TUTELA_CHECK((*reply)->tiles.front().picture == view.tiles.front().picture);
  if (data[5] % 64 == 63) {  // by far the most expensive
    redact::Mark mark{.person = std::string(as_text(std::as_bytes(std::span(data, size)))),
                      .at_ms = data[6] * 1'000'000'000LL,
                      .case_ref = std::string(data[7] % 65, 'x')};
    const auto finished = redact::finish(view, {grade}, mark);
    TUTELA_CHECK(finished.has_value() && !finished->png.empty());
  }
  return 0;
}

// View: a reply from a captured render worker is refused, or says the same when encoded again, and
// can be enlarged.
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
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const auto reply = redact::decode_reply(bytes, grade);
  if (!reply) {
    return 0;
  }
  if (*reply) {
    TUTELA_CHECK(std::ranges::equal(redact::encode_reply(*reply), bytes));
    const redact::Picture& picture = (*reply)->picture;
    const redact::Bounds bounds = redact::bounds_of(grade);
    TUTELA_CHECK(std::max(picture.width, picture.height) <= bounds.side_max);
    if (data[0] >= 240) {  // by far the most expensive
      const redact::Picture large = redact::enlarge(picture, grade);
      TUTELA_CHECK(large.pixels.size() == large.stride() * large.height);
    }
  }
  return 0;
}

// Inspect: a reply from a captured worker is refused, or says the same when encoded again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "engine/inspect/inspect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto reply = tutela::inspect::decode_reply(bytes);
  if (reply) {
    TUTELA_CHECK(std::ranges::equal(tutela::inspect::encode_reply(*reply), bytes));
  }
  return 0;
}

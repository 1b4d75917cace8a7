// Arbitrary bytes as XML of a report: problems in words, bounded, whatever libxml2 says of it.
#include <cstdint>
#include <cstdlib>

#include "exchange/cybertip/cybertip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tutela::ByteView bytes = std::as_bytes(std::span<const std::uint8_t>(data, size));
  const auto problems = tutela::cybertip::check_xml(tutela::as_text(bytes));
  if (problems.size() > 200) {
    std::abort();
  }
  for (const auto& each : problems) {
    if (each.code != "schema" || each.message.empty()) {
      std::abort();
    }
  }
  return 0;
}

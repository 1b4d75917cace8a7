// Arbitrary bytes as the answer of an authority: never an answer with ids that are none.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "exchange/cybertip/cybertip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tutela::ByteView bytes = std::as_bytes(std::span<const std::uint8_t>(data, size));
  const auto answer = tutela::cybertip::parse_answer(bytes);
  if (answer) {
    const bool good =
        answer->description.size() <= 2000 && (!answer->report_id || *answer->report_id > 0) &&
        (!answer->hash || answer->hash->size() == 32) &&
        (!answer->file_id || !answer->file_id->empty()) && (!answer->done || answer->report_id) &&
        std::none_of(answer->description.begin(), answer->description.end(), [](char c) {
          return c >= 0 && c < ' ';
        });
    if (!good) {
      std::abort();
    }
    static_cast<void>(tutela::cybertip::meaning_of(answer->code));
  }
  return 0;
}

// What people type: numbers, PINs and links. Each has one spelling, and reading that gives it.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "casework/intake/text.hpp"

using namespace tutela;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  if (const auto number = intake::parse_number(text)) {
    TUTELA_CHECK(number->size() == 16 && intake::parse_number(*number) == *number);
  }
  if (const auto pin = intake::parse_pin(text)) {
    TUTELA_CHECK(pin->size() == 8 && intake::parse_pin(*pin) == *pin);
  }
  const std::string link = intake::normal_link(text);
  TUTELA_CHECK(intake::normal_link(link) == link);
  TUTELA_CHECK(link.empty() == intake::is_blank(text));
  TUTELA_CHECK(link.size() <= text.size() + 1);
  return 0;
}

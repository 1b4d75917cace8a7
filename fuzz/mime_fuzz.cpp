// One hostile e-mail, as the process that reads it sees it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "service/mime/mime.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool warm = [] {
    tutela::mime::warm_up();
    return true;
  }();
  const auto message = tutela::mime::read(std::as_bytes(std::span(data, size)));
  if (!warm || !tutela::mail_message::decode(tutela::mail_message::encode(message))) {
    std::abort();
  }
  return 0;
}
